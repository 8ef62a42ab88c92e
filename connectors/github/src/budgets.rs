//! GitHub's rate limits: primary by token, with searches counted elsewhere, and the published ones of the secondary limits.
//! <https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api>
//!
//! The numbers are github.com's for a user's token. Answers say what holds (`x-ratelimit-limit`, `-resource`), so that an
//! installation's 15,000 an hour and an Enterprise Server without limits are found out by themselves.

use connector_core::budget::{BudgetKey, BudgetSpec, Cost};

/// A token is one server's: what another one answers to it says nothing of its limits.
const TOKEN: &[BudgetKey] = &[BudgetKey::Param("base_url"), BudgetKey::Secret("token")];
/// The header that says which primary limit an answer counts against.
const RESOURCE: &str = "x-ratelimit-resource";

pub(crate) const ALL: &[BudgetSpec] = &[
    BudgetSpec::new("core", "Calls of a token: 5000 an hour.", &["5000/h"]).key(TOKEN).learns_if(RESOURCE, "core"),
    BudgetSpec::new("search", "Searches of a token: 30 a minute.", &["30/min"])
        .key(TOKEN)
        .replaces(&["core"])
        .learns_if(RESOURCE, "search"),
    BudgetSpec::new("code_search", "Searches of code: 10 a minute.", &["10/min"])
        .key(TOKEN)
        .replaces(&["core"])
        .learns_if(RESOURCE, "code_search"),
    BudgetSpec::new("points", "Points of a token: 900 a minute; a read is one, a write five.", &["900/min"])
        .key(TOKEN)
        .cost(Cost::ByMethod { read: 1, write: 5 })
        .deaf(),
    BudgetSpec::new(
        "content",
        "What people see and are notified of: 80 a minute and 500 an hour.",
        &["80/min", "500/h"],
    )
    .key(TOKEN)
    .named()
    .deaf(),
];
