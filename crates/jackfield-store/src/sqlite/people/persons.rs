//! People and their invitations.

use jiff::Timestamp;
use rusqlite::{Connection, Row, ffi};
use uuid::Uuid;

use super::{
    super::{
        fail::{self, Done, Fail, nanos},
        filter::List,
    },
    sessions,
};
use crate::{
    StoreError,
    people::{CodeHash, Invitation, Person, Redeemed, Role},
};

/// The columns of a person; the password's hash stays where it is.
const COLUMNS: &str = "people.id, people.email, people.name, people.role, people.disabled,
    people.password IS NOT NULL AS has_password, people.created_at, people.updated_at, people.signed_in_at";

fn person(row: &Row<'_>) -> Done<Person> {
    Ok(Person {
        id: fail::id(row, "id")?,
        email: row.get("email")?,
        name: row.get("name")?,
        role: fail::named(row, "role")?,
        disabled: row.get("disabled")?,
        has_password: row.get("has_password")?,
        created_at: fail::time(row, "created_at")?,
        updated_at: fail::time(row, "updated_at")?,
        signed_in_at: fail::time_opt(row, "signed_in_at")?,
    })
}

pub(super) fn all(db: &Connection) -> Done<Vec<Person>> {
    List::new("person", &format!("SELECT {COLUMNS} FROM people")).rows(db, "email", usize::MAX, person)
}

fn find(db: &Connection, id: Uuid) -> Done<Option<Person>> {
    fail::first(db, &format!("SELECT {COLUMNS} FROM people WHERE id = ?1"), [id.as_bytes()], person)
}

pub(super) fn one(db: &Connection, id: Uuid) -> Done<Person> {
    find(db, id)?.ok_or_else(fail::not_found("person", id))
}

pub(super) fn by_email(db: &Connection, email: &str) -> Done<Option<(Person, Option<String>)>> {
    let sql = format!("SELECT {COLUMNS}, people.password FROM people WHERE email = ?1");
    fail::first(db, &sql, [email], |row| Ok((person(row)?, row.get("password")?)))
}

/// An address that is taken, in words; anything else as it is.
fn taken(e: rusqlite::Error) -> Fail {
    match e.sqlite_error().map(|e| e.extended_code) {
        Some(ffi::SQLITE_CONSTRAINT_UNIQUE) => {
            StoreError::Conflict("there is a person with that e-mail address already".into()).into()
        }
        _ => e.into(),
    }
}

pub(super) fn add(db: &Connection, p: &Person, password: Option<&str>) -> Done<()> {
    db.prepare_cached(
        "INSERT INTO people (id, email, name, role, disabled, password, created_at, updated_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute((
        p.id.as_bytes(),
        &p.email,
        &p.name,
        p.role.as_str(),
        p.disabled,
        password,
        nanos(p.created_at),
        nanos(p.updated_at),
    ))
    .map_err(taken)?;
    Ok(())
}

/// Whether an administrator who can sign in is there beside this person.
fn others_manage(db: &Connection, but: Uuid) -> Done<bool> {
    let sql = "SELECT count(*) FROM people WHERE role = 'admin' AND disabled = 0 AND password IS NOT NULL AND id != ?1";
    Ok(db.prepare_cached(sql)?.query_row([but.as_bytes()], |row| row.get::<_, i64>(0))? > 0)
}

fn manages(p: &Person) -> bool {
    p.role == Role::Admin && !p.disabled && p.has_password
}

fn keep_one(db: &Connection, before: &Person, stays: bool) -> Done<()> {
    if manages(before) && !stays && !others_manage(db, before.id)? {
        let why = "this is the last administrator who can sign in; make another one first";
        return Err(StoreError::Conflict(why.into()).into());
    }
    Ok(())
}

