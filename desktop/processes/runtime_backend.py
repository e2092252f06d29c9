"""The door to the runtime's server."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from desktop.processes.adopted import RunningServer
from desktop.processes.backend import EmbeddedServer, Tell
from desktop.processes.machine import DRAIN_SECONDS
from desktop.processes.state import ServerSettings
from runtime.config import ServerConfig, build_config
from runtime.foundation.problems import UserError

if TYPE_CHECKING:
    from runtime.server.service import Service

LOG_LEVEL = 20  # the window shows what a console would keep to itself


class RuntimeBackend:
    """Passes on to `runtime.server`, imported when first needed so that the window does not wait for it."""

    def serve_command(self, settings: ServerSettings) -> list[str]:
        """Program and arguments of a server process."""
        from runtime.server.command import serve_command

        return serve_command(server_config(settings))

    def find_running(self, site_folder: Path) -> RunningServer | None:
        """The server of this site folder that runs already."""
        from runtime.server.control_file import find_running

        found = find_running(site_folder)
        if found is None:
            return None
        parts = urlsplit(found.url)
        return RunningServer(
            found.pid, found.url, parts.hostname or "", parts.port or 0, found.address, found.key
        )

    def connect(self, address: str, key: str) -> Any:
        """A control client; it connects at its first call."""
        from runtime.server.control import ControlClient

        return ControlClient(address, key)

    def embedded(self, settings: ServerSettings, password: str | None) -> EmbeddedServer:
        """A server that is to run inside this process."""
        return ServiceThread(dataclasses.replace(server_config(settings), password=password))


def server_config(settings: ServerSettings) -> ServerConfig:
    """The server's options for the desktop's settings.

    Raises:
        ConfigError: a value cannot work.
    """
    return build_config(
        {
            "folder": str(settings.site_folder),
            "ip": settings.address,
            "port": settings.port,
            "maxthreads": settings.threads,
            "shutdown_timeout": DRAIN_SECONDS,
            "debug": LOG_LEVEL,
            "run_cron": settings.cron == "hard",
            "softcron": settings.cron == "soft",
        }
    )


class ServiceThread:
    """Runs a `Service` in the calling thread, with the events of a server process."""

    def __init__(self, config: ServerConfig) -> None:
        self._config = config
        self._wanted = threading.Event()  # a stop is
        self._grace = config.shutdown_timeout
        self._service: Service | None = None
        self._tell: Tell = lambda name, data: None

    def run(self, tell: Tell) -> None:
        """Serve until `stop`."""
        from runtime.server.service import Service, StartError

        self._tell = tell
        service = Service(self._config, request_stop=self._on_control)
        self._service = service
        try:
            service.open()
            tell("listening", {"url": service.server.url, "port": service.server.address.port})
            service.start(None)
        except UserError as error:
            kind, details = "error", {}
            if isinstance(error, StartError):
                kind, details = error.kind, error.details
            tell("failed", {"kind": kind, "message": str(error), **details})
            return
        threading.Thread(target=self._check, args=(service,), name="embedded-check", daemon=True).start()
        self._wanted.wait()
        tell("draining", {"in_flight": service.server.in_flight(), "seconds": self._grace})
        service.close(self._grace)
        tell("stopped", {})

    def stop(self, seconds: float) -> None:
        """End, after at most `seconds` for the requests in flight; asked again, the shorter time counts."""
        if self._wanted.is_set() and self._service is not None:
            self._service.server.hasten(seconds)
        else:
            self._grace = seconds
            self._wanted.set()

    def call(self, name: str, **arguments: Any) -> Any:
        """Ask the control object, without a channel between.

        Raises:
            UserError: the server has not begun to start, or cannot do it.
        """
        if self._service is None:
            raise UserError("the server has not started yet")
        return self._service.control.call(name, arguments)

    def _on_control(self, grace: float | None) -> None:
        """Someone asked through the control channel; must return at once."""
        self.stop(self._config.shutdown_timeout if grace is None else grace)

    def _check(self, service: Service) -> None:
        self._tell("checking", {})
        check = service.check()
        if not self._wanted.is_set():
            service.control.ready = True
            self._tell("ready", {"warning": check.warning} if check.warning else {})
