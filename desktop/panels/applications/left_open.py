"""Which application and files were open the last time; they are opened again (SH-01)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from desktop.shell.preferences import Layout

KEPT = "applications.open"
MOST = 12


@dataclass(frozen=True)
class LeftOpen:
    """What was open: name of the application, its files, and the one shown."""

    application: str = ""
    files: tuple[str, ...] = ()
    shown: str = ""

    def keep(self, layout: Layout) -> None:
        """Keeps it for the next start."""
        layout.save_text(KEPT, json.dumps([self.application, list(self.files[-MOST:]), self.shown]))

    def existing(self) -> LeftOpen:
        """Return it without what is not there any more; looks at the disk."""
        files = tuple(path for path in self.files if Path(path).is_file())
        return LeftOpen(self.application, files, self.shown if self.shown in files else "")


def read(layout: Layout) -> LeftOpen:
    """Return what was kept; nothing when that can't be used."""
    try:
        application, files, shown = json.loads(layout.load_text(KEPT) or "null")
        return LeftOpen(str(application), tuple(map(str, files)), str(shown))
    except (ValueError, TypeError):
        return LeftOpen()
