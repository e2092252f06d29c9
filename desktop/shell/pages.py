"""The menu of pages: each application's first page in the browser (DESK-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMenu, QWidget

from desktop.shell.actions import Actions
from desktop.widgets.buttons import popup_below

ID = "pages.menu"


class Pages:
    """Keeps the menu in line with the applications there are, and the action that opens it.

    Args:
        actions: gets the action ``pages.menu``.
        open_path: opens an address of the server, given by its path.
        anchor: the menu opens below it when it was chosen by name.
    """

    def __init__(self, actions: Actions, open_path: Callable[[str], None], anchor: QWidget) -> None:
        self._actions, self._open, self._anchor = actions, open_path, anchor
        self.menu = QMenu("Pages", anchor)
        action = actions.add(ID, "Pages", self._pop_up, group="Server", icon="globe")
        action.setMenu(self.menu)
        self._names: tuple[str, ...] = ()
        self._serving = False
        self._show()

    def show_applications(self, names: Sequence[str]) -> None:
        """Takes the names of the applications."""
        self._names = tuple(names)
        self.menu.clear()
        for name in self._names:
            entry = self.menu.addAction(name)
            entry.triggered.connect(lambda _on=False, path=f"/{name}": self._open(path))
        self._show()

    def show_serving(self, serving: bool) -> None:
        """There are pages only while the server answers."""
        self._serving = serving
        self._show()

    def _show(self) -> None:
        why = "The server is not running." if not self._serving else "There is no application."
        self._actions.set_enabled(ID, self._serving and bool(self._names), why)

    def _pop_up(self) -> None:
        popup_below(self.menu, self._anchor)
