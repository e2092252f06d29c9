"""Searching in the background: hits are shown as they are found, replacing can be undone (UI-AP-10)."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Task, Tasks
from runtime.admin.file_search import (
    MOST_HITS,
    Change,
    FileHits,
    Replaced,
    Wanted,
    carry_out,
    find_in_files,
    plan_replacement,
    undo,
)

PIECE = 0.06  # seconds between two deliveries of hits


class Searching(QObject):
    """One search at a time, and the last replacement.

    Args:
        tasks: runs the background work.

    Signals:
        found(list): hits of some more files.
        ended(str): words about the whole search.
        failed(str): why it can't be done.
        planned(list, list): changes for the preview, and sentences about files left out.
        replaced(list, list): what was changed, and sentences about files that were not.
        restored(list): sentences about files that could not be brought back.
    """

    found = Signal(list)
    ended = Signal(str)
    failed = Signal(str)
    planned = Signal(list, list)
    replaced = Signal(list, list)
    restored = Signal(list)
    _piece = Signal(int, list)

    def __init__(self, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._number = 0
        self._task: Task | None = None
        self._piece.connect(self._on_piece)

    def begin(self, folders: list[Path], wanted: Wanted) -> None:
        """Searches; an earlier search ends."""
        self._number += 1
        number = self._number

        def work(context: Context) -> tuple[int, int]:
            waiting: list[FileHits] = []
            files = hits = 0
            last = 0.0
            for file in find_in_files(folders, wanted, lambda: context.cancelled):
                waiting.append(file)
                files, hits = files + 1, hits + len(file.hits)
                if time.monotonic() - last > PIECE:
                    self._piece.emit(number, waiting)
                    waiting, last = [], time.monotonic()
            context.check()
            self._piece.emit(number, waiting)
            return files, hits

        self._task = self._tasks.run(
            work,
            owner=self,
            title=f"Searching “{wanted.text[:40]}”",
            key="applications.search",
            reading=True,
            on_done=lambda counts: self.ended.emit(words_of(*counts)),
            on_failed=lambda error: self.failed.emit(str(error)),
        )

    def cancel(self) -> None:
        """Ends the search; what was found stays."""
        if self._task is not None:
            self._tasks.cancel(self._task)
            self._task = None
            self.ended.emit("Canceled.")

    def _on_piece(self, number: int, files: list[FileHits]) -> None:
        if number == self._number and files:
            self.found.emit(files)

    def plan(self, paths: list[Path], wanted: Wanted, new: str) -> None:
        """Finds out what replacing would change."""

        def work(_context: Context) -> tuple[list[Change], list[str]]:
            return plan_replacement(paths, wanted, new)

        self._run("Preparing a preview", work, lambda found: self.planned.emit(*found))

    def replace(self, changes: list[Change]) -> None:
        """Carries changes out."""
        self._run(
            f"Replacing in {len(changes)} files",
            lambda _context: carry_out(changes),
            lambda found: self.replaced.emit(*found),
        )

    def undo(self, done: list[Replaced]) -> None:
        """Brings files back."""
        self._run("Bringing files back", lambda _context: undo(done), self.restored.emit)

    def _run(self, title, work, on_done) -> None:  # type: ignore[no-untyped-def]
        self._tasks.run(
            work,
            owner=self,
            title=title,
            lane="applications.replace",
            on_done=on_done,
            on_failed=lambda error: self.failed.emit(str(error)),
        )


def words_of(files: int, hits: int) -> str:
    """ "12 hits in 3 files", with a word when there are more than are shown."""
    if not hits:
        return "Nothing found."
    more = "More than " if hits >= MOST_HITS else ""
    return f"{more}{hits} hit{'s' if hits > 1 else ''} in {files} file{'s' if files > 1 else ''}."
