"""The background's side of the first step: whether a folder can be used, and what is in it (ST-07, ST-08)."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Tasks
from desktop.processes.checks import folder_faults
from desktop.processes.site_place import place_warnings
from runtime.admin.applications import list_applications
from runtime.admin.inspector import InspectorProblem
from runtime.admin.site_look import SiteLook, keep_look, look, look_site, read_look
from runtime.foundation.problems import UserError

log = logging.getLogger("hadron.desktop")

KEY = "first.look"


@dataclass(frozen=True)
class NewFolder:
    """Whether a new folder can be made at a place.

    Attributes:
        path: the place.
        ok: it can.
        words: what becomes of it, or why it can't be used.
        warning: what speaks against the place (ST-08).
    """

    path: Path
    ok: bool
    words: str
    warning: str = ""


def check_new(path: Path) -> NewFolder:
    """Look at the place of a new folder; changes nothing, not for the GUI thread."""
    found = _look_at_place(path)
    return replace(found, warning=" ".join(place_warnings(path))) if found.ok else found


def _look_at_place(path: Path) -> NewFolder:
    if not path.is_absolute():
        return NewFolder(path, False, "Choose a folder by its whole path.")
    if path.exists() and not path.is_dir():
        return NewFolder(path, False, f"{path} is a file. Choose a folder.")
    if (path / "applications").is_dir():
        count = len(list_applications(path))
        words = (
            "1 application already, it stays as it is"
            if count == 1
            else f"{count} applications already, they stay as they are"
        )
        return NewFolder(path, True, f"has {words}")
    try:
        if path.is_dir() and any(os.scandir(path)):
            return NewFolder(
                path, False, f"{path} holds other things. Choose an empty folder, or a new name."
            )
    except OSError as error:
        return NewFolder(path, False, f"{path} can't be read: {error.strerror or error}.")
    above = path
    while not above.exists() and above != above.parent:
        above = above.parent
    if not os.access(above, os.W_OK | os.X_OK):
        return NewFolder(path, False, f"Nothing can be written in {above}. Choose another folder.")
    return NewFolder(path, True, "with the welcome application to start from")


class Looking(QObject):
    """Looks at folders in the background; a newer question takes the place of an older one.

    Args:
        tasks: runs the work.
        data: the user's folder, where reports are kept.

    Signals:
        new_checked(NewFolder): the answer to `check_new`.
        opened(Path): the folder is one of applications; the look goes on.
        warned(str): what speaks against it, after `opened`.
        refused(str): why it is none.
        progressed(int, int, str): applications done, in all, the one that is looked at.
        found(SiteLook): the report.
    """

    new_checked = Signal(object)
    opened = Signal(object)
    warned = Signal(str)
    refused = Signal(str)
    progressed = Signal(int, int, str)
    found = Signal(object)
    _opened = Signal(int, object, str)
    _told = Signal(int, int, int, str)

    def __init__(self, tasks: Tasks, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._data = tasks, data
        self._number = 0
        self._opened.connect(self._on_opened)
        self._told.connect(self._on_told)

    def check_new(self, path: Path) -> None:
        """Find out whether a new folder can be made at `path`."""
        self._tasks.run(
            lambda _context: check_new(path),
            owner=self,
            title="Looking at the new folder",
            key="first.new",
            reading=True,
            on_done=self.new_checked.emit,
        )

    def look(self, path: Path, again: bool = False) -> None:
        """Look at what lies in `path`; a report that is kept comes first, and `again` does not ask for it."""
        self._number += 1
        number, data = self._number, self._data

        def work(context: Context) -> SiteLook:
            site = look_site(path)
            self._opened.emit(number, site, " ".join(fault.sentence for fault in folder_faults(site)))
            kept = None if again else read_look(data, site)
            if kept is not None and not _is_old(kept):
                return kept

            def tell(done: int, total: int, name: str) -> None:
                context.check()
                context.progress(done, total)
                self._told.emit(number, done, total, name)

            report = look(site, tell, lambda: context.cancelled)
            try:
                keep_look(data, report)
            except OSError as error:  # a full disk: it is looked at anew the next time
                log.warning("the look at %s can't be kept: %s", site, error.strerror or error)
            return report

        self._tasks.run(
            work,
            owner=self,
            title="Looking at the applications",
            key=KEY,
            reading=True,
            on_done=self.found.emit,
            on_failed=self._on_failed,
        )

    def end(self) -> None:
        """Nobody wants to know any more."""
        self._number += 1
        self._tasks.drop(KEY)

    def _on_told(self, number: int, done: int, total: int, name: str) -> None:
        if number == self._number:
            self.progressed.emit(done, total, name)

    def _on_opened(self, number: int, site: Path, warning: str) -> None:
        if number == self._number:
            self.opened.emit(site)
            if warning:
                self.warned.emit(warning)

    def _on_failed(self, error: Exception) -> None:
        if isinstance(error, InspectorProblem) and error.kind == "cancelled":
            return
        known = isinstance(error, UserError)
        self.refused.emit(str(error) if known else f"The folder can't be looked at: {error}.")


def _is_old(kept: SiteLook) -> bool:
    """Whether the folder has other applications than the report, or one of them was changed since."""
    try:
        infos = list_applications(kept.site)
        if {info.name for info in infos} != {each.name for each in kept.applications}:
            return True
        return any(_changed(info.folder) > kept.when for info in infos)
    except OSError:
        return True


def _changed(folder: Path) -> float:
    parts = [folder, *(folder / part for part in ("models", "modules", "private", "languages"))]
    files = [path for part in parts if part.is_dir() for path in part.iterdir()]
    return max((path.stat().st_mtime for path in (*parts, *files) if path.exists()), default=0.0)
