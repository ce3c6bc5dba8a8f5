"""What the checks need of the machine: the demo, chromedriver, and browsers spoken to in WebDriver's own JSON.

Knows nothing of what the page should show. WebDriver is https://www.w3.org/TR/webdriver2/; `goog/cdp/execute`, `se/log`
and the performance log are chromedriver's own.
"""

import base64
import json
import os
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

POLL_S = 0.05
"""Between two looks at a condition."""
WAIT_S = 20
"""How long a condition may take to come true, unless the check says otherwise."""
ANSWER_S = 40
"""How long chromedriver may take over one command: starting a browser on a busy machine takes the longest."""
STOP_S = 5
"""How long a process may take to end when told to. The daemon gives its open pages 2 s of it."""

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key that marks an element in JSON (WebDriver, 12.1)."""

FLAGS = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    # Small in containers.
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    # Whatever the page might ask of another machine fails, and the log says so.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

# Loopback only, whatever proxies the environment names.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class NotSo(AssertionError):
    """A check did not hold; the message says what was found."""


def until(look, expected, within=WAIT_S):
    """Looks until there is something to see and returns it. `expected` names it in the complaint."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise NotSo(f"not within {within} s: {expected}")
        time.sleep(POLL_S)


class Process:
    """A process whose output is read line by line. It ends with the `with` block."""

    def __init__(self, command, env=None):
        self.child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
            encoding="utf-8", errors="replace", start_new_session=True)
        self.lines = []
        self.unread = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line)
            self.unread.put(line)
        self.unread.put(None)

    def wait_for_line(self, pattern, within=WAIT_S):
        """The match of the first line that has `pattern`."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0:
            try:
                line = self.unread.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise NotSo(f"{self.child.args[0]} ended: {''.join(self.lines).strip()}")
            if match := re.search(pattern, line):
                return match
        raise NotSo(f"{self.child.args[0]} did not say {pattern!r} within {within} s: {''.join(self.lines).strip()}")

    def stop(self):
        """Ctrl-C. Returns the exit code and the seconds it took; kills it if that takes too long."""
        began = time.monotonic()
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        try:
            return self.child.wait(STOP_S), time.monotonic() - began
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            return self.child.wait(), time.monotonic() - began

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Demo(Process):
    """`textback demo` on a database of its own."""

    def __init__(self, program, data_dir, listen="127.0.0.1:0"):
        super().__init__([program, "demo", "--listen", listen, "--data-dir", data_dir])
        try:
            self.listen = self.wait_for_line(r"http://(127\.0\.0\.1:\d+)").group(1)
        except NotSo:
            self.stop()
            raise
        self.address = f"http://{self.listen}/"


class Box(Process):
    """`textback run` on a database of its own, and without a modem: what is looked at here is its door."""

    def __init__(self, program, data_dir):
        command = [program, "run", "--port", f"{data_dir}/no-modem", "--listen", "127.0.0.1:0", "--data-dir", data_dir]
        super().__init__(command, {**os.environ, "TEXTBACK_LOG": "info"})
        try:
            # The code is told before the address.
            self.code = self.wait_for_line(r"with the code (\d+ \d+)").group(1)
            self.address = f"http://{self.wait_for_line(r'page=(127.0.0.1:[0-9]+)').group(1)}/"
        except NotSo:
            self.stop()
            raise


class Driver(Process):
    """chromedriver on a free port, with a home of its own that nothing was ever kept in."""

    def __init__(self):
        program = shutil.which("chromedriver")
        names = ("chromium", "chromium-browser", "google-chrome")
        self.browser = next(filter(None, map(shutil.which, names)), None)
        if not program or not self.browser:
            raise NotSo("chromium and chromedriver are needed; on Debian: apt-get install chromium chromium-driver")
        self.home = tempfile.TemporaryDirectory(prefix="textback-browser-", ignore_cleanup_errors=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        env |= {"HOME": self.home.name, "LC_ALL": "C.UTF-8"}
        super().__init__([program, "--port=0"], env)
        try:
            self.port = self.wait_for_line(r"started successfully on port (\d+)").group(1)
        except NotSo:
            self.stop()
            raise

    def call(self, method, path, body=None):
        """One WebDriver command; its value."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", data, {"Content-Type": "application/json"}, method=method)
        try:
            with OPENER.open(request, timeout=ANSWER_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise NotSo(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def __exit__(self, *_):
        self.stop()
        self.home.cleanup()


class Browser:
    """One browser with an empty profile. It ends with the `with` block."""

    def __init__(self, driver, script=True):
        self.driver = driver
        self.profile = tempfile.TemporaryDirectory(dir=driver.home.name, ignore_cleanup_errors=True)
        # chromium's sandbox does not start for root.
        as_root = ["--no-sandbox"] if os.geteuid() == 0 else []
        options = {
            "binary": driver.browser,
            "args": [*FLAGS, *as_root, f"--user-data-dir={self.profile.name}"],
            # 2: blocked (chromium's ContentSetting).
            "prefs": {} if script else {"profile.managed_default_content_settings.javascript": 2},
        }
        wanted = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            "timeouts": {"pageLoad": 1000 * WAIT_S, "script": 1000 * WAIT_S},
        }
        session = driver.call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.version = session["capabilities"]["browserVersion"]
        self.path = f"/session/{session['sessionId']}"
        # Some builds begin with a page of their own.
        self.open("about:blank")
        self.log("performance")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.call("DELETE", self.path)

    def post(self, path, **body):
        return self.driver.call("POST", f"{self.path}/{path}", body)

    def open(self, address):
        self.post("url", url=address)

    def reload(self):
        self.post("refresh")

    def run(self, script, *arguments):
        """Runs a function body in the page."""
        return self.post("execute/sync", script=script, args=list(arguments))

    def devtools(self, command, **parameters):
        """A command of the DevTools protocol."""
        return self.post("goog/cdp/execute", cmd=command, params=parameters)

    def size(self, width, height, scale=1):
        """Makes the page's window that many CSS pixels wide and high."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale,
                      mobile=width < 600)

    def colours(self, scheme):
        """`light` or `dark`, as the owner has set his device."""
        self.devtools("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])

    def picture(self, height):
        """A PNG of the page from its top down to `height`, as wide as the window."""
        width = self.run("return innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.devtools("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(shot["data"])

    def all(self, selector):
        """The elements that CSS selects."""
        found = self.post("elements", using="css selector", value=selector)
        return [Element(self, reference[ELEMENT]) for reference in found]

    def one(self, selector):
        """The one element that CSS selects."""
        found = self.all(selector)
        if len(found) != 1:
            raise NotSo(f"{len(found)} elements are {selector!r}, not one")
        return found[0]

    def text(self, selector):
        """The text shown in all that CSS selects, a line each, as it stands at one moment."""
        return self.run(
            "const all = [...document.querySelectorAll(arguments[0])].filter((each) => each.checkVisibility());"
            "return all.map((each) => each.innerText).join('\\n')", selector)

    def log(self, kind):
        """What the log of that kind has gathered since it was last asked for."""
        return self.post("se/log", type=kind)


class Element:
    """An element of a page."""

    def __init__(self, browser, reference):
        self.browser = browser
        self.path = f"{browser.path}/element/{reference}"
        # As an argument to a script.
        self.reference = {ELEMENT: reference}

    def get(self, what):
        return self.browser.driver.call("GET", f"{self.path}/{what}")

    def post(self, what, **body):
        self.browser.driver.call("POST", f"{self.path}/{what}", body)

    def value(self):
        return self.get("property/value")

    def name(self):
        """What a screen reader calls it: the accessible name."""
        return self.get("computedlabel")

    def type(self, text):
        self.post("value", text=text)

    def replace(self, text):
        self.post("clear")
        self.type(text)

    def click(self):
        self.post("click")
