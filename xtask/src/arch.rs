//! The architecture's arrows and invariants, checked over `cargo metadata` and over the files that git knows.
//!
//! What lives here: the rules about packages. The rules about files are in [`files`]. Every violation names its rule, why
//! it is one, and the mend.

mod files;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    path::Path,
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{cargo, generate::rules_count};

/// Something that breaks the architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) at: String,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) mend: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, at, what, why, mend } = self;
        write!(f, "{at}: [{rule}] {what}\n    why:  {why}\n    mend: {mend}")
    }
}

/// Packages of ours that only test or serve development; they may depend on anything.
const TOOLS: &[&str] = &["xtask", "contract-suite", "e2e", "benches"];
/// How every connector crate's name begins.
const CONNECTOR_PREFIX: &str = "jackfield-connector-";
/// The crates of ours that each crate of ours may depend on; `jackfield` and [`TOOLS`] may on any.
const ARROWS: &[(&str, &[&str])] = &[
    ("connector-core", &[]),
    ("connector-auth", &["connector-core"]),
    ("connector-http", &["connector-core"]),
    ("connector-testkit", &["connector-core"]),
    ("jackfield-store", &["connector-core"]),
    ("connectors", &["connector-core", CONNECTOR_PREFIX]),
    ("jackfield-engine", &["connector-auth", "connector-core", "jackfield-store"]),
    ("jackfield-server", &["connector-core", "jackfield-engine", "jackfield-store"]),
];
/// What a connector crate may depend on.
const CONNECTOR_DEPENDENCIES: &[&str] = &[
    "connector-core",
    "serde",
    "serde_json",
    "schemars",
    "url",
    "base64",
    "async-trait",
    "bytes",
    "http",
    "jiff",
    "futures-util",
    "pulldown-cmark",
];
/// What the core must not reach, however far away.
const NOT_IN_CORE: &[&str] = &["tokio", "reqwest", "hyper", "rusqlite", "async-std", "smol", "axum"];
/// The one crate that knows the HTTP client.
const HTTP_CLIENT: (&str, &str) = ("reqwest", "connector-http");
/// Crates that may be nowhere in the tree.
const BANNED: &[(&str, &str)] = &[
    ("openssl", "TLS is rustls; a C library would have to be there at build and run time"),
    ("openssl-sys", "TLS is rustls; a C library would have to be there at build and run time"),
    ("native-tls", "TLS is rustls, the same on every platform"),
    ("hyper-tls", "TLS is rustls, the same on every platform"),
    ("ureq", "all bytes leave by the guarded transport of connector-http; a second HTTP client would pass it by"),
    ("isahc", "all bytes leave by the guarded transport of connector-http; a second HTTP client would pass it by"),
    ("curl", "all bytes leave by the guarded transport of connector-http; a second HTTP client would pass it by"),
    ("attohttpc", "all bytes leave by the guarded transport of connector-http; a second HTTP client would pass it by"),
    ("surf", "all bytes leave by the guarded transport of connector-http; a second HTTP client would pass it by"),
    ("inventory", "connectors are registered by the generated facade; the linker drops what registers itself"),
    ("ctor", "connectors are registered by the generated facade; the linker drops what registers itself"),
    ("aws-lc-rs", "cryptography is ring's, everywhere; two libraries double the audit and the build"),
    ("aws-lc-sys", "cryptography is ring's, everywhere; two libraries double the audit and the build"),
    ("chrono", "time is jiff's; two libraries of time in one API do not mix"),
];
/// Crates of which there may be one version only.
const SINGLE_VERSION: &[(&str, &str)] = &[
    ("reqwest", "a second version is a second HTTP client, which would pass the egress guard by"),
    ("rustls", "two TLS stacks double the binary and the security advisories"),
    ("http", "the types of requests are part of our API"),
    ("tokio", "two runtimes in one process do not see each other's tasks"),
];

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_members: BTreeSet<String>,
    resolve: Option<Resolve>,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    /// `None` is a normal dependency; else `dev` or `build`.
    kind: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Debug, Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Debug, Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<EdgeKind>,
}

