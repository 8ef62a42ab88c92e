//! A small lexer for Rust source, so that code generation and checks read tokens and not lines: a word in a comment or
//! in a string is never taken for code. What must not live here: any knowledge of connectors.

/// One token of Rust source, comments left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token {
    /// An identifier, a keyword or a number.
    Word(String),
    /// A string literal's value (plain, raw or byte).
    Str(String),
    /// Any other character.
    Punct(char),
}

impl Token {
    pub(crate) fn is_word(&self, text: &str) -> bool {
        matches!(self, Self::Word(w) if w == text)
    }

    pub(crate) fn str(&self) -> Option<&str> {
        match self {
            Self::Str(s) => Some(s),
            _ => None,
        }
    }

    pub(crate) fn word(&self) -> Option<&str> {
        match self {
            Self::Word(s) => Some(s),
            _ => None,
        }
    }
}

/// The tokens of a source, each with its line (from 1).
#[derive(Debug, Default)]
pub(crate) struct Source {
    pub(crate) tokens: Vec<Token>,
    lines: Vec<usize>,
}

impl Source {
    pub(crate) fn parse(text: &str) -> Self {
        let mut lexer = Lexer { rest: text, line: 1, out: Self::default() };
        lexer.run();
        lexer.out
    }

    /// The line of the token at `index`.
    pub(crate) fn line(&self, index: usize) -> usize {
        self.lines.get(index).copied().unwrap_or(0)
    }

    /// The indices where this pattern begins; the pattern is Rust text itself, with `_` for any one token.
    pub(crate) fn find<'a>(&'a self, pattern: &str) -> impl Iterator<Item = usize> + 'a {
        let pattern = Self::parse(pattern).tokens;
        (0..self.tokens.len()).filter(move |i| {
            let Some(here) = self.tokens.get(*i..i + pattern.len()) else { return false };
            here.iter().zip(&pattern).all(|(t, p)| p.is_word("_") || t == p)
        })
    }

    pub(crate) fn has(&self, pattern: &str) -> bool {
        self.find(pattern).next().is_some()
    }

    /// The tokens from `start` to the next `;` at the end of the statement (or to the end).
    pub(crate) fn statement(&self, start: usize) -> &[Token] {
        let from = self.tokens.get(start..).unwrap_or_default();
        let end = from.iter().position(|t| *t == Token::Punct(';')).unwrap_or(from.len());
        from.get(..end).unwrap_or_default()
    }
}

/// In the tokens of a builder chain, the tokens that follow `.name(`.
pub(crate) fn arguments<'a>(chain: &'a [Token], name: &str) -> Option<&'a [Token]> {
    let at =
        chain.windows(3).position(|w| matches!(w, [Token::Punct('.'), n, Token::Punct('(')] if n.is_word(name)))?;
    let args = chain.get(at + 3..)?;
    let mut depth = 0usize;
    let end = args.iter().position(|t| match t {
        Token::Punct('(' | '[' | '{') => {
            depth += 1;
            false
        }
        Token::Punct(')' | ']' | '}') if depth == 0 => true,
        Token::Punct(')' | ']' | '}') => {
            depth -= 1;
            false
        }
        _ => false,
    })?;
    args.get(..end)
}

struct Lexer<'a> {
    rest: &'a str,
    line: usize,
    out: Source,
}

