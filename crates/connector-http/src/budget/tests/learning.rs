//! What answers teach a budget, and what they cannot.

use metrics_util::debugging::{DebugValue, DebuggingRecorder};

use super::*;

#[tokio::test(start_paused = true)]
async fn answers_correct_what_is_believed() {
    let world = World::new(&[MINUTE]);
    let cx = world.plain(600);
    world.service.says(429, &[("retry-after", "30")]);
    cx.send(get("x")).await.unwrap();
    world.service.says(200, &[]);
    assert_eq!(seconds_for(&cx, "x").await, 30.0, "a refusal's pause");
    world.service.says(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "40")]);
    cx.send(get("x")).await.unwrap();
    world.service.says(200, &[]);
    assert_eq!(seconds_for(&cx, "x").await, 40.0, "nothing is left");
    world.service.says(200, &[("x-ratelimit-remaining", "2"), ("x-ratelimit-reset", "40")]);
    cx.send(get("x")).await.unwrap();
    assert_eq!(seconds_for(&cx, "x").await, 20.0, "others use it too, so what is left is spread");
    world.service.says(429, &[]);
    cx.send(get("x")).await.unwrap();
    assert_eq!(seconds_for(&cx, "x").await, 2.0, "a refusal that names no pause");
    assert_eq!(seconds_for(&cx, "x").await, 4.0, "… and the next");
}

#[tokio::test(start_paused = true)]
async fn headers_reach_the_budget_that_they_are_about() {
    let world = World::new(&[SEARCH, REST]);
    let cx = world.plain(600);
    let left = |resource: &str| {
        let service = world.service.clone();
        let resource = resource.to_owned();
        service.says(200, &[("x-resource", &resource), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "50")]);
    };
    left("neither");
    cx.send(get("x")).await.unwrap();
    assert_eq!(seconds_for(&cx, "x").await, 0.0, "about no budget that we know");
    left("rest");
    cx.send(get("x")).await.unwrap();
    assert_eq!(seconds_for(&cx, "x").await, 50.0);
}

#[tokio::test(start_paused = true)]
async fn no_header_raises_a_declared_limit_or_fills_its_bucket() {
    let world = World::new(&[MINUTE]);
    let cx = world.plain(600);
    for i in 0..180 {
        world.service.says(200, &[("x-ratelimit-limit", ["59", "60", "61", "6000"][i % 4])]);
        cx.send(get("a")).await.unwrap();
    }
    let times: Vec<Instant> = world.service.asked().into_iter().map(|(t, _)| t).collect();
    for (i, from) in times.iter().enumerate() {
        let within = times[i..].iter().take_while(|t| t.duration_since(*from) < Duration::from_secs(60)).count();
        assert!(within <= 60, "{within} in one minute");
    }
    let took = times.last().unwrap().duration_since(times[0]).as_secs();
    assert!(took < 216, "and most of it is used: 180 calls took {took} s");
}

#[tokio::test(start_paused = true)]
async fn a_lower_limit_is_believed() {
    let world = World::new(&[MINUTE]);
    let cx = world.plain(600);
    world.service.says(200, &[("x-ratelimit-limit", "6")]);
    cx.send(get("a")).await.unwrap();
    assert_eq!(seconds_for(&cx, "a").await, 0.0, "one is held");
    assert!(seconds_for(&cx, "a").await > 10.0, "six a minute");
}

#[tokio::test(start_paused = true)]
async fn answers_of_calls_that_left_together_put_nothing_off() {
    let gate = Gate::new(&["60/min".parse().unwrap()]);
    let take = async || gate.take(1, Class::Interactive, "c", Duration::from_secs(600)).await.unwrap().as_secs();
    let left = |remaining, secs| {
        let reset = Some(Duration::from_secs(secs));
        gate.learn(&Throttle { remaining: Some(remaining), reset, ..Throttle::default() });
    };
    left(2, 40);
    for _ in 0..15 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        left(2, 40);
    }
    assert_eq!(take().await, 5, "20 s after the first of them");
    left(1, 86_400);
    assert!(take().await <= 60, "a pace that is slower than one a minute is none");
    assert_eq!(take().await, 60);
    let soon = gate.take(1, Class::Interactive, "c", Duration::from_secs(30)).await;
    assert_eq!(soon, Err(TooLong { after: Duration::from_secs(60) }), "who cannot wait for it is told so at once");
}

