//! Which operation of which description a request means: servers, base paths, path templates.
//!
//! A connection may have its service at an address of its own (a site of Jira, GitHub Enterprise Server), of which a
//! description knows a placeholder at most. There the address may have leading segments that the description does not name.

use std::cmp::Reverse;

use serde_json::Value;

use super::description::{Description, METHODS, Operation};
use crate::encoding::percent_decoded;

/// The most leading segments that an address of a connection's own may have before a described path.
const MOST_LEADING: usize = 4;

/// The paths of a description, ready to be matched.
pub(super) struct Routes {
    servers: Vec<Server>,
    templates: Vec<Template>,
}

struct Server {
    /// As the description writes it.
    url: String,
    /// `None` stands for any: a placeholder, or an address relative to the description's own.
    host: Option<String>,
    /// The path that all paths begin with, without a slash at its end.
    base: String,
}

struct Template {
    path: String,
    segments: Vec<Vec<Part>>,
    /// Each with the servers of its own, if it has some.
    methods: Vec<(&'static str, Option<Vec<Server>>)>,
}

enum Part {
    Text(String),
    /// A parameter's name, and whether it takes several segments.
    Param(String, bool),
}

/// An absolute URL in its parts.
pub(super) struct Url<'a> {
    /// In lower case, with its port.
    pub(super) host: String,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

impl<'a> Url<'a> {
    /// Of an `http` or `https` URL.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let rest = rest.split('#').next().unwrap_or_default();
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let at = before.find('/').unwrap_or(before.len());
        let (host, path) = before.split_at_checked(at)?;
        (!host.is_empty()).then(|| Self { host: host.to_ascii_lowercase(), path, query })
    }
}

/// What a path's parameters are filled with.
pub(super) type Filled = Vec<(String, String)>;

/// Where a request leads.
pub(super) enum Route<'d> {
    /// To an operation, with its path parameters. `served_at` says where the description serves it, when that is elsewhere.
    Found { operation: Operation<'d>, path: Filled, served_at: Option<String> },
    /// To a path that has other methods.
    Method { path: &'d str, described: Vec<Operation<'d>> },
    /// To no path that is described.
    Nowhere,
}

/// Finds the operation of a request; `bases` are the addresses that the connection has of its own.
pub(super) fn route<'d>(descriptions: &'d [Description], method: &str, url: &Url<'_>, bases: &[Url<'_>]) -> Route<'d> {
    let own = bases.iter().any(|b| b.host == url.host);
    let mut candidates: Vec<Candidate<'d>> =
        descriptions.iter().flat_map(|d| d.routes.candidates(d, url, own)).collect();
    // The method before another one, its host before anywhere else, the fewest segments skipped, no parameter left empty,
    // the most literal path.
    candidates.sort_by_key(|c| {
        let empty = c.filled.iter().any(|(_, value)| value.is_empty());
        (c.method != method, !c.here, c.skipped, empty, Reverse(c.template.literal()))
    });
    let Some(first) = candidates.first() else { return Route::Nowhere };
    let path = &first.template.path;
    if first.method != method {
        let described =
            first.template.methods.iter().filter_map(|(m, _)| first.description.operation(path, m)).collect();
        return Route::Method { path, described };
    }
    match first.description.operation(path, method) {
        Some(operation) => Route::Found {
            operation,
            path: first.filled.clone(),
            served_at: (!first.here).then(|| first.server.url.clone()),
        },
        None => Route::Nowhere,
    }
}

struct Candidate<'d> {
    description: &'d Description,
    template: &'d Template,
    method: String,
    server: &'d Server,
    here: bool,
    skipped: usize,
    filled: Filled,
}

/// What of a URL's path may be a described path, seen from one server: how many segments that skips, and the segments.
struct View<'d> {
    server: &'d Server,
    /// Whether the URL's host is the server's, or may be.
    here: bool,
    rests: Vec<(usize, Vec<String>)>,
}

