"""Servers in this process and in child processes, each with its own runtime folder."""

import json
import queue
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

CHILD = Path(__file__).with_name("child_server.py")
PATIENCE = 60.0  # seconds; a bound against hanging, not an expectation


@pytest.fixture(autouse=True)
def runtime_dir(tmp_path_factory, monkeypatch):
    folder = tmp_path_factory.mktemp("run")
    monkeypatch.setenv("HADRON_RUNTIME_DIR", str(folder))
    return folder


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return folder


@pytest.fixture
def eventually():
    def wait(condition, what="the condition"):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError(f"{what} did not come true")

    return wait


@pytest.fixture
def fetch():
    """GET a URL: status and body; refusals raise OSError."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(url, headers=None):
        try:
            with opener.open(urllib.request.Request(url, headers=headers or {}), timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    return get


@pytest.fixture
def in_background():
    """Run a function in a thread; the returned function waits for its result."""

    def start(function, *args):
        results = queue.Queue()

        def work():
            try:
                results.put((True, function(*args)))
            except Exception as error:
                results.put((False, error))

        threading.Thread(target=work, daemon=True).start()

        def result():
            good, value = results.get(timeout=PATIENCE)
            if not good:
                raise value
            return value

        return result

    return start


class Child:
    """A server process; `events` are read by a thread, so waiting is bounded."""

    def __init__(self, arguments, supervised=True, order=None):
        command = [
            sys.executable,
            str(CHILD),
            *(["--supervised"] if supervised else []),
            *map(str, arguments),
        ]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.lines = queue.Queue()
        self.errors = []
        self.seen = []
        threading.Thread(target=self._read_out, daemon=True).start()
        self._err_reader = threading.Thread(target=self._read_err, daemon=True)
        self._err_reader.start()
        if supervised:
            self.process.stdin.write(json.dumps(order or {}) + "\n")
            self.process.stdin.flush()

    def _read_out(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def _read_err(self):
        for line in self.process.stderr:
            self.errors.append(line.rstrip("\n"))

    def line(self):
        line = self.lines.get(timeout=PATIENCE)
        if line is None:
            raise AssertionError(f"the child has ended; stderr: {self.errors}")
        return line

    def event(self, name):
        """Read events until `name` comes; returns it."""
        while True:
            event = json.loads(self.line())
            self.seen.append(event["event"])
            if event["event"] == name:
                return event
            assert event["event"] != "failed", event

    def end(self):
        code = self.process.wait(timeout=PATIENCE)
        self._err_reader.join(timeout=PATIENCE)
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=PATIENCE)
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                pass


@pytest.fixture
def spawn(site):
    children = []

    def start(*arguments, supervised=True, order=None):
        if not any(str(a).startswith("-f") for a in arguments):
            arguments = ("-f", site, *arguments)
        child = Child(arguments, supervised, order)
        children.append(child)
        return child

    yield start
    for child in children:
        child.close()
