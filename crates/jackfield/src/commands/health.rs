//! How connections are, and how their actions look.

use anyhow::Result;
use connector_core::Method;
use serde_json::{Value, json};

use super::{Session, fields, values};
use crate::output;

fn at<'a>(v: &'a Value, pointer: &str) -> &'a Value {
    v.pointer(pointer).unwrap_or(&Value::Null)
}

fn items(v: &Value) -> &[Value] {
    at(v, "/items").as_array().map_or(&[], Vec::as_slice)
}

fn number(v: &Value, pointer: &str) -> u64 {
    at(v, pointer).as_u64().unwrap_or_default()
}

/// `12/0/3`: success, halted, failure.
fn sums(v: &Value) -> String {
    format!("{}/{}/{}", number(v, "/success"), number(v, "/halted"), number(v, "/failure"))
}

/// A mark a day: how many calls it had beside the others, `✗` for nothing but failures, `·` for none.
fn sparkline(days: &Value) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let days = days.as_array().map_or(&[][..], Vec::as_slice);
    let calls = |d: &Value| number(d, "/success") + number(d, "/failure");
    let most = days.iter().map(calls).max().unwrap_or_default().max(1);
    let mark = |d: &Value| match calls(d) {
        0 => '·',
        _ if number(d, "/success") == 0 => '✗',
        n => BARS.get(usize::try_from((n * 7).div_ceil(most)).unwrap_or(7).min(7)).copied().unwrap_or('█'),
    };
    days.iter().map(mark).collect()
}

fn last_failure(v: &Value) -> String {
    match at(v, "/last_failure") {
        Value::Null => String::new(),
        l => {
            let cell = |p| output::cell(l.pointer(p));
            format!("{} of {}, {}", cell("/kind"), cell("/action"), cell("/at"))
        }
    }
}

pub(super) async fn all(s: &Session) -> Result<()> {
    let v = s.backend.get("/v1/health").await?;
    s.show(&v, |v| {
        let rows: Vec<Value> = items(v)
            .iter()
            .map(|c| {
                json!({
                    "id": at(c, "/id"), "state": at(c, "/state"), "since": at(c, "/since"),
                    "day": sums(at(c, "/last_24h")), "week": sums(at(c, "/last_7d")),
                    "days": sparkline(at(c, "/days")), "last": last_failure(c),
                })
            })
            .collect();
        let columns = [
            ("ID", "/id"),
            ("STATE", "/state"),
            ("SINCE", "/since"),
            ("24 H", "/day"),
            ("7 DAYS", "/week"),
            ("DAYS", "/days"),
            ("LAST FAILURE", "/last"),
        ];
        output::table(&rows, &columns, "no connection yet; make one with `jackfield connections put`");
    });
    Ok(())
}

pub(super) async fn one(s: &Session, id: &str) -> Result<()> {
    let v = s.backend.get(&format!("/v1/connections/{}/health", values::segment(id))).await?;
    s.show(&v, |v| {
        let cell = |p: &str| output::cell(v.pointer(p));
        let check = match at(v, "/check/ok").as_bool() {
            None => "never".to_owned(),
            Some(true) => format!("works since {}, last seen {}", cell("/check/since"), cell("/check/at")),
            Some(false) => format!("does not work since {}, last seen {}", cell("/check/since"), cell("/check/at")),
        };
        let wrong: Vec<String> = at(v, "/check/errors")
            .as_array()
            .into_iter()
            .flatten()
            .map(|e| format!("{}: {}", output::cell(e.pointer("/pointer")), output::cell(e.pointer("/message"))))
            .collect();
        let feeds: Vec<String> = at(v, "/affected/feeds")
            .as_array()
            .into_iter()
            .flatten()
            .map(|f| format!("{} ({})", output::cell(f.pointer("/flow")), output::cell(f.pointer("/event"))))
            .collect();
        let back = match at(v, "/disabled_because/rule").as_str() {
            Some(_) => format!("mend it, then: jackfield connections enable {id}"),
            None => String::new(),
        };
        output::record(&[
            ("connection", format!("{} ({})", cell("/id"), cell("/connector"))),
            ("state", cell("/state")),
            ("since", cell("/since")),
            ("reason", cell("/reason")),
            ("switched off by", cell("/disabled_because/rule")),
            ("way back", back),
            ("check", check),
            ("what is wrong", wrong.join("\n")),
            ("account", cell("/check/account")),
            ("scopes", cell("/check/scopes")),
            ("credentials", cell("/auth/state")),
            ("credentials end", cell("/auth/expires_at")),
            ("flows that call it", cell("/affected/flows")),
            ("flows that it starts", feeds.join(", ")),
            ("24 h", sums(at(v, "/last_24h"))),
            ("7 days", sums(at(v, "/last_7d"))),
            ("30 days", sparkline(at(v, "/days"))),
            ("last failure", last_failure(v)),
        ]);
        let actions = at(v, "/actions").as_array().map_or(&[][..], Vec::as_slice);
        if !actions.is_empty() {
            output::line("\nCalls of 30 days");
            let columns = [
                ("ACTION", "/action"),
                ("SUCCESS", "/success"),
                ("HALTED", "/halted"),
                ("FAILURE", "/failure"),
                ("KINDS", "/kinds"),
                ("LAST", "/last_at"),
            ];
            output::table(actions, &columns, "");
        }
    });
    Ok(())
}

