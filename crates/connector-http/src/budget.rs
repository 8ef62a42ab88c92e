//! Budgets kept: every request waits for its turn in each budget that it uses, and answers correct what is believed.
//!
//! What lives here: the layer ([`Budgeted`]) and the gates that all calls of the process share ([`Budgets`]); `gate` has
//! the queue of one key, `bucket` one of its limits. What must not: which budgets there are (connectors declare them,
//! [`connector_core::budget`]) and what a header means ([`connector_core::throttle`]).

mod bucket;
mod gate;

use std::{
    collections::HashMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{
    Clock, Error, ErrorKind, Request, Response, Result, RetryAdvice, Transport,
    budget::{BudgetUse, KeyPart},
    throttle::Throttle,
    transport::CallContext,
};

use crate::cancel::hurried;
use gate::{Gate, Paused, TooLong};

/// Most keys that are counted at once: channels and the like come from inputs, so their number is not ours.
const MOST_GATES: usize = 10_000;
/// A pause beyond this is told to operators.
const LONG_PAUSE: Duration = Duration::from_secs(300);

/// The gates of one process: whatever sends with the same `Budgets` shares the service's limits.
#[derive(Default)]
pub struct Budgets {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    /// Credentials are told apart by a keyed hash that no other process can make.
    salt: RandomState,
}

impl std::fmt::Debug for Budgets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Budgets").finish_non_exhaustive()
    }
}

impl Budgets {
    /// Nothing used yet.
    pub fn new() -> Self {
        Self::default()
    }

    fn gate(&self, key: String, of: &BudgetUse) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        // An operator may have changed a connection's limits: then it is another gate.
        if let Some(gate) = gates.get(&key).filter(|g| g.is_for(&of.budget.limits)) {
            return gate.clone();
        }
        if gates.len() >= MOST_GATES {
            gates.retain(|_, g| Arc::strong_count(g) > 1 || !g.is_full_again());
        }
        // Somebody makes up keys faster than buckets fill: those nobody waits at are forgotten, and begin anew. What a
        // service asked for is forgotten last.
        if gates.len() >= MOST_GATES {
            gates.retain(|_, g| Arc::strong_count(g) > 1 || g.is_paused());
        }
        if gates.len() >= MOST_GATES {
            gates.retain(|_, g| Arc::strong_count(g) > 1);
        }
        let gate = Arc::new(Gate::new(&of.budget.limits));
        gates.insert(key, gate.clone());
        gate
    }

    async fn key(&self, of: &BudgetUse, request: &Request, context: &CallContext) -> Result<String> {
        let mut key = format!("{}\u{1f}{}", context.connector, of.budget.name);
        for part in &of.key {
            key.push('\u{1f}');
            match part {
                KeyPart::Text(text) => key.push_str(text),
                KeyPart::Endpoint if request.endpoint_name().is_empty() => key.push_str(&context.action),
                KeyPart::Endpoint => key.push_str(request.endpoint_name()),
                // Without the secret the call fails, and says so better than a budget could.
                KeyPart::Secret(id) if !context.secrets.has(id) => key.push_str(&context.connection),
                KeyPart::Secret(id) => {
                    let secret = context.secrets.secret(id).await?;
                    key.push_str(&format!("{:016x}", self.salt.hash_one(secret.expose())));
                }
            }
        }
        Ok(key)
    }
}

/// A transport whose requests wait for their turn.
///
/// Waits are bounded by [`CallContext::longest_wait`] and end when the call is cancelled; who would wait longer is refused
/// at once, and told when to come back. Turns go by class, then evenly between connections, then in order.
pub struct Budgeted {
    inner: Arc<dyn Transport>,
    budgets: Arc<Budgets>,
    clock: Arc<dyn Clock>,
}

