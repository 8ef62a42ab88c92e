#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use connector_core::{Method, TraceId};

use super::*;

/// Answers with the status that it is set to; 0: the connection cannot be made.
#[derive(Default)]
struct Service {
    status: AtomicUsize,
    calls: AtomicUsize,
    hangs: AtomicBool,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        match self.status.load(Ordering::SeqCst) {
            0 => Err(Error::new(ErrorKind::UpstreamUnavailable, "unreachable")),
            1 => Err(Error::new(ErrorKind::Refused, "by the guard")),
            n => Ok(Response {
                status: http::StatusCode::from_u16(u16::try_from(n).unwrap()).unwrap(),
                headers: http::HeaderMap::new(),
                body: "".into(),
            }),
        }
    }
}

struct World {
    service: Arc<Service>,
    breaker: Breaker,
}

impl World {
    fn new() -> Self {
        let service = Arc::new(Service::default());
        Self { breaker: Breaker::new(service.clone()), service }
    }

    async fn call(&self, host: &str) -> Result<Response> {
        let request = Request::new(Method::GET, &format!("https://{host}/")).unwrap();
        let mut context = CallContext::new("test", vec![host.to_owned()], TraceId::from_u128(1));
        context.timeout = Duration::from_secs(2);
        context.longest_wait = Duration::ZERO;
        self.breaker.send(request, &context).await
    }

    async fn break_it(&self) {
        for _ in 0..FAILURES {
            self.call("a.example").await.unwrap_err();
        }
    }

    fn calls(&self) -> usize {
        self.service.calls.load(Ordering::SeqCst)
    }

    fn says(&self, status: usize) {
        self.service.status.store(status, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_in_a_row_is_left_alone_and_no_other() {
    let world = World::new();
    world.break_it().await;
    let e = world.call("a.example").await.unwrap_err();
    assert_eq!(world.calls(), FAILURES as usize, "it never left");
    assert_eq!((e.kind(), e.retry().after()), (ErrorKind::UpstreamUnavailable, Some(FIRST_REST)));
    assert!(e.is_unsent());
    assert!(e.caller_text().contains("try again in 5 s"), "{e}");
    world.says(200);
    world.call("b.example").await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn one_probe_decides() {
    let world = World::new();
    world.break_it().await;
    tokio::time::sleep(FIRST_REST).await;
    // The probe fails, and the rest is doubled.
    world.call("a.example").await.unwrap_err();
    assert_eq!(world.calls(), FAILURES as usize + 1);
    tokio::time::sleep(FIRST_REST).await;
    assert_eq!(world.call("a.example").await.unwrap_err().retry().after(), Some(FIRST_REST));
    tokio::time::sleep(FIRST_REST).await;
    // While a probe is under way nobody else goes.
    let enter = || world.breaker.enter("https://a.example".to_owned(), Duration::from_secs(2));
    let probe = enter().unwrap();
    assert!(probe.probe.is_some() && enter().is_err());
    // A probe that nobody drives any more does not keep the host shut, and has no say when it ends at last.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let next = enter().unwrap();
    drop(probe);
    assert!(enter().is_err(), "the next probe is under way");
    next.end(None);
    world.says(404);
    world.call("a.example").await.unwrap();
    world.call("a.example").await.unwrap();
    assert!(world.breaker.circuits.lock().unwrap().is_empty(), "forgotten once it answers");
}

#[tokio::test(start_paused = true)]
async fn what_says_nothing_of_the_host_does_not_count() {
    let world = World::new();
    for status in [1, 404, 429, 501] {
        world.says(status);
        for _ in 0..3 * FAILURES {
            let _ = world.call("a.example").await;
        }
        assert!(world.breaker.circuits.lock().unwrap().is_empty(), "{status}");
    }
    for i in 0..3 * FAILURES as usize {
        world.says(if i % 5 == 4 { 200 } else { 500 });
        world.call("a.example").await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_probe_whose_caller_went_away_gives_its_place_back() {
    let world = World::new();
    world.break_it().await;
    tokio::time::sleep(FIRST_REST).await;
    world.service.hangs.store(true, Ordering::SeqCst);
    let cut = tokio::time::timeout(Duration::from_millis(10), world.call("a.example")).await;
    assert!(cut.is_err() && world.calls() == FAILURES as usize + 1, "the probe left, and its caller did not wait");
    world.service.hangs.store(false, Ordering::SeqCst);
    world.says(200);
    world.call("a.example").await.unwrap();
    assert_eq!(world.calls(), FAILURES as usize + 2, "the next call probes, at once");
}

#[tokio::test(start_paused = true)]
async fn what_failed_long_ago_is_forgotten() {
    let world = World::new();
    for _ in 1..FAILURES {
        world.call("a.example").await.unwrap_err();
    }
    world.call("b.example").await.unwrap_err();
    tokio::time::sleep(IDLE + Duration::from_secs(1)).await;
    world.call("a.example").await.unwrap_err();
    world.call("a.example").await.unwrap_err();
    assert_eq!(world.calls(), FAILURES as usize + 2, "not so many in a row");
    world.call("c.example").await.unwrap_err();
    assert_eq!(world.breaker.circuits.lock().unwrap().len(), 2, "a and c");
}

#[tokio::test(start_paused = true)]
async fn made_up_hosts_do_not_fill_the_memory() {
    let world = World::new();
    world.break_it().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    for i in 0..MOST_CIRCUITS + 10 {
        world.call(&format!("h{i}.example")).await.unwrap_err();
    }
    let known = |host: &str| world.breaker.circuits.lock().unwrap().contains_key(&format!("https://{host}"));
    assert!(world.breaker.circuits.lock().unwrap().len() <= MOST_CIRCUITS);
    assert!(known("a.example"), "a host that rests is kept before those that calls go to");
    let now = Instant::now();
    let open = Circuit::Open { until: now + FIRST_REST, rest: FIRST_REST };
    let mut full: HashMap<_, _> = (0..MOST_CIRCUITS as u64)
        .map(|i| (i.to_string(), Known { circuit: open, since: now + Duration::from_millis(i) }))
        .collect();
    forget(&mut full, now + Duration::from_secs(60));
    assert!(full.len() == MOST_CIRCUITS - 1 && !full.contains_key("0"), "then the oldest goes");
}
