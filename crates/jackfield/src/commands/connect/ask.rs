//! Questions in the terminal. Where standard input is no terminal, plain lines are read, so that it can be scripted.

use std::io::{BufRead as _, Write as _};

use anyhow::Result;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::{list, text};
use crate::prompt;

/// Writes a line for the person.
pub(super) fn say(line: &str) {
    // What comes from services goes to a terminal: escape sequences must not.
    let clean: String = line.chars().map(|c| if c.is_control() && c != '\n' { '·' } else { c }).collect();
    let _ = writeln!(std::io::stderr().lock(), "{clean}");
}

struct Question {
    prompt: String,
    hidden: bool,
    answer: oneshot::Sender<Option<String>>,
}

/// Asks, on a thread of its own: reading blocks, and an interruption must not wait for it.
pub(super) struct Asker {
    questions: Option<mpsc::Sender<Question>>,
    over: bool,
}

impl Asker {
    pub(super) fn new(silent: bool) -> Self {
        if silent {
            return Self { questions: None, over: true };
        }
        let (questions, mut asked) = mpsc::channel::<Question>(1);
        std::thread::spawn(move || {
            while let Some(q) = asked.blocking_recv() {
                let _ = q.answer.send(read(&q.prompt, q.hidden));
            }
        });
        Self { questions: Some(questions), over: false }
    }

    /// Whether nobody answers (any more).
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    async fn ask(&mut self, prompt: &str, hidden: bool) -> Option<String> {
        let (answer, answered) = oneshot::channel();
        let question = Question { prompt: prompt.to_owned(), hidden, answer };
        let sent = match &self.questions {
            Some(q) => q.send(question).await.is_ok(),
            None => false,
        };
        let line = if sent { answered.await.ok().flatten() } else { None };
        self.over = line.is_none();
        line
    }

    /// One line; none once standard input is at its end.
    pub(super) async fn line(&mut self, prompt: &str) -> Result<Option<String>> {
        Ok(self.ask(prompt, false).await)
    }

    /// A field of a form: its label, what it is, its choices, what an empty answer means. None: left out.
    pub(super) async fn field(&mut self, field: &Value) -> Result<Option<Value>> {
        let now = field.get("value").filter(|v| !v.is_null()).cloned();
        let is_true = |p: &str| field.get(p) == Some(&Value::Bool(true));
        if self.over {
            return Ok(now);
        }
        let needed = if is_true("required") { "" } else { " (optional)" };
        say(&format!("\n{}{needed}", text(field, "/label")));
        for line in [text(field, "/help"), text(field, "/error")].into_iter().filter(|t| !t.is_empty()) {
            say(&format!("  {line}"));
        }
        let options = list(field, "/options");
        for (n, o) in options.iter().enumerate() {
            say(&format!("  {}) {}", n + 1, text(o, "/label")));
        }
        let shown = now.as_ref().and_then(Value::as_str).unwrap_or_default();
        let shown = options.iter().find(|o| text(o, "/value") == shown).map_or(shown, |o| text(o, "/label"));
        let prompt = match (is_true("set"), shown.is_empty()) {
            (true, _) => "[empty keeps what is set] > ".to_owned(),
            (false, false) => format!("[{shown}] > "),
            (false, true) => "> ".to_owned(),
        };
        let Some(answer) = self.ask(&prompt, is_true("secret")).await else { return Ok(now) };
        let answer = answer.trim_end_matches(['\r', '\n']);
        if answer.trim().is_empty() {
            return Ok(now);
        }
        let by_number = answer.trim().parse::<usize>().ok().and_then(|n| options.get(n.checked_sub(1)?));
        Ok(Some(Value::String(by_number.map_or(answer, |o| text(o, "/value")).to_owned())))
    }
}

fn read(question: &str, hidden: bool) -> Option<String> {
    if hidden && prompt::is_terminal() {
        return prompt::hidden(question).ok();
    }
    {
        let mut err = std::io::stderr().lock();
        let _ = write!(err, "{question}");
        let _ = err.flush();
    }
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line),
    }
}
