//! Apps, connections, flows, secrets, settings.

use std::sync::Arc;

use connector_core::Secret;
use jackfield_store::{Flow, Owner, RunState, StoreError};
use serde_json::json;

use super::{Home, app, at, clear, connection};

pub async fn an_app_is_made_replaced_and_removed(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("b"), vec![("client_secret".into(), "one".into())]).await.unwrap();
    store.put_app(app("a"), vec![]).await.unwrap();
    assert_eq!(store.apps().await.unwrap(), [app("a"), app("b")]);

    let mut changed = app("b");
    changed.name = "Other".into();
    changed.created_at = at(50);
    changed.updated_at = at(50);
    store.put_app(changed.clone(), vec![("signing_secret".into(), "two".into())]).await.unwrap();
    changed.created_at = at(0);
    assert_eq!(store.app("b").await.unwrap(), changed, "when it was made is kept");
    let owner = Owner::App("b".into());
    assert_eq!(store.secret_names(&owner).await.unwrap(), ["client_secret", "signing_secret"]);
    assert_eq!(clear(&store.secrets(&owner, "client_secret").await.unwrap()), ["one"]);

    store.delete_app("b").await.unwrap();
    assert_eq!(store.apps().await.unwrap(), [app("a")]);
    assert!(store.secret_names(&owner).await.unwrap().is_empty(), "its secrets go with it");
}

pub async fn an_app_in_use_stays(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("a"), vec![("s".into(), "x".into())]).await.unwrap();
    store.put_connection(connection("c", Some("a")), vec![]).await.unwrap();
    let refused = store.delete_app("a").await.unwrap_err();
    assert!(matches!(&refused, StoreError::InUse("app", id, by) if id == "a" && by.contains("`c`")), "{refused}");
    assert_eq!(store.secret_names(&Owner::App("a".into())).await.unwrap(), ["s"]);
    store.delete_connection("c").await.unwrap();
    store.delete_app("a").await.unwrap();
}

pub async fn a_connection_is_made_replaced_and_removed(home: &impl Home) {
    let store = home.open().await;
    let refused =
        store.put_connection(connection("c", Some("none")), vec![("s".into(), "x".into())]).await.unwrap_err();
    assert!(matches!(&refused, StoreError::NotFound("app", id) if id == "none"), "{refused}");
    assert!(store.connections().await.unwrap().is_empty());
    assert!(store.secret_names(&Owner::Connection("c".into())).await.unwrap().is_empty());

    store.put_app(app("a"), vec![]).await.unwrap();
    store.put_connection(connection("d", None), vec![]).await.unwrap();
    store.put_connection(connection("c", Some("a")), vec![("token".into(), "x".into())]).await.unwrap();
    assert_eq!(store.connections().await.unwrap(), [connection("c", Some("a")), connection("d", None)]);

    let mut changed = connection("c", None);
    changed.enabled = false;
    changed.account = None;
    changed.identity.clear();
    changed.created_at = at(9);
    changed.updated_at = "2026-03-01T10:00:00.123456789Z".parse().unwrap();
    store.put_connection(changed.clone(), vec![]).await.unwrap();
    changed.created_at = at(0);
    assert_eq!(store.connection("c").await.unwrap(), changed);
    let owner = Owner::Connection("c".into());
    assert_eq!(clear(&store.secrets(&owner, "token").await.unwrap()), ["x"], "others stay");

    store.delete_connection("c").await.unwrap();
    assert!(store.secrets(&owner, "token").await.unwrap().is_empty());
    assert_eq!(store.connections().await.unwrap(), [connection("d", None)]);
}

pub async fn a_flow_is_made_replaced_and_removed(home: &impl Home) {
    let store = home.open().await;
    let mut flow = Flow {
        id: "f".into(),
        name: "F".into(),
        enabled: true,
        definition: json!({"on": ["github.issues.opened"], "do": [{"n": 1.5, "x": null}]}),
        created_at: at(0),
        updated_at: at(0),
    };
    store.put_flow(flow.clone()).await.unwrap();
    assert_eq!(store.flow("f").await.unwrap(), flow);
    flow.enabled = false;
    flow.updated_at = at(1);
    store.put_flow(flow.clone()).await.unwrap();
    assert_eq!(store.flows().await.unwrap(), [flow]);
    store.delete_flow("f").await.unwrap();
    assert!(store.flows().await.unwrap().is_empty());
}

