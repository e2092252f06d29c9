"""Workers that the window supervises, and what Overview and tray show of them."""

from __future__ import annotations

import os
import sys
from dataclasses import replace

import psutil
import pytest
import shiboken6
from fakes import FakeSupervisor
from PySide6.QtWidgets import QMenu
from scheduler_site import HereInspectors, Tables, fill, make_site

from desktop.panels.overview.workers import AppView, app_view
from desktop.processes import schedulers
from desktop.processes.state import Phase
from desktop.processes.worker_child import WorkerChild
from desktop.processes.worker_state import view_of
from desktop.processes.workers import COUNTS, Known, Workers
from desktop.shell.preferences import MemoryPreferences
from runtime.admin.scheduler.entries import Hint
from runtime.admin.scheduler.service import open_scheduler
from tests.desktop.test_scheduler_panel_model import NOW, worker

OBEDIENT = (
    "import sys; print('worker me#%d of shop' % __import__('os').getpid(), flush=True); sys.stdin.read()"
)
DEAF = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('worker deaf#1 of shop', flush=True); time.sleep(60)"
)


def program(code):
    return lambda *_given: [sys.executable, "-c", code]


@pytest.fixture
def make_workers(qtbot, tmp_path):
    """Workers made of a short program: ``make(code, kept="")``."""
    made = []

    def make(code=OBEDIENT, kept="", **options):
        preferences = MemoryPreferences({COUNTS: kept, **options})
        workers = Workers(lambda: tmp_path, preferences, program(code))
        made.append(workers)
        workers.preferences = preferences
        return workers

    yield make
    for workers in made:
        for child in workers.members:
            child.finish()
            child.kill()
        qtbot.waitUntil(lambda workers=workers: not workers.members, timeout=10_000)
        workers.close()
        shiboken6.delete(workers)  # here, and not by a collection of garbage in some thread


@pytest.fixture
def make_child():
    """A supervised worker of its own: ``make(command)``."""
    made = []

    def make(command):
        made.append(WorkerChild("shop", command))
        return made[-1]

    yield make
    for child in made:
        shiboken6.delete(child)


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_sv_15_the_number_is_what_runs_and_is_kept(qtbot, make_workers):
    """SV-15: up and down; ending one is closing its standard input; the number is remembered."""
    workers = make_workers()
    workers.set_count("shop", 2)
    qtbot.waitUntil(lambda: workers.running() == 2, timeout=10_000)
    assert workers.preferences.get(COUNTS) == "shop=2"
    pids = [child.pid for child in workers.members]
    workers.set_count("shop", 1)
    assert workers.count("shop") == 1
    qtbot.waitUntil(lambda: len(workers.members) == 1, timeout=10_000)
    assert workers.members[0].pid == pids[0]
    workers.set_count("shop", 0)
    qtbot.waitUntil(lambda: not workers.members, timeout=10_000)
    assert workers.preferences.get(COUNTS) == ""
    assert not any(alive(pid) for pid in pids)


def test_sv_15_kept_workers_start_with_the_server(qtbot, make_workers):
    """SV-15, DESK-09: as many as were kept and as the command line names; not twice."""
    workers = make_workers(kept="shop=1")
    workers.want_for_this_run("lab:high,lab:high")
    workers.on_server_ready()
    workers.on_server_ready()
    assert sorted(child.wish for child in workers.members) == ["lab:high", "lab:high", "shop"]
    assert [child.groups for child in workers.of("lab")] == [("high",), ("high",)]
    without = make_workers(kept="shop=1", **{"workers.start_with_server": False})
    without.on_server_ready()
    assert without.members == []


def test_sv_14_a_crashed_worker_comes_back_with_growing_pauses(qtbot, make_child):
    """SV-14: killed from outside, it is started again; the cause is said."""
    child = make_child(program(OBEDIENT))
    child.launch()
    qtbot.waitUntil(lambda: child.phase == "running", timeout=10_000)
    first = child.pid
    psutil.Process(first).kill()
    qtbot.waitUntil(lambda: child.phase == "waiting", timeout=10_000)
    assert "killed" in child.cause
    qtbot.waitUntil(lambda: child.phase == "running" and child.pid != first, timeout=10_000)
    with qtbot.waitSignal(child.ended, timeout=10_000):
        child.finish()
    assert child.phase == "gone"


