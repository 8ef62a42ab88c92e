//! What every route needs: a scope, and how far a token may reach that is limited to some connections. One line a route; the
//! guard refuses a route that has none.

use http::Method;
use jackfield_store::people::{AuditKind, Scope};

/// How a principal that is limited to some connections meets a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Nothing of any connection is behind it.
    Open,
    /// The connection that the path names as `{id}`; another one is refused.
    Connection,
    /// The handler narrows what it gives to the principal's connections.
    Narrowed,
    /// It is about the whole gateway: refused to whoever is limited.
    Whole,
}

/// What a route needs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    /// The method; `GET` stands for `HEAD` too.
    pub(crate) method: &'static str,
    /// The path as the router knows it.
    pub(crate) path: &'static str,
    /// The scope; none: anybody may.
    pub(crate) scope: Option<Scope>,
    /// How it is met by a limited principal.
    pub(crate) reach: Reach,
    /// What kind of line it leaves in the audit log, if it is no reading.
    pub(crate) kind: AuditKind,
}

impl Rule {
    /// Whether it is a page for people, and no address of the API.
    pub(crate) fn is_page(&self) -> bool {
        !self.path.starts_with("/v1/") && self.path != "/metrics"
    }
}

const fn see(path: &'static str, reach: Reach) -> Rule {
    Rule { method: "GET", path, scope: Some(Scope::Read), reach, kind: AuditKind::Change }
}

const fn act(path: &'static str, reach: Reach) -> Rule {
    Rule { method: "POST", path, scope: Some(Scope::Act), reach, kind: AuditKind::Call }
}

const fn manage(method: &'static str, path: &'static str, reach: Reach) -> Rule {
    Rule { method, path, scope: Some(Scope::Manage), reach, kind: AuditKind::Change }
}

/// Changes of what is somebody's own (sessions, tokens, password): the handler gives nobody more than theirs.
const fn own(method: &'static str, path: &'static str) -> Rule {
    Rule { method, path, scope: Some(Scope::Read), reach: Reach::Whole, kind: AuditKind::Change }
}

/// Pages by which people come in.
const fn door(method: &'static str, path: &'static str) -> Rule {
    Rule { method, path, scope: None, reach: Reach::Open, kind: AuditKind::SignIn }
}

use Reach::{Connection, Narrowed, Open, Whole};

