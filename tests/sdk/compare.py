#!/usr/bin/env python3
"""Holds the requests of the connectors' fixtures against those of the services' clients for Python.

For each action that a client (SDK) can do too, the SDK is given the input of each of the action's `success` fixtures and
talks to a local recorder that answers with that fixture. Method, path, query, body, its media type and the headers that the
service's contract needs must be the same, or the difference is explained in the SDK's module (`sdk_<connector>.py`).

    python3 -m venv <somewhere> && <somewhere>/bin/pip install -r tests/sdk/requirements.txt
    <somewhere>/bin/python tests/sdk/compare.py                 all connectors
    <somewhere>/bin/python tests/sdk/compare.py slack --write   and write the table into the connector's page

It ends with 1 if anything differs that is not explained, if an explanation explains nothing, and if an action is neither
compared nor said to have no counterpart. Nothing leaves this machine.
"""

import argparse
import copy
import importlib
import json
import pathlib
import sys
import traceback
import warnings
from dataclasses import dataclass, field

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import at_home  # noqa: E402

at_home.stay()

import page  # noqa: E402
from differences import differences  # noqa: E402
from recorder import Recorder, by_path, by_target, of_fixture, origin_of  # noqa: E402

ROOT = pathlib.Path(__file__).parents[2]
CONNECTORS = ["github", "jira", "slack"]
# The words of an SDK's failure; they differ between versions of Python, and so are no part of the finding.
DETAILS = {}


@dataclass
class Row:
    """What was found about one action."""

    action: str
    request: str = ""
    compared: int = 0
    fixtures: int = 0
    wrong: list = field(default_factory=list)
    reasons: list = field(default_factory=list)
    # Differences of this action that are in every request.
    common: set = field(default_factory=set)
    # (ours, theirs, input) of all requests that were held against each other.
    pairs: list = field(default_factory=list)


def fixtures(connector):
    """All fixtures that succeed: (action, case) → fixture."""
    found = {}
    for file in sorted((ROOT / "connectors" / connector / "fixtures" / "actions").glob("*/success*.json")):
        found[(file.parent.name, file.stem)] = json.loads(file.read_text())
    return found


def actions(connector):
    """The names of all actions of a connector."""
    files = (ROOT / "connectors" / connector / "src" / "actions").glob("*.rs")
    return sorted(f.stem for f in files if f.stem != "mod")


def key_of(sdk):
    return by_path if getattr(sdk, "ARGUMENTS_ANYWHERE", False) else by_target


def record(sdk, action, case, known):
    """The fixture's requests, those of the SDK, and what is wrong about how the SDK ended."""
    fixture = copy.deepcopy(known[(action, case)])
    base = sdk.base(fixture)
    own = [(of_fixture(e["request"], base), e["response"]) for e in fixture["exchanges"]]
    others = [(of_fixture(e["request"], sdk.base(f)), e["response"]) for f in known.values() for e in f["exchanges"]]
    origins = sorted({origin_of(base), *sdk.ORIGINS}, key=len, reverse=True)
    beside = getattr(sdk, "beside", lambda fixture, call: None)
    recorder = Recorder(base, own, others, lambda call: beside(fixture, call), origins, key_of(sdk))
    wrong = []
    at_home.WANTED.clear()
    try:
        sdk.CALLS[action](sdk.client(recorder.address, fixture), fixture["input"])
    except sdk.REFUSED:
        pass  # the fixture's own refusal, which the action takes for what it is; or a request that shows as a difference
    except Exception as e:
        place = traceback.extract_tb(e.__traceback__)[-1]
        wrong.append(f"the SDK fails: {type(e).__name__} ({pathlib.Path(place.filename).name}:{place.lineno})")
        DETAILS[wrong[-1]] = str(e)
    finally:
        recorder.close()
    wrong += [f"the SDK wants to reach {host}" for host in sorted(set(map(str, at_home.WANTED)))]
    return [call for call, _ in own], recorder.calls, wrong, fixture["input"]


def match(ours, calls, key):
    """Pairs of requests for the same thing, and a line for each that has no other half.

    What the SDK reads beside that is left out: it loads an object before it changes it, or again after.
    """
    found, lines, left = [], [], list(calls)
    alone = []
    for request in ours:
        same = [c for c in left if key(c) == key(request)]
        if not same:
            alone.append(request)
            continue
        best = min(same, key=lambda c: len(differences(request, c)))
        left.remove(best)
        found.append((request, best))
    for request in alone:
        # The same thing under another address or by another method, for what changes something or is all there is.
        near = [c for c in left if c.path == request.path and c.writes == request.writes]
        if not near and (request.writes or len(ours) == 1):
            near = [c for c in left if c.method == request.method]
        if near:
            left.remove(near[-1])
            found.append((request, near[-1]))
        else:
            lines.append(f"the SDK does not call {request.method} {request.path}")
    lines += [f"the SDK calls {c.method} {c.path} too" for c in left if c.writes]
    return found, lines


