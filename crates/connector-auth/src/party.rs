//! Whose credentials they are: a connection, its app, and the method by which it is connected.

use std::sync::Arc;

use connector_core::{
    AuthMethod, Error, Result, SecretSource,
    auth::{Grant, OAuth2, template},
};
use serde_json::{Map, Value};
use url::Url;

/// A connection (or one that is being made) and its app, as far as credentials need them.
#[derive(Clone)]
pub struct Party {
    /// The connector's id.
    pub connector: String,
    /// The connection's id.
    pub connection: String,
    /// How it is connected.
    pub method: AuthMethod,
    /// The connection's values that are no secrets.
    pub values: Map<String, Value>,
    /// Its app's values that are no secrets.
    pub app_values: Map<String, Value>,
    /// The secrets of the connection and of its app.
    pub secrets: Arc<dyn SecretSource>,
    /// Hosts that the connection's calls may reach; lists of sites are asked for there too.
    pub hosts: Vec<String>,
    /// Internal networks that it may reach, see [`connector_core::network::Allow`].
    pub networks: Vec<String>,
}

impl Party {
    /// The method's OAuth 2.0.
    pub(crate) fn oauth(&self) -> Result<&OAuth2> {
        self.method.grant.oauth().ok_or_else(|| self.unfit("has no OAuth 2.0"))
    }

    /// The method's addresses and quirks, if it is one in which a person consents in a browser.
    pub(crate) fn consent(&self) -> Result<&OAuth2> {
        match &self.method.grant {
            Grant::AuthorizationCode(oauth) => Ok(oauth),
            _ => Err(self.unfit("is not one in which a person consents in a browser")),
        }
    }

    pub(crate) fn unfit(&self, why: &str) -> Error {
        let text = format!("the auth method `{}` of `{}` {why}", self.method.id, self.connector);
        Error::new(connector_core::ErrorKind::Unsupported, text).with_connector(self.connector.clone())
    }

    /// An address of the method, filled.
    pub(crate) fn address(&self, template: &str) -> Result<Url> {
        template::fill(template, &self.values, &self.app_values).map_err(|e| self.name(e))
    }

    /// A value of the app, or of the connection where it is an app of its own.
    pub(crate) fn text(&self, param: &str) -> Result<String> {
        match self.app_values.get(param).or_else(|| self.values.get(param)) {
            Some(Value::String(s)) if !s.is_empty() => Ok(s.clone()),
            Some(Value::Number(n)) => Ok(n.to_string()),
            _ => Err(self.name(
                Error::misconfigured(format!("the app has no value for `{param}`; set it and try again"))
                    .with_fields([connector_core::FieldError::new(format!("/{param}"), "is required to connect")]),
            )),
        }
    }

    pub(crate) fn name(&self, e: Error) -> Error {
        e.with_connector(self.connector.clone())
    }
}
