"""The first run: three steps over the window, a look at an existing folder first (UI-ST-06, UI-ST-07)."""

import errno
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QRadioButton

from desktop.first_run.looking import check_new
from desktop.processes.state import Fault, Phase
from desktop.settings.folders import data_folder
from runtime.admin.site_look import AppLook, SiteLook, look_file, read_look


@pytest.fixture
def site(tmp_path):
    """An existing folder: one application that loads, one that does not."""
    for name, model in (
        ("shop", "db = DAL('sqlite://s.sqlite')\ndb.define_table('thing')\n"),
        ("old", "1 / 0\n"),
    ):
        folder = tmp_path / "web2py" / "applications" / name
        for part in ("models", "controllers", "databases"):
            (folder / part).mkdir(parents=True)
        (folder / "models" / "db.py").write_text(model)
        (folder / "controllers" / "default.py").write_text("def index(): return ''\n")
    return tmp_path / "web2py"


@pytest.fixture
def first(ui, qtbot, tmp_path):
    """The page as it opens, with a new folder offered."""
    from dataclasses import replace

    ui.preferences.set("general.first_run_done", False)
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=tmp_path / "Hadron")
    ui.desk.first_run.open()
    page = ui.desk.first_run.page
    qtbot.waitUntil(lambda: page.folder.site is not None)
    given = []
    ui.desk.first_run.password_given.connect(given.append)
    return SimpleNamespace(page=page, step=page.folder, given=given, **vars(ui))


def button(page, name):
    return page.findChild(QAbstractButton, name)


def open_existing(first, qtbot, folder):
    first.step.set_existing(folder)
    qtbot.waitUntil(lambda: first.step.report is not None)


def test_st_06_is_due_at_the_first_start_only(desk_maker, monkeypatch, tmp_path):
    """ST-06: not again once it is over, nor with a folder given or there already."""
    monkeypatch.setattr("desktop.first_run.flow.default_site_folder", lambda: tmp_path / "site")
    desk = desk_maker(options={"general.first_run_done": False}).desk
    assert desk.first_run.is_due
    monkeypatch.setattr(desk.preferences, "source", lambda name: "command line")
    assert not desk.first_run.is_due
    monkeypatch.undo()
    monkeypatch.setattr("desktop.first_run.flow.default_site_folder", lambda: tmp_path / "site")
    (tmp_path / "site" / "applications").mkdir(parents=True)
    assert not desk.first_run.is_due
    assert not desk_maker().desk.first_run.is_due


def test_st_06_enter_three_times_makes_a_folder_and_starts(first, qtbot, tmp_path):
    """ST-06: by keyboard alone, every step has a default; the browser opens once the server is ready."""
    for _ in range(2):
        qtbot.keyClick(first.window.focusWidget(), Qt.Key.Key_Return)
    assert first.page.at == 2
    assert first.page.next.text() == "Finish"
    qtbot.keyClick(first.page.next, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: first.desk.first_run.page is None)
    assert (tmp_path / "Hadron" / "applications" / "welcome").is_dir()
    assert first.supervisor.settings.site_folder == tmp_path / "Hadron"
    assert "start" in first.supervisor.asked
    assert first.given == []
    assert first.preferences.get("general.first_run_done") is True
    assert first.opened == []
    first.supervisor.show(Phase.STARTING)
    first.supervisor.show(Phase.SERVING)
    assert [url.rpartition("/")[2] for url in first.opened] == ["welcome"]
    first.supervisor.show(Phase.SERVING, since=1.0)
    assert len(first.opened) == 1


def test_st_06_skip_changes_nothing_and_help_opens_it_again(first):
    """ST-06: at any step; the title names what is seen."""
    first.window.show_panel("overview")
    assert first.window.windowTitle() == "Welcome – Hadron"
    button(first.page, "first.skip").click()
    assert first.desk.first_run.page is None
    assert first.window.sidebar.isVisible()
    assert first.window.windowTitle() == "Overview – Hadron"
    assert first.supervisor.asked == []
    assert first.preferences.get("general.first_run_done") is True
    first.desk.actions.get("help.first_run").trigger()
    assert first.desk.first_run.page.isVisible()
    assert not first.window.sidebar.isVisible()


