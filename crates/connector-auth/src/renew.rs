//! Renewals really made: carries out the machine's commands, one flight at a time for each connection of this process.

use std::{sync::PoisonError, time::Duration};

use connector_core::{
    Class, Error, ErrorKind, Result, RetryAdvice, Secret,
    auth::{AuthState, Grant, Refresh, TokenLease, TokenRecord, TokenSet, TokenStatus},
};
use futures_util::{
    FutureExt as _,
    future::{BoxFuture, Shared},
};
use jiff::SignedDuration;
use ring::digest;

use crate::{
    Auth, Change, Granted, Party, answer,
    failure::{Asked, Failure, Why as Cause},
    machine::{Answer, Command, End, Event, Kept, Machine, PAUSE, Renewal, Rules, Why},
    request::{Fields, by_client},
};

/// A renewal under way. It goes on when those who wait for it are gone.
pub(crate) type Flight = Shared<BoxFuture<'static, Result<End>>>;

/// Pauses in milliseconds before new tokens are written again, where the store could not: they exist nowhere else.
const WRITES: [u64; 6] = [100, 300, 1000, 3000, 5000, 10_000];

/// Stands for a token: equal ones have equal marks.
pub(crate) fn mark(secret: &Secret) -> u64 {
    let hash = digest::digest(&digest::SHA256, secret.expose());
    hash.as_ref().iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
}

/// What the machine is to know of a record.
pub(crate) fn kept(record: &TokenRecord) -> Kept {
    Kept {
        status: record.status.clone(),
        generation: record.generation,
        access: record.tokens.access.first().map_or(0, |(_, token)| mark(token)),
        refresh: record.tokens.refresh.as_ref().map(mark),
    }
}

impl Auth {
    pub(crate) fn rules(&self, party: &Party) -> Rules {
        let grant = &party.method.grant;
        let renewal = match grant {
            Grant::ClientCredentials(_) | Grant::JwtBearer { .. } | Grant::Installation(_) => Renewal::Obtained,
            _ if grant.oauth().is_some_and(|o| o.refresh != Refresh::None) => Renewal::RefreshToken,
            _ => Renewal::None,
        };
        let days = grant.oauth().map_or(0, |o| o.idle_days);
        Rules {
            renewal,
            idle: (days > 0).then(|| SignedDuration::from_hours(i64::from(days) * 24)),
            seed: mark(&Secret::from(party.connection.as_str())),
            // As long as another's lease and its last words may take.
            turns: u32::try_from((self.inner.options.lease * 2).as_millis() / PAUSE.as_millis()).unwrap_or(u32::MAX),
            request: self.inner.options.request_time.min(self.inner.options.lease),
        }
    }

    /// Brings a connection's tokens up to date, or finds that nothing is to be done. Callers of this process wait for the
    /// same flight; none of them ends it by going away.
    pub(crate) async fn renew(&self, party: &Party, why: Why) -> Result<End> {
        self.flight(party, why).await
    }

