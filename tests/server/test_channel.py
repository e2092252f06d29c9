"""WSGI-1, SITE-01: answers as they stand on the wire."""

from __future__ import annotations

import socket

import pytest

from runtime.config import Address, ServerConfig
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
    elif path == "/long":
        body = [b"x" * 3_000_000]
        headers.append(("content-length", "3000000"))
    else:
        headers.append(("content-length", "5"))
    start_response("200 OK", headers)
    return body


@pytest.fixture
def port(tmp_path):
    (tmp_path / "applications").mkdir()
    server = WebServer(application, ServerConfig(tmp_path, (Address("127.0.0.1", 0),), threads=2))
    server.start()
    yield server.address.port
    server.stop(1)


def talk(port, *requests):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
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
