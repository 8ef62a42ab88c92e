"""A local service that answers with a connector's fixtures and keeps the requests that came.

What lives here: the wire. What must not: any one SDK (`sdk_<connector>.py`), what counts as the same (`differences.py`), or
which requests are held against each other (`compare.py`).
"""

import email.parser
import email.policy
import json
import threading
import urllib.parse
from base64 import b64decode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOT_FOUND = {"status": 404, "headers": {}, "json": {"message": "no fixture has this request"}}
# Headers of an answer that belong to its way here, or that would lead a client on to the next page.
LEFT_OUT = ("content-length", "link", "transfer-encoding")


class Nothing:
    """That there is no body at all, which is another thing than JSON's `null`."""

    def __repr__(self):
        return "nothing"


NOTHING = Nothing()


class Text(str):
    """A value of a query or a form, where everything is text."""


@dataclass
class Call:
    """A request, in the form in which two of them are compared. The host is not in it."""

    method: str
    path: str
    query: dict
    media: str
    body: object
    headers: dict = field(default_factory=dict, repr=False)
    raw: bytes = field(default=b"", repr=False)

    @property
    def writes(self):
        return self.method not in ("GET", "HEAD")


def by_target(call):
    """What tells a request from others: method and path; where arguments may stand anywhere, the path (`by_path`)."""
    return call.method, call.path


def by_path(call):
    return call.path


def pairs(text):
    """A query or form by name; what is there more than once as a list, in its order."""
    found = {}
    for name, value in urllib.parse.parse_qsl(text, keep_blank_values=True):
        value = Text(value)
        found[name] = (
            value if name not in found else (found[name] if isinstance(found[name], list) else [found[name]]) + [value]
        )
    return found


def segments(path):
    """A path with its segments decoded, but for the slashes and percent signs in them: `a%2Fb` is not `a/b`."""
    return "/".join(urllib.parse.unquote(s).replace("%", "%25").replace("/", "%2F") for s in path.split("/"))


def split(url, prefix):
    """Path below the prefix, and query, of a URL."""
    parts = urllib.parse.urlsplit(url)
    return segments("/" + parts.path.removeprefix(prefix).lstrip("/")), pairs(parts.query)


def read_body(content_type, raw):
    """The body by its meaning: JSON as its value, a form by name, a multipart body as its parts; anything else as bytes."""
    media = content_type.split(";")[0].strip()
    if not raw:
        return NOTHING
    if media.endswith("json"):
        return json.loads(raw)
    if media == "application/x-www-form-urlencoded":
        return pairs(raw.decode(errors="replace"))
    if media == "multipart/form-data":
        head = f"content-type: {content_type}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + raw)
        return [read_part(part) for part in message.iter_parts()]
    return raw


def read_part(part):
    """A part of a multipart body. The file's name is taken as it stands on the wire: clients differ in how they write it."""
    disposition = str(part.get("content-disposition", ""))
    return {"disposition": disposition, "type": part.get_content_type(), "content": part.get_payload(decode=True)}


def prefix_of(base):
    return urllib.parse.urlsplit(base).path.rstrip("/")


def origin_of(url):
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def of_fixture(request, base):
    """A fixture's request as a `Call`."""
    path, query = split(request["url"], prefix_of(base))
    headers = {k.lower(): v for k, v in request.get("headers", {}).items()}
    content_type, body = headers.get("content-type", ""), NOTHING
    if "json" in request:
        content_type, body = content_type or "application/json", request["json"]
    elif "form" in request:
        form = request["form"]
        text = urllib.parse.urlencode(list(form.items()) if isinstance(form, dict) else form)
        content_type = content_type or "application/x-www-form-urlencoded"
        body = pairs(text)
    elif "base64" in request or "text" in request:
        raw = b64decode(request["base64"]) if "base64" in request else request["text"].encode()
        body = read_body(content_type, raw)
    return Call(request["method"], path, query, content_type.split(";")[0].strip(), body, headers)


class Recorder:
    """Answers on a port of this machine until it is closed.

    `own`: (Call, response) of the fixture under test, which are taken first; `beside`: what an SDK asks for by itself, a
    function of a call; `others`: (Call, response) of all other fixtures, so that an SDK can load an object before it
    changes it. `origins`: the addresses in answers that lead back here, or the SDK would leave for the network.
    """

    def __init__(self, base, own, others, beside, origins, key=by_target):
        self.calls = []
        self.key = key
        self.own, self.others, self.beside = own, others, beside
        self.used = set()
        recorder, prefix = self, prefix_of(base)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                raw = self.rfile.read(int(self.headers.get("content-length") or 0))
                # Addresses that were given to the SDK come back as the ones that the service gave.
                raw = raw.replace(recorder.origin.encode(), origin_of(base).encode())
                headers = {k.lower(): v for k, v in self.headers.items()}
                content_type = headers.get("content-type", "")
                path, query = split(self.path, prefix)
                body = read_body(content_type, raw)
                call = Call(self.command, path, query, content_type.split(";")[0].strip(), body, headers, raw)
                recorder.calls.append(call)
                self.respond(recorder.find(call))

            def respond(self, response):
                if "json" in response:
                    body = recorder.led_back(json.dumps(response["json"]), origins).encode()
                elif "text" in response:
                    body = response["text"].encode()
                else:
                    body = b64decode(response.get("base64", ""))
                self.send_response(response["status"])
                for name, value in response.get("headers", {}).items():
                    if name.lower() not in LEFT_OUT:
                        self.send_header(name, recorder.led_back(value, origins))
                if response["status"] != 204:
                    self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.address = self.origin + prefix
        threading.Thread(target=self.server.serve_forever, args=(0.005,), daemon=True).start()

    def led_back(self, text, origins):
        for origin in origins:
            text = text.replace(origin, self.origin)
        return text

    def find(self, call):
        """The answer to a call: the fixture's own in their order, then what is beside it, then those of other fixtures."""
        fits = [i for i, (known, _) in enumerate(self.own) if self.key(known) == self.key(call)]
        if fits:
            best = min(fits, key=lambda i: (self.own[i][0].query != call.query, i in self.used, i))
            self.used.add(best)
            return self.own[best][1]
        beside = self.beside(call)
        if beside is not None:
            return {"status": 200, "headers": {"content-type": "application/json"}, "json": beside}
        return next((answer for known, answer in self.others if self.key(known) == self.key(call)), NOT_FOUND)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
