"""The menus of the window's header: all actions, the server's, the notices."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QWidget

from desktop.widgets.buttons import popup_below

from .actions import Actions
from .header import Header
from .notices import Notices

SERVER, GO, WINDOW, HELP = "Server", "Go to", "Window", "Help"
"""Groups of actions, in the order of the menu."""
NOTICES_SHOWN = 12


class HeaderMenus:
    """Opens below the header's buttons what belongs to them, filled anew each time.

    Args:
        header: with the buttons.
        actions, notices: what the menus show.
        parent: the window.
    """

    def __init__(self, header: Header, actions: Actions, notices: Notices, parent: QWidget) -> None:
        self._header, self._actions, self._notices = header, actions, notices
        self._main, self._server = QMenu("Menu", parent), QMenu("Server", parent)
        self._told = QMenu("Notices", parent)
        self.server_items: Callable[[], tuple[str, ...]] = tuple
        header.menu_wanted.connect(self.open_main)
        header.server_menu_wanted.connect(self.open_server)
        header.notices_wanted.connect(self.open_notices)

    def fill_main(self) -> QMenu:
        """Puts the actions that can be used now into the menu, by group."""
        menu = self._main
        menu.clear()
        groups: dict[str, list[str]] = {}
        for entry in self._actions:
            groups.setdefault(entry.group, []).append(entry.id)
        for group in (SERVER, GO, WINDOW, HELP):
            if group != SERVER:
                menu.addSeparator()
            for id in groups.get(group, ()):
                action = self._actions.get(id)
                if action.isEnabled() and id not in ("app.quit", "window.show"):
                    menu.addAction(action)
        menu.addSeparator()
        menu.addAction(self._actions.get("app.quit"))
        return menu

    def open_main(self) -> None:
        """Opens the menu of all actions."""
        popup_below(self.fill_main(), self._header.menu)

    def open_server(self) -> None:
        """Opens the menu of the server's state."""
        menu = self._server
        menu.clear()
        for item in self.server_items():
            if item == "-":
                menu.addSeparator()
            else:
                menu.addAction(self._actions.get(item))
        popup_below(menu, self._header.state)

    def open_notices(self) -> None:
        """Opens the menu of the last notices, which are seen then."""
        menu = self._told
        menu.clear()
        if not self._notices.all():
            menu.addAction("No notices").setEnabled(False)
        for notice in self._notices.all()[:NOTICES_SHOWN]:
            action = menu.addAction(notice.text)
            action.triggered.connect(lambda _on=False, key=notice.key: self._notices.reopen(key))
        self._notices.mark_seen()
        popup_below(menu, self._header.bell)
