//! Named secrets, files, the master key, copies.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use connector_core::Method;
use ring::digest;
use serde_json::{Value, json};

use super::{Session, values};
use crate::{
    args::{BackupArgs, FilesCommand, KeysCommand, SecretsCommand},
    backend::Backend,
    output,
};

/// So many bytes of a copy are fetched at once.
const PART: u64 = 8 << 20;

fn rows(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

pub(super) async fn secrets(s: &Session, command: SecretsCommand) -> Result<()> {
    let at = |name: &str| format!("/v1/secrets/{}", values::segment(name));
    match command {
        SecretsCommand::List => {
            let v = s.backend.get("/v1/secrets").await?;
            let columns = [("NAME", "/name"), ("SET", "/updated_at"), ("USED BY", "/used_by")];
            s.show(&v, |v| output::table(rows(v), &columns, "no secret yet; set one with `jackfield secrets put`"));
        }
        SecretsCommand::Put { name } => {
            let value = crate::prompt::secret(&format!("value of {name}"))?;
            let v = s.backend.send(Method::PUT, &at(&name), Some(json!({"value": value}))).await?;
            s.show(&v, |_| output::line(&format!("set; params refer to it as secret://{name}")));
        }
        SecretsCommand::Remove { name } => {
            let v = s.backend.send(Method::DELETE, &at(&name), None).await?;
            s.show(&v, |_| output::line("removed"));
        }
    }
    Ok(())
}

pub(super) async fn files(s: &Session, command: FilesCommand) -> Result<()> {
    let at = |id: &str| format!("/v1/files/{}", values::segment(id));
    match command {
        FilesCommand::List => {
            let v = s.backend.get("/v1/files").await?;
            let columns = [
                ("HANDLE", "/id"),
                ("NAME", "/name"),
                ("TYPE", "/media_type"),
                ("BYTES", "/size"),
                ("ENCRYPTED", "/encrypted"),
                ("CONNECTION", "/connection"),
            ];
            s.show(&v, |v| output::table(rows(v), &columns, "no file yet; keep one with `jackfield files put`"));
        }
        FilesCommand::Put { file, name, media_type, encrypted, connection } => {
            let content = content_of(&file)?;
            let own = file.file_name().map(|n| n.to_string_lossy().into_owned()).filter(|n| n != "-");
            let Some(name) = name.or(own) else { bail!("what comes from standard input needs a --name") };
            let mut path = format!("/v1/files?name={}&encrypted={encrypted}", values::segment(&name));
            if let Some(connection) = connection {
                path.push_str(&format!("&connection={}", values::segment(&connection)));
            }
            let v = s.backend.upload(&path, &media_type, content.into()).await?;
            s.show(&v, |v| output::line(&output::cell(v.pointer("/id"))));
        }
        FilesCommand::Get { id } => {
            let content = s.backend.download(&at(&id), None).await?;
            io::stdout().lock().write_all(&content)?;
        }
        FilesCommand::Remove { id } => {
            let v = s.backend.send(Method::DELETE, &at(&id), None).await?;
            s.show(&v, |_| output::line("removed"));
        }
    }
    Ok(())
}

fn content_of(file: &Path) -> Result<Vec<u8>> {
    use std::io::Read as _;
    // One byte more than is kept, so that the gateway says what is wrong with it.
    let most = jackfield_store::MAX_FILE as u64 + 1;
    let mut content = Vec::new();
    let read = if file.as_os_str() == "-" {
        io::stdin().lock().take(most).read_to_end(&mut content)
    } else {
        fs::File::open(file).and_then(|f| f.take(most).read_to_end(&mut content))
    };
    read.with_context(|| format!("cannot read {}", file.display()))?;
    Ok(content)
}

fn is_under_way(keys: &Value) -> bool {
    keys.get("rotation").is_some_and(|r| !r.is_null())
}

pub(super) async fn keys(s: &Session, command: KeysCommand) -> Result<()> {
    let v = match command {
        KeysCommand::Status => s.backend.get("/v1/keys").await?,
        KeysCommand::Rotate { to, no_wait } => {
            let mut v = s.backend.send(Method::POST, "/v1/keys/rotate", Some(json!({"to": to}))).await?;
            // Without a gateway nobody would go on when this process ends.
            let wait = !no_wait || matches!(s.backend, Backend::Local { .. });
            let progress = Progress::new("sealed anew");
            while wait && is_under_way(&v) {
                let count = |at: &str| v.pointer(at).and_then(Value::as_u64).unwrap_or_default();
                progress.show(count("/rotation/done"), count("/rotation/total"));
                tokio::time::sleep(Duration::from_millis(100)).await;
                v = s.backend.get("/v1/keys").await?;
            }
            progress.end();
            v
        }
    };
    s.show(&v, |v| {
        let cell = |at: &str| output::cell(v.pointer(at));
        let mut lines = vec![
            ("key", cell("/current/id")),
            ("kept as", cell("/current/source")),
            ("since", cell("/current/made_at")),
        ];
        if is_under_way(v) {
            lines.push(("replaces", format!("{}, which is still needed", cell("/rotation/from/id"))));
            lines.push(("sealed anew", format!("{} of {}", cell("/rotation/done"), cell("/rotation/total"))));
        }
        output::record(&lines);
    });
    Ok(())
}

pub(super) async fn backup(s: &Session, args: BackupArgs) -> Result<()> {
    let file = &args.file;
    if file.exists() && !args.force {
        bail!("{} is there already; choose another name, or replace it with --force", file.display());
    }
    let draft = Draft::new(file)?;
    let copy = s.backend.send_slow(Method::POST, "/v1/backups", Some(json!({}))).await?;
    let id = copy.pointer("/id").and_then(Value::as_str).unwrap_or_default();
    let path = format!("/v1/backups/{}", values::segment(id));
    let fetched = fetch(s, &path, &copy, &draft).await;
    // It takes the gateway's disk; if this fails it goes by itself in an hour.
    let _ = s.backend.send(Method::DELETE, &path, None).await;
    fetched?;
    draft.rename(file, args.force)?;
    s.show(&copy, |v| {
        let keys: Vec<&str> =
            rows(v.pointer("/keys").unwrap_or(&Value::Null)).iter().filter_map(Value::as_str).collect();
        output::record(&[
            ("saved", file.display().to_string()),
            ("bytes", output::cell(v.pointer("/bytes"))),
            ("taken", output::cell(v.pointer("/taken_at"))),
            ("sealed with", keys.join(", ")),
        ]);
        output::note("the master key is not in it, and nothing opens it without: keep that key apart from the copy");
    });
    Ok(())
}

async fn fetch(s: &Session, path: &str, copy: &Value, draft: &Draft) -> Result<()> {
    let bytes =
        copy.pointer("/bytes").and_then(Value::as_u64).context("the gateway does not say how long its copy is")?;
    let progress = Progress::new("bytes saved");
    let mut context = digest::Context::new(&digest::SHA256);
    let mut at = 0;
    while at < bytes {
        progress.show(at, bytes);
        let last = (at + PART).min(bytes) - 1;
        let part = s.backend.download(path, Some((at, last))).await?;
        if part.len() as u64 != last - at + 1 {
            bail!("the gateway sent a part of its copy that is not what was asked for");
        }
        context.update(&part);
        (&draft.file).write_all(&part).with_context(|| format!("cannot write {}", draft.path.display()))?;
        at = last + 1;
    }
    progress.end();
    let digest: String = context.finish().as_ref().iter().map(|b| format!("{b:02x}")).collect();
    if copy.pointer("/sha256").and_then(Value::as_str) != Some(digest.as_str()) {
        bail!("what arrived is not what the gateway copied; try again");
    }
    Ok(draft.file.sync_all()?)
}

/// A file that takes its name when it is whole. Removed if it does not come to that.
struct Draft {
    path: PathBuf,
    file: fs::File,
}

impl Draft {
    fn new(target: &Path) -> Result<Self> {
        let mut path = target.as_os_str().to_owned();
        path.push(format!(".{}.part", uuid::Uuid::now_v7().simple()));
        let path = PathBuf::from(path);
        let file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, file })
    }

    fn rename(&self, target: &Path, replace: bool) -> Result<()> {
        // A link is not made over what is there, so that nothing that came meanwhile is lost.
        let done = if replace { fs::rename(&self.path, target) } else { fs::hard_link(&self.path, target) };
        done.with_context(|| format!("cannot write {}", target.display()))?;
        let dir = target.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new("."));
        Ok(fs::File::open(dir)?.sync_all()?)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// A line on a terminal that is written over and over.
struct Progress {
    what: &'static str,
    shown: bool,
}

impl Progress {
    fn new(what: &'static str) -> Self {
        Self { what, shown: io::stderr().is_terminal() }
    }

    fn show(&self, done: u64, total: u64) {
        if self.shown {
            let _ = write!(io::stderr(), "\r{done} of {total} {}\u{1b}[K", self.what);
        }
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}
