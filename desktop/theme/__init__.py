"""How Hadron looks: tokens, palette, style sheet, style, icons, fonts and paint helpers.

Colours exist in this package only; everything else names a token.
"""

from .theme import DENSITIES, SCHEMES, ZOOM_STEPS, Theme

__all__ = ["DENSITIES", "SCHEMES", "ZOOM_STEPS", "Theme"]
