//! The installation pipeline over a fake service at the wire: a token that is checked, tokens by consent, webhooks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use connector_core::{
    AuthMethod, BoxFuture, Clock, Connector, Cx, Error, ErrorKind, Method, ParamInfo, ParamSpec, Registry, Request,
    Response, Result, SecretSlot, Transport, Validation, Verification, Webhook,
    action::Invoke,
    auth::{Grant, OAuth2, Refresh, Revocation},
    connector::Validate,
    hooks::{Hook, HookOrder, Hooks, Resource, Resources},
    info::ActionInfo,
    transport::CallContext,
    webhook::{KeySource, Reader, Signed},
};
use jackfield_engine::{AppInput, Begin, Callback, Engine, Options, Progress};
use jackfield_store::{Owner, SharedStore, SqliteStore, setup::SetupStep};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

const PUBLIC: &str = "https://gateway.example.com";

/// The service: which token is right, which repositories have a webhook, what it was asked.
#[derive(Default)]
struct Service {
    hooks: Mutex<Vec<(String, String)>>,
    refuse_hooks_of: Mutex<Option<String>>,
    asked: Mutex<Vec<String>>,
    /// Secrets as they arrived, by what they were sent for.
    secrets: Mutex<Vec<String>>,
}

fn answer(status: u16, body: Value) -> Response {
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    Response { status: status.try_into().unwrap(), headers, body: body.to_string().into() }
}

#[async_trait]
impl Transport for Service {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let line = format!("{} {}", request.method(), request.url().unwrap().path());
        self.asked.lock().unwrap().push(line.clone());
        let sent = request.fill(context.secrets.as_ref()).await?;
        let header = |n: &str| sent.headers.get(n).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(&sent.body).into_owned();
        Ok(match line.as_str() {
            "POST /token" if body.contains("code=good-code") => answer(
                200,
                json!({"access_token": "granted-1", "refresh_token": "refresh-1", "expires_in": 3600, "scope": "read"}),
            ),
            "POST /token" => answer(400, json!({"error": "invalid_grant"})),
            "POST /revoke" => answer(200, json!({})),
            "GET /me" => match header("authorization").as_str() {
                "Bearer right-token" | "Bearer granted-1" => answer(200, json!({"login": "mia"})),
                _ => answer(401, json!({"message": "bad"})),
            },
            l if l.starts_with("PUT /hooks/") => {
                let of = l.trim_start_matches("PUT /hooks/").to_owned();
                if self.refuse_hooks_of.lock().unwrap().as_ref() == Some(&of) {
                    return Ok(answer(403, json!({"message": "no"})));
                }
                let v: Value = serde_json::from_str(&body).unwrap();
                self.secrets.lock().unwrap().push(v["secret"].as_str().unwrap_or_default().to_owned());
                let mut hooks = self.hooks.lock().unwrap();
                hooks.retain(|(r, _)| *r != of);
                hooks.push((of, v["url"].as_str().unwrap().to_owned()));
                answer(200, json!({}))
            }
            l if l.starts_with("DELETE /hooks/") => {
                let of = l.trim_start_matches("DELETE /hooks/");
                if self.refuse_hooks_of.lock().unwrap().as_deref() == Some(of) {
                    return Ok(answer(403, json!({"message": "no"})));
                }
                self.hooks.lock().unwrap().retain(|(r, _)| r != of);
                answer(204, json!(null))
            }
            _ => answer(404, json!({})),
        })
    }
}

fn request(cx: &Cx, method: Method, path: &str) -> Result<Request> {
    Ok(cx.request(method, "base", path)?.secret(SecretSlot::Header {
        name: "authorization",
        prefix: "Bearer ",
        secret: "token".into(),
    }))
}

struct Check;

impl Validate for Check {
    fn validate<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Validation>> {
        Box::pin(async move {
            let response = cx.send(request(cx, Method::GET, "/me")?).await?;
            if !response.status.is_success() {
                return Ok(Validation::failed("token", "was refused by the service; make a new one"));
            }
            Ok(Validation::ok("mia").identity("login", "mia"))
        })
    }
}

struct AcmeHooks;

