//! The steps `resources` and `webhooks`: what is to send events, and the webhooks that make it do so.

use connector_core::{
    Error, ErrorKind, FieldError, Secret,
    hooks::{HookOrder, Hooks, Resource},
    webhook::KeySource,
};
use jackfield_store::setup::{ChosenResource, HookState, KeptHook, SetupStep};

use super::{Choice, ChoiceOption, MAX_RESOURCES, StepInput, draft, draft::Draft, fields};
use crate::{Engine, EngineError, Result};

/// Pages of resources that are read for one form.
const MAX_PAGES: usize = 5;
/// How the account as a whole is named in forms.
pub(super) const WHOLE: &str = "*";

/// What can have a webhook, as far as it was read.
pub(super) struct Offered {
    pub(super) items: Vec<Resource>,
    pub(super) more: bool,
}

impl Engine {
    async fn offered(&self, draft: &Draft, hooks: &dyn Hooks) -> Result<Offered, Error> {
        let cx = self.draft_cx(draft).await.map_err(EngineError::into_error)?;
        let (mut items, mut mark) = (Vec::new(), None::<String>);
        for _ in 0..MAX_PAGES {
            let page = hooks.resources(&cx, mark.as_deref()).await?;
            items.extend(page.items);
            mark = page.next;
            if mark.is_none() {
                break;
            }
        }
        if items.is_empty() && mark.is_none() {
            let label = format!("all of {}", draft.i.account.as_deref().unwrap_or("the account"));
            items.push(Resource { id: WHOLE.into(), label, kind: "account".into() });
        }
        Ok(Offered { items, more: mark.is_some() })
    }

    /// What the step `resources` lets choose. An error is shown in its place: the step can be passed without a choice.
    pub(super) async fn resource_choices(&self, draft: &Draft) -> (Vec<Choice>, Option<FieldError>) {
        let Some(hooks) = draft.connector.hooks() else { return (Vec::new(), None) };
        let error = |id: &str| {
            let of = |f: &&FieldError| f.pointer.split('/').nth(1) == Some(id);
            draft.i.errors.iter().find(of).map(|f| f.message.clone())
        };
        let chosen = |id: &str| draft.i.resources.iter().any(|r| r.id == id || (r.id.is_empty() && id == WHOLE));
        let (offered, failed) = match self.offered(draft, hooks.as_ref()).await {
            Ok(o) => (o, None),
            Err(e) => (Offered { items: Vec::new(), more: false }, Some(FieldError::new("", e.caller_text()))),
        };
        if let Some(failed) = failed {
            return (Vec::new(), Some(failed));
        }
        let mut options: Vec<ChoiceOption> = offered
            .items
            .iter()
            .map(|r| ChoiceOption { value: r.id.clone(), label: r.label.clone(), chosen: chosen(&r.id) })
            .collect();
        for r in draft.i.resources.iter().filter(|r| !r.id.is_empty() && !offered.items.iter().any(|o| o.id == r.id)) {
            options.push(ChoiceOption { value: r.id.clone(), label: r.label.clone(), chosen: true });
        }
        let wanted = draft.triggers();
        let sent = draft.connector.triggers().iter().map(|t| t.info()).filter(|t| hooks.sends(&t.name));
        let triggers = sent
            .map(|t| ChoiceOption {
                value: t.name.clone(),
                label: t.title.clone(),
                chosen: draft.i.triggers.is_some() && wanted.contains(&t.name),
            })
            .collect();
        let choices = vec![
            Choice {
                id: "resources",
                label: "Where events come from".into(),
                help: "A webhook is made at each. Choose none if you want no events.".into(),
                options,
                more: offered.more,
                error: error("resources"),
            },
            Choice {
                id: "triggers",
                label: "Which events".into(),
                help: "Only these are asked for; others can be added later by an update.".into(),
                options: triggers,
                more: false,
                error: error("triggers"),
            },
        ];
        (choices, None)
    }

    /// What is to send events. With it the connection is saved.
    pub(super) async fn resources(&self, draft: &mut Draft, input: &StepInput) -> Result<()> {
        let Some(hooks) = draft.connector.hooks().cloned() else { return self.finish(draft).await };
        let mut wanted = fields::list(input.get("resources"));
        wanted.extend(fields::list(input.get("more_resources")));
        let mut triggers = fields::list(input.get("triggers"));
        let mut seen = std::collections::HashSet::new();
        wanted.retain(|r| seen.insert(r.clone()));
        triggers.sort();
        triggers.dedup();
        let mut errors = Vec::new();
        if wanted.len() > MAX_RESOURCES {
            errors.push(FieldError::new("/resources", format!("choose {MAX_RESOURCES} at most; an organization's one webhook sends the events of all its repositories")));
        }
        if wanted.iter().any(|r| r.len() > 255) {
            errors.push(FieldError::new("/resources", "holds a name that is too long"));
        }
        let known = draft.connector.triggers().iter().map(|t| t.info().name.clone()).filter(|t| hooks.sends(t));
        let known: Vec<String> = known.collect();
        if triggers.iter().any(|t| !known.contains(t)) {
            errors.push(FieldError::new("/triggers", "holds one that no webhook of this service sends"));
        }
        if !wanted.is_empty() && triggers.is_empty() {
            errors.push(FieldError::new(
                "/triggers",
                "choose at least one kind of event, or nowhere that events come from",
            ));
        }
        if !errors.is_empty() {
            return Err(Error::invalid_input(errors).with_connector(draft.i.connector.clone()).into());
        }
        let labels = if wanted.is_empty() {
            Vec::new()
        } else {
            self.offered(draft, hooks.as_ref()).await.map(|o| o.items).unwrap_or_default()
        };
        draft.i.resources = wanted
            .into_iter()
            .map(|id| {
                let label = labels.iter().find(|r| r.id == id).map_or_else(|| id.clone(), |r| r.label.clone());
                ChosenResource { id: if id == WHOLE { String::new() } else { id }, label }
            })
            .collect();
        if !draft.i.resources.is_empty() {
            self.public_url()?;
            self.make_key(draft).await?;
            draft.i.triggers = Some(triggers);
        }
        self.save(draft).await?;
        draft.i.step = SetupStep::Webhooks;
        // What was saved is kept before the service is asked for anything: a crash comes back to here.
        self.keep_draft(draft).await?;
        self.webhooks(draft, &StepInput::new()).await
    }

