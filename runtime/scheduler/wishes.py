"""What `-K` says: which workers are wanted (CLI-33..35)."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.foundation.paths import APPLICATION_NAME
from runtime.foundation.problems import UserError


@dataclass(frozen=True)
class WorkerWish:
    """One worker: an application, and groups instead of those of its scheduler."""

    application: str
    groups: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ":".join((self.application, *self.groups))


def parse_wish(text: str) -> WorkerWish:
    """Read ``app`` or ``app:group1:group2``.

    Raises:
        UserError: it is something else.
    """
    application, *groups = text.strip().split(":")
    if not APPLICATION_NAME.fullmatch(application):
        raise UserError(f"{application!r} is no name of an application (workers: app1:group1:group2,app2)")
    if not all(groups):
        raise UserError(f"{text!r}: a group has no name (workers: app1:group1:group2,app2)")
    return WorkerWish(application, tuple(groups))


def parse_wishes(text: str) -> list[WorkerWish]:
    """Read ``app1:group1:group2,app2``; an application named twice means two workers (CLI-35).

    Raises:
        UserError: it is something else.
    """
    return [parse_wish(part) for part in text.split(",")]
