//! Finding people: the parameter that takes the words, and pages, which Jira does not count.
//!
//! What must not live here: which people are looked among; that is the action's path.

use connector_core::{Cx, Request, Result};

use crate::{
    client::{self, FieldMap},
    model::{Person, RawPerson},
};

/// Jira Cloud looks at no more people than these, whatever the offset.
const MOST: u64 = 1000;

/// Most people of a page unless told.
pub(crate) const PAGE: u32 = 50;

const FIELDS: FieldMap = FieldMap {
    known: &[
        ("query", "/query"),
        ("username", "/query"),
        ("project", "/project_key"),
        ("issueKey", "/issue_key"),
        ("issueId", "/issue_key"),
    ],
    rest: None,
};

/// Which page.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    pub(crate) start_at: Option<u64>,
    pub(crate) max_results: Option<u32>,
}

/// The people of one page and where the next begins.
pub(crate) async fn find(
    cx: &Cx,
    request: Request,
    query: Option<String>,
    page: Page,
) -> Result<(Vec<Person>, Option<u64>)> {
    let words = if client::is_data_center(cx) { "username" } else { "query" };
    let (start_at, most) = (page.start_at.unwrap_or_default(), page.max_results.unwrap_or(PAGE));
    let request =
        request.query_opt(words, query).query("startAt", &start_at.to_string()).query("maxResults", &most.to_string());
    let found: Vec<RawPerson> = client::send_json(cx, request, FIELDS).await?;
    let next = next(client::is_data_center(cx), start_at, most, found.len());
    Ok((found.into_iter().filter_map(Person::of).collect(), next))
}

/// Jira Cloud takes a page of all people and leaves out those who do not fit, so that a short page is not yet the last; an
/// empty one ends the walk all the same, or every search would take twenty calls. A Data Center chooses first.
fn next(data_center: bool, start_at: u64, most: u32, count: usize) -> Option<u64> {
    let end = start_at.checked_add(u64::from(most))?;
    let last = match data_center {
        true => u64::try_from(count).ok()? < u64::from(most),
        false => count == 0 || end >= MOST,
    };
    (!last).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_people_end() {
        assert_eq!(next(false, 0, 50, 3), Some(50));
        assert_eq!(next(false, 50, 50, 0), None);
        assert_eq!(next(false, 950, 50, 50), None);
        assert_eq!(next(true, 0, 50, 3), None);
        assert_eq!(next(true, 0, 50, 50), Some(50));
        assert_eq!(next(true, u64::MAX, 50, 50), None);
    }
}
