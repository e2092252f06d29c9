"""About Hadron, and the menu of pages (DESK-04, ST-13)."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from desktop.processes.state import Phase
from desktop.shell.about import AboutSheet
from desktop.shell.tray import TrayMenu
from runtime.admin import parts
from runtime.cli import main as command_line
from runtime.foundation.version import build_version, version


@pytest.fixture
def sheet(qtbot, ui):
    ui.desk.actions.get("help.about").trigger()
    sheet = ui.window.findChild(AboutSheet)
    qtbot.waitUntil(lambda: sheet.parts.model().rowCount() > 0)
    return sheet


def test_st_13_about_tells_version_changes_and_licences(qtbot, ui, sheet):
    """ST-13, DESK-04: what a report of a fault needs, and what the licences of others ask for."""
    assert sheet.windowTitle() == f"Hadron {version()}"
    names = [sheet.parts.model().index(row, 0).data() for row in range(sheet.parts.model().rowCount())]
    at = next(row for row, words in enumerate(names) if "waitress" in words)
    sheet.parts.setCurrentIndex(sheet.parts.model().index(at, 0))
    assert "Zope Public License" in sheet.licence.toPlainText()
    sheet.choice.chosen.emit("changes")
    assert "Changelog" in sheet.changes.toPlainText()
    assert sheet.changes.isVisibleTo(sheet)
    sheet.copy.click()
    assert f"Build: {build_version()}" in QGuiApplication.clipboard().text()
    assert "Qt: 6" in QGuiApplication.clipboard().text()


def test_st_13_missing_notes_are_said(sheet):
    """ST-13: a package without its change notes still shows the rest."""
    from desktop.shell.about import About

    sheet.show_about(About([parts.LibraryPart("x", "1", "", "")], ["no text"], ""))
    assert "were not installed" in sheet.changes.toPlainText()
    assert sheet.licence.toPlainText() == "no text"


def test_parts_are_those_of_the_program():
    """ST-13: what only its developers use is none; every part tells a licence or where to find it."""
    found = {part.name.lower(): part for part in parts.library_parts()}
    assert {"pydal", "waitress", "pyside6_essentials", "python", "celery"} <= set(found)
    assert not {"pytest", "ruff", "mypy", "selenium", "hadron", "pyinstaller"} & set(found)
    assert all(part.version for part in found.values())
    untold = {name for name, part in found.items() if not (part.licence or part.home)}
    assert untold <= {"python-pam"}  # of the extra `bundle`; its package names neither


def test_licences_on_the_command_line(capsys):
    """START-04: for a server without a screen."""
    assert command_line(["licences"]) == 0
    assert "pydal" in capsys.readouterr().out
    assert command_line(["licences", "pyjwt"]) == 0
    assert "Permission is hereby granted" in capsys.readouterr().out
    assert command_line(["licences", "nothing"]) == 2
    assert "`hadron licences` lists them" in capsys.readouterr().err


def test_desk_04_a_page_of_each_application(ui):
    """DESK-04: one entry per application opens it in the browser; none while nothing is served."""
    ui.desk.scope.show_applications(("admin", "shop"))
    action = ui.desk.actions.get("pages.menu")
    assert not action.isEnabled()
    assert "not running" in action.toolTip()
    ui.supervisor.show(Phase.SERVING)
    assert action.isEnabled()
    menu = action.menu()
    assert [entry.text() for entry in menu.actions()] == ["admin", "shop"]
    menu.actions()[1].trigger()
    assert ui.opened[-1] == ui.supervisor.state.url.rstrip("/") + "/shop"


def test_desk_04_pages_in_tray_and_header(ui, theme):
    """DESK-04, SH-04: the same menu in both."""
    ui.desk.scope.show_applications(("shop",))
    ui.supervisor.show(Phase.SERVING)
    tray = TrayMenu(theme, ui.desk.actions)
    view = ui.desk.server.view
    tray.show_state(view.mark, view.status, view.line, ui.desk.server.tray_items())
    assert [action.text() for action in tray.actions() if action.menu()] == ["Pages"]
    ui.window.menus.open_server()
    server = next(each for each in ui.window.findChildren(QMenu) if each.title() == "Server")
    assert "Pages" in [action.text() for action in server.actions()]
    server.close()
    tray.deleteLater()
