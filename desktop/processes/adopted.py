"""A server of this site folder that was found running (SV-22, SH-17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from desktop.processes.child import Connect
from desktop.processes.hosts import ServerHost, ask, ended
from desktop.processes.lane import Lane

if TYPE_CHECKING:
    import psutil

WATCH_INTERVAL = 1000  # milliseconds between two looks whether it still runs

GONE = "The server that was started elsewhere has ended."


@dataclass(frozen=True)
class RunningServer:
    """What is known of a server found running."""

    pid: int
    url: str | None
    address: str
    port: int
    control_address: str
    control_key: str


class AdoptedHost(ServerHost):
    """Watches and stops a server through its control channel and process id."""

    def __init__(self, found: RunningServer, connect: Connect, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found = found
        self._questions = connect(found.control_address, found.control_key)
        self._orders = connect(found.control_address, found.control_key)
        self._process: psutil.Process | None = None
        self._looking = False
        self._over = False
        self._lane = Lane("adopted-server", self)
        self._timer = QTimer(self, interval=WATCH_INTERVAL)
        self._timer.setObjectName("adopted-server-watch")
        self._timer.timeout.connect(self._look)

    def launch(self) -> None:
        """Nothing is launched: begin to watch."""
        self._timer.start()
        self._look()

    def stop(self, seconds: float) -> None:
        self._lane.submit(lambda: ask(self._orders, "drain", grace=seconds), None, self._on_stop_refused)

    def kill(self) -> None:
        self._lane.submit(self._kill)

    def release(self) -> None:
        self._over = True
        self._timer.stop()
        self._lane.close()

    def call(self, name: str, **arguments: Any) -> Any:
        return ask(self._questions, name, **arguments)

    def _on_stop_refused(self, _error: Exception) -> None:
        self._lane.submit(self._terminate)

    def _look(self) -> None:
        if not self._looking:
            self._looking = True
            self._lane.submit(lambda: self._find() is not None, self._on_inspected)

    def _on_inspected(self, alive: bool) -> None:
        self._looking = False
        if not alive and not self._over:
            self.release()
            self.happened.emit(ended(GONE))

    # on the lane

    def _find(self) -> psutil.Process | None:
        import psutil  # late: the window need not wait for it

        try:
            if self._process is None:
                self._process = psutil.Process(self.found.pid)
            alive = self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return None
        return self._process if alive else None

    def _terminate(self) -> None:
        if process := self._find():
            process.terminate()

    def _kill(self) -> None:
        if process := self._find():
            process.kill()
