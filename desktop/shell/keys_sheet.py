"""The sheet of keys: what each shortcut does here (SH-20)."""

from __future__ import annotations

from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.labels import label

from .actions import Actions, keys_of
from .questions import BARE_DIALOG

TALLEST = 0.88  # of the window; what is longer scrolls
ROOM = 200  # pixels that everything besides the list takes
HERE = (Qt.ShortcutContext.WidgetWithChildrenShortcut, Qt.ShortcutContext.WidgetShortcut)
Group = tuple[str, list[tuple[str, str]]]


class KeysSheet(QDialog):
    """The keys of the panel first, then those that do something everywhere; or all there are.

    Args:
        actions: the registry.
        panel: what is shown; its own actions that have a text and keys are listed, too.
        title: of the panel.
    """

    def __init__(
        self, theme: Theme, actions: Actions, panel: QWidget, title: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._actions, self._panel, self._title = actions, panel, title
        self.setObjectName("keys")
        self.setWindowTitle("Keys")
        self.setAccessibleName("Keys")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowFlags(BARE_DIALOG)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(8)
        column.addWidget(label("Keys", "title"))
        self._scroll = QScrollArea()
        self._scroll.setAccessibleName("Keys and what they do")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # arrow keys scroll it
        column.addWidget(self._scroll, 1)
        row = QHBoxLayout()
        self.all = QCheckBox("Keys of all panels")
        self.all.setAccessibleName("Keys of all panels")
        self.all.setObjectName("keys.all")
        self.all.toggled.connect(self._fill)
        close = Button(theme, "Close", "primary")
        close.setObjectName("keys.close")
        close.clicked.connect(self.accept)
        self.change = Button(theme, "Change keys…")
        self.change.setObjectName("keys.change")
        self.change.clicked.connect(self._change)
        row.addWidget(self.all)
        row.addStretch(1)
        row.addWidget(self.change)
        row.addWidget(close)
        column.addLayout(row)
        self._fill()
        close.setFocus()

    def _change(self) -> None:
        self.accept()
        self._actions.get("help.change_keys").trigger()

    def _fill(self) -> None:
        page = QWidget()
        page.setProperty("page", True)
        columns = QHBoxLayout(page)
        columns.setContentsMargins(0, 0, 12, 0)
        columns.setSpacing(40)
        for groups in _in_two(self._groups()):
            grid = QGridLayout()
            grid.setHorizontalSpacing(24)
            grid.setVerticalSpacing(6)
            for name, keys in groups:
                head = label(name, "caption")
                head.setContentsMargins(0, 8, 0, 0)
                grid.addWidget(head, grid.rowCount(), 0, 1, 2)
                for words, shortcut in keys:
                    at = grid.rowCount()
                    grid.addWidget(label(words), at, 0)
                    grid.addWidget(label(shortcut, "secondary"), at, 1, Qt.AlignmentFlag.AlignRight)
            grid.setRowStretch(grid.rowCount(), 1)
            columns.addLayout(grid, 1)
        self._scroll.setWidget(page)
        wanted = page.sizeHint()
        parent = self.parentWidget()
        most = max(240, round(parent.window().height() * TALLEST) - ROOM) if parent is not None else 480
        self._scroll.setMinimumSize(wanted.width() + 16, min(wanted.height(), most))
        self.adjustSize()

    def _groups(self) -> list[Group]:
        """Groups with their keys: the panel's first; others in which no key does anything are left out."""
        everything = self.all.isChecked()
        entries = [entry for entry in self._actions if keys_of(entry.action)]
        entries.sort(key=lambda entry: (entry.group != self._title, entry.group))
        found: list[Group] = []
        for name, members in groupby(entries, lambda entry: entry.group):
            listed = list(members)
            if everything or name == self._title or any(entry.action.isEnabled() for entry in listed):
                found.append((name, [_words(entry.action) for entry in listed]))
        own = [_words(action) for action in self._panel.findChildren(QAction) if _is_key(action)]
        if own and found and found[0][0] == self._title:
            found[0][1].extend(own)
        elif own:
            found.insert(0, (self._title, own))
        return found


def _is_key(action: QAction) -> bool:
    return bool(action.text() and keys_of(action)) and action.shortcutContext() in HERE


def _words(action: QAction) -> tuple[str, str]:
    return action.text().rstrip("…"), keys_of(action)


def _in_two(groups: list[Group]) -> list[list[Group]]:
    """Two columns of about the same length."""
    sizes = [len(keys) + 1 for _name, keys in groups]
    best = min(range(len(groups) + 1), key=lambda at: abs(sum(sizes[:at]) - sum(sizes[at:])))
    return [part for part in (groups[:best], groups[best:]) if part]
