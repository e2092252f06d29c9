"""The tabs of open files: line on top of the shown one, dot when unsaved, italics when temporary."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QTabBar, QWidget

from desktop.theme import Theme, paint

from .open_file import Conflict, OpenFile

WIDEST, ICON, GAP, SIDE = 210, 16, 8, 14


class TabStrip(QTabBar):
    """One tab per open file.

    Signals:
        shown(OpenFile): the person chose its tab.
        close_wanted(OpenFile): the person wants it closed.
        keep_wanted(OpenFile): a temporary tab is to stay.
    """

    shown = Signal(object)
    close_wanted = Signal(object)
    keep_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._over = QPoint(-1, -1)
        self.setObjectName("applications.editor.tabs")
        self.setAccessibleName("Open files")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setMovable(True)
        self.setUsesScrollButtons(True)
        self.setMouseTracking(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.currentChanged.connect(self._on_current)
        theme.changed.connect(self._on_theme)

    def _on_theme(self) -> None:
        for at in range(self.count()):
            self.setTabText(at, self.tabText(at))  # lays out again
        self.update()

    # files

    def file(self, at: int) -> OpenFile | None:
        """The file of the tab at a place."""
        found: OpenFile | None = self.tabData(at)
        return found

    def place(self, file: OpenFile) -> int:
        """Where the tab of a file is; -1 when it has none."""
        return next((at for at in range(self.count()) if self.tabData(at) is file), -1)

    def add(self, file: OpenFile) -> None:
        """Adds a tab after the others; does not show it."""
        self.blockSignals(True)
        at = self.addTab(file.path.name)
        self.setTabData(at, file)
        self.blockSignals(False)
        self.refresh(file)

    def refresh(self, file: OpenFile) -> None:
        """Shows name and state of a file anew."""
        at = self.place(file)
        if at < 0:
            return
        words = [str(file.path)]
        if file.dirty:
            words.append("not saved")
        if file.conflict is not Conflict.NONE:
            words.append(f"{file.conflict.value} on disk")
        if self.tabText(at) != file.path.name:
            self.setTabText(at, file.path.name)
        self.setTabToolTip(at, ", ".join(words))
        self.setAccessibleTabName(at, f"{file.path.name}{', not saved' if file.dirty else ''}")
        self.update()

    def remove(self, file: OpenFile) -> None:
        """Takes a tab away."""
        at = self.place(file)
        if at >= 0:
            self.removeTab(at)

    def show_file(self, file: OpenFile) -> None:
        """Chooses the tab of a file."""
        self.setCurrentIndex(self.place(file))

    def _on_current(self, at: int) -> None:
        file = self.file(at) if at >= 0 else None
        if file is not None:
            self.shown.emit(file)

    # geometry

    def _font(self, file: OpenFile | None, current: bool) -> QFont:
        font = QFont(self._theme.fonts.style("body", 600 if current else 500))
        font.setItalic(file is not None and file.temporary)
        return font

    def tabSizeHint(self, index: int) -> QSize:
        text = paint.text_width(self._theme.fonts.style("body", 600), self.tabText(index))
        width = min(WIDEST, SIDE + ICON + GAP + text + GAP + ICON + SIDE)
        return QSize(width, self._theme.size("tab"))

    def minimumTabSizeHint(self, index: int) -> QSize:
        return QSize(90, self._theme.size("tab"))

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self._theme.size("tab"))

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._theme.size("tab"))

    def _cross(self, at: int) -> QRectF:
        rect = QRectF(self.tabRect(at))
        return QRectF(rect.right() - SIDE - ICON + 2, rect.center().y() - 8, 16, 16)

    # mouse

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._over = event.position().toPoint()
        self.update()

    def leaveEvent(self, event: object) -> None:
        self._over = QPoint(-1, -1)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        at = self.tabAt(event.position().toPoint())
        file = self.file(at) if at >= 0 else None
        middle = event.button() == Qt.MouseButton.MiddleButton
        if file is not None and (middle or self._cross(at).contains(event.position())):
            self.close_wanted.emit(file)
            return
        super().mouseReleaseEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self.tabAt(event.position().toPoint())
        if at >= 0 and self._cross(at).contains(event.position()):
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        file = self.file(self.tabAt(event.position().toPoint()))
        if file is not None:
            self.keep_wanted.emit(file)

    # painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, color = QPainter(self), self._theme.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        painter.fillRect(whole, color("surface.window"))
        paint.hairline(painter, 0, whole.bottom() - 0.5, whole.width(), color("border.default"))
        for at in range(self.count()):
            self._paint_tab(painter, at)

    def _paint_tab(self, painter: QPainter, at: int) -> None:
        color, rect = self._theme.color, QRectF(self.tabRect(at))
        file, current = self.file(at), at == self.currentIndex()
        if current:
            painter.fillRect(rect, color("code.background"))
            painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), 2), color("select.mark"))
        elif rect.contains(self._over):
            painter.fillRect(rect.adjusted(0, 0, 0, -1), color("surface.hover"))
        paint.hairline(
            painter, rect.right(), rect.top(), rect.height(), color("border.default"), upright=True
        )
        ink = color("text.primary" if current else "text.secondary")
        middle = rect.center().y()
        conflict = file is not None and file.conflict is not Conflict.NONE
        icon = "warning-outline" if conflict else "file"
        self._theme.icons.draw(painter, icon, ink, rect.left() + SIDE, middle - 8)
        left = rect.left() + SIDE + ICON + GAP
        area = QRectF(left, rect.top(), rect.right() - SIDE - ICON - GAP - left + 6, rect.height())
        font = self._font(file, current)
        words = paint.cut(font, self.tabText(at), area.width(), middle=True)
        paint.text(painter, area, words, font, ink)
        cross = self._cross(at)
        if file is not None and file.dirty and not cross.contains(self._over):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("text.secondary"))
            painter.drawEllipse(QRectF(cross.center().x() - 4, cross.center().y() - 4, 8, 8))
            return
        if cross.contains(self._over):
            paint.box(painter, cross.adjusted(-2, -2, 2, 2), color("surface.pressed"), None, 4)
        self._theme.icons.draw(painter, "close", ink, cross.left(), cross.top())
        if current and self.hasFocus():
            paint.box(painter, rect.adjusted(2, 4, -2, -2), None, color("focus.ring"), 4, 2)
