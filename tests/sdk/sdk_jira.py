"""How the package `jira` is asked for what the Jira connector's actions do.

Texts: the package sends what it is given, a document for Cloud and wiki markup for Data Center. So that the comparison says
something about them, they are made here from the input, for as much of Markdown as the fixtures use; never taken from the
fixture's own request.
"""

import re
from base64 import b64decode
from datetime import datetime
from io import BytesIO

from jira import JIRA, JIRAError

PACKAGE = "jira"
WHO = "It is a client for Python by its users (pycontribs), not by Atlassian."
HEADERS = ("authorization", "accept", "x-atlassian-token")
COMPARED = "Compared are method, path, query, body, its media type, and the headers `authorization` (its scheme), `accept` and `x-atlassian-token`."
# Addresses in answers that the recorder leads back to itself; one of Atlassian's examples has a context path, which no site
# of Cloud has.
ORIGINS = [
    "https://your-domain.atlassian.net/jira",
    "https://example.atlassian.net",
    "https://your-domain.atlassian.net",
    "https://jira.example.com",
]
REFUSED = JIRAError

# Which fields have these names, and their form, is a setting of the connection; here as the fixtures have it.
FIELDS = {"story_points": "customfield_10016", "team": "customfield_10001", "due_date": "duedate"}
EXPAND = {"rendered_fields": "renderedFields"}


def values(fixture):
    return fixture.get("values", {})


def base(fixture):
    return values(fixture).get("site", "https://example.atlassian.net")


def is_data_center(fixture):
    return values(fixture).get("deployment") == "data_center"


def client(address, fixture):
    version = {"rest_api_version": "2" if is_data_center(fixture) else "3"}
    token = "email" in values(fixture)  # as `null`: without an address there is a token only
    auth = {"token_auth": "of-no-account"} if token else {"basic_auth": ("mia@example.com", "of-no-account")}
    return JIRA(server=address, options=version, max_retries=0, logging=False, **auth)


def beside(fixture, call):
    """What the package reads by itself, and no action does."""
    if call.method != "GET":
        return None
    if call.path.endswith("/serverInfo"):
        data_center = is_data_center(fixture)
        return {"versionNumbers": [10, 3, 0], "deploymentType": "Server" if data_center else "Cloud"}
    if call.path.endswith("/field"):
        return []
    if call.path.endswith("/user/search"):
        name = call.query.get("query") or call.query.get("username")
        return [{"accountId": name, "name": name, "self": f"{base(fixture)}{call.path}"}]
    if call.path.endswith("/transitions"):
        return {"transitions": fixture["exchanges"][0]["response"]["json"]["transitions"]}
    # An object that is loaded before it is changed, or again after.
    one = re.search(r"/(issue|comment|worklog|version|attachment)/([^/]+)$", call.path)
    return one and {"self": f"{base(fixture)}{call.path}", "id": one[2], "key": one[2], "fields": {}}


def some(i, **names):
    """The arguments among these that are given, by the package's names."""
    return {theirs: i[ours] for theirs, ours in names.items() if ours in i}


def inline(text, markdown):
    nodes = []
    for n, part in enumerate(re.split(r"\*\*(.+?)\*\*", text) if markdown else [text]):
        for k, line in enumerate(part.split("\n")):
            nodes += [{"type": "hardBreak"}] if k else []
            marks = {"marks": [{"type": "strong"}]} if n % 2 else {}
            nodes += [{"type": "text", "text": line} | marks] if line else []
    return nodes


def document(text, markdown):
    """A text as Cloud takes it: paragraphs, lists and strong words."""
    blocks = []
    for block in text.split("\n\n"):
        if markdown and block.startswith("- "):
            items = [{"type": "paragraph", "content": inline(line[2:], True)} for line in block.split("\n")]
            blocks.append({"type": "bulletList", "content": [{"type": "listItem", "content": [p]} for p in items]})
        else:
            blocks.append({"type": "paragraph", "content": inline(block, markdown)})
    return {"type": "doc", "version": 1, "content": blocks}


def text(j, i, value):
    markdown = i.get("format", "markdown") == "markdown"
    if j._is_cloud:
        return document(value, markdown) if value else None
    return re.sub(r"\*\*(.+?)\*\*|\*(.+?)\*", lambda m: f"*{m[1]}*" if m[1] else f"_{m[2]}_", value) if markdown else value


