"""The tree of one application by meaning, or as folders (UI-AP-07, UI-AP-08). No widgets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from runtime.admin.plugins import entries_by_plugin
from runtime.admin.structure import Entry, Structure, Symbol

SECTION_WORDS = {
    "models": ("Models", "databases"),
    "controllers": ("Controllers", "action"),
    "views": ("Views", "eye"),
    "languages": ("Languages", "translations"),
    "modules": ("Modules", "apps"),
    "static": ("Static", "folder"),
    "private": ("Private", "lock"),
    "cron": ("Cron", "scheduler"),
    "tests": ("Tests", "check"),
}
SYMBOL_ICONS = {"table": "table", "action": "action", "extends": "link", "includes": "link"}
FOLDED_ABOVE = 40  # files of a section below which sub-folders stay flat in the tree


@dataclass(eq=False)
class Node:
    """One line of the tree.

    Attributes:
        kind: ``section``, ``folder``, ``plugins``, ``file``, or the kind of a symbol of a file.
        text: what is shown.
        path: file relative to the application; empty for sections.
        line: in that file; 0 for the file itself.
        note: words at the right: a count, "view", "no view".
        status: colour group of the note; empty for a quiet one.
        target: file that the note leads to.
    """

    kind: str
    text: str
    icon: str
    path: str = ""
    line: int = 0
    note: str = ""
    status: str = ""
    target: str = ""
    tip: str = ""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same line after the tree was read again."""
        return self.kind, self.path, self.text if self.line or self.kind in ("section", "folder") else ""

    def add(self, node: Node) -> Node:
        """Adds a child and returns it."""
        node.parent = self
        self.children.append(node)
        return node

    def row(self) -> int:
        """Its place among its siblings."""
        return self.parent.children.index(self) if self.parent is not None else 0


def tree_by_meaning(structure: Structure, errors: dict[str, int], text: str = "") -> Node:
    """Return the tree: sections, files, tables, actions.

    Args:
        errors: number of errors by file.
        text: only lines that hold it, and what they lie in.
    """
    root = Node("root", "", "")
    wanted = text.strip().lower()
    for section, entries in structure.sections.items():
        if not entries and section not in ("models", "controllers", "views"):
            continue
        title, icon = SECTION_WORDS[section]
        node = root.add(Node("section", title, icon, note=str(len(entries)), path=section))
        _fill(node, entries, errors, wanted)
        if wanted:
            node.note = str(len(node.children))
            if not node.children:
                root.children.remove(node)
    plugins = entries_by_plugin(structure)
    if plugins and not wanted:
        node = root.add(Node("plugins", "Plugins", "apps", note=str(len(plugins))))
        for name, entries in plugins.items():
            below = node.add(Node("folder", name, "folder", path=f"plugin:{name}", note=str(len(entries))))
            for entry in entries:
                below.add(Node("file", entry.path, "file", path=entry.path))
    for entry in structure.top:
        if wanted in entry.path.lower():
            root.add(Node("file", entry.path, "file", path=entry.path))
    return root


def _fill(node: Node, entries: Iterable[Entry], errors: dict[str, int], wanted: str) -> None:
    folders: dict[str, Node] = {"": node}
    for entry in entries:
        symbols = [symbol for symbol in entry.symbols if not wanted or wanted in symbol.name.lower()]
        if wanted and wanted not in entry.path.lower() and not symbols:
            continue
        place, _, name = entry.name.rpartition("/")
        if wanted:
            place, name = "", entry.name
        file = _folder(folders, place, node.path).add(Node("file", name, "file", path=entry.path))
        count = errors.get(entry.path, 0)
        if entry.problem:
            file.note, file.status, file.tip = "can't be parsed", "problem", entry.problem
        if count:
            file.note, file.status, file.tip = str(count), "failed", f"{count} errors in tickets"
        for symbol in symbols if wanted and wanted not in entry.path.lower() else entry.symbols:
            file.add(_symbol(symbol, entry.path))


def _folder(folders: dict[str, Node], place: str, section: str) -> Node:
    if place not in folders:
        above, _, name = place.rpartition("/")
        parent = _folder(folders, above, section)
        folders[place] = parent.add(Node("folder", name, "folder", path=f"{section}/{place}"))
    return folders[place]


def _symbol(symbol: Symbol, path: str) -> Node:
    node = Node(symbol.kind, symbol.name, SYMBOL_ICONS[symbol.kind], path, symbol.line, target=symbol.target)
    if symbol.kind == "action":
        node.note = "no view" if symbol.broken else "view"
        node.status = "problem" if symbol.broken else "link"
        node.tip = "No view of its own; a generic one is used" if symbol.broken else symbol.target
    elif symbol.kind in ("extends", "includes"):
        node.text = f"{symbol.kind} {symbol.name}"
        node.note, node.status = ("missing", "failed") if symbol.broken else ("", "")
        node.tip = "There is no such view" if symbol.broken else symbol.target
    elif symbol.fields:
        node.tip = ", ".join(symbol.fields)
    return node


def tree_of_folders(structure: Structure, text: str = "") -> Node:
    """Return the tree of folders and files as they lie on the disk."""
    root, wanted = Node("root", "", ""), text.strip().lower()
    for section, entries in structure.sections.items():
        shown = [entry for entry in entries if wanted in entry.path.lower()]
        if not shown:
            continue
        node = root.add(Node("folder", section, "folder", path=section, note=str(len(shown))))
        folders = {"": node}
        for entry in shown:
            place, _, name = entry.name.rpartition("/")
            _folder(folders, place, section).add(Node("file", name, "file", path=entry.path))
    for entry in structure.top:
        if wanted in entry.path.lower():
            root.add(Node("file", entry.path, "file", path=entry.path))
    return root


Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()


class TreeModel(QAbstractItemModel):
    """Nodes for a tree view; one column."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._root = Node("root", "", "")

    def show_tree(self, root: Node) -> None:
        """Takes another tree."""
        self.beginResetModel()
        self._root = root
        self.endResetModel()

    def node(self, index: Index) -> Node:
        """The node of an index; the root for none."""
        found: Node = index.internalPointer() if index.isValid() else self._root
        return found

    def index_of(self, node: Node) -> QModelIndex:
        """The index of a node."""
        return ROOT if node.parent is None else self.createIndex(node.row(), 0, node)

    def walk(self) -> Iterable[Node]:
        """All nodes, parents before children."""
        waiting = list(reversed(self._root.children))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def find(self, path: str, line: int = 0) -> Node | None:
        """The node of a file, or of what stands at or before a line of it."""
        best = None
        for node in self.walk():
            if node.path == path and node.kind == "file":
                best = node
                before = [each for each in node.children if each.line and each.line <= line]
                return before[-1] if line and before else best
        return best

    def index(self, row: int, column: int, parent: Index = ROOT) -> QModelIndex:
        children = self.node(parent).children
        if column == 0 and 0 <= row < len(children):
            return self.createIndex(row, column, children[row])
        return QModelIndex()

    def parent(self, child: Index) -> QModelIndex:  # type: ignore[override]
        above = self.node(child).parent
        return ROOT if above is None or above.parent is None else self.createIndex(above.row(), 0, above)

    def rowCount(self, parent: Index = ROOT) -> int:
        return len(self.node(parent).children)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        node = self.node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return node.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{node.text}, {node.kind}" + (f", {node.note}" if node.note else "")
        if role == Qt.ItemDataRole.ToolTipRole:
            return node.tip or node.path
        return None
