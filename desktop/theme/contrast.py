"""High contrast: every token takes a colour of the system's palette, or of black and white (SH-22)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPalette

from .tokens import Tokens

Group, Role = QPalette.ColorGroup, QPalette.ColorRole

# first match counts; what is told by colour elsewhere is told by mark, word and edge here
_ROLES = (
    ("text.on_accent", Role.HighlightedText),
    ("text.link", Role.Link),
    ("text.", Role.WindowText),
    ("accent.text", Role.WindowText),
    ("accent.border", Role.WindowText),
    ("accent.tint", Role.Base),
    ("accent.", Role.Highlight),
    ("danger.", Role.Highlight),
    ("focus.ring", Role.Highlight),
    ("select.mark", Role.Highlight),
    ("select.", Role.AlternateBase),
    ("border.", Role.WindowText),
    ("scroll.", Role.WindowText),
    ("surface.window", Role.Window),
    ("surface.hover", Role.AlternateBase),
    ("surface.pressed", Role.AlternateBase),
    ("surface.", Role.Base),
    ("code.background", Role.Base),
    ("code.gutter", Role.Base),
    ("code.current_line", Role.AlternateBase),
    ("code.error_line", Role.AlternateBase),
    ("code.bracket_match", Role.AlternateBase),
    ("chart.fill", Role.Base),
)
_KEPT = ("scrim", "shadow")


def system_wants_contrast(app: QGuiApplication) -> bool:
    """Whether the person asked the system for high contrast; Qt tells it from 6.10 on."""
    hints = app.styleHints()
    if not hasattr(hints, "accessibility"):
        return False
    return bool(hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast)


def plain_palette(scheme: str) -> QPalette:
    """Black on white or white on black, for systems without colours of their own for high contrast."""
    dark = scheme == "dark"
    ground, ink = (Qt.GlobalColor.black, Qt.GlobalColor.white)[:: 1 if dark else -1]
    mark = Qt.GlobalColor.yellow if dark else Qt.GlobalColor.darkBlue
    palette = QPalette()
    for role in (Role.Window, Role.Base):
        palette.setColor(role, ground)
    for role in (Role.WindowText, Role.Text):
        palette.setColor(role, ink)
    palette.setColor(Role.AlternateBase, Qt.GlobalColor.darkBlue if dark else Qt.GlobalColor.yellow)
    palette.setColor(Role.Highlight, mark)
    palette.setColor(Role.HighlightedText, ground)
    palette.setColor(Role.Link, mark)
    palette.setColor(
        Group.Disabled, Role.WindowText, Qt.GlobalColor.gray if dark else Qt.GlobalColor.darkGray
    )
    return palette


def contrast_tokens(tokens: Tokens, palette: QPalette) -> Tokens:
    """`tokens` with every colour taken from `palette`; marks, texts and edges all stand out the same."""

    def color_of(name: str, present: str) -> str:
        if name in _KEPT:
            return present
        if name == "text.disabled":
            return palette.color(Group.Disabled, Role.WindowText).name()
        if name.endswith(".tint"):
            return palette.color(Role.Base).name()
        role = next((role for prefix, role in _ROLES if name.startswith(prefix)), Role.WindowText)
        return palette.color(role).name()

    return tokens.recolored(color_of)
