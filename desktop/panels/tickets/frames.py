"""The traceback: frames of the application open, those of libraries folded (TK-06, TK-09)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted
from desktop.theme import Theme, paint
from desktop.widgets.base import PaintedButton
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import CutLabel, Link, label
from desktop.widgets.marks import Pill
from runtime.errors import Frame
from runtime.errors.ticket import relative

from .chips import OwnBadge
from .code import CodeLines
from .model import short_path
from .opened import OpenedTicket
from .pairs import Pairs


class Chevron(PaintedButton):
    """Opens and closes what lies below; takes the words after it as its own."""

    def __init__(self, theme: Theme, words: str, rest: str = "", parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._rest = rest
        self.setText(words)
        self.setAccessibleName(words or rest)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        horizontal = QSizePolicy.Policy.Expanding if words else QSizePolicy.Policy.Fixed
        self.setSizePolicy(horizontal, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(220 if self.text() else 24, max(24, self.theme.line_height() + 6))

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.sizeHint().height())

    def paint_face(self, painter: QPainter) -> None:
        color, middle = self.theme.color, self.height() / 2
        icon = "chevron-down" if self.isChecked() else "chevron-right"
        self.theme.icons.draw(painter, icon, color("text.primary"), 4, middle - 8)
        font = self.theme.fonts.style("body", 500)
        width = paint.text_width(font, self.text())
        paint.text(painter, QRectF(28, 0, width + 2, self.height()), self.text(), font, color("text.primary"))
        rest = QRectF(28 + width + 8, 0, self.width() - width - 36, self.height())
        paint.text(painter, rest, self._rest, self.theme.fonts.style("body"), color("text.secondary"))


class Block(QFrame):
    """A head and a body that folds away, with a hairline below; the body is made when first opened."""

    def __init__(self, chevron: Chevron, make: Callable[[], QWidget], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chevron, self._make = chevron, make
        self._body: QWidget | None = None
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.head = QWidget()
        self.row = QHBoxLayout(self.head)
        self.row.setContentsMargins(12, 6, 16, 6)
        self.row.setSpacing(4)
        self.row.addWidget(chevron)
        self.column.addWidget(self.head)
        self.column.addWidget(hairline())
        self._end = hairline()
        chevron.toggled.connect(self._on_toggled)

    def _on_toggled(self, on: bool) -> None:
        if on and self._body is None:
            self._body = self._make()
            self.column.addWidget(self._body)
            self.column.addWidget(self._end)
        if self._body is not None:
            self._body.setVisible(on)
            self._end.setVisible(on)


class Traceback(QWidget):
    """All frames of a ticket, outermost first.

    Signals:
        file_wanted(str, int): open this file at this line.
    """

    file_wanted = Signal(str, int)

    def __init__(self, theme: Theme, opened: OpenedTicket, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._opened = theme, opened
        self.blocks: list[Block] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        ticket = opened.ticket
        assert ticket is not None
        numbered = list(enumerate(ticket.frames))
        own = [number for number, frame in numbered if frame.own]
        for is_own, run in groupby(numbered, key=lambda pair: pair[1].own):
            frames = list(run)
            if is_own or not own:
                for number, frame in frames:
                    column.addWidget(self._own(number, frame, number == (own or [len(numbered) - 1])[-1]))
            else:
                column.addWidget(self._libraries(frames))
        column.addStretch(1)

    def _own(self, number: int, frame: Frame, is_open: bool) -> QWidget:
        application = self._opened.ticket.application if self._opened.ticket else ""
        shown = short_path(frame.file, application)
        chevron = Chevron(self._theme, "")
        chevron.setAccessibleName(f"{shown}, {frame.function}, line {frame.line}")
        block = Block(chevron, lambda: self._body(number, frame))
        link = Link(self._theme, shown, frame.file)
        link.setToolTip(f"Open {frame.file} at line {frame.line}")
        link.clicked.connect(lambda: self.file_wanted.emit(frame.file, frame.line))
        block.row.addWidget(link)
        words = f"{frame.function}()" if frame.function.isidentifier() else frame.function
        called = CutLabel("secondary")
        called.set_text(words)
        block.row.addWidget(called)
        block.row.addSpacing(6)
        block.row.addWidget(label(f"line {frame.line}", "secondary"))
        block.row.addStretch(1)
        if number in self._opened.now:
            block.row.addWidget(Pill(self._theme, "changed since", "warning-outline", "problem"))
        own = frame.own
        block.row.addWidget(OwnBadge(self._theme, "application") if own else Pill(self._theme, "library"))
        chevron.setChecked(is_open)
        self.blocks.append(block)
        return block

    def _body(self, number: int, frame: Frame) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        recorded: QWidget = CodeLines(self._theme, frame.source, frame.line, frame.file)
        if not frame.source:
            recorded = label("The lines of this file were not recorded.", "secondary", wrap=True)
            recorded.setContentsMargins(24, 8, 16, 8)
        now = self._opened.now.get(number)
        if now is None:
            column.addWidget(recorded)
        else:
            column.addLayout(self._beside(recorded, frame, now))
        if frame.variables:
            column.addWidget(hairline())
            prefix = f"frame {number}/"
            column.addWidget(self._pairs(frame.variables, prefix, f"Variables of {frame.function}"))
        return body

    def _beside(self, recorded: QWidget, frame: Frame, now: Sequence[tuple[int, str]]) -> QHBoxLayout:
        """The code as recorded, and the code now."""
        row = QHBoxLayout()
        row.setSpacing(1)
        current: QWidget = CodeLines(self._theme, now, -1, frame.file)
        if not now:
            current = label("The file is not there any more, or is shorter now.", "secondary", wrap=True)
            current.setContentsMargins(16, 8, 16, 8)
        for words, part in (("As recorded", recorded), ("The file now", current)):
            side = QVBoxLayout()
            side.setSpacing(0)
            caption = label(words, "caption")
            caption.setContentsMargins(16, 6, 16, 4)
            side.addWidget(caption)
            side.addWidget(part)
            side.addStretch(1)
            row.addLayout(side, 1)
        return row

    def _pairs(self, values: dict[str, str], prefix: str, title: str) -> Pairs:
        secrets = {
            path.removeprefix(prefix): value
            for path, value in self._opened.secrets.items()
            if path.startswith(prefix)
        }
        return Pairs(self._theme, values, secrets, title)

    def _libraries(self, frames: list[tuple[int, Frame]]) -> QWidget:
        names = list(dict.fromkeys(_library(frame.file) for _, frame in frames))
        chevron = Chevron(self._theme, counted(len(frames), "library frame"), ", ".join(names))
        block = Block(chevron, lambda: self._library_body(frames))
        self.blocks.append(block)
        return block

    def _library_body(self, frames: list[tuple[int, Frame]]) -> QWidget:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(28, 0, 0, 0)
        column.setSpacing(0)
        for number, frame in frames:
            column.addWidget(self._own(number, frame, False))
        return body


def _library(path: str) -> str:
    """Return the name of the package a file belongs to, as people know it."""
    parts = relative(path).replace("\\", "/").split("/")
    for marker in ("site-packages", "lib-dynload"):
        if marker in parts[:-1]:
            return parts[parts.index(marker) + 1].removesuffix(".py")
    if "runtime" in parts[:-1]:
        at = len(parts) - 1 - parts[::-1].index("runtime")
        return ".".join(["hadron", *parts[at + 1 : at + 2]]).removesuffix(".py")
    return parts[-1].removesuffix(".py")
