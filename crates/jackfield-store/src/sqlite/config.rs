//! Apps, connections, flows and settings.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value};

use super::{
    fail::{self, Done, nanos, not_found},
    secrets::{self, SealedSecret},
};
use crate::{App, Connection as Account, Flow, Owner, StoreError, seal::Sealer};

fn all<T>(db: &Connection, sql: &str, what: &'static str, read: fn(&Row<'_>) -> Done<T>) -> Done<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut out = Vec::new();
    while let Some(row) = rows.next()? {
        out.extend(fail::unless_damaged(what, fail::shown_id(row), read(row))?);
    }
    Ok(out)
}

fn one<T>(db: &Connection, sql: &str, what: &'static str, id: &str, read: fn(&Row<'_>) -> Done<T>) -> Done<T> {
    fail::first(db, sql, [id], read)?.ok_or_else(not_found(what, id))
}

fn delete(db: &Connection, sql: &str, what: &'static str, id: &str) -> Done<()> {
    match db.prepare_cached(sql)?.execute([id])? {
        0 => Err(StoreError::NotFound(what, id.to_owned()).into()),
        _ => Ok(()),
    }
}

// --- apps

fn read_app(row: &Row<'_>) -> Done<App> {
    Ok(App {
        id: row.get("id")?,
        connector: row.get("connector")?,
        name: row.get("name")?,
        values: fail::json(row, "app_values")?,
        created_at: fail::time(row, "created_at")?,
        updated_at: fail::time(row, "updated_at")?,
    })
}

pub(super) fn apps(db: &Connection) -> Done<Vec<App>> {
    all(db, "SELECT * FROM apps ORDER BY id", "app", read_app)
}

pub(super) fn app(db: &Connection, id: &str) -> Done<App> {
    one(db, "SELECT * FROM apps WHERE id = ?1", "app", id, read_app)
}

pub(super) fn put_app(db: &Connection, sealer: &Sealer, app: &App, secrets: &[SealedSecret]) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO apps (id, connector, name, app_values, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET connector = excluded.connector, name = excluded.name,
            app_values = excluded.app_values, updated_at = excluded.updated_at",
    )?
    .execute((
        &app.id,
        &app.connector,
        &app.name,
        serde_json::to_string(&app.values)?,
        nanos(app.created_at),
        nanos(app.updated_at),
    ))?;
    secrets.iter().try_for_each(|secret| secret.put(db, sealer))
}

pub(super) fn delete_app(db: &Connection, id: &str) -> Done<()> {
    let sql = "SELECT id FROM connections WHERE app = ?1 ORDER BY id LIMIT 1";
    if let Some(user) = fail::first(db, sql, [id], |row| Ok(row.get::<_, String>(0)?))? {
        return Err(StoreError::InUse("app", id.to_owned(), format!("connection `{user}`")).into());
    }
    delete(db, "DELETE FROM apps WHERE id = ?1", "app", id)?;
    secrets::delete_all(db, &Owner::App(id.to_owned()))
}

// --- connections

fn read_connection(row: &Row<'_>) -> Done<Account> {
    Ok(Account {
        id: row.get("id")?,
        connector: row.get("connector")?,
        name: row.get("name")?,
        app: row.get("app")?,
        values: fail::json(row, "conn_values")?,
        networks: fail::json(row, "networks")?,
        limits: fail::json(row, "limits")?,
        identity: fail::json(row, "identity")?,
        account: row.get("account")?,
        enabled: row.get("enabled")?,
        auth: row.get("auth")?,
        params_version: row.get("params_version")?,
        created_at: fail::time(row, "created_at")?,
        updated_at: fail::time(row, "updated_at")?,
    })
}

pub(super) fn connections(db: &Connection) -> Done<Vec<Account>> {
    all(db, "SELECT * FROM connections ORDER BY id", "connection", read_connection)
}

pub(super) fn connection(db: &Connection, id: &str) -> Done<Account> {
    one(db, "SELECT * FROM connections WHERE id = ?1", "connection", id, read_connection)
}

