//! `jackfield connect`: the installation pipeline in the terminal. The steps, the forms, their words and their errors come from
//! the gateway, as on its pages; here they are asked for one by one.
//!
//! Questions go to standard error, so that standard output holds the result alone.

mod ask;
mod choose;

use std::time::Duration;

use anyhow::{Result, bail};
use connector_core::Method;
use serde_json::{Map, Value, json};

use self::ask::{Asker, say};
use super::{Session, values};
use crate::{
    args::{AnswerArgs, ConnectArgs},
    output::{self, ApiFailure},
    prompt,
};

/// Between two looks whether a person has consented in the browser.
const LOOK: Duration = Duration::from_secs(2);
/// A consent is waited for so long.
const PATIENCE: Duration = Duration::from_secs(30 * 60);

pub(super) async fn connect(s: &Session, a: ConnectArgs) -> Result<()> {
    let begun = match &a.resume {
        Some(id) => s.backend.get(&at(id)).await?,
        None => {
            let body = json!({
                "connector": a.connector, "id": a.id, "name": a.answers.values.name, "app": a.app, "method": a.method,
                "networks": a.networks, "limits": a.limits,
            });
            s.backend.send(Method::POST, "/v1/installations", Some(body)).await?
        }
    };
    drive(s, begun, &a.answers).await
}

/// Changes a connection by the same steps.
pub(super) async fn update(s: &Session, id: &str, answers: &AnswerArgs) -> Result<()> {
    let begun = s.backend.send(Method::POST, "/v1/installations", Some(json!({"update": id}))).await?;
    drive(s, begun, answers).await
}

fn at(id: &str) -> String {
    format!("/v1/installations/{}", values::segment(id))
}

fn text<'a>(v: &'a Value, pointer: &str) -> &'a str {
    v.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn list<'a>(v: &'a Value, pointer: &str) -> &'a [Value] {
    v.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

async fn drive(s: &Session, begun: Value, answers: &AnswerArgs) -> Result<()> {
    let id = text(&begun, "/id").to_owned();
    let connector = text(&begun, "/connector").to_owned();
    let mut wizard = Wizard {
        s,
        id: id.clone(),
        given: values::set(&answers.values, &connector, false)?,
        sent: Map::new(),
        answers: answers.clone(),
        asker: Asker::new(answers.no_input),
    };
    let driven = tokio::select! {
        done = wizard.run(begun) => done,
        _ = tokio::signal::ctrl_c() => {
            prompt::show_again();
            Err(anyhow::anyhow!("interrupted"))
        }
    };
    driven.inspect_err(|_| {
        say(&format!("\nNothing is lost: go on with `jackfield connect --resume {id}`, or give it up with `jackfield connections cancel {id}`."));
    })
}

struct Wizard<'a> {
    s: &'a Session,
    id: String,
    /// Values of `--set`, each used once: what was wrong is not sent again.
    given: Map<String, Value>,
    /// What was sent last: a form that was wrong somewhere is not kept by the gateway, and what was right in it stays.
    sent: Map<String, Value>,
    answers: AnswerArgs,
    asker: Asker,
}

