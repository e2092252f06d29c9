"""The open files: reading, saving, drafts, watching the disk, all in the background (UI-AP-11..14, 22)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal

from desktop.background import Context, Runner, Tasks
from desktop.theme import Theme
from runtime.admin.sources import (
    PIECE,
    ChangedOnDisk,
    Problem,
    Source,
    SourceError,
    Stamp,
    check_text,
    read_piece,
    read_source,
    stamp_of,
    write_source,
)

from . import drafts
from .code_edit import CodeEdit
from .languages import language_of, prepare
from .open_file import Conflict, OpenFile

DRAFT_EVERY = 5_000  # milliseconds
CHECK_AFTER = 700  # milliseconds without a key after which mistakes are looked for
LOOK_EVERY = 3_000  # milliseconds: watchers miss network folders
CHECKED_WHILE_TYPING = 300_000  # letters up to which that is done
LANE = "applications.files"


class _Read(NamedTuple):
    source: Source
    draft: drafts.Draft | None
    problems: list[Problem]


class Files(QObject):
    """What is open in the editor.

    Args:
        theme: for editors.
        tasks: runs the background work.
        data: folder of the drafts.

    Signals:
        opened(OpenFile): a file was read and can be shown.
        closed(OpenFile): it is to be shown no longer.
        saved(OpenFile): it was written.
        failed(str): a sentence.
    """

    opened = Signal(object)
    closed = Signal(object)
    saved = Signal(object)
    failed = Signal(str)

    def __init__(self, theme: Theme, tasks: Tasks, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._data = theme, data
        self._run = Runner(tasks, self, LANE, lambda error: self.failed.emit(str(error)), reading=True)
        self._open: dict[Path, OpenFile] = {}
        self._reading: dict[Path, list[Callable[[OpenFile], None]]] = {}
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self.look)
        self._drafts = QTimer(self, interval=DRAFT_EVERY)
        self._drafts.setObjectName("editor-drafts")
        self._drafts.timeout.connect(self.keep_drafts)
        self._looks = QTimer(self, interval=LOOK_EVERY)
        self._looks.setObjectName("editor-disk")
        self._looks.timeout.connect(self.look)
        self._checks = QTimer(self, singleShot=True, interval=CHECK_AFTER)
        self._checks.setObjectName("editor-check")
        self._checks.timeout.connect(self._check_typed)
        self._typed: OpenFile | None = None

    def all(self) -> list[OpenFile]:
        """The open files in the order they were opened."""
        return list(self._open.values())

    def find(self, path: Path) -> OpenFile | None:
        """The open file at `path`."""
        return self._open.get(path)

    def unsaved(self) -> list[OpenFile]:
        """Files with text that is not on the disk."""
        return [file for file in self._open.values() if file.dirty]

    def set_watching(self, on: bool) -> None:
        """Looks at the disk now and then; off while nobody sees the editor."""
        if on:
            self._looks.start()
            self.look()
        else:
            self._looks.stop()

    # opening

    def open(self, path: Path, application: str, then: Callable[[OpenFile], None] | None = None) -> None:
        """Opens a file, or shows it again; `then` is called with it."""
        known = self._open.get(path)
        if known is not None:
            self.opened.emit(known)
            if then is not None:
                then(known)
            return
        waiting = self._reading.get(path)
        if waiting is not None:
            waiting.extend([then] if then is not None else [])
            return
        self._reading[path] = [then] if then is not None else []
        data = self._data

        def work(_context: Context) -> _Read:
            source = read_source(path)
            prepare(language_of(path.name))
            draft = drafts.read(data, path)
            if draft is not None and draft.text == source.text:
                drafts.forget(data, path)
                draft = None
            text = draft.text if draft is not None else source.text
            return _Read(source, draft, check_text(path, text) if source.piece is None else [])

        self._run(
            f"Opening {path.name}",
            work,
            lambda found: self._on_read(path, application, found),
            lambda error: self._on_unread(path, error),
            reading=False,
        )

    def _on_unread(self, path: Path, error: Exception) -> None:
        self._reading.pop(path, None)
        self.failed.emit(str(error))

    def _on_read(self, path: Path, application: str, found: _Read) -> None:
        edit = CodeEdit(self._theme)
        file = OpenFile(application, found.source, edit, self)
        edit.show_text(found.source.text, file.language)
        if found.source.read_only:
            edit.set_read_only(True)
        elif found.draft is not None:
            _once_filled(edit, partial(_restore, file, found.draft))
        file.show_problems(found.problems)
        self._open[path] = file
        self._watcher.addPath(str(path))
        edit.document().contentsChanged.connect(partial(self._on_typed, file))
        self._drafts.start()
        self.opened.emit(file)
        for then in self._reading.pop(path, []):
            then(file)

    def close(self, file: OpenFile, forget: bool = True) -> None:
        """Closes a file; what was typed is gone with `forget`, else it stays as draft."""
        if self._open.pop(file.path, None) is None:
            return
        self._watcher.removePath(str(file.path))
        if forget:
            path, data = file.path, self._data
            self._run("Dropping a draft", lambda _context: drafts.forget(data, path))
        if not self._open:
            self._drafts.stop()
        self.closed.emit(file)
        file.deleteLater()

    # saving

    def save(self, file: OpenFile, overwrite: bool = False, then: Callable[[], None] | None = None) -> None:
        """Writes a file, in one step; text typed meanwhile stays unsaved (UI-AP-12)."""
        if file.saving or file.source.read_only:
            if file.source.read_only:
                self.failed.emit(f"{file.path.name} was not saved. {file.source.read_only}")
            return
        text, revision, source, data = file.edit.text(), file.revision(), file.source, self._data
        file.saving = True

        def work(_context: Context) -> tuple[Source, list[Problem]]:
            written = write_source(source, text, overwrite=overwrite)
            drafts.forget(data, source.path)
            return written, check_text(source.path, text)

        def on_done(found: tuple[Source, list[Problem]]) -> None:
            file.saving = False
            file.take_source(found[0], clean=file.revision() == revision)
            file.show_problems(found[1])
            self._watch(file)
            self.saved.emit(file)
            if then is not None:
                then()

        def on_failed(error: Exception) -> None:
            file.saving = False
            if isinstance(error, ChangedOnDisk):
                self.look()
                if file.conflict is Conflict.NONE:
                    file.set_conflict(Conflict.CHANGED, time.time())
            self.failed.emit(str(error))

        self._run(f"Saving {file.path.name}", work, on_done, on_failed, reading=False)

    def save_all(self) -> None:
        """Writes everything that is unsaved."""
        for file in self.unsaved():
            self.save(file)

    # the disk

    def look(self, _path: str = "") -> None:
        """Looks whether other programs changed open files."""
        wanted = {path: file.source.stamp for path, file in self._open.items() if not file.saving}
        if not wanted:
            return

        def work(_context: Context) -> dict[Path, tuple[Stamp, Source | None]]:
            out: dict[Path, tuple[Stamp, Source | None]] = {}
            for path, known in wanted.items():
                now = stamp_of(path)
                if now == known:
                    continue
                try:
                    out[path] = now, read_source(path) if now.exists else None
                except SourceError:
                    out[path] = now, None
            return out

        self._run("Looking at open files", work, self._on_looked, key="applications.look")

    def _on_looked(self, found: dict[Path, tuple[Stamp, Source | None]]) -> None:
        for path, (stamp, source) in found.items():
            file = self._open.get(path)
            if file is None or file.saving or file.source.stamp == stamp:
                continue
            if source is None:
                file.set_conflict(Conflict.DELETED, time.time())
            elif source.piece is not None or source.text == file.source.text:
                file.take_source(source, clean=not file.dirty)  # touched, or written with the same text
            elif file.dirty:
                file.set_conflict(Conflict.CHANGED, stamp.modified / 1e9)
            else:
                self._take(file, source)
            self._watch(file)

    def _watch(self, file: OpenFile) -> None:
        """Watches a file again: one that was replaced is another file to the system."""
        self._watcher.addPath(str(file.path))

    def _take(self, file: OpenFile, source: Source) -> None:
        file.edit.replace_all(source.text)
        file.take_source(source, clean=True)
        self._check(file)

    def reload(self, file: OpenFile) -> None:
        """Takes what is on the disk; what was typed can be brought back by undo."""
        path, data = file.path, self._data

        def work(_context: Context) -> Source:
            drafts.forget(data, path)
            return read_source(path)

        def on_done(source: Source) -> None:
            self._take(file, source)
            self._watch(file)

        self._run(f"Reading {path.name}", work, on_done)

    def show_piece(self, file: OpenFile, step: int) -> None:
        """Shows the piece of a large file after (1) or before (-1) the one shown (UI-AP-17)."""
        if file.source.piece is None:
            return
        start, end, size = file.source.piece
        to = end if step > 0 else start - PIECE
        if (step > 0 and end >= size) or (step < 0 and start == 0):
            return

        def on_done(source: Source) -> None:
            file.edit.show_text(source.text, file.language)
            file.take_source(source, clean=True)

        path = file.path
        self._run(f"Reading {path.name}", lambda _context: read_piece(path, to), on_done)

    def keep_mine(self, file: OpenFile) -> None:
        """Writes what was typed over what another program wrote."""
        self.save(file, overwrite=True)

    def on_disk(self, file: OpenFile, then: Callable[[str], None]) -> None:
        """Calls `then` with what is on the disk."""
        path = file.path
        self._run(
            f"Reading {path.name}",
            lambda _context: read_source(path).text,
            then,
        )

    # drafts and mistakes

    def keep_drafts(self) -> None:
        """Keeps what was typed and not saved."""
        for file in self.unsaved():
            revision = file.revision()
            if revision == file.drafted_revision or file.saving:
                continue
            file.drafted_revision = revision
            work = partial(_keep, self._data, file.path, file.edit.text(), file.source.stamp)
            self._run(f"Keeping a draft of {file.path.name}", work, partial(self._on_draft, file))

    def _on_draft(self, file: OpenFile, when: float) -> None:
        if file.dirty:
            file.draft_time = when
            file.changed.emit()

    def keep_drafts_now(self) -> None:
        """Keeps them before the program ends: without the background, which has no time any more."""
        for file in self.unsaved():
            try:
                drafts.keep(self._data, file.path, file.edit.text(), file.source.stamp)
            except OSError:
                continue

    def left_drafts(self, below: Path, then: Callable[[list[drafts.Draft]], None]) -> None:
        """Calls `then` with drafts of an earlier run."""
        data = self._data
        self._run("Looking for drafts", lambda _context: drafts.left(data, below), then)

    def _on_typed(self, file: OpenFile) -> None:
        if not file.edit.filling and file.edit.document().characterCount() <= CHECKED_WHILE_TYPING:
            self._typed = file
            self._checks.start()

    def _check_typed(self) -> None:
        if self._typed is not None and self._typed in self._open.values():
            self._check(self._typed)

    def _check(self, file: OpenFile) -> None:
        path, text, revision = file.path, file.edit.text(), file.revision()

        def on_done(found: list[Problem]) -> None:
            if file.revision() == revision:
                file.show_problems(found)

        self._run(
            f"Checking {path.name}",
            lambda _context: check_text(path, text),
            on_done,
            key=f"applications.check.{path}",
            lane="",
        )


def _once_filled(edit: CodeEdit, then: Callable[[], None]) -> None:
    """Calls `then` when the whole text is shown."""
    if edit.filling:
        edit.filled.connect(then, Qt.ConnectionType.SingleShotConnection)
    else:
        then()


def _restore(file: OpenFile, draft: drafts.Draft) -> None:
    """Brings back what was typed and never saved."""
    file.edit.replace_all(draft.text)
    file.restored = file.draft_time = draft.when
    file.drafted_revision = file.revision()
    if draft.stamp != file.source.stamp:
        file.set_conflict(Conflict.CHANGED, file.source.stamp.modified / 1e9)


def _keep(data: Path, path: Path, text: str, stamp: Stamp, _context: Context) -> float:
    return drafts.keep(data, path, text, stamp)
