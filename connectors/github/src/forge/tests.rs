//! The family over canned answers: what is asked for, and what is read.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use connector_core::{Connector, ErrorKind, capability::Person};
use connector_testkit::canned::{self, Answer, Sent, block_on, response, sent_json};
use serde_json::json;

use super::*;

fn ok(body: Value) -> Answer {
    Ok(response(200, &[], body))
}

fn cx(answers: Vec<Answer>) -> (Cx, Sent) {
    canned::cx(&crate::CONNECTOR, json!({"owner": "octocat", "repo": "Hello-World"}), answers)
}

fn repo(name: &str) -> Value {
    json!({"id": 5, "name": "r", "full_name": name, "private": true, "default_branch": "main", "html_url": "https://github.com/o/r"})
}

fn pull(number: u64, state: &str, merged_at: Option<&str>) -> Value {
    json!({
        "id": 77, "number": number, "title": "Fix", "body": null, "state": state, "html_url": "https://github.com/p",
        "merged_at": merged_at, "user": {"login": "hubot", "id": 2, "type": "Bot"},
        "head": {"label": "hubot:fix", "ref": "fix", "sha": "h1", "repo": repo("hubot/Hello-World")},
        "base": {"label": "octocat:main", "ref": "main", "sha": "b1", "repo": repo("octocat/Hello-World")},
    })
}

fn paths(sent: &Sent) -> Vec<String> {
    let all = sent.take();
    all.iter()
        .map(|r| format!("{} {}", r.method(), r.url().unwrap().as_str().trim_start_matches("https://api.github.com")))
        .collect()
}

fn call(cx: &Cx, name: &str, input: Value) -> Result<Value> {
    block_on(Connector::from(&crate::CONNECTOR).call(name, cx, input))
}

#[test]
fn a_pull_request_is_opened_by_name_to_the_default_branch() {
    let (cx, sent) = cx(vec![ok(repo("octocat/Hello-World")), Ok(response(201, &[], pull(7, "open", None)))]);
    let made = call(&cx, "forge.create_pull_request", json!({"title": "Fix", "source": "hubot:fix"})).unwrap();
    assert_eq!(made["key"], "octocat/Hello-World#7");
    assert_eq!((&made["source"], &made["target"], &made["body"]), (&json!("hubot:fix"), &json!("main"), &json!("")));
    let all = sent.take();
    assert_eq!(all[0].url().unwrap().path(), "/repos/octocat/Hello-World");
    assert_eq!(sent_json(&all[1]), json!({"head": "hubot:fix", "base": "main", "title": "Fix"}));
}

#[test]
fn an_input_that_is_none_is_refused_by_name() {
    let (cx, sent) = cx(vec![]);
    let e = call(&cx, "forge.get_pull_request", json!({"key": "octocat/Hello-World/7"})).unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::InvalidInput, "/key"));
    let e = call(&cx, "forge.get_pull_request", json!({"number": 7})).unwrap_err();
    assert_eq!(e.kind(), ErrorKind::InvalidInput);
    assert!(sent.take().is_empty());
}

#[test]
fn errors_name_the_familys_fields() {
    let refused = json!({"message": "Validation Failed", "errors": [
        {"resource": "PullRequest", "field": "base", "code": "invalid"},
        {"resource": "PullRequest", "field": "head", "code": "invalid"},
    ]});
    let (cx, _) = cx(vec![Ok(response(422, &[], refused))]);
    let new = json!({"title": "Fix", "source": "nope", "target": "main"});
    let e = call(&cx, "forge.create_pull_request", new).unwrap_err();
    let pointers: Vec<&str> = e.fields().iter().map(|f| f.pointer.as_str()).collect();
    assert_eq!((e.kind(), e.code(), pointers), (ErrorKind::InvalidInput, Some("invalid"), vec!["/target", "/source"]));
    assert!(e.caller_text().contains("/source: ") && !e.caller_text().contains("/head"), "{}", e.caller_text());
}

#[test]
fn a_second_pull_request_between_two_branches_is_a_conflict() {
    let refused = json!({"message": "Validation Failed", "errors": [
        {"resource": "PullRequest", "code": "custom", "message": "A pull request already exists for hubot:fix."},
    ]});
    let (cx, _) = cx(vec![Ok(response(422, &[], refused))]);
    let new = NewPullRequest {
        title: "Fix".into(),
        source: "hubot:fix".into(),
        target: Some("main".into()),
        ..Default::default()
    };
    assert_eq!(block_on(GitHub.create_pull_request(&cx, new)).unwrap_err().kind(), ErrorKind::Conflict);
}

