"""The worker's side of the process that runs its tasks (SCHED-61)."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any


@dataclass(frozen=True)
class Message:
    """What a worker waits for.

    Attributes:
        kind: ``wake``, ``signal``, or from an executor ``ready``, ``output``, ``done``, ``end``.
        sender: number of the executor.
        values: the rest.
    """

    kind: str
    sender: int = 0
    values: dict[str, Any] = field(default_factory=dict)


Inbox = SimpleQueue  # its `put` may be called from a signal handler


class Executor:
    """A living process that runs one task after the other.

    It dies with the worker: the end of its standard input ends it, and on
    Linux the system does.

    Args:
        command: how it is started.
        inbox: where its messages go.
        number: tells its messages from those of its predecessors.
        environment: of the process; default that of this one.
    """

    def __init__(
        self,
        command: Sequence[str],
        inbox: SimpleQueue[Message],
        number: int,
        environment: dict[str, str] | None = None,
    ) -> None:
        self.number = number
        self.ready = False
        self.tasks = 0
        self._inbox = inbox
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

    def send(self, order: dict[str, Any]) -> None:
        """Give it a task. One that has died says so by its ``end`` message."""
        self.tasks += 1
        stream = self._process.stdin
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            stream.write(json.dumps(order).encode() + b"\n")
            stream.flush()

    def retire(self) -> None:
        """Let it end as soon as it has nothing to do."""
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()

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
        with contextlib.suppress(OSError, ValueError):
            for line in stream:
                try:
                    values = json.loads(line)
                    self._inbox.put(Message(values.pop("event"), self.number, values))
                except (ValueError, KeyError, AttributeError):
                    continue  # half a line: the process was killed while it wrote
        self._process.wait()
        self._inbox.put(Message("end", self.number))
