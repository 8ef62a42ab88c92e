"""How PyGithub is asked for what the GitHub connector's actions do."""

from base64 import b64decode
from datetime import datetime
from io import BytesIO

from github import Auth, Github, GithubException, InputFileContent, InputGitAuthor
from github.Commit import Commit
from github.Consts import API_VERSION_2022_11_28
from github.Issue import Issue
from github.Milestone import Milestone
from github.NamedUser import NamedUser

PACKAGE = "PyGithub"
WHO = "It is a client for Python by its users, not by GitHub."
HEADERS = ("authorization", "accept", "x-github-api-version")
COMPARED = "Compared are method, path, query, body, its media type, and the headers `authorization` (its scheme), `accept` and `x-github-api-version`."
# Addresses in answers that the recorder leads back to itself.
ORIGINS = ["https://api.github.com", "https://uploads.github.com"]
REFUSED = GithubException


def base(fixture):
    return fixture.get("values", {}).get("base_url", "https://api.github.com")


def client(address, fixture):
    # `per_page` is a setting of the client; 30 is GitHub's default, which it does not send.
    return Github(
        base_url=address,
        auth=Auth.Token("of-no-account"),
        retry=None,
        seconds_between_requests=None,
        seconds_between_writes=None,
        api_version=API_VERSION_2022_11_28,
        lazy=True,
        per_page=fixture["input"].get("per_page", 30),
    )


def some(i, *names, **others):
    """The arguments among these that are given; `others` are named differently in the SDK."""
    found = {n: i[n] for n in names if n in i}
    return found | {theirs: i[ours] for theirs, ours in others.items() if ours in i}


def times(i, *names):
    return {n: datetime.fromisoformat(i[n]) for n in names if n in i}


def repo(g, i):
    return g.get_repo(f"{i['owner']}/{i['repo']}")


def org(g, i):
    return g.get_organization(i["org"])


def owner(g, i):
    """Of webhooks: an organization or a repository."""
    return org(g, i) if "org" in i else repo(g, i)


def issue(g, i):
    return repo(g, i).get_issue(i["issue_number"])


def comment(g, i):
    return repo(g, i).get_issue(1).get_comment(i["comment_id"])


def pull(g, i):
    return repo(g, i).get_pull(i["pull_number"])


def run(g, i):
    return repo(g, i).get_workflow_run(i["run_id"])


def commit(g, i, sha):
    return g.create_from_raw_data(Commit, {"url": f"{repo(g, i).url}/commits/{sha}", "sha": sha})


def milestone(g, i):
    if i.get("milestone") is None:
        return some(i, "milestone")
    return {"milestone": g.create_from_raw_data(Milestone, {"number": i["milestone"]})}


def page(i, pages):
    return pages.get_page(i.get("page", 1) - 1)


def author(i, *names):
    return {n: InputGitAuthor(**i[n]) for n in names if n in i}


def create_pull_request(g, i):
    of = {"issue": g.create_from_raw_data(Issue, {"number": i["issue"]})} if "issue" in i else {}
    repo(g, i).create_pull(**some(i, "title", "body", "head", "base", "draft", "maintainer_can_modify", "head_repo"), **of)


def create_branch(g, i):
    sha = i.get("sha") or repo(g, i).get_git_ref(f"heads/{i['from']}").complete().object.sha
    repo(g, i).create_git_ref(f"refs/heads/{i['branch']}", sha)


def put_contents(g, i):
    content = i["content"]["text"] if "text" in i["content"] else b64decode(i["content"]["base64"])
    write = repo(g, i).update_file if "sha" in i else repo(g, i).create_file
    write(content=content, **some(i, "path", "message", "sha", "branch"), **author(i, "author", "committer"))


def create_review(g, i):
    of = {"commit": commit(g, i, i["commit_id"])} if "commit_id" in i else {}
    pull(g, i).create_review(**some(i, "body", "event", "comments"), **of)


def create_review_comment(g, i):
    sha = i.get("commit_id") or pull(g, i).complete().head.sha
    whole = {} if "line" in i else {"subject_type": "file"}
    pull(g, i).create_review_comment(
        commit=commit(g, i, sha), **whole, **some(i, "body", "path", "line", "side", "start_line", "start_side")
    )


