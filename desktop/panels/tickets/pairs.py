"""Names and values one below the other; hidden values that were kept are shown one by one (TK-07, TK-08)."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import Painted
from desktop.widgets.log_lines import printable
from runtime.errors.safe_values import MASK

NAME, NAME_SHARE, GAP, LEFT = 180, 0.3, 16, 24


class Pairs(Painted):
    """A block of names and values; arrow keys choose a row, Space shows a hidden value, Ctrl+C copies.

    Args:
        theme: where its colours come from.
        pairs: texts by name.
        secrets: hidden values by name that may be shown.
        title: accessible name.
    """

    def __init__(
        self,
        theme: Theme,
        pairs: Mapping[str, str],
        secrets: Mapping[str, str],
        title: str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._names = list(pairs)
        self._values = [str(value) for value in pairs.values()]
        self._secrets = dict(secrets)
        self._open: set[int] = set()
        self._current = -1
        self._laid: tuple[int, list[tuple[float, float, QTextLayout]]] = (-1, [])
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self._title = title
        self._tell()

    def _tell(self) -> None:
        self.setAccessibleName(self._title)
        lines = (f"{name}: {self._shown(at)}" for at, name in enumerate(self._names))
        self.setAccessibleDescription("\n".join(lines))

    def texts(self) -> dict[str, str]:
        """Names and values as they are shown now."""
        return {name: self._shown(at) for at, name in enumerate(self._names)}

    def can_show(self, name: str) -> bool:
        """Is the value of `name` hidden, and was it kept?"""
        return name in self._secrets and name in self._names and self._values[self._names.index(name)] == MASK

    def reveal(self, name: str) -> None:
        """Shows or hides again the value of `name`."""
        if self.can_show(name):
            self._open ^= {self._names.index(name)}
            self._tell()
            self.on_theme_changed()

    def _shown(self, at: int) -> str:
        return self._secrets[self._names[at]] if at in self._open else self._values[at]

    # places

    def on_theme_changed(self) -> None:
        self._laid = (-1, [])
        super().on_theme_changed()

    def _name_width(self, width: int) -> float:
        font = self.theme.fonts.style("code")
        widest = max((paint.text_width(font, name) for name in self._names), default=0)
        return min(max(60, widest + 4), max(NAME, width * NAME_SHARE))

    def _rows(self, width: int) -> list[tuple[float, float, QTextLayout]]:
        """Top, height and laid out text of each row."""
        if self._laid[0] == width:
            return self._laid[1]
        font = self.theme.fonts.style("code")
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        room = max(60.0, width - LEFT - self._name_width(width) - GAP - 24 - self._button_width())
        rows, top = [], 8.0
        for at in range(len(self._names)):
            layout = QTextLayout(printable(self._shown(at)), font)
            layout.setTextOption(option)
            layout.beginLayout()
            height = 0.0
            while (line := layout.createLine()).isValid():
                line.setLineWidth(room)
                line.setPosition(QPointF(0, height))
                height += line.height()
            layout.endLayout()
            height = max(height, self.theme.line_height("code")) + 6
            rows.append((top, height, layout))
            top += height
        self._laid = (width, rows)
        return rows

    def _button_width(self) -> int:
        words = paint.text_width(self.theme.fonts.style("small", 500), "Show")
        return words + 16 if any(map(self.can_show, self._names)) else 0

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = self._rows(width)
        return int(rows[-1][0] + rows[-1][1] + 8) if rows else 0

    def sizeHint(self) -> QSize:
        width = max(self.width(), 320)
        return QSize(320, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 24)

    # painting

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        font, small = self.theme.fonts.style("code"), self.theme.fonts.style("small", 500)
        name_width, line = self._name_width(self.width()), self.theme.line_height("code")
        for at, (top, height, layout) in enumerate(self._rows(self.width())):
            if at == self._current and self.hasFocus():
                area = QRectF(8, top, self.width() - 16, height)
                paint.box(painter, area, color("select.row"), color("focus.ring"), 4, 2)
            area = QRectF(LEFT, top + 3, name_width, line)
            name = paint.cut(font, printable(self._names[at]), name_width, middle=True)
            paint.text(painter, area, name, font, color("text.secondary"))
            hidden = self._values[at] == MASK and at not in self._open
            painter.setPen(color("text.secondary" if hidden else "code.text"))
            layout.draw(painter, QPointF(LEFT + name_width + GAP, top + 3))
            if self.can_show(self._names[at]):
                words = "Hide" if at in self._open else "Show"
                paint.text(painter, self._button(at), words, small, color("text.link"))

    def _button(self, at: int) -> QRectF:
        top = self._rows(self.width())[at][0]
        width = self._button_width()
        return QRectF(self.width() - width - 12, top + 2, width, self.theme.line_height("code") + 2)

    # taking

    def _at(self, y: float) -> int:
        rows = self._rows(self.width())
        return next((at for at, (top, height, _) in enumerate(rows) if top <= y < top + height), -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._current = self._at(event.position().y())
        if self._current >= 0 and self._button(self._current).contains(event.position()):
            self.reveal(self._names[self._current])
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position().y())
        over = at >= 0 and self.can_show(self._names[at]) and self._button(at).contains(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps and self._names:
            wanted = self._current + steps[Qt.Key(event.key())]
            if not 0 <= wanted < len(self._names):
                super().keyPressEvent(event)  # the surrounding page scrolls
                return
            self._current = wanted
            self.update()
        elif event.key() == Qt.Key.Key_Space and self._current >= 0:
            self.reveal(self._names[self._current])
        elif event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            rows = [self._current] if self._current >= 0 else range(len(self._names))
            QGuiApplication.clipboard().setText(
                "\n".join(f"{self._names[at]}: {self._shown(at)}" for at in rows)
            )
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._current < 0 and self._names and event.reason() != Qt.FocusReason.MouseFocusReason:
            self._current = 0
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            at = self._at(event.pos().y())
            if at >= 0:
                hint = self._names[at]
                if self._shown(at) == MASK and not self.can_show(hint):
                    hint += ": hidden. Its value was not kept; Keep tickets for… can switch that on."
                QToolTip.showText(event.globalPos(), printable(hint), self)
            return True
        return super().event(event)
