//! How the actions look at one connection: the repositories that its token sees, and what a classic token's scopes do not
//! let it do.

use connector_core::{
    BoxFuture, Cx, Effect, Result,
    describe::{ActionOverride, Descriptors, FieldOverride},
};

use crate::{
    actions::{self, ListRepositories, list_repositories::Input},
    client,
};

/// Most repositories that are offered.
const REPOSITORIES: usize = 300;
/// Repositories of a page: the most that GitHub gives.
const PAGE: u32 = 100;

pub(crate) fn describe(cx: &Cx) -> BoxFuture<'_, Result<Descriptors>> {
    Box::pin(async move {
        let mut out = Descriptors::default();
        let scopes = client::validate(cx).await?.scopes;
        // Fine-grained tokens and those of apps do not say what they may.
        if !scopes.is_empty() {
            out.actions = beyond(&scopes).into_iter().map(ActionOverride::hidden).collect();
        }
        let mut owners: Vec<(String, String)> = Vec::new();
        let mut repositories = Vec::new();
        for r in repositories_of(cx).await? {
            if let Some(owner) = r.owner.map(|o| o.login).filter(|o| owners.iter().all(|(known, _)| known != o)) {
                owners.push((owner.clone(), owner));
            }
            repositories.push((r.name, r.full_name));
        }
        for (field, options) in [("/owner", owners), ("/repo", repositories)] {
            if !options.is_empty() {
                out.fields.push(FieldOverride::with_options(field, options));
            }
        }
        Ok(out)
    })
}

async fn repositories_of(cx: &Cx) -> Result<Vec<crate::model::RepositoryDetails>> {
    let mut found = Vec::new();
    let mut input = Input { per_page: Some(PAGE), ..Input::default() };
    while found.len() < REPOSITORIES {
        let page = cx.call::<ListRepositories>(input.clone()).await?;
        found.extend(page.repositories);
        match page.next_page {
            Some(next) => input.page = Some(next),
            None => break,
        }
    }
    found.truncate(REPOSITORIES);
    Ok(found)
}

/// The actions that a classic token with these scopes cannot do anywhere.
fn beyond(granted: &[String]) -> Vec<String> {
    let cannot = |needed: &str, effect: Effect| !is_granted(needed, effect, granted);
    let all = actions::ALL.iter().map(|a| a.into_invoke("github"));
    let beyond = all.filter(|a| a.info().scopes.iter().any(|s| cannot(s, a.info().effect)));
    beyond.map(|a| a.info().name.clone()).collect()
}

/// Whether a scope is granted, by itself or by one that holds it; where something may be public, the scope for what is
/// public is enough, and reading needs none.
/// <https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps#available-scopes>
fn is_granted(needed: &str, effect: Effect, granted: &[String]) -> bool {
    let by: &[&str] = match needed {
        "repo" | "repo:status" | "gist" if effect == Effect::Read => return true,
        "repo" => &["repo", "public_repo"],
        "repo:status" => &["repo", "public_repo", "repo:status"],
        "read:repo_hook" => &["repo", "public_repo", "read:repo_hook", "write:repo_hook", "admin:repo_hook"],
        "write:repo_hook" => &["repo", "public_repo", "write:repo_hook", "admin:repo_hook"],
        "admin:repo_hook" => &["repo", "public_repo", "admin:repo_hook"],
        "gist" => &["gist"],
        // One that is new here hides nothing.
        _ => return true,
    };
    granted.iter().any(|g| by.contains(&g.as_str()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::{Connector, describe::EffectiveAction};
    use connector_testkit::canned::{Answer, block_on, cx, response};
    use serde_json::{Value, json};

    use super::*;

    fn github() -> Connector {
        Connector::from(&crate::CONNECTOR)
    }

    fn me(scopes: Option<&str>) -> Answer {
        let headers: Vec<(&'static str, &str)> = scopes.map(|s| ("x-oauth-scopes", s)).into_iter().collect();
        Ok(response(200, &headers, json!({"login": "octocat", "id": 1})))
    }

    fn repository(owner: &str, name: &str) -> Value {
        json!({"id": 1, "name": name, "full_name": format!("{owner}/{name}"), "html_url": "https://github.com/x",
            "owner": {"login": owner, "id": 1, "html_url": "https://github.com/x", "type": "User"}})
    }

    fn learned(answers: Vec<Answer>) -> (Descriptors, usize) {
        let (cx, sent) = cx(&crate::CONNECTOR, json!({}), answers);
        let d = block_on(github().describe().unwrap().describe(&cx)).unwrap();
        (d, sent.take().len())
    }

    #[test]
    fn the_repositories_that_the_token_sees_are_offered() {
        let next = [("link", "<https://api.github.com/user/repos?page=2>; rel=\"next\"")];
        let first = json!([repository("octocat", "hello"), repository("acme", "shop")]);
        let (d, sent) = learned(vec![
            me(None),
            Ok(response(200, &next, first)),
            Ok(response(200, &[], json!([repository("acme", "blog")]))),
        ]);
        assert_eq!(sent, 3);
        assert!(d.actions.is_empty(), "a token that does not say what it may hides nothing");
        let (a, notes) = EffectiveAction::of(github().action("create_issue").unwrap().info(), &d);
        assert!(notes.is_empty());
        let p = &a.input_schema["properties"];
        assert_eq!(p["owner"]["examples"], json!(["octocat", "acme"]));
        assert_eq!(p["repo"]["x-options"][1], json!({"value": "shop", "label": "acme/shop"}));
        assert_eq!(d.clone().bounded(), (d, vec![]));
    }

    #[test]
    fn what_a_classic_tokens_scopes_do_not_allow_is_hidden() {
        let hidden = |scopes: &str| {
            let (d, _) = learned(vec![me(Some(scopes)), Ok(response(200, &[], json!([])))]);
            d.actions.into_iter().filter(|a| a.hidden).map(|a| a.action).collect::<Vec<_>>()
        };
        assert_eq!(hidden("repo"), ["create_gist"]);
        assert_eq!(hidden("public_repo, gist"), Vec::<String>::new());
        let user = hidden("read:user");
        for name in ["create_issue", "create_commit_status", "create_webhook", "create_gist"] {
            assert!(user.iter().any(|h| h == name), "{name} in {user:?}");
        }
        assert!(user.iter().all(|h| h != "get_repository" && h != "list_issues"), "what is public can be read");
        let status = hidden("repo:status");
        assert!(status.iter().all(|h| h != "create_commit_status") && status.iter().any(|h| h == "create_issue"));
    }
}
