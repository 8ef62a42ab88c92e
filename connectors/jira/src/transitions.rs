//! The way of an issue through its workflow: which transitions there are, and which one a caller means.
//!
//! What must not live here: making one (the action `transition_issue`). Vendor's page:
//! <https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-transitions-get>.

use std::collections::BTreeMap;

use connector_core::{Cx, Error, Method, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    client::{self, FieldMap},
    model::{RawIssue, Status, lenient},
};

/// A transition as Jira sends it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Transition {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) to: Option<Status>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) has_screen: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) is_available: Option<bool>,
    #[serde(default, deserialize_with = "lenient")]
    pub(crate) fields: Option<BTreeMap<String, Value>>,
}

/// Where an issue stands, and where it can go from there.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    pub(crate) transitions: Vec<Transition>,
}

/// What a caller asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Want<'a> {
    /// The transition with this id.
    Id(&'a str),
    /// The transition of this name, or one to the status of this name.
    Name(&'a str),
    /// Any status of the category with this key: `new`, `indeterminate`, `done`.
    Category(&'a str),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// Nothing: the issue is there.
    Stay,
    /// This transition.
    Go(Transition),
}

/// Asks where an issue stands.
pub(crate) async fn standing(cx: &Cx, issue_key: &str) -> Result<Standing> {
    let request = client::issue_request(cx, Method::GET, issue_key, "")?
        .endpoint("issue.get")
        .query("fields", "status")
        .query("expand", "transitions");
    let raw: RawIssue = client::send_json(cx, request, FieldMap::default()).await?;
    let status = raw.issue.fields.status.ok_or_else(|| Error::protocol("an issue without a status"))?;
    let transitions = raw.transitions.ok_or_else(|| Error::protocol("an issue without transitions"))?;
    Ok(Standing { status, transitions })
}

impl Standing {
    /// Which step leads to what is wanted. `pointer` is the field of the input that says it.
    pub(crate) fn step(&self, want: Want<'_>, pointer: &str) -> Result<Step> {
        let found = match want {
            Want::Id(id) => self.transitions.iter().filter(|t| t.id == id).collect(),
            Want::Name(name) if same(&self.status.name, name) => return Ok(Step::Stay),
            Want::Name(name) => self.named(name),
            Want::Category(key) if self.status.category.as_ref().is_some_and(|c| c.key == key) => {
                return Ok(Step::Stay);
            }
            Want::Category(key) => self.transitions.iter().filter(|t| category(t) == Some(key)).take(1).collect(),
        };
        match found.as_slice() {
            // A transition to where the issue is would be made again by every repeated call.
            [one] if one.to.as_ref().is_some_and(|to| self.is(to)) => Ok(Step::Stay),
            [one] => Ok(Step::Go((*one).clone())),
            [] => Err(Error::invalid_field(
                pointer,
                format!("cannot be reached from here; {}", self.choices(&self.all())),
            )),
            many => {
                let choices = self.choices(many);
                Err(Error::invalid_field(pointer, format!("is not one transition alone, give its `id`; {choices}")))
            }
        }
    }

    /// Transitions of this name; without one, those to the status of this name.
    fn named(&self, name: &str) -> Vec<&Transition> {
        let by_name: Vec<&Transition> = self.transitions.iter().filter(|t| same(&t.name, name)).collect();
        if !by_name.is_empty() {
            return by_name;
        }
        self.transitions.iter().filter(|t| t.to.as_ref().is_some_and(|to| same(&to.name, name))).collect()
    }

    fn is(&self, status: &Status) -> bool {
        match (&self.status.id, &status.id) {
            (Some(a), Some(b)) => a == b,
            _ => same(&self.status.name, &status.name),
        }
    }

    fn all(&self) -> Vec<&Transition> {
        self.transitions.iter().collect()
    }

    fn choices(&self, of: &[&Transition]) -> String {
        let one = |t: &&Transition| match &t.to {
            Some(to) => format!("{} `{}` to `{}`", plain(&t.id), plain(&t.name), plain(&to.name)),
            None => format!("{} `{}`", plain(&t.id), plain(&t.name)),
        };
        let list: Vec<String> = of.iter().take(20).map(one).collect();
        let here = plain(&self.status.name);
        match list.is_empty() {
            true => format!("from `{here}` there is no transition for this account"),
            false => format!("from `{here}` there are: {}", list.join(", ")),
        }
    }
}

fn category(t: &Transition) -> Option<&str> {
    Some(&t.to.as_ref()?.category.as_ref()?.key)
}

/// Whether people mean the same by two names: case and blanks around do not matter.
fn same(a: &str, b: &str) -> bool {
    a.trim().to_lowercase() == b.trim().to_lowercase()
}

/// A name of the workflow's for an error text.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use serde_json::json;

    use super::*;

    fn status(id: &str, name: &str, category: &str) -> Value {
        json!({"id": id, "name": name, "statusCategory": {"key": category, "name": "in the site's language"}})
    }

    fn standing() -> Standing {
        let transitions = json!([
            {"id": "11", "name": "Start", "to": status("3", "In Progress", "indeterminate")},
            {"id": "21", "name": "Close", "to": status("5", "Done", "done")},
            {"id": "22", "name": "Give up", "to": status("5", "Done", "done")},
            {"id": "31", "name": "Reject", "to": status("6", "Rejected", "done")},
            {"id": "41", "name": "Done", "to": status("7", "Shipped", "done")},
            {"id": "51", "name": "Ask again", "to": status("1", "To Do", "new")},
            {"id": "61", "name": "Twice", "to": status("8", "A", "done")},
            {"id": "62", "name": "twice", "to": status("9", "B", "done")},
        ]);
        Standing {
            status: serde_json::from_value(status("1", "To Do", "new")).unwrap(),
            transitions: serde_json::from_value(transitions).unwrap(),
        }
    }

    fn went(want: Want<'_>) -> String {
        match standing().step(want, "/name") {
            Ok(Step::Go(t)) => t.id,
            Ok(Step::Stay) => "stay".into(),
            Err(e) => {
                assert_eq!(e.fields()[0].pointer, "/name");
                e.fields()[0].message.clone()
            }
        }
    }

    #[test]
    fn names_mean_a_transition_or_where_it_leads() {
        assert_eq!(went(Want::Name("start")), "11");
        assert_eq!(went(Want::Name(" IN PROGRESS ")), "11");
        assert_eq!(went(Want::Name("rejected")), "31");
        // A transition's own name goes before the status of the same name.
        assert_eq!(went(Want::Name("done")), "41");
        assert_eq!(went(Want::Id("22")), "22");
    }

    #[test]
    fn what_is_reached_already_is_no_step() {
        assert_eq!(went(Want::Name("to do")), "stay");
        assert_eq!(went(Want::Name("Ask again")), "stay");
        assert_eq!(went(Want::Id("51")), "stay");
        assert_eq!(went(Want::Category("new")), "stay");
    }

    #[test]
    fn a_category_takes_the_first_transition_into_it() {
        assert_eq!(went(Want::Category("done")), "21");
        assert_eq!(went(Want::Category("indeterminate")), "11");
    }

    #[test]
    fn what_cannot_be_reached_or_told_apart_lists_the_choices() {
        let text = went(Want::Name("TWICE"));
        assert!(text.contains("61 `Twice` to `A`") && text.contains("62 `twice` to `B`") && !text.contains("Start"));
        for want in [Want::Name("Nowhere"), Want::Id("99"), Want::Category("undefined")] {
            let text = went(want);
            assert!(
                text.starts_with("cannot be reached from here; from `To Do` there are: 11 `Start` to `In Progress`")
            );
        }
        let nowhere = Standing { transitions: vec![], ..standing() };
        let e = nowhere.step(Want::Name("Done"), "/state").unwrap_err();
        assert!(e.fields()[0].message.contains("no transition for this account"));
    }
}
