"""Which applications load, known by the list without selecting them."""

from __future__ import annotations

import contextlib
import os
import threading
from dataclasses import replace

import psutil
import pytest
from applications_site import fill
from fakes import FakeSupervisor, FakeTray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from desktop.panels.applications import check_run
from desktop.processes.state import Phase
from desktop.shell.idle import Idle
from runtime.admin import load_checks

BAD = {
    "exits": ("import os\nos._exit(4)\n", "code 4", 2),
    "prints": ("print('x' * 100000)\n1 / 0\n", "ZeroDivisionError", 2),
}
GOOD = ("shop", "welcome")


class Watched:
    """How often applications were checked, and the computer as the test wants it."""

    def __init__(self, monkeypatch) -> None:
        self.names: list[str] = []
        self.percent, self.idle = 0.0, 99.0
        self.gate = threading.Event()
        self.gate.set()
        real = load_checks.check_application

        def check(site, name, limits, cancelled):
            self.names.append(name)
            while not self.gate.wait(0.05):
                if cancelled():
                    break
            return real(site, name, limits, cancelled)

        monkeypatch.setattr(check_run, "check_application", check)
        monkeypatch.setattr(check_run, "MEASURE", 0.01)


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    fill(folder)
    for name, (model, _words, _line) in BAD.items():
        for part in ("models", "controllers"):
            (folder / "applications" / name / part).mkdir(parents=True)
        (folder / "applications" / name / "controllers/default.py").write_text("def index(): return ''\n")
        (folder / "applications" / name / "models/db.py").write_text(model)
    return folder


@pytest.fixture
def watched(monkeypatch):
    return Watched(monkeypatch)


@pytest.fixture
def open_panel(desk_maker, qtbot, site, watched):
    def make(on: bool = True):
        supervisor = FakeSupervisor(Phase.SERVING)
        supervisor.settings = replace(supervisor.settings, site_folder=site)
        made = desk_maker(supervisor=supervisor, tray=FakeTray(), options={"general.check_applications": on})
        made.desk.complete()
        panel = made.desk.parts["applications"].panel
        panel.checks.load, panel.checks.idle = lambda: watched.percent, lambda: watched.idle
        panel.list.choose("lab")  # is off, so nothing is learned by its selection
        made.window.show_panel("applications")
        qtbot.waitUntil(lambda: panel.row_count() > 0, timeout=8000)
        return made, panel

    return make


def state(panel, name: str) -> str:
    return panel.listing.find(name).state


def all_known(panel) -> bool:
    return set(panel.checks.known()) >= {*BAD, *GOOD, "broken"}


def test_ap_01_the_list_knows_which_applications_load(open_panel, qtbot, site, watched):
    """AP-01, bad input: models that exit or print; reason, line and a link to it; those that are off stay so."""
    _made, panel = open_panel()
    qtbot.waitUntil(lambda: all_known(panel), timeout=60_000)
    assert [state(panel, name) for name in GOOD] == ["on", "on"]
    assert "lab" not in watched.names
    for name, (_model, words, line) in BAD.items():
        row = panel.listing.find(name)
        assert (row.state, row.place) == ("does not load", ("models/db.py", line))
        assert words in row.fault
    panel.list.choose("prints")
    assert panel.list.details.place.text() == "Go to models/db.py, line 2"
    panel.list.details.place.click()
    qtbot.waitUntil(lambda: panel.file() is not None, timeout=8000)
    assert panel.file().path == site / "applications/prints/models/db.py"
    assert panel.file().edit.place()[0] == 2
    qtbot.waitUntil(lambda: panel.list.said.whole() == "", timeout=8000)


def test_ap_01_results_are_kept_until_something_changes(open_panel, qtbot, site, watched):
    """AP-01: the next start runs nothing again; a changed model is checked, and that one alone."""
    made, panel = open_panel()
    qtbot.waitUntil(lambda: all_known(panel), timeout=60_000)
    made.desk.parts["applications"].close()
    watched.names.clear()
    path = site / "applications/prints/models/db.py"
    made, panel = open_panel()
    qtbot.waitUntil(lambda: all_known(panel), timeout=8000)
    assert state(panel, "exits") == "does not load"
    assert watched.names == []
    path.write_text("x = 1\n")
    panel.checks.look()
    qtbot.waitUntil(
        lambda: state(panel, "prints") == "on" and "prints" in panel.checks.known(), timeout=20_000
    )
    assert watched.names == ["prints"]