def create_webhook(g, i):
    # What the connection and the action add is told to the SDK; the form of the request is its own.
    config = {"url": i["url"], "content_type": "json", "insecure_ssl": "0", "secret": "{{secret.webhook_secret}}"}
    owner(g, i).create_hook("web", config, i["events"], i.get("active", True))


def delete_webhook(g, i):
    org(g, i).delete_hook(i["hook_id"]) if "org" in i else repo(g, i).get_hook(i["hook_id"]).delete()


def upload_release_asset(g, i):
    content = i["file"]["text"].encode() if "text" in i["file"] else b64decode(i["file"]["base64"])
    repo(g, i).get_release(i["release_id"]).upload_asset_from_memory(
        BytesIO(content), len(content), **some(i, "name", "label", "content_type")
    )


def list_issues(g, i):
    if i.get("milestone", "").isdigit():
        i["milestone"] = g.create_from_raw_data(Milestone, {"number": int(i["milestone"])})
    mentioned = {"mentioned": g.create_from_raw_data(NamedUser, {"login": i["mentioned"]})} if "mentioned" in i else {}
    some_of = some(i, "milestone", "state", "assignee", "labels", "sort", "direction", "creator", "type")
    page(i, repo(g, i).get_issues(**some_of, **times(i, "since"), **mentioned))


def list_repositories(g, i):
    if "org" in i or "user" in i:
        of = (
            org(g, i) if "org" in i else g.create_from_raw_data(NamedUser, {"url": f"{g.requester.base_url}/users/{i['user']}"})
        )
        return page(i, of.get_repos(**some(i, "type", "sort", "direction")))
    affiliation = {"affiliation": ",".join(i["affiliation"])} if "affiliation" in i else {}
    return page(i, g.get_user().get_repos(**some(i, "visibility", "type", "sort", "direction"), **affiliation))


def list_workflow_runs(g, i):
    of = repo(g, i).get_workflow(i["workflow_id"]) if "workflow_id" in i else None
    narrowed = some(i, "actor", "branch", "event", "status", "created", "head_sha", "check_suite_id", "exclude_pull_requests")
    page(i, of.get_runs(**narrowed) if of else repo(g, i).get_workflow_runs(**narrowed))


def search(method):
    return lambda g, i: page(i, getattr(g, method)(i["q"], **some(i, "sort", "order", highlight="text_matches")))


