"""WSGI-1, SITE-01: answers as they stand on the wire."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import struct
import threading
import time

import pytest

from runtime.config import Address, ServerConfig
from runtime.server import web_server
from runtime.server.channel import Channel
from runtime.server.web_server import WebServer


def application(environ, start_response):
    path = environ["PATH_INFO"]
    headers = [("content-type", "text/plain"), ("X-Multi", "1"), ("X-Multi", "2")]
    body = [b"Hello"]
    if path == "/empty":
        body = []
        headers.append(("Content-Length", "0"))
    elif path == "/parts":
        body = [b"Hel", b"lo"]
    elif path == "/none":
        start_response("204 NO CONTENT", [])
        return []
    elif path == "/dated":
        headers += [("Date", "Thu, 01 Jan 1970 00:00:00 GMT"), ("Server", "other"), ("Content-Length", "5")]
    elif path == "/slow":
        time.sleep(0.005)
        headers.append(("content-length", "5"))
    elif path == "/long":
        body = [b"x" * 3_000_000]
        headers.append(("content-length", "3000000"))
    else:
        headers.append(("content-length", "5"))
    start_response("200 OK", headers)
    return body


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setattr(web_server, "_ROUND", 120.0)  # nothing may wait for the loop's clock
    (tmp_path / "applications").mkdir()
    server = WebServer(application, ServerConfig(tmp_path, (Address("127.0.0.1", 0),), threads=2))
    server.start()
    yield server
    server.stop(1)


@pytest.fixture
def port(server):
    return server.address.port


def talk(port, *requests):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"".join(requests))
        connection.shutdown(socket.SHUT_WR)
        out = b""
        while data := connection.recv(1 << 16):
            out += data
    return out


def request(path, version="1.1", *lines):
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: x", *lines, "", ""]).encode()


def test_usual_answer(port):
    """One head with proper names, both values of a name in order, date and server once."""
    head, _, body = talk(port, request("/")).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert body == b"Hello"
    assert lines.count("Content-Length: 5") == 1
    assert [line for line in lines if line.startswith("X-Multi")] == ["X-Multi: 1", "X-Multi: 2"]
    assert len([line for line in lines if line.startswith("Date: ") and line.endswith(" GMT")]) == 1
    assert "Server: Hadron" in lines
    assert "Content-Type: text/plain" in lines


def test_pipelined_and_half_closed(port):
    """Bad input of the request path: several requests at once, then the client's side closed."""
    answers = talk(port, request("/"), request("/dated"), request("/empty"), request("/"))
    assert answers.count(b"HTTP/1.1 200 OK") == 4
    assert answers.count(b"Hello") == 3


@pytest.mark.parametrize(
    ("path", "version", "lines", "wanted", "unwanted"),
    [
        ("/", "1.0", (), b"Connection: close", b"Transfer-Encoding"),
        ("/", "1.0", ("Connection: keep-alive",), b"Connection: Keep-Alive", b"Connection: close"),
        ("/", "1.1", ("Connection: close",), b"Connection: close", b"Keep-Alive"),
        ("/none", "1.1", (), b"204 NO CONTENT", b"Content-Length"),
        ("/dated", "1.1", (), b"Thu, 01 Jan 1970", b"Server: Hadron"),
        ("/parts", "1.1", (), b"Transfer-Encoding: chunked", b"Content-Length"),
    ],
)
def test_unusual_answers(port, path, version, lines, wanted, unwanted):
    """What is not usual is left to waitress, which knows the rules of each version."""
    answer = talk(port, request(path, version, *lines))
    assert wanted in answer
    assert unwanted not in answer


def test_a_long_answer_in_one_piece(port):
    """More than the socket takes at once arrives whole."""
    _, _, body = talk(port, request("/long")).partition(b"\r\n\r\n")
    assert len(body) == 3_000_000


def answers_of(connection, count):
    """Read `count` answers whose bodies are ``Hello``."""
    out = b""
    while out.count(b"\r\n\r\nHello") < count:
        data = connection.recv(1 << 16)
        assert data, out
        out += data
    return out


def test_a_kept_connection_needs_no_waking(server, monkeypatch, eventually):
    """WSGI-1: after an answer the loop listens already; between requests no thread is woken for nothing."""
    woken = []
    pull = server._listeners[0].trigger.pull_trigger
    monkeypatch.setattr(server._listeners[0].trigger, "pull_trigger", lambda *a: (woken.append(1), pull(*a)))
    with socket.create_connection(("127.0.0.1", server.address.port), timeout=60) as connection:
        for _ in range(50):
            connection.sendall(request("/"))
            answers_of(connection, 1)
            eventually(lambda: not server.in_flight())
    assert len(woken) < 25


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="other systems ask every connection")
def test_idle_connections_cost_nothing(server, monkeypatch, eventually):
    """CLI-19: browsers keep connections open; a request of another visitor does not ask each of them."""
    asked = []
    readable = Channel.readable
    monkeypatch.setattr(Channel, "readable", lambda self: (asked.append(1), readable(self))[1])
    with contextlib.ExitStack() as stack:
        idle = [socket.create_connection(("127.0.0.1", server.address.port), timeout=10) for _ in range(80)]
        for connection in idle:
            stack.enter_context(connection)
            connection.sendall(request("/"))
            answers_of(connection, 1)
        eventually(lambda: not server.in_flight())
        asked.clear()
        began = time.monotonic()
        for _ in range(100):
            idle[0].sendall(request("/"))
            answers_of(idle[0], 1)
        assert len(asked) < 100 * 10 + 80 * 3 * (1 + time.monotonic() - began)  # all of them once a second


def test_no_answer_waits_for_the_next_round(server, eventually):
    """CLI-19: whatever clients do, and whenever, the loop learns of it at once: nothing waits for its clock."""
    choose = random.Random(7)
    failed = []

    def visit(seed):
        choose = random.Random(seed)
        try:
            for _ in range(40):
                with socket.create_connection(("127.0.0.1", server.address.port), timeout=60) as connection:
                    for _ in range(choose.randrange(1, 5)):
                        count = choose.randrange(1, 4)
                        sent = b"".join(request(choose.choice(["/", "/slow"])) for _ in range(count))
                        cut = choose.randrange(1, len(sent))
                        connection.sendall(sent[:cut])
                        if choose.random() < 0.3:
                            time.sleep(choose.random() / 50)
                        connection.sendall(sent[cut:])
                        answers_of(connection, count)
                    if choose.random() < 0.1:
                        connection.sendall(request("/long"))
                        left = 3_000_000
                        while left > 0:
                            left -= len(connection.recv(1 << 16))
                    if choose.random() < 0.5:
                        connection.sendall(request("/slow"))
                        connection.shutdown(socket.SHUT_WR)
                        answers_of(connection, 1)
                        assert connection.recv(10) == b""  # and closes, too
        except Exception as error:  # another thread's
            failed.append(error)

    threads = [threading.Thread(target=visit, args=(choose.random(),)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    eventually(lambda: not server.in_flight())


def test_who_leaves_while_a_request_runs_leaves_nothing(server, eventually):
    """CLI-19: a client that is gone before its answer keeps neither connection nor thread."""
    for number in range(20):
        connection = socket.create_connection(("127.0.0.1", server.address.port), timeout=60)
        connection.sendall(request("/slow") * 2)
        if number % 2:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
        connection.close()
    eventually(lambda: server.connections() == 0 and server.busy_threads() == 0)
