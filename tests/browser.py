"""A real browser for the tests of pages: headless Chromium, driven by chromedriver over HTTP. `browser_or_skip()` skips
a test where there is none."""

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1400,1000"
).split()
STARTS_IN_S = 60


class Browser:
    """A window. `run` is JavaScript with `arguments`, `press` types keys, `problems` lists what the console said."""

    def __init__(self, port: int):
        self.address = f"http://127.0.0.1:{port}/session"

    def call(self, method: str, path: str, body: dict | None = None):
        request = urllib.request.Request(
            self.address + path, method=method, data=None if body is None else json.dumps(body).encode()
        )
        try:
            with urllib.request.urlopen(request, timeout=STARTS_IN_S) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()[:500]) from error

    def start(self, binary: str, profile: Path) -> None:
        options = {"binary": binary, "args": [*FLAGS, f"--user-data-dir={profile}"]}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = self.call("POST", "", {"capabilities": {"alwaysMatch": capabilities}})
        self.address += f"/{session['sessionId']}"

    def open(self, url: str) -> None:
        self.call("POST", "/url", {"url": url})

    def run(self, script: str, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def press(self, keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def click(self, selector: str) -> None:
        self.call("POST", f"/element/{self.element(selector)}/click", {})

    def hover(self, selector: str) -> None:
        origin = {"element-6066-11e4-a52e-4f735466cecf": self.element(selector)}
        move = {"type": "pointerMove", "duration": 0, "origin": origin, "x": 0, "y": 0}
        self.call("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move]}]})

    def element(self, selector: str) -> str:
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        return next(iter(found.values()))

    def text(self, selector: str) -> str:
        return self.run("return document.querySelector(arguments[0]).innerText", selector)

    def texts(self, selector: str) -> list[str]:
        script = "return [...document.querySelectorAll(arguments[0])].filter(n => n.checkVisibility())"
        return self.run(f"{script}.map(n => n.innerText)", selector)

    def devtools(self, command: str, **parameters) -> dict:
        return self.call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def busy_s(self) -> float:
        """Processor seconds of the page's main thread so far, however busy the machine is with other things."""
        self.devtools("Performance.enable", timeDomain="threadTicks")
        return next(
            m["value"] for m in self.devtools("Performance.getMetrics")["metrics"] if m["name"] == "TaskDuration"
        )

    def problems(self) -> list[str]:
        return [row["message"] for row in self.call("POST", "/se/log", {"type": "browser"})]


@contextmanager
def browser_or_skip(folder: Path):
    """A Browser with a profile of its own in `folder`."""
    driver, binary = shutil.which("chromedriver"), next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not driver or not binary:
        pytest.skip("no Chromium with chromedriver is installed, so the page is opened in no browser")
    log = folder / "chromedriver.log"
    process = subprocess.Popen([driver, "--port=0"], stdout=log.open("w"), stderr=subprocess.STDOUT)
    try:
        browser = Browser(port_in(log, process))
        browser.start(binary, folder / "profile")
        try:
            yield browser
        finally:
            browser.call("DELETE", "")
    finally:
        process.terminate()
        process.wait()


def port_in(log: Path, process: subprocess.Popen) -> int:
    """The port that chromedriver says it listens on."""
    until = time.monotonic() + STARTS_IN_S
    while time.monotonic() < until and process.poll() is None:
        said = log.read_text()
        if found := re.search(r"successfully on port (\d+)\.", said):
            return int(found[1])
        time.sleep(0.05)
    raise AssertionError(f"chromedriver did not start: {log.read_text()}")
