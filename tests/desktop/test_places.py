"""Where things lie, settings as a file, diagnostics (UI-ST-12, UI-ST-04, UI-SH-24)."""

import tomllib
from dataclasses import replace
from types import SimpleNamespace

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog

from desktop.processes.state import Fault
from desktop.settings.folders import data_folder
from desktop.shell.questions import Question
from runtime.admin.bin import contents, throw_away


@pytest.fixture
def page(ui, qtbot, tmp_path, monkeypatch):
    """The page of places, for a site with logs, a bin and a draft."""
    monkeypatch.setenv("HADRON_CONFIG_DIR", str(tmp_path / "config"))
    site = tmp_path / "site"
    (site / "applications" / "shop" / "models").mkdir(parents=True)
    (site / "logs").mkdir()
    (site / "logs" / "server.log").write_text(
        "2026-11-20 11:00:00.000 server info api_key=9f8e7d6c listening\n" + "x" * 2000
    )
    (site / "applications" / "shop" / "models" / "old.py").write_text("x = 1\n")
    throw_away(site, site / "applications" / "shop" / "models" / "old.py")
    (data_folder() / "drafts" / "files").mkdir(parents=True)
    (data_folder() / "drafts" / "files" / "a.json").write_text("{}")
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=site)
    ui.window.show_panel("settings")
    panel = ui.desk.settings
    panel.show_section("places")
    rows = panel.places.rows
    qtbot.waitUntil(lambda: all(row.amount.text() != "…" for row in rows.values()))
    return SimpleNamespace(panel=panel, rows=rows, site=site, **vars(ui))


def notices(ui):
    return [notice.text for notice in ui.desk.notices.all()]


def test_st_12_each_place_has_its_path_and_size(page):
    """ST-12: what is not there yet says so, and can be neither opened nor emptied."""
    assert page.rows["logs"].path.whole() == str(page.site / "logs")
    assert page.rows["logs"].amount.text() == "2.1 kB"
    assert page.rows["drafts"].amount.text() == "2 B"
    crashes = page.rows["crashes"]
    assert crashes.amount.text() == "nothing yet"
    assert not crashes.open.isEnabled()
    assert not crashes.empty.isEnabled()
    assert not page.rows["site"].empty.isVisible()
    assert not page.rows["settings"].empty.isVisible()


def test_st_12_open_shows_the_folder(page):
    page.rows["bin"].open.click()
    assert page.opened == [(page.site / "deposit" / "bin").as_uri()]


@pytest.mark.parametrize("name", ["logs", "bin", "drafts"])
def test_st_12_emptying_asks_with_number_and_loss_first(page, qtbot, name):
    """ST-12, 16: Enter never confirms a loss; nothing else is touched."""
    row = page.rows[name]
    row.empty.click()
    question = page.window.findChild(Question)
    assert row.place.loss in question.accessibleDescription()
    assert question.buttons["stay"].hasFocus() or question.focusWidget() is question.buttons["stay"]
    question.answer("stay")
    assert row.place.path.is_dir()
    assert any(row.place.path.rglob("*"))
    row.empty.click()
    page.window.findChildren(Question)[-1].answer("empty")
    qtbot.waitUntil(lambda: not row.empty.isEnabled())
    assert not any(row.place.path.rglob("*"))
    assert (name == "bin") != bool(contents(page.site))
    assert (page.site / "applications" / "shop" / "models").is_dir()


def test_st_12_the_search_finds_the_page(page):
    page.panel.search.setText("crash reports")
    assert page.panel.places.isVisible()
    assert page.panel.state() == "rows"
    page.panel.search.setText("threads")
    assert not page.panel.places.isVisible()


def test_st_04_exported_settings_come_back_elsewhere(page, qtbot, tmp_path):
    """ST-04: only what was chosen, no secrets; shown before it changes anything."""
    page.preferences.set("appearance.density", "compact")
    page.supervisor.settings = replace(page.supervisor.settings, port=8123)
    target = tmp_path / "mine.toml"
    page.panel.findChild(QAbstractButton, "settings.export").click()
    page.panel.findChild(QFileDialog).fileSelected.emit(str(target))
    qtbot.waitUntil(lambda: any("without passwords" in text for text in notices(page)))
    written = tomllib.loads(target.read_text(encoding="utf-8"))
    assert written["appearance"]["density"] == "compact"
    assert written["server"]["port"] == 8123
    assert "first_run_done" not in written.get("general", {})
    page.preferences.reset("appearance.density")
    page.supervisor.settings = replace(page.supervisor.settings, port=8000)
    page.panel.transfer.read(target)
    qtbot.waitUntil(lambda: page.window.findChild(Question) is not None)
    question = page.window.findChild(Question)
    assert question.windowTitle() == "Change 2 settings?"
    assert "Server, Port: 8000 → 8123" in question.accessibleDescription()
    assert page.supervisor.settings.port == 8000
    question.answer("import")
    assert page.supervisor.settings.port == 8123
    assert page.preferences.get("appearance.density") == "compact"
    page.panel.transfer.read(target)
    qtbot.waitUntil(lambda: any("are as they are here" in text for text in notices(page)))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[server]\nport = 700000\n", "must be from 1 to 65535"),
        ("not toml at all", "is no settings file"),
        ("[other]\nx = 1\n", "holds no settings of Hadron"),
        (None, "can't be read"),
    ],
)
def test_st_04_a_wrong_file_changes_nothing_and_says_why(page, qtbot, tmp_path, text, words):
    path = tmp_path / "wrong.toml"
    if text is not None:
        path.write_text(text)
    before = page.supervisor.settings
    page.panel.transfer.read(path)
    qtbot.waitUntil(lambda: any(words in said for said in notices(page)))
    assert page.supervisor.settings == before


def test_st_04_what_the_server_refuses_leaves_all_as_it_was(page, qtbot, tmp_path):
    """ST-04: an address beyond this computer without a password, and with it the density."""
    path = tmp_path / "public.toml"
    path.write_text('[server]\naddress = "0.0.0.0"\n[appearance]\ndensity = "compact"\n')
    page.supervisor.faults = [Fault("address", "Serving beyond this computer needs a password.")]
    page.panel.transfer.read(path)
    qtbot.waitUntil(lambda: page.window.findChild(Question) is not None)
    page.window.findChild(Question).answer("import")
    assert any("Nothing was imported. Serving beyond" in text for text in notices(page))
    assert page.preferences.get("appearance.density", "comfortable") == "comfortable"


def test_sh_24_diagnostics_are_copied_without_secrets(page, qtbot):
    """SH-24: versions, paths, what was changed, the last lines of the logs."""
    page.preferences.set("appearance.density", "compact")
    page.desk.actions.get("help.diagnostics").trigger()
    qtbot.waitUntil(lambda: any("Diagnostics were copied" in text for text in notices(page)))
    text = QGuiApplication.clipboard().text()
    for part in (
        "Build: ",
        "Python: ",
        "Qt: 6",
        "appearance.density = compact",
        "Applications: ",
        "listening",
    ):
        assert part in text, part
    assert "9f8e7d6c" not in text
    assert "api_key=[hidden]" in text
