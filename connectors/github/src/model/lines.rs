//! The lines of a difference that a comment is on, as a caller says them.

use connector_core::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A side of a difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// Before the change: lines that were removed.
    Left,
    /// After the change: lines that were added, and lines around them.
    Right,
}

/// The lines that a comment is on, as GitHub's bodies say them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Lines {
    line: u64,
    side: Side,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_side: Option<Side>,
}

impl Lines {
    /// The lines from `start` to `end`, or `end` alone; the right side unless told. `at` is the pointer of the object
    /// that holds the fields.
    pub(crate) fn new(at: &str, end: (u64, Option<Side>), start: (Option<u64>, Option<Side>)) -> Result<Self> {
        let side = end.1.unwrap_or(Side::Right);
        let start_side = start.0.map(|_| start.1.unwrap_or(side));
        // GitHub refuses a range of one line, so that it cannot be told from a slip.
        if start_side == Some(side) && start.0.is_some_and(|s| s >= end.0) {
            let why = "is not before `line`; leave it out for a comment on one line";
            return Err(Error::invalid_field(format!("{at}/start_line"), why));
        }
        if start.0.is_none() && start.1.is_some() {
            return Err(Error::invalid_field(format!("{at}/start_side"), "has no `start_line` to belong to"));
        }
        Ok(Self { line: end.0, side, start_line: start.0, start_side })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;

    #[test]
    fn lines_take_the_sides_that_are_not_told() {
        let one = Lines::new("", (7, None), (None, None)).unwrap();
        assert_eq!(serde_json::to_value(one).unwrap(), json!({"line": 7, "side": "RIGHT"}));
        let many = Lines::new("", (7, Some(Side::Left)), (Some(3), None)).unwrap();
        assert_eq!(
            serde_json::to_value(many).unwrap(),
            json!({"line": 7, "side": "LEFT", "start_line": 3, "start_side": "LEFT"})
        );
        // A range over both sides has lines of two files, which have no order.
        assert!(Lines::new("", (7, Some(Side::Right)), (Some(9), Some(Side::Left))).is_ok());
    }

    #[test]
    fn lines_that_go_backwards_are_named() {
        let e = Lines::new("/comments/1", (7, None), (Some(7), None)).unwrap_err();
        assert_eq!(e.fields().first().unwrap().pointer, "/comments/1/start_line");
        let e = Lines::new("", (7, None), (None, Some(Side::Left))).unwrap_err();
        assert_eq!(e.fields().first().unwrap().pointer, "/start_side");
    }
}
