//! How often one may try to sign in: per account and per network address, in bounded memory. Only failures count in the end.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

/// Keys that are remembered; beyond it the one that has been charged least is forgotten, so that a flood of strangers does not
/// wash away who is under attack.
const MAX_KEYS: usize = 8192;

/// One kind of key: so many tries at once, then one each so often.
struct Limit {
    burst: i32,
    every: SignedDuration,
}

const ACCOUNT: Limit = Limit { burst: 10, every: SignedDuration::from_secs(60) };
const ADDRESS: Limit = Limit { burst: 30, every: SignedDuration::from_secs(20) };

#[derive(Default)]
pub(super) struct Tries {
    /// By key, when all of its tries would be there again.
    full_at: Mutex<HashMap<String, Timestamp>>,
}

fn account(email: &str) -> String {
    format!("a{}", email.to_lowercase())
}

/// A home or an office has one IPv4 address, or a /64 of IPv6.
fn address(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => format!("n{v4}"),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("n{v4}"),
            None => format!("n{:x}", u128::from(v6) >> 64),
        },
    }
}

impl Tries {
    /// Charges a try to its account and its address; if one of them has none left, how long to wait.
    pub(super) fn charge(&self, email: &str, from: Option<IpAddr>, now: Timestamp) -> Result<(), Duration> {
        let mut map = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<_> = keys(email, from).collect();
        let mut wait = SignedDuration::ZERO;
        for (key, limit) in &keys {
            let full_at = map.get(key).copied().unwrap_or(now).max(now);
            let spent = full_at.duration_since(now) + limit.every;
            wait = wait.max(spent - limit.every * limit.burst);
        }
        if wait > SignedDuration::ZERO {
            return Err(wait.unsigned_abs());
        }
        for (key, limit) in keys {
            let full_at = map.get(&key).copied().unwrap_or(now).max(now);
            make_room(&mut map, &key, now);
            map.insert(key, full_at.saturating_add(limit.every).unwrap_or(full_at));
        }
        Ok(())
    }

    /// Gives a try back that did not fail.
    pub(super) fn refund(&self, email: &str, from: Option<IpAddr>) {
        let mut map = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, limit) in keys(email, from) {
            if let Some(t) = map.get_mut(&key) {
                *t = t.saturating_sub(limit.every).unwrap_or(*t);
            }
        }
    }
}

fn keys(email: &str, from: Option<IpAddr>) -> impl Iterator<Item = (String, Limit)> {
    let ip = from.map(|ip| (address(ip), ADDRESS));
    std::iter::once((account(email), ACCOUNT)).chain(ip)
}

fn make_room(map: &mut HashMap<String, Timestamp>, key: &str, now: Timestamp) {
    if map.len() < MAX_KEYS || map.contains_key(key) {
        return;
    }
    map.retain(|_, full_at| *full_at > now);
    if map.len() >= MAX_KEYS
        && let Some(least) = map.iter().min_by_key(|(_, t)| **t).map(|(k, _)| k.clone())
    {
        map.remove(&least);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_account_has_ten_tries_and_then_one_a_minute() {
        let t = Tries::default();
        let mut now = Timestamp::UNIX_EPOCH;
        for _ in 0..10 {
            t.charge("ada@example.com", None, now).unwrap();
        }
        let wait = t.charge("ADA@example.com", None, now).unwrap_err();
        assert_eq!(wait, Duration::from_secs(60));
        t.charge("bob@example.com", None, now).unwrap();
        now += wait;
        t.charge("ada@example.com", None, now).unwrap();
        assert!(t.charge("ada@example.com", None, now).is_err());
        t.refund("ada@example.com", None);
        t.charge("ada@example.com", None, now).unwrap();
    }

    #[test]
    fn an_address_is_held_back_whatever_account_it_tries() {
        let t = Tries::default();
        let ip = |s: &str| Some(s.parse::<IpAddr>().unwrap());
        let now = Timestamp::UNIX_EPOCH;
        for i in 0..30 {
            t.charge(&format!("p{i}@example.com"), ip(&format!("2001:db8::{i:x}")), now).unwrap();
        }
        assert!(t.charge("new@example.com", ip("2001:db8::ffff"), now).is_err(), "the same /64");
        t.charge("new@example.com", ip("2001:db8:0:1::1"), now).unwrap();
    }

    #[test]
    fn memory_is_bounded_and_who_is_under_attack_is_remembered() {
        let t = Tries::default();
        let now = Timestamp::UNIX_EPOCH;
        for _ in 0..10 {
            t.charge("ada@example.com", None, now).unwrap();
        }
        for i in 0..MAX_KEYS * 2 {
            t.charge(&format!("p{i}@example.com"), None, now).unwrap();
        }
        assert!(t.full_at.lock().unwrap().len() <= MAX_KEYS);
        assert!(t.charge("ada@example.com", None, now).is_err());
    }
}
