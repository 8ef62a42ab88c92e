//! The frame of all pages: templates, the layout around each, what a page says to the browser of itself.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use minijinja::{Environment, UndefinedBehavior, Value as Template, value::Serde};
use serde_json::{Map, Value, json};

use super::assets;
use crate::{AppState, auth::Caller, error::ApiError};

/// The templates by name; `.html` has values escaped.
const TEMPLATES: &[(&str, &str)] = &[
    ("layout.html", include_str!("templates/layout.html")),
    ("field.html", include_str!("templates/field.html")),
    ("problems.html", include_str!("templates/problems.html")),
    ("message.html", include_str!("templates/message.html")),
    ("login.html", include_str!("templates/login.html")),
    ("setup.html", include_str!("templates/setup.html")),
    ("overview.html", include_str!("templates/overview.html")),
    ("account.html", include_str!("templates/account.html")),
    ("people.html", include_str!("templates/people.html")),
    ("audit.html", include_str!("templates/audit.html")),
    ("once.html", include_str!("templates/once.html")),
    ("connect.html", include_str!("templates/connect.html")),
    ("installation.html", include_str!("templates/installation.html")),
    ("hooks.html", include_str!("templates/hooks.html")),
    ("paste.html", include_str!("templates/paste.html")),
    ("leaving.html", include_str!("templates/leaving.html")),
    ("consent.html", include_str!("templates/consent.html")),
    ("came_back.html", include_str!("templates/came_back.html")),
    ("apps.html", include_str!("templates/apps.html")),
    ("app_new.html", include_str!("templates/app_new.html")),
    ("connection.html", include_str!("templates/connection.html")),
    ("remove.html", include_str!("templates/remove.html")),
    ("removed.html", include_str!("templates/removed.html")),
];

/// A template inside of a template: `part("field.html", {…})`. It sees what it is given and nothing else.
fn part(state: &minijinja::State<'_, '_>, name: &str, context: Template) -> Result<Template, minijinja::Error> {
    Ok(Template::from_safe_string(state.env().get_template(name)?.render(context)?))
}

/// A field of a form: `field(f)`. What it may say is in `templates/field.html`.
fn field(state: &minijinja::State<'_, '_>, f: Template) -> Result<Template, minijinja::Error> {
    part(state, "field.html", minijinja::context! { f })
}

/// A time as people read it: to the minute, in UTC, and exact for programs. What is none stays as it is.
fn time(given: Template) -> Template {
    let shown = given.as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok());
    match shown {
        Some(t) => {
            let words = t.strftime("%Y-%m-%d %H:%M UTC");
            Template::from_safe_string(format!("<time datetime=\"{t}\">{words}</time>"))
        }
        None => Template::from(given.as_str().unwrap_or("never")),
    }
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Lenient);
    for (name, source) in TEMPLATES {
        if let Err(e) = env.add_template(name, source) {
            tracing::error!(name, error = %e, "a page's template does not parse");
        }
    }
    env.add_function("part", part);
    env.add_function("field", field);
    env.add_filter("time", time);
    env
});

/// What is wrong with what a form holds: the id of the field (empty: the form as a whole) and what to do.
#[derive(Debug, Clone, serde::Serialize)]
pub(crate) struct Problem {
    /// The field's id, as its label names it.
    pub(crate) id: String,
    /// What its label says; see [`mark`].
    pub(crate) label: String,
    /// What is wrong, and what would be right.
    pub(crate) message: String,
}

/// Puts problems to the fields that they are about (`error`), and the fields' labels to the problems.
pub(crate) fn mark(fields: &mut [Value], problems: &mut [Problem]) {
    for p in problems {
        let Some(f) = fields.iter_mut().find(|f| f.get("id").and_then(Value::as_str) == Some(&p.id)) else { continue };
        p.label = f.get("label").and_then(Value::as_str).unwrap_or_default().to_owned();
        if let Some(f) = f.as_object_mut() {
            f.insert("error".into(), json!(p.message));
        }
    }
}

impl Problem {
    /// What an error says, by field.
    pub(crate) fn all(e: &ApiError) -> Vec<Self> {
        let fields = e.fields();
        if fields.is_empty() {
            return vec![Self { id: String::new(), label: String::new(), message: e.text() }];
        }
        fields
            .into_iter()
            .map(|(pointer, message)| Self {
                id: pointer.trim_start_matches('/').replace('/', "-"),
                label: String::new(),
                message,
            })
            .collect()
    }
}

/// A page that is to be shown.
pub(crate) struct Page {
    template: &'static str,
    title: String,
    status: StatusCode,
    context: Map<String, Value>,
    forms_lead_to: Vec<String>,
}

impl Page {
    /// A page of this template.
    pub(crate) fn new(template: &'static str, title: &str) -> Self {
        Self {
            template,
            title: title.to_owned(),
            status: StatusCode::OK,
            context: Map::new(),
            forms_lead_to: Vec::new(),
        }
    }

