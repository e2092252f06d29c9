"""Filter chips with counts; those without room go into a menu (TR-03)."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from desktop.theme import Theme, paint
from desktop.widgets.base import PaintedButton
from desktop.widgets.buttons import popup_below

from .model import State
from .table import LOOK, state_color

WORDS: dict[State | None, str] = {
    None: "All",
    State.UNTRANSLATED: "Untranslated",
    State.WARNING: "Warnings",
    State.NEW: "New",
    State.UNUSED: "Unused",
    State.SAME: "Same on purpose",
    State.TRANSLATED: "Translated",
}
GAP = 8


class Chip(PaintedButton):
    """A pill with mark, word and count; one of a row is on."""

    def __init__(
        self, theme: Theme, state: State | None, words: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(theme, parent)
        self.state, self.count = state, 0
        self.setText(words or WORDS[state])
        self.setCheckable(state is not None or not words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.show_count(0)

    def show_count(self, count: int) -> None:
        """Sets the number."""
        self.count = count
        self.setAccessibleName(f"{self.text()}: {count}")
        self.updateGeometry()
        self.update()

    def _number(self) -> str:
        return f"{self.count:,}".replace(",", "\u2009")

    def sizeHint(self) -> QSize:
        fonts = self.theme.fonts
        width = paint.text_width(fonts.style("body", 500), self.text()) + 24
        width += paint.text_width(fonts.style("body", 600), self._number()) + 8
        return QSize(width + (22 if self.state is not None else 0), self.theme.size("chip"))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paint_face(self, painter: QPainter) -> None:
        color, on = self.theme.color, self.isChecked()
        rect = QRectF(self.rect())
        self.radius = rect.height() / 2
        fill = "accent.tint" if on else "surface.hover" if self.hovered else "surface.raised"
        paint.box(painter, rect, color(fill), color("accent.border" if on else "border.default"), self.radius)
        left = 12.0
        if self.state is not None:
            mark = color(state_color(self.state))
            self.theme.icons.draw(painter, LOOK[self.state][0], mark, left - 2, rect.center().y() - 8)
            left += 20
        font = self.theme.fonts.style("body", 500)
        ink = color("accent.text" if on else "text.secondary")
        paint.text(painter, QRectF(left, 0, rect.width(), rect.height()), self.text(), font, ink)
        left += paint.text_width(font, self.text()) + 8
        bold = self.theme.fonts.style("body", 600)
        number = color("accent.text" if on else "text.primary")
        paint.text(painter, QRectF(left, 0, rect.width() - left, rect.height()), self._number(), bold, number)


class ChipRow(QWidget):
    """All chips on one line.

    Signals:
        chosen(object): the State that is wanted, None for all.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Filter by state")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chips = {state: Chip(theme, state, parent=self) for state in WORDS}
        for state, chip in self.chips.items():
            name = "all" if state is None else state.name.lower()
            chip.setObjectName(f"translations.filter.{name}")
            chip.clicked.connect(self._on_clicked)
        self.chips[None].setChecked(True)
        self.more = Chip(theme, None, "more", self)
        self.more.setCheckable(False)
        self.more.setObjectName("translations.filter.more")
        self.more.clicked.connect(self._open_more)
        self._menu = QMenu(self)
        self._hidden: list[Chip] = []
        self._on = True
        theme.changed.connect(self._on_theme)

    def value(self) -> State | None:
        """The state that is filtered for."""
        return next((state for state, chip in self.chips.items() if chip.isChecked()), None)

    def set_value(self, state: State | None) -> None:
        """Chooses a chip without telling."""
        for each, chip in self.chips.items():
            chip.setChecked(each is state)
        self._place()

    def show_counts(self, total: int, counts: Mapping[State, int]) -> None:
        """Sets all numbers."""
        for state, chip in self.chips.items():
            chip.show_count(total if state is None else counts[state])
        self._place()

    def show_chips(self, on: bool) -> None:
        """Shows the chips, or keeps their room empty."""
        self._on = on
        self._place()

    def _on_clicked(self) -> None:
        chip = self.sender()
        if isinstance(chip, Chip):
            self._choose(chip.state)

    def _choose(self, state: State | None) -> None:
        self.set_value(state)
        self.chosen.emit(state)

    def _open_more(self) -> None:
        self._menu.clear()
        for chip in self._hidden:
            action = self._menu.addAction(f"{chip.text()}  {chip.count}")
            action.triggered.connect(lambda _on=False, state=chip.state: self._choose(state))
        popup_below(self._menu, self.more)

    def sizeHint(self) -> QSize:
        width = sum(chip.sizeHint().width() + GAP for chip in self.chips.values())
        return QSize(width, self._theme.size("chip"))

    def minimumSizeHint(self) -> QSize:
        least = self.chips[None].sizeHint().width() + GAP + self.more.sizeHint().width()
        return QSize(least, self._theme.size("chip"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def _on_theme(self) -> None:
        self.updateGeometry()
        self._place()

    def _place(self) -> None:
        wanted = list(self.chips.values())
        chosen = self.chips[self.value()]
        order = [wanted[0], *([chosen] if chosen is not wanted[0] else [])]
        order += [chip for chip in wanted if chip not in order]
        room = self.width()
        shown: list[Chip] = []
        whole = sum(chip.sizeHint().width() + GAP for chip in wanted) - GAP
        spare = 0 if whole <= room else self.more.sizeHint().width() + GAP
        used = spare
        for chip in order:
            used += chip.sizeHint().width() + GAP
            if used - GAP > room and shown:
                break
            shown.append(chip)
        self._hidden = [chip for chip in wanted if chip not in shown]
        self.more.show_count(len(self._hidden))
        self.more.setVisible(self._on and bool(self._hidden))
        for chip in wanted:
            chip.setVisible(self._on and chip in shown)
        left = 0
        mirrored = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        for chip in [*(chip for chip in wanted if chip in shown), self.more]:
            size = chip.sizeHint()
            at = room - left - size.width() if mirrored else left
            chip.setGeometry(at, (self.height() - size.height()) // 2, size.width(), size.height())
            left += size.width() + GAP
