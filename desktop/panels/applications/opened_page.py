"""One application opened: tree at the left, editor, panes below (wireframe 13.3)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSplitter, QVBoxLayout, QWidget

from desktop.theme import Theme
from desktop.widgets.buttons import Button, IconButton
from desktop.widgets.fields import Segment
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel
from desktop.widgets.marks import StateMark
from runtime.admin.structure import Structure

from .bottom import Bottom
from .editor.page import EditorPage
from .model import MARKS, Row
from .split_button import SplitButton
from .tree import Tree
from .tree_model import Node, tree_by_meaning, tree_of_folders

TREE_WIDTH = 256
NARROW = 720


class OpenedPage(QWidget):
    """The application that is looked into.

    Args:
        theme: where its colours come from.
        editor: the open files.
        bottom: the panes below them.

    Signals:
        order(str): ``back``, ``terminal``, ``own_editor``, ``more``, ``run``, ``run_menu``, ``git``.
        file_wanted(str, int, bool): path within the application, line, and whether only to look at.
        file_menu(object, object): a line of the tree, and where its menu belongs.
        dropped(str, list): files for a section.
    """

    order = Signal(str)
    file_wanted = Signal(str, int, bool)
    file_menu = Signal(object, object)
    dropped = Signal(str, list)

    def __init__(
        self, theme: Theme, editor: EditorPage, bottom: Bottom, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self.editor, self.bottom = theme, editor, bottom
        self._structure: Structure | None = None
        self._errors: dict[str, int] = {}
        self._reveal: tuple[str, int] = ("", 0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head())
        column.addWidget(hairline())
        self.side = self._side()
        self.right = QSplitter(Qt.Orientation.Vertical)
        self.right.setObjectName("applications.height")
        self.right.setChildrenCollapsible(False)
        self.right.addWidget(editor)
        self.right.addWidget(bottom)
        self.right.setStretchFactor(0, 1)
        self.right.handle(1).setAccessibleName("Edge of the panes below")
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("applications.width")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.side)
        self.splitter.addWidget(self.right)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([TREE_WIDTH, 900])
        self.splitter.handle(1).setAccessibleName("Edge of the tree")
        column.addWidget(self.splitter, 1)

    def _head(self) -> QWidget:
        head = QWidget()
        head.setProperty("page", True)
        row = QHBoxLayout(head)
        row.setContentsMargins(10, 5, 13, 5)
        row.setSpacing(4)
        self.back = IconButton(self._theme, "chevron-left", "All applications")
        self.back.setObjectName("applications.back")
        self.back.clicked.connect(lambda: self.order.emit("back"))
        self.mark = StateMark(self._theme)
        self.state = CutLabel()
        self.git = Button(self._theme, "", "quiet", "git", small=True)
        self.git.setObjectName("applications.git")
        self.git.hide()
        self.git.clicked.connect(lambda: self.order.emit("git"))
        row.addWidget(self.back)
        row.addSpacing(4)
        row.addWidget(self.mark)
        row.addSpacing(2)
        row.addWidget(self.state)
        row.addSpacing(8)
        row.addWidget(self.git)
        row.addStretch(1)
        self.buttons: dict[str, Button] = {}
        for order, words, icon in (("terminal", "Terminal", "terminal"), ("own_editor", "My editor", "code")):
            button = Button(self._theme, words, "quiet", icon, small=True)
            button.setObjectName(f"applications.{order}")
            button.clicked.connect(lambda order=order: self.order.emit(order))
            self.buttons[order] = button
            row.addWidget(button)
        self.more = IconButton(self._theme, "more", "More orders")
        self.more.setObjectName("applications.more")
        self.more.clicked.connect(lambda: self.order.emit("more"))
        row.addWidget(self.more)
        self.run = SplitButton(self._theme, "Open in browser", "play")
        self.run.setObjectName("applications.run")
        self.run.clicked.connect(lambda: self.order.emit("run"))
        self.run.menu_wanted.connect(lambda: self.order.emit("run_menu"))
        row.addWidget(self.run)
        return head

    def _side(self) -> QWidget:
        side = QWidget()
        side.setProperty("page", True)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 10, 6)
        top.setSpacing(4)
        self.filter = QLineEdit()
        self.filter.setObjectName("applications.tree.filter")
        self.filter.setProperty("tool", True)
        self.filter.setPlaceholderText("Find file or action")
        self.filter.setAccessibleName("Find file or action")
        self.filter.textChanged.connect(lambda _text: self._show_tree())
        self.filter.returnPressed.connect(self._on_filter_return)
        self.shape = Segment(self._theme, "Tree", [("meaning", "Parts"), ("folders", "Folders")])
        self.shape.setObjectName("applications.tree.shape")
        self.shape.chosen.connect(lambda _value: self._show_tree())
        top.addWidget(self.filter, 1)
        column.addLayout(top)
        self.tree = Tree(self._theme)
        self.tree.opened.connect(self._on_opened)
        self.tree.target_wanted.connect(lambda node: self.file_wanted.emit(node.target, 0, False))
        self.tree.menu_wanted.connect(self.file_menu)
        self.tree.dropped.connect(self.dropped)
        column.addWidget(self.tree, 1)
        foot = QHBoxLayout()
        foot.setContentsMargins(10, 6, 10, 8)
        foot.addWidget(self.shape)
        foot.addStretch(1)
        self.add = IconButton(self._theme, "plus", "New file")
        self.add.setObjectName("applications.tree.add")
        self.add.clicked.connect(lambda: self.order.emit("new_file"))
        foot.addWidget(self.add)
        column.addLayout(foot)
        side.setMinimumWidth(170)
        return side

    # what is shown

    def show_row(self, row: Row) -> None:
        """Shows the state of the application."""
        icon, status = MARKS[row.state]
        self.mark.show_state(icon, status, row.state)
        self.state.set_text(
            row.state.capitalize() if not row.fault else f"{row.state.capitalize()}: {row.fault}"
        )

    def show_structure(self, structure: Structure, errors: dict[str, int]) -> None:
        """Shows the parts of the application."""
        same = self._structure is not None and self._structure.folder == structure.folder
        if same and structure == self._structure and errors == self._errors:
            return
        self._structure, self._errors = structure, errors
        self._show_tree()
        if self._reveal[0]:
            self.tree.reveal(*self._reveal)

    def structure(self) -> Structure | None:
        """The parts shown."""
        return self._structure

    def clear(self) -> None:
        """Shows no application's parts until others are read."""
        self._structure = None
        self.tree.show_tree(Node("root", "", ""))

    def _show_tree(self) -> None:
        if self._structure is None:
            return
        text = self.filter.text()
        if self.shape.value() == "folders":
            root = tree_of_folders(self._structure, text)
        else:
            root = tree_by_meaning(self._structure, self._errors, text)
        if self._structure.compiled:
            root.children.insert(0, Node("note", "Compiled: the sources are not here", "info", parent=root))
        self.tree.show_tree(root, expand_all=bool(text))

    def reveal(self, path: str, line: int) -> None:
        """Selects a file, or what stands at a line of it, in the tree."""
        self._reveal = (path, line)
        self.tree.reveal(path, line)

    def _on_opened(self, node: Node, only_looked_at: bool) -> None:
        if node.target and not only_looked_at and node.kind in ("extends", "includes"):
            self.file_wanted.emit(node.target, 0, False)
        elif node.path and node.kind != "note":
            self.file_wanted.emit(node.path, node.line, only_looked_at)

    def _on_filter_return(self) -> None:
        for node in self.tree.tree_model.walk():
            text = self.filter.text().lower()
            if node.kind not in ("section", "folder", "plugins") and text in node.text.lower():
                self.file_wanted.emit(node.path, node.line, False)
                return

    def show_git(self, words: str) -> None:
        """Shows the branch and the number of changes; nothing hides it."""
        self.git.set_face(words, "quiet", "git")
        self.git.setVisible(bool(words))

    def show_action(self, function: str) -> None:
        """Names the action that the first button opens."""
        words = f"Run {function} in browser" if function else "Open in browser"
        self.run.set_words(words)

    def focus_filter(self) -> None:
        """Puts the cursor into the filter of the tree."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def folder(self) -> Path | None:
        """The folder of the application."""
        return self._structure.folder if self._structure is not None else None

    def menu_place(self, button: QWidget) -> QPoint:
        """Where a menu of a button opens."""
        return button.mapToGlobal(QPoint(0, button.height() + 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        wide = self.width() >= NARROW
        for button in self.buttons.values():
            button.setVisible(wide)
