"""The tray icon: aggregate state, menu, system notices; and its stand-in where there is no tray."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop.theme import Theme
from desktop.theme.icons import brand_icon

from .actions import Actions

FRAMES = ("changing-1", "changing-2")
SEPARATOR = "-"

_PICTURES = {
    "stopped": ("stopped",),
    "starting": FRAMES,
    "draining": FRAMES,
    "serving": ("serving",),
    "adopted": ("serving",),
    "problem": ("problem",),
    "crashed": ("problem",),
    "failed": ("failed",),
    "foreign": ("failed",),
}


class Tray(Protocol):
    """What the window asks of a tray icon."""

    available: bool
    toggle_wanted: Any  # Signal()

    def show_state(self, mark: str, status: str, line: str, tooltip: str, items: Sequence[str]) -> None:
        """Shape, colour group, state line, tooltip, and the ids of the actions that apply."""

    def notify(self, title: str, text: str, level: str) -> None:
        """A notice of the system, for when the window is hidden."""

    def close(self) -> None:
        """Takes the icon away."""


class NoTray(QObject):
    """A desktop without tray: everything asked of it is left undone."""

    toggle_wanted = Signal()
    available = False

    def show_state(self, mark: str, status: str, line: str, tooltip: str, items: Sequence[str]) -> None:
        """There is nothing to show it in."""

    def notify(self, title: str, text: str, level: str) -> None:
        """There is nothing to show it in."""

    def close(self) -> None:
        """There is nothing to take away."""


class TrayMenu(QMenu):
    """The menu, rebuilt from memory when it is about to open; its items are the window's own actions."""

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self._theme, self._actions = theme, actions
        self._items: tuple[str, ...] = ()
        self._state_line = QAction(actions)  # clear() would delete one of its own
        self._state_line.triggered.connect(actions.get("window.show").trigger)
        self.aboutToShow.connect(self.rebuild)

    def show_state(self, mark: str, status: str, line: str, items: Sequence[str]) -> None:
        """What the next rebuild will hold."""
        color = self._theme.color
        icon = self._theme.icons.icon(
            self._theme.shape(mark), color(f"status.{status}.mark"), color("text.disabled")
        )
        self._state_line.setIcon(icon)
        self._state_line.setText(line)
        font = self._theme.fonts.style("body", 600)
        self._state_line.setFont(font)
        if tuple(items) != self._items:
            self._items = tuple(items)
            if not self.isVisible():  # an open menu keeps its items where they are: one is about to be chosen
                self.rebuild()

    def rebuild(self) -> None:
        """State line, server, window, leaving."""
        self.clear()
        self.addAction(self._state_line)
        self.addSeparator()
        for item in self._items:
            if item == SEPARATOR:
                self.addSeparator()
            else:
                self.addAction(self._actions.get(item))
        if self._items:
            self.addSeparator()
        self.addAction(self._actions.get("window.show"))
        self.addAction(self._actions.get("panel.settings"))
        self.addSeparator()
        self.addAction(self._actions.get("app.quit"))


class SystemTray(QObject):
    """The tray icon of the desktop in use.

    Args:
        theme: colours of the menu.
        actions: registry with the window's actions.
        mono: single-colour pictures as macOS templates; default by platform.  High contrast has them anyway.

    Signals:
        toggle_wanted: a left click, which shows or hides the window.
    """

    toggle_wanted = Signal()
    available = True

    def __init__(
        self, theme: Theme, actions: Actions, mono: bool | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._mono = sys.platform == "darwin" if mono is None else mono
        self._frames: tuple[QIcon, ...] = ()
        self._frame = 0
        self.menu = TrayMenu(theme, actions)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._on_activated)
        self._beat = QTimer(self, interval=theme.tokens.value("motion.tray_frame_ms"))
        self._beat.setObjectName("tray-frames")
        self._beat.timeout.connect(self._next_frame)

    def show_state(self, mark: str, status: str, line: str, tooltip: str, items: Sequence[str]) -> None:
        contrast = self._theme.contrast
        prefix = "tray-mono" if self._mono or contrast else "tray"
        ink = self._theme.color("text.primary").name() if contrast and not self._mono else ""
        self._frames = tuple(brand_icon(f"{prefix}-{name}", self._mono, ink) for name in _PICTURES[mark])
        self._frame = 0
        self._icon.setIcon(self._frames[0])
        self._icon.setToolTip(tooltip)
        self.menu.show_state(mark, status, line, items)
        if len(self._frames) > 1:
            self._beat.start()
        else:
            self._beat.stop()
        self._icon.show()

    def notify(self, title: str, text: str, level: str) -> None:
        kind = {
            "error": QSystemTrayIcon.MessageIcon.Critical,
            "warning": QSystemTrayIcon.MessageIcon.Warning,
        }.get(level, QSystemTrayIcon.MessageIcon.Information)
        self._icon.showMessage(title, text, kind)

    def close(self) -> None:
        self._beat.stop()
        self._icon.hide()
        shiboken6.delete(self.menu)

    def _next_frame(self) -> None:
        self._frame = (self._frame + 1) % len(self._frames)
        self._icon.setIcon(self._frames[self._frame])

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger and sys.platform != "darwin":
            self.toggle_wanted.emit()


TrayMaker = Callable[[Theme, Actions], Tray]


def system_tray(theme: Theme, actions: Actions) -> Tray:
    """The tray of this desktop, or its stand-in."""
    if QSystemTrayIcon.isSystemTrayAvailable():
        return SystemTray(theme, actions)
    return NoTray()
