//! Finds the forms of known credentials in text, so that none ends up in a fixture.
//!
//! What lives here: pattern knowledge in plain `std`, no other crate, so that `xtask` can include this very file. What
//! must not: judging where the text came from. Few false alarms matter as much as few misses: a placeholder
//! (`{{secret.token}}`) and an obviously made-up value (`xoxb-your-token`, `ghp_xxxxxxxx…`) are no finding.

/// A credential found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// What it has the form of, such as `GitHub token`.
    pub what: &'static str,
    /// Byte offset of its first character.
    pub start: usize,
    /// Byte offset after its last character.
    pub end: usize,
}

impl Found {
    /// The first characters and the length, for messages: enough to find it, too little to use it.
    pub fn excerpt(&self, text: &str) -> String {
        let found = text.get(self.start..self.end).unwrap_or_default();
        let head: String = found.chars().take(8).collect();
        format!("{head}… ({} characters)", found.chars().count())
    }
}

/// A token that is told by what it begins with.
struct Prefixed {
    prefix: &'static str,
    what: &'static str,
    /// Fewest characters after the prefix.
    min: usize,
    /// Characters that the rest may consist of, beside ASCII letters and digits.
    extra: &'static str,
    /// Whether the rest must hold a digit: real tokens do, words do not.
    digit: bool,
}

const fn token(prefix: &'static str, what: &'static str, min: usize, extra: &'static str) -> Prefixed {
    Prefixed { prefix, what, min, extra, digit: true }
}

const TOKENS: &[Prefixed] = &[
    token("xoxb-", "Slack bot token", 20, "-"),
    token("xoxp-", "Slack user token", 20, "-"),
    token("xoxa-", "Slack app token", 20, "-"),
    token("xoxs-", "Slack session token", 20, "-"),
    token("xoxr-", "Slack refresh token", 20, "-"),
    token("xoxe-", "Slack refresh token", 20, "-"),
    token("xoxe.xox", "Slack rotating token", 20, "-"),
    token("xapp-", "Slack app-level token", 20, "-"),
    token("ghp_", "GitHub token", 30, ""),
    token("gho_", "GitHub token", 30, ""),
    token("ghu_", "GitHub token", 30, ""),
    token("ghs_", "GitHub token", 30, ""),
    token("ghr_", "GitHub token", 30, ""),
    token("github_pat_", "GitHub token", 40, "_"),
    token("glpat-", "GitLab token", 18, "-_"),
    token("gldt-", "GitLab token", 18, "-_"),
    token("glrt-", "GitLab token", 18, "-_"),
    token("ATATT3", "Atlassian API token", 40, "-_="),
    token("ATCTT3", "Atlassian token", 40, "-_="),
    token("ATBB", "Bitbucket app password", 28, ""),
    token("AKIA", "AWS access key id", 16, ""),
    token("ASIA", "AWS temporary key id", 16, ""),
    token("AIza", "Google API key", 34, "-_"),
    token("ya29.", "Google access token", 30, "-_."),
    token("GOCSPX-", "Google client secret", 24, "-_"),
    token("sk-ant-", "Anthropic key", 24, "-_"),
    token("sk-proj-", "OpenAI key", 24, "-_"),
    token("sk-", "API key", 32, "-_"),
    token("sk_live_", "Stripe key", 20, ""),
    token("sk_test_", "Stripe key", 20, ""),
    token("rk_live_", "Stripe key", 20, ""),
    token("rk_test_", "Stripe key", 20, ""),
    token("whsec_", "webhook signing secret", 24, "+/="),
    token("shpat_", "Shopify token", 30, ""),
    token("shpss_", "Shopify secret", 30, ""),
    token("lin_api_", "Linear key", 30, ""),
    token("lin_oauth_", "Linear token", 30, ""),
    token("secret_", "Notion token", 40, ""),
    token("ntn_", "Notion token", 40, ""),
    token("SG.", "SendGrid key", 50, "-_."),
    token("npm_", "npm token", 36, ""),
    token("pypi-", "PyPI token", 50, "-_"),
    token("dop_v1_", "DigitalOcean token", 60, ""),
    token("hvs.", "Vault token", 24, "-_"),
    token("pcsk_", "Pinecone key", 40, "_"),
    token("xkeysib-", "Brevo key", 60, "-"),
];

