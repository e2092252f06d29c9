"""What the window asks of the stores of options and of places, and stores in memory for tests and tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal

from desktop.settings.schema import BY_NAME, option


class Preferences(Protocol):
    """A store of options by dotted name; reading and writing never waits for the disk."""

    changed: Any  # Signal(str, object): name and new value

    def get(self, name: str, default: Any = None) -> Any:
        """The value of `name`, or `default`."""

    def set(self, name: str, value: Any) -> None:
        """Keeps `value`; tells `changed` if it differs."""

    def reset(self, name: str) -> None:
        """Back to the default; tells `changed` if that differs."""

    def source(self, name: str) -> str:
        """Where the value comes from: "default", "settings", or what forces it for this run."""


class Layout(Protocol):
    """A store of sizes, places and the like: texts by key."""

    def load_text(self, key: str, default: str = "") -> str:
        """The text kept under `key`."""

    def save_text(self, key: str, value: str) -> None:
        """Keeps a text."""

    def forget(self, is_meant: Callable[[str], bool]) -> None:
        """Forgets what is kept under the keys that `is_meant` says."""

    def flush(self) -> None:
        """Writes what is not written yet."""


class MemoryPreferences(QObject):
    """Options that are forgotten at the end."""

    changed = Signal(str, object)

    def __init__(self, values: dict[str, Any] | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._values = dict(values or {})

    def get(self, name: str, default: Any = None) -> Any:
        """The value of `name`, or `default`."""
        return self._values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        """Keeps `value`; tells `changed` if it differs."""
        default = BY_NAME[name].default if name in BY_NAME else None
        if self._values.get(name, default) != value:
            self._values[name] = value
            self.changed.emit(name, value)

    def reset(self, name: str) -> None:
        """Back to the default; tells `changed` if that differs."""
        if name in self._values:
            del self._values[name]
            self.changed.emit(name, option(name).default)

    def source(self, name: str) -> str:
        """Tells "settings" for what was chosen, else "default"."""
        return "settings" if name in self._values else "default"


class MemoryLayout:
    """Places that are forgotten at the end."""

    def __init__(self, texts: dict[str, str] | None = None) -> None:
        self.texts = dict(texts or {})

    def load_text(self, key: str, default: str = "") -> str:
        """The text kept under `key`."""
        return self.texts.get(key, default)

    def save_text(self, key: str, value: str) -> None:
        """Keeps a text."""
        self.texts[key] = value

    def forget(self, is_meant: Callable[[str], bool]) -> None:
        """Forgets what is kept under the keys that `is_meant` says."""
        self.texts = {key: text for key, text in self.texts.items() if not is_meant(key)}

    def flush(self) -> None:
        """There is nothing to write."""
