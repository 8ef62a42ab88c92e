//! A connector on the bench: its definition, its fixtures, and how a call is run so that nothing escapes, neither a
//! panic nor a log line.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    pin::Pin,
    sync::{Arc, Mutex, Once, OnceLock, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use connector_core::{
    Connector, ConnectorSpec, Cx, Error, FixedClock, SecretSource, Timestamp, Transport, action::Invoke, cx::CxBuilder,
};
use serde_json::{Map, Value};

use super::{
    TransportFactory,
    stage::{Baseline, SlowCalls},
};
use crate::{
    fake::{Offline, Routes},
    fixture::{Call, FixtureSet},
    replay::{Noticed, Replay},
    values::{IDEMPOTENCY_KEY, TestValues, mark},
};

/// No call under test waits for anything, so one that takes this long asks for ever.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) struct Bench {
    pub(crate) connector: Connector,
    pub(crate) fixtures: FixtureSet,
    /// Why the folder could not be read, if it could not.
    pub(crate) unreadable: Option<String>,
    /// Cleaning values compiles schemas, and every injected fault needs them.
    values: Mutex<BTreeMap<String, Arc<TestValues>>>,
    /// Learned from all fixtures, so once for all that ask.
    routes: OnceLock<Arc<Routes>>,
    /// Makes the transports for what is judged at a real socket; none: nothing is.
    pub(crate) wire: Option<TransportFactory>,
    /// How each action's call goes where nothing goes wrong, by the fixture's place.
    pub(super) baselines: Vec<OnceLock<Option<Arc<Baseline>>>>,
    /// Calls that wait for their time to run out, made all at once.
    pub(super) slow: OnceLock<SlowCalls>,
}

/// What a call came to.
pub(crate) enum Outcome {
    Ok(Value),
    Err(Error),
    /// With the panic's message.
    Panic(String),
    /// It did not end.
    Endless,
}

/// A call with everything around it.
pub(crate) struct Ran {
    pub(crate) outcome: Outcome,
    pub(crate) noticed: Vec<Noticed>,
    pub(crate) sent: usize,
    /// Every log event and span, with all fields.
    pub(crate) log: String,
}

impl Bench {
    pub(crate) fn new(spec: &ConnectorSpec, dir: &Path, wire: Option<TransportFactory>) -> Self {
        let (fixtures, unreadable) = match FixtureSet::from_dir(dir) {
            Ok(f) => (f, None),
            Err(e) => (FixtureSet::default(), Some(e.to_string())),
        };
        Self {
            connector: Connector::from(spec),
            baselines: fixtures.actions.iter().map(|_| OnceLock::new()).collect(),
            fixtures,
            unreadable,
            values: Mutex::default(),
            routes: OnceLock::new(),
            wire,
            slow: OnceLock::new(),
        }
    }

    pub(crate) fn values(&self, overrides: &Map<String, Value>) -> Arc<TestValues> {
        let key = serde_json::to_string(overrides).unwrap_or_default();
        let mut known = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(key).or_insert_with(|| Arc::new(TestValues::of(&self.connector, overrides).0)).clone()
    }

    pub(crate) fn cx(
        &self,
        values: &TestValues,
        without: &[String],
        now: Option<Timestamp>,
        transport: Arc<dyn Transport>,
    ) -> Cx {
        self.begin(values, without, now, transport).build()
    }

    /// A context whose limits are still to be set.
    pub(crate) fn begin(
        &self,
        values: &TestValues,
        without: &[String],
        now: Option<Timestamp>,
        transport: Arc<dyn Transport>,
    ) -> CxBuilder {
        let secrets: Arc<dyn SecretSource> = Arc::new(values.secrets(without));
        self.connector
            .cx(values.values.clone(), transport, Arc::new(FixedClock(now.unwrap_or_else(default_now))))
            .secrets(secrets)
            .idempotency_key(IDEMPOTENCY_KEY)
    }

    /// Calls an action as its fixture says, with this transport.
    pub(crate) fn call(&self, action: &str, call: &Call, replay: Replay) -> Ran {
        let values = self.values(&call.values);
        let replay = Arc::new(replay);
        let cx = self.cx(&values, &call.without_secrets, call.now, replay.clone());
        let (outcome, log) = guarded(self.connector.call(action, &cx, call.input.clone()));
        Ran { outcome, noticed: replay.noticed(), sent: replay.sent(), log }
    }

    /// Calls an action as its fixture says.
    pub(crate) fn replay(&self, action: &str, call: &Call) -> Ran {
        self.call(action, call, Replay::new(&call.exchanges, &self.values(&call.values)))
    }

    /// A fake of the service, of one's own so that what it refuses is one's own too.
    pub(crate) fn fake(&self) -> Arc<Offline> {
        Arc::new(Offline::new(self.routes()))
    }

    /// What a fake of the service answers to.
    pub(crate) fn routes(&self) -> Arc<Routes> {
        self.routes.get_or_init(|| Arc::new(Routes::of(&self.connector, &self.fixtures))).clone()
    }

