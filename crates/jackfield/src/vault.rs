//! HashiCorp Vault over its HTTP API: wraps the master key (transit engine) and keeps secrets that references name (KV
//! version 2).
//!
//! - <https://developer.hashicorp.com/vault/api-docs/secret/transit#encrypt-data>
//! - <https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version>
//! - <https://developer.hashicorp.com/vault/api-docs#http-status-codes>

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Result, bail};
use async_trait::async_trait;
use base64::{Engine as _, prelude::BASE64_STANDARD as BASE64};
use connector_core::{
    Clock, Method, Request, Secret, SecretSlot, SecretSource, TraceId, Transport, transport::CallContext,
};
use http::StatusCode;
use jackfield_engine::{ManagerError, SecretManager};
use jackfield_store::KeyManager;
use serde_json::{Value, json};

/// The variable that holds the token, if no file does.
pub(crate) const TOKEN: &str = "JACKFIELD_VAULT_TOKEN";
/// Total time of a request.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer: a secret's fields, or a wrapped key.
const MAX_ANSWER: usize = 2 << 20;
/// The mount of a key's name that names none.
const TRANSIT: &str = "transit";

/// A Vault, and who we are there.
pub(crate) struct Vault {
    address: String,
    host: String,
    namespace: Option<String>,
    token: Arc<Token>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
}

/// The token: from the environment, or from a file that is read anew each time, since an agent renews it there.
struct Token {
    file: Option<PathBuf>,
    given: Option<Secret>,
}

#[async_trait]
impl SecretSource for Token {
    async fn secret(&self, _: &str) -> connector_core::Result<Secret> {
        let Some(file) = &self.file else {
            return self.given.clone().ok_or_else(|| connector_core::Error::misconfigured("Vault's token is not set"));
        };
        let unreadable = |e: &dyn std::fmt::Display| {
            connector_core::Error::misconfigured("the file of Vault's token cannot be read")
                .with_operator(format!("{}: {e}", file.display()))
        };
        let text = std::fs::read_to_string(file).map(Secret::from).map_err(|e| unreadable(&e))?;
        match text.expose_str().map(str::trim) {
            Some(token) if !token.is_empty() && token.len() < 8192 => Ok(Secret::from(token)),
            _ => Err(unreadable(&"it holds no token")),
        }
    }

    fn has(&self, _: &str) -> bool {
        true
    }
}

fn passing(text: impl Into<String>) -> ManagerError {
    ManagerError { text: text.into(), passing: true }
}

fn lasting(text: impl Into<String>) -> ManagerError {
    ManagerError { text: text.into(), passing: false }
}

impl Vault {
    /// One at `address` (scheme, host, port). Its token is read from `token_file`, else from the environment.
    pub(crate) fn new(
        address: &str,
        namespace: Option<String>,
        token_file: Option<PathBuf>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let url = connector_core::request::parse_url(address).map_err(|e| anyhow::anyhow!("{}", e.caller_text()))?;
        let host = url.host_str().unwrap_or_default().to_owned();
        let given = std::env::var(TOKEN).ok().filter(|t| !t.trim().is_empty()).map(|t| Secret::from(t.trim()));
        if token_file.is_none() && given.is_none() {
            bail!("`vault_address` is set without a token: set `vault_token_file`, or {TOKEN}");
        }
        let token = Arc::new(Token { file: token_file, given });
        Ok(Self { address: address.to_owned(), host, namespace, token, transport, clock })
    }

