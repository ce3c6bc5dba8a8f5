#!/usr/bin/env python3
"""Has programs that others wrote take what the box tells: the library of Standard Webhooks, Debian's Postfix, a receiver that takes what
ntfy documents, and a validator of OpenAPI documents.

    cargo build && cargo build --example modem
    tests/counterparts/run.py --textback target/debug/textback --modem target/debug/examples/modem      # a quarter of a minute

Needs root, postfix, libsasl2-modules, sasl2-bin and openssl from Debian, and what requirements.txt names from PyPI; .ci/run installs
all that. Prints a line for each check, then how many passed and failed; the exit code is 1 if any did.
"""

import argparse
import base64
import contextlib
import json
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

from box import Box, NotSo, need, secret_file, until
from jsonschema import ValidationError
from mail import NAME, PASSWORD, USER, Line, Postfix
from openapi_spec_validator import validate
from standardwebhooks import WebhookVerificationError
from web import SECRET, TOKEN, TOPIC, Hook, Ntfy

ANNA, BEN, OWNER = "+12025550143", "+12025550188", "+12025550111"
REPLY = 'Mein "Rohr" läuft aus ☔ 🚰\n.\n<b>Grüße</b> & до встречи'
"""Letters of several scripts, an emoji, quotes, a line with a dot alone."""
PERHAPS_STOP = "Can you cancel my appointment?"
SORRY = "Sorry we missed your call"


class Checks:
    """Runs the checks, a line each, and counts them. One that fails does not stop the others."""

    def __init__(self):
        self.passed = self.failed = 0

    @contextlib.contextmanager
    def holds(self, what):
        try:
            yield
        except NotSo as error:
            self.failed += 1
            print(f"FAIL  {what}: {error}", flush=True)
        else:
            self.passed += 1
            print(f"ok    {what}", flush=True)


class Street:
    """Where the boxes stand: the programs, the mail server, a folder for each box."""

    def __init__(self, programs, folder, postfix, checks):
        self.programs, self.folder, self.postfix, self.checks = programs, folder, postfix, checks

    def box(self, name, config, settings=()):
        place = self.folder / name
        place.mkdir()
        return Box(self.programs, place, "outlets.allow_private = true\n" + config(place), settings)

    def mail(self, place, port, more="", server=NAME, trusted=True, password=PASSWORD):
        """The section [mail]; each box writes to an address of its own."""
        file = secret_file(place / "password", password)
        trust = f'ca_file = "{self.postfix.ca_file}"\n' if trusted else ""
        return (
            f'[mail]\nserver = "{server}"\nport = {port}\nuser = "{USER}"\npassword_file = "{file}"\n'
            f'from = "box@example.com"\nto = "{place.name}@example.com"\n{trust}{more}'
        )


def nothing_in_clear(line):
    """What crossed the line unencrypted says hello and no more."""
    need(line.said, "nobody came")
    for said in line.in_clear():
        for words in said:
            need(words.split(" ")[0] in ("EHLO", "STARTTLS", "QUIT"), f"in the clear: {said}")
    plain = base64.b64encode(f"\0{USER}\0{PASSWORD}".encode())
    for secret in (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()), plain, ANNA.encode(), b"Rohr"):
        need(secret not in line.all(), f"{secret} crossed the line")


