//! The state directory's small files: the API token, and where the running gateway listens.

use std::{
    fs,
    io::{ErrorKind, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use jackfield_server::ApiToken;
use serde::{Deserialize, Serialize};

const TOKEN: &str = "token";
const RUNNING: &str = "gateway.json";

/// What a running gateway says of itself.
#[derive(Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) url: String,
}

/// The API token; made on first use, mode 0600.
pub(crate) fn token(dir: &Path) -> Result<String> {
    let path = dir.join(TOKEN);
    match fs::read_to_string(&path) {
        Ok(t) if t.trim().is_empty() => bail!("{} is empty; remove it and a new token is made", path.display()),
        Ok(t) => {
            let mode = fs::metadata(&path)?.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                bail!(
                    "{} can be read by others (mode {mode:o}); make it 0600, or remove it and a new token is made",
                    path.display()
                );
            }
            return Ok(t.trim().to_owned());
        }
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(e).with_context(|| format!("cannot read {}", path.display())),
    }
    let token = ApiToken::generate().map_err(|_| anyhow::anyhow!("the system has no randomness"))?;
    let token = token.expose_str().unwrap_or_default().to_owned();
    // Written beside and renamed, so that a crash leaves no half a token.
    let fresh = dir.join(format!("{TOKEN}.new"));
    // Left by a crash, if it is there.
    let _ = fs::remove_file(&fresh);
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&fresh)
        .with_context(|| format!("cannot write {}", fresh.display()))?;
    writeln!(file, "{token}")?;
    file.sync_all()?;
    fs::rename(&fresh, &path)?;
    Ok(token)
}

/// Says where the gateway listens; removed when the value is dropped.
pub(crate) struct Announcement(PathBuf);

impl Announcement {
    pub(crate) fn new(dir: &Path, url: &str) -> Result<Self> {
        let path = dir.join(RUNNING);
        let fresh = dir.join(format!("{RUNNING}.new"));
        fs::write(&fresh, serde_json::to_vec(&Running { pid: std::process::id(), url: url.to_owned() })?)?;
        fs::rename(&fresh, &path)?;
        Ok(Self(path))
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Takes away what a gateway that was killed had said of itself: somebody else may listen there now, and commands would
/// send the token to them. To be called as soon as the lock is held.
pub(crate) fn forget_announcement(dir: &Path) {
    let _ = fs::remove_file(dir.join(RUNNING));
}

/// Whether a gateway has ever kept its state here.
pub(crate) fn is_state(dir: &Path) -> bool {
    dir.join("jackfield.db").exists()
}

/// The running gateway, as far as its file tells.
pub(crate) fn running(dir: &Path) -> Option<Running> {
    serde_json::from_slice(&fs::read(dir.join(RUNNING)).ok()?).ok()
}
