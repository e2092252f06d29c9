"""From a request to the code that answered it, as the routes of the site say (SV-12)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from desktop.background import Tasks
from desktop.processes.state import RequestLine
from desktop.shell.links import Links

if TYPE_CHECKING:
    from runtime.admin.routes import RouteTrial


class RequestCode(QObject):
    """Asks the routes in the background, then follows the link to action or static file.

    Args:
        tasks: asks.
        links: opens what was found.
        site: the site folder.

    Signals:
        refused(str): why there is nothing to open.
    """

    refused = Signal(str)

    def __init__(
        self, tasks: Tasks, links: Links, site: Callable[[], Path], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._tasks, self._links, self._site = tasks, links, site

    def open(self, line: RequestLine) -> None:
        """Opens the controller at the action, or the static file."""
        site = self._site()

        def find(_context: object) -> RouteTrial:
            from runtime.admin.routes import try_route

            return try_route(site, line.path, line.method)

        self._tasks.run(
            find,
            owner=self,
            title="Looking for the code of a request",
            key="request-code",
            reading=True,
            on_done=lambda found: self._on_found(line, found),
        )

    def _on_found(self, line: RequestLine, found: RouteTrial) -> None:
        if found.static_file is not None:
            if found.static_exists:
                self._links.open("file", path=found.static_file, line=0, application=found.application or "")
            else:
                self.refused.emit(f"{line.path} means the file {found.static_file}, which does not exist.")
        elif found.application and found.controller and found.function:
            self._links.open(
                "action",
                application=found.application,
                controller=found.controller,
                function=found.function,
            )
        elif found.redirect is not None:
            status, place = found.redirect
            self.refused.emit(f"No action answers {line.path}: a route sends it to {place}, with {status}.")
        else:
            self.refused.emit(f"No action answers {line.path}: {found.refusal}.")
