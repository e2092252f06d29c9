"""Whether each application loads, found in the background while nobody needs the computer (UI-AP-01)."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from desktop.background import Context, Task, Tasks
from runtime.admin.applications import ApplicationInfo
from runtime.admin.inspector.stamps import fingerprint
from runtime.admin.load_checks import LoadCheck, can_be_checked, kept_file, read_kept, write_kept

from .check_run import QUIET, CheckRun, Due, busy_percent

LOOK_EVERY = 30_000  # milliseconds: sources that other programs have changed
KEEP_AFTER = 2_000  # milliseconds after which results are written


class _Looked(NamedTuple):
    prints: dict[str, str]
    kept: dict[str, LoadCheck]


class Checks(QObject):
    """Checks the applications that are on, one at a time, when their sources have changed.

    Args:
        tasks: runs the background work.
        data: the user's folder, which keeps results from one start to the next.
        site: tells the present site folder.
        wanted: tells whether applications are to be checked without being asked to.
        idle: seconds since the person has touched keys or mouse.
        load: percent of all processors that are used; asked in the background, takes a moment.

    Signals:
        changed: something else is known of an application.
        told(str): what is going on, for the person; empty for nothing.
    """

    changed = Signal()
    told = Signal(str)
    _found = Signal(object)
    _said = Signal(str)

    def __init__(
        self,
        tasks: Tasks,
        data: Path,
        site: Callable[[], Path],
        wanted: Callable[[], bool],
        idle: Callable[[], float] = lambda: QUIET,
        load: Callable[[], float] = busy_percent,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._data, self._site = tasks, data, site
        self._wanted, self.idle, self.load = wanted, idle, load
        self._infos: dict[str, ApplicationInfo] = {}
        self._read_site: Path | None = None
        self._known: dict[str, LoadCheck] = {}
        self._due, self._hurry = Due(), threading.Event()
        self._task: Task | None = None
        self._called_off = False
        self._found.connect(self.take, Qt.ConnectionType.QueuedConnection)
        self._said.connect(self._on_said, Qt.ConnectionType.QueuedConnection)
        tasks.changed.connect(self._on_tasks)
        self._keep = QTimer(self, singleShot=True, interval=KEEP_AFTER)
        self._keep.setObjectName("applications-keep-checks")
        self._keep.timeout.connect(self._write)
        self._looks = QTimer(self, interval=LOOK_EVERY)
        self._looks.setObjectName("applications-look-checks")
        self._looks.timeout.connect(self.look)

    def known(self) -> dict[str, LoadCheck]:
        """What is known of the sources as they are, by application."""
        return self._known

    def set_watching(self, on: bool) -> None:
        """Looks for changed sources now and then; off while nobody sees the list."""
        if on:
            self._looks.start()
        else:
            self._looks.stop()

    # which are due

    def show_applications(self, infos: Iterable[ApplicationInfo]) -> None:
        """Takes the applications there are, and looks which of them have changed."""
        self._infos = {info.name: info for info in infos if can_be_checked(info)}
        self.look()

    def look(self) -> None:
        """Looks which applications have changed since they were checked, and lets those be checked."""
        site, folders = self._site(), {name: info.folder for name, info in self._infos.items()}
        path = kept_file(self._data, site) if site != self._read_site else None

        def work(context: Context) -> _Looked:
            prints = {}
            for name, folder in folders.items():
                context.check()
                prints[name] = fingerprint(folder)
            return _Looked(prints, read_kept(path) if path is not None else {})

        def on_done(looked: _Looked) -> None:
            if site == self._site():
                self._on_looked(site, looked)

        self._tasks.run(
            work,
            owner=self,
            title="Looking for changed applications",
            key="applications.prints",
            reading=True,
            on_done=on_done,
        )

    def _on_looked(self, site: Path, looked: _Looked) -> None:
        known = looked.kept | (self._known if site == self._read_site else {})
        self._read_site = site
        now = {
            name: known[name]
            for name, sources in looked.prints.items()
            if name in known and known[name].fingerprint == sources
        }
        if now != self._known:
            self._known = now
            self.changed.emit()
        if not self._hurry.is_set():
            self._due.set(name for name in looked.prints if name not in now)
        self._go()

    def take(self, found: LoadCheck) -> None:
        """Takes what was found about an application."""
        self._due.drop(found.name)
        before = self._known.get(found.name)
        self._known = self._known | {found.name: found}
        self._keep.start()
        if before is None or (before.kind, before.message) != (found.kind, found.message):
            self.changed.emit()

    # checking

    def check_all(self) -> None:
        """Checks all applications now, whatever is known and whoever is busy."""
        self._called_off = False
        self._hurry.set()
        self._due.set(self._infos)
        self._go()

    def go_on(self) -> None:
        """Lets applications be checked again after the person had called it off."""
        self._called_off = False

    def show_wanted(self) -> None:
        """The person has switched the checks on or off."""
        self._called_off = False
        if self._wanted():
            self.look()
        elif not self._hurry.is_set():
            self._end()

    def _go(self) -> None:
        """Starts to check what is due, unless that is under way."""
        if self._task is not None:
            return
        if not self._due.first() or self._called_off or not (self._hurry.is_set() or self._wanted()):
            self._hurry.clear()
            self.told.emit("")
            return
        run = CheckRun(
            self._site(),
            self._due,
            self._hurry,
            self.idle,
            self.load,
            _safely(self._found.emit),
            _safely(self._said.emit),
        )
        self._task = self._tasks.run(
            run,
            owner=self,
            title="Checking applications",
            key="applications.checks",
            reading=True,
            on_done=lambda _nothing: self._on_ended(),
            on_failed=self._on_failed,
        )

    def _on_ended(self) -> None:
        self._task = None
        self._hurry.clear()
        self._go()

    def _on_failed(self, error: Exception) -> None:
        self._task, self._called_off = None, True
        self._hurry.clear()
        self.told.emit(f"Applications can't be checked: {error}")

    def _on_tasks(self) -> None:
        """Notices that the person has called the checks off in the list of tasks."""
        if self._task is not None and self._task.cancelled.is_set():
            self._called_off = True
            self._end()

    def _on_said(self, words: str) -> None:
        if self._task is not None:
            self.told.emit(words)

    def _end(self) -> None:
        """Ends what is under way."""
        task, self._task = self._task, None
        if task is not None:
            self._tasks.cancel(task)
        self._hurry.clear()
        self.told.emit("")

    def close(self) -> None:
        """Ends the children; what was found is kept."""
        self._looks.stop()
        self._called_off = True
        self._end()
        if self._keep.isActive() and self._read_site is not None:
            self._keep.stop()
            with contextlib.suppress(OSError):  # they are found again
                write_kept(kept_file(self._data, self._read_site), self._known.values())

    def _write(self) -> None:
        """Keeps what is known for the next start."""
        site = self._read_site
        if site is None:
            return
        path, known = kept_file(self._data, site), list(self._known.values())
        self._tasks.run(
            lambda _context: write_kept(path, known),
            owner=self,
            title="Keeping what was checked",
            lane="applications.keep-checks",
            reading=True,
            on_failed=lambda _error: None,  # they are found again
        )


def _safely(emit: Callable[..., None]) -> Callable[..., None]:
    """A signal for the background, which may outlive the window."""

    def tell(told: object) -> None:
        with contextlib.suppress(RuntimeError):
            emit(told)

    return tell
