"""Measuring requests and the access log."""

import io
import os
import pstats
import threading
import time
from wsgiref.util import FileWrapper, setup_testing_defaults
from wsgiref.validate import validator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.config import Address, ServerConfig
from runtime.server.access_log import AccessLog, access_line
from runtime.server.metrics import LATEST, MeteredApplication, Metrics, percentile
from runtime.server.web_server import WebServer
from runtime.server.wsgi import appfactory


def call(application, path="/", **environ):
    environ.setdefault("SERVER_PROTOCOL", "HTTP/1.1")
    full = {"PATH_INFO": path, "QUERY_STRING": "", "REMOTE_ADDR": "127.0.0.1", **environ}
    setup_testing_defaults(full)
    result = application(full, lambda status, headers, exc_info=None: lambda data: None)
    try:
        return b"".join(result)
    finally:
        getattr(result, "close", lambda: None)()


def answer(status="200 OK", body=(b"hello",), **record):
    def application(environ, start_response):
        environ["hadron.record"].update(record)
        start_response(status, [("Content-Type", "text/plain")])
        return list(body) if isinstance(body, tuple) else body

    return application


def test_sv_11_a_request_leaves_a_record_with_what_the_application_adds():
    """SV-11: method, path, status, size, duration; application, ticket and request id."""
    metrics = Metrics()
    metered = MeteredApplication(answer("500 X", ticket="a/1", error="ValueError", application="a"), metrics)
    call(metered, "/a/b ü".encode().decode("latin-1"), QUERY_STRING="x=1", REQUEST_METHOD="POST")
    (record,) = metrics.requests()["requests"]
    assert record["method"] == "POST"
    assert record["path"] == "/a/b%20%C3%BC?x=1"
    assert (record["status"], record["bytes"]) == (500, 5)
    assert (record["application"], record["ticket"], record["error"]) == ("a", "a/1", "ValueError")
    assert record["request_id"]
    assert record["ms"] >= 0
    assert metrics.summary()["errors"] == 1


def test_wsgi_1_the_wrapper_obeys_the_wsgi_specification():
    """WSGI-1: wsgiref.validate on both sides, for lists and for iterables."""
    for body in ((b"one", b"two"), iter([b"one", b"two"])):
        checked = validator(MeteredApplication(validator(answer(body=body)), Metrics()))
        environ = {"QUERY_STRING": ""}
        setup_testing_defaults(environ)
        result = checked(environ, lambda status, headers, exc_info=None: lambda data: None)
        assert b"".join(result) == b"onetwo"
        result.close()


def test_a_stream_is_measured_to_its_end_and_closed():
    metrics = Metrics()

    class Stream:
        closed = False

        def __iter__(self):
            yield b"abc"
            assert metrics.summary()["running"] == 1
            yield b"de"

        def close(self):
            self.closed = True

    stream = Stream()
    assert call(MeteredApplication(answer(body=stream), metrics)) == b"abcde"
    assert stream.closed
    assert metrics.requests()["requests"][0]["bytes"] == 5
    assert metrics.summary()["running"] == 0


def test_an_error_in_the_application_is_counted_and_passed_on():
    metrics = Metrics()

    def broken(environ, start_response):
        raise KeyError("x")

    with pytest.raises(KeyError):
        call(MeteredApplication(broken, metrics))
    assert metrics.requests()["requests"][0]["error"] == "KeyError"
    assert metrics.summary()["running"] == 0


def test_flow_03_files_go_out_by_the_servers_own_way(site, fetch, eventually):
    """FLOW-03: the server's file wrapper is not hidden, and still measured."""
    closed = threading.Event()

    class File(io.BytesIO):
        def close(self):
            closed.set()
            super().close()

    def send(environ, start_response):
        start_response("200 OK", [("Content-Length", "300000")])
        return environ["wsgi.file_wrapper"](File(b"y" * 300_000))

    metrics = Metrics()
    config = ServerConfig(site, interfaces=(Address("127.0.0.1", 0),))
    server = WebServer(MeteredApplication(send, metrics), config)
    server.start()
    try:
        assert fetch(server.url) == (200, b"y" * 300_000)
        assert closed.wait(60)
        eventually(lambda: metrics.summary()["requests"] == 1)
    finally:
        server.stop(1)


def test_the_ring_keeps_the_latest_and_a_cursor_reads_on():
    metrics = Metrics()
    metered = MeteredApplication(answer(), metrics)
    for number in range(LATEST + 10):
        call(metered, f"/{number}")
    first = metrics.requests()
    assert len(first["requests"]) == LATEST
    assert first["missed"] == 10
    assert first["requests"][-1]["path"] == f"/{LATEST + 9}"
    call(metered, "/new")
    later = metrics.requests(since=first["cursor"])
    assert [r["path"] for r in later["requests"]] == ["/new"]
    assert later["missed"] == 0
    assert metrics.requests(since=later["cursor"])["requests"] == []


def test_a_cursor_of_an_earlier_server_starts_anew():
    metrics = Metrics()
    call(MeteredApplication(answer(), metrics))
    assert len(metrics.requests(since=99)["requests"]) == 1


