"""The structure of an application by meaning, read from its text; nothing is executed (AP-07, AP-08).

Models with their tables, controllers with their actions and views, views with what they
extend and include. What can not be parsed is listed with the reason.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from runtime.admin.sources import SourceError, Stamp, parse_file, stamp_of
from runtime.views import TemplateError, outline
from runtime.web.code import public_functions

SECTIONS = (
    "models", "controllers", "views", "languages", "modules", "static", "private", "cron", "tests",
)  # fmt: skip
"""Folders whose files are shown, in the order of the tree."""
HIDDEN = frozenset(("__pycache__", ".git", ".hg", ".svn", "node_modules"))
_HIDDEN_ENDINGS = (".pyc", ".pyo", ".tmp", ".lock", "~")


@dataclass(frozen=True, slots=True)
class Reference:
    """A field of a table that points to a table."""

    field: str
    table: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something with a name in a file: a table, an action, what a view extends or includes.

    Attributes:
        kind: ``table``, ``action``, ``extends`` or ``includes``.
        name: as the text has it.
        line: counted from 1.
        target: the file it leads to, relative to the application; empty when there is none.
        broken: what it names does not exist.
        fields: fields of a table, in order.
        references: fields of a table that point to others.
    """

    kind: str
    name: str
    line: int
    target: str = ""
    broken: bool = False
    fields: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the application: path relative to it with ``/``, size, symbols, why it can't be parsed."""

    path: str
    size: int
    symbols: tuple[Symbol, ...] = ()
    problem: str = ""

    @property
    def name(self) -> str:
        """The path below its section."""
        return self.path.partition("/")[2] or self.path


@dataclass(slots=True)
class Structure:
    """What an application consists of.

    Attributes:
        folder: the application.
        sections: files by section, in order of their paths.
        top: files beside the folders (ABOUT, LICENSE, routes.py ...).
        compiled: only compiled code is there, sources are absent (AP-18).
    """

    folder: Path
    sections: dict[str, list[Entry]] = field(default_factory=dict)
    top: list[Entry] = field(default_factory=list)
    compiled: bool = False

    def tables(self) -> list[tuple[Entry, Symbol]]:
        """All tables of the models with their files."""
        return [
            (entry, symbol)
            for entry in self.sections.get("models", ())
            for symbol in entry.symbols
            if symbol.kind == "table"
        ]

    def actions(self) -> list[tuple[Entry, Symbol]]:
        """All actions of the controllers with their files."""
        return [
            (entry, symbol)
            for entry in self.sections.get("controllers", ())
            for symbol in entry.symbols
            if symbol.kind == "action"
        ]

    def files(self) -> Iterator[Entry]:
        """All files, sections in order."""
        for entries in self.sections.values():
            yield from entries
        yield from self.top


class Reader:
    """Reads structures and keeps what was parsed, so that a second look reads only what changed."""

    def __init__(self) -> None:
        self._parsed: dict[Path, tuple[Stamp, tuple[Symbol, ...], str]] = {}

    def read(self, folder: Path) -> Structure:
        """Return the structure of the application in `folder`; parts that can't be read are left out."""
        out = Structure(folder)
        for section in SECTIONS:
            out.sections[section] = list(files_below(folder, section))
        out.top = [Entry(name, size) for name, size in _top_files(folder)]
        out.compiled = (folder / "compiled").is_dir() and not out.sections["controllers"]
        views = {entry.path for entry in out.sections["views"]}
        for section in ("models", "controllers", "views"):
            out.sections[section] = [self._parse(folder, entry, views) for entry in out.sections[section]]
        return out

    def _parse(self, folder: Path, entry: Entry, views: set[str]) -> Entry:
        path = folder / entry.path
        stamp = stamp_of(path)
        kept = self._parsed.get(path)
        if kept is not None and kept[0] == stamp:
            symbols, problem = kept[1], kept[2]
        else:
            symbols, problem = _symbols(path, entry.path)
            self._parsed[path] = (stamp, symbols, problem)
        linked = tuple(_linked(symbol, entry.path, views) for symbol in symbols)
        return Entry(entry.path, entry.size, linked, problem)


