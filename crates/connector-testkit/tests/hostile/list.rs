//! A list in pages, walked by its caller or by itself, well or badly.

use connector_core::{Action, ActionSpec, AntiExample, Cx, Error, Method, Paging, Result, SecretSlot, status};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::files::Files;

pub(crate) mod walk {
    /// A page a call; the mark is the service's.
    pub(crate) const BY_THE_CALLER: u8 = 0;
    /// A page a call; mark and ids have a count of the connector's own, which it takes off the mark again: a walk sees
    /// neither a mark nor a page twice.
    pub(crate) const WITH_A_COUNT: u8 = 1;
    /// All pages in one call, until a mark comes twice.
    pub(crate) const INSIDE: u8 = 2;
    /// All pages in one call, however long it takes.
    pub(crate) const INSIDE_FOR_EVER: u8 = 3;
}

pub(crate) struct List<const WALK: u8>;

/// Which page.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// The page's mark.
    pub(crate) cursor: Option<String>,
}

/// A page.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// The widgets' ids.
    pub(crate) ids: Vec<String>,
    /// The next page's mark.
    pub(crate) next: Option<String>,
}

#[derive(Deserialize)]
struct Page {
    ids: Vec<String>,
    next: Option<String>,
}

impl<const WALK: u8> Action for List<WALK> {
    const SPEC: ActionSpec = ActionSpec::new("list_widgets", "List widgets")
        .summary("Lists widgets.")
        .read()
        .docs("https://docs.widgets.example/list")
        .paged(Paging { items: "/ids", next_output: "/next", next_input: "/cursor" })
        .examples(&[r#"{"cursor": "b"}"#])
        .anti_examples(&[AntiExample { input: r#"{"cursor": 1}"#, why: "A mark is a text." }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let count = input.cursor.as_deref().and_then(|c| c.split_once('~')).map_or(0, |(_, n)| n.len());
        let cursor = input.cursor.map(|c| c.split('~').next().unwrap().to_owned());
        let mut page = ask(cx, cursor).await?;
        if WALK == walk::WITH_A_COUNT {
            page.next = page.next.map(|n| format!("{n}~{}", "x".repeat(count + 1)));
        }
        let mut ids = page.ids;
        if WALK == walk::WITH_A_COUNT {
            ids.push(format!("count-{count}"));
        }
        let mut requests = 1;
        let mut seen = Vec::new();
        while WALK >= walk::INSIDE
            && let Some(next) = page.next.take()
        {
            // Without a bound the test of this fault would not end either.
            if requests == 100 {
                break;
            }
            if WALK == walk::INSIDE && seen.contains(&next) {
                return Err(Error::protocol("a mark came twice"));
            }
            seen.push(next.clone());
            page = ask(cx, Some(next)).await?;
            requests += 1;
            ids.append(&mut page.ids);
        }
        Ok(Output { ids, next: page.next })
    }
}

async fn ask(cx: &Cx, cursor: Option<String>) -> Result<Page> {
    let request = cx
        .request(Method::GET, "base_url", "/v1/widgets")?
        .query_opt("cursor", cursor)
        .secret(SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "api_token".into() });
    let response = cx.send(request).await?;
    if response.status.is_success() { response.json() } else { Err(status::error_for(&response, cx.now())) }
}

/// Its fixtures beside the healthy ones: one page after the other, or both in one call.
pub(crate) fn files(inside: bool) -> Files {
    let mut files = Files::healthy();
    let exchange = |query: &str, body: Value| {
        json!({
            "request": {
                "method": "GET", "url": format!("https://api.widgets.example/v1/widgets{query}"),
                "headers": {"authorization": "Bearer {{secret.api_token}}"},
            },
            "response": {"status": 200, "json": body},
        })
    };
    let first = exchange("", json!({"ids": ["a"], "next": "b"}));
    let last = exchange("?cursor=b", json!({"ids": ["b"]}));
    let call = |exchanges: Vec<Value>, input: Value, output: Value| {
        json!({
            "origin": {"kind": "doc-derived", "source": "https://docs.widgets.example/api", "date": "2026-01-31"},
            "input": input, "exchanges": exchanges, "expect": {"output": output},
        })
    };
    let mut put = |case: &str, v: Value| files.put(&format!("actions/list_widgets/{case}.json"), v);
    if inside {
        put("success", call(vec![first, last], json!({}), json!({"ids": ["a", "b"]})));
    } else {
        put("success", call(vec![first], json!({}), json!({"ids": ["a"], "next": "b"})));
        put("success__last", call(vec![last], json!({"cursor": "b"}), json!({"ids": ["b"]})));
    }
    files
}
