//! How the actions look at one connection: its projects, the issue types and custom fields of its default project, and what
//! a Data Center does not have.

use std::collections::BTreeMap;

use connector_core::{
    BoxFuture, Cx, ErrorKind, Result,
    describe::{ActionOverride, Descriptors, FieldOverride},
    schema::escape,
};
use serde_json::{Value, json};

use crate::{
    actions::{
        GetCreateMetadata, ListProjects, get_create_metadata::Input as MetadataOf, list_projects::Input as Projects,
    },
    client,
    fields::{Fields, Kind},
    model::{AllowedValue, CreateField, IssueType},
};

/// Most projects that are offered.
const PROJECTS: usize = 200;
/// Projects of a page: the most that Jira gives.
const PAGE: u32 = 100;
/// Most issue types whose fields are asked for: each takes a request of its own.
const TYPES: usize = 12;
/// Most choices of a field.
const CHOICES: usize = 200;

/// What only Jira Cloud has. Each of these says so itself when it is called.
const CLOUD_ONLY: [&str; 8] = [
    "create_admin_webhook",
    "delete_admin_webhook",
    "delete_webhook",
    "list_admin_webhooks",
    "list_labels",
    "list_webhooks",
    "refresh_webhook",
    "register_webhook",
];

/// The actions with a map of further fields.
const WITH_FIELDS: [&str; 3] = ["create_issue", "transition_issue", "update_issue"];

pub(crate) fn describe(cx: &Cx) -> BoxFuture<'_, Result<Descriptors>> {
    Box::pin(learn(cx))
}

async fn learn(cx: &Cx) -> Result<Descriptors> {
    let mut out = Descriptors::default();
    if client::is_data_center(cx) {
        out.actions.extend(CLOUD_ONLY.map(ActionOverride::hidden));
    }
    let projects = projects(cx).await?;
    if !projects.is_empty() {
        out.fields.push(FieldOverride::with_options("/project_key", projects));
    }
    let Some(key) = cx.param_opt("project_key") else { return Ok(out) };
    let metadata = MetadataOf { project_key: key.to_owned(), issue_type: None };
    let types = match cx.call::<GetCreateMetadata>(metadata).await {
        Ok(found) => found.issue_types,
        // A project that is gone or closed to this account is no reason to tell nothing.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::Permission | ErrorKind::InvalidInput) => {
            return Ok(out);
        }
        Err(e) => return Err(e),
    };
    let names = types.iter().map(|t| (t.name.clone(), t.name.clone()));
    let mut issue_type = FieldOverride::with_options("/issue_type", names);
    issue_type.description = Some(format!("The name of the issue type; offered are those of the project {key}."));
    let fields = custom_fields(cx, key, &types).await?;
    for action in WITH_FIELDS {
        let mut all = fields.clone();
        if action != "transition_issue" {
            all.insert(0, issue_type.clone());
        }
        out.actions.push(ActionOverride::with_fields(action, all));
    }
    Ok(out)
}

async fn projects(cx: &Cx) -> Result<Vec<(String, String)>> {
    let mut out = Vec::new();
    let mut input = Projects { max_results: Some(PAGE), ..Projects::default() };
    while out.len() < PROJECTS {
        let page = cx.call::<ListProjects>(input.clone()).await?;
        let label = |name: String, key: &str| format!("{name} ({key})");
        out.extend(page.projects.into_iter().map(|p| (p.key.clone(), label(p.name, &p.key))));
        match page.next_start_at {
            Some(next) => input.start_at = Some(next),
            None => break,
        }
    }
    out.truncate(PROJECTS);
    Ok(out)
}

/// A custom field, and the issue types that take it.
struct Taken {
    field: CreateField,
    types: Vec<String>,
    required: Vec<String>,
}

