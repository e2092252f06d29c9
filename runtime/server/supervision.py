"""What a supervised server and its supervisor say to each other on standard input and output.

Input: one JSON line with `password` (text or null), `keep_serving` (bool) and `control_key` (text or
null). The pipe then stays open; its end means that the supervisor has gone.

Output: one JSON object per line, each with `event`: ``started`` (pid, version, python), ``listening``
(url, port, addresses, control: address and key), ``checking`` (application), ``ready`` (application,
seconds; warning and ticket when its index fails), ``failed`` (kind, message; owner, next_free,
ticket), ``draining`` (in_flight, seconds), ``stopped``. Log lines go to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import IO, Any

from runtime.foundation.problems import UserError

_LONGEST_ORDER = 64 * 1024


@dataclass(frozen=True)
class Order:
    """The first line a supervisor writes."""

    password: str | None = field(default=None, repr=False)
    keep_serving: bool = False
    control_key: str | None = field(default=None, repr=False)


class SupervisorPipe:
    """The supervisor's ends of standard input and output, taken away from everybody else.

    What applications print then goes to standard error and cannot disturb
    the events; what they read from standard input is empty.
    """

    def __init__(self) -> None:
        self._in: IO[str] = os.fdopen(os.dup(0), "r", encoding="utf-8", errors="replace")
        self._out: IO[str] = os.fdopen(os.dup(1), "w", encoding="utf-8")
        self._lock = threading.Lock()
        nowhere = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nowhere, 0)
        os.close(nowhere)
        os.dup2(2, 1)
        sys.stdin = open(os.devnull, encoding="utf-8")
        sys.stdout = sys.stderr

    def read_order(self) -> Order:
        """Read the supervisor's line.

        Raises:
            UserError: it is no such line, or the pipe is closed.
        """
        line = self._in.readline(_LONGEST_ORDER)
        if not line.strip():
            raise UserError("a supervised server expects one JSON line on its standard input")
        try:
            values = json.loads(line)
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise UserError("the line on standard input is no JSON object")
        for name in ("password", "control_key"):
            if not isinstance(values.get(name), (str, type(None))):
                raise UserError(f"{name} must be text or null")
        return Order(values.get("password"), bool(values.get("keep_serving")), values.get("control_key"))

    def watch(self, gone: Callable[[], None]) -> None:
        """Call `gone` from a thread when the supervisor closes the pipe, or dies."""

        def wait_for_end() -> None:
            try:
                while self._in.readline(_LONGEST_ORDER):
                    pass
            except (OSError, ValueError):
                pass
            gone()

        threading.Thread(target=wait_for_end, name="hadron-supervisor", daemon=True).start()

    def event(self, name: str, **values: Any) -> None:
        """Write one event; a supervisor that has gone is no error."""
        with self._lock:
            try:
                self._out.write(json.dumps({"event": name, **values}, default=str) + "\n")
                self._out.flush()
            except (OSError, ValueError):
                pass