def files_below(folder: Path, section: str) -> Iterator[Entry]:
    """Yield the files of a section by path; hidden files, byte code and links to folders are left out."""
    waiting = [section]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(folder / here) as scanned:
                found = sorted(scanned, key=lambda each: each.name)
        except OSError:
            continue
        below = []
        for each in found:
            path = f"{here}/{each.name}"
            if each.name in HIDDEN or each.name.startswith(".") or each.name.endswith(_HIDDEN_ENDINGS):
                continue
            if each.is_dir(follow_symlinks=False):
                below.append(path)
                continue
            try:
                if each.is_file():
                    yield Entry(path, each.stat().st_size)
            except OSError:
                continue
        waiting.extend(reversed(below))


def _top_files(folder: Path) -> list[tuple[str, int]]:
    try:
        with os.scandir(folder) as scanned:
            found = [
                (each.name, each.stat().st_size)
                for each in scanned
                if each.is_file()
                and not each.name.startswith(".")
                and not each.name.endswith(_HIDDEN_ENDINGS)
            ]
    except OSError:
        return []
    return sorted(found)


def _symbols(path: Path, name: str) -> tuple[tuple[Symbol, ...], str]:
    try:
        if name.startswith("views/"):
            return _view_symbols(path), ""
        if not name.endswith(".py"):
            return (), ""
        tree = parse_file(path)
    except SourceError as error:
        return (), str(error)
    if name.startswith("models/"):
        return tuple(sorted(find_tables(tree), key=lambda symbol: symbol.line)), ""
    public = public_functions(tree)
    return tuple(
        Symbol("action", node.name, node.lineno)
        for node in tree.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name in public
    ), ""


def _view_symbols(path: Path) -> tuple[Symbol, ...]:
    try:
        shape = outline(path.read_bytes().decode("utf-8-sig", "replace"), path.name)
    except TemplateError as error:
        raise SourceError(str(error)) from error
    except OSError as error:
        raise SourceError(f"{path.name} can't be read: {error.strerror or error}") from error
    return tuple(
        Symbol(kind, each.name, each.line)
        for kind, names in (("extends", shape.extends), ("includes", shape.includes))
        for each in names
    )


def _linked(symbol: Symbol, path: str, views: set[str]) -> Symbol:
    """Return `symbol` with the file it leads to (AP-08)."""
    if symbol.kind == "table":
        return symbol
    if symbol.kind == "action":
        controller = path.removeprefix("controllers/").removesuffix(".py")
        target = view_of(controller, symbol.name, views)
        return Symbol(symbol.kind, symbol.name, symbol.line, target, not target)
    target = f"views/{symbol.name.lstrip('/')}"
    known = target in views
    return Symbol(symbol.kind, symbol.name, symbol.line, target if known else "", not known)


def view_of(controller: str, function: str, views: set[str]) -> str:
    """Return the view of an action, ``html`` first; empty when it has none of its own."""
    stem = f"views/{controller}/{function}."
    if f"{stem}html" in views:
        return f"{stem}html"
    return min((view for view in views if view.startswith(stem) and "/" not in view[len(stem) :]), default="")


def find_tables(tree: ast.Module) -> Iterator[Symbol]:
    """Yield the tables that calls of ``define_table`` with a literal name define."""
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "define_table" or not node.args:
            continue
        name = _constant(node.args[0])
        if name is None:
            continue
        fields = [part for part in node.args[1:] if isinstance(part, ast.Call)]
        named = [(each, _constant(each.args[0]) if each.args else None) for each in fields]
        yield Symbol(
            "table",
            name,
            node.lineno,
            fields=tuple(field_name for _, field_name in named if field_name),
            references=tuple(_references(named)),
        )


def _references(named: list[tuple[ast.Call, str | None]]) -> Iterator[Reference]:
    for call, name in named:
        kind = call.args[1] if len(call.args) > 1 else None
        for keyword in call.keywords:
            if keyword.arg == "type":
                kind = keyword.value
        if name is None or kind is None:
            continue
        text = _constant(kind)
        if text is not None:
            for prefix, many in (("reference ", False), ("list:reference ", True)):
                if text.startswith(prefix):
                    yield Reference(name, text[len(prefix) :].strip().partition(".")[0], many)
        elif isinstance(kind, ast.Attribute) and isinstance(kind.value, ast.Name):
            yield Reference(name, kind.attr)  # Field('owner', db.person)


def _constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