pub async fn what_is_not_there_is_named(home: &impl Home) {
    let store = home.open().await;
    let id = uuid::Uuid::nil();
    let owner = Owner::Connection("nope".into());
    for (what, result) in [
        ("app", store.app("nope").await.map(drop)),
        ("app", store.delete_app("nope").await),
        ("connection", store.connection("nope").await.map(drop)),
        ("connection", store.delete_connection("nope").await),
        ("connection", store.set_secret(&owner, "s", "x".into(), false).await),
        ("connection", store.set_secret_if_absent(&owner, "s", "x".into()).await.map(drop)),
        ("secret", store.remove_secret(&owner, "s").await),
        ("flow", store.flow("nope").await.map(drop)),
        ("flow", store.delete_flow("nope").await),
        ("flow", store.set_flow_enabled("nope", true, at(0)).await.map(drop)),
        ("delivery", store.delivery(id).await.map(drop)),
        ("event", store.event(id).await.map(drop)),
        ("event", store.dispatched(id, vec![], at(0)).await),
        ("event", store.redispatch(id).await),
        ("run", store.run(id).await.map(drop)),
        ("run", store.requeue_run(id, at(0)).await.map(drop)),
        ("run", store.settle_run(id, RunState::Failed, at(0)).await.map(drop)),
    ] {
        assert!(matches!(result, Err(StoreError::NotFound(found, _)) if found == what), "{what}: {result:?}");
    }
    assert_eq!(store.setting("nope").await.unwrap(), None);
    assert!(store.secrets(&owner, "s").await.unwrap().is_empty());
}

pub async fn secrets_rotate(home: &impl Home) {
    let store = home.open().await;
    store.put_connection(connection("c", None), vec![]).await.unwrap();
    let owner = Owner::Connection("c".into());
    let set = |value: &'static str, rotate| store.set_secret(&owner, "s", value.into(), rotate);
    set("one", true).await.unwrap();
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["one"], "nothing was before it");
    set("two", true).await.unwrap();
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["two", "one"]);
    set("three", true).await.unwrap();
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["three", "two"], "two at most");
    store.end_rotation(&owner, "s").await.unwrap();
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["three"]);
    set("four", true).await.unwrap();
    set("five", false).await.unwrap();
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["five"], "set outright, it is the only one");
    assert_eq!(store.secret_names(&owner).await.unwrap(), ["s"]);

    let raw = [0, 159, 146, 150, 255];
    store.set_secret(&owner, "raw", Secret::new(raw), false).await.unwrap();
    assert_eq!(store.secrets(&owner, "raw").await.unwrap()[0].expose(), raw);
}

pub async fn a_rotation_asked_twice_is_one(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("a"), vec![("s".into(), "old".into())]).await.unwrap();
    let owner = Owner::App("a".into());
    for _ in 0..2 {
        store.set_secret(&owner, "s", "new".into(), true).await.unwrap();
        assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["new", "old"]);
    }
}

pub async fn secrets_belong_to_their_owner(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("same"), vec![("s".into(), "app's".into())]).await.unwrap();
    store.put_connection(connection("same", Some("same")), vec![("s".into(), "connection's".into())]).await.unwrap();
    let (of_app, of_connection) = (Owner::App("same".into()), Owner::Connection("same".into()));
    assert_eq!(clear(&store.secrets(&of_app, "s").await.unwrap()), ["app's"]);
    assert_eq!(clear(&store.secrets(&of_connection, "s").await.unwrap()), ["connection's"]);
    store.delete_connection("same").await.unwrap();
    assert_eq!(clear(&store.secrets(&of_app, "s").await.unwrap()), ["app's"]);
}

pub async fn settings_and_counts(home: &impl Home) {
    let store = home.open().await;
    store.put_setting("public_url", json!({"url": "https://example.com"})).await.unwrap();
    store.put_setting("public_url", json!(null)).await.unwrap();
    assert_eq!(store.setting("public_url").await.unwrap(), Some(json!(null)));
    store.put_app(app("a"), vec![("s".into(), "x".into())]).await.unwrap();
    let counts = store.counts().await.unwrap();
    let count = |table: &str| counts.get(table).copied();
    assert_eq!(
        (count("apps"), count("secrets"), count("settings"), count("events")),
        (Some(1), Some(1), Some(1), Some(0))
    );
    store.ready().await.unwrap();
    store.ready().await.unwrap();
}

pub async fn after_close_calls_fail(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("a"), vec![]).await.unwrap();
    store.close().await.unwrap();
    store.close().await.unwrap();
    assert!(store.apps().await.is_err());
    assert!(store.put_app(app("b"), vec![]).await.is_err());
    assert!(store.keep(super::delivery(None)).await.is_err());
    assert!(store.ready().await.is_err());
    let store = home.open().await;
    assert_eq!(store.apps().await.unwrap(), [app("a")]);
}

