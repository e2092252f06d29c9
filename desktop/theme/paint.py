"""Helpers to paint crisp boxes, rings, marks and cut text at every device pixel ratio."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QWidget

_MIDDLE = Qt.AlignmentFlag.AlignVCenter.value  # a number: Python's flags are slow where every cell is painted


def crisp(painter: QPainter, rect: QRectF) -> QRectF:
    """`rect` moved to whole device pixels, so that filled edges are sharp at 125 and 150 %."""
    ratio = painter.device().devicePixelRatioF()
    left, top = round(rect.left() * ratio) / ratio, round(rect.top() * ratio) / ratio
    right, bottom = round(rect.right() * ratio) / ratio, round(rect.bottom() * ratio) / ratio
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def box(
    painter: QPainter,
    rect: QRect | QRectF,
    fill: QColor | None,
    border: QColor | None = None,
    radius: float = 0,
    width: float = 1,
) -> None:
    """A rounded box; the border lies inside `rect`, filled as ring of two boxes to stay sharp."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    outer = crisp(painter, QRectF(rect))
    painter.setPen(Qt.PenStyle.NoPen)
    if border is None:
        if fill is not None:
            painter.setBrush(fill)
            painter.drawRoundedRect(outer, radius, radius)
        return
    inset = width / 2
    painter.setPen(QPen(border, width))
    painter.setBrush(fill if fill is not None else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(
        outer.adjusted(inset, inset, -inset, -inset), max(0.0, radius - inset), max(0.0, radius - inset)
    )


def hairline(
    painter: QPainter, left: float, top: float, length: float, color: QColor, upright: bool = False
) -> None:
    """A line of one device-independent pixel as a filled rectangle."""
    rect = QRectF(left, top, 1, length) if upright else QRectF(left, top, length, 1)
    painter.fillRect(crisp(painter, rect), color)


def cut(font: QFont, text: str, width: float, middle: bool = False) -> str:
    """`text` shortened with an ellipsis to `width`; paths and keys are cut in the middle."""
    mode = Qt.TextElideMode.ElideMiddle if middle else Qt.TextElideMode.ElideRight
    return QFontMetrics(font).elidedText(text, mode, max(0, int(width)))


def text(
    painter: QPainter,
    rect: QRect | QRectF,
    words: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """One line of text, vertically centred in `rect`, cut at the end if it is too long."""
    painter.setFont(font)
    painter.setPen(color)
    area = QRectF(rect)
    painter.drawText(area, align.value | _MIDDLE, cut(font, words, area.width() + 1))


def text_width(font: QFont, words: str) -> int:
    """Width of one line of text in device-independent pixels."""
    return QFontMetrics(font).horizontalAdvance(words)


def painter_of(widget: QWidget) -> QPainter:
    """A smooth painter on `widget`, for use within its paint event."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return painter
