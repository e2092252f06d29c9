"""A task as a statement reads it, and what a worker makes of the row."""

from __future__ import annotations

import datetime
from typing import Any

from runtime.scheduler.connection import read_time, read_true
from runtime.scheduler.records import Claim
from runtime.scheduler.timing import Plan

COLUMNS = (
    "t.id, t.uuid, t.task_name, t.application_name, t.function_name, t.args, t.vars, t.timeout, "
    "t.sync_output, t.start_time, t.period, t.prevent_drift, t.cronline, t.repeats, t.retry_failed, "
    "t.times_run, t.times_failed, t.status, t.stop_time, t.broadcast, t.group_name, t.assigned_worker_name"
)
"""What is read of a task."""

ID, STATUS, STOP_TIME, BROADCAST, GROUP, HOLDER = 0, 17, 18, 19, 20, 21
"""Places of some of the columns."""


def plan_of(row: Any, started: datetime.datetime) -> Plan:
    """Return what a task says about repeating itself, for a run that starts at `started`."""
    start_time, period, prevent_drift, cronline, repeats, retry_failed, times_run, times_failed = row[9:17]
    return Plan(
        started=started.replace(microsecond=0),
        start_time=read_time(start_time),
        period=period if period is not None else 60,
        prevent_drift=read_true(prevent_drift),
        cronline=cronline or None,
        repeats=repeats if repeats is not None else 1,
        retry_failed=retry_failed or 0,
        times_run=times_run or 0,
        times_failed=times_failed or 0,
    )


def claim_of(row: Any, run_id: int, started: datetime.datetime) -> Claim:
    """Return the claim of a task whose run was opened."""
    task_id, uuid, task_name, application_name, function_name, args, vars_, timeout, sync_output = row[:9]
    return Claim(
        task_id=int(task_id),
        run_id=run_id,
        uuid=uuid or "",
        task_name=task_name or function_name,
        application_name=application_name or "",
        function_name=function_name,
        args=args or "[]",
        vars=vars_ or "{}",
        timeout=timeout if timeout is not None else 60,
        sync_output=sync_output or 0,
        plan=plan_of(row, started),
    )
