//! What was found, gathered: one entry a finding however often it occurs, a verdict an action, and what is printed.

use std::{collections::BTreeSet, fmt::Write as _};

use serde::Serialize;

use super::{
    description::{Description, Operation},
    explain::Explanation,
    finding::{Class, Finding},
};

/// Whether an action is what the vendor describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    /// Nothing differs, or what does is explained.
    Agrees,
    Differs,
    NotDescribed,
    /// No fixture of it sends a request, so there is nothing to compare.
    SendsNothing,
}

impl Verdict {
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::NotDescribed => "not described there",
            Self::SendsNothing => "sends nothing",
        }
    }

    /// `3 agree`, `1 differs`.
    fn counted(self, n: usize) -> String {
        let many = match self {
            Self::Agrees => "agree",
            Self::Differs => "differ",
            Self::NotDescribed => "not described there",
            Self::SendsNothing => "send nothing",
        };
        format!("{n} {}", if n == 1 { self.label() } else { many })
    }
}

/// Where a finding was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Spot {
    /// The fixture's file name.
    pub(super) fixture: String,
    /// The number of the exchange in it, from 0.
    pub(super) exchange: usize,
    /// The JSON pointer in the body; empty for what is no body.
    pub(super) pointer: String,
}

/// One finding with every place it was made at.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) class: Class,
    pub(super) text: String,
    pub(super) places: Vec<Spot>,
    /// The reason of the explanation that covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

impl Entry {
    /// Whether somebody has to do something about it.
    pub(super) fn is_open(&self) -> bool {
        self.class.is_hard() && self.why.is_none()
    }
}

/// An operation that an action calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Endpoint {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(rename = "operationId", skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
}

/// What is known of one action.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) action: String,
    pub(super) verdict: Verdict,
    pub(super) endpoints: Vec<Endpoint>,
    pub(super) fixtures: usize,
    pub(super) exchanges: usize,
    pub(super) findings: Vec<Entry>,
}

impl Row {
    pub(super) fn new(action: &str, fixtures: usize) -> Self {
        Self {
            action: action.to_owned(),
            verdict: Verdict::Agrees,
            endpoints: Vec::new(),
            fixtures,
            exchanges: 0,
            findings: Vec::new(),
        }
    }

    /// Notes the operation that an exchange meant.
    pub(super) fn called(&mut self, o: &Operation<'_>) {
        let endpoint = Endpoint { method: o.method.into(), path: o.path.into(), id: o.id().map(str::to_owned) };
        if !self.endpoints.contains(&endpoint) {
            self.endpoints.push(endpoint);
        }
    }

    /// Adds what was found in one exchange.
    pub(super) fn add(&mut self, fixture: &str, exchange: usize, found: Vec<Finding>) {
        for f in found {
            let spot = Spot { fixture: fixture.to_owned(), exchange, pointer: f.pointer };
            match self.findings.iter_mut().find(|e| e.class == f.class && e.text == f.text) {
                Some(entry) => entry.places.push(spot),
                None => self.findings.push(Entry { class: f.class, text: f.text, places: vec![spot], why: None }),
            }
        }
    }

    /// Explains what can be explained, marks the explanations that were needed, and comes to the verdict.
    pub(super) fn judge(&mut self, explanations: &[Explanation], used: &mut [bool]) {
        for entry in self.findings.iter_mut().filter(|e| e.class.is_hard()) {
            for (e, used) in explanations.iter().zip(&mut *used) {
                if e.covers(&self.action, &entry.text) {
                    *used = true;
                    entry.why.get_or_insert_with(|| e.why.clone());
                }
            }
        }
        self.findings.sort_by_key(|e| e.class);
        let undescribed = self.findings.iter().any(|e| e.class == Class::Undescribed);
        self.verdict = match () {
            () if self.exchanges == 0 => Verdict::SendsNothing,
            () if self.endpoints.is_empty() && undescribed => Verdict::NotDescribed,
            () if self.findings.iter().any(Entry::is_open) => Verdict::Differs,
            () => Verdict::Agrees,
        };
    }

    /// How many exchanges have a finding of this class.
    pub(super) fn count(&self, class: Class) -> usize {
        let places = self.findings.iter().filter(|e| e.class == class).flat_map(|e| &e.places);
        places.map(|p| (p.fixture.as_str(), p.exchange)).collect::<BTreeSet<_>>().len()
    }

    /// How many differences are explained.
    pub(super) fn explained(&self) -> usize {
        self.findings.iter().filter(|e| e.why.is_some()).count()
    }
}

/// A whole comparison.
pub(super) struct Report<'d> {
    pub(super) connector: String,
    pub(super) descriptions: &'d [Description],
    pub(super) rows: Vec<Row>,
    /// Explanations that explain nothing.
    pub(super) stale: Vec<Explanation>,
}

