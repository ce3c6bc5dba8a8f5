#!/usr/bin/env python3
"""Has programs that others wrote take what the box tells: the Standard Webhooks library, an SMTP server, an HTTP server as ntfy's.

    cargo build --example tell
    run.py --tell target/debug/examples/tell

Needs standardwebhooks and aiosmtpd from PyPI. Exits with 1 if they do not take it, or read something else in it than was meant.
"""

import argparse
import email
import email.policy
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

from aiosmtpd.controller import Controller
from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ANNA = "+12025550143"
REPLY = 'Mein "Rohr" läuft aus ☔ 🚰\n.\n<b>Grüße</b> & до встречи'


class Requests:
    """An HTTP server that keeps what it gets."""

    def __init__(self):
        self.got = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append((dict(self.headers), body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/topic"


class Mails:
    """An SMTP server that keeps what it gets."""

    def __init__(self):
        self.got = []
        # The library cannot choose a free one by itself.
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    async def handle_DATA(self, _server, _session, envelope):
        self.got.append(email.message_from_bytes(envelope.original_content, policy=email.policy.default))
        return "250 taken"


def check(what, good, seen):
    print(("ok      " if good else "DIFFERS ") + what)
    if not good:
        print("        " + repr(seen))
    return good


def look_at_webhook(requests):
    verifier, kinds, good = Webhook(SECRET), [], True
    for headers, body in requests.got:
        try:
            kinds.append(verifier.verify(body, headers)["type"])
        except WebhookVerificationError as error:
            good &= check("a signature", False, error)
    good &= check("three signatures that the library verifies", len(kinds) == 3, requests.got)
    good &= check("the events, in order", kinds == ["call.missed", "text.sent", "reply.received"], kinds)
    headers, body = requests.got[-1]
    said = json.loads(body)["data"]["body"]
    good &= check("the reply, letter by letter", said == REPLY, said)
    try:
        verifier.verify(body.replace(b"Rohr", b"Dach"), headers)
        good &= check("a changed body is refused", False, body)
    except WebhookVerificationError:
        good &= check("a changed body is refused", True, None)
    return good


def look_at_push(requests):
    told = [(headers.get("title"), body.decode()) for headers, body in requests.got]
    expected = [("Missed call", f"{ANNA} called and is texted."), ("Reply", f"{ANNA}: {REPLY}")]
    return check("two notices with their titles", told == expected, told)


def look_at_mails(mails):
    good = check("two e-mails", len(mails.got) == 2, mails.got)
    first, second = mails.got
    good &= check("one thread", first["references"] == second["references"] and first["subject"] == second["subject"], first)
    good &= check("two ids", first["message-id"] != second["message-id"], first["message-id"])
    body = second.get_content().replace("\r\n", "\n")
    good &= check("the reply, letter by letter", f"{ANNA}: {REPLY}\n" in body, body)
    good &= check("no defects", not first.defects and not second.defects, second.defects)
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tell", required=True, help="the built example")
    program = parser.parse_args().tell
    webhook, push, mails = Requests(), Requests(), Mails()
    mails.controller.start()
    with tempfile.TemporaryDirectory() as folder:
        secret = pathlib.Path(folder, "secret")
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n")
        config = pathlib.Path(folder, "textback.toml")
        config.write_text(
            f'outlets.allow_private = true\n'
            f'webhook = {{ url = "{webhook.url}", secret_file = "{secret}" }}\n'
            f'push.url = "{push.url}"\n'
            f'mail = {{ server = "127.0.0.1", port = {mails.port}, security = "none", from = "box@example.com", to = "owner@example.com" }}\n'
        )
        told = subprocess.run([os.path.abspath(program), str(config)], timeout=120)
    mails.controller.stop()
    good = check("everything was taken", told.returncode == 0, told)
    good &= look_at_webhook(webhook)
    good &= look_at_push(push)
    good &= look_at_mails(mails)
    sys.exit(0 if good else 1)


main()
