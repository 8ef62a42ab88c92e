#!/usr/bin/env python3
"""Whether the comparison can fail: each request of each fixture is spoilt in every way, and must differ then.

What lives here: tests of `compare.py` and what it is made of. What must not: tests of a connector.
"""

import copy
import socket
import unittest

import at_home
import compare
from differences import differ, differences, same_argument
from recorder import NOTHING, Call, Text, by_target, read_body, segments, split


def spoilt_values(value, types):
    """Values that are not this one; with `types`, those that only a strict comparison tells from it."""
    if isinstance(value, dict):
        for name in value:
            yield {n: v for n, v in value.items() if n != name}
            for other in spoilt_values(value[name], types):
                yield {**value, name: other}
        yield {**value, "spoilt": "x"}
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield value[:n] + value[n + 1 :]
            for other in spoilt_values(item, types):
                yield value[:n] + [other] + value[n + 1 :]
        yield [*value, "spoilt"]
    elif isinstance(value, bool):
        yield not value
        if types:
            yield from (int(value), str(value).lower())
    elif isinstance(value, (int, float)):
        yield value + 1
        if types:
            yield from (str(value), bool(value) if value in (0, 1) else None)
    elif isinstance(value, str):
        yield type(value)(value + "x")
        if types:
            yield None
    elif isinstance(value, bytes):
        yield value + b"x"
    elif value is None and types:
        yield from ("", {}, [], False)


def spoilt(call, headers, types):
    """The call in all forms in which it is another."""

    def other(**changes):
        changed = copy.copy(call)
        for name, value in changes.items():
            setattr(changed, name, value)
        return changed

    yield other(path=call.path + "x")
    yield other(path=call.path.replace("/", "%2F", 1))
    if types:
        yield other(method="OPTIONS")
    for query in spoilt_values(call.query, False):
        yield other(query=query)
    for name, value in call.query.items():
        yield other(query={**call.query, name: [value, value]})
    if call.body is NOTHING:
        yield other(body={"spoilt": "x"})
    for body in spoilt_values(call.body, types):
        yield other(body=body)
    for name in headers:
        if name in call.headers:
            yield other(headers={n: v for n, v in call.headers.items() if n != name})
            yield other(headers={**call.headers, name: "x" + call.headers[name]})


class EveryFixture(unittest.TestCase):
    def test_what_is_spoilt_differs(self):
        count = 0
        for connector in compare.CONNECTORS:
            sdk, rows, _ = compare.judge(connector)
            for row in rows:
                for ours, theirs, given in row.pairs:
                    before = differences(ours, theirs, sdk.HEADERS, given)
                    for n, wrong in enumerate(spoilt(ours, sdk.HEADERS, given is None)):
                        count += 1
                        with self.subTest(connector=connector, action=row.action, n=n):
                            after = differences(wrong, theirs, sdk.HEADERS, given)
                            self.assertTrue(set(after) - set(before) or set(before) - set(after), wrong)
        self.assertGreater(count, 2000)


class AFixtureThatIsWrong(unittest.TestCase):
    """From the file to the verdict, in each connector."""

    def wrong_after(self, connector, action, spoil):
        sdk = __import__(f"sdk_{connector}")
        known = compare.fixtures(connector)
        self.assertEqual(compare.judge_action(sdk, action, known).wrong, [])
        spoil(known[(action, "success")]["exchanges"][-1]["request"])
        return compare.judge_action(sdk, action, known).wrong

    def test_path(self):
        def spoil(request):
            request["url"] = request["url"].replace("issues", "issue")

        self.assertTrue(self.wrong_after("github", "create_issue", spoil))

    def test_method(self):
        self.assertTrue(self.wrong_after("jira", "update_version", lambda r: r.update(method="POST")))

    def test_body(self):
        self.assertTrue(self.wrong_after("jira", "assign_issue", lambda r: r["json"].update(name="mia")))

    def test_argument(self):
        self.assertTrue(self.wrong_after("slack", "reactions_add", lambda r: r.get("json", r.get("form")).update(name="x")))

    def test_header(self):
        self.assertTrue(self.wrong_after("jira", "add_attachment", lambda r: r["headers"].pop("x-atlassian-token")))

    def test_content_type(self):
        self.assertTrue(
            self.wrong_after("github", "create_issue", lambda r: r["headers"].update({"content-type": "text/plain"}))
        )


class Values(unittest.TestCase):
    def test_kinds_are_told_apart(self):
        for one, other in [
            (1, True),
            (0, False),
            (1, "1"),
            (True, "true"),
            (None, ""),
            (None, {}),
            ({}, []),
            (NOTHING, None),
            (1, 1.0),
        ]:
            self.assertTrue(differ("body", one, other), (one, other))
            self.assertTrue(differ("body", other, one), (other, one))

    def test_a_slash_in_a_name_is_none_in_the_path(self):
        self.assertNotEqual(segments("/a%2Fb"), segments("/a/b"))
        self.assertNotEqual(segments("/a%252Fb"), segments("/a%2Fb"))
        self.assertEqual(segments("/%61%20b"), "/a b")

    def test_what_is_twice_in_a_query_stays_so(self):
        self.assertEqual(split("http://x/p?a=1&a=2&b=", "")[1], {"a": ["1", "2"], "b": ""})
        self.assertTrue(differ("query", {"a": ["1", "2"]}, {"a": "2"}))

    def test_arguments_by_their_meaning(self):
        for ours, theirs in [(True, Text("1")), (False, Text("false")), (5, Text("5")), ([{"a": 1}], Text('[{"a": 1}]'))]:
            self.assertTrue(same_argument(ours, theirs, False), (ours, theirs))
        for ours, theirs in [
            (True, Text("0")),
            (2, Text("true")),
            ("1503435956.000247", Text("1503435956.00024")),
            (True, 1),
            ([{"a": 1}], Text('[{"a": true}]')),
        ]:
            self.assertFalse(same_argument(ours, theirs, False), (ours, theirs))

    def test_parts_of_a_multipart_body(self):
        raw = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\nContent-Type: text/csv\r\n\r\na\r\n--x--\r\n'
        )
        parts = read_body("multipart/form-data; boundary=x", raw)
        self.assertEqual([(p["type"], p["content"]) for p in parts], [("text/csv", b"a")])
        self.assertIn('name="file"', parts[0]["disposition"])

    def test_what_an_sdk_changes_beside_is_told(self):
        ours = [Call("GET", "/a", {}, "", NOTHING)]
        calls = [*ours, Call("DELETE", "/b", {}, "", NOTHING)]
        self.assertEqual(compare.match(ours, calls, by_target)[1], ["the SDK calls DELETE /b too"])


class AtHome(unittest.TestCase):
    def test_nothing_leaves_this_machine(self):
        for call in (
            lambda: socket.create_connection(("192.0.2.1", 443), timeout=1),
            lambda: socket.getaddrinfo("example.com", 443),
            lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
        ):
            with self.assertRaises(PermissionError):
                call()
        self.assertEqual(at_home.WANTED[-3:], ["192.0.2.1", "example.com", "192.0.2.1"])


if __name__ == "__main__":
    unittest.main()
