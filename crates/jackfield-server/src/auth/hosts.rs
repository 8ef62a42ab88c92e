//! By which names the gateway lets itself be called. A page of a stranger can have its own name point at this machine (DNS
//! rebinding), but cannot have a browser send ours.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header, uri::Authority};

use crate::{AppState, error::ApiError};

/// The names.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts {
    /// The origin of the public URL: scheme, host and port.
    origin: Option<String>,
    /// Hosts without their ports, lower case: a port does not tell a stranger's name from ours.
    names: Vec<String>,
    /// Listening everywhere: every address of the machine's is its own. A name that points there is none.
    any_address: bool,
}

impl Hosts {
    pub(crate) fn new(public_url: &str, listen: Option<SocketAddr>, more: &[String]) -> Self {
        let url = url::Url::parse(public_url).ok();
        let mut names: Vec<String> = more.iter().map(|n| n.to_ascii_lowercase()).collect();
        names.extend(url.as_ref().and_then(|u| u.host_str()).map(str::to_ascii_lowercase));
        names.extend(listen.map(|l| bare(l.ip())));
        Self {
            origin: url.map(|u| u.origin().ascii_serialization()),
            names,
            any_address: listen.is_some_and(|l| l.ip().is_unspecified()),
        }
    }

    /// Whether people reach it by https.
    pub(crate) fn is_https(&self) -> bool {
        self.origin.as_ref().is_some_and(|o| o.starts_with("https://"))
    }

    fn knows(&self, authority: &str) -> bool {
        let Ok(authority) = authority.parse::<Authority>() else { return false };
        // What stands before an `@` is no part of a host, and has no place in this header.
        if authority.as_str().contains('@') {
            return false;
        }
        let host = authority.host().to_ascii_lowercase();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        host == "localhost"
            || address.is_some_and(|a| a.is_loopback() || self.any_address)
            || self.names.iter().any(|n| *n == host || address.is_some_and(|a| *n == bare(a)))
    }

    /// Whether an `Origin` is ours: the public URL's, or that of the host which the request itself names.
    pub(super) fn is_own_origin(&self, origin: &str, host: Option<&str>) -> bool {
        if self.origin.as_deref() == Some(origin) {
            return true;
        }
        let authority = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        authority.is_some_and(|a| host == Some(a) && self.knows(a))
    }
}

fn bare(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(a) => a.to_string(),
        IpAddr::V6(a) => format!("[{a}]"),
    }
}

/// Refuses requests that name another host than ours, but for webhooks (services and proxies call by many names, and are
/// verified) and health.
pub(crate) async fn known_host(State(s): State<AppState>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let exempt = ["/webhooks", "/health"]
        .iter()
        .any(|p| path.strip_prefix(p).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let host = hosts.next().and_then(|h| h.to_str().ok());
    let absolute = request.uri().authority().map(Authority::as_str);
    let known =
        host.is_some_and(|h| s.hosts.knows(h)) && hosts.next().is_none() && absolute.is_none_or(|a| s.hosts.knows(a));
    if exempt || known {
        return next.run(request).await;
    }
    let text = "the gateway is not called by this name; use its `public_url`, its listen address or localhost, or allow the name by `allowed_hosts`";
    ApiError::plain(StatusCode::MISDIRECTED_REQUEST, "refused", text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_known() {
        let h = Hosts::new("https://hooks.example.com", "10.1.2.3:8080".parse().ok(), &["Gateway".into()]);
        for own in [
            "hooks.example.com",
            "HOOKS.example.com:443",
            "10.1.2.3:8080",
            "localhost:1",
            "127.0.0.1",
            "[::1]:8080",
            "gateway:8080",
        ] {
            assert!(h.knows(own), "{own}");
        }
        for other in [
            "evil.example",
            "hooks.example.com.evil.example",
            "10.1.2.4:8080",
            "",
            "localhost.evil.example",
            "x@localhost",
            "192.168.0.1",
        ] {
            assert!(!h.knows(other), "{other}");
        }
        let everywhere = Hosts::new("http://localhost", "0.0.0.0:8080".parse().ok(), &[]);
        assert!(everywhere.knows("192.168.0.1:8080") && !everywhere.knows("evil.example"));
    }

    #[test]
    fn only_our_own_origins_are_known() {
        let h = Hosts::new("https://hooks.example.com/", "127.0.0.1:8080".parse().ok(), &[]);
        assert!(h.is_own_origin("https://hooks.example.com", Some("anything")));
        assert!(h.is_own_origin("http://127.0.0.1:8080", Some("127.0.0.1:8080")));
        for other in ["null", "https://evil.example", "http://hooks.example.com", "http://127.0.0.1:9", ""] {
            assert!(!h.is_own_origin(other, Some("127.0.0.1:8080")), "{other}");
        }
        assert!(!h.is_own_origin("http://evil.example", Some("evil.example")));
    }
}
