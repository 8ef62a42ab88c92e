//! The addresses and quirks of a service's OAuth 2.0.

use serde::{Deserialize, Serialize};

/// A service's OAuth 2.0, as far as it differs from the standard's defaults: a `POST` with a form, the client's id and
/// secret in it, scopes separated by blanks, PKCE with S256, `access_token`, `refresh_token` and `expires_in` in the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OAuth2 {
    /// Where people consent. A template; empty where nobody does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub authorize_url: String,
    /// Where tokens are asked for. A template.
    pub token_url: String,
    /// Who answers consent, as `iss` says it in what comes back (RFC 9207). A template; none: whoever is at the origin of
    /// `authorize_url`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Where device codes are asked for. A template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_url: Option<String>,
    /// How tokens are taken back.
    pub revocation: Revocation,
    /// The app value that is the client's id.
    pub client_id_param: String,
    /// The app secret that is the client's secret; none: a public client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_secret_param: Option<String>,
    /// How the client says who it is at the token address.
    pub client_auth: ClientAuth,
    /// How requests to the token address are written.
    pub token_body: BodyForm,
    /// Whether a proof key is sent.
    pub pkce: Pkce,
    /// What separates scopes.
    pub scope_separator: String,
    /// The parameter that carries them.
    pub scope_param: String,
    /// Scopes that every connection needs, whatever is enabled, such as `offline_access`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed_scopes: Vec<String>,
    /// Scopes that go into a parameter of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope_group: Option<ScopeGroup>,
    /// Parameters of the consent's address beside the standard ones, such as `audience`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorize_params: Vec<(String, String)>,
    /// JSON pointer of the object in the answer that holds the tokens, their end and their scopes; where an answer has none
    /// there, and by default, it is the answer itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_in: Option<String>,
    /// Where in the answer tokens stand (JSON pointer), and the secret params of the connection that they become. The first
    /// is the access token, whose end is kept.
    pub takes: Vec<(String, String)>,
    /// JSON pointer of the refresh token.
    pub refresh_token: String,
    /// JSON pointer of the access token's life in seconds.
    pub expires_in: String,
    /// JSON pointer of the granted scopes.
    pub granted_scopes: String,
    /// What else of the answer is kept: JSON pointer, and the identity that it becomes (`team_id`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identity: Vec<(String, String)>,
    /// Values of the connection that the answer fills: JSON pointer, and the param.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, String)>,
    /// How refresh tokens behave.
    pub refresh: Refresh,
    /// An unused refresh token dies after so many days; it is used before that. 0: it does not.
    pub idle_days: u32,
    /// The account has several sites of which one is chosen after consent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_choice: Option<SiteChoice>,
}

/// Scopes that are told apart by how they begin and go into a parameter of their own, such as Slack's `user_scope`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeGroup {
    /// How these scopes begin in a connector's declarations, such as `user:`. It is not sent.
    pub prefix: String,
    /// The parameter that they go into.
    pub param: String,
    /// JSON pointer of those that were granted.
    pub granted: String,
}

/// Whether a proof key for code exchange (RFC 7636, S256) is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// It is, as it should be.
    S256,
    /// The service refuses it, or changes the app's kind for good by it.
    Off,
}

/// How a client says who it is at the token address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// `client_id` and `client_secret` in the body.
    Body,
    /// HTTP Basic.
    Basic,
    /// `client_id` in the body alone: a public client.
    Public,
}

/// How a body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyForm {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// JSON.
    Json,
}

/// How a service's refresh tokens behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refresh {
    /// There is none: access tokens last, or are asked for anew.
    None,
    /// It stays the same; an answer may leave it out.
    Kept,
    /// Each use gives a new one, and the old one is worth nothing then.
    Rotating,
}

/// How tokens are taken back when a connection is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Revocation {
    /// The service has no way; `instead` says what a person does.
    Unsupported {
        /// Where a person takes it back.
        instead: String,
    },
    /// RFC 7009: the refresh token, or the access token where there is none, to this address. A template.
    Rfc7009 {
        /// The address.
        url: String,
    },
    /// A call with the access token as bearer, such as Slack's `auth.revoke`.
    Bearer {
        /// The method.
        method: String,
        /// The address. A template.
        url: String,
    },
    /// A `DELETE` with the client's id and secret as Basic, and `{"access_token": …}` as body (GitHub).
    ClientBasic {
        /// The address. A template over app values too.
        url: String,
    },
}

/// The sites of an account, of which the connection takes one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteChoice {
    /// `GET`, with the access token as bearer, gives a JSON array.
    pub url: String,
    /// JSON pointer of the id in an item.
    pub id: String,
    /// JSON pointer of what people know it by.
    pub label: String,
    /// The param of the connection that it fills.
    pub param: String,
    /// What goes there: a template in which `{id}` is the chosen one's.
    pub value: String,
}

impl OAuth2 {
    /// The standard's defaults, with the token kept as the secret param `becomes`.
    pub fn new(authorize_url: &str, token_url: &str, becomes: &str) -> Self {
        Self {
            authorize_url: authorize_url.to_owned(),
            token_url: token_url.to_owned(),
            issuer: None,
            device_url: None,
            revocation: Revocation::Unsupported { instead: String::new() },
            client_id_param: "client_id".into(),
            client_secret_param: Some("client_secret".into()),
            client_auth: ClientAuth::Body,
            token_body: BodyForm::Form,
            pkce: Pkce::S256,
            scope_separator: " ".into(),
            scope_param: "scope".into(),
            fixed_scopes: Vec::new(),
            scope_group: None,
            authorize_params: Vec::new(),
            tokens_in: None,
            takes: vec![("/access_token".into(), becomes.to_owned())],
            refresh_token: "/refresh_token".into(),
            expires_in: "/expires_in".into(),
            granted_scopes: "/scope".into(),
            identity: Vec::new(),
            values: Vec::new(),
            refresh: Refresh::Rotating,
            idle_days: 0,
            site_choice: None,
        }
    }
}
