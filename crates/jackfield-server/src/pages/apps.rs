//! Apps: the gateway's own registrations at services, and what to paste where there.

use axum::{
    extract::{Query, State},
    response::Response,
};
use connector_core::{
    Connector, FieldError,
    param::form::{Filled, Form},
};
use jackfield_engine::AppInput;
use jackfield_store::Owner;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Page, Problem, Viewer, failed, fields, go};
use crate::{AppState, auth::Fields, error::ApiError};

pub(super) async fn list(State(s): State<AppState>, v: Viewer) -> Response {
    match page(&s).await {
        Ok(page) => page.show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}

async fn page(s: &AppState) -> Result<Page, ApiError> {
    let store = s.engine.store();
    let connections = store.connections().await?;
    let registry = s.engine.registry();
    let apps: Vec<Value> = store
        .apps()
        .await?
        .iter()
        .map(|a| {
            let users: Vec<&str> =
                connections.iter().filter(|c| c.app.as_ref() == Some(&a.id)).map(|c| c.name.as_str()).collect();
            let service = registry.get(&a.connector).map_or_else(|_| a.connector.clone(), |c| c.info().name.clone());
            json!({"id": a.id, "name": a.name, "connector": a.connector, "service": service, "users": users})
        })
        .collect();
    let possible: Vec<Value> = registry
        .list()
        .iter()
        .filter(|c| !c.info().app_params.is_empty())
        .map(|c| json!({"id": c.id(), "name": c.info().name}))
        .collect();
    Ok(Page::new("apps.html", "Apps").with(json!({"apps": apps, "connectors": possible})))
}

#[derive(Deserialize, Default)]
pub(super) struct Asked {
    #[serde(default)]
    connector: String,
    /// An app that is there, to be changed.
    #[serde(default)]
    id: String,
}

/// The form of an app, with the guide beside it.
async fn form(
    s: &AppState,
    asked: &Asked,
    sent: Option<&Fields>,
    mut problems: Vec<Problem>,
) -> Result<Page, ApiError> {
    let connector = s.engine.registry().get(&asked.connector)?;
    let guide = s.engine.app_guide(&asked.connector)?;
    let there = if asked.id.is_empty() { None } else { s.engine.store().app(&asked.id).await.ok() };
    let set = match &there {
        Some(a) => s.engine.store().secret_names(&Owner::App(a.id.clone())).await?,
        None => Vec::new(),
    };
    let model = model(s, &connector, there.as_ref().map(|a| &a.values), &set);
    let typed = |field: &str| sent.map(|f| f.text(field).to_owned());
    let id = typed("id")
        .or_else(|| there.as_ref().map(|a| a.id.clone()))
        .unwrap_or_else(|| format!("my-{}-app", connector.id()));
    let name = typed("name").or_else(|| there.as_ref().map(|a| a.name.clone())).unwrap_or_default();
    let mut own = vec![
        json!({"id": "id", "label": "Id", "required": true, "value": id, "autocomplete": "off", "help": "What connections name it by: a-z, 0-9, - and _. Another app of the same id is replaced."}),
        json!({"id": "name", "label": "Name", "value": name, "autocomplete": "off", "help": "What people call it; the id if you leave it empty."}),
    ];
    for p in &mut problems {
        p.id = p.id.trim_start_matches("values-").to_owned();
    }
    super::mark(&mut own, &mut problems);
    let mut groups = fields::groups(&model, sent);
    for g in &mut groups {
        if let Some(Value::Array(list)) = g.get_mut("fields") {
            super::mark(list, &mut problems);
        }
    }
    let title = format!("{} an app of {}", if there.is_some() { "Change" } else { "Register" }, guide.name);
    Ok(Page::new("app_new.html", &title)
        .with(json!({"guide": guide, "own": own, "groups": groups, "changed": there.is_some(), "id": asked.id, "heading": title}))
        .problems(problems))
}

fn model(s: &AppState, connector: &Connector, values: Option<&serde_json::Map<String, Value>>, set: &[String]) -> Form {
    let none: [FieldError; 0] = [];
    let params = s.engine.with_addresses(connector.info().app_params.clone());
    Form::new(connector.id(), &params, &[], Filled { values, set, errors: &none })
}

pub(super) async fn new(State(s): State<AppState>, v: Viewer, Query(asked): Query<Asked>) -> Response {
    match form(&s, &asked, None, Vec::new()).await {
        Ok(page) => page.show(&s, Some(&v)),
        Err(e) => failed(&s, e),
    }
}

pub(super) async fn put(State(s): State<AppState>, v: Viewer, sent: Fields) -> Response {
    let asked = Asked { connector: sent.text("connector").to_owned(), id: sent.text("changes").to_owned() };
    let connector = match s.engine.registry().get(&asked.connector) {
        Ok(c) => c,
        Err(e) => return failed(&s, e),
    };
    let mut values = fields::values(&model(&s, &connector, None, &[]), &sent);
    // An empty field of a secret keeps what is set.
    values.retain(|_, v| v.as_str() != Some(""));
    let name = Some(sent.text("name").trim().to_owned()).filter(|n| !n.is_empty());
    let input = AppInput { id: sent.text("id").trim().to_owned(), connector: asked.connector.clone(), name, values };
    match s.engine.put_app(input).await {
        Ok(_) => go("/apps"),
        Err(e) => match form(&s, &asked, Some(&sent), Problem::all(&ApiError::from(e))).await {
            Ok(page) => page.show(&s, Some(&v)),
            Err(e) => failed(&s, e),
        },
    }
}
