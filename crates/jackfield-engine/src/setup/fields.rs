//! What each step asks for, as params: so that its form, its cleaning and its errors are those of all other params.

use connector_core::{
    AuthMethod, Connector, FieldError, InputType, ParamInfo, ParamSpec,
    auth::Grant,
    param::{self, Cleaned},
};
use jackfield_store::{App, setup::Installation};
use serde_json::{Map, Value};

use super::draft::Draft;

/// Calls of all kinds.
pub(super) const USE_ALL: &str = "all";
/// Calls that change nothing, and events.
pub(super) const USE_READ: &str = "read";
/// What `actions` and `triggers` name.
pub(super) const USE_CHOSEN: &str = "chosen";

fn option(value: &str, label: &str) -> param::OptionInfo {
    param::OptionInfo { label: label.to_owned(), value: value.to_owned() }
}

fn select(spec: ParamSpec, options: Vec<param::OptionInfo>) -> ParamInfo {
    let mut p = ParamInfo::from(&spec);
    p.input_type = InputType::Select;
    p.options = options;
    p
}

/// The params of the step `choose`.
pub(super) fn choose(connector: &Connector, i: &Installation, apps: &[App]) -> Vec<ParamInfo> {
    let info = connector.info();
    let mut out = Vec::new();
    if !i.update {
        let mut id = ParamInfo::from(
            &ParamSpec::new("id", "Id")
                .description(
                    "What flows and commands name the connection by: a-z, 0-9, - and _. It cannot be changed later.",
                )
                .pattern("^[a-z0-9][a-z0-9_-]{0,63}$")
                .pattern_hint("1 to 64 of a-z, 0-9, - and _, the first a letter or a digit"),
        );
        id.example = Some(Value::String(format!("my-{}", info.id)));
        out.push(id);
    }
    out.push(ParamInfo::from(
        &ParamSpec::new("name", "Name").description("What people call it; the id if you leave it empty.").optional(),
    ));
    if info.auth.len() > 1 {
        let options = info.auth.iter().map(|m| option(&m.id, &m.label)).collect();
        let mut method = select(ParamSpec::new("method", "How to connect"), options);
        let described = info.auth.iter().filter(|m| !m.description.is_empty());
        method.description = described.map(|m| format!("{}: {}", m.label, m.description)).collect::<Vec<_>>().join(" ");
        method.default = info.auth.first().map(|m| Value::String(m.id.clone()));
        out.push(method);
    }
    if !info.app_params.is_empty() {
        let options = apps.iter().map(|a| option(&a.id, &a.name)).collect();
        out.push(select(
            ParamSpec::new("app", "App")
                .description("The gateway's own registration at the service. Methods with a consent need one; make it under Apps first.")
                .optional(),
            options,
        ));
    }
    if info_has_scopes(connector) {
        let mut options = vec![
            option(USE_ALL, "Everything: read, write and receive events"),
            option(USE_READ, "Reading and events, nothing that changes anything"),
        ];
        if i.actions.is_some() || i.triggers.is_some() {
            options.push(option(USE_CHOSEN, "What was chosen by name"));
        }
        out.push(select(
            ParamSpec::new("use", "What it will be used for")
                .description("The gateway asks the service for no more rights than this needs.")
                .default(USE_ALL),
            options,
        ));
    }
    out
}

fn info_has_scopes(connector: &Connector) -> bool {
    connector.actions().iter().any(|a| !a.info().scopes.is_empty())
        || connector.triggers().iter().any(|t| !t.info().scopes.is_empty())
}

/// Params that a method fills by itself.
fn filled(method: &AuthMethod) -> Vec<&str> {
    let mut out = method.fills();
    if let Some(oauth) = method.grant.oauth() {
        out.extend(oauth.values.iter().map(|(_, param)| param.as_str()));
        out.extend(oauth.site_choice.iter().map(|s| s.param.as_str()));
    }
    out
}

/// The params of the step `parameters`: the method's own, and those that belong to no method.
pub(super) fn parameters(connector: &Connector, method: Option<&AuthMethod>) -> Vec<ParamInfo> {
    let info = connector.info();
    let Some(method) = method else { return info.params.clone() };
    let fills = filled(method);
    let asked = |p: &&ParamInfo| {
        let id = p.id.as_str();
        if fills.contains(&id) {
            return false;
        }
        method.params.iter().any(|m| m == id)
            || !info.auth.iter().any(|m| m.params.iter().any(|q| q == id) || m.fills().contains(&id))
    };
    let mut out: Vec<ParamInfo> = info.params.iter().filter(asked).cloned().collect();
    // A param that only some methods need is optional in the declaration. Without its credential this one is nothing.
    if method.grant == Grant::Given {
        let secrets: Vec<usize> = out
            .iter()
            .enumerate()
            .filter(|(_, p)| p.is_secret() && method.params.contains(&p.id))
            .map(|(n, _)| n)
            .collect();
        if let [only] = secrets.as_slice()
            && let Some(p) = out.get_mut(*only)
        {
            p.optional = false;
        }
    }
    out
}

/// Cleans what the step `parameters` was given. `kept`: secrets that are set already.
pub(super) fn clean_parameters(
    draft: &Draft,
    given: &Map<String, Value>,
    kept: &[String],
) -> Result<Cleaned, Vec<FieldError>> {
    let asked = parameters(&draft.connector, draft.method());
    let kept: Vec<&str> = kept.iter().map(String::as_str).collect();
    let cleaned = param::clean(&asked, given, &kept)?;
    // What stands in the name of a host must fit there; all params, since some are filled by the method.
    let all: Vec<&str> = draft.connector.info().params.iter().map(|p| p.id.as_str()).collect();
    draft.connector.clean_params(&cleaned.values, &all).map_err(|e| e.fields().to_vec())?;
    Ok(cleaned)
}

/// The one param of the step `site`.
pub(super) fn site(i: &Installation) -> Vec<ParamInfo> {
    let options = i.sites.iter().map(|s| option(&s.id, &s.label)).collect();
    vec![select(
        ParamSpec::new("site", "Site")
            .description("The account reaches several sites; a connection is to one of them."),
        options,
    )]
}

/// A list from a form: an array, one text, or texts with commas or line breaks between them.
pub(super) fn list(value: Option<&Value>) -> Vec<String> {
    let split =
        |t: &str| t.split([',', '\n']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    match value {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).flat_map(split).collect(),
        Some(Value::String(text)) => split(text),
        _ => Vec::new(),
    }
}

/// Yes or no from a form.
pub(super) fn flag(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(b)) => *b,
        Some(Value::String(t)) => matches!(t.as_str(), "true" | "on" | "yes" | "1"),
        _ => false,
    }
}
