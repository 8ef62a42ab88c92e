//! Sealing at rest: the key file, the database's data key, and the AEAD that every sealed value goes through.
//!
//! What lives here: bytes in, sealed bytes out. What must not: SQL, or knowing which columns are sealed.
//!
//! # The scheme
//! - The **key file** (`key` in the state directory) holds 256 random bits. It is the only thing that must be kept apart
//!   from a backup of the database; without it nothing sealed can be opened.
//! - Each database has its own random 256-bit **data key**, kept in the database, sealed with the key file's. That value is
//!   also the check that the key file is the right one: if it does not open, the answer is [`StoreError::WrongKey`].
//! - A value is sealed with ChaCha20-Poly1305 under a **key of its own**: HKDF-SHA256 of the data key, with the value's
//!   [`Place`] (table, column, row, name) as the info, and a random 96-bit nonce. Random nonces bound one key to about 2^32
//!   messages; here a key sees one message for each time that one place is written, so the bound is out of reach. A value
//!   moved to another place, or to another database, does not open; the place is also the associated data.
//! - A sealed value is `version (1 byte) || nonce (12) || ciphertext || tag (16)`.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
    rand::{SecureRandom, SystemRandom},
};
use uuid::Uuid;
use zeroize::{Zeroize, Zeroizing};

use crate::{Result, StoreError};

/// The one layout there is so far.
const VERSION: u8 = 1;
/// Separates these keys from any others that the same bytes might ever be used for.
const LABEL: &[u8] = b"jackfield/seal/v1";
const KEY_LEN: usize = 32;

/// Where a sealed value belongs. It opens there and nowhere else.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: &'a [u8],
    /// What tells several values of one row and column apart; mostly empty.
    pub(crate) name: &'a [u8],
}

impl<'a> Place<'a> {
    pub(crate) fn of(table: &'static str, column: &'static str, row: &'a Uuid) -> Self {
        Self { table, column, row: row.as_bytes(), name: b"" }
    }

    /// Each part with its length before it, so that no two places read the same.
    fn encoded(&self) -> Vec<u8> {
        let parts = [self.table.as_bytes(), self.column.as_bytes(), self.row, self.name];
        let mut out = Vec::with_capacity(parts.iter().map(|p| p.len() + 8).sum());
        for part in parts {
            out.extend_from_slice(&(part.len() as u64).to_le_bytes());
            out.extend_from_slice(part);
        }
        out
    }
}

/// Seals and opens values with one data key.
pub(crate) struct Sealer {
    data_key: hkdf::Prk,
    random: SystemRandom,
}

impl Sealer {
    fn new(key: &[u8; KEY_LEN]) -> Self {
        Self { data_key: hkdf::Salt::new(hkdf::HKDF_SHA256, LABEL).extract(key), random: SystemRandom::new() }
    }

    /// Makes a new data key. The sealed form is to be kept in the database.
    pub(crate) fn generate(key_file: &KeyFile) -> Result<(Self, Vec<u8>)> {
        let mut data_key = Zeroizing::new([0; KEY_LEN]);
        fill(&mut data_key)?;
        let sealed = Self::new(&key_file.key).seal(DATA_KEY, data_key.as_slice())?;
        Ok((Self::new(&data_key), sealed))
    }

    /// Opens the data key that the database holds.
    ///
    /// # Errors
    /// `WrongKey`, if it was sealed with another key file.
    pub(crate) fn unlock(key_file: &KeyFile, sealed: &[u8]) -> Result<Self> {
        let opened = Self::new(&key_file.key).open(DATA_KEY, sealed).map_err(|_| StoreError::WrongKey)?;
        let opened = Zeroizing::new(opened);
        let data_key: &[u8; KEY_LEN] = opened.as_slice().try_into().map_err(|_| StoreError::WrongKey)?;
        Ok(Self::new(data_key))
    }

    fn key(&self, place: &[u8]) -> Result<LessSafeKey> {
        let info = [LABEL, place];
        let okm = self.data_key.expand(&info, &CHACHA20_POLY1305).map_err(|_| failed("no key could be derived"))?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }

    /// Seals a value for its place.
    pub(crate) fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>> {
        let place = place.encoded();
        let mut nonce = [0; NONCE_LEN];
        self.random.fill(&mut nonce).map_err(|_| failed("the system gave no random numbers"))?;
        let header = 1 + NONCE_LEN;
        let mut out = Vec::with_capacity(header + value.len() + CHACHA20_POLY1305.tag_len());
        out.push(VERSION);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(value);
        let (_, body) = out.split_at_mut(header);
        let tag = self
            .key(&place)?
            .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(&place), body)
            .map_err(|_| failed("a value could not be sealed"))?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// Opens what was sealed for this place.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        let unreadable = || failed(&format!("a sealed value of {}.{} does not open", place.table, place.column));
        let (&version, rest) = sealed.split_first().ok_or_else(unreadable)?;
        if version != VERSION {
            return Err(failed(&format!(
                "a sealed value of {}.{} has the unknown layout {version}",
                place.table, place.column
            )));
        }
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(unreadable)?;
        let encoded = place.encoded();
        let mut out = body.to_vec();
        let opened = self
            .key(&encoded)?
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(&encoded), &mut out)
            .map(|plain| plain.len());
        match opened {
            Ok(len) => {
                out.truncate(len);
                Ok(out)
            }
            Err(_) => Err(unreadable()),
        }
    }
}

const DATA_KEY: Place<'static> = Place { table: "meta", column: "value", row: b"data_key", name: b"" };

