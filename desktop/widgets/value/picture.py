"""A picture kept as bytes, known by its signature; what could run something is none (CA-05, DB-06)."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.theme import Theme
from desktop.widgets.base import Painted

_LARGEST_IMAGE = 8_000_000


def picture(data: bytes) -> QImage | None:
    """The picture of some bytes; None when they are none."""
    signatures = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"RIFF", b"\0\0\1\0")
    if not data.startswith(signatures) or len(data) > _LARGEST_IMAGE:
        return None
    QImageReader.setAllocationLimit(128)
    image = QImage.fromData(data)
    return None if image.isNull() else image


class ImageView(Painted):
    """A picture as large as there is room for, never larger than it is."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._image = QImage()
        self.setAccessibleName("Picture")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_data(self, data: bytes) -> bool:
        """Shows a picture; False when these bytes are none."""
        self._image = picture(data) or QImage()
        size = self._image.size()
        self.setAccessibleDescription(f"{size.width()} by {size.height()} pixels")
        self.update()
        return not self._image.isNull()

    def sizeHint(self) -> QSize:
        return QSize(200, 120)

    def paintEvent(self, event: object) -> None:
        if self._image.isNull():
            return
        room = self.size() - QSize(24, 24)
        size = self._image.size()
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(12, 12, size.width(), size.height()), self._image)
