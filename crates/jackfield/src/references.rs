//! Secret references in what commands send: what the machine of the command has (`secret://env/NAME`, `secret://file/PATH`)
//! is read now; what the gateway keeps or asks for (`secret://NAME`, `secret://vault/…`) is passed on as it stands.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Arc, LazyLock},
};

use anyhow::{Context as _, Result, bail};
use connector_core::{Connector, ParamInfo, Registry, param::form::env_name};
use serde_json::Value;

/// Resolves a declaration's references: those of secret params, and no others. Anywhere else the value would be kept and
/// shown in the clear. Relative paths are taken from `base`.
pub(crate) fn resolve(declaration: &mut Value, base: &Path) -> Result<()> {
    let mut passed_on = HashSet::new();
    for (kind, of_app) in [("apps", true), ("connections", false)] {
        for (i, item) in declaration.get_mut(kind).and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
            let connector = item.get("connector").and_then(Value::as_str).unwrap_or_default().to_owned();
            let secrets = secret_params(&connector, of_app);
            for (name, value) in item.get_mut("values").and_then(Value::as_object_mut).into_iter().flatten() {
                if let Value::String(text) = value
                    && secrets.contains(name)
                    && let Some(found) = lookup(text, base).with_context(|| format!("/{kind}/{i}/values/{name}"))?
                {
                    if found == *text {
                        passed_on.insert(format!("/{kind}/{i}/values/{name}"));
                    }
                    *text = found;
                }
            }
        }
    }
    // What was read is no reference any more, so whatever else still looks like one stands in the wrong place.
    refuse_references(declaration, String::new(), &passed_on)
}

/// The secret params of a connector's apps or connections; none for a connector that is not there, which is told later.
fn secret_params(connector: &str, of_app: bool) -> Vec<String> {
    params(connector, of_app).iter().filter(|p| p.is_secret()).map(|p| p.id.clone()).collect()
}

/// The params of a connector's apps or connections.
pub(crate) fn params(connector: &str, of_app: bool) -> Vec<ParamInfo> {
    let Ok(c) = registry().get(connector) else { return Vec::new() };
    if of_app { c.info().app_params.clone() } else { c.info().params.clone() }
}

/// The names of the environment variables that params are given by.
pub(crate) fn variables() -> Vec<String> {
    let of = |c: &Arc<Connector>| -> Vec<String> {
        c.info().params.iter().chain(&c.info().app_params).map(|p| env_name(c.id(), &p.id)).collect()
    };
    registry().list().iter().flat_map(of).collect()
}

/// Made once: a registry makes every schema.
fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(connectors::registry);
    &REGISTRY
}

fn refuse_references(value: &Value, at: String, passed_on: &HashSet<String>) -> Result<()> {
    match value {
        Value::String(s) if s.starts_with("secret://") && !passed_on.contains(&at) => {
            bail!(
                "{at}: a secret reference stands only for a secret param of an app or a connection; here it would be kept and shown in the clear"
            )
        }
        Value::Array(a) => {
            a.iter().enumerate().try_for_each(|(i, v)| refuse_references(v, format!("{at}/{i}"), passed_on))
        }
        Value::Object(m) => m.iter().try_for_each(|(k, v)| refuse_references(v, format!("{at}/{k}"), passed_on)),
        _ => Ok(()),
    }
}

/// What a reference names on this machine, or the reference itself if the gateway is to follow it; `None` if the text is no
/// reference.
pub(crate) fn lookup(text: &str, base: &Path) -> Result<Option<String>> {
    let Some(rest) = text.strip_prefix("secret://") else { return Ok(None) };
    if let Some(name) = rest.strip_prefix("env/") {
        let value =
            std::env::var(name).with_context(|| format!("the environment has no `{name}`, which `{text}` names"))?;
        return Ok(Some(value));
    }
    if let Some(path) = rest.strip_prefix("file/") {
        // `secret://file//run/secrets/x` is absolute, `secret://file/x` is beside the file that names it.
        let path = base.join(path);
        let value = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}, which `{text}` names", path.display()))?;
        // Editors and `echo` end a file with a line break, which no token has.
        return Ok(Some(value.trim_end_matches(['\r', '\n']).to_owned()));
    }
    // Which names there are, and what may be read in Vault, the gateway says.
    if rest.starts_with("vault/") || (!rest.is_empty() && !rest.contains('/')) {
        return Ok(Some(text.to_owned()));
    }
    bail!(
        "`{text}` is no secret reference that is known; use secret://NAME, secret://env/NAME, secret://file/PATH or secret://vault/MOUNT/PATH#FIELD"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_resolved_for_secrets_and_refused_elsewhere() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t"), "s3cret\n").unwrap();
        let absolute = format!("secret://file/{}", dir.path().join("t").display());
        let mut v = json!({
            "apps": [{"id": "a", "connector": "slack", "values": {"signing_secret": "secret://file/t"}}],
            "connections": [
                {"id": "c", "connector": "slack", "values": {"bot_token": absolute, "team_id": "T1"}},
                {"id": "d", "connector": "slack", "values": {"bot_token": "secret://slack-token"}},
            ],
        });
        resolve(&mut v, dir.path()).unwrap();
        assert_eq!(v["apps"][0]["values"]["signing_secret"], "s3cret");
        assert_eq!(v["connections"][0]["values"], json!({"bot_token": "s3cret", "team_id": "T1"}));
        assert_eq!(v["connections"][1]["values"]["bot_token"], "secret://slack-token", "the gateway follows it");
        for wrong in [
            json!({"connections": [{"id": "c", "connector": "slack", "values": {"team_id": "secret://file/t"}}]}),
            json!({"connections": [{"id": "c", "connector": "slack", "values": {"team_id": "secret://slack-token"}}]}),
            json!({"flows": [{"id": "f", "do": [{"input": {"text": "secret://file/t"}}]}]}),
        ] {
            let e = resolve(&mut wrong.clone(), dir.path()).unwrap_err();
            assert!(e.to_string().contains("in the clear"), "{e}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = |t: &str| format!("{:#}", lookup(t, Path::new("/nowhere")).unwrap_err());
        assert!(error("secret://env/JACKFIELD_NO_SUCH").contains("JACKFIELD_NO_SUCH"));
        assert!(error("secret://file/x").contains("/nowhere/x"));
        assert!(error("secret://elsewhere/x").contains("secret://env/NAME"));
    }
}
