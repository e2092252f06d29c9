"""The panel Cache with a real server and a real worker, each a child process, over their control channels."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from data_site import CacheServer, CacheWorkers, lines_of, make_site

from desktop.background import Context, Task, Tasks
from desktop.panels.cache.model import WORKERS, Key, members
from desktop.panels.cache.reading import Server, delete_keys, look_at, read_all, remove, with_workers
from runtime.admin.scheduler.processes import worker_command
from runtime.foundation.problems import UserError
from tests.ports import free_port

pytestmark = pytest.mark.server
PATIENCE = 60.0
ROOT = Path(__file__).parents[2]

MODEL = """
from gluon.scheduler import Scheduler
db = DAL("sqlite://storage.sqlite")
def keep():
    rows = [{"id": n, "name": "Lamp %d" % n} for n in range(3000)]
    cache.ram("kept by a task", lambda: rows, 3600)
    cache.ram("secret of a task", lambda: {"password": "hush", "n": (1, 2)}, 3600)
    return 1
scheduler = Scheduler(db, dict(keep=keep), heartbeat=1)
"""
CONTROLLER = """
def index():
    cache.ram("kept by a request", lambda: {"colours": ["red", "green"], "token": "hush"}, 3600)
    cache.ram("page", lambda: "<script>alert(1)</script>", 3600)
    cache.disk("on disk", lambda: [1, 2], 3600)
    return "ok"
def queue():
    return str(scheduler.queue_task("keep").id)
