//! Where master keys come from: a file, the environment, an external manager.
//!
//! What lives here: finding the key that a database was sealed with, making the next one, and the steps by which one key file
//! takes the place of another. What must not: sealing, SQL, HTTP (a manager is a trait that the binary implements).
//!
//! # Key files in a rotation
//! The next key is written as `<file>.next` before the database knows of it; it takes the name `<file>` after the database has
//! no use for the old one any more. In between a key is looked for under both names, by its id. So whatever moment the
//! process is killed at, what is on the disk opens with what is on the disk.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use connector_core::Secret;
use jiff::Timestamp;

use crate::{KeyId, MasterKey, Result, StoreError, seal::sync_dir};

/// The key file's name in the state directory.
const FILE: &str = "key";

/// A master key as the database knows it.
#[derive(Debug, Clone)]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// Where it comes from, see [`KeySource`].
    pub source: KeySource,
    /// The key itself as an external manager wrapped it.
    pub wrapped: Option<String>,
    /// When it was made, or first used here.
    pub made_at: Timestamp,
}

/// Where a master key is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// The file `key` in the state directory; the default.
    File,
    /// Another file.
    Path(PathBuf),
    /// The environment: `JACKFIELD_MASTER_KEY`.
    Environment,
    /// An external manager, by the name that it gives the key that wraps ours, such as `vault:transit/jackfield`.
    Managed(String),
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("file"),
            Self::Path(path) => write!(f, "file:{}", path.display()),
            Self::Environment => f.write_str("env"),
            Self::Managed(name) => f.write_str(name),
        }
    }
}

impl std::str::FromStr for KeySource {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "file" => Ok(Self::File),
            None if text == "env" => Ok(Self::Environment),
            Some(("file", path)) if !path.is_empty() => Ok(Self::Path(path.into())),
            Some(("vault", name)) if !name.is_empty() => Ok(Self::Managed(text.to_owned())),
            _ => Err("must be file, file:PATH, env or vault:MOUNT/NAME".to_owned()),
        }
    }
}

/// An external manager of keys: it wraps ours with one that it never gives away.
#[async_trait]
pub trait KeyManager: Send + Sync {
    /// Wraps a key of ours with the manager's key of this name.
    ///
    /// # Errors
    /// For operators: what was asked, what the manager said, what to do.
    async fn wrap(&self, name: &str, key: &Secret) -> Result<String, String>;

    /// Unwraps it.
    ///
    /// # Errors
    /// As [`wrap`](Self::wrap).
    async fn unwrap(&self, name: &str, wrapped: &str) -> Result<Secret, String>;
}

/// A key to be used from now on.
pub(crate) struct Made {
    pub(crate) key: MasterKey,
    pub(crate) source: KeySource,
    pub(crate) wrapped: Option<String>,
}

/// What a source says of a key.
enum Found {
    Key(MasterKey),
    /// Not there, and what is there instead, for operators.
    Not(String),
}

/// All sources that a gateway has.
#[derive(Clone)]
pub struct KeySources {
    file: PathBuf,
    chosen: KeySource,
    environment: Vec<MasterKey>,
    manager: Option<Arc<dyn KeyManager>>,
}

impl KeySources {
    /// The key file of a state directory, and nothing else.
    pub fn new(dir: &Path) -> Self {
        Self { file: dir.join(FILE), chosen: KeySource::File, environment: Vec::new(), manager: None }
    }

    /// Where the key of a new database is to be kept, and where that of an old one is looked for first.
    #[must_use]
    pub fn chosen(mut self, source: KeySource) -> Self {
        self.chosen = source;
        self
    }

    /// Keys that the environment gave: the one to be used, and one that is being replaced.
    #[must_use]
    pub fn environment(mut self, keys: Vec<MasterKey>) -> Self {
        self.environment = keys;
        self
    }

    /// The external manager.
    #[must_use]
    pub fn manager(mut self, manager: Arc<dyn KeyManager>) -> Self {
        self.manager = Some(manager);
        self
    }

