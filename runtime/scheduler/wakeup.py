"""Waking a worker when something was queued; the heartbeat is the net below it.

PostgreSQL notifies. A SQLite file is watched by the system where it can
(Linux), else its version is asked for. Others are asked once a second.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import sys
import threading
from queue import SimpleQueue
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.access import DatabaseAccess
from runtime.scheduler.executor import Message

_LONGEST_PAUSE = 10.0
_SETTLE = 0.002  # seconds in which the writes of one commit come together
_IN_MODIFY, _IN_CLOSE_WRITE, _IN_DELETE, _IN_CLOEXEC = 0x2, 0x8, 0x200, 0x80000
_EVENT = struct.Struct("iIII")


class Listener:
    """Waits for PostgreSQL's notifications in a thread of its own.

    Args:
        access: how to connect.
        inbox: gets a ``wake`` message for each notification, and one after each new connection.
    """

    def __init__(self, access: DatabaseAccess, inbox: SimpleQueue[Message]) -> None:
        self._access = access
        self._inbox = inbox
        self._stop = threading.Event()
        threading.Thread(target=self._listen, name="hadron-listen", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._stop.set()

    def _listen(self) -> None:
        pause = 0.2
        while not self._stop.is_set():
            link: Any = None
            try:
                link = self._access.connect()
                link.cursor().execute(f"LISTEN {states.CHANNEL}")
                self._inbox.put(Message("wake"))
                pause = 0.2
                self._wait_for_news(link)
            except Exception:  # the worker's own connection tells of the trouble
                self._stop.wait(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            finally:
                if link is not None:
                    with contextlib.suppress(Exception):
                        link.close()

    def _wait_for_news(self, link: Any) -> None:
        while not self._stop.is_set():
            if select.select([link], [], [], 60.0)[0]:
                link.poll()
                if link.notifies:
                    del link.notifies[:]
                    self._inbox.put(Message("wake"))


class FileWatch:
    """Notices writes to a SQLite file at once, without looking again and again.

    It sends ``written`` messages while it is armed; whether something was
    committed the worker asks the file itself.

    Args:
        path: of the file.
        inbox: gets the messages.

    Raises:
        OSError: this system can not watch the file.
    """

    def __init__(self, path: str, inbox: SimpleQueue[Message]) -> None:
        if not sys.platform.startswith("linux"):
            raise OSError("only Linux is known to watch files this way")
        import ctypes  # workers on other databases do without

        libc = ctypes.CDLL(None, use_errno=True)
        folder, self._name = os.path.split(os.path.abspath(path))
        self._inbox = inbox
        self._armed = threading.Event()
        self._events = libc.inotify_init1(_IN_CLOEXEC)
        if self._events < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        wanted = _IN_MODIFY | _IN_CLOSE_WRITE | _IN_DELETE
        if libc.inotify_add_watch(self._events, os.fsencode(folder), wanted) < 0:
            os.close(self._events)
            raise OSError(ctypes.get_errno(), "inotify_add_watch", folder)
        threading.Thread(target=self._watch, name="hadron-file", daemon=True).start()

    def arm(self) -> None:
        """Tell of the next write; it is told of once."""
        self._armed.set()

    def disarm(self) -> None:
        """Tell of nothing: the worker is busy, and writes itself."""
        self._armed.clear()

    def _watch(self) -> None:
        start = self._name.encode()
        pause = threading.Event()
        while True:
            self._armed.wait()
            names = _names(os.read(self._events, 65536))  # also what came while nobody waited
            if self._armed.is_set() and any(name.startswith(start) for name in names):
                pause.wait(_SETTLE)
                self._armed.clear()
                self._inbox.put(Message("written"))


def _names(data: bytes) -> list[bytes]:
    """Return the names in events of inotify."""
    found, place = [], 0
    while place + _EVENT.size <= len(data):
        length = _EVENT.unpack_from(data, place)[3]
        place += _EVENT.size
        found.append(data[place : place + length].rstrip(b"\0"))
        place += length
    return found
