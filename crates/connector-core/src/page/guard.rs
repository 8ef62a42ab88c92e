//! What keeps a walk over pages from going round, or on, for ever.

use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher as _,
};

use serde_json::Value;

use crate::error::{Error, Result};

/// Empty pages in a row that are borne: services filter after they cut into pages. One more is an error.
pub const MAX_EMPTY_PAGES: usize = 10;

/// What was seen of a walk so far. Of marks and pages only hashes are held, so that it stays small.
pub(super) struct Guard {
    hasher: RandomState,
    /// Every mark, and the page that it was for.
    marks: HashMap<u64, usize>,
    /// The page before, unless it was empty.
    last_page: Option<u64>,
    empty_in_a_row: usize,
    last_total: Option<u64>,
}

impl Guard {
    pub(super) fn new() -> Self {
        Self { hasher: RandomState::new(), marks: HashMap::new(), last_page: None, empty_in_a_row: 0, last_total: None }
    }

    /// Judges the items of page number `page`, which is not the last if `goes_on`; gives their size as JSON.
    pub(super) fn page(&mut self, page: usize, items: &[Value], goes_on: bool) -> Result<usize> {
        if items.is_empty() {
            self.empty_in_a_row += 1;
            if goes_on && self.empty_in_a_row > MAX_EMPTY_PAGES {
                let n = self.empty_in_a_row;
                return Err(Error::protocol(format!(
                    "page {page} is the {n}th empty one in a row, and the service says that there is more"
                )));
            }
            return Ok(0);
        }
        self.empty_in_a_row = 0;
        let text =
            serde_json::to_vec(items).map_err(|e| Error::internal(format!("a page cannot be written as JSON: {e}")))?;
        let hash = self.hasher.hash_one(&text);
        if self.last_page.replace(hash) == Some(hash) {
            let (n, before) = (items.len(), page - 1);
            return Err(Error::protocol(format!(
                "page {page} holds the same {n} items as page {before}, though it was asked for by another mark"
            )));
        }
        Ok(text.len())
    }

    /// Remembers the mark by which page number `page` is asked for.
    pub(super) fn mark(&mut self, page: usize, mark: &Value) -> Result<()> {
        match self.marks.insert(self.hasher.hash_one(mark.to_string()), page) {
            None => Ok(()),
            Some(first) => Err(Error::protocol(format!(
                "the service gave the same page mark twice: for page {first} and again for page {page}"
            ))),
        }
    }

    /// Whether the list has become shorter since the page before.
    pub(super) fn shrank(&mut self, total: Option<u64>) -> bool {
        match (self.last_total, total) {
            (_, None) => false,
            (before, now) => {
                self.last_total = now;
                before > now
            }
        }
    }
}