/// The custom fields that the forms of these types have, each under the name that inputs take.
async fn custom_fields(cx: &Cx, key: &str, types: &[IssueType]) -> Result<Vec<FieldOverride>> {
    let mut found: BTreeMap<String, Taken> = BTreeMap::new();
    for t in types.iter().take(TYPES) {
        let of = MetadataOf { project_key: key.to_owned(), issue_type: Some(t.id.clone()) };
        let fields = cx.call::<GetCreateMetadata>(of).await?.fields.unwrap_or_default();
        for field in fields.into_iter().filter(|f| f.field.custom) {
            let required = field.required && field.has_default != Some(true);
            let taken = found.entry(field.field.id.clone()).or_insert_with(|| Taken {
                field,
                types: Vec::new(),
                required: Vec::new(),
            });
            taken.types.push(t.name.clone());
            if required {
                taken.required.push(t.name.clone());
            }
        }
    }
    let declared = Fields::of(cx)?;
    Ok(found.into_values().map(|taken| described(&declared, taken)).collect())
}

fn described(declared: &Fields, taken: Taken) -> FieldOverride {
    let Taken { field: CreateField { field, allowed_values, .. }, types, required } = taken;
    let mut text = format!("{}, of {}.", field.name, types.join(", "));
    if !required.is_empty() {
        text.push_str(&format!(" Required for {}.", required.join(", ")));
    }
    // A field that is not declared is given as Jira has it, so its choices are no values.
    let kind = declared.kind_of(&field.id).unwrap_or(Kind::Any);
    let choices: Vec<(String, String)> = match kind {
        Kind::Option | Kind::Options | Kind::Version | Kind::Versions | Kind::Group | Kind::Groups => {
            let names = allowed_values.into_iter().flatten().filter_map(|AllowedValue { name, .. }| name);
            names.take(CHOICES).map(|n| (n.clone(), n)).collect()
        }
        _ => Vec::new(),
    };
    if kind == Kind::Any {
        let fits = field.declare_type.as_deref().filter(|t| *t != "any");
        text.push_str(" Given as Jira takes it");
        text.push_str(&fits.map_or_else(
            || ".".to_owned(),
            |t| format!("; declare it in the connection's `custom_fields` with the type `{t}` to give plain values."),
        ));
    }
    let name = field.declared_as.as_deref().unwrap_or(&field.id);
    FieldOverride {
        label: Some(field.name.clone()),
        description: Some(text),
        schema: schema(kind),
        ..FieldOverride::with_options(&format!("/fields/{}", escape(name)), choices)
    }
}

