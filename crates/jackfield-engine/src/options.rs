//! Live options: what the service suggests for a param, fetched by an action of the connection.
//!
//! They go the way of every call: defaults, checks, budgets, retries. What must not live here: which action that is, which
//! the param declares.

use std::collections::BTreeSet;

use connector_core::{
    Connector, Cx, Error, ErrorKind, ParamInfo, Result,
    page::{self, Options},
    param::{LiveInfo, OptionInfo},
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Engine, connections::Call};

/// Most options that are given.
pub const MAX_OPTIONS: usize = 200;
/// Most pages that are read for them.
const MAX_PAGES: usize = 20;
/// Longest text to search for, in bytes.
const MAX_SEARCH: usize = 256;

/// What a param may be set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suggestions {
    /// In the service's order, each value once.
    pub options: Vec<OptionInfo>,
    /// Whether the service has more than are given: search for a text to see those.
    pub more: bool,
}

impl Engine {
    /// The options of a connection's param: those that it declares, else the service's own. `search` narrows them to those
    /// whose value or label holds the text, in whatever case.
    ///
    /// # Errors
    /// As [`Engine::call`]; `InvalidInput` for a param that has no options.
    pub async fn options(
        &self,
        connection: &str,
        param: &str,
        search: Option<&str>,
        call: Call,
    ) -> Result<Suggestions> {
        let search = search.map(str::trim).filter(|s| !s.is_empty());
        if search.is_some_and(|s| s.len() > MAX_SEARCH) {
            return Err(Error::invalid_field("/search", format!("must have at most {MAX_SEARCH} bytes")));
        }
        let (connector, cx) = self.callable(connection, call).await?;
        let of = |e: Error| e.with_connector(connector.id().to_owned());
        let found = connector.info().params.iter().find(|p| p.id == param);
        match found.ok_or_else(|| unknown(&connector)).map_err(of)? {
            ParamInfo { live: Some(live), .. } => listed(&connector, &cx, live, search).await,
            p if !p.options.is_empty() => Ok(declared(p, search)),
            _ => Err(of(unknown(&connector))),
        }
    }
}

/// Names the params that have options; the name that was given is not repeated.
fn unknown(connector: &Connector) -> Error {
    let with: Vec<&str> = connector
        .info()
        .params
        .iter()
        .filter(|p| p.live.is_some() || !p.options.is_empty())
        .map(|p| p.id.as_str())
        .collect();
    let which = if with.is_empty() { "none has".to_owned() } else { format!("those that have are {}", with.join(", ")) };
    Error::invalid_field("/param", format!("is no param of `{}` that has options; {which}", connector.id()))
}

fn declared(p: &ParamInfo, search: Option<&str>) -> Suggestions {
    let options = p.options.iter().filter(|o| search.is_none_or(|s| holds(o, s))).cloned().collect();
    Suggestions { options, more: false }
}

fn holds(option: &OptionInfo, search: &str) -> bool {
    let search = search.to_lowercase();
    option.value.to_lowercase().contains(&search) || option.label.to_lowercase().contains(&search)
}

async fn listed(connector: &Connector, cx: &Cx, live: &LiveInfo, search: Option<&str>) -> Result<Suggestions> {
    let mut input = Map::new();
    // What the service searches in is its own; what it does not search for is looked for here.
    let ours = match (&live.search, search) {
        (Some(field), Some(text)) => {
            input.insert(field.trim_start_matches('/').to_owned(), Value::String(text.to_owned()));
            None
        }
        (_, search) => search,
    };
    let mut gathered = Gathered::default();
    let paged = connector.action(&live.action)?.info().paging.as_ref().is_some_and(|p| p.items == live.items);
    if paged {
        let bounds = Options { max_pages: MAX_PAGES, ..Options::default() };
        let mut pages = page::pages(connector, cx, &live.action, Value::Object(input), bounds)?;
        while !gathered.full
            && let Some(items) = pages.next().await?
        {
            gathered.take(&items, live, ours);
        }
        gathered.full |= pages.cut().is_some();
    } else {
        let output = connector.call(&live.action, cx, Value::Object(input)).await?;
        let items = output.pointer(&live.items).and_then(Value::as_array).ok_or_else(|| {
            Error::new(ErrorKind::Protocol, "the service gave no list of options").with_connector(connector.id().to_owned())
        })?;
        gathered.take(items, live, ours);
    }
    Ok(Suggestions { options: gathered.options, more: gathered.full })
}

#[derive(Default)]
struct Gathered {
    options: Vec<OptionInfo>,
    seen: BTreeSet<String>,
    full: bool,
}

impl Gathered {
    fn take(&mut self, items: &[Value], live: &LiveInfo, search: Option<&str>) {
        for item in items {
            let Some(value) = text(item, &live.value) else { continue };
            let label = text(item, &live.label).unwrap_or_else(|| value.clone());
            let option = OptionInfo { label, value };
            if search.is_some_and(|s| !holds(&option, s)) || self.seen.contains(&option.value) {
                continue;
            }
            if self.options.len() == MAX_OPTIONS {
                self.full = true;
                return;
            }
            self.seen.insert(option.value.clone());
            self.options.push(option);
        }
    }
}

fn text(item: &Value, pointer: &str) -> Option<String> {
    match item.pointer(pointer)? {
        Value::String(s) if !s.is_empty() => Some(s.clone()),
        n @ (Value::Number(_) | Value::Bool(_)) => Some(n.to_string()),
        _ => None,
    }
}
