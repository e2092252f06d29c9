"""The four tables of the scheduler and their validators (SCHED-19..22)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydal.validators import ValidationError

from runtime.dal import Field
from runtime.dal.validators import (
    IS_DATETIME,
    IS_EMPTY_OR,
    IS_IN_DB,
    IS_IN_SET,
    IS_INT_IN_RANGE,
    IS_NOT_EMPTY,
    IS_NOT_IN_DB,
    Validator,
)
from runtime.scheduler import states
from runtime.scheduler.timing import current_time, next_cron_time


class JsonOf(Validator):  # type: ignore[misc]  # pydal has no types
    """Accepts the JSON text of a list or dictionary (SCHED-55).

    Args:
        kind: `list` or `dict`.
    """

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the text.

        Raises:
            ValidationError: it is no JSON, or JSON of something else.
        """
        name = "list" if self.kind is list else "dictionary"
        try:
            found = json.loads(value)
        except (TypeError, ValueError):
            raise ValidationError(self.translator(f"Enter a {name} as JSON")) from None
        if not isinstance(found, self.kind):
            raise ValidationError(self.translator(f"Enter a {name} as JSON"))
        return value


class IS_CRONLINE(Validator):  # type: ignore[misc]  # noqa: N801  # named as all validators
    """Accepts a cron expression of five fields (SCHED-37)."""

    def __init__(self, error_message: str | None = None) -> None:
        self.error_message = error_message or "Enter a cron expression such as */5 * * * *"

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the expression.

        Raises:
            ValidationError: it is none.
        """
        try:
            next_cron_time(value, current_time(utc=False))
        except (TypeError, ValueError, AttributeError):
            raise ValidationError(self.translator(self.error_message)) from None
        return value


# Made once: models run at every request, and these hold no state.
_NOT_EMPTY = IS_NOT_EMPTY()
_TASK_STATUS = IS_IN_SET(states.TASK_STATUSES)
_RUN_STATUS = IS_IN_SET(states.RUN_STATUSES)
_WORKER_STATUS = IS_IN_SET(states.WORKER_STATUSES)
_LIST, _DICT = JsonOf(list), JsonOf(dict)
_DATETIME, _MAYBE_DATETIME = IS_DATETIME(), IS_EMPTY_OR(IS_DATETIME())
_FROM_ZERO, _FROM_ONE = IS_INT_IN_RANGE(0, None), IS_INT_IN_RANGE(1, None)
_FROM_MINUS_ONE = IS_INT_IN_RANGE(-1, None)
_MAYBE_CRONLINE = IS_EMPTY_OR(IS_CRONLINE())


def migration(migrate: Any, tablename: str) -> Any:
    """Return the `migrate` of one table; a text is the beginning of its file's name (SCHED-07)."""
    return f"{migrate}{tablename}.table" if isinstance(migrate, str) else bool(migrate)


def define_tables(
    db: Any,
    *,
    migrate: Any,
    now: Callable[[], Any],
    new_uuid: Callable[[], str],
    application_name: str | None,
    group_names: list[str],
    functions: list[str] | None,
) -> None:
    """Define the tables on `db`.

    Args:
        db: the database object of the running request.
        migrate: as for `Scheduler`.
        now: default of the times of a task.
        new_uuid: default of a task's uuid.
        application_name: default of a task's application.
        group_names: default groups of a worker's row.
        functions: names a task may have; None for any.
    """
    function_options = {"requires": IS_IN_SET(functions)} if functions is not None else {}
    db.define_table(
        "scheduler_task",
        Field("application_name", requires=_NOT_EMPTY, default=application_name),
        Field("task_name", default=None),
        Field("group_name", default="main"),
        Field("status", requires=_TASK_STATUS, default=states.QUEUED, writable=False),
        Field("broadcast", "boolean", default=False),
        Field("function_name", **function_options),
        Field("uuid", length=255, unique=True, default=new_uuid,
              requires=IS_NOT_IN_DB(db, "scheduler_task.uuid")),
        Field("args", "text", default="[]", requires=_LIST),
        Field("vars", "text", default="{}", requires=_DICT),
        Field("enabled", "boolean", default=True),
        Field("start_time", "datetime", default=now, requires=_DATETIME),
        Field("next_run_time", "datetime", default=now),
        Field("stop_time", "datetime", requires=_MAYBE_DATETIME),
        Field("repeats", "integer", default=1, comment="0 = without end", requires=_FROM_ZERO),
        Field("retry_failed", "integer", default=0, comment="-1 = without end", requires=_FROM_MINUS_ONE),
        Field("period", "integer", default=60, comment="seconds", requires=_FROM_ZERO),
        Field("prevent_drift", "boolean", default=False, comment="start in whole periods from start_time"),
        Field("cronline", default=None, comment="cron expression instead of period",
              requires=_MAYBE_CRONLINE),
        Field("timeout", "integer", default=60, comment="seconds", requires=_FROM_ONE),
        Field("sync_output", "integer", default=0, comment="seconds; 0 = output at the end",
              requires=_FROM_ZERO),
        Field("times_run", "integer", default=0, writable=False),
        Field("times_failed", "integer", default=0, writable=False),
        Field("last_run_time", "datetime", writable=False, readable=False),
        Field("assigned_worker_name", default="", writable=False),
        migrate=migration(migrate, "scheduler_task"),
        format="(%(id)s) %(task_name)s",
    )  # fmt: skip
    db.define_table(
        "scheduler_run",
        Field("task_id", "reference scheduler_task"),
        Field("status", requires=_RUN_STATUS),
        Field("start_time", "datetime"),
        Field("stop_time", "datetime"),
        Field("run_output", "text"),
        Field("run_result", "text"),
        Field("traceback", "text"),
        Field("worker_name"),
        migrate=migration(migrate, "scheduler_run"),
    )
    db.define_table(
        "scheduler_worker",
        Field("worker_name", length=255, unique=True),
        Field("first_heartbeat", "datetime"),
        Field("last_heartbeat", "datetime"),
        Field("status", requires=_WORKER_STATUS),
        Field("is_ticker", "boolean", default=False, writable=False),
        Field("group_names", "list:string", default=group_names),
        Field("worker_stats", "json"),
        migrate=migration(migrate, "scheduler_worker"),
    )
    db.define_table(
        "scheduler_task_deps",
        Field("job_name", default="job_0"),
        Field("task_parent", "integer", requires=IS_IN_DB(db, "scheduler_task.id", "%(task_name)s")),
        Field("task_child", "reference scheduler_task"),
        Field("can_visit", "boolean", default=False),
        migrate=migration(migrate, "scheduler_task_deps"),
    )
