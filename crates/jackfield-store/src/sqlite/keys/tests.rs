//! A rotation that is ended at each of its points, databases of version 1, keys that do not fit.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{fs, path::Path};

use connector_core::auth::{AuthState, TokenSet, TokenStatus, TokenStore as _};
use jiff::Timestamp;

use super::*;
use crate::{App, MasterKey, NewFile, Owner, SqliteStore, Store as _, VaultStore as _, sqlite::vault::tests::END_AT};

const OWNER: &str = "a";

async fn open(dir: &Path, sources: &KeySources) -> SqliteStore {
    SqliteStore::open_with(dir, sources.clone()).await.unwrap()
}

/// A value in every column that has envelopes. Returns the file's handle.
async fn fill(store: &SqliteStore) -> String {
    let at = Timestamp::UNIX_EPOCH;
    let app = App {
        id: OWNER.into(),
        connector: "c".into(),
        name: "n".into(),
        values: serde_json::Map::new(),
        created_at: at,
        updated_at: at,
    };
    let secrets = (0..20).map(|i| (format!("s{i}"), format!("value {i}").into())).collect();
    store.put_app(app, secrets).await.unwrap();
    store.set_secret(&Owner::App(OWNER.into()), "s0", "newer".into(), true).await.unwrap();
    store.put_named_secret("name", "named".into(), at).await.unwrap();
    store
        .write(|db| {
            db.execute(
                "INSERT INTO connections (id, connector, name, conn_values, identity, enabled, created_at, updated_at)
                 VALUES ('k', 'c', 'n', '{}', '{}', 1, 0, 0)",
                [],
            )?;
            Ok(())
        })
        .await
        .unwrap();
    let status = TokenStatus {
        unanswered: false,
        method: "m".into(),
        state: AuthState::Healthy,
        reason: None,
        since: at,
        obtained_at: at,
        expires_at: None,
        scopes: Vec::new(),
        failures: 0,
        not_before: None,
    };
    let tokens = TokenSet { access: vec![("t".into(), "access".into())], refresh: Some("refresh".into()) };
    store.put_token("k", 0, None, status, Some(tokens)).await.unwrap();
    let file = NewFile { name: "f".into(), media_type: "text/plain".into(), encrypted: true, connection: None, at };
    store.put_file(file, vec![9; 100_000].into()).await.unwrap().id
}

async fn all_open(store: &SqliteStore, file: &str) {
    let owner = Owner::App(OWNER.into());
    for i in 1..20 {
        assert_eq!(
            store.secrets(&owner, &format!("s{i}")).await.unwrap()[0].expose_str().unwrap(),
            format!("value {i}")
        );
    }
    let rotated = store.secrets(&owner, "s0").await.unwrap();
    assert_eq!((rotated[0].expose(), rotated[1].expose()), (&b"newer"[..], &b"value 0"[..]));
    assert_eq!(store.named_secret("name").await.unwrap().expose(), b"named");
    let token = store.token("k").await.unwrap().unwrap().tokens;
    assert_eq!((token.access[0].1.expose(), token.refresh.unwrap().expose()), (&b"access"[..], &b"refresh"[..]));
    assert_eq!(store.file(file).await.unwrap().1, vec![9; 100_000]);
}

async fn finish(store: &SqliteStore) {
    while store.rewrap(7).await.unwrap() {}
}