fn failed(what: &str) -> StoreError {
    StoreError::Other(what.to_owned())
}

fn fill(key: &mut [u8; KEY_LEN]) -> Result<()> {
    SystemRandom::new().fill(key).map_err(|_| failed("the system gave no random numbers"))
}

/// The key-encryption key: 32 random bytes, kept as base64 text in the file `key` of the state directory, which only its
/// owner may read. Back it up apart from the database. Wiped from memory when dropped.
pub struct KeyFile {
    key: Zeroizing<[u8; KEY_LEN]>,
}

impl KeyFile {
    /// The file's name in the state directory.
    pub const NAME: &'static str = "key";

    /// Reads the key file of a state directory, or makes one if there is none.
    ///
    /// # Errors
    /// `Other`, saying what to mend: others than the owner may read the file, it is no key, it cannot be read or written.
    pub fn load_or_create(dir: &Path) -> Result<Self> {
        let path = dir.join(Self::NAME);
        match Self::load(&path) {
            Ok(Some(key)) => return Ok(key),
            Ok(None) => {}
            Err(e) => return Err(e),
        }
        let mut key = Zeroizing::new([0; KEY_LEN]);
        fill(&mut key)?;
        // Written beside and linked into place: the name appears with the whole key in it or not at all, and never
        // replaces a key that something else made meanwhile.
        let draft = dir.join(format!("{}.{}.new", Self::NAME, Uuid::now_v7().simple()));
        let linked = write_new(&draft, &key).and_then(|()| fs::hard_link(&draft, &path));
        let removed = fs::remove_file(&draft);
        match linked {
            Ok(()) => {}
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                return Self::load(&path)?.ok_or_else(|| io_failed("be read", &path, &e));
            }
            Err(e) => return Err(io_failed("be written", &path, &e)),
        }
        removed.and_then(|()| sync_dir(dir)).map_err(|e| io_failed("be written", &path, &e))?;
        Ok(Self { key })
    }

    /// Whether a state directory has one.
    pub(crate) fn exists(dir: &Path) -> bool {
        dir.join(Self::NAME).exists()
    }

    fn load(path: &Path) -> Result<Option<Self>> {
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
        let mut key = Zeroizing::new([0; KEY_LEN]);
        let mut decoded = Zeroizing::new([0; 64]);
        match BASE64.decode_slice(text.trim_ascii(), decoded.as_mut_slice()) {
            Ok(KEY_LEN) => key.iter_mut().zip(decoded.iter()).for_each(|(to, from)| *to = *from),
            _ => {
                return Err(failed(&format!(
                    "the key file {} does not hold a key (44 characters of base64); restore it from its backup",
                    path.display()
                )));
            }
        }
        Ok(Some(Self { key }))
    }
}

fn write_new(path: &PathBuf, key: &[u8; KEY_LEN]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut text = BASE64.encode(key).into_bytes();
    text.push(b'\n');
    let written = file.write_all(&text).and_then(|()| file.sync_all());
    text.zeroize();
    written
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

fn io_failed(what: &str, path: &Path, e: &io::Error) -> StoreError {
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
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(&[7; KEY_LEN])
    }

    const HERE: Place<'static> = Place { table: "t", column: "c", row: b"1", name: b"n" };

    #[test]
    fn what_is_sealed_opens_and_shows_nothing() {
        for value in [&b""[..], b"x", &[42; 100_000]] {
            let sealed = sealer().seal(HERE, value).unwrap();
            assert_eq!(sealed.len(), value.len() + 29);
            assert_eq!(sealer().open(HERE, &sealed).unwrap(), value);
            assert_ne!(sealed, sealer().seal(HERE, value).unwrap(), "the nonce is fresh");
        }
    }

    #[test]
    fn a_value_opens_only_in_its_place_and_unaltered() {
        let sealed = sealer().seal(HERE, b"value").unwrap();
        for place in [
            Place { table: "u", ..HERE },
            Place { column: "d", ..HERE },
            Place { row: b"2", ..HERE },
            Place { name: b"", ..HERE },
            // The same letters, cut elsewhere.
            Place { row: b"1n", name: b"", ..HERE },
        ] {
            assert!(sealer().open(place, &sealed).is_err());
        }
        for i in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[i] ^= 1;
            assert!(sealer().open(HERE, &altered).is_err(), "byte {i}");
            assert!(sealer().open(HERE, &sealed[..i]).is_err(), "cut at {i}");
        }
        assert!(Sealer::new(&[8; KEY_LEN]).open(HERE, &sealed).is_err());
    }

    #[test]
    fn the_key_file_is_made_once_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let first = KeyFile::load_or_create(dir.path()).unwrap();
        let again = KeyFile::load_or_create(dir.path()).unwrap();
        assert_eq!(*first.key, *again.key);
        assert_ne!(*first.key, [0; KEY_LEN]);
        let names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["key"], "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = dir.path().join("key");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            let text = KeyFile::load_or_create(dir.path()).err().unwrap().to_string();
            assert!(text.contains("chmod 600") && text.contains("0640"), "{text}");
        }
    }

    #[test]
    fn a_damaged_key_file_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        write_new(&path, &[1; KEY_LEN]).unwrap();
        for text in ["", "AAAA", "not base64 at all", &"A".repeat(150), &"A".repeat(5000)] {
            fs::OpenOptions::new().write(true).truncate(true).open(&path).unwrap().write_all(text.as_bytes()).unwrap();
            let error = KeyFile::load_or_create(dir.path()).err().unwrap().to_string();
            assert!(error.contains("does not hold a key"), "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
    }
}
