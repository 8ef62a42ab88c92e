//! A connector at the hostile fake of its service, over a real socket and the transport that the suite was given.
//!
//! What lives here: how such a call is made, and everything that can be seen of it. What must not: what it should have come
//! to; that is the laws'.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use connector_core::{Cx, ErrorKind, Request, Response, Transport, transport::CallContext};
use serde_json::Value;

use super::{
    Bench,
    bench::{Outcome, guarded, watched},
};
use crate::{
    fake::{Answered, FakeService, Misbehaviour, ORIGIN, Offline, Received},
    fixture::ActionFixture,
    values::TestValues,
};

/// What the suite's transport may reach beside public addresses: where the fakes are.
const NETWORKS: &str = "127.0.0.1/32";
/// Time for a call that nothing holds up, on a machine with other things to do.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(8);
/// What an answer may have beyond what the good one has.
const SPARE_BYTES: usize = 64 << 10;

/// How an action's call goes where nothing goes wrong.
pub(crate) struct Baseline {
    /// Its output.
    pub(crate) output: Value,
    /// Its requests with their answers.
    pub(crate) answered: Vec<Answered>,
}

impl Baseline {
    /// The cap of answers that leaves the good ones room.
    pub(crate) fn cap(&self) -> usize {
        self.answered.iter().map(|a| a.body.len()).max().unwrap_or_default() + SPARE_BYTES
    }

    /// How many of its requests change something.
    pub(crate) fn effects(&self) -> usize {
        self.answered.iter().filter(|a| a.effect).count()
    }
}

/// Calls that waited for their time to run out, by the fixture's place, the request's and the misbehaviour's name.
pub(crate) type SlowCalls = BTreeMap<(usize, usize, &'static str), Result<Met, String>>;

impl Bench {
    /// How the call of this fixture goes; none where it does not do what its fixture says, which laws of their own name.
    pub(crate) fn baseline(&self, i: usize) -> Option<Arc<Baseline>> {
        self.baselines.get(i)?.get_or_init(|| self.calmly(self.fixtures.actions.get(i)?)).clone()
    }

    fn calmly(&self, f: &ActionFixture) -> Option<Arc<Baseline>> {
        let ran = self.replay(&f.action, &f.call);
        if !matches!(ran.outcome, Outcome::Ok(_)) || !ran.noticed.is_empty() {
            return None;
        }
        let fake = self.fake();
        let values = Offline::values(&self.connector, &f.call.values);
        let cx = self.cx(&values, &f.call.without_secrets, f.call.now, fake.clone());
        match guarded(self.connector.call(&f.action, &cx, f.call.input.clone())).0 {
            Outcome::Ok(output) => Some(Arc::new(Baseline { output, answered: fake.take_answered() })),
            _ => None,
        }
    }
}

/// What a call may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    pub(crate) max_bytes: usize,
}

/// Everything that can be seen of a call.
pub(crate) struct Met {
    pub(crate) outcome: Outcome,
    pub(crate) log: String,
    /// What arrived at the service.
    pub(crate) received: Vec<Received>,
    /// What the connector sent.
    pub(crate) sent: Vec<Sent>,
    pub(crate) took: Duration,
    /// The connection that it was made with.
    pub(crate) values: TestValues,
    /// Where the service was.
    pub(crate) origin: String,
}

impl Met {
    /// The output, as if the service had been where the baseline's was.
    pub(crate) fn output(&self) -> Option<Value> {
        match &self.outcome {
            Outcome::Ok(v) => Some(crate::fixture::map_texts(v, &|t| t.replace(&self.origin, ORIGIN))),
            _ => None,
        }
    }
}

/// One connection to one fake that nobody else calls. Both have their own transport too, so that what one call taught it
/// (a budget, a breaker) is not held against the next.
pub(crate) struct Stage<'a> {
    bench: &'a Bench,
    fixture: &'a ActionFixture,
    pub(crate) fake: FakeService,
    transport: Arc<Watch>,
}

