//! The configuration's words about keys and references, made into what the store and the engine take.

use std::sync::Arc;

use anyhow::{Result, bail};
use jackfield_engine::References;
use jackfield_store::{KeySources, MasterKey};

use crate::{config::Settings, serve, vault::Vault};

/// The master key, as 44 characters of base64.
pub(crate) const MASTER_KEY: &str = "JACKFIELD_MASTER_KEY";
/// The one before, while it is being replaced.
pub(crate) const PREVIOUS_KEY: &str = "JACKFIELD_MASTER_KEY_PREVIOUS";

/// Where the master key may come from.
pub(crate) fn sources(settings: &Settings) -> Result<KeySources> {
    let mut environment = Vec::new();
    for name in [MASTER_KEY, PREVIOUS_KEY] {
        let Some(text) = std::env::var_os(name) else { continue };
        match text.to_str().and_then(|t| MasterKey::parse(t.as_bytes())) {
            Some(key) => environment.push(key),
            // Not what it holds: that may be most of a key.
            None => bail!("{name} must hold 32 random bytes as base64, such as `openssl rand -base64 32` makes"),
        }
    }
    let sources = KeySources::new(&settings.state_dir).chosen(settings.keeping.key.clone()).environment(environment);
    Ok(match vault(settings)? {
        Some(vault) => sources.manager(vault),
        None => sources,
    })
}

/// What references to secrets may name.
pub(crate) fn references(settings: &Settings) -> Result<References> {
    let keeping = &settings.keeping;
    let mut references = References::default().env_prefix(&keeping.secrets_env_prefix);
    if let Some(dir) = &keeping.secrets_dir {
        references = references.dir(dir);
    }
    if let (Some(prefix), Some(vault)) = (&keeping.vault_secrets, vault(settings)?) {
        references = references.manager(vault, prefix);
    }
    Ok(references)
}

fn vault(settings: &Settings) -> Result<Option<Arc<Vault>>> {
    let keeping = &settings.keeping;
    let Some(address) = &keeping.vault_address else { return Ok(None) };
    let transport = Arc::new(serve::transport(&settings.allow_networks)?);
    let vault = Vault::new(
        address,
        keeping.vault_namespace.clone(),
        keeping.vault_token_file.clone(),
        transport,
        Arc::new(connector_http::SystemClock),
    )?;
    Ok(Some(Arc::new(vault)))
}