    fn path<'a>(&'a self, source: &'a KeySource) -> Option<&'a Path> {
        match source {
            KeySource::File => Some(&self.file),
            KeySource::Path(path) => Some(path),
            KeySource::Environment | KeySource::Managed(_) => None,
        }
    }

    fn manager_for(&self, name: &str) -> Result<&dyn KeyManager> {
        self.manager.as_deref().ok_or_else(|| {
            StoreError::Other(format!(
                "the key comes from `{name}`, and no Vault is configured: set `vault_address` and its token"
            ))
        })
    }

    /// The key of this record: from where it is kept now, else from where it was.
    ///
    /// # Errors
    /// `WrongKey`, if no source has it; `Other`, if a source fails.
    pub(crate) async fn load(&self, record: &KeyRecord) -> Result<(MasterKey, KeySource)> {
        let mut seen = Vec::new();
        let other = (self.chosen != record.source).then_some(&record.source);
        for source in [Some(&self.chosen), other].into_iter().flatten() {
            match self.load_from(source, record).await? {
                Found::Key(key) => return Ok((key, source.clone())),
                Found::Not(what) => seen.push(what),
            }
        }
        Err(StoreError::WrongKey(format!(
            "this database is sealed with the key {}, which is kept as `{}`; {}. Restore that key; nothing else opens the database",
            record.id,
            record.source,
            seen.join("; ")
        )))
    }

    async fn load_from(&self, source: &KeySource, record: &KeyRecord) -> Result<Found> {
        match source {
            KeySource::File | KeySource::Path(_) => {
                let Some(path) = self.path(source) else { return Ok(Found::Not(String::new())) };
                let mut others = Vec::new();
                for path in [path.to_owned(), next(path)] {
                    match MasterKey::load(&path)? {
                        Some(key) if key.id() == record.id => return Ok(Found::Key(key)),
                        Some(key) => others.push(format!("{} holds the key {}", path.display(), key.id())),
                        None => {}
                    }
                }
                if others.is_empty() {
                    others.push(format!("there is no {}", path.display()));
                }
                Ok(Found::Not(others.join(", ")))
            }
            KeySource::Environment => Ok(match self.environment.iter().find(|k| k.id() == record.id) {
                Some(key) => Found::Key(key.clone()),
                None => Found::Not(self.environment_holds()),
            }),
            KeySource::Managed(name) => {
                let Some(wrapped) = &record.wrapped else {
                    return Ok(Found::Not(format!("`{name}` never wrapped it")));
                };
                let unwrapped = self.manager_for(name)?.unwrap(name, wrapped).await.map_err(StoreError::Other)?;
                Ok(match MasterKey::parse(unwrapped.expose()) {
                    Some(key) if key.id() == record.id => Found::Key(key),
                    Some(key) => Found::Not(format!("`{name}` unwraps the key {} instead", key.id())),
                    None => Found::Not(format!("what `{name}` unwraps is no key")),
                })
            }
        }
    }

    fn environment_holds(&self) -> String {
        let ids: Vec<String> = self.environment.iter().map(|k| k.id().to_string()).collect();
        match ids.is_empty() {
            true => "JACKFIELD_MASTER_KEY is not set".to_owned(),
            false => format!("the environment holds the key {}", ids.join(" and ")),
        }
    }

    /// Keys that may be that of a database which does not say which one it needs, as version 1 did not.
    pub(crate) fn unnamed(&self) -> Result<Vec<(MasterKey, KeySource)>> {
        let mut out = Vec::new();
        for source in [&self.chosen, &KeySource::File] {
            if let Some(path) = self.path(source)
                && let Some(key) = MasterKey::load(path)?
            {
                out.push((key, source.clone()));
            }
        }
        out.extend(self.environment.iter().map(|k| (k.clone(), KeySource::Environment)));
        Ok(out)
    }

