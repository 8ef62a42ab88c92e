//! kill -9 amid ten thousand webhooks: what was acknowledged is there after the restart, and nothing twice.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::gateway::{Gateway, HOOK_SECRET, client, github_signature};

const POSTS: usize = 10_000;
const CLIENTS: usize = 16;
const KILLS: usize = 4;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_and_nothing_is_there_twice() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let gateway = Gateway::with_hook(&state).await;
    let url = Arc::new(Mutex::new(gateway.url.clone()));
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged: Arc<Mutex<HashMap<usize, String>>> = Arc::default();

    // Each sender repeats a delivery until it is acknowledged, as services do: an answer that was cut off makes a duplicate.
    let senders: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (url, next, acknowledged) = (url.clone(), next.clone(), acknowledged.clone());
            tokio::spawn(async move {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= POSTS {
                        return;
                    }
                    let body = format!(r#"{{"action":"opened","issue":{{"number":{i},"title":"t"}},"repository":{{"full_name":"o/r"}}}}"#);
                    let signature = github_signature(body.as_bytes(), HOOK_SECRET);
                    for attempt in 0.. {
                        assert!(attempt < 500, "delivery {i} is never acknowledged");
                        let address = format!("{}/webhooks/github/hook", url.lock().unwrap());
                        let sent = client()
                            .post(address)
                            .header("content-type", "application/json")
                            .header("x-github-event", "issues")
                            .header("x-github-delivery", format!("delivery-{i}"))
                            .header("x-hub-signature-256", &signature)
                            .body(body.clone())
                            .send()
                            .await;
                        if let Ok(response) = sent
                            && response.status() == 202
                            && let Ok(answer) = response.json::<serde_json::Value>().await
                        {
                            acknowledged.lock().unwrap().insert(i, answer["trace_id"].as_str().unwrap().to_owned());
                            break;
                        }
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            })
        })
        .collect();

    let mut running = Some(gateway);
    for k in 1..=KILLS {
        let at = POSTS * k / (KILLS + 1);
        while acknowledged.lock().unwrap().len() < at {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        running.take().unwrap().kill();
        let again = Gateway::start(&state, &[]);
        (*url.lock().unwrap()).clone_from(&again.url);
        running = Some(again);
    }
    for s in senders {
        s.await.unwrap();
    }

    let gateway = running.unwrap();
    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    let mut before = String::new();
    loop {
        let page = gateway.get(&format!("/v1/deliveries?limit=1000{before}")).await;
        for d in page["items"].as_array().unwrap() {
            found
                .entry(d["dedupe_key"].as_str().unwrap().to_owned())
                .or_default()
                .push(d["trace_id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(id) => before = format!("&before={id}"),
            None => break,
        }
    }
    let acknowledged = std::mem::take(&mut *acknowledged.lock().unwrap());
    assert_eq!(acknowledged.len(), POSTS);
    assert_eq!(found.len(), POSTS);
    let mut lost = 0;
    let mut other_trace = 0;
    for (i, trace) in acknowledged.iter() {
        match found.get(&format!("id:delivery-{i}")).map(Vec::as_slice) {
            None => lost += 1,
            Some([t]) if t == trace => {}
            Some(_) => other_trace += 1,
        }
    }
    println!("{POSTS} acknowledged over {KILLS} kills: {lost} lost, {other_trace} doubled or under another trace");
    assert_eq!((lost, other_trace), (0, 0));
    let counts = gateway.get("/v1/status").await["counts"].clone();
    assert_eq!(counts["events"], POSTS, "{counts}");
}
