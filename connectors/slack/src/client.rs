//! What all actions share: requests to the Web API, reading its answers, pages, and the check of new credentials.
//!
//! Slack answers failures with HTTP 200 and `ok: false`; a 200 is a success only when it says `ok: true`.
//! See <https://docs.slack.dev/apis/web-api/> and <https://docs.slack.dev/apis/web-api/rate-limits>.

use connector_core::{
    BoxFuture, Cx, Error, ErrorKind, FieldError, Method, Request, Response, Result, SecretSlot, Validation, status,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    errors,
    params::{BOT_TOKEN, INCOMING_WEBHOOK_URL},
};

/// Most of Slack's own messages about one failure that are passed on.
const MAX_MESSAGES: usize = 8;

/// A read: a GET whose arguments go into the query.
pub(crate) fn get(cx: &Cx, method: &'static str) -> Result<Request> {
    request(cx, Method::GET, method)
}

/// A write: a POST whose arguments are the JSON form of `input`.
pub(crate) fn post(cx: &Cx, method: &'static str, input: &impl Serialize) -> Result<Request> {
    let body = serde_json::to_value(input).map_err(|e| Error::internal(format!("an input is no JSON: {e}")))?;
    Ok(request(cx, Method::POST, method)?.json(body))
}

/// A request to a Web API method with the connection's token and no arguments yet.
pub(crate) fn request(cx: &Cx, http: Method, method: &'static str) -> Result<Request> {
    let token = SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: BOT_TOKEN.into() };
    Ok(cx.request(http, "base_url", &format!("/{method}"))?.endpoint(method).secret(token))
}

/// Sends a request and reads what Slack promises for it.
pub(crate) async fn call<T: DeserializeOwned>(cx: &Cx, request: Request) -> Result<T> {
    let method = request.endpoint_name();
    let (body, _) = answer(cx, request).await?;
    decode(method, body)
}

/// As [`call`], for a list in pages: the next page's mark becomes the field `next_cursor`, absent on the last page.
pub(crate) async fn page<T: DeserializeOwned>(cx: &Cx, request: Request) -> Result<T> {
    let method = request.endpoint_name();
    let (mut body, _) = answer(cx, request).await?;
    match body.remove("response_metadata").as_ref().and_then(|m| m.get("next_cursor")) {
        None | Some(Value::Null) => {}
        Some(Value::String(mark)) if mark.is_empty() => {}
        Some(Value::String(mark)) => {
            body.insert("next_cursor".into(), json!(mark));
        }
        Some(_) => return Err(Error::protocol(format!("`{method}` gave a next_cursor that is no text"))),
    }
    decode(method, body)
}

/// Sends a request; gives the fields of an `ok: true` answer without `ok`, and the answer itself for its headers.
pub(crate) async fn answer(cx: &Cx, request: Request) -> Result<(Map<String, Value>, Response)> {
    let method = request.endpoint_name();
    let response = cx.send(request).await?;
    if response.status.as_u16() != 200 {
        return Err(http_error(cx, &response));
    }
    let mut body: Map<String, Value> = response.json()?;
    match body.remove("ok") {
        Some(Value::Bool(true)) => Ok((body, response)),
        Some(Value::Bool(false)) => Err(api_error(cx, method, &body, &response)),
        _ => Err(Error::protocol(format!("`{method}` answered without `ok`")).with_status(200)),
    }
}

/// Reads the fields of a good answer. What Slack promises and leaves out is a breach of its contract.
pub(crate) fn decode<T: DeserializeOwned>(method: &str, body: Map<String, Value>) -> Result<T> {
    serde_json::from_value(Value::Object(body)).map_err(|e| {
        let text = e.to_string();
        // serde quotes values in every text but this one, and values are customers' data.
        let what = if text.starts_with("missing field") { &text } else { "a field has another type than documented" };
        Error::protocol(format!("`{method}` answered ok, but: {what}")).with_status(200)
    })
}

