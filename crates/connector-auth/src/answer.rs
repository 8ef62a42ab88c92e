//! What an answer of a token address grants.

use std::collections::BTreeMap;

use connector_core::{
    Secret,
    auth::{OAuth2, TokenSet},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::{Granted, failure::Failure};

/// Longest token.
const MAX_TOKEN: usize = 64 << 10;
/// Longest text of anything else that is kept.
const MAX_TEXT: usize = 1 << 10;
/// Most scopes.
const MAX_SCOPES: usize = 500;
/// Longest life in seconds: a hundred years stands for no end.
const MAX_LIFE: i64 = 100 * 366 * 24 * 3600;

/// What the answer grants at `now`.
pub(crate) fn granted(oauth: &OAuth2, body: &Value, now: Timestamp) -> Result<Granted, Failure> {
    let inner = oauth.tokens_in.as_deref().and_then(|at| body.pointer(at)).filter(|v| v.is_object());
    let held = inner.unwrap_or(body);
    let mut access = Vec::new();
    for (pointer, param) in &oauth.takes {
        match token(held, pointer) {
            Some(secret) => access.push((param.clone(), secret)),
            None if access.is_empty() => return Err(Failure::incomplete("access token")),
            None => {}
        }
    }
    Ok(Granted {
        tokens: TokenSet { access, refresh: token(held, &oauth.refresh_token) },
        expires_at: life(held, &oauth.expires_in).and_then(|s| now.checked_add(SignedDuration::from_secs(s)).ok()),
        scopes: scopes(oauth, held),
        identity: oauth.identity.iter().filter_map(|(p, key)| Some((key.clone(), text(body.pointer(p)?)?))).collect(),
        values: oauth
            .values
            .iter()
            .filter_map(|(p, param)| Some((param.clone(), Value::from(text(body.pointer(p)?)?))))
            .collect::<Map<_, _>>(),
    })
}

/// A granted token of an app's installation.
pub(crate) fn of_installation(
    installation: &connector_core::auth::Installation,
    body: &Value,
    now: Timestamp,
) -> Result<Granted, Failure> {
    let access = token(body, &installation.token).ok_or_else(|| Failure::incomplete("token"))?;
    let end = body.pointer(&installation.expires_at).and_then(Value::as_str).and_then(|t| t.parse::<Timestamp>().ok());
    let scopes = body.pointer("/permissions").and_then(Value::as_object).map(permissions).unwrap_or_default();
    Ok(Granted {
        tokens: TokenSet { access: vec![(installation.becomes.clone(), access)], refresh: None },
        // One that says no end is asked for anew after a while: these tokens always end.
        expires_at: end.or_else(|| now.checked_add(SignedDuration::from_mins(30)).ok()),
        scopes,
        identity: BTreeMap::new(),
        values: Map::new(),
    })
}

/// `{"issues": "write"}` as `issues:write`.
fn permissions(map: &Map<String, Value>) -> Vec<String> {
    let one =
        |(name, level): (&String, &Value)| Some(format!("{}:{}", text(&Value::from(name.as_str()))?, text(level)?));
    map.iter().take(MAX_SCOPES).filter_map(one).collect()
}

fn token(body: &Value, pointer: &str) -> Option<Secret> {
    let text = body.pointer(pointer)?.as_str()?;
    (!text.is_empty() && text.len() <= MAX_TOKEN).then(|| Secret::from(text))
}

fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= MAX_TEXT).then_some(text)
}

/// Seconds as a number or as text. No end and a life of a century are the same.
fn life(body: &Value, pointer: &str) -> Option<i64> {
    let value = body.pointer(pointer)?;
    #[allow(clippy::cast_possible_truncation)]
    let seconds = value
        .as_i64()
        .or_else(|| value.as_f64().map(|f| f as i64))
        .or_else(|| value.as_str()?.trim().parse::<i64>().ok())?;
    (0..MAX_LIFE).contains(&seconds).then_some(seconds)
}