impl Lexer<'_> {
    fn run(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            if c.is_whitespace() {
                self.skip(c.len_utf8());
            } else if self.rest.starts_with("//") {
                self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
            } else if self.rest.starts_with("/*") {
                self.block_comment();
            } else if let Some(hashes) = self.raw_string_start() {
                self.raw_string(hashes);
            } else if c == '"' || self.rest.starts_with("b\"") || self.rest.starts_with("c\"") {
                self.skip(if c == '"' { 0 } else { 1 });
                self.string();
            } else if c == '\'' {
                self.quote();
            } else if c.is_alphanumeric() || c == '_' {
                let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(self.rest.len());
                let word = self.rest.get(..end).unwrap_or_default().to_owned();
                self.push(Token::Word(word));
                self.skip(end);
            } else {
                self.push(Token::Punct(c));
                self.skip(c.len_utf8());
            }
        }
    }

    fn push(&mut self, token: Token) {
        self.out.tokens.push(token);
        self.out.lines.push(self.line);
    }

    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.line += gone.matches('\n').count();
        self.rest = rest;
    }

    fn block_comment(&mut self) {
        let mut depth = 0usize;
        loop {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
                if depth == 0 {
                    return;
                }
            } else if let Some(c) = self.rest.chars().next() {
                self.skip(c.len_utf8());
            } else {
                return;
            }
        }
    }

    /// The number of `#` of a raw string that begins here.
    fn raw_string_start(&self) -> Option<usize> {
        let after =
            ["r", "br", "cr"].iter().find_map(|p| self.rest.strip_prefix(p).filter(|r| r.starts_with(['#', '"'])))?;
        let hashes = after.chars().take_while(|c| *c == '#').count();
        after.get(hashes..)?.starts_with('"').then_some(hashes)
    }

    fn raw_string(&mut self, hashes: usize) {
        let open = self.rest.find('"').map_or(self.rest.len(), |i| i + 1);
        let close = format!("\"{}", "#".repeat(hashes));
        let body = self.rest.get(open..).unwrap_or_default();
        let len = body.find(&close).unwrap_or(body.len());
        self.push(Token::Str(body.get(..len).unwrap_or_default().to_owned()));
        self.skip(open + len + close.len());
    }

    fn string(&mut self) {
        let mut value = String::new();
        let mut chars = self.rest.char_indices().skip(1).peekable();
        let mut end = self.rest.len();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    end = i + 1;
                    break;
                }
                '\\' => match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, 't')) => value.push('\t'),
                    Some((_, 'r')) => value.push('\r'),
                    Some((_, '0')) => value.push('\0'),
                    Some((_, 'x')) => {
                        let hex: String = chars.by_ref().take(2).map(|(_, c)| c).collect();
                        value.extend(u8::from_str_radix(&hex, 16).ok().map(char::from));
                    }
                    Some((_, 'u')) => {
                        let hex: String =
                            chars.by_ref().map(|(_, c)| c).take_while(|c| *c != '}').filter(|c| *c != '{').collect();
                        value.extend(u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32));
                    }
                    // A backslash at the end of a line swallows the blanks that begin the next one.
                    Some((_, '\n')) => while chars.next_if(|(_, c)| c.is_whitespace()).is_some() {},
                    Some((_, other)) => value.push(other),
                    None => {}
                },
                c => value.push(c),
            }
        }
        self.push(Token::Str(value));
        self.skip(end);
    }

    /// A character literal (dropped) or a lifetime's tick.
    fn quote(&mut self) {
        let mut chars = self.rest.char_indices().skip(1);
        let len = match (chars.next(), chars.next()) {
            (Some((_, '\\')), Some((at, escaped))) => {
                let after = at + escaped.len_utf8();
                self.rest.get(after..).and_then(|r| r.find('\'')).map(|close| after + close + 1)
            }
            (Some(_), Some((close, '\''))) => Some(close + 1),
            _ => None,
        };
        match len {
            Some(len) => self.skip(len),
            None => {
                self.push(Token::Punct('\''));
                self.skip(1);
            }
        }
    }
}

/// `auth_test` as `AuthTest`.
pub(crate) fn upper_camel(stem: &str) -> String {
    stem.split('_').flat_map(|w| w.chars().take(1).flat_map(char::to_uppercase).chain(w.chars().skip(1))).collect()
}

/// `auth_test` as `Auth test`: a title to begin with.
pub(crate) fn sentence(stem: &str) -> String {
    let text = stem.replace('_', " ");
    text.chars().take(1).flat_map(char::to_uppercase).chain(text.chars().skip(1)).collect()
}

/// Whether a text is lower_snake_case and begins with a letter: the form of every id and name.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('_')
        && !text.contains("__")
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// Whether a word cannot name a Rust module.
pub(crate) fn is_keyword(text: &str) -> bool {
    const KEYWORDS: &[&str] = &[
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
        "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro",
        "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super",
        "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    ];
    KEYWORDS.contains(&text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn comments_and_strings_are_no_code() {
        let s = Source::parse(
            "// todo!(\n/* todo!( /* nested */ todo!( */ let a = \"todo!(\"; let b = r#\"todo!(\"#; let c = '\"'; f::<'a>(todo!());",
        );
        assert_eq!(s.find("todo!(").count(), 1);
        assert_eq!(s.line(s.find("todo!(").next().unwrap()), 2);
    }

    #[test]
    fn literals_are_read_as_the_compiler_reads_them() {
        let s = Source::parse("a(\"x\\\"y\\n\\u{e9}\\x41 \\\n     z\", r\"\\d\", b\"q\", '\\'', '\\u{41}', \"end\")");
        let strings: Vec<&str> = s.tokens.iter().filter_map(Token::str).collect();
        assert_eq!(strings, ["x\"y\né\u{41} z", "\\d", "q", "end"]);
    }

    #[test]
    fn a_chain_gives_its_arguments() {
        let s =
            Source::parse("const A: B = B::new(\"n\", \"t\").events(&[\"a\", f(1)]).summary(\"s\"); x.summary(\"no\")");
        let at = s.find("B::new(").next().unwrap();
        let chain = s.statement(at);
        assert_eq!(arguments(chain, "events").unwrap().len(), 9);
        assert_eq!(arguments(chain, "summary").unwrap()[0].str(), Some("s"));
        assert!(arguments(chain, "docs").is_none());
    }

    #[test]
    fn names() {
        assert_eq!(upper_camel("chat_post_message"), "ChatPostMessage");
        assert_eq!(sentence("chat_post"), "Chat post");
        assert!(is_id("a_1") && !is_id("1a") && !is_id("a__b") && !is_id("A") && !is_id("a-b") && !is_id("a_"));
        assert!(is_keyword("move") && !is_keyword("moved"));
    }
}
