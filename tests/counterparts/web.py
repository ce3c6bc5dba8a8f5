"""Receivers over HTTP: one that checks what it gets with the library of Standard Webhooks and our own schemas, and one that takes what
ntfy documents (docs.ntfy.sh/publish) and nothing else."""

import http.server
import json
import pathlib
import re
import threading

import jsonschema
from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
SCHEMAS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "webhooks"

TOPIC = "calls-Zk3_9fQw2"
TOKEN = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
"""The shape of the documentation's examples: tk_ and 29 letters and digits."""
NTFY_BYTES_MAX = 4096
"""docs.ntfy.sh/publish, "Limitations": a longer message becomes an attachment."""
NTFY_PRIORITIES = {"1", "2", "3", "4", "5", "min", "low", "default", "high", "max", "urgent"}
"""docs.ntfy.sh/publish, "Message priority"."""
OURS = {"title", "priority", "authorization"}
"""Of the headers that ntfy knows, those that we use."""
ANY_CLIENTS = {"host", "user-agent", "accept", "accept-encoding", "content-length", "content-type", "connection"}


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        """A client may hang up once it has its answer."""


class Receiver:
    """Listens on a port of its own. What it would not take in the real world it refuses, and says why in `wrong`."""

    def __init__(self):
        self.wrong = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                length = self.headers["content-length"]
                body = self.rfile.read(int(length)) if length else b""
                status, answer = outer.take(self.path, self.headers, body)
                self.send_response(status)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_other(self):
                outer.wrong.append(f"{self.command} is not how it is told")
                self.send_error(405)

            do_GET = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = do_other

            def log_message(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def refuse(self, status, why):
        self.wrong.append(why)
        return status, b""


class Hook(Receiver):
    """Keeps the events that the library verifies and that keep to their schema, each once per id, in order."""

    def __init__(self):
        super().__init__()
        self.events, self.requests, self.ids = [], [], set()
        self.verifier = Webhook(SECRET)

    def take(self, _path, headers, body):
        try:
            event = self.verifier.verify(body, dict(headers))
        except WebhookVerificationError as error:
            return self.refuse(401, f"the library does not verify it: {error}")
        schema = json.loads((SCHEMAS / f"{event['type']}.json").read_text("utf-8"))
        checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
        validator = jsonschema.Draft202012Validator(schema, format_checker=checker)
        for error in validator.iter_errors(event):
            return self.refuse(400, f"{event['type']} breaks its schema: {error.message}")
        if headers["content-type"] != "application/json":
            return self.refuse(415, f"a body of {headers['content-type']}")
        if headers["webhook-id"] not in self.ids:
            self.ids.add(headers["webhook-id"])
            self.events.append(event)
            self.requests.append((dict(headers), body))
        return 204, b""

    def kinds(self, number):
        """The events about this number, in order."""
        whom = lambda event: event["data"].get("caller") or event["data"].get("number")
        return [event["type"] for event in list(self.events) if whom(event) == number]


class Ntfy(Receiver):
    """One topic of an ntfy server that wants a token. Keeps title, priority and message."""

    def __init__(self):
        super().__init__()
        self.notices, self.refused = [], 0

    def take(self, path, headers, body):
        names = [name.lower() for name in headers.keys()]
        if headers["authorization"] != f"Bearer {TOKEN}":
            # As the server says it.
            self.refused += 1
            return 401, b'{"code":40101,"http":401,"error":"unauthorized"}\n'
        if path != f"/{TOPIC}" or not re.fullmatch(r"/[-_A-Za-z0-9]{1,64}", path):
            return self.refuse(404, f"{path} is no topic")
        unknown = set(names) - OURS - ANY_CLIENTS
        if unknown or len(names) != len(set(names)):
            return self.refuse(400, f"headers that nobody has asked for, or twice: {names}")
        if "content-length" not in names or not 0 < len(body) <= NTFY_BYTES_MAX:
            return self.refuse(413, f"a message of {len(body)} bytes")
        title, priority = headers["title"], headers.get("priority", "default")
        if not title or not title.isascii():
            return self.refuse(400, f"a title that is no ASCII: {title!r}")
        if priority not in NTFY_PRIORITIES:
            return self.refuse(400, f"a priority that is none: {priority!r}")
        try:
            message = body.decode()
        except UnicodeDecodeError:
            return self.refuse(400, "a message that is no UTF-8")
        self.notices.append((title, priority, message))
        answer = {"id": "hwQ2YpKdmg", "time": 1635528741, "event": "message", "topic": TOPIC, "message": message}
        return 200, json.dumps(answer).encode()
