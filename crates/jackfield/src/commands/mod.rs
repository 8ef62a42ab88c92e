//! The commands: each a few requests and a way to show the answer.

mod auth;
mod connect;
mod health;
mod history;
mod people;
mod resources;
mod restore;
mod values;
mod vault;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::CommandFactory as _;
use connector_core::Method;
use serde_json::{Value, json};

use crate::{
    args::{ActionCommand, Cli, Command, ConfigCommand, ConnectorsCommand, Global, ServeArgs},
    backend::Backend,
    config, output, serve,
};

/// What a command works with.
pub(crate) struct Session {
    pub(crate) backend: Backend,
    pub(crate) json: bool,
}

impl Session {
    async fn open(global: &Global) -> Result<Self> {
        let settings = config::load(global, &ServeArgs::from_environment())?;
        Ok(Self { backend: Backend::open(&settings).await?, json: global.json })
    }

    /// Shows a value: as JSON, or by `show`.
    pub(crate) fn show(&self, v: &Value, show: impl FnOnce(&Value)) {
        if self.json { output::json(v) } else { show(v) }
    }
}

pub(crate) async fn run(cli: Cli) -> Result<ExitCode> {
    let global = cli.global;
    match cli.command {
        Command::Serve(args) => return serve::run(&global, args).await,
        Command::Config(ConfigCommand::Check(args)) => check_config(&global, &args)?,
        Command::Openapi => output::json(&serde_json::to_value(jackfield_server::openapi())?),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "jackfield", &mut std::io::stdout())
        }
        // The catalog is what this binary was built with: no gateway is needed to read it.
        Command::Connectors(c) => connectors(&global, c)?,
        Command::Status => with(&global, async |s| status(s).await).await?,
        Command::Action(ActionCommand::Run { connection, action, input, all, max }) => {
            let input = values::input(&input)?;
            with(&global, async |s| match all {
                true => call_all(s, &connection, &action, input, max).await,
                false => call(s, &connection, &action, input).await,
            })
            .await?;
        }
        Command::Action(ActionCommand::List { connection }) => {
            with(&global, async |s| health::actions(s, &connection).await).await?;
        }
        Command::Action(ActionCommand::Show { action, connection }) => {
            with(&global, async |s| health::action(s, &connection, &action).await).await?;
        }
        Command::Apps(c) => with(&global, async |s| resources::apps(s, c).await).await?,
        Command::Connect(a) => with(&global, async |s| connect::connect(s, a).await).await?,
        Command::Connections(c) => with(&global, async |s| resources::connections(s, c).await).await?,
        Command::Flows(c) => with(&global, async |s| resources::flows(s, c).await).await?,
        Command::Apply { file } => {
            let body = serve::read_declaration(&file)?;
            with(&global, async |s| resources::apply(s, body).await).await?;
        }
        Command::Deliveries(c) => with(&global, async |s| history::deliveries(s, c).await).await?,
        Command::Signals { connector } => with(&global, async |s| history::signals(s, connector).await).await?,
        Command::People(c) => with(&global, async |s| people::people(s, c).await).await?,
        Command::Tokens(c) => with(&global, async |s| people::tokens(s, c).await).await?,
        Command::Audit(c) => with(&global, async |s| people::audit(s, c).await).await?,
        Command::Events(c) => with(&global, async |s| history::events(s, c).await).await?,
        Command::Runs(c) => with(&global, async |s| history::runs(s, c).await).await?,
        Command::Secrets(c) => with(&global, async |s| vault::secrets(s, c).await).await?,
        Command::Files(c) => with(&global, async |s| vault::files(s, c).await).await?,
        Command::Keys(c) => with(&global, async |s| vault::keys(s, c).await).await?,
        Command::Backup(a) => with(&global, async |s| vault::backup(s, a).await).await?,
        Command::Restore(a) => restore::run(&global, a).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn with(global: &Global, f: impl AsyncFnOnce(&Session) -> Result<()>) -> Result<()> {
    let session = Session::open(global).await?;
    let done = f(&session).await;
    session.backend.close().await?;
    done
}

fn check_config(global: &Global, args: &ServeArgs) -> Result<()> {
    let settings = config::load(global, args)?;
    if let Some(file) = &settings.apply {
        serve::read_resources(file).context("`apply`")?;
    }
    let lines = serde_json::to_value(&settings.lines)?;
    if global.json {
        output::json(&lines);
    } else {
        let none = "nothing is set";
        output::table(
            lines.as_array().map_or(&[][..], Vec::as_slice),
            &[("SETTING", "/key"), ("VALUE", "/value"), ("FROM", "/source")],
            none,
        );
        output::line("the configuration is right");
    }
    Ok(())
}

