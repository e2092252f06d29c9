"""Pages beside a record: structure, most frequent values, statements (DB-03, DB-08, DB-14)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from desktop.panels.overview.words import milliseconds, number
from desktop.theme import Theme, paint
from desktop.widgets.base import PaintedButton
from desktop.widgets.labels import Link, label
from desktop.widgets.log_lines import printable
from desktop.widgets.value.texts import CodeText, size_words

from .model import flags_of

KEPT_STATEMENTS = 200


class _Page(QScrollArea):
    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._begin()

    def _begin(self) -> QVBoxLayout:
        """Take a fresh column for content."""
        inner = QWidget()
        inner.setProperty("page", True)
        self.column = QVBoxLayout(inner)
        self.column.setContentsMargins(16, 12, 16, 12)
        self.column.setSpacing(4)
        self.setWidget(inner)
        return self.column


class StructurePage(_Page):
    """Fields, indexes, the model's line, and what differs between model and database.

    Signals:
        line_wanted(str, int): open the model at this line.
    """

    line_wanted = Signal(str, int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("databases.structure", parent)
        self._theme = theme
        self.setAccessibleName("Structure")

    def show_structure(self, found: Mapping[str, Any] | None, words: str = "") -> None:
        """Shows the facts of a table, or `words` instead."""
        column = self._begin()
        if found is None:
            column.addWidget(label(words, "secondary", wrap=True))
            column.addStretch(1)
            return
        table = found["table"]
        for one in found["differences"]:
            line = label(one["text"], "hint", wrap=True)
            line.setObjectName(f"databases.difference.{one['field']}")
            column.addWidget(line)
        if table["file"]:
            link = Link(self._theme, f"{table['file']}, line {table['line']}")
            link.setObjectName("databases.structure.line")
            link.clicked.connect(partial(self.line_wanted.emit, table["file"], table["line"]))
            column.addWidget(link)
        if found["size"] is not None:
            column.addWidget(label(f"{size_words(found['size'])} with its indexes", "secondary"))
        column.addSpacing(4)
        column.addWidget(label("Fields", "heading"))
        real = found["columns"] or {}
        for field in table["fields"]:
            column.addWidget(self._field(field, real.get(field["name"])))
        column.addSpacing(8)
        column.addWidget(label("Indexes", "heading"))
        for index in found["indexes"] or ():
            unique = ", unique" if index["unique"] else ""
            column.addWidget(
                label(f"{index['name']}: {', '.join(map(str, index['columns']))}{unique}", "", wrap=True)
            )
        if not found["indexes"]:
            none = "none beside the key" if found["indexes"] is not None else "this engine does not tell"
            column.addWidget(label(none, "secondary"))
        column.addStretch(1)

    def _field(self, field: Mapping[str, Any], real: Mapping[str, Any] | None) -> QWidget:
        box = QWidget()
        inner = QVBoxLayout(box)
        inner.setContentsMargins(0, 4, 0, 4)
        inner.setSpacing(0)
        flags = flags_of(field)
        inner.addWidget(label(field["name"], "medium"))
        parts = [field["type"], *flags]
        if real is not None:
            parts.append(f"in the database: {real['type']}")
        if field["default"]:
            parts.append(f"default {field['default']}")
        inner.addWidget(label(breakable(printable("  ·  ".join(parts))), "secondary", wrap=True))
        if field["validators"]:
            inner.addWidget(label(breakable(printable(", ".join(field["validators"]))), "small", wrap=True))
        return box


def breakable(text: str) -> str:
    """`text` with places where a line may end also inside of what has no spaces."""
    for mark in "(,=_":
        text = text.replace(mark, f"{mark}\N{ZERO WIDTH SPACE}")
    return text


class FacetBar(PaintedButton):
    """One value with its count and a bar; pressed it becomes the filter."""

    def __init__(self, theme: Theme, text: str, count: int, most: int, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._count, self._share = count, count / max(1, most)
        self.setText(text)
        self.setAccessibleName(f"{text}: {count} rows, press to show only these")
        self.setToolTip(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(self.sizePolicy().Policy.Expanding, self.sizePolicy().Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(160, max(28, self.theme.line_height() + 10))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paint_face(self, painter: QPainter) -> None:
        color, rect = self.theme.color, QRectF(self.rect())
        if self.hovered:
            paint.box(painter, rect, color("surface.hover"), None, self.radius)
        bar = QRectF(8, rect.height() - 5, (rect.width() - 16) * self._share, 2)
        painter.fillRect(bar, color("chart.bar"))
        words = number(self._count)
        font = self.theme.fonts.style("body")
        wide = paint.text_width(font, words) + 4
        paint.text(painter, rect.adjusted(8, 0, -wide - 16, -4), self.text(), font, color("text.primary"))
        area = rect.adjusted(rect.width() - wide - 8, 0, -8, -4)
        paint.text(painter, area, words, font, color("text.secondary"), Qt.AlignmentFlag.AlignRight)


class FacetsPage(_Page):
    """The most frequent values of the column that was chosen; one becomes the filter.

    Signals:
        filter_wanted(str, str): column and expression.
    """

    filter_wanted = Signal(str, str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("databases.facets", parent)
        self._theme = theme
        self.bars: list[FacetBar] = []
        self.setAccessibleName("Most frequent values")

    def show_facet(self, field: str, values: Sequence[Mapping[str, Any]], words: str = "") -> None:
        """Shows values of a column, or `words` why there are none."""
        column = self._begin()
        self.bars = []
        if field:
            column.addWidget(label(field, "heading"))
        if words:
            column.addWidget(label(words, "secondary", wrap=True))
        most = max((one["count"] for one in values), default=1)
        for one in values:
            text = "NULL" if one["text"] is None else printable(one["text"]) or "empty"
            bar = FacetBar(self._theme, text, one["count"], most)
            bar.clicked.connect(partial(self.filter_wanted.emit, field, one["filter"]))
            self.bars.append(bar)
            column.addWidget(bar)
        column.addStretch(1)


class StatementsPage(QWidget):
    """The statements that the panel has sent, with times; newest last."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines: deque[str] = deque(maxlen=KEPT_STATEMENTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.text = CodeText(theme, "Statements")
        self.text.setObjectName("databases.statements")
        self.text.setPlaceholderText("No statement was sent yet.")
        column.addWidget(self.text)

    def take(self, statements: Sequence[tuple[str, float]]) -> None:
        """Adds statements with the seconds that they took."""
        if not statements:
            return
        now = time.strftime("%H:%M:%S")
        self._lines.extend(
            f"{now}  {milliseconds(took * 1000):>8}  {printable(sql)}" for sql, took in statements
        )
        if self.isVisible():
            self._show()

    def _show(self) -> None:
        bar = self.text.verticalScrollBar()
        self.text.setPlainText("\n".join(self._lines))
        bar.setValue(bar.maximum())

    def lines(self) -> list[str]:
        """All statements as they are shown."""
        return list(self._lines)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._show()