pub(super) async fn describe(s: &Session, id: &str) -> Result<()> {
    let path = format!("/v1/connections/{}/describe", values::segment(id));
    let v = s.backend.send(Method::POST, &path, Some(json!({}))).await?;
    s.show(&v, |v| {
        let changed = if at(v, "/changed") == &Value::Bool(true) { "" } else { ", as before" };
        output::record(&[
            ("version", format!("{}{changed}", output::cell(v.pointer("/version")))),
            ("actions described", output::cell(v.pointer("/actions"))),
            ("hidden", output::cell(v.pointer("/hidden"))),
            (
                "left out",
                at(v, "/notes")
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|n| output::cell(Some(n)))
                    .collect::<Vec<_>>()
                    .join("\n"),
            ),
        ]);
    });
    Ok(())
}

pub(super) async fn actions(s: &Session, connection: &str) -> Result<()> {
    let v = s.backend.get(&format!("/v1/connections/{}/actions", values::segment(connection))).await?;
    s.show(&v, |v| {
        let columns = [("ACTION", "/name"), ("EFFECT", "/effect"), ("TWICE IS", "/idempotency"), ("WHAT", "/summary")];
        output::table(items(v), &columns, "none");
    });
    if !s.json && at(&v, "/version").is_null() {
        output::note(&format!(
            "as the connector declares them; `jackfield connections describe {connection}` asks the service"
        ));
    }
    Ok(())
}

/// What people see of a field's options: some, and how many there are.
fn options(field: &Value) -> String {
    const SHOWN: usize = 8;
    let all = at(field, "/x-options").as_array().map_or(&[][..], Vec::as_slice);
    let one = |o: &Value| {
        let (label, value) = (output::cell(o.pointer("/label")), output::cell(o.pointer("/value")));
        if label == value { value } else { format!("{value} ({label})") }
    };
    let mut out = all.iter().take(SHOWN).map(one).collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN {
        out.push_str(&format!(", … {} in all", all.len()));
    }
    out
}

/// The fields of a schema, with those that stand in maps of names below them.
fn with_options(schema: &Value) -> Vec<Value> {
    let mut rows = Vec::new();
    for mut row in fields(schema) {
        let name = output::cell(row.pointer("/name"));
        let field = at(schema, "/properties").get(&name).cloned().unwrap_or_default();
        if let Some(map) = row.as_object_mut() {
            map.insert("options".into(), options(&field).into());
        }
        rows.push(row);
        for (inner, field) in at(&field, "/properties").as_object().into_iter().flatten() {
            let what = field.get("title").or_else(|| field.get("description"));
            rows.push(json!({"name": format!("{name}.{inner}"), "type": field.get("type"), "needed": "", "what": what, "options": options(field)}));
        }
    }
    rows
}

pub(super) async fn action(s: &Session, connection: &str, action: &str) -> Result<()> {
    let v = s.backend.get(&super::action_path(connection, action)).await?;
    s.show(&v, |v| {
        let cell = |p: &str| output::cell(v.pointer(p));
        output::record(&[
            ("action", format!("{} ({})", cell("/title"), cell("/name"))),
            ("summary", cell("/summary")),
            ("documentation", cell("/docs_url")),
            ("effect", cell("/effect")),
            ("scopes", cell("/scopes")),
            (
                "hidden",
                if at(v, "/hidden") == &Value::Bool(true) { "yes: of no use here".to_owned() } else { String::new() },
            ),
        ]);
        output::line("\nInput");
        let columns =
            [("FIELD", "/name"), ("TYPE", "/type"), ("NEEDED", "/needed"), ("WHAT", "/what"), ("HERE", "/options")];
        output::table(&with_options(at(v, "/input_schema")), &columns, "no fields");
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_marked() {
        let day = |success: u64, failure: u64| json!({"success": success, "halted": 1, "failure": failure});
        let days = json!([day(0, 0), day(0, 3), day(1, 0), day(50, 0), day(100, 2)]);
        assert_eq!(sparkline(&days), "·✗▂▅█");
        assert_eq!(sparkline(&Value::Null), "");
    }

    #[test]
    fn options_are_cut() {
        let field = |n: usize| json!({"x-options": (0..n).map(|i| json!({"value": format!("C{i}"), "label": "#a"})).collect::<Vec<_>>()});
        assert_eq!(options(&field(1)), "C0 (#a)");
        assert!(options(&field(9)).ends_with("… 9 in all"));
        assert_eq!(options(&json!({})), "");
    }
}
