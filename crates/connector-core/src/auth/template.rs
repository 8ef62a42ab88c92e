//! Addresses with values in them: `https://{subdomain}.example.com/oauth/{tenant}/token`.
//!
//! What lives here: how a template of an auth method is filled, so that no value changes where a request goes but the
//! values that are meant to. What must not: which addresses may be reached.

use serde_json::{Map, Value};
use url::Url;

use crate::{
    address::parse_url,
    error::{Error, FieldError, Result},
    hosts,
    request::path_segment,
};

/// Fills a template. A param is looked up in `values`, then in `app_values`.
///
/// - `{param}` at the beginning is a URL; slashes at its end are cut off.
/// - `{param:origin}` at the beginning is that URL's scheme, host and port.
/// - `{param:web_origin}` is the same without `api.` where the URL has no path: the pages of `https://api.github.com` are at
///   `https://github.com`, those of `https://HOST/api/v3` at `https://HOST`.
/// - `{param}` in the host is one DNS label or several; anywhere else it is one segment, percent-encoded.
///
/// # Errors
/// `Misconfigured`, naming the param that has no value or one that does not fit; `Internal` for a template whose braces do
/// not fit.
pub fn fill(template: &str, values: &Map<String, Value>, app_values: &Map<String, Value>) -> Result<Url> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, tail)) = after.split_once('}') else { return Err(unsound(template)) };
        text.push_str(before);
        let (param, function) = name.split_once(':').unwrap_or((name, ""));
        let value = lookup(param, values, app_values)?;
        let filled = match (text.is_empty(), function) {
            (true, "") => base(param, &value)?.as_str().trim_end_matches('/').to_owned(),
            (true, "origin") => origin(param, &base(param, &value)?, false)?,
            (true, "web_origin") => origin(param, &base(param, &value)?, true)?,
            (false, "") if in_host(&text) => label(param, &value)?,
            (false, "") => path_segment(&value),
            _ => return Err(unsound(template)),
        };
        text.push_str(&filled);
        rest = tail;
    }
    text.push_str(rest);
    parse_url(&text).map_err(|e| unsound(template).with_operator(format!("{template}: {}", e.caller_text())))
}

/// The params that a template names.
pub fn params(template: &str) -> Vec<&str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|piece| piece.split_once('}'))
        .map(|(name, _)| name.split_once(':').map_or(name, |(param, _)| param))
        .collect()
}

fn lookup(param: &str, values: &Map<String, Value>, app_values: &Map<String, Value>) -> Result<String> {
    match values.get(param).or_else(|| app_values.get(param)) {
        Some(Value::String(s)) if !s.is_empty() => Ok(s.clone()),
        Some(Value::Number(n)) => Ok(n.to_string()),
        _ => Err(wrong(param, "is required to connect")),
    }
}

fn base(param: &str, value: &str) -> Result<Url> {
    let url = parse_url(value).map_err(|e| wrong(param, e.caller_text()))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong(param, "must be an address without `?` and `#`"));
    }
    Ok(url)
}

fn origin(param: &str, url: &Url, web: bool) -> Result<String> {
    let host = url.host_str().ok_or_else(|| wrong(param, "names no host"))?;
    let host = match host.strip_prefix("api.") {
        Some(rest) if web && matches!(url.path(), "" | "/") && rest.contains('.') => rest,
        _ => host,
    };
    let port = url.port().map(|p| format!(":{p}")).unwrap_or_default();
    Ok(format!("{}://{host}{port}", url.scheme()))
}

fn in_host(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, after)| !after.contains(['/', '?', '#']))
}

fn label(param: &str, value: &str) -> Result<String> {
    if hosts::is_labels(value) {
        return Ok(value.to_ascii_lowercase());
    }
    Err(wrong(param, "must be a part of a host name: letters, digits and hyphens, and dots between parts"))
}

fn wrong(param: &str, why: &str) -> Error {
    Error::misconfigured(format!("the value for `{param}` {why}; set it and try again"))
        .with_fields([FieldError::new(format!("/{param}"), why)])
}

fn unsound(template: &str) -> Error {
    Error::internal(format!("the address `{template}` of an auth method is not sound"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    fn filled(template: &str, values: Value) -> Result<String> {
        fill(template, values.as_object().unwrap(), &Map::new()).map(|u| u.as_str().to_owned())
    }

    #[test]
    fn values_go_where_they_belong() {
        let web = |base: &str| filled("{base_url:web_origin}/login/oauth/authorize", json!({ "base_url": base })).unwrap();
        assert_eq!(web("https://api.github.com"), "https://github.com/login/oauth/authorize");
        assert_eq!(web("https://api.acme.ghe.com/"), "https://acme.ghe.com/login/oauth/authorize");
        assert_eq!(web("https://api.acme.example/api/v3"), "https://api.acme.example/login/oauth/authorize");
        assert_eq!(web("https://git.example:8443/api/v3"), "https://git.example:8443/login/oauth/authorize");
        let site = filled("{site}/rest/oauth2/latest/token", json!({"site": "https://jira.example/jira/"})).unwrap();
        assert_eq!(site, "https://jira.example/jira/rest/oauth2/latest/token");
        let made = filled("https://{sub}.example.com/t/{id}", json!({"sub": "Acme", "id": "a/../b?c"})).unwrap();
        assert_eq!(made, "https://acme.example.com/t/a%2F..%2Fb%3Fc");
    }

    #[test]
    fn a_value_does_not_lead_elsewhere() {
        for bad in ["evil.example/", "a@evil.example", "a:1", "", "-a", "a#"] {
            let e = filled("https://{sub}.example.com/t", json!({ "sub": bad })).unwrap_err();
            assert_eq!(e.fields()[0].pointer, "/sub", "{bad}");
            assert!(bad.is_empty() || !e.caller_text().contains(bad), "{bad}");
        }
        for bad in ["https://a@b.example", "ftp://b.example", "https://b.example?x", "b.example"] {
            assert_eq!(filled("{site}/t", json!({ "site": bad })).unwrap_err().fields()[0].pointer, "/site");
        }
        assert_eq!(params("{a:origin}/x/{b}"), ["a", "b"]);
    }
}
