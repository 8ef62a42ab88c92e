//! The table of SSRF cases.

use std::{collections::HashMap, io, net::IpAddr};

use async_trait::async_trait;
use connector_http::Resolver;

/// A row.
pub struct Case {
    pub source: &'static str,
    pub verdict: &'static str,
    /// The rule that refuses it; `public` for what is called.
    pub rule: &'static str,
    /// The URL as it is written in the wild.
    pub url: String,
    /// What its name stands for in the wild.
    pub answers: Vec<IpAddr>,
}

pub fn cases() -> Vec<Case> {
    let rows = include_str!("../ssrf_cases.tsv").lines().filter(|l| !l.starts_with('#'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let (url, answers) = match cells[..] {
            [_, _, _, url] => (url, ""),
            [_, _, _, url, answers] => (url, answers),
            _ => panic!("neither four nor five columns: {row}"),
        };
        let answers = answers.split(',').filter(|a| !a.is_empty()).map(|a| a.parse().unwrap()).collect();
        Case { source: cells[0], verdict: cells[1], rule: cells[2], url: unescape(url), answers }
    })
    .collect()
}

/// The table writes `\n`, `\r`, `\x00` and `\u3002` for what an editor would not show, and `\\` for a backslash.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let hex = |rest: &mut std::str::Chars<'_>, n: usize| {
            let digits: String = rest.take(n).collect();
            char::from_u32(u32::from_str_radix(&digits, 16).unwrap()).unwrap()
        };
        match rest.next() {
            Some('n') => out.push('\n'),
            Some('r') => out.push('\r'),
            Some('\\') => out.push('\\'),
            Some('x') => out.push(hex(&mut rest, 2)),
            Some('u') => out.push(hex(&mut rest, 4)),
            other => panic!("unknown escape {other:?} in {text}"),
        }
    }
    out
}

/// Answers each name of the table with what it stands for in the wild.
pub struct Wild(HashMap<String, Vec<IpAddr>>);

impl Wild {
    pub fn of(cases: &[Case]) -> Self {
        let named = cases.iter().filter(|c| !c.answers.is_empty());
        Self(
            named
                .map(|c| {
                    let url = connector_core::request::parse_url(&c.url).unwrap();
                    (url.host_str().unwrap().to_owned(), c.answers.clone())
                })
                .collect(),
        )
    }
}

#[async_trait]
impl Resolver for Wild {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(self.0.get(host).unwrap_or_else(|| panic!("the table has no answer for {host}")).clone())
    }
}
