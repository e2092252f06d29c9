"""Labels by tone, labels that cut long text, links."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from desktop.theme import Theme, paint

from .base import PaintedButton


def label(text: str = "", tone: str = "", wrap: bool = False, name: str = "") -> QLabel:
    """A plain-text label in a text style.

    Args:
        text: what it says; never read as markup.
        tone: ``secondary``, ``small``, ``caption``, ``strong``, ``medium``, ``heading``, ``title``,
            ``display``, ``fault``, ``hint``, ``good`` or nothing for body text.
        wrap: break into lines instead of growing.
        name: object name for tests.
    """
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if tone:
        made.setProperty("tone", tone)
    if name:
        made.setObjectName(name)
    return made


class CutLabel(QLabel):
    """A label that is cut to the width it gets and shows the whole text as tooltip.

    Args:
        tone: text style as for :func:`label`.
        middle: cut in the middle (paths) instead of at the end.
    """

    def __init__(self, tone: str = "", middle: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self._mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        if tone:
            self.setProperty("tone", tone)

    def set_text(self, text: str) -> None:
        """Sets the whole text."""
        self._whole = text
        self.setAccessibleName(text)
        self._cut()
        self.updateGeometry()

    def whole(self) -> str:
        """The text before it was cut."""
        return self._whole

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._whole) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24 if self._whole else 0, QFontMetrics(self.font()).height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cut()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._cut()

    def _cut(self) -> None:
        shown = QFontMetrics(self.font()).elidedText(self._whole, self._mode, self.width())
        if shown != self.text():
            self.setText(shown)
            self.setToolTip(self._whole if shown != self._whole else "")


class Link(PaintedButton):
    """Text that opens something; underlined under pointer and focus.

    Signals:
        opened(str): the address or target it stands for.
    """

    opened = Signal(str)
    radius = 3.0

    def __init__(self, theme: Theme, text: str = "", target: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._target = target
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)
        self.show_link(text, target)

    def show_link(self, text: str, target: str) -> None:
        """Changes words and target."""
        self._target = target
        self.setText(text)
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def _open(self) -> None:
        self.opened.emit(self._target)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Words that have no room are in the tooltip, unless something else is."""
        super().resizeEvent(event)
        if self.toolTip() in ("", self.text()):
            self.setToolTip(self.text() if self.width() < self.sizeHint().width() else "")

    def sizeHint(self) -> QSize:
        font = self.theme.fonts.style("body", 500)
        return QSize(paint.text_width(font, self.text()) + 6, max(24, self.theme.line_height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.sizeHint().height())

    def paint_face(self, painter: QPainter) -> None:
        color = self.theme.color("text.link" if self.isEnabled() else "text.disabled")
        font = QFont(self.theme.fonts.style("body", 500))
        if self.hovered or self.hasFocus():
            font.setUnderline(True)
        paint.text(painter, QRectF(self.rect()).adjusted(3, 0, -1, 0), self.text(), font, color)
