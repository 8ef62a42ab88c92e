//! Installations under way, and webhooks at services.

use connector_core::{Secret, hooks::Hook};
use jackfield_store::{
    StoreError,
    setup::{ChosenResource, HookState, Installation, InstallationSecrets, KeptHook, SetupStep},
};
use serde_json::json;
use uuid::Uuid;

use super::{Home, at, connection};

fn installation(connection: &str) -> Installation {
    Installation {
        id: Uuid::now_v7(),
        connector: "github".into(),
        connection: connection.into(),
        name: "Work".into(),
        update: false,
        app: None,
        method: Some("token".into()),
        step: SetupStep::Parameters,
        values: json!({"owner": "acme"}).as_object().unwrap().clone(),
        networks: Vec::new(),
        limits: Vec::new(),
        actions: None,
        triggers: Some(vec!["issues".into()]),
        resources: vec![ChosenResource { id: "acme/shop".into(), label: "acme/shop".into() }],
        sites: Vec::new(),
        granted: false,
        scopes: Vec::new(),
        identity: [("login".to_owned(), "mia".to_owned())].into(),
        account: None,
        applied: false,
        errors: Vec::new(),
        started_by: None,
        state_hash: None,
        ticket_hash: None,
        browser_hash: None,
        created_at: at(0),
        updated_at: at(0),
        expires_at: at(7 * 86_400),
        version: 0,
    }
}

fn secrets(token: &str) -> InstallationSecrets {
    InstallationSecrets {
        secrets: vec![("token".into(), Secret::from(token))],
        pending: Some(Secret::from("canary-pending")),
        granted: None,
    }
}

pub async fn an_installation_is_kept_with_its_secrets(home: &impl Home) {
    let store = home.open().await;
    let first = installation("work");
    assert!(store.put_installation(first.clone(), secrets("one")).await.unwrap());
    assert!(!store.put_installation(first.clone(), secrets("two")).await.unwrap(), "it is there already");
    store.close().await.unwrap();

    let store = home.open().await;
    let (read, kept) = store.installation(first.id).await.unwrap();
    assert_eq!(read, Installation { version: 1, ..first.clone() });
    assert_eq!(kept.secrets.len(), 1);
    assert!(kept.secrets[0].1.eq_constant_time(b"one"));
    assert!(kept.pending.unwrap().eq_constant_time(b"canary-pending"));
    assert!(kept.granted.is_none());
    let second = installation("other");
    store.put_installation(second.clone(), InstallationSecrets::default()).await.unwrap();
    let ids: Vec<Uuid> = store.installations().await.unwrap().iter().map(|i| i.id).collect();
    assert_eq!(ids, [second.id, first.id], "newest first");
    store.delete_installation(first.id).await.unwrap();
    store.delete_installation(first.id).await.unwrap();
    assert!(matches!(store.installation(first.id).await, Err(StoreError::NotFound("installation", _))));
}

pub async fn of_two_who_write_an_installation_one_does(home: &impl Home) {
    let store = home.open().await;
    store.put_installation(installation("work"), secrets("zero")).await.unwrap();
    let id = store.installations().await.unwrap()[0].id;
    let (read, _) = store.installation(id).await.unwrap();
    let (a, b) = tokio::join!(
        store.put_installation(Installation { name: "A".into(), ..read.clone() }, secrets("a")),
        store.put_installation(Installation { name: "B".into(), ..read.clone() }, secrets("b")),
    );
    assert!(a.unwrap() != b.unwrap());
    let (now, kept) = store.installation(id).await.unwrap();
    assert_eq!(now.version, 2);
    assert!(kept.secrets[0].1.eq_constant_time(now.name.to_lowercase().as_bytes()), "record and secrets are one write");
    assert!(!store.put_installation(read, secrets("late")).await.unwrap());
}

pub async fn hooks_go_with_their_connection(home: &impl Home) {
    let store = home.open().await;
    let hook = |resource: &str, state| KeptHook {
        connection: "work".into(),
        resource: ChosenResource { id: resource.into(), label: resource.into() },
        hook: (state == HookState::Installed).then(|| Hook {
            id: "7".into(),
            resource: Some(resource.into()),
            url: "https://gateway.example.com/webhooks/github/work".into(),
            triggers: vec!["issues".into()],
            expires_at: None,
        }),
        state,
        error: None,
        at: at(1),
    };
    assert!(matches!(store.put_hook(hook("a/b", HookState::Installing)).await, Err(StoreError::NotFound(..))));
    store.put_connection(connection("work", None), vec![]).await.unwrap();
    store.put_hook(hook("c/d", HookState::Installing)).await.unwrap();
    store.put_hook(hook("a/b", HookState::Installing)).await.unwrap();
    store.put_hook(hook("a/b", HookState::Installed)).await.unwrap();
    let want = [hook("a/b", HookState::Installed), hook("c/d", HookState::Installing)];
    assert_eq!(store.hooks("work").await.unwrap(), want);
    assert!(store.hooks("other").await.unwrap().is_empty());
    store.delete_hook("work", "c/d").await.unwrap();
    assert_eq!(store.hooks("work").await.unwrap().len(), 1);
    // Replacing the connection is no removal.
    store.put_connection(connection("work", None), vec![]).await.unwrap();
    assert_eq!(store.hooks("work").await.unwrap().len(), 1);
    store.delete_connection("work").await.unwrap();
    assert!(store.hooks("work").await.unwrap().is_empty());
}