/// Every credential in `text`, in order of place; no two overlap.
pub fn find_secrets(text: &str) -> Vec<Found> {
    let mut found = Vec::new();
    prefixed(text, &mut found);
    slack_webhook_urls(text, &mut found);
    jwts(text, &mut found);
    private_keys(text, &mut found);
    bearers(text, &mut found);
    url_passwords(text, &mut found);
    // Of two that overlap the one that begins first, then the longer one, tells more.
    found.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
    let mut end = 0;
    found.retain(|f| {
        let keep = f.start >= end;
        if keep {
            end = f.end;
        }
        keep
    });
    found
}

/// The text with every credential replaced by `[redacted <what>]`.
pub fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for f in find_secrets(text) {
        out.push_str(text.get(at..f.start).unwrap_or_default());
        out.push_str("[redacted ");
        out.push_str(f.what);
        out.push(']');
        at = f.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn prefixed(text: &str, found: &mut Vec<Found>) {
    for t in TOKENS {
        for (start, _) in text.match_indices(t.prefix) {
            if !begins_here(text, start) {
                continue;
            }
            let body_start = start + t.prefix.len();
            let body = run(text, body_start, |c| c.is_ascii_alphanumeric() || t.extra.contains(c));
            let body = body.trim_end_matches(['-', '_', '.']);
            if body.len() >= t.min
                && (!t.digit || body.bytes().any(|b| b.is_ascii_digit()))
                && !made_up(body)
                && !(t.prefix == "AKIA" && body.bytes().any(|b| b.is_ascii_lowercase()))
            {
                found.push(Found { what: t.what, start, end: body_start + body.len() });
            }
        }
    }
}

/// `hooks.slack.com/services/T…/B…/` and 24 characters.
fn slack_webhook_urls(text: &str, found: &mut Vec<Found>) {
    const HEAD: &str = "hooks.slack.com/services/";
    for (start, _) in text.match_indices(HEAD) {
        let tail = run(text, start + HEAD.len(), |c| c.is_ascii_alphanumeric() || c == '/');
        let mut parts = tail.split('/');
        let (team, hook, key) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
        if team.is_some_and(|t| t.starts_with('T'))
            && hook.is_some_and(|b| b.starts_with('B'))
            && key.len() >= 24
            && !made_up(key)
        {
            found.push(Found { what: "Slack webhook URL", start, end: start + HEAD.len() + tail.len() });
        }
    }
}

/// Three base64url parts of which the first two are JSON objects (`eyJ`).
fn jwts(text: &str, found: &mut Vec<Found>) {
    for (start, _) in text.match_indices("eyJ") {
        if !begins_here(text, start) {
            continue;
        }
        let whole = run(text, start, |c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let mut parts = whole.split('.');
        let (head, claims, signature) =
            (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        if head.len() >= 16 && claims.starts_with("eyJ") && claims.len() >= 16 && signature.len() >= 16 {
            let end = start + head.len() + claims.len() + signature.len() + 2;
            found.push(Found { what: "JSON Web Token", start, end });
        }
    }
}

fn private_keys(text: &str, found: &mut Vec<Found>) {
    for (start, _) in text.match_indices("-----BEGIN ") {
        let label = text.get(start..).unwrap_or_default().chars().take(60).collect::<String>();
        if !label.contains("PRIVATE KEY") {
            continue;
        }
        let rest = text.get(start..).unwrap_or_default();
        let end = match rest.find("-----END ") {
            Some(at) => {
                let tail = rest.get(at + 9..).unwrap_or_default();
                start + at + 9 + tail.find("-----").map_or(tail.len(), |n| n + 5)
            }
            None => text.len(),
        };
        // A block with next to nothing in it is a picture of one.
        if end - start > 120 {
            found.push(Found { what: "private key", start, end });
        }
    }
}

/// `Bearer …` and `Basic …` in a header's value.
fn bearers(text: &str, found: &mut Vec<Found>) {
    for (scheme, what) in [("Bearer ", "bearer token"), ("bearer ", "bearer token"), ("Basic ", "basic credentials")] {
        for (at, _) in text.match_indices(scheme) {
            if !begins_here(text, at) {
                continue;
            }
            let start = at + scheme.len();
            let token = run(text, start, |c| c.is_ascii_alphanumeric() || "-_.~+/=".contains(c));
            let mixed = token.bytes().any(|b| b.is_ascii_digit()) && token.bytes().any(|b| b.is_ascii_alphabetic());
            if token.len() >= 20 && mixed && !made_up(token) {
                found.push(Found { what, start, end: start + token.len() });
            }
        }
    }
}

/// `https://user:password@host`.
fn url_passwords(text: &str, found: &mut Vec<Found>) {
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let authority = run(text, start, |c| c.is_ascii_graphic() && !"/?#\"'<>{}\\ ".contains(c));
        let Some((user_info, _)) = authority.rsplit_once('@') else { continue };
        let Some((_, password)) = user_info.split_once(':') else { continue };
        if password.len() >= 8 && password.bytes().any(|b| b.is_ascii_digit()) && !made_up(password) {
            found.push(Found { what: "password in a URL", start, end: start + user_info.len() });
        }
    }
}

/// Whether a token can begin here: not in the middle of a longer word.
fn begins_here(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn run(text: &str, start: usize, allowed: impl Fn(char) -> bool) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let end = rest.char_indices().find(|(_, c)| !allowed(*c)).map_or(rest.len(), |(i, _)| i);
    rest.get(..end).unwrap_or_default()
}

/// Whether a value is plainly a stand-in: few different characters, or one of the words people write there.
fn made_up(body: &str) -> bool {
    let mut distinct = [false; 256];
    for b in body.bytes() {
        if let Some(d) = distinct.get_mut(usize::from(b)) {
            *d = true;
        }
    }
    if distinct.iter().filter(|d| **d).count() <= 5 {
        return true;
    }
    let lower = body.to_ascii_lowercase();
    [
        "example",
        "placeholder",
        "redacted",
        "your",
        "canary",
        "dummy",
        "fake",
        "xxxxxx",
        "changeme",
        "not-a-real",
        "notareal",
    ]
    .iter()
    .any(|w| lower.contains(w))
}

#[cfg(test)]
mod tests {
    use super::{find_secrets, redact};

    // Put together at run time, so that this file itself holds no token form.
    fn real() -> Vec<String> {
        let alnum = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0";
        vec![
            format!("xoxb-{}-{}-{}", "2048176093", "9876501234", &alnum[..24]),
            format!("xapp-1-A0{}-{}", "1B2C3D4E5", &alnum[..32]),
            format!("ghp_{}", &alnum[..36]),
            format!("github_pat_{}_{}", &alnum[..22], alnum),
            format!("ghs_{}", &alnum[..36]),
            format!("https://hooks.slack.com/services/T{}/B{}/{}", "024BE7LD", "024BE7LH", &alnum[..24]),
            format!("AKIA{}", "Q3EGSSDHJT7RLXPM"),
            format!("sk-{}", alnum),
            format!("glpat-{}", &alnum[..20]),
            format!("whsec_{}", &alnum[..32]),
            format!("eyJ{}.eyJ{}.{}", &alnum[..20], &alnum[..24], alnum),
            format!("ATATT3{}{}", alnum, alnum),
            format!("-----BEGIN RSA PRIVATE KEY-----\n{alnum}\n{alnum}\n{alnum}\n-----END RSA PRIVATE KEY-----"),
            format!("Authorization: Bearer {}", &alnum[..32]),
            format!("https://bob:{}@db.example.com/", &alnum[..16]),
        ]
    }

    #[test]
    fn known_forms_are_found_and_cut_out() {
        for text in real() {
            let given = format!("{{\"value\": \"{text}\"}}");
            assert_eq!(find_secrets(&given).len(), 1, "{given}");
            let clean = redact(&given);
            assert!(clean.contains("[redacted ") && find_secrets(&clean).is_empty(), "{clean}");
            assert!(clean.ends_with("\"}"), "{clean}");
        }
    }

    #[test]
    fn placeholders_and_ordinary_text_are_not() {
        for text in [
            "Bearer {{secret.bot_token}}",
            "xoxb-your-token",
            "xoxb-xxxxxxxxxxxx-xxxxxxxxxxxx-xxxxxxxxxxxxxxxxxxxxxxxx",
            "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "whsec_",
            "sk-",
            "risk-assessment-of-the-whole-programme-for-2026",
            "Bearer authentication is described in RFC 6750",
            "Basic authentication",
            "https://api.github.com/repos/octocat/Hello-World/issues/1347",
            "6dcb09b5b57875f334f61aebed695e2e4193db5e",
            "https://user@example.com/path",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN PRIVATE KEY-----\n…\n-----END PRIVATE KEY-----",
            "node_id: MDU6SXNzdWUx",
        ] {
            assert!(find_secrets(text).is_empty(), "{text}: {:?}", find_secrets(text));
        }
    }

    #[test]
    fn an_excerpt_shows_too_little_to_use() {
        let text = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
        let found = find_secrets(&text);
        assert_eq!(found[0].excerpt(&text), "ghp_a1B2… (40 characters)");
    }
}