impl Routes {
    pub(super) fn new(root: &Value) -> Self {
        let paths = root.get("paths").and_then(Value::as_object).into_iter().flatten();
        let follow = |v: &'_ Value| -> Value {
            let target = v.get("$ref").and_then(Value::as_str).and_then(|r| root.pointer(r.strip_prefix('#')?));
            target.unwrap_or(v).clone()
        };
        let templates = paths.map(|(path, item)| Template::new(path, &follow(item), &follow)).collect();
        Self { servers: root_servers(root), templates }
    }

    fn candidates<'d>(&'d self, description: &'d Description, url: &Url<'_>, own: bool) -> Vec<Candidate<'d>> {
        let usual: Vec<View<'d>> = self.servers.iter().map(|s| s.view(url, own)).collect();
        let mut out = Vec::new();
        for template in &self.templates {
            for (method, servers) in &template.methods {
                let special: Option<Vec<View<'d>>> =
                    servers.as_ref().map(|all| all.iter().map(|s| s.view(url, own)).collect());
                for view in special.as_ref().unwrap_or(&usual) {
                    let found = view.rests.iter().find_map(|(skipped, r)| Some((*skipped, template.matches(r)?)));
                    let Some((skipped, filled)) = found else { continue };
                    let method = method.to_ascii_uppercase();
                    out.push(Candidate {
                        description,
                        template,
                        method,
                        server: view.server,
                        here: view.here,
                        skipped,
                        filled,
                    });
                }
            }
        }
        out
    }
}

/// A path without its first `n` segments.
fn without_leading(path: &str, n: usize) -> Option<&str> {
    let mut rest = path;
    for _ in 0..n {
        let after = rest.strip_prefix('/')?;
        rest = after.get(after.find('/')?..)?;
    }
    Some(rest)
}

fn root_servers(root: &Value) -> Vec<Server> {
    if let Some(host) = root.get("host").and_then(Value::as_str) {
        let base = root.get("basePath").and_then(Value::as_str).unwrap_or_default();
        return vec![Server::new(&format!("https://{host}{base}"))];
    }
    let found = servers(root).unwrap_or_default();
    if found.is_empty() {
        let base = root.get("basePath").and_then(Value::as_str).unwrap_or_default();
        return vec![Server::new(base)];
    }
    found
}

fn servers(node: &Value) -> Option<Vec<Server>> {
    let list = node.get("servers").and_then(Value::as_array)?;
    let all: Vec<Server> = list.iter().filter_map(|s| s.get("url")?.as_str()).map(Server::new).collect();
    (!all.is_empty()).then_some(all)
}

impl Server {
    fn new(url: &str) -> Self {
        // A template such as `{protocol}://{hostname}/api/v3` may begin with a variable.
        let (host, base) = match url.split_once("://") {
            Some((_, rest)) => {
                let at = rest.find('/').unwrap_or(rest.len());
                let (host, base) = rest.split_at_checked(at).unwrap_or((rest, ""));
                (Some(host.to_ascii_lowercase()).filter(|h| !is_placeholder(h)), base)
            }
            None => (None, url),
        };
        Self { url: url.to_owned(), host, base: base.trim_end_matches('/').to_owned() }
    }