def test_ap_01_checks_wait_while_the_computer_or_the_person_is_busy(open_panel, qtbot, watched):
    """AP-01: nothing runs, and the list says why; afterwards they go on."""
    watched.percent = 100.0
    _made, panel = open_panel()
    qtbot.waitUntil(lambda: "computer is busy" in panel.list.said.whole(), timeout=8000)
    watched.percent, watched.idle = 0.0, 0.5
    qtbot.waitUntil(lambda: "computer is busy" in panel.list.said.whole(), timeout=8000)
    assert watched.names == []
    watched.idle = 99.0
    qtbot.waitUntil(lambda: bool(watched.names), timeout=8000)


def test_ap_01_checks_are_switched_off_in_the_settings(open_panel, qtbot, watched):
    """AP-01, ST-02: at once, also in the middle of one; *Check all now* works all the same."""
    watched.gate.clear()
    made, panel = open_panel()
    qtbot.waitUntil(lambda: bool(watched.names), timeout=8000)
    made.preferences.set("general.check_applications", False)
    qtbot.waitUntil(lambda: not made.desk.tasks.under_way(), timeout=8000)
    assert panel.list.said.whole() == ""
    watched.gate.set()
    watched.names.clear()
    panel.checks.look()
    qtbot.waitUntil(lambda: not made.desk.tasks.under_way(), timeout=8000)
    assert watched.names == []
    watched.percent = 100.0  # who asks does not wait
    made.desk.actions.get("applications.check_all").trigger()
    qtbot.waitUntil(lambda: all_known(panel), timeout=60_000)
    assert len(watched.names) == len(set(watched.names))


def test_ap_01_checks_can_be_cancelled_and_end_with_the_window(open_panel, qtbot, site, watched):
    """AP-01: by *Cancel* in the list of tasks, until asked again; closing leaves no child behind."""
    (site / "applications/broken/models/db.py").write_text("while True: pass\n")
    made, panel = open_panel()

    def children() -> list[int]:
        out = []
        for each in psutil.Process(os.getpid()).children():
            with contextlib.suppress(psutil.Error):
                if {"--load=30", "broken"} <= set(each.cmdline()):
                    out.append(each.pid)
        return out

    qtbot.waitUntil(lambda: bool(children()), timeout=20_000)
    task = next(each for each in made.desk.tasks.under_way() if each.title == "Checking applications")
    made.desk.tasks.cancel(task)
    qtbot.waitUntil(lambda: not children(), timeout=20_000)
    watched.names.clear()
    panel.checks.look()
    qtbot.waitUntil(lambda: not made.desk.tasks.under_way(), timeout=8000)
    assert watched.names == []
    made.desk.actions.get("applications.refresh").trigger()  # F5
    qtbot.waitUntil(lambda: bool(children()), timeout=20_000)
    made.desk.parts["applications"].close()
    qtbot.waitUntil(lambda: not children(), timeout=20_000)


def test_idle_counts_from_the_last_touch_of_the_window(ui, qtbot):
    """AP-01: keys and the mouse over the window; what was touched before counts as long ago."""
    idle = Idle(ui.window)
    idle.watch(ui.window.windowHandle())
    assert idle.seconds() > 1000
    QTest.mouseMove(ui.window.windowHandle(), QPoint(30, 40))
    qtbot.waitUntil(lambda: idle.seconds() < 5, timeout=3000)
    idle = Idle(ui.window)
    idle.watch(ui.window.windowHandle())
    QTest.keyClick(ui.window.windowHandle(), Qt.Key.Key_Shift)
    qtbot.waitUntil(lambda: idle.seconds() < 5, timeout=3000)
