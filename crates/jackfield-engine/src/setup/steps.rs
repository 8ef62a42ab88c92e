//! The state machine: which steps there are, which may be taken, and what each does with what it is given.

use connector_core::{
    AuthMethod, Connector, Error, ErrorKind, FieldError, Secret, auth::Grant, param, schema::closest,
};
use jackfield_store::{Owner, StoreError, setup::SetupStep};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Progress, StepInput, draft::Draft, fields};
use crate::{Engine, EngineError, Result, connections, slug};

/// The steps of a connector's installation by this method.
pub(super) fn of(connector: &Connector, method: Option<&AuthMethod>) -> Vec<SetupStep> {
    let mut out = vec![SetupStep::Choose, SetupStep::Parameters];
    if let Some(m) = method {
        if m.grant.needs_consent() {
            out.push(SetupStep::Consent);
        }
        if m.grant.oauth().is_some_and(|o| o.site_choice.is_some()) {
            out.push(SetupStep::Site);
        }
    }
    if connector.has_validator() || method.is_some_and(obtains) {
        out.push(SetupStep::Validate);
    }
    if connector.hooks().is_some() {
        out.extend([SetupStep::Resources, SetupStep::Webhooks]);
    }
    out.push(SetupStep::Done);
    out
}

/// Whether tokens are asked for without a person.
pub(super) fn obtains(method: &AuthMethod) -> bool {
    matches!(method.grant, Grant::ClientCredentials(_) | Grant::JwtBearer { .. } | Grant::Installation(_))
}

fn wrong(errors: Vec<FieldError>, connector: &str) -> EngineError {
    Error::invalid_input(errors).with_connector(connector.to_owned()).into()
}

/// A form has no `/values` above its fields.
fn beside_the_form(e: EngineError) -> EngineError {
    match e {
        EngineError::Connector(e) => {
            let fields = e.fields().iter().map(|f| {
                let pointer = f.pointer.strip_prefix("/values").unwrap_or(&f.pointer);
                FieldError::new(pointer, f.message.clone())
            });
            Error::invalid_input(fields.collect()).into()
        }
        other => other,
    }
}

impl Engine {
    /// Takes a step with what its form was given. A step that lies behind may be taken again until the connection is saved:
    /// those after it are due again.
    ///
    /// # Errors
    /// Every failing field at once; `Conflict` for a step whose turn it is not, and if somebody else was faster; the store's.
    pub async fn installation_step(&self, id: Uuid, step: SetupStep, input: &StepInput) -> Result<Progress> {
        let input = input.clone();
        self.in_turn(id, move |engine| async move { engine.take_step(id, step, &input).await }).await
    }

    async fn take_step(&self, id: Uuid, step: SetupStep, input: &StepInput) -> Result<Progress> {
        let mut draft = self.draft(id).await?;
        self.may_take(&draft, step)?;
        let before = draft.i.step;
        draft.i.errors.clear();
        draft.i.step = step;
        let done = match step {
            SetupStep::Choose => self.choose(&mut draft, input).await,
            SetupStep::Parameters => self.parameters(&mut draft, input).await,
            SetupStep::Consent => self.ask_consent(&mut draft).await,
            SetupStep::Site => self.site(&mut draft, input).await,
            SetupStep::Validate => self.check(&mut draft).await,
            SetupStep::Resources => self.resources(&mut draft, input).await,
            SetupStep::Webhooks => self.webhooks(&mut draft, input).await,
            SetupStep::Done => Ok(()),
        };
        match done {
            Ok(()) => self.keep_draft(&mut draft).await?,
            Err(e) => {
                // What was wrong is shown to whoever comes back to it; a step that lies behind and was wrong changes nothing.
                let e = e.into_error();
                if step >= before && e.kind() != ErrorKind::Conflict {
                    draft.i.errors = match e.fields() {
                        [] => vec![FieldError::new("", e.caller_text())],
                        fields => fields.to_vec(),
                    };
                    self.keep_draft(&mut draft).await?;
                }
                return Err(e.into());
            }
        }
        self.show(&draft).await
    }

    fn may_take(&self, draft: &Draft, step: SetupStep) -> Result<()> {
        let conflict = |text: String| Err(Error::new(ErrorKind::Conflict, text).into());
        if !draft.steps().contains(&step) {
            return conflict(format!("`{}` has no step `{}`", draft.connector.id(), step.as_str()));
        }
        if step > draft.i.step {
            let (due, asked) = (draft.i.step.as_str(), step.as_str());
            return conflict(format!("the step `{due}` comes before `{asked}`; do that first"));
        }
        if draft.i.applied && step < SetupStep::Resources {
            let text = "the connection is saved already; change it by `jackfield connections update` or on its page";
            return conflict(text.to_owned());
        }
        Ok(())
    }

