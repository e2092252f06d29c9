"""What changes how lines of logs are shown: actions for keys, menus, palette (UI-LG-08)."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from desktop.shell.actions import Actions

from .display import Display
from .times import WAYS

GROUP = "Logs"
WRAP, LARGER, SMALLER, NORMAL = "logs.wrap", "logs.larger", "logs.smaller", "logs.normal_size"
UNSEEN = "Go to Logs or open the log drawer first."


class DisplayActions(QObject):
    """Actions on `display`; they work while lines of logs are seen, in the panel or the drawer."""

    def __init__(self, actions: Actions, display: Display, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions, self._display = actions, display
        self._seen: set[str] = set()
        add = actions.add
        add(WRAP, "Wrap long lines", self._switch_wrap, group=GROUP, shortcut="Alt+Z").setCheckable(True)
        add(LARGER, "Larger lines", self._larger, group=GROUP, shortcut=["Alt++", "Alt+="])
        add(SMALLER, "Smaller lines", self._smaller, group=GROUP, shortcut="Alt+-")
        add(NORMAL, "Lines of the usual size", display.resize_normal, group=GROUP, shortcut="Alt+0")
        ways = QActionGroup(self)
        for way, words in WAYS:
            action = add(
                f"logs.time_{way}",
                f"Times: {words}",
                partial(display.set_time_way, way),
                group=GROUP,
                short=words,
            )
            action.setCheckable(True)
            ways.addAction(action)
        display.changed.connect(self._refresh)
        self._refresh()

    def set_seen(self, where: str, seen: bool) -> None:
        """Lines are seen in a place, or not any more."""
        self._seen = self._seen | {where} if seen else self._seen - {where}
        self._refresh()

    def fill(self, menu: QMenu) -> None:
        """Puts the actions into a menu, times in one of their own."""
        menu.addAction(self._actions.get(WRAP))
        times = menu.addMenu("Times")
        for way, _words in WAYS:
            times.addAction(self._actions.get(f"logs.time_{way}"))
        for id in (LARGER, SMALLER, NORMAL):
            menu.addAction(self._actions.get(id))

    def _switch_wrap(self) -> None:
        self._display.set_wraps(not self._display.wraps)

    def _larger(self) -> None:
        self._display.resize_by(1)

    def _smaller(self) -> None:
        self._display.resize_by(-1)

    def _refresh(self) -> None:
        display, seen = self._display, bool(self._seen)
        self._actions.get(WRAP).setChecked(display.wraps)
        self._actions.get(f"logs.time_{display.time_way}").setChecked(True)
        self._actions.set_text(NORMAL, f"Lines of the usual size (now {display.percent} %)")
        for id, can, reason in (
            (WRAP, True, ""),
            (LARGER, display.can_resize(1), "There is no larger size."),
            (SMALLER, display.can_resize(-1), "There is no smaller size."),
            (NORMAL, display.percent != 100, "Lines have the usual size."),
            *((f"logs.time_{way}", True, "") for way, _words in WAYS),
        ):
            self._actions.set_enabled(id, seen and can, reason if seen else UNSEEN)
