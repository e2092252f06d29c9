"""Rows below the translation: warnings with *Fix* and *Ignore*, suggestions with keys (TR-05, TR-14)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import Painted, PaintedButton
from desktop.widgets.labels import Link, label
from desktop.widgets.marks import StateMark
from runtime.admin.languages_checks import Finding

from .memory import Suggestion
from .text import draw_marked, is_right_to_left, one_line


class KeyCap(Painted):
    """The keys of an action as a small box."""

    def __init__(self, theme: Theme, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._keys = keys
        self.setAccessibleName(keys)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        font = self.theme.fonts.style("small", 500)
        return QSize(paint.text_width(font, self._keys) + 14, max(18, self.theme.line_height("small") + 4))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        paint.box(painter, self.rect(), color("surface.window"), color("border.default"), 3)
        center = Qt.AlignmentFlag.AlignHCenter
        font = self.theme.fonts.style("small", 500)
        paint.text(painter, self.rect(), self._keys, font, color("text.secondary"), center)


class FindingRow(QWidget):
    """One warning.

    Signals:
        fix_wanted(str): the mended text.
        ignore_wanted(str): name of the check.
    """

    fix_wanted = Signal(str)
    ignore_wanted = Signal(str)

    def __init__(self, theme: Theme, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        mark = StateMark(theme)
        mark.show_state("mark-triangle-bang", "problem", "warning")
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        words = label(finding.message[:1].upper() + finding.message[1:], wrap=True)
        words.setMinimumWidth(60)
        row.addWidget(words, 1)
        self.ignore = Link(theme, "Ignore", finding.check)
        self.ignore.setAccessibleName(f"Ignore here: {finding.message}")
        self.ignore.opened.connect(self.ignore_wanted)
        row.addWidget(self.ignore, 0, Qt.AlignmentFlag.AlignTop)
        if finding.fixed is not None:
            self.fix = Link(theme, "Fix", finding.fixed)
            self.fix.setAccessibleName(f"Fix: {finding.message}")
            self.fix.setToolTip(f"Change to: {finding.fixed}")
            self.fix.opened.connect(self.fix_wanted)
            row.addWidget(self.fix, 0, Qt.AlignmentFlag.AlignTop)


class Findings(QWidget):
    """All warnings of the string shown; signals as those of `FindingRow`."""

    fix_wanted = Signal(str)
    ignore_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shown: list[Finding] = []
        self._rows: list[FindingRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 4, 0, 0)
        self._column.setSpacing(6)
        self.hide()

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Replaces the rows when they differ."""
        if list(findings) == self._shown:
            return
        self._shown = list(findings)
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [FindingRow(self._theme, finding, self) for finding in findings]
        for row in self._rows:
            row.fix_wanted.connect(self.fix_wanted)
            row.ignore_wanted.connect(self.ignore_wanted)
            self._column.addWidget(row)
        self.setVisible(bool(self._rows))

    def rows(self) -> list[FindingRow]:
        """The rows shown."""
        return list(self._rows)


class SuggestionRow(PaintedButton):
    """Key, text, where it is from, how alike; a click takes it."""

    def __init__(
        self, theme: Theme, number: int, suggestion: Suggestion, parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.suggestion = suggestion
        self._keys = f"Alt {number}"
        text = one_line(suggestion.text)
        self.setText(text)
        self.setToolTip(suggestion.text)
        self.setAccessibleName(f"Suggestion {number}: {text}, {suggestion.where}, {suggestion.likeness} %")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(240, max(32, self.theme.line_height() + 12))

    def paint_face(self, painter: QPainter) -> None:
        color, fonts, rect = self.theme.color, self.theme.fonts, QRectF(self.rect())
        if self.hovered:
            paint.box(painter, rect, color("surface.hover"), None, self.radius)
        small = fonts.style("small", 500)
        cap = QRectF(0, rect.center().y() - 10, paint.text_width(small, self._keys) + 14, 20)
        paint.box(painter, cap, color("surface.window"), color("border.default"), 3)
        center, side = Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight
        paint.text(painter, cap, self._keys, small, color("text.secondary"), center)
        percent = f"{self.suggestion.likeness} %"
        bold = fonts.style("body", 500)
        right = rect.adjusted(0, 0, -4, 0)
        paint.text(painter, right, percent, bold, color("text.primary"), side)
        right.setRight(right.right() - paint.text_width(bold, "100 %") - 12)
        where = paint.cut(small, self.suggestion.where, rect.width() * 0.3)
        paint.text(painter, right, where, small, color("text.secondary"), side)
        right.setRight(right.right() - paint.text_width(small, where) - 12)
        right.setLeft(cap.right() + 8)
        text = self.text()
        ink, mark = color("text.primary"), color("code.decorator")
        draw_marked(painter, right, text, fonts.style("body"), ink, mark, is_right_to_left(text))


class Suggestions(QWidget):
    """Up to five texts used elsewhere.

    Signals:
        taken(str): this text is wanted.
    """

    taken = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[SuggestionRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addWidget(label("Suggestions", "caption"))
        self.hide()

    def show_suggestions(self, found: Sequence[Suggestion]) -> None:
        """Replaces the rows."""
        if list(found) == [row.suggestion for row in self._rows]:
            return
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._rows = [SuggestionRow(self._theme, at, one, self) for at, one in enumerate(found, 1)]
        for row in self._rows:
            row.clicked.connect(self._on_clicked)
            self._column.addWidget(row)
        self.setVisible(bool(self._rows))

    def rows(self) -> list[SuggestionRow]:
        """The rows shown."""
        return list(self._rows)

    def take(self, number: int) -> None:
        """Takes the suggestion with this number, from 1."""
        if 1 <= number <= len(self._rows):
            self.taken.emit(self._rows[number - 1].suggestion.text)

    def _on_clicked(self) -> None:
        row = self.sender()
        if isinstance(row, SuggestionRow):
            self.taken.emit(row.suggestion.text)