    /// Id, name, method, app, and what it will be used for.
    pub(super) async fn choose(&self, draft: &mut Draft, input: &StepInput) -> Result<()> {
        let connector = draft.connector.clone();
        let apps: Vec<_> = self.store().apps().await?.into_iter().filter(|a| a.connector == connector.id()).collect();
        let (mut plain, mut errors) = (input.clone(), Vec::new());
        for field in ["actions", "triggers"] {
            plain.remove(field);
        }
        let asked = fields::choose(&connector, &draft.i, &apps);
        // A select without options takes any text: apps are looked up by name here.
        let app = plain.get("app").and_then(|v| v.as_str()).map(str::trim).filter(|a| !a.is_empty()).map(str::to_owned);
        if let Some(app) = &app
            && !apps.iter().any(|a| &a.id == app)
        {
            errors.push(FieldError::new("/app", no_app(app, &apps, connector.id())));
            plain.remove("app");
        }
        let cleaned = match param::clean(&asked, &plain, &[]) {
            Ok(c) => c.values,
            Err(mut found) => {
                found.append(&mut errors);
                return Err(wrong(found, connector.id()));
            }
        };
        let text = |field: &str| cleaned.get(field).and_then(|v| v.as_str()).map(str::to_owned);
        if let Some(id) = text("id").filter(|_| !draft.i.update) {
            if slug::check(&id).is_ok() && self.is_taken(&id).await? {
                errors.push(FieldError::new(
                    "/id",
                    "is the id of another connection; choose another, or update that one",
                ));
            }
            draft.i.connection = id;
        }
        let method = text("method").or_else(|| connector.info().auth.first().map(|m| m.id.clone()));
        let needs_app =
            method.as_deref().and_then(|m| connector.auth_method(m)).is_some_and(|m| !m.app_params.is_empty());
        if needs_app && app.is_none() && errors.is_empty() {
            let text = format!(
                "this method needs an app; make one under Apps or by `jackfield apps put`, as `jackfield apps guide {}` says",
                connector.id()
            );
            errors.push(FieldError::new("/app", text));
        }
        let (actions, triggers) = self.uses(draft, &cleaned, input, &mut errors);
        if !errors.is_empty() {
            return Err(wrong(errors, connector.id()));
        }
        let same = draft.i.method == method && draft.i.app == app;
        draft.i.name = text("name").unwrap_or_else(|| draft.i.connection.clone());
        draft.app = apps.into_iter().find(|a| Some(&a.id) == app.as_ref());
        (draft.i.method, draft.i.app, draft.i.actions, draft.i.triggers) = (method, app, actions, triggers);
        if !same {
            // What another method or app was granted is worth nothing here.
            draft.secrets.granted = None;
            draft.secrets.pending = None;
            draft.i.granted = false;
            draft.i.sites.clear();
        }
        draft.i.step = SetupStep::Parameters;
        Ok(())
    }

    async fn is_taken(&self, id: &str) -> Result<bool> {
        match self.store().connection(id).await {
            Ok(_) => Ok(true),
            Err(StoreError::NotFound(..)) => Ok(false),
            Err(e) => Err(e.into()),
        }
    }

