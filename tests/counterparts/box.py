"""The box: the real program on a simulated modem behind a pseudo-terminal, with a configuration of its own."""

import json
import pathlib
import re
import subprocess
import time
import urllib.request

PATIENCE_S = 40
"""Nothing here takes so long unless it is broken: a receiver is tried again after 5, 10 and 20 s."""
LOOK_EVERY_S = 0.05
PASSWORD = "three-wet-socks"
"""What the page is opened with."""


class NotSo(Exception):
    """A check that does not hold; says what was found."""


def until(what, look):
    """Waits until `look` finds something, and gives that."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(LOOK_EVERY_S)
    raise NotSo(f"waited in vain until {what}")


def need(condition, found):
    if not condition:
        raise NotSo(found)


def secret_file(path, text):
    path.touch(mode=0o600)
    path.write_text(text + "\n", "utf-8")
    return path


class Box:
    """A running one; `config` is what it is told beside its modem, page and database."""

    def __init__(self, programs, folder, config, settings=()):
        self.folder, self.program = folder, programs.textback
        port, self.data, self.log = folder / "modem", folder / "data", folder / "log"
        self.config = folder / "textback.toml"
        self.config.write_text(
            f'web.listen = "127.0.0.1:0"\ndata.dir = "{self.data}"\nmodem.port = "{port}"\n{config}', "utf-8"
        )
        for key, value in settings:
            self.run("settings", "set", key, value, "--data-dir", str(self.data))
        command = [self.program, "password", "--data-dir", str(self.data)]
        subprocess.run(command, check=True, timeout=PATIENCE_S, stdout=subprocess.DEVNULL, input=PASSWORD, text=True)
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.modem = subprocess.Popen([programs.modem, str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        until("the modem's port is there", lambda: port.exists())
        with open(self.log, "w", encoding="utf-8") as log:
            self.daemon = subprocess.Popen(
                [self.program, "run", "--config", str(self.config)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )

    def __enter__(self):
        try:
            address = until("it says where its page is", lambda: re.search(r"page=(\S+)", self.said()))[1]
            self.page = f"http://{address}"
            self.browser.open(f"{self.page}/sign-in", f"password={PASSWORD}".encode(), timeout=20).close()
            until("it is ready", self.is_ready)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        for process in (self.daemon, self.modem):
            process.terminate()
            process.wait(10)

    def run(self, *arguments):
        subprocess.run([self.program, *arguments], check=True, timeout=PATIENCE_S, stdout=subprocess.DEVNULL)

    def said(self):
        """Its log so far."""
        return self.log.read_text("utf-8")

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.page}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def shows(self):
        """The page, as it says now how the receivers are doing."""
        with self.browser.open(f"{self.page}/now", timeout=5) as answer:
            return answer.read().decode()

    def ask(self, *command):
        """Has the modem do something; see examples/modem.rs."""
        self.modem.stdin.write(json.dumps(command) + "\n")
        self.modem.stdin.flush()
        return json.loads(self.modem.stdout.readline())

    def missed(self, number):
        self.ask("call", number)

    def reply(self, number, words):
        self.ask("text", number, words)

    def sent(self, count):
        """The texts that the network has taken, once there are so many."""
        return [tuple(each) for each in self.ask("sent", count)]
