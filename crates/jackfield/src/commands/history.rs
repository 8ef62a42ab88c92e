//! Deliveries, events, runs, and what services announced.

use anyhow::Result;
use connector_core::Method;
use serde_json::{Value, json};

use super::{Session, values};
use crate::{
    args::{DeliveriesCommand, EventsCommand, ListArgs, RunsCommand},
    output,
};

fn query(path: &str, list: &ListArgs, more: &[(&str, &Option<String>)]) -> String {
    let mut q = url::form_urlencoded::Serializer::new(String::new());
    q.append_pair("limit", &list.limit.to_string());
    let own = [
        ("connector", &list.connector),
        ("connection", &list.connection),
        ("trace_id", &list.trace_id),
        ("before", &list.before),
    ];
    for (name, value) in own.iter().chain(more) {
        if let Some(v) = value {
            q.append_pair(name, v);
        }
    }
    format!("{path}?{}", q.finish())
}

pub(super) fn listing(s: &Session, v: &Value, columns: &[(&str, &str)], none: &str) {
    s.show(v, |v| {
        output::table(v["items"].as_array().map_or(&[], Vec::as_slice), columns, none);
        if let Some(next) = v["next"].as_str() {
            output::line(&format!("more: --before {next}"));
        }
    });
}

pub(super) async fn deliveries(s: &Session, command: DeliveriesCommand) -> Result<()> {
    match command {
        DeliveriesCommand::List(list) => {
            let v = s.backend.get(&query("/v1/deliveries", &list, &[])).await?;
            let columns = [
                ("RECEIVED", "/received_at"),
                ("CONNECTOR", "/connector"),
                ("CONNECTION", "/connection"),
                ("EVENTS", "/events/0/event_type"),
                ("VERIFIED BY", "/verified_by"),
                ("AGAIN", "/duplicates"),
                ("BYTES", "/body_bytes"),
                ("ID", "/id"),
            ];
            listing(s, &v, &columns, "no delivery was taken in yet");
        }
        DeliveriesCommand::Show { id } => {
            let v = s.backend.get(&format!("/v1/deliveries/{}", values::segment(&id))).await?;
            s.show(&v, |v| {
                let field = |p: &str| output::cell(v.pointer(p));
                let headers: Vec<String> = v["headers"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|h| format!("{}: {}", output::cell(h.pointer("/0")), output::cell(h.pointer("/1"))))
                    .collect();
                output::record(&[
                    ("delivery", field("/id")),
                    ("trace", field("/trace_id")),
                    ("received", field("/received_at")),
                    ("connector", field("/connector")),
                    ("connection", field("/connection")),
                    ("app", field("/app")),
                    ("verified by", field("/verified_by")),
                    ("deduplicated by", field("/dedupe_key")),
                    ("came again", field("/duplicates")),
                    ("events", field("/events")),
                    ("request", format!("{} {}", field("/method"), field("/path"))),
                    ("headers", headers.join("\n")),
                    (
                        "body",
                        v["body_text"]
                            .as_str()
                            .map_or_else(|| field("/body_base64"), |t| output::cell(Some(&json!(t)))),
                    ),
                ]);
            });
        }
        DeliveriesCommand::Refused => {
            let v = s.backend.get("/v1/refused").await?;
            let columns = [
                ("HOUR", "/hour"),
                ("CONNECTOR", "/connector"),
                ("TARGET", "/target"),
                ("STATUS", "/status"),
                ("COUNT", "/count"),
                ("WHY", "/reason"),
                ("LAST", "/last_at"),
            ];
            listing(s, &v, &columns, "nothing was refused");
        }
    }
    Ok(())
}

pub(super) async fn signals(s: &Session, connector: Option<String>) -> Result<()> {
    let narrowed = connector.map(|c| format!("?connector={}", values::segment(&c))).unwrap_or_default();
    let v = s.backend.get(&format!("/v1/signals{narrowed}")).await?;
    let columns = [
        ("CONNECTOR", "/connector"),
        ("ENDPOINT", "/endpoint"),
        ("WHAT", "/kind"),
        ("VALUE", "/value"),
        ("COUNT", "/count"),
        ("FIRST", "/first_at"),
        ("LAST", "/last_at"),
    ];
    listing(s, &v, &columns, "no service announced anything");
    Ok(())
}

