#!/usr/bin/env python3
"""Holds the requests of the connectors' fixtures against those of the services' official SDKs.

For each action that an SDK can do too, the SDK is given the input of each of the action's `success` fixtures and talks to
a local recorder that answers with that fixture. Method, path, query and body must be the same, or the difference is
explained in the SDK's module (`sdk_<connector>.py`).

    python3 -m venv .venv && .venv/bin/pip install -r tests/sdk/requirements.txt
    .venv/bin/python tests/sdk/compare.py                 all connectors
    .venv/bin/python tests/sdk/compare.py slack --write   and write the table into the connector's page

It ends with 1 if anything differs that is not explained.
"""

import argparse
import importlib
import importlib.metadata
import json
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from recorder import Recorder, of_fixture  # noqa: E402

ROOT = pathlib.Path(__file__).parents[2]
CONNECTORS = ["github", "jira", "slack"]
BEGIN, END = "<!-- sdk: written by tests/sdk/compare.py -->", "<!-- /sdk -->"


def fixtures(connector):
    """All fixtures that succeed: (action, case) → fixture."""
    found = {}
    for file in sorted((ROOT / "connectors" / connector / "fixtures" / "actions").glob("*/success*.json")):
        found[(file.parent.name, file.stem)] = json.loads(file.read_text())
    return found


def meaning(call):
    """An object of arguments, wherever they stand; what is text in a form is read as JSON where it is some."""
    arguments = dict(call.query)
    if isinstance(call.body, dict):
        arguments.update(call.body)

    def read(value):
        if isinstance(value, str):
            if value in ("0", "1"):
                return value
            try:
                return json.loads(value)
            except ValueError:
                return value
        if isinstance(value, bool):
            return "1" if value else "0"
        return value

    def flag(value):
        return {"true": True, "false": False, "1": True, "0": False, True: True, False: False}.get(value, value) if not isinstance(value, (dict, list)) else value

    return {name: flag(read(value)) for name, value in arguments.items()}


def differences(sdk, ours, theirs):
    """What is not the same in two requests for the same thing, one line each."""
    if getattr(sdk, "SAME_MEANING", None) == "arguments":
        if ours.path != theirs.path:
            return [f"path {theirs.path} in place of {ours.path}"]
        return differ("arguments", meaning(ours), meaning(theirs))
    found = []
    if ours.method != theirs.method:
        found.append(f"method {theirs.method} in place of {ours.method}")
    if ours.path != theirs.path:
        found.append(f"path {theirs.path} in place of {ours.path}")
    found += differ("query", ours.query, theirs.query)
    found += differ("body", ours.body, theirs.body)
    return found


def differ(where, ours, theirs):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for name in sorted(ours.keys() | theirs.keys()):
            if name not in theirs:
                found.append(f"{where}: the SDK does not send `{name}`")
            elif name not in ours:
                found.append(f"{where}: the SDK sends `{name}` too")
            else:
                found += differ(f"{where} `{name}`", ours[name], theirs[name])
        return found
    return [] if ours == theirs or (not ours and not theirs) else [f"{where}: another value"]


def compare(sdk, action, case, known):
    """The differences of one fixture's request, and the request."""
    fixture = known[(action, case)]
    base = sdk.base(fixture)
    own = [(of_fixture(e["request"], base), e["response"]) for e in fixture["exchanges"]]
    others = [(of_fixture(e["request"], sdk.base(f)), e["response"]) for f in known.values() for e in f["exchanges"]]
    recorder = Recorder(sdk.PREFIX, own + others, getattr(sdk, "ORIGIN", None))
    failed = None
    try:
        client = sdk.client(f"http://127.0.0.1:{recorder.port}", fixture)
        try:
            sdk.CALLS[action](client, json.loads(json.dumps(fixture["input"])))
        except Exception as e:  # the SDK may dislike an answer; what counts is what it sent
            failed = f"{type(e).__name__}: {e}"
    finally:
        recorder.close()
    ours = own[sdk.WHICH.get(action, -1)][0]
    same_target = [c for c in recorder.calls if c.target == ours.target]
    theirs = same_target or [c for c in recorder.calls if c.path == ours.path] or recorder.calls[-1:]
    if not theirs:
        return [f"the SDK sent nothing ({failed})"], ours
    return differences(sdk, ours, theirs[-1]), ours


