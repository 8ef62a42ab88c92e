//! Where an installation stands, as all interfaces show it.

use connector_core::param::form::{Filled, Form};
use jackfield_store::setup::{KeptHook, SetupStep};
use serde_json::{Map, Value};

use super::{HookView, Progress, StepView, draft::Draft, fields, guide};
use crate::{Engine, Result};

fn title(step: SetupStep) -> &'static str {
    match step {
        SetupStep::Choose => "Choose",
        SetupStep::Parameters => "Settings",
        SetupStep::Consent => "Consent",
        SetupStep::Site => "Site",
        SetupStep::Validate => "Check",
        SetupStep::Resources => "Events",
        SetupStep::Webhooks => "Webhooks",
        SetupStep::Done => "Done",
    }
}

impl From<KeptHook> for HookView {
    fn from(h: KeptHook) -> Self {
        Self {
            resource: h.resource.label,
            state: h.state.as_str(),
            error: h.error,
            triggers: h.hook.map(|h| h.triggers).unwrap_or_default(),
            at: h.at,
        }
    }
}

impl Engine {
    /// The webhooks of a connection at its service.
    ///
    /// # Errors
    /// The store's.
    pub async fn connection_hooks(&self, connection: &str) -> Result<Vec<HookView>> {
        Ok(self.store().hooks(connection).await?.into_iter().map(HookView::from).collect())
    }

    /// The form of the step that is due, with what was given to it.
    async fn form(&self, draft: &Draft) -> Result<Form> {
        let (connector, i) = (&draft.connector, &draft.i);
        let mut values = Map::new();
        let (params, set) = match i.step {
            SetupStep::Choose => {
                let apps: Vec<_> =
                    self.store().apps().await?.into_iter().filter(|a| a.connector == i.connector).collect();
                let given = [
                    ("id", Some(i.connection.clone())),
                    ("name", Some(i.name.clone())),
                    ("method", i.method.clone()),
                    ("app", i.app.clone()),
                    ("use", (i.actions.is_some()).then(|| fields::USE_CHOSEN.to_owned())),
                ];
                let given = given.into_iter().filter_map(|(k, v)| Some((k, v.filter(|v| !v.is_empty())?)));
                values.extend(given.map(|(k, v)| (k.to_owned(), Value::String(v))));
                (fields::choose(connector, i, &apps), Vec::new())
            }
            SetupStep::Parameters => {
                values = i.values.clone();
                (fields::parameters(connector, draft.method()), self.kept_secrets(draft).await?)
            }
            SetupStep::Site => (fields::site(i), Vec::new()),
            _ => (Vec::new(), Vec::new()),
        };
        let params = self.with_addresses(params);
        let filled = Filled { values: Some(&values), set: &set, errors: &i.errors };
        Ok(Form::new(connector.id(), &params, &connector.info().fieldsets, filled))
    }

    pub(super) async fn show(&self, draft: &Draft) -> Result<Progress> {
        let i = &draft.i;
        let steps = draft
            .steps()
            .into_iter()
            .map(|step| StepView {
                step,
                title: title(step),
                done: step < i.step || i.step == SetupStep::Done,
                current: step == i.step,
            })
            .collect();
        let (choices, failed) = match i.step {
            SetupStep::Resources => self.resource_choices(draft).await,
            _ => (Vec::new(), None),
        };
        let hooks = if i.applied { self.connection_hooks(&i.connection).await? } else { Vec::new() };
        let by_hand = (i.step == SetupStep::Done && hooks.is_empty()) || failed.is_some();
        let scopes = draft.least_scopes();
        let holds = |needed: &String| {
            let by = |granted: &String| draft.method().is_some_and(|m| m.scopes.holds(granted, needed));
            i.scopes.iter().any(|granted| granted == needed || by(granted))
        };
        let missing = scopes.iter().filter(|s| !i.scopes.is_empty() && !holds(s)).cloned().collect();
        let mut errors = i.errors.clone();
        errors.extend(failed);
        Ok(Progress {
            id: i.id,
            connector: i.connector.clone(),
            connector_name: draft.connector.info().name.clone(),
            connection: i.connection.clone(),
            name: i.name.clone(),
            update: i.update,
            app: i.app.clone(),
            method: i.method.clone(),
            step: i.step,
            steps,
            form: self.form(draft).await?,
            choices,
            errors,
            scopes,
            missing_scopes: missing,
            consent: self.consent_view(draft),
            hooks,
            paste: if by_hand {
                guide::paste(&draft.connector, &self.inner.options.public_url, &i.connection, i.app.is_some())
            } else {
                Vec::new()
            },
            account: i.account.clone(),
            identity: i.identity.clone(),
            started_by: i.started_by.clone(),
            created_at: i.created_at,
            expires_at: i.expires_at,
        })
    }
}
