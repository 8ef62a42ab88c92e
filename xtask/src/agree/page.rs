//! The table on a connector's page: writing it, and reading which actions it has.

use std::{collections::BTreeSet, fmt::Write as _};

use super::{
    description::Description,
    finding::Class,
    report::{Endpoint, Report, Row, Verdict, counted},
};

const BEGIN: &str = "<!-- agreement: written by cargo xtask agree -->";
const END: &str = "<!-- /agreement -->";

/// The actions that the table of a page has; `None` where a page has no such section.
///
/// # Errors
/// When one of the two markers is missing.
pub(crate) fn actions(page: &str) -> Result<Option<BTreeSet<String>>, String> {
    let Some((_, section, _)) = split(page)? else { return Ok(None) };
    let cells = section.lines().filter_map(|l| l.strip_prefix("| `")?.split_once('`'));
    Ok(Some(cells.map(|(name, _)| name.to_owned()).collect()))
}

/// The page with the section in place of the one that is there, or at its end.
///
/// # Errors
/// When one of the two markers is missing.
pub(super) fn with_section(page: &str, report: &Report<'_>) -> Result<String, String> {
    let section = section(report);
    Ok(match split(page)? {
        Some((before, _, after)) => format!("{before}{BEGIN}\n{section}{END}{after}"),
        None => format!("{}\n\n{BEGIN}\n{section}{END}\n", page.trim_end()),
    })
}

fn split(page: &str) -> Result<Option<(&str, &str, &str)>, String> {
    let missing = |m: &str| format!("the page has one marker of the agreement's section and not the other, `{m}`");
    match (page.split_once(BEGIN), page.contains(END)) {
        (None, false) => Ok(None),
        (None, true) => Err(missing(BEGIN)),
        (Some((before, rest)), _) => match rest.split_once(END) {
            Some((section, after)) => Ok(Some((before, section, after))),
            None => Err(missing(END)),
        },
    }
}

fn section(report: &Report<'_>) -> String {
    let mut out = String::from("## Agreement with the vendor\n\n");
    let one = report.descriptions.len() == 1;
    let what = if one { "the description" } else { "the descriptions" };
    let _ = writeln!(
        out,
        "Every request and answer in this connector's fixtures was held against {what} that the vendor publishes:\n"
    );
    for d in report.descriptions {
        let _ = writeln!(out, "- {}", cited(d));
    }
    let reasons = reasons(report);
    out.push_str("\n| action | calls | verdict | compared |\n|---|---|---|---|\n");
    for r in &report.rows {
        let calls: Vec<String> = r.endpoints.iter().map(called).collect();
        let compared = format!("{} of {}", counted(r.exchanges, "exchange"), counted(r.fixtures, "fixture"));
        let _ = writeln!(out, "| `{}` | {} | {} | {} |", r.action, calls.join(", "), verdict(r, &reasons), compared);
    }
    if !reasons.is_empty() {
        out.push_str("\nWhat differs, and why that is right:\n\n");
        for (i, why) in reasons.iter().enumerate() {
            let _ = writeln!(out, "{}. {}", i + 1, one_line(why));
        }
    }
    let _ = writeln!(out, "\n{}", remarks(report));
    out
}

fn cited(d: &Description) -> String {
    let date = d.date.as_ref().map(|t| format!(", {t}")).unwrap_or_default();
    let from = d.source.clone().unwrap_or_else(|| d.file.clone());
    let digest = d.digest();
    let short = digest.get(..12).unwrap_or(&digest);
    let bare = if d.is_bare { "; it has paths and parameters only" } else { "" };
    format!(
        "*{}* {} (OpenAPI {}{date}), from {}, SHA-256 `{short}…`{bare}",
        d.title,
        d.version,
        d.openapi,
        one_line(&from)
    )
}

fn called(e: &Endpoint) -> String {
    match &e.id {
        Some(id) => format!("`{id}`"),
        None => format!("`{} {}`", e.method, e.path),
    }
}

/// The reasons that are given, each once, in order of their first use.
fn reasons<'r>(report: &'r Report<'_>) -> Vec<&'r str> {
    let mut all: Vec<&str> = Vec::new();
    for why in report.rows.iter().flat_map(|r| &r.findings).filter_map(|e| e.why.as_deref()) {
        if !all.contains(&why) {
            all.push(why);
        }
    }
    all
}

fn verdict(r: &Row, reasons: &[&str]) -> String {
    let given: BTreeSet<usize> = r
        .findings
        .iter()
        .filter_map(|e| e.why.as_deref())
        .filter_map(|why| Some(reasons.iter().position(|x| *x == why)? + 1))
        .collect();
    if given.is_empty() {
        return r.verdict.label().to_owned();
    }
    let numbers: Vec<String> = given.iter().map(usize::to_string).collect();
    let word = if r.verdict == Verdict::Agrees { ", but for " } else { ": " };
    format!("{}{word}{}", r.verdict.label(), numbers.join(", "))
}

/// What the table does not say of the answers.
fn remarks(report: &Report<'_>) -> String {
    let total = |class: Class| -> usize { report.rows.iter().map(|r| r.count(class)).sum() };
    let counted = [
        (Class::Abridged, "are abridged and lack properties that the description always sends"),
        (Class::Status, "have a status that the description leaves out"),
        (Class::Deliberate, "are broken on purpose"),
    ];
    let parts: Vec<String> = counted
        .iter()
        .filter(|(class, _)| total(*class) > 0)
        .map(|(class, words)| format!("{} {words}", total(*class)))
        .collect();
    if parts.is_empty() {
        return "Requests are compared whole: what is described nowhere counts as a difference.".into();
    }
    format!(
        "Requests are compared whole: what is described nowhere counts as a difference. Answers prove less: {}.",
        parts.join(", ")
    )
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
