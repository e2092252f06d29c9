"""What is under way and how it ended; notices about long work and a full disk (SH-13, SH-14)."""

import threading
from pathlib import Path

import pytest
from fakes import FakeTray
from PySide6.QtCore import QObject

from desktop.background import Tasks
from desktop.processes.site_place import LEAST_FREE
from desktop.shell import long_work
from desktop.shell.disk_watch import DAY, DiskWatch
from desktop.shell.long_work import LongWork
from desktop.shell.notices import Notices
from desktop.shell.preferences import MemoryPreferences
from desktop.shell.system_notices import QUIET, SystemNotices
from desktop.shell.task_list import TaskSheet
from runtime.foundation.problems import UserError


def fail(_context):
    raise UserError("The disk is full.")


def rows(sheet):
    return {line.text: (line.rest, line.note) for line in sheet.list.lines_model.lines}


def test_sh_14_the_list_shows_what_runs_and_how_the_last_ones_ended(qtbot, ui):
    """SH-14: opened from the status bar; progress, Cancel; done, failed with the reason; quick reading is left out."""
    gate, owner, tasks = threading.Event(), QObject(), ui.desk.tasks
    tasks.run(lambda _context: None, owner=owner, title="Pack shop")
    tasks.run(fail, owner=owner, title="Export orders", on_failed=lambda _error: None)
    tasks.run(lambda _context: None, owner=owner, title="Looking around", reading=True)
    qtbot.waitUntil(lambda: not tasks.under_way())

    def work(context):
        context.progress(31, 50)
        gate.wait(60)

    tasks.run(work, owner=owner, title="Scanning languages")
    ui.window.status.tasks.click()
    sheet = ui.window.findChild(TaskSheet)
    qtbot.waitUntil(lambda: rows(sheet)["Scanning languages"] == ("62 %", ""))
    assert list(rows(sheet)) == ["Scanning languages", "Export orders", "Pack shop"]
    assert rows(sheet)["Pack shop"][0] == "done"
    assert rows(sheet)["Pack shop"][1]
    assert rows(sheet)["Export orders"][0] == "failed: The disk is full."
    assert sheet.stop.isEnabled()
    sheet.stop.click()
    assert rows(sheet)["Scanning languages"][0] == "is being cancelled"
    assert not sheet.stop.isEnabled()
    gate.set()
    qtbot.waitUntil(lambda: rows(sheet)["Scanning languages"][0] == "cancelled")


def test_sh_14_the_last_twenty_are_kept(qtbot, ui):
    """SH-14"""
    owner, tasks = QObject(), ui.desk.tasks
    for number in range(23):
        tasks.run(lambda _context: None, owner=owner, title=f"Work {number}", lane="one")
    qtbot.waitUntil(lambda: not tasks.under_way())
    ui.desk.actions.get("tasks.show").trigger()
    sheet = ui.window.findChild(TaskSheet)
    assert list(rows(sheet)) == [f"Work {number}" for number in range(22, 2, -1)]
    assert sheet.words.isHidden()


def test_sh_14_an_empty_list_says_so(ui):
    """SH-14"""
    ui.window.open_tasks()
    sheet = ui.window.findChild(TaskSheet)
    assert sheet.words.isVisible()
    assert not sheet.stop.isEnabled()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def told(qtbot):
    """Tasks, notices and the tray of a hidden window, the quiet time after the start being over."""
    clock, tray, preferences = Clock(), FakeTray(), MemoryPreferences({})
    holder = QObject()
    notices, tasks = Notices(holder), Tasks(holder)
    system = SystemNotices(tray, preferences, lambda: True, clock, holder)
    clock.now = QUIET + 1
    holder.told, holder.clock, holder.preferences = tray.told, clock, preferences
    yield holder, tasks, notices, system
    tasks.close()
    holder.deleteLater()