def all_three(street):
    """A webhook, a phone and e-mail are told of the same."""
    checks, hook, ntfy, line = street.checks, Hook(), Ntfy(), Line(street.postfix.starttls)

    def config(place):
        secret, token = secret_file(place / "secret", SECRET), secret_file(place / "token", TOKEN)
        return (
            f'webhook = {{ url = "{hook.address}/calls", secret_file = "{secret}" }}\n'
            f'push = {{ url = "{ntfy.address}/{TOPIC}", token_file = "{token}" }}\n' + street.mail(place, line.port)
        )

    with street.box("three", config, [("owner.number", OWNER)]) as box:
        box.missed(ANNA)
        until("the webhook has the text", lambda: hook.kinds(ANNA) == ["call.missed", "text.sent"])
        box.reply(ANNA, REPLY)
        until("the webhook has the reply", lambda: "reply.received" in hook.kinds(ANNA))
        box.missed(BEN)
        until("the webhook has Ben's text", lambda: hook.kinds(BEN) == ["call.missed", "text.sent"])
        box.reply(BEN, PERHAPS_STOP)
        until("the webhook has Ben's reply", lambda: "reply.received" in hook.kinds(BEN))
        box.reply(OWNER, "WON #1 450")
        with checks.holds("the webhook is told in order, with signatures that the library verifies and bodies that keep to their schemas"):
            until("the job is told of", lambda: "lead.qualified" in hook.kinds(ANNA))
            need(hook.kinds(ANNA) == ["call.missed", "text.sent", "reply.received", "lead.qualified"], hook.kinds(ANNA))
            need(hook.kinds(BEN) == ["call.missed", "text.sent", "reply.received"], hook.kinds(BEN))
            need(not hook.wrong, hook.wrong)
        with checks.holds("a caller's words arrive letter by letter"):
            said = [event["data"]["body"] for event in hook.events if event["type"] == "reply.received"]
            need(said == [REPLY, PERHAPS_STOP], said)
        with checks.holds("a changed body, and an old signature on a new one, are refused by the library"):
            headers, body = hook.requests[0]
            for other in (body.replace(b"call.missed", b"call.misled"), hook.requests[1][1]):
                with contextlib.suppress(WebhookVerificationError):
                    hook.verifier.verify(other, headers)
                    need(False, other)
        with checks.holds("ntfy's receiver takes each notice"):
            until("five notices", lambda: len(ntfy.notices) >= 5)
            expected = [
                ("Missed call", "default", f"{ANNA} called and is texted."),
                ("Reply", "default", f"{ANNA}: {REPLY}"),
                ("Missed call", "default", f"{BEN} called and is texted."),
                ("Reply", "high", f"{BEN}: {PERHAPS_STOP}\n\nThis may be a request for no more texts."),
                ("A job is won", "default", f"{ANNA} is won for 450.\n\nTheir last words: {REPLY}"),
            ]
            need(ntfy.notices == expected and not ntfy.wrong, (ntfy.notices, ntfy.wrong))
        threads(street, line)
        with checks.holds("the texts went out all the while"):
            texts = [to for to, text in box.sent(2) if text.startswith(SORRY)]
            need(texts == [ANNA, BEN], box.sent(2))


def threads(street, line):
    with street.checks.holds("e-mail comes over STARTTLS, signed in, and makes one thread a caller"):
        mails = street.postfix.wait_for(5, "three@example.com")
        ids, threads, subjects = ([mail[name] for mail in mails] for name in ("message-id", "references", "subject"))
        need(all("TLS" in mail["received"] and "with ESMTPSA" in mail["received"] for mail in mails), mails[0]["received"])
        need(len(set(ids)) == 5 and all(ids), ids)
        need(threads[0] == threads[1] == threads[4] != threads[2] == threads[3], threads)
        need([mail["in-reply-to"] for mail in mails] == threads, threads)
        need(subjects[0] == subjects[1] == subjects[4] != subjects[2] == subjects[3] and ANNA in subjects[0], subjects)
    with street.checks.holds("an e-mail has no defects, and a caller's words in it are those of the caller, letter by letter"):
        for mail in mails:
            need(not mail.defects and mail.get_content_type() == "text/plain" and mail["auto-submitted"] == "auto-generated", mail)
        body = mails[1].get_content()
        need(f"{ANNA}: {REPLY}\n" in body, body)
    with street.checks.holds("nothing but a hello crosses the line unencrypted"):
        nothing_in_clear(line)


def encrypted_from_the_first_byte(street):
    line = Line(street.postfix.tls)
    config = lambda place: street.mail(place, line.port, 'security = "tls"\n')
    with street.checks.holds("e-mail comes over TLS from the first byte"), street.box("tls", config) as box:
        box.missed(ANNA)
        mail = street.postfix.wait_for(1, "tls@example.com")[0]
        need("with ESMTPSA" in mail["received"], mail["received"])
        need(line.in_clear() == [[]], line.in_clear())
        nothing_in_clear(line)


