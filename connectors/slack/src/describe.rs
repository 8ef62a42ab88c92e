//! How the actions look at one connection: its channels, and what its credentials cannot do at all.

use connector_core::{
    BoxFuture, Cx, ErrorKind, Result,
    describe::{ActionOverride, Descriptors, FieldOverride},
};

use crate::{
    actions::{
        self, ConversationsList,
        conversations_list::{ConversationType, Input},
    },
    objects::Conversation,
    params::{BOT_TOKEN, INCOMING_WEBHOOK_URL},
};

/// Most channels that are offered.
const CHANNELS: usize = 200;
/// Most pages that are read: Slack may give fewer on a page than it is asked for.
const PAGES: usize = 5;
/// The action that needs an incoming webhook and no token.
const BY_WEBHOOK: &str = "incoming_webhook_post";
/// Inputs that take a channel's id.
const FIELDS: [&str; 2] = ["/channel", "/channel_id"];

pub(crate) fn describe(cx: &Cx) -> BoxFuture<'_, Result<Descriptors>> {
    Box::pin(async move {
        let token = cx.has_secret(BOT_TOKEN);
        let mut out = Descriptors::default();
        if !cx.has_secret(INCOMING_WEBHOOK_URL) {
            out.actions.push(ActionOverride::hidden(BY_WEBHOOK));
        }
        if !token {
            let others = actions::ALL.iter().map(|a| a.into_invoke("slack").info().name.clone());
            out.actions.extend(others.filter(|name| name != BY_WEBHOOK).map(ActionOverride::hidden));
            return Ok(out);
        }
        let options = options(channels(cx).await?);
        if !options.is_empty() {
            out.fields = FIELDS.iter().map(|f| FieldOverride::with_options(f, options.clone())).collect();
        }
        Ok(out)
    })
}

/// The channels that the token sees: private ones too, if it may; none, if it may see none.
async fn channels(cx: &Cx) -> Result<Vec<Conversation>> {
    let both = vec![ConversationType::PublicChannel, ConversationType::PrivateChannel];
    let refused = |kind| matches!(kind, ErrorKind::Permission);
    match read(cx, both).await {
        Err(e) if refused(e.kind()) => match read(cx, vec![ConversationType::PublicChannel]).await {
            Err(e) if refused(e.kind()) => Ok(Vec::new()),
            found => found,
        },
        found => found,
    }
}

async fn read(cx: &Cx, types: Vec<ConversationType>) -> Result<Vec<Conversation>> {
    let mut input = Input {
        types: Some(types),
        exclude_archived: Some(true),
        team_id: cx.param_opt("team_id").map(str::to_owned),
        limit: u32::try_from(CHANNELS).ok(),
        ..Input::default()
    };
    let mut found = Vec::new();
    for _ in 0..PAGES {
        let page = cx.call::<ConversationsList>(input.clone()).await?;
        found.extend(page.channels);
        input.cursor = page.next_cursor;
        if input.cursor.is_none() || found.len() >= CHANNELS {
            break;
        }
    }
    Ok(found)
}

/// Those that the bot is in first: it can post there without being asked in.
fn options(mut channels: Vec<Conversation>) -> Vec<(String, String)> {
    channels.sort_by_cached_key(|c| (c.is_member != Some(true), c.name.clone()));
    let label = |c: &Conversation| match (&c.name, c.is_private) {
        (Some(name), Some(true)) => format!("#{name} (private)"),
        (Some(name), _) => format!("#{name}"),
        (None, _) => c.id.clone(),
    };
    channels.iter().take(CHANNELS).map(|c| (c.id.clone(), label(c))).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use connector_core::{Connector, describe::EffectiveAction};
    use connector_testkit::canned::{Answer, block_on, cx, response};
    use serde_json::{Value, json};

    use super::*;

    fn learn(answers: Vec<Answer>) -> (Descriptors, Vec<String>) {
        let (cx, sent) = cx(&crate::CONNECTOR, json!({}), answers);
        let d = block_on(Connector::from(&crate::CONNECTOR).describe().unwrap().describe(&cx)).unwrap();
        (d, sent.take().iter().map(|r| r.url().unwrap().query().unwrap_or_default().to_owned()).collect())
    }

    fn channel(id: &str, name: &str, member: bool) -> Value {
        json!({"id": id, "name": name, "is_member": member, "is_private": name == "secret"})
    }

    #[test]
    fn channels_are_offered_those_that_the_bot_is_in_first() {
        let first = json!({"ok": true, "channels": [channel("C1", "a", false), channel("C2", "secret", true)],
            "response_metadata": {"next_cursor": "x"}});
        let second = json!({"ok": true, "channels": [channel("C3", "general", true)]});
        let (d, sent) = learn(vec![Ok(response(200, &[], first)), Ok(response(200, &[], second))]);
        assert!(sent[0].contains("exclude_archived=true") && sent[1].contains("cursor=x"), "{sent:?}");
        let slack = Connector::from(&crate::CONNECTOR);
        let (a, notes) = EffectiveAction::of(slack.action("chat_post_message").unwrap().info(), &d);
        assert!(notes.is_empty());
        let channel = &a.input_schema["properties"]["channel"];
        assert_eq!(channel["examples"], json!(["C3", "C2", "C1"]));
        assert_eq!(channel["x-options"][1]["label"], "#secret (private)");
    }

    #[test]
    fn no_more_than_two_hundred_channels_are_read() {
        let page = |n: usize| {
            let all: Vec<Value> = (0..150).map(|i| channel(&format!("C{n}X{i}"), &format!("c{n}-{i}"), true)).collect();
            let body = json!({"ok": true, "channels": all, "response_metadata": {"next_cursor": "more"}});
            Ok(response(200, &[], body))
        };
        let (d, sent) = learn(vec![page(1), page(2)]);
        assert_eq!((sent.len(), d.fields[0].options.len()), (2, 200));
        let (bounded, notes) = d.clone().bounded();
        assert!(notes.is_empty() && bounded == d, "{notes:?}");
    }

    #[test]
    fn a_token_that_may_not_list_private_channels_lists_public_ones() {
        let refused =
            || Ok(response(200, &[], json!({"ok": false, "error": "missing_scope", "needed": "groups:read"})));
        let public = json!({"ok": true, "channels": [channel("C1", "a", false)]});
        let (d, sent) = learn(vec![refused(), Ok(response(200, &[], public))]);
        assert_eq!(d.fields[0].options.len(), 1);
        assert!(!sent[1].contains("private"));
        let (d, _) = learn(vec![refused(), refused()]);
        assert_eq!(d, Descriptors::default(), "none is no failure");
    }
}