impl Wizard<'_> {
    async fn run(&mut self, mut p: Value) -> Result<()> {
        let mut last = String::new();
        loop {
            let step = text(&p, "/step").to_owned();
            if step != last {
                progress(&p);
                last.clone_from(&step);
                self.sent.clear();
            }
            p = match step.as_str() {
                "done" => return self.done(&p),
                "consent" => self.consent(&p).await?,
                "resources" => self.resources(&p).await?,
                "webhooks" => self.webhooks(&p).await?,
                "validate" => self.again(&p, "validate").await?,
                _ => self.form(&p, &step).await?,
            };
        }
    }

    async fn send(&self, step: &str, input: Value) -> Result<Value> {
        self.s.backend.send_slow(Method::POST, &format!("{}/steps/{step}", at(&self.id)), Some(input)).await
    }

    /// What a step answers; where its input is wrong, where the installation stands then.
    async fn submit(&self, step: &str, input: Value) -> Result<Value> {
        match self.send(step, input).await {
            Ok(p) => Ok(p),
            Err(e) => {
                let Some(ApiFailure(_)) = e.downcast_ref::<ApiFailure>() else { return Err(e) };
                if self.asker.is_over() {
                    return Err(e);
                }
                say(&format!("\n{e}"));
                self.s.backend.get(&at(&self.id)).await
            }
        }
    }

    /// A form, field by field.
    async fn form(&mut self, p: &Value, step: &str) -> Result<Value> {
        let groups = list(p, "/form/groups");
        let fields: Vec<&Value> = groups.iter().flat_map(|g| list(g, "/fields")).collect();
        let mended = fields.iter().any(|f| f.get("error").is_some_and(|e| !e.is_null()));
        let mut input = Map::new();
        for group in groups {
            let title = text(group, "/title");
            if !title.is_empty() && !mended {
                say(&format!("\n{title}\n{}", text(group, "/description")));
            }
            for field in list(group, "/fields") {
                let id = text(field, "/id");
                if !is_asked(field, &fields, &input) {
                    continue;
                }
                let wrong = !text(field, "/error").is_empty();
                let value = match self.given.remove(id).or_else(|| from_environment(field)) {
                    Some(v) => Some(v),
                    // Once something was wrong, what was right is not asked for again.
                    None if mended && !wrong => self.sent.get(id).cloned().or_else(|| current(field)),
                    None => self.asker.field(field).await?,
                };
                if let Some(v) = value {
                    input.insert(id.to_owned(), v);
                }
            }
        }
        if step == "parameters" || step == "choose" {
            // A slip in a name is told by the gateway, in its words.
            let known = |id: &String| fields.iter().any(|f| text(f, "/id") == id);
            if step == "parameters" {
                for (id, value) in std::mem::take(&mut self.given) {
                    if !known(&id) {
                        input.insert(id, value);
                    }
                }
            }
            if step == "choose" && !self.answers.triggers.is_empty() {
                input.insert("triggers".into(), json!(self.answers.triggers));
            }
        }
        self.sent.clone_from(&input);
        self.submit(step, Value::Object(input)).await
    }

    /// The step did not work as a whole: shown, and tried again when the person wishes.
    async fn again(&mut self, p: &Value, step: &str) -> Result<Value> {
        for e in list(p, "/errors") {
            say(&format!("  {}", text(e, "/message")));
        }
        if !list(p, "/errors").is_empty() && self.asker.line("Press Enter to try again: ").await?.is_none() {
            let first = list(p, "/errors").first().map(|e| text(e, "/message").to_owned()).unwrap_or_default();
            bail!("{first}");
        }
        self.submit(step, json!({})).await
    }

    async fn consent(&mut self, p: &Value) -> Result<Value> {
        let scopes = list(p, "/scopes").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ");
        if !scopes.is_empty() {
            say(&format!("\nThe gateway asks for these rights and no more: {scopes}"));
        }
        if !list(p, "/errors").is_empty() {
            for e in list(p, "/errors") {
                say(&format!("  {}", text(e, "/message")));
            }
            if self.asker.line("Press Enter to try again: ").await?.is_none() {
                bail!("there was no consent");
            }
        }
        if text(p, "/consent/kind") == "device" { self.device().await } else { self.browser().await }
    }

    async fn browser(&mut self) -> Result<Value> {
        let v =
            self.s.backend.send(Method::POST, &format!("{}/consent-address", at(&self.id)), Some(json!({}))).await?;
        say(&format!(
            "\nOpen this address in a browser (it works once):\n\n  {}\n\nWaiting for your consent …",
            text(&v, "/address")
        ));
        self.wait(async |w| w.s.backend.get(&at(&w.id)).await, LOOK).await
    }

    async fn device(&mut self) -> Result<Value> {
        let p = self.send("consent", json!({})).await?;
        if text(&p, "/step") != "consent" {
            return Ok(p);
        }
        say(&format!(
            "\nOpen {} on any device and type the code\n\n  {}\n\nWaiting for your consent …",
            text(&p, "/consent/verification_uri"),
            text(&p, "/consent/user_code")
        ));
        let pause =
            Duration::from_secs(p.pointer("/consent/interval").and_then(Value::as_u64).unwrap_or(5).clamp(1, 60));
        self.wait(async |w| w.submit("consent", json!({})).await, pause).await
    }

    async fn wait(&self, look: impl AsyncFn(&Self) -> Result<Value>, pause: Duration) -> Result<Value> {
        let began = std::time::Instant::now();
        loop {
            tokio::time::sleep(pause).await;
            let p = look(self).await?;
            if text(&p, "/step") != "consent" || !list(&p, "/errors").is_empty() {
                return Ok(p);
            }
            if began.elapsed() > PATIENCE {
                bail!("nobody consented within half an hour");
            }
        }
    }

    async fn resources(&mut self, p: &Value) -> Result<Value> {
        for e in list(p, "/errors") {
            say(&format!("  {}", text(e, "/message")));
        }
        let mut input = Map::new();
        let choices = list(p, "/choices");
        if choices.is_empty() {
            paste(p);
        }
        if !self.answers.no_webhooks {
            for choice in choices {
                let flags = if text(choice, "/id") == "triggers" {
                    std::mem::take(&mut self.answers.triggers)
                } else {
                    std::mem::take(&mut self.answers.resources)
                };
                let chosen = if flags.is_empty() { choose::several(&mut self.asker, choice).await? } else { flags };
                let none = chosen.is_empty();
                input.insert(text(choice, "/id").to_owned(), json!(chosen));
                if none && text(choice, "/id") == "resources" {
                    break;
                }
            }
        }
        self.submit("resources", Value::Object(input)).await
    }

    async fn webhooks(&mut self, p: &Value) -> Result<Value> {
        hooks(p);
        for e in list(p, "/errors") {
            say(&format!("  {}", text(e, "/message")));
        }
        let line = self.asker.line("Press Enter to try again, or type `finish` to go on without these: ").await?;
        match line.as_deref().map(str::trim) {
            Some("finish") => self.submit("webhooks", json!({"finish": true})).await,
            Some(_) => self.submit("webhooks", json!({})).await,
            None => bail!("some webhooks could not be made; the connection is saved and works without them"),
        }
    }

    fn done(&self, p: &Value) -> Result<()> {
        if self.s.json {
            output::json(p);
            return Ok(());
        }
        hooks(p);
        let verb = if p.get("update") == Some(&Value::Bool(true)) { "updated" } else { "connected" };
        output::record(&[
            (verb, text(p, "/connection").to_owned()),
            ("connector", text(p, "/connector").to_owned()),
            ("account", output::cell(p.pointer("/account"))),
        ]);
        let missing = output::cell(p.pointer("/missing_scopes"));
        if !missing.is_empty() {
            output::note(&format!("the service did not grant {missing}; what needs them will be refused"));
        }
        paste(p);
        Ok(())
    }
}

