"""One desktop per site folder: a second start hands its arguments to the first one and ends (SH-07)."""

from __future__ import annotations

import hashlib
import json
import logging
import sys
import time
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from runtime.config import user_runtime_folder

log = logging.getLogger("hadron.desktop")

PROTOCOL = 1
MOST_BYTES = 64 * 1024  # of one message
PATIENCE = 3000  # milliseconds a second start tries to reach the first one, which may be starting itself
STEP = 100  # milliseconds between two tries
READ_TIME = 5000  # milliseconds a client may take for its message


class SingleInstance(QObject):
    """Tries to be the one desktop of a site folder; else sends a message to the one there is.

    The lock file decides who is first: its lock ends with the process, however that ended.  The socket only
    carries messages, so a socket left behind by a killed desktop can be removed by whoever holds the lock.

    Use: ``if instance.take(message): run the window  else: exit``.

    Args:
        site_folder: the folder the desktop is for.
        runtime_folder: where lock and socket lie; default below the user's runtime folder.

    Signals:
        message_received: the message (a dict) of a second start, for example ``{"command": "raise"}``.
    """

    message_received = Signal(dict)

    def __init__(
        self, site_folder: Path, runtime_folder: Path | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._folder = runtime_folder or user_runtime_folder()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.address, self._lock = self._names_of(site_folder.resolve())
        self._server: QLocalServer | None = None

    def _names_of(self, resolved: Path) -> tuple[str, QLockFile]:
        """The address and the lock of a site folder, given without links."""
        key = hashlib.sha256(str(resolved).encode("utf-8", "surrogateescape")).hexdigest()[:16]
        address = str(self._folder / f"desktop-{key}.sock")
        if sys.platform == "win32":
            address = f"hadron-desktop-{key}"  # a named pipe has no folder
        lock = QLockFile(str(self._folder / f"desktop-{key}.lock"))
        lock.setStaleLockTime(0)  # old is not dead: only the end of its process frees the lock
        return address, lock

    def take(self, message: dict[str, Any]) -> bool:
        """Become the one desktop, or send `message` to the one there is.

        Waits for at most three seconds, and only when there is another one; so call it before the window.

        Returns:
            True: we are the one.  False: there is another one, which has got the message unless it hangs.
        """
        deadline = time.monotonic() + PATIENCE / 1000
        while True:
            if self._lock.tryLock(0):
                self._listen()
                return True
            if self._send(message):
                return False
            if time.monotonic() >= deadline:
                log.warning("the desktop that runs already cannot be reached")
                return False
            time.sleep(STEP / 1000)  # the other one holds the lock but does not listen yet, or is ending

    def follow(self, resolved: Path) -> bool:
        """Be the one desktop of another site folder from now on, instead of that until now.

        Args:
            resolved: the other folder, without links; `Path.resolve` may ask a disk that is slow.

        Returns:
            Whether no other desktop has it; else everything stays.
        """
        address, lock = self._names_of(resolved)
        if address == self.address:
            return True
        if not lock.tryLock(0):
            return False
        self.release()
        self.address, self._lock = address, lock
        self._listen()
        return True

    def release(self) -> None:
        """Let another desktop take over."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._lock.unlock()

    # the first one

    def _listen(self) -> None:
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        server.newConnection.connect(self._on_connection)
        QLocalServer.removeServer(self.address)  # we hold the lock, so nobody listens there
        if not server.listen(self.address):
            log.error("second starts cannot reach this desktop: %s", server.errorString())
        self._server = server

    def _on_connection(self) -> None:
        while self._server is not None and (client := self._server.nextPendingConnection()):
            _Reader(client, self)

    # the second one

    def _send(self, message: dict[str, Any]) -> bool:
        """Whether the message has left us; it is sent once, whatever becomes of it."""
        socket = QLocalSocket()
        socket.connectToServer(self.address)
        if not socket.waitForConnected(STEP):
            return False
        socket.write(json.dumps({"protocol": PROTOCOL, **message}).encode() + b"\n")
        if socket.bytesToWrite():
            socket.waitForBytesWritten(PATIENCE)
        if not socket.waitForReadyRead(PATIENCE) or not bytes(socket.readAll().data()).startswith(b"ok"):
            log.warning("the desktop that runs already does not answer")
        socket.disconnectFromServer()
        return True


class _Reader(QObject):
    """Reads the message of one client, and goes."""

    def __init__(self, client: QLocalSocket, instance: SingleInstance) -> None:
        super().__init__(instance)
        self._client = client
        self._instance = instance
        self._text = b""
        client.setParent(self)
        client.readyRead.connect(self._on_data)
        client.disconnected.connect(self.deleteLater)
        self._timer = self.startTimer(READ_TIME)
        self._on_data()

    def timerEvent(self, event: Any) -> None:
        """Qt: the client took too long."""
        self._end()

    def _on_data(self) -> None:
        self._text += bytes(self._client.read(MOST_BYTES + 1).data())
        line, end, _ = self._text.partition(b"\n")
        if end:
            self._take(line)
        elif len(self._text) > MOST_BYTES:
            self._end()

    def _take(self, line: bytes) -> None:
        self._text = b""
        message = _parse(line)
        self._client.write(b"ok\n" if message is not None else b"no\n")
        self._client.flush()
        self._end()
        if message is not None:
            self._instance.message_received.emit(message)

    def _end(self) -> None:
        self.killTimer(self._timer)
        self._client.readyRead.disconnect(self._on_data)
        self._client.disconnectFromServer()


def _parse(line: bytes) -> dict[str, Any] | None:
    """The message in a line of our protocol, without the version; None for anything else."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or message.pop("protocol", None) != PROTOCOL:
        log.warning("a second start sent something of another version")
        return None
    return message
