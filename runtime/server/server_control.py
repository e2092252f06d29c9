"""`ServerControl`: the commands of a running server, called directly or through the control channel."""

from __future__ import annotations

import logging
import os
import platform
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

import psutil

from runtime.foundation.problems import UserError
from runtime.foundation.version import version
from runtime.server.logs import LogRing
from runtime.server.metrics import Metrics
from runtime.server.web_server import WebServer

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class UnknownCommand(UserError):
    """There is no command of this name."""


class ServerControl:
    """Commands of one server by name; further rooms add theirs with `register`.

    Args:
        server: what is controlled.
        metrics: its measurements.
        request_stop: called with the grace time in seconds, or None for the
            configured one; it must return at once. Default: stop in a thread.
        reload_routes: reads ``routes.py`` again; its result is handed on.
        logs: the latest log records, for the command ``logs``.
    """

    def __init__(
        self,
        server: WebServer,
        metrics: Metrics,
        *,
        request_stop: Callable[[float | None], None] | None = None,
        reload_routes: Callable[[], Any] | None = None,
        logs: LogRing | None = None,
    ) -> None:
        self.server = server
        self.metrics = metrics
        self.ready = False
        self.started = time.time()
        self._request_stop = request_stop or self._stop_in_thread
        self._process = psutil.Process()
        self._commands: dict[str, Callable[..., Any]] = {
            "ping": lambda: {"pid": os.getpid(), "version": version()},
            "status": self.status,
            "metrics": self._metrics,
            "requests": metrics.requests,
            "running": metrics.running,
            "drain": self.stop,
            "stop": self.stop,
            "stop_now": lambda: self.stop(0.0),
            "log_level": log_level,
            "threads": thread_stacks,
            "commands": self.commands,
        }
        if reload_routes is not None:
            self.register("reload_routes", reload_routes)
        if logs is not None:
            self.register("logs", logs.since)

    def register(self, name: str, function: Callable[..., Any]) -> None:
        """Add the command `name`; `function` takes keyword arguments and returns what JSON can hold.

        Raises:
            ValueError: the name is taken.
        """
        if name in self._commands:
            raise ValueError(f"the control command {name!r} exists already")
        self._commands[name] = function

    def commands(self) -> list[str]:
        """Names of all commands."""
        return sorted(self._commands)

    def call(self, name: str, args: dict[str, Any] | None = None) -> Any:
        """Carry out a command.

        Raises:
            UnknownCommand: there is none of this name.
            UserError: the arguments do not fit.
        """
        command = self._commands.get(name)
        if command is None:
            raise UnknownCommand(f"unknown command {name!r}; there are: {', '.join(self.commands())}")
        try:
            return command(**(args or {}))
        except TypeError as error:
            if error.__traceback__ is not None and error.__traceback__.tb_next is None:
                raise UserError(f"command {name!r}: {error}") from None  # raised by the call itself
            raise

    def status(self) -> dict[str, Any]:
        """State, addresses, load and size of the server; times in seconds, sizes in bytes."""
        server = self.server
        with self._process.oneshot():
            memory = self._process.memory_info().rss
            times = self._process.cpu_times()
        return {
            "state": self._state(),
            "pid": os.getpid(),
            "version": version(),
            "python": platform.python_version(),
            "folder": str(server.config.folder),
            "url": server.url,
            "addresses": [str(address) for address in server.addresses],
            "started": self.started,
            "uptime": time.time() - self.started,
            "in_flight": server.in_flight(),
            "connections": server.connections(),
            "threads": server.config.threads,
            "threads_busy": server.busy_threads(),
            "queue_depth": server.queue_depth(),
            "memory": memory,
            "cpu_seconds": times.user + times.system,
            "cron": server.config.cron,
            "log_level": logging.getLogger().level,
            **self.metrics.summary(),
        }

    def stop(self, grace: float | None = None) -> dict[str, Any]:
        """Begin to stop: refuse new connections, wait `grace` seconds for the others. Returns at once."""
        if grace is not None and (
            isinstance(grace, bool) or not isinstance(grace, (int, float)) or grace < 0
        ):
            raise UserError(f"grace {grace!r} is no number of seconds")
        in_flight = self.server.in_flight()
        self._request_stop(grace)
        seconds = self.server.config.shutdown_timeout if grace is None else grace
        return {"in_flight": in_flight, "seconds": seconds}

    def _stop_in_thread(self, grace: float | None) -> None:
        threading.Thread(target=self.server.stop, args=(grace,), name="hadron-stop", daemon=True).start()

    def _state(self) -> str:
        if not self.server.running:
            return "stopped"
        if self.server.draining:
            return "draining"
        return "ready" if self.ready else "starting"

    def _metrics(self, since: int = 0) -> dict[str, Any]:
        return {
            **self.metrics.series(since),
            "summary": self.metrics.summary(),
            "threads": self.server.config.threads,
            "threads_busy": self.server.busy_threads(),
            "queue_depth": self.server.queue_depth(),
        }


def log_level(level: int | str | None = None, logger: str = "") -> dict[str, Any]:
    """Set and tell the level of a logger; the empty name is the root (LG-10 of the desktop).

    Raises:
        UserError: no such level.
    """
    target = logging.getLogger(logger or None)
    if level is not None:
        named = logging.getLevelName(level.upper()) if isinstance(level, str) else level
        if isinstance(named, bool) or not isinstance(named, int) or not 0 <= named <= 100:
            raise UserError(f"log level {level!r} is unknown: give 0 to 100 or one of {', '.join(LEVELS)}")
        target.setLevel(named)
    return {"logger": logger, "level": target.getEffectiveLevel()}


def thread_stacks() -> list[dict[str, Any]]:
    """Return name and stack of every thread: what a server that seems to hang is doing."""
    frames = sys._current_frames()
    return [
        {
            "name": thread.name,
            "id": thread.ident,
            "daemon": thread.daemon,
            "stack": "".join(traceback.format_stack(frames[thread.ident])),
        }
        for thread in threading.enumerate()
        if thread.ident in frames
    ]
