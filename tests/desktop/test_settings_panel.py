"""The panel Settings: every option of the table, found, changed, checked and reset (ST-01, ST-02, ST-11)."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton

from desktop.processes.state import Fault, Phase
from desktop.settings.schema import OPTIONS
from desktop.shell.preferences import MemoryPreferences
from desktop.widgets.fields import Segment, Stepper
from desktop.widgets.marks import Toggle


@pytest.fixture
def settings(ui):
    ui.window.show_panel("settings")
    return ui.desk.settings


def type_into(qtbot, settings, name, text):
    line = settings.control(name)
    line.clear()
    qtbot.keyClicks(line, text)
    line.editingFinished.emit()
    return settings.rows()[name]


def shown(settings):
    return {name for name, row in settings.rows().items() if row.isVisibleTo(settings)}


def test_st_01_every_shown_option_has_a_row_on_the_page_of_its_subject(settings):
    assert set(settings.rows()) == {option.name for option in OPTIONS if option.shown}
    for section, tab in settings.tabs.items():
        tab.click()
        assert shown(settings) == {name for name in settings.rows() if name.startswith(f"{section}.")}


def test_st_01_search_looks_through_all_pages(qtbot, settings):
    qtbot.keyClicks(settings.search, "crontab minute")
    assert shown(settings) == {"server.cron"}
    settings.search.setText("no such words")
    assert settings.state() == "nothing_matches"
    assert settings.nothing.isVisibleTo(settings)
    settings.search.clear()
    assert {name.partition(".")[0] for name in shown(settings)} == {"general"}


def test_st_01_options_take_effect_at_once(ui, settings):
    """SH-05, ST-11: server and window learn of each choice."""
    settings.control("server.keep_serving").click()
    settings.control("server.start_with_window").click()
    settings.control("server.cron")._choose(1)
    assert ui.supervisor.settings.keep_serving
    assert ui.supervisor.settings.start_with_window
    assert ui.supervisor.settings.cron == "hard"
    settings.control("server.embedded").click()
    assert ui.supervisor.settings.embedded
    assert not settings.control("server.keep_serving").isEnabled()
    settings.control("appearance.density")._choose(1)
    assert ui.preferences.get("appearance.density") == "compact"
    assert ui.desk.theme.density == "compact"
    settings.control("general.close_quits").click()
    assert ui.preferences.get("general.close_quits") is True


def test_st_02_each_control_fits_its_option(settings):
    for name, row in settings.rows().items():
        option = row.option
        kind = type(row.control)
        if isinstance(option.default, bool):
            assert kind is Toggle, name
        elif option.choices:
            assert kind is Segment, name
            assert len(option.words) == len(option.choices), name
        elif name in ("server.threads", "appearance.zoom"):
            assert kind is Stepper, name
        assert row.control.accessibleDescription() == option.sentence


def test_st_02_default_is_told_and_comes_back(ui, settings):
    settings.show_section("appearance")
    row = settings.rows()["appearance.zoom"]
    assert row.reset.isHidden()
    assert row.note.isHidden()
    row.control._step(1)
    assert ui.preferences.get("appearance.zoom") == 110
    assert row.note.text() == "Default: 100."
    assert not row.reset.isHidden()
    row.reset.click()
    assert ui.preferences.source("appearance.zoom") == "default"
    assert row.control.value() == 100
    assert row.reset.isHidden()


def test_st_02_what_the_command_line_forces_says_so(ui, settings, monkeypatch):
    monkeypatch.setattr(
        MemoryPreferences,
        "source",
        lambda _self, name: "command line" if name == "server.port" else "default",
    )
    settings.show_section("server")
    ui.supervisor.state_changed.emit(ui.supervisor.state)
    row = settings.rows()["server.port"]
    assert "Set by the command line for this run." in row.note.text()
    assert not row.control.isEnabled()
    assert row.reset.isHidden()


def test_sv_02_wrong_numbers_are_told_beside_the_field(ui, qtbot, settings):
    settings.show_section("server")
    before = ui.supervisor.settings.port
    row = type_into(qtbot, settings, "server.port", "eighty")
    assert "no whole number" in row.fault.words.text()
    row = type_into(qtbot, settings, "server.port", "70000")
    assert "from 1 to 65535" in row.fault.words.text()
    assert ui.supervisor.settings.port == before
    row = type_into(qtbot, settings, "server.port", "8123")
    assert ui.supervisor.settings.port == 8123
    assert not row.fault.words.text()


def test_sv_08_later_answers_of_disk_and_network_reach_their_row(ui, settings):
    ui.supervisor.settings_checked.emit([Fault("site_folder", "The folder /x does not exist.")])
    assert settings.rows()["server.site_folder"].fault.words.text() == "The folder /x does not exist."
    ui.supervisor.settings_checked.emit([])
    assert settings.rows()["server.site_folder"].fault.words.text() == ""


def test_own_editor_is_kept_as_typed(ui, qtbot, settings):
    """AP-15: the person's own editor."""
    settings.show_section("editor")
    type_into(qtbot, settings, "editor.command", "code -g {file}:{line}")
    assert ui.preferences.get("editor.command") == "code -g {file}:{line}"


def test_st_01_restart_is_offered_when_the_running_server_lags(ui, settings):
    assert settings.restart.isHidden()
    ui.supervisor.show(Phase.SERVING)
    ui.supervisor.state = replace(ui.supervisor.state, needs_restart=True)
    ui.supervisor.state_changed.emit(ui.supervisor.state)
    assert settings.restart.isVisibleTo(settings)
    asked = []
    settings.restart_wanted.connect(lambda: asked.append(True))
    settings.findChild(QAbstractButton, "settings.restart.now").click()
    assert asked