def compare(sdk, action, case, known):
    """All differences of one fixture, and the pairs of requests that were compared."""
    ours, calls, lines, given = record(sdk, action, case, known)
    pairs, alone = match(ours, calls, key_of(sdk))
    lines += alone
    given = given if getattr(sdk, "ARGUMENTS_ANYWHERE", False) else None
    for request, call in pairs:
        lines += differences(request, call, sdk.HEADERS, given)
    if not pairs:
        lines.append("no request was compared")
    return lines, [(request, call, given) for request, call in pairs]


def judge_action(sdk, action, known):
    row = Row(action)
    explained, everywhere = sdk.EXPLAINED.get(action, {}), sdk.everywhere(action)
    used = set()
    for name, case in known:
        if name != action:
            continue
        row.fixtures += 1
        if (action, case) in sdk.LEFT_OUT:
            row.reasons.append(f"Left out: {sdk.LEFT_OUT[(action, case)]}")
            continue
        lines, pairs = compare(sdk, action, case, known)
        row.compared += 1
        row.pairs += pairs
        row.request = row.request or (f"{pairs[-1][0].method} {pairs[-1][0].path}" if pairs else "")
        for line in lines:
            if line in explained:
                used.add(line)
                row.reasons.append(explained[line])
            elif line in everywhere:
                row.common.add(line)
            else:
                row.wrong.append(f"{case}: {line}" + (f": {DETAILS[line]}" if line in DETAILS else ""))
    row.wrong += [f"explained, but not so: {line}" for line in explained if line not in used]
    row.wrong += [] if row.compared else ["no fixture was compared"]
    row.reasons = list(dict.fromkeys(row.reasons))
    return row


def judge(connector):
    """The SDK's module and a row for each of its actions; and what is wrong with the module itself."""
    sdk = importlib.import_module(f"sdk_{connector}")
    known, names = fixtures(connector), actions(connector)
    rows = [judge_action(sdk, action, known) for action in sorted(sdk.CALLS)]
    wrong = [
        f"{a}: neither in CALLS nor in ABSENT of tests/sdk/sdk_{connector}.py"
        for a in names
        if a not in sdk.CALLS and a not in sdk.ABSENT
    ]
    wrong += [f"{a}: there is no such action" for a in [*sdk.CALLS, *sdk.ABSENT] if a not in names]
    wrong += [f"{a}: in CALLS and in ABSENT" for a in sdk.CALLS if a in sdk.ABSENT]
    wrong += [f"{a} {case}: left out, but there is no such fixture" for a, case in sdk.LEFT_OUT if (a, case) not in known]
    wrong += [f"{a}: explained, but never compared" for a in sdk.EXPLAINED if a not in sdk.CALLS]
    seen = set().union(*(r.common for r in rows))
    wrong += [f"explained for every request, but in none: {line}" for line in sdk.everywhere(None) if line not in seen]
    return sdk, rows, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("connectors", nargs="*", metavar="connector", help="github, jira, slack; all unless told")
    parser.add_argument("--write", action="store_true", help="write the table into the connector's page, if nothing differs")
    parser.add_argument("--check", action="store_true", help="fail if the page's table is not what was found")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # an SDK's warnings are for those who write with it
    passed = failed = 0
    for connector in options.connectors or CONNECTORS:
        sdk, rows, wrong = judge(connector)
        print(f"{connector}: {page.version_of(sdk)}")
        for row in rows:
            verdict = "DIFFERS" if row.wrong else "explained" if row.reasons else "same"
            print(f"  {verdict:10} {row.action:32} {row.compared} of {row.fixtures}  {row.request}")
            for line in row.wrong:
                print(f"             - {line}")
        for line in wrong:
            print(f"  WRONG      {line}")
        bad = len(wrong) + sum(bool(r.wrong) for r in rows)
        passed += sum(not r.wrong for r in rows)
        file = ROOT / "connectors" / connector / "docs.md"
        text = page.table(sdk, rows)
        if options.write and not bad:
            page.write(file, text)
        if options.check and not page.holds(file, text):
            print(
                f"  WRONG      the table in connectors/{connector}/docs.md is another; run tests/sdk/compare.py {connector} --write"
            )
            bad += 1
        failed += bad
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