#[async_trait]
impl Hooks for AcmeHooks {
    async fn resources(&self, _: &Cx, page: Option<&str>) -> Result<Resources> {
        let one = |id: &str| Resource { id: id.into(), label: format!("Repository {id}"), kind: "repository".into() };
        Ok(match page {
            None => Resources { items: vec![one("a"), one("b")], next: Some("2".into()) },
            Some(_) => Resources { items: vec![one("c")], next: None },
        })
    }

    async fn install(&self, cx: &Cx, order: &HookOrder) -> Result<Hook> {
        let resource = order.resource.clone().unwrap();
        let request = request(cx, Method::PUT, &format!("/hooks/{resource}"))?
            .json(json!({"url": order.url, "secret": ""}))
            .secret(SecretSlot::BodyField { name: "secret", secret: order.secret.clone() });
        let response = cx.send(request).await?;
        if !response.status.is_success() {
            return Err(Error::new(ErrorKind::Permission, "the token may not make webhooks there"));
        }
        let triggers = order.triggers.clone();
        Ok(Hook { id: resource.clone(), resource: Some(resource), url: order.url.clone(), triggers, expires_at: None })
    }

    async fn remove(&self, cx: &Cx, hook: &Hook) -> Result<()> {
        let response = cx.send(request(cx, Method::DELETE, &format!("/hooks/{}", hook.id))?).await?;
        if response.status.is_success() {
            Ok(())
        } else {
            Err(Error::new(ErrorKind::Permission, "the token may not remove webhooks there"))
        }
    }
}

struct Nothing(Arc<ActionInfo>);

impl Invoke for Nothing {
    fn info(&self) -> &Arc<ActionInfo> {
        &self.0
    }

    fn invoke<'a>(&'a self, _: &'a Cx, _: Value) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async { Ok(json!({})) })
    }
}

struct Push(Arc<connector_core::info::TriggerInfo>);

impl connector_core::Source for Push {
    fn info(&self) -> &Arc<connector_core::info::TriggerInfo> {
        &self.0
    }

    fn check(&self, _: &Value) -> Result<()> {
        Ok(())
    }
}

fn acme() -> Connector {
    let mut oauth = OAuth2::new("https://acme.example/authorize", "https://acme.example/token", "token");
    oauth.refresh = Refresh::Rotating;
    oauth.revocation = Revocation::Rfc7009 { url: "https://acme.example/revoke".into() };
    let mut info = ActionInfo::new("acme", "read", json!({"type": "object"}), json!({"type": "object"}));
    info.scopes = vec!["read".into()];
    let push = connector_core::info::TriggerInfo::new(
        "acme",
        "push",
        connector_core::trigger::TriggerShape::Webhook,
        json!({"type": "object"}),
    );
    Connector::builder("acme", "Acme")
        .param(ParamInfo::from(&ParamSpec::new("base", "Address").url().default("https://acme.example")))
        .param(ParamInfo::from(&ParamSpec::secret("token", "Token")))
        .param(ParamInfo::from(&ParamSpec::secret("webhook_secret", "Webhook secret").optional()))
        .app_param(ParamInfo::from(&ParamSpec::new("client_id", "Client id")))
        .app_param(ParamInfo::from(&ParamSpec::secret("client_secret", "Client secret")))
        .auth(AuthMethod::given("token", "Token", &["token"]))
        .auth(AuthMethod::new(
            "oauth",
            "Sign in",
            &[],
            &["client_id", "client_secret"],
            Grant::AuthorizationCode(oauth),
        ))
        .host("{base}")
        .action(Arc::new(Nothing(Arc::new(info))))
        .trigger(Arc::new(Push(Arc::new(push))))
        .webhook(Webhook::new(
            Verification::Signed(Signed::hmac_sha256_body("x-signature", "sha256=")),
            KeySource::Connection("webhook_secret".into()),
            Reader::Function(|_| Ok(vec![])),
        ))
        .validator(Arc::new(Check))
        .hooks(Arc::new(AcmeHooks))
        .build()
        .unwrap()
}

struct Now(Mutex<Timestamp>);

