//! Sealing at rest: the database's data key, keys of single secrets, and the AEAD that every sealed value goes through.
//!
//! What lives here: bytes in, sealed bytes out. What must not: SQL, knowing which columns are sealed, or where a key comes
//! from, which is [`keys`](crate::keys)'.
//!
//! # The scheme
//! - The **master key** (key-encryption key) is 256 random bits that are kept apart from the database. It seals nothing but
//!   other keys, so that it can be changed without touching what those sealed.
//! - Each database has its own random 256-bit **data key**, kept in the database, sealed with the master key. Bodies, headers,
//!   payloads and outputs are sealed with ChaCha20-Poly1305 under a **key of its own** each: HKDF-SHA256 of the data key, with
//!   the value's [`Place`] (table, column, row, name) as the info, and a random 96-bit nonce. Random nonces bound one key to
//!   about 2^32 messages; here a key sees one message for each time that one place is written, so the bound is out of reach.
//!   A value moved to another place, or to another database, does not open; the place is also the associated data. Layout 1:
//!   `1 || nonce (12) || ciphertext || tag (16)`.
//! - Secrets, tokens and files have an **envelope** each: a random 256-bit key seals the value, and stands before it, sealed
//!   with the master key. Both are bound to the place; the wrapped key to the master key's id as well. Layout 2:
//!   `2 || id of the master key (8) || nonce (12) || wrapped key (32) || tag (16) || nonce (12) || ciphertext || tag (16)`.
//!   Another master key changes the first 69 bytes and nothing behind them.

mod master;

use std::sync::{Arc, PoisonError, RwLock};

use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf,
    rand::{SecureRandom, SystemRandom},
};
use uuid::Uuid;
use zeroize::Zeroizing;

pub use self::master::{KeyId, MasterKey};
pub(crate) use self::master::{parent, sync_dir};
use crate::{Result, StoreError};

/// Sealed under the database's data key.
const PLAIN: u8 = 1;
/// Sealed under a key of its own, which stands beside it.
const ENVELOPE: u8 = 2;
/// Separate these keys from any others that the same bytes might ever be used for.
const LABEL: &[u8] = b"jackfield/seal/v1";
const WRAP_LABEL: &[u8] = b"jackfield/wrap/v2";
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const ID_LEN: usize = 8;
/// Layout and id of the master key: what tells values that are sealed under one from others.
pub(crate) const PREFIX_LEN: usize = 1 + ID_LEN;
/// What stands before a value that has an envelope: the prefix and the wrapped key.
pub(crate) const HEADER_LEN: usize = PREFIX_LEN + NONCE_LEN + KEY_LEN + TAG_LEN;

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

    fn unreadable(&self) -> StoreError {
        failed(&format!("a sealed value of {}.{} does not open", self.table, self.column))
    }
}

/// Seals `value` behind what is in `out`: nonce, ciphertext, tag. `key` must not have sealed about 2^32 values before.
fn seal_behind(key: LessSafeKey, aad: &[u8], value: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let mut nonce = [0; NONCE_LEN];
    fill(&mut nonce)?;
    out.reserve(NONCE_LEN + value.len() + TAG_LEN);
    out.extend_from_slice(&nonce);
    let begin = out.len();
    out.extend_from_slice(value);
    let (_, body) = out.split_at_mut(begin);
    let tag = key
        .seal_in_place_separate_tag(Nonce::assume_unique_for_key(nonce), Aad::from(aad), body)
        .map_err(|_| failed("a value could not be sealed"))?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

/// Opens nonce, ciphertext, tag; none if they are not what `key` sealed with `aad`.
fn open_sealed(key: LessSafeKey, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut out = body.to_vec();
    let len = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(aad), &mut out).ok()?.len();
    out.truncate(len);
    Some(out)
}

/// A key from which one for each place is derived.
struct Derived {
    label: &'static [u8],
    prk: hkdf::Prk,
}

impl Derived {
    fn new(label: &'static [u8], key: &[u8; KEY_LEN]) -> Self {
        Self { label, prk: hkdf::Salt::new(hkdf::HKDF_SHA256, label).extract(key) }
    }

    fn key(&self, place: &[u8]) -> Result<LessSafeKey> {
        let info = [self.label, place];
        let okm = self.prk.expand(&info, &CHACHA20_POLY1305).map_err(|_| failed("no key could be derived"))?;
        Ok(LessSafeKey::new(UnboundKey::from(okm)))
    }

    fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>> {
        let place = place.encoded();
        let mut out = vec![PLAIN];
        seal_behind(self.key(&place)?, &place, value, &mut out)?;
        Ok(out)
    }

    /// `sealed` without its first byte.
    fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        let encoded = place.encoded();
        open_sealed(self.key(&encoded)?, &encoded, sealed).ok_or_else(|| place.unreadable())
    }
}

