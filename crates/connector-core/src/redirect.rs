//! Redirects, for requests that follow them: bounded, never to a lower scheme, without credentials across origins.
//!
//! What lives here: which request comes next. What must not: judging where it goes; that is the transport's, for every
//! hop as for the first.

use http::Method;
use url::{Origin, Url};

use crate::{
    error::{Error, Result},
    request::{Request, Response, parse_url},
};

/// What is left of a request's redirects.
pub(crate) struct Hops {
    most: u8,
    left: u8,
}

impl Hops {
    pub(crate) fn of(request: &Request) -> Self {
        Self { most: request.redirects(), left: request.redirects() }
    }

    /// The request, if it may have to be sent elsewhere. One whose whole URL is a secret stays where it is.
    pub(crate) fn keep(&self, request: &Request) -> Option<Request> {
        let may = self.most > 0 && request.url().is_some() && matches!(*request.method(), Method::GET | Method::HEAD);
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
        let to = target(from, location)
            .ok_or_else(|| fault("the service redirects to what is no http or https URL".to_owned()))?;
        if from.scheme() == "https" && to.scheme() != "https" {
            return Err(fault("the service redirects from https to a lower scheme, which is not followed".to_owned()));
        }
        let same = matches!((from.origin(), to.origin()), (a @ Origin::Tuple(..), b) if a == b);
        Ok(Some(sent.moved_to(to, same)))
    }
}

/// The address that a `Location` names. It comes from outside, so it is judged as a text before it is parsed.
fn target(from: &Url, location: &str) -> Option<Url> {
    if location.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return None;
    }
    parse_url(from.join(location).ok()?.as_str()).ok()
}
