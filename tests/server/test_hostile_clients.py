"""The whole stack over loopback against clients that do not behave."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from runtime.config import build_config
from runtime.server.web_server import WebServer
from runtime.web.application import Application
from tests.ports import free_port

pytestmark = [pytest.mark.server]

CONTROLLER = """
def index():
    return 'hello'
def echo():
    return '%s %s' % (dict(request.post_vars), len(request.body.read()))
def slow():
    import time
    for number in range(20):
        time.sleep(0.05)
        yield 'x' * 1000
def stream():
    return response.stream(request.folder + 'private/big.bin')
"""


@pytest.fixture
def myapp(site):
    folder = site / "applications" / "myapp"
    for name in ("controllers", "static", "private"):
        (folder / name).mkdir(parents=True)
    (folder / "controllers" / "default.py").write_text(CONTROLLER)
    (folder / "static" / "a.txt").write_text("static")
    return folder


@pytest.fixture
def server(site, myapp):
    """A server with the real application; `max_body` is 1 MB."""
    server = WebServer(Application(site, max_body=1024 * 1024), build_config({"ip": "127.0.0.1", "port": 0}))
    server.bind()
    server.start()
    yield server
    server.stop(5)


@pytest.fixture
def talk(server):
    """Send raw bytes and return everything that comes back before the server closes or goes silent."""

    def send(data: bytes, half_close: bool = False, seconds: float = 60.0) -> bytes:
        port = int(re.search(r":(\d+)", server.url)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.settimeout(seconds)
            try:
                client.sendall(data)
                if half_close:
                    client.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # refused while it was still being sent
            out = b""
            try:
                while block := client.recv(65536):
                    out += block
            except (TimeoutError, ConnectionError):
                pass
            return out

    return send


def _get(path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", *headers]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_pipelined_requests_are_answered_in_order(talk):
    """WSGI-1, FLOW-01: two requests in one packet, two answers in order."""
    first = b"GET /myapp/static/a.txt HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = talk(first + _get("/myapp/default/index"))
    assert answer.count(b"HTTP/1.1 200 OK") == 2
    assert answer.index(b"static") < answer.index(b"hello")


def test_half_closed_connection_gets_its_answer(talk):
    """FLOW-01: a client that stops sending still hears."""
    assert talk(_get("/myapp/default/index"), half_close=True).endswith(b"hello")


@pytest.mark.parametrize(
    ("raw", "allowed"),
    [
        (b"GARBAGE\r\n\r\n", {400}),
        (b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}),
        (b"GET /myapp/static/..%2f..%2fx HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {400, 404}),
        (_get("/myapp/default/echo", "Content-Length: -1", method="POST"), {400}),
        (_get("/myapp/default/echo", "Content-Length: abc", method="POST"), {400}),
        (_get("/myapp/default/echo", "Content-Length: 5", "Content-Length: 6", method="POST", body=b"aaaaaa"), {400}),
        (_get("/myapp/default/echo", "Content-Type: multipart/form-data; boundary=b", "Content-Length: 5",
              method="POST", body=b"--b\r\n"), {400}),
        (_get("/myapp/default/index", "X-Long: " + "a" * 300_000), {400, 431}),
        (_get("/" + "a" * 20_000), {400, 404, 414, 431}),
        (_get("/myapp/default/index", "Bad Header: x"), {200, 400}),
    ],
)  # fmt: skip
def test_nonsense_is_refused_and_the_server_goes_on(talk, myapp, raw, allowed):
    """VAL-01, VAL-04, REQ-10: an answer of 4xx, no ticket, and the next visitor is served."""
    assert _status(talk(raw)) in allowed
    assert talk(_get("/myapp/default/index")).endswith(b"hello")
    assert not list((myapp / "errors").glob("*.json"))


def test_lying_length_is_not_waited_for_by_others(talk):
    """REQ-10: who announces more than comes blocks nobody."""
    assert (
        talk(_get("/myapp/default/echo", "Content-Length: 1000", method="POST", body=b"a=1"), seconds=0.3)
        == b""
    )
    assert talk(_get("/myapp/default/index")).endswith(b"hello")


def test_absent_length_reads_as_no_body(talk):
    """REQ-10."""
    assert b"{} 0" in talk(_get("/myapp/default/echo", method="POST"))


def test_chunked_body_is_read(talk):
    """REQ-10, REQ-16: a body in chunks arrives whole."""
    body = b"3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n"
    headers = ("Transfer-Encoding: chunked", "Content-Type: application/x-www-form-urlencoded")
    assert b"{'a': '1', 'b': '2'} 7" in talk(_get("/myapp/default/echo", *headers, method="POST", body=body))


def test_a_body_over_the_limit_is_413(talk):
    """REQ-16: more than the application takes is refused."""
    size = 1024 * 1024 + 1
    answer = talk(_get("/myapp/default/echo", f"Content-Length: {size}", method="POST", body=b"x" * size))
    assert _status(answer) == 413


def test_a_client_that_goes_away_costs_nobody_anything(talk, server, eventually, myapp):
    """LOCK-09, ERR-10: mid-way through a stream; the thread is free again, nothing is ticketed."""
    port = int(re.search(r":(\d+)", server.url)[1])
    for _ in range(4):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall(_get("/myapp/default/slow"))
            client.recv(100)
    eventually(lambda: server.in_flight() == 0, "no request in flight")
    assert talk(_get("/myapp/default/index")).endswith(b"hello")
    assert not list((myapp / "errors").glob("*.json"))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_gigabytes_in_constant_memory(site, myapp, tmp_path, eventually, fetch):
    """FLOW-03, FUN-14, RESP-18: more than 32 bits count from `static`, and by `response.stream`; memory stays flat."""
    sizes = {"/myapp/static/big.bin": 5 * 1024**3, "/myapp/default/stream": 512 * 1024**2}
    for folder, size in zip(("static", "private"), sizes.values(), strict=True):
        with (myapp / folder / "big.bin").open("wb") as stream:
            stream.truncate(size)
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "desktop.launch",
        "serve",
        "-f",
        str(site),
        "-p",
        str(port),
        "--no-banner",
    ]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=Path(__file__).parents[2])
    try:

        def answers() -> bool:
            try:
                return fetch(f"http://127.0.0.1:{port}/myapp/default/index")[0] == 200
            except OSError:
                return False

        eventually(answers, "the server")
        before = psutil.Process(process.pid).memory_info().rss
        for path, size in sizes.items():
            assert _drain(port, path) == size
        growth = psutil.Process(process.pid).memory_info().rss - before
        assert growth < 40 * 1024**2
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _drain(port: int, path: str) -> int:
    """Fetch `path` and return the bytes of its body, looking at none of them."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(_get(path))
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        total = len(head.partition(b"\r\n\r\n")[2])
        buffer = bytearray(4 * 1024 * 1024)
        end = time.monotonic() + 250
        while time.monotonic() < end:
            count = client.recv_into(buffer)
            if not count:
                return total
            total += count
    raise AssertionError(f"{os.path.basename(path)} was not through after 250 s")