/// An HTTP status that is not 200: a rate limit, or something between us and Slack. The body is not quoted: who knows
/// what a proxy writes there, the request's headers perhaps.
pub(crate) fn http_error(cx: &Cx, response: &Response) -> Error {
    let http = response.status.as_u16();
    let body: Option<Map<String, Value>> = response.json().ok();
    let code = body.as_ref().and_then(|b| b.get("error")).and_then(Value::as_str).filter(|c| is_code(c));
    let error = status::error_for(response, cx.now());
    match code {
        Some(code) => error.with_operator(format!("HTTP {http} `{code}`")).with_code(code),
        None => error.with_operator(format!("HTTP {http} with {} bytes", response.body.len())),
    }
}

fn api_error(cx: &Cx, method: &str, body: &Map<String, Value>, response: &Response) -> Error {
    let Some(code) = body.get("error").and_then(Value::as_str).filter(|c| is_code(c)) else {
        return Error::protocol(format!("`{method}` answered `ok: false` without an error code")).with_status(200);
    };
    let needed = body.get("needed").and_then(Value::as_str).filter(|n| is_scopes(n));
    let provided = body.get("provided").and_then(Value::as_str).filter(|p| is_scopes(p));
    let messages: Vec<String> = body
        .get("response_metadata")
        .and_then(|m| m.get("messages"))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .take(MAX_MESSAGES)
        .map(|m| m.trim_start_matches("[ERROR] ").chars().filter(|c| !c.is_control()).take(200).collect())
        .collect();
    let mut operator = format!("`{method}` answered `{code}`");
    if let Some(n) = needed {
        operator.push_str(&format!("; needed {n}; provided {}", provided.unwrap_or("unknown")));
    }
    if !messages.is_empty() {
        operator.push_str(&format!("; {}", messages.join("; ")));
    }
    Error::new(errors::kind_of(code), errors::caller_text(code, needed))
        .with_code(code)
        .with_status(200)
        .with_retry(errors::retry_of(code, status::retry_after(response, cx.now())))
        .with_operator(operator)
        .with_fields(messages.iter().filter_map(|m| field_of(m)))
}

/// Slack names the place in some of its messages: `must be more than 0 characters [json-pointer:/blocks/0/text]`.
fn field_of(message: &str) -> Option<FieldError> {
    let (text, rest) = message.split_once("[json-pointer:")?;
    let (pointer, _) = rest.split_once(']')?;
    Some(FieldError::new(pointer, text.trim()))
}

/// Whether a text has the form of Slack's codes: nothing else gets into an error.
pub(crate) fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn is_scopes(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 1000
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b":.,_- ".contains(&b))
}

/// The scopes that the token has, from the header that Slack sends with every answer.
pub(crate) fn granted_scopes(response: &Response) -> Vec<String> {
    let list = response.header("x-oauth-scopes").unwrap_or_default();
    list.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// The error for an incoming webhook's answer; its body is a code in plain text.
pub(crate) fn incoming_webhook_error(cx: &Cx, response: &Response) -> Error {
    let http = response.status.as_u16();
    let text = response.text_excerpt(64);
    let code = text.trim();
    if http == 200 {
        return Error::protocol("the incoming webhook answered 200 with something else than `ok`").with_status(200);
    }
    if !is_code(code) {
        return http_error(cx, response);
    }
    // A rate limit and a server's failure are what their status says.
    if http == 429 || http >= 500 {
        return http_error(cx, response).with_code(code);
    }
    Error::new(errors::kind_of(code), errors::caller_text(code, None))
        .with_code(code)
        .with_status(http)
        .with_retry(errors::retry_of(code, status::retry_after(response, cx.now())))
        .with_operator(format!("the incoming webhook answered HTTP {http} `{code}`"))
}

/// A real call with each new credential: `auth.test` for the token, an empty message for the incoming webhook.
pub(crate) fn validate(cx: &Cx) -> BoxFuture<'_, Result<Validation>> {
    Box::pin(async move {
        let (token, url) = (cx.has_secret(BOT_TOKEN), cx.has_secret(INCOMING_WEBHOOK_URL));
        if !token && !url {
            let text = "give a bot token, an incoming webhook URL, or both";
            let mut v = Validation::failed(BOT_TOKEN, text);
            v.errors.push(FieldError::new(format!("/{INCOMING_WEBHOOK_URL}"), text));
            return Ok(v);
        }
        let mut v = if token { validate_token(cx).await? } else { Validation::ok("incoming webhook") };
        if url {
            v.errors.extend(validate_incoming_webhook(cx).await?);
        }
        Ok(v)
    })
}

