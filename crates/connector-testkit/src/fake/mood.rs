//! How the fake behaves badly, and what becomes of a good answer then.
//!
//! What lives here: the list, and the spoiling. What must not: sockets; how an answer is delivered is a [`Delivery`], which
//! `server` carries out.

use std::time::Duration;

use connector_core::{RetryAdvice, Timestamp, status::retry_for};
use serde_json::{Value, json};

use super::{
    answer::Answer,
    pause::{self, PauseStyle},
};

/// How the fake behaves badly. A request that no fixture would send is refused all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misbehaviour {
    /// Not at all: lets calls pass before the next misbehaviour.
    Well,

    // --- statuses
    /// Answers with this status: below 500 in JSON, with words under every key that services have for them; from 500 on with
    /// a page of whatever stands before the service. Where the status leaves open whether the request was carried out
    /// (500, 502, 504), it was.
    Status(u16),
    /// Answers 429, as the route's `rate_limited` fixture does if there is one.
    RateLimited {
        /// The pause it asks for, in whole seconds.
        retry_after: Option<u64>,
    },
    /// Answers 429 in one of the styles that services have.
    Throttled {
        /// Where and how it says so.
        style: PauseStyle,
        /// The pause it asks for.
        after: Duration,
    },
    /// Answers with this redirect; `None` leads to where the request was sent.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The `Location`.
        to: Option<String>,
    },

    // --- bodies, with the status of the good answer
    /// Half of the body, with the length of that half.
    Truncated,
    /// An HTML page.
    NotJson,
    /// No body.
    Empty,
    /// The good body, called an HTML page.
    WrongType,
    /// The good body with bytes that are no UTF-8 in each of its texts.
    InvalidUtf8,
    /// The good body filled up with blanks to this many bytes, its length told.
    Oversize(usize),
    /// The good body and then blanks without end, in chunks.
    Endless,

    // --- pages
    /// Whatever page is asked for: the answer that this path was given first, with its mark of the next page.
    PageLoop,
    /// The same items again and again, each time with another mark of the next page.
    DuplicatePages {
        /// The mark that the good answer has.
        mark: String,
    },

    // --- time
    /// Answers well, after this long.
    Slow(Duration),
    /// Carries the request out and never answers.
    Silent,
    /// A byte of the head at a time, this long apart.
    SlowHead(Duration),
    /// A byte of the body at a time, this long apart.
    SlowBody(Duration),

    // --- the wire
    /// Resets the connection once it has read the request's head; nothing was carried out.
    ResetBefore,
    /// Carries the request out, and resets the connection.
    ResetAfter,
    /// Sends less of the body than it said, and closes.
    CutOff,
    /// Answers well, and closes the connection without having said so.
    ClosesAfter,
}

/// How an answer goes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// As it is, after this long.
    After(Duration),
    /// Not at all.
    Never,
    /// Not at all: the connection is reset.
    Reset,
    /// Half of the body, then the connection is closed.
    CutOff,
    /// As it is, then the connection is closed.
    ThenClose,
    /// And blanks without end.
    Endless,
    /// A byte of the head at a time.
    DripHead(Duration),
    /// A byte of the body at a time.
    DripBody(Duration),
}

impl Delivery {
    /// As it is.
    pub(super) const PLAIN: Self = Self::After(Duration::ZERO);
}

/// What a body that is given slowly or in part has at least, so that there is something to wait for.
const SOME: usize = 64;

impl Misbehaviour {
    /// Whether the request is carried out before the fake behaves badly.
    pub(super) fn carries_out(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Throttled { .. } | Self::Redirect { .. } | Self::ResetBefore => false,
            Self::Status(s) => *s < 400 || retry_for(*s, None) == RetryAdvice::Ambiguous,
            _ => true,
        }
    }

    /// The good answer, spoilt. `now` is the service's time, `count` how many answers were spoilt so before.
    pub(super) fn spoil(&self, good: Answer, now: Timestamp, count: usize) -> (Answer, Delivery) {
        let plain = |a: Answer| (a, Delivery::PLAIN);
        match self {
            Self::Well | Self::PageLoop => plain(good),
            Self::Status(s) => plain(failed(*s)),
            Self::RateLimited { retry_after } => {
                let after = retry_after.map_or(PauseStyle::Unsaid, |_| PauseStyle::RetryAfterSeconds);
                plain(pause::refusal(after, Duration::from_secs(retry_after.unwrap_or_default()), now))
            }
            Self::Throttled { style, after } => plain(pause::refusal(*style, *after, now)),
            Self::Redirect { status, to } => {
                plain(Answer::plain(*status, "moved").with("location", to.clone().unwrap_or_default()))
            }
            Self::Truncated => {
                let half = good.body.len() / 2;
                plain(Answer { body: good.body.into_iter().take(half).collect(), ..good })
            }
            Self::NotJson => plain(Answer::typed(good.status, "text/html", PAGE.to_vec())),
            Self::Empty => plain(Answer { body: Vec::new(), ..good }),
            Self::WrongType => plain(good.with("content-type", "text/html; charset=utf-8")),
            Self::InvalidUtf8 => plain(no_utf8(good)),
            Self::Oversize(bytes) => plain(padded(good, *bytes)),
            Self::Endless => (with_a_body(good), Delivery::Endless),
            Self::DuplicatePages { mark } => plain(marked(good, mark, count)),
            Self::Slow(d) => (good, Delivery::After(*d)),
            Self::Silent => (good, Delivery::Never),
            Self::SlowHead(d) => (good, Delivery::DripHead(*d)),
            Self::SlowBody(d) => (padded(good, SOME), Delivery::DripBody(*d)),
            Self::ResetBefore | Self::ResetAfter => (good, Delivery::Reset),
            Self::CutOff => (padded(good, SOME), Delivery::CutOff),
            Self::ClosesAfter => (good, Delivery::ThenClose),
        }
    }
}

