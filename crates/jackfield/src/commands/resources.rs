//! Apps, connections, flows.

use anyhow::Result;
use connector_core::Method;
use serde_json::{Value, json};

use super::{Session, connect, health, values};
use crate::{
    args::{AppsCommand, ConnectionsCommand, FlowsCommand, SecretArgs},
    output, serve,
};

fn list_of(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

fn show_thing(s: &Session, v: &Value) {
    s.show(v, |v| {
        let field = |p: &str| output::cell(v.pointer(p));
        output::record(&[
            ("id", field("/id")),
            ("connector", field("/connector")),
            ("name", field("/name")),
            ("app", field("/app")),
            ("enabled", field("/enabled")),
            ("problem", field("/misconfigured/message")),
            ("account", field("/account")),
            ("identity", field("/identity")),
            ("networks", field("/networks")),
            ("limits", field("/limits")),
            ("values", field("/values")),
            ("secrets set", field("/secrets")),
            ("webhook URL", field("/webhook_url")),
            ("made", field("/created_at")),
            ("changed", field("/updated_at")),
        ]);
    });
}

async fn secret(s: &Session, kind: &str, a: SecretArgs) -> Result<()> {
    let path = format!("/v1/{kind}/{}/secrets/{}", values::segment(&a.id), values::segment(&a.param));
    let (v, text) = if a.remove {
        (s.backend.send(Method::DELETE, &path, None).await?, "removed")
    } else if a.end_rotation {
        let v = s.backend.send(Method::POST, &format!("{path}/end-rotation"), Some(json!({}))).await?;
        (v, "the rotation is ended; only the current value is valid")
    } else {
        let body = json!({"value": values::secret(&a.from)?, "rotate": a.rotate});
        let text = if a.rotate { "set; the value before stays valid for webhooks until --end-rotation" } else { "set" };
        (s.backend.send(Method::PUT, &path, Some(body)).await?, text)
    };
    s.show(&v, |_| output::line(text));
    Ok(())
}

async fn remove(s: &Session, kind: &str, id: &str) -> Result<()> {
    let v = s.backend.send(Method::DELETE, &format!("/v1/{kind}/{}", values::segment(id)), None).await?;
    s.show(&v, |_| output::line("removed"));
    Ok(())
}

pub(super) async fn apps(s: &Session, command: AppsCommand) -> Result<()> {
    match command {
        AppsCommand::Guide { connector } => connect::guide(s, &connector).await?,
        AppsCommand::List => {
            let v = s.backend.get("/v1/apps").await?;
            let columns = [
                ("ID", "/id"),
                ("CONNECTOR", "/connector"),
                ("NAME", "/name"),
                ("SECRETS SET", "/secrets"),
                ("WEBHOOK URL", "/webhook_url"),
            ];
            s.show(&v, |v| output::table(list_of(v), &columns, "no app yet; make one with `jackfield apps put`"));
        }
        AppsCommand::Show { id } => show_thing(s, &s.backend.get(&format!("/v1/apps/{}", values::segment(&id))).await?),
        AppsCommand::Put { id, connector, values: set } => {
            let body =
                json!({"connector": connector, "name": set.name, "values": values::set(&set, &connector, true)?});
            show_thing(
                s,
                &s.backend.send(Method::PUT, &format!("/v1/apps/{}", values::segment(&id)), Some(body)).await?,
            );
        }
        AppsCommand::Secret(a) => secret(s, "apps", a).await?,
        AppsCommand::Remove { id } => remove(s, "apps", &id).await?,
    }
    Ok(())
}

pub(super) async fn connections(s: &Session, command: ConnectionsCommand) -> Result<()> {
    match command {
        ConnectionsCommand::List => {
            let v = s.backend.get("/v1/connections").await?;
            let columns = [
                ("ID", "/id"),
                ("CONNECTOR", "/connector"),
                ("ACCOUNT", "/account"),
                ("ENABLED", "/enabled"),
                ("WEBHOOK URL", "/webhook_url"),
            ];
            s.show(&v, |v| {
                output::table(list_of(v), &columns, "no connection yet; make one with `jackfield connections put`")
            });
        }
        ConnectionsCommand::Show { id } => {
            show_thing(s, &s.backend.get(&format!("/v1/connections/{}", values::segment(&id))).await?)
        }
        ConnectionsCommand::Put { id, connector, app, networks, limits, disabled, check: then_check, values: set } => {
            let body = json!({
                "connector": connector, "name": set.name, "app": app, "enabled": disabled.then_some(false),
                "networks": networks,
                "limits": limits,
                "values": values::set(&set, &connector, false)?,
            });
            show_thing(
                s,
                &s.backend.send(Method::PUT, &format!("/v1/connections/{}", values::segment(&id)), Some(body)).await?,
            );
            if then_check {
                check(s, &id).await?;
            } else if !s.json {
                hint(&connector, &id);
            }
        }
        ConnectionsCommand::Enable { id, force } => {
            switch(s, &id, if force { "enable?force=true" } else { "enable" }, "enabled").await?;
        }
        ConnectionsCommand::Disable { id } => switch(s, &id, "disable", "disabled").await?,
        ConnectionsCommand::Check { id } => check(s, &id).await?,
        ConnectionsCommand::Auth { id, refresh } => super::auth::auth(s, &id, refresh).await?,
        ConnectionsCommand::Health { id: Some(id) } => health::one(s, &id).await?,
        ConnectionsCommand::Health { id: None } => health::all(s).await?,
        ConnectionsCommand::Describe { id } => health::describe(s, &id).await?,
        ConnectionsCommand::Secret(a) => secret(s, "connections", a).await?,
        ConnectionsCommand::Options { id, param, search } => options(s, &id, &param, search.as_deref()).await?,
        ConnectionsCommand::Update { id, answers } => connect::update(s, &id, &answers).await?,
        ConnectionsCommand::Remove { id, keep_remote } => {
            let query = if keep_remote { "?keep_remote=true" } else { "" };
            let path = format!("/v1/connections/{}{query}", values::segment(&id));
            let v = s.backend.send_slow(Method::DELETE, &path, None).await?;
            s.show(&v, connect::removed);
        }
        ConnectionsCommand::Hooks { id } => {
            let v = s.backend.get(&format!("/v1/connections/{}/hooks", values::segment(&id))).await?;
            let columns = [
                ("OF", "/resource"),
                ("STATE", "/state"),
                ("EVENTS", "/triggers"),
                ("SINCE", "/at"),
                ("WHY", "/error"),
            ];
            s.show(&v, |v| output::table(list_of(v), &columns, "the gateway made no webhook for it"));
        }
        ConnectionsCommand::Installations => connect::under_way(s).await?,
        ConnectionsCommand::Cancel { id } => connect::cancel(s, &id).await?,
    }
    Ok(())
}

async fn options(s: &Session, id: &str, param: &str, search: Option<&str>) -> Result<()> {
    let search = search.map(|t| format!("?search={}", values::segment(t))).unwrap_or_default();
    let path = format!("/v1/connections/{}/options/{}{search}", values::segment(id), values::segment(param));
    let v = s.backend.get(&path).await?;
    s.show(&v, |v| {
        output::table(list_of(&v["options"]), &[("VALUE", "/value"), ("LABEL", "/label")], "there is no such value");
    });
    if !s.json && v.pointer("/more") == Some(&Value::Bool(true)) {
        output::note("there are more; narrow them with --search");
    }
    Ok(())
}

async fn switch(s: &Session, id: &str, how: &str, done: &str) -> Result<()> {
    let v = s
        .backend
        .send(Method::POST, &format!("/v1/connections/{}/{how}", values::segment(id)), Some(json!({})))
        .await?;
    s.show(&v, |_| output::line(done));
    Ok(())
}

/// What people miss most: that an app's one address finds a connection only by what is known of it.
fn hint(connector: &str, id: &str) {
    let Ok(c) = connectors::registry().get(connector) else { return };
    let routes: Vec<&str> =
        c.webhook().map(|w| w.routes.iter().map(|r| r.identity.as_str()).collect()).unwrap_or_default();
    if let Some(first) = routes.first() {
        output::line(&format!(
            "\ndeliveries to an app's one address (/webhooks/{connector}) find this connection by its `{first}`: set it, or let\n`jackfield connections check {id}` learn it"
        ));
    }
}

async fn check(s: &Session, id: &str) -> Result<()> {
    let v = s
        .backend
        .send(Method::POST, &format!("/v1/connections/{}/check", values::segment(id)), Some(json!({})))
        .await?;
    if v.get("ok") == Some(&Value::Bool(true)) {
        s.show(&v, |v| {
            output::record(&[
                ("check", "the connection works".to_owned()),
                ("account", output::cell(v.pointer("/account"))),
                ("identity", output::cell(v.pointer("/identity"))),
                ("scopes", output::cell(v.pointer("/scopes"))),
            ]);
        });
        return Ok(());
    }
    Err(output::ApiFailure(json!({"error": {"kind": "invalid_input", "message": format!("the connection `{id}` does not work"), "fields": v.get("errors")}})).into())
}

pub(super) async fn flows(s: &Session, command: FlowsCommand) -> Result<()> {
    let at = |id: &str| format!("/v1/flows/{}", values::segment(id));
    let one = |v: &Value| s.show(v, output::json);
    match command {
        FlowsCommand::List => {
            let v = s.backend.get("/v1/flows").await?;
            let columns = [
                ("ID", "/id"),
                ("ENABLED", "/enabled"),
                ("ON", "/on/event"),
                ("OF", "/on/connector"),
                ("DO", "/do/0/action"),
                ("BY", "/do/0/connection"),
            ];
            s.show(&v, |v| output::table(list_of(v), &columns, "no flow yet; make one with `jackfield flows put`"));
        }
        FlowsCommand::Show { id } => one(&s.backend.get(&at(&id)).await?),
        FlowsCommand::Put { id, file } => {
            let body = serve::read_declaration(&file)?;
            let v = s.backend.send(Method::PUT, &at(&id), Some(body)).await?;
            s.show(&v, |_| output::line(&format!("saved flow {id}")));
        }
        FlowsCommand::Enable { id } => {
            let v = s.backend.send(Method::POST, &format!("{}/enable", at(&id)), Some(json!({}))).await?;
            s.show(&v, |_| output::line("enabled"));
        }
        FlowsCommand::Disable { id } => {
            let v = s.backend.send(Method::POST, &format!("{}/disable", at(&id)), Some(json!({}))).await?;
            s.show(&v, |_| output::line("disabled"));
        }
        FlowsCommand::Remove { id } => remove(s, "flows", &id).await?,
    }
    Ok(())
}

pub(super) async fn apply(s: &Session, body: Value) -> Result<()> {
    let v = s.backend.send(Method::POST, "/v1/apply", Some(body)).await?;
    s.show(&v, |v| {
        let columns = [("KIND", "/kind"), ("ID", "/id"), ("REPLACED", "/replaced")];
        output::table(v["changes"].as_array().map_or(&[], Vec::as_slice), &columns, "the file declares nothing");
    });
    Ok(())
}