pub(super) fn change(db: &Connection, p: &Person) -> Done<()> {
    let before = one(db, p.id)?;
    keep_one(db, &before, p.role == Role::Admin && !p.disabled)?;
    db.prepare_cached(
        "UPDATE people SET email = ?2, name = ?3, role = ?4, disabled = ?5, updated_at = ?6 WHERE id = ?1",
    )?
    .execute((p.id.as_bytes(), &p.email, &p.name, p.role.as_str(), p.disabled, nanos(p.updated_at)))
    .map_err(taken)?;
    if p.disabled {
        sessions::end_all(db, p.id, None)?;
        forget_invitations(db, Some(p.id))?;
    }
    Ok(())
}

pub(super) fn set_password(db: &Connection, id: Uuid, hash: &str, keep: Option<Uuid>, at: Timestamp) -> Done<()> {
    let n = db.prepare_cached("UPDATE people SET password = ?2, updated_at = ?3 WHERE id = ?1")?.execute((
        id.as_bytes(),
        hash,
        nanos(at),
    ))?;
    if n == 0 {
        return Err(fail::not_found("person", id)());
    }
    sessions::end_all(db, id, keep)?;
    forget_invitations(db, Some(id))
}

pub(super) fn remove(db: &Connection, id: Uuid) -> Done<()> {
    keep_one(db, &one(db, id)?, false)?;
    db.prepare_cached("DELETE FROM people WHERE id = ?1")?.execute([id.as_bytes()])?;
    Ok(())
}

pub(super) fn signed_in(db: &Connection, id: Uuid, at: Timestamp) -> Done<()> {
    db.prepare_cached("UPDATE people SET signed_in_at = ?2 WHERE id = ?1")?.execute((id.as_bytes(), nanos(at)))?;
    Ok(())
}

fn forget_invitations(db: &Connection, person: Option<Uuid>) -> Done<()> {
    db.prepare_cached("DELETE FROM invitations WHERE person IS ?1")?.execute([person.map(Uuid::into_bytes)])?;
    Ok(())
}

pub(super) fn invite(db: &Connection, i: &Invitation) -> Done<()> {
    if let Some(id) = i.person {
        one(db, id)?;
    } else {
        nobody_yet(db)?;
    }
    forget_invitations(db, i.person)?;
    db.prepare_cached("INSERT INTO invitations (code, person, expires_at) VALUES (?1, ?2, ?3)")?.execute((
        i.code,
        i.person.map(Uuid::into_bytes),
        nanos(i.expires_at),
    ))?;
    Ok(())
}

fn nobody_yet(db: &Connection) -> Done<()> {
    let n: i64 = db.prepare_cached("SELECT count(*) FROM people")?.query_row([], |row| row.get(0))?;
    if n > 0 {
        return Err(
            StoreError::Conflict("there is a first administrator already; ask them for an invitation".into()).into()
        );
    }
    Ok(())
}

pub(super) fn invitation(db: &Connection, code: CodeHash, now: Timestamp) -> Done<Option<Invitation>> {
    let sql = "SELECT person, expires_at FROM invitations WHERE code = ?1 AND expires_at > ?2";
    fail::first(db, sql, (code, nanos(now)), |row| {
        Ok(Invitation {
            code,
            person: row.get::<_, Option<[u8; 16]>>("person")?.map(Uuid::from_bytes),
            expires_at: fail::time(row, "expires_at")?,
        })
    })
}

pub(super) fn redeem(db: &Connection, code: CodeHash, by: &Redeemed, now: Timestamp) -> Done<Person> {
    let ended = || Fail::from(StoreError::NotFound("invitation", "of that code".into()));
    let found = invitation(db, code, now)?.ok_or_else(ended)?;
    db.prepare_cached("DELETE FROM invitations WHERE code = ?1")?.execute([code])?;
    match (found.person, &by.first) {
        (Some(id), _) => {
            set_password(db, id, &by.password, None, now)?;
            one(db, id)
        }
        (None, Some(first)) => {
            nobody_yet(db)?;
            add(db, first, Some(&by.password))?;
            one(db, first.id)
        }
        (None, None) => Err(StoreError::Invalid("the first administrator's name and address are needed".into()).into()),
    }
}
