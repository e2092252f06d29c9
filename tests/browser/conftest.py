"""Headless Chromium and a real server on loopback, for tests of what only a browser does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import resources
from runtime.config import Address, ServerConfig
from runtime.foundation.current import current
from runtime.server.web_server import WebServer
from runtime.web.application import Application
from tests.services import missing

BROWSER, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
WELCOME = resources.ROOT / "applications" / "welcome"
WAIT = 60.0
"""Seconds after which something that should appear in the page is missing."""
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--lang=en",
)  # fmt: skip


def open_browser(profile: Path, *flags: str) -> Any:
    """Start a Chromium with a fresh profile; the caller calls `quit`."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for flag in (*FLAGS, f"--user-data-dir={profile}", *flags):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    driver.set_page_load_timeout(60)
    driver.set_script_timeout(60)
    return driver


@pytest.fixture(scope="session")
def browser_is_there() -> None:
    """Skip without a browser; fail where services are required."""
    absent = [path for path in (BROWSER, DRIVER) if not os.path.exists(path)]
    if absent:
        missing(f"no browser: {', '.join(absent)} missing")


@pytest.fixture(scope="session")
def shared_browser(browser_is_there: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    driver = open_browser(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def browser(shared_browser: Any) -> Iterator[Any]:
    """The browser, without cookies and with an empty log."""
    shared_browser.delete_all_cookies()
    shared_browser.get_log("browser")
    yield shared_browser
    shared_browser.get("about:blank")


@pytest.fixture(scope="session")
def shared_plain_browser(browser_is_there: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    driver = open_browser(tmp_path_factory.mktemp("plain"), "--blink-settings=scriptEnabled=false")
    yield driver
    driver.quit()


@pytest.fixture
def plain_browser(shared_plain_browser: Any) -> Iterator[Any]:
    """A browser that runs no JavaScript, without cookies."""
    shared_plain_browser.delete_all_cookies()
    yield shared_plain_browser
    shared_plain_browser.get("about:blank")


class Site:
    """A site folder and its running server."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.server: WebServer | None = None
        self.child: subprocess.Popen[str] | None = None
        (root / "applications").mkdir()

    def write(self, name: str, text: str, app: str = "myapp") -> None:
        path = self.root / "applications" / app / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")

    def copy_welcome(self, app: str = "welcome") -> Path:
        """Make `app` a copy of the scaffolding application."""
        target = self.root / "applications" / app
        shutil.copytree(WELCOME, target, ignore=shutil.ignore_patterns("__pycache__"))
        return target

    def start(self, threads: int = 10) -> str:
        """Serve the site on a free port; returns its address."""
        config = ServerConfig(folder=self.root, interfaces=(Address("127.0.0.1", 0),), threads=threads)
        self.server = WebServer(Application(self.root), config)
        self.server.start()
        return self.server.url.rstrip("/")

    def start_child(self) -> str:
        """Serve the site by a process of its own on a free port; returns its address."""
        command = [
            sys.executable,
            "-m",
            "desktop.launch",
            "serve",
            "--supervised",
            "-f",
            str(self.root),
            "-p",
            "0",
        ]
        environment = {**os.environ, "HADRON_RUNTIME_DIR": str(self.root)}
        with (self.root / "server.txt").open("w") as said:
            self.child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, text=True,
                cwd=Path(__file__).parents[2], env=environment,
            )  # fmt: skip
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write("{}\n")
        self.child.stdin.flush()
        for line in self.child.stdout:
            event = json.loads(line)
            if event["event"] == "listening":
                return str(event["url"]).rstrip("/")
        pytest.fail((self.root / "server.txt").read_text())

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop(10)
        if self.child is not None:
            self.child.kill()
            self.child.communicate(timeout=WAIT)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    root = tmp_path / "site"
    root.mkdir()
    made = Site(root)
    yield made
    made.stop()
    current._begin()


class Parts:
    """One small application with the browser file of the scaffolding, open in the browser."""

    def __init__(self, site: Site, browser: Any) -> None:
        self.site = site
        self.browser = browser
        self.address = ""
        script = (WELCOME / "static" / "js" / "components.js").read_text("utf-8")
        site.write("static/js/components.js", script)
        site.write(
            "views/layout.html",
            """\
            <!DOCTYPE html><html lang="en"><head><title>parts</title>
            <meta name="w2p-fault" content="Could not load.">
            <meta name="w2p-working" content="Working">
            <meta name="w2p-confirm" content="Really?">
            <script src="{{=URL('static', 'js/components.js')}}"></script></head>
            <body><div class="flash" role="status">{{=response.flash or ''}}</div>
            <main>{{include}}</main></body></html>
            """,
        )

    def open(self, controller: str, view: str, path: str = "/myapp/default/index", **views: str) -> Any:
        """Serve a controller and the view of its `index`; return the browser on that page."""
        self.site.write("controllers/default.py", controller)
        self.site.write("views/default/index.html", "{{extend 'layout.html'}}\n" + textwrap.dedent(view))
        for name, text in views.items():
            self.site.write(f"views/default/{name}.load", text)
        self.address = self.address or self.site.start()
        self.browser.get(self.address + path)
        return self.browser

    def text(self, selector: str) -> str:
        return str(
            self.browser.execute_script("return document.querySelector(arguments[0]).textContent", selector)
        )

    def find(self, selector: str) -> Any:
        from selenium.webdriver.common.by import By

        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def wait(self, condition: Callable[[], Any]) -> Any:
        """Wait until `condition` returns something true."""
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        waiting = WebDriverWait(self.browser, WAIT, 0.05, ignored_exceptions=(WebDriverException,))
        return waiting.until(lambda _: condition())

    def wait_text(self, selector: str, text: str) -> None:
        """Wait until the element shows `text`; the failure says what it shows instead."""
        from selenium.common.exceptions import TimeoutException

        try:
            self.wait(lambda: text in self.text(selector))
        except TimeoutException:
            pytest.fail(f"{selector} shows {self.text(selector)!r}, not {text!r}; log: {self.log()}")

    def js(self, script: str, *arguments: Any) -> Any:
        return self.browser.execute_script(script, *arguments)

    def log(self) -> list[str]:
        """What the browser's console says, requests for the icon left out."""
        return [e["message"] for e in self.browser.get_log("browser") if "favicon" not in e["message"]]


@pytest.fixture
def make_parts(site: Site) -> Callable[[Any], Parts]:
    """Makes `Parts` for another browser."""
    return lambda browser: Parts(site, browser)


@pytest.fixture
def parts(site: Site, browser: Any) -> Parts:
    return Parts(site, browser)
