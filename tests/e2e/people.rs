//! Who may: the first administrator, browser sessions, forms of other sites, foreign names, roles. All over the wire, as
//! browsers send it.

use serde_json::json;

use crate::{
    browser::{Browser, PASSWORD, answer, client, with_ada},
    gateway::Gateway,
};

#[tokio::test]
async fn the_first_administrator_is_made_by_a_one_time_address() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let mut b = Browser::new(&g);
    let a = b.get("/").await;
    assert_eq!((a.status, a.header("location")), (303, "/login?next=%2F"));
    assert!(b.get("/login").await.text.contains("Nobody can sign in yet"));

    let (status, made) = g.post("/v1/people/setup", json!({})).await;
    assert_eq!(status, 200, "{made}");
    let url = made["url"].as_str().unwrap();
    assert!(url.starts_with(&format!("{}/setup?code=", g.url)), "{url}");
    let code = url.split("code=").nth(1).unwrap();
    let page = b.get(&format!("/setup?code={code}")).await;
    assert!(page.status == 200 && page.text.contains("Set up this gateway"), "{}", page.text);
    assert_eq!(b.get("/setup?code=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await.status, 404);

    let fields = |email: &'static str, password: &'static str| {
        [("code", code.to_owned()), ("name", "Ada <b>".into()), ("email", email.into()), ("password", password.into())]
    };
    let send = async |b: &mut Browser<'_>, email, password| {
        let f = fields(email, password);
        let f: Vec<_> = f.iter().map(|(n, v)| (*n, v.as_str())).collect();
        b.post("/setup", &f).await
    };
    // Every wrong field at once, each with its link, and nothing of a password in the page.
    let wrong = send(&mut b, "nobody", "password123").await;
    assert_eq!(wrong.status, 422);
    for part in ["<title>Error: ", "href=\"#email\"", "id=\"email-error\"", "Ada &lt;b&gt;"] {
        assert!(wrong.text.contains(part), "{part} in {}", wrong.text);
    }
    let weak = send(&mut b, "ada@example.com", "password123").await;
    assert!(weak.status == 422 && weak.text.contains("guessed first") && !weak.text.contains("password123"));

    let done = send(&mut b, "ada@example.com", PASSWORD).await;
    assert_eq!((done.status, done.header("location")), (303, "/"), "{}", done.text);
    let cookie = done.header("set-cookie");
    for part in ["jackfield=", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let home = b.get("/").await;
    assert!(
        home.status == 200 && home.text.contains("Ada &lt;b&gt;") && home.text.contains("Overview"),
        "{}",
        home.text
    );
    assert_eq!(send(&mut Browser::new(&g), "eve@example.com", PASSWORD).await.status, 404, "a code is good once");
    assert_eq!(g.post("/v1/people/setup", json!({})).await.0, 409);
}

#[tokio::test]
async fn signing_in_tells_nobody_who_is_there_and_is_held_back() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let _ada = with_ada(&g).await;
    let known = Browser::sign_in(&g, "ada@example.com", "wrong password!").await.1;
    let unknown = Browser::sign_in(&g, "eve@example.com", "wrong password!").await.1;
    assert_eq!((known.status, unknown.status), (422, 422));
    assert_eq!(known.text.replace("ada@", "eve@"), unknown.text);
    assert!(!known.headers.contains_key("set-cookie"));
    for who in ["ada@example.com", "eve@example.com"] {
        let mut last = 0;
        for _ in 0..10 {
            last = Browser::sign_in(&g, who, "wrong password!").await.1.status;
        }
        assert_eq!(last, 429, "{who}");
    }
    // A stranger's failures at no account leave no line, those at one do.
    let lines = g.get("/v1/audit?kind=sign_in").await;
    let lines = lines["items"].as_array().unwrap();
    assert!(lines.iter().any(|l| l["status"] == 422), "{lines:?}");
    assert!(lines.iter().all(|l| !l.to_string().contains("eve@") && !l.to_string().contains(PASSWORD)), "{lines:?}");
}

