"""All logs that there are for the window: those of the site, and its own (LG-01)."""

from __future__ import annotations

from pathlib import Path

from desktop.settings.folders import data_folder
from runtime.admin.logs import sources

from .run import desktop_log


def logs_of(site: Path) -> dict[str, Path]:
    """The logs of a site by name, and that of its window."""
    own = desktop_log(data_folder(), site)
    return sources(site) | ({"desktop": own} if own.is_file() else {})