def test_st_06_the_password_is_handed_over_and_its_strength_told(first, qtbot):
    """ST-06, SV-09: never into the settings; Enter goes on."""
    first.page.next.click()
    field = first.page.password.password
    qtbot.keyClicks(field, "abc")
    assert "Too short" in first.page.password.field.fault.words.text()
    field.clear()
    qtbot.keyClicks(field, "correct horse battery")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert first.page.at == 2
    assert first.page.ready.facts["Password"].whole() == "set"
    first.page.ready.start.click()
    assert not first.page.ready.open.isEnabled()
    first.page.next.click()
    qtbot.waitUntil(lambda: first.given != [])
    assert first.given == ["correct horse battery"]
    assert "start" not in first.supervisor.asked


def test_st_06_sh_15_it_may_start_at_the_log_in(first, qtbot, tmp_path):
    """ST-06, SH-15: off unless asked for; with the server when that is started now."""
    first.page.go_to(2)
    assert not first.page.ready.login.isChecked()
    first.page.ready.login.click()
    first.page.next.click()
    qtbot.waitUntil(lambda: first.desk.first_run.page is None)
    entry = (tmp_path / "xdg" / "autostart" / "hadron.desktop").read_text()
    assert "--taskbar --start-server" in entry


def test_st_06_a_refused_folder_is_said_and_nothing_is_lost(first, qtbot):
    first.supervisor.faults = [Fault("address", "Serving beyond this computer needs a password.")]
    first.page.go_to(2)
    first.page.next.click()
    qtbot.waitUntil(first.page.fault.isVisible)
    assert "needs a password" in first.page.fault.words.text()
    assert first.page.next.isEnabled()


