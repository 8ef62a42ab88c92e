#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::{collections::VecDeque, sync::Mutex};

use connector_core::{
    Cancel, Connector, FixedClock, Registry, Request, Response, RetryAdvice, Timestamp, Transport,
    transport::CallContext,
};
use serde_json::{Map, json};

use super::*;

struct Nowhere;

#[async_trait::async_trait]
impl Transport for Nowhere {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        Err(Error::internal("no request is sent here"))
    }
}

/// An action that fails as it is told, then succeeds; `effects` counts what it did all the same.
struct Scripted {
    info: Arc<ActionInfo>,
    script: Mutex<VecDeque<(ErrorKind, RetryAdvice)>>,
    /// Whether a failure of unknown outcome was in truth done.
    done: bool,
    /// What was done is found only with this look and later ones.
    found_by: u32,
    effects: Mutex<Vec<Option<String>>>,
    looked: Mutex<u32>,
}

impl Invoke for Scripted {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.info
    }

    fn invoke<'a>(&'a self, cx: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let next = self.script.lock().unwrap().pop_front();
            let key = cx.idempotency_key().map(str::to_owned);
            let mut effects = self.effects.lock().unwrap();
            if next.is_none_or(|(_, retry)| retry == RetryAdvice::Ambiguous && self.done) {
                // A service that knows the key does nothing the second time.
                if !(self.info.idempotency == Idempotency::Keyed && effects.contains(&key)) {
                    effects.push(key);
                }
            }
            match next {
                None => Ok(json!({"done": true})),
                Some((kind, retry)) => Err(Error::new(kind, "broke").with_retry(retry)),
            }
        })
    }

    fn find<'a>(&'a self, _: &'a Cx, _: Value) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(async move {
            let looked = {
                let mut looked = self.looked.lock().unwrap();
                *looked += 1;
                *looked
            };
            let found = looked >= self.found_by && !self.effects.lock().unwrap().is_empty();
            Ok(found.then(|| json!({"found": true})))
        })
    }
}

struct Outcome {
    result: Result<Value>,
    effects: usize,
    looked: u32,
    took: Duration,
}

const SAFE: RetryAdvice = RetryAdvice::Safe { after: None };

async fn run(idempotency: Idempotency, at_once: bool, done: bool, script: &[RetryAdvice]) -> Outcome {
    let script: Vec<_> = script.iter().map(|retry| (ErrorKind::UpstreamUnavailable, *retry)).collect();
    run_with(idempotency, at_once, done, 1, &script, Cancel::new()).await
}

/// An emulated action that breaks once in this way and was done all the same; found by that look.
async fn emulated(broke: ErrorKind, done: bool, found_by: u32, cancel: Cancel) -> Outcome {
    run_with(Idempotency::Emulated, true, done, found_by, &[(broke, RetryAdvice::Ambiguous)], cancel).await
}

async fn run_with(
    idempotency: Idempotency,
    at_once: bool,
    done: bool,
    found_by: u32,
    script: &[(ErrorKind, RetryAdvice)],
    cancel: Cancel,
) -> Outcome {
    let mut info = ActionInfo::new("test", "act", json!({"type": "object"}), json!({}));
    info.idempotency = idempotency;
    info.finds_at_once = at_once;
    let action = Arc::new(Scripted {
        info: Arc::new(info),
        script: Mutex::new(script.iter().copied().collect()),
        done,
        found_by,
        effects: Mutex::default(),
        looked: Mutex::default(),
    });
    let connector = Connector::builder("test", "Test").host("example.com").action(action.clone()).build().unwrap();
    let registry = Registry::new().layered(RetryPolicy::default().layer());
    let connector = registry.register(connector).unwrap();
    let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
    let cx = connector.cx(Map::new(), Arc::new(Nowhere), clock).cancel(cancel).build();
    let began = Instant::now();
    let result = connector.call("act", &cx, json!({})).await;
    let (effects, looked) = (action.effects.lock().unwrap().len(), *action.looked.lock().unwrap());
    Outcome { result, effects, looked, took: began.elapsed() }
}

