//! Inputs and values as they come from the command line.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use crate::{args::SetArgs, references};

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

/// The values of `--set`. A secret must be given by reference: what stands on a command line, everybody on the machine
/// can read, and the shell remembers it.
pub(super) fn set(args: &SetArgs, secrets: &[String]) -> Result<Map<String, Value>> {
    let mut out = Map::new();
    for pair in &args.set {
        let Some((name, value)) = pair.split_once('=') else { bail!("--set takes NAME=VALUE") };
        let value = if secrets.iter().any(|s| s == name) {
            secret(value).with_context(|| format!("--set {name}"))?
        } else {
            value.to_owned()
        };
        out.insert(name.to_owned(), Value::String(value));
    }
    Ok(out)
}

/// A secret by reference, or `-` for standard input.
pub(super) fn secret(from: &str) -> Result<String> {
    if from == "-" {
        return Ok(std::io::read_to_string(std::io::stdin())?.trim_end_matches(['\r', '\n']).to_owned());
    }
    match references::lookup(from, Path::new(""))? {
        Some(v) => Ok(v),
        None => bail!(
            "is a secret and must not stand on the command line; give it as secret://env/NAME, secret://file/PATH or - for standard input"
        ),
    }
}