CALLS = {
    "add_assignees": lambda g, i: issue(g, i).add_to_assignees(*i["assignees"]),
    "add_comment": lambda g, i: issue(g, i).create_comment(i["body"]),
    "add_labels": lambda g, i: issue(g, i).add_to_labels(*i["labels"]),
    "cancel_workflow_run": lambda g, i: run(g, i).cancel(),
    "compare_commits": lambda g, i: (
        repo(g, i).compare(i["base"], i["head"], comparison_commits_per_page=i.get("per_page")).complete()
    ),
    "create_branch": create_branch,
    "create_check_run": lambda g, i: repo(g, i).create_check_run(
        **some(i, "name", "head_sha", "status", "external_id", "conclusion", "output", "actions", "details_url"),
        **times(i, "started_at", "completed_at"),
    ),
    "create_commit_status": lambda g, i: commit(g, i, i["sha"]).create_status(
        **some(i, "state", "target_url", "description", "context")
    ),
    "create_gist": lambda g, i: g.get_user().create_gist(
        i["public"], {n: InputFileContent(f["content"]) for n, f in i["files"].items()}, **some(i, "description")
    ),
    "create_issue": lambda g, i: repo(g, i).create_issue(**some(i, "title", "body", "labels", "assignees"), **milestone(g, i)),
    "create_label": lambda g, i: repo(g, i).create_label(**some(i, "name", "color", "description")),
    "create_pull_request": create_pull_request,
    "create_release": lambda g, i: repo(g, i).create_git_release(
        i["tag_name"],
        **some(i, "name", "draft", "prerelease", "generate_release_notes", "target_commitish", "make_latest", message="body"),
    ),
    "create_repository_dispatch": lambda g, i: repo(g, i).create_repository_dispatch(**some(i, "event_type", "client_payload")),
    "create_review": create_review,
    "create_review_comment": create_review_comment,
    "create_webhook": create_webhook,
    "delete_comment": lambda g, i: comment(g, i).delete(),
    "delete_contents": lambda g, i: repo(g, i).delete_file(
        **some(i, "path", "message", "sha", "branch"), **author(i, "author", "committer")
    ),
    "delete_release_asset": lambda g, i: repo(g, i).get_release_asset(i["asset_id"]).delete_asset(),
    "delete_webhook": delete_webhook,
    "dispatch_workflow": lambda g, i: (
        repo(g, i).get_workflow(i["workflow_id"]).create_dispatch(**some(i, "ref", "inputs", "return_run_details"))
    ),
    "get_combined_status": lambda g, i: repo(g, i).get_commit(i["ref"]).get_combined_status(),
    "get_comment": lambda g, i: comment(g, i).complete(),
    "get_commit": lambda g, i: repo(g, i).get_commit(i["ref"], commit_files_per_page=i.get("per_page")).complete(),
    "get_contents": lambda g, i: repo(g, i).get_contents(**some(i, "path", "ref")),
    "get_issue": lambda g, i: issue(g, i).complete(),
    "get_latest_release": lambda g, i: repo(g, i).get_latest_release().complete(),
    "get_pull_request": lambda g, i: pull(g, i).complete(),
    "get_rate_limit": lambda g, i: g.get_rate_limit(),
    "get_repository": lambda g, i: repo(g, i).complete(),
    "get_user": lambda g, i: g.get_user(**some(i, login="username")).complete(),
    "get_workflow_run": lambda g, i: run(g, i).complete(),
    "list_assignees": lambda g, i: page(i, repo(g, i).get_assignees()),
    "list_check_runs": lambda g, i: page(
        i, repo(g, i).get_commit(i["ref"]).get_check_runs(**some(i, "check_name", "status", "filter"))
    ),
    "list_comments": lambda g, i: page(i, issue(g, i).get_comments(**times(i, "since"))),
    "list_commits": lambda g, i: page(
        i, repo(g, i).get_commits(**some(i, "sha", "path", "author"), **times(i, "since", "until"))
    ),
    "list_issues": list_issues,
    "list_labels": lambda g, i: page(i, repo(g, i).get_labels()),
    "list_pull_request_files": lambda g, i: page(i, pull(g, i).get_files()),
    "list_pull_requests": lambda g, i: page(i, repo(g, i).get_pulls(**some(i, "state", "head", "base", "sort", "direction"))),
    "list_releases": lambda g, i: page(i, repo(g, i).get_releases()),
    "list_repositories": list_repositories,
    "list_reviews": lambda g, i: page(i, pull(g, i).get_reviews()),
    "list_webhooks": lambda g, i: page(i, owner(g, i).get_hooks()),
    "list_workflow_runs": list_workflow_runs,
    "lock_issue": lambda g, i: issue(g, i).lock(i["lock_reason"]),
    "merge_pull_request": lambda g, i: pull(g, i).merge(**some(i, "commit_message", "commit_title", "merge_method", "sha")),
    "ping_webhook": lambda g, i: owner(g, i).get_hook(i["hook_id"]).ping(),
    "put_contents": put_contents,
    "remove_assignees": lambda g, i: issue(g, i).remove_from_assignees(*i["assignees"]),
    "remove_label": lambda g, i: issue(g, i).remove_from_labels(i["name"]),
    "remove_requested_reviewers": lambda g, i: pull(g, i).delete_review_request(**some(i, "reviewers", "team_reviewers")),
    "reply_to_review_comment": lambda g, i: pull(g, i).create_review_comment_reply(i["comment_id"], i["body"]),
    "request_reviewers": lambda g, i: pull(g, i).create_review_request(**some(i, "reviewers", "team_reviewers")),
    "rerun_workflow_run": lambda g, i: run(g, i).rerun_failed_jobs() if i.get("only_failed_jobs") else run(g, i).rerun(),
    "search_code": search("search_code"),
    "search_issues": search("search_issues"),
    "search_repositories": search("search_repositories"),
    "search_users": search("search_users"),
    "set_labels": lambda g, i: issue(g, i).set_labels(*i["labels"]),
    "unlock_issue": lambda g, i: issue(g, i).unlock(),
    "update_check_run": lambda g, i: (
        repo(g, i)
        .get_check_run(i["check_run_id"])
        .edit(
            **some(i, "name", "status", "external_id", "conclusion", "output", "actions", "details_url"),
            **times(i, "started_at", "completed_at"),
        )
    ),
    "update_comment": lambda g, i: comment(g, i).edit(i["body"]),
    "update_issue": lambda g, i: issue(g, i).edit(
        **some(i, "title", "body", "state", "state_reason", "labels", "assignees"), **milestone(g, i)
    ),
    "update_pull_request": lambda g, i: pull(g, i).edit(
        **some(i, "title", "body", "state", "base", "maintainer_can_modify")
    ),
    "upload_release_asset": upload_release_asset,
}

