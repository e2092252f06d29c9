"""In the inspector's child: the question ``scheduler`` (UI-SC-01)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.scheduler.service import SchedulerService, no_scheduler
from runtime.foundation.current import current
from runtime.foundation.problems import UserError
from runtime.scheduler.scheduler import Scheduler

if TYPE_CHECKING:
    from runtime.admin.inspector.application import Application
    from runtime.admin.inspector.work import Work

_services: dict[int, SchedulerService] = {}


def ask(application: Application, work: Work, call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Answer one call of `SchedulerService` as ``value``.

    Args:
        application: whose models have run.
        work: the question under way; it may interrupt what the database does.
        call: name of the call.
        arguments: of the call.

    Raises:
        InspectorProblem: the call is not possible, and why; with ``missing`` in its data when the
            application has no scheduler.
    """
    service = _service_of(application)
    link = service.connection.open()
    interrupt = getattr(link, "interrupt", None) or getattr(link, "cancel", None)
    if interrupt is not None:
        work.interrupts.append(interrupt)
    try:
        return {"value": service.ask(call, arguments)}
    except InspectorProblem:
        raise
    except UserError as error:
        raise InspectorProblem("refused", str(error)) from error


def _service_of(application: Application) -> SchedulerService:
    if application.problem is not None:
        raise application.problem
    scheduler = getattr(current, "_scheduler", None)
    if not isinstance(scheduler, Scheduler):
        raise InspectorProblem("refused", str(no_scheduler(application.name)), data={"missing": "scheduler"})
    found = _services.get(id(scheduler))
    if found is None:
        found = SchedulerService(application.name, application.folder, scheduler, application.environment)
        _services[id(scheduler)] = found
    return found