pub(super) fn put_connection(db: &Connection, sealer: &Sealer, c: &Account, secrets: &[SealedSecret]) -> Done<()> {
    if let Some(app_id) = &c.app {
        app(db, app_id)?;
    }
    db.prepare_cached(
        "INSERT INTO connections (id, connector, name, app, conn_values, identity, account, enabled, created_at, updated_at,
            networks, limits, auth, params_version)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         ON CONFLICT (id) DO UPDATE SET connector = excluded.connector, name = excluded.name, app = excluded.app,
            conn_values = excluded.conn_values, identity = excluded.identity, account = excluded.account,
            enabled = excluded.enabled, updated_at = excluded.updated_at, networks = excluded.networks,
            limits = excluded.limits, auth = excluded.auth, params_version = excluded.params_version",
    )?
    .execute((
        &c.id,
        &c.connector,
        &c.name,
        &c.app,
        serde_json::to_string(&c.values)?,
        serde_json::to_string(&c.identity)?,
        &c.account,
        c.enabled,
        nanos(c.created_at),
        nanos(c.updated_at),
        serde_json::to_string(&c.networks)?,
        serde_json::to_string(&c.limits)?,
        &c.auth,
        c.params_version,
    ))?;
    secrets.iter().try_for_each(|secret| secret.put(db, sealer))
}

/// Sets what a validator learned, unless the connection was changed since it looked.
pub(super) fn learn(
    db: &Connection,
    id: &str,
    unchanged_since: Timestamp,
    identity: &BTreeMap<String, String>,
    account: Option<&str>,
) -> Done<bool> {
    let learned = db
        .prepare_cached("UPDATE connections SET identity = ?3, account = ?4 WHERE id = ?1 AND updated_at = ?2")?
        .execute((id, nanos(unchanged_since), serde_json::to_string(identity)?, account))?;
    Ok(learned > 0)
}

/// Sets values of a newer version of the params, unless the connection was changed since they were made of its own.
pub(super) fn migrate_values(
    db: &Connection,
    id: &str,
    unchanged_since: Timestamp,
    values: &Map<String, Value>,
    params_version: u32,
) -> Done<bool> {
    let migrated = db
        .prepare_cached(
            "UPDATE connections SET conn_values = ?3, params_version = ?4
             WHERE id = ?1 AND updated_at = ?2 AND params_version < ?4",
        )?
        .execute((id, nanos(unchanged_since), serde_json::to_string(values)?, params_version))?;
    Ok(migrated > 0)
}

pub(super) fn delete_connection(db: &Connection, id: &str) -> Done<()> {
    delete(db, "DELETE FROM connections WHERE id = ?1", "connection", id)?;
    secrets::delete_all(db, &Owner::Connection(id.to_owned()))
}

// --- flows

fn read_flow(row: &Row<'_>) -> Done<Flow> {
    Ok(Flow {
        id: row.get("id")?,
        name: row.get("name")?,
        enabled: row.get("enabled")?,
        definition: fail::json(row, "definition")?,
        created_at: fail::time(row, "created_at")?,
        updated_at: fail::time(row, "updated_at")?,
    })
}

pub(super) fn flows(db: &Connection) -> Done<Vec<Flow>> {
    all(db, "SELECT * FROM flows ORDER BY id", "flow", read_flow)
}

pub(super) fn flow(db: &Connection, id: &str) -> Done<Flow> {
    one(db, "SELECT * FROM flows WHERE id = ?1", "flow", id, read_flow)
}

pub(super) fn put_flow(db: &Connection, flow: &Flow) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO flows (id, name, enabled, definition, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, enabled = excluded.enabled, definition = excluded.definition,
            updated_at = excluded.updated_at",
    )?
    .execute((
        &flow.id,
        &flow.name,
        flow.enabled,
        serde_json::to_string(&flow.definition)?,
        nanos(flow.created_at),
        nanos(flow.updated_at),
    ))?;
    Ok(())
}

pub(super) fn set_flow_enabled(db: &Connection, id: &str, enabled: bool, at: Timestamp) -> Done<Flow> {
    db.prepare_cached("UPDATE flows SET enabled = ?2, updated_at = ?3 WHERE id = ?1")?.execute((
        id,
        enabled,
        nanos(at),
    ))?;
    flow(db, id)
}

pub(super) fn delete_flow(db: &Connection, id: &str) -> Done<()> {
    delete(db, "DELETE FROM flows WHERE id = ?1", "flow", id)
}

// --- settings

pub(super) fn setting(db: &Connection, name: &str) -> Done<Option<Value>> {
    fail::first(db, "SELECT value FROM settings WHERE name = ?1", [name], |row| fail::json(row, "value"))
}

pub(super) fn put_setting(db: &Connection, name: &str, value: &Value) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )?
    .execute((name, value.to_string()))?;
    Ok(())
}