    /// Another status than 200.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What the template is to know; an object.
    pub(crate) fn with(mut self, context: Value) -> Self {
        if let Value::Object(more) = context {
            self.context.extend(more);
        }
        self
    }

    /// What is wrong with the form that was sent: shown as a summary with links, and the status is 422.
    pub(crate) fn problems(mut self, problems: Vec<Problem>) -> Self {
        if !problems.is_empty() {
            self.status = StatusCode::UNPROCESSABLE_ENTITY;
        }
        self.context.insert("problems".into(), json!(problems));
        self
    }

    /// An origin such as `https://github.com` to which a form of this page may lead on: browsers apply `form-action` to the
    /// redirect that answers a form, too.
    #[allow(dead_code, reason = "for pages whose form leads to a service's consent")]
    pub(crate) fn forms_lead_to(mut self, origin: &str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || ":/.-[]".contains(c);
        if origin.chars().all(plain) {
            self.forms_lead_to.push(origin.to_owned());
        }
        self
    }

    fn policy(&self) -> String {
        let mut forms = "'self'".to_owned();
        for origin in &self.forms_lead_to {
            forms.push(' ');
            forms.push_str(origin);
        }
        format!(
            "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action {forms}; base-uri 'none'; frame-ancestors 'none'"
        )
    }

    fn html(self, s: &AppState, caller: Option<&Caller>) -> Result<String, minijinja::Error> {
        let mut context = self.context;
        let browser = caller.and_then(|c| c.browser.as_ref());
        context.insert("csrf".into(), json!(browser.map(|b| &b.csrf)));
        if let (Some(c), Some(b)) = (caller, browser) {
            let may: Vec<_> = c.principal.scopes().iter().map(|s| s.as_str()).collect();
            let viewer = json!({"name": b.person.name, "email": b.person.email, "role": b.person.role, "id": b.person.id, "may": may});
            context.insert("viewer".into(), viewer);
        }
        let failed = self.status.is_client_error() && context.get("problems").is_some();
        let body = ENVIRONMENT.get_template(self.template)?.render(Serde(&context))?;
        context.insert("title".into(), json!(if failed { format!("Error: {}", self.title) } else { self.title }));
        context.insert("css".into(), json!(assets::css()));
        context.insert("icon".into(), json!(assets::own_icon()));
        context.insert("script".into(), json!(assets::script()));
        context.insert("gateway".into(), json!(s.config.public_url));
        context.insert("page".into(), json!(self.template.trim_end_matches(".html")));
        let layout = ENVIRONMENT.get_template("layout.html")?;
        layout
            .render(minijinja::context! { body => Template::from_safe_string(body), ..Template::from(Serde(&context)) })
    }

    /// The answer, for whoever looks at it: with the navigation and the forms' token if they are signed in.
    pub(crate) fn show(self, s: &AppState, caller: Option<&Caller>) -> Response {
        let (status, policy) = (self.status, self.policy());
        let name = self.template;
        match self.html(s, caller) {
            Ok(html) => {
                let mut r = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
                // Only characters of headers are in it.
                if let Ok(policy) = HeaderValue::try_from(policy) {
                    r.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
                }
                r.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
                r
            }
            Err(e) => {
                tracing::error!(template = name, error = ?e, "a page could not be made");
                (StatusCode::INTERNAL_SERVER_ERROR, "the page could not be made; the gateway's log has the details\n")
                    .into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    fn shown(f: Value) -> String {
        ENVIRONMENT.render_str("{{ field(f) }}", Serde(json!({"f": f}))).unwrap()
    }

    #[test]
    fn all_templates_parse() {
        for (name, _) in TEMPLATES {
            ENVIRONMENT.get_template(name).unwrap();
        }
    }

    #[test]
    fn a_field_has_its_label_help_and_error() {
        let html = shown(
            json!({"id": "email", "label": "E-mail", "help": "Where <you> are", "type": "email", "required": true, "value": "a\"b", "error": "is wrong"}),
        );
        for part in [
            "<label for=\"email\">E-mail",
            "Where &lt;you&gt; are",
            "id=\"email\"",
            "type=\"email\"",
            "required",
            "value=\"a&quot;b\"",
            "aria-invalid=\"true\"",
            "aria-describedby=\"email-help email-error\"",
            "id=\"email-error\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn a_secret_is_never_written_back() {
        let html = shown(
            json!({"id": "token", "label": "Token", "type": "password", "value": "canary-secret", "secret_set": true}),
        );
        assert!(!html.contains("canary-secret"), "{html}");
        assert!(html.contains("is set"), "{html}");
    }

    #[test]
    fn a_choice_and_a_check_show_what_is_chosen() {
        let html = shown(
            json!({"id": "role", "label": "Role", "type": "select", "value": "b", "options": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]}),
        );
        assert!(html.contains("<option value=\"b\" selected>B</option>"), "{html}");
        let html = shown(json!({"id": "on", "label": "On", "type": "checkbox", "value": true}));
        assert!(html.contains("checked"), "{html}");
    }
}
