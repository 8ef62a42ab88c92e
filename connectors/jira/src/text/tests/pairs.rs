//! Markdown beside the ADF that it makes; most come back as the same Markdown.

use serde_json::{Value, json};

use super::{adf, read, stays};

fn t(text: &str, marks: &[&str]) -> Value {
    let marks: Vec<Value> = marks.iter().map(|m| json!({"type": m})).collect();
    if marks.is_empty() {
        json!({"type": "text", "text": text})
    } else {
        json!({"type": "text", "text": text, "marks": marks})
    }
}

fn p(content: &[Value]) -> Value {
    json!({"type": "paragraph", "content": content})
}

fn pt(text: &str) -> Value {
    p(&[t(text, &[])])
}

fn li(content: &[Value]) -> Value {
    json!({"type": "listItem", "content": content})
}

fn ul(items: &[Value]) -> Value {
    json!({"type": "bulletList", "content": items})
}

fn link(text: &str, href: &str) -> Value {
    json!({"type": "text", "text": text, "marks": [{"type": "link", "attrs": {"href": href}}]})
}

fn br() -> Value {
    json!({"type": "hardBreak"})
}

/// Both ways.
#[track_caller]
fn both(markdown: &str, content: Value) {
    one_way(markdown, content);
    assert_eq!(read(&adf(markdown)), markdown, "back to Markdown");
}

/// There; what comes back is another way to write the same.
#[track_caller]
fn one_way(markdown: &str, content: Value) {
    assert_eq!(adf(markdown)["content"], content, "{markdown}");
    stays(markdown);
}

#[test]
fn paragraphs_and_breaks() {
    both("", json!([]));
    both("Hello, wörld 👩\u{200d}💻", json!([pt("Hello, wörld 👩\u{200d}💻")]));
    both("a\n\nb", json!([pt("a"), pt("b")]));
    both("a\\\nb", json!([p(&[t("a", &[]), br(), t("b", &[])])]));
    one_way("a  \nb<br>c", json!([p(&[t("a", &[]), br(), t("b", &[]), br(), t("c", &[])])]));
    one_way("a\nb\r\nc\rd", json!([pt("a b c d")]));
    one_way("\u{feff}a", json!([pt("a")]));
    both("&#32; indented", json!([pt("  indented")]));
}

#[test]
fn headings_and_rules() {
    let h = |level: u8, text: &str| json!({"type": "heading", "attrs": {"level": level}, "content": [t(text, &[])]});
    both("# One\n\n## Two\n\n###### Six", json!([h(1, "One"), h(2, "Two"), h(6, "Six")]));
    one_way("One\n===\nTwo\n---\n", json!([h(1, "One"), h(2, "Two")]));
    both("a\n\n---\n\nb", json!([pt("a"), {"type": "rule"}, pt("b")]));
    both("# C \\#", json!([h(1, "C #")]));
    both("#hashtag", json!([pt("#hashtag")]));
}

#[test]
fn marks() {
    both(
        "a **b** _c_ ~~d~~ `e`",
        json!([p(&[
            t("a ", &[]),
            t("b", &["strong"]),
            t(" ", &[]),
            t("c", &["em"]),
            t(" ", &[]),
            t("d", &["strike"]),
            t(" ", &[]),
            t("e", &["code"]),
        ])]),
    );
    both("**a _b_ c**", json!([p(&[t("a ", &["strong"]), t("b", &["em", "strong"]), t(" c", &["strong"])])]));
    both(
        "foo*bar*baz foo**bar**baz",
        json!([p(&[t("foo", &[]), t("bar", &["em"]), t("baz foo", &[]), t("bar", &["strong"]), t("baz", &[]),])]),
    );
    both("fo&#111;**(b)**&#97;z", json!([p(&[t("foo", &[]), t("(b)", &["strong"]), t("az", &[])])]));
    one_way("***both***", json!([p(&[t("both", &["em", "strong"])])]));
    one_way(
        "**a `b` c**",
        json!([p(&[t("a", &["strong"]), t(" ", &[]), t("b", &["code"]), t(" ", &[]), t("c", &["strong"])])]),
    );
    both("``a`b`` `` ` ``", json!([p(&[t("a`b", &["code"]), t(" ", &[]), t("`", &["code"])])]));
    both("**_~~x~~_**", json!([p(&[t("x", &["em", "strong", "strike"])])]));
}

