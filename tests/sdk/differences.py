"""What is not the same in two requests for the same thing.

What lives here: the comparison of two requests, strict in types and without any knowledge of a service. What must not:
reasons why a difference is right, which stand in `sdk_<connector>.py`.
"""

import hashlib
import json

from recorder import NOTHING, Text

# How a header is read before it is compared: its value in a form that leaves out what may differ freely.
READ = {
    "accept": lambda v: v.split(",")[0].split(";")[0].strip().lower(),
    "authorization": lambda v: v.split(" ")[0].lower(),
}


def differences(ours, theirs, headers=(), arguments_of=None):
    """One line for each difference. `arguments_of`: the input, where the service takes arguments in any place and form."""
    found = []
    if ours.method != theirs.method and arguments_of is None:
        found.append(f"method: {theirs.method} in place of {ours.method}")
    if ours.path != theirs.path:
        found.append(f"path: {theirs.path} in place of {ours.path}")
    for name in headers:
        found += header(name, ours.headers.get(name), theirs.headers.get(name))
    if arguments_of is not None:
        return found + arguments(ours, theirs, arguments_of)
    if ours.media != theirs.media and ours.body is not NOTHING and theirs.body is not NOTHING:
        found.append(f"content type: {theirs.media or 'none'} in place of {ours.media or 'none'}")
    found += differ("query", ours.query, theirs.query)
    return found + differ("body", ours.body, theirs.body)


def header(name, ours, theirs):
    read = READ.get(name, str)
    if ours is None and theirs is None:
        return []
    if theirs is None:
        return [f"header: the SDK does not send `{name}`, here {read(ours)}"]
    if ours is None:
        return [f"header: the SDK sends `{name}` too"]
    return [] if read(ours) == read(theirs) else [f"header `{name}`: {read(theirs)} in place of {read(ours)}"]


def differ(where, ours, theirs):
    """Where two values are not the same; `1`, `true` and `"1"` are three values, and so are `null`, `{}` and nothing."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in theirs:
                found.append(f"{where}: the SDK does not send `{name}`, here {short(ours[name])}")
            elif name not in ours:
                found.append(f"{where}: the SDK sends `{name}` too, as {short(theirs[name])}")
            else:
                found += differ(f"{where} `{name}`", ours[name], theirs[name])
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [line for n, (o, t) in enumerate(zip(ours, theirs, strict=True)) for line in differ(f"{where} [{n}]", o, t)]
    if type(ours) is type(theirs) and ours == theirs:
        return []
    return [f"{where}: {short(theirs)} in place of {short(ours)}"]


def arguments(ours, theirs, given):
    """The same for requests whose arguments may stand in the query, in a form or in JSON."""
    # A file is bytes, whatever its media type says.
    if isinstance(ours.body, bytes):
        return differ("query", ours.query, theirs.query) + differ("body", ours.body, theirs.raw)
    found = []
    ours, theirs = all_arguments(ours), all_arguments(theirs)
    for name in sorted(ours.keys() | theirs.keys()):
        if name not in theirs:
            found.append(f"arguments: the SDK does not send `{name}`, here {short(ours[name])}")
        elif name not in ours:
            found.append(f"arguments: the SDK sends `{name}` too, as {short(theirs[name])}")
        elif not same_argument(ours[name], theirs[name], isinstance(given.get(name), bool)):
            found.append(f"arguments `{name}`: {short(theirs[name])} in place of {short(ours[name])}")
    return found


def all_arguments(call):
    return {**call.query, **(call.body if isinstance(call.body, dict) else {})}


def same_argument(ours, theirs, flag):
    """JSON's values are compared as such; a text of a form with what that value would be in a form."""
    if not isinstance(ours, Text) and not isinstance(theirs, Text):
        return not differ("", ours, theirs)
    flag = flag or isinstance(ours, bool) or isinstance(theirs, bool)
    ours, theirs = as_text(ours, flag), as_text(theirs, flag)
    if ours[:1] in "[{" and theirs[:1] in "[{":
        try:
            return not differ("", json.loads(ours), json.loads(theirs))
        except ValueError:
            pass
    return ours == theirs


def as_text(value, flag):
    text = str(value) if isinstance(value, str) else json.dumps(value)
    return {"1": "true", "0": "false"}.get(text, text) if flag else text


def short(value):
    """A value for a line of text: whole, since it is explained as it stands; of what is very long, the beginning and a sum."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:
        text = repr(value)
    return text if len(text) <= 120 else f"{text[:100]}… ({hashlib.sha256(text.encode()).hexdigest()[:8]})"
