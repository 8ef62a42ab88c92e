//! A password from a terminal, unseen, or from standard input.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Turns the terminal's echo on again, however the prompt ends.
struct Unseen;

impl Unseen {
    fn begin() -> Result<Self> {
        let done = stty("-echo").context("the terminal's echo cannot be switched off; pipe the password in instead")?;
        if !done {
            bail!("the terminal's echo cannot be switched off; pipe the password in instead");
        }
        Ok(Self)
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = stty("echo");
    }
}

/// Sets a mode of the terminal by the tool that every Unix has: no library of ours speaks to terminals.
fn stty(mode: &str) -> Result<bool> {
    Ok(Command::new("stty").arg(mode).stdin(Stdio::inherit()).stderr(Stdio::null()).status()?.success())
}

fn ask(text: &str) -> Result<String> {
    let mut err = std::io::stderr().lock();
    write!(err, "{text}: ")?;
    err.flush()?;
    let hidden = Unseen::begin()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    drop(hidden);
    writeln!(err)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// A new password: asked for twice at a terminal, else the first line of standard input.
pub(crate) fn new_password(of: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = ask(&format!("Password of {of}"))?;
    if ask("Once more")? != password {
        bail!("they are not the same");
    }
    Ok(password)
}