def user(j, name):
    return None if name in (None, "unassigned") else {"accountId" if j._is_cloud else "name": name}


def form(j, i, name, value):
    """A field as Jira takes it."""
    if name in ("assignee", "reporter"):
        return user(j, value)
    if name in ("description", "environment"):
        return text(j, i, value)
    if name == "team":
        return value and {"value": value}
    return [{"name": v} for v in value] if name == "components" else value


def fields(j, i):
    """All fields of an input, by their ids."""
    found = {n: form(j, i, n, i[n]) for n in ("summary", "description", "labels", "assignee") if n in i}
    found |= {
        n: {"name": i[o]}
        for n, o in (("issuetype", "issue_type"), ("priority", "priority"), ("resolution", "resolution"))
        if o in i
    }
    found |= {"parent": {"key": i["parent_key"]}} if "parent_key" in i else {}
    return found | {FIELDS.get(n, n): form(j, i, n, v) for n, v in i.get("fields", {}).items()}


def create_issue(j, i):
    of = {"project": {"key": i["project_key"]}, "issuetype": {"name": "Task"}}
    j.create_issue(fields=of | fields(j, i), prefetch=False)


def update_issue(j, i):
    changes = [{"add": n} for n in i.get("add_labels", [])] + [{"remove": n} for n in i.get("remove_labels", [])]
    j.issue(i["issue_key"]).update(
        fields=fields(j, i), update={"labels": changes} if changes else {}, notify=i.get("notify_users", True)
    )


def labels(verb):
    return lambda j, i: j.issue(i["issue_key"]).update(update={"labels": [{verb: n} for n in i["labels"]]})


def transition_issue(j, i):
    comment = {"comment": text(j, i, i["comment"])} if "comment" in i else {}
    j.transition_issue(i["issue_key"], i.get("id") or i["name"].strip(), fields=fields(j, i), **comment)


def comment(j, i):
    return j.comment(i["issue_key"], i["comment_id"])


def worklog(j, i):
    return j.worklog(i["issue_key"], i["worklog_id"])


def add_worklog(j, i):
    started = {"started": datetime.fromisoformat(i["started"])} if "started" in i else {}
    comment = {"comment": text(j, i, i["comment"])} if "comment" in i else {}
    j.add_worklog(
        i["issue_key"],
        **started,
        **comment,
        **some(
            i,
            timeSpent="time_spent",
            timeSpentSeconds="time_spent_seconds",
            adjustEstimate="adjust_estimate",
            newEstimate="new_estimate",
            reduceBy="reduce_by",
        ),
    )


def update_worklog(j, i):
    comment = {"comment": text(j, i, i["comment"])} if "comment" in i else {}
    worklog(j, i).update(fields=some(i, timeSpent="time_spent", timeSpentSeconds="time_spent_seconds", started="started") | comment)


def add_attachment(j, i):
    content = i["file"]["text"].encode() if "text" in i["file"] else b64decode(i["file"]["base64"])
    j.add_attachment(i["issue_key"], BytesIO(content), i["filename"])


def asked_for(i):
    """The fields and expansions that are asked for, by their ids."""
    found = {"fields": [FIELDS.get(n, n) for n in i["fields"]]} if "fields" in i else {}
    return found | ({"expand": ",".join(EXPAND.get(n, n) for n in i["expand"])} if "expand" in i else {})


def get_issue(j, i):
    asked = asked_for(i)
    j.issue(i["issue_key"], **asked | ({"fields": ",".join(asked["fields"])} if "fields" in asked else {}))


def search_issues(j, i):
    of = asked_for(i) | some(i, maxResults="max_results")
    if j._is_cloud:
        j.enhanced_search_issues(
            i["jql"], use_post=True, **of, **some(i, nextPageToken="next_page_token", reconcileIssues="reconcile_issues")
        )
    else:
        j.search_issues(i["jql"], startAt=int(i.get("next_page_token", 0)), use_post=True, **of)


def count_issues(j, i):
    if j._is_cloud:
        j.approximate_issue_count(i["jql"])
    else:
        j.search_issues(i["jql"], maxResults=0, fields=["key"], json_result=True, use_post=True)


def list_transitions(j, i):
    j.transitions(i["issue_key"], **({"expand": "transitions.fields"} if i.get("with_fields") else {}))


