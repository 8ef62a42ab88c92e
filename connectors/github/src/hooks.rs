//! Webhooks of repositories and organizations, as an installation makes and removes them.
//!
//! What lives here: the reading of GitHub's webhooks in core's words. What must not: how a webhook is written, which is
//! `client::hooks`.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    Action as _, Cx, Error, ErrorKind, Method, Result,
    hooks::{Hook, HookOrder, Hooks, Resource, Resources},
};
use serde::Deserialize;

use crate::{
    actions::{delete_webhook, list_repositories, list_webhooks},
    client, model,
};

#[cfg(test)]
mod tests;

/// Triggers whose events come to GitHub Apps alone, or without being asked for.
/// <https://docs.github.com/webhooks/webhook-events-and-payloads>
const NOT_OF_HOOKS: &[&str] = &[
    "installation",
    "installation_repositories",
    "ping",
    "repository_dispatch",
    "security_advisory",
    "workflow_dispatch",
];

/// Most pages of a resource's webhooks that are looked through: a repository has 20 for each event at most.
const MAX_PAGES: u32 = 10;

pub(crate) fn make() -> Arc<dyn Hooks> {
    Arc::new(GitHubHooks)
}

struct GitHubHooks;

/// Whose webhooks: `acme/shop` is a repository, `acme` an organization.
struct Place {
    org: Option<String>,
    owner: Option<String>,
    repo: Option<String>,
}

impl Place {
    fn of(resource: Option<&str>) -> Result<Self> {
        let why = "must be a repository such as `octocat/Hello-World`, or an organization";
        let resource = resource.filter(|r| !r.is_empty()).ok_or_else(|| Error::invalid_field("/resource", why))?;
        match resource.split_once('/') {
            Some((owner, repo)) if !owner.is_empty() && !repo.is_empty() && !repo.contains('/') => {
                Ok(Self { org: None, owner: Some(owner.to_owned()), repo: Some(repo.to_owned()) })
            }
            Some(_) => Err(Error::invalid_field("/resource", why)),
            None => Ok(Self { org: Some(resource.to_owned()), owner: None, repo: None }),
        }
    }

    fn path(&self, rest: &str) -> Result<String> {
        client::hooks::path(self.org.as_deref(), self.owner.as_deref(), self.repo.as_deref(), rest)
    }

    /// What GitHub's description of its API calls an operation here: `repos/create-webhook`.
    fn endpoint(&self, of_repo: &'static str, of_org: &'static str) -> &'static str {
        if self.org.is_some() { of_org } else { of_repo }
    }

    /// All webhooks, as far as they are looked through; and whether those are all there are.
    async fn all(&self, cx: &Cx) -> Result<(Vec<model::Hook>, bool)> {
        let mut found = Vec::new();
        let mut page = None;
        for _ in 0..MAX_PAGES {
            let input = list_webhooks::Input {
                org: self.org.clone(),
                owner: self.owner.clone(),
                repo: self.repo.clone(),
                per_page: Some(100),
                page,
            };
            let one = list_webhooks::ListWebhooks::run(cx, input).await?;
            found.extend(one.webhooks);
            page = one.next_page;
            if page.is_none() {
                return Ok((found, true));
            }
        }
        Ok((found, false))
    }
}

/// An organization that the token's user belongs to.
/// <https://docs.github.com/rest/orgs/members#list-organization-memberships-for-the-authenticated-user>
#[derive(Deserialize)]
struct Membership {
    #[serde(default)]
    role: String,
    organization: Organization,
}

#[derive(Deserialize)]
struct Organization {
    login: String,
}

