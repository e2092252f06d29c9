"""WebServer as a plain object: binding, serving, stopping."""

import http.client
import logging
import os
import socket
import threading
import time
import urllib.error
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from runtime.config import Address, ServerConfig
from runtime.server import web_server
from runtime.server.metrics import MeteredApplication, Metrics
from runtime.server.sockets import AddressUnavailable, PortBusy, PortForbidden
from runtime.server.web_server import WebServer
from tests.ports import free_port

LOCAL = (Address("127.0.0.1", 0),)


def hello(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


class Gate:
    """An application whose requests wait until they are let through."""

    def __init__(self):
        self.entered = threading.Semaphore(0)
        self.open = threading.Event()
        self.running = self.most = 0
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.entered.release()
        self.open.wait(60)
        with self.lock:
            self.running -= 1
        return hello(environ, start_response)


@pytest.fixture
def make(site):
    servers = []

    def build(application=hello, **options):
        options.setdefault("interfaces", LOCAL)
        server = WebServer(application, ServerConfig(site, **options))
        servers.append(server)
        return server

    yield build
    for server in servers:
        server.stop(0)


def test_dev_01_serves_and_stops_without_leaving_threads_or_the_port(make, fetch):
    """DEV-01: start, answer, stop; nothing of it stays behind."""
    before = set(threading.enumerate())
    server = make()
    server.start()
    assert fetch(server.url) == (200, b"hello")
    assert server.stop(20) is True
    assert server.wait(0)
    assert not server.running
    assert set(threading.enumerate()) <= before
    again = make(interfaces=(server.address,))
    again.start()
    assert fetch(again.url) == (200, b"hello")


def test_cli_20_a_running_request_gets_its_answer_while_new_connections_are_refused(
    make, fetch, in_background, eventually
):
    """CLI-20, DESK-10"""
    gate = Gate()
    server = make(gate)
    server.start()
    idle = http.client.HTTPConnection("127.0.0.1", server.address.port, timeout=60)
    idle.connect()  # a client that only keeps its connection must not delay the stop
    answer = in_background(fetch, server.url)
    assert gate.entered.acquire(timeout=60)
    stopped = in_background(server.stop, 15)

    def refused():
        try:
            socket.create_connection(server.address, timeout=5).close()
        except ConnectionError as error:  # a reset when the socket closes in this very moment
            return isinstance(error, ConnectionRefusedError)
        return False

    eventually(refused, "refusal of new connections")
    assert server.in_flight() == 1
    gate.open.set()
    assert answer() == (200, b"hello")
    assert stopped() is True
    idle.close()


def test_cli_20_a_request_beyond_the_grace_time_is_given_up(make, fetch, in_background):
    """CLI-20: the server stops though one request never ends."""
    gate = Gate()
    server = make(gate)
    server.start()
    answer = in_background(fetch, server.url)
    assert gate.entered.acquire(timeout=60)
    assert server.stop(0.2) is False
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        answer()
    gate.open.set()


def test_cli_20_hasten_ends_a_long_grace_time(make, fetch, in_background, eventually):
    """CLI-20: "stop now" while a stop waits."""
    gate = Gate()
    server = make(gate)
    server.start()
    in_background(fetch, server.url)
    assert gate.entered.acquire(timeout=60)
    stopped = in_background(server.stop, 600)
    eventually(lambda: server.draining)
    server.hasten()
    assert stopped() is False
    gate.open.set()


def test_cli_20_a_large_answer_still_being_sent_is_not_cut(make, in_background, eventually):
    """CLI-20: sent means sent to the client, not only computed."""
    size = 12_000_000

    def large(environ, start_response):
        start_response("200 OK", [("Content-Length", str(size))])
        return [b"x" * size]

    server = make(large)
    server.start()
    client = http.client.HTTPConnection("127.0.0.1", server.address.port, timeout=60)
    client.request("GET", "/")
    eventually(lambda: server.in_flight() and not server.busy_threads(), "the answer waits in the server")
    stopped = in_background(server.stop, 15)
    eventually(lambda: server.draining)
    assert len(client.getresponse().read()) == size
    assert stopped() is True


def test_cli_48_serves_on_several_addresses(make, fetch):
    """CLI-48, CONF-03"""
    server = make(interfaces=(Address("127.0.0.1", 0), Address("127.0.0.1", 0)))
    server.start()
    first, second = server.addresses
    assert first.port != second.port
    assert fetch(first.url) == fetch(second.url) == (200, b"hello")


def test_cli_03_serves_ipv6_only_when_asked_to(make, fetch):
    """CLI-03: on ::1, 127.0.0.1 is refused."""
    server = make(interfaces=(Address("::1", 0),))
    try:
        server.bind()
    except AddressUnavailable:
        pytest.skip("this machine has no IPv6")
    server.start()
    assert server.url.startswith("http://[::1]:")
    assert fetch(server.url) == (200, b"hello")
    with pytest.raises(urllib.error.URLError, match="refused"):
        fetch(f"http://127.0.0.1:{server.address.port}/")


def test_start_05_a_busy_port_names_its_owner_and_offers_a_free_one(make):
    """START-05, DEV-07"""
    first = make(interfaces=(Address("127.0.0.1", free_port()),))
    first.bind()
    before = set(threading.enumerate())
    with pytest.raises(PortBusy) as caught:
        make(interfaces=(first.address,)).bind()
    error = caught.value
    assert error.owner_pid == os.getpid()
    assert error.next_free is not None
    assert error.next_free > first.address.port
    assert str(os.getpid()) in str(error)
    assert str(error.next_free) in str(error)
    assert set(threading.enumerate()) <= before
    free = make(interfaces=(Address("127.0.0.1", error.next_free),))
    free.bind()


def test_start_05_one_bad_address_of_several_leaves_no_socket_open(make):
    """START-05: all addresses or none."""
    good = Address("127.0.0.1", free_port())
    with pytest.raises(AddressUnavailable) as caught:
        make(interfaces=(good, Address("203.0.113.7", 0))).bind()
    assert "203.0.113.7" in str(caught.value)
    make(interfaces=(good,)).bind()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open any port")
def test_start_05_a_privileged_port_is_refused_with_advice(make):
    """START-05"""
    with pytest.raises(PortForbidden, match="special rights"):
        make(interfaces=(Address("127.0.0.1", 80),)).bind()


def test_start_05_refused_rights_are_told_from_a_busy_port(make, monkeypatch):
    """START-05: the system's "permission denied" becomes PortForbidden with a port that works."""

    def deny(self, target):
        if target[1] < 1024:
            raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", deny)
    with pytest.raises(PortForbidden) as caught:
        make(interfaces=(Address("127.0.0.1", 80),)).bind()
    assert caught.value.kind == "port_forbidden"
    assert caught.value.next_free >= 8000


def test_cli_16_no_more_requests_at_once_than_threads(make, fetch, in_background, eventually):
    """CLI-15, CLI-16: a pool of fixed size; further requests wait in the queue."""
    gate = Gate()
    server = make(gate, threads=2)
    server.start()
    answers = [in_background(fetch, server.url) for _ in range(3)]
    eventually(lambda: gate.running == 2 and server.queue_depth() == 1, "two running, one waiting")
    assert server.busy_threads() == 2
    gate.open.set()
    assert [answer() for answer in answers] == [(200, b"hello")] * 3
    assert gate.most == 2


def test_cli_18_and_cli_21_values_reach_the_sockets(make, fetch, monkeypatch):
    """CLI-18 the backlog of the listening socket, CLI-21 the timeout of accepted ones."""
    backlogs, options = [], []
    listen, setsockopt = socket.socket.listen, socket.socket.setsockopt
    monkeypatch.setattr(socket.socket, "listen", lambda s, n: (backlogs.append(n), listen(s, n))[1])
    monkeypatch.setattr(socket.socket, "setsockopt", lambda s, *a: (options.append(a), setsockopt(s, *a))[1])
    server = make(queue_size=17, socket_timeout=4.0)
    server.start()
    fetch(server.url)
    assert set(backlogs) == {17}
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        assert (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 4000) in options


def test_cli_19_a_silent_client_is_disconnected(make):
    """CLI-19: half a request, then silence."""
    server = make(timeout=1.0)
    server.start()
    with socket.create_connection(server.address, timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        assert client.recv(100) == b""


def test_cli_19_a_client_that_does_not_read_frees_its_thread(make, eventually):
    """CLI-19: a worker that waits for such a client is released."""
    ended = threading.Event()

    def endless(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        try:
            while True:
                yield b"x" * 1_000_000
        finally:
            ended.set()

    server = make(endless, timeout=1.0, socket_timeout=600.0)
    server.start()
    with socket.create_connection(server.address, timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert ended.wait(60)


def test_cli_17_server_name_reaches_the_application(make, fetch):
    """CLI-17"""

    def name(environ, start_response):
        start_response("200 OK", [])
        return [environ["SERVER_NAME"].encode()]

    server = make(name, server_name="demo")
    server.start()
    assert fetch(server.url)[1] == b"demo"


@pytest.mark.parametrize(("trusted", "seen"), [((), b"None"), (("127.0.0.1",), b"9.9.9.9")])
def test_amb_37_forwarding_headers_count_from_trusted_proxies_only(make, fetch, trusted, seen):
    """AMB-37: others' headers never reach the application."""

    def forwarded(environ, start_response):
        start_response("200 OK", [])
        return [str(environ.get("HTTP_X_FORWARDED_FOR")).encode()]

    server = make(forwarded, trusted_proxies=trusted)
    server.start()
    assert fetch(server.url, {"X-Forwarded-For": "9.9.9.9"})[1] == seen


def test_body_limit_is_configurable(make):
    """A body above the limit is answered 413 and never reaches the application."""
    server = make(max_body_bytes=1000)
    server.start()
    client = http.client.HTTPConnection("127.0.0.1", server.address.port, timeout=60)
    client.request("POST", "/", body=b"x" * 2000)
    assert client.getresponse().status == 413


def test_dev_06_the_same_application_runs_under_another_server(fetch):
    """DEV-06: wsgiref's server instead of waitress."""

    class Quiet(WSGIRequestHandler):
        def log_message(self, *args):
            pass

    metrics = Metrics()
    with make_server("127.0.0.1", 0, MeteredApplication(hello, metrics), handler_class=Quiet) as other:
        thread = threading.Thread(target=other.handle_request)
        thread.start()
        assert fetch(f"http://127.0.0.1:{other.server_port}/") == (200, b"hello")
        thread.join(60)
    assert metrics.summary()["requests"] == 1


def test_stopping_a_server_that_never_started_closes_its_sockets(make):
    server = make()
    server.bind()
    assert server.stop() is True
    make(interfaces=(server.address,)).bind()


def test_a_stop_does_not_log_errors_of_waitress(make, fetch, caplog, in_background, eventually):
    """A drain leaves no "Bad file descriptor" in the log."""
    caplog.set_level(logging.WARNING)
    gate = Gate()
    server = make(gate)
    server.start()
    answer = in_background(fetch, server.url)
    assert gate.entered.acquire(timeout=60)
    stopped = in_background(server.stop, 60)
    eventually(lambda: server.draining)
    gate.open.set()
    assert answer() == (200, b"hello")
    assert stopped()
    assert [record.getMessage() for record in caplog.records] == []


def test_cli_20_a_stop_under_load_ends_and_loses_no_accepted_request(make, in_background, eventually):
    """CLI-20: clients that ask again and again over kept connections cannot prolong the stop."""
    server = make(lambda e, s: (time.sleep(0.01), hello(e, s))[1])
    server.start()
    served = set()

    def hammer():
        client = http.client.HTTPConnection("127.0.0.1", server.address.port, timeout=60)
        answered = 0
        while True:
            try:
                client.request("GET", "/")
                answer = client.getresponse()
            except (ConnectionError, http.client.HTTPException):
                return answered
            assert answer.read() == b"hello"  # an answer that has begun is whole
            answered += 1
            served.add(threading.get_ident())

    clients = [in_background(hammer) for _ in range(6)]
    eventually(lambda: len(served) == 6, "an answer for each")
    assert server.stop(60) is True
    assert all(client() > 0 for client in clients)


@pytest.mark.skipif(os.name == "nt", reason="limits of POSIX")
def test_a_low_limit_of_open_files_bounds_the_connections(monkeypatch):
    """Running out of file descriptors would make the accept loop spin."""
    limit = "resource.getrlimit"
    monkeypatch.setattr(limit, lambda kind: (256, 256))
    assert web_server._connection_limit() == 128
    monkeypatch.setattr(limit, lambda kind: (100_000, 100_000))
    assert web_server._connection_limit() == 1000
