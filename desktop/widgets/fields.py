"""Fields with a label above and a line for faults below; choices; steppers; password fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QVBoxLayout, QWidget

from desktop.theme import Theme, paint
from desktop.theme.theme import restyle

from .base import Painted, PaintedButton
from .buttons import IconButton
from .labels import label
from .marks import StateMark


class FaultLine(QWidget):
    """Mark and sentence below a field; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.setSpacing(6)
        self._mark = StateMark(theme, 14)
        self.words = label("", "fault", wrap=True)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        self.hide()

    def say(self, sentence: str, tone: str = "fault") -> None:
        """Shows `sentence` as ``fault``, ``hint`` or ``good``; an empty one hides the line."""
        shape, status = {
            "fault": ("mark-cross-small", "failed"),
            "hint": ("mark-triangle-bang", "problem"),
            "good": ("check", "serving"),
        }[tone]
        self._mark.show_state(shape, status, tone)
        self.words.setText(sentence)
        restyle(self.words, tone=tone)
        self.setVisible(bool(sentence))


class Labelled(QWidget):
    """A caption, a control, and the fault line that belongs to it.

    Args:
        theme: where its colours come from.
        caption: name of the field, also its accessible name.
        control: the field itself.
        beside: controls to its right.
    """

    def __init__(
        self,
        theme: Theme,
        caption: str,
        control: QWidget,
        beside: Sequence[QWidget] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.control = control
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.caption = label(caption, "caption")
        self.caption.setBuddy(control)
        if not control.accessibleName():
            control.setAccessibleName(caption)
        column.addWidget(self.caption)
        row = QHBoxLayout()
        row.setSpacing(6)
        fixed = control.sizePolicy().horizontalPolicy() == QSizePolicy.Policy.Fixed
        row.addWidget(control, 0 if fixed else 1)
        if fixed:
            row.addStretch(1)
        for each in beside:
            row.addWidget(each)
        column.addLayout(row)
        self.fault = FaultLine(theme)
        column.addWidget(self.fault)
        column.addStretch(1)

    def say(self, sentence: str, tone: str = "fault") -> None:
        """Shows a fault, hint or good word for the field and links it by accessible description."""
        self.fault.say(sentence, tone)
        self.control.setAccessibleDescription(sentence)
        restyle(self.control, invalid=bool(sentence) and tone == "fault")


class PasswordField(QLineEdit):
    """A line that hides what is typed until *Show* is asked for."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.reveal = IconButton(theme, "eye", "Show the password")
        self.reveal.setCheckable(True)
        self.reveal.toggled.connect(self._on_reveal)

    def _on_reveal(self, on: bool) -> None:
        self.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        self.reveal.set_name("Hide the password" if on else "Show the password")


class Choice(PaintedButton):
    """One of a few words, chosen from a menu.

    Signals:
        chosen(str): the user picked another value.
    """

    chosen = Signal(str)

    def __init__(
        self,
        theme: Theme,
        name: str,
        options: Sequence[tuple[str, str]],
        parent: QWidget | None = None,
        icon: str = "",
    ) -> None:
        super().__init__(theme, parent)
        self._name, self._icon = name, icon
        self._options = list(options)
        self._value = self._options[0][0]
        self._menu = QMenu(self)
        self._group = QActionGroup(self._menu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.clicked.connect(self._open)
        self._fill()

    def set_options(self, options: Sequence[tuple[str, str]], value: str) -> None:
        """Replaces the (value, words) pairs and the value."""
        self._options = list(options)
        self._value = value
        self._fill()

    def value(self) -> str:
        """The chosen value."""
        return self._value

    def set_value(self, value: str) -> None:
        """Shows `value` without telling anybody."""
        if value != self._value and any(value == known for known, _ in self._options):
            self._value = value
            self._fill()

    def _fill(self) -> None:
        self._menu.clear()
        for value, words in self._options:
            action = QAction(words, self._menu, checkable=True, checked=value == self._value)
            action.setData(value)
            self._group.addAction(action)
            action.triggered.connect(self._on_picked)
            self._menu.addAction(action)
        words = dict(self._options).get(self._value, "")
        self.setText(words)
        self.setAccessibleName(f"{self._name}: {words}")
        self.update()

    def _on_picked(self) -> None:
        value = cast(QAction, self.sender()).data()
        if value != self._value:
            self._value = value
            self._fill()
            self.chosen.emit(value)

    def _open(self) -> None:
        self._menu.setMinimumWidth(self.width())
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height() + 2)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self._open()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        font = self.theme.fonts.style("body")
        widest = max(paint.text_width(font, words) for _, words in self._options)
        return QSize(widest + 46 + (24 if self._icon else 0), self.theme.size("input"))

    def minimumSizeHint(self) -> QSize:
        return QSize(min(140, self.sizeHint().width()), self.theme.size("input"))

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isEnabled()
        fill = "surface.raised" if on else "surface.base"
        border = "border.hairline" if not on else "text.secondary" if self.hovered else "border.control"
        paint.box(painter, self.rect(), color(fill), color(border), self.radius)
        ink = color("text.primary" if on else "text.disabled")
        middle = self.height() / 2
        left = 10
        if self._icon:
            self.theme.icons.draw(painter, self._icon, ink, left - 1, middle - 8)
            left += 21
        area = self.rect().adjusted(left, 0, -26, 0)
        paint.text(painter, area, self.text(), self.theme.fonts.style("body"), ink)
        self.theme.icons.draw(painter, "chevron-down", ink, self.width() - 23, middle - 8)


class Stepper(Painted):
    """Minus, a number, plus in one frame; the wheel does nothing without focus.

    Signals:
        value_changed(int): the user changed the number.
    """

    value_changed = Signal(int)
    PART = 30

    def __init__(
        self,
        theme: Theme,
        name: str,
        lowest: int,
        highest: int,
        by: int = 1,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(theme, parent)
        self._name, self._range, self._value, self._by = name, (lowest, highest), lowest, by
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._announce()

    def value(self) -> int:
        """The number shown."""
        return self._value

    def set_value(self, value: int) -> None:
        """Shows `value` within the limits without telling anybody."""
        self._value = max(self._range[0], min(self._range[1], value))
        self._announce()
        self.update()

    def _announce(self) -> None:
        self.setAccessibleName(f"{self._name}: {self._value}")
        self.setToolTip(f"{self._name}, {self._range[0]} to {self._range[1]}")

    def _step(self, by: int) -> None:
        before = self._value
        self.set_value(before + by * self._by)
        if self._value != before:
            self.value_changed.emit(self._value)

    def sizeHint(self) -> QSize:
        digits = paint.text_width(self.theme.fonts.style("body", 600), "0000")
        return QSize(2 * self.PART + digits, self.theme.size("input"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Plus: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_Minus: -1}
        if event.key() in steps:
            self._step(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus() and event.angleDelta().y():
            self._step(1 if event.angleDelta().y() > 0 else -1)
            event.accept()
        else:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if x < self.PART:
            self._step(-1)
        elif x > self.width() - self.PART:
            self._step(1)

    def paintEvent(self, event: object) -> None:
        painter, color = QPainter(self), self.theme.color
        on, rect = self.isEnabled(), QRectF(self.rect())
        edge = "border.control" if on else "border.hairline"
        paint.box(painter, rect, color("surface.raised" if on else "surface.base"), color(edge), 6)
        line = color("border.default" if on else "border.hairline")
        for left in (self.PART, self.width() - self.PART):
            paint.hairline(painter, left, 1, self.height() - 2, line, upright=True)
        middle = self.height() / 2 - 8
        for icon, left, limit in (("minus", 7, self._range[0]), ("plus", self.width() - 23, self._range[1])):
            ink = "text.primary" if on and self._value != limit else "text.disabled"
            self.theme.icons.draw(painter, icon, color(ink), left, middle)
        number = rect.adjusted(self.PART, 0, -self.PART, 0)
        number_ink = color("text.primary" if on else "text.disabled")
        center = Qt.AlignmentFlag.AlignHCenter
        paint.text(painter, number, str(self._value), self.theme.fonts.style("body", 600), number_ink, center)
        if self.hasFocus():
            paint.box(painter, rect, None, color("focus.ring"), 6, 2)


class Segment(PaintedButton):
    """Two or three words in one box, one of them on; arrow keys choose.

    Signals:
        chosen(str): the user picked another value.
    """

    chosen = Signal(str)

    def __init__(
        self, theme: Theme, name: str, options: Sequence[tuple[str, str]], parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self._name, self._options, self._value = name, list(options), options[0][0]
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._announce()

    def value(self) -> str:
        """The chosen value."""
        return self._value

    def set_value(self, value: str) -> None:
        """Shows `value` without telling anybody."""
        if any(value == known for known, _ in self._options):
            self._value = value
            self._announce()
            self.update()

    def _announce(self) -> None:
        self.setAccessibleName(f"{self._name}: {dict(self._options)[self._value]}")

    def _widths(self) -> list[int]:
        font = self.theme.fonts.style("body", 500)
        return [paint.text_width(font, words) + 28 for _, words in self._options]

    def sizeHint(self) -> QSize:
        return QSize(sum(self._widths()) + 2, self.theme.size("button"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _choose(self, at: int) -> None:
        value = self._options[max(0, min(len(self._options) - 1, at))][0]
        if value != self._value:
            self.set_value(value)
            self.chosen.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = 1
        for at, width in enumerate(self._widths()):
            if left <= event.position().x() < left + width:
                self._choose(at)
            left += width

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = [value for value, _ in self._options].index(self._value)
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._choose(at - 1)
        elif event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._choose(at + 1)
        else:
            super().keyPressEvent(event)

    def paint_face(self, painter: QPainter) -> None:
        color = self.theme.color
        paint.box(painter, self.rect(), color("surface.raised"), color("border.control"), self.radius)
        left = 1
        for (value, words), width in zip(self._options, self._widths(), strict=True):
            part = QRectF(left, 1, width, self.height() - 2)
            on = value == self._value
            if on:
                inner = part.adjusted(2, 2, -2, -2)
                paint.box(painter, inner, color("accent.tint"), color("accent.border"), self.radius - 2)
            ink = color("accent.text" if on else "text.primary" if self.isEnabled() else "text.disabled")
            font = self.theme.fonts.style("body", 500)
            paint.text(painter, part, words, font, ink, Qt.AlignmentFlag.AlignHCenter)
            left += width