    /// One request below `/v1/`. `needs` is the right that its token must have.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>, needs: &str) -> Result<Value, ManagerError> {
        let wrong = |e: connector_core::Error| lasting(format!("Vault cannot be asked: {}", e.operator_text()));
        let mut request = Request::new(method, &format!("{}/v1/{path}", self.address))
            .and_then(|r| r.header("x-vault-request", "true"))
            .map_err(wrong)?
            .secret(SecretSlot::Header { name: "x-vault-token", prefix: "", secret: "token".into() });
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace).map_err(wrong)?;
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let context = CallContext {
            secrets: self.token.clone(),
            timeout: TIMEOUT,
            max_response_bytes: MAX_ANSWER,
            ..CallContext::new("vault", vec![self.host.clone()], TraceId::new(self.clock.now()))
        };
        let response = self.transport.send(request, &context).await.map_err(|e| {
            let text = format!("Vault at {} cannot be reached: {}", self.address, e.operator_text());
            match e.kind() {
                connector_core::ErrorKind::Refused | connector_core::ErrorKind::Misconfigured => {
                    lasting(format!("{text} (an internal address must be allowed: --allow-network ADDRESS/32:PORT)"))
                }
                _ => passing(text),
            }
        })?;
        let said = || match response.json::<Value>().ok().as_ref().and_then(|v| v.pointer("/errors/0")?.as_str()) {
            // Bounded, and of one line: it goes into the log.
            Some(text) => text.chars().filter(|c| !c.is_control()).take(200).collect(),
            None => String::new(),
        };
        match response.status {
            s if s.is_success() => response.json().map_err(|_| lasting("Vault's answer is no JSON: is it a Vault?")),
            StatusCode::FORBIDDEN => {
                Err(lasting(format!("Vault refuses (403 {}): the token must be valid and may {needs} {path}", said())))
            }
            StatusCode::NOT_FOUND => Err(lasting(format!("Vault has no {path} (404 {})", said()))),
            StatusCode::SERVICE_UNAVAILABLE => {
                Err(passing(format!("Vault is sealed or in maintenance (503 {})", said())))
            }
            s if s.is_server_error() || matches!(s.as_u16(), 412 | 429 | 472 | 473) => {
                Err(passing(format!("Vault does not answer now ({} {})", s.as_u16(), said())))
            }
            s => Err(lasting(format!("Vault answers {} {} for {path}", s.as_u16(), said()))),
        }
    }
}

/// Mount and name of a transit key, out of `vault:MOUNT/NAME` or `vault:NAME`.
fn transit(name: &str) -> Result<(&str, &str), String> {
    let name = name.strip_prefix("vault:").unwrap_or(name);
    let (mount, key) = name.rsplit_once('/').unwrap_or((TRANSIT, name));
    let is_part = |p: &str| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    if is_part(key) && mount.split('/').all(is_part) {
        return Ok((mount, key));
    }
    Err(format!("`vault:{name}` must be vault:MOUNT/NAME, each of letters, digits, `-` and `_`"))
}

#[async_trait]
impl KeyManager for Vault {
    async fn wrap(&self, name: &str, key: &Secret) -> Result<String, String> {
        let (mount, key_name) = transit(name)?;
        let body = json!({"plaintext": BASE64.encode(key.expose())});
        let path = format!("{mount}/encrypt/{key_name}");
        let answer = self.ask(Method::POST, &path, Some(body), "update").await.map_err(|e| e.text)?;
        match answer.pointer("/data/ciphertext").and_then(Value::as_str) {
            Some(text) if text.starts_with("vault:") && text.len() < 4096 => Ok(text.to_owned()),
            _ => Err(format!("Vault's answer to {path} has no ciphertext")),
        }
    }

    async fn unwrap(&self, name: &str, wrapped: &str) -> Result<Secret, String> {
        let (mount, key_name) = transit(name)?;
        let path = format!("{mount}/decrypt/{key_name}");
        let answer =
            self.ask(Method::POST, &path, Some(json!({"ciphertext": wrapped})), "update").await.map_err(|e| e.text)?;
        let clear = answer.pointer("/data/plaintext").and_then(Value::as_str).and_then(|t| BASE64.decode(t).ok());
        clear.map(Secret::new).ok_or_else(|| format!("Vault's answer to {path} has no plaintext"))
    }
}

#[async_trait]
impl SecretManager for Vault {
    async fn read(&self, path: &str, field: &str) -> Result<Secret, ManagerError> {
        // KV version 2 has the version's data below `data`; the reference names it as Vault's own command line does.
        let (mount, rest) = path.split_once('/').ok_or_else(|| lasting("the path has no mount"))?;
        let path = format!("{mount}/data/{rest}");
        let answer = self.ask(Method::GET, &path, None, "read").await?;
        match answer.pointer("/data/data").and_then(|d| d.get(field)) {
            Some(Value::String(text)) => Ok(Secret::from(text.as_str())),
            Some(_) => Err(lasting(format!("the field `{field}` of {path} in Vault is no text"))),
            None => Err(lasting(format!("{path} in Vault has no field `{field}`"))),
        }
    }
}

#[cfg(test)]
mod tests;
