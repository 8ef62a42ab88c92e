//! A browser as the gateway sees one.

use serde_json::{Value, json};

use crate::gateway::Gateway;

pub const PASSWORD: &str = "correct horse battery";

/// A client that follows no redirect, so that a test sees it.
pub fn client() -> reqwest::Client {
    // Sets up what TLS needs, once for all clients.
    let _ = crate::gateway::client();
    static CLIENT: std::sync::OnceLock<reqwest::Client> = std::sync::OnceLock::new();
    let make = || reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    CLIENT.get_or_init(make).clone()
}

/// A browser: it keeps its cookie, says where its forms come from, and reads the forms' token out of the page.
pub struct Browser<'a> {
    pub g: &'a Gateway,
    pub cookie: Option<String>,
}

pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

pub async fn answer(r: reqwest::RequestBuilder) -> Answer {
    let r = r.send().await.unwrap();
    let (status, headers) = (r.status().as_u16(), r.headers().clone());
    Answer { status, headers, text: r.text().await.unwrap().replace("&#x2f;", "/") }
}

pub fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl<'a> Browser<'a> {
    pub fn new(g: &'a Gateway) -> Self {
        Self { g, cookie: None }
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        let r = client().request(method, format!("{}{path}", self.g.url)).header("accept", "text/html");
        match &self.cookie {
            Some(c) => r.header("cookie", c),
            None => r,
        }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let a = answer(self.request(reqwest::Method::GET, path)).await;
        self.keep(&a);
        a
    }

    pub fn keep(&mut self, a: &Answer) {
        if let Some(c) = a.headers.get("set-cookie") {
            self.cookie = Some(c.to_str().unwrap().split(';').next().unwrap().to_owned());
        }
    }

    pub async fn csrf(&mut self) -> String {
        let page = self.get("/account").await.text;
        page.split("name=\"csrf\" value=\"").nth(1).expect("a form with a token").split('"').next().unwrap().to_owned()
    }

    /// A form of our own page, as it should be.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = if self.cookie.is_some() { self.csrf().await } else { String::new() };
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        let origin = self.g.url.clone();
        self.post_from(path, &[("origin", &origin), ("sec-fetch-site", "same-origin")], &fields).await
    }

    pub async fn post_from(&mut self, path: &str, headers: &[(&str, &str)], fields: &[(&str, &str)]) -> Answer {
        let mut r = self
            .request(reqwest::Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(fields));
        for (n, v) in headers {
            r = r.header(*n, *v);
        }
        let a = answer(r).await;
        self.keep(&a);
        a
    }

    pub async fn sign_in(g: &'a Gateway, email: &str, password: &str) -> (Self, Answer) {
        let mut b = Self::new(g);
        let a = b.post("/login", &[("email", email), ("password", password)]).await;
        (b, a)
    }
}

/// A gateway with the administrator Ada, and her browser.
pub async fn with_ada(g: &Gateway) -> Browser<'_> {
    let made = g
        .post("/v1/people", json!({"email": "ada@example.com", "name": "Ada", "role": "admin", "password": PASSWORD}))
        .await;
    assert_eq!(made.0, 200, "{}", made.1);
    assert_eq!(made.1["invitation"], Value::Null);
    let (b, a) = Browser::sign_in(g, "ada@example.com", PASSWORD).await;
    assert_eq!((a.status, a.header("location")), (303, "/"), "{}", a.text);
    b
}
