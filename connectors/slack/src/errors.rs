//! Slack's error codes in the words of Jackfield: kind, retry advice, and what the caller can do about it.
//!
//! What lives here: the tables. What must not: reading answers ([`crate::client`]).
//! The codes are those of <https://docs.slack.dev/reference/methods> and, for incoming webhooks,
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors>.

use std::time::Duration;

use connector_core::{ErrorKind, RetryAdvice};

/// What says that the token's user, the workspace or the installation is gone for good. Not `invalid_auth`, which networks
/// that are not allowed get too.
pub(crate) const FATAL: &[(ErrorKind, &str)] =
    &[(ErrorKind::Auth, "account_inactive"), (ErrorKind::Auth, "token_revoked")];

/// The kind that a code stands for. A code that is new to us is a refusal of the request: the same call fails again.
pub(crate) fn kind_of(code: &str) -> ErrorKind {
    match code {
        "ratelimited" | "rate_limited" | "message_limit_exceeded" => ErrorKind::RateLimited,
        "not_authed"
        | "invalid_auth"
        | "invalid_token"
        | "account_inactive"
        | "token_revoked"
        | "token_expired"
        | "org_login_required"
        | "two_factor_setup_required"
        | "user_removed_from_team"
        // An incoming webhook's URL is its credential: these say that it opens nothing any more.
        | "no_service"
        | "no_service_id"
        | "no_team"
        | "no_active_hooks"
        | "team_disabled" => ErrorKind::Auth,
        "missing_scope"
        | "not_allowed_token_type"
        | "no_permission"
        | "no_access"
        | "access_denied"
        | "accesslimited"
        | "action_prohibited"
        | "ekm_access_denied"
        | "enterprise_is_restricted"
        | "team_access_not_granted"
        | "app_access_restricted"
        | "app_cannot_join_channel"
        | "as_user_not_supported"
        | "blocked_file_type"
        | "cannot_create_channel"
        | "cant_broadcast_message"
        | "cant_delete_message"
        | "cant_invite"
        | "cant_update_message"
        | "channel_is_limited_access"
        | "file_type_not_allowed"
        | "file_uploads_disabled"
        | "file_uploads_except_images_disabled"
        | "invitee_cant_see_channel"
        | "messages_tab_disabled"
        | "metadata_must_be_sent_from_app"
        | "no_external_invite_permission"
        | "not_in_channel"
        | "org_user_not_in_team"
        | "posting_to_channel_denied"
        | "posting_to_general_channel_denied"
        | "send_on_behalf_not_allowed"
        | "unable_to_share_files"
        | "user_is_restricted"
        | "user_not_visible" => ErrorKind::Permission,
        "file_deleted" | "file_is_deleted" | "no_user" => ErrorKind::NotFound,
        "name_taken"
        | "edit_window_closed"
        | "external_channel_migrating"
        | "is_inactive"
        | "no_reaction"
        | "streaming_state_conflict"
        | "thread_locked"
        | "user_disabled" => ErrorKind::Conflict,
        "storage_limit_reached" | "ura_max_channels" | "file_share_limit_reached" => ErrorKind::Quota,
        "fatal_error"
        | "internal_error"
        | "service_unavailable"
        | "request_timeout"
        | "team_added_to_org"
        | "file_update_failed"
        | "update_failed"
        | "rollup_error"
        | "list_record_comment_fetch_failed" => ErrorKind::UpstreamUnavailable,
        "method_deprecated" | "deprecated_endpoint" | "unknown_method" | "not_implemented" => ErrorKind::Unsupported,
        c if c.starts_with("restricted_action") || c.starts_with("slack_connect_") => ErrorKind::Permission,
        // Before `_not_found`: `duplicate_message_not_found` is about a duplicate.
        c if c.starts_with("already_") || c.starts_with("duplicate_") => ErrorKind::Conflict,
        c if c.ends_with("_not_found") => ErrorKind::NotFound,
        _ => ErrorKind::InvalidInput,
    }
}

/// Whether the call may be repeated after this code, given the pause that the answer asks for.
pub(crate) fn retry_of(code: &str, after: Option<Duration>) -> RetryAdvice {
    match code {
        // Slack read nothing: the body came cut, or the workspace is closed for the moment.
        "service_unavailable" | "request_timeout" | "team_added_to_org" => RetryAdvice::Safe { after },
        // "It's possible some aspect of the operation succeeded before the error was raised."
        c if kind_of(c) == ErrorKind::UpstreamUnavailable => RetryAdvice::Ambiguous,
        c if kind_of(c) == ErrorKind::RateLimited => RetryAdvice::Safe { after },
        _ => RetryAdvice::Never,
    }
}

