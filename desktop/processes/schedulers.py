"""The way to the schedulers of the site's applications: each is asked through its inspector (UI-SC-01).

No application's code runs here, and no address of a database comes here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Tasks
from desktop.processes.worker_state import Asked, is_confirmed
from runtime.admin.scheduler.entries import WorkerEntry
from runtime.admin.scheduler.places import applications_with_scheduler

if TYPE_CHECKING:
    from runtime.admin.inspector import Inspector, Inspectors

QUICK = 10.0  # seconds a question may take
SLOW = 60.0  # the same for one that may have to read a whole table


def make_inspectors(site: Path) -> Inspectors:
    """The inspectors of a site."""
    from runtime.admin.inspector import Inspectors  # imports much

    return Inspectors(site)


class SchedulerClient:
    """Asks the scheduler of one application and waits; for threads in the background only.

    Args:
        inspector: gives that of the application.
        cancelled: True calls the question off.
    """

    def __init__(
        self, inspector: Callable[[], Inspector], cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._inspector, self._cancelled = inspector, cancelled

    def ask(self, call: str, *, patience: float = QUICK, **arguments: Any) -> Any:
        """The answer to one call of `runtime.admin.scheduler.service`.

        Args:
            call: its name.
            patience: seconds it may take.
            arguments: of the call.

        Raises:
            InspectorProblem: there is none, and why.
        """
        answer = self._inspector().ask(
            "scheduler", limit=patience, cancelled=self._cancelled, call=call, arguments=arguments
        )
        return answer["value"]


class Schedulers(QObject):
    """Knows which applications have a scheduler, and asks these.

    Args:
        site: tells the site folder now.

    Signals:
        found(tuple): the names of the applications with a scheduler are others.
    """

    found = Signal(object)

    def __init__(self, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._site = site
        self._quiet = Tasks(self)
        self._lock = threading.Lock()
        self._inspectors: Inspectors | None = None
        self._asked: dict[str, dict[str, Asked]] = {}
        self.names: tuple[str, ...] | None = None
        """Applications with a scheduler; None before the first look."""

    def close(self) -> None:
        """Ends all work and all children; nothing is delivered any more."""
        self._quiet.close()
        if self._inspectors is not None:
            self._inspectors.close()
            self._inspectors = None

    def look(self) -> None:
        """Reads in the background which applications have a scheduler."""
        site = self._site()

        def work(_context: Context) -> tuple[str, ...]:
            return tuple(applications_with_scheduler(site))

        self._quiet.run(work, owner=self, title="schedulers", key="look", on_done=self._on_found)

    def _on_found(self, names: tuple[str, ...]) -> None:
        if names != self.names:
            self.names = names
            self.found.emit(names)

    def client(self, application: str, cancelled: Callable[[], bool] | None = None) -> SchedulerClient:
        """What asks the scheduler of `application`, in a thread of the background."""
        site = self._site()
        return SchedulerClient(lambda: self._inspector_of(site, application), cancelled)

    def _inspector_of(self, site: Path, application: str) -> Inspector:
        """In the background: what starts children is imported and made when it is first needed."""
        with self._lock:
            if self._inspectors is None or self._inspectors.site != site:
                if self._inspectors is not None:
                    self._inspectors.close()
                self._inspectors = make_inspectors(site)
            return self._inspectors.of(application)

    # orders to workers that their heartbeats have not confirmed yet (SC-10)

    def asked(self, application: str) -> dict[str, Asked]:
        """The orders under way, by name of the worker."""
        return self._asked.setdefault(application, {})

    def note(self, application: str, entry: WorkerEntry, order: str) -> None:
        """An order is being given."""
        self.asked(application)[entry.name] = Asked(order, time.time(), entry.last_beat, entry.task_id)

    def forget(self, application: str, worker: str) -> None:
        """An order was taken back or could not be given."""
        self.asked(application).pop(worker, None)

    def prune(self, application: str, entries: Iterable[WorkerEntry]) -> None:
        """Workers were read: what they have confirmed is asked no more."""
        names = {entry.name: entry for entry in entries}
        self._asked[application] = {
            name: asked
            for name, asked in self.asked(application).items()
            if name in names and not is_confirmed(names[name], asked)
        }

    # asking

    def look_up(self, work: Callable[[], Any], *, owner: QObject, on_done: Callable[[Any], None]) -> None:
        """Does a small piece of reading that needs no scheduler in the background; failures stay unsaid."""
        self._quiet.run(
            lambda _context: work(), owner=owner, title="look-up", key="look-up", on_done=on_done,
            on_failed=lambda _error: None,
        )  # fmt: skip

    def ask(
        self,
        application: str,
        work: Callable[[SchedulerClient], Any],
        *,
        owner: QObject,
        on_done: Callable[[Any], None],
        on_failed: Callable[[Exception], None],
        key: str = "",
        beside: bool = False,
    ) -> None:
        """Lets `work` ask in the background; one piece of work of an application after the other.

        Args:
            application: whose scheduler.
            work: asks with the client that it gets.
            owner: nothing is delivered once it is deleted.
            on_done, on_failed: get the result or the exception.
            key: newer work with this key takes the place of older work.
            beside: it asks many short questions, and other work goes on between them.
        """
        made = self.client(application)

        def run(context: Context) -> Any:
            made._cancelled = lambda: context.cancelled
            return work(made)

        self._quiet.run(
            run, owner=owner, title="scheduler", lane="" if beside else f"scheduler-{application}", key=key,
            on_done=on_done, on_failed=on_failed,
        )  # fmt: skip
