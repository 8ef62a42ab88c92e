#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::sync::atomic::{AtomicUsize, Ordering};

use connector_core::{Method, TraceId};

use super::*;

/// Answers with the status that it is set to; 0: the connection cannot be made.
#[derive(Default)]
struct Service {
    status: AtomicUsize,
    calls: AtomicUsize,
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, _: Request, _: &CallContext) -> Result<Response> {
        self.calls.fetch_add(1, Ordering::SeqCst);
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
    assert_eq!(world.breaker.enter("https://a.example", Duration::from_secs(2)), Ok(true));
    assert!(world.breaker.enter("https://a.example", Duration::from_secs(2)).is_err());
    // A probe whose caller went away does not keep the host shut.
    tokio::time::sleep(Duration::from_secs(2)).await;
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
