//! The store in SQLite: one state directory, one writing thread, group commit.
//!
//! - **Durable when a call returns.** WAL with `synchronous=FULL`, checked when opened; an answer is given after `COMMIT`.
//! - **One writer.** All writes go through one thread ([`writer`]), which commits up to 256 of them at a time; each stands or
//!   falls alone. Checkpoints run on a second connection ([`checkpoint`]), reads on a few others ([`readers`]).
//! - **Sealed.** Secrets, bodies, headers, paths, payloads, outputs and errors are sealed before they reach the database,
//!   outside of the writing thread where they can be large.
//!
//! The other modules are the SQL of one subject each: functions of a connection, without threads or `async`.

mod audit;
mod checkpoint;
mod claim;
mod config;
mod deliveries;
mod events;
mod fail;
mod filter;
mod health;
mod open;
mod people;
mod prune;
mod readers;
mod runs;
mod secrets;
mod setup;
mod signals;
#[cfg(test)]
mod tests;
mod tokens;
mod vault;
mod vitals;
mod writer;

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;
use connector_core::{
    Event, Secret,
    signal::{SignalTally, UpstreamSignal},
};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

pub(crate) use self::fail::Fail;
use self::{
    claim::Claim,
    deliveries::SealedDelivery,
    events::{Batch, SealedEvent},
    fail::{Done, nanos},
    health::Health,
    readers::Readers,
    runs::SealedEnd,
    secrets::SealedSecret,
    writer::{Writer, closed},
};
use crate::{
    App, Attempt, AttemptEnd, Connection, Delivery, Filter, Flow, NewDelivery, NewRun, Owner, Receipt, RefusalKey,
    Refused, Result, Run, RunState, Store, StoreError, seal::Sealer,
};

/// Beyond so many bytes a value is sealed on a thread for blocking work.
const LARGE: usize = 64 * 1024;

/// A store in one state directory, held alone until it is closed or dropped. Dropping it does the same as
/// [`Store::close`], on the thread that drops it: what was asked for is still written.
///
/// Its calls need a Tokio runtime with time enabled.
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    sealer: Arc<Sealer>,
    health: Arc<Health>,
    boot: i64,
    /// The connection whose run was claimed last.
    turn: Arc<Mutex<String>>,
}

impl SqliteStore {
    /// Opens a state directory, or makes one: the directory (mode 0700), the lock, the key file (see
    /// [`KeyFile`](crate::KeyFile)) and the database (mode 0600). Blocks while it does so.
    ///
    /// # Errors
    /// `Locked`, `Newer`, `WrongKey` (also if the key file is gone), `Unwritable`; `Other` for a key file that others may
    /// read, a damaged one, and a database that is damaged or not the gateway's.
    pub fn open(dir: &Path) -> Result<Self> {
        let opened = open::open(dir)?;
        let readers = Readers::new(&opened.path);
        let health = Arc::<Health>::default();
        let writer = Writer::start(opened.writer, opened.checkpoints, Arc::clone(&health), Some(opened.lock))
            .map_err(|e| StoreError::Other(format!("the store's threads do not start: {e}")))?;
        let (sealer, boot) = (Arc::new(opened.sealer), opened.boot);
        Ok(Self { writer, readers, sealer, health, boot, turn: Arc::default() })
    }

    /// For tests: lets the database have `more` pages beyond those that it has, so that it is full soon; `None` lets it
    /// grow again.
    #[doc(hidden)]
    pub async fn limit_growth(&self, more: Option<u32>) -> Result<()> {
        self.write(move |db| {
            let pages: i64 = db.pragma_query_value(None, "page_count", |r| r.get(0))?;
            let max = more.map_or(i64::from(u32::MAX - 1), |more| pages + i64::from(more));
            db.pragma_update_and_check(None, "max_page_count", max, |_| Ok(()))?;
            Ok(())
        })
        .await
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        self.writer.run(work).await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        self.health.check()?;
        self.readers.run(work).await
    }

