"""Keys that a person changes (SH-20)."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence

from desktop.processes.state import Phase
from desktop.shell.keys_editor import KeysEditor
from desktop.shell.keys_sheet import KeysSheet
from desktop.shell.own_keys import OPTION, own_keys_text, read_own_keys

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def editor(qtbot, ui):
    """The sheet, over a window with a running server, with the order to restart chosen."""
    ui.supervisor.show(Phase.SERVING)
    ui.desk.actions.get("help.keys").trigger()
    ui.window.findChild(KeysSheet).change.click()
    sheet = ui.window.findChild(KeysEditor)
    sheet.choose("server.restart")
    return sheet


def give(editor, keys):
    editor.keys.setKeySequence(QKeySequence(keys))
    editor.set.click()


def keys(ui, id):
    return [each.toString() for each in ui.desk.actions.get(id).shortcuts()]


def test_sh_20_other_keys_count_at_once_and_at_the_next_start(qtbot, ui, editor, desk_maker):
    """SH-20: the old keys do nothing any more; tooltip and list name the new ones; kept; back as it comes."""
    give(editor, "Ctrl+F5")
    assert editor.fault.words.text() == ""
    assert json.loads(ui.preferences.get(OPTION)) == {"server.restart": "Ctrl+F5"}
    assert "Ctrl+F5" in ui.desk.actions.get("server.restart").toolTip()
    assert (
        next(line for line in editor.list.lines_model.lines if line.data == editor.chosen()).note
        == "changed · Ctrl+F5"
    )
    editor.accept()
    ui.window.activateWindow()  # a platform without a screen leaves that to nobody
    qtbot.waitUntil(ui.window.isActiveWindow)
    qtbot.keyClick(ui.window, Qt.Key.Key_R, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert ui.supervisor.asked == []
    qtbot.keyClick(ui.window, Qt.Key.Key_F5, CTRL)
    assert ui.supervisor.asked == ["restart"]
    again = desk_maker(options={OPTION: ui.preferences.get(OPTION)})
    assert keys(again, "server.restart") == ["Ctrl+F5"]
    again.window.change_keys()
    sheet = again.window.findChild(KeysEditor)
    sheet.choose("server.restart")
    sheet.usual.click()
    assert keys(again, "server.restart") == ["Ctrl+Shift+R"]
    assert again.preferences.get(OPTION) == ""
    assert not sheet.usual.isEnabled()


@pytest.mark.parametrize(
    ("pressed", "why"),
    [
        ("R", "Letters alone"),
        ("Shift+R", "Letters alone"),
        ("Ctrl+Alt+E", "many keyboards"),
        ("", "Press one key"),
        ("Ctrl+K", "taken by “Jump to an action”"),
        ("Ctrl+C", "taken by “Copy the request”"),
    ],
)
def test_sh_20_keys_that_would_disturb_are_refused_with_the_reason(ui, editor, pressed, why):
    """SH-20: those of typing, of AltGr, of another action, also of one that only a panel has; nothing is changed."""
    give(editor, pressed)
    assert why in editor.fault.words.text()
    assert keys(ui, "server.restart") == ["Ctrl+Shift+R"]
    assert ui.preferences.get(OPTION, "") == ""


def test_sh_20_keys_go_from_one_action_to_another_and_not_back_twice(ui, editor):
    """SH-20: without keys first; as it comes is refused while another action has them."""
    editor.none.click()
    assert keys(ui, "server.restart") == []
    editor.choose("server.copy_address")
    give(editor, "Ctrl+Shift+R")
    assert keys(ui, "server.copy_address") == ["Ctrl+Shift+R"]
    editor.choose("server.restart")
    editor.usual.click()
    assert "taken by “Copy address”" in editor.fault.words.text()
    assert keys(ui, "server.restart") == []
    assert read_own_keys(ui.preferences.get(OPTION)) == {
        "server.restart": "",
        "server.copy_address": "Ctrl+Shift+R",
    }


def test_sh_20_the_list_is_filtered_and_leaves_out_what_follows_the_server(ui, editor):
    """SH-20: by words, group or keys; the one key that starts and stops stays what it is."""
    listed = {line.data for line in editor.list.lines_model.lines}
    assert {"server.restart", "zoom.in", "help.keys"} <= listed
    assert not {"server.start", "server.stop", "server.try_again"} & listed
    editor.filter.setText("larger")
    assert [line.data for line in editor.list.lines_model.lines] == ["zoom.in"]
    editor.filter.setText("nothing like it")
    assert editor.chosen() == ""
    assert not editor.set.isEnabled()


@pytest.mark.parametrize("text", ["", "[]", "{", "5", '{"a": 5}', "\x00"])
def test_sh_20_bad_input_in_the_settings_file_counts_as_none(text):
    """SH-20, bad input"""
    assert read_own_keys(text) == {}


def test_sh_20_kept_keys_are_read_as_they_were_written():
    """SH-20"""
    kept = {"zoom.in": "Ctrl+;", "help.keys": ""}
    assert read_own_keys(own_keys_text(kept)) == kept
    assert own_keys_text({}) == ""
