"""What the panel asks of stores and sessions, and the timer that asks again (CA-01, CA-08)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.background import Context, Tasks
from desktop.panels.overview.words import counted
from runtime.admin import cache_disk, sessions
from runtime.admin.inspector import Inspectors

from .model import Key, Session, Snapshot
from .reading import (
    Server,
    delete_keys,
    expire_sessions,
    export_keys,
    list_sessions,
    look_at,
    read_all,
    remove,
)

Failed = Callable[[str], None]


class CacheActions(QObject):
    """Reads and changes the stores of the applications in scope.

    Args:
        tasks: the list of tasks, for what a person waits for.
        site: tells the site folder now.

    Attributes:
        quiet: work that nobody waits for, or that is quick; not in the list of tasks.

    Signals:
        changed(object): a new `Snapshot`.
        sessions_changed(list, str): sessions, and a sentence about those that can't be listed.
        failed(str): a sentence.
    """

    changed = Signal(object)
    sessions_changed = Signal(list, str)
    failed = Signal(str)

    def __init__(self, tasks: Tasks, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._site = tasks, site
        self.quiet = Tasks(self)
        self._server: Server | None = None
        self._inspectors: Inspectors | None = None
        self._applications: tuple[str, ...] = ()
        self._closed = False
        self.snapshot = Snapshot()
        self._known: dict[tuple[str, str], tuple[tuple[Any, ...], list[Key]]] = {}
        self.timer = QTimer(self)
        self.timer.setObjectName("cache-refresh")
        self.timer.timeout.connect(self.refresh)

    def close(self) -> None:
        """Ends all work and all children."""
        self._closed = True
        self.timer.stop()
        self.quiet.close()
        if self._inspectors is not None:
            self._inspectors.close()
        if self._server is not None:
            self._server.end()

    def set_applications(self, names: tuple[str, ...]) -> None:
        """Takes the applications to look at."""
        if names != self._applications:
            self._applications = names
            self._known.clear()
            self.refresh()

    def server(self) -> Server:
        """The server of the site that is open now."""
        site = self._site()
        if self._server is None or self._server.site != site:
            self._server = Server(site)
            self._known.clear()
        return self._server

    # reading

    def refresh(self, again: bool = False) -> None:
        """Reads the stores; keys only of those that have changed, unless `again`."""
        if self._closed:
            return
        server, names = self.server(), self._applications
        known = {} if again else dict(self._known)

        def work(context: Context) -> tuple[Snapshot, dict[Any, Any]]:
            return read_all(server, names, known, context)

        self.quiet.run(
            work, owner=self, title="caches", key="caches", lane="cache", reading=True,
            on_done=self._on_read, on_failed=lambda error: self.failed.emit(str(error)),
        )  # fmt: skip

    def _on_read(self, found: tuple[Snapshot, dict[Any, Any]]) -> None:
        self.snapshot, self._known = found
        self.changed.emit(self.snapshot)

    def look(
        self, key: Key, limit: int, on_done: Callable[[dict[str, Any]], None], on_failed: Failed
    ) -> None:
        """Reads a value; it is turned into text in the process that owns it (CA-05)."""
        server = self.server()

        def work(_context: Context) -> dict[str, Any]:
            return look_at(server, key, limit)

        self.quiet.run(
            work, owner=self, title="value", key="value", reading=True, on_done=on_done,
            on_failed=lambda error: on_failed(str(error)),
        )  # fmt: skip

    # changing

    def delete(self, keys: Sequence[Key], on_done: Callable[[int], None]) -> None:
        """Deletes keys of any stores."""
        server, wanted = self.server(), list(keys)

        def work(context: Context) -> int:
            return delete_keys(server, wanted, context)

        self._change(work, f"Deleting {counted(len(wanted), 'key')}", on_done)

    def clear(self, application: str, store: str, on_done: Callable[[int], None]) -> None:
        """Deletes all keys of a store of an application."""
        server = self.server()

        def work(_context: Context) -> int:
            return remove(server, application, None, store)

        self._change(work, f"Clearing {store} of {application}", on_done)

    def _change(self, work: Callable[[Context], Any], title: str, on_done: Callable[[Any], None]) -> None:
        def done(result: Any) -> None:
            on_done(result)
            self.refresh(again=True)

        self._tasks.run(
            work, owner=self, title=title, lane="cache", on_done=done,
            on_failed=lambda error: self.failed.emit(str(error)),
        )  # fmt: skip

    def export(self, keys: Sequence[Key], path: Path, on_done: Callable[[int], None]) -> None:
        """Writes keys with their values into a JSON file (CA-13)."""
        server, wanted = self.server(), list(keys)

        def work(context: Context) -> int:
            return export_keys(server, wanted, path, context)

        self._tasks.run(
            work, owner=self, title=f"Exporting {counted(len(wanted), 'key')}", on_done=on_done,
            on_failed=lambda error: self.failed.emit(str(error)),
        )  # fmt: skip

    # the file on disk

    def disk_report(self, application: str, on_done: Callable[[dict[str, Any]], None]) -> None:
        """Looks what compacting would give back (CA-14)."""
        site = self._site()
        self.quiet.run(
            lambda _context: cache_disk.disk_report(site, application), owner=self, title="disk cache",
            on_done=on_done, on_failed=lambda error: self.failed.emit(str(error)), reading=True,
        )  # fmt: skip

    def compact(self, application: str, on_done: Callable[[dict[str, Any]], None]) -> None:
        """Gives unused room back to the disk."""
        site = self._site()
        self._change(
            lambda _context: cache_disk.compact(site, application), "Compacting the disk cache", on_done
        )

    # sessions

    def read_sessions(self) -> None:
        """Lists the sessions of the applications: in files, databases and Redis (DESK-17)."""
        if self._closed:
            return
        site, names = self._site(), self._applications
        inspectors = self._of_site(site)

        def work(context: Context) -> tuple[list[Session], str]:
            return list_sessions(site, names, inspectors, context)

        def done(found: tuple[list[Session], str]) -> None:
            self.sessions_changed.emit(*found)

        self.quiet.run(
            work, owner=self, title="sessions", key="sessions", reading=True, on_done=done,
            on_failed=lambda error: self.failed.emit(str(error)),
        )  # fmt: skip

    def _of_site(self, site: Path) -> Inspectors:
        if self._inspectors is None or self._inspectors.site != site:
            if self._inspectors is not None:
                self._inspectors.close()
            self._inspectors = Inspectors(site)
        return self._inspectors

    def look_at_session(
        self, session: Session, on_done: Callable[[dict[str, Any]], None], on_failed: Failed
    ) -> None:
        """Reads what a session holds."""
        site, inspectors = self._site(), self._of_site(self._site())

        def work(_context: Context) -> dict[str, Any]:
            if session.kind == "file":
                return sessions.show_session(site, session.application, session.id)
            inspector = inspectors.of(session.application)
            return inspector.ask("sessions", do="show", session=session.id)

        self.quiet.run(
            work, owner=self, title="session", key="session", reading=True, on_done=on_done,
            on_failed=lambda error: on_failed(str(error)),
        )  # fmt: skip

    def expire(self, wanted: Sequence[Session], on_done: Callable[[int], None]) -> None:
        """Ends sessions; in files through the server where one runs, so that its callbacks are called."""
        site, inspectors, server = self._site(), self._of_site(self._site()), self.server()
        chosen = list(wanted)

        def work(context: Context) -> int:
            return expire_sessions(site, chosen, inspectors, server, context)

        def done(count: int) -> None:
            on_done(count)
            self.read_sessions()

        self._tasks.run(
            work, owner=self, title=f"Ending {counted(len(chosen), 'session')}", on_done=done,
            on_failed=lambda error: self.failed.emit(str(error)),
        )  # fmt: skip