#[test]
fn links() {
    both("[a](https://x.test/?a=1&b=(2))", json!([p(&[link("a", "https://x.test/?a=1&b=(2)")])]));
    both(
        "<https://x.test/a_b> <mia@example.com>",
        json!([p(&[
            link("https://x.test/a_b", "https://x.test/a_b"),
            t(" ", &[]),
            link("mia@example.com", "mailto:mia@example.com"),
        ])]),
    );
    both(
        "[**a** b](https://x.test)",
        json!([p(&[
            json!({"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": "https://x.test"}}, {"type": "strong"}]}),
            link(" b", "https://x.test"),
        ])]),
    );
    both(
        "[`a`](https://x.test)",
        json!([p(&[
            json!({"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": "https://x.test"}}, {"type": "code"}]}),
        ])]),
    );
    both(
        "[a](https://x.test \"the \\\"title\\\"\")",
        json!([p(&[
            json!({"type": "text", "text": "a", "marks": [{"type": "link", "attrs": {"href": "https://x.test", "title": "the \"title\""}}]}),
        ])]),
    );
    one_way("[a b]\n\n[a b]: https://x.test", json!([p(&[link("a b", "https://x.test")])]));
    one_way("[](https://x.test)", json!([p(&[link("https://x.test", "https://x.test")])]));
    one_way("![logo](https://x.test/l.png)", json!([p(&[link("logo", "https://x.test/l.png")])]));
    one_way("[![build](https://x.test/b.svg)](https://x.test/ci)", json!([p(&[link("build", "https://x.test/ci")])]));
}

#[test]
fn addresses_in_the_text_are_links() {
    one_way(
        "See https://x.test/a_b?c=(d), **https://y.test**.",
        json!([p(&[
            t("See ", &[]),
            link("https://x.test/a_b?c=(d)", "https://x.test/a_b?c=(d)"),
            t(", ", &[]),
            json!({"type": "text", "text": "https://y.test", "marks": [{"type": "link", "attrs": {"href": "https://y.test"}}, {"type": "strong"}]}),
            t(".", &[]),
        ])]),
    );
    one_way(
        "`https://x.test` xhttps://x.test ftp://x.test",
        json!([p(&[t("https://x.test", &["code"]), t(" xhttps://x.test ftp://x.test", &[])])]),
    );
}

#[test]
fn addresses_of_other_kinds_are_text() {
    one_way("[a](javascript:alert(1))", json!([pt("a (javascript:alert(1))")]));
    one_way("[a](JaVaScRiPt:x) [b](data:text/html,x)", json!([pt("a (JaVaScRiPt:x) b (data:text/html,x)")]));
    one_way("[docs](./docs.md)", json!([pt("docs (./docs.md)")]));
    one_way("<javascript:alert(1)>", json!([pt("javascript:alert(1)")]));
    one_way("[a]()", json!([pt("a")]));
}

#[test]
fn mentions() {
    let mention = json!({"type": "mention", "attrs": {"id": "5b10ac8d82e05b22cc7d4ef5", "text": "@Mia Krystof"}});
    both(
        "Hi [@Mia Krystof](accountid:5b10ac8d82e05b22cc7d4ef5)!",
        json!([p(&[t("Hi ", &[]), mention.clone(), t("!", &[])])]),
    );
    one_way("[Mia **Krystof**](accountid:5b10ac8d82e05b22cc7d4ef5)", json!([p(&[mention])]));
    one_way(
        "[](accountid:712020:a-b_c)",
        json!([p(&[json!({"type": "mention", "attrs": {"id": "712020:a-b_c", "text": "@712020:a-b_c"}})])]),
    );
    one_way("[x](accountid:a%20b)", json!([pt("x (accountid:a%20b)")]));
    one_way("[@mia](username:mia) :smile:", json!([pt("@mia :smile:")]));
}

