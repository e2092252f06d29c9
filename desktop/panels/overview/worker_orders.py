"""The workers in the tray and the palette: one submenu, rebuilt when something changes (SH-04, 12.2)."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.processes.workers import Known, Workers
from desktop.shell.actions import Actions

GROUP = "Workers"
MOST = 15


class WorkerOrders(QObject):
    """Registers the actions and keeps the submenu true.

    Args:
        actions: the registry.
        workers: who runs them.

    Signals:
        changed: the tray shows something else.
    """

    changed = Signal()

    def __init__(self, actions: Actions, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions, self._workers = actions, workers
        self.menu = QMenu(GROUP)
        self._shown: tuple[object, ...] = ()
        action = actions.add("workers.menu", "Workers", self._nothing, group=GROUP, icon="workers")
        action.setMenu(self.menu)
        actions.add(
            "workers.start_all", "Start the kept workers", workers.on_server_ready, group=GROUP, icon="play"
        )
        actions.add(
            "workers.stop_all", "Finish and stop all workers", workers.stop_all, group=GROUP, icon="stop"
        )
        workers.changed.connect(self._follow)
        self._follow()

    def _nothing(self) -> None:
        """A submenu opens by itself."""

    def tray_items(self) -> tuple[str, ...]:
        """What the tray shows: nothing where no application has a scheduler."""
        return ("-", "workers.menu") if self._workers.applications() else ()

    def _follow(self) -> None:
        names = self._workers.applications()[:MOST]
        shown = tuple(
            (name, self._workers.count(name), self._living(name), self._paused(name)) for name in names
        )
        news = (shown, self._workers.running())
        if news == self._shown:
            return
        self._shown = news
        self.menu.clear()
        for name, count, living, paused in shown:
            self.menu.addMenu(self._menu_of(name, count, living, paused))
        self.menu.addSeparator()
        self.menu.addAction(self._actions.get("workers.start_all"))
        self.menu.addAction(self._actions.get("workers.stop_all"))
        some = any(one[1] for one in shown)
        self._actions.set_enabled("workers.stop_all", some, "No worker was started here.")
        self.changed.emit()

    def _living(self, name: str) -> int:
        known = self._workers.known.get(name, Known())
        return sum(entry.state != "dead" for entry in known.workers)

    def _paused(self, name: str) -> bool:
        known = self._workers.known.get(name, Known())
        living = [entry for entry in known.workers if entry.state != "dead"]
        return bool(living) and all(entry.state == "paused" for entry in living)

    def _menu_of(self, name: str, count: int, living: int, paused: bool) -> QMenu:
        state = "paused" if paused else f"{max(count, living)} running" if count or living else "none runs"
        menu = QMenu(f"{name}: {state}".replace("&", "&&"), self.menu)
        workers = self._workers
        for words, order, enabled in (
            ("One more", lambda: workers.start_one(name), True),
            ("One less", lambda: workers.set_count(name, count - 1), count > 0),
            ("Pause", lambda: workers.order_all(name, "pause"), living > 0 and not paused),
            ("Resume", lambda: workers.order_all(name, "resume"), paused),
        ):
            action = QAction(words, menu)
            action.setEnabled(enabled)
            action.triggered.connect(lambda _on=False, order=order: order())
            menu.addAction(action)
        return menu
