"""Links between panels: whoever names a thing can open it, without knowing the panel that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

KINDS: dict[str, str] = {
    "application": "application",
    "action": "application controller function",
    "file": "path line application",
    "pack": "source",
    "ticket": "application ticket",
    "tickets": "filter",
    "request": "request",
    "task": "application database id",
    "run": "application database id",
    "key": "store key application",
    "table": "application database table filter controller",
    "record": "application database table id",
    "log": "time source",
    "language": "application language key",
}
"""What can be linked to, and the names of the data that say which one."""


class Links(QObject):
    """Opens things by kind; the panel that shows a kind has registered a handler for it.

    Signals:
        opening(str): a link of this kind is about to be followed.
        opened(str, dict): it was followed.
        noted(str, dict, bool): the person came there without a link; the place before was but a step to it.
    """

    opening = Signal(str)
    opened = Signal(str, dict)
    noted = Signal(str, dict, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._handlers: dict[str, Callable[..., object]] = {}

    def register(self, kind: str, handler: Callable[..., object]) -> None:
        """Lets `handler` open things of `kind`; it takes the data of `KINDS` by name.

        Raises:
            ValueError: the kind does not exist, or has a handler already.
        """
        if kind not in KINDS:
            raise ValueError(f"There is no kind of link {kind!r}.")
        if kind in self._handlers:
            raise ValueError(f"Links of kind {kind!r} have a handler already.")
        self._handlers[kind] = handler

    def can(self, kind: str) -> bool:
        """Whether something opens links of `kind`."""
        return kind in self._handlers

    def open(self, kind: str, **data: Any) -> bool:
        """Follows a link; False when nothing opens its kind.

        Raises:
            ValueError: `data` has a name that the kind does not know.
        """
        unknown = set(data) - set(KINDS.get(kind, "").split())
        if unknown:
            raise ValueError(f"A link of kind {kind!r} has no {', '.join(sorted(unknown))}.")
        handler = self._handlers.get(kind)
        if handler is None:
            return False
        self.opening.emit(kind)
        handler(**data)
        self.opened.emit(kind, data)
        return True

    def note(self, kind: str, passing: bool = False, **data: Any) -> None:
        """Tells that what a link of `kind` leads to is shown now, so that Back comes here again.

        Args:
            passing: the place before this one was but a step to it, as a word that was not typed to its end.
        """
        self.noted.emit(kind, data, passing)