def test_st_07_an_existing_folder_is_looked_at_before_it_is_opened(first, qtbot, site):
    """ST-07: found, loads, needs attention with the place; the list is read by name; nothing is opened yet."""
    before = sorted(site.rglob("*"))
    open_existing(first, qtbot, site)
    assert first.step.summary.text() == "2 applications found, 1 loads, 1 needs attention"
    model = first.step.table.model()
    rows = [[str(model.index(row, column).data()) for column in range(3)] for row in range(2)]
    assert rows[0][:2] == ["old", "needs attention"]
    assert "models/db.py, line 1" in rows[0][2]
    assert rows[1] == ["shop", "loads", "1 database, 1 table"]
    spoken = model.index(0, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "old, State: needs attention"
    assert first.supervisor.asked == []
    assert sorted(site.rglob("*")) == before


def test_st_07_finishing_opens_it_with_an_application_that_loads(first, qtbot, site):
    open_existing(first, qtbot, site / "applications")
    assert f"The site folder is {site}." in first.step.fault.words.text()
    first.page.go_to(2)
    assert first.page.ready.application.value() == "shop"
    first.page.next.click()
    qtbot.waitUntil(lambda: first.desk.first_run.page is None)
    assert first.supervisor.settings.site_folder == site
    assert not (site / "applications" / "welcome").exists()


def test_st_07_the_report_is_kept_shown_again_at_once_and_saved(first, qtbot, site, tmp_path):
    """ST-07: outside of the folder; *Look again* runs the models again."""
    open_existing(first, qtbot, site)
    kept = read_look(data_folder(), site)
    assert kept.count("needs attention") == 1
    button(first.page, "first.save").click()
    target = tmp_path / "applications.txt"
    first.page.findChild(QFileDialog).fileSelected.emit(str(target))
    qtbot.waitUntil(target.exists)
    assert "old   needs attention" in target.read_text(encoding="utf-8")
    first.step.set_existing(site)
    qtbot.waitUntil(lambda: first.step.report is not None)
    assert first.step.report.when == kept.when
    button(first.page, "first.again").click()
    qtbot.waitUntil(lambda: first.step.report is not None)
    assert first.step.report.when > kept.when
    assert look_file(data_folder(), site).is_file()


def test_st_07_a_folder_that_is_none_says_so_at_its_field(first, qtbot, tmp_path):
    first.step.set_existing(tmp_path)
    qtbot.waitUntil(first.step.fault.isVisible)
    assert "has no folder applications" in first.step.fault.words.text()
    assert "has no folder applications" in first.step.path.accessibleDescription()
    assert not first.page.next.isEnabled()
    assert first.page.next.toolTip() == "Choose a folder first."
    first.step.new.radio.setChecked(True)
    assert first.page.next.isEnabled()


def test_st_07_a_report_that_can_not_be_kept_is_shown_all_the_same(first, qtbot, site, monkeypatch):
    """ST-07: a full disk takes nothing from the person but the report at the next start."""

    def full(_data, _found):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("desktop.first_run.looking.keep_look", full)
    open_existing(first, qtbot, site)
    assert first.step.summary.text() == "2 applications found, 1 loads, 1 needs attention"
    assert first.page.next.isEnabled()


def test_st_07_an_empty_site_can_be_opened(first, qtbot, tmp_path):
    (tmp_path / "empty" / "applications").mkdir(parents=True)
    open_existing(first, qtbot, tmp_path / "empty")
    assert first.step.summary.text() == "0 applications found"
    assert not first.step.frame.isVisible()
    assert first.page.next.isEnabled()


def test_st_06_one_of_both_is_always_chosen(first):
    """ST-06: two radio buttons, by mouse or by key."""
    first.step.existing.radio.click()
    assert not first.step.new.radio.isChecked()
    first.step.existing.radio.click()
    assert first.step.existing.radio.isChecked()
    first.step.new.radio.click()
    assert not first.step.existing.radio.isChecked()
    assert all(radio.text() for radio in first.page.findChildren(QRadioButton))


@pytest.mark.parametrize(
    ("make", "ok", "words"),
    [
        (lambda path: None, True, "welcome application"),
        (lambda path: path.mkdir(), True, "welcome application"),
        (lambda path: path.write_text(""), False, "is a file"),
        (lambda path: (path / "photos").mkdir(parents=True), False, "holds other things"),
        (lambda path: (path / "applications").mkdir(parents=True), True, "0 applications already"),
        (
            lambda path: (path / "applications" / "a" / "controllers").mkdir(parents=True),
            True,
            "1 application already, it",
        ),
    ],
)
def test_st_08_a_new_folder_is_checked_before(tmp_path, make, ok, words):
    """ST-06, ST-08: what becomes of the place is said before anything is made."""
    make(tmp_path / "place")
    found = check_new(tmp_path / "place")
    assert (found.ok, words in found.words) == (ok, True), found
    assert not check_new(Path("relative")).ok


def test_st_06_long_texts_and_small_windows_keep_the_verbs_in_sight(first, theme, qtbot):
    """ST-06, SH-09: at 200 % and 760 x 560 the foot is inside the window."""
    long = AppLook("application_" + "x" * 60, "needs attention", "word " * 80, "models/db.py", 3)
    first.step.existing.radio.setChecked(True)
    first.step.show_report(SiteLook(Path("/home/office/" + "deep/" * 30), 1.0, 2.0, (long,) * 40))
    theme.set_zoom(2.0)
    first.window.resize(760, 560)

    def in_sight(each):
        place = each.rect().translated(each.mapTo(first.window, each.rect().topLeft()))
        return first.window.rect().contains(place)

    qtbot.waitUntil(
        lambda: first.window.height() == 560 and all(map(in_sight, (first.page.next, first.page.skip)))
    )
