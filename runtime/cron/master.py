"""Who runs the minute: one process of all that serve a site (CRON-20)."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path
from typing import Any

import psutil

from runtime.cron.schedule import MINUTE
from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock

LOCK_FILE = "cron.master"
STATE_FILE = "cron.state"  # apart: Windows lets nobody write to a locked file
LOCK_SECONDS = 5.0
_CLOCK_SET_BACK = 5  # minutes by which the clock may differ between computers


class Master:
    """The lock ``cron.master`` of a site; ``cron.state`` beside it says which minute was the last.

    The system drops the lock when its holder dies, and each minute is claimed before its jobs are
    started: so a job starts at most once per minute, whatever dies.

    Args:
        site: the site folder.
    """

    def __init__(self, site: Path) -> None:
        self.path = site / LOCK_FILE
        self._state = site / STATE_FILE

    def claim(self, now: float, look_back: int) -> tuple[int, int] | None:
        """Take the minutes since the last claim; returns the last claimed one and the present one.

        Args:
            now: seconds since 1970.
            look_back: at most so many minutes are taken, the present one included.

        Returns:
            None when another process has the present minute.

        Raises:
            OSError: the file can not be used.
            TimeoutError: somebody keeps it for longer than `LOCK_SECONDS`.
        """
        minute = int(now // MINUTE)
        with file_lock(self.path, LOCK_SECONDS):
            state = self._read()
            last = state.get("minute")
            if not isinstance(last, int) or last - minute > _CLOCK_SET_BACK:
                last = minute - 1
            if last >= minute:
                return None
            self._write(state | {"minute": minute})
        return max(last, minute - look_back), minute

    def begin(self, now: float) -> None:
        """Note the present minute as the one to look back to, where none is known yet."""
        with file_lock(self.path, LOCK_SECONDS):
            state = self._read()
            if "minute" not in state:
                self._write(state | {"minute": int(now // MINUTE) - 1})

    def claim_start(self) -> bool:
        """Tell whether this process is the one whose start runs the ``@reboot`` jobs (CRON-05).

        It is not while another server of the site lives that had them.
        """
        with file_lock(self.path, LOCK_SECONDS):
            state = self._read()
            keeper = state.get("started_by")
            if isinstance(keeper, dict) and _lives(keeper) and keeper.get("pid") != os.getpid():
                return False
            mine = psutil.Process()
            state["started_by"] = {"host": socket.gethostname(), "pid": mine.pid, "since": mine.create_time(),
                                   "seen": time.time()}  # fmt: skip
            self._write(state)
        return True

    def _read(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state.read_bytes())
        except (OSError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _write(self, state: dict[str, Any]) -> None:
        write_atomic(self._state, json.dumps(state))


_FOREIGN_LIFE = 24 * 3600.0  # seconds for which a server on another computer is believed to live


def _lives(keeper: dict[str, Any]) -> bool:
    if keeper.get("host") != socket.gethostname():
        seen = keeper.get("seen")
        return isinstance(seen, (int, float)) and 0 <= time.time() - seen < _FOREIGN_LIFE
    try:
        return bool(abs(psutil.Process(int(keeper["pid"])).create_time() - float(keeper["since"])) < 1.0)
    except (psutil.Error, KeyError, TypeError, ValueError):
        return False