def test_sv_14_a_worker_that_never_can_run_says_why(qtbot, make_child):
    """SV-14: no endless restarts for models that fail."""
    child = WorkerChild(
        "shop", program("import sys; print('hadron: no scheduler', file=sys.stderr); sys.exit(2)")
    )
    child.launch()
    qtbot.waitUntil(lambda: child.phase == "failed", timeout=10_000)
    assert child.cause == "no scheduler"
    missing = make_child(lambda: ["/nowhere/at/all"])
    missing.launch()
    qtbot.waitUntil(lambda: missing.phase == "failed", timeout=10_000)
    assert "could not be started" in missing.cause


def test_sv_14_a_worker_whose_database_does_not_answer_is_tried_again(qtbot, make_child, monkeypatch):
    """SV-14: not given up after five times, unlike one that crashes; the reason is told meanwhile."""
    monkeypatch.setattr("desktop.processes.worker_child.FIRST_RETRY", 0.01)
    monkeypatch.setattr("desktop.processes.worker_child.LAST_RETRY", 0.01)
    code = "import sys; print('hadron: the database is locked', file=sys.stderr); sys.exit(75)"
    child = make_child(program(code))
    phases = []
    child.changed.connect(lambda: phases.append(child.phase))
    child._pause = 0.01
    child.launch()
    qtbot.waitUntil(lambda: phases.count("waiting") >= 7 and child.phase == "waiting")
    assert "failed" not in phases
    assert child.cause == "the database is locked"
    child.finish()


def test_desk_10_leaving_ends_all_even_the_deaf(qtbot, make_workers):
    """DESK-10: asked, terminated, killed; nothing is left, and only then the program goes on leaving."""
    workers = make_workers(DEAF)
    workers.set_count("shop", 1)
    qtbot.waitUntil(lambda: workers.running() == 1, timeout=10_000)
    pid = workers.members[0].pid
    import desktop.processes.workers as module

    kept, module.LAST_GRACE = module.LAST_GRACE, 0.3
    try:
        ended = []
        workers.shutdown(lambda: ended.append(alive(pid)), 0.3)
        qtbot.waitUntil(lambda: bool(ended), timeout=10_000)
    finally:
        module.LAST_GRACE = kept
    assert ended == [False]


def test_sc_10_only_processes_of_ours_are_killed(qtbot, make_workers):
    """SC-10: by the worker's name; a foreign one is left to its own computer."""
    workers = make_workers()
    workers.set_count("shop", 1)
    qtbot.waitUntil(lambda: workers.running() == 1, timeout=10_000)
    pid = workers.members[0].pid
    assert not workers.kill_process("lab#88")
    assert workers.kill_process(workers.members[0].name)
    qtbot.waitUntil(lambda: not alive(pid), timeout=10_000)


def test_sv_14_processor_and_memory(qtbot, make_workers):
    """SV-14: known after two looks, while somebody looks."""
    workers = make_workers()
    workers.set_watched("test", True)
    workers.set_count("shop", 1)
    qtbot.waitUntil(lambda: workers.running() == 1, timeout=10_000)
    pid = workers.members[0].pid
    qtbot.waitUntil(lambda: bool(workers.load_words(pid)), timeout=10_000)
    assert "% CPU" in workers.load_words(pid)
    workers.set_watched("test", False)


# -- what is shown


def test_sv_17_due_and_nobody_runs():
    """SV-17: the hint stands where the worker would."""
    known = Known(hints=(Hint("no worker", 3, "3 tasks are due and no worker runs."),))
    assert app_view([], known, []) == AppView(
        "mark-triangle-bang", "problem", "None runs", "3 tasks are due and no worker runs", action="start"
    )
    assert app_view([], Known(), []).action == "start"


def test_sv_14_busy_paused_asked_in_one_line():
    """SV-14, SV-16: the gravest first; the task that runs is a link."""
    busy = view_of(worker(state="busy", task_id=5, task_name="news"), None, NOW)
    idle = view_of(worker(name="office#2"), None, NOW)
    shown = app_view([], Known(), [busy, idle])
    assert (shown.state, shown.words, shown.task, shown.action) == (
        "Active",
        "1 busy with",
        ("news", 5),
        "pause",
    )
    paused = view_of(worker(state="paused", status="DISABLED"), None, NOW)
    assert app_view([], Known(), [paused]).action == "resume"
    assert app_view([], Known(), [idle]).words == "waits for tasks, heartbeat 1 s ago"


