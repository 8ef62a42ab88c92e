//! What the process denies itself before it reads a secret.

use anyhow::{Context as _, Result};

/// Lets no core be dumped, and nobody but root read this process' memory: both hold secrets in the clear.
#[cfg(target_os = "linux")]
pub(crate) fn no_core_dumps() -> Result<()> {
    use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).context("core dumps cannot be switched off (RLIMIT_CORE)")?;
    // Also closes /proc/<pid> to others of the same user, and keeps out a core_pattern that pipes whatever the limit says.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).context("core dumps cannot be switched off (PR_SET_DUMPABLE)")
}

/// As far as the system has a limit for it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn no_core_dumps() -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).context("core dumps cannot be switched off (RLIMIT_CORE)")
}
