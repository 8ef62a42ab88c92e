//! Choosing several of many: by number, by range, after filtering.

use anyhow::Result;
use serde_json::Value;

use super::{
    ask::{Asker, say},
    list, text,
};

/// As many are shown at once.
const SHOWN: usize = 30;

/// Asks until the choice is clear. Nobody there to ask: what is chosen already.
pub(super) async fn several(asker: &mut Asker, choice: &Value) -> Result<Vec<String>> {
    let options = list(choice, "/options");
    let is_chosen = |o: &&Value| o.get("chosen") == Some(&Value::Bool(true));
    let chosen: Vec<String> = options.iter().filter(is_chosen).map(|o| text(o, "/value").to_owned()).collect();
    if asker.is_over() {
        return Ok(chosen);
    }
    say(&format!("\n{}\n  {}", text(choice, "/label"), text(choice, "/help")));
    let mut shown: Vec<&Value> = options.iter().collect();
    loop {
        for (n, o) in shown.iter().take(SHOWN).enumerate() {
            let mark = if is_chosen(o) { "*" } else { " " };
            say(&format!("  {:>3}){mark} {}", n + 1, text(o, "/label")));
        }
        if shown.len() > SHOWN {
            say(&format!("  … and {} more; type a part of a name to see fewer", shown.len() - SHOWN));
        }
        let empty = if chosen.is_empty() { "Enter for none" } else { "Enter for those marked, `none` for none" };
        let prompt = format!("Numbers such as 1,3-5, a part of a name, or {empty} > ");
        let Some(line) = asker.line(&prompt).await? else { return Ok(chosen) };
        let line = line.trim();
        match line {
            "" => return Ok(chosen),
            "none" => return Ok(Vec::new()),
            "all" => return Ok(shown.iter().map(|o| text(o, "/value").to_owned()).collect()),
            _ => {}
        }
        if let Some(numbers) = numbers(line, shown.len()) {
            let picked = numbers.into_iter().filter_map(|n| shown.get(n - 1));
            return Ok(picked.map(|o| text(o, "/value").to_owned()).collect());
        }
        if let Some(exact) = options.iter().find(|o| text(o, "/value") == line) {
            return Ok(vec![text(exact, "/value").to_owned()]);
        }
        let part = line.to_lowercase();
        let found: Vec<&Value> = options.iter().filter(|o| text(o, "/label").to_lowercase().contains(&part)).collect();
        if found.is_empty() {
            say("  none of them has that in its name, nor is it a list of numbers");
        } else {
            shown = found;
        }
    }
}

/// `1,3-5`, each from 1 to `max`; none if it is something else.
fn numbers(text: &str, max: usize) -> Option<Vec<usize>> {
    let mut out = Vec::new();
    for part in text.split([',', ' ']).filter(|p| !p.is_empty()) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        if from == 0 || to > max || from > to {
            return None;
        }
        out.extend(from..=to);
    }
    out.sort_unstable();
    out.dedup();
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_and_ranges() {
        assert_eq!(numbers("1,3-5", 5), Some(vec![1, 3, 4, 5]));
        assert_eq!(numbers("2 2", 5), Some(vec![2]));
        for wrong in ["0", "6", "4-2", "acme/shop", "1-", ""] {
            assert_eq!(numbers(wrong, 5), None, "{wrong}");
        }
    }
}