/// The plain form of a declared type's values.
fn schema(kind: Kind) -> Option<Value> {
    Some(match kind {
        Kind::Number => json!({"type": ["number", "null"]}),
        Kind::Date => json!({"type": ["string", "null"], "format": "date"}),
        Kind::DateTime => json!({"type": ["string", "null"], "format": "date-time"}),
        Kind::Url => json!({"type": ["string", "null"], "format": "uri"}),
        Kind::Labels => json!({"type": ["array", "null"], "items": {"type": "string"}}),
        Kind::Text | Kind::RichText | Kind::EpicLink => json!({"type": ["string", "null"]}),
        // Names or objects with ids: a person, a choice, a version, a sprint.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::{Connector, describe::EffectiveAction};
    use connector_testkit::canned::{Answer, block_on, cx, response};

    use super::*;

    fn ok(body: Value) -> Answer {
        Ok(response(200, &[], body))
    }

    fn jira() -> Connector {
        Connector::from(&crate::CONNECTOR)
    }

    fn learned(values: Value, answers: Vec<Answer>) -> Descriptors {
        let (cx, _) = cx(&crate::CONNECTOR, values, answers);
        block_on(jira().describe().unwrap().describe(&cx)).unwrap()
    }

    fn effective(name: &str, d: &Descriptors) -> Value {
        let (a, notes) = EffectiveAction::of(jira().action(name).unwrap().info(), d);
        assert!(notes.is_empty(), "{notes:?}");
        a.input_schema["properties"].clone()
    }

    const SITE: &str = "https://example.atlassian.net";

    fn projects_page() -> Answer {
        ok(json!({"values": [{"id": "1", "key": "ENG", "name": "Engineering"}], "isLast": true}))
    }

    #[test]
    fn issue_types_and_custom_fields_of_the_default_project_are_told() {
        let types =
            || ok(json!({"issueTypes": [{"id": "10", "name": "Bug"}, {"id": "11", "name": "Story"}], "total": 2}));
        let custom = |id: &str, name: &str, kind: &str, required: bool, allowed: Value| {
            json!({"fieldId": id, "name": name, "required": required, "allowedValues": allowed,
                "schema": {"type": "any", "custom": format!("com.atlassian.jira.plugin.system.customfieldtypes:{kind}")}})
        };
        let points = || custom("customfield_10016", "Story Points", "float", false, Value::Null);
        let colour = || custom("customfield_10020", "Colour", "select", true, json!([{"value": "Blue", "id": "1"}]));
        let summary = json!({"fieldId": "summary", "name": "Summary", "required": true, "schema": {"type": "string"}});
        let other = custom("customfield_10030", "Team", "textfield", false, Value::Null);
        let values = json!({
            "site": SITE, "email": "mia@example.com", "project_key": "ENG",
            "custom_fields": {"points": {"id": "customfield_10016", "type": "number"}, "colour": {"id": "customfield_10020", "type": "option"}},
        });
        let d = learned(
            values,
            vec![
                projects_page(),
                types(),
                types(),
                ok(json!({"fields": [summary, points(), colour()], "total": 3})),
                types(),
                ok(json!({"fields": [points(), other], "total": 2})),
            ],
        );
        let p = effective("create_issue", &d);
        assert_eq!(p["project_key"]["x-options"], json!([{"value": "ENG", "label": "Engineering (ENG)"}]));
        assert_eq!(p["issue_type"]["examples"], json!(["Bug", "Story"]));
        let fields = &p["fields"]["properties"];
        assert_eq!(fields["points"]["type"], json!(["number", "null"]));
        assert_eq!(fields["points"]["title"], "Story Points");
        assert_eq!(fields["points"]["description"], "Story Points, of Bug, Story.");
        assert_eq!(fields["colour"]["examples"], json!(["Blue"]));
        assert!(fields["colour"]["description"].as_str().unwrap().contains("Required for Bug."));
        let team = fields["customfield_10030"]["description"].as_str().unwrap();
        assert!(team.contains("with the type `text`"), "{team}");
        assert!(fields.get("summary").is_none(), "what has a place of its own is not told twice");
        assert_eq!(effective("update_issue", &d)["fields"]["properties"], *fields);
        assert!(effective("transition_issue", &d)["fields"]["properties"].get("points").is_some());
        assert_eq!(d.clone().bounded(), (d, vec![]));
    }

    #[test]
    fn a_data_center_hides_what_it_does_not_have_and_each_of_these_says_so() {
        let values = json!({"site": "https://jira.example.com", "deployment": client::DATA_CENTER});
        let d = learned(values.clone(), vec![ok(json!([{"id": "1", "key": "ENG", "name": "Engineering"}]))]);
        let hidden: Vec<&str> = d.actions.iter().filter(|a| a.hidden).map(|a| a.action.as_str()).collect();
        assert_eq!(hidden, CLOUD_ONLY);
        for name in hidden {
            let jira = jira();
            let example = jira.action(name).unwrap().info().examples[0].clone();
            let (cx, sent) = cx(&crate::CONNECTOR, values.clone(), vec![]);
            let e = block_on(jira.call(name, &cx, example)).unwrap_err();
            assert_eq!((e.kind(), sent.take().len()), (ErrorKind::Unsupported, 0), "{name}");
        }
    }

    #[test]
    fn a_default_project_that_is_gone_takes_nothing_else_away() {
        let values = json!({"site": SITE, "email": "mia@example.com", "project_key": "OLD"});
        let gone = Ok(response(404, &[], json!({"errorMessages": ["No project could be found"]})));
        let d = learned(values, vec![projects_page(), gone]);
        assert_eq!((d.fields.len(), d.actions.len()), (1, 0));
    }
}