    /// The actions and triggers that it is to be used for.
    fn uses(
        &self,
        draft: &Draft,
        cleaned: &StepInput,
        input: &StepInput,
        errors: &mut Vec<FieldError>,
    ) -> (Option<Vec<String>>, Option<Vec<String>>) {
        let actions = draft.connector.actions();
        let triggers = draft.connector.triggers();
        let mut named = |field: &str, known: Vec<&str>, before: &Option<Vec<String>>| {
            let Some(given) = input.get(field) else { return before.clone() };
            let list = fields::list(Some(given));
            for (n, name) in list.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str())) {
                let hint =
                    closest(name, known.iter().copied()).map(|k| format!("; did you mean `{k}`?")).unwrap_or_default();
                errors
                    .push(FieldError::new(format!("/{field}/{n}"), format!("is not one that the connector has{hint}")));
            }
            Some(list)
        };
        let chosen_actions =
            named("actions", actions.iter().map(|a| a.info().name.as_str()).collect(), &draft.i.actions);
        let chosen_triggers =
            named("triggers", triggers.iter().map(|t| t.info().name.as_str()).collect(), &draft.i.triggers);
        match cleaned.get("use").and_then(|v| v.as_str()) {
            Some(fields::USE_READ) => {
                let reading = actions.iter().map(|a| a.info()).filter(|a| a.effect == connector_core::Effect::Read);
                (Some(reading.map(|a| a.name.clone()).collect()), chosen_triggers)
            }
            Some(fields::USE_ALL) if input.contains_key("use") => (None, chosen_triggers),
            _ => (chosen_actions, chosen_triggers),
        }
    }

    /// Secrets that may be left out: typed in before, or, of a change, the connection's own.
    pub(super) async fn kept_secrets(&self, draft: &Draft) -> Result<Vec<String>> {
        let mut kept: Vec<String> = draft.secrets.secrets.iter().map(|(n, _)| n.clone()).collect();
        if draft.i.update || draft.i.applied {
            kept.extend(self.store().secret_names(&Owner::Connection(draft.i.connection.clone())).await?);
        }
        kept.sort();
        kept.dedup();
        Ok(kept)
    }

    /// The connection's params.
    async fn parameters(&self, draft: &mut Draft, input: &StepInput) -> Result<()> {
        let mut kept = self.kept_secrets(draft).await?;
        let asked = fields::parameters(&draft.connector, draft.method());
        let (input, refers) = self.take_references(&asked, input.clone(), &mut kept).await.map_err(beside_the_form)?;
        let cleaned = match fields::clean_parameters(draft, &input, &kept) {
            Ok(c) => c,
            Err(errors) => return Err(wrong(errors, draft.connector.id())),
        };
        let given: Vec<_> = cleaned.secrets.iter().cloned().chain(refers.iter().cloned()).collect();
        self.stay_with_the_address(draft, &cleaned.values, &given).await?;
        // What the method filled stays; of what is asked for, what was left out is gone.
        draft.i.values.retain(|id, _| !asked.iter().any(|p| &p.id == id));
        draft.i.values.extend(cleaned.values);
        for (name, secret) in cleaned.secrets.into_iter().chain(refers) {
            draft.set_secret(&name, secret);
        }
        self.go_on(draft).await
    }

    /// A change that sends calls elsewhere takes nothing along that is write-only: secrets are given again, consent too.
    async fn stay_with_the_address(
        &self,
        draft: &mut Draft,
        values: &Map<String, Value>,
        given: &[(String, Secret)],
    ) -> Result<()> {
        if !draft.i.update && !draft.i.applied {
            return Ok(());
        }
        let before = self.store().connection(&draft.i.connection).await?;
        let mut now = draft.i.values.clone();
        now.extend(values.clone());
        if !connections::moves(&draft.connector, &before.values, &now) {
            return Ok(());
        }
        (draft.i.granted, draft.secrets.granted) = (false, None);
        let stored = self.store().secret_names(&Owner::Connection(draft.i.connection.clone())).await?;
        let typed = |name: &String| draft.secrets.secrets.iter().any(|(n, _)| n == name);
        let stored: Vec<String> = stored.into_iter().filter(|n| !typed(n)).collect();
        let again = connections::given_again(&stored, given);
        if again.is_empty() { Ok(()) } else { Err(wrong(again, draft.connector.id())) }
    }

    /// Which of the account's sites.
    async fn site(&self, draft: &mut Draft, input: &StepInput) -> Result<()> {
        let cleaned = param::clean(&fields::site(&draft.i), input, &[]).map_err(|e| wrong(e, draft.connector.id()))?;
        let chosen = cleaned.values.get("site").and_then(|v| v.as_str());
        let Some(site) = draft.i.sites.iter().find(|s| Some(s.id.as_str()) == chosen) else {
            return Err(EngineError::field("/site", "is not one of the account's sites"));
        };
        let values = site.values.clone();
        draft.i.values.extend(values);
        self.go_on(draft).await
    }

    /// To the next step; where that needs nobody, through it.
    pub(super) async fn go_on(&self, draft: &mut Draft) -> Result<()> {
        loop {
            draft.i.step = draft.after(draft.i.step);
            match draft.i.step {
                SetupStep::Consent if draft.i.granted => {}
                SetupStep::Site if draft.i.sites.len() < 2 => {}
                SetupStep::Validate => return self.check(draft).await,
                // Without webhooks to choose the connection is whole.
                SetupStep::Done => return self.finish(draft).await,
                _ => return Ok(()),
            }
        }
    }
}

pub(super) fn no_app(app: &str, apps: &[jackfield_store::App], connector: &str) -> String {
    let hint = match closest(app, apps.iter().map(|a| a.id.as_str())) {
        Some(near) => format!("did you mean `{near}`?"),
        None if apps.is_empty() => {
            format!("there is none yet; `jackfield apps guide {connector}` says how to make one")
        }
        None => format!("there are {}", apps.iter().map(|a| a.id.as_str()).collect::<Vec<_>>().join(", ")),
    };
    format!("is no app of `{connector}`; {hint}")
}
