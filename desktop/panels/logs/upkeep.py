"""Upkeep of the logs: put aside now, remove old ones, how much a running server says (LG-07, LG-10)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu

from desktop.background import Context, Tasks
from desktop.panels.overview.words import counted
from desktop.processes.state import Phase
from desktop.shell.preferences import Preferences
from desktop.shell.supervisor import Supervisor
from desktop.widgets.value.texts import size_words
from runtime.admin.log_upkeep import Removed, put_all_aside, remove_old

FIRST_LOOK, EVERY = 20_000, 3_600_000  # milliseconds
DAYS_OPTION, SIZE_OPTION = "general.log_days", "general.log_megabytes"
DAYS = ((7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "1 year"), (0, "The last five of each"))
SIZES = ((50, "50 MB together"), (200, "200 MB together"), (1000, "1 GB together"), (0, "Of any size"))
LEVELS = (("DEBUG", 10), ("INFO", 20), ("WARNING", 30), ("ERROR", 40))
RUNNING = (Phase.SERVING, Phase.ADOPTED)


class Upkeep(QObject):
    """Orders of the menu of Logs that are about the files themselves.

    Args:
        tasks: for the disk.
        preferences: how much is kept.
        supervisor: the server whose level can be changed.
        site: tells the site folder.

    Signals:
        said(str): a sentence for a notice.
        failed(str): one about something that went wrong.
        put_aside: the logs begin anew.
    """

    said = Signal(str)
    failed = Signal(str)
    put_aside = Signal()

    def __init__(
        self,
        tasks: Tasks,
        preferences: Preferences,
        supervisor: Supervisor,
        site: Callable[[], Path],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._tasks, self._quiet = tasks, Tasks(self)
        self._preferences, self._supervisor, self._site = preferences, supervisor, site
        self._timer = QTimer(self, interval=FIRST_LOOK)
        self._timer.setObjectName("logs-upkeep")
        self._timer.timeout.connect(self._look)
        self._timer.start()
        preferences.changed.connect(self._on_preference)

    def close(self) -> None:
        """Ends all work."""
        self._timer.stop()
        self._quiet.close()

    # files

    def put_all_aside(self) -> None:
        """Lets every log begin anew; the older ones stay beside them (LG-07)."""
        site = self._site()

        def done(names: list[str]) -> None:
            words = (
                f"{counted(len(names), 'log')} put aside: {', '.join(names)}."
                if names
                else "No log has lines."
            )
            self.said.emit(words)
            self.put_aside.emit()

        self._tasks.run(
            lambda _context: put_all_aside(site),
            owner=self,
            title="Putting the logs aside",
            on_done=done,
            on_failed=lambda error: self.failed.emit(str(error)),
        )

    def remove_old(self) -> None:
        """Removes what is older or larger than is to be kept; nothing without such a wish."""
        site = self._site()
        days, megabytes = (int(self._preferences.get(name, 0)) for name in (DAYS_OPTION, SIZE_OPTION))
        if not days and not megabytes:
            return

        def work(_context: Context) -> Removed:
            return remove_old(site, days, megabytes)

        def done(removed: Removed) -> None:
            if removed.files:
                self.said.emit(f"{counted(removed.files, 'old log')} removed, {size_words(removed.size)}.")

        self._quiet.run(work, owner=self, title="Removing old logs", key="logs.upkeep", on_done=done)

    def _look(self) -> None:
        self._timer.setInterval(EVERY)
        self.remove_old()

    def _on_preference(self, name: str, _value: Any) -> None:
        if name in (DAYS_OPTION, SIZE_OPTION):
            self.remove_old()

    # the menu

    def fill(self, menu: QMenu) -> None:
        """Puts the orders into a menu."""
        menu.addAction("Put the logs aside now", self.put_all_aside)
        keep = menu.addMenu("Keep older logs")
        for option, unit, choices in ((DAYS_OPTION, "days", DAYS), (SIZE_OPTION, "MB together", SIZES)):
            chosen = int(self._preferences.get(option, 0))
            known = (
                choices
                if any(chosen == value for value, _ in choices)
                else ((chosen, f"{chosen} {unit}"), *choices)
            )
            _radio(keep, known, chosen, partial(self._preferences.set, option))
            keep.addSeparator()
        self._level_menu = menu.addMenu("The server writes")
        self._level_menu.setToolTipsVisible(True)
        if self._supervisor.state.phase in RUNNING:
            self._supervisor.ask("log_level", self._show_levels, self.failed.emit)
        else:
            action = self._level_menu.addAction("Start the server first")
            action.setEnabled(False)

    def _show_levels(self, answer: Any) -> None:
        menu = self._level_menu
        if not shiboken6.isValid(menu):  # closed before the answer came
            return
        level = int(answer.get("level", 0)) if isinstance(answer, dict) else 0
        menu.clear()
        words = tuple((value, f"{name.capitalize()} and above") for name, value in LEVELS)
        _radio(menu, words, level, self.set_level)

    def set_level(self, level: int) -> None:
        """Changes how much the running server writes, until it is started again (LG-10)."""

        def done(_answer: Any) -> None:
            name = next(name for name, value in LEVELS if value == level).lower()
            self.said.emit(f"The server writes {name} and above until it is started again.")

        self._supervisor.ask("log_level", done, self.failed.emit, level=level)


def _radio(
    menu: QMenu, choices: tuple[tuple[int, str], ...], chosen: int, take: Callable[[int], object]
) -> None:
    group = QActionGroup(menu)
    for value, words in choices:
        action: QAction = menu.addAction(words)
        action.setData(value)
        action.setCheckable(True)
        action.setChecked(value == chosen)
        action.triggered.connect(lambda _on=False, value=value: take(value))
        group.addAction(action)
