"""Text styles as factors of the system's own font."""

from __future__ import annotations

from PySide6.QtGui import QFont, QFontDatabase

from .tokens import Tokens

SMALLEST_PT = 8.0  # nothing is set smaller, whatever the system font and zoom are


class Fonts:
    """Fonts by style name (``body``, ``title``, ``code`` ...), cached until the zoom changes.

    Args:
        tokens: source of factors and weights.
        base: the system's font; its size is the measure of every style.
        zoom: extra factor on all text (SH-09).
    """

    def __init__(self, tokens: Tokens, base: QFont, zoom: float = 1.0) -> None:
        self._tokens = tokens
        self._base = QFont(base)
        self._zoom = zoom
        self._cache: dict[tuple[str, int | None], QFont] = {}
        self._mono = self._first_mono()

    def _first_mono(self) -> str:
        present = set(QFontDatabase.families())
        for family in self._tokens.value("font.mono"):
            if family in present:
                return str(family)
        return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()

    @property
    def mono_family(self) -> str:
        """Family of the ``code`` style on this computer."""
        return self._mono

    def points(self, style: str) -> float:
        """Size of a style in points, zoom included."""
        size = self._base.pointSizeF()
        if size <= 0:  # a system font given in pixels
            size = self._base.pixelSize() * 0.75
        factor, _ = self._tokens.font(style)
        return max(SMALLEST_PT, round(size * factor * self._zoom, 2))

    def style(self, name: str, weight: int | None = None) -> QFont:
        """The font of style `name`; `weight` (400, 500, 600) replaces the style's own."""
        key = (name, weight)
        if key not in self._cache:
            self._cache[key] = self._make(name, weight)
        return self._cache[key]

    def _make(self, name: str, weight: int | None) -> QFont:
        font = QFont(self._base)
        font.setPointSizeF(self.points(name))
        font.setWeight(QFont.Weight(weight or self._tokens.font(name)[1]))
        if name == "code":
            font.setFamily(self._mono)
            font.setStyleHint(QFont.StyleHint.Monospace)
            font.setFeature(QFont.Tag("liga"), 0)
            font.setFeature(QFont.Tag("calt"), 0)
        font.setFeature(QFont.Tag(self._tokens.value("font.tabular_feature")), 1)
        return font