fn connectors(global: &Global, command: ConnectorsCommand) -> Result<()> {
    let registry = connectors::registry();
    match command {
        ConnectorsCommand::List => {
            let list: Vec<Value> = registry
                .list()
                .iter()
                .map(|c| json!({"id": c.id(), "name": c.info().name, "summary": c.info().summary, "categories": c.info().categories, "actions": c.actions().len(), "triggers": c.triggers().len()}))
                .collect();
            if global.json {
                output::json(&json!(list));
            } else {
                let columns = [
                    ("ID", "/id"),
                    ("NAME", "/name"),
                    ("ACTIONS", "/actions"),
                    ("TRIGGERS", "/triggers"),
                    ("SUMMARY", "/summary"),
                ];
                output::table(&list, &columns, "no connector is compiled in");
            }
        }
        ConnectorsCommand::Show { id, action: Some(action) } => show_action(&registry, &id, &action, global.json)?,
        ConnectorsCommand::Show { id, action: None } => {
            let c = registry.get(&id).map_err(|e| anyhow::anyhow!("{}", e.caller_text()))?;
            let info = c.info();
            let actions: Vec<Value> = c.actions().iter().map(|a| json!(**a.info())).collect();
            let operations: Vec<Value> = c.operations().iter().map(|a| json!(**a.info())).collect();
            let triggers: Vec<Value> = c.triggers().iter().map(|t| json!(**t.info())).collect();
            if global.json {
                let mut v = json!(info);
                if let Some(map) = v.as_object_mut() {
                    map.insert("actions".into(), json!(actions));
                    map.insert("operations".into(), json!(operations));
                    map.insert("triggers".into(), json!(triggers));
                }
                output::json(&v);
                return Ok(());
            }
            output::record(&[
                ("connector", format!("{} ({})", info.name, info.id)),
                ("summary", info.summary.clone()),
                ("documentation", info.docs_url.clone()),
                ("hosts", info.hosts.join(", ")),
                (
                    "webhooks",
                    info.verification.as_ref().map(|v| format!("verified by {}", v.method())).unwrap_or_default(),
                ),
            ]);
            for (title, params) in [("Connection params", &info.params), ("App params", &info.app_params)] {
                let rows: Vec<Value> = params
                    .iter()
                    .map(|p| json!({"id": p.id, "needed": if p.is_required() { "yes" } else { "" }, "secret": if p.is_secret() { "yes" } else { "" }, "default": p.default, "description": p.description}))
                    .collect();
                if !rows.is_empty() {
                    output::line(&format!("\n{title}"));
                    let columns = [
                        ("PARAM", "/id"),
                        ("NEEDED", "/needed"),
                        ("SECRET", "/secret"),
                        ("DEFAULT", "/default"),
                        ("WHAT", "/description"),
                    ];
                    output::table(&rows, &columns, "");
                }
            }
            let budgets: Vec<Value> = info.budgets.iter().map(|b| budget_row(b)).collect();
            if !budgets.is_empty() {
                output::line("\nBudgets: the service's rate limits, which calls wait for");
                let columns = [
                    ("BUDGET", "/name"),
                    ("LIMITS", "/limits"),
                    ("COUNTED BY", "/key"),
                    ("FOR", "/for"),
                    ("WHAT", "/what"),
                ];
                output::table(&budgets, &columns, "");
            }
            let columns =
                [("ACTION", "/name"), ("EFFECT", "/effect"), ("TWICE IS", "/idempotency"), ("WHAT", "/summary")];
            output::line("\nActions");
            output::table(&actions, &columns, "none");
            if !operations.is_empty() {
                output::line("\nOperations, called like actions, the same for every connector of the family");
                output::table(&operations, &columns, "none");
            }
            output::line("\nTriggers");
            output::table(&triggers, &[("TRIGGER", "/name"), ("EVENT TYPES", "/events"), ("WHAT", "/summary")], "none");
        }
    }
    Ok(())
}

fn budget_row(b: &connector_core::BudgetInfo) -> Value {
    use connector_core::budget::{Applies, BudgetKey};
    let key: Vec<String> = b
        .key
        .iter()
        .map(|k| match k {
            BudgetKey::Secret(id) | BudgetKey::Param(id) | BudgetKey::Identity(id) => id.clone(),
            BudgetKey::Input(pointer) => format!("input {pointer}"),
            BudgetKey::Endpoint => "endpoint".to_owned(),
            BudgetKey::Connection => "connection".to_owned(),
        })
        .collect();
    let limits: Vec<String> = b.limits.iter().map(ToString::to_string).collect();
    let all = if b.applies == Applies::ToAll { "all actions" } else { "those that name it" };
    json!({"name": b.name, "limits": limits.join(", "), "key": key.join(", "), "for": all, "what": b.summary})
}

