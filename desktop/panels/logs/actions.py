"""Reading logs in the background: the end first, older lines on demand, new ones as they come (LG-01..06)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.background import Context, Tasks
from desktop.crashes.sources import logs_of
from runtime.admin.logs import LogBook, LogFilter, Record
from runtime.foundation.files import write_atomic

LANE = "logs"
FIRST, PIECE = 500, 1_000
"""Records read at first, and at each further step backwards."""
WATCH = 700  # milliseconds between looks at what was written, while the panel is seen


@dataclass(frozen=True)
class Loaded:
    """What a look brought.

    Attributes:
        names: all logs of the site.
        records: oldest first.
        exhausted: there is nothing older.
    """

    names: tuple[str, ...]
    records: list[Record]
    exhausted: bool


class LogReader(QObject):
    """Reads what a filter lets through.

    Signals:
        loaded(Loaded): the end of the logs, after another choice or filter.
        older(list, bool): records before the others, and whether that was all.
        newer(list): records that were written meanwhile.
        failed(str): why logs can not be read, or a filter not be used.
    """

    loaded = Signal(object)
    older = Signal(object, bool)
    newer = Signal(object)
    failed = Signal(str)

    def __init__(self, tasks: Tasks, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._site = site
        self._tasks, self._quiet = tasks, Tasks(self)
        self._book: LogBook | None = None
        self._filter = LogFilter()
        self._hidden: frozenset[str] = frozenset()
        self._reading = self._older_wanted = False
        self._timer = QTimer(self, interval=WATCH)
        self._timer.setObjectName("logs-watch")
        self._timer.timeout.connect(self._look)

    def set_shown(self, shown: bool) -> None:
        """Looks for new records only while somebody sees them."""
        if shown:
            self._timer.start()
        else:
            self._timer.stop()

    def forget(self) -> None:
        """Looks for nothing more, and takes nothing that is under way."""
        self.set_shown(False)
        self._book = None

    def close(self) -> None:
        """Ends all work."""
        self._timer.stop()
        self._quiet.close()

    def read(self, wanted: LogFilter, hidden: frozenset[str]) -> None:
        """Reads the end of the logs anew.

        Args:
            wanted: what is let through.
            hidden: names of logs that are not looked at.
        """
        self._filter, self._hidden = wanted, hidden
        site = self._site()
        self._book = None

        def work(context: Context) -> tuple[LogBook, Loaded]:
            test = wanted.test()
            found = logs_of(site)
            seen = {name: path for name, path in found.items() if name not in hidden}
            book = LogBook(seen, wanted.around)
            records = book.older(FIRST, test, context.check)
            return book, Loaded(tuple(found), records, book.exhausted)

        self._quiet.run(
            work,
            owner=self,
            title="Reading logs",
            key="logs.read",
            on_done=self._on_read,
            on_failed=self._on_failed,
        )

    def _on_read(self, result: tuple[LogBook, Loaded]) -> None:
        self._book, loaded = result
        self._reading = self._older_wanted = False
        self.loaded.emit(loaded)

    def _on_failed(self, error: Exception) -> None:
        self._reading = self._older_wanted = False
        self.failed.emit(str(error))

    def read_older(self) -> None:
        """Reads the records before those that are known, if any; after the look that is under way."""
        book, test = self._book, self._filter.test()
        if book is None or book.exhausted:
            return
        if self._reading:
            self._older_wanted = True
            return
        self._reading, self._older_wanted = True, False

        def done(records: list[Record]) -> None:
            self._reading = self._older_wanted = False
            if book is self._book:
                self.older.emit(records, book.exhausted)

        self._tasks.run(
            lambda context: book.older(PIECE, test, context.check),
            owner=self,
            title="Reading older lines of the logs",
            lane=LANE,
            key="logs.older",
            on_done=done,
            on_failed=self._on_failed,
            reading=True,
        )

    def _look(self) -> None:
        book = self._book
        if book is None or self._reading:
            return
        test = self._filter.test()
        site, hidden = self._site(), self._hidden
        self._reading = True

        def work(_context: Context) -> tuple[list[Record], bool]:
            return book.newer(test), bool(set(logs_of(site)) - set(book.names) - hidden)

        def done(result: tuple[list[Record], bool]) -> None:
            self._reading = False
            records, another = result
            if book is not self._book:
                return
            if another:
                self.read(self._filter, self._hidden)
                return
            if records:
                self.newer.emit(records)
            if self._older_wanted:
                self.read_older()

        self._quiet.run(
            work, owner=self, title="Looking at logs", lane=LANE, on_done=done, on_failed=self._on_failed
        )

    def save(self, path: Path, text: str, done: Callable[[], None]) -> None:
        """Writes what is shown into a file (LG-07)."""
        self._tasks.run(
            lambda _context: write_atomic(path, text),
            owner=self,
            title=f"Saving {path.name}",
            on_done=lambda _nothing: done(),
            on_failed=self._on_failed,
        )
