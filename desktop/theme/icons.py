"""Icons: SVG files tinted when loaded, drawn at the device pixel ratio asked for."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from resources import ROOT

INK = b"#000000"  # the colour in the files that stands for "tint me"


@cache
def _source(folder: str, name: str) -> bytes:
    return Path(ROOT / folder / f"{name}.svg").read_bytes()


def _render(svg: bytes, size: int, ratio: float) -> QPixmap:
    pixmap = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg)).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def ratios() -> list[float]:
    """Device pixels per pixel of the screens there are, and 1."""
    return sorted({1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())})


class Icons:
    """Pixmaps and icons by name, cached by (name, colour, size, ratio)."""

    def __init__(self) -> None:
        self._cache: dict[tuple[str, str, int, float], QPixmap] = {}

    def clear(self) -> None:
        """Forgets every pixmap; called when the theme changes."""
        self._cache.clear()

    def pixmap(self, name: str, color: QColor, size: int = 16, ratio: float = 1.0) -> QPixmap:
        """The icon `name` of ``resources/icons`` in one colour."""
        key = (name, color.name(), size, ratio)
        if key not in self._cache:
            svg = _source("icons", name).replace(INK, color.name().encode())
            self._cache[key] = _render(svg, size, ratio)
        return self._cache[key]

    def draw(
        self, painter: QPainter, name: str, color: QColor, left: float, top: float, size: int = 16
    ) -> None:
        """Paints the icon with its upper left corner at (`left`, `top`)."""
        ratio = painter.device().devicePixelRatioF()
        pixmap = self.pixmap(name, color, size, ratio)
        painter.drawPixmap(QRectF(left, top, size, size), pixmap, QRectF(pixmap.rect()))

    def icon(self, name: str, color: QColor, disabled: QColor, size: int = 16) -> QIcon:
        """A QIcon for menus, with a disabled variant, sharp on the screens there are."""
        icon = QIcon()
        for ratio in ratios():
            icon.addPixmap(self.pixmap(name, color, size, ratio))
            icon.addPixmap(self.pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
        return icon


@cache
def brand_icon(name: str, mask: bool = False, ink: str = "") -> QIcon:
    """A picture of ``resources/brand`` in its own colours; `mask` marks a template for macOS.

    A one-colour picture is drawn in the colour `ink` (``#RRGGBB``) where one is given.

    Needs an application object.
    """
    icon = QIcon()
    source = _source("brand", name).replace(INK, ink.encode()) if ink else _source("brand", name)
    for size in (16, 22, 24, 32, 48, 64, 128, 256):
        icon.addPixmap(_render(source, size, 1.0))
    icon.setIsMask(mask)
    return icon