fn show_action(registry: &connector_core::Registry, id: &str, name: &str, as_json: bool) -> Result<()> {
    let named = |e: connector_core::Error| anyhow::anyhow!("{}", e.caller_text());
    let connector = registry.get(id).map_err(named)?;
    let info = connector.action(name).map_err(named)?.info();
    let value = json!(**info);
    if as_json {
        output::json(&value);
        return Ok(());
    }
    output::record(&[
        ("action", format!("{} of {} ({})", info.title, connector.info().name, info.name)),
        ("summary", info.summary.clone()),
        ("documentation", info.docs_url.clone()),
        ("effect", output::cell(value.pointer("/effect"))),
        (
            "done twice",
            match info.idempotency {
                connector_core::Idempotency::Natural => "is as done once",
                connector_core::Idempotency::Keyed => "is as done once: the service recognizes a key",
                connector_core::Idempotency::Emulated => "is as done once: it is looked for first",
                connector_core::Idempotency::None => "is done twice",
            }
            .to_owned(),
        ),
        ("scopes", info.scopes.join(", ")),
        ("hosts", info.hosts.join(", ")),
        ("budgets", info.budgets.join(", ")),
    ]);
    for (title, schema) in [("Input", &info.input_schema), ("Output", &info.output_schema)] {
        output::line(&format!("\n{title}"));
        output::table(
            &fields(schema),
            &[("FIELD", "/name"), ("TYPE", "/type"), ("NEEDED", "/needed"), ("WHAT", "/what")],
            "no fields",
        );
    }
    if let Some(example) = info.examples.first() {
        output::line(&format!("\nExample\n  jackfield action run CONNECTION {name} --input '{example}'"));
    }
    Ok(())
}

/// The top-level fields of a schema, a row each.
fn fields(schema: &Value) -> Vec<Value> {
    let required: Vec<&str> =
        schema.pointer("/required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.pointer("/properties").and_then(Value::as_object).into_iter().flatten();
    let row = |(name, field): (&String, &Value)| {
        let kind = match field.pointer("/type") {
            Some(Value::Array(all)) => {
                all.iter().filter_map(Value::as_str).filter(|t| *t != "null").collect::<Vec<_>>().join(" or ")
            }
            other => output::cell(other),
        };
        let needed = if required.contains(&name.as_str()) { "yes" } else { "" };
        json!({"name": name, "type": kind, "needed": needed, "what": field.pointer("/description")})
    };
    let mut rows: Vec<Value> = properties.map(row).collect();
    // What must be given comes first.
    rows.sort_by_key(|r| r.pointer("/needed").and_then(Value::as_str) != Some("yes"));
    rows
}

async fn status(s: &Session) -> Result<()> {
    let v = s.backend.get("/v1/status").await?;
    s.show(&v, |v| {
        let mut rows = vec![
            (
                "gateway",
                if matches!(s.backend, Backend::Remote { .. }) {
                    "running".to_owned()
                } else {
                    "not running; this is its stored state".to_owned()
                },
            ),
            ("version", output::cell(v.pointer("/version"))),
            ("public URL", output::cell(v.pointer("/public_url"))),
            ("connectors", output::cell(v.pointer("/connectors"))),
        ];
        rows.push(("kept", output::cell(v.pointer("/counts"))));
        output::record(&rows);
    });
    Ok(())
}

fn action_path(connection: &str, action: &str) -> String {
    format!("/v1/connections/{}/actions/{}", values::segment(connection), values::segment(action))
}

async fn call(s: &Session, connection: &str, action: &str, input: Value) -> Result<()> {
    let v = s.backend.send(Method::POST, &action_path(connection, action), Some(input)).await?;
    // The output is data either way; the trace is for people.
    if s.json {
        output::json(&v);
    } else {
        output::json(v.pointer("/output").unwrap_or(&Value::Null));
    }
    Ok(())
}

async fn call_all(s: &Session, connection: &str, action: &str, input: Value, max: Option<usize>) -> Result<()> {
    let max = max.map(|n| format!("&max={n}")).unwrap_or_default();
    let path = format!("{}?all=true{max}", action_path(connection, action));
    let v = s.backend.send_slow(Method::POST, &path, Some(input)).await?;
    if s.json {
        output::json(&v);
        return Ok(());
    }
    output::json(v.pointer("/output/items").unwrap_or(&Value::Null));
    // Standard output holds the items and nothing else, so that they can be piped.
    let why = match v.pointer("/output/cut").and_then(Value::as_str) {
        Some("items") => "there is more at the service; ask for it with --max",
        Some("pages") => "there is more at the service, on more pages than are read at once; narrow the input",
        Some("bytes") => "there is more at the service, of more bytes than are kept at once; narrow the input",
        Some(_) => "the service says that there is more, but not where",
        None => "",
    };
    if !why.is_empty() {
        output::note(why);
    }
    if v.pointer("/output/shrank") == Some(&Value::Bool(true)) {
        output::note("the list became shorter while it was read; items may be missing");
    }
    Ok(())
}