/// All of them.
pub(crate) const RULES: &[Rule] = &[
    see("/metrics", Whole),
    see("/v1/status", Whole),
    see("/v1/connectors", Open),
    see("/v1/connectors/{id}", Open),
    see("/v1/apps", Whole),
    see("/v1/apps/{id}", Whole),
    manage("PUT", "/v1/apps/{id}", Whole),
    manage("DELETE", "/v1/apps/{id}", Whole),
    manage("PUT", "/v1/apps/{id}/secrets/{name}", Whole),
    manage("DELETE", "/v1/apps/{id}/secrets/{name}", Whole),
    manage("POST", "/v1/apps/{id}/secrets/{name}/end-rotation", Whole),
    see("/v1/connections", Narrowed),
    see("/v1/connections/{id}", Connection),
    // Settings name apps, secrets and hosts, and a removed id may come to mean another account: who is limited changes none.
    manage("PUT", "/v1/connections/{id}", Whole),
    manage("DELETE", "/v1/connections/{id}", Whole),
    act("/v1/connections/{id}/check", Connection),
    manage("POST", "/v1/connections/{id}/enable", Connection),
    manage("POST", "/v1/connections/{id}/disable", Connection),
    manage("PUT", "/v1/connections/{id}/secrets/{name}", Whole),
    manage("DELETE", "/v1/connections/{id}/secrets/{name}", Whole),
    manage("POST", "/v1/connections/{id}/secrets/{name}/end-rotation", Connection),
    act("/v1/connections/{id}/actions/{name}", Connection),
    see("/v1/connections/{id}/actions", Connection),
    see("/v1/connections/{id}/actions/{name}", Connection),
    act("/v1/connections/{id}/describe", Connection),
    see("/v1/connections/{id}/health", Connection),
    see("/v1/health", Narrowed),
    see("/v1/health/stream", Whole),
    see("/v1/flows", Whole),
    see("/v1/flows/{id}", Whole),
    manage("PUT", "/v1/flows/{id}", Whole),
    manage("DELETE", "/v1/flows/{id}", Whole),
    manage("POST", "/v1/flows/{id}/enable", Whole),
    manage("POST", "/v1/flows/{id}/disable", Whole),
    manage("POST", "/v1/apply", Whole),
    see("/v1/deliveries", Narrowed),
    see("/v1/deliveries/{id}", Narrowed),
    see("/v1/refused", Whole),
    see("/v1/events", Narrowed),
    see("/v1/events/{id}", Narrowed),
    // What an event starts may be any connection's.
    act("/v1/events/{id}/replay", Whole),
    see("/v1/runs", Narrowed),
    see("/v1/runs/{id}", Narrowed),
    act("/v1/runs/{id}/retry", Narrowed),
    act("/v1/runs/{id}/settle", Narrowed),
    see("/v1/signals", Whole),
    // Secrets, files, keys, copies.
    manage("GET", "/v1/secrets", Whole),
    manage("PUT", "/v1/secrets/{name}", Whole),
    manage("DELETE", "/v1/secrets/{name}", Whole),
    see("/v1/files", Whole),
    manage("POST", "/v1/files", Whole),
    see("/v1/files/{id}", Whole),
    manage("DELETE", "/v1/files/{id}", Whole),
    manage("GET", "/v1/keys", Whole),
    manage("POST", "/v1/keys/rotate", Whole),
    manage("POST", "/v1/backups", Whole),
    manage("GET", "/v1/backups/{id}", Whole),
    manage("DELETE", "/v1/backups/{id}", Whole),
    // People, sessions, tokens, the audit log.
    manage("GET", "/v1/people", Whole),
    manage("POST", "/v1/people", Whole),
    manage("POST", "/v1/people/setup", Whole),
    manage("GET", "/v1/people/{id}", Whole),
    manage("PATCH", "/v1/people/{id}", Whole),
    manage("DELETE", "/v1/people/{id}", Whole),
    manage("POST", "/v1/people/{id}/invite", Whole),
    own("DELETE", "/v1/people/{id}/sessions"),
    own("GET", "/v1/sessions"),
    own("DELETE", "/v1/sessions/{id}"),
    own("GET", "/v1/tokens"),
    own("POST", "/v1/tokens"),
    own("DELETE", "/v1/tokens/{id}"),
    manage("GET", "/v1/audit", Whole),
    // Installations: whoever is limited to some connections makes no others. A step answers with what is typed in, so
    // looking at one takes the same scope.
    manage("GET", "/v1/installations", Whole),
    manage("POST", "/v1/installations", Whole),
    manage("GET", "/v1/installations/{id}", Whole),
    manage("DELETE", "/v1/installations/{id}", Whole),
    manage("POST", "/v1/installations/{id}/steps/{step}", Whole),
    manage("POST", "/v1/installations/{id}/consent-address", Whole),
    see("/v1/connections/{id}/options/{param}", Connection),
    see("/v1/connections/{id}/hooks", Connection),
    see("/v1/connections/{id}/auth", Connection),
    manage("POST", "/v1/connections/{id}/auth/refresh", Connection),
    see("/v1/connectors/{id}/app-guide", Open),
    // Pages.
    door("GET", "/"),
    door("GET", "/setup"),
    door("POST", "/setup"),
    door("GET", "/login"),
    door("POST", "/login"),
    door("POST", "/logout"),
    see("/account", Whole),
    own("POST", "/account/password"),
    own("POST", "/account/sessions/end-all"),
    own("POST", "/account/sessions/{id}/end"),
    own("POST", "/account/tokens"),
    own("POST", "/account/tokens/{id}/revoke"),
    manage("GET", "/people", Whole),
    manage("POST", "/people", Whole),
    manage("POST", "/people/{id}/role", Whole),
    manage("POST", "/people/{id}/disable", Whole),
    manage("POST", "/people/{id}/enable", Whole),
    manage("POST", "/people/{id}/invite", Whole),
    manage("POST", "/people/{id}/remove", Whole),
    manage("GET", "/audit", Whole),
    manage("GET", "/connect", Whole),
    manage("POST", "/connect", Whole),
    manage("GET", "/connect/{id}", Whole),
    manage("POST", "/connect/{id}/steps/{step}", Whole),
    manage("POST", "/connect/{id}/consent", Whole),
    manage("POST", "/connect/{id}/cancel", Whole),
    manage("GET", "/apps", Whole),
    manage("GET", "/apps/new", Whole),
    manage("POST", "/apps/new", Whole),
    see("/connections/{id}", Connection),
    manage("POST", "/connections/{id}/update", Connection),
    manage("POST", "/connections/{id}/enable", Connection),
    manage("POST", "/connections/{id}/disable", Connection),
    act("/connections/{id}/check", Connection),
    manage("GET", "/connections/{id}/remove", Connection),
    manage("POST", "/connections/{id}/remove", Connection),
    // Consent: the ticket in the path, and the cookie with the state, are who may.
    door("GET", "/oauth/begin/{ticket}"),
    door("POST", "/oauth/begin/{ticket}"),
    door("GET", "/oauth/callback"),
];

/// The rule of a route.
pub(crate) fn rule(method: &Method, path: &str) -> Option<&'static Rule> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    RULES.iter().find(|r| r.path == path && r.method == method)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_route_of_the_document_states_its_scope_and_no_rule_is_left_over() {
        let doc = crate::openapi();
        let mut routes: Vec<(String, String)> = Vec::new();
        for (path, item) in &doc.paths.paths {
            let methods = [
                ("GET", item.get.is_some()),
                ("POST", item.post.is_some()),
                ("PUT", item.put.is_some()),
                ("DELETE", item.delete.is_some()),
                ("PATCH", item.patch.is_some()),
            ];
            for (m, _) in methods.iter().filter(|(_, there)| *there) {
                routes.push(((*m).to_owned(), path.clone()));
            }
        }
        assert!(routes.len() > 30, "{routes:?}");
        let unstated: Vec<_> =
            routes.iter().filter(|(m, p)| rule(&m.parse().unwrap(), p).is_none_or(|r| r.scope.is_none())).collect();
        assert!(unstated.is_empty(), "routes without a line in access.rs, which the guard refuses: {unstated:?}");
        let stale: Vec<_> = RULES
            .iter()
            .filter(|r| r.path.starts_with("/v1/") && !routes.iter().any(|(m, p)| m == r.method && p == r.path))
            .map(|r| (r.method, r.path))
            .collect();
        assert!(stale.is_empty(), "rules of routes that are not there: {stale:?}");
    }

    #[test]
    fn no_rule_stands_twice_and_no_writing_is_open() {
        for (i, r) in RULES.iter().enumerate() {
            assert!(!RULES.iter().skip(i + 1).any(|o| o.method == r.method && o.path == r.path), "{r:?}");
            let door = ["/", "/setup", "/login", "/logout"].contains(&r.path) || r.path.starts_with("/oauth/");
            assert_eq!(r.scope.is_none(), door, "{r:?}");
            // Whoever is limited to some connections comes to a route of one only through its id.
            assert!(r.reach != Reach::Connection || r.path.contains("{id}"), "{r:?}");
        }
    }
}
