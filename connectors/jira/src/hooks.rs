//! The admin webhook of a site, as an installation makes and removes it. Jira Cloud: a Data Center's administrator makes it by
//! hand.
//!
//! Such a webhook is the whole site's: there is no resource to choose. Vendor's page:
//! <https://developer.atlassian.com/cloud/jira/platform/webhooks/>.

use std::sync::Arc;

use async_trait::async_trait;
use connector_core::{
    Cx, Error, ErrorKind, Method, Request, Result, SecretSlot,
    hooks::{Hook, HookOrder, Hooks, Resources},
};
use serde_json::json;

use crate::{
    client::{self, FieldMap},
    model::{AdminWebhook, ReceivedAdminWebhook},
};

#[cfg(test)]
mod tests;

const PATH: &str = "/rest/webhooks/1.0/webhook";
const BY_HAND: &str = "make the webhook in its administration, under System, WebHooks";

pub(crate) fn make() -> Arc<dyn Hooks> {
    Arc::new(JiraHooks)
}

struct JiraHooks;

/// Jira's name of an event: those of issues and versions have a prefix.
fn event(trigger: &str) -> String {
    let prefixed =
        ["issue_created", "issue_updated", "issue_deleted"].contains(&trigger) || trigger.starts_with("version_");
    if prefixed { format!("jira:{trigger}") } else { trigger.to_owned() }
}

/// The request that makes a webhook, or brings the one of that id up to date.
fn write(cx: &Cx, id: Option<u64>, order: &HookOrder) -> Result<Request> {
    let (method, path, endpoint) = match id {
        Some(id) => (Method::PUT, format!("{PATH}/{id}"), "admin_webhook.update"),
        None => (Method::POST, PATH.to_owned(), "admin_webhook.create"),
    };
    let connection = order.url.rsplit('/').next().unwrap_or_default();
    let events: Vec<String> = order.triggers.iter().map(|t| event(t)).collect();
    Ok(client::request_at(cx, method, &path)?
        .endpoint(endpoint)
        .json(json!({"name": format!("Jackfield ({connection})"), "url": order.url, "events": events, "excludeBody": false}))
        // Without a secret Jira signs nothing, and what is not signed is refused here.
        .secret(SecretSlot::BodyField { name: "secret", secret: order.secret.clone() }))
}

#[async_trait]
impl Hooks for JiraHooks {
    async fn resources(&self, cx: &Cx, _page: Option<&str>) -> Result<Resources> {
        client::cloud_only(cx, BY_HAND)?;
        Ok(Resources::default())
    }

    async fn install(&self, cx: &Cx, order: &HookOrder) -> Result<Hook> {
        client::cloud_only(cx, BY_HAND)?;
        if order.triggers.is_empty() {
            return Err(Error::invalid_field("/triggers", "choose at least one"));
        }
        let list = client::request_at(cx, Method::GET, PATH)?.endpoint("admin_webhook.list");
        let all: Vec<ReceivedAdminWebhook> = client::send_json(cx, list, FieldMap::default()).await?;
        let all: Vec<AdminWebhook> = all.into_iter().map(AdminWebhook::try_from).collect::<Result<_>>()?;
        let id = all.iter().find(|w| w.url.as_deref() == Some(order.url.as_str())).map(|w| w.id);
        let fields = FieldMap { known: &[("url", "/url"), ("events", "/triggers")], rest: None };
        let made: ReceivedAdminWebhook = client::send_json(cx, write(cx, id, order)?, fields).await?;
        Ok(Hook {
            id: AdminWebhook::try_from(made)?.id.to_string(),
            resource: None,
            url: order.url.clone(),
            triggers: order.triggers.clone(),
            expires_at: None,
        })
    }

    async fn remove(&self, cx: &Cx, hook: &Hook) -> Result<()> {
        client::cloud_only(cx, "delete the webhook in its administration, under System, WebHooks")?;
        let id: u64 = hook.id.parse().map_err(|_| Error::invalid_field("/id", "is not the id of a webhook of Jira"))?;
        let request = client::request_at(cx, Method::DELETE, &format!("{PATH}/{id}"))?.endpoint("admin_webhook.delete");
        match client::send(cx, request, FieldMap::default()).await {
            Ok(_) => Ok(()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e),
        }
    }
}