    pub(crate) fn action(&self, name: &str) -> Option<&Arc<dyn Invoke>> {
        self.connector.actions().iter().find(|a| a.info().name == name)
    }
}

/// The time that the clock tells unless a fixture says otherwise: 2026-01-01T00:00:00Z.
pub(crate) fn default_now() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// Runs a future to its end, whatever it does.
pub(crate) fn guarded<F>(future: F) -> (Outcome, String)
where
    F: Future<Output = connector_core::Result<Value>>,
{
    let log = Log::default();
    let result = quietly(|| {
        tracing::subscriber::with_default(log.clone(), || {
            run(async { tokio::time::timeout(PATIENCE, future).await.ok() })
                .unwrap_or_else(|e| Some(Err(Error::internal(e))))
        })
    });
    (Outcome::of(result), log.take())
}

/// Runs a future on this thread's runtime.
///
/// # Errors
/// When there is none.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> Result<T, String> {
    RUNTIME.with(|runtime| match runtime {
        Ok(rt) => Ok(rt.block_on(future)),
        Err(e) => Err(format!("no runtime to test with: {e}")),
    })
}

/// The same as [`guarded`] where others run beside it; what its tasks log is not seen.
pub(crate) async fn watched<F>(future: F) -> (Outcome, String)
where
    F: Future<Output = connector_core::Result<Value>>,
{
    let log = Log::default();
    let call = Watched { inner: Box::pin(tokio::time::timeout(PATIENCE, future)), log: log.clone() };
    let result = call.await.map(Result::ok);
    (Outcome::of(result), log.take())
}

/// A future none of whose polls lets a panic or a log line out.
struct Watched<F> {
    inner: Pin<Box<F>>,
    log: Log,
}

impl<F: Future> Future for Watched<F> {
    type Output = Result<F::Output, String>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let log = self.log.clone();
        let polled = quietly(|| tracing::subscriber::with_default(log, || self.inner.as_mut().poll(cx)));
        match polled {
            Ok(Poll::Ready(v)) => Poll::Ready(Ok(v)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(message) => Poll::Ready(Err(message)),
        }
    }
}

impl Outcome {
    fn of(result: Result<Option<connector_core::Result<Value>>, String>) -> Self {
        match result {
            Ok(Some(Ok(v))) => Self::Ok(v),
            Ok(Some(Err(e))) => Self::Err(e),
            Ok(None) => Self::Endless,
            Err(message) => Self::Panic(message),
        }
    }
}

thread_local! {
    static RUNTIME: std::io::Result<tokio::runtime::Runtime> =
        tokio::runtime::Builder::new_current_thread().enable_all().build();
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Catches a panic without the usual lines on standard error; gives its message.
pub(crate) fn quietly<T>(f: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                before(info);
            }
        }));
    });
    let was = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(f));
    QUIET.set(was);
    result.map_err(|payload| match payload.downcast_ref::<String>() {
        Some(s) => s.clone(),
        None => payload.downcast_ref::<&str>().map_or_else(|| "no message".to_owned(), |s| (*s).to_owned()),
    })
}

/// Everything that an error can show to anybody.
pub(crate) fn texts_of(e: &Error) -> String {
    let mut out =
        format!("{e} {e:?} {e:#?} {} {} {} {:?}", e.operator_text(), e.caller_text(), e.to_caller_json(), e.code());
    for f in e.fields() {
        let _ = write!(out, " {} {}", f.pointer, f.message);
    }
    out
}

/// The ids of the secrets whose canaries are in `text`, plain or encoded.
pub(crate) fn leaked<'a>(text: &str, values: &'a TestValues) -> Vec<&'a str> {
    use base64::Engine as _;
    let found = |canary: &str| {
        let mark = mark(canary);
        // Where base64 begins in the middle of a longer text, two of three alignments lose their ends.
        let encoded = ["", "-", "--"].iter().any(|before| {
            let b = base64::prelude::BASE64_STANDARD_NO_PAD.encode(format!("{before}{mark}"));
            b.get(4..b.len().saturating_sub(2)).is_some_and(|middle| middle.len() > 8 && text.contains(middle))
        });
        encoded || text.contains(mark) || text.contains(&hex::encode(mark))
    };
    values.canaries.iter().filter(|(_, c)| found(c)).map(|(id, _)| id.as_str()).collect()
}

/// Writes down every span and event with its fields.
#[derive(Clone, Default)]
struct Log {
    text: Arc<Mutex<String>>,
}

struct Fields<'a>(&'a mut String);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{field}={value:?} ");
    }
}

impl Log {
    fn take(&self) -> String {
        std::mem::take(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, f: impl FnOnce(&mut Fields<'_>)) {
        f(&mut Fields(&mut self.text.lock().unwrap_or_else(PoisonError::into_inner)));
    }
}

impl tracing::Subscriber for Log {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        self.write(|f| span.record(f));
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        self.write(|f| values.record(f));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        self.write(|f| event.record(f));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
