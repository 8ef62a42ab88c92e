//! People, sessions, tokens and the audit log as they are kept.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

use jackfield_store::{
    PeopleStore as _, SqliteStore, StoreError,
    people::{
        ApiToken, AuditFilter, AuditKind, AuditLine, Invitation, MAX_SESSIONS, Person, Redeemed, Role, Scope, Session,
    },
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn person(email: &str, role: Role) -> Person {
    Person {
        id: Uuid::now_v7(),
        email: email.into(),
        name: email.into(),
        role,
        disabled: false,
        has_password: false,
        created_at: at(0),
        updated_at: at(0),
        signed_in_at: None,
    }
}

fn session(of: &Person, seen: i64) -> Session {
    Session {
        handle: Uuid::now_v7(),
        person: of.id,
        created_at: at(0),
        seen_at: at(seen),
        from: "192.0.2.1".into(),
        agent: "Firefox".into(),
    }
}

fn line(kind: AuditKind, when: i64, actor: &str) -> AuditLine {
    AuditLine {
        id: Uuid::now_v7(),
        at: at(when),
        kind,
        actor: actor.into(),
        actor_name: "Ada".into(),
        via: "api".into(),
        from: String::new(),
        what: "PUT /v1/connections/{id}".into(),
        target: "/v1/connections/c".into(),
        connection: Some("c".into()),
        fields: vec!["values.token".into()],
        status: 200,
        trace_id: "t".into(),
    }
}

fn redeemed(first: Option<Person>) -> Redeemed {
    Redeemed { first, password: "$argon2id$fake".into() }
}

fn store() -> (tempfile::TempDir, SqliteStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path()).unwrap();
    (dir, store)
}

#[tokio::test]
async fn the_first_administrator_is_made_once() {
    let (_dir, s) = store();
    let invitation = |code: u8| Invitation { code: [code; 32], person: None, expires_at: at(60) };
    s.add_invitation(invitation(1)).await.unwrap();
    s.add_invitation(invitation(2)).await.unwrap();
    assert_eq!(s.invitation([1; 32], at(0)).await.unwrap(), None, "a newer one takes its place");
    assert_eq!(s.invitation([2; 32], at(60)).await.unwrap(), None, "it has ended");
    let ada = person("ada@example.com", Role::Admin);
    let late = s.redeem_invitation([2; 32], redeemed(Some(ada.clone())), at(60)).await;
    assert!(matches!(late, Err(StoreError::NotFound(..))));
    let made = s.redeem_invitation([2; 32], redeemed(Some(ada.clone())), at(1)).await.unwrap();
    assert_eq!((made.id, made.has_password, made.role), (ada.id, true, Role::Admin));
    let again = s.redeem_invitation([2; 32], redeemed(Some(person("eve@example.com", Role::Admin))), at(1)).await;
    assert!(matches!(again, Err(StoreError::NotFound(..))), "a code is good once");
    assert!(matches!(s.add_invitation(invitation(3)).await, Err(StoreError::Conflict(_))));
    assert_eq!(s.people().await.unwrap().len(), 1);
}