fn progress(p: &Value) {
    let steps = list(p, "/steps");
    let n = steps.iter().position(|s| s.get("current") == Some(&Value::Bool(true))).map_or(0, |n| n + 1);
    let title = steps.iter().find(|s| s.get("current") == Some(&Value::Bool(true))).map_or("", |s| text(s, "/title"));
    if text(p, "/step") != "done" {
        say(&format!("\n{} · {title} (step {n} of {})", text(p, "/connector_name"), steps.len()));
    }
}

fn hooks(p: &Value) {
    for h in list(p, "/hooks") {
        let error = text(h, "/error");
        let why = if error.is_empty() { String::new() } else { format!(": {error}") };
        say(&format!("  webhook of {}: {}{why}", text(h, "/resource"), text(h, "/state")));
    }
}

fn paste(p: &Value) {
    for t in list(p, "/paste") {
        say(&format!("\n{}: paste it into {}\n\n  {}", text(t, "/label"), text(t, "/place"), text(t, "/value")));
    }
}

/// Whether a field is asked for with what was answered so far.
fn is_asked(field: &Value, fields: &[&Value], input: &Map<String, Value>) -> bool {
    let param = text(field, "/visible_if/param");
    if param.is_empty() {
        return true;
    }
    let shown = fields.iter().find(|f| text(f, "/id") == param).and_then(|f| current(f));
    let value = input.get(param).cloned().or(shown).unwrap_or_default();
    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list(field, "/visible_if/values").iter().any(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned) == value)
}

/// The value that a field has already. A secret's is not known here and stays by being left out.
fn current(field: &Value) -> Option<Value> {
    field.get("value").filter(|v| !v.is_null()).cloned()
}

fn from_environment(field: &Value) -> Option<Value> {
    std::env::var(text(field, "/env")).ok().filter(|v| !v.is_empty()).map(Value::String)
}

/// Gives an installation up.
pub(super) async fn cancel(s: &Session, id: &str) -> Result<()> {
    let v = s.backend.send_slow(Method::DELETE, &at(id), None).await?;
    s.show(&v, removed);
    Ok(())
}

/// What removing did, and what a person has to do.
pub(super) fn removed(v: &Value) {
    output::line("removed");
    for h in list(v, "/webhooks") {
        output::line(&format!("  the webhook of {} was removed at the service", h.as_str().unwrap_or_default()));
    }
    if v.get("tokens_revoked") == Some(&Value::Bool(true)) {
        output::line("  its access was taken back at the service");
    }
    for l in list(v, "/left") {
        output::line(&format!(
            "  still there: {}\n    why: {}\n    to do: {}",
            text(l, "/what"),
            text(l, "/why"),
            text(l, "/mend")
        ));
    }
}

/// Installations under way.
pub(super) async fn under_way(s: &Session) -> Result<()> {
    let v = s.backend.get("/v1/installations").await?;
    let columns = [
        ("ID", "/id"),
        ("CONNECTOR", "/connector"),
        ("CONNECTION", "/connection"),
        ("STEP", "/step"),
        ("BEGUN", "/created_at"),
    ];
    s.show(&v, |v| output::table(list(v, ""), &columns, "none is under way; begin one with `jackfield connect`"));
    Ok(())
}

/// How an app is registered at its service.
pub(super) async fn guide(s: &Session, connector: &str) -> Result<()> {
    let v = s.backend.get(&format!("/v1/connectors/{}/app-guide", values::segment(connector))).await?;
    s.show(&v, |v| {
        if v.get("has_apps") != Some(&Value::Bool(true)) {
            output::line(&format!("{} needs no app.", text(v, "/name")));
        }
        for (n, l) in list(v, "/lines").iter().enumerate() {
            output::line(&format!("{}. {}\n   {}", n + 1, text(l, "/title"), text(l, "/text")));
            if let Some(p) = l.get("paste").and_then(Value::as_str) {
                output::line(&format!("\n     {p}\n"));
            }
        }
    });
    Ok(())
}
