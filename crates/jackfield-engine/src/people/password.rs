//! Passwords: which are taken, and their hashes (Argon2id). Hashing is slow and large on purpose, so it happens on threads for
//! blocking work, a few at once.

use std::sync::{Arc, OnceLock};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher as _, PasswordVerifier as _},
};
use connector_core::{Error, ErrorKind, RetryAdvice, Secret};
use ring::rand::SecureRandom as _;
use tokio::sync::Semaphore;

use crate::error::{EngineError, Result};

/// Characters that a password has at least.
pub const MIN_PASSWORD: usize = 10;
/// Bytes that it has at most.
pub const MAX_PASSWORD: usize = 1024;

/// Hashes that are computed at once; each takes 19 MiB.
const AT_ONCE: usize = 4;
/// Those that wait for a place; further ones are asked to come again.
const WAITING: usize = 64;

/// The passwords that are tried first everywhere, of those that are long enough; lower case, a line each.
const WORST: &str = include_str!("worst.txt");

/// Checks a password that somebody chose; `pointer` is the field that it stands in.
pub(super) fn check(pointer: &str, password: &Secret, email: &str, name: &str) -> Result<()> {
    let wrong = |text: String| Err(EngineError::field(pointer, text));
    let Some(text) = password.expose_str() else { return wrong("must be text".into()) };
    if text.len() > MAX_PASSWORD {
        return wrong(format!("must have at most {MAX_PASSWORD} bytes"));
    }
    if text.chars().count() < MIN_PASSWORD {
        return wrong(format!("must have at least {MIN_PASSWORD} characters; a few words make a good one"));
    }
    let lower = text.to_lowercase();
    let mut kinds: Vec<char> = lower.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.len() < 4 || WORST.lines().any(|w| w == lower) {
        return wrong("is one of those that are guessed first; choose another".into());
    }
    if lower == email.to_lowercase() || lower == name.to_lowercase() {
        return wrong("must not be the name or the e-mail address".into());
    }
    Ok(())
}

/// Computes hashes, a bounded number at once.
pub(super) struct Hasher {
    places: Arc<Semaphore>,
    queue: Semaphore,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), queue: Semaphore::new(AT_ONCE + WAITING) }
    }
}

/// Argon2id with 19 MiB, two passes, one lane: OWASP's first choice, and the crate's default.
fn argon() -> Argon2<'static> {
    Argon2::default()
}

fn make(password: &Secret) -> Result<String> {
    let mut salt = [0u8; 16];
    ring::rand::SystemRandom::new()
        .fill(&mut salt)
        .map_err(|_| Error::internal("the system has no randomness".to_owned()))?;
    let hash = argon()
        .hash_password_with_salt(password.expose(), &salt)
        .map_err(|e| Error::internal(format!("a password could not be hashed: {e}")))?;
    Ok(hash.to_string())
}

/// What an unknown account's password is compared with, so that it takes as long as a known one's.
fn nobodys() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| make(&Secret::from("nobody has this password")).unwrap_or_default())
}

impl Hasher {
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let busy = || {
            let text = "too many passwords are being checked now; try again in a few seconds";
            Error::new(ErrorKind::RateLimited, text.to_owned()).with_retry(RetryAdvice::Safe { after: None })
        };
        let _waits = self.queue.try_acquire().map_err(|_| busy())?;
        let place = self.places.clone().acquire_owned().await.map_err(|_| busy())?;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(place);
            done
        });
        Ok(done.await.map_err(|_| Error::internal("hashing a password panicked, which is a bug".to_owned()))?)
    }

    /// The PHC string of a new password.
    pub(super) async fn hash(&self, password: Secret) -> Result<String> {
        self.work(move || make(&password)).await?
    }

    /// Whether a password is the one of this hash. Without a hash it takes as long, and is not.
    pub(super) async fn verify(&self, password: Secret, hash: Option<String>) -> Result<bool> {
        // Beyond the longest that can be set there is nothing to compare, and much to compute.
        let fits = password.expose().len() <= MAX_PASSWORD;
        self.work(move || {
            let known = hash.as_deref().unwrap_or_else(|| nobodys());
            let given: &[u8] = if fits { password.expose() } else { b"" };
            let right = argon().verify_password(given, known).is_ok();
            right && fits && hash.is_some()
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn bad_passwords_are_refused_with_a_reason() {
        let why = |p: &str| {
            check("/password", &Secret::from(p), "ada@example.com", "Ada Lovelace").err().unwrap().to_string()
        };
        assert!(why("short").contains("at least 10"));
        assert!(why(&"x1y2".repeat(300)).contains("at most 1024"));
        for worst in ["Password123", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "abababababab"] {
            assert!(why(worst).contains("guessed first"), "{worst}");
        }
        assert!(why("ADA@example.com").contains("e-mail"));
        assert!(check("/password", &Secret::from("correct horse battery"), "a@b.c", "A").is_ok());
        assert!(check("/password", &Secret::from("пароль-длинный"), "a@b.c", "A").is_ok());
    }

    #[tokio::test]
    async fn only_the_password_itself_fits_its_hash() {
        let h = Hasher::default();
        let hash = h.hash(Secret::from("correct horse battery")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(h.verify(Secret::from("correct horse battery"), Some(hash.clone())).await.unwrap());
        assert!(!h.verify(Secret::from("correct horse batterz"), Some(hash.clone())).await.unwrap());
        assert!(!h.verify(Secret::from("nobody has this password"), None).await.unwrap());
        assert!(!h.verify(Secret::from("x".repeat(2000)), Some(hash)).await.unwrap());
    }
}