pub(super) async fn events(s: &Session, command: EventsCommand) -> Result<()> {
    match command {
        EventsCommand::List { list, event_type } => {
            let v = s.backend.get(&query("/v1/events", &list, &[("event_type", &event_type)])).await?;
            let columns = [
                ("RECEIVED", "/received_at"),
                ("CONNECTOR", "/connector"),
                ("CONNECTION", "/connection"),
                ("TYPE", "/event_type"),
                ("SUBJECT", "/subject"),
                ("TRACE", "/trace_id"),
                ("ID", "/id"),
            ];
            listing(s, &v, &columns, "nothing happened yet");
        }
        EventsCommand::Show { id } => {
            let v = s.backend.get(&format!("/v1/events/{}", values::segment(&id))).await?;
            s.show(&v, |v| {
                let field = |p: &str| output::cell(v.pointer(p));
                output::record(&[
                    ("event", field("/id")),
                    ("trace", field("/trace_id")),
                    ("type", field("/event_type")),
                    ("trigger", field("/trigger")),
                    ("connector", field("/connector")),
                    ("connection", field("/connection")),
                    ("subject", field("/subject")),
                    ("happened", field("/occurred_at")),
                    ("received", field("/received_at")),
                    ("payload", serde_json::to_string_pretty(&v["payload"]).unwrap_or_default()),
                ]);
            });
        }
        EventsCommand::Replay { id } => {
            let v = s
                .backend
                .send(Method::POST, &format!("/v1/events/{}/replay", values::segment(&id)), Some(json!({})))
                .await?;
            s.show(&v, |_| output::line(&format!("matched again; see `jackfield runs list --event {id}`")));
        }
    }
    Ok(())
}

pub(super) async fn runs(s: &Session, command: RunsCommand) -> Result<()> {
    match command {
        RunsCommand::List { list, flow, state, event } => {
            let v = s
                .backend
                .get(&query("/v1/runs", &list, &[("flow", &flow), ("state", &state), ("event", &event)]))
                .await?;
            let columns = [
                ("MADE", "/created_at"),
                ("FLOW", "/flow"),
                ("ACTION", "/action"),
                ("BY", "/connection"),
                ("STATE", "/state"),
                ("TRIES", "/attempts"),
                ("ERROR", "/error/message"),
                ("ID", "/id"),
            ];
            listing(s, &v, &columns, "no flow ran yet");
        }
        RunsCommand::Retry { id } => {
            let v = s
                .backend
                .send(Method::POST, &format!("/v1/runs/{}/retry", values::segment(&id)), Some(json!({})))
                .await?;
            s.show(&v, |_| output::line(&format!("queued again; see `jackfield runs show {id}`")));
        }
        RunsCommand::Settle { id, done, .. } => {
            let path = format!("/v1/runs/{}/settle", values::segment(&id));
            let v = s.backend.send(Method::POST, &path, Some(json!({"done": done}))).await?;
            s.show(&v, |v| output::line(&format!("settled as {}", output::cell(v.pointer("/state")))));
        }
        RunsCommand::Show { id } => {
            let v = s.backend.get(&format!("/v1/runs/{}", values::segment(&id))).await?;
            s.show(&v, |v| {
                let field = |p: &str| output::cell(v.pointer(p));
                let tries: Vec<String> = v["tries"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|t| {
                        let f = |p: &str| output::cell(t.pointer(p));
                        format!(
                            "{}. {} to {}  {}",
                            f("/number"),
                            f("/started_at"),
                            f("/finished_at"),
                            f("/operator_text")
                        )
                        .trim_end()
                        .to_owned()
                    })
                    .collect();
                output::record(&[
                    ("run", field("/id")),
                    ("state", field("/state")),
                    ("flow", field("/flow")),
                    ("event", field("/event")),
                    ("trace", field("/trace_id")),
                    ("action", format!("{} of {}", field("/action"), field("/connection"))),
                    ("made", field("/created_at")),
                    ("ended", field("/finished_at")),
                    ("attempts", tries.join("\n")),
                    ("error", field("/error/message")),
                    (
                        "output",
                        v.get("output")
                            .filter(|o| !o.is_null())
                            .map(|o| serde_json::to_string_pretty(o).unwrap_or_default())
                            .unwrap_or_default(),
                    ),
                ]);
            });
        }
    }
    Ok(())
}
