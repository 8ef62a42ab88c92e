//! Queries in Jira's language, made so that no value from outside can become a part of the language.
//!
//! What must not live here: sending. Vendor's pages:
//! <https://support.atlassian.com/jira-software-cloud/docs/use-advanced-search-with-jira-query-language-jql/>,
//! <https://support.atlassian.com/jira-software-cloud/docs/search-for-issues-using-the-text-field/>.

/// A value as a quoted text of JQL.
pub(crate) fn quote(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // No other control character has a way to be written, and none is in a name.
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Words for `text ~`, which has a small language of its own inside of the quotes: its signs are escaped, its operators
/// made words. Nothing when there is nothing to look for.
pub(crate) fn words(text: &str) -> Option<String> {
    let words: Vec<String> = text.split_whitespace().map(word).collect();
    let any = text.chars().any(char::is_alphanumeric);
    any.then(|| quote(&words.join(" ")))
}

fn word(word: &str) -> String {
    // Operators are in capitals; the search itself does not tell case.
    if matches!(word, "AND" | "OR" | "NOT" | "TO") {
        return word.to_lowercase();
    }
    let special = |c: char| "+-&|!(){}[]^~*?:\\/\"".contains(c);
    word.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_leaves_its_quotes() {
        for (given, want) in [
            ("ENG", r#""ENG""#),
            (r#"a" OR 1=1 --"#, r#""a\" OR 1=1 --""#),
            (r"back\slash", r#""back\\slash""#),
            (r#"\" OR project = SECRET"#, r#""\\\" OR project = SECRET""#),
            ("two\nlines\u{0}", "\"two\\nlines \""),
            ("", r#""""#),
        ] {
            assert_eq!(quote(given), want);
        }
    }

    #[test]
    fn words_are_words_alone() {
        for (given, want) in [
            ("login page", r#""login page""#),
            ("a OR b", r#""a or b""#),
            ("C++ (new)", r#""C\\+\\+ \\(new\\)""#),
            (r#"say "x""#, r#""say \\\"x\\\"""#),
            (r"x\y*", r#""x\\\\y\\*""#),
            (r#"x" OR project = "SECRET"#, r#""x\\\" or project = \\\"SECRET""#),
        ] {
            assert_eq!(words(given).as_deref(), Some(want));
        }
        assert_eq!(words(" *?! "), None);
    }
}