pub async fn the_same_secrets_put_again_keep_a_rotation(home: &impl Home) {
    let store = home.open().await;
    let secrets = |value: &str| vec![("s".to_owned(), Secret::from(value))];
    store.put_app(app("x"), secrets("old")).await.unwrap();
    store.put_connection(connection("x", Some("x")), secrets("old")).await.unwrap();
    let owners = [Owner::App("x".into()), Owner::Connection("x".into())];
    for owner in &owners {
        store.set_secret(owner, "s", "new".into(), true).await.unwrap();
    }
    let all = async || {
        let mut all = Vec::new();
        for owner in &owners {
            all.push(clear(&store.secrets(owner, "s").await.unwrap()).join(" "));
        }
        all
    };
    for _ in 0..2 {
        store.put_app(app("x"), secrets("new")).await.unwrap();
        store.put_connection(connection("x", Some("x")), secrets("new")).await.unwrap();
        assert_eq!(all().await, ["new old", "new old"]);
    }
    // The one before is another one than the current one.
    store.put_app(app("x"), secrets("old")).await.unwrap();
    store.put_connection(connection("x", Some("x")), secrets("newer")).await.unwrap();
    assert_eq!(all().await, ["old", "newer"]);
}

pub async fn a_secret_is_set_once_if_absent(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("a"), vec![]).await.unwrap();
    let owner = Owner::App("a".into());
    let tasks: Vec<_> = (0..20)
        .map(|i| {
            let (store, owner) = (Arc::clone(&store), owner.clone());
            tokio::spawn(async move {
                store.set_secret_if_absent(&owner, "s", format!("{i}").into()).await.unwrap().then_some(i)
            })
        })
        .collect();
    let mut set = Vec::new();
    for task in tasks {
        set.extend(task.await.unwrap());
    }
    assert_eq!(set.len(), 1, "one of them did");
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), [set[0].to_string()]);
    store.set_secret(&owner, "s", "next".into(), true).await.unwrap();
    assert!(!store.set_secret_if_absent(&owner, "s", "late".into()).await.unwrap());
    assert_eq!(clear(&store.secrets(&owner, "s").await.unwrap()), ["next".to_owned(), set[0].to_string()]);
}

pub async fn a_secret_is_removed(home: &impl Home) {
    let store = home.open().await;
    store.put_app(app("a"), vec![("s".into(), "one".into()), ("t".into(), "stays".into())]).await.unwrap();
    let owner = Owner::App("a".into());
    store.set_secret(&owner, "s", "two".into(), true).await.unwrap();
    store.remove_secret(&owner, "s").await.unwrap();
    assert!(store.secrets(&owner, "s").await.unwrap().is_empty(), "the one before as well");
    assert_eq!(store.secret_names(&owner).await.unwrap(), ["t"]);
    let again = store.remove_secret(&owner, "s").await;
    assert!(matches!(&again, Err(StoreError::NotFound("secret", name)) if name == "s"), "{again:?}");
    assert!(store.set_secret_if_absent(&owner, "s", "three".into()).await.unwrap());
}

pub async fn what_was_learned_of_an_older_connection_is_dropped(home: &impl Home) {
    let store = home.open().await;
    let mut kept = connection("c", None);
    kept.updated_at = "2026-03-01T10:00:00.123456789Z".parse().unwrap();
    store.put_connection(kept.clone(), vec![("s".into(), "x".into())]).await.unwrap();
    let looked_at = kept.updated_at;
    kept.identity = [("team_id".to_owned(), "T2".to_owned())].into();
    kept.account = None;
    let learn = |id: &'static str, since, account: Option<&str>| {
        store.learn(id, since, kept.identity.clone(), account.map(Into::into))
    };
    assert!(!learn("c", super::later(looked_at, 1), Some("too new")).await.unwrap());
    assert_eq!(store.connection("c").await.unwrap().account.as_deref(), Some("Acme"));
    assert!(learn("c", looked_at, None).await.unwrap());
    assert_eq!(store.connection("c").await.unwrap(), kept, "nothing else changes, nor its time");

    kept.enabled = false;
    kept.updated_at = at(60);
    store.put_connection(kept.clone(), vec![]).await.unwrap();
    assert!(!learn("c", looked_at, Some("old")).await.unwrap());
    assert_eq!(store.connection("c").await.unwrap(), kept);
    assert!(!learn("gone", looked_at, None).await.unwrap());
}

pub async fn a_flow_is_switched_and_nothing_else(home: &impl Home) {
    let store = home.open().await;
    let flow = |id: &str, enabled, second| Flow {
        id: id.into(),
        name: "F".into(),
        enabled,
        definition: json!({"on": ["x"]}),
        created_at: at(0),
        updated_at: at(second),
    };
    store.put_flow(flow("f", true, 0)).await.unwrap();
    store.put_flow(flow("g", true, 0)).await.unwrap();
    assert_eq!(store.set_flow_enabled("f", false, at(5)).await.unwrap(), flow("f", false, 5));
    assert_eq!(store.flows().await.unwrap(), [flow("f", false, 5), flow("g", true, 0)]);
    assert_eq!(store.set_flow_enabled("f", true, at(6)).await.unwrap(), flow("f", true, 6));
}