    fn flight(&self, party: &Party, why: Why) -> Flight {
        let mut flights = self.inner.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&party.connection) {
            return flight.clone();
        }
        let (auth, of) = (self.clone(), party.clone());
        let task = tokio::spawn(async move {
            let end = std::panic::AssertUnwindSafe(auth.fly(&of, why)).catch_unwind().await;
            auth.inner.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&of.connection);
            end.unwrap_or_else(|_| Err(Error::internal("renewing a token panicked, which is a bug")))
        });
        let ended = |e| Error::internal(format!("renewing a token ended early: {e}"));
        let flight = async move { task.await.map_err(ended)? }.boxed().shared();
        flights.insert(party.connection.clone(), flight.clone());
        flight
    }

    /// Renews in the background, if nobody is at it.
    pub(crate) fn renew_aside(&self, party: &Party, why: Why) {
        drop(self.flight(party, why));
    }

    async fn fly(&self, party: &Party, why: Why) -> Result<End> {
        let mut flight = Fly { auth: self, party, why, record: None, granted: None, from: None, last: None };
        let (mut machine, mut command) = Machine::new(self.rules(party), why);
        let end = loop {
            let event = match flight.carry_out(command).await? {
                Step::Happened(event) => event,
                Step::Over(end) => break end,
            };
            (machine, command) = machine.step(event, self.now());
        };
        self.tell(party, flight.from, flight.last).await;
        Ok(end)
    }

    /// Tells of a state that is another one than before; renewing and being well are one.
    pub(crate) async fn tell(&self, party: &Party, from: Option<AuthState>, now: Option<TokenStatus>) {
        let (Some(from), Some(now), Some(watch)) = (from, now, &self.inner.options.watch) else { return };
        let settled = |s| if s == AuthState::Refreshing { AuthState::Healthy } else { s };
        if settled(from) == settled(now.state) || now.state == AuthState::Refreshing {
            return;
        }
        let change = Change {
            connector: party.connector.clone(),
            connection: party.connection.clone(),
            from,
            to: now.state,
            reason: now.reason,
            since: now.since,
        };
        watch.changed(change).await;
    }

    /// The service refused an access token (401): renews at once, if the refused one is still the one that is kept. Gives
    /// whether there is another one now, with which the call may be made again.
    ///
    /// # Errors
    /// As [`Auth::credentials`].
    pub async fn refused(&self, party: &Party, refused: &Secret) -> Result<bool> {
        let refused = mark(refused);
        // A flight that was under way may have been for another reason: then one more look.
        for _ in 0..2 {
            let end = self.renew(party, Why::Refused(refused)).await?;
            let Some(record) = self.inner.store.token(&party.connection).await? else { return Ok(false) };
            if kept(&record).access != refused {
                return Ok(record.status.state.is_usable());
            }
            if matches!(end, End::Dead(_)) {
                self.judged(party, end)?;
            }
        }
        Ok(false)
    }

    /// Renews a connection's tokens now, whatever is there: for a person who asks.
    ///
    /// # Errors
    /// `Auth`, `Misconfigured` or `UpstreamUnavailable` with the reason; the store's.
    pub async fn renew_now(&self, party: &Party) -> Result<()> {
        let end = self.renew(party, Why::Asked).await?;
        self.judged(party, end)
    }

    /// Renews what has not been used for long, and what could not be renewed before.
    ///
    /// # Errors
    /// The store's. What the service says is in the connection's state.
    pub async fn tend(&self, party: &Party) -> Result<()> {
        self.renew(party, Why::Idle).await.map(|_| ())
    }

    /// What an end is to a call.
    pub(crate) fn judged(&self, party: &Party, end: End) -> Result<()> {
        let (kind, status, retry) = match end {
            End::Usable => return Ok(()),
            End::Absent => return Err(party.name(not_connected(&party.connection))),
            End::Dead(status) if status.state == AuthState::Misconfigured => {
                (ErrorKind::Misconfigured, status, RetryAdvice::Never)
            }
            End::Dead(status) => (ErrorKind::Auth, status, RetryAdvice::Never),
            End::Later(status) => {
                let after = status.not_before.and_then(|at| Duration::try_from(at.duration_since(self.now())).ok());
                (ErrorKind::UpstreamUnavailable, status, RetryAdvice::Safe { after })
            }
        };
        let why = status.reason.as_deref().unwrap_or("its token has ended");
        let id = &party.connection;
        let text = match kind {
            ErrorKind::Auth => format!(
                "the connection `{id}` must be connected again: {why}. Reconnect it on its page, or by `jackfield connect {} --id {id}`",
                party.connector
            ),
            ErrorKind::Misconfigured => format!("the connection `{id}` gets no token: {why}"),
            _ => format!("the connection `{id}` has no token now, and it is tried again: {why}"),
        };
        Err(party.name(Error::new(kind, text).with_retry(retry)))
    }
}

/// The error of a connection that nobody has connected.
pub(crate) fn not_connected(connection: &str) -> Error {
    Error::new(ErrorKind::Auth, format!("the connection `{connection}` is not connected yet: connect it on its page"))
}

enum Step {
    Happened(Event),
    Over(End),
}

/// One flight.
struct Fly<'a> {
    auth: &'a Auth,
    party: &'a Party,
    why: Why,
    /// As it was read last.
    record: Option<TokenRecord>,
    granted: Option<TokenSet>,
    /// The state at the first look.
    from: Option<AuthState>,
    /// What was written last.
    last: Option<TokenStatus>,
}