def list_comments(j, i):
    order = {"order_by": {"newest_first": "-created", "oldest_first": "created"}[i["order_by"]]} if "order_by" in i else {}
    j.comments(i["issue_key"], **order, **some(i, start_at="start_at", max_results="max_results"))


def update_version(j, i):
    to = {"moveUnfixedIssuesTo": j.version(i["move_unfixed_issues_to"]).self} if "move_unfixed_issues_to" in i else {}
    given = some(
        i,
        name="name",
        description="description",
        released="released",
        startDate="start_date",
        releaseDate="release_date",
    )
    j.version(i["version_id"]).update(**given, **to)


def get_create_metadata(j, i):
    types = j.createmeta_issuetypes(i["project_key"], maxResults=200)["values"]
    if "issue_type" in i:
        wanted = [t["id"] for t in types if i["issue_type"].lower() in (t["id"], t["name"].lower())]
        j.createmeta_fieldtypes(i["project_key"], wanted[0], maxResults=200)


def paged(i):
    return some(i, startAt="start_at", maxResults="max_results")


def list_boards(j, i):
    j.boards(**paged(i), **some(i, projectKeyOrID="project_key", name="name", type="type"))


def list_sprints(j, i):
    state = {"state": ",".join(i["state"])} if "state" in i else {}
    j.sprints(i["board_id"], **state, **paged(i))


def find_assignable_users(j, i):
    words = {("query" if j._is_cloud else "username"): i["query"]} if "query" in i else {}
    j.search_assignable_users_for_issues(**words, **some(i, issueKey="issue_key"), **paged(i))


def search_users(j, i):
    words = {"query" if j._is_cloud else "user": i["query"]}
    j.search_users(**words, **paged(i))


CALLS = {
    "add_attachment": add_attachment,
    "add_comment": lambda j, i: j.add_comment(i["issue_key"], text(j, i, i["body"]), **some(i, visibility="visibility")),
    "add_labels": labels("add"),
    "add_watcher": lambda j, i: j.add_watcher(i["issue_key"], i["user"]),
    "add_worklog": add_worklog,
    "assign_issue": lambda j, i: j.assign_issue(
        i["issue_key"], {"automatic": "-1", "unassigned": None}.get(i["assignee"], i["assignee"])
    ),
    "count_issues": count_issues,
    "create_issue": create_issue,
    "create_version": lambda j, i: j.create_version(
        i["name"], i["project_key"], **some(i, description="description", releaseDate="release_date", startDate="start_date")
    ),
    "delete_attachment": lambda j, i: j.delete_attachment(i["attachment_id"]),
    "delete_comment": lambda j, i: comment(j, i).delete(),
    "delete_issue": lambda j, i: j.issue(i["issue_key"]).delete(**some(i, deleteSubtasks="delete_subtasks")),
    "delete_issue_link": lambda j, i: j.delete_issue_link(i["link_id"]),
    "delete_worklog": lambda j, i: worklog(j, i).delete(
        **some(i, adjustEstimate="adjust_estimate", newEstimate="new_estimate", increaseBy="increase_by")
    ),
    "download_attachment": lambda j, i: j.attachment(i["attachment_id"]).get(),
    "find_assignable_users": find_assignable_users,
    "get_attachment": lambda j, i: j.attachment(i["attachment_id"]),
    "get_comment": comment,
    "get_create_metadata": get_create_metadata,
    "get_issue": get_issue,
    "get_project": lambda j, i: j.project(i["project_key"]),
    "get_sprint": lambda j, i: j.sprint(i["sprint_id"]),
    # The package calls the issue to link from the inward one.
    "link_issues": lambda j, i: j.create_issue_link(i["link_type"], i["from_issue_key"], i["to_issue_key"]),
    "list_boards": list_boards,
    "list_comments": list_comments,
    "list_fields": lambda j, i: j.fields(),
    "list_issue_link_types": lambda j, i: j.issue_link_types(),
    "list_sprints": list_sprints,
    "list_transitions": list_transitions,
    "list_watchers": lambda j, i: j.watchers(i["issue_key"]),
    "list_worklogs": lambda j, i: j.worklogs(i["issue_key"]),
    "remove_labels": labels("remove"),
    "remove_watcher": lambda j, i: j.remove_watcher(i["issue_key"], i["user"]),
    "search_issues": search_issues,
    "search_users": search_users,
    "transition_issue": transition_issue,
    "update_comment": lambda j, i: comment(j, i).update(
        body=text(j, i, i["body"]), notify=i.get("notify_users", True), **some(i, visibility="visibility")
    ),
    "update_issue": update_issue,
    "update_version": update_version,
    "update_worklog": update_worklog,
}

