"""The door to the runtime's server; everything the desktop asks of it passes here.

The runtime is imported when first needed, in the background, so that the window does not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from desktop.processes.adopted import RunningServer
from desktop.processes.state import ServerSettings

Tell = Callable[[str, dict[str, Any]], None]
"""Takes the name of an event and its data, from any thread."""


class EmbeddedServer(Protocol):
    """A server in a thread of this process."""

    def run(self, tell: Tell) -> None:
        """Serve until stopped, telling the same events as a server process; returns when all is over."""

    def stop(self, seconds: float) -> None:
        """End, after at most `seconds` for the requests in flight; may wait for that."""

    def call(self, name: str, **arguments: Any) -> Any:
        """Ask the control object."""


class Backend(Protocol):
    """What the supervisor needs of the runtime."""

    def serve_command(self, settings: ServerSettings) -> list[str]:
        """Program and arguments of a server process; nothing secret."""

    def find_running(self, site_folder: Path) -> RunningServer | None:
        """The server of this site folder that runs already."""

    def connect(self, address: str, key: str) -> Any:
        """A control client: `call(name, **arguments)`, raising OSError; connects at the first call."""

    def embedded(self, settings: ServerSettings, password: str | None) -> EmbeddedServer:
        """A server that is to run inside this process."""
