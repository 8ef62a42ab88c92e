//! `GET /user/repos`, `GET /orgs/{org}/repos`, `GET /users/{username}/repos`, and for the token of a GitHub App's
//! installation `GET /installation/repositories`.

use connector_core::{
    Action, ActionSpec, AntiExample, Cx, Error, ErrorKind, FieldError, Method, Paging, Result, request::path_segment,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    client::{self, FieldMap},
    model::{self, Order},
};

/// Lists repositories.
pub struct ListRepositories;

/// Whose repositories, which of them, and which page. Without `org` and `user`: those that the token's user can reach, or
/// those that a GitHub App's installation was given, which takes no filter and no order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The organization whose repositories are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+$"))]
    pub org: Option<String>,
    /// The login of the user whose public repositories are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 100), regex(pattern = r"^[A-Za-z0-9_.-]+(\[bot\])?$"))]
    pub user: Option<String>,
    /// Only repositories of this type. Of an organization: `all` (unless told), `public`, `private`, `forks`, `sources`,
    /// `member`. Of a user: `owner` (unless told), `all`, `member`. Not for the token's own, see `visibility` and
    /// `affiliation`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Only the token's repositories that are so visible; `all` unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// How the token's user has to do with its repositories; all of these unless told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 3))]
    pub affiliation: Vec<Affiliation>,
    /// Only the token's repositories changed after this time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub since: Option<String>,
    /// Only the token's repositories changed before this time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "date-time"))]
    pub before: Option<String>,
    /// What they are sorted by: `full_name` unless told, for an organization `created`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Which way; unless told `asc` by name, else `desc`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Order>,
    /// Most repositories of this page, 1 to 100; 30 unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub per_page: Option<u32>,
    /// Which page: `next_page` of the page before; the first unless told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub page: Option<u32>,
}

/// Which repositories of an organization or a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// All.
    All,
    /// Those that the user owns.
    Owner,
    /// Public ones of the organization.
    Public,
    /// Private ones of the organization.
    Private,
    /// Forks in the organization.
    Forks,
    /// Those of the organization that are no forks.
    Sources,
    /// Those that the user is a member of.
    Member,
}

/// Who sees a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Whoever.
    All,
    /// Everybody.
    Public,
    /// Some.
    Private,
}

/// How a user has to do with a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Affiliation {
    /// They own it.
    Owner,
    /// They were added to it.
    Collaborator,
    /// They reach it as a member of its organization.
    OrganizationMember,
}

/// What repositories are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// When they were made.
    Created,
    /// When they were last changed.
    Updated,
    /// When somebody last pushed to them.
    Pushed,
    /// Owner and name.
    FullName,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// The repositories of this page.
    pub repositories: Vec<model::RepositoryDetails>,
    /// The number of the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page: Option<u32>,
}

const FIELDS: FieldMap = &[
    ("type", "/type"),
    ("visibility", "/visibility"),
    ("affiliation", "/affiliation"),
    ("sort", "/sort"),
    ("direction", "/direction"),
];

impl Action for ListRepositories {
    const SPEC: ActionSpec = ActionSpec::new("list_repositories", "List repositories")
        .summary("Lists the repositories that the token can reach, or those of an organization or a user.")
        .docs("https://docs.github.com/rest/repos/repos#list-repositories-for-the-authenticated-user")
        .read()
        .scopes(&["repo"])
        .paged(Paging { items: "/repositories", next_output: "/next_page", next_input: "/page" })
        .examples(&[
            r#"{"affiliation": ["owner"], "sort": "pushed", "per_page": 100}"#,
            r#"{"org": "octo-org", "type": "sources"}"#,
        ])
        .anti_examples(&[AntiExample {
            input: r#"{"owner": "octocat"}"#,
            why: "Say whether it is an `org` or a `user`: GitHub keeps their lists apart.",
        }]);
    type Input = Input;
    type Output = Output;

    async fn run(cx: &Cx, input: Input) -> Result<Output> {
        check(&input)?;
        let (endpoint, path) = match (&input.org, &input.user) {
            (Some(org), _) => ("repos/list-for-org", format!("/orgs/{}/repos", path_segment(org))),
            (None, Some(user)) => ("repos/list-for-user", format!("/users/{}/repos", path_segment(user))),
            (None, None) => (OWN, "/user/repos".to_owned()),
        };
        let request = client::request(cx, Method::GET, &path)?.endpoint(endpoint);
        let request = client::query_of(request, &input, &["org", "user"])?;
        match client::ask(cx, request, 403, FIELDS).await? {
            Ok(response) => {
                let (repositories, next_page) = client::page(&response)?;
                Ok(Output { repositories, next_page })
            }
            // An SSO that is missing is a refusal with a code; an installation's has none.
            Err(e) if endpoint == OWN && e.code().is_none() => of_an_installation(cx, &input, e).await,
            Err(e) => Err(e),
        }
    }
}

