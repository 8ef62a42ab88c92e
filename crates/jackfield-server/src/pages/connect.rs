//! Connecting step by step: the catalog, and each step of an installation as a page.

use axum::{
    Extension,
    extract::{Path, Query, State},
    response::Response,
};
use http::StatusCode;
use jackfield_engine::{Begin, Consent, Progress, StepInput};
use jackfield_store::setup::SetupStep;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Page, Problem, Viewer, consent, failed, failure, fields, go};
use crate::{
    AppState,
    auth::{Fields, Note},
    error::ApiError,
};

pub(super) async fn catalog(State(s): State<AppState>, v: Viewer) -> Response {
    let installations = match s.engine.installations().await {
        Ok(all) => all,
        Err(e) => return failed(&s, e),
    };
    let name = |id: &str| s.engine.registry().get(id).map_or_else(|_| id.to_owned(), |c| c.info().name.clone());
    let begun: Vec<Value> = installations
        .iter()
        .filter(|i| i.step != SetupStep::Done)
        .map(|i| json!({"id": i.id, "service": name(&i.connector), "connection": i.connection, "update": i.update, "at": i.created_at}))
        .collect();
    let connectors: Vec<Value> = s
        .engine
        .registry()
        .list()
        .iter()
        .map(|c| json!({"id": c.id(), "name": c.info().name, "summary": c.info().summary, "icon": !c.info().icon.is_empty(), "apps": !c.info().app_params.is_empty()}))
        .collect();
    Page::new("connect.html", "Connect a service")
        .with(json!({"connectors": connectors, "begun": begun}))
        .show(&s, Some(&v))
}

pub(super) async fn begin(State(s): State<AppState>, v: Viewer, form: Fields) -> Response {
    let begin = Begin { connector: form.text("connector").to_owned(), ..Begin::default() };
    match s.engine.begin_installation(begin, Some(v.principal.name.clone())).await {
        Ok(p) => go(&format!("/connect/{}", p.id)),
        Err(e) => failed(&s, e),
    }
}

#[derive(Deserialize, Default)]
pub(super) struct At {
    /// A step that lies behind, to be looked at again.
    step: Option<String>,
}

pub(super) async fn show(
    State(s): State<AppState>,
    v: Viewer,
    Path(id): Path<String>,
    Query(at): Query<At>,
) -> Response {
    let Some(id) = id_of(&id) else { return not_there(&s) };
    let step = at.step.and_then(|t| t.parse::<SetupStep>().ok());
    match s.engine.installation_at(id, step).await {
        Ok(p) => {
            let problems = p.errors.iter().map(problem).collect();
            page(&s, &p, None, problems).status(StatusCode::OK).show(&s, Some(&v))
        }
        Err(e) => failed(&s, e),
    }
}

fn id_of(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok()
}

fn not_there(s: &AppState) -> Response {
    failure(
        s,
        StatusCode::NOT_FOUND,
        "there is no such installation; it was finished, given up, or nobody went on with it for a week",
    )
}

fn problem(e: &connector_core::FieldError) -> Problem {
    Problem {
        id: e.pointer.split('/').nth(1).unwrap_or_default().to_owned(),
        label: String::new(),
        message: e.message.clone(),
    }
}

