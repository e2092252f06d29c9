"""The worker's side of the process that runs its tasks (SCHED-61)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any


@dataclass(frozen=True)
class Message:
    """What a worker waits for.

    Attributes:
        kind: ``wake``, ``order``, ``deliver``, or from an executor ``ready``, ``refused``, ``begun``,
            ``limited``, ``output``, ``done``, ``died``, ``end``.
        sender: number of the executor.
        values: the rest.
    """

    kind: str
    sender: int = 0
    values: dict[str, Any] = field(default_factory=dict)


Inbox = SimpleQueue  # its `put` may be called from a signal handler


class Executor:
    """A living process that runs one task after the other.

    It is given the next task as soon as it has ended one, also while the
    worker waits for the database. It dies with the worker: the end of its
    standard input ends it, and on Linux the system does.

    Args:
        command: starts the process.
        inbox: where its messages go.
        number: tells it from the executors before and after.
        environment: of the process; default that of this one.
        on_log: given each line of its log, in a thread.
    """

    def __init__(
        self,
        command: Sequence[str],
        inbox: SimpleQueue[Message],
        number: int,
        environment: dict[str, str] | None = None,
        on_log: Callable[[str], None] = lambda line: None,
    ) -> None:
        self.number = number
        self._on_log = on_log
        self.ready = False
        self.forks = False
        """Each task has a process of its own, which can be killed alone."""
        self.tasks = 0
        self._inbox = inbox
        self._waiting: deque[dict[str, Any]] = deque()
        self._busy = 0  # id of the run it was given last and has not ended
        self._halted = False
        self._lock = threading.Lock()
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        self._process = subprocess.Popen(
            list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, **options
        )
        threading.Thread(target=self._read, name=f"hadron-executor-{number}", daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it lives."""
        return self._process.poll()

    def feed(self, orders: Sequence[dict[str, Any]]) -> None:
        """Give it tasks, one after the other; a ``begun`` message tells when each begins."""
        with self._lock:
            self._waiting.extend(orders)
            self._send_next()

    def withdraw(self) -> set[int]:
        """Take back the tasks that it was not given yet; returns the ids of their runs."""
        with self._lock:
            runs = {int(order["task"]["run_id"]) for order in self._waiting}
            self._waiting.clear()
            return runs

    def _send_next(self) -> None:
        if self._busy or self._halted or not self._waiting:
            return
        order = self._waiting.popleft()
        run_id = int(order["task"]["run_id"])
        self._busy = run_id
        self.tasks += 1
        self._inbox.put(Message("begun", self.number, {"run_id": run_id, "at": time.monotonic()}))
        self._write(order)

    def _write(self, order: dict[str, Any]) -> None:
        stream = self._process.stdin
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):  # one that has died says so by its ``end`` message
            stream.write(json.dumps(order).encode() + b"\n")
            stream.flush()

    def retire(self) -> None:
        """Let it end as soon as it has nothing to do."""
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def cut(self, run_id: int) -> bool:
        """End a running task: with its own process where it has one, else with the whole executor.

        Nothing else is begun behind it. Returns False when the task has just ended.
        """
        with self._lock:
            if self._busy != run_id:
                return False
            if self.forks:
                self._write({"cut": run_id})
            else:
                self._halted = True
        if not self.forks:
            self.kill()
        return True

    def kill(self) -> None:
        """End it now, with the processes it has started."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                if sys.platform == "win32":
                    self._process.kill()
                else:
                    os.killpg(self._process.pid, signal.SIGKILL)

    def close(self, patience: float = 2.0) -> None:
        """Kill it and wait for its end."""
        self.retire()
        self.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        with contextlib.suppress(OSError, ValueError), stream:
            for line in stream:
                try:
                    values = json.loads(line)
                    kind = values.pop("event")
                except (ValueError, KeyError, AttributeError):
                    continue  # half a line: the process was killed while it wrote
                if kind == "log":
                    self._on_log(values.get("line", ""))
                    continue
                if kind not in ("done", "died"):
                    self._inbox.put(Message(kind, self.number, values))
                    continue
                values["at"] = time.monotonic()
                with self._lock:
                    if values.get("run_id") != self._busy:
                        continue
                    self._busy = 0
                    self._inbox.put(Message(kind, self.number, values))
                    self._send_next()
        self._process.wait()
        self._inbox.put(Message("end", self.number))