#[test]
fn merged_and_closed_are_told_apart() {
    let page = json!([pull(3, "closed", Some("2026-01-01T00:00:00Z")), pull(2, "closed", None)]);
    let more = [("link", "<https://api.github.com/repositories/1/pulls?page=2>; rel=\"next\"")];
    for (state, number) in [(PullRequestState::Merged, 3), (PullRequestState::Closed, 2)] {
        let (cx, sent) = cx(vec![Ok(response(200, &more, page.clone()))]);
        let filter = PullRequestFilter { state: Some(state), target: Some("main".into()), ..Default::default() };
        let found = block_on(GitHub.list_pull_requests(&cx, filter)).unwrap();
        assert_eq!(found.items.len(), 1);
        assert_eq!(
            (found.items[0].key.as_str(), found.items[0].state),
            (&*format!("octocat/Hello-World#{number}"), state)
        );
        assert_eq!(found.next.as_deref(), Some("2"));
        assert_eq!(paths(&sent), ["GET /repos/octocat/Hello-World/pulls?base=main&per_page=50&state=closed"]);
    }
    let (cx, sent) = cx(vec![ok(json!([pull(4, "open", None)]))]);
    let filter = PullRequestFilter { cursor: Some("2".into()), ..Default::default() };
    let found = block_on(GitHub.list_pull_requests(&cx, filter)).unwrap();
    assert_eq!((found.items[0].state, found.next), (PullRequestState::Open, None));
    let author = Person { id: "hubot".into(), name: Some("hubot".into()), bot: Some(true), ..Default::default() };
    assert_eq!(found.items[0].author, Some(author));
    assert_eq!(paths(&sent), ["GET /repos/octocat/Hello-World/pulls?page=2&per_page=50&state=open"]);
    let filter = PullRequestFilter { cursor: Some("x".into()), ..Default::default() };
    let e = block_on(GitHub.list_pull_requests(&cx, filter)).unwrap_err();
    assert_eq!(e.fields()[0].pointer, "/cursor");
}

#[test]
fn a_merge_goes_the_repositorys_own_way() {
    let merged = json!({"sha": "m1", "merged": true, "message": "Pull Request successfully merged"});
    for (allowed, method) in [
        (json!({}), "merge"),
        (json!({"allow_merge_commit": true, "allow_squash_merge": true}), "merge"),
        (json!({"allow_merge_commit": false, "allow_squash_merge": true}), "squash"),
        (json!({"allow_merge_commit": false, "allow_squash_merge": false}), "rebase"),
    ] {
        let mut repository = repo("octo/r");
        repository.as_object_mut().unwrap().extend(allowed.as_object().unwrap().clone());
        let (cx, sent) = cx(vec![ok(repository), ok(merged.clone())]);
        let merge =
            Merge { key: "octo/r#7".into(), message: Some("Fix it\n\nAll of it\n".into()), ..Default::default() };
        assert_eq!(block_on(GitHub.merge_pull_request(&cx, merge)).unwrap(), CommitRef { sha: "m1".into(), url: None });
        let all = sent.take();
        assert_eq!(all[1].url().unwrap().path(), "/repos/octo/r/pulls/7/merge");
        let body = json!({"merge_method": method, "commit_title": "Fix it", "commit_message": "All of it"});
        assert_eq!(sent_json(&all[1]), body);
    }
}

#[test]
fn a_head_that_moved_is_a_conflict_under_its_own_name() {
    let moved = json!({"message": "Head branch was modified. Review and try the merge again."});
    let (cx, sent) = cx(vec![Ok(response(409, &[], moved))]);
    let merge = Merge { key: "#7".into(), method: Some(MergeMethod::Rebase), head: Some("h1".into()), message: None };
    let e = block_on(GitHub.merge_pull_request(&cx, merge)).unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Conflict, "/head"));
    assert!(e.caller_text().contains("`head`"), "{}", e.caller_text());
    assert_eq!(sent_json(&sent.take()[0]), json!({"merge_method": "rebase", "sha": "h1"}));
}

#[test]
fn files_come_with_their_revision_and_folders_do_not() {
    let file = json!({
        "type": "file", "name": "a.txt", "path": "d/a.txt", "sha": "s1", "size": 2, "encoding": "base64", "content": "aGkK\n"
    });
    let (cx1, sent) = cx(vec![ok(file)]);
    let found = block_on(GitHub.get_file(&cx1, Some("octo/r"), "d/a.txt", Some("v1"))).unwrap();
    assert_eq!(
        found,
        File { path: "d/a.txt".into(), content: connector_core::Blob::Text("hi\n".into()), revision: "s1".into() }
    );
    assert_eq!(paths(&sent), ["GET /repos/octo/r/contents/d/a.txt?ref=v1"]);
    let folder = json!({"type": "dir", "name": "d", "path": "d", "sha": "t1", "size": 0, "entries": []});
    let (cx2, _) = cx(vec![ok(folder)]);
    let e = block_on(GitHub.get_file(&cx2, None, "d", None)).unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::InvalidInput, "/path"));
}

#[test]
fn a_file_of_another_revision_is_a_conflict() {
    let other = json!({"type": "file", "path": "a.txt", "sha": "s2", "size": 9, "encoding": "base64", "content": "b3RoZXJzCg=="});
    let stale = json!({"message": "a.txt does not match s1"});
    let (cx, sent) = cx(vec![Ok(response(409, &[], stale)), ok(other)]);
    let change =
        json!({"path": "a.txt", "content": {"text": "mine"}, "message": "Mine", "branch": "b", "revision": "s1"});
    let e = call(&cx, "forge.put_file", change).unwrap_err();
    assert_eq!((e.kind(), e.fields()[0].pointer.as_str()), (ErrorKind::Conflict, "/revision"));
    assert!(e.caller_text().contains("`revision`"), "{}", e.caller_text());
    let body = json!({"message": "Mine", "content": "bWluZQ==", "sha": "s1", "branch": "b"});
    assert_eq!(sent_json(&sent.take()[0]), body);
}

