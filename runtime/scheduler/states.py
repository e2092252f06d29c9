"""The statuses of tasks, runs and workers (SCHED-23, SCHED-50)."""

from __future__ import annotations

QUEUED = "QUEUED"
ASSIGNED = "ASSIGNED"
RUNNING = "RUNNING"
COMPLETED = "COMPLETED"
FAILED = "FAILED"
TIMEOUT = "TIMEOUT"
STOPPED = "STOPPED"
EXPIRED = "EXPIRED"

ACTIVE = "ACTIVE"
DISABLED = "DISABLED"
TERMINATE = "TERMINATE"
KILL = "KILL"
PICK = "PICK"
STOP_TASK = "STOP_TASK"

TASK_STATUSES = (QUEUED, ASSIGNED, RUNNING, COMPLETED, FAILED, TIMEOUT, STOPPED, EXPIRED)
RUN_STATUSES = (RUNNING, COMPLETED, FAILED, TIMEOUT, STOPPED)
WORKER_STATUSES = (ACTIVE, RUNNING, PICK, DISABLED, TERMINATE, KILL, STOP_TASK)

WORKING = frozenset((ACTIVE, RUNNING, PICK, STOP_TASK))
"""Statuses of a worker that takes tasks."""

HEARTBEAT = 3
"""Seconds between two heartbeats unless the application says otherwise (SCHED-10)."""

CHANNEL = "hadron_scheduler"
"""PostgreSQL channel on which workers are woken."""

BROKER = "(broker)"
"""Stands for the worker's name in tasks that were handed to a broker."""
