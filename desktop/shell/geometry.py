"""Where the window was, and whether that place still exists (SH-01)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect

VISIBLE = 80  # pixels of a window's top edge that have to lie on a screen
LEAST = 100  # a smaller kept size is a mistake


def to_text(rect: QRect) -> str:
    """A rectangle as "left top width height"."""
    return f"{rect.x()} {rect.y()} {rect.width()} {rect.height()}"


def placed(kept: str, screens: Sequence[QRect]) -> QRect | None:
    """The kept rectangle, no larger than the screen it lies on; None if it is on no present screen or broken.

    Args:
        kept: what :func:`to_text` made, or anything else.
        screens: usable areas of the present screens.
    """
    try:
        left, top, width, height = (int(part) for part in kept.split())
    except ValueError:
        return None
    if width < LEAST or height < LEAST or max(map(abs, (left, top, width, height))) > 2**20:
        return None
    edge = QRect(left, top, width, VISIBLE)
    for screen in screens:
        seen = edge.intersected(screen)
        if seen.width() >= VISIBLE and seen.height() >= VISIBLE // 2:
            return QRect(left, top, min(width, screen.width()), min(height, screen.height()))
    return None
