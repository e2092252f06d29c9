"""Background work: off the GUI thread, in lanes, cancellable, delivered only to the living."""

import threading

import pytest
from PySide6.QtCore import QObject

from desktop.background import Tasks, TaskState
from runtime.foundation.problems import UserError


@pytest.fixture
def tasks(qapp):
    made = Tasks()
    yield made
    made.close()


def test_result_arrives_in_the_gui_thread(qtbot, tasks):
    owner, seen = QObject(), []
    task = tasks.run(
        lambda _context: threading.current_thread(),
        owner=owner,
        title="Look",
        on_done=lambda worker: seen.append((worker, threading.current_thread())),
    )
    qtbot.waitUntil(lambda: bool(seen))
    worker, deliverer = seen[0]
    assert worker is not deliverer
    assert deliverer is threading.main_thread()
    assert task.state is TaskState.DONE
    assert tasks.under_way() == []
    assert tasks.finished() == [task]


def test_a_lane_is_serial_and_keeps_the_order(qtbot, tasks):
    owner, order, inside = QObject(), [], []

    def work(number):
        def run(_context):
            inside.append(number)
            assert len(inside) == 1
            threading.Event().wait(0.01)
            inside.remove(number)
            order.append(number)

        return run

    for number in range(6):
        tasks.run(work(number), owner=owner, title=str(number), lane="files")
    qtbot.waitUntil(lambda: not tasks.under_way())
    assert order == [0, 1, 2, 3, 4, 5]
    assert all(task.state is TaskState.DONE for task in tasks.finished())


def test_nothing_is_delivered_to_a_deleted_owner(qtbot, tasks):
    owner, seen, gate = QObject(), [], threading.Event()
    tasks.run(lambda _context: gate.wait(60), owner=owner, title="Late", on_done=seen.append)
    import shiboken6

    shiboken6.delete(owner)
    gate.set()
    qtbot.waitUntil(lambda: not tasks.under_way())
    assert seen == []


def test_newer_work_with_the_same_key_wins(qtbot, tasks):
    owner, seen, gate = QObject(), [], threading.Event()
    tasks.run(lambda _c: gate.wait(60) and "old", owner=owner, title="a", key="filter", on_done=seen.append)
    tasks.run(lambda _c: "new", owner=owner, title="b", key="filter", on_done=seen.append)
    gate.set()
    qtbot.waitUntil(lambda: not tasks.under_way())
    assert seen == ["new"]


def test_cancel_ends_the_work(qtbot, tasks):
    owner, seen, started = QObject(), [], threading.Event()

    def endless(context):
        started.set()
        while True:
            context.check()
            threading.Event().wait(0.005)

    task = tasks.run(endless, owner=owner, title="Endless", on_done=seen.append)
    assert started.wait(60)
    tasks.cancel(task)
    qtbot.waitUntil(lambda: not tasks.under_way())
    assert task.state is TaskState.CANCELLED
    assert seen == []


def test_failures_reach_whoever_asked(qtbot, tasks):
    owner, seen = QObject(), []

    def fail(_context):
        raise UserError("The disk is full.")

    tasks.run(fail, owner=owner, title="Save", on_failed=seen.append)
    qtbot.waitUntil(lambda: bool(seen))
    assert str(seen[0]) == "The disk is full."
    with qtbot.waitSignal(tasks.failed) as told:
        tasks.run(fail, owner=owner, title="Save")
    assert told.args[0] == "Save"


def test_progress_is_shown_and_cancelled_in_the_status_bar(qtbot, ui):
    """SH-14 (part): title, percent, Cancel."""
    gate, owner = threading.Event(), QObject()

    def work(context):
        context.progress(31, 50)
        gate.wait(60)

    task = ui.desk.tasks.run(work, owner=owner, title="Scanning languages of shop")
    bar = ui.window.status
    qtbot.waitUntil(lambda: bar._percent.whole() == "62 %")
    assert bar._work.whole() == "Scanning languages of shop"
    bar._cancel.click()
    gate.set()
    qtbot.waitUntil(lambda: not ui.desk.tasks.under_way())
    assert task.state is TaskState.CANCELLED
    assert not bar._work.isVisible()


def test_work_is_given_from_the_gui_thread_only(tasks):
    caught = []

    def elsewhere():
        try:
            tasks.run(lambda _context: None, owner=tasks, title="Wrong")
        except RuntimeError as error:
            caught.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join(60)
    assert caught == ["Background work is given from the GUI thread only."]
