//! Walks an action's pages by its declared [`Paging`](crate::spec::Paging).

use std::collections::HashSet;

use serde_json::Value;

use crate::{
    connector::Connector,
    cx::Cx,
    error::{Error, Result},
};

/// What a walk over pages brought.
#[derive(Debug, Clone, Default)]
pub struct Collected {
    /// The items, in the service's order.
    pub items: Vec<Value>,
    /// Whether the cap cut it: the service had more.
    pub cut: bool,
}

/// Calls the action page by page until the end or until `max` items are there.
///
/// # Errors
/// The action's own; `Protocol` when the service gives a page mark twice, which would go round forever.
pub async fn collect(connector: &Connector, cx: &Cx, action: &str, mut input: Value, max: usize) -> Result<Collected> {
    let paging = connector.action(action)?.info().paging.clone();
    let Some(paging) = paging else {
        return Err(Error::invalid_field("", format!("`{action}` does not come in pages")));
    };
    let mut out = Collected::default();
    let mut seen = HashSet::new();
    loop {
        let page = connector.call(action, cx, input.clone()).await?;
        for item in page.pointer(&paging.items).and_then(Value::as_array).into_iter().flatten() {
            if out.items.len() == max {
                out.cut = true;
                return Ok(out);
            }
            out.items.push(item.clone());
        }
        let next = match page.pointer(&paging.next_output) {
            None | Some(Value::Null) => return Ok(out),
            Some(Value::String(s)) if s.is_empty() => return Ok(out),
            Some(v) => v.clone(),
        };
        if !seen.insert(next.to_string()) {
            return Err(Error::protocol("the service gave the same page mark twice")
                .with_connector(connector.info().id.clone()));
        }
        let field = paging.next_input.trim_start_matches('/');
        match input.as_object_mut() {
            Some(map) => map.insert(field.to_owned(), next),
            None => return Err(Error::invalid_field("", "must be an object")),
        };
    }
}
