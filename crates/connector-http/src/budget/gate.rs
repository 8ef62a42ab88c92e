//! One key of one budget: a queue in front of buckets.
//!
//! The buckets ([`Window`]) know when one more may go, not who. The queue decides who: only its head asks the buckets. In
//! front of both stand what answers said: a pause, or a slower pace.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use connector_core::{Class, budget::Limit, throttle::Throttle};
use tokio::{sync::Notify, time::Instant};

use super::bucket::Window;

/// Most that wait at one gate; more would wait for longer than anybody should.
const MOST_WAITING: usize = 10_000;
/// The first pause after a refusal that names none; it doubles with each further one.
const UNNAMED_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_UNNAMED_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause that a refusal is believed to ask for, where no declared window is longer. After that one call asks
/// again, and a service that means it says so again.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// The slowest pace that a service's count asks for: one call a minute still learns when the count was wrong.
const SLOWEST: Duration = Duration::from_secs(60);

/// The turn would come too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong {
    /// When to come back; at least a second.
    pub(super) after: Duration,
}

impl TooLong {
    fn after(estimate: Duration) -> Self {
        Self { after: estimate.max(Duration::from_secs(1)) }
    }
}

/// An answer asked for a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paused {
    /// What was left of a pause that had been asked for before.
    pub(super) left: Duration,
    /// How long nothing goes from now on, as far as it is believed.
    pub(super) pause: Duration,
}

/// Where somebody stands: class, then how much its connection had already, then order.
type Place = (Class, u64, u64);

struct Waiting {
    cost: u32,
    wake: Arc<Notify>,
}

/// A slower pace that the service's own count asks for.
struct Slow {
    every: Duration,
    next: Instant,
    until: Instant,
}

struct State {
    windows: Vec<Window>,
    queue: BTreeMap<Place, Waiting>,
    order: u64,
    /// How far the queue has come: a connection that comes new does not stand before all others for what it did not use.
    turn: u64,
    /// Where each connection's last call stands.
    last: HashMap<Arc<str>, u64>,
    paused: Option<Instant>,
    slow: Option<Slow>,
    unnamed: u32,
}

pub(super) struct Gate {
    declared: Vec<Limit>,
    state: Mutex<State>,
}

enum Step {
    Taken,
    /// At the head; not before this.
    Sleep(Duration),
    /// Others go first.
    Queue,
}

impl Gate {
    pub(super) fn new(limits: &[Limit]) -> Self {
        let state = State {
            windows: limits.iter().map(|l| Window::new(*l)).collect(),
            queue: BTreeMap::new(),
            order: 0,
            turn: 0,
            last: HashMap::new(),
            paused: None,
            slow: None,
            unnamed: 0,
        };
        Self { declared: limits.to_vec(), state: Mutex::new(state) }
    }

    /// Whether it keeps these limits.
    pub(super) fn is_for(&self, limits: &[Limit]) -> bool {
        self.declared == limits
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether an answer asked for a pause that is not over.
    pub(super) fn is_paused(&self) -> bool {
        !self.lock().pause_left(Instant::now()).is_zero()
    }

    /// Whether forgetting it changes nothing: nobody waits, nothing is paused, and the buckets are full again.
    pub(super) fn is_full_again(&self) -> bool {
        let s = self.lock();
        let now = Instant::now();
        s.queue.is_empty() && s.pause_left(now).is_zero() && s.windows.iter().all(|w| w.is_full(now))
    }

    /// Waits for a turn and takes `cost`; gives how long it took.
    pub(super) async fn take(
        &self,
        cost: u32,
        class: Class,
        connection: &str,
        patience: Duration,
    ) -> Result<Duration, TooLong> {
        let began = Instant::now();
        let ticket = self.enqueue(cost, class, connection, patience)?;
        let mut need: Vec<u32> = vec![cost; self.lock().windows.len()];
        loop {
            let step = self.lock().step(&ticket.place, &mut need, cost);
            let left = patience.saturating_sub(began.elapsed());
            let pause = match step {
                Step::Taken => return Ok(began.elapsed()),
                Step::Sleep(d) if d > left => return Err(TooLong::after(d)),
                Step::Sleep(d) => d,
                Step::Queue if left.is_zero() => return Err(TooLong::after(self.lock().estimate(&ticket.place))),
                Step::Queue => left,
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = ticket.wake.notified() => {}
            }
        }
    }

    fn enqueue(&self, cost: u32, class: Class, connection: &str, patience: Duration) -> Result<Ticket<'_>, TooLong> {
        let mut s = self.lock();
        let after = s.last.get(connection).copied().unwrap_or(0).max(s.turn) + u64::from(cost);
        s.order += 1;
        let place = (class, after, s.order);
        let estimate = s.estimate_with(&place, cost);
        if estimate > patience || s.queue.len() >= MOST_WAITING {
            return Err(TooLong::after(estimate));
        }
        s.last.insert(connection.into(), after);
        let wake = Arc::new(Notify::new());
        s.queue.insert(place, Waiting { cost, wake: wake.clone() });
        Ok(Ticket { gate: self, place, wake })
    }

