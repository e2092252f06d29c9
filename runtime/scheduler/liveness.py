"""Which workers still live: by the heartbeats seen, and at once for processes of this machine (SCHED-54)."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import psutil

from runtime.scheduler import states
from runtime.scheduler.records import WorkerRow

SILENT_BEATS = 3
"""Heartbeats a worker may miss before its tasks are taken back."""

FORGOTTEN_BEATS = 45
"""Heartbeats after which the row of a worker that took no tasks is removed."""


@cache
def this_host() -> str:
    """Return what names this machine since it was started, and the process ids that are seen here.

    Containers have process ids of their own, and may share a host name.
    """
    parts = [socket.gethostname()]
    if sys.platform == "linux":
        for read in (_boot_id, _process_namespace):
            try:
                parts.append(read())
            except OSError:
                parts.append(str(int(_boot_time())))
    else:
        parts.append(str(int(psutil.boot_time()) // 60))
    return "/".join(parts)


def _boot_id() -> str:
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
        return stream.read().strip()


def _process_namespace() -> str:
    return os.readlink("/proc/self/ns/pid")


@cache
def _boot_time() -> float:
    """Return when Linux was started, in seconds since 1970."""
    with open("/proc/stat", encoding="ascii") as stream:
        return next(float(line.split()[1]) for line in stream if line.startswith("btime"))


def _process(pid: int) -> tuple[float, bool]:
    """Return when a process was started, in seconds since 1970, and whether only its number is left of it.

    Raises:
        ProcessLookupError: there is none.
        OSError, psutil.Error: that can not be told.
    """
    if sys.platform != "linux":
        try:
            found = psutil.Process(pid)
            return found.create_time(), bool(found.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            raise ProcessLookupError(pid) from None
    try:  # without psutil, which takes half a megabyte of a worker
        with open(f"/proc/{pid}/stat", "rb") as stream:
            fields = stream.read().rpartition(b")")[2].split()
    except FileNotFoundError:
        raise ProcessLookupError(pid) from None
    return _boot_time() + int(fields[19]) / os.sysconf("SC_CLK_TCK"), fields[0] in (b"Z", b"X")


def this_process() -> dict[str, Any]:
    """Return what identifies this process among the workers, for `worker_stats`."""
    pid = os.getpid()
    return {"host": this_host(), "pid": pid, "pid_created": _process(pid)[0]}


def is_gone(stats: dict[str, Any]) -> bool:
    """Tell whether a worker's process ran on this machine and is no more; False when that can not be told."""
    if stats.get("host") != this_host() or not isinstance(stats.get("pid"), int):
        return False
    try:
        created, is_zombie = _process(stats["pid"])
    except ProcessLookupError:
        return True
    except (OSError, psutil.Error):
        return False
    return is_zombie or abs(created - float(stats.get("pid_created") or 0)) > 1


class Watch:
    """Notices workers whose heartbeat stands still.

    It compares what it sees itself, so that clocks of several machines
    may differ.

    Args:
        heartbeat: seconds, for workers that do not tell their own.
        clock: monotonic seconds.
    """

    def __init__(self, heartbeat: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._heartbeat = heartbeat
        self._clock = clock
        self._seen: dict[str, tuple[Any, float]] = {}

    def silent(self, row: WorkerRow) -> float:
        """Note a row; returns for how many of its heartbeats it has been silent."""
        now = self._clock()
        mark = (row.instance, row.last_heartbeat)
        known = self._seen.get(row.name)
        if known is None or known[0] != mark:
            self._seen[row.name] = (mark, now)
            return 0.0
        # the tables hold whole seconds: a heartbeat below one second shows only now and then
        return (now - known[1]) / max(row.heartbeat(self._heartbeat), 1.0)

    def is_dead(self, row: WorkerRow) -> bool:
        """Tell whether the worker will not finish what it holds."""
        return self.silent(row) > SILENT_BEATS or is_gone(row.stats)

    def may_forget(self, row: WorkerRow) -> bool:
        """Tell whether the row of a dead worker is to be removed."""
        return row.status in states.WORKING or is_gone(row.stats) or self.silent(row) > FORGOTTEN_BEATS

    def keep_only(self, names: set[str]) -> None:
        """Forget workers that are no longer there."""
        for name in set(self._seen) - names:
            del self._seen[name]
