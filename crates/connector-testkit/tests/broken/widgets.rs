//! A small connector whose faults are switched on one at a time by a const.

use connector_core::{
    Action, ActionDef, ActionSpec, AntiExample, Category, ConnectorSpec, Cx, Error, ErrorKind, FieldError, Method,
    ParamSpec, Request, Response, Result, RetryAdvice, SecretSlot, TriggerDef, TriggerSpec, Verification, Verified,
    Webhook, WebhookTrigger, status,
    webhook::{Condition, Handshake, Incoming, KeySource, Locator, Part, Reader, Signed, TimeUnit},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Faults of the action's code.
pub(crate) mod fault {
    pub(crate) const NONE: u8 = 0;
    pub(crate) const WRONG_URL: u8 = 1;
    pub(crate) const MISSING_HEADER: u8 = 2;
    pub(crate) const EXTRA_HEADER: u8 = 3;
    pub(crate) const WRONG_BODY: u8 = 4;
    pub(crate) const OTHER_HOST: u8 = 5;
    pub(crate) const PANICS: u8 = 6;
    pub(crate) const FALSE_IS_SUCCESS: u8 = 7;
    pub(crate) const WRONG_KIND: u8 = 8;
    pub(crate) const WRONG_RETRY: u8 = 9;
    pub(crate) const LEAKS: u8 = 10;
    pub(crate) const STRICT_ANSWER: u8 = 11;
    pub(crate) const MALFORMED_IS_INTERNAL: u8 = 12;
    pub(crate) const ASKS_TWICE: u8 = 13;
    pub(crate) const SWALLOWS: u8 = 14;
    pub(crate) const LOGS_THE_URL: u8 = 15;
    pub(crate) const FOUND_ANYWAY: u8 = 16;
    pub(crate) const ONE_STYLE: u8 = 17;
    pub(crate) const SENDS_AGAIN: u8 = 18;
    pub(crate) const CALLS_IT_SAFE: u8 = 19;
    pub(crate) const GUESSES: u8 = 20;
    pub(crate) const WAITS_AGAIN: u8 = 21;
    pub(crate) const FOLLOWS: u8 = 22;
}

/// Creates a widget, well or badly.
pub(crate) struct Create<const FAULT: u8>;

/// What to create.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    /// Its name.
    #[schemars(length(min = 1))]
    pub(crate) name: String,
    /// Its size in mm.
    pub(crate) size: Option<u32>,
}

/// What was created.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Answer {
    ok: bool,
    error: Option<String>,
    widget: Option<Widget>,
}