const PAGE: &[u8] = b"<!DOCTYPE html><html><body>be right back</body></html>";

fn failed(status: u16) -> Answer {
    if status >= 500 {
        return Answer::typed(status, "text/html", PAGE.to_vec());
    }
    let said = format!("the fake service was told to answer {status}");
    let body = json!({
        "ok": false, "error": said, "message": said, "errorMessages": [said], "errors": [], "title": said, "detail": said,
    });
    Answer::typed(status, "application/json", body.to_string().into_bytes())
}

/// The same with a status that may have a body.
fn with_a_body(good: Answer) -> Answer {
    let status = if matches!(good.status, 100..=199 | 204 | 205 | 304) { 200 } else { good.status };
    Answer { status, ..good }
}

/// The same with blanks at the end of its body, which no reader of JSON minds.
fn padded(good: Answer, bytes: usize) -> Answer {
    let mut answer = with_a_body(good);
    if answer.body.len() < bytes {
        answer.body.resize(bytes, b' ');
    }
    answer
}

/// Stands where bytes are put that no text can have.
const HERE: &str = "jackfield-bytes-go-here";

/// Each text in the body, broken; a body that is no JSON gets the bytes at its end.
fn no_utf8(good: Answer) -> Answer {
    let text = match serde_json::from_slice::<Value>(&good.body) {
        Ok(v) => crate::fixture::map_texts(&v, &|t| format!("{t}{HERE}")).to_string(),
        Err(_) => format!("{}{HERE}", String::from_utf8_lossy(&good.body)),
    };
    let body = text.split(HERE).map(str::as_bytes).collect::<Vec<_>>().join(&[0xff, 0xfe][..]);
    Answer { body, ..good }
}

/// The same page with another mark of the next: wherever it has `mark` in its body or in a link, counted up.
fn marked(mut good: Answer, mark: &str, count: usize) -> Answer {
    let next = match mark.parse::<u64>() {
        Ok(n) => (n + count as u64).to_string(),
        Err(_) => format!("{mark}{count}"),
    };
    if let Ok(mut v) = serde_json::from_slice::<Value>(&good.body) {
        replace(&mut v, mark, &next);
        good.body = v.to_string().into_bytes();
    }
    if let Some(link) = good.headers.get_mut("link") {
        for end in ["&", ">"] {
            *link = link.replace(&format!("={mark}{end}"), &format!("={next}{end}"));
        }
    }
    good
}

fn replace(v: &mut Value, mark: &str, next: &str) {
    match v {
        Value::String(s) if s == mark => *v = next.into(),
        Value::Number(n) if n.to_string() == mark => {
            if let Ok(n) = next.parse::<u64>() {
                *v = n.into();
            }
        }
        Value::Array(a) => a.iter_mut().for_each(|x| replace(x, mark, next)),
        Value::Object(m) => m.values_mut().for_each(|x| replace(x, mark, next)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(body: &str) -> Answer {
        Answer::typed(200, "application/json", body.as_bytes().to_vec())
    }

    #[test]
    fn a_mark_is_counted_up_wherever_it_is() {
        let page = json(r#"{"items":[7,"x"],"next":"x","at":2}"#)
            .with("link", "<https://a.example/?page=2>; rel=\"next\", <https://a.example/?page=2&x=1>; rel=\"x\"");
        let text = |a: &Answer| String::from_utf8(a.body.clone()).unwrap();
        let a = marked(page.clone(), "x", 3);
        assert_eq!(text(&a), r#"{"at":2,"items":[7,"x3"],"next":"x3"}"#);
        let a = marked(page, "2", 1);
        assert_eq!(text(&a), r#"{"at":3,"items":[7,"x"],"next":"x"}"#);
        assert_eq!(
            a.headers["link"],
            "<https://a.example/?page=3>; rel=\"next\", <https://a.example/?page=3&x=1>; rel=\"x\""
        );
    }

    #[test]
    fn broken_texts_are_no_utf8_and_all_else_is_the_same() {
        let a = no_utf8(json(r#"{"a":"x","b":[1,"y"]}"#));
        assert!(std::str::from_utf8(&a.body).is_err());
        assert_eq!(a.body, b"{\"a\":\"x\xff\xfe\",\"b\":[1,\"y\xff\xfe\"]}");
    }

    #[test]
    fn what_leaves_it_open_was_carried_out() {
        for (how, done) in [
            (Misbehaviour::Status(500), true),
            (Misbehaviour::Status(503), true),
            (Misbehaviour::Status(404), false),
            (Misbehaviour::Throttled { style: PauseStyle::Unsaid, after: Duration::ZERO }, false),
            (Misbehaviour::ResetBefore, false),
            (Misbehaviour::ResetAfter, true),
            (Misbehaviour::Silent, true),
        ] {
            assert_eq!(how.carries_out(), done, "{how:?}");
        }
    }
}
