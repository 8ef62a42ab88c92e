//! Slack's objects as several actions give them: what people use is typed, everything else is kept beside it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A message: <https://docs.slack.dev/reference/events/message>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Always `message`, or `delayed_message` for a scheduled one.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What kind of message, such as `bot_message` or `channel_join`; absent for an ordinary one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<String>,
    /// Its id in the channel, such as `1503435956.000247`: a text, never a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ts: Option<String>,
    /// The id of the thread's first message, if it belongs to a thread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_ts: Option<String>,
    /// The author's user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The author's bot id, if a bot posted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<String>,
    /// The text in Slack's markup.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What else Slack says: blocks, attachments, files, reactions, reply counts.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A channel, private channel, direct message or group of them:
/// <https://docs.slack.dev/reference/objects/conversation-object>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Conversation {
    /// Its id: `C…`, `G…` or `D…`.
    pub id: String,
    /// Its name without `#`; direct messages have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether only members see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_private: Option<bool>,
    /// Whether it is archived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_archived: Option<bool>,
    /// Whether the token's user is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_member: Option<bool>,
    /// Whether it is a direct message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_im: Option<bool>,
    /// Whether it is a direct message of several people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_mpim: Option<bool>,
    /// The other person of a direct message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How many members it has, where Slack counts them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_members: Option<u64>,
    /// What else Slack says: topic, purpose, creator, sharing.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A user: <https://docs.slack.dev/reference/objects/user-object>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct User {
    /// The user's id: `U…` or `W…`.
    pub id: String,
    /// The workspace's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team_id: Option<String>,
    /// The user name; people show `profile.display_name` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_name: Option<String>,
    /// Whether the account is deactivated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
    /// Whether it is a bot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_bot: Option<bool>,
    /// The time zone, such as `America/Los_Angeles`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tz: Option<String>,
    /// The profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What else Slack says: roles, colours, locale.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A user's profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Profile {
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The full name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real_name: Option<String>,
    /// The e-mail address; only with the scope `users:read.email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What else Slack says: title, phone, status, images.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// A file that was uploaded: <https://docs.slack.dev/reference/objects/file-object>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct File {
    /// Its id: `F…`.
    pub id: String,
    /// Its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Its page in Slack, where Slack tells it already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permalink: Option<String>,
    /// What else Slack says: type, size, shares.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// Who a token is: <https://docs.slack.dev/reference/methods/auth.test>.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// The workspace's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The workspace's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// The workspace's id; for an org-wide installation the organization's.
    pub team_id: String,
    /// The user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's id; a bot has one too.
    pub user_id: String,
    /// The bot's id, for a bot token. Messages carry it: drop events with your own to avoid loops.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_id: Option<String>,
    /// The organization's id, if the workspace belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enterprise_id: Option<String>,
    /// Whether the app is installed in the whole organization, not in one workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_enterprise_install: Option<bool>,
    /// What else Slack says: the app's id, when the token expires.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}
