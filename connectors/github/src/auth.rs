//! How an account is connected: by a token that a person types in, by an OAuth app, or by a GitHub App. All of them end in one
//! bearer token.
//!
//! Vendor's pages: <https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps>,
//! <https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/about-authentication-with-a-github-app>.

use connector_core::{
    AuthMethod, ParamSpec,
    auth::{ClientAuth, Grant, Installation, Jwt, OAuth2, Refresh, Revocation},
};

use crate::client::{API_VERSION, JSON};

/// The secret param that holds whatever token there is.
const TOKEN: &str = "token";

/// Settings of an app: a GitHub App or an OAuth app.
pub(crate) const APP: &[ParamSpec] = &[
    ParamSpec::secret("webhook_secret", "Webhook secret")
        .description(
            "A GitHub App's, under its “Webhook”, whose URL is {public_url}/webhooks/github: all its installations' events \
             come there, signed with it. An OAuth app has none.",
        )
        .optional(),
    ParamSpec::new("client_id", "Client id")
        .description(
            "From the app's page under Settings → Developer settings. There set the callback URL to \
             {public_url}/oauth/callback.",
        )
        .optional(),
    ParamSpec::secret("client_secret", "Client secret")
        .description("“Generate a new client secret” on the same page. Needed for people's consent.")
        .optional(),
    ParamSpec::secret("private_key", "Private key")
        .description(
            "A GitHub App's: “Generate a private key” on its page gives a .pem file; paste all of it. Needed for \
             installations.",
        )
        .optional(),
    ParamSpec::new("app_slug", "App's name in addresses")
        .description(
            "A GitHub App's: the last part of its public page https://github.com/apps/NAME. People are sent there to install \
             it.",
        )
        .optional()
        .pattern("^[A-Za-z0-9_-]+$")
        .pattern_hint("the name in the address of the app's page, such as my-app")
        .example("octo-app"),
];

/// Which of the classic scopes come with another.
/// <https://docs.github.com/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps>
const HOLDS: &[(&str, &[&str])] = &[
    (
        "repo",
        &[
            "public_repo",
            "repo:status",
            "repo_deployment",
            "repo:invite",
            "security_events",
            "admin:repo_hook",
            "write:repo_hook",
            "read:repo_hook",
        ],
    ),
    ("admin:repo_hook", &["write:repo_hook", "read:repo_hook"]),
    ("write:repo_hook", &["read:repo_hook"]),
];

/// The methods, the one that suits most people first.
pub(crate) fn methods() -> Vec<AuthMethod> {
    let base = &["base_url"];
    let client = &["client_id", "client_secret"];
    vec![
        AuthMethod::given("token", "Personal access token", &["base_url", TOKEN])
            .description("For one account: a fine-grained or classic token.")
            .scope_holds(HOLDS),
        AuthMethod::new(
            "app",
            "GitHub App installation",
            &["base_url", "installation_id"],
            &["client_id", "private_key"],
            Grant::Installation(installation()),
        )
        .description(
            "Acts as a GitHub App in the repositories that it is installed for. What it may do is set on the app's page under \
             “Permissions & events”.",
        )
        .scope_names(&[("*", "")]),
        AuthMethod::new("oauth", "OAuth app", base, client, Grant::AuthorizationCode(oauth_app()))
            .description("People consent at GitHub, and actions are done in their name.")
            .scope_holds(HOLDS),
        AuthMethod::new("app_user", "GitHub App user", base, client, Grant::AuthorizationCode(app_user()))
            .description(
                "People consent at GitHub to a GitHub App, which acts in their name with what its page allows. Leave “Expire \
                 user authorization tokens” on.",
            )
            .scope_names(&[("*", "")]),
        AuthMethod::new("device", "OAuth app, by a code", base, &["client_id"], Grant::DeviceCode(device()))
            .description(
                "People type a code at GitHub; no address of this gateway need be reachable. Turn “Enable Device Flow” on \
                 on the app's page.",
            )
            .scope_holds(HOLDS),
    ]
}

fn oauth_app() -> OAuth2 {
    let web = "{base_url:web_origin}/login/oauth";
    let mut oauth = OAuth2::new(&format!("{web}/authorize"), &format!("{web}/access_token"), TOKEN);
    // Tokens of OAuth apps last.
    oauth.refresh = Refresh::None;
    oauth.revocation = Revocation::ClientBasic { url: "{base_url}/applications/{client_id}/token".into() };
    oauth
}

fn app_user() -> OAuth2 {
    let mut oauth = oauth_app();
    oauth.refresh = Refresh::Rotating;
    // Refresh tokens end after six months.
    oauth.idle_days = 180;
    oauth
}

fn device() -> OAuth2 {
    let mut oauth = oauth_app();
    oauth.authorize_url = String::new();
    oauth.device_url = Some("{base_url:web_origin}/login/device/code".into());
    (oauth.client_auth, oauth.client_secret_param) = (ClientAuth::Public, None);
    oauth.revocation = Revocation::Unsupported {
        instead: "revoke the app's access under Settings → Applications → Authorized OAuth Apps".into(),
    };
    oauth
}

fn installation() -> Installation {
    Installation {
        jwt: Jwt {
            issuer_param: "client_id".into(),
            subject_param: None,
            audience: None,
            key_param: "private_key".into(),
            // Ten minutes at most.
            ttl_secs: 600,
        },
        token_url: "{base_url}/app/installations/{installation_id}/access_tokens".into(),
        headers: vec![("accept".into(), JSON.into()), ("x-github-api-version".into(), API_VERSION.into())],
        token: "/token".into(),
        expires_at: "/expires_at".into(),
        becomes: TOKEN.into(),
        install_url: Some("{base_url:web_origin}/apps/{app_slug}/installations/new".into()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use connector_core::{Connector, auth::template};
    use serde_json::{Map, json};

    use super::*;

    #[test]
    fn addresses_are_those_of_the_server_that_is_meant() {
        let at = |base: &str| {
            let values = json!({"base_url": base, "client_id": "Iv1.a/b"});
            let fill = |t: &str| template::fill(t, values.as_object().unwrap(), &Map::new()).unwrap().to_string();
            let oauth = oauth_app();
            let Revocation::ClientBasic { url } = &oauth.revocation else { return Vec::new() };
            vec![fill(&oauth.authorize_url), fill(&oauth.token_url), fill(url)]
        };
        assert_eq!(
            at("https://api.github.com"),
            [
                "https://github.com/login/oauth/authorize",
                "https://github.com/login/oauth/access_token",
                "https://api.github.com/applications/Iv1.a%2Fb/token"
            ]
        );
        assert_eq!(
            at("https://git.example/api/v3"),
            [
                "https://git.example/login/oauth/authorize",
                "https://git.example/login/oauth/access_token",
                "https://git.example/api/v3/applications/Iv1.a%2Fb/token"
            ]
        );
    }

    #[test]
    fn scopes_are_the_least_that_what_is_enabled_needs() {
        let connector = Connector::from(&crate::CONNECTOR);
        let least = |method: &str, actions: &[&str]| {
            connector.least_scopes(connector.auth_method(method).unwrap(), actions, &[])
        };
        assert_eq!(least("oauth", &["create_commit_status"]), ["repo:status"]);
        assert_eq!(least("oauth", &["create_commit_status", "create_issue", "create_webhook"]), ["repo"]);
        assert!(least("oauth", &["no_such_action"]).is_empty());
        assert!(least("app", &["create_issue"]).is_empty());
    }
}
