"""The control channel: JSON messages between a server and who supervises it.

Transport: a Unix socket in a folder only the user can enter, or a named pipe on Windows, through
`multiprocessing.connection`; only bytes of JSON travel, never pickles. Before the first command
both sides prove that they know the key, which itself is never sent. (The library's own
authentication uses MD5 on Python 3.11, and runs where a silent client would block all others.)

    server: {"protocol": 1, "nonce": N1}
    client: {"nonce": N2, "proof": HMAC(key, "client" N1 N2)}
    server: {"proof": HMAC(key, "server" N1 N2)}
    client: {"call": "status", "args": {...}}    server: {"result": ...} or {"error": text, "kind": name}
"""

from __future__ import annotations

import hmac
import json
import logging
import os
import secrets
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from runtime.foundation.problems import UserError

log = logging.getLogger("web2py.server")

PROTOCOL = 1
MOST_BYTES = 16 * 1024 * 1024
_MOST_BEFORE_PROOF = 1024
_PROOF_WITHIN = 5.0  # seconds a client has to prove itself
_FAMILY = "AF_PIPE" if sys.platform == "win32" else "AF_UNIX"

Command = Callable[..., Any]


class ControlError(UserError):
    """The control channel did not do what was asked."""


class ControlUnreachable(ControlError):
    """Nobody answers at the address: the server has ended or hangs."""


class ControlRefused(ControlError):
    """The key is wrong, or the server speaks another protocol version."""


class ControlTimeout(ControlError):
    """No answer in time; the command may still be carried out."""


class CommandFailed(ControlError):
    """The server answered that the command failed. `kind`: class name of the error there."""

    def __init__(self, text: str, kind: str) -> None:
        super().__init__(text)
        self.kind = kind


