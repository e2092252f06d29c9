"""`hadron serve` as a real process: handshake, failures, signals, the death of its supervisor."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import psutil
import pytest

from runtime.foundation.log_lines import parse_log_line
from runtime.server.control import ControlClient, ControlRefused
from runtime.server.control_file import find_running
from runtime.server.password import verify_password
from tests.ports import free_port
from tests.processes import lives

pytestmark = pytest.mark.server
PATIENCE = 60.0  # seconds; a bound against hanging, not an expectation
posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")


def test_the_handshake_comes_in_order(spawn, site, fetch, eventually):
    """SV-19: started, listening, checking, ready; then draining, stopped; logs only on stderr."""
    child = spawn("-p", 0, "-D", 10)
    listening = child.event("listening")
    ready = child.event("ready")
    assert child.seen == ["started", "listening", "checking", "ready"]
    assert ready["application"] == "tiny"
    assert "warning" not in ready
    assert listening["port"] > 0
    assert listening["addresses"] == [{"ip": "127.0.0.1", "port": listening["port"]}]
    assert fetch(listening["url"]) == (200, b"hello")
    client = ControlClient(**listening["control"])
    assert client.call("status")["state"] == "ready"
    # whoever has the answer may be a moment ahead of the thread that sent it
    eventually(lambda: client.call("status")["in_flight"] == 0, "the end of the request")
    client.call("stop")
    assert child.event("draining")["in_flight"] == 0
    child.event("stopped")
    assert child.end() == 0
    assert child.errors
    assert all(parse_log_line(line) for line in child.errors)


def test_what_applications_print_does_not_disturb_the_events(spawn, fetch):
    """Printed text goes to stderr; standard input is empty for applications."""
    child = spawn("-p", 0)
    listening = child.event("listening")
    assert fetch(listening["url"] + "print") == (200, b"''")
    ControlClient(**listening["control"]).call("stop")
    child.event("stopped")
    assert child.end() == 0
    assert "printed by the application" in child.errors
    assert "written below Python" in child.errors


def test_cli_05_the_password_comes_over_the_pipe_and_is_nowhere_else(spawn, site):
    """CLI-05, CLI-07: not on the command line, not in the environment, only as a hash on disk."""
    child = spawn("-p", 0, order={"password": "s3cret-word"})
    child.event("ready")
    process = psutil.Process(child.process.pid)
    assert "s3cret-word" not in " ".join(process.cmdline())
    (stored,) = site.glob("parameters_*.py")
    assert "s3cret-word" not in stored.read_text()
    port = int(stored.stem.split("_")[1])
    assert verify_password(site, port, "s3cret-word")


def test_start_05_a_busy_port_is_told_with_its_owner(spawn, site):
    """START-05, DEV-07: kind, owner's pid, next free port, exit code 3."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        child = spawn("-p", port)
        assert json.loads(child.line())["event"] == "started"
        failed = json.loads(child.line())
        assert failed["event"] == "failed"
        assert failed["kind"] == "port_busy"
        assert failed["owner"]["pid"] == os.getpid()
        assert failed["next_free"] > port
        assert child.end() == 3


def test_start_05_of_two_starts_at_once_one_serves_and_one_tells(spawn, fetch):
    """START-05: no port is shared by accident."""
    port = free_port()
    children = [spawn("-p", port), spawn("-p", port)]
    events = []
    for child in children:
        while True:
            event = json.loads(child.line())
            if event["event"] in ("ready", "failed"):
                events.append(event)
                break
    assert sorted(e["event"] for e in events) == ["failed", "ready"]
    assert next(e for e in events if e["event"] == "failed")["kind"] == "port_busy"
    assert fetch(f"http://127.0.0.1:{port}/") == (200, b"hello")


@pytest.mark.parametrize(
    ("arguments", "kind", "code"),
    [
        (("-f", "/nonexistent/site", "-p", "0"), "folder_missing", 4),
        (("-i", "203.0.113.7", "-p", "0"), "address", 3),
    ],
)
def test_start_05_failures_have_kind_message_and_exit_code(spawn, arguments, kind, code):
    """START-05"""
    child = spawn(*arguments)
    child.line()
    failed = json.loads(child.line())
    assert failed["event"] == "failed"
    assert failed["kind"] == kind
    assert failed["message"]
    assert child.end() == code