#[derive(Debug, Deserialize)]
struct EdgeKind {
    kind: Option<String>,
}

/// Checks everything; prints warnings and violations.
///
/// # Errors
/// When something is violated, or cargo or git cannot be run.
pub(crate) fn run(root: &Path) -> Result<()> {
    let out = cargo(root)
        .args(["metadata", "--format-version", "1", "--locked"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("starting cargo")?;
    if !out.status.success() {
        bail!("`cargo metadata --locked` failed; if Cargo.lock is behind, build once and commit it");
    }
    let metadata: Metadata = serde_json::from_slice(&out.stdout).context("reading what cargo metadata printed")?;
    let mut violations = packages(&metadata);
    let listed = git_files(root)?;
    let report = files::check(root, &listed)?;
    violations.extend(report.violations);
    for w in &report.warnings {
        println!("warning: {w}");
    }
    if !violations.is_empty() {
        let all: Vec<String> = violations.iter().map(ToString::to_string).collect();
        bail!("{} broken:\n{}", rules_count(all.len()), all.join("\n"));
    }
    println!("the architecture holds: {} packages of ours, {} files", metadata.workspace_members.len(), listed.len());
    Ok(())
}

/// What git tracks and what it would: a file breaks the rules before it is committed, too.
fn git_files(root: &Path) -> Result<Vec<String>> {
    let out = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("starting git")?;
    if !out.status.success() {
        bail!("`git ls-files` failed: {}", String::from_utf8_lossy(&out.stderr).trim());
    }
    let text = String::from_utf8(out.stdout).context("a file's name is not UTF-8")?;
    let names: BTreeSet<String> = text.split('\0').filter(|n| !n.is_empty()).map(str::to_owned).collect();
    // A file that was removed and not yet committed is still listed.
    Ok(names.into_iter().filter(|n| root.join(n).is_file()).collect())
}

fn packages(m: &Metadata) -> Vec<Violation> {
    let mut out = Vec::new();
    let ours: Vec<&Package> = m.packages.iter().filter(|p| m.workspace_members.contains(&p.id)).collect();
    let names: BTreeSet<&str> = ours.iter().map(|p| p.name.as_str()).collect();
    for p in &ours {
        arrows(p, &names, &mut out);
    }
    banned(m, &mut out);
    core_is_pure(m, &mut out);
    out
}

fn normal(p: &Package) -> BTreeSet<&str> {
    p.dependencies.iter().filter(|d| d.kind.is_none()).map(|d| d.name.as_str()).collect()
}

fn arrows(p: &Package, ours: &BTreeSet<&str>, out: &mut Vec<Violation>) {
    let name = p.name.as_str();
    if TOOLS.contains(&name) {
        return;
    }
    let (client, owner) = HTTP_CLIENT;
    let deps = normal(p);
    if deps.contains(client) && name != owner {
        out.push(Violation {
            rule: "one-way-out",
            at: name.into(),
            what: format!("it depends on {client}"),
            why: format!("{owner} is the only crate that knows an HTTP client: all bytes that leave pass its guard"),
            mend: "send through `connector_core::Transport`; in tests, use a dev-dependency".into(),
        });
    }
    let connector = name.starts_with(CONNECTOR_PREFIX);
    if connector {
        for d in deps.iter().filter(|d| !CONNECTOR_DEPENDENCIES.contains(d)) {
            out.push(Violation {
                rule: "connector-dependencies",
                at: name.into(),
                what: format!("it depends on {d}"),
                why: "a connector does no I/O and reads no clock but through `Cx`; that is what makes replay and fault injection total".into(),
                mend: format!("use what there is ({}), or propose the crate for the list in xtask/src/arch.rs with a reason", CONNECTOR_DEPENDENCIES.join(", ")),
            });
        }
        return;
    }
    if name == "jackfield" {
        return;
    }
    let Some((_, allowed)) = ARROWS.iter().find(|(n, _)| *n == name) else {
        out.push(Violation {
            rule: "known-crate",
            at: name.into(),
            what: "no rule says what this crate may depend on".into(),
            why: "arrows between our crates point one way: core, then http, store and connectors, then engine, server, binary".into(),
            mend: "add it to ARROWS in xtask/src/arch.rs and to docs/architecture.md".into(),
        });
        return;
    };
    let fits = |d: &str| allowed.iter().any(|a| d == *a || (*a == CONNECTOR_PREFIX && d.starts_with(a)));
    for d in deps.iter().filter(|d| ours.contains(*d) && !fits(d)) {
        out.push(Violation {
            rule: "arrows",
            at: name.into(),
            what: format!("it depends on {d}"),
            why: match allowed {
                [] => "it depends on nothing of ours".into(),
                _ => format!(
                    "of ours it may depend on {} only",
                    allowed.join(", ").replace(CONNECTOR_PREFIX, "connector crates")
                ),
            },
            mend: "move the code to the crate that may, or pass it in from above through a trait".into(),
        });
    }
}

fn banned(m: &Metadata, out: &mut Vec<Violation>) {
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for p in &m.packages {
        versions.entry(&p.name).or_default().push(&p.version);
    }
    let users = |name: &str| {
        let by: BTreeSet<&str> = m
            .packages
            .iter()
            .filter(|p| p.dependencies.iter().any(|d| d.name == name && d.kind.as_deref() != Some("dev")))
            .map(|p| p.name.as_str())
            .collect();
        by.into_iter().collect::<Vec<_>>().join(", ")
    };
    for (name, why) in BANNED.iter().filter(|(n, _)| versions.contains_key(n)) {
        out.push(Violation {
            rule: "banned-crate",
            at: "Cargo.lock".into(),
            what: format!("{name} is in the tree; named by {}", users(name)),
            why: (*why).into(),
            mend: "turn off the feature that brings it, or take another crate".into(),
        });
    }
    for (name, why) in SINGLE_VERSION {
        if let Some(found) = versions.get(name).filter(|v| v.len() > 1) {
            out.push(Violation {
                rule: "single-version",
                at: "Cargo.lock".into(),
                what: format!(
                    "{name} is there in {} versions: {}; named by {}",
                    found.len(),
                    found.join(", "),
                    users(name)
                ),
                why: (*why).into(),
                mend: format!("bring the crates that name it to one version; `cargo tree -i {name}` shows them"),
            });
        }
    }
}

/// Looks along normal dependencies from the core for what it must not know.
fn core_is_pure(m: &Metadata, out: &mut Vec<Violation>) {
    const CORE: &str = "connector-core";
    let name_of: BTreeMap<&str, &str> = m.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    let nodes: BTreeMap<&str, &Node> = m.resolve.iter().flat_map(|r| &r.nodes).map(|n| (n.id.as_str(), n)).collect();
    let Some(start) = m.packages.iter().find(|p| p.name == CORE && m.workspace_members.contains(&p.id)) else { return };
    let mut from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([start.id.as_str()]);
    while let Some(id) = queue.pop_front() {
        let edges = nodes.get(id).into_iter().flat_map(|n| &n.deps);
        for e in edges.filter(|e| e.dep_kinds.iter().any(|k| k.kind.is_none())) {
            if e.pkg != start.id && !from.contains_key(e.pkg.as_str()) {
                from.insert(&e.pkg, id);
                queue.push_back(&e.pkg);
            }
        }
    }
    for id in from.keys().filter(|id| name_of.get(**id).is_some_and(|n| NOT_IN_CORE.contains(n))) {
        let mut way = Vec::new();
        let mut here = Some(*id);
        while let Some(id) = here {
            way.push(name_of.get(id).copied().unwrap_or(id));
            here = from.get(id).copied();
        }
        way.reverse();
        out.push(Violation {
            rule: "core-is-pure",
            at: CORE.into(),
            what: format!("it reaches {}", way.join(" -> ")),
            why: "the core knows no runtime, no HTTP client and no database, so that connectors run anywhere, in any test".into(),
            mend: "turn off the feature that brings it, or move what needs it above the core".into(),
        });
    }
}

#[cfg(test)]
mod tests;
