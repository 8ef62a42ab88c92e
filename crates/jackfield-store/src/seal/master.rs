//! A master key, and the file that may hold it.

use std::{
    fmt, fs,
    io::{self, Read as _, Write as _},
    path::Path,
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use connector_core::Secret;
use ring::hmac;
use zeroize::{Zeroize as _, Zeroizing};

use super::{ID_LEN, KEY_LEN, failed, fill};
use crate::{Result, StoreError};

/// The name of a master key: tells keys apart and nothing of the key. Shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId([u8; ID_LEN]);

impl KeyId {
    pub(crate) fn from_bytes(bytes: [u8; ID_LEN]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; ID_LEN] {
        &self.0
    }

    pub(super) fn bytes(self) -> impl Iterator<Item = u8> {
        self.0.into_iter()
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for KeyId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "a key's id has 16 hexadecimal digits";
        if text.len() != 2 * ID_LEN || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let n = u64::from_str_radix(text, 16).map_err(|_| wrong)?;
        Ok(Self(n.to_be_bytes()))
    }
}

/// A master key (key-encryption key): 32 random bytes. Wiped from memory when dropped; never shown.
#[derive(Clone)]
pub struct MasterKey {
    key: Zeroizing<[u8; KEY_LEN]>,
    id: KeyId,
}

impl MasterKey {
    pub(super) fn from_bytes(key: [u8; KEY_LEN]) -> Self {
        let key = Zeroizing::new(key);
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_slice()), b"jackfield/key-id/v1");
        let mut id = [0; ID_LEN];
        id.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Self { key, id: KeyId(id) }
    }

    /// A new random one.
    ///
    /// # Errors
    /// `Other`, when the system gives no random numbers.
    pub fn generate() -> Result<Self> {
        let mut key = [0; KEY_LEN];
        fill(&mut key)?;
        let made = Self::from_bytes(key);
        key.zeroize();
        Ok(made)
    }

    /// Reads one as it is written in a file or in the environment: 44 characters of base64, blanks around them aside.
    /// None if it is not of that form.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut decoded = Zeroizing::new([0; 64]);
        let length = BASE64.decode_slice(text.trim_ascii(), decoded.as_mut_slice()).ok()?;
        let key: [u8; KEY_LEN] = decoded.get(..length)?.try_into().ok()?;
        Some(Self::from_bytes(key))
    }

    /// As [`parse`](Self::parse) reads it.
    pub fn to_text(&self) -> Secret {
        Secret::new(BASE64.encode(self.key.as_slice()).into_bytes())
    }

    /// Its name.
    pub fn id(&self) -> KeyId {
        self.id
    }

    pub(super) fn bytes(&self) -> &[u8; KEY_LEN] {
        &self.key
    }

    /// Reads a key file; none if there is none.
    pub(crate) fn load(path: &Path) -> Result<Option<Self>> {
        let file = match fs::File::open(path) {
            Ok(file) => file,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(io_failed("be read", path, &e)),
        };
        // Asked of the open file, so that what is checked is what is read.
        let meta = file.metadata().map_err(|e| io_failed("be read", path, &e))?;
        refuse_loose(&meta, path)?;
        let mut text = Zeroizing::new(Vec::with_capacity(256));
        file.take(200).read_to_end(&mut text).map_err(|e| io_failed("be read", path, &e))?;
        match Self::parse(&text) {
            Some(key) => Ok(Some(key)),
            None => Err(failed(&format!(
                "the key file {} does not hold a key (44 characters of base64); restore it from its backup",
                path.display()
            ))),
        }
    }

    /// Writes a key file, mode 0600, whole or not at all; one that is there is never replaced.
    pub(crate) fn write_new(&self, path: &Path) -> Result<()> {
        // Written beside and linked into place: the name appears with the whole key in it or not at all, and never
        // replaces a key that something else made meanwhile.
        let mut draft = path.as_os_str().to_owned();
        draft.push(format!(".{}.new", uuid::Uuid::now_v7().simple()));
        let draft = Path::new(&draft);
        let linked = self.write_draft(draft).and_then(|()| fs::hard_link(draft, path));
        let removed = fs::remove_file(draft);
        linked.and(removed).and_then(|()| sync_dir(parent(path))).map_err(|e| io_failed("be written", path, &e))
    }

    fn write_draft(&self, path: &Path) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.write_all(self.to_text().expose())?;
        file.write_all(b"\n")?;
        file.sync_all()
    }
}

/// The directory that a file is in.
pub(crate) fn parent(path: &Path) -> &Path {
    path.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new("."))
}

#[cfg(unix)]
fn refuse_loose(meta: &fs::Metadata, path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = meta.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let path = path.display();
        return Err(failed(&format!("others may use the key file {path} (mode {mode:04o}): run `chmod 600 {path}`")));
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_loose(_: &fs::Metadata, _: &Path) -> Result<()> {
    Ok(())
}

pub(crate) fn io_failed(what: &str, path: &Path, e: &io::Error) -> StoreError {
    failed(&format!("the key file {} cannot {what}: {e}", path.display()))
}

/// Makes new names in a directory survive a power cut.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_key_is_known_by_its_id_which_reads_back() {
        let (one, two) = (MasterKey::from_bytes([1; KEY_LEN]), MasterKey::from_bytes([2; KEY_LEN]));
        assert_ne!(one.id(), two.id());
        assert_eq!(one.id().to_string().parse(), Ok(one.id()));
        assert_eq!(MasterKey::parse(one.to_text().expose()).unwrap().id(), one.id());
        for text in ["", "12", "zzzzzzzzzzzzzzzz", "+234567890123456"] {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_file_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        assert!(MasterKey::load(&path).unwrap().is_none());
        let key = MasterKey::generate().unwrap();
        key.write_new(&path).unwrap();
        assert!(MasterKey::generate().unwrap().write_new(&path).is_err(), "it is never replaced");
        assert_eq!(MasterKey::load(&path).unwrap().unwrap().id(), key.id());
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["key"], "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            let text = MasterKey::load(&path).err().unwrap().to_string();
            assert!(text.contains("chmod 600") && text.contains("0640"), "{text}");
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        MasterKey::generate().unwrap().write_new(&path).unwrap();
        for text in ["", "AAAA", "not base64 at all", &"A".repeat(150), &"A".repeat(5000)] {
            fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
            let error = MasterKey::load(&path).err().unwrap().to_string();
            assert!(error.contains("does not hold a key"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
