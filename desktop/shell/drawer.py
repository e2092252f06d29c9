"""The place under the panels where a drawer is pulled up (UI-LG-09)."""

from __future__ import annotations

from collections.abc import Callable

import shiboken6
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QSplitter, QWidget

from .preferences import Layout

KEPT_HEIGHT, KEPT_OPEN = "drawer.height", "drawer.open"
HEIGHT, LEAST, LEFT = 240, 110, 160
"""Of a drawer at first, of the lowest one, and of what a panel keeps above it."""


class DrawerPlace(QSplitter):
    """The panels, and below them a drawer that is made when it is first opened.

    Args:
        above: what is always seen.
        layout: keeps height and state.

    Signals:
        opened(bool): the drawer was opened or closed.
    """

    opened = Signal(bool)

    def __init__(self, above: QWidget, layout: Layout, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self._above, self._layout = above, layout
        self._make: Callable[[], QWidget] | None = None
        self.drawer: QWidget | None = None
        self.is_open = self._needless = False
        self._before: QWidget | None = None
        self.setObjectName("window.drawer")
        self.setAccessibleName("Panel and drawer")
        self.setChildrenCollapsible(False)
        self.addWidget(above)
        self.setStretchFactor(0, 1)
        self.splitterMoved.connect(self._keep_height)

    def offer(self, make: Callable[[], QWidget]) -> None:
        """Takes what makes the drawer; it is opened if it was open the last time."""
        self._make = make
        if self._layout.load_text(KEPT_OPEN) == "yes":
            self.set_open(True, focus=False)

    def toggle(self) -> None:
        """Opens the drawer and goes into it, or closes it and goes back."""
        self.set_open(not self.is_open)

    def close_drawer(self) -> None:
        """Closes the drawer."""
        self.set_open(False)

    def set_open(self, wanted: bool, focus: bool = True) -> None:
        """Opens or closes the drawer.

        Args:
            focus: the focus goes along, and back to where it was.
        """
        if wanted == self.is_open or self._make is None:
            return
        self.is_open = wanted
        self._layout.save_text(KEPT_OPEN, "yes" if wanted else "no")
        if focus and wanted:
            self._before = QApplication.focusWidget()
        self._show()
        drawer = self.drawer
        if focus and wanted and drawer is not None and drawer.isVisible():
            drawer.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif focus and self._before is not None:
            self._go_back(self._before)
        self.opened.emit(wanted)

    def set_needless(self, needless: bool) -> None:
        """A panel that shows the same itself is seen: an open drawer stays hidden as long."""
        self._needless = needless
        self._show()

    def _show(self) -> None:
        seen = self.is_open and not self._needless
        if seen and self.drawer is None and self._make is not None:
            self.drawer = self._make()
            self.drawer.setMinimumHeight(LEAST)
            self.addWidget(self.drawer)
            self.setStretchFactor(1, 0)
            self.handle(1).setAccessibleName("Edge of the drawer")
        if self.drawer is None:
            return
        self.drawer.setVisible(seen)
        if seen:
            self._share()

    def _share(self) -> None:
        """Gives the drawer the height it had, as far as the panel keeps enough."""
        kept = self._layout.load_text(KEPT_HEIGHT)
        height = int(kept) if kept.isdecimal() else HEIGHT
        whole = self.height() - self.handleWidth()
        height = max(LEAST, min(height, whole - LEFT))
        self.setSizes([max(1, whole - height), height])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.drawer is not None and self.drawer.isVisible():
            self._share()

    def _go_back(self, before: QWidget) -> None:
        self._before = None
        if shiboken6.isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _keep_height(self, _place: int, _handle: int) -> None:
        self._layout.save_text(KEPT_HEIGHT, str(self.sizes()[1]))