NO_WEBHOOKS = "the client has nothing for webhooks"
# Actions that the package has nothing for.
ABSENT = {
    "create_admin_webhook": NO_WEBHOOKS,
    "delete_admin_webhook": NO_WEBHOOKS,
    "delete_webhook": NO_WEBHOOKS,
    "list_admin_webhooks": NO_WEBHOOKS,
    "list_webhooks": NO_WEBHOOKS,
    "refresh_webhook": NO_WEBHOOKS,
    "register_webhook": NO_WEBHOOKS,
    "list_labels": "the client does not list labels",
    "list_projects": "the client asks for all projects at once, under another address",
    "list_sprint_issues": "the client finds the issues of a sprint by JQL alone",
    "list_versions": "the client asks for all versions at once, under another address",
}

NOT_CLOUD = "the client asks a Data Center alone for this"

# Fixtures that show something the package has no part in.
LEFT_OUT = {
    ("find_assignable_users", "success__by_id"): "the client names an issue by its key alone",
    ("find_assignable_users", "success__default_project"): "the project comes from the connection",
    ("get_create_metadata", "success"): NOT_CLOUD,
    ("get_create_metadata", "success__fields"): NOT_CLOUD,
    ("get_create_metadata", "success__pages"): NOT_CLOUD,
    ("add_watcher", "success__oneself"): "the client demands a user",
    ("create_issue", "success__link"): "the comparison makes no links of texts",
    ("create_issue", "success__default_project"): "the project comes from the connection",
    (
        "transition_issue",
        "success",
    ): "the client finds a transition by its own name, the action by the name of the status it leads to, too",
    ("transition_issue", "success__there_already"): "the action sees that the issue is there already and moves nothing",
}

EMPTY = "the client sends empty objects, which change nothing"
NO_TYPE = "the client has no argument for the file's type"
LATEST = "the client asks the newest version of the API here, `latest`; the body is the same"
INSTANT = "the client sends a time in its zone, the action in UTC; it is the same instant"
DEFAULT = "the client sends Jira's default"
NOT_THERE = "the client has no argument for a part of the input"
ITS_FIELDS = "unless told, the action asks for the fields that its output has a name for, and the client for all"
TELLS = "the action tells what it wants where the client leaves it to Jira's default"
PYTHON = "the client writes a truth value as Python does; Jira's documentation has small letters"
NULL = "the client sends `null` or nothing in a list for what is not given"
ITS_PAGE = "the client asks for its own size of a page, the action for what it is told"
PROJECT = "Cloud calls `project` deprecated and demands `projectId`, which the action reads first"