/// Ends a rotation at each of its points, as if the process were killed there, and opens what is on the disk.
async fn ended_everywhere(from: impl Fn(&Path) -> KeySources, to: impl Fn(&Path) -> KeySource) {
    for end_at in 1..=7 {
        let dir = tempfile::tempdir().unwrap();
        let sources = from(dir.path());
        let store = open(dir.path(), &sources).await;
        let file = fill(&store).await;
        let before = store.keys().await.unwrap().current;
        END_AT.set(end_at);
        let mut ended = store.rotate_key(Some(to(dir.path()))).await.is_err();
        for _ in 0..100 {
            if ended {
                break;
            }
            match store.rewrap(7).await {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => ended = true,
            }
        }
        END_AT.set(0);
        assert_eq!(ended, end_at < 7, "point {end_at}");
        drop(store);

        let store = open(dir.path(), &sources).await;
        all_open(&store, &file).await;
        // What is written now is not lost either.
        store.put_named_secret("later", "x".into(), Timestamp::UNIX_EPOCH).await.unwrap();
        let status = store.keys().await.unwrap();
        assert_eq!(status.rotation.is_some(), (2..=4).contains(&end_at), "point {end_at}: {status:?}");
        if end_at == 1 {
            assert_eq!(status.current, before, "it had not begun");
            store.rotate_key(Some(to(dir.path()))).await.unwrap();
        }
        finish(&store).await;
        all_open(&store, &file).await;
        drop(store);

        let store = open(dir.path(), &sources).await;
        all_open(&store, &file).await;
        assert_eq!(store.named_secret("later").await.unwrap().expose(), b"x");
        let status = store.keys().await.unwrap();
        assert_eq!(status.rotation, None);
        assert_eq!(status.current.source, to(dir.path()).to_string());
        assert_ne!(status.current.id, before.id);
        assert!(!dir.path().join("key.next").exists(), "point {end_at}");
        let left = store.read(|db| values(db, &WRAPPED[0], "1", [])).await.unwrap();
        let current: KeyId = status.current.id.parse().unwrap();
        assert!(left.iter().all(|v| v.sealed.starts_with(&prefix(current))));
    }
}

#[tokio::test]
async fn a_rotation_of_the_key_file_may_end_anywhere() {
    ended_everywhere(KeySources::new, |_| KeySource::File).await;
}

#[tokio::test]
async fn a_rotation_to_another_file_may_end_anywhere() {
    ended_everywhere(KeySources::new, |dir| KeySource::Path(dir.join("elsewhere"))).await;
}

#[tokio::test]
async fn a_rotation_to_the_environment_may_end_anywhere() {
    let key = MasterKey::generate().unwrap();
    let sources = |dir: &Path| KeySources::new(dir).environment(vec![key.clone()]);
    ended_everywhere(sources, |_| KeySource::Environment).await;
}

#[tokio::test]
async fn a_rotation_is_seen_and_is_alone() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &KeySources::new(dir.path())).await;
    fill(&store).await;
    let old = store.keys().await.unwrap().current;
    let status = store.rotate_key(None).await.unwrap();
    let rotation = status.rotation.unwrap();
    // 21 of the app, a named one, a token, a file.
    assert_eq!((rotation.from.id.as_str(), rotation.done, rotation.total), (old.id.as_str(), 0, 24));
    assert!(matches!(store.rotate_key(None).await, Err(StoreError::Conflict(_))));
    assert!(store.rewrap(10).await.unwrap());
    assert_eq!(store.keys().await.unwrap().rotation.unwrap().done, 10);
    finish(&store).await;
    assert!(!store.rewrap(10).await.unwrap(), "none is under way");
    assert_ne!(MasterKey::load(&dir.path().join("key")).unwrap().unwrap().id().to_string(), old.id);
}

#[tokio::test]
async fn a_damaged_value_does_not_keep_the_old_key_alive() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &KeySources::new(dir.path())).await;
    let file = fill(&store).await;
    store
        .write(|db| {
            let sql = "UPDATE secrets SET sealed_value = CAST(substr(sealed_value, 1, 40) || zeroblob(80) AS BLOB) WHERE name = 's3'";
            db.execute(sql, [])?;
            Ok(())
        })
        .await
        .unwrap();
    store.rotate_key(None).await.unwrap();
    finish(&store).await;
    assert_eq!(store.keys().await.unwrap().rotation, None);
    assert!(store.secrets(&Owner::App(OWNER.into()), "s3").await.is_err());
    assert!(store.file(&file).await.is_ok());
}

