//! One key of one budget: a queue in front of buckets.
//!
//! The buckets are GCRA by `governor`; they know when one more may go, not who. The queue decides who: only its head asks
//! the buckets.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use connector_core::{Class, budget::Limit, throttle::Throttle};
use governor::{
    Quota, RateLimiter,
    clock::Clock as _,
    middleware::StateInformationMiddleware,
    nanos::Nanos,
    state::{InMemoryState, NotKeyed},
};
use tokio::{sync::Notify, time::Instant};

/// Most that wait at one gate; more would wait for longer than anybody should.
const MOST_WAITING: usize = 10_000;
/// The first pause after a refusal that names none; it doubles with each further one.
const UNNAMED_PAUSE: Duration = Duration::from_secs(2);
/// Beyond this all waits are the same to everybody.
const FAR: Duration = Duration::from_secs(30 * 86_400);
const LONGEST_UNNAMED_PAUSE: Duration = Duration::from_secs(60);

/// The turn would come too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong {
    /// When to come back.
    pub(super) after: Duration,
}

/// The runtime's clock, which tests can stop.
#[derive(Debug, Clone)]
struct RuntimeClock(Instant);

impl governor::clock::Clock for RuntimeClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

struct Window {
    limit: Limit,
    size: u32,
    refill: Duration,
    bucket: RateLimiter<NotKeyed, InMemoryState, RuntimeClock, StateInformationMiddleware>,
    clock: RuntimeClock,
    /// How many the bucket held at an instant, for estimates.
    level: (u32, Instant),
}

impl Window {
    /// A full bucket. It is a tenth of a counted window, so that even a process that is started again and again stays near
    /// the limit; what it cannot know the answers' headers tell.
    fn new(limit: Limit) -> Self {
        let (size, refill) = limit.pace();
        let size = NonZeroU32::new(size).unwrap_or(NonZeroU32::MIN);
        let refill = refill.max(Duration::from_nanos(1));
        let quota = Quota::with_period(refill).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
        let clock = RuntimeClock(Instant::now());
        let bucket = RateLimiter::direct_with_clock(quota.allow_burst(size), clock.clone()).with_middleware();
        Self { limit, size: size.get(), refill, bucket, clock, level: (size.get(), Instant::now()) }
    }

    /// Takes up to `need`, as much as the bucket ever holds at once; gives what was taken, or the time until it can be.
    fn take(&mut self, need: u32) -> Result<u32, Duration> {
        let n = NonZeroU32::new(need.min(self.size)).unwrap_or(NonZeroU32::MIN);
        let now = Instant::now();
        match self.bucket.check_n(n) {
            Ok(Ok(state)) => {
                self.level = (state.remaining_burst_capacity(), now);
                Ok(n.get())
            }
            Ok(Err(not_until)) => {
                // At least a moment, so that rounding never makes a busy loop.
                let wait = not_until.wait_time_from(self.clock.now()).max(Duration::from_micros(100));
                let full = now + wait;
                self.level = (n.get(), full);
                Err(wait)
            }
            Err(_) => Err(self.refill),
        }
    }

    /// The time until so many could have been taken, one after the other.
    fn time_for(&self, n: u64, now: Instant) -> Duration {
        let (held, at) = self.level;
        let more = u32::try_from(n.saturating_sub(u64::from(held))).unwrap_or(u32::MAX);
        (at + self.refill.saturating_mul(more).min(FAR)).saturating_duration_since(now)
    }
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
    used: Instant,
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
            used: Instant::now(),
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

    /// Whether forgetting it changes nothing: nobody waits, nothing is paused, and the buckets are full again.
    pub(super) fn is_full_again(&self) -> bool {
        let s = self.lock();
        let idle = s.used.elapsed();
        s.queue.is_empty()
            && s.paused.is_none_or(|p| p <= Instant::now())
            && s.windows.iter().all(|w| idle >= w.refill.saturating_mul(w.size))
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
                Step::Sleep(d) if d > left => return Err(TooLong { after: d }),
                Step::Sleep(d) => d,
                Step::Queue if left.is_zero() => return Err(TooLong { after: self.lock().estimate(&ticket.place) }),
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
        s.used = Instant::now();
        let after = s.last.get(connection).copied().unwrap_or(0).max(s.turn) + u64::from(cost);
        s.order += 1;
        let place = (class, after, s.order);
        let estimate = s.estimate_with(&place, cost);
        if estimate > patience || s.queue.len() >= MOST_WAITING {
            return Err(TooLong { after: estimate.max(Duration::from_secs(1)) });
        }
        s.last.insert(connection.into(), after);
        let wake = Arc::new(Notify::new());
        s.queue.insert(place, Waiting { cost, wake: wake.clone() });
        Ok(Ticket { gate: self, place, wake })
    }

    /// Corrects what is believed by what an answer says.
    pub(super) fn learn(&self, said: &Throttle) {
        let now = Instant::now();
        let mut s = self.lock();
        match said.pause() {
            Some(pause) => s.pause(now + pause),
            // Refusals of calls that left together are one.
            None if said.refused && s.paused.is_some_and(|p| p > now) => {}
            None if said.refused => {
                let pause = UNNAMED_PAUSE.saturating_mul(1 << s.unnamed.min(10)).min(LONGEST_UNNAMED_PAUSE);
                s.unnamed += 1;
                s.pause(now + pause);
            }
            None => s.unnamed = 0,
        }
        // With one window there is no doubt which one a number is about.
        if let (Some(count), [window]) = (said.limit.and_then(|n| u32::try_from(n).ok()), s.windows.as_mut_slice())
            && count > 0
            && window.limit.burst().is_none()
            && count != window.limit.count()
        {
            *window = Window::new(window.limit.with_count(count));
        }
        s.slow = said.remaining.zip(said.reset).and_then(|(remaining, reset)| {
            let every = reset.checked_div(u32::try_from(remaining).ok()?)?;
            // Others use the same limit: at our own pace it would be gone before the reset.
            let ours = s.windows.iter().map(|w| w.refill).max()?;
            (every > ours).then(|| Slow { every, next: now + every, until: now + reset })
        });
        // What the head waits for may be another time now.
        if let Some((_, head)) = s.queue.first_key_value() {
            head.wake.notify_one();
        }
    }
}

impl State {
    fn pause(&mut self, until: Instant) {
        self.paused = Some(self.paused.map_or(until, |p| p.max(until)));
    }

    fn step(&mut self, place: &Place, need: &mut [u32], cost: u32) -> Step {
        if self.queue.first_key_value().is_none_or(|(head, _)| head != place) {
            return Step::Queue;
        }
        let now = Instant::now();
        if let Some(until) = self.paused {
            if until > now {
                return Step::Sleep(until - now);
            }
            self.paused = None;
        }
        if let Some(slow) = &self.slow {
            if slow.until <= now {
                self.slow = None;
            } else if slow.next > now {
                return Step::Sleep(slow.next.min(slow.until) - now);
            }
        }
        for (window, need) in self.windows.iter_mut().zip(need) {
            while *need > 0 {
                match window.take(*need) {
                    Ok(taken) => *need -= taken,
                    Err(wait) => return Step::Sleep(wait),
                }
            }
        }
        if let Some(slow) = &mut self.slow {
            slow.next = now + slow.every.saturating_mul(cost);
        }
        self.turn = self.turn.max(place.1);
        self.used = now;
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
        let times = self.windows.iter().map(|w| w.time_for(ahead, now));
        let paused = self.paused.map_or(Duration::ZERO, |p| p.saturating_duration_since(now));
        times.max().unwrap_or_default().max(paused)
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
