//! What services announce about their own API.

use connector_core::signal::{MAX_PER_ENDPOINT, SignalKind, SignalTally, UpstreamSignal};
use jiff::Timestamp;

use super::{Home, at};

fn tally(connector: &str, endpoint: &str, value: &str, count: u64, first: i64, last: i64) -> SignalTally {
    let signal = UpstreamSignal::new(connector, endpoint, SignalKind::Sunset, value);
    SignalTally { signal, count, first_at: at(first), last_at: at(last) }
}

pub async fn signals_are_counted_and_survive(home: &impl Home) {
    let store = home.open().await;
    let (a, b) =
        (tally("github", "gists.create", "2027-01-01", 2, 5, 9), tally("slack", "files.upload", "soon", 1, 7, 7));
    let new = store.add_signals(vec![a.clone(), b.clone()]).await.unwrap();
    assert_eq!(new, [a.signal.clone(), b.signal.clone()]);
    let again = tally("github", "gists.create", "2027-01-01", 3, 1, 6);
    assert!(store.add_signals(vec![again]).await.unwrap().is_empty(), "known already");
    let moved = tally("github", "gists.create", "2028-01-01", 1, 20, 20);
    assert_eq!(store.add_signals(vec![moved.clone()]).await.unwrap(), std::slice::from_ref(&moved.signal));
    store.close().await.unwrap();

    let store = home.open().await;
    let counted = tally("github", "gists.create", "2027-01-01", 5, 1, 9);
    assert_eq!(store.signals(None, 0).await.unwrap().len(), 0);
    assert_eq!(store.signals(None, 100).await.unwrap(), [moved.clone(), counted.clone(), b]);
    assert_eq!(store.signals(Some("github".into()), 100).await.unwrap(), [moved.clone(), counted]);
    assert_eq!(store.signals(Some("github".into()), 1).await.unwrap(), [moved]);
    assert!(store.signals(Some("jira".into()), 100).await.unwrap().is_empty());
    assert_eq!(store.counts().await.unwrap()["signals"], 3);
}

pub async fn an_endpoint_keeps_what_it_said_last(home: &impl Home) {
    let store = home.open().await;
    let quiet = tally("acme", "quiet", "x", 1, 0, 0);
    store.add_signals(vec![quiet.clone()]).await.unwrap();
    let mut new = 0;
    for n in 0..200 {
        let t = tally("acme", "noisy", &format!("value {n}"), 1, n, n);
        new += store.add_signals(vec![t]).await.unwrap().len();
    }
    assert_eq!(new, MAX_PER_ENDPOINT, "what pushes out another is not called new");
    let kept = store.signals(None, 1000).await.unwrap();
    assert_eq!(kept.len(), MAX_PER_ENDPOINT + 1);
    let last: Vec<Timestamp> = kept.iter().map(|t| t.last_at).take(MAX_PER_ENDPOINT).collect();
    assert_eq!(last, (180..200).rev().map(at).collect::<Vec<_>>());
    assert!(kept.contains(&quiet), "other endpoints are left alone");
}
