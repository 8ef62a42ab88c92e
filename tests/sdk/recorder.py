"""A local service that answers with a connector's fixtures and keeps the requests that came.

What lives here: the wire. What must not: any one SDK (`slack.py`, `github.py`, `jira.py`) or the comparison
(`compare.py`).
"""

import json
import threading
import urllib.parse
from base64 import b64decode
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOT_FOUND = {"status": 404, "headers": {}, "json": {"message": "no fixture has this request"}}


@dataclass
class Call:
    """A request, in the form in which two of them are compared."""

    method: str
    path: str
    query: dict
    media: str
    body: object
    headers: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def target(self):
        return self.method, self.path


def read_body(media, raw):
    """The body by its meaning: JSON as its value, a form as an object; anything else as bytes."""
    if not raw:
        return None
    if media.endswith("json"):
        return json.loads(raw)
    if media == "application/x-www-form-urlencoded":
        return dict(urllib.parse.parse_qsl(raw.decode(), keep_blank_values=True))
    return raw


def split(url, base):
    """Path below the base, and query, of a URL."""
    parts = urllib.parse.urlsplit(url)
    prefix = urllib.parse.urlsplit(base).path.rstrip("/")
    path = urllib.parse.unquote(parts.path.removeprefix(prefix))
    return path, dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))


def of_fixture(request, base):
    """A fixture's request as a `Call`."""
    path, query = split(request["url"], base)
    if "json" in request:
        media, body = "application/json", request["json"]
    elif "form" in request:
        form = request["form"]
        media, body = "application/x-www-form-urlencoded", dict(form)
    elif "base64" in request or "text" in request:
        media = next((v for k, v in request.get("headers", {}).items() if k == "content-type"), "")
        body = b64decode(request["base64"]) if "base64" in request else request["text"].encode()
    else:
        media, body = "", None
    return Call(request["method"], path, query, media, body)


class Recorder:
    """Answers on a port of this machine until it is closed."""

    def __init__(self, base_path, exchanges, origin=None):
        # `exchanges`: (Call, response) of all fixtures that may be asked for; the first that fits is taken, those of the
        # fixture under test first.
        self.exchanges = exchanges
        self.calls = []
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("content-length") or 0)
                raw = self.rfile.read(length)
                media = (self.headers.get("content-type") or "").split(";")[0].strip()
                path, query = split(self.path, base_path)
                call = Call(self.command, path, query, media, read_body(media, raw), dict(self.headers))
                recorder.calls.append(call)
                response = recorder.find(call)
                body = b""
                if "json" in response:
                    text = json.dumps(response["json"])
                    # Addresses that the service gives lead back here, or the SDK would leave for the network.
                    body = (text.replace(origin, f"http://127.0.0.1:{recorder.port}") if origin else text).encode()
                elif "text" in response:
                    body = response["text"].encode()
                elif "base64" in response:
                    body = b64decode(response["base64"])
                self.send_response(response["status"])
                for name, value in response.get("headers", {}).items():
                    if name not in ("content-length", "link", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def find(self, call):
        for known, response in self.exchanges:
            if known.target == call.target:
                return response
        return NOT_FOUND

    def close(self):
        self.server.shutdown()
        self.server.server_close()
