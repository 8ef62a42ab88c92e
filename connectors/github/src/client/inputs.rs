//! How an action's input becomes a body or a query: field by field under its own name, without what stands in the path.
//! What must not live here: what any one endpoint wants different.

use connector_core::{Error, Request, Result};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// Reads a field whose null means something else than its absence: `Some(None)`.
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    d: D,
) -> std::result::Result<Option<Option<T>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// The JSON body that `input` makes. Fields named in `elsewhere` are left out, and so is what was not given where the
/// input's type skips it.
pub(crate) fn json_of(input: &impl Serialize, elsewhere: &[&str]) -> Result<Value> {
    Ok(Value::Object(fields(input, elsewhere)?))
}

/// Adds `input` to the query, lists joined by commas. Fields named in `elsewhere` are left out.
pub(crate) fn query_of(request: Request, input: &impl Serialize, elsewhere: &[&str]) -> Result<Request> {
    let mut request = request;
    for (name, value) in fields(input, elsewhere)? {
        if let Some(text) = text(&value) {
            request = request.query(&name, &text);
        }
    }
    Ok(request)
}

fn fields(input: &impl Serialize, elsewhere: &[&str]) -> Result<Map<String, Value>> {
    let Value::Object(mut map) = super::body(input)? else {
        return Err(Error::internal("an input that is no object"));
    };
    elsewhere.iter().for_each(|name| drop(map.remove(*name)));
    Ok(map)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Object(_) => None,
        Value::String(s) => Some(s.clone()),
        Value::Array(items) if items.is_empty() => None,
        Value::Array(items) => Some(items.iter().filter_map(text).collect::<Vec<_>>().join(",")),
        scalar => Some(scalar.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use connector_core::Method;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stands_in_the_path_stays_out() {
        let input = json!({"owner": "o", "name": "a b", "page": 2, "all": true, "kinds": ["x", "y"], "none": []});
        assert_eq!(json_of(&json!({"owner": "o", "a": null}), &["owner"]).unwrap(), json!({"a": null}));
        let request = Request::new(Method::GET, "https://api.example/").unwrap();
        let url = query_of(request, &input, &["owner"]).unwrap().url().unwrap().to_string();
        assert_eq!(url, "https://api.example/?all=true&kinds=x%2Cy&name=a+b&page=2");
    }
}
