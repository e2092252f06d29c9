"""What all orders of Translations need: the panel, the file that is open, a word to the person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.shell.actions import Actions

from .choices import Choice, ChoicesModel, DiffSheet
from .session import OpenFile

if TYPE_CHECKING:
    from .view import TranslationsPanel


class OrdersBase(QObject):
    """Shared part of the orders.

    Args:
        panel: the widget; it shows, orders act.
        actions: the registry.
        open_at: opens a file at a line.
        server_url: tells the address of the running server.
        open_address: opens an address in the browser.
    """

    def __init__(
        self,
        panel: TranslationsPanel,
        actions: Actions,
        open_at: Callable[[Path, int], bool],
        server_url: Callable[[], str],
        open_address: Callable[[str], bool] | None,
    ) -> None:
        super().__init__(panel)
        self._panel, self._actions = panel, actions
        self._open_at, self._server_url, self._open_address = open_at, server_url, open_address

    def tell(self, level: str, sentence: str) -> None:
        """Shows a notice; a newer one takes its place."""
        self._panel.notices.post(level, sentence, replace="translations")

    @property
    def _file(self) -> OpenFile | None:
        return self._panel.session.current

    def _ask(
        self,
        title: str,
        sentence: str,
        choices: list[Choice],
        verb: str,
        then: Callable[[list[Choice], bool], None],
        tick: str = "",
    ) -> None:
        sheet = DiffSheet(self._panel.theme, title, sentence, ChoicesModel(choices), verb, tick, self._panel)
        sheet.accepted_rows.connect(then)
        sheet.open()
