"""The tree of a value with its tools: find, fold, copy, the way to a part (CA-05)."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from desktop.background import Context, Tasks
from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.widgets.buttons import IconButton, popup_below
from desktop.widgets.hairline import hairline
from desktop.widgets.keys import add_key
from desktop.widgets.labels import CutLabel, label

from .parts import Found, Node, Parts, copied, find
from .texts import LongText
from .tree_view import MOST_OPENED, ValueTree

TYPED = 150  # milliseconds after the last key until it is looked for
SHORT = 60  # letters of a text that need no box of their own
LEVELS = (1, 2, 3)
ALL_LEVELS = 1_000_000


class TreePage(QWidget):
    """Search, tree, and below it where the current part lies and what a long text says.

    Args:
        theme: where its colours come from.
        name: first part of the object names.
        tasks: where what takes long is done.
    """

    def __init__(self, theme: Theme, name: str, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tasks, self._key = theme, tasks, name
        self._parts = Parts([])
        self._found = Found()
        self._at = -1
        self._typed = QTimer(self, singleShot=True, interval=TYPED)
        self._typed.setObjectName("value-find")
        self._typed.timeout.connect(self._look)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._build_tools(name))
        column.addWidget(hairline())
        self.tree = ValueTree(theme, f"{name}.tree")
        column.addWidget(self.tree, 1)
        self.text = LongText(theme, "Text of the part", lambda: None)
        self.text.setObjectName(f"{name}.part")
        self.text.setMaximumHeight(140)
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.hide()
        self._line = hairline()
        column.addWidget(self._line)
        column.addWidget(self.text)
        row = QHBoxLayout()
        row.setContentsMargins(12, 2, 8, 2)
        row.setSpacing(4)
        self.path = CutLabel("small", middle=True)
        self.path.setObjectName(f"{name}.path")
        self.copy_path = IconButton(theme, "copy", "Copy the path")
        self.copy_path.setObjectName(f"{name}.copy_path")
        self.copy_path.clicked.connect(self.copy_way)
        row.addWidget(self.path, 1)
        row.addWidget(self.copy_path)
        column.addLayout(row)
        self._connect()

    def _build_tools(self, name: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(2)
        self.field = QLineEdit()
        self.field.setObjectName(f"{name}.find")
        self.field.setProperty("tool", True)
        self.field.setPlaceholderText("Find a key or value")
        self.field.setAccessibleName("Find a key or value")
        self.field.setClearButtonEnabled(True)
        self.field.setMinimumWidth(70)
        self.count = label("", "small", name=f"{name}.found")
        self.before = IconButton(self._theme, "arrow-up", "Previous place (Shift+Enter)")
        self.next = IconButton(self._theme, "arrow-down", "Next place (Enter)")
        self.more = IconButton(self._theme, "more", "Fold, unfold, copy")
        for part, end in ((self.before, "before"), (self.next, "next"), (self.more, "more")):
            part.setObjectName(f"{name}.{end}")
        row.addWidget(self.field, 1)
        row.addSpacing(6)
        for widget in (self.count, self.before, self.next, self.more):
            row.addWidget(widget)
        return row

    def _connect(self) -> None:
        self._menu = QMenu("Parts of the value", self)
        self.field.textChanged.connect(lambda _text: self._typed.start())
        self.field.returnPressed.connect(self._on_enter)
        self.before.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        self.more.clicked.connect(lambda: self._open_menu(None))
        self.tree.chosen.connect(self._on_chosen)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(
            lambda at: self._open_menu(self.tree.viewport().mapToGlobal(at))
        )
        for keys, handler in (
            ("Ctrl+C", self.copy_value), ("Ctrl+Shift+C", self.copy_way), ("F3", lambda: self.step(1)),
            ("Shift+F3", lambda: self.step(-1)), ("Ctrl+F", self.field.setFocus),
        ):  # fmt: skip
            add_key(self.tree, keys, "", handler, inside=False)
        self._show_found()

    # content

    def show_parts(self, parts: Parts) -> None:
        """Takes another value; what is looked for is looked for again."""
        self._parts = parts
        self.tree.show_parts(parts)
        self._on_chosen(self.tree.node() or parts.root())
        self._found, self._at = Found(), -1
        self._show_found()
        if self.field.text():
            self._typed.start()

    def _on_chosen(self, node: Node) -> None:
        path = node.path()
        self.path.set_text(path or "Choose a part to see where it lies")
        self.copy_path.setEnabled(bool(path))
        facts = node.facts
        is_long = facts.how == "text" and (len(facts.text) > SHORT or "\n" in facts.text)
        self.text.setVisible(is_long)
        if is_long:
            self.text.show_text(facts.text)

    # finding

    def _look(self) -> None:
        text, parts = self.field.text(), self._parts

        def work(context: Context) -> Found:
            return find(parts, text, context.check)

        def done(found: Found) -> None:
            self._found, self._at = found, -1
            if found.ways:
                self.step(1)
            self._show_found()

        self.count.setText("…" if text else "")
        self._tasks.run(
            work, owner=self, title="Find in a value", key=f"{self._key}-find", on_done=done, reading=True
        )

    def _on_enter(self) -> None:
        if self._typed.isActive():
            self._typed.stop()
            self._look()
            return
        back = Qt.KeyboardModifier.ShiftModifier in QGuiApplication.keyboardModifiers()
        self.step(-1 if back else 1)

    def step(self, by: int) -> None:
        """Goes to the next or the previous place that was found, round and round."""
        if self._found.ways:
            begin = 0 if self._at < 0 and by > 0 else self._at + by
            self._at = begin % len(self._found.ways)
            self.tree.reveal(self._found.ways[self._at])
            self._show_found()

    def _show_found(self) -> None:
        ways = self._found.ways
        total = f"{number(len(ways))}{' or more' if self._found.more else ''}"
        words = f"{number(self._at + 1)} of {total}" if ways else "none" if self.field.text() else ""
        self.count.setText(words)
        for button in (self.before, self.next):
            button.setEnabled(bool(ways))

    # folding and copying

    def _open_menu(self, at: QPoint | None) -> None:
        menu = self._menu
        menu.clear()
        menu.addAction("Copy value", self.copy_value).setEnabled(self.tree.node() is not None)
        menu.addAction("Copy path", self.copy_way).setEnabled(self.copy_path.isEnabled())
        menu.addAction("Copy everything as JSON", self.copy_all)
        menu.addSeparator()
        menu.addAction("Expand all", partial(self.open_levels, ALL_LEVELS))
        for level in LEVELS:
            words = "Expand one level" if level == 1 else f"Expand {level} levels"
            menu.addAction(words, partial(self.open_levels, level))
        menu.addAction("Fold all", partial(self.open_levels, 0))
        if at is not None:
            menu.popup(at)
        else:
            popup_below(menu, self.more)

    def open_levels(self, levels: int) -> None:
        """Opens so many levels; says so where there are too many lines to open all."""
        if not self.tree.open_levels(levels):
            self.path.set_text(f"The first {number(MOST_OPENED)} lines are open; there are more.")

    def copy_value(self) -> None:
        """Copies the current part: a text as it is, what has parts as JSON."""
        node = self.tree.node()
        if node is not None:
            self._copy(node.whole().value)

    def copy_all(self) -> None:
        """Copies the whole value as JSON."""
        self._copy(self._parts.data)

    def _copy(self, value: object) -> None:
        typed = self._parts.typed

        def work(_context: Context) -> str:
            try:
                return copied(value, typed)
            except RecursionError:
                return ""

        self._tasks.run(
            work, owner=self, title="Copy a value", key=f"{self._key}-copy", reading=True,
            on_done=QGuiApplication.clipboard().setText,
        )  # fmt: skip

    def copy_way(self) -> None:
        """Copies where the current part lies, as Python writes it."""
        node = self.tree.node()
        if node is not None and node.path():
            QGuiApplication.clipboard().setText(node.path())