#[tokio::test]
async fn addresses_are_unique_in_any_case_and_passwords_end_sessions() {
    let (_dir, s) = store();
    let ada = person("Ada@example.com", Role::Admin);
    s.add_person(ada.clone(), Some("hash-1".into())).await.unwrap();
    assert!(matches!(s.add_person(person("ADA@EXAMPLE.com", Role::Viewer), None).await, Err(StoreError::Conflict(_))));
    let (found, hash) = s.person_by_email("ada@example.COM").await.unwrap().unwrap();
    assert_eq!((found.id, hash.as_deref()), (ada.id, Some("hash-1")));
    let (one, two) = (session(&ada, 1), session(&ada, 2));
    s.add_session(one.clone(), [1; 32]).await.unwrap();
    s.add_session(two.clone(), [2; 32]).await.unwrap();
    assert!(s.person(ada.id).await.unwrap().signed_in_at.is_some());
    s.add_invitation(Invitation { code: [9; 32], person: Some(ada.id), expires_at: at(60) }).await.unwrap();
    s.set_password(ada.id, "hash-2".into(), Some(two.handle), at(5)).await.unwrap();
    assert!(s.session([1; 32]).await.unwrap().is_none());
    assert_eq!(s.session([2; 32]).await.unwrap().unwrap().0, two);
    assert_eq!(s.invitation([9; 32], at(0)).await.unwrap(), None);
    s.touch_session(two.handle, at(90)).await.unwrap();
    assert_eq!(s.sessions(Some(ada.id)).await.unwrap()[0].seen_at, at(90));
    assert!(matches!(s.end_session(two.handle, Some(Uuid::now_v7())).await, Err(StoreError::NotFound(..))));
    s.end_session(two.handle, Some(ada.id)).await.unwrap();
    assert!(s.sessions(None).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let (_dir, s) = store();
    let ada = person("ada@example.com", Role::Admin);
    s.add_person(ada.clone(), Some("hash".into())).await.unwrap();
    // Invited, but without a password yet: cannot sign in.
    let bob = person("bob@example.com", Role::Admin);
    s.add_person(bob.clone(), None).await.unwrap();
    let refused = |r: Result<(), StoreError>| assert!(matches!(r, Err(StoreError::Conflict(_))), "{r:?}");
    refused(s.remove_person(ada.id).await);
    refused(s.change_person(Person { disabled: true, ..ada.clone() }).await);
    refused(s.change_person(Person { role: Role::Member, ..ada.clone() }).await);
    s.set_password(bob.id, "hash".into(), None, at(1)).await.unwrap();
    s.add_session(session(&ada, 1), [1; 32]).await.unwrap();
    s.change_person(Person { disabled: true, ..ada.clone() }).await.unwrap();
    assert!(s.session([1; 32]).await.unwrap().is_none(), "who is disabled is signed out");
    refused(s.remove_person(bob.id).await);
    s.remove_person(ada.id).await.unwrap();
    assert!(matches!(s.person(ada.id).await, Err(StoreError::NotFound(..))));
}

#[tokio::test]
async fn a_person_has_a_bounded_number_of_sessions() {
    let (_dir, s) = store();
    let ada = person("ada@example.com", Role::Viewer);
    s.add_person(ada.clone(), None).await.unwrap();
    for i in 0..=MAX_SESSIONS {
        let mut id = [0; 32];
        id[0] = u8::try_from(i).unwrap();
        s.add_session(session(&ada, i64::try_from(i).unwrap()), id).await.unwrap();
    }
    assert_eq!(s.sessions(Some(ada.id)).await.unwrap().len(), MAX_SESSIONS);
    assert!(s.session([0; 32]).await.unwrap().is_none(), "the one used longest ago has ended");
    assert_eq!(s.end_sessions(ada.id).await.unwrap(), MAX_SESSIONS as u64);
}

#[tokio::test]
async fn tokens_are_found_by_their_prefix_and_revoked_by_their_owner() {
    let (_dir, s) = store();
    let ada = person("ada@example.com", Role::Member);
    s.add_person(ada.clone(), None).await.unwrap();
    let token = ApiToken {
        id: Uuid::now_v7(),
        person: Some(ada.id),
        name: "deploy".into(),
        prefix: "jf_abcdefgh".into(),
        scopes: vec![Scope::Read, Scope::Act],
        connections: Some(vec!["c".into()]),
        created_at: at(0),
        expires_at: Some(at(100)),
        revoked_at: None,
        used_at: None,
    };
    s.add_api_token(token.clone(), [7; 32]).await.unwrap();
    let operators = ApiToken { id: Uuid::now_v7(), person: None, prefix: "jf_12345678".into(), ..token.clone() };
    s.add_api_token(operators.clone(), [8; 32]).await.unwrap();
    let found = s.api_tokens_by_prefix("jf_abcdefgh").await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((&found[0].0, found[0].1, found[0].2.as_ref().unwrap().id), (&token, [7; 32], ada.id));
    assert_eq!(s.api_tokens(None).await.unwrap().len(), 2);
    s.touch_api_token(token.id, at(3)).await.unwrap();
    assert!(matches!(s.revoke_api_token(operators.id, Some(ada.id), at(4)).await, Err(StoreError::NotFound(..))));
    let revoked = s.revoke_api_token(token.id, Some(ada.id), at(4)).await.unwrap();
    assert_eq!((revoked.revoked_at, revoked.used_at), (Some(at(4)), Some(at(3))));
    assert_eq!(s.revoke_api_token(token.id, None, at(9)).await.unwrap().revoked_at, Some(at(4)));
    s.remove_person(ada.id).await.unwrap();
    assert_eq!(s.api_tokens(None).await.unwrap(), [operators], "a person's tokens go with the person");
}

#[tokio::test]
async fn the_audit_log_is_narrowed_paged_and_bounded_by_kind() {
    let (_dir, s) = store();
    for i in 0..30 {
        s.add_audit(line(AuditKind::Call, i, "operator")).await.unwrap();
    }
    for i in 0..3 {
        s.add_audit(line(AuditKind::Change, i * 10, "person:1")).await.unwrap();
    }
    let filter = |kind, limit| AuditFilter { kind, limit, ..AuditFilter::default() };
    let first = s.audit(filter(Some(AuditKind::Call), 20)).await.unwrap();
    assert_eq!((first.len(), first[0].at), (20, at(29)));
    let rest = AuditFilter { before: Some(first[19].id), ..filter(Some(AuditKind::Call), 20) };
    assert_eq!(s.audit(rest).await.unwrap().len(), 10);
    let theirs = AuditFilter { actor: Some("person:1".into()), ..AuditFilter::default() };
    let theirs = s.audit(theirs).await.unwrap();
    assert_eq!(theirs.len(), 3);
    assert_eq!(theirs[0].fields, ["values.token"]);
    let elsewhere = AuditFilter { connection: Some("d".into()), ..AuditFilter::default() };
    assert!(s.audit(elsewhere).await.unwrap().is_empty());

    assert!(!s.prune_audit(at(0) - SignedDuration::from_hours(1), 25).await.unwrap());
    assert_eq!(s.audit(filter(Some(AuditKind::Call), 0)).await.unwrap().len(), 25);
    assert_eq!(s.audit(filter(Some(AuditKind::Change), 0)).await.unwrap().len(), 3, "calls push out no change");
    s.prune_audit(at(20), 25).await.unwrap();
    let left = s.audit(filter(None, 0)).await.unwrap();
    assert!(left.len() == 11 && left.iter().all(|l| l.at >= at(20)), "{}", left.len());
}
