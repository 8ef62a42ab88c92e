//! References to secrets: `secret://name` and its like, read anew for each use.
//!
//! What lives here: what a reference may name, and following it. What must not: an HTTP client, which an external manager's
//! implementation brings along.
//!
//! Who writes a reference may be anybody who may change a connection, and is not the one who runs the gateway. So each kind
//! reaches no further than the operator said: variables with a prefix, files below a directory, paths below a prefix.

use std::{
    collections::HashMap,
    fmt, fs,
    io::Read as _,
    path::{Component, Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use connector_core::{Error, ErrorKind, ParamInfo, Result, RetryAdvice, Secret};
use jackfield_store::{Owner, SharedStore, StoreError, file_id, is_reference};
use serde_json::{Map, Value};
use tokio::time::Instant;

use crate::{Engine, error::EngineError, slug};

/// What begins the names of environment variables that references may read, unless told otherwise.
pub(crate) const ENV_PREFIX: &str = "JACKFIELD_SECRET_";
/// How long what an external manager said is used again.
const CACHED_FOR: Duration = Duration::from_secs(60);
/// How many values of it are kept at most.
const CACHED: usize = 1000;
/// Longest reference.
const MAX_LENGTH: usize = 512;
/// Largest value that a reference may have.
const MAX_VALUE: u64 = 1 << 20;

/// Why an external manager did not give a secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text}")]
pub struct ManagerError {
    /// For operators.
    pub text: String,
    /// Whether it may give it later: it is down, sealed or busy.
    pub passing: bool,
}

/// Reads secrets that an external manager keeps, such as HashiCorp Vault.
#[async_trait]
pub trait SecretManager: Send + Sync {
    /// The field of the secret at `path`, whose first part is the mount.
    ///
    /// # Errors
    /// Why it is not to be had.
    async fn read(&self, path: &str, field: &str) -> std::result::Result<Secret, ManagerError>;
}

/// What references may name. The default: the gateway's named secrets, files that it keeps, and variables that begin with
/// `JACKFIELD_SECRET_`. Clones share what was read.
#[derive(Clone)]
pub struct References {
    env_prefix: Arc<str>,
    dir: Option<Arc<Path>>,
    manager: Option<(Arc<dyn SecretManager>, Arc<str>)>,
    cache: Arc<Mutex<HashMap<String, (Instant, Secret)>>>,
}

impl Default for References {
    fn default() -> Self {
        Self { env_prefix: ENV_PREFIX.into(), dir: None, manager: None, cache: Arc::default() }
    }
}

impl fmt::Debug for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("References")
            .field("env_prefix", &self.env_prefix)
            .field("dir", &self.dir)
            .field("manager", &self.manager.as_ref().map(|(_, prefix)| prefix))
            .finish_non_exhaustive()
    }
}

