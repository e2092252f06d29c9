"""How an application keeps its tickets: ``errors/.settings.json`` (TK-08, TK-22)."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from runtime.errors.ticket import TicketError
from runtime.foundation.files import write_atomic

FILE = ".settings.json"


@dataclass(frozen=True, slots=True)
class TicketSettings:
    """Retention and secrets of an application's tickets.

    Attributes:
        keep_days: older tickets go to the bin; None keeps them.
        keep_count: tickets beyond the newest so many go to the bin; None keeps them.
        keep_secrets: hidden values are also written, into a file that only its owner may read.
    """

    keep_days: float | None = None
    keep_count: int | None = None
    keep_secrets: bool = False

    def check(self) -> None:
        """Raise `TicketError` when a value makes no sense."""
        if self.keep_days is not None and not 0 < self.keep_days <= 36500:
            raise TicketError(f"tickets can be kept for 1 to 36500 days, not for {self.keep_days:g}")
        if self.keep_count is not None and not 0 < self.keep_count <= 10_000_000:
            raise TicketError(f"1 to 10000000 tickets can be kept, not {self.keep_count}")


def read_settings(folder: str | os.PathLike[str]) -> TicketSettings:
    """Return the settings of the application in `folder`; what is missing or wrong is as by default."""
    try:
        data: Any = json.loads((Path(folder) / "errors" / FILE).read_bytes())
        days, count = data.get("keep_days"), data.get("keep_count")
        found = TicketSettings(
            float(days) if days is not None else None,
            int(count) if count is not None else None,
            data.get("keep_secrets") is True,
        )
        found.check()
    except (OSError, ValueError, TypeError, AttributeError, TicketError):
        return TicketSettings()
    return found


def write_settings(folder: str | os.PathLike[str], settings: TicketSettings) -> None:
    """Write the settings of the application in `folder`.

    Raises:
        TicketError: a value makes no sense, or the file can not be written.
    """
    settings.check()
    path = Path(folder) / "errors" / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps(asdict(settings), indent=1))
    except OSError as error:
        raise TicketError(f"{path} can not be written: {error.strerror}") from error