#[test]
fn lists() {
    both(
        "- a\n- b\n  - c\n    1. d\n    2. e\n- f",
        json!([ul(&[
            li(&[pt("a")]),
            li(&[
                pt("b"),
                ul(&[li(&[pt("c"), json!({"type": "orderedList", "content": [li(&[pt("d")]), li(&[pt("e")])]})])])
            ]),
            li(&[pt("f")]),
        ])]),
    );
    both(
        "9. a\n\n10. b\n\n    c",
        json!([
            {"type": "orderedList", "attrs": {"order": 9}, "content": [li(&[pt("a")]), li(&[pt("b"), pt("c")])]},
        ]),
    );
    both("- a\n\n* b", json!([ul(&[li(&[pt("a")])]), ul(&[li(&[pt("b")])])]));
    both("- ```\n  x\n  ```", json!([ul(&[li(&[p(&[]), json!({"type": "codeBlock", "content": [t("x", &[])]})])])]));
    one_way(
        "- # a\n- > b\n- ***\n- | x | y |\n  | - | - |\n  | 1 | 2 |",
        json!([ul(&[
            li(&[p(&[t("a", &["strong"])])]),
            li(&[pt("> b")]),
            li(&[pt("---")]),
            li(&[pt("x | y"), pt("1 | 2")]),
        ])]),
    );
    one_way("* a\n\n  b\n* - c", json!([ul(&[li(&[pt("a"), pt("b")]), li(&[p(&[]), ul(&[li(&[pt("c")])])])])]));
}

#[test]
fn tasks() {
    let task = |n: u8, done: bool, text: &str| {
        let state = if done { "DONE" } else { "TODO" };
        json!({"type": "taskItem", "attrs": {"localId": format!("task-{n}"), "state": state}, "content": [t(text, &[])]})
    };
    let list = |n: u8, content: &[Value]| json!({"type": "taskList", "attrs": {"localId": format!("task-list-{n}")}, "content": content});
    both(
        "- [ ] a\n- [x] b\n  - [ ] c\n- [ ] d",
        json!([list(
            1,
            &[task(1, false, "a"), task(2, true, "b"), list(2, &[task(3, false, "c")]), task(4, false, "d")]
        ),]),
    );
    one_way(
        "- [ ] a\n- b\n- [x] c",
        json!([list(1, &[task(1, false, "a")]), ul(&[li(&[pt("b")])]), list(2, &[task(2, true, "c")])]),
    );
    one_way(
        "- [ ] a\n\n  more\n- [x] b",
        json!([list(1, &[task(1, false, "a")]), pt("more"), list(2, &[task(2, true, "b")])]),
    );
    one_way("1. [x] a", json!([{"type": "orderedList", "content": [li(&[pt("[x] a")])]}]));
    one_way("- a\n  - [x] b", json!([ul(&[li(&[pt("a"), ul(&[li(&[pt("[x] b")])])])])]));
}

#[test]
fn quotes_and_alerts() {
    let quote = |content: &[Value]| json!({"type": "blockquote", "content": content});
    both(
        "> a\n>\n> - b\n>\n> ```\n> c\n> ```",
        json!([quote(&[pt("a"), ul(&[li(&[pt("b")])]), json!({"type": "codeBlock", "content": [t("c", &[])]})]),]),
    );
    one_way("> # a\n> > b\n>\n> ---", json!([quote(&[p(&[t("a", &["strong"])]), pt("> b"), pt("---")])]));
    both("> a\n\n> b", json!([quote(&[pt("a")]), quote(&[pt("b")])]));
    one_way(">", json!([quote(&[p(&[])])]));
    both("> [!WARNING]\n> a", json!([{"type": "panel", "attrs": {"panelType": "warning"}, "content": [pt("a")]}]));
    both(
        "> [!NOTE]\n>\n> ## a\n>\n> - [ ] b",
        json!([{"type": "panel", "attrs": {"panelType": "info"}, "content": [
            {"type": "heading", "attrs": {"level": 2}, "content": [t("a", &[])]},
            {"type": "taskList", "attrs": {"localId": "task-list-1"}, "content": [
                {"type": "taskItem", "attrs": {"localId": "task-1", "state": "TODO"}, "content": [t("b", &[])]}
            ]},
        ]}]),
    );
}

