"""The side bar: one item per panel, folded to icons in narrow windows."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QButtonGroup, QFrame, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import PaintedButton

NARROWEST, WIDEST = 150, 360  # limits of the unfolded side bar in pixels


class SideItem(PaintedButton):
    """Icon, word and, where something waits, a number."""

    def __init__(self, theme: Theme, panel: str, text: str, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.panel, self._icon = panel, icon
        self._folded = False
        self._badge = 0
        self.setObjectName(f"sidebar.{panel}")
        self.setText(text)
        self.setAccessibleName(text)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_folded(self, folded: bool) -> None:
        """Shows the icon alone; the word becomes the tooltip."""
        self._folded = folded
        self.setToolTip(self.text() if folded else "")
        self.update()

    def set_badge(self, number: int) -> None:
        """How many things wait; 0 shows nothing."""
        self._badge = number
        self.setAccessibleDescription(f"{number} waiting" if number else "")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self.theme.size("side_item") + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(36, self.sizeHint().height())

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isChecked()
        rect = QRectF(self.rect()).adjusted(0, 1, 0, -1)
        if on or self.hovered:
            paint.box(painter, rect, color("select.row" if on else "surface.hover"), None, self.radius)
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        if on:
            bar = QRectF(rect.right() - 3 if mirrored else rect.left(), rect.top() + 9, 3, rect.height() - 18)
            paint.box(painter, bar, color("select.mark"), None, 1.5)
        icon_ink = "accent.text" if on else "text.primary" if self.hovered else "text.secondary"
        left = (rect.width() - 16) / 2 if self._folded else rect.right() - 26 if mirrored else 10.0
        self.theme.icons.draw(painter, self._icon, color(icon_ink), left, rect.center().y() - 8)
        if not self._folded:
            ink = "text.primary" if on else "text.secondary"
            area = rect.adjusted(36, 0, -36 if mirrored else -8, 0)
            align = Qt.AlignmentFlag.AlignRight if mirrored else Qt.AlignmentFlag.AlignLeft
            font = self.theme.fonts.style("body", 600 if on else 500)
            paint.text(painter, area, self.text(), font, color(ink), align)
        if self._badge:
            self._paint_badge(painter, rect)

    def _paint_badge(self, painter: QPainter, rect: QRectF) -> None:
        color = self.theme.color
        words = "99+" if self._badge > 99 else str(self._badge)
        font = self.theme.fonts.style("caption", 600)
        height = 18
        width = max(height, paint.text_width(font, words) + 10)
        if self._folded:
            area = QRectF(rect.right() - width, rect.top(), width, height)
            paint.box(painter, area, color("danger.fill"), None, height / 2)
            ink = color("text.on_accent")
        else:
            area = QRectF(rect.right() - width - 10, rect.center().y() - height / 2, width, height)
            paint.box(painter, area, color("status.failed.tint"), color("status.failed.border"), height / 2)
            ink = color("status.failed.text")
        paint.text(painter, area, words, font, ink, Qt.AlignmentFlag.AlignHCenter)


class SideBar(QFrame):
    """The list of panels; Settings stands apart at the end.

    Signals:
        chosen(str): id of the panel the person wants.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sidebar")
        self.setAccessibleName("Panels")
        self._theme = theme
        self._items: dict[str, SideItem] = {}
        self._group = QButtonGroup(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self._upper = 0  # items above the stretch

    def add(self, panel: str, text: str, icon: str, *, last: bool = False) -> None:
        """Adds a panel; `last` puts it at the lower end."""
        item = SideItem(self._theme, panel, text, icon)
        item.clicked.connect(self._on_clicked)
        self._items[panel] = item
        self._group.addButton(item)
        if last:
            self._column.addWidget(item)
        else:
            self._column.insertWidget(self._upper, item)
            self._upper += 1

    def set_current(self, panel: str) -> None:
        """Marks `panel` as the one shown."""
        self._items[panel].setChecked(True)

    def item(self, panel: str) -> SideItem:
        """The item of a panel."""
        return self._items[panel]

    def set_folded(self, folded: bool) -> None:
        """Icons alone, or icons with words."""
        width = self._theme.tokens.value("width.side_folded")
        if folded:
            self.setMinimumWidth(width)
            self.setMaximumWidth(width)
        else:
            self.setMinimumWidth(NARROWEST)
            self.setMaximumWidth(WIDEST)
        for item in self._items.values():
            item.set_folded(folded)

    def _on_clicked(self) -> None:
        self.chosen.emit(cast(SideItem, self.sender()).panel)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        items = list(self._items.values())
        focused = next((at for at, item in enumerate(items) if item.hasFocus()), None)
        if event.key() in steps and focused is not None:
            target = items[max(0, min(len(items) - 1, focused + steps[Qt.Key(event.key())]))]
            target.setFocus(Qt.FocusReason.TabFocusReason)
            target.click()
        else:
            super().keyPressEvent(event)
