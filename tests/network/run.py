#!/usr/bin/env python3
"""Two boxes in a network of their own, found by name: what multicast DNS does on real sockets, which nothing on loopback can show.

    cargo build && sudo tests/network/run.py        # a quarter of a minute

Makes two network namespaces with a cable between them and nothing beyond, so that no packet leaves them. Needs root and iproute2; says so and
passes where namespaces are not to be had. The exit code is 1 if a check failed.
"""

import argparse
import contextlib
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import time

GROUP = ("224.0.0.251", 5353)
HERE, THERE = "textback-here", "textback-there"
ADDRESSES = {HERE: "10.77.0.1", THERE: "10.77.0.2"}
WITHIN_S = 20
ASK_WITHIN_S = 2


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextlib.contextmanager
def network():
    """Two namespaces and a cable."""
    made = []
    try:
        for name in ADDRESSES:
            ip("netns", "add", name)
            made.append(name)
        ip("link", "add", "cable0", "netns", HERE, "type", "veth", "peer", "name", "cable1", "netns", THERE)
        for (name, address), cable in zip(ADDRESSES.items(), ("cable0", "cable1")):
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", name, "link", "set", cable, "up")
            ip("-n", name, "addr", "add", f"{address}/24", "dev", cable)
            ip("-n", name, "route", "add", "default", "dev", cable)
        yield
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False)


class Box:
    """A daemon in a namespace, without a modem."""

    def __init__(self, program, namespace, folder):
        self.log = folder / f"{namespace}.log"
        data = folder / namespace
        words = ["ip", "netns", "exec", namespace, program, "run", "--port", "/dev/none", "--listen", "0.0.0.0:8080", "--data-dir", data]
        self.process = subprocess.Popen([str(word) for word in words], stderr=self.log.open("wb"), stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(WITHIN_S)

    def says(self, words):
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            if words in self.log.read_text("utf-8", "replace"):
                return True
            time.sleep(0.1)
        print(self.log.read_text("utf-8", "replace"))
        return False


def ask(name):
    """Asks for a name's address as a resolver does that knows nothing of the protocol; nothing if nobody answers."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">6H", 7, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(ASK_WITHIN_S)
        asker.sendto(question, GROUP)
        try:
            answer, _ = asker.recvfrom(9000)
        except TimeoutError:
            return None
        return socket.inet_ntoa(answer[-4:])


def ask_from(namespace, name):
    words = ["ip", "netns", "exec", namespace, sys.executable, __file__, "--ask", name]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip() or None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", type=pathlib.Path, default=pathlib.Path("target/debug/textback"))
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ask:
        print(ask(arguments.ask) or "")
        return
    passed = failed = 0

    def check(what, holds):
        nonlocal passed, failed
        passed, failed = passed + bool(holds), failed + (not holds)
        print(f"{'ok  ' if holds else 'FAIL'}  {what}", flush=True)

    program = arguments.program.resolve(strict=True)
    try:
        if os.geteuid() != 0:
            raise PermissionError("not root")
        with network():
            pass
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"left out: no network namespaces are to be had here ({error})")
        print("0 passed, 0 failed, 4 skipped")
        return
    with tempfile.TemporaryDirectory() as folder, network():
        folder = pathlib.Path(folder)
        with Box(program, HERE, folder) as here:
            check("a box finds its name free, and says so", here.says("name=textback.local"))
            check("who asks for the name is told the address that leads to the box", ask_from(THERE, "textback.local") == ADDRESSES[HERE])
            check("who asks for another name is told nothing", ask_from(THERE, "printer.local") is None)
            with Box(program, THERE, folder) as there:
                renamed = there.says("name=textback-2.local")
                check("a second box takes another name", renamed and ask_from(HERE, "textback-2.local") == ADDRESSES[THERE])
    print(f"{passed} passed, {failed} failed", flush=True)
    sys.exit(1 if failed else 0)


main()