# Actions that the SDK has nothing for.
ABSENT = {}

# Fixtures that show something the SDK has no part in.
LEFT_OUT = {
    (
        "create_issue",
        "success__labels_dropped",
    ): "the repository comes from the connection, which the client does not know",
    ("get_commit", "success__the_last_page"): "the client walks all pages, from the first",
    ("list_repositories", "success__of_an_installation"): "the client has another call for an App's repositories",
    ("lock_issue", "success__without_a_reason"): "the client demands a reason",
    ("search_issues", "success"): "the client knows neither this order nor `search_type`",
    ("search_repositories", "success"): "the client does not know this order",
}

FIRST_PAGE = "the client does not send the number of the first page, which is GitHub's default"
STARTS_AT_ONE = "the client sends the number of the page always, and starts at the first"
NOT_THERE = "the client has no argument for a part of the input"
LOOKS = "after a refusal the action looks whether an earlier attempt did it already; the client leaves that to its caller"
SLASH = "of a slash in the name of a branch or label, the one makes `%2F` and the other leaves it; GitHub takes both"
DEFAULT = "the client sends GitHub's default"
BARE = "GitHub takes the bare list, which the client sends, and recommends the object"
PREVIEW = "the client names a preview that GitHub has made a part of its API since"
HERE = "/repos/octocat/Hello-World"

