//! One limit of a budget as a bucket.
//!
//! What lives here: how many may go now, when more may, and what a service's own count changes in that. What must not: who
//! goes, which is the queue's matter.
//!
//! The bucket is a GCRA by `governor`: all that it keeps is the instant at which it is full again. That instant is ours
//! ([`FullAt`]), and so is the clock, so that a limit can be replaced by another one with the bucket as full as it was.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use connector_core::budget::Limit;
use governor::{
    Quota, RateLimiter,
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::{NotKeyed, StateStore},
};
use tokio::time::Instant;

/// Beyond this all waits are the same to everybody.
const FAR: Duration = Duration::from_secs(30 * 86_400);

/// The instant at which the bucket is full again, in nanoseconds since the window's beginning. A window is used by one at a
/// time, so it is simply read and written.
#[derive(Clone, Default)]
struct FullAt(Arc<AtomicU64>);

impl StateStore for FullAt {
    type Key = NotKeyed;

    fn measure_and_replace<T, F, E>(&self, _: &NotKeyed, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let (told, full_at) = f(Some(self.0.load(Ordering::Relaxed).into()))?;
        self.0.store(full_at.as_u64(), Ordering::Relaxed);
        Ok(told)
    }
}

/// The moment that is asked about, in nanoseconds since the window's beginning: whoever asks says what time it is.
#[derive(Debug, Clone, Default)]
struct Told(Arc<AtomicU64>);

impl governor::clock::Clock for Told {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.load(Ordering::Relaxed).into()
    }
}

type Gcra = RateLimiter<NotKeyed, FullAt, Told, NoOpMiddleware<Nanos>>;

pub(super) struct Window {
    /// As the connector declares it: what headers teach goes below that and never above.
    declared: Limit,
    limit: Limit,
    size: NonZeroU32,
    refill: Duration,
    began: Instant,
    full_at: FullAt,
    now: Told,
    bucket: Gcra,
}

impl Window {
    /// A full bucket. It is a tenth of a counted window, so that even a process that is started again and again stays near
    /// the limit; what it cannot know the answers' headers tell.
    pub(super) fn new(declared: Limit) -> Self {
        let (size, refill) = paced(declared);
        let (full_at, now) = (FullAt::default(), Told::default());
        let bucket = gcra(size, refill, &full_at, &now);
        Self { declared, limit: declared, size, refill, began: Instant::now(), full_at, now, bucket }
    }

    /// The time in which one is refilled.
    pub(super) fn refill(&self) -> Duration {
        self.refill
    }

    /// The time after which the service surely counts anew, as it is declared: its window, or the time in which its bucket
    /// fills.
    pub(super) fn span(&self) -> Duration {
        let (size, refill) = paced(self.declared);
        self.declared.window().max(refill.saturating_mul(size.get()))
    }

    /// Whether nothing is missing from it.
    pub(super) fn is_full(&self, now: Instant) -> bool {
        self.until_full(now).is_zero()
    }

    fn until_full(&self, now: Instant) -> Duration {
        let full_at = self.began + Duration::from_nanos(self.full_at.0.load(Ordering::Relaxed));
        full_at.saturating_duration_since(now)
    }

    fn nanos(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.began).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Takes up to `need`, as much as the bucket ever holds at once; gives what was taken, or the time until it can be.
    pub(super) fn take(&mut self, need: u32, now: Instant) -> Result<u32, Duration> {
        let n = NonZeroU32::new(need).unwrap_or(NonZeroU32::MIN).min(self.size);
        self.now.0.store(self.nanos(now), Ordering::Relaxed);
        match self.bucket.check_n(n) {
            Ok(Ok(())) => Ok(n.get()),
            // At least a moment, so that the timer's rounding never makes a busy loop.
            Ok(Err(_)) | Err(_) => Err(self.time_for(n.get().into(), now).max(Duration::from_micros(100))),
        }
    }

    /// The time until so many could have been taken, one after the other. A bucket that was idle for long holds no more
    /// than its size.
    pub(super) fn time_for(&self, n: u64, now: Instant) -> Duration {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let owed = self.until_full(now).saturating_add(self.refill.saturating_mul(n));
        owed.saturating_sub(self.refill.saturating_mul(self.size.get())).min(FAR)
    }

