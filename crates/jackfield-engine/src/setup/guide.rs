//! What to register at a service, and what to paste where: the place where users of other systems fail most.

use connector_core::{Connector, ParamInfo, auth::Grant, webhook::KeySource};
use serde::Serialize;

use super::Paste;
use crate::{Engine, Result};

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuideLine {
    /// In a few words.
    pub title: String,
    /// What to do.
    pub text: String,
    /// A text to paste at the service.
    pub paste: Option<String>,
}

/// How an app of a connector is registered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AppGuide {
    /// The connector's id.
    pub connector: String,
    /// What people call it.
    pub name: String,
    /// The vendor's documentation.
    pub docs_url: String,
    /// Whether the connector has apps at all.
    pub has_apps: bool,
    /// What to do, in order.
    pub lines: Vec<GuideLine>,
    /// What the app is asked for here.
    pub params: Vec<ParamInfo>,
    /// The scopes that everything together needs.
    pub scopes: Vec<String>,
}

impl Engine {
    /// A text with the gateway's own address where it says `{public_url}`, as descriptions of params and methods do: people
    /// paste what they read.
    fn with_address(&self, text: &str) -> String {
        text.replace("{public_url}", &self.inner.options.public_url)
    }

    /// Params, described with the gateway's own address.
    pub fn with_addresses(&self, mut params: Vec<ParamInfo>) -> Vec<ParamInfo> {
        for p in &mut params {
            p.description = self.with_address(&p.description);
        }
        params
    }

    /// How an app of this connector is registered at the service, with this gateway's own addresses.
    ///
    /// # Errors
    /// For an unknown connector.
    pub fn app_guide(&self, connector: &str) -> Result<AppGuide> {
        let connector = self.registry().get(connector)?;
        let info = connector.info();
        let url = &self.inner.options.public_url;
        let mut lines = Vec::new();
        let mut say = |title: &str, text: String, paste: Option<String>| {
            lines.push(GuideLine { title: title.to_owned(), text, paste });
        };
        if !info.app_params.is_empty() {
            say(
                "Register an app",
                format!(
                    "At {}, register an app (an OAuth app, an integration) of your own. Its pages are where the texts below go.",
                    info.name
                ),
                None,
            );
        }
        if info.auth.iter().any(|m| matches!(m.grant, Grant::AuthorizationCode(_))) {
            let text = "Paste this as the redirect address (callback URL) of the app, exactly so: the service compares it letter by letter.";
            say("Redirect address", text.into(), Some(format!("{url}/oauth/callback")));
        }
        if let Some(event) = event_address(&connector, url) {
            let text = "Paste this as the address of the app's events (request URL, webhook URL).";
            say("Event address", text.into(), Some(event));
        }
        let scopes = super::begin::all_scopes(&connector);
        if !scopes.is_empty() && info.auth.iter().any(|m| m.grant.oauth().is_some()) {
            let text = "If the service asks which scopes the app may ask for: these are for everything that the connector can do. Fewer are enough where a connection is used for less; each asks for the least that it needs.";
            say("Scopes", text.into(), Some(scopes.join(" ")));
        }
        for p in &info.app_params {
            let need = if p.is_required() { "" } else { " (optional)" };
            say(&format!("{}{need}", p.label), self.with_address(&p.description), None);
        }
        if !info.app_params.is_empty() {
            say(
                "Give them to the gateway",
                format!(
                    "On the page of the app here, or by `jackfield apps put my-{0}-app --connector {0} --set NAME=VALUE`; secrets by reference, such as NAME=secret://env/VARIABLE.",
                    info.id
                ),
                None,
            );
        }
        Ok(AppGuide {
            connector: info.id.clone(),
            name: info.name.clone(),
            docs_url: info.docs_url.clone(),
            has_apps: !info.app_params.is_empty(),
            lines,
            params: info.app_params.clone(),
            scopes,
        })
    }
}

/// The one address of an app's events, where the connector takes them so.
fn event_address(connector: &Connector, url: &str) -> Option<String> {
    let webhook = connector.webhook()?;
    let of_app = matches!(webhook.key, KeySource::App(_)) || !webhook.routes.is_empty();
    of_app.then(|| format!("{url}/webhooks/{}", connector.id()))
}

/// What a person pastes so that a connection gets events, where no webhook was made for it.
pub(super) fn paste(connector: &Connector, url: &str, connection: &str, has_app: bool) -> Vec<Paste> {
    let Some(webhook) = connector.webhook() else { return Vec::new() };
    let name = &connector.info().name;
    let mut out = Vec::new();
    if let Some(event) = event_address(connector, url).filter(|_| has_app || matches!(webhook.key, KeySource::App(_))) {
        out.push(Paste {
            label: "Event address of the app".into(),
            place: format!("the app's settings at {name}, where events are switched on (request URL, webhook URL)"),
            value: event,
        });
    }
    if !matches!(webhook.key, KeySource::App(_)) {
        out.push(Paste {
            label: "Webhook address of this connection".into(),
            place: format!("the settings of the webhook at {name}, together with the connection's webhook secret"),
            value: format!("{url}/webhooks/{}/{connection}", connector.id()),
        });
    }
    out
}