    /// Corrects what is believed by what an answer says; gives the pause that it asks for.
    pub(super) fn learn(&self, said: &Throttle) -> Option<Paused> {
        let now = Instant::now();
        let mut s = self.lock();
        let left = s.pause_left(now);
        let pause = match said.pause() {
            Some(pause) => Some(pause.min(s.believed(said))),
            // Refusals of calls that left together are one.
            None if said.refused && !left.is_zero() => None,
            None if said.refused => {
                s.unnamed += 1;
                Some(UNNAMED_PAUSE.saturating_mul(1 << (s.unnamed - 1).min(10)).min(LONGEST_UNNAMED_PAUSE))
            }
            None => {
                s.unnamed = 0;
                None
            }
        };
        if let Some(pause) = pause {
            s.paused = s.paused.max(Some(now + pause));
        }
        // With one window there is no doubt which one a number is about.
        if let (Some(count), [window]) = (said.limit.and_then(|n| u32::try_from(n).ok()), s.windows.as_mut_slice())
            && count > 0
        {
            window.correct(count, now);
        }
        s.slow = s.slower(said, now);
        // What the head waits for may be another time now.
        if let Some((_, head)) = s.queue.first_key_value() {
            head.wake.notify_one();
        }
        pause.map(|pause| Paused { left, pause })
    }
}

impl State {
    fn pause_left(&self, now: Instant) -> Duration {
        self.paused.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
    }

    /// The longest pause that an answer is believed to ask for. One that was no refusal says at most that what is declared
    /// is used up, so its pause is at most the longest declared window.
    fn believed(&self, said: &Throttle) -> Duration {
        let declared = self.windows.iter().map(Window::span).max().unwrap_or_default();
        if said.refused { declared.max(LONGEST_PAUSE) } else { declared }
    }

    /// The pace that an answer asks for, if it is slower than ours: others use the same limit, and at our own pace it would
    /// be gone before the reset.
    fn slower(&self, said: &Throttle, now: Instant) -> Option<Slow> {
        let (remaining, reset) = said.remaining.zip(said.reset)?;
        let every = reset.checked_div(u32::try_from(remaining).ok()?)?.min(SLOWEST);
        let ours = self.windows.iter().map(Window::refill).max()?;
        // The answers of calls that left together say the same, and none of them puts off what comes next.
        let next = self.slow.as_ref().map_or(now + every, |slow| slow.next.min(now + every));
        (every > ours).then(|| Slow { every, next, until: now + reset })
    }

    fn step(&mut self, place: &Place, need: &mut [u32], cost: u32) -> Step {
        if self.queue.first_key_value().is_none_or(|(head, _)| head != place) {
            return Step::Queue;
        }
        let now = Instant::now();
        if let Some(until) = self.paused.filter(|until| *until > now) {
            return Step::Sleep(until - now);
        }
        self.paused = None;
        if let Some(slow) = &self.slow {
            if slow.until <= now {
                self.slow = None;
            } else if slow.next > now {
                return Step::Sleep(slow.next.min(slow.until) - now);
            }
        }
        for (window, need) in self.windows.iter_mut().zip(need) {
            while *need > 0 {
                match window.take(*need, now) {
                    Ok(taken) => *need -= taken,
                    Err(wait) => return Step::Sleep(wait),
                }
            }
        }
        if let Some(slow) = &mut self.slow {
            slow.next = now + slow.every.saturating_mul(cost);
        }
        self.turn = self.turn.max(place.1);
        Step::Taken
    }

    fn estimate(&self, place: &Place) -> Duration {
        let cost = self.queue.get(place).map_or(1, |w| w.cost);
        self.estimate_with(place, cost)
    }

    /// The time until the turn of this place, as the queue is: what stands before it, less what the buckets hold.
    fn estimate_with(&self, place: &Place, cost: u32) -> Duration {
        let ahead: u64 = self.queue.range(..place).map(|(_, w)| u64::from(w.cost)).sum::<u64>() + u64::from(cost);
        let now = Instant::now();
        // The buckets fill while nothing goes, and no further than they are large.
        let paused = self.pause_left(now);
        let times = self.windows.iter().map(|w| paused + w.time_for(ahead, now + paused));
        let before = u32::try_from(ahead - u64::from(cost)).unwrap_or(u32::MAX);
        let slow = self.slow.as_ref().map_or(Duration::ZERO, |slow| {
            let turn = slow.next.saturating_duration_since(now).saturating_add(slow.every.saturating_mul(before));
            turn.min(slow.until.saturating_duration_since(now))
        });
        times.max().unwrap_or_default().max(slow).max(paused)
    }
}

/// A place in the queue; given up when it is dropped, whether its turn came or its call was cancelled.
struct Ticket<'a> {
    gate: &'a Gate,
    place: Place,
    wake: Arc<Notify>,
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut s = self.gate.lock();
        s.queue.remove(&self.place);
        match s.queue.first_key_value() {
            Some((_, head)) => head.wake.notify_one(),
            // Nobody is left to be compared with.
            None => s.last.clear(),
        }
    }
}
