//! What goes over the wire in each grant, and what is made of the answers of services that have their own ways.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use connector_auth::{Auth, Callback, Device, Granted, MemoryTokens, Options, Party, Pending, Revoked};
use connector_core::{
    AuthMethod, Clock, Error, ErrorKind, Request, Response, Result, SecretMap, Timestamp, Transport,
    auth::{
        AuthState, BodyForm, ClientAuth, Grant, Installation, Jwt, OAuth2, Pkce, Refresh, Revocation, SiteChoice, TokenStore,
    },
    transport::CallContext,
};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

/// What was sent: method, URL, authorization, body.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    url: String,
    authorization: String,
    body: String,
    hosts: Vec<String>,
}

/// Answers in order; keeps what was sent. The clock is a hand on it.
#[derive(Default)]
struct Service {
    answers: Mutex<VecDeque<Result<(u16, Value)>>>,
    sent: Mutex<Vec<Sent>>,
    seconds: Mutex<i64>,
}

#[async_trait::async_trait]
impl Transport for Service {
    async fn send(&self, request: Request, context: &CallContext) -> Result<Response> {
        let filled = request.fill(context.secrets.as_ref()).await?;
        let authorization = filled.headers.get("authorization").map(|v| v.to_str().unwrap().to_owned());
        self.sent.lock().unwrap().push(Sent {
            method: filled.method.to_string(),
            url: filled.url.to_string(),
            authorization: authorization.unwrap_or_default(),
            body: String::from_utf8(filled.body.to_vec()).unwrap(),
            hosts: context.hosts.to_vec(),
        });
        let (status, body) = self.answers.lock().unwrap().pop_front().expect("an answer")?;
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", "7".parse().unwrap());
        Ok(Response { status: StatusCode::from_u16(status).unwrap(), headers, body: body.to_string().into() })
    }
}

impl Clock for Service {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + *self.seconds.lock().unwrap()).unwrap()
    }
}

impl Service {
    fn answers(&self, list: Vec<(u16, Value)>) {
        self.answers.lock().unwrap().extend(list.into_iter().map(Ok));
    }

    fn later(&self, seconds: i64) {
        *self.seconds.lock().unwrap() += seconds;
    }

    fn last(&self) -> Sent {
        self.sent.lock().unwrap().last().unwrap().clone()
    }

    fn count(&self) -> usize {
        self.sent.lock().unwrap().len()
    }
}

fn auth() -> (Auth, Arc<Service>, Arc<MemoryTokens>) {
    let (service, tokens) = (Arc::new(Service::default()), Arc::new(MemoryTokens::default()));
    (Auth::new(service.clone(), tokens.clone(), service.clone(), Options::default()), service, tokens)
}

fn oauth() -> OAuth2 {
    OAuth2::new("https://id.example/authorize", "https://id.example/token", "token")
}

fn party(grant: Grant) -> Party {
    Party {
        connector: "acme".into(),
        connection: "mine".into(),
        method: AuthMethod::new("m", "M", &[], &[], grant),
        values: json!({"site": "https://acme.example/ctx"}).as_object().unwrap().clone(),
        app_values: json!({"client_id": "me:too"}).as_object().unwrap().clone(),
        secrets: Arc::new(
            SecretMap::new().with("client_secret", "CANARY-secret").with("key", include_str!("key-pkcs8.pem")),
        ),
        hosts: vec![],
        networks: vec![],
    }
}

fn granted() -> (u16, Value) {
    (200, json!({"access_token": "CANARY-a1", "refresh_token": "CANARY-r1", "expires_in": 3600, "scope": "x y"}))
}

fn came_back(pending: &Pending, code: &str) -> Callback {
    Callback { code: Some(code.into()), state: Some(pending.state().into()), ..Callback::default() }
}

fn field(body: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(body.as_bytes()).find(|(n, _)| n == name).map(|(_, v)| v.into_owned())
}

async fn consented(auth: &Auth, party: &Party, service: &Service) -> Granted {
    service.answers(vec![granted()]);
    let (_, pending) = auth.begin(party, "https://gw.example/oauth/callback", &[]).unwrap();
    let granted = auth.finish(party, &pending, &came_back(&pending, "c")).await.unwrap();
    auth.keep(party, granted.clone()).await.unwrap();
    granted
}

