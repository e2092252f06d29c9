"""Background tasks: a queue in the application's database, workers, and the processes that run tasks."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from runtime.scheduler.states import (
    ACTIVE,
    ASSIGNED,
    COMPLETED,
    DISABLED,
    EXPIRED,
    FAILED,
    HEARTBEAT,
    KILL,
    PICK,
    QUEUED,
    RUNNING,
    STOP_TASK,
    STOPPED,
    TERMINATE,
    TIMEOUT,
)

if TYPE_CHECKING:
    from runtime.scheduler.job_graph import JobGraph
    from runtime.scheduler.scheduler import Scheduler
    from runtime.scheduler.tables import IS_CRONLINE

# Loaded when they are asked for: they bring the database layer, which a worker does without.
_LATE = {
    "JobGraph": "runtime.scheduler.job_graph",
    "Scheduler": "runtime.scheduler.scheduler",
    "IS_CRONLINE": "runtime.scheduler.tables",
}

__all__ = [
    "ACTIVE",
    "ASSIGNED",
    "COMPLETED",
    "DISABLED",
    "EXPIRED",
    "FAILED",
    "HEARTBEAT",
    "IS_CRONLINE",
    "KILL",
    "PICK",
    "QUEUED",
    "RUNNING",
    "STOPPED",
    "STOP_TASK",
    "TERMINATE",
    "TIMEOUT",
    "JobGraph",
    "Scheduler",
]


def __getattr__(name: str) -> Any:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
