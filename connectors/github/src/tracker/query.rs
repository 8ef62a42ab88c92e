//! Searches in GitHub's language, made of parts that come from outside: what stands for words must never be read as a
//! qualifier, an operator or the end of a quotation. What must not live here: calls.
//!
//! Vendor's pages: <https://docs.github.com/search-github/getting-started-with-searching-on-github/understanding-the-search-syntax>,
//! <https://docs.github.com/search-github/searching-on-github/searching-issues-and-pull-requests>.

use connector_core::{
    Error, Result, Timestamp,
    capability::issue_tracker::{IssueFilter, StateCategory},
};

use crate::model::IssueState;

/// GitHub refuses searches whose words are longer, qualifiers not counted.
const MAX_WORDS: usize = 256;

/// A filter in GitHub's words, checked.
pub(super) struct Wanted<'a> {
    pub(super) state: Option<IssueState>,
    pub(super) since: Option<String>,
    labels: &'a [String],
    assignee: Option<&'a str>,
}

impl<'a> Wanted<'a> {
    pub(super) fn of(filter: &'a IssueFilter) -> Result<Self> {
        Ok(Self {
            state: match filter.state {
                None => None,
                Some(StateCategory::Open) => Some(IssueState::Open),
                Some(StateCategory::Done) => Some(IssueState::Closed),
                Some(StateCategory::InProgress) => return Err(super::no_progress()),
            },
            since: filter.updated_since.as_deref().map(seconds).transpose()?,
            labels: &filter.labels,
            assignee: filter.assignee.as_deref().map(login).transpose()?,
        })
    }
}

/// The search for these words among the issues of a repository, whose name is known to be one.
pub(super) fn build(repository: &str, text: &str, wanted: &Wanted<'_>) -> Result<String> {
    let mut parts = words(text)?;
    parts.push("in:title,body".to_owned());
    parts.push(format!("repo:{repository}"));
    parts.push("is:issue".to_owned());
    match wanted.state {
        Some(IssueState::Open) => parts.push("state:open".to_owned()),
        Some(IssueState::Closed) => parts.push("state:closed".to_owned()),
        None => {}
    }
    for (i, label) in wanted.labels.iter().enumerate() {
        if label.contains(ends_a_quotation) {
            let why = "holds a quotation mark, which cannot be searched for; list issues without `text`";
            return Err(Error::invalid_field(format!("/labels/{i}"), why));
        }
        parts.push(format!("label:\"{label}\""));
    }
    if let Some(login) = wanted.assignee {
        parts.push(format!("assignee:{login}"));
    }
    if let Some(since) = &wanted.since {
        parts.push(format!("updated:>={since}"));
    }
    Ok(parts.join(" "))
}

/// Plain words as they are, so that GitHub finds their other forms too; all others in quotation marks, in which nothing
/// has a meaning.
fn words(text: &str) -> Result<Vec<String>> {
    let all: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || ends_a_quotation(c)).filter(|w| !w.is_empty()).collect();
    if all.is_empty() {
        return Err(Error::invalid_field("/text", "holds no word"));
    }
    if all.iter().map(|w| w.chars().count() + 1).sum::<usize>() > MAX_WORDS + 1 {
        return Err(Error::invalid_field(
            "/text",
            format!("is longer than the {MAX_WORDS} characters that GitHub searches for"),
        ));
    }
    let operator = |w: &str| ["and", "or", "not"].iter().any(|o| w.eq_ignore_ascii_case(o));
    let plain = |w: &str| w.chars().all(char::is_alphanumeric) && !operator(w);
    Ok(all.into_iter().map(|w| if plain(w) { w.to_owned() } else { format!("\"{w}\"") }).collect())
}

/// Quotation marks themselves, what might escape them, and what no text holds.
fn ends_a_quotation(c: char) -> bool {
    c == '"' || c == '\\' || c.is_control()
}

/// A time in whole seconds, which is what GitHub keeps. Rounded down, so that nothing is missed.
fn seconds(time: &str) -> Result<String> {
    let wrong =
        |_| Error::invalid_field("/updated_since", "must be a time with its offset, such as 2026-01-31T08:00:00Z");
    let time: Timestamp = time.parse().map_err(wrong)?;
    Ok(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// A login, which in lists and searches must not be one of GitHub's special words (`*`, `@me`).
fn login(name: &str) -> Result<&str> {
    let stem = name.strip_suffix("[bot]").unwrap_or(name);
    let fits = !stem.is_empty() && stem.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if fits { Ok(name) } else { Err(Error::invalid_field("/assignee", "must be a login, such as octocat")) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    fn built(text: &str, filter: IssueFilter) -> Result<String> {
        build("o/r", text, &Wanted::of(&filter)?)
    }

    #[test]
    fn words_never_become_qualifiers() {
        for (text, want) in [
            ("crash on start", "crash on start"),
            ("störung 東京", "störung 東京"),
            ("label:bug", r#""label:bug""#),
            ("repo:other/private is:pr", r#""repo:other/private" "is:pr""#),
            (r#"x" repo:other/private "y"#, r#"x "repo:other/private" y"#),
            (r#"\" OR repo:p/q"#, r#""OR" "repo:p/q""#),
            ("cats NOT dogs and not", r#"cats "NOT" dogs "and" "not""#),
            ("-crash (a) @me * x\u{0}y", r#""-crash" "(a)" "@me" "*" x y"#),
            ("two\nlines\twith\u{a0}blanks", "two lines with blanks"),
        ] {
            let q = built(text, IssueFilter::default()).unwrap();
            assert_eq!(q, format!("{want} in:title,body repo:o/r is:issue"), "{text}");
        }
    }

    #[test]
    fn filters_become_qualifiers() {
        let filter = IssueFilter {
            state: Some(StateCategory::Done),
            labels: vec!["help wanted".into(), "a,b:c".into()],
            assignee: Some("octo-cat".into()),
            updated_since: Some("2026-01-31T10:00:00.9+02:00".into()),
            ..Default::default()
        };
        let want = r#"x in:title,body repo:o/r is:issue state:closed label:"help wanted" label:"a,b:c" assignee:octo-cat updated:>=2026-01-31T08:00:00Z"#;
        assert_eq!(built("x", filter).unwrap(), want);
    }

    #[test]
    fn what_cannot_be_asked_for_is_refused_by_name() {
        let long = "x".repeat(257);
        for (text, filter, field) in [
            ("\"\"", IssueFilter::default(), "/text"),
            (long.as_str(), IssueFilter::default(), "/text"),
            ("x", IssueFilter { labels: vec!["a".into(), "b\" repo:p/q".into()], ..Default::default() }, "/labels/1"),
            ("x", IssueFilter { assignee: Some("o repo:p/q".into()), ..Default::default() }, "/assignee"),
            ("x", IssueFilter { assignee: Some("*".into()), ..Default::default() }, "/assignee"),
            ("x", IssueFilter { assignee: Some("[bot]".into()), ..Default::default() }, "/assignee"),
            ("x", IssueFilter { updated_since: Some("2026-01-31".into()), ..Default::default() }, "/updated_since"),
            ("x", IssueFilter { state: Some(StateCategory::InProgress), ..Default::default() }, "/state"),
        ] {
            let e = built(text, filter).unwrap_err();
            assert_eq!(e.fields()[0].pointer, field);
            assert!(!e.caller_text().contains("p/q"));
        }
        let most = format!("{} {}", "x".repeat(127), "y".repeat(128));
        assert!(built(&most, IssueFilter::default()).is_ok());
    }
}
