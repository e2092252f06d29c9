"""What is read of the opened application in the background: parts, errors, git, names (UI-AP-07, 15, 22)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.background import Context, Tasks
from runtime.admin.git import GitError, GitState, read_state
from runtime.admin.notes import read_pages
from runtime.admin.quick_open import Index, places_of
from runtime.admin.structure import Reader, Structure
from runtime.admin.ticket_lines import ErrorLine, error_lines

from .listing import Listing
from .model import Row

LOOK_EVERY = 4_000  # milliseconds: the tree follows what other programs do


@dataclass
class Looked:
    """What one look at the application gave."""

    structure: Structure
    errors: dict[str, list[ErrorLine]] = field(default_factory=dict)
    git: GitState | None = None
    git_fault: str = ""


class Reading(QObject):
    """Reads the opened application again and again while it is seen.

    Args:
        tasks: runs the background work.
        listing: the applications there are.

    Signals:
        looked(Looked): the opened application was read.
        indexed: the names for *quick open* were read.
    """

    looked = Signal(object)
    indexed = Signal()

    def __init__(self, tasks: Tasks, listing: Listing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._listing = tasks, listing
        self._readers: dict[Path, Reader] = {}
        self._folder: Path | None = None
        self._busy = False
        self.index = Index()
        self._timer = QTimer(self, interval=LOOK_EVERY)
        self._timer.setObjectName("applications-look")
        self._timer.timeout.connect(self.look)

    def set_folder(self, folder: Path | None) -> None:
        """Looks at another application."""
        self._folder, self._busy = folder, False
        if folder is not None:
            self.look()

    def set_watching(self, on: bool) -> None:
        """Goes on looking, or stops while nobody sees it."""
        if on:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()

    def look(self, with_git: bool = True) -> None:
        """Reads the opened application now."""
        folder = self._folder
        if folder is None or self._busy:
            return
        self._busy = True
        reader = self._readers.setdefault(folder, Reader())

        def work(_context: Context) -> Looked:
            out = Looked(reader.read(folder), error_lines(folder))
            if with_git:
                try:
                    out.git = read_state(folder)
                except GitError as error:
                    out.git_fault = str(error)
            return out

        self._tasks.run(
            work,
            owner=self,
            title=f"Looking at {folder.name}",
            key="applications.opened",
            reading=True,
            on_done=self._on_looked,
            on_failed=self._on_failed,
        )

    def _on_looked(self, found: Looked) -> None:
        self._busy = False
        if found.structure.folder == self._folder:
            self.looked.emit(found)

    def _on_failed(self, _error: Exception) -> None:
        self._busy = False

    def read_about(self, row: Row, then: Callable[[str, str], None]) -> None:
        """Calls `then` with the name of an application and the first paragraph that is written about it."""
        folder, name = row.folder, row.name

        def work(_context: Context) -> str:
            pages = read_pages(folder)
            paragraphs = [part.strip("# \n=-") for part in pages[0].text.split("\n\n")] if pages else []
            return " ".join(next(filter(None, paragraphs), "").split())[:400]

        self._tasks.run(
            work,
            owner=self,
            title=f"Reading about {name}",
            key="applications.about",
            reading=True,
            on_done=lambda text: then(name, text),
            on_failed=lambda _error: None,
        )

    def read_names(self) -> None:
        """Reads the names of all applications: files first, which is fast, then actions and tables."""
        if len(self.index) == 0:
            self._read_names("Reading names of files", {}, self.read_names)
            return
        infos = self._listing.infos()
        readers = {info.name: self._readers.setdefault(info.folder, Reader()) for info in infos}
        self._read_names("Reading names of actions and tables", readers, None)

    def _read_names(self, title: str, readers: dict[str, Reader], then: Callable[[], None] | None) -> None:
        infos = self._listing.infos()

        def work(context: Context) -> Index:
            index = Index()
            for info in infos:
                context.check()
                index.put(info.name, places_of(info, readers.get(info.name)))
            return index

        def on_done(index: Index) -> None:
            self.index = index
            self.indexed.emit()
            if then is not None and len(index):
                then()

        self._tasks.run(
            work, owner=self, title=title, key="applications.names", reading=True, on_done=on_done
        )