    fn view(&self, url: &Url<'_>, own: bool) -> View<'_> {
        let exact = self.host.as_ref().is_some_and(|h| *h == url.host);
        let loose = !exact && (own || self.host.is_none());
        let below = url.path.strip_prefix(&self.base).filter(|r| r.is_empty() || r.starts_with('/'));
        // What stands below the server's own base path needs no guess.
        let mut rests: Vec<(usize, &str)> = below.map(|r| (0, r)).into_iter().collect();
        if loose {
            rests.extend((0..=MOST_LEADING).filter_map(|n| Some((n + 1, without_leading(url.path, n)?))));
        }
        let decoded = |r: &str| segments(r).map(|s| percent_decoded(s, false)).collect();
        View { server: self, here: exact || loose, rests: rests.into_iter().map(|(n, r)| (n, decoded(r))).collect() }
    }
}

/// Whether a host stands for that of each customer: `{hostname}`, `your-domain.atlassian.net`, `HOSTNAME`, `jira.local`.
fn is_placeholder(host: &str) -> bool {
    let name = host.split(':').next().unwrap_or_default();
    let ends = [".local", ".example", ".invalid", ".test", "example.com", "example.org", "example.net"];
    name.contains('{')
        || name.starts_with("your")
        || ["hostname", "localhost", "127.0.0.1"].contains(&name)
        || ends.iter().any(|e| name.ends_with(e))
}

impl Template {
    fn new(path: &str, item: &Value, follow: &impl Fn(&Value) -> Value) -> Self {
        let mut multi: Vec<String> = Vec::new();
        let mut note = |node: &Value| {
            let params = node.get("parameters").and_then(Value::as_array).into_iter().flatten();
            for p in params.map(follow) {
                if p.get("x-multi-segment").and_then(Value::as_bool) == Some(true) {
                    multi.extend(p.get("name").and_then(Value::as_str).map(str::to_owned));
                }
            }
        };
        note(item);
        METHODS.iter().filter_map(|m| item.get(m)).for_each(&mut note);
        let of_item = || servers(item);
        Self {
            path: path.to_owned(),
            segments: segments(path).map(|s| parts(s, &multi)).collect(),
            methods: METHODS
                .iter()
                .filter_map(|m| Some((*m, item.get(m)?)))
                .map(|(m, node)| (m, servers(node).or_else(of_item)))
                .collect(),
        }
    }

    /// Which segments are literal: what orders paths that both match.
    fn literal(&self) -> Vec<bool> {
        self.segments.iter().map(|s| s.iter().all(|p| matches!(p, Part::Text(_)))).collect()
    }

    /// The parameters, if a path is of this form.
    fn matches(&self, path: &[String]) -> Option<Filled> {
        let mut filled = Vec::new();
        walk(&self.segments, path, &mut filled).then_some(filled)
    }
}

/// The segments of a path; a slash at its end makes no difference.
fn segments(path: &str) -> impl Iterator<Item = &str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    path.split('/').filter(move |_| !path.is_empty())
}

fn parts(segment: &str, multi: &[String]) -> Vec<Part> {
    let mut out = Vec::new();
    let mut rest = segment;
    while let Some((text, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { break };
        if !text.is_empty() {
            out.push(Part::Text(text.to_owned()));
        }
        out.push(Part::Param(name.to_owned(), multi.iter().any(|m| m == name)));
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(Part::Text(rest.to_owned()));
    }
    out
}

fn walk(template: &[Vec<Part>], path: &[String], filled: &mut Filled) -> bool {
    let Some((first, others)) = template.split_first() else { return path.is_empty() };
    let before = filled.len();
    if let [Part::Param(name, true)] = first.as_slice() {
        // At the end it may take none: GitHub's contents of a repository's root.
        let least = usize::from(!others.is_empty());
        for n in least..=path.len() {
            let (taken, left) = path.split_at_checked(n).unwrap_or((path, &[]));
            filled.push((name.clone(), taken.join("/")));
            if walk(others, left, filled) {
                return true;
            }
            filled.truncate(before);
        }
        return false;
    }
    let Some((here, rest)) = path.split_first() else { return false };
    if fill(first, here, filled) && walk(others, rest, filled) {
        return true;
    }
    filled.truncate(before);
    false
}

/// Matches one segment; a parameter takes at least one character, and as few as it can.
fn fill(parts: &[Part], text: &str, filled: &mut Filled) -> bool {
    let Some((first, others)) = parts.split_first() else { return text.is_empty() };
    match first {
        Part::Text(t) => text.strip_prefix(t.as_str()).is_some_and(|rest| fill(others, rest, filled)),
        Part::Param(name, _) => {
            let ends = text.char_indices().map(|(i, c)| i + c.len_utf8());
            for end in ends {
                let (value, rest) = text.split_at_checked(end).unwrap_or((text, ""));
                filled.push((name.clone(), value.to_owned()));
                if fill(others, rest, filled) {
                    return true;
                }
                filled.pop();
            }
            false
        }
    }
}

#[cfg(test)]
mod tests;
