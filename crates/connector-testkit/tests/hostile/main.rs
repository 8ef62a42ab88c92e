//! The laws of hostile services judged themselves: a healthy connector breaks none over a real socket, and each broken one
//! breaks those that name its fault.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

#[path = "../broken/files.rs"]
#[allow(dead_code, reason = "shared with the laws that need no socket")]
mod files;
mod list;
#[path = "../plain/mod.rs"]
mod plain;
#[path = "../broken/widgets.rs"]
#[allow(dead_code, reason = "shared with the laws that need no socket")]
mod widgets;

use std::collections::BTreeSet;

use connector_core::{ActionDef, ConnectorSpec};
use connector_testkit::contract::{Law, Violation, check_at_the_wire};
use files::Files;
use list::{List, walk};
use widgets::{Create, HEALTHY, MADES, connector, fault};

fn judge(spec: &ConnectorSpec, files: &Files) -> Vec<Violation> {
    let dir = tempfile::tempdir().unwrap();
    files.write(dir.path());
    check_at_the_wire(spec, dir.path(), plain::plain)
}

fn listed(found: &[Violation]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The connector must break exactly these laws, and one violation, of the first, must be of the trial `case` and say `words`.
#[track_caller]
fn breaks(spec: &ConnectorSpec, files: &Files, laws: &[Law], case: &str, words: &str) {
    let found = judge(spec, files);
    let got: BTreeSet<Law> = found.iter().map(|v| v.law).collect();
    assert_eq!(got, laws.iter().copied().collect(), "\n{}", listed(&found));
    let named = found.iter().any(|v| v.law == laws[0] && v.subject.ends_with(case) && v.detail.contains(words));
    assert!(named, "no violation at `{case}` says `{words}`:\n{}", listed(&found));
}

macro_rules! broken {
    ($fault:ident) => {
        connector(const { &[ActionDef::of::<Create<{ fault::$fault }>>()] }, MADES)
    };
}

macro_rules! listing {
    ($walk:ident) => {
        connector(
            const { &[ActionDef::of::<Create<{ fault::NONE }>>(), ActionDef::of::<List<{ walk::$walk }>>()] },
            MADES,
        )
    };
}

#[test]
fn a_healthy_connector_breaks_no_law() {
    let found = judge(&HEALTHY, &Files::healthy());
    assert!(found.is_empty(), "{}", listed(&found));
    for (spec, files) in [(listing!(BY_THE_CALLER), list::files(false)), (listing!(INSIDE), list::files(true))] {
        let found = judge(&spec, &files);
        assert!(found.is_empty(), "{}", listed(&found));
    }
}

#[test]
fn a_status_of_failure_taken_for_success() {
    let law = Law::HostileStatuses;
    breaks(&broken!(FOUND_ANYWAY), &Files::healthy(), &[law], "::404", "it should fail, it came to success");
}

#[test]
fn a_pause_read_in_one_style_only() {
    let law = Law::HostileRateLimits;
    breaks(&broken!(ONE_STYLE), &Files::healthy(), &[law], "::reset_iso", "the pause should be 90 s, it is none");
}

#[test]
fn a_write_sent_again() {
    let laws = [Law::HostileWire, Law::HostileBodies];
    breaks(&broken!(SENDS_AGAIN), &Files::healthy(), &laws, "::reset_after", "it was carried out 2 times");
}

#[test]
fn what_is_ambiguous_called_safe() {
    let laws = [Law::HostileWire, Law::HostileBodies];
    let words = "the error says that nothing was done";
    breaks(&broken!(CALLS_IT_SAFE), &Files::healthy(), &laws, "::reset_after", words);
}

#[test]
fn a_success_made_of_a_broken_answer() {
    breaks(&broken!(GUESSES), &Files::healthy(), &[Law::HostileBodies], "::html", "it should fail, it came to success");
}

#[test]
fn a_panic_at_a_broken_answer() {
    breaks(&broken!(PANICS), &Files::healthy(), &[Law::HostileBodies], "::truncated", "a panic");
}

#[test]
fn waiting_again_for_what_is_slow() {
    breaks(&broken!(WAITS_AGAIN), &Files::healthy(), &[Law::HostileSlow], "::silent", "it was carried out 2 times");
}

#[test]
fn following_redirects_with_the_credentials() {
    let law = Law::HostileRedirects;
    let words = "a secret went along to another origin";
    breaks(&broken!(FOLLOWS), &Files::healthy(), &[law], "::to_another_origin", words);
}

#[test]
fn a_refused_credential_as_another_kind_of_error() {
    let law = Law::HostileCredentials;
    breaks(&broken!(WRONG_KIND), &Files::healthy(), &[law], "::renewed", "the kind should be auth, it is internal");
}

#[test]
fn a_refused_credential_in_the_error() {
    let words = "what it came to shows secret `api_token`";
    breaks(&broken!(LEAKS), &Files::healthy(), &[Law::HostileCredentials], "::renewed", words);
}

#[test]
fn a_mark_that_never_comes_again() {
    let words = "it asked for one page twice";
    breaks(&listing!(WITH_A_COUNT), &list::files(false), &[Law::HostilePages], "::loop", words);
}

#[test]
fn a_walk_inside_that_never_ends() {
    let words = "it made 100 requests of a list that goes round";
    breaks(&listing!(INSIDE_FOR_EVER), &list::files(true), &[Law::HostilePages], "::inside_success", words);
}