/// The key of one value, before it is wrapped.
pub(crate) struct ValueKey(Zeroizing<[u8; KEY_LEN]>);

impl ValueKey {
    pub(crate) fn generate() -> Result<Self> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    fn aead(&self) -> Result<LessSafeKey> {
        let key =
            UnboundKey::new(&CHACHA20_POLY1305, self.0.as_slice()).map_err(|_| failed("a key has a wrong length"))?;
        Ok(LessSafeKey::new(key))
    }

    /// What the value's ciphertext is bound to: not the master key, which may change.
    fn aad(place: Place<'_>) -> Vec<u8> {
        let mut aad = vec![ENVELOPE];
        aad.extend_from_slice(&place.encoded());
        aad
    }

    /// Seals the value: what stands behind the header.
    pub(crate) fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        seal_behind(self.aead()?, &Self::aad(place), value, &mut out)?;
        Ok(out)
    }

    /// Opens what stands behind the header.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        open_sealed(self.aead()?, &Self::aad(place), sealed).ok_or_else(|| place.unreadable())
    }
}

/// What a master key does: it wraps keys.
struct Wrapper {
    id: KeyId,
    derived: Derived,
}

impl Wrapper {
    fn new(key: &MasterKey) -> Self {
        Self { id: key.id(), derived: Derived::new(WRAP_LABEL, key.bytes()) }
    }

    fn prefix(&self) -> [u8; PREFIX_LEN] {
        prefix(self.id)
    }

    fn aad(&self, place: &[u8]) -> Vec<u8> {
        [&self.prefix()[..], place].concat()
    }

    /// The header of a value: what tells the master key, and the value's key, wrapped.
    fn wrap(&self, place: Place<'_>, key: &ValueKey) -> Result<Vec<u8>> {
        let place = place.encoded();
        let mut out = self.prefix().to_vec();
        seal_behind(self.derived.key(&place)?, &self.aad(&place), key.0.as_slice(), &mut out)?;
        Ok(out)
    }

    /// The key in a header, given without its prefix.
    fn unwrap(&self, place: Place<'_>, wrapped: &[u8]) -> Result<ValueKey> {
        let encoded = place.encoded();
        let opened = open_sealed(self.derived.key(&encoded)?, &self.aad(&encoded), wrapped).map(Zeroizing::new);
        let opened = opened.ok_or_else(|| place.unreadable())?;
        let key: [u8; KEY_LEN] = opened.as_slice().try_into().map_err(|_| place.unreadable())?;
        Ok(ValueKey(Zeroizing::new(key)))
    }
}

/// What values sealed under a master key begin with.
pub(crate) fn prefix(id: KeyId) -> [u8; PREFIX_LEN] {
    let mut out = [ENVELOPE; PREFIX_LEN];
    out.iter_mut().skip(1).zip(id.bytes()).for_each(|(to, from)| *to = from);
    out
}

/// The master keys that are known: the one that new keys are wrapped with, and one that is being replaced.
#[derive(Clone)]
struct Ring {
    current: Arc<Wrapper>,
    retiring: Option<Arc<Wrapper>>,
}

/// Seals and opens the values of one database.
pub(crate) struct Sealer {
    data: Derived,
    data_key: Zeroizing<[u8; KEY_LEN]>,
    ring: RwLock<Ring>,
}

/// The place of the database's data key as a master key seals it.
fn data_key_place(id: &[u8; ID_LEN]) -> Place<'_> {
    Place { table: "keys", column: "sealed_data_key", row: id, name: b"" }
}

/// Where version 1 kept it.
const V1_DATA_KEY: Place<'static> = Place { table: "meta", column: "value", row: b"data_key", name: b"" };

impl Sealer {
    fn new(key: &MasterKey, data_key: Zeroizing<[u8; KEY_LEN]>) -> Self {
        let ring = RwLock::new(Ring { current: Arc::new(Wrapper::new(key)), retiring: None });
        Self { data: Derived::new(LABEL, &data_key), data_key, ring }
    }

    /// With a new data key.
    pub(crate) fn generate(key: &MasterKey) -> Result<Self> {
        let mut data_key = Zeroizing::new([0; KEY_LEN]);
        fill(data_key.as_mut_slice())?;
        Ok(Self::new(key, data_key))
    }

    /// With the data key that the database holds; none if it was not sealed with this master key.
    pub(crate) fn unlock(key: &MasterKey, sealed: &[u8]) -> Option<Self> {
        let id = key.id();
        Self::unlock_at(key, &Derived::new(WRAP_LABEL, key.bytes()), data_key_place(id.as_bytes()), sealed)
    }

    /// As [`unlock`](Self::unlock), of a database of version 1.
    pub(crate) fn unlock_v1(key: &MasterKey, sealed: &[u8]) -> Option<Self> {
        Self::unlock_at(key, &Derived::new(LABEL, key.bytes()), V1_DATA_KEY, sealed)
    }