#[tokio::test(start_paused = true)]
async fn a_success_closes_a_budget_for_its_window_at_most() {
    let world = World::new(&[MINUTE]);
    let cx = world.plain(100_000);
    world.service.says(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "86400")]);
    cx.send(get("x")).await.unwrap();
    world.service.says(200, &[]);
    assert_eq!(seconds_for(&cx, "x").await, 60.0, "a minute, whatever the reset says");
}

#[tokio::test(start_paused = true)]
async fn a_refusals_pause_is_believed_up_to_an_hour_or_the_declared_window() {
    for (limit, said, believed) in [
        ("60/min", 1800, 1800),
        ("60/min", 72_000, 3600),
        ("1/s burst 3", 72_000, 3600),
        ("1000/d", 72_000, 72_000),
        ("1000/d", 90_000, 86_400),
    ] {
        let gate = Gate::new(&[limit.parse().unwrap()]);
        gate.learn(&Throttle { refused: true, after: Some(Duration::from_secs(said)), ..Throttle::default() });
        let waited = gate.take(1, Class::Background, "c", Duration::from_secs(100_000)).await.unwrap();
        assert_eq!(waited.as_secs(), believed, "{limit}: {said} s");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_host_says_teaches_nothing() {
    let world = World::new(&[MINUTE]);
    let cx = world.plain(600);
    let upload = Request::new(Method::GET, &format!("https://{STORAGE}/upload")).unwrap().given_by_service();
    assert_eq!(cx.send(upload).await.unwrap().status, 429);
    assert_eq!(seconds_for(&cx, "x").await, 0.0, "an address that the service gave");
    world.service.says(302, &[("location", "https://storage.example.com/file")]);
    assert_eq!(cx.send(get("x").follow_redirects(1)).await.unwrap().status, 429);
    assert_eq!(seconds_for(&cx, "x").await, 0.0, "a redirect to another origin");
    world.service.says(429, &[("retry-after", "30")]);
    cx.send(get("x")).await.unwrap();
    assert_eq!(seconds_for(&cx, "x").await, 30.0, "the service itself");
}

#[tokio::test(start_paused = true)]
async fn a_long_pause_is_told_once_and_every_pause_is_counted() {
    let recorder = DebuggingRecorder::new();
    let seen = recorder.snapshotter();
    let _metrics = metrics::set_default_local_recorder(&recorder);
    let log = Log::default();
    let made = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || made.clone()).with_ansi(false).finish();
    let _tracing = tracing::subscriber::set_default(subscriber);
    let world = World::new(&[MINUTE]);
    world.service.millis.store(20, Ordering::SeqCst);
    let cx = world.plain(6000);
    for (seconds, calls) in [("300", 1), ("1800", 3), ("301", 1)] {
        world.service.says(429, &[("retry-after", seconds)]);
        // Those that leave together are refused together.
        let mut together = JoinSet::new();
        for _ in 0..calls {
            let cx = cx.clone();
            together.spawn(async move { cx.send(get("x")).await.unwrap() });
        }
        while let Some(end) = together.join_next().await {
            end.unwrap();
        }
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert_eq!(text.matches("pauses a budget").count(), 2, "{text}");
    assert!(text.contains("WARN") && text.contains("budget=\"minute\"") && text.contains("pause_s=1800"), "{text}");
    let pauses = seen.snapshot().into_vec().into_iter().find_map(|(key, _, _, value)| match value {
        DebugValue::Histogram(values) if key.key().name() == "jackfield_budget_pause_seconds" => Some(values),
        _ => None,
    });
    assert_eq!(pauses.unwrap().into_iter().map(|v| v.into_inner()).collect::<Vec<_>>(), [300.0, 1800.0, 301.0]);
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
