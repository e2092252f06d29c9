"""Waking a worker when something was queued; the heartbeat is the net below it."""

from __future__ import annotations

import contextlib
import select
import threading
from queue import SimpleQueue
from typing import Any

from runtime.scheduler import states
from runtime.scheduler.connection import WorkerConnection
from runtime.scheduler.executor import Message

_LONGEST_PAUSE = 10.0


class Listener:
    """Waits for PostgreSQL's notifications in a thread of its own.

    Args:
        connection: knows how to connect.
        inbox: gets a ``wake`` message for each notification, and one after each new connection.
    """

    def __init__(self, connection: WorkerConnection, inbox: SimpleQueue[Message]) -> None:
        self._connection = connection
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
                link = self._connection.connect()
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
