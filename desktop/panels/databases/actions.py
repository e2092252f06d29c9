"""What the panel asks of applications, through their inspectors, in the background (DB-01, DB-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Task, Tasks
from runtime.admin.inspector import Inspector, InspectorProblem, Inspectors

from .model import Count, Known, Place

QUICK, SLOW = 5.0, 30.0
FACET = 0.2  # seconds a list of most frequent values may take (DB-03)

OnDone = Callable[[dict[str, Any]], None]
OnFailed = Callable[[InspectorProblem], None]


class DatabaseActions(QObject):
    """Asks about databases; what is known of applications is kept here.

    Args:
        tasks: the list of tasks, for work that a person waits for.
        site: tells the site folder now.

    Attributes:
        quiet: work that nobody waits for, or that is quick; not in the list of tasks.

    Signals:
        known_changed(object): more is known of the models of a `Place`.
        stated(object): SQL and seconds of the statements of one answer.
    """

    known_changed = Signal(object)
    stated = Signal(object)

    def __init__(self, tasks: Tasks, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._site = tasks, site
        self.quiet = Tasks(self)
        self._inspectors: Inspectors | None = None
        self._closed = False
        self.known: dict[str, Known] = {}

    def close(self) -> None:
        """Ends all work and all children."""
        self._closed = True
        self.quiet.close()
        self._end_inspectors()

    def _end_inspectors(self) -> None:
        if self._inspectors is not None:
            self._inspectors.close()
            self._inspectors = None

    def inspectors(self) -> Inspectors:
        """The inspectors of the site that is open now."""
        site = self._site()
        if self._inspectors is None or self._inspectors.site != site:
            self._end_inspectors()
            self.known.clear()
            self._inspectors = Inspectors(site)
        return self._inspectors

    def inspector(self, place: Place, lane: str = "") -> Inspector:
        """The child that has run the models of a place."""
        return self.inspectors().of(place.application, lane, place.controller or "default")

    # asking

    def ask(
        self,
        question: str,
        place: Place,
        on_done: OnDone,
        on_failed: OnFailed,
        *,
        owner: QObject,
        key: str = "",
        limit: float = QUICK,
        **arguments: Any,
    ) -> Task | None:
        """Asks about a table or database; a newer question of the same key takes the place of an older one.

        Args:
            question: see `runtime.admin.inspector.child.QUESTIONS`.
            place: what it is about.
            on_done, on_failed: get the answer, or why there is none.
            owner: nothing is delivered once it is deleted.
            limit: seconds; 0 for none.
            arguments: of the question; the key of a row is called ``row`` here.
        """
        if self._closed:
            return None
        inspector = self.inspector(place)
        given = _arguments(place, arguments)

        def work(context: Context) -> dict[str, Any]:
            return inspector.ask(question, limit=limit, cancelled=lambda: context.cancelled, **given)

        return self.quiet.run(
            work, owner=owner, title=question, key=key, on_done=self._telling(on_done),
            on_failed=_problems(on_failed), reading=True,
        )  # fmt: skip

    def work(
        self,
        question: str,
        place: Place,
        title: str,
        on_done: OnDone,
        on_failed: OnFailed,
        *,
        owner: QObject,
        **arguments: Any,
    ) -> Task | None:
        """Asks for something that may take long: in a child of its own, shown in the list of tasks."""
        if self._closed:
            return None
        inspector = self.inspector(place, "long")
        given = _arguments(place, arguments)

        def work(context: Context) -> dict[str, Any]:
            def progress(values: dict[str, Any]) -> None:
                context.progress(int(values.get("done", 0)), int(values.get("total", 0)))

            return inspector.ask(
                question, limit=0, cancelled=lambda: context.cancelled, on_progress=progress, **given
            )

        return self._tasks.run(
            work, owner=owner, title=title, on_done=self._telling(on_done), on_failed=_problems(on_failed)
        )

    def _telling(self, on_done: OnDone) -> OnDone:
        def tell(answer: dict[str, Any]) -> None:
            self.stated.emit(answer.get("statements", ()))
            on_done(answer)

        return tell

    def cancel(self, task: Task | None) -> None:
        """Calls a question off."""
        if task is not None:
            self.quiet.cancel(task)

    # what applications are made of

    def describe(self, place: Place, again: bool = False) -> None:
        """Runs the models of a place, unless it was done; tells by `known_changed`."""
        if self._closed or not place.application:
            return
        place = place.whole()
        inspector = self.inspector(place)
        if place.scope in self.known and not again:
            return
        self.known.setdefault(place.scope, Known())

        def work(context: Context) -> dict[str, Any]:
            return inspector.describe(cancelled=lambda: context.cancelled)

        self.quiet.run(
            work, owner=self, title="models", key=f"describe-{place.scope}", reading=True,
            on_done=lambda report: self._on_described(place, report),
            on_failed=lambda error: self._on_described(place, _not_described(place.application, error)),
        )  # fmt: skip

    def _on_described(self, place: Place, report: dict[str, Any]) -> None:
        known = self.known.setdefault(place.scope, Known())
        known.report = report
        self.known_changed.emit(place)
        for database in report["databases"]:
            self.count_tables(replace(place, database=database["name"]))

    def count_tables(self, place: Place) -> None:
        """Counts the rows of all tables of a database: estimates, exact where that is quick (DB-01)."""
        self.ask(
            "counts", replace(place, table=""),
            lambda answer: self._on_counted(place, answer), lambda _problem: None, owner=self,
            key=f"counts-{place.scope}-{place.database}", limit=QUICK,
        )  # fmt: skip

    def _on_counted(self, place: Place, answer: dict[str, Any]) -> None:
        known = self.known.setdefault(place.scope, Known())
        known.counts[place.database] = {
            name: Count(one["rows"], one["exact"]) for name, one in answer["tables"].items()
        }
        known.sizes[place.database] = {name: one["size"] for name, one in answer["tables"].items()}
        self.known_changed.emit(place)

    def set_count(self, place: Place, count: Count) -> None:
        """Keeps a count that was found otherwise."""
        known = self.known.setdefault(place.scope, Known())
        known.counts.setdefault(place.database, {})[place.table] = count
        self.known_changed.emit(place)


def _arguments(place: Place, arguments: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in arguments.items() if value is not None}
    if "row" in given:
        given["key"] = given.pop("row")
    if place.database:
        given["database"] = place.database
    if place.table:
        given["table"] = place.table
    return given


def _problems(on_failed: OnFailed) -> Callable[[Exception], None]:
    def tell(error: Exception) -> None:
        if not isinstance(error, InspectorProblem):
            error = InspectorProblem("failed", f"{type(error).__name__}: {error}")
        on_failed(error)

    return tell


def _not_described(application: str, error: Exception) -> dict[str, Any]:
    problem = error if isinstance(error, InspectorProblem) else InspectorProblem("failed", str(error))
    return {
        "application": application, "loads": False, "problem": problem.as_dict(), "printed": "",
        "databases": [], "schedulers": [], "advice": "",
    }  # fmt: skip
