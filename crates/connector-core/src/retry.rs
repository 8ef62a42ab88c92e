//! Whether a call that failed is made again: one table over what the error advises and what the action is.
//!
//! What lives here: the table. What must not: waiting, which needs a clock.

use std::time::Duration;

use crate::{
    error::{Error, RetryAdvice},
    info::ActionInfo,
    spec::Idempotency,
};

/// What becomes of a call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is made again, not before the pause that the service asked for; `None` leaves it to a backoff.
    Repeat(Option<Duration>),
    /// The action is asked first whether it was done.
    LookFirst,
    /// Nobody knows whether it was done, and doing it twice would be twice.
    Park,
    /// It ends so.
    Fail,
}

impl Next {
    /// The table.
    ///
    /// | advice | natural, keyed | emulated | none |
    /// |---|---|---|---|
    /// | `Safe` | repeat | repeat | repeat |
    /// | `Ambiguous` | repeat | look first | park |
    /// | `Never`, `Exhausted` | fail | fail | fail |
    ///
    /// `Safe` means that nothing was done, whatever the action is. A keyed action that was called without a key is as one
    /// that is not idempotent.
    pub fn of(idempotency: Idempotency, has_key: bool, error: &Error) -> Self {
        match (error.retry(), idempotency) {
            (RetryAdvice::Safe { after }, _) => Self::Repeat(after),
            (RetryAdvice::Ambiguous, Idempotency::Natural) => Self::Repeat(None),
            (RetryAdvice::Ambiguous, Idempotency::Keyed) if has_key => Self::Repeat(None),
            (RetryAdvice::Ambiguous, Idempotency::Emulated) => Self::LookFirst,
            (RetryAdvice::Ambiguous, Idempotency::Keyed | Idempotency::None) => Self::Park,
            (RetryAdvice::Never | RetryAdvice::Exhausted, _) => Self::Fail,
        }
    }

    /// The same, of an action.
    pub fn for_action(action: &ActionInfo, has_key: bool, error: &Error) -> Self {
        Self::of(action.idempotency, has_key, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_table() {
        use Idempotency::{Emulated, Keyed, Natural, None as Not};
        let pause = Some(Duration::from_secs(3));
        let of = |retry, idempotency, key| {
            Next::of(idempotency, key, &Error::new(ErrorKind::UpstreamUnavailable, "x").with_retry(retry))
        };
        for i in [Natural, Keyed, Emulated, Not] {
            assert_eq!(of(RetryAdvice::Safe { after: pause }, i, false), Next::Repeat(pause));
            assert_eq!(of(RetryAdvice::Never, i, true), Next::Fail);
            assert_eq!(of(RetryAdvice::Exhausted, i, true), Next::Fail);
        }
        assert_eq!(of(RetryAdvice::Ambiguous, Natural, false), Next::Repeat(None));
        assert_eq!(of(RetryAdvice::Ambiguous, Keyed, true), Next::Repeat(None));
        assert_eq!(of(RetryAdvice::Ambiguous, Keyed, false), Next::Park);
        assert_eq!(of(RetryAdvice::Ambiguous, Emulated, false), Next::LookFirst);
        assert_eq!(of(RetryAdvice::Ambiguous, Not, true), Next::Park);
    }
}
