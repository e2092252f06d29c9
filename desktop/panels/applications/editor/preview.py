"""Files without text: pictures as such, of others name and size (UI-AP-17)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPixmap
from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.panels.overview.words import number
from desktop.theme import Theme
from desktop.widgets.base import Painted
from desktop.widgets.labels import label

PICTURES = frozenset((".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".ico"))
WITHOUT_TEXT = PICTURES | frozenset(
    (".pdf", ".zip", ".gz", ".tar", ".w2p", ".woff", ".woff2", ".ttf", ".otf", ".eot", ".mp3", ".mp4", ".ogg",
     ".webm", ".wav", ".sqlite", ".db", ".pyc", ".xlsx", ".docx", ".so", ".exe")
)  # fmt: skip
LARGEST = QSize(4_000, 4_000)


def previewed(path: Path) -> bool:
    """Whether a file is shown instead of opened as text."""
    return path.suffix.lower() in WITHOUT_TEXT


class _Picture(Painted):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.pixmap = QPixmap()

    def paintEvent(self, event: object) -> None:
        if self.pixmap.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = QSize(self.pixmap.size())
        if size.width() > self.width() or size.height() > self.height():
            size.scale(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        area = QRectF(
            (self.width() - size.width()) / 2,
            (self.height() - size.height()) / 2,
            size.width(),
            size.height(),
        )
        painter.fillRect(area, self.theme.color("surface.sunken"))
        painter.drawPixmap(area, self.pixmap, QRectF(self.pixmap.rect()))


class Preview(QWidget):
    """One file that is no text."""

    def __init__(self, theme: Theme, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self.setObjectName("applications.preview")
        self.path = Path()
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        self.picture = _Picture(theme)
        self.words = label("", "secondary")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.picture, 1)
        column.addWidget(self.words)

    def show_path(self, path: Path) -> None:
        """Shows another file."""
        self.path = path
        self.picture.pixmap = QPixmap()
        self.words.setText(path.name)
        self._tasks.run(
            lambda _context: read_picture(path),
            owner=self,
            title=f"Looking at {path.name}",
            key="applications.preview",
            reading=True,
            on_done=self._on_read,
        )

    def _on_read(self, found: tuple[Path, str, QImage]) -> None:
        path, words, image = found
        if path == self.path:
            self.words.setText(f"{path.name}: {words}")
            self.picture.setAccessibleName(self.words.text())
            self.picture.pixmap = QPixmap.fromImage(image) if not image.isNull() else QPixmap()
            self.picture.update()


def read_picture(path: Path) -> tuple[Path, str, QImage]:
    """Return what is said of a file without text, and its picture; a null one for other files."""
    try:
        words = f"{number(path.stat().st_size)} bytes"
    except OSError as error:
        return path, str(error.strerror or error), QImage()
    if path.suffix.lower() not in PICTURES:
        return path, words, QImage()
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    shape = reader.size()
    if shape.isValid() and (shape.width() > LARGEST.width() or shape.height() > LARGEST.height()):
        reader.setScaledSize(shape.scaled(LARGEST, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        return path, f"{words}; the picture can't be shown: {reader.errorString()}", image
    return path, f"{shape.width()} × {shape.height()}, {words}", image