def test_sh_13_long_work_is_told_when_it_is_done(qtbot, told, monkeypatch):
    """SH-13, 12.4: a bar with *Show* to the panel it was given in, unless that is seen; a notice of the system."""
    holder, tasks, notices, system = told
    monkeypatch.setattr(long_work, "LONG", 0.0)
    seen, shown = [""], []
    panel = ["applications"]
    LongWork(
        tasks, notices, system, lambda: panel[0], lambda panel_id: panel_id == seen[0], shown.append, holder
    )
    tasks.run(lambda _context: None, owner=holder, title="Pack shop")
    panel[0] = "logs"
    qtbot.waitUntil(lambda: len(notices.all()) == 1)
    (notice,) = notices.open_notices()
    assert notice.text == "“Pack shop” is done."
    notice.actions[0].run()
    assert shown == ["applications"]
    assert [text for _, text, _ in holder.told] == ["“Pack shop” is done."]
    seen[0] = "logs"
    tasks.run(lambda _context: None, owner=holder, title="Delete old logs")
    qtbot.waitUntil(lambda: len(notices.all()) == 2)
    assert notices.open_notices() == [notice]


def test_sh_13_short_reading_and_cancelled_work_is_not_told(qtbot, told, monkeypatch):
    """SH-13, 12.4: ten seconds are long; what only reads is nobody's work."""
    holder, tasks, notices, system = told
    LongWork(tasks, notices, system, lambda: "logs", lambda _id: False, print, holder)
    tasks.run(lambda _context: None, owner=holder, title="Quick")
    qtbot.waitUntil(lambda: not tasks.under_way())
    monkeypatch.setattr(long_work, "LONG", 0.0)
    tasks.run(lambda _context: None, owner=holder, title="Reading", reading=True)
    gate = threading.Event()
    tasks.cancel(tasks.run(lambda _context: gate.wait(60), owner=holder, title="Cancelled"))
    gate.set()
    qtbot.waitUntil(lambda: not tasks.under_way())
    assert notices.all() == []
    assert holder.told == []


def test_sh_13_work_that_failed_is_told_by_the_system_only(qtbot, told, monkeypatch):
    """SH-13: the window tells failures by itself."""
    holder, tasks, notices, system = told
    monkeypatch.setattr(long_work, "LONG", 0.0)
    LongWork(tasks, notices, system, lambda: "logs", lambda _id: False, print, holder)
    tasks.run(fail, owner=holder, title="Pack shop", on_failed=lambda _error: None)
    qtbot.waitUntil(lambda: bool(holder.told))
    assert holder.told == [("Hadron", "“Pack shop” failed. The disk is full.", "error")]
    assert notices.all() == []


def test_sh_13_a_disk_that_gets_full_is_told_once_and_once_a_day(qtbot, told):
    """SH-13, 12.4: a bar while little is free, which may be closed; a notice of the system once a day."""
    holder, tasks, notices, system = told
    free, now = [LEAST_FREE + 1], Clock()
    watch = DiskWatch(tasks, notices, system, lambda: Path("/srv/site"), lambda _site: free[0], now, holder)

    def look(bytes_free):
        free[0] = bytes_free
        watch.look()
        qtbot.waitUntil(lambda: not tasks.under_way())

    look(LEAST_FREE + 1)
    assert notices.all() == []
    look(123_400_000)
    (notice,) = notices.open_notices()
    assert notice.text.startswith("Only 123 MB are free on the disk of /srv/site.")
    assert len(holder.told) == 1
    notices.dismiss(notice.key)
    look(120_000_000)
    assert notices.open_notices() == []
    look(LEAST_FREE * 2)
    look(1_000_000)
    assert "Only 1 MB" in notices.open_notices()[0].text
    look(LEAST_FREE * 2)
    assert notices.open_notices() == []
    assert len(holder.told) == 1
    now.now, holder.clock.now = DAY + 1, DAY + 100
    look(1_000_000)
    assert len(holder.told) == 2
    look(-1 + LEAST_FREE * 2)
    free[0] = None
    watch.look()
    qtbot.waitUntil(lambda: not tasks.under_way())
    assert notices.open_notices() == []


def test_sh_13_a_disk_that_is_full_while_the_window_is_seen_is_told_later(qtbot, told):
    """SH-13: the day begins with the notice of the system, not with the bar."""
    holder, tasks, notices, system = told
    hidden = [False]
    system._wanted = lambda: hidden[0]
    watch = DiskWatch(tasks, notices, system, lambda: Path("/srv/site"), lambda _site: 1, Clock(), holder)
    for wanted in (False, True):
        hidden[0] = wanted
        watch.look()
        qtbot.waitUntil(lambda: not tasks.under_way())
        assert len(holder.told) == int(wanted)