    /// A write that opens or seals something small.
    async fn write_sealed<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection, &Sealer) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let sealer = Arc::clone(&self.sealer);
        self.write(move |db| work(db, &sealer)).await
    }

    /// A read that opens what is sealed.
    async fn unseal<T: Send + 'static>(
        &self,
        work: impl FnOnce(&rusqlite::Connection, &Sealer) -> Done<T> + Send + 'static,
    ) -> Result<T> {
        let sealer = Arc::clone(&self.sealer);
        self.read(move |db| work(db, &sealer)).await
    }

    /// Seals something, off the caller's thread if it is large.
    async fn seal<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce(&Sealer) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if bytes <= LARGE {
            return work(&self.sealer);
        }
        let sealer = Arc::clone(&self.sealer);
        tokio::task::spawn_blocking(move || work(&sealer))
            .await
            .map_err(|_| StoreError::Other("sealing panicked, which is a bug".into()))?
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.readers.close_idle();
        // Joined, so that whoever opens the directory next finds it free.
        if let Some(Err(_)) = self.writer.stop().map(std::thread::JoinHandle::join) {
            tracing::error!("the store's writing thread panicked");
        }
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn apps(&self) -> Result<Vec<App>> {
        self.read(config::apps).await
    }

    async fn app(&self, id: &str) -> Result<App> {
        let id = id.to_owned();
        self.read(move |db| config::app(db, &id)).await
    }

    async fn put_app(&self, app: App, secrets: Vec<(String, Secret)>) -> Result<()> {
        let secrets = SealedSecret::all(&self.sealer, &Owner::App(app.id.clone()), secrets)?;
        self.write_sealed(move |db, sealer| config::put_app(db, sealer, &app, &secrets)).await
    }

    async fn delete_app(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.write(move |db| config::delete_app(db, &id)).await
    }

    async fn connections(&self) -> Result<Vec<Connection>> {
        self.read(config::connections).await
    }

    async fn connection(&self, id: &str) -> Result<Connection> {
        let id = id.to_owned();
        self.read(move |db| config::connection(db, &id)).await
    }

    async fn put_connection(&self, connection: Connection, secrets: Vec<(String, Secret)>) -> Result<()> {
        let secrets = SealedSecret::all(&self.sealer, &Owner::Connection(connection.id.clone()), secrets)?;
        self.write_sealed(move |db, sealer| config::put_connection(db, sealer, &connection, &secrets)).await
    }

    async fn learn(
        &self,
        connection: &str,
        unchanged_since: Timestamp,
        identity: BTreeMap<String, String>,
        account: Option<String>,
    ) -> Result<bool> {
        let id = connection.to_owned();
        self.write(move |db| config::learn(db, &id, unchanged_since, &identity, account.as_deref())).await
    }

    async fn migrate_values(
        &self,
        connection: &str,
        unchanged_since: Timestamp,
        values: Map<String, Value>,
        params_version: u32,
    ) -> Result<bool> {
        let id = connection.to_owned();
        self.write(move |db| config::migrate_values(db, &id, unchanged_since, &values, params_version)).await
    }

    async fn delete_connection(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.write(move |db| config::delete_connection(db, &id)).await
    }

    async fn flows(&self) -> Result<Vec<Flow>> {
        self.read(config::flows).await
    }

    async fn flow(&self, id: &str) -> Result<Flow> {
        let id = id.to_owned();
        self.read(move |db| config::flow(db, &id)).await
    }

    async fn put_flow(&self, flow: Flow) -> Result<()> {
        self.write(move |db| config::put_flow(db, &flow)).await
    }

    async fn set_flow_enabled(&self, id: &str, enabled: bool, at: Timestamp) -> Result<Flow> {
        let id = id.to_owned();
        self.write(move |db| config::set_flow_enabled(db, &id, enabled, at)).await
    }

    async fn delete_flow(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.write(move |db| config::delete_flow(db, &id)).await
    }

    async fn set_secret(&self, owner: &Owner, name: &str, secret: Secret, rotate: bool) -> Result<()> {
        let sealed = SealedSecret::new(&self.sealer, owner.clone(), name.to_owned(), secret)?;
        let owner = owner.clone();
        self.write_sealed(move |db, sealer| {
            secrets::owner_exists(db, &owner)?;
            if rotate { sealed.rotate(db, sealer) } else { sealed.set(db) }
        })
        .await
    }

    async fn set_secret_if_absent(&self, owner: &Owner, name: &str, secret: Secret) -> Result<bool> {
        let sealed = SealedSecret::new(&self.sealer, owner.clone(), name.to_owned(), secret)?;
        let owner = owner.clone();
        self.write(move |db| {
            secrets::owner_exists(db, &owner)?;
            sealed.set_if_absent(db)
        })
        .await
    }

    async fn remove_secret(&self, owner: &Owner, name: &str) -> Result<()> {
        let (owner, name) = (owner.clone(), name.to_owned());
        self.write(move |db| secrets::remove(db, &owner, &name)).await
    }

    async fn secrets(&self, owner: &Owner, name: &str) -> Result<Vec<Secret>> {
        let (owner, name) = (owner.clone(), name.to_owned());
        self.unseal(move |db, sealer| secrets::values(db, sealer, &owner, &name)).await
    }

    async fn secret_names(&self, owner: &Owner) -> Result<Vec<String>> {
        let owner = owner.clone();
        self.read(move |db| secrets::names(db, &owner)).await
    }

    async fn end_rotation(&self, owner: &Owner, name: &str) -> Result<()> {
        let (owner, name) = (owner.clone(), name.to_owned());
        self.write(move |db| secrets::end_rotation(db, &owner, &name)).await
    }

    async fn keep(&self, delivery: NewDelivery) -> Result<Receipt> {
        let bytes = delivery.body.len();
        let sealed = self.seal(bytes, |sealer| SealedDelivery::new(sealer, delivery)).await?;
        // The body waits twice, as it came and in its events. The store's own clock: the window is about how long the store remembers, not about when something was sent.
        self.writer.run_or_refuse(bytes.saturating_mul(2), move |db| sealed.keep(db, nanos(Timestamp::now()))).await
    }

    async fn keep_event(&self, event: Event) -> Result<()> {
        let sealed = SealedEvent::checked(&self.sealer, event)?;
        self.write(move |db| sealed.insert(db, None)).await
    }

    async fn deliveries(&self, filter: Filter) -> Result<Vec<Delivery>> {
        self.unseal(|db, sealer| deliveries::list(db, sealer, filter)).await
    }

    async fn delivery(&self, id: Uuid) -> Result<(Delivery, Bytes)> {
        self.unseal(move |db, sealer| deliveries::one(db, sealer, id)).await
    }

    async fn events(&self, filter: Filter) -> Result<Vec<Event>> {
        self.read(|db| events::list(db, filter)).await
    }

    async fn event(&self, id: Uuid) -> Result<Event> {
        self.unseal(move |db, sealer| events::one(db, sealer, id)).await
    }

    async fn add_refusals(&self, counts: Vec<(RefusalKey, u64, Timestamp)>) -> Result<()> {
        self.write(move |db| audit::add_refusals(db, &counts)).await
    }

    async fn refusals(&self, limit: usize) -> Result<Vec<Refused>> {
        self.read(move |db| audit::refusals(db, limit)).await
    }

    async fn add_signals(&self, tallies: Vec<SignalTally>) -> Result<Vec<UpstreamSignal>> {
        self.write(move |db| signals::add(db, &tallies)).await
    }

    async fn signals(&self, connector: Option<String>, limit: usize) -> Result<Vec<SignalTally>> {
        self.read(move |db| signals::list(db, connector, limit)).await
    }

    async fn undispatched(&self, limit: usize) -> Result<Vec<Event>> {
        loop {
            let batch = self.unseal(move |db, sealer| events::undispatched(db, sealer, limit)).await?;
            let Batch { events, damaged } = batch;
            if damaged.is_empty() {
                return Ok(events);
            }
            self.write(move |db| events::skip(db, &damaged)).await?;
            if !events.is_empty() {
                return Ok(events);
            }
            // None could be read, but there may be others behind them.
        }
    }

    async fn dispatched(&self, event: Uuid, runs: Vec<NewRun>, at: Timestamp) -> Result<()> {
        self.write(move |db| events::dispatched(db, event, &runs, nanos(at))).await
    }

    async fn redispatch(&self, event: Uuid) -> Result<()> {
        self.write(move |db| events::redispatch(db, event)).await
    }

    async fn claim_runs(
        &self,
        limit: usize,
        per_connection: usize,
        busy: &BTreeMap<String, usize>,
        now: Timestamp,
    ) -> Result<Vec<Run>> {
        let claim = Claim { limit, per_connection, busy: busy.clone(), now, boot: self.boot };
        let turn = Arc::clone(&self.turn);
        self.write_sealed(move |db, sealer| {
            let mut turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            claim::claim(db, sealer, &mut turn, &claim)
        })
        .await
    }

    async fn end_attempt(&self, run: Uuid, end: AttemptEnd) -> Result<()> {
        let end = SealedEnd::new(&self.sealer, run, end)?;
        let boot = self.boot;
        self.write_sealed(move |db, sealer| end.write(db, sealer, boot)).await
    }

    async fn interrupted_runs(&self) -> Result<Vec<Run>> {
        let boot = self.boot;
        self.write_sealed(move |db, sealer| claim::interrupted(db, sealer, boot, Timestamp::now())).await
    }

    async fn requeue_run(&self, run: Uuid, at: Timestamp) -> Result<Run> {
        self.write_sealed(move |db, sealer| runs::requeue(db, sealer, run, nanos(at))).await
    }

    async fn settle_run(&self, run: Uuid, state: RunState, at: Timestamp) -> Result<Run> {
        self.write_sealed(move |db, sealer| runs::settle(db, sealer, run, state, nanos(at))).await
    }

    async fn next_due(&self) -> Result<Option<Timestamp>> {
        self.read(claim::next_due).await
    }

    async fn runs(&self, filter: Filter) -> Result<Vec<Run>> {
        self.unseal(|db, sealer| runs::list(db, sealer, filter)).await
    }

    async fn run(&self, id: Uuid) -> Result<(Run, Vec<Attempt>)> {
        self.unseal(move |db, sealer| runs::one(db, sealer, id)).await
    }

    async fn setting(&self, name: &str) -> Result<Option<Value>> {
        let name = name.to_owned();
        self.read(move |db| config::setting(db, &name)).await
    }

    async fn put_setting(&self, name: &str, value: Value) -> Result<()> {
        let name = name.to_owned();
        self.write(move |db| config::put_setting(db, &name, &value)).await
    }

    async fn counts(&self) -> Result<BTreeMap<String, u64>> {
        self.read(audit::counts).await
    }

    async fn ready(&self) -> Result<()> {
        let written = self.writer.run_or_refuse(0, audit::write_ready).await?;
        // Others may have written after it, never before.
        if self.read(audit::read_ready).await? < written {
            return Err(StoreError::Other("what was written is not what is read".into()));
        }
        Ok(())
    }

    async fn close(&self) -> Result<()> {
        self.readers.close().await;
        let Some(thread) = self.writer.stop() else { return Ok(()) };
        match tokio::task::spawn_blocking(move || thread.join()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(StoreError::Other("the store's writing thread panicked".into())),
            Err(_) => Err(closed()),
        }
    }
}
