"""The door to the runtime's server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from desktop.processes.adopted import RunningServer
from desktop.processes.backend import EmbeddedServer
from desktop.processes.state import ServerSettings


class RuntimeBackend:
    """Passes on to `runtime.server`, imported when first needed so that the window does not wait for it."""

    def serve_command(self, settings: ServerSettings) -> list[str]:
        raise NotImplementedError

    def find_running(self, site_folder: Path) -> RunningServer | None:
        raise NotImplementedError

    def connect(self, address: str, key: str) -> Any:
        raise NotImplementedError

    def embedded(self, settings: ServerSettings, password: str | None) -> EmbeddedServer:
        raise NotImplementedError
