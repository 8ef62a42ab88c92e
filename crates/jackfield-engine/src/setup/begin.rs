//! The beginning: a new connection, or a change of one that is there.

use connector_core::{Error, ErrorKind, FieldError, Limit, network::Allow};
use jackfield_store::setup::{ChosenResource, HookState, Installation, InstallationSecrets, SetupStep};
use jiff::SignedDuration;
use uuid::Uuid;

use super::{Begin, LASTS, Progress, StepInput, draft::Draft};
use crate::{Engine, EngineError, Result, connections};

/// How often it is looked for installations whose time is over.
const EVERY: SignedDuration = SignedDuration::from_mins(10);

impl Engine {
    /// Begins an installation. Where all is told that its first step would ask for, that step lies behind.
    ///
    /// # Errors
    /// Every failing field; the store's.
    pub async fn begin_installation(&self, begin: Begin, by: Option<String>) -> Result<Progress> {
        self.sweep_installations().await?;
        let connector =
            self.registry().get(&begin.connector).map_err(|e| EngineError::field("/connector", e.caller_text()))?;
        let mut draft = self.new_draft(&connector, by);
        draft.i.networks = connections::clean::<Allow>("networks", &begin.networks)?;
        draft.i.limits = connections::clean::<Limit>("limits", &begin.limits)?;
        let mut input = StepInput::new();
        for (field, value) in [("id", &begin.id), ("name", &begin.name), ("app", &begin.app), ("method", &begin.method)]
        {
            if let Some(v) = value {
                input.insert(field.into(), v.clone().into());
            }
        }
        // A slip in what was told is told at once, before anything is kept.
        if begin.id.is_some() {
            self.choose(&mut draft, &input).await?;
        } else {
            self.suggest(&mut draft, &begin).await?;
        }
        self.keep_draft(&mut draft).await?;
        self.show(&draft).await
    }