async fn validate_token(cx: &Cx) -> Result<Validation> {
    let (body, response) = match answer(cx, post(cx, "auth.test", &json!({}))?).await {
        Ok(a) => a,
        Err(e) => {
            return match e.kind() {
                _ if !e.fields().is_empty() => Err(e),
                ErrorKind::Auth | ErrorKind::Permission => Ok(Validation::failed(BOT_TOKEN, e.caller_text())),
                ErrorKind::Protocol | ErrorKind::NotFound | ErrorKind::Refused => Ok(Validation::failed(
                    "base_url",
                    "does not answer as Slack's Web API does; it is https://slack.com/api, or https://slack-gov.com/api for GovSlack",
                )),
                _ => Err(e),
            };
        }
    };
    let who: crate::objects::Identity = decode("auth.test", body)?;
    if let Some(want) = cx.param_opt("team_id")
        && want != who.team_id
    {
        return Ok(Validation::failed(
            "team_id",
            format!("the token belongs to the workspace {}; correct the id or leave it empty", who.team_id),
        ));
    }
    let user = who.user.as_deref().unwrap_or(&who.user_id);
    let account = format!("{user} @ {}", who.team.as_deref().unwrap_or(&who.team_id));
    let mut v = Validation::ok(account)
        .identity("team_id", who.team_id.as_str())
        .identity("user_id", who.user_id.as_str())
        .scopes(granted_scopes(&response));
    if let Some(bot) = &who.bot_id {
        v = v.identity("bot_id", bot.as_str());
    }
    // A workspace's own installation must not get what is meant for the others of its organization.
    if let (Some(true), Some(id)) = (who.is_enterprise_install, &who.enterprise_id) {
        v = v.identity("enterprise_id", id.as_str());
    }
    Ok(v)
}

/// Posts a message without content, which Slack refuses: a live URL answers 400, a dead one 403, 404 or 410.
async fn validate_incoming_webhook(cx: &Cx) -> Result<Option<FieldError>> {
    let wrong = |text: String| Ok(Some(FieldError::new(format!("/{INCOMING_WEBHOOK_URL}"), text)));
    let request =
        Request::to_secret_url(Method::POST, INCOMING_WEBHOOK_URL).endpoint("incoming_webhook").json(json!({}));
    let response = match cx.send(request).await {
        Ok(r) => r,
        Err(e) if e.kind() == ErrorKind::Refused => {
            return wrong("must begin with https://hooks.slack.com/services/ (GovSlack: hooks.slack-gov.com)".into());
        }
        Err(e) => return Err(e),
    };
    match response.status.as_u16() {
        // `no_text`, `invalid_payload` and the like: the webhook is there and wants a message.
        400 => Ok(None),
        429 | 500..=599 => Err(incoming_webhook_error(cx, &response)),
        403 | 404 | 410 => {
            let e = incoming_webhook_error(cx, &response);
            wrong(match e.code() {
                Some(_) => e.caller_text().to_owned(),
                None => "is not an incoming webhook of Slack; copy it again from the app's “Incoming Webhooks”".into(),
            })
        }
        _ => wrong("does not answer as an incoming webhook of Slack does; copy it again from the app".into()),
    }
}