impl Fly<'_> {
    async fn carry_out(&mut self, command: Command) -> Result<Step> {
        let store = &self.auth.inner.store;
        let id = self.party.connection.as_str();
        Ok(Step::Happened(match command {
            Command::Done(end) => return Ok(Step::Over(end)),
            Command::Read => {
                self.record = store.token(id).await?;
                let kept = self.record.as_ref().map(kept);
                self.from = self.from.or(kept.as_ref().map(|k| k.status.state));
                Event::Read(kept)
            }
            Command::Lease => {
                Event::Leased(store.lease_token(id, self.auth.now(), self.auth.inner.options.lease).await?)
            }
            Command::Release(lease) => {
                // One that is not given back ends by itself.
                if let Err(e) = store.release_token(id, lease).await {
                    tracing::warn!(connection = id, error = %e, "the right to renew could not be given back; it ends by itself");
                }
                Event::Released
            }
            Command::Wait(pause) => {
                tokio::time::sleep(pause).await;
                Event::Waited
            }
            Command::Write { expected, lease, status, tokens } => {
                let wrote = self.write(expected, lease, &status, tokens).await?;
                if wrote.is_some() {
                    self.last = Some(status);
                }
                Event::Wrote(wrote)
            }
            Command::Redeem => Event::Answered(self.redeem().await),
        }))
    }

    /// Writes; new tokens again and again while the store cannot.
    async fn write(
        &self,
        expected: u64,
        lease: Option<TokenLease>,
        status: &TokenStatus,
        tokens: bool,
    ) -> Result<Option<u64>> {
        let (store, id) = (&self.auth.inner.store, self.party.connection.as_str());
        let mut pauses = WRITES.iter();
        loop {
            let set = self.granted.clone().filter(|_| tokens);
            match store.put_token(id, expected, lease, status.clone(), set).await {
                Err(e) if tokens => match pauses.next() {
                    Some(pause) => {
                        tracing::error!(connection = id, error = %e, "new tokens could not be written; it is tried again");
                        tokio::time::sleep(Duration::from_millis(*pause)).await;
                    }
                    None => return Err(e),
                },
                result => return result,
            }
        }
    }

    async fn redeem(&mut self) -> Answer {
        let class = if matches!(self.why, Why::Idle) { Class::Background } else { Class::Interactive };
        let Some(record) = &self.record else { return internal("nothing is kept to redeem") };
        let asked = self.auth.redeemed(self.party, record, class);
        // The right to renew must not end while the answer is awaited.
        match tokio::time::timeout(self.auth.inner.options.request_time, asked).await {
            Ok(Ok(granted)) => {
                let (expires_at, scopes) = (granted.expires_at, granted.scopes);
                self.granted = Some(merged(granted.tokens, &record.tokens));
                Answer::Granted { expires_at, scopes }
            }
            Ok(Err(failure)) => answer_of(&failure),
            Err(_) => Answer::Later {
                after: None,
                unanswered: true,
                reason: "the service did not answer in time when the token was renewed".into(),
            },
        }
    }
}

fn internal(reason: &str) -> Answer {
    Answer::Later { after: None, unanswered: false, reason: reason.to_owned() }
}

/// The new tokens, and of the old ones what the answer leaves out.
fn merged(new: TokenSet, old: &TokenSet) -> TokenSet {
    let mut access = new.access;
    for (param, token) in &old.access {
        if !access.iter().any(|(p, _)| p == param) {
            access.push((param.clone(), token.clone()));
        }
    }
    TokenSet { access, refresh: new.refresh.or_else(|| old.refresh.clone()) }
}

/// Reasons are shown to people: the caller's text and the service's code, no words of the service.
fn answer_of(failure: &Failure) -> Answer {
    let e = &failure.error;
    let reason = match e.code() {
        Some(code) => format!("{} ({code})", e.caller_text()),
        None => e.caller_text().to_owned(),
    };
    tracing::warn!(error = %e, "a token was not renewed");
    match failure.why {
        Cause::Grant | Cause::Denied => Answer::Refused(reason),
        Cause::Client => Answer::Client(reason),
        Cause::Later { after, unanswered } => Answer::Later { after, unanswered, reason },
        Cause::Pending | Cause::SlowDown => internal("the service answered a renewal as if somebody had to consent"),
    }
}

impl Auth {
    /// New tokens for what is kept.
    async fn redeemed(&self, party: &Party, record: &TokenRecord, class: Class) -> Result<Granted, Failure> {
        if self.rules(party).renewal == Renewal::Obtained {
            return self.obtained(party, &record.status.scopes, class).await;
        }
        let ours = |e: Error| Failure::of_transport(party.name(e));
        let oauth = party.oauth().map_err(ours)?;
        let Some(refresh) = &record.tokens.refresh else { return Err(ours(Error::internal("no refresh token"))) };
        let fields = Fields::new(vec![("grant_type", "refresh_token".to_owned())]).secret("refresh_token", refresh.clone());
        let url = party.address(&oauth.token_url).map_err(ours)?;
        let ask = by_client(party, oauth, &url, fields).await.map_err(ours)?.endpoint("auth.token");
        let body = self.ask(party, ask, Asked::Renewal, class).await?;
        answer::granted(oauth, &body, self.now())
    }
}