#[test]
fn repositories_of_a_person_and_of_an_installation() {
    let (cx1, sent) = cx(vec![ok(json!([repo("octo/r")]))]);
    let page = block_on(GitHub.list_repositories(&cx1, None)).unwrap();
    assert_eq!((page.items[0].name.as_str(), page.items[0].private, page.next), ("octo/r", Some(true), None));
    assert_eq!(paths(&sent), ["GET /user/repos?per_page=100"]);
    let denied = Ok(response(403, &[], json!({"message": "Resource not accessible by integration"})));
    let (cx2, sent) = cx(vec![denied, ok(json!({"total_count": 1, "repositories": [repo("octo/r")]}))]);
    assert_eq!(block_on(GitHub.list_repositories(&cx2, Some("2"))).unwrap().items.len(), 1);
    assert_eq!(
        paths(&sent),
        ["GET /user/repos?page=2&per_page=100", "GET /installation/repositories?per_page=100&page=2"]
    );
    // What denies both is told as GitHub said it first.
    let answers: Vec<Answer> =
        (0..2).map(|_| Ok(response(403, &[], json!({"message": "Resource not accessible by integration"})))).collect();
    let (cx3, _) = cx(answers);
    assert_eq!(block_on(GitHub.list_repositories(&cx3, None)).unwrap_err().kind(), ErrorKind::Permission);
}

#[test]
fn comments_and_statuses() {
    let (cx, sent) = cx(vec![
        Ok(response(201, &[], json!({"id": 12, "html_url": "https://github.com/c"}))),
        Ok(response(201, &[], json!({"id": 1, "state": "success"}))),
    ]);
    assert_eq!(block_on(GitHub.comment_pull_request(&cx, "octo/r#7", "Nice")).unwrap(), "12");
    let status = CommitStatus {
        repository: None,
        sha: "abc1234".into(),
        state: CommitState::Success,
        name: "ci/build".into(),
        description: None,
        url: Some("https://ci.example.com/1".into()),
    };
    block_on(GitHub.set_commit_status(&cx, status)).unwrap();
    let all = sent.take();
    assert_eq!(all[0].url().unwrap().path(), "/repos/octo/r/issues/7/comments");
    assert_eq!(all[1].url().unwrap().path(), "/repos/octocat/Hello-World/statuses/abc1234");
    let body = json!({"state": "success", "context": "ci/build", "target_url": "https://ci.example.com/1"});
    assert_eq!(sent_json(&all[1]), body);
}

#[test]
fn events_are_read_in_the_familys_words() {
    let push =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/webhooks/push__tag_deleted.json"));
    let fixture: Value = serde_json::from_str(&push.unwrap()).unwrap();
    let Some(ForgeEvent::Push { repository, git_ref, before, after, messages, actor }) =
        GitHub.read_event("push", &fixture["json"])
    else {
        panic!("a push is read")
    };
    assert_eq!((repository.as_str(), git_ref.as_str()), ("Codertocat/Hello-World", "refs/tags/simple-tag"));
    assert!(before.is_some() && after.is_none() && messages.is_empty());
    assert_eq!(actor.unwrap().id, "Codertocat");

    let of = |action: &str, pull: Value| {
        let payload = json!({"action": action, "number": 7, "pull_request": pull, "repository": repo("octocat/Hello-World"),
            "sender": {"login": "octocat", "id": 1, "type": "User"}});
        GitHub.read_event(&format!("pull_request.{action}"), &payload)
    };
    assert!(matches!(of("opened", pull(7, "open", None)), Some(ForgeEvent::PullRequestOpened { .. })));
    assert!(matches!(of("synchronize", pull(7, "open", None)), Some(ForgeEvent::PullRequestUpdated { .. })));
    assert!(matches!(of("closed", pull(7, "closed", None)), Some(ForgeEvent::PullRequestClosed { .. })));
    let Some(ForgeEvent::PullRequestMerged { pull_request, actor }) =
        of("closed", pull(7, "closed", Some("2026-01-01T00:00:00Z")))
    else {
        panic!("a merge is read")
    };
    assert_eq!((pull_request.key.as_str(), pull_request.state), ("octocat/Hello-World#7", PullRequestState::Merged));
    assert_eq!(actor.unwrap().bot, Some(false));
    // What is none of the family, or not what it says.
    assert_eq!(GitHub.read_event("issues.opened", &json!({})), None);
    assert_eq!(GitHub.read_event("pull_request_review.submitted", &json!({})), None);
    assert_eq!(GitHub.read_event("pull_request.opened", &json!({"pull_request": 7})), None);
    assert_eq!(GitHub.read_event("push", &Value::Null), None);
}
