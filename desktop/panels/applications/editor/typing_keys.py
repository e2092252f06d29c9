"""What the keys of a programmer do in a text: new line, Tab, Backspace, Home, whole lines (UI-AP-11)."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

INDENT = 4


def new_line(edit: QPlainTextEdit, opening: tuple[str, ...]) -> None:
    """Begins a line as deep as this one, deeper after one of the `opening` signs."""
    cursor = edit.textCursor()
    before = cursor.block().text()[: cursor.positionInBlock()]
    depth = before[: len(before) - len(before.lstrip())]
    if opening and before.rstrip().endswith(opening):
        depth += " " * INDENT
    cursor.insertText("\n" + depth)
    edit.setTextCursor(cursor)
    edit.ensureCursorVisible()


def spans_lines(edit: QPlainTextEdit) -> bool:
    """Tells whether more than one line is selected."""
    cursor = edit.textCursor()
    return cursor.hasSelection() and "\N{PARAGRAPH SEPARATOR}" in cursor.selectedText()


def indent(edit: QPlainTextEdit) -> None:
    """Inserts blanks up to the next step."""
    cursor = edit.textCursor()
    cursor.insertText(" " * (INDENT - cursor.positionInBlock() % INDENT))


def unindent(edit: QPlainTextEdit) -> bool:
    """Takes blanks away, back to the step before, where only blanks are before; tells whether it did."""
    cursor = edit.textCursor()
    before = cursor.block().text()[: cursor.positionInBlock()]
    if cursor.hasSelection() or not before or before.strip(" "):
        return False
    for _ in range((len(before) - 1) % INDENT + 1):
        cursor.deletePreviousChar()
    return True


def home(edit: QPlainTextEdit, keep: bool) -> None:
    """Goes to the first letter of the line, from there to its begin; `keep` selects on the way."""
    cursor = edit.textCursor()
    text = cursor.block().text()
    first = len(text) - len(text.lstrip())
    target = 0 if cursor.positionInBlock() == first else first
    mode = QTextCursor.MoveMode.KeepAnchor if keep else QTextCursor.MoveMode.MoveAnchor
    cursor.setPosition(cursor.block().position() + target, mode)
    edit.setTextCursor(cursor)


def change_lines(edit: QPlainTextEdit, change: Callable[[list[str]], list[str]]) -> None:
    """Puts what `change` makes of the selected lines in their place, as one step of undo."""
    cursor = edit.textCursor()
    start, end = cursor.selectionStart(), cursor.selectionEnd()
    first, last = edit.document().findBlock(start), edit.document().findBlock(end)
    if last != first and end == last.position():
        last = last.previous()
    lines, block = [], first
    while block.isValid():
        lines.append(block.text())
        if block == last:
            break
        block = block.next()
    new = change(lines)
    if new == lines:
        return
    cursor.beginEditBlock()
    cursor.setPosition(first.position())
    cursor.setPosition(last.position() + last.length() - 1, QTextCursor.MoveMode.KeepAnchor)
    at = first.position()
    cursor.insertText("\n".join(new))
    cursor.endEditBlock()
    if len(new) > 1:
        cursor.setPosition(at)
        cursor.setPosition(at + len("\n".join(new)), QTextCursor.MoveMode.KeepAnchor)
    else:
        cursor.setPosition(max(at, start + len(new[0]) - len(lines[0])))
    edit.setTextCursor(cursor)
