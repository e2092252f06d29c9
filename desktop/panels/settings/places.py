"""Where things lie, how much they take, opening and emptying them (ST-12); no widgets."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.settings.folders import data_folder
from desktop.settings.store import config_folder
from runtime.admin.bin import bin_folder, empty
from runtime.foundation.log_lines import FOLDER


@dataclass(frozen=True)
class Place:
    """A folder of the program.

    Attributes:
        id: for object names.
        title: what lies there.
        sentence: what it is for.
        path: the folder; it may not exist yet.
        loss: what emptying it loses, as a question; empty where it can't be emptied.
    """

    id: str
    title: str
    sentence: str
    path: Path
    loss: str = ""


@dataclass(frozen=True)
class Size:
    """How much lies in a place; -1 files for a folder that is not there."""

    size: int
    files: int


def places(site: Path) -> Sequence[Place]:
    """All places, for a site folder."""
    data = data_folder()
    return (
        Place("site", "Site folder", "Applications with their data.", site),
        Place(
            "logs", "Logs", "What server, workers and cron wrote.", site / FOLDER,
            "What was logged until now is lost.",
        ),
        Place(
            "bin", "Bin of the site", "What was removed in the last 30 days.", bin_folder(site),
            "What was removed can't be put back then.",
        ),
        Place("settings", "Settings", "Options, sizes and places of windows.", config_folder()),
        Place(
            "drafts", "Drafts", "What was typed and not saved.", data / "drafts",
            "What was typed and not saved is lost.",
        ),
        Place(
            "languages", "Bin of languages", "Language files that were removed.", data / "bin",
            "Languages that were removed can't be put back then.",
        ),
        Place(
            "window", "Logs of the window", "What the window itself wrote.", data / "logs",
            "What was logged until now is lost.",
        ),
        Place(
            "crashes", "Crash reports", "What was found after a run that did not end well.", data / "crashes",
            "The reports are lost.",
        ),
    )  # fmt: skip


def size_of(place: Place, cancelled: Callable[[], bool] = bool) -> Size:
    """Measure a place; not for the GUI thread."""
    if not place.path.is_dir():
        return Size(0, -1)
    from runtime.admin.application_facts import measure  # late: the window is painted without it

    size, files, _changed = measure(place.path, cancelled)
    return Size(size, files)


def empty_place(place: Place, site: Path) -> int:
    """Remove all that lies in a place and return how many entries could not be; not for the GUI thread."""
    if not place.loss or not place.path.is_dir():
        return 0
    if place.id == "bin":
        empty(site, 0)
    left = 0
    for entry in list(place.path.iterdir()):
        try:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        except OSError:
            left += 1
    return left