    /// What was told before the id was chosen stands in the form of the first step.
    async fn suggest(&self, draft: &mut Draft, begin: &Begin) -> Result<()> {
        let mut wrong = Vec::new();
        if let Some(method) = &begin.method {
            if draft.connector.auth_method(method).is_none() {
                let known: Vec<&str> = draft.connector.info().auth.iter().map(|m| m.id.as_str()).collect();
                let text = format!("is no way to connect `{}`; there are {}", begin.connector, known.join(", "));
                wrong.push(FieldError::new("/method", text));
            }
            draft.i.method = Some(method.clone());
        }
        if let Some(app) = &begin.app {
            let apps: Vec<_> =
                self.store().apps().await?.into_iter().filter(|a| a.connector == begin.connector).collect();
            if !apps.iter().any(|a| &a.id == app) {
                wrong.push(FieldError::new("/app", super::steps::no_app(app, &apps, &begin.connector)));
            }
            draft.i.app = Some(app.clone());
        }
        draft.i.name = begin.name.clone().unwrap_or_default();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Error::invalid_input(wrong).with_connector(begin.connector.clone()).into())
    }

    /// Begins a change of a connection: it works on a copy, and the connection stays as it is until the copy was checked.
    ///
    /// # Errors
    /// The store's.
    pub async fn begin_update(&self, connection: &str, by: Option<String>) -> Result<Progress> {
        self.sweep_installations().await?;
        let store = self.store();
        let c = store.connection(connection).await?;
        let connector = self.registry().get(&c.connector)?;
        let mut draft = self.new_draft(&connector, by);
        let made: Vec<_> =
            store.hooks(connection).await?.into_iter().filter(|h| h.state != HookState::Removing).collect();
        let mut triggers: Vec<String> =
            made.iter().filter_map(|h| h.hook.as_ref()).flat_map(|h| h.triggers.clone()).collect();
        triggers.sort();
        triggers.dedup();
        let method = c.auth.clone().filter(|m| connector.auth_method(m).is_some());
        draft.i = Installation {
            connection: c.id,
            name: c.name,
            update: true,
            app: c.app.clone(),
            method: method.or(draft.i.method),
            values: c.values,
            networks: c.networks,
            limits: c.limits,
            identity: c.identity,
            account: c.account,
            triggers: (!triggers.is_empty()).then_some(triggers),
            resources: made.into_iter().map(|h| h.resource).collect::<Vec<ChosenResource>>(),
            ..draft.i
        };
        // Credentials that work need no new consent.
        if let Some(token) = store.token(connection).await? {
            draft.i.granted = token.status.state.is_usable() && draft.i.method.as_ref() == Some(&token.status.method);
            draft.i.scopes = token.status.scopes;
        }
        if let Some(app) = &draft.i.app {
            draft.app = Some(store.app(app).await?);
        }
        self.keep_draft(&mut draft).await?;
        self.show(&draft).await
    }

    fn new_draft(&self, connector: &std::sync::Arc<connector_core::Connector>, by: Option<String>) -> Draft {
        let now = self.now();
        let i = Installation {
            id: Uuid::now_v7(),
            connector: connector.id().to_owned(),
            connection: String::new(),
            name: String::new(),
            update: false,
            app: None,
            method: connector.info().auth.first().map(|m| m.id.clone()),
            step: SetupStep::Choose,
            values: Default::default(),
            networks: Vec::new(),
            limits: Vec::new(),
            actions: None,
            triggers: None,
            resources: Vec::new(),
            sites: Vec::new(),
            granted: false,
            scopes: Vec::new(),
            identity: Default::default(),
            account: None,
            applied: false,
            errors: Vec::new(),
            started_by: by,
            state_hash: None,
            ticket_hash: None,
            browser_hash: None,
            created_at: now,
            updated_at: now,
            expires_at: now.saturating_add(LASTS).unwrap_or(now),
            version: 0,
        };
        Draft { i, secrets: InstallationSecrets::default(), connector: connector.clone(), app: None }
    }

    /// All installations, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn installations(&self) -> Result<Vec<Installation>> {
        self.sweep_installations().await?;
        Ok(self.store().installations().await?)
    }

    /// Where an installation stands, and what its next step asks.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn installation(&self, id: Uuid) -> Result<Progress> {
        let draft = self.draft(id).await?;
        self.show(&draft).await
    }

    /// The same, looked at in a step that lies behind; a step that does not, or is none of its steps, is passed over.
    ///
    /// # Errors
    /// `NotFound`; the store's.
    pub async fn installation_at(&self, id: Uuid, step: Option<SetupStep>) -> Result<Progress> {
        let mut draft = self.draft(id).await?;
        if let Some(step) = step.filter(|s| *s < draft.i.step && !draft.i.applied && draft.steps().contains(s)) {
            draft.i.step = step;
            draft.i.errors.clear();
        }
        self.show(&draft).await
    }

    /// Forgets installations whose time is over, with their secrets. What they had saved stays.
    ///
    /// # Errors
    /// The store's.
    pub async fn sweep_installations(&self) -> Result<()> {
        let now = self.now();
        for i in self.store().installations().await?.into_iter().filter(|i| i.expires_at <= now) {
            self.store().delete_installation(i.id).await?;
        }
        Ok(())
    }

    /// The same, for whoever asks often: looks at most once in ten minutes.
    pub(crate) async fn sweep_now_and_then(&self) {
        let now = self.now();
        {
            let mut swept = self.inner.swept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if swept.is_some_and(|at| now.duration_since(at) < EVERY && at <= now) {
                return;
            }
            *swept = Some(now);
        }
        if let Err(e) = self.sweep_installations().await {
            tracing::error!(error = %e, "installations whose time is over could not be forgotten");
        }
    }
}

/// Whether something is not there (any more).
pub(super) fn is_missing(e: &connector_core::Error) -> bool {
    e.kind() == ErrorKind::NotFound
}

/// The scopes that everything needs that a connector can do.
pub(super) fn all_scopes(connector: &std::sync::Arc<connector_core::Connector>) -> Vec<String> {
    let actions = connector.actions().iter().flat_map(|a| a.info().scopes.clone());
    let mut scopes: Vec<String> =
        actions.chain(connector.triggers().iter().flat_map(|t| t.info().scopes.clone())).collect();
    scopes.sort();
    scopes.dedup();
    scopes
}
