//! People, tokens of the API, the audit log.

use anyhow::{Context as _, Result, bail};
use connector_core::Method;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{Session, history, values};
use crate::{
    args::{AuditCommand, PeopleCommand, TokensCommand},
    output, prompt,
};

fn list_of(v: &Value) -> &[Value] {
    v.as_array().map_or(&[], Vec::as_slice)
}

/// The address of the person with this e-mail address.
async fn find(s: &Session, email: &str) -> Result<String> {
    let people = s.backend.get("/v1/people").await?;
    let found = list_of(&people)
        .iter()
        .find(|p| p["email"].as_str().is_some_and(|e| e.eq_ignore_ascii_case(email)))
        .and_then(|p| p["id"].as_str());
    let id = found.with_context(|| format!("there is no person `{email}`; see `jackfield people list`"))?;
    Ok(format!("/v1/people/{}", values::segment(id)))
}

fn show_link(s: &Session, v: &Value, link: &Value) {
    s.show(v, |_| {
        output::line(&format!(
            "Give them this link. It is good once, until {}:\n  {}",
            output::cell(link.get("expires_at")),
            link["url"].as_str().unwrap_or_default()
        ));
    });
}

async fn patch(s: &Session, email: &str, body: Value, done: &str) -> Result<()> {
    let v = s.backend.send(Method::PATCH, &find(s, email).await?, Some(body)).await?;
    s.show(&v, |_| output::line(done));
    Ok(())
}

pub(super) async fn people(s: &Session, command: PeopleCommand) -> Result<()> {
    match command {
        PeopleCommand::List => {
            let v = s.backend.get("/v1/people").await?;
            let columns = [
                ("E-MAIL", "/email"),
                ("NAME", "/name"),
                ("ROLE", "/role"),
                ("DISABLED", "/disabled"),
                ("HAS PASSWORD", "/has_password"),
                ("SIGNED IN", "/signed_in_at"),
            ];
            let none = "nobody may sign in yet; make the first administrator with `jackfield people invite`";
            s.show(&v, |v| output::table(list_of(v), &columns, none));
        }
        PeopleCommand::Add { email, name, role, admin, password } => {
            let role = if admin { "admin" } else { role.name() };
            let password = password.then(|| prompt::new_password(&email)).transpose()?;
            let body = json!({"email": email, "name": name, "role": role, "password": password});
            let v = s.backend.send(Method::POST, "/v1/people", Some(body)).await?;
            match v.get("invitation").filter(|i| i.is_object()) {
                Some(link) => show_link(s, &v, link),
                None => s.show(&v, |_| output::line(&format!("added {email}"))),
            }
        }
        PeopleCommand::Invite { email } => {
            let path = match email {
                Some(email) => format!("{}/invite", find(s, &email).await?),
                None => "/v1/people/setup".to_owned(),
            };
            let v = s.backend.send(Method::POST, &path, Some(json!({}))).await?;
            show_link(s, &v, &v);
        }
        PeopleCommand::Change { email, role, name, new_email } => {
            // What is null stays as it is.
            let body = json!({"role": role.map(|r| r.name()), "name": name, "email": new_email});
            patch(s, &email, body, "changed").await?;
        }
        PeopleCommand::Disable { email } => patch(s, &email, json!({"disabled": true}), "disabled").await?,
        PeopleCommand::Enable { email } => patch(s, &email, json!({"disabled": false}), "enabled").await?,
        PeopleCommand::Sessions { email } => {
            let path = match email {
                Some(email) => find(s, &email).await?.replace("/v1/people/", "/v1/sessions?person="),
                None => "/v1/sessions".to_owned(),
            };
            let v = s.backend.get(&path).await?;
            let columns = [
                ("PERSON", "/person"),
                ("LAST USED", "/seen_at"),
                ("SINCE", "/created_at"),
                ("FROM", "/from"),
                ("BROWSER", "/agent"),
            ];
            s.show(&v, |v| output::table(list_of(v), &columns, "nobody is signed in"));
        }
        PeopleCommand::SignOut { email } => {
            let path = format!("{}/sessions", find(s, &email).await?);
            let v = s.backend.send(Method::DELETE, &path, None).await?;
            s.show(&v, |v| output::line(&format!("{} sessions ended", v["ended"])));
        }
        PeopleCommand::Remove { email } => {
            let v = s.backend.send(Method::DELETE, &find(s, &email).await?, None).await?;
            s.show(&v, |_| output::line("removed"));
        }
    }
    Ok(())
}

