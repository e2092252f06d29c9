"""What the window asks of the store of settings, and a store in memory for tests and tools."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import QObject, Signal


class Preferences(Protocol):
    """A store of options by dotted name; reading and writing never waits for the disk."""

    changed: Any  # Signal(str, object): name and new value

    def get(self, name: str, default: Any = None) -> Any:
        """The value of `name`, or `default`."""

    def set(self, name: str, value: Any) -> None:
        """Keeps `value`; tells `changed` if it differs."""


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
        if self._values.get(name) != value:
            self._values[name] = value
            self.changed.emit(name, value)