@pytest.fixture
def shop_desk(desk_maker, tmp_path, monkeypatch):
    """A window on a site with a scheduler."""
    monkeypatch.setattr(schedulers, "make_inspectors", HereInspectors)
    make_site(tmp_path)
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    ui = desk_maker(supervisor=supervisor)
    ui.site = tmp_path
    return ui


def test_sv_14_overview_lists_the_workers_of_the_database(qtbot, shop_desk):
    """SV-14, SV-16: lines for applications, rows for workers; pausing is asked and written into the row."""
    fill(shop_desk.site)
    card = shop_desk.overview.workers
    qtbot.waitUntil(lambda: len(card.rows) == 3, timeout=20_000)
    assert card.isVisible()
    line = card.lines["shop"]
    assert line.words.whole().startswith("1 busy with")
    assert line.task.text() == "news_mail"
    row = card.rows["shop", f"office#{os.getpid()}"]
    assert card.summary.whole() == "2 running, 2 of them started elsewhere"
    opened = []
    card.task_opened.connect(lambda *what: opened.append(what))
    row.task.click()
    assert row.task.text() == "news_mail"
    assert opened == [("shop", row._view.entry.task_id)]
    assert "running" not in row.detail.whole()
    qtbot.waitUntil(lambda: "% CPU" in row.facts.whole(), timeout=20_000)
    assert row.facts.whole().index("% CPU") < row.facts.whole().index("groups main, slow"), "cut off last"
    lefts = {line.stepper.mapTo(card, line.stepper.rect().topLeft()).x() for line in card.lines.values()}
    assert len(lefts) == 1
    row.order.emit(row.name.whole(), "pause")
    qtbot.waitUntil(lambda: "pausing" in row.state.whole(), timeout=10_000)

    def written():
        with open_scheduler(str(shop_desk.site), "shop") as service:
            return Tables(service).connection.first(
                "SELECT status FROM scheduler_worker WHERE worker_name = ?", row.name.whole()
            )[0]

    qtbot.waitUntil(lambda: written() == "DISABLED", timeout=10_000)


def test_tasks_that_nobody_takes_are_told_once(qtbot, shop_desk):
    """12.4, SV-17: a warning and a system notice when the window is hidden, not again at the next look."""
    with open_scheduler(str(shop_desk.site), "shop") as service:
        Tables(service).task("ping", due=-60)
    told = []
    shop_desk.desk.workers.attention.connect(lambda *what: told.append(what))
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == [("shop", "shop: 1 task is due and no worker runs.")]
    assert any("1 task is due" in one.text for one in shop_desk.desk.notices.all())
    line = shop_desk.overview.workers.lines["shop"]
    qtbot.waitUntil(lambda: line.words.whole() == "1 task is due and no worker runs", timeout=10_000)
    shop_desk.desk.workers.look_now("shop")
    qtbot.waitUntil(lambda: not shop_desk.desk.workers.known["shop"].looking, timeout=10_000)
    assert len(told) == 1


def test_sh_04_the_tray_has_a_submenu_of_workers(qtbot, shop_desk):
    """SH-04, 12.2: an entry for each application, the same orders as in the window."""
    qtbot.waitUntil(lambda: shop_desk.desk.workers.applications() == ["shop"], timeout=10_000)
    assert "workers.menu" in shop_desk.desk.worker_orders.tray_items()
    (menu,) = [
        menu
        for menu in shop_desk.desk.worker_orders.menu.findChildren(QMenu)
        if menu.title().startswith("shop")
    ]
    assert menu.title() == "shop: none runs"
    assert [action.text() for action in menu.actions()] == ["One more", "One less", "Pause", "Resume"]
    assert [action.isEnabled() for action in menu.actions()] == [True, False, False, False]


def test_sv_14_sites_without_a_scheduler_show_no_workers(qtbot, desk_maker, tmp_path):
    """SV-14: the card and the tray's entry are not there."""
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    ui = desk_maker(supervisor=supervisor)
    qtbot.waitUntil(lambda: ui.desk.workers.schedulers.names is not None, timeout=10_000)
    assert not ui.overview.workers.isVisible()
    assert ui.desk.worker_orders.tray_items() == ()
