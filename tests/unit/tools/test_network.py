"""Asking other servers: what they are told, what is read of them."""

from __future__ import annotations

import threading
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from runtime.tools import network


class Handler(BaseHTTPRequestHandler):
    """Notes what it is asked; ``/away`` leads to the address in the query, ``/bad`` is an error."""

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        path, _, query = self.path.partition("?")
        self.send_response({"/away": 302, "/bad": 500}.get(path, 200))
        if path == "/away":
            self.send_header("Location", query)
        self.end_headers()
        self.wfile.write(b"x" * 2000 if path == "/long" else b"answer")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append((self.path, body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"posted")

    def log_message(self, *_):
        pass


@pytest.fixture
def servers():
    made = []
    for _ in range(2):
        server = HTTPServer(("127.0.0.1", 0), Handler)
        server.asked = []
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        made.append(server)
    yield made
    for server in made:
        server.shutdown()
        server.server_close()


def address(server, path):
    return f"http://127.0.0.1:{server.server_address[1]}{path}"


def test_fetch(servers):
    """`fetch`: pages, forms, headers, cookies."""
    own, _ = servers
    cookie = SimpleCookie()
    cookie["a"] = "1"
    assert network.fetch(address(own, "/p"), headers={"X-A": "b"}, cookie=cookie) == b"answer"
    headers = own.asked[0][1]
    assert (headers["X-A"], headers["Cookie"]) == ("b", "a=1")
    assert network.fetch(address(own, "/p"), data={"k": "v é"}) == b"posted"
    assert own.asked[1][1] == b"k=v+%C3%A9"


def test_secrets_stay_with_their_server(servers):
    """SEC: a redirect to another server brings it neither password nor cookies; within the server it does."""
    own, other = servers
    secret = {"Authorization": "Basic x", "Cookie": "c"}
    network.open_url(address(own, f"/away?{address(other, '/p')}"), headers=secret)
    assert not {"Authorization", "Cookie"} & set(other.asked[0][1])
    network.open_url(address(own, f"/away?{address(own, '/p')}"), headers=secret)
    assert own.asked[-1][1]["Authorization"] == "Basic x"


def test_what_goes_wrong_is_said(servers, monkeypatch):
    """SEC: errors name the server, never the query; long answers are refused, files are not opened."""
    own, _ = servers
    for path in ("/bad?key=secret", "/away?file:///etc/passwd"):
        with pytest.raises(network.NetworkError, match=r"127\.0\.0\.1") as error:
            network.open_url(address(own, path))
        assert "secret" not in str(error.value)
    monkeypatch.setattr(network, "MAX_BYTES", 100)
    with pytest.raises(network.NetworkError, match="more than 100 bytes"):
        network.open_url(address(own, "/long"))
