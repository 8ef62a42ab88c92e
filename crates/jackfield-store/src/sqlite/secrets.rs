//! Secrets of apps and connections: the current value and, while a rotation lasts, the one before.

use connector_core::Secret;
use rusqlite::Connection;
use uuid::Uuid;

use super::fail::{self, Done, not_found};
use crate::{
    Owner, Result,
    seal::{Place, Sealer},
};

const CURRENT: i64 = 0;
const PREVIOUS: i64 = 1;

fn key(owner: &Owner) -> (&'static str, &str) {
    match owner {
        Owner::App(id) => ("app", id),
        Owner::Connection(id) => ("connection", id),
    }
}

/// The name in the place of a value: whose it is and what it is called.
fn place_name(owner: &Owner, name: &str) -> Vec<u8> {
    let (kind, id) = key(owner);
    format!("{kind}/{id}/{name}").into_bytes()
}

fn place<'a>(value_id: &'a Uuid, place_name: &'a [u8]) -> Place<'a> {
    Place { name: place_name, ..Place::of("secrets", "value", value_id) }
}

/// A secret to be written. It is sealed when it is, see [`Sealer::seal_secret`].
pub(super) struct NewSecret {
    owner: Owner,
    name: String,
    clear: Secret,
}

impl NewSecret {
    pub(super) fn new(owner: Owner, name: String, clear: Secret) -> Self {
        Self { owner, name, clear }
    }

    pub(super) fn all(owner: &Owner, secrets: Vec<(String, Secret)>) -> Vec<Self> {
        secrets.into_iter().map(|(name, secret)| Self::new(owner.clone(), name, secret)).collect()
    }

    /// Makes it the only one.
    pub(super) fn set(&self, db: &Connection, sealer: &Sealer) -> Done<()> {
        delete_slot(db, &self.owner, &self.name, PREVIOUS)?;
        delete_slot(db, &self.owner, &self.name, CURRENT)?;
        self.insert(db, sealer)
    }

    /// Makes it the only one, unless it is the current one: then all stays, a rotation included.
    pub(super) fn put(&self, db: &Connection, sealer: &Sealer) -> Done<()> {
        if self.is_current(db, sealer)? { Ok(()) } else { self.set(db, sealer) }
    }

    /// Makes it the current one, if there is none. Returns whether it did.
    pub(super) fn set_if_absent(&self, db: &Connection, sealer: &Sealer) -> Done<bool> {
        let (kind, id) = key(&self.owner);
        let sql = "SELECT 1 FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3";
        if fail::first(db, sql, (kind, id, &self.name), |_| Ok(()))?.is_some() {
            return Ok(false);
        }
        self.insert(db, sealer)?;
        Ok(true)
    }

    /// Makes it the current one and keeps the one that was current as the previous one.
    pub(super) fn rotate(&self, db: &Connection, sealer: &Sealer) -> Done<()> {
        if self.is_current(db, sealer)? {
            // The same rotation asked for twice: to go on would lose the one before.
            return Ok(());
        }
        delete_slot(db, &self.owner, &self.name, PREVIOUS)?;
        let (kind, id) = key(&self.owner);
        db.prepare_cached(
            "UPDATE secrets SET slot = ?4 WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3 AND slot = ?5",
        )?
        .execute((kind, id, &self.name, PREVIOUS, CURRENT))?;
        self.insert(db, sealer)
    }

    fn is_current(&self, db: &Connection, sealer: &Sealer) -> Done<bool> {
        match values(db, sealer, &self.owner, &self.name) {
            Ok(values) => Ok(values.first().is_some_and(|current| current.eq_constant_time(self.clear.expose()))),
            // Setting it anew is how a damaged one is mended.
            Err(fail) if fail.unreadable => Ok(false),
            Err(fail) => Err(fail),
        }
    }

    fn insert(&self, db: &Connection, sealer: &Sealer) -> Done<()> {
        let (kind, id) = key(&self.owner);
        let value_id = Uuid::now_v7();
        let sealed = sealer.seal_secret(place(&value_id, &place_name(&self.owner, &self.name)), self.clear.expose())?;
        db.prepare_cached(
            "INSERT INTO secrets (owner_kind, owner_id, name, slot, value_id, sealed_value) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute((kind, id, &self.name, CURRENT, value_id.as_bytes(), sealed))?;
        Ok(())
    }
}

/// Refuses to give a secret to an owner that is not there (any more), where nothing would ever remove it.
pub(super) fn owner_exists(db: &Connection, owner: &Owner) -> Done<()> {
    let (sql, what, id) = match owner {
        Owner::App(id) => ("SELECT 1 FROM apps WHERE id = ?1", "app", id),
        Owner::Connection(id) => ("SELECT 1 FROM connections WHERE id = ?1", "connection", id),
    };
    fail::first(db, sql, [id], |_| Ok(()))?.ok_or_else(not_found(what, id))
}

/// Current first. A damaged previous one does not take the current one with it.
pub(super) fn values(db: &Connection, sealer: &Sealer, owner: &Owner, name: &str) -> Done<Vec<Secret>> {
    let (kind, id) = key(owner);
    let mut statement = db.prepare_cached(
        "SELECT slot, value_id, sealed_value FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3 ORDER BY slot",
    )?;
    let mut rows = statement.query((kind, id, name))?;
    let place_name = place_name(owner, name);
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        let value = fail::id(row, "value_id")
            .and_then(|value_id| fail::open(sealer, place(&value_id, &place_name), row, "sealed_value"))
            .map(Secret::new);
        match row.get::<_, i64>("slot")? {
            PREVIOUS => out.extend(fail::unless_damaged("previous secret", format_args!("{kind}/{id}/{name}"), value)?),
            _ => out.push(value?),
        }
    }
    Ok(out)
}

pub(super) fn names(db: &Connection, owner: &Owner) -> Done<Vec<String>> {
    let (kind, id) = key(owner);
    Ok(db
        .prepare_cached("SELECT DISTINCT name FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2 ORDER BY name")?
        .query_map((kind, id), |row| row.get(0))?
        .collect::<Result<_, _>>()?)
}

pub(super) fn end_rotation(db: &Connection, owner: &Owner, name: &str) -> Done<()> {
    delete_slot(db, owner, name, PREVIOUS)
}

/// Removes the current one and the one before.
pub(super) fn remove(db: &Connection, owner: &Owner, name: &str) -> Done<()> {
    let (kind, id) = key(owner);
    match db
        .prepare_cached("DELETE FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3")?
        .execute((kind, id, name))?
    {
        0 => Err(not_found("secret", name)()),
        _ => Ok(()),
    }
}

pub(super) fn delete_all(db: &Connection, owner: &Owner) -> Done<()> {
    let (kind, id) = key(owner);
    db.prepare_cached("DELETE FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2")?.execute((kind, id))?;
    Ok(())
}

fn delete_slot(db: &Connection, owner: &Owner, name: &str, slot: i64) -> Done<()> {
    let (kind, id) = key(owner);
    db.prepare_cached("DELETE FROM secrets WHERE owner_kind = ?1 AND owner_id = ?2 AND name = ?3 AND slot = ?4")?
        .execute((kind, id, name, slot))?;
    Ok(())
}
