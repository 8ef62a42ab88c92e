//! The few encodings that a captured request comes in, and today's date: small enough that a crate would weigh more.

use std::time::{SystemTime, UNIX_EPOCH};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Standard base64, padding there or not.
pub(crate) fn base64(text: &str) -> Option<Vec<u8>> {
    let text = text.trim().trim_end_matches('=');
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0u32);
    for b in text.bytes() {
        let value = ALPHABET.iter().position(|a| *a == b)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    // Six bits alone are no byte.
    (held < 6).then_some(out)
}

/// Standard base64 with padding.
pub(crate) fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().chain([0, 0].iter()).take(3).fold(0u32, |w, b| (w << 8) | u32::from(*b));
        for i in 0..4 {
            let six = (word >> (18 - 6 * i)) & 0x3f;
            let letter = ALPHABET.get(six as usize).copied().map_or('=', char::from);
            out.push(if i > chunk.len() { '=' } else { letter });
        }
    }
    out
}

/// The pairs of an `application/x-www-form-urlencoded` body.
pub(crate) fn form(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|p| !p.is_empty())
        .map(|p| {
            let (n, v) = p.split_once('=').unwrap_or((p, ""));
            (percent_decoded(n, true), percent_decoded(v, true))
        })
        .collect()
}

/// A text with its percent escapes undone; what is no escape stays. In a form and a query, `plus_is_space`.
pub(crate) fn percent_decoded(text: &str, plus_is_space: bool) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        match (first, tail) {
            (b'%', [a, b, after @ ..]) if hex(*a).is_some() && hex(*b).is_some() => {
                out.extend(hex(*a).zip(hex(*b)).map(|(a, b)| a * 16 + b));
                rest = after;
            }
            (b'+', _) if plus_is_space => {
                out.push(b' ');
                rest = tail;
            }
            _ => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Today in UTC, ISO 8601.
pub(crate) fn today() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() / 86_400);
    date(days)
}

/// The date of a day since 1970-01-01, by the civil-calendar algorithm over eras of 400 years.
fn date(days: u64) -> String {
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = era * 400 + yoe + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn base64_round_trips() {
        for (bytes, text) in
            [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"foob\xff", "Zm9vYv8=")]
        {
            assert_eq!(to_base64(bytes), text);
            assert_eq!(base64(text).unwrap(), bytes);
        }
        assert_eq!(base64("Zg").unwrap(), b"f");
        assert!(base64("Z").is_none() && base64("Z!").is_none());
    }

    #[test]
    fn forms_are_decoded() {
        let want = [("a", "b c"), ("p", "{\"x\":1}"), ("bad", "%zz"), ("e", "")];
        assert_eq!(form("a=b+c&p=%7B%22x%22%3A1%7D&bad=%zz&e"), want.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }

    #[test]
    fn days_are_dates() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_779), "2026-11-22");
    }
}
