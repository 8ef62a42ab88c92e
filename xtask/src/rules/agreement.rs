//! The rules about `docs.md`'s table of agreement and about `agreement.json`, as far as text alone can tell.

use std::collections::BTreeSet;

use super::Sink;
use crate::agree::explain;

impl Sink<'_> {
    /// That the agreement's table and its explanations speak of the actions that there are. Whether they are true needs the
    /// vendor's description: `cargo xtask agree`.
    pub(super) fn agreement(&mut self) {
        let c = self.connector;
        let actions: BTreeSet<&str> = c.actions.iter().map(|a| a.stem.as_str()).collect();
        let again = format!("cargo xtask agree {} --openapi FILE --write; the section names the description", c.folder);
        match &c.agreement {
            Ok(None) => {}
            Ok(Some(rows)) => {
                let missing = actions.iter().filter(|a| !rows.contains(**a)).map(|a| (*a, "lacks the action"));
                let gone = rows.iter().map(String::as_str).filter(|r| !actions.contains(r));
                for (name, what) in missing.chain(gone.map(|r| (r, "has an action that is gone,"))) {
                    self.add("docs.md", "agreement-table", false, format!("the table {what} `{name}`"), again.clone());
                }
            }
            Err(e) => self.add("docs.md", "agreement-table", false, e.clone(), again),
        }
        let Some(text) = &c.explanations else { return };
        let mend = "write a list of {\"action\", \"what\", \"why\"}; `cargo xtask agree --help` says what for";
        match explain::parse(text) {
            Err(e) => self.add(explain::FILE, "agreement-explanations", false, format!("{e:#}"), mend),
            Ok(all) => {
                for name in explain::strangers(&all, &actions) {
                    let what = format!("it explains the action `{name}`, which is not there");
                    self.add(
                        explain::FILE,
                        "agreement-explanations",
                        false,
                        what,
                        "remove the explanation or name an action",
                    );
                }
            }
        }
    }
}
