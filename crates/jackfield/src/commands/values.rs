//! Inputs and values as they come from the command line.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use connector_core::param::form::env_name;
use serde_json::{Map, Value};

use crate::{args::SetArgs, prompt, references};

pub(super) use connector_core::request::path_segment as segment;

/// An input: JSON, `@FILE`, or `-` for standard input.
pub(super) fn input(text: &str) -> Result<Value> {
    let (source, text) = match text {
        "-" => ("standard input".to_owned(), std::io::read_to_string(std::io::stdin())?),
        t => match t.strip_prefix('@') {
            Some(file) => {
                (file.to_owned(), std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?)
            }
            None => ("--input".to_owned(), t.to_owned()),
        },
    };
    serde_json::from_str(&text).with_context(|| format!("{source} is not JSON"))
}

/// The values of `--set`, and of the environment what is not given there. A secret must be given by reference: what stands on
/// a command line, everybody on the machine can read, and the shell remembers it.
pub(super) fn set(args: &SetArgs, connector: &str, of_app: bool) -> Result<Map<String, Value>> {
    let params = references::params(connector, of_app);
    let mut out = Map::new();
    for pair in &args.set {
        let Some((name, value)) = pair.split_once('=') else { bail!("--set takes NAME=VALUE") };
        let value = if params.iter().any(|p| p.is_secret() && p.id == name) {
            secret(value).with_context(|| format!("--set {name}"))?
        } else {
            value.to_owned()
        };
        out.insert(name.to_owned(), Value::String(value));
    }
    for p in params.iter().filter(|p| !args.set.iter().any(|s| s.split_once('=').is_some_and(|(n, _)| n == p.id))) {
        let name = env_name(connector, &p.id);
        let Some(value) = std::env::var_os(&name) else { continue };
        let Ok(value) = value.into_string() else { bail!("the environment variable {name} is not UTF-8 text") };
        // Here a secret may stand itself, or as a reference.
        let found = if p.is_secret() { references::lookup(&value, Path::new("")).context(name)? } else { None };
        out.insert(p.id.clone(), Value::String(found.unwrap_or(value)));
    }
    Ok(out)
}

/// A secret by reference, or `-` for standard input. What the machine of this command has, is read now; what the gateway
/// itself keeps or asks for, stays a reference.
pub(super) fn secret(from: &str) -> Result<String> {
    if from == "-" {
        return prompt::secret("value");
    }
    match references::lookup(from, Path::new(""))? {
        Some(v) => Ok(v),
        None => bail!(
            "is a secret and must not stand on the command line; give it as secret://env/NAME, secret://file/PATH or - for standard input"
        ),
    }
}
