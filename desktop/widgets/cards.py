"""Cards, their sections, folding heads, empty states."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.theme.theme import restyle

from .base import Painted, PaintedButton
from .labels import label

MARGIN = 16


class Card(QFrame):
    """A subject on the content's ground; sections lie in it from top to bottom."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setProperty("card", True)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)

    def set_status(self, status: str) -> None:
        """Colours the edge of the card and of its sections; an empty word is neutral."""
        restyle(self, status=status)
        for part in self.findChildren(QFrame, options=Qt.FindChildOption.FindDirectChildrenOnly):
            restyle(part, status=status)


class Section(QFrame):
    """A part of a card, separated by a hairline above unless it is the first."""

    def __init__(self, first: bool = False, across: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("tint" if first else "section", True)
        self.row = QHBoxLayout(self) if across else QVBoxLayout(self)
        self.row.setContentsMargins(MARGIN, 8, MARGIN, 8)
        self.row.setSpacing(8)


class FoldHead(PaintedButton):
    """Chevron, title and a summary; opens and closes what lies below it."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._summary = ""
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_summary(self, summary: str) -> None:
        """Words after the title, cut at the end."""
        self._summary = summary
        self.setAccessibleDescription(summary)
        self.setToolTip(summary)
        self.update()

    def summary(self) -> str:
        """Words after the title."""
        return self._summary

    def sizeHint(self) -> QSize:
        return QSize(220, max(28, self.theme.line_height() + 10))

    def paint_face(self, painter: QPainter) -> None:
        color = self.theme.color
        middle = self.height() / 2
        icon = "chevron-down" if self.isChecked() else "chevron-right"
        self.theme.icons.draw(painter, icon, color("text.primary"), 0, middle - 8)
        font = self.theme.fonts.style("body", 500)
        width = paint.text_width(font, self.text())
        paint.text(painter, QRectF(24, 0, width + 2, self.height()), self.text(), font, color("text.primary"))
        rest = QRectF(24 + width + 10, 0, self.width() - width - 38, self.height())
        paint.text(painter, rest, self._summary, self.theme.fonts.style("body"), color("text.secondary"))


class BigIcon(Painted):
    """The large quiet icon of an empty state."""

    def __init__(self, theme: Theme, icon: str, size: int = 48, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._icon, self._size = icon, size
        self.setAccessibleName("nothing to show")
        self.setFixedSize(size, size)

    def paintEvent(self, event: object) -> None:
        self.theme.icons.draw(
            QPainter(self), self._icon, self.theme.color("text.secondary"), 0, 0, self._size
        )


class EmptyState(QWidget):
    """Icon and one sentence where rows would be.

    Args:
        theme: where its colours come from.
        icon: name of the icon.
        sentence: why there is nothing and how something gets here.
    """

    def __init__(self, theme: Theme, icon: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(1)
        column.addWidget(BigIcon(theme, icon, 32), 0, Qt.AlignmentFlag.AlignHCenter)
        self.words = label(sentence, "secondary", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.words)
        column.addStretch(1)
