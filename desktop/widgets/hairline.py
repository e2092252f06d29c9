"""The line between parts of a page."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame


def hairline() -> QFrame:
    """A line of one pixel across, in the colour of the style sheet."""
    line = QFrame()
    line.setProperty("line", True)
    line.setFixedHeight(1)
    return line