"""


def eventually(condition, what: str):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not come true")


def end(process: subprocess.Popen) -> None:
    if process.stdin is not None and not process.stdin.closed:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(60)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with a server and a worker, both processes of their own; the folder, and a function that visits."""
    folder = tmp_path_factory.mktemp("site")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HADRON_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        application = make_site(folder, MODEL)
        (application / "controllers" / "default.py").write_text(CONTROLLER, encoding="utf-8")
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "desktop.launch",
            "serve",
            f"--folder={folder}",
            f"--port={port}",
            "--quiet",
        ]
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        worker = None
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

            def visit(path: str) -> str:
                with opener.open(f"http://127.0.0.1:{port}/shop/default/{path}", timeout=60) as answer:
                    return answer.read().decode()

            def answers() -> bool:
                assert server.poll() is None, "the server has ended"
                try:
                    return visit("index") == "ok"
                except (urllib.error.URLError, OSError):
                    return False

            eventually(answers, "the server answers")
            worker = subprocess.Popen(
                worker_command(folder, "shop"), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            said = threading.Event()
            threading.Thread(target=lambda: (worker.stdout.readline(), said.set()), daemon=True).start()
            assert said.wait(PATIENCE), "the worker begins"
            yield folder, visit
        finally:
            for process in (worker, server):
                if process is not None:
                    end(process)


@pytest.fixture
def channel(site):
    server = Server(site[0])
    yield server
    server.end()


@pytest.fixture
def context(qapp):
    tasks = Tasks(qapp)
    yield Context(Task("", "", "", tasks, lambda _context: None, None, None, True, 1), tasks)
    tasks.close()


def key_of(snapshot, name: str) -> Key:
    return next(key for key in snapshot.keys if key.key == name)


def test_the_commands_over_the_socket_of_a_real_server(site, channel, context):
    """UI-CA-01, UI-CA-05, UI-CA-06, CACHE-16: stores, keys, values, deleting, clearing, as the server's process has them."""
    site[1]("index")
    snapshot, _ = read_all(channel, ["shop"], {}, context)
    assert snapshot.serving
    assert {"kept by a request", "page", "on disk"} <= {key.key for key in snapshot.keys}
    ram = next(one for one in snapshot.stores if one.name == "ram")
    assert ram.title == f"process {channel.call('ping')['pid']}"
    kept = look_at(channel, key_of(snapshot, "kept by a request"), 65536)
    assert kept["type"] == "dict"
    assert "hush" not in json.dumps(kept)
    assert look_at(channel, key_of(snapshot, "page"), 65536)["text"] == "<script>alert(1)</script>"
    assert delete_keys(channel, [key_of(snapshot, "page"), key_of(snapshot, "on disk")], context) == 2
    after, _ = read_all(channel, ["shop"], {}, context)
    assert not {"page", "on disk"} & {key.key for key in after.keys}
    with pytest.raises(UserError, match="page"):
        look_at(channel, key_of(snapshot, "page"), 65536)
    with pytest.raises(UserError, match="leads out of"):
        channel.call("cache_rows", application="../shop", store="ram")
    assert remove(channel, "shop", None, "ram") >= 1
    site[1]("index")


def test_what_a_worker_keeps_in_memory_is_seen_beside_the_servers(site, channel, context):
    """UI-CA-01, UI-CA-05, UI-CA-06: of the process that runs its tasks, over a channel of its own; also values and deleting."""
    assert site[1]("queue").isdigit()

    def kept():
        snapshot, _ = read_all(channel, ["shop"], {}, context)
        return snapshot if any(key.key == "kept by a task" for key in snapshot.keys) else None

    snapshot = eventually(kept, "the task has run")
    key = key_of(snapshot, "kept by a task")
    assert key.store.startswith("worker:")
    pid = int(key.store.partition(":")[2])
    assert pid != channel.call("ping")["pid"]
    card = next(one for one in with_workers(snapshot.stores) if one.name == WORKERS)
    assert (card.title, card.entries) == (f"process {pid}", 2)
    seen = look_at(channel, key, 1000)
    assert len(seen["text"]) == 1000
    assert seen["tree"], "the whole of it, for the tree"
    assert "hush" not in json.dumps(look_at(channel, key_of(snapshot, "secret of a task"), 65536))
    assert delete_keys(channel, [key], context) == 1
    assert remove(channel, "shop", None, key.store) == 1
    after, _ = read_all(channel, ["shop"], {}, context)
    assert not [one for one in after.keys if one.store == key.store]
    with pytest.raises(UserError, match="has ended"):
        look_at(channel, key._replace(store="worker:1"), 65536)


def test_workers_have_one_card_and_their_keys_are_told_apart(qtbot, desk_maker, tmp_path):
    """UI-CA-01, UI-CA-06: the same key of two processes is two keys; shown alone, looked at, cleared together."""
    from dataclasses import replace

    from fakes import FakeSupervisor

    from desktop.processes.state import Phase
    from desktop.shell.questions import Question

    make_site(tmp_path)
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor, texts={"scope": "shop", "cache.refresh": "0"})
    made.desk.complete()
    part = made.desk.parts["cache"]
    server = part.caches._server = CacheServer(tmp_path)
    server.workers = CacheWorkers(tmp_path)
    server.workers.kept = {("shop", 41): {"rates": {"usd": 1}}, ("shop", 42): {"rates": {"usd": 2}, "b": 1}}
    with qtbot.waitSignal(part.caches.changed, timeout=20000):
        made.window.show_panel("cache")
    panel = part.panel
    card = panel.cards.card(WORKERS)
    assert card.figures[0].figure().value == "3"
    assert card.title.whole().startswith("2 processes")
    panel.show_only(WORKERS)
    assert [(key.store, key.key) for key in sorted(panel.shown_keys())] == [
        ("worker:41", "rates"), ("worker:42", "b"), ("worker:42", "rates"),
    ]  # fmt: skip
    at = panel.model.place(("shop", "worker:42", "rates"))
    assert panel.model.index(at, 2).data() == "RAM 42"
    panel.table.choose(at)
    qtbot.waitUntil(lambda: lines_of(panel.detail.value.tree.tree) == [("usd", "2", "int")], timeout=20000)
    assert members(WORKERS, ["ram", "worker:1"]) == {"worker:1"}
    panel.bar.editing.set_on(True)
    panel.commands.ask_clear(WORKERS)
    panel.findChildren(Question)[-1].answer("delete")
    qtbot.waitUntil(lambda: not any(server.workers.kept.values()), timeout=20000)