#[derive(Deserialize)]
struct Widget {
    id: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StrictAnswer {
    ok: bool,
    error: Option<String>,
    widget: Option<Value>,
}

pub(crate) const GOOD: ActionSpec = ActionSpec::new("create_widget", "Create a widget")
    .summary("Creates a widget of the given name.")
    .docs("https://docs.widgets.example/create")
    .examples(&[r#"{"name": "left", "size": 3}"#])
    .anti_examples(&[AntiExample { input: r#"{"name": ""}"#, why: "A widget needs a name." }]);

impl<const FAULT: u8> Action for Create<FAULT> {
    const SPEC: ActionSpec = GOOD;
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        let request = request::<FAULT>(cx, &input)?;
        if FAULT == fault::LOGS_THE_URL {
            tracing::debug!(url = %"https://api.widgets.example", token = "canary_widgets_api_token_0123456789abcdef");
        }
        if FAULT == fault::SWALLOWS {
            // Asks somewhere else first, and does not mind how that ends.
            let _ = cx.send(Request::new(Method::GET, "https://api.widgets.example/v1/ping")?).await;
        }
        if FAULT == fault::ASKS_TWICE {
            cx.send(request.clone()).await?;
        }
        let response = send::<FAULT>(cx, request).await?;
        if FAULT == fault::GUESSES && response.status.is_success() && response.json::<Answer>().is_err() {
            return Ok(Output { id: "w_1".into(), name: input.name });
        }
        read::<FAULT>(cx, &response)
    }
}

async fn send<const FAULT: u8>(cx: &Cx, request: Request) -> Result<Response> {
    let sent = cx.send(request.clone()).await;
    match &sent {
        Err(e) if FAULT == fault::SENDS_AGAIN && e.kind() == ErrorKind::UpstreamUnavailable => cx.send(request).await,
        Err(e) if FAULT == fault::WAITS_AGAIN && e.kind() == ErrorKind::Timeout => cx.send(request).await,
        Err(e) if FAULT == fault::CALLS_IT_SAFE && e.kind() == ErrorKind::UpstreamUnavailable => {
            Err(e.clone().with_retry(RetryAdvice::Safe { after: None }))
        }
        Ok(r) if FAULT == fault::FOLLOWS && r.status.is_redirection() => {
            let to = r.header("location").unwrap_or_default();
            let slot = SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret: "api_token".into() };
            cx.send(Request::new(Method::GET, to)?.given_by_service().secret(slot)).await
        }
        _ => sent,
    }
}

fn request<const FAULT: u8>(cx: &Cx, input: &Input) -> Result<Request> {
    let path = if FAULT == fault::WRONG_URL { "/v1/widget" } else { "/v1/widgets" };
    let mut request = if FAULT == fault::OTHER_HOST {
        Request::new(Method::POST, "https://elsewhere.example/v1/widgets")?
    } else {
        cx.request(Method::POST, "base_url", path)?
    };
    if FAULT != fault::MISSING_HEADER {
        request = request.header("x-widgets-version", "2026-01-01")?;
    }
    if FAULT == fault::EXTRA_HEADER {
        request = request.header("x-debug", "1")?;
    }
    let size = input.size.map(|s| if FAULT == fault::WRONG_BODY { s + 1 } else { s });
    Ok(request.json(json!({"name": input.name, "size": size})).secret(SecretSlot::Header {
        name: "authorization",
        prefix: "Bearer ",
        secret: "api_token".into(),
    }))
}

fn read<const FAULT: u8>(cx: &Cx, response: &Response) -> Result<Output> {
    if FAULT == fault::LEAKS && response.status == 401 {
        // As if it had the token from somewhere.
        return Err(
            status::error_for(response, cx.now()).with_operator("token canary_widgets_api_token_0123456789abcdef")
        );
    }
    if FAULT == fault::FOUND_ANYWAY && response.status == 404 {
        return Ok(Output { id: String::new(), name: String::new() });
    }
    if !response.status.is_success() {
        let e = status::error_for(response, cx.now());
        return Err(match FAULT {
            fault::WRONG_KIND if response.status == 401 => Error::new(ErrorKind::Internal, "no"),
            fault::ONE_STYLE if response.status == 429 => {
                e.with_retry(RetryAdvice::Safe { after: status::retry_after(response, cx.now()) })
            }
            fault::WRONG_RETRY if response.status == 429 => e.with_retry(RetryAdvice::Safe { after: None }),
            _ => e,
        });
    }
    let answer: Answer = match FAULT {
        fault::PANICS => serde_json::from_slice(&response.body).unwrap(),
        fault::MALFORMED_IS_INTERNAL => {
            serde_json::from_slice(&response.body).map_err(|_| Error::internal("cannot read"))?
        }
        fault::STRICT_ANSWER => {
            let a: StrictAnswer = response.json()?;
            let widget = a.widget.map(serde_json::from_value).transpose().map_err(|_| Error::protocol("no widget"))?;
            Answer { ok: a.ok, error: a.error, widget }
        }
        _ => response.json()?,
    };
    if !answer.ok {
        if FAULT == fault::FALSE_IS_SUCCESS {
            return Ok(Output { id: String::new(), name: String::new() });
        }
        let code = answer.error.unwrap_or_default();
        return Err(Error::new(ErrorKind::Conflict, "a widget of this name is there already; take another name")
            .with_code(code)
            .with_fields([FieldError::new("/name", "is taken")]));
    }
    let w = answer.widget.ok_or_else(|| Error::protocol("a success without a widget"))?;
    Ok(Output { id: w.id, name: w.name })
}

/// A widget was made.
pub(crate) struct Made;

/// The event.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct Payload {
    /// The widget.
    widget: MadeWidget,
}

/// A widget that was made.
#[derive(Serialize, Deserialize, JsonSchema)]
pub(crate) struct MadeWidget {
    /// Its id.
    id: String,
}

pub(crate) const MADE: TriggerSpec = TriggerSpec::new("widget_made", "Widget made")
    .summary("Somebody made a widget.")
    .docs("https://docs.widgets.example/hooks")
    .events(&["widget.made"]);

impl WebhookTrigger for Made {
    const SPEC: TriggerSpec = MADE;
    type Payload = Payload;
}

pub(crate) fn signature() -> Signed {
    Signed::hmac_sha256_body("x-widgets-signature", "v0=")
        .parts([Part::Literal("v0:".into()), Part::Timestamp, Part::Literal(":".into()), Part::Body])
        .timestamp_header("x-widgets-time", TimeUnit::Seconds, Some(300))
}

pub(crate) fn hook_of(signed: Signed, reader: Reader) -> Webhook {
    Webhook::new(Verification::Signed(signed), KeySource::App("signing_secret".into()), reader)
        .delivery_id(Locator::header("x-widgets-delivery"))
        .route(Locator::body("/team"), "team")
        .handshake(Handshake::echo(
            vec![Condition::is(Locator::body("/type"), "challenge")],
            Locator::body("/challenge"),
        ))
}

pub(crate) fn hook() -> Webhook {
    hook_of(signature(), Reader::Function(read_event))
}

pub(crate) fn read_event(v: &Verified) -> Result<Vec<Incoming>> {
    let payload = v.inbound().json().cloned().ok_or_else(|| Error::invalid_field("", "the body is not JSON"))?;
    let text = |p: &str| payload.pointer(p).and_then(Value::as_str).map(str::to_owned);
    Ok(vec![Incoming {
        event_type: text("/type").unwrap_or_else(|| "unknown".into()),
        occurred_at: None,
        subject: text("/widget/id"),
        payload,
    }])
}

pub(crate) const ICON: &str =
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="M0 0h24v24z"/></svg>"##;
/// The part of the page that is made from the params below.
macro_rules! table {
    () => {
        "<!-- params: written by cargo xtask contract --params -->
Params of a connection:

| param | what it is | needed | takes |
|---|---|---|---|
| `base_url` | **API URL.** Where the API is. | no | a URL; `https://api.widgets.example` unless told |
| `api_token` | **API token.** From your account's page. | yes | a secret |

Params of an app:

| param | what it is | needed | takes |
|---|---|---|---|
| `signing_secret` | **Signing secret.** From the app's page. | yes | a secret |
<!-- /params -->
"
    };
}
#[allow(unused_imports, reason = "not every test has pages of its own")]
pub(crate) use table;

pub(crate) const DOCS: &str =
    concat!("# Widgets\n\nAction `create_widget` makes one; trigger `widget_made` tells of it.\n\n", table!());

pub(crate) const PARAMS: &[ParamSpec] = &[
    ParamSpec::new("base_url", "API URL").description("Where the API is.").url().default("https://api.widgets.example"),
    ParamSpec::secret("api_token", "API token").description("From your account's page."),
];

pub(crate) const APP_PARAMS: &[ParamSpec] =
    &[ParamSpec::secret("signing_secret", "Signing secret").description("From the app's page.")];

pub(crate) const fn connector(actions: &'static [ActionDef], triggers: &'static [TriggerDef]) -> ConnectorSpec {
    ConnectorSpec::new("widgets", "Widgets")
        .summary("Makes widgets and tells of them.")
        .pages("https://docs.widgets.example", DOCS, ICON)
        .categories(&[Category::Productivity])
        .params(PARAMS)
        .app_params(APP_PARAMS)
        .hosts(&["{base_url}"])
        .actions(actions)
        .triggers(triggers)
        .webhook(hook)
}

pub(crate) const CREATE: &[ActionDef] = &[ActionDef::of::<Create<{ fault::NONE }>>()];
pub(crate) const MADES: &[TriggerDef] = &[TriggerDef::webhook::<Made>()];
pub(crate) const HEALTHY: ConnectorSpec = connector(CREATE, MADES);
