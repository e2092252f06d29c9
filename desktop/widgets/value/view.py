"""A value to look at: tree, table, text, Python, hex, image; nothing of it is run (CA-05, DB-06)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from desktop.background import Context, Tasks
from desktop.theme import Theme
from desktop.widgets.buttons import IconButton, popup_below
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.tabs import Tab

from .parts import Parts, as_json
from .picture import ImageView, picture
from .reading import Source, TakenApart, take_apart
from .table_page import TablePage
from .texts import LongText, hex_dump, size_words
from .tree_page import TreePage

FORMS = (
    ("tree", "Tree"), ("table", "Table"), ("image", "Image"), ("text", "Text"), ("json", "JSON"),
    ("python", "Python"), ("hex", "Hex"),
)  # fmt: skip
FIRST = 65536
"""Letters of a text that are shown before *Load all* is pressed."""


@dataclass(frozen=True)
class Value:
    """What is shown.

    Attributes:
        text: as text; None when there are bytes only, or nothing.
        data: as bytes; None when there is a text only.
        python: as a Python expression, if that differs from the text.
        size: whole length, in characters or bytes: more than is here when it was cut, -1 when not known.
        null: there is no value (NULL).
        fault: why it can't be read.
        packed: its parts as JSON (`runtime.admin.value_tree.pack`); empty where the text itself is all.
        typed: these tell the types of Python.
        parts_fault: why it could not be taken apart.
    """

    text: str | None = None
    data: bytes | None = None
    python: str = ""
    size: int = 0
    null: bool = False
    fault: str = ""
    packed: str = ""
    typed: bool = False
    parts_fault: str = ""

    def length(self) -> int:
        """How much of it is here."""
        return len(self.text) if self.text is not None else len(self.data or b"")

    def cut(self) -> bool:
        """Is there more than is here?"""
        return self.size < 0 or self.size > self.length()

    def as_bytes(self) -> bytes:
        """Its bytes; those of a text in UTF-8."""
        return self.data if self.data is not None else (self.text or "").encode("utf-8", "surrogatepass")

    def source(self) -> Source | None:
        """What can be taken apart; None where nothing can."""
        if self.null or self.fault:
            return None
        whole = "" if self.cut() or self.text is None else self.text
        found = Source("" if self.packed else whole, self.packed, self.typed)
        return found if found.may_have_parts() else None


class ValueView(QWidget):
    """Tabs with the forms that a value has, the best one first, and below how much of it is shown.

    Args:
        theme: where its colours come from.
        name: first part of the object names.
        tasks: where large values are taken apart.

    Signals:
        whole_wanted: the person wants all of a value that was cut.
    """

    whole_wanted = Signal()

    def __init__(self, theme: Theme, name: str, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._tasks, self._key = theme, tasks, name
        self._value, self._taken = Value(null=True), TakenApart()
        self._wanted, self._form = "", "text"
        self._reading = self._all = self._awaited = False
        self._pretty: tuple[TakenApart, str] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._build_tabs(name))
        column.addWidget(hairline())
        foot = self._build_foot(name)
        self.text = LongText(theme, "Value", self._show_foot)
        self.text.setObjectName(f"{name}.text")
        self.image = ImageView(theme)
        self.tree = TreePage(theme, name, tasks)
        self.table = TablePage(theme, name, tasks)
        self.wait = self._build_wait(name)
        self._pages = QStackedWidget()
        for page in (self.text, self.image, self.tree, self.table, self.wait):
            self._pages.addWidget(page)
        column.addWidget(self._pages, 1)
        column.addWidget(foot)
        self.show_value(Value(null=True))

    def _build_tabs(self, name: str) -> QWidget:
        strip = QWidget()
        strip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # tabs without room hide
        row = QHBoxLayout(strip)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        self.tabs: dict[str, Tab] = {}
        for id, words in FORMS:
            tab = Tab(self._theme, id, words)
            tab.setObjectName(f"{name}.form.{id}")
            tab.clicked.connect(partial(self.show_form, id))
            self.tabs[id] = tab
            row.addWidget(tab)
        self.others = IconButton(self._theme, "more", "Other forms of the value")
        self.others.setObjectName(f"{name}.forms")
        self.others.clicked.connect(self._open_forms)
        self._menu = QMenu("Other forms", self)
        row.addWidget(self.others)
        row.addStretch(1)
        return strip

    def _build_wait(self, name: str) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        self.wait_words = label("", "secondary", wrap=True)
        self.stop = Link(self._theme, "Show it as text instead")
        self.stop.setObjectName(f"{name}.stop")
        self.stop.clicked.connect(lambda: self.show_form("text"))
        column.addWidget(self.wait_words)
        column.addWidget(self.stop)
        column.addStretch(1)
        return page

    def _build_foot(self, name: str) -> QWidget:
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(16, 6, 12, 6)
        self.cut_words = CutLabel("secondary")
        self.load_all = Link(self._theme, "Load all")
        self.load_all.setObjectName(f"{name}.all")
        self.load_all.clicked.connect(self._on_all)
        foot.addWidget(self.cut_words, 1)
        foot.addWidget(self.load_all)
        return self._foot

    # what is shown

    def value(self) -> Value:
        """What is shown."""
        return self._value

    def form(self) -> str:
        """Which form of it is shown."""
        return self._form

    def forms(self) -> list[str]:
        """Which forms it has, as they are offered."""
        has = self._forms()
        return [id for id, _ in FORMS if id in has]

    def has_parts(self) -> bool:
        """Was it taken apart?"""
        return self._taken.parts is not None

    def is_reading(self) -> bool:
        """Is it being taken apart?"""
        return self._reading

    def show_value(self, value: Value) -> None:
        """Shows another value, in the form that was chosen if it has that, else in the best one."""
        self._value = value
        self._all, self._awaited = self._awaited, False
        self._pretty = None
        source = value.source()
        self._reading = False
        self._tasks.drop(self._key)
        if source is None:
            self._taken = TakenApart(fault=value.parts_fault)
        elif source.is_small():
            self._taken = take_apart(source)
        else:
            self._taken, self._reading = TakenApart(), True
            self._take_apart(value, source)
        self._show_taken()

    def _take_apart(self, value: Value, source: Source) -> None:
        def work(context: Context) -> TakenApart:
            return take_apart(source, context.check)

        def done(taken: TakenApart) -> None:
            if self._value is value:
                self._taken, self._reading = taken, False
                self._show_taken()

        size = value.size if value.size > 0 else len(source.text)
        self.wait_words.setText(f"Taking {size_words(size)} apart…" if size else "Taking the value apart…")
        self._tasks.run(
            work, owner=self, title="Take a value apart", key=self._key, on_done=done, reading=True
        )

    def _show_taken(self) -> None:
        if self._taken.parts is not None:
            self.tree.show_parts(self._taken.parts)
        if self._taken.table is not None:
            self.table.show_table(self._taken.table)
        self._show(self._wanted if self._wanted in self._forms() else self._best())

    def _best(self) -> str:
        if self._reading:
            return "tree"
        if self._taken.table is not None and self._taken.table.sure:
            return "table"
        has = self._forms()
        return next(id for id in ("tree", "image", "text") if id in has)

    def _forms(self) -> set[str]:
        value, out = self._value, {"text"}
        if value.null or value.fault:
            return out
        if self._reading or self._taken.parts is not None:
            out.add("tree")
        if self._taken.table is not None:
            out.add("table")
        if self._taken.parts is not None and not value.typed:
            out.add("json")
        if value.python:
            out.add("python")
        if "tree" not in out:
            out.add("hex")
        if value.data is not None and picture(value.data) is not None:
            out.add("image")
        return out

    def show_form(self, id: str) -> None:
        """Shows the value in another form; kept for the next values that have it."""
        self._wanted = id
        self._show(id)

    def _show(self, id: str) -> None:
        self._form = id
        for name, tab in self.tabs.items():
            tab.setChecked(name == id)
        self._fit_tabs()
        if id == "image":
            self.image.show_data(self._value.data or b"")
            self._pages.setCurrentWidget(self.image)
        elif id in ("tree", "table"):
            page: QWidget = self.tree if id == "tree" else self.table
            self._pages.setCurrentWidget(self.wait if self._reading else page)
        else:
            self._show_text(id)
        self._show_foot()

    # texts

    def _show_text(self, id: str) -> None:
        value = self._value
        self._pages.setCurrentWidget(self.text)
        self.text.setPlaceholderText("NULL" if value.null else "an empty text" if not value.length() else "")
        if id == "json" and value.length() > FIRST and not value.fault:
            self._show_pretty()
        else:
            self.text.show_text(value.fault or self._words(id))

    def _words(self, id: str) -> str:
        value = self._value
        if value.null:
            return ""
        if id == "json" and self._taken.parts is not None:
            return _indented(self._taken.parts)
        if id == "python":
            return value.python
        if id == "hex" or value.text is None:
            return hex_dump(value.as_bytes())
        return value.text if self._all else value.text[:FIRST]

    def _show_pretty(self) -> None:
        """Show a large JSON text with its lines, written in the background."""
        taken, parts = self._taken, self._taken.parts
        if self._pretty is not None and self._pretty[0] is taken:
            self.text.show_text(self._pretty[1])
            return
        self.text.show_text("")
        if parts is None:
            return

        def done(words: str) -> None:
            self._pretty = (taken, words)
            if self._taken is taken and self._form == "json":
                self.text.show_text(words)

        self._tasks.run(
            lambda _context: _indented(parts), owner=self, title="Indent a value", key=f"{self._key}-pretty",
            on_done=done, reading=True,
        )  # fmt: skip

    def _on_all(self) -> None:
        if self._value.cut():
            self._awaited = True
            self.whole_wanted.emit()
        else:
            self._all = True
            self._show(self._form)

    def _show_foot(self) -> None:
        """Tells what is missing of the form that is shown."""
        value, form = self._value, self._form
        shown = min(value.length(), value.length() if self._all or value.text is None else FIRST)
        more = form == "text" and (value.cut() or shown < value.length())
        more = more or (form in ("hex", "image") and value.cut())
        words = ""
        if more:
            total = max(value.size, value.length())
            words = f"First {size_words(shown)} of {size_words(total)}"
            words = f"First {size_words(shown)}, there is more" if value.size < 0 else words
        elif form == "text" and self._taken.fault and not value.fault and not value.null:
            words = f"No tree: {self._taken.fault}"
        elif form not in ("tree", "table", "image") and self.text.has_broken_lines():
            words = "Very long lines are broken here"
        self.cut_words.set_text(words)
        self.load_all.setVisible(more and not (self._all and value.cut()))
        self._foot.setVisible(bool(words))

    # room

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_tabs()

    def _fit_tabs(self) -> None:
        """Show the tabs that there is room for, always the one that is on; the others are in a menu."""
        offered = self.forms()
        widths = {id: self.tabs[id].sizeHint().width() + 2 for id in offered}
        room = self.width() - 16
        if sum(widths.values()) > room:
            room -= self.others.sizeHint().width()
        shown = {self._form}
        room -= widths.get(self._form, 0)
        for id in offered:
            if id not in shown and room >= widths[id]:
                shown.add(id)
                room -= widths[id]
        for id, tab in self.tabs.items():
            tab.setVisible(id in shown)
        self.others.setVisible(len(shown) < len(offered))

    def _open_forms(self) -> None:
        self._menu.clear()
        for id, words in FORMS:
            if id in self._forms() and self.tabs[id].isHidden():
                self._menu.addAction(words, partial(self.show_form, id))
        popup_below(self._menu, self.others)


def _indented(parts: Parts) -> str:
    try:
        return as_json(parts.data, parts.typed, indent=2)
    except RecursionError:
        return "It is nested too deep to be written with its lines."