/// The organizations that the user administers; none where the token is not told of any.
async fn organizations(cx: &Cx) -> Result<Vec<Resource>> {
    let request = client::request(cx, Method::GET, "/user/memberships/orgs")?
        .endpoint("orgs/list-memberships-for-authenticated-user")
        .query("state", "active")
        .query("per_page", "100");
    let found: Vec<Membership> = match client::send_json(cx, request, &[]).await {
        Ok(found) => found,
        // A fine-grained token and an app's installation are not told, and need not be.
        Err(e) if matches!(e.kind(), ErrorKind::Permission | ErrorKind::NotFound) => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let administered = found.into_iter().filter(|m| m.role == "admin").map(|m| m.organization.login);
    Ok(administered
        .map(|login| Resource {
            label: format!("{login} (all repositories of the organization)"),
            id: login,
            kind: "organization".into(),
        })
        .collect())
}

#[async_trait]
impl Hooks for GitHubHooks {
    fn sends(&self, trigger: &str) -> bool {
        !NOT_OF_HOOKS.contains(&trigger)
    }

    async fn resources(&self, cx: &Cx, page: Option<&str>) -> Result<Resources> {
        let number = match page {
            None => None,
            Some(p) => Some(p.parse().map_err(|_| Error::invalid_field("/page", "is not a page's mark"))?),
        };
        let mut items = if number.is_none() { organizations(cx).await? } else { Vec::new() };
        let input = list_repositories::Input { per_page: Some(100), page: number, ..Default::default() };
        let found = list_repositories::ListRepositories::run(cx, input).await?;
        // An app's installation is not told what it may do.
        let mine = found.repositories.into_iter().filter(|r| r.permissions.as_ref().is_none_or(|p| p.admin));
        items.extend(mine.filter(|r| r.archived != Some(true)).map(|r| Resource {
            id: r.full_name.clone(),
            label: r.full_name,
            kind: "repository".into(),
        }));
        Ok(Resources { items, next: found.next_page.map(|n| n.to_string()) })
    }

    async fn install(&self, cx: &Cx, order: &HookOrder) -> Result<Hook> {
        let place = Place::of(order.resource.as_deref())?;
        // GitHub calls its events as triggers are called here.
        let triggers: Vec<String> = order.triggers.iter().filter(|t| self.sends(t)).cloned().collect();
        if triggers.is_empty() {
            return Err(Error::invalid_field(
                "/triggers",
                "none of them is sent by webhooks of repositories; choose another",
            ));
        }
        let (all, _) = place.all(cx).await?;
        let is_ours = |h: &&model::Hook| h.config.as_ref().and_then(|c| c.url.as_deref()) == Some(order.url.as_str());
        let request = match all.iter().find(is_ours) {
            Some(found) => client::request(cx, Method::PATCH, &place.path(&format!("/{}", found.id))?)?
                .endpoint(place.endpoint("repos/update-webhook", "orgs/update-webhook")),
            None => client::request(cx, Method::POST, &place.path("")?)?
                .endpoint(place.endpoint("repos/create-webhook", "orgs/create-webhook")),
        };
        let request = client::hooks::write(request, &order.url, &triggers, true, &order.secret);
        let made: model::Hook = client::send_json(cx, request, &[("config", "/url"), ("events", "/triggers")]).await?;
        Ok(Hook {
            id: made.id.to_string(),
            resource: order.resource.clone(),
            url: order.url.clone(),
            triggers,
            expires_at: None,
        })
    }

    async fn remove(&self, cx: &Cx, hook: &Hook) -> Result<()> {
        let place = Place::of(hook.resource.as_deref())?;
        let hook_id =
            hook.id.parse().map_err(|_| Error::invalid_field("/id", "is not the id of a webhook of GitHub"))?;
        let input = delete_webhook::Input {
            org: place.org.clone(),
            owner: place.owner.clone(),
            repo: place.repo.clone(),
            hook_id,
        };
        match delete_webhook::DeleteWebhook::run(cx, input).await {
            Ok(_) => Ok(()),
            // Whoever made a webhook of an organization sees it there for as long as it is.
            Err(e) if e.kind() == ErrorKind::NotFound && place.org.is_some() => match place.all(cx).await {
                Ok((all, true)) if all.iter().all(|h| h.id != hook_id) => Ok(()),
                _ => Err(e),
            },
            Err(e) => Err(e),
        }
    }
}
