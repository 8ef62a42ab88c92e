//! Keys, files and copies as others use them: a rotation that is killed, a backup amid writes, a restore.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs)]

mod conformance;

use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use conformance::{app, at, delivery};
use jackfield_store::{
    Filter, KeySource, KeySources, MAX_FILE, NewFile, Owner, SqliteStore, Store as _, StoreError, VaultStore as _,
    restore,
};

const CHILD: &str = "JACKFIELD_STORE_TEST_CHILD";
const CANARY: &str = "canary-of-the-vault-5d41402a";

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|w| w == part.as_bytes())
}

/// What the killed process does: rotates its key again and again, and sets secrets meanwhile.
async fn rotate_for_ever(dir: &Path) {
    let store = Arc::new(SqliteStore::open(dir).unwrap());
    let writer = Arc::clone(&store);
    tokio::spawn(async move {
        for n in 0u64.. {
            let name = format!("n{}", n % 50);
            writer.put_named_secret(&name, format!("{name} {n}").into(), at(0)).await.unwrap();
            println!("set {name} {n}");
        }
    });
    loop {
        if store.keys().await.unwrap().rotation.is_none() {
            store.rotate_key(None).await.unwrap();
        }
        while store.rewrap(3).await.unwrap() {}
        println!("rotated");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_amid_rotations_it_opens_with_what_is_on_the_disk() {
    if let Some(dir) = env::var_os(CHILD) {
        return rotate_for_ever(Path::new(&dir)).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let fixed: Vec<_> = (0..40).map(|i| (format!("s{i}"), format!("fixed {i}").into())).collect();
    store.put_app(app("a"), fixed).await.unwrap();
    store.close().await.unwrap();
    let (mut rotations, mut amid) = (0, 0);
    let mut set: BTreeMap<String, u64> = BTreeMap::new();
    for round in 0..25u64 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed_amid_rotations_it_opens_with_what_is_on_the_disk", "--nocapture"])
            .env(CHILD, dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = child.stdout.take().unwrap();
        // The child is killed from here, whatever it is at.
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(60 + round * 7 % 90));
            child.kill().unwrap();
            child.wait().unwrap()
        });
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let words: Vec<&str> = line.split(' ').collect();
            match words[..] {
                ["rotated"] => rotations += 1,
                ["set", name, n] => drop(n.parse().map(|n| set.insert(name.to_owned(), n))),
                _ => {}
            }
        }
        assert!(!killer.join().unwrap().success());

        let store = SqliteStore::open(dir.path()).unwrap();
        amid += usize::from(store.keys().await.unwrap().rotation.is_some());
        let owner = Owner::App("a".into());
        for i in 0..40 {
            let found = store.secrets(&owner, &format!("s{i}")).await.unwrap();
            assert_eq!(found[0].expose_str().unwrap(), format!("fixed {i}"));
        }
        for (name, n) in &set {
            let found = store.named_secret(name).await.unwrap();
            let (said, written) = found.expose_str().unwrap().split_once(' ').unwrap();
            assert_eq!(said, name);
            assert!(written.parse::<u64>().unwrap() >= *n, "{name}: an acknowledged value is there, or a later one");
        }
        set.clear();
        store.close().await.unwrap();
    }
    println!("{rotations} rotations over 25 kills, {amid} of them amid one");
    assert!(rotations > 0 && amid > 0, "the kills came amid rotations: {rotations}, {amid}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_taken_amid_writes_has_all_that_was_acknowledged_and_tells_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (from, to) = (dir.path().join("from"), dir.path().join("to"));
    let store = Arc::new(SqliteStore::open(&from).unwrap());
    store.put_named_secret("s", CANARY.into(), at(0)).await.unwrap();
    let file =
        NewFile { name: "f".into(), media_type: "text/plain".into(), encrypted: true, connection: None, at: at(0) };
    let handle = store.put_file(file, CANARY.repeat(1000).into()).await.unwrap().id;
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(std::sync::Mutex::new(Vec::new())));
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let (store, stop, acknowledged) = (Arc::clone(&store), Arc::clone(&stop), Arc::clone(&acknowledged));
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let mut new = delivery(None);
                    new.body = CANARY.repeat(20).into();
                    let id = store.keep(new).await.unwrap().delivery;
                    acknowledged.lock().unwrap().push(id);
                }
            })
        })
        .collect();
    while acknowledged.lock().unwrap().len() < 2000 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let before = acknowledged.lock().unwrap().clone();
    let copy = dir.path().join("copy");
    let keys = store.backup(&copy).await.unwrap();
    let during = acknowledged.lock().unwrap().len() - before.len();
    stop.store(true, Ordering::Relaxed);
    for w in writers {
        w.await.unwrap();
    }
    println!("{} acknowledged before the copy, {during} while it was taken", before.len());
    assert!(during > 0, "writes went on meanwhile");
    assert_eq!(keys, [store.keys().await.unwrap().current.id]);
    assert!(matches!(store.backup(&copy).await, Err(StoreError::Unwritable(_))), "it is never replaced");
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&copy).unwrap().permissions()) & 0o777, 0o600);
    assert!(!contains(&fs::read(&copy).unwrap(), CANARY));

    // Without the key, with another one, with the right one.
    let sources = KeySources::new(&to);
    let refused = restore(&to, &copy, &sources, false).await.unwrap_err();
    assert!(matches!(&refused, StoreError::WrongKey(t) if t.contains(&keys[0])), "{refused}");
    SqliteStore::open(&dir.path().join("other")).unwrap();
    fs::copy(dir.path().join("other/key"), to.join("key")).unwrap();
    assert!(matches!(restore(&to, &copy, &sources, false).await, Err(StoreError::WrongKey(_))));
    assert!(!to.join("jackfield.db").exists(), "nothing is there before everything is checked");
    fs::copy(from.join("key"), to.join("key")).unwrap();
    let restored = restore(&to, &copy, &sources, false).await.unwrap();
    assert_eq!((&restored.keys, restored.replaced), (&keys, false));
    let again = SqliteStore::open(&to).unwrap();
    for id in &before {
        assert_eq!(again.delivery(*id).await.unwrap().1, CANARY.repeat(20));
    }
    assert_eq!(again.named_secret("s").await.unwrap().expose(), CANARY.as_bytes());
    assert_eq!(again.file(&handle).await.unwrap().1, CANARY.repeat(1000));
    assert!(!again.events(Filter { limit: 1, ..Filter::default() }).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_restore_checks_before_it_replaces() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let store = SqliteStore::open(&state).unwrap();
    store.put_named_secret("s", "one".into(), at(0)).await.unwrap();
    let copy = dir.path().join("copy");
    store.backup(&copy).await.unwrap();
    store.put_named_secret("s", "two".into(), at(0)).await.unwrap();
    let sources = KeySources::new(&state);
    assert!(matches!(restore(&state, &copy, &sources, true).await, Err(StoreError::Locked)), "a gateway runs");
    // As a killed process leaves it: with a log that holds the newest writes.
    fs::copy(state.join("jackfield.db-wal"), dir.path().join("wal")).unwrap();
    store.close().await.unwrap();
    fs::copy(dir.path().join("wal"), state.join("jackfield.db-wal")).unwrap();
    assert!(matches!(restore(&state, &copy, &sources, false).await, Err(StoreError::Conflict(_))));

    let cut = dir.path().join("cut");
    let whole = fs::read(&copy).unwrap();
    fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let mut damaged = whole.clone();
    let middle = whole.len() / 2;
    damaged[middle..middle + 4096].fill(0xaa);
    fs::write(dir.path().join("damaged"), damaged).unwrap();
    fs::write(dir.path().join("text"), "no database").unwrap();
    rusqlite::Connection::open(dir.path().join("foreign")).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    for wrong in ["cut", "damaged", "text", "foreign", "absent"] {
        let refused = restore(&state, &dir.path().join(wrong), &sources, true).await.unwrap_err();
        assert!(refused.to_string().contains(wrong), "{refused}");
    }
    let newer = dir.path().join("newer");
    fs::copy(&copy, &newer).unwrap();
    rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 999).unwrap();
    assert!(matches!(restore(&state, &newer, &sources, true).await, Err(StoreError::Newer { found: 999, .. })));
    let store = SqliteStore::open(&state).unwrap();
    assert_eq!(store.named_secret("s").await.unwrap().expose(), b"two", "nothing was touched");
    drop(store);

    assert!(restore(&state, &copy, &sources, true).await.unwrap().replaced);
    let store = SqliteStore::open(&state).unwrap();
    assert_eq!(store.named_secret("s").await.unwrap().expose(), b"one");
    let names: Vec<_> = fs::read_dir(&state).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().all(|n| !n.starts_with("draft-")), "{names:?}");
}

