//! Redirects, for requests that follow them: bounded, never to a lower scheme, without credentials across origins.
//!
//! What lives here: which request comes next. What must not: judging where it goes; that is the transport's, for every
//! hop as for the first.

use http::Method;
use url::{Origin, Url};

use crate::{
    address::follow,
    error::{Error, Result},
    request::{Body, Request, Response},
    scrub::REDACTED,
    secret::SecretSlot,
};

/// What goes along to another origin: what is asked for, and nothing of who asks.
const ACROSS: [http::HeaderName; 8] = [
    http::header::ACCEPT,
    http::header::ACCEPT_LANGUAGE,
    http::header::USER_AGENT,
    http::header::RANGE,
    http::header::IF_RANGE,
    http::header::IF_MATCH,
    http::header::IF_NONE_MATCH,
    http::header::IF_MODIFIED_SINCE,
];

/// What is left of a request's redirects.
pub(crate) struct Hops {
    most: u8,
    left: u8,
}

impl Hops {
    pub(crate) fn of(request: &Request) -> Self {
        Self { most: request.redirects(), left: request.redirects() }
    }

    /// The request, if it may have to be sent elsewhere. One that changes something, carries a body or has a whole URL as
    /// its secret stays where it is.
    pub(crate) fn keep(&self, request: &Request) -> Option<Request> {
        let may = self.most > 0
            && request.url().is_some()
            && matches!(request.body(), Body::Empty)
            && matches!(*request.method(), Method::GET | Method::HEAD);
        may.then(|| request.clone())
    }

    /// The next request, if the answer is a redirect.
    pub(crate) fn next(&mut self, sent: Request, response: &Response) -> Result<Option<Request>> {
        if !matches!(response.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
            return Ok(None);
        }
        let (Some(location), Some(from)) = (response.header("location"), sent.url()) else { return Ok(None) };
        let fault = |why: String| Error::protocol(why).with_status(response.status.as_u16());
        let Some(left) = self.left.checked_sub(1) else {
            return Err(fault(format!("the service redirects more than {} times", self.most)));
        };
        self.left = left;
        let to = follow(from, location)
            .map_err(|_| fault("the service redirects to what is no sound http or https URL".to_owned()))?;
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(fault("the service redirects from https to a lower scheme, which is not followed".to_owned()));
        }
        let same = matches!((from.origin(), to.origin()), (a @ Origin::Tuple(..), b) if a == b);
        let next = if same { within(sent, to) } else { across(sent, to) };
        if next.url().is_some_and(|u| u.as_str().contains(REDACTED)) {
            return Err(fault(
                "the service redirects to an address with a secret in it, which is not followed".to_owned(),
            ));
        }
        Ok(Some(next))
    }
}

/// The request at another origin: without its credentials, and to a host that the connector declares. The service vouched
/// for the address that it gave us, not for where that one sends us on.
fn across(mut sent: Request, to: Url) -> Request {
    sent.url = Some(to);
    sent.slots.clear();
    sent.trusted_host = false;
    sent.across = true;
    let headers = std::mem::take(&mut sent.headers);
    for name in ACROSS {
        for value in headers.get_all(&name) {
            sent.headers.append(&name, value.clone());
        }
    }
    sent
}

/// The request elsewhere at the same origin, with its credentials in their slots. Where the service wrote one of them into
/// the new address, it was cut out of the answer, and its slot takes that place.
fn within(mut sent: Request, mut to: Url) -> Request {
    sent.slots.retain(|slot| match slot {
        SecretSlot::Path { placeholder, .. } => {
            let echoed = to.path().contains(REDACTED);
            if echoed {
                let path = to.path().replacen(REDACTED, placeholder, 1);
                to.set_path(&path);
            }
            echoed
        }
        SecretSlot::Query { name, .. } => {
            if to.query_pairs().any(|(n, _)| n == *name) {
                let others: Vec<_> = to.query_pairs().into_owned().filter(|(n, _)| n != name).collect();
                to.set_query(None);
                if !others.is_empty() {
                    to.query_pairs_mut().extend_pairs(others);
                }
            }
            true
        }
        _ => true,
    });
    sent.url = Some(to);
    sent
}
