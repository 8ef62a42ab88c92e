//! The service that the fake is: what it makes of each request, and what it remembers.
//!
//! What must not live here: sockets.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use connector_core::Timestamp;
use serde_json::json;

use super::{
    MOST_REMEMBERED, Received,
    answer::Answer,
    credential::{self, Has},
    mood::{Delivery, Misbehaviour},
    route::{Asked, Mismatch, Route, Routes},
};
use crate::values::TestValues;

/// Everything of a running fake but its sockets.
pub(super) struct Service {
    routes: Arc<Routes>,
    origin: String,
    /// The connection that leads to it, with the first credentials.
    pub(super) values: TestValues,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    moods: VecDeque<(Misbehaviour, usize)>,
    pub(super) received: VecDeque<Received>,
    pub(super) violations: VecDeque<String>,
    pub(super) effects: usize,
    /// The time that it tells; the machine's unless told.
    pub(super) now: Option<Timestamp>,
    /// Whether the first credentials are no longer taken.
    pub(super) renewed: bool,
    /// The first answer of each path, for pages that go round.
    first: BTreeMap<String, Answer>,
    spoilt: usize,
}

impl Service {
    pub(super) fn new(routes: Arc<Routes>, origin: String, values: TestValues) -> Self {
        Self { routes, origin, values, state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn misbehave(&self, how: Misbehaviour, calls: usize) {
        if calls > 0 {
            self.state().moods.push_back((how, calls));
        }
    }

    /// Forgets all but the credentials and the time.
    pub(super) fn reset(&self) {
        let mut state = self.state();
        *state = State { now: state.now, renewed: state.renewed, ..State::default() };
    }

    /// Whether the next request is to be cut off before it is taken; if so, it counts as that one.
    pub(super) fn cuts_off(&self, method: &str, path: &str, query: &str) -> bool {
        let mut state = self.state();
        if !matches!(state.moods.front(), Some((Misbehaviour::ResetBefore, _))) {
            return false;
        }
        state.mood();
        state.remember(Received {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            body: String::new(),
            status: 0,
            effect: false,
        });
        true
    }

    /// What becomes of a request.
    pub(super) fn take(&self, asked: Asked) -> (Answer, Delivery) {
        let mut state = self.state();
        let mood = state.mood();
        let seen = if state.renewed {
            credential::read(&asked, &self.values.canaries)
        } else {
            Has::TheNew(Box::new(asked.clone()))
        };
        let known = match seen {
            Has::TheNew(known) => known,
            Has::TheOld => {
                let answer = self.routes.find(&asked).map(Route::unauthorized);
                let answer = answer.unwrap_or_else(|_| Answer::plain(401, "these credentials are not valid"));
                state.remember(received(&asked, answer.status, false));
                return (answer, Delivery::PLAIN);
            }
        };
        match self.routes.take(&known) {
            Err(Mismatch { status, text }) => {
                state.violation(format!("{} {}: {text}", asked.method, asked.url.path()));
                state.remember(received(&asked, status, false));
                let body = json!({"ok": false, "error": text, "message": text}).to_string();
                (Answer::typed(status, "application/json", body.into_bytes()), Delivery::PLAIN)
            }
            Ok(route) => {
                let good = route.answer(&known).at(&self.origin);
                let mood = mood.unwrap_or(Misbehaviour::Well);
                let effect = route.changes() && good.status < 400 && mood.carries_out();
                let (answer, how) = self.spoil(&mut state, route, &known, good, &mood);
                state.effects += usize::from(effect);
                let status = if matches!(how, Delivery::Never | Delivery::Reset) { 0 } else { answer.status };
                state.remember(received(&asked, status, effect));
                (answer, how)
            }
        }
    }

    fn spoil(
        &self,
        state: &mut State,
        route: &Route,
        asked: &Asked,
        good: Answer,
        mood: &Misbehaviour,
    ) -> (Answer, Delivery) {
        let own = match mood {
            Misbehaviour::RateLimited { retry_after } => route.rate_limited(*retry_after),
            Misbehaviour::PageLoop => {
                let path = format!("{} {}", asked.method, asked.url.path());
                Some(state.first.entry(path).or_insert_with(|| good.clone()).clone())
            }
            Misbehaviour::Redirect { status, to: None } => {
                let target = asked.url.as_str().replacen(super::ORIGIN, &self.origin, 1);
                Some(Answer::plain(*status, "moved").with("location", target))
            }
            _ => None,
        };
        if let Some(answer) = own {
            return (answer, Delivery::PLAIN);
        }
        let count = state.spoilt;
        state.spoilt += usize::from(*mood != Misbehaviour::Well);
        mood.spoil(good, state.now.unwrap_or_else(Timestamp::now), count)
    }
}

fn received(asked: &Asked, status: u16, effect: bool) -> Received {
    Received {
        method: asked.method.to_string(),
        path: asked.url.path().to_owned(),
        query: asked.url.query().unwrap_or_default().to_owned(),
        body: String::from_utf8_lossy(&asked.body).into_owned(),
        status,
        effect,
    }
}

impl State {
    fn mood(&mut self) -> Option<Misbehaviour> {
        let (how, left) = self.moods.front_mut()?;
        let how = how.clone();
        if *left != usize::MAX {
            *left -= 1;
        }
        if *left == 0 {
            self.moods.pop_front();
        }
        Some(how)
    }

    fn remember(&mut self, r: Received) {
        self.received.push_back(r);
        if self.received.len() > MOST_REMEMBERED {
            self.received.pop_front();
        }
    }

    fn violation(&mut self, text: String) {
        self.violations.push_back(text);
        if self.violations.len() > MOST_REMEMBERED {
            self.violations.pop_front();
        }
    }
}