/// When a token ends: after so many hours or days, or at a time.
fn ends(text: &str) -> Result<Timestamp> {
    let hours = |n: &str, each: i64| n.parse::<i64>().ok().filter(|n| (1..=100_000).contains(n)).map(|n| n * each);
    let after = match (text.strip_suffix('d'), text.strip_suffix('h')) {
        (Some(n), _) => hours(n, 24),
        (_, Some(n)) => hours(n, 1),
        _ => None,
    };
    match after {
        Some(h) => Ok(Timestamp::now().checked_add(SignedDuration::from_hours(h))?),
        None => text.parse().with_context(|| {
            format!("--expires must be a number of hours or days such as 12h or 90d, or a time, not `{text}`")
        }),
    }
}

pub(super) async fn tokens(s: &Session, command: TokensCommand) -> Result<()> {
    match command {
        TokensCommand::List => {
            let v = s.backend.get("/v1/tokens").await?;
            let columns = [
                ("NAME", "/name"),
                ("BEGINS WITH", "/prefix"),
                ("ALLOWS", "/scopes"),
                ("CONNECTIONS", "/connections"),
                ("ENDS", "/expires_at"),
                ("REVOKED", "/revoked_at"),
                ("LAST USED", "/used_at"),
                ("ID", "/id"),
            ];
            let none = "no token yet but the operator's own; make one with `jackfield tokens create`";
            s.show(&v, |v| output::table(list_of(v), &columns, none));
        }
        TokensCommand::Create { name, scopes, connections, expires } => {
            let body = json!({
                "name": name,
                "scopes": scopes.iter().map(|s| s.name()).collect::<Vec<_>>(),
                "connections": (!connections.is_empty()).then_some(connections),
                "expires_at": expires.as_deref().map(ends).transpose()?,
            });
            let v = s.backend.send(Method::POST, "/v1/tokens", Some(body)).await?;
            // Standard output holds the token and nothing else, so that it can be piped to where it belongs.
            s.show(&v, |v| output::line(v["token"].as_str().unwrap_or_default()));
            if !s.json {
                output::note("the token is shown only now");
            }
        }
        TokensCommand::Revoke { id } => {
            let id = match id.parse::<uuid::Uuid>() {
                Ok(id) => id.to_string(),
                Err(_) => by_prefix(s, &id).await?,
            };
            let v = s.backend.send(Method::DELETE, &format!("/v1/tokens/{id}"), None).await?;
            s.show(&v, |v| output::line(&format!("revoked {}", output::cell(v.get("name")))));
        }
    }
    Ok(())
}

/// The id of the one token that begins so.
async fn by_prefix(s: &Session, prefix: &str) -> Result<String> {
    let v = s.backend.get("/v1/tokens").await?;
    let fits = |t: &&Value| {
        t["prefix"].as_str().is_some_and(|p| prefix.len() > 3 && (p.starts_with(prefix) || prefix.starts_with(p)))
    };
    let mut found = list_of(&v).iter().filter(fits).filter_map(|t| t["id"].as_str());
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id.to_owned()),
        (None, _) => bail!("no token begins so; see `jackfield tokens list`"),
        _ => bail!("several tokens begin so; give the id, see `jackfield tokens list`"),
    }
}

pub(super) async fn audit(s: &Session, command: AuditCommand) -> Result<()> {
    let AuditCommand::List(a) = command;
    let mut q = url::form_urlencoded::Serializer::new(String::new());
    q.append_pair("limit", &a.limit.to_string());
    let narrowed = [
        ("kind", &a.kind),
        ("actor", &a.actor),
        ("connection", &a.connection),
        ("trace_id", &a.trace_id),
        ("before", &a.before),
    ];
    for (name, value) in narrowed {
        if let Some(v) = value {
            q.append_pair(name, v);
        }
    }
    let v = s.backend.get(&format!("/v1/audit?{}", q.finish())).await?;
    let columns = [
        ("WHEN", "/at"),
        ("WHO", "/actor_name"),
        ("VIA", "/via"),
        ("WHAT", "/what"),
        ("ON", "/target"),
        ("FIELDS", "/fields"),
        ("STATUS", "/status"),
        ("FROM", "/from"),
        ("TRACE", "/trace_id"),
    ];
    history::listing(s, &v, &columns, "nothing was done yet");
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_end_is_a_span_or_a_time() {
        let in_a_day = Timestamp::now() + SignedDuration::from_hours(24);
        assert!((ends("1d").unwrap().duration_since(in_a_day)).abs() < SignedDuration::from_secs(5));
        assert!(ends("24h").is_ok());
        assert_eq!(ends("2027-01-31T00:00:00Z").unwrap().to_string(), "2027-01-31T00:00:00Z");
        for wrong in ["", "d", "-1d", "soon", "99999999999d"] {
            assert!(ends(wrong).is_err(), "{wrong}");
        }
    }
}
