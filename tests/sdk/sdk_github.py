"""How PyGithub is asked for what the GitHub connector's actions do."""

import datetime

import github
from github import Auth, Github
from github.GithubObject import NotSet

PACKAGE = "PyGithub"
WHO = "the client that GitHub's documentation lists for Python"
PREFIX = ""
# Where answers point to; the recorder points them to itself, or the client would leave for the network.
ORIGIN = "https://api.github.com"


def base(fixture):
    return fixture.get("values", {}).get("base_url", ORIGIN)


def client(origin, _fixture):
    return Github(base_url=origin, auth=Auth.Token("of-no-account"), retry=None, seconds_between_requests=None,
                  seconds_between_writes=None)


def repo(g, i):
    return g.get_repo(f"{i['owner']}/{i['repo']}", lazy=True)


def issue(g, i):
    return repo(g, i).get_issue(i["issue_number"])


def pull(g, i):
    return repo(g, i).get_pull(i["pull_number"])


def some(i, *names):
    """The arguments among these that are given."""
    return {n: i[n] for n in names if n in i}


def first_page(pages):
    return pages.get_page(0)


CALLS = {
    "create_issue": lambda g, i: repo(g, i).create_issue(**some(i, "title", "body", "labels", "assignees")),
    "get_issue": lambda g, i: issue(g, i),
    "update_issue": lambda g, i: issue(g, i).edit(**some(i, "title", "body", "state", "state_reason", "labels", "assignees")),
    "add_comment": lambda g, i: issue(g, i).create_comment(i["body"]),
    "get_comment": lambda g, i: repo(g, i).get_issue(1347).get_comment(i["comment_id"]),
    "update_comment": lambda g, i: repo(g, i).get_issue(1347).get_comment(i["comment_id"]).edit(i["body"]),
    "delete_comment": lambda g, i: repo(g, i).get_issue(1347).get_comment(i["comment_id"]).delete(),
    "add_labels": lambda g, i: issue(g, i).add_to_labels(*i["labels"]),
    "set_labels": lambda g, i: issue(g, i).set_labels(*i["labels"]),
    "remove_label": lambda g, i: issue(g, i).remove_from_labels(i["name"]),
    "add_assignees": lambda g, i: issue(g, i).add_to_assignees(*i["assignees"]),
    "remove_assignees": lambda g, i: issue(g, i).remove_from_assignees(*i["assignees"]),
    "lock_issue": lambda g, i: issue(g, i).lock(i.get("lock_reason", NotSet)),
    "unlock_issue": lambda g, i: issue(g, i).unlock(),
    "create_pull_request": lambda g, i: repo(g, i).create_pull(**some(i, "title", "body", "head", "base", "draft")),
    "get_pull_request": lambda g, i: pull(g, i),
    "update_pull_request": lambda g, i: pull(g, i).edit(**some(i, "title", "body", "state", "base")),
    "merge_pull_request": lambda g, i: pull(g, i).merge(**some(i, "commit_message", "commit_title", "merge_method", "sha")),
    "request_reviewers": lambda g, i: pull(g, i).create_review_request(**some(i, "reviewers", "team_reviewers")),
    "get_contents": lambda g, i: repo(g, i).get_contents(i["path"], **some(i, "ref")),
    "create_commit_status": lambda g, i: repo(g, i).get_commit(i["sha"]).create_status(**some(i, "state", "target_url", "description", "context")),
    "create_release": lambda g, i: repo(g, i).create_git_release(i["tag_name"], **some(i, "name", "draft", "prerelease"), message=i.get("body", NotSet)),
    "get_latest_release": lambda g, i: repo(g, i).get_latest_release(),
    "create_repository_dispatch": lambda g, i: repo(g, i).create_repository_dispatch(i["event_type"], i.get("client_payload", NotSet)),
    "get_repository": lambda g, i: g.get_repo(f"{i['owner']}/{i['repo']}"),
    "get_user": lambda g, i: g.get_user(i["username"]),
    "list_webhooks": lambda g, i: first_page(repo(g, i).get_hooks()),
    "get_rate_limit": lambda g, i: g.get_rate_limit(),
}

# Which exchange of a fixture is compared, where it is not the last.
WHICH = {}

# Fixtures that show something an SDK has no part in.
LEFT_OUT = {}

# What differs, and why it means the same to GitHub.
EXPLAINED = {}
