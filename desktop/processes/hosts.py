"""One interface to whatever runs the server: a child process, this process, or a process found running."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.protocol import HostEvent, LogBuffer
from runtime.foundation.problems import UserError

LOG_PAUSE = 100  # milliseconds between two deliveries of log lines


class HostUnreachable(Exception):
    """The server's control channel is not there (yet), or does not answer."""


class ServerHost(QObject):
    """A server that can be launched, asked to stop and killed.  No call of it waits.

    Signals:
        happened: a HostEvent; the last one of a run is "ended" with a `sentence`.
        logged: a list of LogLine, oldest first.
    """

    happened = Signal(object)
    logged = Signal(object)

    mode = "child"

    def launch(self) -> None:
        """Start; what follows is told by `happened`."""
        raise NotImplementedError

    def stop(self, seconds: float) -> None:
        """Ask the server to answer what is in flight, for at most `seconds`, and to end."""
        raise NotImplementedError

    def kill(self) -> None:
        """End the server at once."""
        raise NotImplementedError

    def release(self) -> None:
        """Let the server live on and say nothing more about it."""
        raise NotImplementedError

    def call(self, name: str, **arguments: Any) -> Any:
        """Ask the server's control object; waits for the answer, so never on the GUI thread.

        Raises:
            HostUnreachable: there is no control channel, or no answer within its time.
        """
        raise NotImplementedError


class LogRelay(QObject):
    """Hands log lines read by a thread to the GUI thread, ten times a second at most."""

    lines = Signal(object)
    _filled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.buffer = LogBuffer()
        self._pause = QTimer(self, singleShot=True, interval=LOG_PAUSE)
        self._pause.setObjectName("log-relay")
        self._pause.timeout.connect(self.flush)
        self._filled.connect(self.flush)

    def put(self, lines: list[Any], passed: int = 0) -> None:
        """Add lines; callable from any thread."""
        if self.buffer.put(lines, passed):
            self._filled.emit()

    def flush(self) -> None:
        """Deliver what waits (GUI thread)."""
        if lines := self.buffer.take():
            self._pause.start()
            self.lines.emit(lines)


def ask(client: Any, name: str, **arguments: Any) -> Any:
    """Put a question to a control client.

    Raises:
        HostUnreachable: no (good) answer.
    """
    try:
        return client.call(name, **arguments)
    except (OSError, UserError) as error:
        raise HostUnreachable(str(error)) from error


def ended(sentence: str) -> HostEvent:
    """The last event of a run."""
    return HostEvent("ended", {"sentence": sentence})
