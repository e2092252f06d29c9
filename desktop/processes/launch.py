"""Before a launch: is a server running already, is the port free, what is the password (SV-03, SV-22)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from PySide6.QtCore import QObject, QTimer

from desktop.processes.adopted import RunningServer
from desktop.processes.backend import Backend
from desktop.processes.checks import instant_faults, probe_port
from desktop.processes.lane import Lane
from desktop.processes.state import Cause, ServerSettings

PASSWORD_PATIENCE = 3000  # milliseconds a locked keyring may take before the server starts without it (ST-05)


class PasswordSource(Protocol):
    """Where the administration password of a site folder comes from."""

    def get(self, site: str, callback: Callable[[Any], None] | None = None) -> None:
        """Call back with a result that has `password` (text or None)."""


@dataclass(frozen=True)
class Prepared:
    """What a launch needs; one of `found`, `cause` and `command` is set (none when embedded)."""

    found: RunningServer | None = None
    cause: Cause | None = None
    command: list[str] | None = None
    password: str | None = field(default=None, repr=False)


class Preparation(QObject):
    """Prepares one launch in the background and calls `done` once, unless it was called off.

    Args:
        password: known already; None asks `passwords`.
    """

    def __init__(
        self,
        settings: ServerSettings,
        backend: Backend,
        lane: Lane,
        passwords: PasswordSource | None,
        done: Callable[[Prepared], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._done: Callable[[Prepared], None] | None = done
        self._command: list[str] | None = None
        self._waits_for_password = False
        self._patience = QTimer(self, singleShot=True, interval=PASSWORD_PATIENCE)
        self._patience.setObjectName("password-patience")
        self._patience.timeout.connect(self._on_patience_over)
        self._passwords = passwords
        lane.submit(lambda: look_around(settings, backend), self._on_looked, self._on_error)

    def call_off(self) -> None:
        """Do not call `done` any more."""
        self._done = None
        self._patience.stop()

    def _on_looked(self, prepared: Prepared) -> None:
        if self._done is None:
            return
        if prepared.found or prepared.cause or self._passwords is None:
            self._finish(prepared)
            return
        self._command = prepared.command
        self._waits_for_password = True
        self._patience.start()
        self._passwords.get(str(self._settings.site_folder), self._on_password)

    def _on_password(self, result: Any) -> None:
        self._with_password(result.password)

    def _on_patience_over(self) -> None:
        self._with_password(None)

    def _with_password(self, password: str | None) -> None:
        if not self._waits_for_password or self._done is None:
            return
        self._waits_for_password = False
        faults = instant_faults(self._settings, password_set=password is not None)
        public = next((fault for fault in faults if fault.field == "address"), None)
        if public:
            self._finish(Prepared(cause=Cause("password", public.sentence)))
        else:
            self._finish(Prepared(command=self._command, password=password))

    def _on_error(self, error: Exception) -> None:
        self._finish(Prepared(cause=Cause("preparation", f"The start could not be prepared: {error}.")))

    def _finish(self, prepared: Prepared) -> None:
        done, self._done = self._done, None
        self._patience.stop()
        if done is not None:
            done(prepared)


def look_around(settings: ServerSettings, backend: Backend) -> Prepared:
    """What a look at disk and network says; in the background."""
    if found := backend.find_running(settings.site_folder):
        return Prepared(found=found)
    port = probe_port(settings.address, settings.port)
    if not port.free:
        cause = Cause(port.kind, port.sentence, port.owner_name, port.owner_pid, port.next_free_port)
        return Prepared(cause=cause)
    return Prepared(command=None if settings.embedded else backend.serve_command(settings))
