"""What workers read from the tables, as objects."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, field
from typing import Any

from runtime.scheduler.timing import Plan


@dataclass(frozen=True)
class Claim:
    """A task that a worker has taken, with the run that was opened for it."""

    task_id: int
    run_id: int
    uuid: str
    task_name: str
    application_name: str
    function_name: str
    args: str
    vars: str
    timeout: int
    sync_output: int
    plan: Plan

    def order(self) -> dict[str, Any]:
        """Return what the executing process is told."""
        return {
            "task": {"id": self.task_id, "uuid": self.uuid, "run_id": self.run_id},
            "application": self.application_name,
            "function": self.function_name,
            "args": self.args,
            "vars": self.vars,
        }


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: a final status of a run.
        result: JSON text; None when the function returned nothing.
        traceback: text of the exception, or the reason of a stop.
        interrupted: through no fault of the task: it is queued again.
        counts_as: status that decides over the task, when it is not `status`.
    """

    status: str
    result: str | None = None
    traceback: str | None = None
    interrupted: bool = False
    counts_as: str | None = None


@dataclass(frozen=True)
class Report:
    """A run that has ended, as the tables are to know it."""

    claim: Claim
    outcome: Outcome
    output: str = ""


@dataclass
class WorkerRow:
    """A row of `scheduler_worker`."""

    name: str
    status: str
    group_names: list[str]
    is_ticker: bool
    last_heartbeat: datetime.datetime | None
    stats: dict[str, Any] = field(default_factory=dict)

    @property
    def instance(self) -> str:
        """What tells one process from another that has the same name."""
        return str(self.stats.get("instance", ""))

    @property
    def application(self) -> str | None:
        """The application whose tasks it runs."""
        found = self.stats.get("application")
        return found if isinstance(found, str) else None

    def heartbeat(self, default: float) -> float:
        """Return the seconds between its heartbeats."""
        found = self.stats.get("heartbeat")
        return float(found) if isinstance(found, (int, float)) and found > 0 else default


def stats_text(stats: dict[str, Any]) -> str:
    """Return `worker_stats` as the column holds it."""
    return json.dumps(stats)
