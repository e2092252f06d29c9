"""Background tasks: a queue in the application's database, workers, and the processes that run tasks."""

from __future__ import annotations

from runtime.scheduler.job_graph import JobGraph
from runtime.scheduler.scheduler import Scheduler
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
from runtime.scheduler.tables import IS_CRONLINE

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
