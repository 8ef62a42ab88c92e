//! Secret references: `secret://env/NAME` and `secret://file/PATH`, read when they are used.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Replaces every text that is a secret reference by what it names. Relative paths are taken from `base`.
pub(crate) fn resolve(value: &mut Value, base: &Path) -> Result<()> {
    match value {
        Value::String(s) => {
            if let Some(found) = lookup(s, base)? {
                *s = found;
            }
        }
        Value::Array(a) => a.iter_mut().try_for_each(|v| resolve(v, base))?,
        Value::Object(m) => m.values_mut().try_for_each(|v| resolve(v, base))?,
        _ => {}
    }
    Ok(())
}

/// What a reference names; `None` if the text is no reference.
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
    bail!("`{text}` is no secret reference that is known; use secret://env/NAME or secret://file/PATH")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_resolved_everywhere() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("t"), "s3cret\n").unwrap();
        let absolute = format!("secret://file/{}", dir.path().join("t").display());
        let mut v = json!({"a": ["secret://file/t", "plain"], "b": {"c": absolute}});
        resolve(&mut v, dir.path()).unwrap();
        assert_eq!(v, json!({"a": ["s3cret", "plain"], "b": {"c": "s3cret"}}));
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = |t: &str| format!("{:#}", lookup(t, Path::new("/nowhere")).unwrap_err());
        assert!(error("secret://env/JACKFIELD_NO_SUCH").contains("JACKFIELD_NO_SUCH"));
        assert!(error("secret://file/x").contains("/nowhere/x"));
        assert!(error("secret://vault/x").contains("secret://env/NAME"));
    }
}
