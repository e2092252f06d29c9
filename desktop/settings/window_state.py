"""Sizes and places of windows, kept apart from what a person sets (SH-01)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from desktop.settings.store import config_folder

FILE_NAME = "window.ini"


class WindowState:
    """Bytes and text by key, such as `QMainWindow.saveState` makes them.

    Args:
        folder: of the file; default that of the user's settings.
    """

    def __init__(self, folder: Path | None = None) -> None:
        path = (folder or config_folder()) / FILE_NAME
        self._file = QSettings(str(path), QSettings.Format.IniFormat)

    def load(self, key: str) -> QByteArray | None:
        """The bytes kept under `key`, or None."""
        value = self._file.value(key)
        return value if isinstance(value, QByteArray) else None

    def save(self, key: str, value: QByteArray | bytes) -> None:
        """Keep bytes; written soon, and at the end."""
        self._file.setValue(key, QByteArray(value))

    def load_text(self, key: str, default: str = "") -> str:
        """The text kept under `key`."""
        value = self._file.value(key)
        return value if isinstance(value, str) else default

    def save_text(self, key: str, value: str) -> None:
        """Keep text."""
        self._file.setValue(key, value)

    def forget(self, is_meant: Callable[[str], bool]) -> None:
        """Forget what is kept under the keys that `is_meant` says."""
        for key in self._file.allKeys():
            if is_meant(key):
                self._file.remove(key)

    def flush(self) -> None:
        """Write now."""
        self._file.sync()
