"""A value to look at: text, JSON, Python, hex, image; nothing of it is run (CA-05, DB-06)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QTextOption
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.widgets.hairline import hairline

from .base import Painted
from .labels import Link, label
from .log_lines import printable
from .tabs import Tab

FORMS = (("text", "Text"), ("json", "JSON"), ("python", "Python"), ("hex", "Hex"), ("image", "Image"))
_HEX_ROW, _HEX_MOST = 16, 65536
_LARGEST_IMAGE = 8_000_000


@dataclass(frozen=True)
class Value:
    """What is shown.

    Attributes:
        text: as text; None when there are bytes only, or nothing.
        data: as bytes; None when there is a text only.
        python: as a Python expression, if that differs from the text.
        size: whole length, in characters or bytes; more than is here when it was cut.
        null: there is no value (NULL).
        fault: why it can't be read.
    """

    text: str | None = None
    data: bytes | None = None
    python: str = ""
    size: int = 0
    null: bool = False
    fault: str = ""

    def length(self) -> int:
        """How much of it is here."""
        return len(self.text) if self.text is not None else len(self.data or b"")

    def cut(self) -> bool:
        """Is there more than is here?"""
        return self.size > self.length()

    def as_bytes(self) -> bytes:
        """Its bytes; those of a text in UTF-8."""
        return self.data if self.data is not None else (self.text or "").encode("utf-8", "surrogatepass")


def size_words(size: float) -> str:
    """ "612 B", "14 kB", "4.1 MB"; thousands, not powers of two."""
    if size < 1000:
        return f"{int(size)} B"
    power = 1 if size < 1e6 else 2 if size < 1e9 else 3
    shown = size / 1000**power
    return f"{number(shown, 1 if shown < 10 else 0)} {('kB', 'MB', 'GB')[power - 1]}"


def pretty_json(text: str) -> str | None:
    """`text` as indented JSON, None when it is none."""
    if not text.lstrip()[:1] or text.lstrip()[0] not in '[{"0123456789-tfn':
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, str):
        return None
    return json.dumps(found, indent=2, ensure_ascii=False)


def hex_dump(data: bytes) -> str:
    """Offset, bytes and letters, 16 to a line."""
    lines = []
    for at in range(0, min(len(data), _HEX_MOST), _HEX_ROW):
        part = data[at : at + _HEX_ROW]
        codes = " ".join(f"{one:02x}" for one in part)
        letters = "".join(chr(one) if 32 <= one < 127 else "." for one in part)
        lines.append(f"{at:08x}  {codes:<{3 * _HEX_ROW}} {letters}")
    return "\n".join(lines)


def harmless(text: str) -> str:
    """`text` with its lines, every other control character made visible."""
    return "\n".join(printable(line) for line in text.replace("\r\n", "\n").split("\n"))


class ImageView(Painted):
    """A picture as large as there is room for, never larger than it is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._image = QImage()
        self.setAccessibleName("Picture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_data(self, data: bytes) -> bool:
        """Shows a picture; False when these bytes are none."""
        self._image = picture(data) or QImage()
        size = self._image.size()
        self.setAccessibleDescription(f"{size.width()} by {size.height()} pixels")
        self.update()
        return not self._image.isNull()

    def sizeHint(self) -> QSize:
        return QSize(200, 120)

    def paintEvent(self, event: object) -> None:
        if self._image.isNull():
            return
        room = self.size() - QSize(24, 24)
        size = self._image.size()
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(12, 12, size.width(), size.height()), self._image)


def picture(data: bytes) -> QImage | None:
    """The picture of some bytes, known by their signature; what could load or run something is none."""
    signatures = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"\0\0\1\0")
    if not data.startswith(signatures) or len(data) > _LARGEST_IMAGE:
        return None
    QImageReader.setAllocationLimit(128)
    image = QImage.fromData(data)
    return None if image.isNull() else image


class CodeText(QPlainTextEdit):
    """Text in a fixed-width font that can be selected and copied, not changed."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setReadOnly(True)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
        self.document().setDocumentMargin(12)
        theme.changed.connect(self._restyle)
        self._restyle()

    def _restyle(self) -> None:
        self.setFont(self._theme.fonts.style("code"))


class ValueView(QWidget):
    """Tabs with the forms that a value has, and below how much of it is shown.

    Args:
        theme: where its colours come from.
        name: first part of the object names.

    Signals:
        whole_wanted: the person wants all of a value that was cut.
    """

    whole_wanted = Signal()

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._value = theme, Value(null=True)
        self._wanted = "text"
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(2)
        self.tabs: dict[str, Tab] = {}
        for id, words in FORMS:
            tab = Tab(theme, id, words)
            tab.setObjectName(f"{name}.form.{id}")
            tab.clicked.connect(partial(self.show_form, id))
            self.tabs[id] = tab
            row.addWidget(tab)
        row.addStretch(1)
        column.addLayout(row)
        line = hairline()
        column.addWidget(line)
        self.text = CodeText(theme, "Value")
        self.text.setObjectName(f"{name}.text")
        self.image = ImageView(theme)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.text)
        self._pages.addWidget(self.image)
        column.addWidget(self._pages, 1)
        self._foot = QWidget()
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(16, 6, 12, 6)
        self.cut_words = label("", "secondary")
        self.load_all = Link(theme, "Load all")
        self.load_all.setObjectName(f"{name}.all")
        self.load_all.clicked.connect(self.whole_wanted)
        foot.addWidget(self.cut_words, 1)
        foot.addWidget(self.load_all)
        column.addWidget(self._foot)
        self.show_value(Value(null=True))

    def value(self) -> Value:
        """What is shown."""
        return self._value

    def form(self) -> str:
        """Which form of it is shown."""
        return next(id for id, tab in self.tabs.items() if tab.isChecked())

    def show_value(self, value: Value) -> None:
        """Shows another value, in the form that was chosen if it has that."""
        self._value = value
        has = self._forms()
        for id, tab in self.tabs.items():
            tab.setVisible(id in has or id == "text")
        self._foot.setVisible(value.cut())
        if value.cut():
            self.cut_words.setText(f"First {size_words(value.length())} of {size_words(value.size)}")
        self._show(self._wanted if self._wanted in has else "image" if "image" in has else "text")

    def _forms(self) -> set[str]:
        value, out = self._value, {"text"}
        if value.null or value.fault:
            return out
        if value.text is not None and not value.cut() and pretty_json(value.text) is not None:
            out.add("json")
        if value.python:
            out.add("python")
        if value.data is not None or value.text is not None:
            out.add("hex")
        if value.data is not None and picture(value.data) is not None:
            out.add("image")
        return out

    def show_form(self, id: str) -> None:
        """Shows the value in another form; kept for the next values."""
        self._wanted = id
        self._show(id)

    def _show(self, id: str) -> None:
        for name, tab in self.tabs.items():
            tab.setChecked(name == id)
        value = self._value
        if id == "image":
            self.image.show_data(value.data or b"")
            self._pages.setCurrentWidget(self.image)
            return
        self._pages.setCurrentWidget(self.text)
        self.text.setPlaceholderText("NULL" if value.null else "an empty text" if not value.length() else "")
        words = value.fault or self._words(id)
        if words != self.text.toPlainText():
            self.text.setPlainText(words)

    def _words(self, id: str) -> str:
        value = self._value
        if value.null:
            return ""
        if id == "json":
            return harmless(pretty_json(value.text or "") or "")
        if id == "python":
            return harmless(value.python)
        if id == "hex" or value.text is None:
            return hex_dump(value.as_bytes())
        return harmless(value.text)