#[tokio::test(start_paused = true)]
async fn what_surely_had_no_effect_is_repeated_whatever_it_is() {
    for i in [Idempotency::None, Idempotency::Natural, Idempotency::Keyed, Idempotency::Emulated] {
        let o = run(i, false, false, &[SAFE, SAFE, SAFE]).await;
        assert_eq!((o.result.is_ok(), o.effects, o.looked), (true, 1, 0), "{i:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unknown_outcome_has_one_effect() {
    let twice = [RetryAdvice::Ambiguous, RetryAdvice::Ambiguous];
    let o = run(Idempotency::Keyed, false, true, &twice).await;
    assert_eq!((o.result.is_ok(), o.effects), (true, 1), "the service knows the key, which stays the same");
    let o = run(Idempotency::Emulated, true, true, &twice).await;
    assert_eq!((o.result.unwrap(), o.effects, o.looked), (json!({"found": true}), 1, 1));
    let o = run(Idempotency::Emulated, true, false, &twice).await;
    assert_eq!((o.result.is_ok(), o.effects, o.looked), (true, 1, 4), "not there, so it is done again");
    let o = run(Idempotency::Emulated, false, false, &twice).await;
    assert_eq!((o.effects, o.looked), (0, 2));
    assert_eq!(o.result.unwrap_err().retry(), RetryAdvice::Ambiguous, "what is not seen may still be there");
    let o = run(Idempotency::None, false, true, &twice).await;
    assert_eq!((o.result.unwrap_err().retry(), o.effects), (RetryAdvice::Ambiguous, 1));
    let o = run(Idempotency::Natural, false, true, &twice).await;
    assert!(o.result.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_service_that_is_still_at_it_is_given_time() {
    let (broke, never) = (ErrorKind::UpstreamUnavailable, u32::MAX);
    let o = emulated(broke, true, 1, Cancel::new()).await;
    assert_eq!((o.result.is_ok(), o.effects, o.looked), (true, 1, 1));
    assert!(
        o.took >= Duration::from_secs(1),
        "not looked for in the moment in which the connection breaks: {:?}",
        o.took
    );
    let o = emulated(broke, true, 2, Cancel::new()).await;
    assert_eq!((o.result.unwrap(), o.effects, o.looked), (json!({"found": true}), 1, 2), "found with the second look");
    assert!(o.took >= Duration::from_secs(2), "{:?}", o.took);
    let o = emulated(ErrorKind::Timeout, true, 2, Cancel::new()).await;
    assert_eq!((o.result.is_ok(), o.effects), (true, 1), "what is found is found after a timeout too");
    let o = emulated(ErrorKind::Timeout, true, never, Cancel::new()).await;
    assert_eq!((o.effects, o.looked), (1, 2), "what timed out is not done again though it is not found");
    assert_eq!(o.result.unwrap_err().retry(), RetryAdvice::Ambiguous);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_nothing_looks_once_and_repeats_nothing() {
    let hurried = || {
        let cancel = Cancel::new();
        cancel.hurry();
        cancel
    };
    let o = emulated(ErrorKind::UpstreamUnavailable, true, 1, hurried()).await;
    assert_eq!((o.result.is_ok(), o.looked, o.took), (true, 1, Duration::ZERO), "what is found at once is known");
    let o = emulated(ErrorKind::UpstreamUnavailable, false, 1, hurried()).await;
    assert_eq!((o.effects, o.looked), (0, 1));
    assert_eq!(o.result.unwrap_err().retry(), RetryAdvice::Ambiguous);
}

#[tokio::test(start_paused = true)]
async fn the_end_says_what_to_do_next() {
    let o = run(Idempotency::Natural, false, false, &[RetryAdvice::Never]).await;
    assert_eq!((o.result.unwrap_err().retry(), o.took), (RetryAdvice::Never, Duration::ZERO));
    let o = run(Idempotency::None, false, false, &[SAFE; 9]).await;
    let e = o.result.unwrap_err();
    assert!(e.operator_text().ends_with("(the last of 4 attempts)"), "{e}");
    assert_eq!(e.caller_text(), "broke");
    assert!(o.took < Duration::from_secs(4));
}

#[tokio::test(start_paused = true)]
async fn the_services_pause_is_kept_or_handed_on() {
    let pause = |s| RetryAdvice::Safe { after: Some(Duration::from_secs(s)) };
    let o = run(Idempotency::None, false, false, &[pause(5)]).await;
    assert!(o.result.is_ok());
    assert!(o.took >= Duration::from_secs(5) && o.took < Duration::from_secs(6), "{:?}", o.took);
    let o = run(Idempotency::None, false, false, &[pause(3600)]).await;
    assert_eq!((o.result.unwrap_err().retry(), o.took), (pause(3600), Duration::ZERO), "nobody waits an hour here");
}

#[tokio::test(start_paused = true)]
async fn giving_up_ends_the_wait() {
    let cancel = Cancel::new();
    let clock = Arc::new(FixedClock(Timestamp::UNIX_EPOCH));
    let connector = Connector::from(&connector_core::ConnectorSpec::new("test", "Test"));
    let cx = connector.cx(Map::new(), Arc::new(Nowhere), clock).cancel(cancel.clone()).build();
    let waiting = tokio::spawn(async move { wait(&cx, Duration::from_secs(3600)).await });
    tokio::time::sleep(Duration::from_millis(5)).await;
    cancel.cancel();
    assert!(!waiting.await.unwrap());
}

#[test]
fn jitter_is_spread_over_the_whole_pause() {
    let policy = RetryPolicy::default();
    let pauses: Vec<f64> = (0..1000).map(|_| policy.pause(2).as_secs_f64()).collect();
    assert!(pauses.iter().all(|p| *p <= 1.0));
    assert!(pauses.iter().any(|p| *p < 0.1) && pauses.iter().any(|p| *p > 0.9));
    assert!(policy.pause(60) <= policy.longest_pause);
}