#[test]
fn code() {
    let code = |language: Option<&str>, text: &str| match language {
        Some(language) => json!({"type": "codeBlock", "attrs": {"language": language}, "content": [t(text, &[])]}),
        None => json!({"type": "codeBlock", "content": [t(text, &[])]}),
    };
    both("```rust\nfn main() {}\n\n\tx  \n```", json!([code(Some("rust"), "fn main() {}\n\n\tx  ")]));
    both("```\n```", json!([{"type": "codeBlock", "content": []}]));
    both("````c++\n```\n````", json!([code(Some("c++"), "```")]));
    one_way("    a\n    b", json!([code(None, "a\nb")]));
    one_way("~~~ {.js} title\na\n", json!([code(Some(".js"), "a")]));
    one_way("```\n**a** <b> \\*", json!([code(None, "**a** <b> \\*")]));
}

#[test]
fn tables() {
    let cell = |kind: &str, content: &[Value]| json!({"type": kind, "content": [p(content)]});
    let row = |cells: &[Value]| json!({"type": "tableRow", "content": cells});
    both(
        "| a | **b** |\n| --- | --- |\n| `x\\|y` | \\|<br>z |\n|  |  |",
        json!([{"type": "table", "content": [
            row(&[cell("tableHeader", &[t("a", &[])]), cell("tableHeader", &[t("b", &["strong"])])]),
            row(&[cell("tableCell", &[t("x|y", &["code"])]), cell("tableCell", &[t("|", &[]), br(), t("z", &[])])]),
            row(&[cell("tableCell", &[]), cell("tableCell", &[])]),
        ]}]),
    );
    both("|  |\n| --- |\n| a |", json!([{"type": "table", "content": [row(&[cell("tableCell", &[t("a", &[])])])]}]));
    one_way(
        "a | b\n:-- | --:\n1",
        json!([{"type": "table", "content": [
            row(&[cell("tableHeader", &[t("a", &[])]), cell("tableHeader", &[t("b", &[])])]),
            row(&[cell("tableCell", &[t("1", &[])]), cell("tableCell", &[])]),
        ]}]),
    );
    one_way("> a | b\n> - | -\n> 1 | 2", json!([{"type": "blockquote", "content": [pt("a | b"), pt("1 | 2")]}]));
}

#[test]
fn html_and_escapes_are_text() {
    one_way("<script>alert(1)</script>", json!([pt("<script>alert(1)</script>")]));
    one_way("a <b onclick=\"x\">b</b> <!-- c -->", json!([pt("a <b onclick=\"x\">b</b> <!-- c -->")]));
    one_way(
        "<div>\n  <p>a</p>\n</div>",
        json!([p(&[t("<div>", &[]), br(), t("  <p>a</p>", &[]), br(), t("</div>", &[])])]),
    );
    both(
        "\\*a\\* \\_b\\_ \\[c] \\`d\\` \\~e\\~ 1 < 2 AT&T \\&amp; \\<b>",
        json!([pt("*a* _b_ [c] `d` ~e~ 1 < 2 AT&T &amp; <b>")]),
    );
    both(
        "\\- a\\\n1\\. b\\\n\\> c\\\n\\# d\\\n\\+ e\\\n-5\\\n2.5",
        json!([p(&[
            t("- a", &[]),
            br(),
            t("1. b", &[]),
            br(),
            t("> c", &[]),
            br(),
            t("# d", &[]),
            br(),
            t("+ e", &[]),
            br(),
            t("-5", &[]),
            br(),
            t("2.5", &[]),
        ])]),
    );
    both("snake_case\\_", json!([pt("snake_case_")]));
    both("a snake_case name", json!([pt("a snake_case name")]));
    one_way("$x$ [^1] {#id}", json!([pt("$x$ [^1] {#id}")]));
    one_way("&lt;b&gt; &copy; &#42;a&#42; &#7;&#0;", json!([pt("<b> © *a* \u{fffd}")]));
}
