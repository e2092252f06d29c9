"""The control channel, its commands, and the file by which a running server is found."""

import json
import logging
import os
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Client
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.config import Address, ServerConfig
from runtime.foundation.problems import UserError
from runtime.server import control, control_file
from runtime.server.control import (
    CommandFailed,
    ControlClient,
    ControlError,
    ControlRefused,
    ControlServer,
    ControlTimeout,
    ControlUnreachable,
    new_key,
)
from runtime.server.control_file import RunningServer, find_running, publish, runtime_folder, withdraw
from runtime.server.service import Service


def hello(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]


@pytest.fixture
def service(site):
    made = Service(
        ServerConfig(site, interfaces=(Address("127.0.0.1", 0),)),
        make_application=lambda config, password_file: hello,
        prepare=lambda folder: None,
    )
    made.open()
    made.start()
    yield made
    made.close(0)


@pytest.fixture
def client(service):
    made = ControlClient(service.control_address, service.key)
    yield made
    made.close()


@pytest.fixture
def channel(site):
    servers = []

    def make(call, key="secret"):
        server = ControlServer(control_file.new_control_address(runtime_folder(site)), key, call)
        servers.append(server)
        return server

    yield make
    for server in servers:
        server.close()


def running(site, **changes):
    process = psutil.Process()
    base = RunningServer(
        process.pid, process.create_time(), "address", "key", "http://x/", "1", time.time(), str(site)
    )
    return replace(base, **changes)


def test_status_tells_state_load_and_addresses(service, client, fetch):
    """SV-19: threads busy, queue, memory, uptime, through the channel and directly alike."""
    fetch(service.server.url)
    found = client.call("status")
    assert found["state"] == "starting"
    assert found["pid"] == os.getpid()
    assert found["url"] == service.server.url
    assert found["threads"] == 8
    assert found["requests"] == 1
    assert found["memory"] > 1_000_000
    assert set(found) == set(service.control.call("status"))
    service.control.ready = True
    assert client.call("status")["state"] == "ready"


def test_metrics_and_requests_read_on_from_a_cursor(service, client, fetch):
    """SV-11"""
    fetch(service.server.url + "one")
    first = client.call("requests")
    assert [r["path"] for r in first["requests"]] == ["/one"]
    fetch(service.server.url + "two")
    assert [r["path"] for r in client.call("requests", since=first["cursor"])["requests"]] == ["/two"]
    assert client.call("metrics")["summary"]["requests"] == 2


def test_stop_drains_and_answers_at_once(service, client):
    """DESK-10: the order to stop does not wait for the stop."""
    assert client.call("stop", grace=3) == {"in_flight": 0, "seconds": 3}
    assert service.server.wait(60)


def test_log_level_changes_in_the_running_server(client):
    """LG-10"""
    logger = logging.getLogger("web2py.app.control_test")
    assert client.call("log_level", level="debug", logger=logger.name)["level"] == logging.DEBUG
    assert logger.level == logging.DEBUG
    with pytest.raises(CommandFailed, match="loud"):
        client.call("log_level", level="loud", logger=logger.name)


def test_threads_show_what_the_server_does(client):
    stacks = client.call("threads")
    assert any(t["name"] == "hadron-http" and "poll" in t["stack"] for t in stacks)


def test_other_rooms_register_commands(service, client):
    service.control.register("twice", lambda number: {"result": number * 2})
    assert client.call("twice", number=21) == {"result": 42}
    assert "twice" in client.call("commands")
    with pytest.raises(ValueError, match="twice"):
        service.control.register("twice", lambda: None)


def test_wrong_commands_get_a_clear_answer_and_the_channel_lives_on(service, client):
    service.control.register("broken", lambda: {}["missing"])
    for name, args, text in (
        ("fly", {}, "unknown command 'fly'"),
        ("requests", {"nonsense": 1}, "nonsense"),
        ("stop", {"grace": "soon"}, "soon"),
        ("broken", {}, "KeyError"),
    ):
        with pytest.raises(CommandFailed, match=text):
            client.call(name, **args)
    assert client.call("ping")["pid"] == os.getpid()


def test_a_wrong_key_is_refused_and_carries_out_nothing(channel):
    calls = []
    server = channel(lambda name, args: calls.append(name))
    with pytest.raises(ControlRefused, match="key"):
        ControlClient(server.address, "guess").call("stop")
    assert calls == []
    ControlClient(server.address, "secret").call("stop")
    assert calls == ["stop"]


def test_commands_before_the_proof_are_not_carried_out(channel):
    calls = []
    server = channel(lambda name, args: calls.append(name))
    with Client(server.address) as raw:
        raw.recv_bytes()
        raw.send_bytes(b'{"call": "stop"}')
        assert "error" in json.loads(raw.recv_bytes())
        with pytest.raises(EOFError):
            raw.recv_bytes()
    assert calls == []


def test_a_false_server_that_does_not_know_the_key_gets_no_command(site):
    """The client, too, asks for a proof: somebody else's socket in the same place is not obeyed or told."""
    from multiprocessing.connection import Listener

    address = control_file.new_control_address(runtime_folder(site))
    heard = []
    listener = Listener(address)  # here: the file is there a moment before anybody listens

    def fake():
        with listener, listener.accept() as raw:
            raw.send_bytes(b'{"protocol": 1, "nonce": "00"}')
            heard.append(json.loads(raw.recv_bytes()))
            raw.send_bytes(b'{"proof": "00"}')
            try:
                heard.append(raw.recv_bytes())
            except EOFError:
                pass

    thread = threading.Thread(target=fake)
    thread.start()
    with pytest.raises(ControlRefused):
        ControlClient(address, "secret").call("log_level")
    thread.join(60)
    assert len(heard) == 1
    assert "secret" not in json.dumps(heard)


