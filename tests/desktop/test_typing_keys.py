"""What the keys of a programmer do to a text and its cursor (UI-AP-11)."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor

from desktop.panels.applications.editor.code_edit import CodeEdit
from desktop.panels.applications.editor.languages import LANGUAGES

KEYS = {
    "return": Qt.Key.Key_Return,
    "tab": Qt.Key.Key_Tab,
    "backspace": Qt.Key.Key_Backspace,
    "home": Qt.Key.Key_Home,
    "backtab": Qt.Key.Key_Backtab,
}


@pytest.fixture
def press(qtbot, theme):
    """Return what shows a text, presses keys with the cursor at ``|``, and returns the text with its cursor.

    A selection begins at ``<``.
    """
    python = next(each for each in LANGUAGES.values() if each.lexer == "python")

    def press_keys(text: str, *keys: str, language=python) -> str:
        edit = CodeEdit(theme)
        qtbot.addWidget(edit)
        edit.show_text(text.replace("|", "").replace("<", ""), language)
        qtbot.waitUntil(lambda: not edit.filling)
        cursor = edit.textCursor()
        if "<" in text:
            cursor.setPosition(text.index("<"))
            cursor.setPosition(text.index("|") - 1, QTextCursor.MoveMode.KeepAnchor)
        else:
            cursor.setPosition(text.index("|"))
        edit.setTextCursor(cursor)
        for key in keys:
            qtbot.keyClick(edit, KEYS[key])
        shown, at = edit.toPlainText(), edit.textCursor().position()
        return f"{shown[:at]}|{shown[at:]}"

    return press_keys


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("if x:|", ["return"], "if x:\n    |"),
        ("  a = [|", ["return"], "  a = [\n      |"),
        ("    pass|", ["return"], "    pass\n    |"),
        ("a|b", ["tab"], "a   |b"),
        ("|a", ["tab", "tab"], "        |a"),
        ("      |a", ["backspace"], "    |a"),
        ("    |a", ["backspace"], "|a"),
        ("   x|a", ["backspace"], "   |a"),
        ("    ab|c", ["home"], "    |abc"),
        ("    |abc", ["home"], "|    abc"),
        ("|    abc", ["home"], "    |abc"),
        ("<a\nb|", ["tab"], "    a\n    b|"),
        ("<    a\n  b|\nc", ["backtab"], "a\nb|\nc"),
        ("    a|b", ["backtab"], "a|b"),
    ],
)
def test_ap_11_keys(press, before, keys, after):
    """UI-AP-11: lines as deep as before, blanks by steps of four, Home twice, lines moved as a whole."""
    assert press(before, *keys) == after


def test_ap_11_only_code_goes_deeper_after_a_colon(press):
    """UI-AP-11"""
    plain = next(
        each for each in LANGUAGES.values() if each.lexer not in ("python",) and not any(each.comment)
    )
    assert press("Note:|", "return", language=plain) == "Note:\n|"