#[tokio::test]
async fn a_session_ends_here_everywhere_and_with_its_person() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let mut ada = with_ada(&g).await;
    let (mut other, _) = Browser::sign_in(&g, "ADA@example.com", PASSWORD).await;
    assert_ne!(ada.cookie, other.cookie, "each sign-in is a session of its own");
    let old = other.cookie.clone();
    let a = other.post("/login", &[("email", "ada@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(a.status, 303);
    assert_ne!(old, other.cookie, "signing in gives a new session");
    let mut stale = Browser { g: &g, cookie: old };
    assert_eq!(stale.get("/account").await.status, 303, "and ends the one before");

    assert_eq!(g.get("/v1/sessions").await.as_array().unwrap().len(), 2);
    let out = other.post("/logout", &[]).await;
    assert_eq!((out.status, out.header("location")), (303, "/login"));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(g.get("/v1/sessions").await.as_array().unwrap().len(), 1);

    // A new password ends all sessions but the one that it was set in.
    let (mut other, _) = Browser::sign_in(&g, "ada@example.com", PASSWORD).await;
    let wrong =
        ada.post("/account/password", &[("current", "not it at all"), ("password", "another fine phrase")]).await;
    assert!(wrong.status == 422 && wrong.text.contains("href=\"#current\""), "{}", wrong.text);
    let right = ada.post("/account/password", &[("current", PASSWORD), ("password", "another fine phrase")]).await;
    assert_eq!(right.status, 200, "{}", right.text);
    assert_eq!((ada.get("/account").await.status, other.get("/account").await.status), (200, 303));
    assert_eq!(Browser::sign_in(&g, "ada@example.com", PASSWORD).await.1.status, 422);
    assert_eq!(ada.post("/account/sessions/end-all", &[]).await.header("location"), "/login");
    assert_eq!(ada.get("/account").await.status, 303);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let mut ada = with_ada(&g).await;
    let csrf = ada.csrf().await;
    let own = g.url.clone();
    let people = async |b: &mut Browser<'_>, headers: &[(&str, &str)], csrf: &str| {
        b.post_from("/people", headers, &[("csrf", csrf), ("email", "eve@example.com"), ("role", "admin")]).await.status
    };
    let same = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    for (what, headers, csrf) in [
        ("cross-site", vec![("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], csrf.as_str()),
        ("a sibling's", vec![("origin", own.as_str()), ("sec-fetch-site", "same-site")], csrf.as_str()),
        ("foreign origin", vec![("origin", "https://evil.example")], csrf.as_str()),
        ("another port", vec![("origin", "http://127.0.0.1:1")], csrf.as_str()),
        ("null origin", vec![("origin", "null")], csrf.as_str()),
        (
            "null origin that claims to be ours",
            vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
            csrf.as_str(),
        ),
        ("neither header", vec![], csrf.as_str()),
        ("no token", same.to_vec(), ""),
        ("another token", same.to_vec(), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        assert_eq!(people(&mut ada, &headers, csrf).await, 403, "{what}");
    }
    assert_eq!(g.get("/v1/people").await.as_array().unwrap().len(), 1);
    // Signing in by another site's form is refused as well, though nobody is signed in.
    let forged = Browser::new(&g)
        .post_from(
            "/login",
            &[("origin", "https://evil.example")],
            &[("email", "ada@example.com"), ("password", PASSWORD)],
        )
        .await;
    assert_eq!(forged.status, 403);
    assert!(!forged.headers.contains_key("set-cookie"));

    // The API by a session: the same rules, with the token in a header.
    let put = async |token: Option<&str>| {
        let mut r = ada
            .request(reqwest::Method::POST, "/v1/tokens")
            .header("origin", &own)
            .json(&json!({"name": "t", "scopes": ["read"]}));
        if let Some(t) = token {
            r = r.header("x-csrf-token", t);
        }
        answer(r).await.status
    };
    assert_eq!((put(None).await, put(Some("x")).await, put(Some(&csrf)).await), (403, 403, 200));
    // A bearer token is no browser's habit: wherever it comes from, it was meant.
    let r =
        client().post(format!("{}/v1/tokens", g.url)).bearer_auth(g.token()).header("origin", "https://evil.example");
    assert_eq!(answer(r.json(&json!({"name": "t", "scopes": ["read"]}))).await.status, 200);
    assert_eq!(people(&mut ada, &same, &csrf).await, 200);
}

#[tokio::test]
async fn foreign_names_are_misdirected_and_pages_are_shut() {
    let dir = tempfile::tempdir().unwrap();
    let more = ["--public-url", "https://hooks.example.com", "--allowed-host", "gateway.internal"];
    let g = Gateway::start(&dir.path().join("state"), &more);
    let status = async |path: &str, host: &str| {
        answer(client().get(format!("{}{path}", g.url)).header("host", host).bearer_auth(g.token())).await.status
    };
    for path in ["/", "/login", "/v1/status", "/openapi.json", "/metrics", "/nowhere"] {
        assert_eq!(status(path, "evil.example").await, 421, "{path}");
    }
    assert_eq!(status("/health/live", "evil.example").await, 200);
    assert_eq!(status("/webhooks/github/none", "evil.example").await, 404);
    for host in ["hooks.example.com", "localhost:1", "gateway.internal:8080", "127.0.0.1"] {
        assert_eq!(status("/v1/status", host).await, 200, "{host}");
    }
    let page = answer(client().get(format!("{}/login", g.url))).await;
    let policy = page.header("content-security-policy");
    for part in [
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe") && !page.text.contains("<script>") && !page.text.contains("style="));
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    let css = page.text.split("rel=\"stylesheet\" href=\"/assets/").nth(1).unwrap().split('"').next().unwrap();
    let sheet = answer(client().get(format!("{}/assets/{css}", g.url))).await;
    assert_eq!((sheet.status, sheet.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(sheet.header("cache-control").contains("immutable"));

    // Behind https the cookie's name keeps other hosts and insecure pages from setting it.
    g.post("/v1/people", json!({"email": "ada@example.com", "role": "admin", "password": PASSWORD})).await;
    let mut b = Browser::new(&g);
    let fields = [("email", "ada@example.com"), ("password", PASSWORD), ("next", "//evil.example")];
    let a = b
        .post_from("/login", &[("origin", "https://hooks.example.com"), ("sec-fetch-site", "same-origin")], &fields)
        .await;
    assert_eq!((a.status, a.header("location")), (303, "/"), "{}", a.text);
    let cookie = a.header("set-cookie");
    assert!(cookie.starts_with("__Host-jackfield=") && cookie.contains("; Secure"), "{cookie}");
}

#[tokio::test]
async fn roles_allow_what_they_say() {
    let dir = tempfile::tempdir().unwrap();
    let g = Gateway::start(&dir.path().join("state"), &[]);
    let mut ada = with_ada(&g).await;
    for (email, role) in [("vic@example.com", "viewer"), ("mel@example.com", "member")] {
        let page = ada.post("/people", &[("email", email), ("role", role)]).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let code = page.text.split("/setup?code=").nth(1).unwrap().split('<').next().unwrap();
        let set = Browser::new(&g).post("/setup", &[("code", code), ("password", PASSWORD)]).await;
        assert_eq!(set.status, 303, "{}", set.text);
    }
    let (mut vic, _) = Browser::sign_in(&g, "vic@example.com", PASSWORD).await;
    let (mut mel, _) = Browser::sign_in(&g, "mel@example.com", PASSWORD).await;
    for b in [&mut vic, &mut mel] {
        assert_eq!(b.get("/").await.status, 200);
        assert_eq!(b.get("/people").await.status, 403);
        assert_eq!(b.get("/audit").await.status, 403);
        assert_eq!(b.get("/v1/connections").await.status, 200);
        assert_eq!(b.get("/v1/people").await.status, 403);
        assert!(!b.get("/").await.text.contains("href=\"/people\""));
        assert_eq!(b.post("/people", &[("email", "x@example.com"), ("role", "admin")]).await.status, 403);
        // Two each: one of setting the password, one of signing in. Ada's is not among them.
        assert_eq!(b.get("/v1/sessions").await.text.matches("\"id\"").count(), 2, "their own only");
    }
    // A token never allows more than its owner may, now and later.
    let refused = mel.post("/account/tokens", &[("name", "t"), ("scopes", "manage")]).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let made =
        mel.post("/account/tokens", &[("name", "t"), ("scopes", "read"), ("scopes", "act"), ("days", "7")]).await;
    let token = format!("jf_{}", made.text.split(">jf_").nth(1).expect(&made.text).split('<').next().unwrap());
    let call = async || {
        let r = client().post(format!("{}/v1/connections/none/actions/x", g.url)).bearer_auth(&token).json(&json!({}));
        answer(r).await.status
    };
    assert_eq!(call().await, 404, "may act; there is no such connection");
    let people = g.get("/v1/people").await;
    let id = |email: &str| {
        people.as_array().unwrap().iter().find(|p| p["email"] == email).unwrap()["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(ada.post(&format!("/people/{}/role", id("mel@example.com")), &[("role", "viewer")]).await.status, 303);
    assert_eq!(call().await, 403, "the owner may no longer");
    assert_eq!(ada.post(&format!("/people/{}/disable", id("mel@example.com")), &[]).await.status, 303);
    assert_eq!((call().await, mel.get("/").await.status), (401, 303), "disabled: signed out, tokens refused");
    let last = ada.post(&format!("/people/{}/role", id("ada@example.com")), &[("role", "viewer")]).await;
    assert!(last.text.contains("last administrator"), "{}", last.text);
}