def test_a_runtime_that_cannot_be_built_is_told(spawn, site):
    (site / "broken").touch()
    child = spawn("-p", 0)
    child.event("listening")
    failed = json.loads(child.line())
    assert failed["kind"] == "application"
    assert "cannot build" in failed["message"]
    assert child.end() == 70
    assert find_running(site) is None


@pytest.mark.parametrize(("behaviour", "words"), [("fail", "tiny/1"), ("hang", "has not answered")])
def test_ready_with_a_warning_when_the_index_fails_or_hangs(spawn, site, fetch, behaviour, words):
    """A failing application is no reason not to serve the others."""
    (site / "behave").write_text(behaviour)
    child = spawn("-p", 0)
    url = child.event("listening")["url"]
    ready = child.event("ready")
    assert words in ready["warning"]
    assert ready["ticket"] == ("tiny/1" if behaviour == "fail" else None)
    assert fetch(url + "other") == (200, b"hello")


def test_cli_20_a_slow_request_in_flight_gets_its_answer(spawn, site, fetch, in_background, eventually):
    """CLI-20: work that goes on when the stop comes."""
    child = spawn("-p", 0, "-z", 60)
    listening = child.event("listening")
    child.event("ready")
    answer = in_background(fetch, listening["url"] + "held")
    client = ControlClient(**listening["control"])
    eventually(lambda: client.call("status")["in_flight"] == 1)
    assert client.call("stop")["in_flight"] == 1
    assert child.event("draining") == {"event": "draining", "in_flight": 1, "seconds": 60.0}
    (site / "let-go").touch()
    assert answer() == (200, b"slow answer")
    child.event("stopped")
    assert child.end() == 0


def test_cli_20_the_process_ends_though_a_request_does_not(spawn, fetch, in_background, eventually):
    """CLI-20: a request without an end, a grace of half a second."""
    child = spawn("-p", 0, "-z", "0.5")
    listening = child.event("listening")
    child.event("ready")
    in_background(fetch, listening["url"] + "held")
    client = ControlClient(**listening["control"])
    eventually(lambda: client.call("status")["in_flight"] == 1)
    client.call("stop")
    child.event("stopped")
    assert child.end() == 0


def test_stop_now_ends_a_drain(spawn, fetch, in_background, eventually):
    """*Stop now* after *Stop*."""
    child = spawn("-p", 0, "-z", 600)
    listening = child.event("listening")
    child.event("ready")
    in_background(fetch, listening["url"] + "held")
    client = ControlClient(**listening["control"])
    eventually(lambda: client.call("status")["in_flight"] == 1)
    client.call("stop")
    child.event("draining")
    client.call("stop_now")
    child.event("stopped")
    assert child.end() == 0


def test_the_end_of_the_supervisors_pipe_stops_the_server(spawn):
    child = spawn("-p", 0)
    child.event("ready")
    child.process.stdin.close()
    child.event("stopped")
    assert child.end() == 0


@posix
def test_desk_10_kill_9_of_the_supervisor_stops_the_server(site, eventually):
    """DESK-10: no child remains."""
    parent, pid = start_with_parent(site, {})
    parent.kill()
    parent.wait(PATIENCE)
    eventually(lambda: not lives(pid), "end of the child")


@posix
def test_sv_22_a_kept_server_survives_its_supervisor_and_can_be_adopted(site, fetch, eventually):
    """SV-22, SH-17"""
    parent, pid = start_with_parent(site, {"keep_serving": True})
    try:
        parent.kill()
        parent.wait(PATIENCE)
        found = find_running(site)
        assert found.pid == pid
        assert fetch(found.url) == (200, b"hello")
        client = ControlClient(found.address, found.key)
        assert client.call("logs")["cursor"] >= 0
        with pytest.raises(ControlRefused):
            ControlClient(found.address, "guess").call("stop")
        client.call("stop")
        eventually(lambda: find_running(site) is None, "end of the server")
    finally:
        with contextlib.suppress(psutil.NoSuchProcess):  # ended, or ending now
            left = psutil.Process(pid)
            if left.name().startswith("python"):
                left.kill()