/// Makes a database what version 1 left: the data key under the key file's, secrets without envelopes.
async fn downgrade(store: &SqliteStore, key: MasterKey, every: usize) {
    store
        .write_sealed(move |db, sealer| {
            for of in &WRAPPED[..2] {
                for value in values(db, of, "1", [])?.iter().step_by(every) {
                    let clear = sealer.open(value.place(of), &value.sealed)?;
                    value.write(db, of, &sealer.seal(value.place(of), &clear)?)?;
                }
            }
            if every == 1 {
                db.execute("DELETE FROM keys", [])?;
                let sealed = sealer.v1_data_key(&key)?;
                db.execute("INSERT INTO meta (name, value) VALUES ('data_key', ?1)", [sealed])?;
            }
            Ok(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_version_1_sealed_is_given_envelopes_when_it_is_opened() {
    // All of it, and some of it: as an upgrade that was killed leaves it.
    for every in [1, 3] {
        let dir = tempfile::tempdir().unwrap();
        let sources = KeySources::new(dir.path());
        let store = open(dir.path(), &sources).await;
        let file = fill(&store).await;
        let key = MasterKey::load(&dir.path().join("key")).unwrap().unwrap();
        downgrade(&store, key.clone(), every).await;
        let plain = |db: &rusqlite::Connection| values(db, &WRAPPED[0], "substr(sealed_value, 1, 1) = x'01'", []);
        assert!(!store.read(plain).await.unwrap().is_empty());
        drop(store);
        if every == 1 {
            let right = fs::read(dir.path().join("key")).unwrap();
            fs::remove_file(dir.path().join("key")).unwrap();
            let refused = SqliteStore::open(dir.path()).err().unwrap();
            assert!(matches!(&refused, StoreError::WrongKey(t) if t.contains("there is none")), "{refused}");
            assert!(!dir.path().join("key").exists());
            MasterKey::generate().unwrap().write_new(&dir.path().join("key")).unwrap();
            assert!(matches!(SqliteStore::open(dir.path()), Err(StoreError::WrongKey(_))));
            fs::write(dir.path().join("key"), right).unwrap();
        }
        let store = open(dir.path(), &sources).await;
        all_open(&store, &file).await;
        assert!(store.read(plain).await.unwrap().is_empty());
        assert_eq!(store.keys().await.unwrap().current.id, key.id().to_string());
    }
}

#[tokio::test]
async fn a_wrong_key_is_named_and_so_is_the_right_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("key");
    let right = open(dir.path(), &KeySources::new(dir.path())).await.keys().await.unwrap().current.id;
    fs::remove_file(&path).unwrap();
    let message = async |sources: KeySources| {
        let refused = SqliteStore::open_with(dir.path(), sources).await.err().unwrap();
        assert!(matches!(refused, StoreError::WrongKey(_)), "{refused}");
        let text = refused.to_string();
        assert!(text.contains(&right) && text.contains("Restore that key"), "{text}");
        text
    };
    assert!(message(KeySources::new(dir.path())).await.contains("there is no"));
    let other = MasterKey::generate().unwrap();
    other.write_new(&path).unwrap();
    assert!(message(KeySources::new(dir.path())).await.contains(&other.id().to_string()));
    let from_environment = KeySources::new(dir.path()).chosen(KeySource::Environment).environment(vec![other.clone()]);
    assert!(message(from_environment).await.contains("the environment holds"));
}

#[tokio::test]
async fn a_key_that_was_moved_is_found_and_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path(), &KeySources::new(dir.path())).await;
    let file = fill(&store).await;
    drop(store);
    let key = MasterKey::load(&dir.path().join("key")).unwrap().unwrap();
    fs::remove_file(dir.path().join("key")).unwrap();
    let sources = KeySources::new(dir.path()).chosen(KeySource::Environment).environment(vec![key]);
    let store = open(dir.path(), &sources).await;
    all_open(&store, &file).await;
    assert_eq!(store.keys().await.unwrap().current.source, "env");
}