    /// The service counts so many in this window: less than is declared is believed, more is not. What the bucket holds
    /// stays in it, so that no number, and no change of numbers, makes a full one.
    pub(super) fn correct(&mut self, count: u32, now: Instant) {
        let limit = self.declared.with_count(count.min(self.declared.count()));
        if limit == self.limit || limit.burst().is_some() {
            return;
        }
        let held = (f64::from(self.size.get()) - self.until_full(now).div_duration_f64(self.refill)).max(0.0);
        (self.size, self.refill) = paced(limit);
        self.limit = limit;
        let missing = self.refill.mul_f64((f64::from(self.size.get()) - held).max(0.0));
        self.full_at.0.store(self.nanos(now + missing), Ordering::Relaxed);
        self.now.0.store(0, Ordering::Relaxed);
        self.bucket = gcra(self.size, self.refill, &self.full_at, &self.now);
    }
}

/// A limiter over what the window keeps. `now` must tell zero while it is made: from then on it reckons.
fn gcra(size: NonZeroU32, refill: Duration, full_at: &FullAt, now: &Told) -> Gcra {
    let quota = Quota::with_period(refill).unwrap_or_else(|| Quota::per_second(NonZeroU32::MIN));
    RateLimiter::new(quota.allow_burst(size), full_at.clone(), now.clone())
}

/// The bucket's size and refill, neither of them nothing.
fn paced(limit: Limit) -> (NonZeroU32, Duration) {
    let (size, refill) = limit.pace();
    (NonZeroU32::new(size).unwrap_or(NonZeroU32::MIN), refill.max(Duration::from_nanos(1)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn window(limit: &str) -> Window {
        Window::new(limit.parse().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn it_holds_its_size_and_fills_at_its_pace() {
        let mut w = window("1/s burst 3");
        let now = Instant::now();
        assert_eq!((w.take(2, now), w.take(9, now)), (Ok(2), Err(2 * SECOND)));
        assert_eq!((w.take(1, now), w.take(1, now)), (Ok(1), Err(SECOND)));
        assert_eq!(w.take(1, now + SECOND / 2), Err(SECOND / 2));
        assert_eq!(w.take(1, now + SECOND), Ok(1));
        assert!(!w.is_full(now + 3 * SECOND));
        assert!(w.is_full(now + 4 * SECOND));
        assert_eq!((w.take(9, now + 60 * SECOND), w.take(1, now + 60 * SECOND)), (Ok(3), Err(SECOND)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_used_for_an_hour_is_worth_no_more_than_a_full_bucket() {
        let mut w = window("1/s burst 3");
        w.take(1, Instant::now()).unwrap();
        let now = Instant::now() + 3600 * SECOND;
        assert_eq!(w.time_for(3, now), Duration::ZERO);
        assert_eq!(w.time_for(10, now), 7 * SECOND);
        assert_eq!(w.time_for(u64::MAX, now), FAR);
    }

    #[tokio::test(start_paused = true)]
    async fn a_services_count_lowers_the_limit_and_never_raises_it() {
        let mut w = window("60/min");
        let now = Instant::now();
        assert_eq!(w.take(9, now), Ok(6));
        let before = w.time_for(1, now);
        w.correct(6000, now);
        assert_eq!((w.size.get(), w.time_for(1, now)), (6, before), "more than is declared");
        w.correct(6, now);
        assert_eq!(w.size.get(), 1);
        assert!(w.time_for(1, now) > 10 * SECOND, "{:?}", w.time_for(1, now));
        w.correct(60, now);
        assert_eq!((w.size.get(), w.time_for(1, now)), (6, before), "as declared, and as empty as it was");
    }

    #[tokio::test(start_paused = true)]
    async fn no_change_of_counts_fills_the_bucket() {
        let mut w = window("60/min");
        let began = Instant::now();
        w.take(6, began).unwrap();
        let mut taken = 0;
        for tick in 1..=600_u32 {
            let now = began + tick * SECOND / 10;
            w.correct(60 - 21 * (tick % 2), now);
            taken += w.take(1, now).unwrap_or(0);
        }
        assert!((35..=54).contains(&taken), "{taken} in a minute after six at once");
    }
}
