"""Going through the parts of a window by keyboard (F6)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from .sidebar import SideItem


def step_pane(panes: Sequence[QWidget], focused: QWidget | None, step: int) -> None:
    """Moves the focus to the next part (`step` 1), or the one before (-1), that can take it."""
    holder = (at for at, pane in enumerate(panes) if focused is not None and pane.isAncestorOf(focused))
    at = next(holder, -1 if step > 0 else 0)
    for distance in range(1, len(panes) + 1):
        target = first_control(panes[(at + step * distance) % len(panes)])
        if target is not None:
            target.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return


def first_control(pane: QWidget) -> QWidget | None:
    """The first control of `pane` in tab order that takes the focus; a checked item goes first."""
    candidates = []
    widget = pane.nextInFocusChain()
    while widget is not pane and widget is not None:
        usable = pane.isAncestorOf(widget) and widget.isVisible() and widget.isEnabled()
        if usable and Qt.FocusPolicy.TabFocus & widget.focusPolicy():
            candidates.append(widget)
        widget = widget.nextInFocusChain()
    checked = [each for each in candidates if isinstance(each, SideItem) and each.isChecked()]
    return next(iter(checked or candidates), None)
