//! Jira Cloud's rate limits for API tokens: bursts by site and endpoint, and writes to one issue.
//! <https://developer.atlassian.com/cloud/jira/platform/rate-limiting/>
//!
//! A refusal names the limit in `RateLimit-Reason`. The hourly points are for apps of OAuth, Forge and Connect; a token has
//! none. A Data Center's administrator sets limits of their own, or none: what it refuses teaches these budgets.

use connector_core::budget::{BudgetKey, BudgetSpec, Cost};

const REASON: &str = "ratelimit-reason";

pub(crate) const ALL: &[BudgetSpec] = &[
    // 100 reads and creations a second, 50 updates and deletions: the lower for all.
    BudgetSpec::new("burst", "Each endpoint of a site: 50 calls a second.", &["50/s"])
        .key(&[BudgetKey::Param("site"), BudgetKey::Endpoint])
        .learns_if(REASON, "jira-burst-based"),
    BudgetSpec::new("issue_writes", "Writes to one issue: 20 in two seconds, 100 in thirty.", &["20/2s", "100/30s"])
        .key(&[BudgetKey::Param("site"), BudgetKey::Input("/issue_key")])
        .cost(Cost::ByMethod { read: 0, write: 1 })
        .learns_if(REASON, "jira-per-issue-on-write")
        .named(),
    // What names no reason, or one that is about the whole site.
    BudgetSpec::new("site", "A site: 100 calls a second.", &["100/s"]).key(&[BudgetKey::Param("site")]),
];