impl Report<'_> {
    /// Whether nothing is left to mend or to explain.
    pub(super) fn holds(&self) -> bool {
        self.stale.is_empty() && !self.rows.iter().any(|r| r.findings.iter().any(Entry::is_open))
    }

    fn total(&self, class: Class) -> usize {
        self.rows.iter().map(|r| r.count(class)).sum()
    }

    /// The last line: how many actions came to which verdict, and what else was counted.
    pub(super) fn summary(&self) -> String {
        let verdicts = [Verdict::Agrees, Verdict::Differs, Verdict::NotDescribed, Verdict::SendsNothing];
        let of = |v: Verdict| self.rows.iter().filter(|r| r.verdict == v).count();
        let mut parts: Vec<String> = verdicts.iter().filter(|v| of(**v) > 0).map(|v| v.counted(of(*v))).collect();
        let explained: usize = self.rows.iter().map(Row::explained).sum();
        if explained > 0 {
            parts.push(format!("{} explained", counted(explained, "finding")));
        }
        let sum = |f: fn(&Row) -> usize| self.rows.iter().map(f).sum::<usize>();
        let mut out = format!("{}: {}. ", counted(self.rows.len(), "action"), parts.join(", "));
        let (exchanges, fixtures) = (sum(|r| r.exchanges), sum(|r| r.fixtures));
        let _ = write!(out, "{} of {} compared", counted(exchanges, "exchange"), counted(fixtures, "fixture"));
        let kinds = [
            (Class::Abridged, "lacking required properties in the answer"),
            (Class::Extra, "with properties beyond the description"),
            (Class::Status, "answered with a status that is not described"),
            (Class::Deliberate, "broken on purpose"),
            (Class::Elsewhere, "sent to an address that the service gave"),
            (Class::Contradicted, "differing as the vendor's own example does"),
            (Class::Unchecked, "with something that cannot be checked"),
        ];
        for (class, words) in kinds {
            if self.total(class) > 0 {
                let _ = write!(out, ", {} {words}", self.total(class));
            }
        }
        out
    }

    /// For people. `verbose` lists what is merely counted, too.
    pub(super) fn text(&self, verbose: bool) -> String {
        let mut out = String::new();
        for d in self.descriptions {
            let _ = writeln!(
                out,
                "{} against {} {} ({}, OpenAPI {})",
                self.connector, d.title, d.version, d.file, d.openapi
            );
        }
        out.push('\n');
        let width = self.rows.iter().map(|r| r.action.len()).max().unwrap_or_default();
        for r in &self.rows {
            let explained = if r.explained() > 0 { format!(", {} explained", r.explained()) } else { String::new() };
            let verdict = format!("{}{explained}", r.verdict.label());
            let endpoints: Vec<String> = r.endpoints.iter().map(|e| format!("{} {}", e.method, e.path)).collect();
            let exchanges = counted(r.exchanges, "exchange");
            let line = format!("{:width$}  {verdict:24}  {exchanges:>12}  {}", r.action, endpoints.join(", "));
            let _ = writeln!(out, "{}", line.trim_end());
            for e in r.findings.iter().filter(|e| verbose || e.is_open()) {
                let _ = writeln!(out, "    {}: {}\n        {}", e.class.label(), e.text, places(&e.places, verbose));
                if let Some(why) = &e.why {
                    let _ = writeln!(out, "        explained: {why}");
                }
            }
        }
        for e in &self.stale {
            let _ = writeln!(
                out,
                "\n{}: the explanation of `{}` for {} matches no finding that needs one; remove it, or write what it should match",
                super::explain::FILE,
                e.what,
                e.action
            );
        }
        let _ = writeln!(out, "\n{}", self.summary());
        out
    }

    /// For programs.
    pub(super) fn json(&self) -> serde_json::Value {
        let descriptions: Vec<serde_json::Value> = self
            .descriptions
            .iter()
            .map(|d| {
                serde_json::json!({
                    "file": d.file, "title": d.title, "version": d.version, "openapi": d.openapi,
                    "source": d.source, "date": d.date, "sha256": d.digest(),
                })
            })
            .collect();
        let stale: Vec<serde_json::Value> = self
            .stale
            .iter()
            .map(|e| serde_json::json!({ "action": e.action, "what": e.what, "why": e.why }))
            .collect();
        serde_json::json!({
            "connector": self.connector,
            "holds": self.holds(),
            "descriptions": descriptions,
            "actions": self.rows,
            "stale_explanations": stale,
            "summary": self.summary(),
        })
    }
}

/// `1 exchange`, `2 exchanges`.
pub(super) fn counted(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// `success.json #0 /a, error__x.json #1 and 3 more`.
fn places(all: &[Spot], verbose: bool) -> String {
    let most = if verbose { usize::MAX } else { 3 };
    let named: Vec<String> = all
        .iter()
        .take(most)
        .map(|s| format!("{} #{} {}", s.fixture, s.exchange, s.pointer).trim_end().to_owned())
        .collect();
    let more = all.len().saturating_sub(most);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", named.join(", "))
}