class ControlServer:
    """Answers commands at `address` until `close`; each client is served by a thread of its own.

    Args:
        address: socket path or pipe name, see `control_file.new_control_address`.
        key: secret shared with clients; `new_key` makes one.
        call: what carries out a command: name and arguments to a result that JSON can hold.
    """

    def __init__(self, address: str, key: str, call: Callable[[str, dict[str, Any]], Any]) -> None:
        self.address = address
        self._key = key.encode()
        self._call = call
        self._closing = threading.Event()
        self._listener = Listener(address, family=_FAMILY, backlog=16)
        if _FAMILY == "AF_UNIX":
            os.chmod(address, 0o600)
        self._thread = threading.Thread(target=self._accept, name="hadron-control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take no more clients; commands that run are answered."""
        if self._closing.is_set():
            return
        self._closing.set()
        try:
            Client(self.address, family=_FAMILY).close()  # wakes the thread that waits for a client
        except OSError:
            pass
        self._thread.join(timeout=2.0)
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection = self._listener.accept()
            except OSError as error:
                if not self._closing.is_set():
                    log.error("control channel: %s", error)
                    time.sleep(0.2)  # out of file descriptors, most likely
                continue
            if self._closing.is_set():
                connection.close()
                return
            threading.Thread(
                target=self._serve, args=(connection,), name="hadron-control-client", daemon=True
            ).start()

    def _serve(self, connection: Connection) -> None:
        with connection:
            try:
                if not _same_user(connection) or not self._greet(connection):
                    log.warning("control channel: a client without the right key was refused")
                    return
                while not self._closing.is_set():
                    message = _receive(connection, MOST_BYTES)
                    try:
                        _send(connection, self._answer(message))
                    except ControlError as error:
                        _send(connection, {"error": str(error), "kind": "ControlError"})
            except (OSError, EOFError, ValueError, TimeoutError):
                return  # the client has gone or does not speak our language

    def _greet(self, connection: Connection) -> bool:
        ours = secrets.token_hex(16)
        _send(connection, {"protocol": PROTOCOL, "nonce": ours})
        answer = _receive(connection, _MOST_BEFORE_PROOF, _PROOF_WITHIN)
        theirs = str(answer.get("nonce", ""))
        proof = str(answer.get("proof", "")).encode()
        if not hmac.compare_digest(proof, _proof(self._key, "client", ours, theirs).encode()):
            _send(connection, {"error": "wrong key"})
            return False
        _send(connection, {"proof": _proof(self._key, "server", ours, theirs)})
        return True

    def _answer(self, message: dict[str, Any]) -> dict[str, Any]:
        name, args = message.get("call"), message.get("args", {})
        if not isinstance(name, str) or not isinstance(args, dict):
            return {"error": "a message needs a text `call` and an object `args`", "kind": "ControlError"}
        try:
            return {"result": self._call(name, args)}
        except UserError as error:
            return {"error": str(error), "kind": type(error).__name__}
        except Exception as error:
            log.exception("control channel: command %s failed", name)
            return {"error": f"{type(error).__name__}: {error}", "kind": type(error).__name__}


class ControlClient:
    """Sends commands to a server. One command at a time; usable from several threads.

    The connection is made at the first call and again after a failure.
    """

    def __init__(self, address: str, key: str) -> None:
        self.address = address
        self._key = key.encode()
        self._lock = threading.Lock()
        self._connection: Connection | None = None

    def call(self, name: str, *, timeout: float = 5.0, **args: Any) -> Any:
        """Carry out the command `name` and return its result.

        Args:
            timeout: seconds to wait for the answer.
            args: arguments of the command; JSON must be able to hold them.

        Raises:
            ControlUnreachable, ControlRefused, ControlTimeout: the channel failed.
            CommandFailed: the server could not do it.
        """
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = self._connect(timeout)
                _send(self._connection, {"call": name, "args": args})
                answer = _receive(self._connection, MOST_BYTES, timeout)
            except TimeoutError:
                self._drop()
                raise ControlTimeout(f"the server did not answer {name!r} within {timeout:g} s") from None
            except (OSError, EOFError, ValueError) as error:
                self._drop()
                reason = getattr(error, "strerror", None) or "the connection was closed"
                raise ControlUnreachable(f"the server cannot be reached: {reason}") from None
        if "error" in answer:
            raise CommandFailed(str(answer["error"]), str(answer.get("kind", "")))
        return answer.get("result")

    def close(self) -> None:
        """Close the connection; a later call opens another."""
        with self._lock:
            self._drop()

    def _connect(self, timeout: float) -> Connection:
        connection = Client(self.address, family=_FAMILY)
        try:
            hello = _receive(connection, _MOST_BEFORE_PROOF, timeout)
            if hello.get("protocol") != PROTOCOL:
                raise ControlRefused("the server is of another version; restart it")
            theirs, ours = str(hello.get("nonce", "")), secrets.token_hex(16)
            _send(connection, {"nonce": ours, "proof": _proof(self._key, "client", theirs, ours)})
            answer = _receive(connection, _MOST_BEFORE_PROOF, timeout)
            proof = str(answer.get("proof", "")).encode()
            if not hmac.compare_digest(proof, _proof(self._key, "server", theirs, ours).encode()):
                raise ControlRefused("the control key is wrong: this is not the server that was started")
        except BaseException:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def new_key() -> str:
    """Return a fresh secret of 256 bits."""
    return secrets.token_hex(32)


def _proof(key: bytes, side: str, server_nonce: str, client_nonce: str) -> str:
    return hmac.new(key, f"{side} {server_nonce} {client_nonce}".encode(), "sha256").hexdigest()


def _send(connection: Connection, message: dict[str, Any]) -> None:
    data = json.dumps(message, default=str).encode()
    if len(data) > MOST_BYTES:
        raise ControlError(f"a control message of {len(data)} bytes is too large; ask for less")
    connection.send_bytes(data)


def _receive(connection: Connection, most: int, timeout: float | None = None) -> dict[str, Any]:
    if timeout is not None and not connection.poll(timeout):
        raise TimeoutError
    message = json.loads(connection.recv_bytes(most))
    if not isinstance(message, dict):
        raise ValueError("a message is a JSON object")
    return message


def _same_user(connection: Connection) -> bool:
    """Ask the kernel who is at the other end, where it tells; elsewhere the folder's permission does."""
    if sys.platform != "linux":
        return True
    with socket.socket(fileno=os.dup(connection.fileno())) as peer:
        packed = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    uid: int = struct.unpack("3i", packed)[1]
    return uid in (os.getuid(), 0)