    /// The key of a new database: that which is there, else a new one.
    pub(crate) async fn first(&self) -> Result<Made> {
        let source = self.chosen.clone();
        match &source {
            KeySource::File | KeySource::Path(_) => {
                let path = self.path(&source).unwrap_or(&self.file);
                let key = match MasterKey::load(path)? {
                    Some(key) => key,
                    None => {
                        let key = MasterKey::generate()?;
                        key.write_new(path)?;
                        key
                    }
                };
                Ok(Made { key, source, wrapped: None })
            }
            KeySource::Environment => match self.environment.first() {
                Some(key) => Ok(Made { key: key.clone(), source, wrapped: None }),
                None => Err(StoreError::Other(
                    "the key is to come from the environment, and JACKFIELD_MASTER_KEY is not set: give it 32 random bytes as base64, such as `openssl rand -base64 32` makes"
                        .into(),
                )),
            },
            KeySource::Managed(name) => self.managed(name).await,
        }
    }

    async fn managed(&self, name: &str) -> Result<Made> {
        let key = MasterKey::generate()?;
        let wrapped = self.manager_for(name)?.wrap(name, &key.to_text()).await.map_err(StoreError::Other)?;
        Ok(Made { key, source: KeySource::Managed(name.to_owned()), wrapped: Some(wrapped) })
    }

    /// The key that is to replace `current`.
    ///
    /// # Errors
    /// `Conflict`, saying what to do, where the source has none but the current one.
    pub(crate) async fn next(&self, to: &KeySource, current: KeyId) -> Result<Made> {
        match to {
            KeySource::File | KeySource::Path(_) => {
                let path = self.path(to).unwrap_or(&self.file);
                let key = match MasterKey::load(path)? {
                    Some(key) if key.id() == current => left_or_new(&next(path), current)?,
                    // Put there by whoever wants it used.
                    Some(key) => key,
                    None => left_or_new(path, current)?,
                };
                Ok(Made { key, source: to.clone(), wrapped: None })
            }
            KeySource::Environment => match self.environment.first().filter(|k| k.id() != current) {
                Some(key) => Ok(Made { key: key.clone(), source: to.clone(), wrapped: None }),
                None => Err(StoreError::Conflict(
                    "the environment holds no other key than the current one: start the gateway with the new one as JACKFIELD_MASTER_KEY and the current one as JACKFIELD_MASTER_KEY_PREVIOUS, then rotate"
                        .into(),
                )),
            },
            KeySource::Managed(name) => self.managed(name).await.map_err(|e| StoreError::Conflict(e.to_string())),
        }
    }

    /// Gives the current key its own file name, once the database knows no other one.
    pub(crate) fn settle(&self, current: &KeyRecord) -> Result<()> {
        let Some(path) = self.path(&current.source) else { return Ok(()) };
        let beside = next(path);
        if MasterKey::load(&beside)?.is_some_and(|k| k.id() == current.id)
            && MasterKey::load(path)?.is_none_or(|k| k.id() != current.id)
        {
            let renamed = fs::rename(&beside, path).and_then(|()| sync_dir(crate::seal::parent(path)));
            renamed
                .map_err(|e| StoreError::Other(format!("the key file {} cannot be replaced: {e}", path.display())))?;
        }
        Ok(())
    }

    /// Removes the key file of the state directory, if it holds the key that nothing is sealed with any more. Other places
    /// are their keepers'.
    pub(crate) fn drop_retired(&self, old: &KeyRecord) -> Result<()> {
        if old.source == KeySource::File && MasterKey::load(&self.file)?.is_some_and(|k| k.id() == old.id) {
            fs::remove_file(&self.file).map_err(|e| {
                StoreError::Other(format!("the key file {} cannot be removed: {e}", self.file.display()))
            })?;
        }
        Ok(())
    }
}

/// The name under which the next key waits.
fn next(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".next");
    name.into()
}

/// A key in this file: one that a rotation left which never began, else a new one.
fn left_or_new(path: &Path, current: KeyId) -> Result<MasterKey> {
    match MasterKey::load(path)? {
        Some(key) if key.id() != current => Ok(key),
        Some(_) => Err(StoreError::Conflict(format!("{} holds the current key: remove it", path.display()))),
        None => {
            let key = MasterKey::generate()?;
            key.write_new(path)?;
            Ok(key)
        }
    }
}