/// What GitHub calls the list of the token's user.
const OWN: &str = "repos/list-for-authenticated-user";

/// How GitHub lists the repositories of an installation.
#[derive(Deserialize)]
struct Installed {
    repositories: Vec<model::RepositoryDetails>,
}

/// A GitHub App's installation is nobody: it has repositories, but no user. `refused` is GitHub's answer to a token without
/// a user, and stands if the token is no installation's either.
async fn of_an_installation(cx: &Cx, input: &Input, refused: Error) -> Result<Output> {
    let request = client::request(cx, Method::GET, "/installation/repositories")?
        .endpoint("apps/list-repos-accessible-to-installation")
        .query_opt("per_page", input.per_page)
        .query_opt("page", input.page);
    let found: Result<(Installed, _)> = client::send_page(cx, request, &[]).await;
    let (installed, next_page) = match found {
        Err(e) if e.kind() == ErrorKind::Permission => return Err(refused),
        found => found?,
    };
    let why = "is not for the token of a GitHub App's installation, whose repositories GitHub lists as they are";
    let wrong: Vec<FieldError> = [
        ("/visibility", input.visibility.is_some()),
        ("/affiliation", !input.affiliation.is_empty()),
        ("/since", input.since.is_some()),
        ("/before", input.before.is_some()),
        ("/sort", input.sort.is_some()),
        ("/direction", input.direction.is_some()),
    ]
    .into_iter()
    .filter(|(_, given)| *given)
    .map(|(at, _)| FieldError::new(at, why))
    .collect();
    if wrong.is_empty() {
        Ok(Output { repositories: installed.repositories, next_page })
    } else {
        Err(Error::invalid_input(wrong))
    }
}

/// GitHub does not say that a filter is of no effect on a list; it gives the whole list.
fn check(input: &Input) -> Result<()> {
    let mut wrong = Vec::new();
    let mut refuse = |at: &str, why: &str| wrong.push(FieldError::new(at, why));
    match (&input.org, &input.user) {
        (Some(_), Some(_)) => refuse("/user", "cannot stand beside `org`; ask twice"),
        (None, None) if input.kind.is_some() => {
            refuse("/type", "needs `org` or `user`; for the token's own use `visibility` and `affiliation`");
        }
        (Some(_), None) if input.kind == Some(Kind::Owner) => refuse("/type", "`owner` is for users"),
        (None, Some(_)) if !matches!(input.kind, None | Some(Kind::All | Kind::Owner | Kind::Member)) => {
            refuse("/type", "of a user it is `all`, `owner` or `member`");
        }
        _ => {}
    }
    if input.org.is_some() || input.user.is_some() {
        let own = [
            ("/visibility", input.visibility.is_some()),
            ("/affiliation", !input.affiliation.is_empty()),
            ("/since", input.since.is_some()),
            ("/before", input.before.is_some()),
        ];
        own.iter()
            .filter(|(_, given)| *given)
            .for_each(|(at, _)| refuse(at, "is only for the token's own repositories"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::invalid_input(wrong)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_that_github_would_overlook_are_refused() {
        let at = |json: &str| {
            let e = check(&serde_json::from_str(json).unwrap()).err();
            e.map(|e| e.fields().iter().map(|f| f.pointer.clone()).collect::<Vec<_>>().join(" ")).unwrap_or_default()
        };
        for (input, fields) in [
            (r#"{}"#, ""),
            (r#"{"visibility": "private", "affiliation": ["owner"]}"#, ""),
            (r#"{"org": "o", "type": "forks"}"#, ""),
            (r#"{"user": "u", "type": "member"}"#, ""),
            (r#"{"org": "o", "user": "u"}"#, "/user"),
            (r#"{"type": "all"}"#, "/type"),
            (r#"{"org": "o", "type": "owner"}"#, "/type"),
            (r#"{"user": "u", "type": "private"}"#, "/type"),
            (r#"{"user": "u", "visibility": "all", "since": "2026-01-01T00:00:00Z"}"#, "/visibility /since"),
        ] {
            assert_eq!(at(input), fields, "{input}");
        }
    }
}