/// What a reference names.
enum Named<'a> {
    Secret(&'a str),
    File(&'a str),
    Variable(&'a str),
    Path(PathBuf, &'a Path),
    Managed(&'a dyn SecretManager, &'a str, &'a str),
}

impl References {
    /// Variables whose names begin so may be read; `JACKFIELD_MASTER_KEY` and its like never are.
    #[must_use]
    pub fn env_prefix(mut self, prefix: &str) -> Self {
        self.env_prefix = prefix.into();
        self
    }

    /// Files below this directory may be read.
    #[must_use]
    pub fn dir(mut self, dir: &Path) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// What this manager keeps below `prefix` (mount and path, such as `secret/jackfield/`) may be read.
    #[must_use]
    pub fn manager(mut self, manager: Arc<dyn SecretManager>, prefix: &str) -> Self {
        self.manager = Some((manager, prefix.into()));
        self
    }

    /// What a reference names, if it may name that.
    ///
    /// # Errors
    /// What is wrong with it and what would be right.
    fn parse<'a>(&'a self, text: &'a str) -> Result<Named<'a>, String> {
        if text.len() > MAX_LENGTH || text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(format!("a secret reference has at most {MAX_LENGTH} characters and no blanks"));
        }
        if file_id(text.as_bytes()).is_some() {
            return Ok(Named::File(text));
        }
        let rest = text.strip_prefix("secret://").unwrap_or_default();
        match rest.split_once('/') {
            None if slug::is(rest) => Ok(Named::Secret(rest)),
            Some(("env", name)) => self.variable(name),
            Some(("file", path)) => self.path(path),
            Some(("vault", rest)) => self.managed(rest),
            _ => Err(
                "is no secret reference that is known; use secret://NAME, secret://env/NAME, secret://file/PATH or \
                      secret://vault/MOUNT/PATH#FIELD"
                    .to_owned(),
            ),
        }
    }

    fn variable<'a>(&self, name: &'a str) -> Result<Named<'a>, String> {
        let prefix = &*self.env_prefix;
        if !name.starts_with(prefix) || name.starts_with("JACKFIELD_MASTER_KEY") || name.starts_with("JACKFIELD_VAULT")
        {
            return Err(format!("may name only environment variables that begin with {prefix}"));
        }
        Ok(Named::Variable(name))
    }

    fn path<'a>(&'a self, path: &'a str) -> Result<Named<'a>, String> {
        let Some(dir) = self.dir.as_deref() else {
            return Err("names a file, and the gateway has no directory for them: set `secrets_dir`".to_owned());
        };
        let relative = Path::new(path);
        if path.is_empty() || !relative.components().all(|c| matches!(c, Component::Normal(_))) {
            return Err(
                "must name a file below the gateway's `secrets_dir`, relative to it and without `..`".to_owned()
            );
        }
        Ok(Named::Path(dir.join(relative), dir))
    }

    fn managed<'a>(&'a self, rest: &'a str) -> Result<Named<'a>, String> {
        let Some((manager, prefix)) = &self.manager else {
            return Err(
                "names a secret in Vault, and none is configured: set `vault_address` and `vault_secrets`".to_owned()
            );
        };
        let wrong = || "must be secret://vault/MOUNT/PATH#FIELD".to_owned();
        let (path, field) = rest.split_once('#').ok_or_else(wrong)?;
        let is_part = |p: &str| {
            !p.is_empty()
                && p != "."
                && p != ".."
                && p.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        if path.split('/').count() < 2 || !path.split('/').all(is_part) || !is_part(field) {
            return Err(wrong());
        }
        // A prefix ends where a part does: `secret/app` does not open `secret/apple`.
        let inside = path.strip_prefix(prefix.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/'));
        if !inside {
            return Err(format!("may name only secrets below `{prefix}` in Vault"));
        }
        Ok(Named::Managed(&**manager, path, field))
    }

    /// The value itself, if `secret` is a reference; else `secret`.
    ///
    /// # Errors
    /// `Misconfigured`, naming the reference and what to do.
    pub(crate) async fn follow(&self, store: &SharedStore, secret: Secret) -> Result<Secret> {
        if !is_reference(secret.expose()) {
            return Ok(secret);
        }
        let text = secret.expose_str().unwrap_or_default();
        let wrong = |what: &str| Error::misconfigured(format!("the secret reference `{text}` {what}"));
        let named = self.parse(text).map_err(|what| wrong(&what))?;
        let absent = |e: StoreError, what: &str| match e {
            StoreError::NotFound(..) => wrong(what),
            other => EngineError::from(other).into_error(),
        };
        let found = match named {
            Named::Secret(name) => {
                let set = format!("names a secret that is not set: run `jackfield secrets put {name}`");
                store.named_secret(name).await.map_err(|e| absent(e, &set))?
            }
            Named::File(handle) => {
                let (_, content) = store
                    .file(handle)
                    .await
                    .map_err(|e| absent(e, "names a file that is not there: upload it again"))?;
                Secret::new(content.to_vec())
            }
            Named::Variable(name) => match std::env::var(name) {
                Ok(value) => Secret::from(value),
                Err(_) => {
                    return Err(wrong(
                        "names a variable that the gateway's environment does not have: set it and start the gateway again",
                    ));
                }
            },
            Named::Path(path, dir) => {
                let dir = dir.to_owned();
                let read = tokio::task::spawn_blocking(move || read_below(&path, &dir)).await;
                let read = read.unwrap_or_else(|_| Err("reading panicked, which is a bug".into()));
                read.map_err(|e| {
                    wrong("cannot be read: see that the file is there, in `secrets_dir`, and readable").with_operator(e)
                })?
            }
            Named::Managed(manager, path, field) => self.ask(manager, text, path, field).await.map_err(|e| {
                let what = if e.passing {
                    "cannot be had from Vault now: try again later"
                } else {
                    "is not to be had from Vault: see that it is there and that the gateway's token may read it"
                };
                let error = wrong(what).with_operator(e.text);
                if e.passing { error.with_retry(RetryAdvice::Safe { after: None }) } else { error }
            })?,
        };
        if found.is_empty() {
            return Err(wrong("is empty: set its value"));
        }
        Ok(found)
    }

    async fn ask(
        &self,
        manager: &dyn SecretManager,
        text: &str,
        path: &str,
        field: &str,
    ) -> Result<Secret, ManagerError> {
        let now = Instant::now();
        if let Some((until, secret)) = self.cached().get(text)
            && now < *until
        {
            return Ok(secret.clone());
        }
        let secret = manager.read(path, field).await?;
        let mut cache = self.cached();
        cache.retain(|_, (until, _)| now < *until);
        if cache.len() < CACHED {
            cache.insert(text.to_owned(), (now + CACHED_FOR, secret.clone()));
        }
        Ok(secret)
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Instant, Secret)>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a file that is, with all links followed, below `dir`.
fn read_below(path: &Path, dir: &Path) -> Result<Secret, String> {
    let failed = |e: std::io::Error| format!("{}: {e}", path.display());
    let (real, dir) = (fs::canonicalize(path).map_err(failed)?, fs::canonicalize(dir).map_err(failed)?);
    if !real.starts_with(&dir) {
        return Err(format!("{} leads out of {}", path.display(), dir.display()));
    }
    // Asked before it is opened: opening a pipe would wait for whoever writes into it.
    let meta = fs::metadata(&real).map_err(failed)?;
    if !meta.is_file() || meta.len() > MAX_VALUE {
        return Err(format!("{} is no file of at most {MAX_VALUE} bytes", path.display()));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(meta.len()).unwrap_or_default().saturating_add(1));
    fs::File::open(&real).map_err(failed)?.take(MAX_VALUE).read_to_end(&mut bytes).map_err(failed)?;
    // Editors and `echo` end a file with a line break, which no token has.
    while bytes.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
        bytes.pop();
    }
    Ok(Secret::new(bytes))
}

impl Engine {
    /// If a value is a reference: it as it is stored, or what is wrong with it. What it names must be there, where that can
    /// be told without asking anybody outside.
    pub(crate) async fn reference(&self, value: &str) -> Option<Result<Secret, String>> {
        let text = value.trim();
        if !is_reference(text.as_bytes()) {
            return None;
        }
        let checked = match self.inner.options.references.parse(text) {
            Ok(Named::File(handle)) => match self.inner.store.file(handle).await {
                Ok(_) => Ok(()),
                Err(e) => Err(e.to_string()),
            },
            Ok(Named::Secret(name)) => match self.inner.store.named_secret(name).await {
                Ok(_) => Ok(()),
                Err(_) => Err(format!("names a secret that is not set: run `jackfield secrets put {name}` first")),
            },
            Ok(_) => Ok(()),
            Err(wrong) => Err(wrong),
        };
        Some(checked.map(|()| Secret::from(text)))
    }

    /// Takes the references out of given values: they are not of the form that their params ask for. `kept` gets their
    /// params, so that they are not missed.
    pub(crate) async fn take_references(
        &self,
        params: &[ParamInfo],
        mut values: Map<String, Value>,
        kept: &mut Vec<String>,
    ) -> crate::Result<(Map<String, Value>, Vec<(String, Secret)>)> {
        let (mut taken, mut wrong) = (Vec::new(), Vec::new());
        for param in params.iter().filter(|p| p.is_secret()) {
            let Some(text) = values.get(&param.id).and_then(Value::as_str) else { continue };
            let Some(refers) = self.reference(text).await else { continue };
            values.remove(&param.id);
            kept.push(param.id.clone());
            match refers {
                Ok(secret) => taken.push((param.id.clone(), secret)),
                Err(message) => {
                    wrong.push(connector_core::FieldError::new(format!("/values/{}", param.id), message));
                }
            }
        }
        if wrong.is_empty() { Ok((values, taken)) } else { Err(Error::invalid_input(wrong).into()) }
    }

    /// The keys that webhooks of an owner are verified with, references followed: current first. One that cannot be had now
    /// is an error, and not as if it were not there: the service comes again.
    pub(crate) async fn webhook_keys(&self, owner: &Owner, name: &str) -> crate::Result<Vec<Secret>> {
        let mut out = Vec::new();
        for secret in self.inner.store.secrets(owner, name).await? {
            match self.inner.options.references.follow(&self.inner.store, secret).await {
                Ok(key) => out.push(key),
                Err(e) => {
                    tracing::error!(?owner, name, error = %e, "a webhook's key cannot be had");
                    return Err(e.into());
                }
            }
        }
        Ok(out)
    }

    /// The error of what may be kept but not shown.
    pub(crate) fn hidden(what: &str) -> Error {
        Error::new(ErrorKind::Refused, format!("{what} is a secret and is never shown"))
    }
}

#[cfg(test)]
mod tests;