    fn unlock_at(key: &MasterKey, derived: &Derived, place: Place<'_>, sealed: &[u8]) -> Option<Self> {
        let (&PLAIN, sealed) = sealed.split_first()? else { return None };
        let opened = Zeroizing::new(derived.open(place, sealed).ok()?);
        let data_key: [u8; KEY_LEN] = opened.as_slice().try_into().ok()?;
        Some(Self::new(key, Zeroizing::new(data_key)))
    }

    /// The data key, sealed with a master key, to be kept in the database.
    pub(crate) fn sealed_data_key(&self, key: &MasterKey) -> Result<Vec<u8>> {
        let id = key.id();
        Derived::new(WRAP_LABEL, key.bytes()).seal(data_key_place(id.as_bytes()), self.data_key.as_slice())
    }

    /// The data key as version 1 kept it.
    #[cfg(test)]
    pub(crate) fn v1_data_key(&self, key: &MasterKey) -> Result<Vec<u8>> {
        Derived::new(LABEL, key.bytes()).seal(V1_DATA_KEY, self.data_key.as_slice())
    }

    /// From now on keys are wrapped with `key`; the one so far still opens what it wrapped.
    pub(crate) fn begin_rotation(&self, key: &MasterKey) {
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut ring.current, Arc::new(Wrapper::new(key)));
        ring.retiring = Some(old);
    }

    /// A master key that is being replaced, as found when the database is opened.
    pub(crate) fn also_opens(&self, key: &MasterKey) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).retiring = Some(Arc::new(Wrapper::new(key)));
    }

    /// Whether that is the master key by which keys are wrapped.
    pub(crate) fn is_current(&self, id: KeyId) -> bool {
        self.ring().current.id == id
    }

    /// Forgets the master key that was replaced.
    pub(crate) fn end_rotation(&self) {
        self.ring.write().unwrap_or_else(PoisonError::into_inner).retiring = None;
    }

    fn ring(&self) -> Ring {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Seals a value for its place under the database's data key.
    pub(crate) fn seal(&self, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>> {
        self.data.seal(place, value)
    }

    /// Seals a secret for its place, in an envelope of its own.
    ///
    /// To be called by the writing thread, in the job that writes it: what was wrapped before a rotation began and written
    /// after it ended would be lost.
    pub(crate) fn seal_secret(&self, place: Place<'_>, value: &[u8]) -> Result<Vec<u8>> {
        let key = ValueKey::generate()?;
        let mut out = self.wrap(place, &key)?;
        out.extend_from_slice(&key.seal(place, value)?);
        Ok(out)
    }

    /// The header of a value that `key` sealed. As for [`seal_secret`](Self::seal_secret), by the writing thread.
    pub(crate) fn wrap(&self, place: Place<'_>, key: &ValueKey) -> Result<Vec<u8>> {
        self.ring().current.wrap(place, key)
    }

    /// The key in a value's header.
    pub(crate) fn unwrap(&self, place: Place<'_>, header: &[u8]) -> Result<ValueKey> {
        let (prefix, rest) = header.split_first_chunk::<PREFIX_LEN>().ok_or_else(|| place.unreadable())?;
        let wrapped = rest.get(..HEADER_LEN - PREFIX_LEN).ok_or_else(|| place.unreadable())?;
        let ring = self.ring();
        let known = [Some(&ring.current), ring.retiring.as_ref()].into_iter().flatten();
        let mut fitting = known.filter(|w| &w.prefix() == prefix);
        fitting.next().ok_or_else(|| place.unreadable())?.unwrap(place, wrapped)
    }

    /// The same value, its key wrapped with the current master key.
    pub(crate) fn rewrap(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        let mut out = self.wrap(place, &self.unwrap(place, sealed)?)?;
        out.extend_from_slice(sealed.get(HEADER_LEN..).unwrap_or_default());
        Ok(out)
    }

    /// Opens what was sealed for this place, in either layout.
    pub(crate) fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>> {
        match sealed.split_first() {
            None => Err(place.unreadable()),
            Some((&PLAIN, rest)) => self.data.open(place, rest),
            Some((&ENVELOPE, _)) => {
                let body = sealed.get(HEADER_LEN..).ok_or_else(|| place.unreadable())?;
                self.unwrap(place, sealed)?.open(place, body)
            }
            Some((layout, _)) => Err(failed(&format!(
                "a sealed value of {}.{} has the unknown layout {layout}",
                place.table, place.column
            ))),
        }
    }
}

fn failed(what: &str) -> StoreError {
    StoreError::Other(what.to_owned())
}

fn fill(bytes: &mut [u8]) -> Result<()> {
    SystemRandom::new().fill(bytes).map_err(|_| failed("the system gave no random numbers"))
}

#[cfg(test)]
mod tests;