# What differs, and why it means the same to Jira.
EXPLAINED = {
    "add_attachment": {'body [0] `type`: "application/octet-stream" in place of "text/csv"': NO_TYPE},
    "add_labels": {"body: the SDK sends `fields` too, as {}": EMPTY},
    "remove_labels": {"body: the SDK sends `fields` too, as {}": EMPTY},
    "update_issue": {"body: the SDK sends `update` too, as {}": EMPTY},
    "add_worklog": {
        'body `started`: "2021-01-17T13:34:00.000+0100" in place of "2021-01-17T12:34:00.000+0000"': INSTANT,
        'body: the SDK does not send `started`, here "2026-01-01T00:00:00.000+0000"': TELLS,
    },
    "assign_issue": {
        "path: /rest/api/latest/issue/ENG-24/assignee in place of /rest/api/3/issue/ENG-24/assignee": LATEST,
        "path: /rest/api/latest/issue/ENG-24/assignee in place of /rest/api/2/issue/ENG-24/assignee": LATEST,
    },
    "count_issues": {
        "body: the SDK sends `expand` too, as null": NULL,
        "body: the SDK sends `validateQuery` too, as true": DEFAULT,
    },
    "create_version": {
        "the SDK does not call GET /rest/api/3/project/PXA": PROJECT,
        'body: the SDK sends `project` too, as "PXA"': PROJECT,
        'body: the SDK sends `project` too, as "10000"': PROJECT,
        "body: the SDK does not send `projectId`, here 10000": PROJECT,
        "body: the SDK sends `archived` too, as false": DEFAULT,
        "body: the SDK sends `released` too, as false": DEFAULT,
    },
    "delete_issue": {
        'query `deleteSubtasks`: "False" in place of "false"': PYTHON,
        'query `deleteSubtasks`: "True" in place of "true"': PYTHON,
    },
    "download_attachment": {
        'query: the SDK does not send `redirect`, here "false"': "the client follows the redirect to Atlassian's media host; the action asks for none",
        "the SDK does not call GET /secure/attachment/10000/report 1?.csv": "the client takes the address in which Jira writes a space as `+`; the action makes it from the name, with `%20`",
    },
    "get_issue": {
        'query: the SDK does not send `fields`, here "summary,status,issuetype,priority,resolution,labels,assignee,reporter,project,parent,created,update… (1c5fad2a)': ITS_FIELDS
    },
    "link_issues": {
        "body: the SDK sends `comment` too, as null": NULL,
        'body `inwardIssue`: the SDK does not send `id`, here "10002"': "the client sends every issue as a key; an id is one only under `id`",
        'body `inwardIssue`: the SDK sends `key` too, as "10002"': "the client sends every issue as a key; an id is one only under `id`",
    },
    "find_assignable_users": {'query: the SDK does not send `startAt`, here "0"': TELLS},
    "list_boards": {'query: the SDK sends `maxResults` too, as "50"': ITS_PAGE},
    "list_sprints": {'query: the SDK sends `maxResults` too, as "50"': ITS_PAGE},
    "search_users": {
        'query: the SDK does not send `startAt`, here "0"': TELLS,
        'query: the SDK sends `includeActive` too, as "True"': DEFAULT,
        'query: the SDK sends `includeInactive` too, as "False"': DEFAULT,
    },
    "list_comments": {
        'query: the SDK does not send `maxResults`, here "50"': TELLS,
        'query: the SDK does not send `orderBy`, here "created"': TELLS,
        'query: the SDK does not send `startAt`, here "0"': TELLS,
    },
    "list_transitions": {'query: the SDK does not send `includeUnavailableTransitions`, here "true"': NOT_THERE},
    "list_worklogs": {
        'query: the SDK does not send `maxResults`, here "1"': NOT_THERE,
        'query: the SDK does not send `startAt`, here "1"': NOT_THERE,
        'query: the SDK does not send `startedAfter`, here "1609459200000"': NOT_THERE,
        'query: the SDK does not send `startedBefore`, here "1612134000000"': NOT_THERE,
    },
    "search_issues": {
        "body: the SDK sends `expand` too, as null": NULL,
        "body: the SDK sends `properties` too, as null": NULL,
        "body: the SDK sends `reconcileIssues` too, as []": NULL,
        "body: the SDK sends `validateQuery` too, as true": DEFAULT,
        'body `expand`: "changelog" in place of ["changelog"]': "Data Center's documentation has a list here and Cloud's a text; the client sends a text always",
        'body `fields`: ["*all"] in place of ["summary", "status", "issuetype", "priority", "resolution", "labels", "assignee", "reporter", "proj… (2fa0588d)': ITS_FIELDS,
    },
    "transition_issue": {
        "the SDK does not call GET /rest/api/3/issue/ENG-24": "the action looks first where the issue is",
        "the SDK does not call GET /rest/api/2/issue/ENG-24": "the action looks first where the issue is",
        "body: the SDK sends `fields` too, as {}": EMPTY,
        'body `transition` `id`: 21 in place of "21"': "Jira's documentation has the id as a text, which the action sends; the client makes a number of it",
    },
    "update_worklog": {
        'query: the SDK does not send `adjustEstimate`, here "new"': NOT_THERE,
        'query: the SDK does not send `newEstimate`, here "2d"': NOT_THERE,
    },
}


def everywhere(action):
    """What differs in every request."""
    more = {
        "header: the SDK sends `x-atlassian-token` too": "the client sends `x-atlassian-token`, which Jira demands of uploads, and the connector sends it with those"
    }
    return {} if action == "add_attachment" else more
