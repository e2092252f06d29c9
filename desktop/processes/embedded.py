"""A server in a thread of the desktop's own process (ST-11): a heavy request makes the window stutter."""

from __future__ import annotations

import logging
import threading
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.processes.backend import Backend, EmbeddedServer
from desktop.processes.hosts import HostUnreachable, LogRelay, ServerHost, ask, ended
from desktop.processes.protocol import HostEvent
from desktop.processes.state import LogLine, ServerSettings

SERVER_LOGGER = "web2py"  # parent of the loggers of server and applications


class EmbeddedHost(ServerHost):
    """Runs the server in a background thread; all that takes time happens there."""

    mode = "embedded"
    _said = Signal(object)

    def __init__(
        self,
        settings: ServerSettings,
        password: str | None,
        backend: Backend,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._password = password
        self._backend = backend
        self._lock = threading.Lock()
        self._server: EmbeddedServer | None = None
        self._stop_asked: float | None = None
        self._released = False
        self._relay = LogRelay(self)
        self._relay.lines.connect(self.logged)
        self._said.connect(self._on_said)

    def launch(self) -> None:
        threading.Thread(target=self._run, name="embedded-server", daemon=True).start()

    def stop(self, seconds: float) -> None:
        with self._lock:
            self._stop_asked = seconds
            server = self._server
        if server is not None:
            threading.Thread(
                target=server.stop, args=(seconds,), name="embedded-server-stop", daemon=True
            ).start()

    def kill(self) -> None:
        """A thread cannot be killed: the requests in flight lose their connection, then it ends."""
        self.stop(0.0)

    def release(self) -> None:
        self._released = True

    def call(self, name: str, **arguments: Any) -> Any:
        server = self._server
        if server is None:
            raise HostUnreachable("the server has not started yet")
        return ask(server, name, **arguments)

    def _on_said(self, event: HostEvent) -> None:
        if event.name == "ended":
            self._relay.flush()
        if not self._released:
            self.happened.emit(event)

    # the server's thread

    def _run(self) -> None:
        handler = _RelayHandler(self._relay)
        logger = logging.getLogger(SERVER_LOGGER)
        logger.addHandler(handler)
        level = logger.level
        logger.setLevel(logging.INFO)  # what a server process would show
        try:
            sentence = self._serve()
        except Exception as error:
            logging.getLogger(__name__).exception("the embedded server failed")
            sentence = f"The server inside this process failed: {error}."
        finally:
            logger.removeHandler(handler)
            logger.setLevel(level)
        self._emit(ended(sentence))

    def _serve(self) -> str:
        server = self._backend.embedded(self._settings, self._password)
        with self._lock:
            self._server = server
            called_off = self._stop_asked is not None
        if called_off:
            return "The start was called off."
        self._emit(HostEvent("started"))
        server.run(lambda name, data: self._emit(HostEvent(name, data)))
        return "The server inside this process has ended."

    def _emit(self, event: HostEvent) -> None:
        try:
            self._said.emit(event)
        except RuntimeError:
            self._released = True  # the program is closing


class _RelayHandler(logging.Handler):
    """Shows the records of this process's server like the lines of a server process."""

    def __init__(self, relay: LogRelay) -> None:
        super().__init__()
        self._relay = relay
        self._format = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        moment = f"{self._format.formatTime(record, '%Y-%m-%d %H:%M:%S')}.{int(record.msecs):03d}"
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{self._format.formatException(record.exc_info)}"
        source = record.name.rpartition(".")[2]
        first, *rest = text.splitlines() or [""]
        level = record.levelname.lower()
        lines = [LogLine(moment, source, level, first)]
        self._relay.put(lines + [LogLine("", source, level, line) for line in rest])