def start_with_parent(site, order):
    """Start a server below a process of its own; returns that process and the server's pid."""
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
        "child.stdin.write(sys.argv[1] + '\\n'); child.stdin.flush()\n"
        "for line in child.stdout:\n"
        "    print(line, end='', flush=True)\n"
    )
    command = [
        sys.executable,
        __file__.replace("test_role.py", "child_server.py"),
        "--supervised",
        "-f",
        site,
        "-p",
        "0",
    ]
    parent = subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(order), *map(str, command)], stdout=subprocess.PIPE, text=True
    )
    hangs = threading.Timer(PATIENCE, parent.kill)
    hangs.start()
    pid = None
    for line in parent.stdout:
        event = json.loads(line)
        pid = event.get("pid", pid)
        if event["event"] == "ready":
            hangs.cancel()
            return parent, pid
    raise AssertionError("the server did not become ready")


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_stops(spawn, site, fetch, in_background, eventually, number):
    """CLI-12, DESK-10: the pid file is there while serving and removed afterwards."""
    child = spawn("-p", 0, "-d", "httpserver.pid", "-z", 60)
    listening = child.event("listening")
    child.event("ready")
    assert (site / "httpserver.pid").read_text() == str(child.process.pid)
    answer = in_background(fetch, listening["url"] + "held")
    client = ControlClient(**listening["control"])
    eventually(lambda: client.call("status")["in_flight"] == 1)
    child.process.send_signal(number)
    child.event("draining")
    (site / "let-go").touch()
    assert answer() == (200, b"slow answer")
    child.event("stopped")
    assert child.end() == 0
    assert not (site / "httpserver.pid").exists()


@posix
def test_a_second_ctrl_c_does_not_wait(spawn, fetch, in_background, eventually):
    """The first drains (ten minutes here), the second stops at once."""
    child = spawn("-p", 0, "-z", 600)
    listening = child.event("listening")
    child.event("ready")
    in_background(fetch, listening["url"] + "held")
    client = ControlClient(**listening["control"])
    eventually(lambda: client.call("status")["in_flight"] == 1)
    child.process.send_signal(signal.SIGINT)
    child.event("draining")
    child.process.send_signal(signal.SIGINT)
    child.event("stopped")
    assert child.end() == 0


@posix
def test_start_06_the_console_shows_name_address_and_stops_on_ctrl_c(spawn):
    """START-06"""
    child = spawn("-p", 0, supervised=False)
    assert child.line().startswith("Hadron ")
    while not (line := child.line()).startswith("Listening on http://127.0.0.1:"):
        pass
    assert "Ctrl+C" in line
    child.process.send_signal(signal.SIGINT)
    assert child.end() == 0
    assert child.errors == []


@posix
def test_cli_47_no_banner_leaves_only_the_address(spawn):
    """CLI-47"""
    child = spawn("-p", 0, "--no-banner", supervised=False)
    assert child.line().startswith("Listening on ")


@posix
def test_cli_24_quiet_prints_nothing(spawn, fetch, eventually):
    """CLI-24: neither at start nor for a page nor at the end."""
    port = free_port()
    child = spawn("-p", port, "-Q", supervised=False)

    def answers():
        try:
            return fetch(f"http://127.0.0.1:{port}/")
        except OSError:
            return None

    eventually(answers)
    child.process.send_signal(signal.SIGTERM)
    assert child.end() == 0
    assert child.lines.get(timeout=PATIENCE) is None
    assert child.errors == []


@pytest.mark.parametrize("line", ["", "nonsense\n", '["list"]\n', '{"password": 5}\n'])
def test_a_supervisor_that_says_nonsense_is_told_so(spawn, line):
    child = spawn("-p", 0, supervised=False)
    child.close()
    command = [*child.process.args, "--supervised"]
    done = subprocess.run(command, input=line, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 2
    assert json.loads(done.stdout.splitlines()[-1])["event"] == "failed"


def test_cli_48_two_addresses_answer(spawn, fetch):
    """CLI-48"""
    one, two = free_port(), free_port()
    child = spawn(f"--interfaces=127.0.0.1:{one};127.0.0.1:{two}")
    child.event("ready")
    for port in (one, two):
        assert fetch(f"http://127.0.0.1:{port}/") == (200, b"hello")


def test_cli_13_and_cli_17_options_reach_the_running_server(spawn, site, fetch, eventually):
    """CLI-13 access log, CLI-17 server name."""
    child = spawn("-p", 0, "-l", "httpserver.log", "-s", "demo")
    url = child.event("listening")["url"]
    child.event("ready")
    assert fetch(url + "name") == (200, b"demo")
    eventually(lambda: ", GET, /name, HTTP/1.1, 200, " in (site / "httpserver.log").read_text())