def test_sv_11_seconds_have_counts_errors_and_percentiles():
    """SV-11"""
    metrics = Metrics()
    start = int(time.time()) + 10  # later than the second the object was made in

    def request(second, ms, status=200):
        record = {"time": start + second, "ms": ms, "status": status, "path": "/", "bytes": 1}
        metrics.end(metrics.begin(record), record)

    for ms in range(1, 101):
        request(0, float(ms), 500 if ms > 95 else 200)
    request(2, 7.0)
    series = metrics.series(now=start + 5)
    assert [row["second"] - start for row in series["seconds"]] == [0, 2]
    first = series["seconds"][0]
    assert (first["requests"], first["errors"], first["median"], first["p95"]) == (100, 5, 50.0, 95.0)
    assert metrics.series(since=series["cursor"], now=start + 6)["seconds"] == []
    assert metrics.series(now=start + 3600)["seconds"] == []


def test_many_threads_lose_no_request():
    metrics = Metrics()
    metered = MeteredApplication(answer(), metrics)
    threads = [threading.Thread(target=lambda: [call(metered) for _ in range(200)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = metrics.requests()["requests"]
    assert [r["seq"] for r in found] == list(range(1, 1601))
    assert len({r["request_id"] for r in found}) == 1600


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_percentile_is_a_value_that_so_many_do_not_exceed(values, percent):
    ordered = sorted(values)
    found = percentile(ordered, percent)
    assert found in ordered
    assert sum(v <= found for v in ordered) >= len(ordered) * percent / 100


def test_amb_37_the_client_is_who_the_trusted_proxy_names():
    """AMB-37"""
    metrics = Metrics()
    header = {"HTTP_X_FORWARDED_FOR": "6.6.6.6, 9.9.9.9, 10.0.0.1"}
    call(MeteredApplication(answer(), metrics, ["127.0.0.1", "10.0.0.1"]), **header)
    call(MeteredApplication(answer(), metrics), **header)
    assert [r["client"] for r in metrics.requests()["requests"]] == ["9.9.9.9", "127.0.0.1"]


def test_cli_13_one_line_per_request(tmp_path):
    """CLI-13: client, time, method, path, protocol, status, duration."""
    log = AccessLog(tmp_path / "a.log")
    metered = MeteredApplication(answer("404 X"), Metrics(), on_end=log.write)
    call(metered, "/myapp/default/index", QUERY_STRING="a=1,2", SERVER_PROTOCOL="HTTP/1.1")
    log.close()
    (line,) = (tmp_path / "a.log").read_text().splitlines()
    client, when, method, rest = line.split(", ", 3)
    path, protocol, status, seconds = rest.rsplit(", ", 3)
    assert (client, method, path, protocol, status) == (
        "127.0.0.1", "GET", "/myapp/default/index?a=1,2", "HTTP/1.1", "404",
    )  # fmt: skip
    assert time.strptime(when, "%Y-%m-%d %H:%M:%S")
    assert float(seconds) >= 0


def test_cli_13_no_client_can_write_a_line_of_its_own():
    """CLI-13: line ends and control characters are escaped."""
    record = {"time": 0, "client": "c", "method": "GET", "path": "/\r\n6.6.6.6, \x1b[31m\xe9", "protocol": "H",
              "status": 200, "ms": 1.0}  # fmt: skip
    line = access_line(record)
    assert line.count("\n") == 1
    assert "\x1b" not in line
    assert "/%0D%0A6.6.6.6" in line
    assert "%E9" in line


@pytest.mark.skipif(os.name == "nt", reason="an open file cannot be moved there")
def test_cli_13_a_rotated_file_is_opened_anew(tmp_path, monkeypatch, eventually):
    """CLI-13: after log rotation lines go to the new file."""
    monkeypatch.setattr("runtime.server.access_log._LOOK_EVERY", 0.0)
    path = tmp_path / "a.log"
    log = AccessLog(path)
    metered = MeteredApplication(answer(), Metrics(), on_end=log.write)
    call(metered, "/before")
    eventually(lambda: "/before" in path.read_text())
    path.rename(tmp_path / "a.log.1")
    call(metered, "/after")
    log.close()
    assert "/after" in path.read_text()
    assert "/after" not in (tmp_path / "a.log.1").read_text()


def test_wsgi_2_appfactory_logs_and_profiles(tmp_path, monkeypatch):
    """WSGI-2, CLI-44: the profile of each request loads."""
    monkeypatch.chdir(tmp_path)
    application = appfactory(answer(), logfilename="httpserver.log", profiler_dir="prof")
    assert call(application, "/x") == b"hello"
    (profile,) = (tmp_path / "prof").iterdir()
    assert pstats.Stats(str(profile)).total_calls > 0
    end = time.monotonic() + 60
    while "/x" not in (tmp_path / "httpserver.log").read_text() and time.monotonic() < end:
        time.sleep(0.02)
    assert "/x" in (tmp_path / "httpserver.log").read_text()


def test_long_addresses_do_not_fill_the_memory():
    metrics = Metrics()
    call(MeteredApplication(answer(), metrics), "/" + "x" * 100_000)
    assert len(metrics.requests()["requests"][0]["path"]) <= 2000


def test_wsgirefs_file_wrapper_is_measured():
    metrics = Metrics()
    metered = MeteredApplication(answer(body=FileWrapper(io.BytesIO(b"abc"))), metrics)
    assert call(metered, **{"wsgi.file_wrapper": FileWrapper}) == b"abc"
    assert metrics.summary()["requests"] == 1