impl<'a> Stage<'a> {
    /// # Errors
    /// When there is no socket to be had, or no transport.
    pub(crate) fn new(bench: &'a Bench, fixture: &'a ActionFixture) -> Result<Self, String> {
        let make = bench.wire.ok_or("the suite was given no transport")?;
        let inner = make(&[NETWORKS.to_owned()]).map_err(|e| format!("the transport cannot be made: {e}"))?;
        let fake = FakeService::open(&bench.connector, bench.routes(), &fixture.call.values)
            .map_err(|e| format!("the fake service cannot be started: {e}"))?;
        fake.tell_time(fixture.call.now.unwrap_or_else(super::bench::default_now));
        Ok(Self { bench, fixture, fake, transport: Arc::new(Watch { inner, sent: Mutex::default() }) })
    }

    /// Answers the first `at` requests well, and misbehaves from then on.
    pub(crate) fn misbehave(&self, at: usize, how: &Misbehaviour) {
        self.fake.misbehave(Misbehaviour::Well, at);
        self.fake.misbehave(how.clone(), usize::MAX);
    }

    /// A context for calls to the fake with the secrets that these values have.
    pub(crate) fn cx(&self, values: &TestValues, limits: Limits) -> Cx {
        let call = &self.fixture.call;
        self.bench
            .begin(values, &call.without_secrets, call.now, self.transport.clone())
            .connection("at_the_wire")
            .timeout(limits.timeout)
            .max_response_bytes(limits.max_bytes)
            // Whoever must wait for its turn here waits for what the fake made up.
            .longest_wait(Duration::ZERO)
            .build()
    }

    /// Calls the action as its fixture does, with the secrets that the fake takes now.
    pub(crate) fn call(&self, limits: Limits) -> Met {
        self.call_with(self.fake.test_values(), limits)
    }

    /// The same with these values.
    pub(crate) fn call_with(&self, values: TestValues, limits: Limits) -> Met {
        let cx = self.cx(&values, limits);
        let began = Instant::now();
        let seen = guarded(self.bench.connector.call(&self.fixture.action, &cx, self.fixture.call.input.clone()));
        self.met(seen, began.elapsed(), values)
    }

    /// The same among other calls.
    pub(crate) async fn call_among(&self, limits: Limits) -> Met {
        let values = self.fake.test_values();
        let cx = self.cx(&values, limits);
        let began = Instant::now();
        let seen = watched(self.bench.connector.call(&self.fixture.action, &cx, self.fixture.call.input.clone())).await;
        self.met(seen, began.elapsed(), values)
    }

    /// What was seen since it was last asked, with a call's end.
    pub(crate) fn met(&self, (outcome, log): (Outcome, String), took: Duration, values: TestValues) -> Met {
        let received = self.fake.received();
        self.fake.forget_calls();
        let sent = std::mem::take(&mut *self.transport.sent.lock().unwrap_or_else(PoisonError::into_inner));
        Met { outcome, log, received, sent, took, values, origin: self.fake.base_url() }
    }
}

/// A request that the connector sent, whatever its transport made of it.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    /// Scheme, host and port; none where the whole URL is a secret.
    pub(crate) origin: Option<String>,
    /// Whether a secret goes along.
    pub(crate) has_secret: bool,
    /// How many redirects it follows.
    pub(crate) redirects: u8,
    /// The kind of the transport's error; none where there was an answer.
    pub(crate) failed: Option<ErrorKind>,
}

/// The suite's transport, with an eye on what it is given.
struct Watch {
    inner: Arc<dyn Transport>,
    sent: Mutex<Vec<Sent>>,
}

#[async_trait]
impl Transport for Watch {
    async fn send(&self, request: Request, context: &CallContext) -> connector_core::Result<Response> {
        let mut sent = Sent {
            origin: request.url().map(|u| u.origin().ascii_serialization()),
            has_secret: !request.slots().is_empty(),
            redirects: request.redirects(),
            failed: None,
        };
        let result = self.inner.send(request, context).await;
        sent.failed = result.as_ref().err().map(connector_core::Error::kind);
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).push(sent);
        result
    }
}