impl Clock for Now {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

struct Home {
    _dir: tempfile::TempDir,
    engine: Engine,
    store: SharedStore,
    service: Arc<Service>,
    clock: Arc<Now>,
}

fn home() -> Home {
    let dir = tempfile::tempdir().unwrap();
    let store: SharedStore = Arc::new(SqliteStore::open(dir.path()).unwrap());
    let service = Arc::new(Service::default());
    let clock = Arc::new(Now(Mutex::new(Timestamp::now())));
    let registry = Registry::new();
    registry.register(acme()).unwrap();
    let options = Options { public_url: PUBLIC.into(), ..Options::default() };
    let engine = Engine::new(registry, store.clone(), service.clone(), clock.clone(), options);
    Home { _dir: dir, engine, store, service, clock }
}

fn input(v: Value) -> Map<String, Value> {
    v.as_object().unwrap().clone()
}

async fn begin(h: &Home, id: &str, method: &str, app: Option<&str>) -> Progress {
    let begin = Begin {
        connector: "acme".into(),
        id: Some(id.into()),
        method: Some(method.into()),
        app: app.map(Into::into),
        ..Begin::default()
    };
    h.engine.begin_installation(begin, Some("Mia".into())).await.unwrap()
}

async fn step(h: &Home, p: &Progress, step: SetupStep, v: Value) -> Result<Progress, Error> {
    h.engine.installation_step(p.id, step, &input(v)).await.map_err(jackfield_engine::EngineError::into_error)
}

fn pointers(e: &Error) -> Vec<&str> {
    e.fields().iter().map(|f| f.pointer.as_str()).collect()
}

#[tokio::test]
async fn a_token_is_checked_webhooks_are_made_and_removed() {
    let h = home();
    let p = begin(&h, "work", "token", None).await;
    assert_eq!(p.step, SetupStep::Parameters);
    let ids: Vec<&str> = p.form.fields().map(|f| f.id.as_str()).collect();
    assert_eq!(ids, ["base", "token", "webhook_secret"]);

    // All that is wrong at once, on its field; nothing is saved.
    let e = step(&h, &p, SetupStep::Parameters, json!({"base": "nonsense"})).await.unwrap_err();
    let mut at = pointers(&e);
    at.sort_unstable();
    assert_eq!(at, ["/base", "/token"]);
    let e = step(&h, &p, SetupStep::Parameters, json!({"token": "wrong-token"})).await.unwrap_err();
    assert_eq!(pointers(&e), ["/token"]);
    assert!(!e.to_string().contains("wrong-token"));
    let shown = h.engine.installation(p.id).await.unwrap();
    assert_eq!(shown.step, SetupStep::Parameters, "a wrong token is mended where it was typed");
    assert!(shown.form.fields().any(|f| f.id == "token" && f.error.is_some() && f.set && f.value.is_none()));
    assert!(h.store.connection("work").await.is_err());

    let p = step(&h, &p, SetupStep::Parameters, json!({"token": " right-token "})).await.unwrap();
    assert_eq!((p.step, p.account.as_deref()), (SetupStep::Resources, Some("mia")));
    assert!(h.store.connection("work").await.is_err(), "nothing is saved before it is known what sends events");
    let values: Vec<&str> = p.choices[0].options.iter().map(|o| o.value.as_str()).collect();
    assert_eq!(values, ["a", "b", "c"], "all pages are offered");
    let e = step(&h, &p, SetupStep::Resources, json!({"resources": ["a"], "triggers": []})).await.unwrap_err();
    assert_eq!(pointers(&e), ["/triggers"]);

    *h.service.refuse_hooks_of.lock().unwrap() = Some("b".into());
    let p = step(&h, &p, SetupStep::Resources, json!({"resources": ["a", "b"], "triggers": ["push"]})).await.unwrap();
    assert_eq!(p.step, SetupStep::Webhooks);
    let states: Vec<(&str, &str)> = p.hooks.iter().map(|k| (k.resource.as_str(), k.state)).collect();
    assert_eq!(states, [("Repository a", "installed"), ("Repository b", "failed")]);
    assert!(p.errors[0].message.contains("may not make webhooks"), "{:?}", p.errors);
    let saved = h.store.connection("work").await.unwrap();
    assert_eq!((saved.account.as_deref(), saved.auth.as_deref(), saved.enabled), (Some("mia"), Some("token"), true));

    *h.service.refuse_hooks_of.lock().unwrap() = None;
    let p = step(&h, &p, SetupStep::Webhooks, json!({})).await.unwrap();
    assert_eq!(p.step, SetupStep::Done);
    // A step that is done once more is as done once.
    assert_eq!(step(&h, &p, SetupStep::Done, json!({})).await.unwrap().step, SetupStep::Done);
    let at = |r: &str| (r.to_owned(), format!("{PUBLIC}/webhooks/acme/work"));
    assert_eq!(*h.service.hooks.lock().unwrap(), [at("a"), at("b")]);
    // The key was made, and it is the one that the connection verifies with.
    let key = h.store.secrets(&Owner::Connection("work".into()), "webhook_secret").await.unwrap();
    let sent = h.service.secrets.lock().unwrap().clone();
    assert!(sent.iter().all(|s| s.len() == 64 && key[0].eq_constant_time(s.as_bytes())), "one key for all");
    let (_, secrets) = h.store.installation(p.id).await.unwrap();
    assert!(secrets.secrets.is_empty(), "what is done keeps no secrets");

    *h.service.refuse_hooks_of.lock().unwrap() = Some("b".into());
    let removed = h.engine.remove_connection("work", false).await.unwrap();
    assert_eq!(removed.webhooks, ["Repository a"]);
    assert_eq!(removed.left.len(), 1);
    assert!(removed.left[0].what.contains("Repository b") && removed.left[0].mend.contains("/webhooks/acme/work"));
    assert!(h.store.connection("work").await.is_err());
}

#[tokio::test]
async fn a_bad_update_never_breaks_a_working_connection() {
    let h = home();
    let p = begin(&h, "work", "token", None).await;
    let p = step(&h, &p, SetupStep::Parameters, json!({"token": "right-token"})).await.unwrap();
    let p = step(&h, &p, SetupStep::Resources, json!({"resources": "a,c", "triggers": "push"})).await.unwrap();
    assert_eq!(p.step, SetupStep::Done);
    let before = h.store.connection("work").await.unwrap();

    let u = h.engine.begin_update("work", None).await.unwrap();
    assert!(u.update && u.form.fields().all(|f| f.id != "id"));
    let u = step(&h, &u, SetupStep::Choose, json!({"name": "Renamed"})).await.unwrap();
    assert!(u.form.fields().any(|f| f.id == "token" && f.set && !f.required));
    step(&h, &u, SetupStep::Parameters, json!({"token": "wrong-token"})).await.unwrap_err();
    assert_eq!(h.store.connection("work").await.unwrap(), before);
    let token = h.store.secrets(&Owner::Connection("work".into()), "token").await.unwrap();
    assert!(token[0].eq_constant_time(b"right-token"));

    // Mended; what is not chosen again is removed at the service.
    let u = step(&h, &u, SetupStep::Parameters, json!({"token": "right-token"})).await.unwrap();
    let chosen: Vec<&str> = u.choices[0].options.iter().filter(|o| o.chosen).map(|o| o.value.as_str()).collect();
    assert_eq!(chosen, ["a", "c"]);
    let u = step(&h, &u, SetupStep::Resources, json!({"resources": ["c", "b"], "triggers": ["push"]})).await.unwrap();
    assert_eq!(u.step, SetupStep::Done);
    assert_eq!(h.store.connection("work").await.unwrap().name, "Renamed");
    let mut at: Vec<String> = h.service.hooks.lock().unwrap().iter().map(|(r, _)| r.clone()).collect();
    at.sort();
    assert_eq!(at, ["b", "c"]);
    assert_eq!(h.store.hooks("work").await.unwrap().len(), 2);
}

fn query(url: &str, name: &str) -> String {
    url.split(['?', '&']).find_map(|p| p.strip_prefix(&format!("{name}="))).unwrap().to_owned()
}

async fn app(h: &Home) {
    let values = input(json!({"client_id": "acme-client", "client_secret": "canary-secret"}));
    let app = AppInput { id: "acme-app".into(), connector: "acme".into(), name: None, values };
    h.engine.put_app(app).await.unwrap();
}

#[tokio::test]
async fn a_consent_is_bound_to_the_browser_that_began_it() {
    let h = home();
    let needs_app =
        Begin { connector: "acme".into(), id: Some("work".into()), method: Some("oauth".into()), ..Begin::default() };
    let e = h.engine.begin_installation(needs_app, None).await.unwrap_err().into_error();
    assert_eq!(pointers(&e), ["/app"]);
    app(&h).await;
    let p = begin(&h, "work", "oauth", Some("acme-app")).await;
    let asked: Vec<&str> = p.form.fields().map(|f| f.id.as_str()).collect();
    assert_eq!(asked, ["base", "webhook_secret"], "the token comes by consent");
    let p = step(&h, &p, SetupStep::Parameters, json!({})).await.unwrap();
    assert_eq!((p.step, p.scopes.as_slice()), (SetupStep::Consent, &["read".to_owned()][..]));

    // The terminal's way: a ticket that somebody opens in a browser. Looking at it uses nothing up.
    let ticket = h.engine.consent_ticket(p.id).await.unwrap().ticket;
    assert_eq!(h.engine.ticket(&ticket).await.unwrap().id, p.id);
    assert!(h.engine.ticket(&format!("{ticket}0")).await.is_err());
    let start = h.engine.begin_consent(p.id).await.unwrap();
    assert!(h.engine.ticket(&ticket).await.is_err(), "it is used up");
    assert!(start.url.starts_with("https://acme.example/authorize?"));
    assert!(start.url.contains("redirect_uri=https%3A%2F%2Fgateway.example.com%2Foauth%2Fcallback"), "{}", start.url);
    assert!(start.url.contains("code_challenge_method=S256"), "{}", start.url);
    let state = query(&start.url, "state");
    let back = |code: &str| Callback { code: Some(code.into()), state: Some(state.clone()), ..Callback::default() };

    let browser = start.browser.expose_str().unwrap();
    for other in [None, Some("another"), Some("")] {
        let e = h.engine.consent_callback(back("good-code"), other).await.unwrap_err().into_error();
        assert_eq!(e.kind(), ErrorKind::Refused);
    }
    let unknown = Callback { state: Some("x".into()), code: Some("good-code".into()), ..Callback::default() };
    assert_eq!(
        h.engine.consent_callback(unknown, Some(browser)).await.unwrap_err().into_error().kind(),
        ErrorKind::NotFound
    );
    assert!(!h.service.asked.lock().unwrap().iter().any(|l| l == "POST /token"), "no code was sent for strangers");

    assert_eq!(h.engine.consent_callback(back("good-code"), Some(browser)).await.unwrap(), p.id);
    let p = h.engine.installation(p.id).await.unwrap();
    assert_eq!((p.step, p.account.as_deref()), (SetupStep::Resources, Some("mia")), "{:?}", p.errors);
    // A second time nobody waits for it.
    assert_eq!(
        h.engine.consent_callback(back("good-code"), Some(browser)).await.unwrap_err().into_error().kind(),
        ErrorKind::NotFound
    );

    let p = step(&h, &p, SetupStep::Resources, json!({"resources": ["a"], "triggers": ["push"]})).await.unwrap();
    assert_eq!(p.step, SetupStep::Done, "{:?}", p.errors);
    let kept = h.store.token("work").await.unwrap().unwrap();
    assert_eq!((kept.status.method.as_str(), kept.generation), ("oauth", 1));
    assert!(h.store.secret_names(&Owner::Connection("work".into())).await.unwrap().iter().all(|n| n != "token"));

    let removed = h.engine.remove_connection("work", false).await.unwrap();
    assert!(removed.tokens_revoked && removed.left.is_empty(), "{removed:?}");
    assert!(h.store.token("work").await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_told_before_the_id_is_not_lost() {
    let h = home();
    let told = |method: &str, app: &str| Begin {
        connector: "acme".into(),
        name: Some("Work".into()),
        method: Some(method.into()),
        app: Some(app.into()),
        ..Begin::default()
    };
    let e = h.engine.begin_installation(told("oath", "none"), None).await.unwrap_err().into_error();
    assert_eq!(pointers(&e), ["/method", "/app"]);
    assert!(h.engine.installations().await.unwrap().is_empty());
    app(&h).await;
    let p = h.engine.begin_installation(told("oauth", "acme-app"), None).await.unwrap();
    assert_eq!(p.step, SetupStep::Choose);
    let value = |id: &str| p.form.fields().find(|f| f.id == id).and_then(|f| f.value.clone()).unwrap();
    assert_eq!([value("name"), value("method"), value("app")], ["Work", "oauth", "acme-app"]);
}

#[tokio::test]
async fn a_refused_consent_is_told_and_can_be_tried_again() {
    let h = home();
    app(&h).await;
    let p = begin(&h, "work", "oauth", Some("acme-app")).await;
    let p = step(&h, &p, SetupStep::Parameters, json!({})).await.unwrap();
    for callback in [
        Callback {
            error: Some("access_denied".into()),
            error_description: Some("<b>canary</b>".into()),
            ..Callback::default()
        },
        Callback { code: Some("bad-code".into()), ..Callback::default() },
    ] {
        let start = h.engine.begin_consent(p.id).await.unwrap();
        let callback = Callback { state: Some(query(&start.url, "state")), ..callback };
        h.engine.consent_callback(callback, start.browser.expose_str()).await.unwrap();
        let shown = h.engine.installation(p.id).await.unwrap();
        assert_eq!(shown.step, SetupStep::Consent);
        assert!(!shown.errors.is_empty() && !shown.errors[0].message.contains("canary"), "{:?}", shown.errors);
    }
    assert!(h.store.connection("work").await.is_err());
}

#[tokio::test]
async fn steps_have_their_order_and_go_back_until_it_is_saved() {
    let h = home();
    let p = begin(&h, "work", "token", None).await;
    let e = step(&h, &p, SetupStep::Resources, json!({})).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::Conflict, "{e}");
    let e = step(&h, &p, SetupStep::Consent, json!({})).await.unwrap_err();
    assert!(e.to_string().contains("no step `consent`"), "{e}");
    let p = step(&h, &p, SetupStep::Parameters, json!({"token": "right-token"})).await.unwrap();
    let back = step(&h, &p, SetupStep::Choose, json!({"id": "home", "name": "Home", "method": "token"})).await.unwrap();
    assert_eq!((back.step, back.connection.as_str()), (SetupStep::Parameters, "home"));
    // The token that was typed in before is kept.
    let p = step(&h, &back, SetupStep::Parameters, json!({})).await.unwrap();
    let p = step(&h, &p, SetupStep::Resources, json!({})).await.unwrap();
    assert_eq!(p.step, SetupStep::Done);
    assert!(
        !p.paste.is_empty() && p.paste[0].value == format!("{PUBLIC}/webhooks/acme/home"),
        "what to paste: {:?}",
        p.paste
    );
    assert_eq!(step(&h, &p, SetupStep::Parameters, json!({})).await.unwrap_err().kind(), ErrorKind::Conflict);
    // An id that is taken, a slip in a name: told at once, nothing is kept.
    let taken = Begin { connector: "acme".into(), id: Some("home".into()), ..Begin::default() };
    assert_eq!(pointers(&h.engine.begin_installation(taken, None).await.unwrap_err().into_error()), ["/id"]);
    assert_eq!(h.engine.installations().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_nobody_goes_on_with_is_forgotten_and_what_is_given_up_is_cleaned() {
    let h = home();
    let left = begin(&h, "left", "token", None).await;
    let half = begin(&h, "half", "token", None).await;
    let half = step(&h, &half, SetupStep::Parameters, json!({"token": "right-token"})).await.unwrap();
    *h.service.refuse_hooks_of.lock().unwrap() = Some("b".into());
    let half =
        step(&h, &half, SetupStep::Resources, json!({"resources": ["a", "b"], "triggers": ["push"]})).await.unwrap();
    assert_eq!(half.step, SetupStep::Webhooks);
    let removed = h.engine.cancel_installation(half.id).await.unwrap();
    assert_eq!(removed.webhooks, ["Repository a"]);
    assert!(h.store.connection("half").await.is_err() && h.service.hooks.lock().unwrap().is_empty());
    assert!(h.engine.installation(half.id).await.is_err());

    let week = SignedDuration::from_hours(7 * 24);
    let then = h.clock.now().saturating_add(week).unwrap();
    *h.clock.0.lock().unwrap() = then;
    assert!(h.engine.installation(left.id).await.is_err());
    assert!(h.engine.installations().await.unwrap().is_empty());
}

#[test]
fn the_guide_names_the_gateways_own_addresses() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _in = runtime.enter();
    let guide = home().engine.app_guide("acme").unwrap();
    let pasted: Vec<&str> = guide.lines.iter().filter_map(|l| l.paste.as_deref()).collect();
    assert!(pasted.contains(&"https://gateway.example.com/oauth/callback"), "{pasted:?}");
    assert!(guide.has_apps && guide.lines.iter().any(|l| l.title == "Client id"));
}
