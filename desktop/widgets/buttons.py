"""Buttons: primary, secondary, danger, quiet; icon buttons; the state pill."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QMenu, QWidget

from desktop.theme import Theme, paint

from .base import PaintedButton

PADDING, GAP, ICON = 12, 8, 16
RING = 3  # buttons leave room for their ring and the gap before it; texts above them align with it


class Button(PaintedButton):
    """A button with text and, if wished, an icon.

    Args:
        theme: where its colours come from.
        text: the verb on it.
        kind: ``"primary"`` (one per view), ``"secondary"``, ``"danger"`` or ``"quiet"``.
        icon: name of an icon, or nothing.
        small: 28 px high instead of 32, for tool rows.
    """

    def __init__(
        self,
        theme: Theme,
        text: str,
        kind: str = "secondary",
        icon: str = "",
        small: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._icon_name = icon
        self._kind = kind
        self._small = small
        self.setText(text)
        self.setAccessibleName(text.rstrip(".…"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def kind(self) -> str:
        """How much weight the button has."""
        return self._kind

    @property
    def enter_presses(self) -> bool:  # type: ignore[override]  # a button may change its kind
        """Whether Enter presses it."""
        return self._kind != "danger"

    def set_face(self, text: str, kind: str, icon: str = "") -> None:
        """Changes words, weight and icon at once."""
        if (text, kind, icon) == (self.text(), self._kind, self._icon_name):
            return
        self.setText(text)
        self.setAccessibleName(text.rstrip(".…"))
        self._kind, self._icon_name = kind, icon
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        font = self.theme.fonts.style("body", 500)
        width = paint.text_width(font, self.text()) + 2 * PADDING + 2
        if self._icon_name:
            width += ICON + GAP
        height = self.theme.size("button") - (4 if self._small else 0)
        return QSize(width + 2 * RING, height + 2 * RING)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _face(self) -> tuple[QColor | None, QColor | None, QColor]:
        """Fill, border and ink of the present state."""
        color = self.theme.color
        if not self.isEnabled():
            ink = color("text.disabled")
            if self._kind == "primary":
                return color("surface.sunken"), None, ink
            return (
                (None, None, ink)
                if self._kind == "quiet"
                else (color("surface.base"), color("border.hairline"), ink)
            )
        if self._kind == "primary":
            name = "accent.pressed" if self.isDown() else "accent.hover" if self.hovered else "accent.fill"
            return color(name), None, color("text.on_accent")
        if self._kind == "danger":
            fill = "status.failed.tint" if self.hovered or self.isDown() else "surface.raised"
            return color(fill), color("border.default"), color("status.failed.text")
        fill = "surface.pressed" if self.isDown() else "surface.hover" if self.hovered else "surface.raised"
        if self._kind == "quiet":
            quiet_fill = color(fill) if self.hovered or self.isDown() else None
            return quiet_fill, None, color("text.primary" if self.hovered else "text.secondary")
        return color(fill), color("border.default"), color("text.primary")

    def paint_face(self, painter: QPainter) -> None:
        fill, border, ink = self._face()
        rect = QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
        if fill is not None or border is not None:
            paint.box(painter, rect, fill, border, self.radius)
        left = rect.left() + PADDING + 1
        if self._icon_name:
            tint = ink
            if self._kind == "secondary" and self.isEnabled():
                tint = self.theme.color("text.primary")
            self.theme.icons.draw(painter, self._icon_name, tint, left, rect.center().y() - ICON / 2, ICON)
            left += ICON + GAP
        area = QRectF(left, rect.top(), rect.right() - PADDING - left + 1, rect.height())
        paint.text(painter, area, self.text(), self.theme.fonts.style("body", 500), ink)

    def paint_ring(self, painter: QPainter) -> None:
        rect = QRectF(self.rect())
        if self._kind != "primary":  # an unfilled one needs no gap
            rect = rect.adjusted(RING - 1, RING - 1, 1 - RING, 1 - RING)
        paint.box(painter, rect, None, self.theme.color("focus.ring"), self.radius + RING - 1, 2)


class IconButton(PaintedButton):
    """An icon alone; its name is tooltip and accessible name.

    Args:
        theme: where its colours come from.
        icon: name of an icon that may stand alone.
        name: what the button does, in words.
    """

    def __init__(self, theme: Theme, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._icon_name = icon
        self._dot = False
        self.set_name(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_name(self, name: str, icon: str = "") -> None:
        """Changes the words and, if given, the icon."""
        self.setToolTip(name)
        self.setAccessibleName(name)
        self._icon_name = icon or self._icon_name
        self.update()

    def set_dot(self, on: bool) -> None:
        """Shows or hides the dot that says "something new"; the accessible name says it too."""
        self._dot = on
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(30, 30)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color = self.theme.color
        if self.isDown() or self.isChecked() or self.hovered:
            fill = (
                "surface.pressed" if self.isDown() else "accent.tint" if self.isChecked() else "surface.hover"
            )
            paint.box(painter, self.rect(), color(fill), None, self.radius)
        ink = (
            "text.disabled" if not self.isEnabled() else "text.primary" if self.hovered else "text.secondary"
        )
        if self.isChecked():
            ink = "accent.text"
        middle = QRectF(self.rect()).center()
        self.theme.icons.draw(painter, self._icon_name, color(ink), middle.x() - 8, middle.y() - 8)
        if self._dot:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("select.mark"))
            painter.drawEllipse(QRectF(middle.x() + 2, middle.y() - 10, 7, 7))


class StatePill(PaintedButton):
    """The server's state in the header; opens a menu."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._shape, self._status = "mark-ring", "stopped"
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_state(self, text: str, shape: str, status: str) -> None:
        """Word, mark and colour of the state."""
        self._shape, self._status = shape, status
        self.setText(text)
        self.setAccessibleName(f"Server: {text}")
        self.setToolTip("What can be done with the server now")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("body", 500), self.text())
        return QSize(12 + 14 + 8 + width + 8 + 16 + 10, self.theme.size("button") - 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color = self.theme.color
        rect = QRectF(self.rect())
        self.radius = rect.height() / 2
        fill = "surface.pressed" if self.isDown() else "surface.hover" if self.hovered else "surface.raised"
        paint.box(painter, rect, color(fill), color("border.default"), self.radius)
        middle = rect.center().y()
        self.theme.icons.draw(painter, self._shape, color(f"status.{self._status}.mark"), 11, middle - 8, 16)
        area = QRectF(34, 0, rect.width() - 34 - 30, rect.height())
        font = self.theme.fonts.style("body", 500)
        paint.text(painter, area, self.text(), font, color(f"status.{self._status}.text"))
        self.theme.icons.draw(painter, "chevron-down", color("text.primary"), rect.right() - 27, middle - 8)


class MenuButton(PaintedButton):
    """A button that opens a menu: its chevron stands after the word."""

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.setText(text)
        self.setAccessibleName(f"{text}, opens a menu")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def sizeHint(self) -> QSize:
        width = paint.text_width(self.theme.fonts.style("body", 500), self.text())
        return QSize(width + 50 + 2 * RING, self.theme.size("button") + 2 * RING)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isEnabled()
        rect = QRectF(self.rect()).adjusted(RING, RING, -RING, -RING)
        fill = "surface.pressed" if self.isDown() else "surface.hover" if self.hovered else "surface.raised"
        edge = "border.default" if on else "border.hairline"
        paint.box(painter, rect, color(fill if on else "surface.base"), color(edge), self.radius)
        ink = color("text.primary" if on else "text.disabled")
        area = rect.adjusted(13, 0, -30, 0)
        paint.text(painter, area, self.text(), self.theme.fonts.style("body", 500), ink)
        self.theme.icons.draw(painter, "chevron-down", ink, rect.right() - 28, rect.center().y() - 8)

    def paint_ring(self, painter: QPainter) -> None:
        rect = QRectF(self.rect()).adjusted(RING - 1, RING - 1, 1 - RING, 1 - RING)
        paint.box(painter, rect, None, self.theme.color("focus.ring"), self.radius + 2, 2)


def popup_below(menu: QMenu, anchor: QWidget) -> None:
    """Opens `menu` under `anchor`, aligned with its right edge when it would leave the window."""
    size = menu.sizeHint()
    left = min(0, anchor.width() - size.width())
    if anchor.mapTo(anchor.window(), QPoint(0, 0)).x() + size.width() < anchor.window().width():
        left = 0
    menu.popup(anchor.mapToGlobal(QPoint(left, anchor.height() + 4)))