impl Budgeted {
    /// Wraps a transport. The clock tells what dates in headers mean.
    pub fn new(inner: Arc<dyn Transport>, budgets: Arc<Budgets>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, budgets, clock }
    }

    async fn wait(&self, request: &Request, context: &CallContext) -> Result<Vec<Arc<Gate>>> {
        let mut gates = Vec::with_capacity(context.budgets.len());
        let mut patience = context.longest_wait;
        for of in context.budgets.iter() {
            let gate = self.budgets.gate(self.budgets.key(of, request, context).await?, of);
            let cost = of.cost(request.method());
            if cost > 0 {
                let turn = tokio::select! {
                    biased;
                    turn = gate.take(cost, context.class, &context.connection, patience) => turn,
                    () = hurried(&context.cancel) => return Err(given_up(context)),
                };
                let waited = turn.map_err(|TooLong { after }| refused(of, context, after))?;
                patience = patience.saturating_sub(waited);
                metrics::histogram!(
                    "jackfield_budget_wait_seconds",
                    "connector" => context.connector.to_string(),
                    "budget" => of.budget.name.clone(),
                    "class" => context.class.as_str(),
                )
                .record(waited.as_secs_f64());
                if waited >= Duration::from_millis(100) {
                    tracing::debug!(budget = of.budget.name, waited_ms = waited.as_millis(), "waited for its turn");
                }
            }
            gates.push(gate);
        }
        Ok(gates)
    }

    /// What the answer says goes to the budgets that it is about: those that know themselves by a header, else the
    /// narrowest that listens.
    fn learn(&self, context: &CallContext, gates: &[Arc<Gate>], response: &Response) {
        let throttle = Throttle::read(response, self.clock.now());
        let says = |of: &BudgetUse| {
            of.budget.only_if.as_ref().map(|(name, value)| response.header(name).is_some_and(|v| v.trim() == value))
        };
        let listening = || context.budgets.iter().zip(gates).filter(|(of, _)| of.budget.learns);
        let teach = |(of, gate): (&BudgetUse, &Arc<Gate>)| {
            if let Some(asked) = gate.learn(&throttle) {
                paused(of, context, asked);
            }
        };
        let mut known = false;
        for about in listening().filter(|(of, _)| says(of) == Some(true)) {
            known = true;
            teach(about);
        }
        if !known && let Some(narrowest) = listening().find(|(of, _)| says(of).is_none()) {
            teach(narrowest);
        }
    }
}

/// A service asked for a pause: it is counted when it begins, and told once it is long, since nothing else looks wrong
/// meanwhile. Answers of calls that left together ask for the same one.
fn paused(of: &BudgetUse, context: &CallContext, Paused { left, pause }: Paused) {
    if left.is_zero() {
        metrics::histogram!(
            "jackfield_budget_pause_seconds",
            "connector" => context.connector.to_string(),
            "budget" => of.budget.name.clone(),
        )
        .record(pause.as_secs_f64());
    }
    if pause > LONG_PAUSE && left <= LONG_PAUSE {
        tracing::warn!(
            connector = %context.connector,
            connection = %context.connection,
            budget = of.budget.name,
            pause_s = pause.as_secs(),
            "the service's answer pauses a budget for long; all calls that use it wait or are refused"
        );
    }
}

/// Nothing was sent, so whoever did not mean to give up for good may call again.
fn given_up(context: &CallContext) -> Error {
    let error =
        Error::new(ErrorKind::Cancelled, "the call was given up while it waited for its turn; nothing was sent")
            .with_connector(context.connector.to_string())
            .unsent();
    if context.cancel.is_cancelled() { error } else { error.with_retry(RetryAdvice::Safe { after: None }) }
}

fn refused(of: &BudgetUse, context: &CallContext, after: Duration) -> Error {
    metrics::counter!(
        "jackfield_budget_refusals_total",
        "connector" => context.connector.to_string(),
        "budget" => of.budget.name.clone(),
        "class" => context.class.as_str(),
    )
    .increment(1);
    let seconds = after.as_secs_f64().ceil();
    let limits: Vec<String> = of.budget.limits.iter().map(ToString::to_string).collect();
    Error::new(
        ErrorKind::RateLimited,
        format!("the service's rate limit leaves no room for this call now; try again in {seconds} s"),
    )
    .with_retry(RetryAdvice::Safe { after: Some(after) })
    .with_operator(format!(
        "the budget `{}` ({}) is used up: this call's turn comes in {seconds} s, and as {} it may wait {} s; nothing was sent",
        of.budget.name,
        limits.join(", "),
        context.class.as_str(),
        context.longest_wait.as_secs(),
    ))
    .with_connector(context.connector.to_string())
    .unsent()
}

#[async_trait]
impl Transport for Budgeted {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        if context.budgets.is_empty() {
            return self.inner.send(request, context).await;
        }
        let gates = self.wait(&request, context).await?;
        let elsewhere = request.is_elsewhere();
        let result = self.inner.send(request, context).await;
        // A storage host that the service sent us to knows nothing of the service's limits.
        if let Ok(response) = &result
            && !elsewhere
        {
            self.learn(context, &gates, response);
        }
        result
    }
}

#[cfg(test)]
mod tests;