def judge(connector):
    """Rows (action, cases, request, verdict, remarks) of one connector."""
    sdk = importlib.import_module(f"sdk_{connector}")
    known = fixtures(connector)
    rows = []
    for action in sorted(sdk.CALLS):
        cases = [case for name, case in known if name == action and (action, case) not in sdk.LEFT_OUT]
        explained = dict(sdk.EXPLAINED.get(action, {}))
        wrong, remarks, used, ours = [], [], set(), None
        for case in cases:
            found, ours = compare(sdk, action, case, known)
            for line in found:
                if line in explained:
                    used.add(line)
                else:
                    wrong.append(f"{case}: {line}")
        wrong += [f"explained, but no longer so: {line}" for line in explained if line not in used]
        wrong += [] if cases else ["there is no such fixture"]
        remarks = [f"{line}: {why}" for line, why in explained.items() if line in used]
        verdict = "differs" if wrong else ("same, explained" if remarks else "same")
        request = f"{ours.method} {ours.path}" if ours else ""
        rows.append((action, len(cases), request, verdict, wrong + remarks))
    unknown = [a for a, _ in sdk.LEFT_OUT if a not in sdk.CALLS]
    rows += [(a, 0, "", "differs", ["left out, but never compared"]) for a in unknown]
    return sdk, rows


def table(sdk, rows):
    version = importlib.metadata.version(sdk.PACKAGE)
    lines = [
        f"The requests of these actions were compared with those of {sdk.PACKAGE} {version} ({sdk.WHO}), given the same "
        "input:",
        "",
        "| action | request | fixtures | verdict |",
        "|---|---|---|---|",
    ]
    for action, cases, request, verdict, remarks in rows:
        text = verdict + ("" if not remarks else ": " + "; ".join(remarks))
        lines.append(f"| `{action}` | `{request}` | {cases} | {text} |")
    return "\n".join(lines)


def write(connector, text):
    page = ROOT / "connectors" / connector / "docs.md"
    old = page.read_text()
    section = f"{BEGIN}\n{text}\n{END}"
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)
    if pattern.search(old):
        new = pattern.sub(lambda _: section, old)
    else:
        new = old.rstrip() + f"\n\n## Compared with the official client\n\n{section}\n"
    changed = new != old
    if changed:
        page.write_text(new)
    return changed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("connectors", nargs="*", metavar="connector", help="github, jira, slack; all unless told")
    parser.add_argument("--write", action="store_true", help="write the table into the connector's page")
    parser.add_argument("--check", action="store_true", help="fail if the page's table is not what was found")
    options = parser.parse_args()
    passed = failed = 0
    for connector in options.connectors or CONNECTORS:
        sdk, rows = judge(connector)
        text = table(sdk, rows)
        print(f"{connector}: {sdk.PACKAGE} {importlib.metadata.version(sdk.PACKAGE)}")
        for action, cases, request, verdict, remarks in rows:
            print(f"  {verdict:16} {action:32} {cases} {request}")
            for r in remarks:
                print(f"                   - {r}")
        passed += sum(r[3].startswith("same") for r in rows)
        failed += sum(not r[3].startswith("same") for r in rows)
        if options.write:
            write(connector, text)
        if options.check and text not in (ROOT / "connectors" / connector / "docs.md").read_text():
            print(f"  the table in connectors/{connector}/docs.md is another; run tests/sdk/compare.py {connector} --write")
            failed += 1
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