#[tokio::test]
async fn files_are_kept_whole_and_within_bounds() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    let new = |name: &str, encrypted| NewFile {
        name: name.into(),
        media_type: "text/plain".into(),
        encrypted,
        connection: None,
        at: at(1),
    };
    let plain = store.put_file(new("a.txt", false), CANARY.into()).await.unwrap();
    let hidden = store.put_file(new("b.txt", true), CANARY.into()).await.unwrap();
    assert_eq!(plain.size, CANARY.len() as u64);
    assert_eq!(plain.sha256.as_deref().map(str::len), Some(64));
    assert_eq!(hidden.sha256, None, "a hash would tell a guess from a miss");
    assert_eq!(store.files().await.unwrap(), [hidden.clone(), plain.clone()]);
    assert_eq!(store.file(&plain.id).await.unwrap(), (plain.clone(), CANARY.into()));
    for wrong in ["", "file_", "file_zz", "../key", &plain.id.to_uppercase(), "file_0189c5c0a1b27abc8123456789abcdef"] {
        assert!(matches!(store.file(wrong).await, Err(StoreError::NotFound("file", _))), "{wrong}");
    }
    assert!(matches!(store.put_file(new("x", false), vec![0; MAX_FILE + 1].into()).await, Err(StoreError::Invalid(_))));
    store.put_file(new("x", false), vec![0; MAX_FILE].into()).await.unwrap();
    assert!(matches!(store.put_file(new("a\nb", false), "".into()).await, Err(StoreError::Invalid(_))));
    let foreign = NewFile { connection: Some("nobody".into()), ..new("x", false) };
    assert!(matches!(store.put_file(foreign, "".into()).await, Err(StoreError::NotFound("connection", _))));

    // What refers to them keeps them.
    store.put_named_secret("s", "x".into(), at(0)).await.unwrap();
    let refer = vec![("key".into(), hidden.id.as_str().into()), ("token".into(), "secret://s".into())];
    store.put_app(app("a"), refer).await.unwrap();
    assert!(matches!(store.remove_file(&hidden.id).await, Err(StoreError::InUse("file", ..))));
    assert!(matches!(store.remove_named_secret("s").await, Err(StoreError::InUse("secret", ..))));
    assert_eq!(store.references().await.unwrap().len(), 2);
    store.delete_app("a").await.unwrap();
    store.remove_file(&hidden.id).await.unwrap();
    store.remove_named_secret("s").await.unwrap();
    assert!(matches!(store.remove_named_secret("s").await, Err(StoreError::NotFound(..))));
    store.close().await.unwrap();
    for entry in fs::read_dir(dir.path()).unwrap() {
        let path = entry.unwrap().path();
        assert!(!contains(&fs::read(&path).unwrap(), CANARY), "{}", path.display());
    }
    assert_eq!("file:/x".parse(), Ok(KeySource::Path("/x".into())));
}