/// The page of the step that is due. `given`: what was sent and was wrong.
fn page(s: &AppState, p: &Progress, given: Option<&Fields>, mut problems: Vec<Problem>) -> Page {
    let mut groups = fields::groups(&p.form, given);
    for g in &mut groups {
        if let Some(Value::Array(list)) = g.get_mut("fields") {
            super::mark(list, &mut problems);
        }
    }
    let mut choices: Vec<Value> = p
        .choices
        .iter()
        .map(|c| {
            let chosen: Vec<&str> = match given {
                Some(g) => g.all(c.id).collect(),
                None => c.options.iter().filter(|o| o.chosen).map(|o| o.value.as_str()).collect(),
            };
            json!({"id": c.id, "label": c.label, "help": c.help, "type": "checks", "options": c.options, "value": chosen,
                "error": c.error, "more": c.more, "long": c.options.len() > 12})
        })
        .collect();
    super::mark(&mut choices, &mut problems);
    // What names a field that this page does not have is about the whole.
    let shown = |id: &str| {
        let has = |list: &[Value]| list.iter().any(|f| f.get("id").and_then(Value::as_str) == Some(id));
        has(&choices) || groups.iter().any(|g| g.get("fields").and_then(Value::as_array).is_some_and(|l| has(l)))
    };
    for p in &mut problems {
        if !p.id.is_empty() && !shown(&p.id) {
            p.message = format!("`{}` {}", p.id, p.message);
            p.id.clear();
        }
    }
    let n = p.steps.iter().position(|st| st.current).unwrap_or_default() + 1;
    let title = match p.steps.iter().find(|st| st.current) {
        Some(st) if p.step != SetupStep::Done => {
            format!("{}: {} (step {n} of {})", p.connector_name, st.title, p.steps.len())
        }
        _ => format!("{} is connected", p.connector_name),
    };
    let device = match &p.consent {
        Some(Consent::Device { user_code, verification_uri, verification_uri_complete, .. }) => {
            json!({"code": user_code, "uri": verification_uri_complete.as_ref().or(verification_uri.as_ref()), "shown": verification_uri})
        }
        _ => Value::Null,
    };
    let fixed = p.hooks.iter().any(|h| h.state == "installed") || p.step >= SetupStep::Webhooks;
    Page::new("installation.html", &title)
        .with(json!({
            "p": p, "step": p.step.as_str(), "groups": groups, "choices": choices, "device": device, "public": s.config.public_url,
            "back_to_steps": !fixed,
        }))
        .problems(problems)
}

pub(super) async fn step(
    State(s): State<AppState>,
    v: Viewer,
    Path((id_text, step)): Path<(String, String)>,
    sent: Fields,
) -> Response {
    let Some(id) = id_of(&id_text) else { return not_there(&s) };
    let Ok(step) = step.parse::<SetupStep>() else { return not_there(&s) };
    let before = match s.engine.installation_at(id, Some(step)).await {
        Ok(p) => p,
        Err(e) => return failed(&s, e),
    };
    let mut input: StepInput = fields::values(&before.form, &sent);
    for list in ["resources", "triggers"] {
        if matches!(step, SetupStep::Resources) {
            input.insert(list.into(), sent.all(list).collect::<Vec<_>>().into());
        }
    }
    for one in ["more_resources", "finish"] {
        if let Some(text) = sent.get(one) {
            input.insert(one.into(), text.into());
        }
    }
    match s.engine.installation_step(id, step, &input).await {
        Ok(p) => go(&format!("/connect/{}", p.id)),
        Err(e) => {
            let e = ApiError::from(e);
            if !matches!(e.status(), StatusCode::UNPROCESSABLE_ENTITY) {
                // It stands in the installation, whose page shows it.
                return match e.status() {
                    StatusCode::NOT_FOUND => not_there(&s),
                    StatusCode::CONFLICT => failed(&s, e),
                    _ => go(&format!("/connect/{id}")),
                };
            }
            match s.engine.installation_at(id, Some(step)).await {
                Ok(p) if p.step == step => page(&s, &p, Some(&sent), Problem::all(&e)).show(&s, Some(&v)),
                Ok(p) => go(&format!("/connect/{}", p.id)),
                Err(e) => failed(&s, e),
            }
        }
    }
}

pub(super) async fn send_to_service(State(s): State<AppState>, v: Viewer, Path(id): Path<String>) -> Response {
    let Some(id) = id_of(&id) else { return not_there(&s) };
    match s.engine.begin_consent(id).await {
        Ok(start) => consent::lead_on(&s, Some(&v), &start),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn cancel(
    State(s): State<AppState>,
    v: Viewer,
    Extension(_note): Extension<Note>,
    Path(id): Path<String>,
) -> Response {
    let Some(id) = id_of(&id) else { return not_there(&s) };
    match s.engine.cancel_installation(id).await {
        Ok(r) if r.left.is_empty() => go("/connect"),
        Ok(r) => Page::new("removed.html", "Given up")
            .with(json!({"removed": r, "what": "The installation"}))
            .show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}
