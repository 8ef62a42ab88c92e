"""How slack_sdk is asked for what the Slack connector's actions do."""

from base64 import b64decode

from slack_sdk import WebClient, WebhookClient
from slack_sdk.errors import SlackApiError

PACKAGE = "slack_sdk"
WHO = "It is Slack's own client for Python."
# Slack takes arguments as JSON, as a form or in the query, and most methods by GET or by POST.
ARGUMENTS_ANYWHERE = True
HEADERS = ("authorization",)
COMPARED = "Slack takes arguments in a query, a form or JSON, so they are compared by their meaning; of the headers, how the token is sent."
# Addresses in answers that the recorder leads back to itself.
ORIGINS = ["https://slack.com", "https://files.slack.com"]
REFUSED = SlackApiError


def base(fixture):
    return fixture.get("values", {}).get("base_url", "https://slack.com/api")


def client(address, _fixture):
    return WebClient(token="xoxb-of-no-account", base_url=f"{address}/")


def plain(method):
    """An action whose input is the method's own arguments."""
    return lambda sdk, i: getattr(sdk, method)(**i)


def files_upload(sdk, i):
    content = i["file"]["text"] if "text" in i["file"] else b64decode(i["file"]["base64"])
    of = {n: i[n] for n in ("filename", "title", "alt_txt", "snippet_type", "initial_comment", "thread_ts") if n in i}
    sdk.files_upload_v2(content=content, channel=i.get("channel_id"), **of)


def incoming_webhook_post(sdk, i):
    # The fixtures know the address of a webhook by the name of the secret alone.
    address = sdk.base_url.removesuffix("/api/")
    WebhookClient(f"{address}/%7B%7Bsecret.incoming_webhook_url%7D%7D").send_dict(i)


CALLS = {
    "auth_test": lambda sdk, i: sdk.auth_test(),
    "chat_delete": plain("chat_delete"),
    "chat_get_permalink": plain("chat_getPermalink"),
    "chat_post_ephemeral": plain("chat_postEphemeral"),
    "chat_post_message": plain("chat_postMessage"),
    "chat_schedule_message": plain("chat_scheduleMessage"),
    "chat_update": plain("chat_update"),
    "conversations_create": plain("conversations_create"),
    "conversations_history": plain("conversations_history"),
    "conversations_invite": plain("conversations_invite"),
    "conversations_join": plain("conversations_join"),
    "conversations_list": plain("conversations_list"),
    "conversations_open": plain("conversations_open"),
    "conversations_replies": plain("conversations_replies"),
    "files_upload": files_upload,
    "incoming_webhook_post": incoming_webhook_post,
    "reactions_add": plain("reactions_add"),
    "reactions_remove": plain("reactions_remove"),
    "users_info": plain("users_info"),
    "users_list": plain("users_list"),
    "users_lookup_by_email": plain("users_lookupByEmail"),
}

# Actions that the SDK has nothing for.
ABSENT = {}

# Fixtures that show something an SDK has no part in.
LEFT_OUT = {
    ("chat_post_message", "success__default_channel"): "the default comes from the connection, which the client does not know",
}

# What differs, and why it means the same to Slack.
EXPLAINED = {
    "users_list": {
        'arguments: the SDK does not send `limit`, here "200"': "without a limit Slack refuses the whole list in large workspaces "
        "(`limit_required`), so the action sends one",
    },
}


def everywhere(_action):
    """What differs in every request."""
    return {}
