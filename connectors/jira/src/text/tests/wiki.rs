//! Wiki markup of Jira Data Center: what Markdown becomes, and what is read.

use serde_json::{Value, json};

use super::read;
use crate::text::{Dialect, Format, write};

#[track_caller]
fn wiki(markdown: &str) -> String {
    match write(Dialect::Wiki, Format::Markdown, markdown) {
        Value::String(text) => text,
        other => panic!("not a text: {other}"),
    }
}

/// Markdown to wiki markup, and back to the same Markdown.
#[track_caller]
fn both(markdown: &str, markup: &str) {
    assert_eq!(wiki(markdown), markup, "{markdown}");
    assert_eq!(read(&json!(markup)), markdown, "{markup}");
}

#[track_caller]
fn reads(markup: &str, markdown: &str) {
    assert_eq!(read(&json!(markup)), markdown, "{markup}");
}

#[test]
fn blocks() {
    both("a\n\nb\\\nc", "a\n\nb\nc");
    both("# One\n\n###### Six", "h1. One\n\nh6. Six");
    both("a\n\n---\n\nb", "a\n\n----\n\nb");
    both("> a\n>\n> b", "{quote}\na\n\nb\n{quote}");
    both("> [!WARNING]\n> a", "{panel:title=Warning}\na\n{panel}");
}

#[test]
fn code() {
    both("```java\nint a; // *b* {c}\n```", "{code:java}\nint a; // *b* {c}\n{code}");
    assert_eq!(wiki("```rust\nfn a() {}\n```"), "{noformat}\nfn a() {}\n{noformat}", "Jira shows an error for Rust");
    assert_eq!(wiki("```java\n{code}\n```"), "{noformat}\n{code}\n{noformat}");
    assert_eq!(wiki("```\n{code}{noformat}\n*b*\n```"), "{{&#123;code&#125;&#123;noformat&#125;}}\n{{\\*b\\*}}");
    reads("{code:title=A.java|borderStyle=solid}\nint a;\n{code}", "```\nint a;\n```");
    reads("{code:title=a|language=java}\nint a;{code}", "```java\nint a;\n```");
    reads("before {noformat}a *b* {quote}{noformat} after", "before\n\n```\na *b* {quote}\n```\n\nafter");
    reads("{code}never ends *a*", "{code}never ends **a**");
}

#[test]
fn marks() {
    both("a **b** _c_ ~~d~~ `e`", "a *b* _c_ -d- {{e}}");
    both("**_a_**", "*_a_*");
    both("foo**bar**baz", "foo{*}bar{*}baz");
    both("(**a**), **b**.", "(*a*), *b*.");
    assert_eq!(wiki("**a _b_**"), "*a* *_b_*");
    both("`a*b*{c}`", "{{a*b\\*&#123;c&#125;}}");
    reads("*a _b* c_", "**a _b_**_&#32;c_");
    reads("*a\nb* 2*3*4 a_b_c x-y-z - a - b", "\\*a\\\nb\\* 2\\*3\\*4 a_b_c x-y-z - a - b");
    reads("{color:red}a{color} +b+ ^c^ ??d??", "a +b+ ^c^ ??d??");
}

#[test]
fn links_and_mentions() {
    both("[a b](https://x.test/c_d)", "[a b|https://x.test/c_d]");
    both("<https://x.test/a_b>", "[https://x.test/a_b]");
    both("[**a**](https://x.test)", "*[a|https://x.test]*");
    both("[a](https://x.test \"t\")", "[a|https://x.test|t]");
    both("<mia@example.com>", "[mia@example.com|mailto:mia@example.com]");
    both("[@5b10:a-b](accountid:5b10:a-b) [@mia.k](username:mia.k)", "[~accountid:5b10:a-b] [~mia.k]");
    assert_eq!(wiki("[Mia](username:mia) [a|b\\]](https://x.test/[c])"), "[~mia] [a\\|b\\]|https://x.test/%5Bc%5D]");
    assert_eq!(wiki("![i](https://x.test/i.png) [j](javascript:x)"), "[i|https://x.test/i.png] j (javascript:x)");
    reads(
        "see https://x.test/a_b_c. And !https://x.test/i.png|width=100!",
        "see <https://x.test/a_b_c>. And <https://x.test/i.png>",
    );
    reads(
        "[a|javascript:x] [#top] [^file.txt] !file.png|thumbnail! [~a b]",
        "\\[a|javascript:x] \\[#top] \\[^file.txt] !file.png|thumbnail! \\[\\~a b]",
    );
}

#[test]
fn lists() {
    both("- a\n- b\n  1. c\n  2. d\n     - e\n- f", "* a\n* b\n*# c\n*# d\n*#* e\n* f");
    both("- [x] a\n  - [ ] b\n- [ ] c", "* (/) a\n** ( ) b\n* ( ) c");
    assert_eq!(wiki("5. a\n\n   b\n6. > c"), "# a\nb\n# > c", "wiki markup always counts from 1");
    reads("- a\n-- b\n- c", "- a\\\n  \\-- b\n- c");
    reads("*** a\n* b", "- * - a\n\n- b");
    reads("# a\nmore\n# b\n* c", "1. a\\\n   more\n2. b\n\n- c");
    reads("* a\n\n* b", "- a\n\n* b");
}

#[test]
fn tables() {
    both("| a | b |\n| --- | --- |\n| 1 | **2** |", "||a||b||\n|1|*2*|");
    both("|  |  |\n| --- | --- |\n| a\\|b |  |", "|a\\|b| |");
    both("| a |\n| --- |\n| b<br>c |", "||a||\n|b \\\\ c|");
    reads(
        "|a|[b|https://x.test]|{{c|d}}|\n| | e\nf | \\| |",
        "|  |  |  |\n| --- | --- | --- |\n| a | [b](https://x.test) | `c\\|d` |\n|  | e<br>f | \\| |",
    );
    reads("||a|b|\n|c|", "|  |  |\n| --- | --- |\n| a | b |\n| c |  |");
}

#[test]
fn what_is_written_is_no_other_markup() {
    assert_eq!(wiki("\\*a\\* {code} h1. \\[x] \\- !a! :)"), "\\*a\\* \\{code\\} h1. \\[x\\] - \\!a! :\\)");
    assert_eq!(wiki("h1. a\\\n\\# b\\\nbq. c\\\n\\| d"), "h1&#46; a\n\\# b\nbq&#46; c\n\\| d");
    assert_eq!(wiki("C:\\\\temp\\\\ **\\\\**"), "C:&#92;temp&#92; *&#92;*");
    assert_eq!(wiki("a\\\n\\\nb"), "a\n\\\\\nb");
    assert_eq!(wiki("- # a\n- | b | c |\n  | - | - |\n  | 1 | 2 |"), "* *a*\n* b \\| c\n1 \\| 2");
    assert_eq!(wiki("> > a"), "{quote}\n> a\n{quote}");
}

#[test]
fn plain_text_is_read_back() {
    for text in ["*a* _b_ {code} [~mia]", "h1. x", "a\\b \\\\ &amp;", "# a\n* b\n|c|", "snake_case & x-y (/)"] {
        let markup = write(Dialect::Wiki, Format::Plain, text);
        assert_eq!(crate::text::read_plain(&markup), text, "{markup}");
    }
}