# What differs, and why it means the same to GitHub.
EXPLAINED = {
    "add_labels": {'body: ["bug", "enhancement"] in place of {"labels": ["bug", "enhancement"]}': BARE},
    "set_labels": {
        'body: ["bug", "enhancement"] in place of {"labels": ["bug", "enhancement"]}': BARE,
        'body: [] in place of {"labels": []}': BARE,
    },
    "compare_commits": {
        f"path: {HERE}/compare/octocat:release/1...hubot:fix in place of {HERE}/compare/octocat:release%2F1...hubot:fix": SLASH,
        'query `page`: "1" in place of "2"': STARTS_AT_ONE,
    },
    "create_branch": {f"the SDK does not call GET {HERE}/git/ref/heads/featureA": LOOKS},
    "create_label": {
        "header `accept`: application/vnd.github.symmetra-preview+json in place of application/vnd.github+json": PREVIEW
    },
    "create_release": {
        'body: the SDK does not send `discussion_category_name`, here "Announcements"': NOT_THERE,
        'body: the SDK sends `make_latest` too, as "true"': DEFAULT,
        "body: the SDK sends `prerelease` too, as false": DEFAULT,
    },
    "create_review": {
        'body `comments` [0]: the SDK does not send `side`, here "RIGHT"': "unless told, the action says `RIGHT` for the side of a line, and the client nothing",
        'body `comments` [1]: the SDK does not send `start_side`, here "LEFT"': "unless told, the action says that the first line is on the same side as the last",
    },
    "delete_comment": {
        f"the SDK does not call GET {HERE}/issues/comments/1": LOOKS,
        f"the SDK does not call GET {HERE}": LOOKS,
    },
    "delete_contents": {
        f"the SDK does not call GET {HERE}/commits": LOOKS,
        f"the SDK does not call GET {HERE}/contents/notes/hello.txt": LOOKS,
    },
    "delete_release_asset": {
        f"the SDK does not call GET {HERE}/releases/assets/1": LOOKS,
        f"the SDK does not call GET {HERE}": LOOKS,
    },
    "delete_webhook": {f"the SDK does not call GET {HERE}/hooks": LOOKS},
    "get_combined_status": {
        'query: the SDK does not send `page`, here "1"': NOT_THERE,
        'query: the SDK does not send `per_page`, here "2"': NOT_THERE,
    },
    "get_commit": {
        'query: the SDK sends `page` too, as "1"': STARTS_AT_ONE,
        f"path: {HERE}/commits/heads%2Frelease%2F1 in place of {HERE}/commits/heads/release/1": SLASH,
    },
    "get_contents": {
        "header `accept`: */* in place of application/vnd.github.object+json": "the action asks for the media type in which a folder comes as an object, too",
        f"the SDK does not call GET {HERE}/git/blobs/3d21ec53a331a6f037a91c368710b99387d012c1": "over 1 MB GitHub gives no content here, and the action fetches it; the client leaves that to its caller",
        f"path: {HERE}/contents/ in place of {HERE}/contents": "the client ends the address of the folder at the root with a slash",
    },
    "list_check_runs": {
        'query: the SDK does not send `app_id`, here "1"': NOT_THERE,
        "header `accept`: application/vnd.github.v3+json in place of application/vnd.github+json": "the client uses an older name of the same media type",
    },
    "list_commits": {
        'query: the SDK does not send `committer`, here "support@github.com"': NOT_THERE,
        'query: the SDK does not send `page`, here "1"': FIRST_PAGE,
    },
    "list_repositories": {
        'query: the SDK does not send `before`, here "2026-02-01T00:00:00Z"': NOT_THERE,
        'query: the SDK does not send `since`, here "2026-01-01T00:00:00Z"': NOT_THERE,
        'query: the SDK does not send `page`, here "1"': FIRST_PAGE,
        "header `accept`: application/vnd.github.nebula-preview+json in place of application/vnd.github+json": PREVIEW,
    },
    "list_reviews": {'query: the SDK does not send `page`, here "1"': FIRST_PAGE},
    "list_webhooks": {'query: the SDK does not send `page`, here "1"': FIRST_PAGE},
    "list_workflow_runs": {'query: the SDK does not send `page`, here "1"': FIRST_PAGE},
    "lock_issue": {
        "header `accept`: application/vnd.github.sailor-v-preview+json in place of application/vnd.github+json": PREVIEW
    },
    "merge_pull_request": {
        f"the SDK does not call GET {HERE}/pulls/1347/merge": LOOKS,
        f"the SDK does not call GET {HERE}/pulls/1347": LOOKS,
    },
    "put_contents": {
        f"the SDK does not call GET {HERE}/contents/notes/hello.txt": LOOKS,
        f"the SDK does not call GET {HERE}/commits": LOOKS,
    },
    "remove_label": {
        f"path: {HERE}/issues/1347/labels/area/ci? in place of {HERE}/issues/1347/labels/area%2Fci?": SLASH,
        f"the SDK does not call GET {HERE}/issues/1347/labels": LOOKS,
    },
    "rerun_workflow_run": {'body: nothing in place of {"enable_debug_logging": true}': NOT_THERE},
    "search_code": {
        "header `accept`: application/vnd.github.v3.text-match+json in place of application/vnd.github.text-match+json": "the client uses an older name of the same media type"
    },
    "update_check_run": {
        "the SDK fails: TypeError (CheckRun.py:272)": "the client cannot read an answer whose `check_suite` is null, which GitHub's description allows"
    },
    "update_issue": {
        "body: the SDK does not send `duplicate_issue_id`, here 35802": NOT_THERE,
        "body: the SDK does not send `type`, here null": NOT_THERE,
        'body `milestone`: "" in place of null': "GitHub's documentation has `null` for no milestone; the client sends an empty text",
    },
    "upload_release_asset": {'query: the SDK sends `label` too, as ""': "the client sends an empty label for none"},
}


def everywhere(_action):
    """What differs in every request."""
    return {
        "header `authorization`: token in place of bearer": "the client sends the token as `token`, the connector as `Bearer`, which is what GitHub's documentation has; GitHub takes both",
        "header `accept`: */* in place of application/vnd.github+json": "the client takes any answer, the connector asks for `application/vnd.github+json`, as GitHub recommends",
    }