def wrong_secrets(street):
    """Said on the page, and nothing is lost until the installer has mended them; the program is not restarted for it."""
    hook, ntfy, line = Hook(), Ntfy(), Line(street.postfix.starttls)

    def config(place):
        token = secret_file(place / "token", "tk_wrong")
        return f'push = {{ url = "{ntfy.address}/{TOPIC}", token_file = "{token}" }}\n' + street.mail(
            place, line.port, password="wrong"
        )

    with street.box("wrong", config) as box:
        box.missed(ANNA)
        box.reply(ANNA, "My sink leaks")
        with street.checks.holds("a wrong password and a wrong token are said on the page, and the text goes out"):
            until("the page says so", lambda: "answered 401" in box.shows() and "does not take mail.user" in box.shows())
            need(box.sent(1)[0][0] == ANNA, box.sent(1))
            need(not street.postfix.mails("wrong@example.com") and not ntfy.notices, "something was taken")
            nothing_in_clear(line)
        secret_file(box.folder / "password", PASSWORD)
        secret_file(box.folder / "token", TOKEN)
        with street.checks.holds("once they are right everything comes, in order, once"):
            mails = street.postfix.wait_for(2, "wrong@example.com")
            first, second = (mail.get_content() for mail in mails)
            need(len(mails) == 2 and "called and is texted" in first and "My sink leaks" in second, (first, second))
            until("two notices", lambda: len(ntfy.notices) == 2)
            need([title for title, _, _ in ntfy.notices] == ["Missed call", "Reply"] and not ntfy.wrong, ntfy.notices)


def whom_not_to_believe(street):
    """Each time nothing is mailed, and the page says why."""
    starttls = street.postfix.starttls
    cases = [
        ("unknown", "a certificate that nobody known vouches for", {"trusted": False}, False, ["certificate", "mail.ca_file"]),
        ("other", "a certificate with another name", {"server": "127.0.0.1"}, False, ["certificate"]),
        ("stripped", "a line on which somebody hides the encryption", {}, True, ["no encryption (STARTTLS)"]),
    ]
    for name, what, how, strips, expected in cases:
        line = Line(starttls, strips)
        config = lambda place: street.mail(place, line.port, **how)
        with street.checks.holds(f"nothing is mailed over {what}"), street.box(name, config) as box:
            box.missed(ANNA)
            shown = until("the page says what went wrong", lambda: (page := box.shows()) and "what went wrong" in page and page)
            why = shown.split("what went wrong: ")[1].split("</p>")[0]
            need(all(word.lower() in why.lower() for word in expected), why)
            need(box.sent(1)[0][0] == ANNA, box.sent(1))
            need(not street.postfix.mails(f"{name}@example.com"), "it was mailed")
            nothing_in_clear(line)


def the_document_of_the_api(street):
    """What programs that make programs of an API begin with."""
    with street.checks.holds("docs/openapi.json is a document of OpenAPI 3.1"):
        document = pathlib.Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
        try:
            validate(json.loads(document.read_text("utf-8")))
        except ValidationError as error:
            raise NotSo(f"{list(error.path)}: {error.message}") from error


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--textback", required=True, type=pathlib.Path, help="the built program")
    parser.add_argument("--modem", required=True, type=pathlib.Path, help="the built example")
    programs = parser.parse_args()
    programs.textback, programs.modem = programs.textback.resolve(), programs.modem.resolve()
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        folder.chmod(0o755)
        (folder / "postfix").mkdir()
        with Postfix(folder / "postfix") as postfix:
            street = Street(programs, folder, postfix, checks)
            for story in (all_three, encrypted_from_the_first_byte, wrong_secrets, whom_not_to_believe, the_document_of_the_api):
                try:
                    story(street)
                except NotSo as error:
                    checks.failed += 1
                    print(f"FAIL  {story.__name__}: {error}", flush=True)
            if checks.failed:
                print(postfix.log(), flush=True)
    print(f"{checks.passed} passed, {checks.failed} failed", flush=True)
    sys.exit(1 if checks.failed else 0)


main()
