//! What happens in a gateway: webhooks are taken in, events matched with flows, runs executed, actions called.
//!
//! What lives here: the [`Engine`] and its rooms (inbox, flows, dispatch, connections). It is a library: an application
//! can embed it without the server. What must not: HTTP serving, SQL, an HTTP client. Store, transport, clock and
//! registry come from outside.

mod attempts;
mod audit;
mod auth;
mod connections;
mod current;
mod descriptors;
mod dispatch;
mod error;
mod expression;
mod flow;
pub mod health;
mod inbox;
mod options;
pub mod people;
mod references;
mod resources;
mod secrets;
mod setup;
mod signals;
mod slug;
mod vault;

use std::{sync::Arc, time::Duration};

use connector_core::{Clock, Registry, Transport, signal::Signals};
use jackfield_store::SharedStore;
use tokio::sync::Notify;

pub use auth::{AuthReport, Dependents};
pub use connections::{AppInput, Call, ConnectionInput};
/// What comes back with a browser from a consent.
pub use connector_auth::Callback;
pub use current::Current;
pub use descriptors::Described;
pub use error::{EngineError, Result};
pub use flow::{FlowDefinition, FlowInput, On, Step};
pub use inbox::{Address, Answer, Target};
pub use options::{MAX_OPTIONS, Suggestions};
pub use references::{ManagerError, References, SecretManager};
pub use resources::{Applied, Change, Resources};
pub use setup::{
    AppGuide, Begin, Choice, ChoiceOption, Consent, ConsentStart, GuideLine, HookView, Left, Paste, Progress, Removed,
    StepInput, StepView, Ticket,
};
pub use vault::{BackupInfo, NamedSecretInfo};

/// What the engine is tuned by. The defaults suit a small machine.
#[derive(Debug, Clone)]
pub struct Options {
    /// Runs executed at once; a quarter of them at most for one connection.
    pub concurrency: usize,
    /// The pauses before the second, third … attempt of a run, each spread by a fifth; after the last it fails for good. A
    /// longer pause that the service asks for goes before.
    pub retries: Vec<Duration>,
    /// Total time of each request that an action makes.
    pub call_timeout: Duration,
    /// How long one attempt of a run may take in all, however many requests its action makes and however long they wait for
    /// their turns. What waits then is queued again; what is under way has a few seconds more.
    pub attempt_time: Duration,
    /// How often refused requests are written to the audit, and what services announced to the list of signals.
    pub audit_interval: Duration,
    /// What services announce about their own API: give the same to the transport that hears it. The engine keeps it.
    pub signals: Arc<Signals>,
    /// What references to secrets may name.
    pub references: References,
    /// The URL under which services and browsers reach the gateway, without a trailing slash; empty: not known. Consents come
    /// back below it, and webhooks are made to addresses below it.
    pub public_url: String,
    /// How far back the audit log of people and tokens reaches.
    pub audit_kept: Duration,
    /// How long after the last check or success a connection is checked by schedule; zero: never.
    pub check_interval: Duration,
    /// When a connection is switched off by the gateway.
    pub disabling: health::Disabling,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            concurrency: 16,
            // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: past a night, a weekend's outage and a day's quota.
            retries: [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(Duration::from_secs).to_vec(),
            call_timeout: Duration::from_secs(30),
            attempt_time: Duration::from_secs(300),
            audit_interval: Duration::from_secs(1),
            signals: Arc::default(),
            references: References::default(),
            public_url: String::new(),
            audit_kept: Duration::from_secs(400 * 86_400),
            check_interval: Duration::from_secs(3600),
            disabling: health::Disabling::default(),
        }
    }
}

/// The engine. Clones share it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    registry: Registry,
    store: SharedStore,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    options: Options,
    audit: audit::Audit,
    attempts: attempts::Attempts,
    vitals: health::Vitals,
    /// Wakes the dispatcher: something was kept, a run was queued.
    wake: Arc<Notify>,
    /// Told about everything that happens, for whoever watches (the demonstration's chain, logs).
    observer: Option<Observer>,
    /// Consent, grants and renewal.
    auth: connector_auth::Auth,
    /// The copy of the store that is being fetched.
    backup: vault::Held,
    /// When it was last looked for installations whose time is over.
    swept: std::sync::Mutex<Option<jiff::Timestamp>>,
    /// The installations of which a step is under way.
    turns: std::sync::Mutex<std::collections::HashSet<uuid::Uuid>>,
    people: people::Desk,
}

/// What an observer is told, in the order in which it happens.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Happening {
    /// A delivery was verified and committed, with these event types.
    Kept {
        /// The receipt.
        receipt: jackfield_store::Receipt,
        /// The connector.
        connector: String,
        /// How it was verified.
        verified_by: String,
        /// The events' types.
        event_types: Vec<String>,
    },
    /// An event was compared with the flows.
    Matched {
        /// The event.
        event: connector_core::Event,
        /// The flows that it starts.
        flows: Vec<String>,
        /// How many enabled flows it did not start.
        others: usize,
    },
    /// A run begins an attempt.
    Calling(jackfield_store::Run),
    /// An attempt ended.
    Ended {
        /// The run as it was when the attempt began.
        run: jackfield_store::Run,
        /// How it ended.
        end: jackfield_store::AttemptEnd,
        /// How long the attempt took.
        took: Duration,
    },
}

/// Gets every [`Happening`]; must return at once.
pub type Observer = Arc<dyn Fn(&Happening) + Send + Sync>;

impl Engine {
    /// An engine over the given registry, store, transport and clock.
    pub fn new(
        registry: Registry,
        store: SharedStore,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Self {
        Self::observed(registry, store, transport, clock, options, None)
    }

    /// As [`Engine::new`], with an observer.
    pub fn observed(
        registry: Registry,
        store: SharedStore,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        options: Options,
        observer: Option<Observer>,
    ) -> Self {
        let (audit, attempts) = (audit::Audit::default(), attempts::Attempts::default());
        let wake = Arc::new(Notify::new());
        let auth = auth::made(&transport, &store, &clock, &wake);
        let vitals = health::Vitals::new(clock.now());
        Self {
            inner: Arc::new(Inner {
                registry,
                store,
                transport,
                clock,
                options,
                audit,
                attempts,
                wake,
                vitals,
                observer,
                auth,
                backup: vault::Held::default(),
                swept: std::sync::Mutex::default(),
                turns: std::sync::Mutex::default(),
                people: people::Desk::default(),
            }),
        }
    }

    /// The connectors that are there.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The store: for reading lists. Changes go through the engine's own methods, which check them.
    pub fn store(&self) -> &SharedStore {
        &self.inner.store
    }

    /// The clock.
    pub fn now(&self) -> jiff::Timestamp {
        self.inner.clock.now()
    }

    fn tell(&self, happening: Happening) {
        if let Some(f) = &self.inner.observer {
            f(&happening);
        }
    }
}
