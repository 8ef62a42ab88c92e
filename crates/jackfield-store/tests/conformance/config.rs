//! Apps, connections, flows, secrets, settings.

use connector_core::Secret;
use jackfield_store::{Flow, Owner, StoreError};
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
        ("flow", store.flow("nope").await.map(drop)),
        ("flow", store.delete_flow("nope").await),
        ("delivery", store.delivery(id).await.map(drop)),
        ("event", store.event(id).await.map(drop)),
        ("event", store.dispatched(id, vec![], at(0)).await),
        ("event", store.redispatch(id).await),
        ("run", store.run(id).await.map(drop)),
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
