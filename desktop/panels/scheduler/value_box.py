"""Arguments and results of tasks as a tree that folds; what has no parts as text (SC-05, SC-06)."""

from __future__ import annotations

import json

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from desktop.background import Context, Tasks
from desktop.theme import Theme
from desktop.widgets.keys import add_key
from desktop.widgets.value.parts import Node, Parts, copied
from desktop.widgets.value.reading import Source, TakenApart, take_apart
from desktop.widgets.value.texts import size_words
from desktop.widgets.value.tree_view import ValueTree

from .output import MOST_LINES, OutputBox


class ValueBox(OutputBox):
    """A titled box with a JSON value; hidden while there is none.

    Args:
        theme: where its colours come from.
        title: what the value is.
        name: object name of the text; that of the tree ends in ``.tree``.
        tasks: where large values are taken apart.
    """

    def __init__(
        self, theme: Theme, title: str, name: str, tasks: Tasks, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, title, name, parent)
        self._tasks, self._key, self._shown = tasks, name, ""
        self.tree = ValueTree(theme, f"{name}.tree")
        self.tree.setAccessibleName(title)
        self.tree.changed.connect(self._fit)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._open_menu)
        self.card.body.addWidget(self.tree)
        self._menu = QMenu(title, self)
        add_key(self.tree, "Ctrl+C", "", self.copy_value, inside=False)
        theme.changed.connect(self._fit)
        self._show_parts(TakenApart())

    def show_value(self, text: str, size: int = 0) -> None:
        """Shows a JSON text: a container as a tree, anything else, also what is no JSON, as it is.

        What is shown already stays as it was opened.

        Args:
            text: of the value.
            size: its length before it was cut.
        """
        cut = f"the first {size_words(len(text))} of {size_words(size)}" if size > len(text) else ""
        self.note.setText(cut)
        if text == self._shown:
            self.setVisible(bool(text))
            return
        self._shown = text
        self._tasks.drop(self._key)
        source = Source(text)
        self.show_output(text, cut, False, bool(text))
        if not source.may_have_parts():
            self._show_parts(TakenApart())
        elif source.is_small():
            self._show_parts(take_apart(source))
        else:
            self._show_parts(TakenApart())
            self._take_apart(text, source)

    def _take_apart(self, text: str, source: Source) -> None:
        def work(context: Context) -> TakenApart:
            return take_apart(source, context.check)

        def done(taken: TakenApart) -> None:
            if text == self._shown:
                self._show_parts(taken)

        self._tasks.run(
            work, owner=self, title="Take a value apart", key=self._key, on_done=done, reading=True
        )

    def _show_parts(self, taken: TakenApart) -> None:
        has_lines = taken.parts is not None and taken.parts.root().count() > 0
        self.tree.setVisible(has_lines)
        self.text.setVisible(not has_lines)
        self.tree.show_parts(taken.parts if taken.parts is not None and has_lines else Parts([]))
        self._fit()

    def _fit(self) -> None:
        """As high as its lines, up to the height of a long text; what is deeper scrolls."""
        lines = min(MOST_LINES, max(1, self.tree.shown_lines(MOST_LINES)))
        self.tree.setFixedHeight(lines * self.tree.line_height() + self.tree.head.height() + 2)

    # copying and folding

    def _open_menu(self, at: object) -> None:
        self._menu.clear()
        node = self.tree.node()
        self._menu.addAction("Copy value", self.copy_value).setEnabled(node is not None)
        self._menu.addAction("Copy path", self.copy_path).setEnabled(node is not None)
        self._menu.addAction("Copy everything as JSON", lambda: self._copy(self.tree.parts_model.root))
        self._menu.addSeparator()
        self._menu.addAction("Expand all", lambda: self.tree.open_levels(100))
        self._menu.addAction("Fold all", lambda: self.tree.open_levels(0))
        self._menu.popup(self.tree.viewport().mapToGlobal(at))  # type: ignore[call-overload]  # a point, says Qt

    def copy_value(self) -> None:
        """Copies the current part."""
        node = self.tree.node()
        if node is not None:
            self._copy(node.whole())

    def copy_path(self) -> None:
        """Copies where the current part lies."""
        node = self.tree.node()
        if node is not None:
            QGuiApplication.clipboard().setText(node.path())

    def _copy(self, node: Node) -> None:
        self._tasks.run(
            lambda _context: copied(node.value, False), owner=self, title="Copy a value",
            key=f"{self._key}-copy", on_done=QGuiApplication.clipboard().setText, reading=True,
        )  # fmt: skip


def arguments_text(args: str, named: str) -> str:
    """The arguments of a task as one JSON text: by name, those by place under their number.

    What is no JSON of arguments is given as it is.
    """
    try:
        positional, by_name = json.loads(args or "[]"), json.loads(named or "{}")
    except ValueError:
        return "\n".join(part for part in (args, named) if part.strip())
    if not isinstance(positional, list) or not isinstance(by_name, dict):
        return f"{args}\n{named}"
    found = {str(at): value for at, value in enumerate(positional)} | by_name
    return json.dumps(found, ensure_ascii=False) if found else ""
