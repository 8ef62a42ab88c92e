//! How a site is connected: by a token that a person types in, or by consent at Atlassian or at a Data Center.
//!
//! What lives here: the methods as data, the app's settings, and the one place that decides how a request says who it is
//! ([`slot`]). Vendor's pages: <https://developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps/>,
//! <https://confluence.atlassian.com/adminjiraserver/jira-oauth-2-0-provider-api-1115659070.html>.

use connector_core::{
    AuthMethod, Cx, ParamSpec, SecretSlot,
    auth::{BodyForm, Grant, OAuth2, Pkce, Revocation, SiteChoice},
};

use crate::client::is_data_center;

/// The secret param that holds whatever token there is.
const TOKEN: &str = "api_token";
/// The method of tokens that go with an e-mail address.
const API_TOKEN: &str = "api_token";

/// Settings of an app: the gateway's own registration at Atlassian or at a Data Center.
pub(crate) const APP: &[ParamSpec] = &[
    ParamSpec::secret("webhook_secret", "Webhook secret")
        .description(
            "One secret for the webhooks of several sites that send to /webhooks/jira; a delivery finds its connection by \
             its site. Needed only to receive events so.",
        )
        .optional(),
    ParamSpec::new("client_id", "Client id")
        .description(
            "Cloud: from https://developer.atlassian.com/console/myapps, “Settings” of your OAuth 2.0 app; under \
             “Authorization” set the callback URL to {public_url}/oauth/callback. Data Center: from “Application links”, an \
             incoming link of the kind “External application”, with the same address as its redirect URL. Needed only for \
             consent.",
        )
        .optional(),
    ParamSpec::secret("client_secret", "Client secret")
        .description("From the same place. Needed only for consent.")
        .optional(),
];

/// The methods, the one that suits most people first.
pub(crate) fn methods() -> Vec<AuthMethod> {
    let app = &["client_id", "client_secret"];
    vec![
        AuthMethod::given(API_TOKEN, "API token", &["site", "deployment", "email", TOKEN])
            .description("Jira Cloud: a token of an Atlassian account, with its e-mail address; made in a minute."),
        AuthMethod::new("oauth", "Atlassian account", &[], app, Grant::AuthorizationCode(cloud())).description(
            "Jira Cloud: people consent at Atlassian and choose the site. The app's “Permissions” must have the scopes that \
             are asked for.",
        ),
        AuthMethod::given("personal_access_token", "Personal access token", &["site", "deployment", TOKEN])
            .description("Jira Data Center: a token from your profile there."),
        AuthMethod::new(
            "data_center_oauth",
            "Consent at a Data Center",
            &["site", "deployment"],
            app,
            Grant::AuthorizationCode(data_center()),
        )
        .description("Jira Data Center: people consent there. An administrator makes the application link first.")
        .scope_names(&[("read:*", "READ"), ("write:*", "WRITE"), ("manage:*", "ADMIN")])
        .scope_holds(&[("WRITE", &["READ"]), ("ADMIN", &["WRITE", "READ"])]),
    ]
}

fn cloud() -> OAuth2 {
    let mut oauth = OAuth2::new("https://auth.atlassian.com/authorize", "https://auth.atlassian.com/oauth/token", TOKEN);
    oauth.token_body = BodyForm::Json;
    // The vendor's pages know no proof key.
    oauth.pkce = Pkce::Off;
    oauth.authorize_params = [("audience", "api.atlassian.com"), ("prompt", "consent")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec();
    // Without it there is no refresh token, and the access token ends after an hour.
    oauth.fixed_scopes = vec!["offline_access".into()];
    oauth.idle_days = 90;
    oauth.site_choice = Some(SiteChoice {
        url: "https://api.atlassian.com/oauth/token/accessible-resources".into(),
        id: "/id".into(),
        label: "/url".into(),
        param: "site".into(),
        value: "https://api.atlassian.com/ex/jira/{id}".into(),
    });
    oauth.revocation = Revocation::Unsupported {
        instead: "remove the app under “Connected apps” at https://id.atlassian.com/manage-profile/apps".into(),
    };
    oauth
}

fn data_center() -> OAuth2 {
    let mut oauth =
        OAuth2::new("{site}/rest/oauth2/latest/authorize", "{site}/rest/oauth2/latest/token", TOKEN);
    oauth.idle_days = 90;
    oauth.revocation = Revocation::Rfc7009 { url: "{site}/rest/oauth2/latest/revoke".into() };
    oauth
}

/// How a request says who it is: Basic for an API token that was typed in with its e-mail address, else Bearer. A Data Center
/// takes its tokens as Bearer only.
pub(crate) fn slot(cx: &Cx) -> SecretSlot {
    let secret = TOKEN.to_owned();
    let typed = cx.auth_method().is_none_or(|method| method == API_TOKEN);
    match cx.param_opt("email").filter(|e| !e.is_empty() && typed && !is_data_center(cx)) {
        Some(email) => SecretSlot::Basic { user: email.to_owned(), secret },
        None => SecretSlot::Header { name: "authorization", prefix: "Bearer ", secret },
    }
}
