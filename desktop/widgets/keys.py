"""Keys that do something in one part of a window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def add_key(
    owner: QWidget, keys: str, words: str, handler: Callable[[], object], *, inside: bool = True
) -> None:
    """Lets keys call `handler` while `owner` has the focus.

    Args:
        keys: as ``Ctrl+Shift+C``.
        words: what they do, for the sheet of keys; empty keeps them off it.
        inside: also while something inside `owner` has the focus.
    """
    context = Qt.ShortcutContext
    action = QAction(words, owner)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(context.WidgetWithChildrenShortcut if inside else context.WidgetShortcut)
    action.triggered.connect(lambda _on=False: handler())
    owner.addAction(action)