fn scopes(oauth: &OAuth2, body: &Value) -> Vec<String> {
    let mut all = list(body, &oauth.granted_scopes);
    if let Some(group) = &oauth.scope_group {
        all.extend(list(body, &group.granted).into_iter().map(|s| format!("{}{s}", group.prefix)));
    }
    all.truncate(MAX_SCOPES);
    all
}

/// Scopes as services write them: a list, or one text with blanks or commas, whatever was sent.
fn list(body: &Value, pointer: &str) -> Vec<String> {
    let keep = |s: &str| (!s.is_empty() && s.len() <= MAX_TEXT).then(|| s.to_owned());
    match body.pointer(pointer) {
        Some(Value::String(text)) => text.split([' ', ',']).filter_map(keep).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).filter_map(keep).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::json;

    use super::*;

    fn of(oauth: &OAuth2, body: Value) -> Granted {
        granted(oauth, &body, Timestamp::UNIX_EPOCH).ok().unwrap()
    }

    #[test]
    fn answers_are_read_as_services_write_them() {
        let oauth = OAuth2::new("", "https://a.example", "token");
        let g = of(&oauth, json!({"access_token": "a", "expires_in": "3600", "scope": "x,y z"}));
        assert_eq!((g.expires_at.unwrap().as_second(), g.scopes), (3600, vec!["x".into(), "y".into(), "z".into()]));
        let g = of(&oauth, json!({"access_token": "a", "expires_in": 3599.9, "scope": ["x"]}));
        assert_eq!((g.expires_at.unwrap().as_second(), g.scopes), (3599, vec!["x".to_owned()]));
        for none in [json!(-1), json!(1e300), json!(null), json!("soon")] {
            assert!(of(&oauth, json!({"access_token": "a", "expires_in": none})).expires_at.is_none());
        }
        for body in [json!({}), json!({"access_token": ""}), json!({"access_token": 7}), json!([])] {
            assert!(granted(&oauth, &body, Timestamp::UNIX_EPOCH).is_err(), "{body}");
        }
    }

    #[test]
    fn slacks_user_token_and_team_are_found() {
        let mut oauth = OAuth2::new("", "https://a.example", "bot_token");
        oauth.takes.push(("/authed_user/access_token".into(), "user_token".into()));
        oauth.identity = vec![("/team/id".into(), "team_id".into()), ("/enterprise/id".into(), "enterprise_id".into())];
        oauth.scope_group = Some(connector_core::auth::ScopeGroup {
            prefix: "user:".into(),
            param: "user_scope".into(),
            granted: "/authed_user/scope".into(),
        });
        let g = of(
            &oauth,
            json!({"ok": true, "access_token": "xoxb", "scope": "chat:write", "team": {"id": "T1"}, "enterprise": null,
                   "authed_user": {"access_token": "xoxp", "scope": "search:read"}}),
        );
        assert_eq!(g.tokens.access[1].0, "user_token");
        assert_eq!(g.scopes, ["chat:write", "user:search:read"]);
        assert_eq!(g.identity, BTreeMap::from([("team_id".to_owned(), "T1".to_owned())]));
        let g = of(&oauth, json!({"ok": true, "access_token": "xoxb", "scope": "chat:write"}));
        assert_eq!(g.tokens.access.len(), 1);
    }

    #[test]
    fn tokens_may_stand_in_an_object_of_their_own() {
        let mut oauth = OAuth2::new("", "https://slack.example/x", "bot_token");
        oauth.tokens_in = Some("/authed_user".into());
        oauth.identity = vec![("/team/id".into(), "team_id".into())];
        let inner = json!({"access_token": "xoxp-1", "refresh_token": "r", "expires_in": 60, "scope": "chat:write"});
        let now = Timestamp::UNIX_EPOCH;
        for body in [json!({"ok": true, "team": {"id": "T1"}, "authed_user": inner}), inner] {
            let got = granted(&oauth, &body, now).ok().unwrap();
            assert!(got.tokens.access[0].1.eq_constant_time(b"xoxp-1") && got.tokens.refresh.is_some());
            assert_eq!((got.expires_at, got.scopes.len()), (now.checked_add(SignedDuration::from_secs(60)).ok(), 1));
        }
    }
}
