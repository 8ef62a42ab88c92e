//! Slack's rate limits: by method, workspace and app. <https://docs.slack.dev/apis/web-api/rate-limits>
//!
//! Slack publishes what it allows at least, and tolerates short bursts beyond. Which tier a method has is on its page and, for all
//! of them, in `MethodsRateLimits` of Slack's SDK for Java.

use connector_core::budget::{BudgetKey, BudgetSpec};

use crate::params::INCOMING_WEBHOOK_URL;

/// A workspace's id counts beside the address of who told it: whoever answers there could tell any. A workspace is known
/// once the token was checked; until then the connection stands for it.
const WORKSPACE: &[BudgetKey] = &[ADDRESS, TEAM];
const METHOD: &[BudgetKey] = &[ADDRESS, TEAM, BudgetKey::Endpoint];
const CHANNEL: &[BudgetKey] = &[ADDRESS, TEAM, BudgetKey::Input("/channel")];

const ADDRESS: BudgetKey = BudgetKey::Param("base_url");
const TEAM: BudgetKey = BudgetKey::Identity("team_id");

pub(crate) const ALL: &[BudgetSpec] = &[
    BudgetSpec::new("tier2", "Methods of tier 2: 20 a minute, each method and workspace.", &["20/min"])
        .key(METHOD)
        .named(),
    BudgetSpec::new("tier3", "Methods of tier 3: 50 a minute, each method and workspace.", &["50/min"])
        .key(METHOD)
        .named(),
    BudgetSpec::new("tier4", "Methods of tier 4: 100 a minute, each method and workspace.", &["100/min"])
        .key(METHOD)
        .named(),
    BudgetSpec::new("special", "Methods with hundreds of calls a minute.", &["300/min"]).key(METHOD).named(),
    BudgetSpec::new("messages", "Messages: one a second and channel, with short bursts.", &["1/s burst 3"])
        .key(CHANNEL)
        .named(),
    // Slack says "several hundred messages a minute" for a workspace.
    BudgetSpec::new("posting", "Messages of a workspace: several hundred a minute.", &["300/min"])
        .key(WORKSPACE)
        .deaf()
        .named(),
    BudgetSpec::new(
        "incoming_webhook",
        "An incoming webhook: one message a second, with short bursts.",
        &["1/s burst 3"],
    )
    .key(&[BudgetKey::Secret(INCOMING_WEBHOOK_URL)])
    .named(),
];
