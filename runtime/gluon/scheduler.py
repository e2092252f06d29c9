"""``gluon.scheduler``: background tasks."""

from runtime.scheduler import (
    ACTIVE,
    ASSIGNED,
    COMPLETED,
    DISABLED,
    EXPIRED,
    FAILED,
    HEARTBEAT,
    IS_CRONLINE,
    KILL,
    PICK,
    QUEUED,
    RUNNING,
    STOP_TASK,
    STOPPED,
    TERMINATE,
    TIMEOUT,
    JobGraph,
    Scheduler,
)  # fmt: skip

__all__ = [
    "ACTIVE", "ASSIGNED", "COMPLETED", "DISABLED", "EXPIRED", "FAILED", "HEARTBEAT", "IS_CRONLINE", "KILL",
    "PICK", "QUEUED", "RUNNING", "STOPPED", "STOP_TASK", "TERMINATE", "TIMEOUT", "JobGraph", "Scheduler",
]  # fmt: skip
