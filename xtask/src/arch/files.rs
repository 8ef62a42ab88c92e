//! The architecture's rules about files: size, leftovers, generated headers, and purity of the core and the connectors.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use super::Violation;
use crate::{
    generate::{COMMAND, HEADER, is_generated_rust},
    text::{Source, Token},
};

/// A hand-written file above this many lines is named.
const WARN_LINES: usize = 400;
/// One above this many is refused.
const MOST_LINES: usize = 700;

/// What the core and the connectors must not reach for: Rust text, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "take a `Blob`"),
    ("std::net", "send through `Cx`"),
    ("std::env", "declare a param"),
    ("std::process", "there is nothing that a connector may run"),
    ("std::thread", "write an `async fn`"),
    ("SystemTime::now", "ask `Cx::now`"),
    ("Instant::now", "ask `Cx::now`"),
    ("Timestamp::now", "ask `Cx::now`"),
    ("Zoned::now", "ask `Cx::now`"),
    ("Uuid::now_v7", "make it from `Cx::now`"),
    ("tokio::_", "write an `async fn`; the runtime is the caller's"),
    ("reqwest::_", "send through `Cx`"),
];

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) violations: Vec<Violation>,
    pub(super) warnings: Vec<String>,
}

/// Checks the Rust files among `files`, paths relative to `root`.
///
/// # Errors
/// When a file cannot be read.
pub(super) fn check(root: &Path, files: &[String]) -> Result<Report> {
    let mut report = Report::default();
    for file in files.iter().filter(|f| f.ends_with(".rs")) {
        let text = fs::read_to_string(root.join(file)).with_context(|| format!("reading {file}"))?;
        one(file, &text, &mut report);
    }
    Ok(report)
}

fn one(file: &str, text: &str, report: &mut Report) {
    if is_generated_rust(file) {
        if text.lines().next() != Some(HEADER) {
            report.violations.push(Violation {
                rule: "generated-header",
                at: file.into(),
                what: "the file is generated, but does not begin with the header that says so".into(),
                why: "a generated file is never edited by hand".into(),
                mend: COMMAND.into(),
            });
        }
        return;
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        report.violations.push(Violation {
            rule: "file-size",
            at: file.into(),
            what: format!("the file has {lines} lines; {MOST_LINES} are the most"),
            why: "a file is something that a person can read in one go".into(),
            mend: "split it by what its module docs would say".into(),
        });
    } else if lines > WARN_LINES {
        report.warnings.push(format!("{file} has {lines} lines; {WARN_LINES} are good, {MOST_LINES} the most"));
    }
    if is_test(file) {
        return;
    }
    let source = Source::parse(text);
    let tests = test_items(&source);
    let outside = |i: &usize| !tests.iter().any(|r| r.contains(i));
    for name in ["todo", "unimplemented"] {
        for i in source.find(&format!("{name}!(")).filter(outside) {
            report.violations.push(Violation {
                rule: "no-leftovers",
                at: format!("{file}:{}", source.line(i)),
                what: format!("`{name}!` outside tests"),
                why: "what is there works; nothing pretends".into(),
                mend: "write it, or return an error of the kind `Unsupported` that says what is missing".into(),
            });
        }
    }
    if is_pure(file) {
        for (pattern, instead) in IMPURE {
            for i in source.find(pattern).filter(outside) {
                let what = pattern.trim_end_matches("::_");
                report.violations.push(Violation {
                    rule: "pure",
                    at: format!("{file}:{}", source.line(i)),
                    what: format!("`{what}` in code that does no I/O and reads no clock of its own"),
                    why: "replay, fault injection and the egress guard are only total if everything passes `Cx`".into(),
                    mend: (*instead).into(),
                });
            }
        }
    }
}

fn is_pure(file: &str) -> bool {
    file.starts_with("crates/connector-core/src/") || (file.starts_with("connectors/") && file.contains("/src/"))
}

fn is_test(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "tests.rs" || part == "benches")
}

/// The token ranges of the items under `#[cfg(test)]`, and of those that doc-test like `#[test]` functions are.
fn test_items(source: &Source) -> Vec<std::ops::Range<usize>> {
    let starts = source.find("#[cfg(test)]").chain(source.find("#[test]"));
    starts.map(|start| start..item_end(source, start)).collect()
}

/// The end of the item that an attribute stands before: its closing brace, or its semicolon.
fn item_end(source: &Source, start: usize) -> usize {
    let mut depth = 0usize;
    let mut brackets = 0usize;
    for (i, t) in source.tokens.iter().enumerate().skip(start) {
        match t {
            Token::Punct('[' | '(') => brackets += 1,
            Token::Punct(']' | ')') => brackets = brackets.saturating_sub(1),
            Token::Punct('{') => depth += 1,
            Token::Punct('}') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            Token::Punct(';') if depth == 0 && brackets == 0 => return i + 1,
            _ => {}
        }
    }
    source.tokens.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn found(file: &str, text: &str) -> Vec<(&'static str, String)> {
        let mut r = Report::default();
        one(file, text, &mut r);
        r.violations.into_iter().map(|v| (v.rule, v.at)).collect()
    }

    #[test]
    fn leftovers_are_found_outside_tests_only() {
        let text = "// todo!()\nfn a() { todo!() }\n#[cfg(test)]\nmod tests { fn b() { todo!() } }\nfn c() { unimplemented!(\"x\") }\n";
        assert_eq!(
            found("crates/x/src/a.rs", text),
            [("no-leftovers", "crates/x/src/a.rs:2".into()), ("no-leftovers", "crates/x/src/a.rs:5".into())]
        );
        assert_eq!(found("crates/x/tests/a.rs", text), []);
        assert_eq!(
            found("crates/x/src/a.rs", "#[cfg(test)]\nmod tests;\nfn a() { todo!() }"),
            [("no-leftovers", "crates/x/src/a.rs:3".into())]
        );
    }

    #[test]
    fn long_files_are_named_and_longer_ones_refused() {
        let mut r = Report::default();
        one("a.rs", &"//\n".repeat(400), &mut r);
        assert!(r.warnings.is_empty());
        one("a.rs", &"//\n".repeat(401), &mut r);
        one("a.rs", &"//\n".repeat(700), &mut r);
        assert!(r.warnings.len() == 2 && r.violations.is_empty());
        one("a.rs", &"//\n".repeat(701), &mut r);
        assert_eq!(r.violations[0].rule, "file-size");
        assert_eq!(found("connectors/x/src/actions/mod.rs", &format!("{HEADER}\n{}", "//\n".repeat(900))), []);
    }

    #[test]
    fn generated_files_say_so() {
        for file in ["connectors/x/src/triggers/mod.rs", "crates/connectors/src/generated.rs"] {
            assert_eq!(found(file, "pub mod a;\n"), [("generated-header", file.into())]);
            assert_eq!(found(file, &format!("{HEADER}\npub mod a;\n")), []);
        }
    }

    #[test]
    fn the_core_and_connectors_are_pure() {
        let text = "fn a() { let _ = std::time::Instant::now(); }\n#[cfg(test)] mod tests { use std::fs; #[tokio::test] async fn b() {} }\n// tokio::spawn\n";
        for file in ["crates/connector-core/src/a.rs", "connectors/x/src/client.rs"] {
            assert_eq!(found(file, text), [("pure", format!("{file}:1"))]);
        }
        assert_eq!(found("crates/connector-http/src/a.rs", text), []);
        assert_eq!(found("connectors/x/src/client.rs", "use std::fs;\nfn a() { tokio::spawn(x) }").len(), 2);
    }
}
