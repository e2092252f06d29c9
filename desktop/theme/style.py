"""Fusion with our own check boxes, radio buttons, arrows and splitters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QProxyStyle, QStyle, QStyleHintReturn, QStyleOption, QWidget

from . import paint

if TYPE_CHECKING:
    from .theme import Theme

GRIP = 7  # width of a splitter's handle; its line has one pixel
INDICATOR = 16

_ARROWS = {
    QStyle.PrimitiveElement.PE_IndicatorArrowDown: "chevron-down",
    QStyle.PrimitiveElement.PE_IndicatorArrowUp: "arrow-up",
    QStyle.PrimitiveElement.PE_IndicatorArrowRight: "chevron-right",
    QStyle.PrimitiveElement.PE_IndicatorArrowLeft: "chevron-left",
}


class HadronStyle(QProxyStyle):
    """Draws what a style sheet cannot tint; plain Fusion marks fall under 3:1 in dark."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("Fusion")
        self._theme = theme

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element == QStyle.PrimitiveElement.PE_IndicatorCheckBox:
            self._indicator(option, painter, radius=self._theme.tokens.value("radius.mark"), mark="check")
        elif element == QStyle.PrimitiveElement.PE_IndicatorRadioButton:
            self._indicator(option, painter, radius=INDICATOR / 2, mark="mark-dot")
        elif element == QStyle.PrimitiveElement.PE_FrameFocusRect:
            color = self._theme.color("focus.ring")
            paint.box(painter, option.rect, None, color, self._theme.tokens.value("radius.mark"), 2)
        elif element in _ARROWS:
            on = QStyle.StateFlag.State_Enabled in option.state
            color = self._theme.color("text.secondary" if on else "text.disabled")
            center = QRectF(option.rect).center()
            self._theme.icons.draw(painter, _ARROWS[element], color, center.x() - 8, center.y() - 8)
        else:
            super().drawPrimitive(element, option, painter, widget)

    def _indicator(self, option: QStyleOption, painter: QPainter, radius: float, mark: str) -> None:
        state = option.state
        enabled = QStyle.StateFlag.State_Enabled in state
        checked = QStyle.StateFlag.State_On in state
        fill, border = "surface.raised", "border.control"
        if not enabled:
            fill, border = "surface.base", "border.hairline"
        elif checked:
            fill = border = "accent.fill"
        center = QRectF(option.rect).center()
        side = min(INDICATOR, option.rect.width(), option.rect.height())
        rect = QRectF(center.x() - side / 2, center.y() - side / 2, side, side)
        paint.box(painter, rect, self._theme.color(fill), self._theme.color(border), radius)
        if checked:
            ink = self._theme.color("text.on_accent" if enabled else "text.disabled")
            self._theme.icons.draw(painter, mark, ink, rect.left(), rect.top(), side)

    def drawControl(
        self,
        element: QStyle.ControlElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        if element != QStyle.ControlElement.CE_Splitter:
            super().drawControl(element, option, painter, widget)
            return
        rect = QRectF(option.rect)
        hovered = QStyle.StateFlag.State_MouseOver in option.state
        painter.fillRect(rect, self._theme.color("surface.base"))
        upright = rect.height() > rect.width()
        width = 2 if hovered else 1
        line = QRectF(rect.left(), rect.top(), width, rect.height())
        if not upright:
            line = QRectF(rect.left(), rect.top(), rect.width(), width)
        painter.fillRect(
            paint.crisp(painter, line), self._theme.color("select.mark" if hovered else "border.default")
        )

    def pixelMetric(
        self,
        metric: QStyle.PixelMetric,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
    ) -> int:
        if metric == QStyle.PixelMetric.PM_SplitterWidth:
            return GRIP
        if metric in (
            QStyle.PixelMetric.PM_IndicatorWidth,
            QStyle.PixelMetric.PM_IndicatorHeight,
            QStyle.PixelMetric.PM_ExclusiveIndicatorWidth,
            QStyle.PixelMetric.PM_ExclusiveIndicatorHeight,
            QStyle.PixelMetric.PM_SmallIconSize,
        ):
            return INDICATOR
        return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        data: QStyleHintReturn | None = None,
    ) -> int:
        if hint == QStyle.StyleHint.SH_ToolTip_WakeUpDelay:
            return 400
        if hint == QStyle.StyleHint.SH_Menu_SpaceActivatesItem:
            return 1
        if hint == QStyle.StyleHint.SH_ItemView_ShowDecorationSelected:
            return 1
        return super().styleHint(hint, option, widget, data)
