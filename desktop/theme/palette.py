"""The application palette of a colour scheme, for everything that is not styled otherwise."""

from __future__ import annotations

from PySide6.QtGui import QColor, QPalette

from .tokens import Tokens, channels


def to_color(text: str) -> QColor:
    """The colour of a token value, ``#RRGGBB`` or ``#RRGGBBAA``."""
    return QColor(*channels(text))


def make_palette(tokens: Tokens, scheme: str) -> QPalette:
    """Palette of ``"light"`` or ``"dark"`` from the token file's role tables."""
    palette = QPalette()
    group = QPalette.ColorGroup
    for table, groups in (
        ("palette_roles", (group.Active, group.Inactive, group.Disabled)),
        ("palette_inactive", (group.Inactive,)),
        ("palette_disabled", (group.Disabled,)),
    ):
        for role, name in tokens.value(table).items():
            if not hasattr(QPalette.ColorRole, role):  # "Accent" came with Qt 6.6
                continue
            for each in groups:
                palette.setColor(each, QPalette.ColorRole[role], to_color(tokens.color(scheme, name)))
    return palette