    /// The key that the webhooks sign with: made, where there is a param for it and none was given.
    async fn make_key(&self, draft: &mut Draft) -> Result<()> {
        let Some(KeySource::Connection(param)) = draft.connector.webhook().map(|w| w.key.clone()) else {
            return Ok(());
        };
        if self.kept_secrets(draft).await?.contains(&param) {
            return Ok(());
        }
        draft.set_secret(&param, Secret::from(draft::random()?));
        Ok(())
    }

    /// Makes what is not there yet, and removes what was not chosen again. `finish` in the input ends the step although some
    /// failed.
    pub(super) async fn webhooks(&self, draft: &mut Draft, input: &StepInput) -> Result<()> {
        let Some(hooks) = draft.connector.hooks().cloned() else { return self.finish(draft).await };
        if fields::flag(input.get("finish")) {
            return self.finish(draft).await;
        }
        let connection = draft.i.connection.clone();
        let kept = self.store().hooks(&connection).await?;
        let mut failed = Vec::new();
        for old in kept.iter().filter(|h| !draft.i.resources.iter().any(|r| r.id == h.resource.id)) {
            if let Err(e) = self.remove_hook(&draft.connector, old.clone()).await? {
                failed.push((old.resource.label.clone(), e));
            }
        }
        if !draft.i.resources.is_empty() {
            let cx = self.draft_cx(draft).await?;
            let Some(key) = draft.connector.webhook().map(|w| w.key.id().to_owned()) else {
                return self.finish(draft).await;
            };
            let url = format!("{}/webhooks/{}/{connection}", self.public_url()?, draft.i.connector);
            for resource in draft.i.resources.clone() {
                let order = HookOrder {
                    resource: Some(resource.id.clone()).filter(|r| !r.is_empty()),
                    url: url.clone(),
                    secret: key.clone(),
                    triggers: draft.triggers(),
                };
                let before = kept.iter().find(|h| h.resource.id == resource.id);
                let at = |state, hook, error| KeptHook {
                    connection: connection.clone(),
                    resource: resource.clone(),
                    hook,
                    state,
                    error,
                    at: self.now(),
                };
                // Written before it is made: if the process dies in between, it is known that there may be one.
                let old = before.and_then(|h| h.hook.clone());
                self.store().put_hook(at(HookState::Installing, old.clone(), None)).await?;
                match hooks.install(&cx, &order).await {
                    Ok(hook) => self.store().put_hook(at(HookState::Installed, Some(hook), None)).await?,
                    Err(e) => {
                        self.store().put_hook(at(HookState::Failed, old, Some(e.caller_text().to_owned()))).await?;
                        failed.push((resource.label.clone(), e));
                    }
                }
            }
        }
        if failed.is_empty() {
            return self.finish(draft).await;
        }
        let errors: Vec<FieldError> =
            failed.iter().map(|(label, e)| FieldError::new("", format!("{label}: {}", e.caller_text()))).collect();
        // The connection is saved and works; only these webhooks are missing. That is where it stands, not a wrong input.
        draft.i.errors = errors;
        draft.i.step = SetupStep::Webhooks;
        Ok(())
    }

    /// Removes a webhook at the service and forgets it; one that could not be removed stays with the reason.
    pub(super) async fn remove_hook(
        &self,
        connector: &connector_core::Connector,
        mut kept: KeptHook,
    ) -> Result<Result<(), Error>> {
        let connection = self.store().connection(&kept.connection).await?;
        let done = match (connector.hooks(), &kept.hook) {
            (Some(hooks), Some(hook)) => {
                let hook = hook.clone();
                kept.state = HookState::Removing;
                kept.at = self.now();
                self.store().put_hook(kept.clone()).await?;
                // Credentials that are dead are no reason to keep a connection.
                match self.connection_cx(connector, &connection).await {
                    Ok(cx) => hooks.remove(&cx, &hook).await,
                    Err(e) => Err(e.into_error()),
                }
            }
            // It was being made when the process died.
            (_, None) if kept.state == HookState::Installing => {
                Err(Error::new(ErrorKind::NotFound, "it is not known whether it was made"))
            }
            (_, None) => Ok(()),
            (None, Some(_)) => Err(Error::new(ErrorKind::Unsupported, "the connector cannot remove webhooks any more")),
        };
        match &done {
            Ok(()) => self.store().delete_hook(&kept.connection, &kept.resource.id).await?,
            Err(e) => {
                kept.state = HookState::Failed;
                kept.error = Some(e.caller_text().to_owned());
                self.store().put_hook(kept).await?;
            }
        }
        Ok(done)
    }
}
