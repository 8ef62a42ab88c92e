//! Installations under way, webhooks at services.

use async_trait::async_trait;
use connector_core::Secret;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    SqliteStore,
    fail::{self, Done, not_found, stored},
    filter::List,
};
use crate::{
    Result,
    seal::{Place, Sealer},
    setup::{Installation, InstallationSecrets, KeptHook, SetupStore},
};

/// How the secrets of an installation are written before they are sealed.
#[derive(Serialize, Deserialize)]
struct Written {
    secrets: Vec<(String, Vec<u8>)>,
    pending: Option<Vec<u8>>,
    granted: Option<Vec<u8>>,
}

/// Whose they are, as the keys' rotation names it.
fn name(installation: &Uuid) -> String {
    installation.simple().encode_upper(&mut Uuid::encode_buffer()).to_owned()
}

/// Sealed to the installation and to this very write.
fn place<'a>(name: &'a str, value_id: &'a Uuid) -> Place<'a> {
    Place { name: name.as_bytes(), ..Place::of("installations", "secrets", value_id) }
}

fn seal(sealer: &Sealer, id: &Uuid, value_id: &Uuid, s: &InstallationSecrets) -> Done<Vec<u8>> {
    let bytes = |s: &Secret| s.expose().to_vec();
    let written = Written {
        secrets: s.secrets.iter().map(|(name, s)| (name.clone(), bytes(s))).collect(),
        pending: s.pending.as_ref().map(bytes),
        granted: s.granted.as_ref().map(bytes),
    };
    let json = Zeroizing::new(serde_json::to_vec(&written)?);
    Ok(sealer.seal_secret(place(&name(id), value_id), &json)?)
}

fn open(sealer: &Sealer, id: &Uuid, row: &Row<'_>) -> Done<InstallationSecrets> {
    let value_id = fail::id(row, "value_id")?;
    let json = Zeroizing::new(fail::open(sealer, place(&name(id), &value_id), row, "sealed_secrets")?);
    let written: Written = serde_json::from_slice(&json)?;
    Ok(InstallationSecrets {
        secrets: written.secrets.into_iter().map(|(name, bytes)| (name, Secret::new(bytes))).collect(),
        pending: written.pending.map(Secret::new),
        granted: written.granted.map(Secret::new),
    })
}

fn read(row: &Row<'_>) -> Done<Installation> {
    let mut installation: Installation = fail::json(row, "record")?;
    installation.version = fail::count(row, "version")?;
    Ok(installation)
}

fn one(db: &Connection, sealer: &Sealer, id: Uuid) -> Done<(Installation, InstallationSecrets)> {
    fail::first(db, "SELECT * FROM installations WHERE id = ?1", [id.as_bytes()], |row| {
        Ok((read(row)?, open(sealer, &id, row)?))
    })?
    .ok_or_else(not_found("installation", id))
}

fn put(db: &Connection, sealer: &Sealer, i: &Installation, secrets: &InstallationSecrets) -> Done<bool> {
    let value_id = Uuid::now_v7();
    let sealed = seal(sealer, &i.id, &value_id, secrets)?;
    let record = serde_json::to_string(i)?;
    let written = match i.version {
        0 => db
            .prepare_cached(
                "INSERT INTO installations (id, version, record, value_id, sealed_secrets) VALUES (?1, 1, ?2, ?3, ?4)
                 ON CONFLICT (id) DO NOTHING",
            )?
            .execute((i.id.as_bytes(), record, value_id.as_bytes(), sealed))?,
        version => db
            .prepare_cached(
                "UPDATE installations SET version = version + 1, record = ?2, value_id = ?3, sealed_secrets = ?4
                 WHERE id = ?1 AND version = ?5",
            )?
            .execute((i.id.as_bytes(), record, value_id.as_bytes(), sealed, stored(version)))?,
    };
    Ok(written > 0)
}

fn put_hook(db: &Connection, hook: &KeptHook) -> Done<()> {
    super::config::connection(db, &hook.connection)?;
    db.prepare_cached(
        "INSERT INTO hooks (connection, resource, record) VALUES (?1, ?2, ?3)
         ON CONFLICT (connection, resource) DO UPDATE SET record = excluded.record",
    )?
    .execute((&hook.connection, &hook.resource.id, serde_json::to_string(hook)?))?;
    Ok(())
}

fn hooks(db: &Connection, connection: &str) -> Done<Vec<KeptHook>> {
    let mut statement = db.prepare_cached("SELECT record FROM hooks WHERE connection = ?1 ORDER BY resource")?;
    let mut rows = statement.query([connection])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.extend(fail::unless_damaged("webhook", format_args!("of {connection}"), fail::json(row, "record"))?);
    }
    Ok(out)
}

#[async_trait]
impl SetupStore for SqliteStore {
    async fn installations(&self) -> Result<Vec<Installation>> {
        self.read(|db| {
            List::new("installation", "SELECT * FROM installations").rows(db, "id DESC", super::filter::MAX, read)
        })
        .await
    }

    async fn installation(&self, id: Uuid) -> Result<(Installation, InstallationSecrets)> {
        self.unseal(move |db, sealer| one(db, sealer, id)).await
    }

    async fn put_installation(&self, installation: Installation, secrets: InstallationSecrets) -> Result<bool> {
        self.write_sealed(move |db, sealer| put(db, sealer, &installation, &secrets)).await
    }

    async fn delete_installation(&self, id: Uuid) -> Result<()> {
        self.write(move |db| {
            db.prepare_cached("DELETE FROM installations WHERE id = ?1")?.execute([id.as_bytes()])?;
            Ok(())
        })
        .await
    }

    async fn put_hook(&self, hook: KeptHook) -> Result<()> {
        self.write(move |db| put_hook(db, &hook)).await
    }

    async fn hooks(&self, connection: &str) -> Result<Vec<KeptHook>> {
        let connection = connection.to_owned();
        self.read(move |db| hooks(db, &connection)).await
    }

    async fn delete_hook(&self, connection: &str, resource: &str) -> Result<()> {
        let (connection, resource) = (connection.to_owned(), resource.to_owned());
        self.write(move |db| {
            db.prepare_cached("DELETE FROM hooks WHERE connection = ?1 AND resource = ?2")?
                .execute((connection, resource))?;
            Ok(())
        })
        .await
    }
}
