//! A connector on the bench: its definition, its fixtures, and how a call is run so that nothing escapes, neither a
//! panic nor a log line.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, Once, OnceLock, PoisonError},
    time::Duration,
};

use connector_core::{
    Connector, ConnectorSpec, Cx, Error, FixedClock, SecretSource, Timestamp, Transport, action::Invoke,
};
use serde_json::{Map, Value};

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
    pub(crate) fn new(spec: &ConnectorSpec, dir: &Path) -> Self {
        let (fixtures, unreadable) = match FixtureSet::from_dir(dir) {
            Ok(f) => (f, None),
            Err(e) => (FixtureSet::default(), Some(e.to_string())),
        };
        Self {
            connector: Connector::from(spec),
            fixtures,
            unreadable,
            values: Mutex::default(),
            routes: OnceLock::new(),
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
        let secrets: Arc<dyn SecretSource> = Arc::new(values.secrets(without));
        self.connector
            .cx(values.values.clone(), transport, Arc::new(FixedClock(now.unwrap_or_else(default_now))))
            .secrets(secrets)
            .idempotency_key(IDEMPOTENCY_KEY)
            .build()
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
        let routes = self.routes.get_or_init(|| Arc::new(Offline::routes(&self.connector, &self.fixtures)));
        Arc::new(Offline::new(routes.clone()))
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
            RUNTIME.with(|runtime| match runtime {
                Ok(rt) => rt.block_on(async { tokio::time::timeout(PATIENCE, future).await }).ok(),
                Err(e) => Some(Err(Error::internal(format!("no runtime to test with: {e}")))),
            })
        })
    });
    let outcome = match result {
        Ok(Some(Ok(v))) => Outcome::Ok(v),
        Ok(Some(Err(e))) => Outcome::Err(e),
        Ok(None) => Outcome::Endless,
        Err(message) => Outcome::Panic(message),
    };
    let text = log.text.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (outcome, text)
}

thread_local! {
    static RUNTIME: std::io::Result<tokio::runtime::Runtime> =
        tokio::runtime::Builder::new_current_thread().enable_time().build();
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
