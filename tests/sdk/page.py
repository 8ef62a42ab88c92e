"""The table on a connector's page.

What lives here: its text and its place. What must not: what is found, which is `compare.py`'s.
"""

import importlib.metadata
import re

HEADING = "## Compared with a client for Python"
BEGIN, END = "<!-- sdk: written by tests/sdk/compare.py -->", "<!-- /sdk -->"
SECTION = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.S)


def version_of(sdk):
    return f"{sdk.PACKAGE} {importlib.metadata.version(sdk.PACKAGE)}"


def table(sdk, rows):
    """The section's text."""
    same = [row for row in rows if not row.wrong and not row.reasons]
    others = [row for row in rows if row not in same]
    reasons = list(dict.fromkeys(why for row in others for why in row.reasons))
    count = sum(len(row.pairs) for row in rows)
    lines = [
        f"The {count} requests that {len(rows)} actions make in their fixtures were held against those that *{version_of(sdk)}* "
        f"makes of the same input. {sdk.WHO}",
        "",
        f"The same in all: {', '.join(f'`{row.action}`' for row in same)}.",
        "",
        "| action | verdict | fixtures |",
        "|---|---|---|",
    ]
    for row in others:
        notes = ", ".join(str(n) for n in sorted(reasons.index(w) + 1 for w in row.reasons))
        verdict = "differs" if row.wrong else f"the same, but for {notes}"
        fixtures = str(row.fixtures) if row.compared == row.fixtures else f"{row.compared} of {row.fixtures}"
        lines.append(f"| `{row.action}` | {verdict} | {fixtures} |")
    if reasons:
        lines += ["", "What differs, and why that is right:", ""]
        lines += [f"{n}. {why[0].upper()}{why[1:]}." for n, why in enumerate(reasons, 1)]
    lines += ["", " ".join([sdk.COMPARED, "What the client reads before or after by itself does not count."])]
    lines += [f"In most requests {why}." for why in sdk.everywhere(None).values()]
    if sdk.ABSENT:
        by_reason = {}
        for action, why in sorted(sdk.ABSENT.items()):
            by_reason.setdefault(why, []).append(f"`{action}`")
        lines += ["", "Not compared: " + "; ".join(f"{', '.join(names)} ({why})" for why, names in by_reason.items()) + "."]
    return "\n".join(lines)


def section(text):
    return f"{BEGIN}\n{HEADING}\n\n{text}\n{END}"


def holds(file, text):
    return section(text) in file.read_text()


def write(file, text):
    """Puts the section where it is, or at the end."""
    old = file.read_text()
    if SECTION.search(old):
        new = SECTION.sub(lambda _: section(text), old)
    else:
        new = f"{old.rstrip()}\n\n{section(text)}\n"
    if new != old:
        file.write_text(new)
