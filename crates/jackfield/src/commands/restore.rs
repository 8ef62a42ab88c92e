//! Putting a copy back: the one task that is no request, since no gateway may run.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::{
    args::{Global, RestoreArgs, ServeArgs},
    config, keys, output,
};

pub(super) async fn run(global: &Global, args: RestoreArgs) -> Result<()> {
    let settings = config::load(global, &ServeArgs::from_environment())?;
    let dir = &settings.state_dir;
    let restored = jackfield_store::restore(dir, &args.file, &keys::sources(&settings)?, args.force)
        .await
        .with_context(|| format!("cannot restore into {}", dir.display()))?;
    if global.json {
        output::json(&json!(restored));
        return Ok(());
    }
    output::record(&[
        ("restored", args.file.display().to_string()),
        ("into", dir.display().to_string()),
        ("bytes", restored.bytes.to_string()),
        ("sealed with", restored.keys.join(", ")),
    ]);
    if restored.replaced {
        output::note("the database that was there is replaced");
    }
    Ok(())
}
