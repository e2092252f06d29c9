"""Where the window was, and whether that place still exists (SH-01)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QPoint, QRect, QSize

DEFAULT_SIZE = QSize(1280, 800)
FRAME = QMargins(2, 34, 2, 4)  # of a usual window manager, as long as the real one is not known
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


def first_place(screen: QRect) -> QRect:
    """Where a window opens that has no kept place: in the middle, its frame on the screen as well."""
    room = screen.marginsRemoved(FRAME)
    rect = QRect(QPoint(), DEFAULT_SIZE.boundedTo(room.size()))
    rect.moveCenter(room.center())
    return rect


def within(inner: QRect, frame: QMargins, screen: QRect) -> QRect:
    """`inner` so that it and its frame lie on the screen where they fit, else no larger than the screen.

    Args:
        inner: the window without its frame.
        frame: widths of the frame's sides.
        screen: usable area of the screen.
    """
    room = screen.marginsRemoved(frame)
    rect = QRect(inner.topLeft(), inner.size().boundedTo(room.size()))
    rect.moveLeft(max(room.left(), min(rect.left(), room.right() + 1 - rect.width())))
    rect.moveTop(max(room.top(), min(rect.top(), room.bottom() + 1 - rect.height())))
    return rect