async fn secret(auth: &Auth, party: &Party) -> Result<String> {
    let credentials = auth.credentials(party.clone()).await?;
    let source: Arc<dyn connector_core::SecretSource> = credentials;
    Ok(source.secret("token").await?.expose_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_code_is_exchanged_with_its_proof() {
    let (auth, service, _) = auth();
    let party = party(Grant::AuthorizationCode(oauth()));
    let (url, pending) = auth.begin(&party, "https://gw.example/oauth/callback", &["x".into(), "y z".into()]).unwrap();
    let query = url.query().unwrap().to_owned();
    let challenge = field(&query, "code_challenge").unwrap();
    assert_eq!(field(&query, "code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(field(&query, "client_id").as_deref(), Some("me:too"));
    assert_eq!(field(&query, "scope").as_deref(), Some("x y z"));
    assert_eq!(field(&query, "state").as_deref(), Some(pending.state()));
    assert_eq!(field(&query, "redirect_uri").as_deref(), Some("https://gw.example/oauth/callback"));

    let pending = Pending::from_bytes(&pending.to_bytes().unwrap()).unwrap();
    service.answers(vec![granted()]);
    let got = auth.finish(&party, &pending, &came_back(&pending, "CODE")).await.unwrap();
    let sent = service.last();
    assert_eq!((sent.method.as_str(), sent.url.as_str()), ("POST", "https://id.example/token"));
    assert_eq!(sent.hosts, ["id.example"]);
    assert_eq!(field(&sent.body, "code").as_deref(), Some("CODE"));
    assert_eq!(field(&sent.body, "client_secret").as_deref(), Some("CANARY-secret"));
    let verifier = field(&sent.body, "code_verifier").unwrap();
    use base64::Engine as _;
    let hash = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    assert_eq!(challenge, base64::prelude::BASE64_URL_SAFE_NO_PAD.encode(hash));
    assert!(verifier.len() >= 43);
    assert_eq!(got.scopes, ["x", "y"]);
    assert_eq!(got.tokens.refresh.unwrap().expose_str(), Some("CANARY-r1"));
}

#[tokio::test]
async fn what_does_not_belong_to_the_consent_is_refused_before_anything_is_sent() {
    let (auth, service, _) = auth();
    let party = party(Grant::AuthorizationCode(oauth()));
    let (_, pending) = auth.begin(&party, "https://gw.example/cb", &[]).unwrap();
    let good = came_back(&pending, "c");
    let cases = [
        Callback { state: Some("other".into()), ..good.clone() },
        Callback { state: None, ..good.clone() },
        Callback { iss: Some("https://evil.example".into()), ..good.clone() },
        Callback { iss: Some("no address".into()), ..good.clone() },
        Callback { code: None, ..good.clone() },
        Callback { code: Some("c".repeat(10_000)), ..good.clone() },
        Callback { error: Some("access_denied".into()), error_description: Some("SHOWN".into()), ..good.clone() },
        Callback { error: Some("<script>SHOWN".into()), ..good.clone() },
    ];
    for callback in &cases {
        let e = auth.finish(&party, &pending, callback).await.err().unwrap();
        assert_eq!(e.kind(), ErrorKind::Auth);
        assert!(!e.caller_text().contains("SHOWN") && !e.to_string().contains('<'), "{e}");
    }
    let wrong = Callback { error: Some("invalid_scope".into()), ..good.clone() };
    assert_eq!(auth.finish(&party, &pending, &wrong).await.err().unwrap().kind(), ErrorKind::Misconfigured);
    service.later(3601);
    assert!(auth.finish(&party, &pending, &good).await.err().unwrap().caller_text().contains("longer than an hour"));
    assert_eq!(service.count(), 0);
}

#[tokio::test]
async fn services_refuse_in_their_own_ways() {
    let (auth, service, _) = auth();
    let party = party(Grant::AuthorizationCode(oauth()));
    let cases = [
        ((400, json!({"error": "invalid_grant"})), ErrorKind::Auth),
        // GitHub and Slack say so with 200.
        ((200, json!({"error": "bad_verification_code"})), ErrorKind::Auth),
        ((200, json!({"error": "incorrect_client_credentials"})), ErrorKind::Misconfigured),
        ((200, json!({"ok": false, "error": "bad_client_secret"})), ErrorKind::Misconfigured),
        ((200, json!({"ok": false, "error": "invalid_code"})), ErrorKind::Auth),
        ((403, json!({"error": "unauthorized_client", "error_description": "refresh_token is invalid"})), ErrorKind::Auth),
        ((401, json!({})), ErrorKind::Misconfigured),
        ((503, json!({})), ErrorKind::UpstreamUnavailable),
        ((429, json!({"error": "slow"})), ErrorKind::UpstreamUnavailable),
        ((200, json!({"hello": "world"})), ErrorKind::Protocol),
        ((200, json!([1])), ErrorKind::Protocol),
    ];
    for (answer, kind) in cases {
        let (_, pending) = auth.begin(&party, "https://gw.example/cb", &[]).unwrap();
        service.answers(vec![answer.clone()]);
        let e = auth.finish(&party, &pending, &came_back(&pending, "c")).await.err().unwrap();
        assert_eq!(e.kind(), kind, "{answer:?}: {e}");
    }
    // One that quotes what it was sent brings no secret into an error.
    let (_, pending) = auth.begin(&party, "https://gw.example/cb", &[]).unwrap();
    service.answers(vec![(400, json!({"error": "x", "error_description": "not CANARY-secret"}))]);
    let e = auth.finish(&party, &pending, &came_back(&pending, "c")).await.err().unwrap();
    assert!(!format!("{e:?}").contains("CANARY"), "{e:?}");
}

#[tokio::test]
async fn clients_say_who_they_are_as_the_service_wants() {
    let (auth, service, _) = auth();
    let mut basic = oauth();
    (basic.client_auth, basic.token_body, basic.pkce) = (ClientAuth::Basic, BodyForm::Json, Pkce::Off);
    let party = party(Grant::AuthorizationCode(basic));
    consented(&auth, &party, &service).await;
    let sent = service.last();
    use base64::Engine as _;
    let pair = base64::prelude::BASE64_STANDARD.encode("me%3Atoo:CANARY-secret");
    assert_eq!(sent.authorization, format!("Basic {pair}"));
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(body["grant_type"], "authorization_code");
    assert!(body.get("client_secret").is_none() && body.get("code_verifier").is_none());
}

#[tokio::test]
async fn tokens_are_renewed_ahead_and_an_answer_without_a_refresh_token_keeps_the_old_one() {
    let (auth, service, tokens) = auth();
    let party = party(Grant::AuthorizationCode(OAuth2 { refresh: Refresh::Kept, ..oauth() }));
    consented(&auth, &party, &service).await;
    assert_eq!(secret(&auth, &party).await.unwrap(), "CANARY-a1");
    assert_eq!(service.count(), 1);
    // Near its end the old one still serves while the new one is fetched.
    service.later(3600 - 200);
    service.answers(vec![(200, json!({"access_token": "CANARY-a2", "expires_in": 3600}))]);
    assert_eq!(secret(&auth, &party).await.unwrap(), "CANARY-a1");
    for _ in 0..200 {
        if secret(&auth, &party).await.unwrap() == "CANARY-a2" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(field(&service.last().body, "refresh_token").as_deref(), Some("CANARY-r1"));
    let kept = tokens.token("mine").await.unwrap().unwrap();
    assert_eq!(kept.tokens.refresh.unwrap().expose_str(), Some("CANARY-r1"));
    // After its end callers wait; a service that is down rests, and is then asked again.
    service.later(4000);
    service.answers(vec![(503, json!({}))]);
    let e = secret(&auth, &party).await.unwrap_err();
    assert_eq!(e.kind(), ErrorKind::UpstreamUnavailable);
    assert!(e.retry().after().unwrap() >= Duration::from_secs(6), "{:?}", e.retry());
    let asked = service.count();
    secret(&auth, &party).await.unwrap_err();
    assert_eq!(service.count(), asked, "it rests");
    service.later(10);
    service.answers(vec![granted()]);
    assert_eq!(secret(&auth, &party).await.unwrap(), "CANARY-a1");
    assert_eq!(tokens.token("mine").await.unwrap().unwrap().status.state, AuthState::Healthy);
}

#[tokio::test]
async fn a_lost_answer_is_tried_again_and_said_when_the_service_refuses_then() {
    let (auth, service, tokens) = auth();
    let party = party(Grant::AuthorizationCode(oauth()));
    consented(&auth, &party, &service).await;
    service.later(4000);
    let lost = Error::new(ErrorKind::Timeout, "no answer");
    service.answers.lock().unwrap().push_back(Err(lost));
    secret(&auth, &party).await.unwrap_err();
    let kept = tokens.token("mine").await.unwrap().unwrap();
    assert!(kept.status.state == AuthState::Degraded && kept.status.unanswered);
    service.later(30);
    service.answers(vec![(400, json!({"error": "invalid_grant"}))]);
    assert_eq!(secret(&auth, &party).await.unwrap_err().kind(), ErrorKind::Auth);
    let reason = tokens.token("mine").await.unwrap().unwrap().status.reason.unwrap();
    assert!(reason.contains("an earlier renewal was lost"), "{reason}");
}

#[tokio::test]
async fn a_device_is_asked_as_seldom_as_the_service_wants() {
    let (auth, service, _) = auth();
    let mut device = oauth();
    (device.device_url, device.client_auth) = (Some("https://id.example/device".into()), ClientAuth::Public);
    let party = party(Grant::DeviceCode(device));
    let code = json!({"device_code": "CANARY-d", "user_code": "AB-CD", "verification_uri": "https://id.example/go",
                      "expires_in": 600, "interval": 5});
    service.answers(vec![(200, code)]);
    let d = auth.device_begin(&party, &["x".into()]).await.unwrap();
    assert_eq!((d.user_code.as_str(), d.interval), ("AB-CD", 5));
    assert_eq!(field(&service.last().body, "scope").as_deref(), Some("x"));
    let mut d = Device::from_bytes(&d.to_bytes().unwrap()).unwrap();
    assert!(auth.device_poll(&party, &mut d).await.unwrap().is_none());
    assert_eq!(service.count(), 1, "too early to ask");
    service.later(5);
    service.answers(vec![(400, json!({"error": "authorization_pending"})), (400, json!({"error": "slow_down"}))]);
    assert!(auth.device_poll(&party, &mut d).await.unwrap().is_none());
    service.later(5);
    assert!(auth.device_poll(&party, &mut d).await.unwrap().is_none());
    assert_eq!(d.interval, 10);
    service.later(9);
    assert!(auth.device_poll(&party, &mut d).await.unwrap().is_none());
    assert_eq!(service.count(), 3);
    service.later(1);
    service.answers(vec![granted()]);
    assert!(auth.device_poll(&party, &mut d).await.unwrap().is_some());
    assert_eq!(field(&service.last().body, "device_code").as_deref(), Some("CANARY-d"));
    assert!(field(&service.last().body, "client_secret").is_none());
    service.later(600);
    assert!(auth.device_poll(&party, &mut d).await.err().unwrap().caller_text().contains("not typed in time"));
}

#[tokio::test]
async fn apps_get_tokens_for_themselves() {
    let (auth, service, tokens) = auth();
    let own = party(Grant::ClientCredentials(oauth()));
    service.answers(vec![(200, json!({"access_token": "CANARY-own", "expires_in": 60}))]);
    // The first call fetches it.
    assert_eq!(secret(&auth, &own).await.unwrap(), "CANARY-own");
    assert_eq!(field(&service.last().body, "grant_type").as_deref(), Some("client_credentials"));

    let jwt = Jwt { issuer_param: "client_id".into(), subject_param: None, audience: None, key_param: "key".into(), ttl_secs: 600 };
    let bearer = party(Grant::JwtBearer { oauth: oauth(), jwt: jwt.clone() });
    service.answers(vec![(200, json!({"access_token": "a"}))]);
    auth.obtain(&bearer, &["s".into()]).await.unwrap();
    let assertion = field(&service.last().body, "assertion").unwrap();
    use base64::Engine as _;
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD.decode(assertion.split('.').nth(1).unwrap()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["iss"], &claims["aud"], &claims["scope"]), (&json!("me:too"), &json!("https://id.example/token"), &json!("s")));
    assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);

    let mut app = party(Grant::Installation(Installation {
        jwt,
        token_url: "{site}/app/installations/{installation_id}/access_tokens".into(),
        headers: vec![("accept".into(), "application/vnd.acme+json".into())],
        token: "/token".into(),
        expires_at: "/expires_at".into(),
        becomes: "token".into(),
        install_url: None,
    }));
    app.connection = "app".into();
    app.values.insert("installation_id".into(), "42".into());
    let end = service.now() + Duration::from_secs(3600);
    service.answers(vec![(201, json!({"token": "CANARY-i", "expires_at": end, "permissions": {"issues": "write"}}))]);
    assert_eq!(secret(&auth, &app).await.unwrap(), "CANARY-i");
    assert_eq!(service.last().url, "https://acme.example/ctx/app/installations/42/access_tokens");
    assert!(service.last().authorization.starts_with("Bearer ey"));
    let status = tokens.token("app").await.unwrap().unwrap().status;
    assert_eq!((status.scopes, status.expires_at), (vec!["issues:write".to_owned()], Some(end)));
    // An installation that is gone is the app's matter, and mends itself.
    service.later(4000);
    service.answers(vec![(404, json!({"message": "Not Found"}))]);
    assert_eq!(secret(&auth, &app).await.unwrap_err().kind(), ErrorKind::Misconfigured);
    service.later(60);
    service.answers(vec![(201, json!({"token": "CANARY-j", "expires_at": service.now() + Duration::from_secs(3600)}))]);
    assert_eq!(secret(&auth, &app).await.unwrap(), "CANARY-j");
}

#[tokio::test]
async fn sites_are_offered_and_fill_a_value() {
    let (auth, service, _) = auth();
    let mut with_sites = oauth();
    with_sites.site_choice = Some(SiteChoice {
        url: "https://api.example/sites".into(),
        id: "/id".into(),
        label: "/url".into(),
        param: "site".into(),
        value: "https://api.example/ex/{id}".into(),
    });
    let party = party(Grant::AuthorizationCode(with_sites));
    let granted = consented(&auth, &party, &service).await;
    service.answers(vec![(200, json!([{"id": "1/..", "url": "https://a.example"}, {"id": "1/..", "url": "twice"}, {"no": 1}]))]);
    let sites = auth.sites(&party, &granted).await.unwrap();
    assert_eq!(sites.len(), 1);
    assert_eq!((sites[0].label.as_str(), &sites[0].values["site"]), ("https://a.example", &json!("https://api.example/ex/1%2F..")));
    assert_eq!((service.last().authorization.as_str(), &service.last().hosts[0]), ("Bearer CANARY-a1", &"api.example".to_owned()));
    service.answers(vec![(200, json!([]))]);
    assert_eq!(auth.sites(&party, &granted).await.unwrap_err().kind(), ErrorKind::Permission);
}

#[tokio::test]
async fn tokens_are_taken_back() {
    for (revocation, answer, expected) in [
        (Revocation::Rfc7009 { url: "https://id.example/revoke".into() }, (200, json!({})), Revoked::Done),
        (Revocation::Bearer { method: "POST".into(), url: "https://id.example/r".into() }, (200, json!({"ok": true})), Revoked::Done),
        (Revocation::Bearer { method: "POST".into(), url: "https://id.example/r".into() }, (401, json!({})), Revoked::Done),
        (Revocation::ClientBasic { url: "https://id.example/applications/{client_id}/token".into() }, (404, json!({})), Revoked::Done),
    ] {
        let (auth, service, tokens) = auth();
        let party = party(Grant::AuthorizationCode(OAuth2 { revocation: revocation.clone(), ..oauth() }));
        assert_eq!(auth.revoke(&party).await.unwrap(), Revoked::Nothing);
        consented(&auth, &party, &service).await;
        service.answers(vec![answer]);
        assert_eq!(auth.revoke(&party).await.unwrap(), expected, "{revocation:?}");
        let sent = service.last();
        match revocation {
            Revocation::Rfc7009 { .. } => assert_eq!(field(&sent.body, "token").as_deref(), Some("CANARY-r1")),
            Revocation::Bearer { .. } => assert_eq!(sent.authorization, "Bearer CANARY-a1"),
            _ => assert_eq!((sent.method.as_str(), sent.body.as_str()), ("DELETE", r#"{"access_token":"CANARY-a1"}"#)),
        }
        assert_eq!(tokens.token("mine").await.unwrap().unwrap().status.state, AuthState::Revoked);
        assert_eq!(secret(&auth, &party).await.unwrap_err().kind(), ErrorKind::Auth);
    }
    // One that cannot be reached is tried again; one that says no is a person's matter.
    let (auth, service, tokens) = auth();
    let party = party(Grant::AuthorizationCode(OAuth2 {
        revocation: Revocation::Rfc7009 { url: "https://id.example/revoke".into() },
        ..oauth()
    }));
    consented(&auth, &party, &service).await;
    service.answers(vec![(503, json!({})), (400, json!({"error": "unsupported_token_type"}))]);
    assert!(auth.revoke(&party).await.is_err());
    assert_eq!(tokens.token("mine").await.unwrap().unwrap().status.state, AuthState::Healthy);
    assert!(matches!(auth.revoke(&party).await.unwrap(), Revoked::ByHand { .. }));
}

#[tokio::test]
async fn idle_tokens_are_kept_alive_and_busy_ones_left_alone() {
    let (auth, service, _) = auth();
    let party = party(Grant::AuthorizationCode(OAuth2 { idle_days: 90, ..oauth() }));
    consented(&auth, &party, &service).await;
    service.later(30 * 86400);
    auth.tend(&party).await.unwrap();
    assert_eq!(service.count(), 1);
    service.later(30 * 86400);
    service.answers(vec![granted()]);
    auth.tend(&party).await.unwrap();
    assert_eq!(service.count(), 2);
    auth.tend(&party).await.unwrap();
    assert_eq!(service.count(), 2);
}
