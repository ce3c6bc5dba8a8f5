#!/usr/bin/env python3
"""Compares what other people's decoders read in our PDUs with what we put into them.

    cargo run --example dump_pdus | run.py

Exits with 1 if they differ in anything but the decoders' own defects, which README.md beside this file lists.
"""

import collections
import datetime
import io
import json
import logging
import sys
from importlib.metadata import version

from messaging.sms import SmsDeliver
from smspdudecoder.fields import SMSDeliver, SMSSubmit

logging.disable(logging.CRITICAL)

ESCAPE = 0x1B
EXTENSION = set("\f^{}\\[~]|€")


def header_septets(pdu):
    """The septets that the concatenation header would be if it were text, or nothing."""
    for start in ("050003", "060804"):
        if (place := pdu.find(start)) > 0:
            octets = bytes.fromhex(pdu[place:place + 2 + 2 * int(start[:2])])
            bits = int.from_bytes(octets, "little")
            return [bits >> shift & 0x7F for shift in range(0, 8 * len(octets), 7)]
    return []


def smspdudecoder(reader, sender):
    def decode(pdu):
        sms = reader.decode(io.StringIO(pdu))
        address = sms[sender]
        plus = "+" if address["toa"]["ton"] == "international" else ""
        found = {"number": plus + address["number"], "text": sms["user_data"]["data"]}
        if "scts" in sms:
            found["time"] = sms["scts"]
        return found

    def known_defect(pdu, wanted, found):
        if not found:
            return None
        # It reads the header as text too and skips as many characters as it has septets: one too many if a septet of
        # the header happens to be an escape.
        text = wanted["text"]
        if eats := ESCAPE in header_septets(pdu):
            text = text[1:]
        if eats and found["text"] == text:
            return "first character lost behind a header with an escape in it"
        # It counts characters where it should count septets, so that the seven bits left over become an '@'.
        at = found["text"] == text + "@" and (eats or EXTENSION & set(text))
        return "'@' after a text with extension characters" if at else None

    return decode, known_defect


def python_messaging():
    def decode(pdu):
        sms = SmsDeliver(pdu)
        # It gives UTF-16 units one by one, and the time in UTC without saying so.
        text = sms.text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        time = sms.date.replace(tzinfo=datetime.timezone.utc)
        return {"number": sms.number, "text": text, "time": time}

    def known_defect(pdu, wanted, found):
        return "TypeError for an empty text" if found is None and not wanted["text"] else None

    return decode, known_defect


DECODERS = [
    ("smspdudecoder", "delivers", smspdudecoder(SMSDeliver, "sender")),
    ("smspdudecoder", "submits", smspdudecoder(SMSSubmit, "recipient")),
    ("python-messaging", "delivers", python_messaging()),
]


def main():
    cases = [json.loads(line) for line in sys.stdin]
    print(f"{len(cases)} texts, Python {sys.version.split()[0]}")
    failed = not cases
    for name, pdus, (decode, known_defect) in DECODERS:
        counts = collections.Counter()
        for case in cases:
            for part, pdu in zip(case["parts"], case[pdus], strict=True):
                wanted = {
                    "number": case["number"],
                    "text": part,
                    "time": datetime.datetime.fromisoformat(case["timestamp"]),
                }
                try:
                    found, error = decode(pdu), None
                except Exception as caught:
                    found, error = None, caught
                if found and all(wanted[key] == value for key, value in found.items()):
                    counts["agree"] += 1
                elif defect := known_defect(pdu, wanted, found):
                    counts[defect] += 1
                else:
                    counts["DIFFER"] += 1
                    print(pdu, wanted, found or error, sep="\n  ")
        failed = failed or counts["DIFFER"] > 0
        print(f"{name} {version(name)}, {pdus}:", ", ".join(f"{n} {what}" for what, n in counts.items()))
    sys.exit(failed)


main()
