//! Secrets as a person types them: unseen at a terminal, else from standard input.

use std::io::{BufRead as _, IsTerminal as _};

use anyhow::{Context as _, Result, bail};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

/// Whether there is somebody to ask.
pub(crate) fn is_terminal() -> bool {
    std::io::stdin().is_terminal()
}

/// A line that is not shown while it is typed.
pub(crate) fn hidden(prompt: &str) -> Result<String> {
    rpassword::prompt_password(prompt)
        .context("the terminal cannot be asked without showing the answer; pipe it in instead")
}

/// After an interruption in the middle of a hidden answer: lets the terminal show again what is typed.
pub(crate) fn show_again() {
    let stdin = std::io::stdin();
    if let Ok(mut modes) = tcgetattr(&stdin) {
        modes.local_modes.insert(LocalModes::ECHO);
        let _ = tcsetattr(&stdin, OptionalActions::Now, &modes);
    }
}

/// A secret: typed unseen, or all of standard input if that is no terminal.
pub(crate) fn secret(what: &str) -> Result<String> {
    if is_terminal() {
        return hidden(&format!("{what}: "));
    }
    let text = std::io::read_to_string(std::io::stdin())?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// A new password: asked for twice at a terminal, else the first line of standard input.
pub(crate) fn new_password(of: &str) -> Result<String> {
    if !is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let password = hidden(&format!("Password of {of}: "))?;
    if hidden("Once more: ")? != password {
        bail!("they are not the same");
    }
    Ok(password)
}
