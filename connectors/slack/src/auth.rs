//! How a workspace is connected: by a token that a person types in, by installing the app, or by one incoming webhook.
//!
//! Vendor's page: <https://docs.slack.dev/authentication/installing-with-oauth>.

use connector_core::{
    AuthMethod,
    auth::{Grant, OAuth2, Pkce, Refresh, Revocation},
};

use crate::params::{BOT_TOKEN, INCOMING_WEBHOOK_KIND, INCOMING_WEBHOOK_URL};

/// The methods, the one that suits most people first.
pub(crate) fn methods() -> Vec<AuthMethod> {
    vec![
        AuthMethod::given("bot_token", "Bot token", &[BOT_TOKEN, "base_url"]).description(
            "For one workspace: make an app at https://api.slack.com/apps, install it there, and paste its bot token.",
        ),
        AuthMethod::new(
            "oauth",
            "Install an app",
            &["base_url"],
            &["client_id", "client_secret"],
            Grant::AuthorizationCode(install()),
        )
        .description(
            "People install your app by consenting at Slack. At https://api.slack.com/apps, under “OAuth & Permissions”, add the \
             redirect URL {public_url}/oauth/callback; under “Event Subscriptions”, the request URL {public_url}/webhooks/slack.",
        ),
        AuthMethod::new(
            "oauth_user",
            "Act as a person",
            &["base_url"],
            &["client_id", "client_secret"],
            Grant::AuthorizationCode(as_user()),
        )
        .description(
            "People consent that the gateway acts as themselves: what it posts is theirs. The same app and redirect URL; its user \
             token scopes must have what is asked for.",
        ),
        AuthMethod::given("incoming_webhook", "Incoming webhook", &[INCOMING_WEBHOOK_URL, INCOMING_WEBHOOK_KIND])
            .description("Posts to one channel, and can do nothing else."),
    ]
}

/// Slack gives a person's token beside that of the bot, and by itself when it is renewed.
fn as_user() -> OAuth2 {
    let mut oauth = install();
    oauth.scope_param = "user_scope".into();
    oauth.takes.truncate(1);
    oauth.tokens_in = Some("/authed_user".into());
    oauth.identity.retain(|(_, name)| name != "user_id");
    oauth.identity.push(("/authed_user/id".into(), "user_id".into()));
    oauth
}

fn install() -> OAuth2 {
    let mut oauth = OAuth2::new("{base_url:origin}/oauth/v2/authorize", "{base_url}/oauth.v2.access", BOT_TOKEN);
    oauth.scope_separator = ",".into();
    // An app that sends a proof key once must send it for good: Slack makes it a public client by it.
    oauth.pkce = Pkce::Off;
    // Of the scope `incoming-webhook`, for which people choose a channel.
    oauth.takes.push(("/incoming_webhook/url".into(), INCOMING_WEBHOOK_URL.into()));
    oauth.identity = [
        ("/team/id", "team_id"),
        ("/enterprise/id", "enterprise_id"),
        ("/bot_user_id", "user_id"),
        ("/app_id", "app_id"),
    ]
    .map(|(pointer, name)| (pointer.to_owned(), name.to_owned()))
    .to_vec();
    // Only where the app has turned token rotation on; else tokens last, and there is no refresh token.
    oauth.refresh = Refresh::Rotating;
    oauth.revocation = Revocation::Bearer { method: "POST".into(), url: "{base_url}/auth.revoke".into() };
    oauth
}