/// What went wrong and what would mend it, for whoever made the call. `needed` is the scope that Slack asks for.
pub(crate) fn caller_text(code: &str, needed: Option<&str>) -> String {
    let text = match code {
        "missing_scope" => {
            return match needed {
                Some(scope) => format!(
                    "the token lacks the scope `{scope}`; add it to the app under “OAuth & Permissions”, install the app again and set the new token"
                ),
                None => {
                    "the token lacks a scope; add it to the app, install the app again and set the new token".into()
                }
            };
        }
        "not_allowed_token_type" => "this kind of token may not call this; give a bot token (xoxb-…)",
        "not_in_channel" => {
            "the bot is not in this channel; invite it with /invite, or join a public channel with conversations_join"
        }
        "channel_not_found" => {
            "Slack has no such channel, or the bot cannot see it; give the channel's id, and invite the bot to private channels"
        }
        "user_not_found" | "users_not_found" | "no_user" => "Slack has no such user in this workspace",
        "user_not_in_channel" => "the user is not in this channel; choose a member of it, or invite the user first",
        "message_not_found" => {
            "there is no message with this ts in this channel; ts and channel must be from the same answer"
        }
        "thread_not_found" => "there is no thread with this ts in this channel",
        "is_archived" | "channel_is_archived" => "the channel is archived; unarchive it or choose another",
        "no_text" => "the message is empty; give text, blocks or attachments",
        "msg_too_long" | "msg_blocks_too_long" => "the message is too long; shorten it or split it",
        "name_taken" => "a channel of this name exists already; choose another name",
        "already_in_channel" => "the user is in this channel already",
        "time_in_past" => "post_at lies in the past; it is Unix time in seconds",
        "time_too_far" => "post_at lies more than 120 days ahead",
        "restricted_too_many" => "too many messages are scheduled for this channel and time; choose another time",
        "cant_update_message" | "cant_delete_message" => "the bot may only change messages that it posted itself",
        "edit_window_closed" => "the workspace does not allow to edit messages this old",
        "limit_required" => "the list is too long for one answer; give a limit",
        "invalid_cursor" => "the cursor is not of this list or too old; begin without one",
        "invalid_token" | "no_service" | "no_service_id" | "no_team" | "no_active_hooks" => {
            "the incoming webhook is gone or switched off; make a new one in the app's “Incoming Webhooks” and set its URL"
        }
        "action_prohibited" | "posting_to_general_channel_denied" => {
            "the workspace's rules do not let this webhook post there; ask an admin, or choose another channel"
        }
        _ => match kind_of(code) {
            ErrorKind::Auth => {
                "Slack does not accept the connection's token; install the app again and set the new token"
            }
            ErrorKind::Permission => "the bot or the workspace's rules do not allow this",
            ErrorKind::NotFound => "Slack does not have this, or does not show it to the bot",
            ErrorKind::Conflict => "the present state does not allow this",
            ErrorKind::RateLimited => "Slack asks to slow down",
            ErrorKind::Quota => "the workspace's limit is used up",
            ErrorKind::UpstreamUnavailable => "Slack had a failure of its own",
            ErrorKind::Unsupported => "Slack does not offer this method (any more)",
            _ => "Slack refused the request",
        },
    };
    format!("{text} ({code})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_map_to_kinds() {
        for (code, kind, retry) in [
            ("invalid_auth", ErrorKind::Auth, "never"),
            ("token_expired", ErrorKind::Auth, "never"),
            ("missing_scope", ErrorKind::Permission, "never"),
            ("restricted_action_thread_only_channel", ErrorKind::Permission, "never"),
            ("channel_not_found", ErrorKind::NotFound, "never"),
            ("duplicate_message_not_found", ErrorKind::Conflict, "never"),
            ("already_reacted", ErrorKind::Conflict, "never"),
            ("ratelimited", ErrorKind::RateLimited, "safe"),
            ("message_limit_exceeded", ErrorKind::RateLimited, "safe"),
            ("invalid_blocks_format", ErrorKind::InvalidInput, "never"),
            ("is_archived", ErrorKind::InvalidInput, "never"),
            ("fatal_error", ErrorKind::UpstreamUnavailable, "ambiguous"),
            ("service_unavailable", ErrorKind::UpstreamUnavailable, "safe"),
            ("a_code_of_tomorrow", ErrorKind::InvalidInput, "never"),
        ] {
            assert_eq!((kind_of(code), retry_of(code, None).as_str()), (kind, retry), "{code}");
        }
    }

    #[test]
    fn the_needed_scope_is_named() {
        assert!(caller_text("missing_scope", Some("chat:write")).contains("`chat:write`"));
    }
}