def test_another_protocol_version_is_refused(channel, monkeypatch):
    server = channel(lambda name, args: None)
    client = ControlClient(server.address, "secret")
    real = control._receive
    monkeypatch.setattr(control, "_receive", lambda c, *a: {**real(c, *a), "protocol": 99})
    with pytest.raises(ControlRefused, match="version"):
        client.call("ping")


def test_a_silent_client_blocks_nobody(channel):
    server = channel(lambda name, args: "pong")
    with Client(server.address):
        assert ControlClient(server.address, "secret").call("ping") == "pong"


def test_a_slow_command_times_out_and_the_next_call_works(channel):
    gate = threading.Event()
    server = channel(lambda name, args: gate.wait(60) if name == "slow" else "pong")
    client = ControlClient(server.address, "secret")
    with pytest.raises(ControlTimeout, match="slow"):
        client.call("slow", timeout=0.1)
    assert client.call("ping") == "pong"
    gate.set()


def test_nobody_there_is_told_as_unreachable(site, channel):
    with pytest.raises(ControlUnreachable):
        ControlClient(str(site / "none.sock"), "x").call("ping")
    server = channel(lambda name, args: "pong")
    client = ControlClient(server.address, "secret")
    assert client.call("ping") == "pong"
    server.close()
    with pytest.raises(ControlUnreachable):
        ControlClient(server.address, "secret").call("ping")


def test_oversized_messages_are_refused_in_both_directions(channel):
    calls = []

    def call(name, args):
        calls.append(name)
        return "x" * (17 << 20) if name == "much" else "pong"

    client = ControlClient(channel(call).address, "secret")
    with pytest.raises(ControlError, match="too large"):
        client.call("big", text="x" * (17 << 20))
    with pytest.raises(CommandFailed, match="too large"):
        client.call("much")
    assert client.call("ping") == "pong"
    assert calls == ["much", "ping"]


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_from_a_stranger_harm_the_channel(data):
    folder = Path(os.environ["HADRON_RUNTIME_DIR"])
    server = ControlServer(control_file.new_control_address(folder), "secret", lambda name, args: "pong")
    try:
        with Client(server.address) as raw:
            raw.recv_bytes()
            raw.send_bytes(data)
        assert ControlClient(server.address, "secret").call("ping") == "pong"
    finally:
        server.close()


@pytest.mark.skipif(os.name == "nt", reason="permission bits")
def test_only_the_user_may_enter_the_folder_of_the_channel(service, site):
    folder = runtime_folder(site)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "server.json").stat().st_mode) == 0o600
    assert Path(service.control_address).parent == folder


@pytest.mark.skipif(os.name == "nt", reason="permission bits")
def test_a_folder_open_to_others_is_closed_and_a_link_is_refused(site, runtime_dir, tmp_path, monkeypatch):
    folder = runtime_folder(site)
    folder.chmod(0o755)
    assert stat.S_IMODE(runtime_folder(site).stat().st_mode) == 0o700
    trap = tmp_path / "trap"
    trap.symlink_to(tmp_path)
    monkeypatch.setenv("HADRON_RUNTIME_DIR", str(trap))
    with pytest.raises(UserError, match="another user"):
        runtime_folder(site)


def test_a_deep_runtime_folder_still_gets_a_socket(tmp_path, monkeypatch, channel):
    """Unix sockets have short paths; a long one is replaced."""
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    monkeypatch.setenv("HADRON_RUNTIME_DIR", str(deep))
    server = channel(lambda name, args: "pong")
    assert ControlClient(server.address, "secret").call("ping") == "pong"


def test_sv_22_a_running_server_is_found_until_it_closes(service, site):
    """SV-22, DESK-11"""
    found = find_running(site)
    assert found.pid == os.getpid()
    assert found.url == service.server.url
    assert ControlClient(found.address, found.key).call("ping")["pid"] == os.getpid()
    assert found.key not in repr(found)
    service.close(0)
    assert find_running(site) is None
    assert not Path(found.address).exists()


def test_sh_17_files_of_dead_servers_are_removed(site):
    """SH-17: process gone, number given to another process, or the file is damaged."""
    folder = runtime_folder(site)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for stale in (
        running(site, pid=gone.pid),
        running(site, create_time=psutil.Process().create_time() - 60),
    ):
        assert publish(stale)
        socket_left = folder / f"{gone.pid}-abcd.sock"
        socket_left.touch()
        assert find_running(site) is None
        assert not (folder / "server.json").exists()
        assert not socket_left.exists()
    (folder / "server.json").write_text('{"pid": ')
    assert find_running(site) is None


def test_a_second_server_of_a_site_does_not_hide_the_first(site):
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        first = running(site, pid=other.pid, create_time=psutil.Process(other.pid).create_time())
        assert publish(first)
        second = running(site, address="second")
        assert publish(second) is False
        withdraw(second)
        assert find_running(site) == first
    finally:
        other.communicate(b"\n", timeout=60)


def test_keys_are_long_and_never_repeat():
    assert len({new_key() for _ in range(50)}) == 50
    assert len(new_key()) == 64
