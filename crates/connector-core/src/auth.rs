//! How a connection comes to its credentials, as data: which methods a service offers, and the addresses, scopes and quirks
//! of each.
//!
//! What lives here: [`AuthMethod`] and its words, which connectors declare and catalogs show. What must not: asking for
//! tokens, keeping or renewing them, which is `connector-auth`'s.
//!
//! Addresses are templates over the connection's values: `{site}/rest/oauth2/latest/token`, see [`template`].

mod oauth;
mod scopes;
pub mod template;
mod token;

use serde::{Deserialize, Serialize};

pub use oauth::{BodyForm, ClientAuth, OAuth2, Pkce, Refresh, Revocation, ScopeGroup, SiteChoice};
pub use scopes::Scopes;
pub use token::{AuthState, TokenLease, TokenRecord, TokenSet, TokenStatus, TokenStore};

/// One way to connect. A connector lists its methods with the one that suits most people first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuthMethod {
    /// Stable id, lower_snake_case, unique in the connector: kept with each connection.
    pub id: String,
    /// What people choose by.
    pub label: String,
    /// When it is the right one, in a sentence or two.
    pub description: String,
    /// Connection params that this method needs from a person. Of the secret params all others are filled by the method,
    /// or are not its own.
    pub params: Vec<String>,
    /// App params that it needs; empty: it needs no app.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub app_params: Vec<String>,
    /// Where its credentials come from.
    pub grant: Grant,
    /// How it names scopes.
    #[serde(default)]
    pub scopes: Scopes,
}

/// Where the credentials of a method come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Grant {
    /// A person types them in: an API key, a token, user name and password.
    Given,
    /// A person consents in a browser (RFC 6749, 4.1).
    AuthorizationCode(OAuth2),
    /// A person consents on another device, with a code that they type there (RFC 8628).
    DeviceCode(OAuth2),
    /// The app alone, for itself (RFC 6749, 4.4).
    ClientCredentials(OAuth2),
    /// The app signs who it is (RFC 7523).
    JwtBearer {
        /// Where tokens come from.
        oauth: OAuth2,
        /// What is signed.
        jwt: Jwt,
    },
    /// The app signs who it is and exchanges that for a token of one installation (GitHub Apps).
    Installation(Installation),
}

impl Grant {
    /// Its OAuth 2.0 addresses and quirks, where it has them.
    pub fn oauth(&self) -> Option<&OAuth2> {
        match self {
            Self::AuthorizationCode(o)
            | Self::DeviceCode(o)
            | Self::ClientCredentials(o)
            | Self::JwtBearer { oauth: o, .. } => Some(o),
            Self::Given | Self::Installation(_) => None,
        }
    }

    /// Whether a person must consent at the service.
    pub fn needs_consent(&self) -> bool {
        matches!(self, Self::AuthorizationCode(_) | Self::DeviceCode(_))
    }
}

/// What an app signs to say who it is (RFC 7519, RS256).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwt {
    /// The app value that is the issuer.
    pub issuer_param: String,
    /// The subject: an app value or a value of the connection; none: no subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_param: Option<String>,
    /// The audience; none: no audience. A template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The app secret that holds the private key: RSA as PEM, PKCS#1 or PKCS#8.
    pub key_param: String,
    /// How long it holds, in seconds; services state a maximum.
    pub ttl_secs: u32,
}

/// A token of one installation, asked for with a signed JWT.
/// <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-an-installation-access-token-for-a-github-app>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// What is signed.
    pub jwt: Jwt,
    /// Where the token is asked for by `POST`, such as `{base_url}/app/installations/{installation_id}/access_tokens`.
    pub token_url: String,
    /// Headers of that request, such as `accept`.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// JSON pointer of the token in the answer.
    pub token: String,
    /// JSON pointer of the moment when it ends (RFC 3339).
    pub expires_at: String,
    /// The secret param of the connection that the token becomes.
    pub becomes: String,
    /// Where a person installs the app; a template over app values and the connection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install_url: Option<String>,
}

impl AuthMethod {
    /// A method whose credentials a person types in: `params` are those that are asked for.
    pub fn given(id: &str, label: &str, params: &[&str]) -> Self {
        Self::new(id, label, params, &[], Grant::Given)
    }

    /// A method with a grant. `params` are asked of a person, `app_params` are needed of the app.
    pub fn new(id: &str, label: &str, params: &[&str], app_params: &[&str], grant: Grant) -> Self {
        let strings = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect();
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            description: String::new(),
            params: strings(params),
            app_params: strings(app_params),
            grant,
            scopes: Scopes::default(),
        }
    }

    /// Says what it calls scopes: each as actions declare it, `read:*` for all that begin so; an empty name: it asks for none.
    #[must_use]
    pub fn scope_names(mut self, names: &[(&str, &str)]) -> Self {
        self.scopes.names.extend(names.iter().map(|(scope, name)| ((*scope).to_owned(), (*name).to_owned())));
        self
    }

    /// Says which scopes come with another.
    #[must_use]
    pub fn scope_holds(mut self, holds: &[(&str, &[&str])]) -> Self {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        self.scopes.holds.extend(holds.iter().map(|(scope, held)| ((*scope).to_owned(), owned(held))));
        self
    }

    /// Says when it is the right one.
    #[must_use]
    pub fn description(mut self, text: &str) -> Self {
        text.clone_into(&mut self.description);
        self
    }

    /// The secret params of the connection that the method fills by itself.
    pub fn fills(&self) -> Vec<&str> {
        match &self.grant {
            Grant::Given => Vec::new(),
            Grant::Installation(i) => vec![&i.becomes],
            grant => {
                grant.oauth().map(|o| o.takes.iter().map(|(_, param)| param.as_str()).collect()).unwrap_or_default()
            }
        }
    }
}
