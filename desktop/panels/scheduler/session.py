"""What the panel knows of one application's scheduler, kept fresh in the background; no widgets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.schedulers import SLOW, SchedulerClient, Schedulers
from desktop.processes.worker_state import WorkerView, view_of
from runtime.admin.inspector import InspectorProblem
from runtime.admin.scheduler.entries import (
    Database,
    Hint,
    RunEntry,
    RunTexts,
    TaskDetail,
    TaskEntry,
    WorkerEntry,
    from_json,
)

from .listing import FEW, PAGE, Listing, Wish

INTERVALS = ("1", "3", "10", "0")  # seconds; 0 is off
MOST_KEPT_FRESH = 600  # rows of a list that are read again; the others when they are asked for
FIGURES_SPAN = 86400.0
OUTPUT_SHOWN = 65536


class Session(QObject):
    """One application's scheduler at a time.

    Args:
        schedulers: the way to them.
        clock: seconds since 1970.

    Signals:
        changed(str): what is different: ``place``, ``tasks``, ``runs``, ``counts``, ``workers``, ``hints``,
            ``detail``, ``run``, ``jobs``, ``figures``, ``timeline``, ``tab`` or ``editing``.
        failed(str): a sentence for the person.
    """

    changed = Signal(str)
    failed = Signal(str)

    def __init__(
        self, schedulers: Schedulers, clock: Callable[[], float] = time.time, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.schedulers, self._clock = schedulers, clock
        self.application = ""
        self.database: Database | None = None
        self.problem: InspectorProblem | None = None
        self.tab = "tasks"
        self.tasks: Listing[TaskEntry] = Listing(False, Wish())
        self.runs: Listing[RunEntry] = Listing(True, Wish(down=True))
        self.entries: list[WorkerEntry] = []
        self.hints: list[Hint] = []
        self.task_id, self.run_id = 0, 0
        self.detail: TaskDetail | None = None
        self.times: tuple[float, ...] = ()
        self.texts: RunTexts | None = None
        self.jobs: list[dict[str, Any]] = []
        self.job_name = ""
        self.job: dict[str, Any] | None = None
        self.figures: dict[str, Any] | None = None
        self.timeline: dict[str, Any] | None = None
        self.timeline_span, self.timeline_by = 86400, "worker"
        self.functions: list[dict[str, Any]] = []
        self.stopping: dict[int, float] = {}
        self._editing: dict[str, bool] = {}
        self._shown = False
        self._beats = 0
        self._refreshing = self._again = False
        self._number = 0  # of the place: what comes from an earlier one is dropped
        self._timer = QTimer(self, interval=3000)
        self._timer.setObjectName("scheduler-live")
        self._timer.timeout.connect(self.refresh)

    # the place

    def set_application(self, application: str) -> None:
        """Looks at another application's scheduler; an empty name at none."""
        if application == self.application:
            return
        self.application = application
        self._number += 1
        self._refreshing = self._again = False
        self.database, self.problem = None, None
        self.tasks, self.runs = Listing(False, self.tasks.wish), Listing(True, self.runs.wish)
        self.entries, self.hints, self.jobs, self.job = [], [], [], None
        self.figures, self.functions, self.job_name = None, [], ""
        self.timeline = None
        self.stopping = {}
        self._forget_chosen()
        self.changed.emit("place")
        self._connect()

    def _forget_chosen(self) -> None:
        self.task_id, self.run_id = 0, 0
        self.detail, self.texts, self.times = None, None, ()

    def _connect(self) -> None:
        if self.application and self.database is None and self._shown:
            self._ask(lambda client: client.ask("database", patience=SLOW), self._on_database, "place")

    def _on_database(self, found: dict[str, Any]) -> None:
        self.database, self.problem = from_json(Database, found), None
        self.changed.emit("place")
        self.changed.emit("editing")
        self.reload()
        self._ask(lambda client: client.ask("functions"), self._on_functions, "functions")

    def _on_functions(self, found: list[dict[str, Any]]) -> None:
        self.functions = found

    def try_again(self) -> None:
        """Asks again after it was not possible."""
        self.problem = None
        self.changed.emit("place")
        if self.database is None:
            self._connect()
        else:
            self.reload()

    def set_shown(self, shown: bool) -> None:
        """Refreshes only while the panel can be seen (SC-20)."""
        self._shown = shown
        self._arm()
        if not shown:
            return
        if self.database is None:
            self._connect()
        else:
            self.refresh()

    def set_interval(self, seconds: int) -> None:
        """Refreshes every `seconds`; 0 only when asked."""
        self._timer.setInterval(max(1, seconds) * 1000)
        self._timer.setProperty("off", seconds == 0)
        self._arm()

    def _arm(self) -> None:
        on = self._shown and not self._timer.property("off")
        if on and not self._timer.isActive():
            self._timer.start()
        elif not on:
            self._timer.stop()

    # editing

    @property
    def editing(self) -> bool:
        """May rows be changed?  At first only where the database is on this computer (SC-21)."""
        local = self.database.local if self.database is not None else False
        return self._editing.get(self.application, local)

    def set_editing(self, on: bool) -> None:
        """The switch."""
        self._editing[self.application] = on
        self.changed.emit("editing")

    # asking

    def _ask(
        self,
        work: Callable[[SchedulerClient], Any],
        on_done: Callable[[Any], None],
        key: str,
        beside: bool = False,
    ) -> None:
        number = self._number

        def done(answer: Any) -> None:
            if number == self._number:
                on_done(answer)

        def failed(error: Exception) -> None:
            if number == self._number:
                self._on_problem(error, key)

        self.schedulers.ask(
            self.application, work, owner=self, key=f"{self.application}-{key}", on_done=done,
            on_failed=failed, beside=beside,
        )  # fmt: skip

    def _on_problem(self, error: Exception, key: str) -> None:
        problem = error if isinstance(error, InspectorProblem) else InspectorProblem("failed", str(error))
        if key == "refresh":
            self._refreshing = self._again = False
        if problem.kind == "cancelled":
            return
        if key in ("detail", "run"):
            self._forget_chosen()
            self.changed.emit("detail")
        elif key in ("place", "refresh", "reload-tasks", "reload-runs"):
            self.problem = problem
            self.changed.emit("place")
        else:
            self.failed.emit(str(problem))

    def _answered(self) -> None:
        if self.problem is not None:
            self.problem = None
            self.changed.emit("place")

    # lists

    def listing(self) -> Listing[Any]:
        """The list of the tab shown."""
        return self.runs if self.tab == "runs" else self.tasks

    def set_tab(self, tab: str) -> None:
        """Shows ``tasks``, ``runs``, ``workers``, ``dependencies`` or ``timeline``."""
        self.tab = tab
        self.changed.emit("tab")
        if self.database is None:
            return
        if tab == "runs" and not self.runs.loaded:
            self.reload()
        else:
            self.refresh()

    def set_wish(self, **changes: Any) -> None:
        """Another filter, other states, another order of the list shown."""
        listing = self.listing()
        wish = replace(listing.wish, **changes)
        if wish == listing.wish:
            return
        recount = wish.text != listing.wish.text
        listing.wish = wish
        self.reload(recount)

    def reload(self, recount: bool = True) -> None:
        """Reads the list from its beginning."""
        if self.database is None:
            self._connect()
            return
        runs = self.tab == "runs"
        wish = self.listing().wish

        def work(client: SchedulerClient) -> tuple[Wish, dict[str, Any]]:
            return wish, _page(client, runs, wish, None)

        self._ask(work, self._on_runs if runs else self._on_tasks, f"reload-{'runs' if runs else 'tasks'}")
        if recount:
            self._count(runs)
        self.refresh()

    def _on_tasks(self, answer: tuple[Wish, dict[str, Any]]) -> None:
        self._take_page(self.tasks, TaskEntry, answer, "tasks")

    def _on_runs(self, answer: tuple[Wish, dict[str, Any]]) -> None:
        self._take_page(self.runs, RunEntry, answer, "runs")

    def _take_page(
        self, listing: Listing[Any], kind: type[Any], answer: tuple[Wish, dict[str, Any]], part: str
    ) -> None:
        wish, page = answer
        if wish == listing.wish:
            listing.take_page([from_json(kind, row) for row in page["rows"]], page["following"])
            self._answered()
            self.changed.emit(part)

    def fetch_more(self) -> None:
        """Reads the page behind the last row (SC-22)."""
        listing = self.listing()
        runs, wish, after = listing.runs, listing.wish, listing.following
        if after is None:
            return
        kind: type[Any] = RunEntry if runs else TaskEntry

        def done(page: dict[str, Any]) -> None:
            if wish == listing.wish and listing.following == after:
                listing.add_page([from_json(kind, row) for row in page["rows"]], page["following"])
                self.changed.emit("runs" if runs else "tasks")

        self._ask(lambda client: _page(client, runs, wish, after), done, f"more-{runs}")

    def _count(self, runs: bool) -> None:
        """About how many at once, then exactly, in pieces (SC-22)."""
        listing: Listing[Any] = self.runs if runs else self.tasks
        text = listing.wish.text
        listing.exact = False

        def work(client: SchedulerClient) -> dict[str, int]:
            bounds = client.ask("bounds", runs=runs)
            total: dict[str, int] = {}
            for start in range(bounds["least"], bounds["most"] + 1, FEW):
                piece = client.ask(
                    "counts", patience=SLOW, text=text, runs=runs, start=start, stop=start + FEW
                )
                for state, count in piece.items():
                    total[state] = total.get(state, 0) + count
            return total

        def done(counts: dict[str, int]) -> None:
            if text == listing.wish.text:
                listing.counts, listing.exact, listing.about = counts, True, counts.get("all", 0)
                self.changed.emit("counts")

        def about(bounds: dict[str, int]) -> None:
            if not listing.exact:
                listing.about = bounds["about"]
                self.changed.emit("counts")

        self._ask(lambda client: client.ask("bounds", runs=runs), about, f"about-{runs}")
        self._ask(work, done, f"count-{runs}", beside=True)

    # staying fresh

    def refresh(self) -> None:
        """Reads again what is shown; lines stay where they are (SC-20)."""
        if self.database is None or not self.application:
            return
        if self._refreshing:
            self._again = True
            return
        self._refreshing = True
        self._beats += 1
        listing, tab = self.listing(), self.tab
        wish, runs = listing.wish, listing.runs
        shown = [row.id for row in listing.rows[:MOST_KEPT_FRESH]] if listing.loaded else []
        listed = tab in ("tasks", "runs") and listing.loaded
        job, hints = self.job_name, self._beats % 3 == 1
        figures = tab == "runs" and (self.figures is None or self._beats % 5 == 1)
        lanes = tab == "timeline" and (self.timeline is None or self._beats % 5 == 1)
        span, by = self.timeline_span, self.timeline_by

        def work(client: SchedulerClient) -> dict[str, Any]:
            found: dict[str, Any] = {"workers": client.ask("workers")}
            if listed:
                page = _page(client, runs, wish, None)
                first = {row["id"] for row in page["rows"]}
                asked = [one for one in shown if one not in first]
                call = "runs_by_id" if runs else "tasks_by_id"
                others = client.ask(call, ids=asked)["rows"] if asked else []
                found["rows"] = (page["rows"], others, asked)
            if hints:
                found["hints"] = client.ask("hints", patience=SLOW)
            if figures:
                found["figures"] = client.ask("throughput", patience=SLOW, seconds=FIGURES_SPAN)
            if lanes:
                found["timeline"] = client.ask("timeline", patience=SLOW, seconds=span, by=by)
            if tab == "dependencies":
                found["jobs"] = client.ask("jobs")
                names = [one["name"] for one in found["jobs"]]
                name = job if job in names else (names[0] if names else "")
                found["job"] = client.ask("job", name=name) if name else None
            return found

        def done(found: dict[str, Any]) -> None:
            self._on_workers(found["workers"])
            if "rows" in found and wish == listing.wish:
                kind: type[Any] = RunEntry if runs else TaskEntry
                first, others, asked = found["rows"]
                listing.refresh([from_json(kind, one) for one in first],
                                [from_json(kind, one) for one in others], asked)  # fmt: skip
                self.changed.emit("runs" if runs else "tasks")
            if "hints" in found:
                self.hints = [from_json(Hint, one) for one in found["hints"]]
                self.changed.emit("hints")
            if "figures" in found:
                self.figures = found["figures"]
                self.changed.emit("figures")
            if "timeline" in found and (span, by) == (self.timeline_span, self.timeline_by):
                self.timeline = found["timeline"]
                self.changed.emit("timeline")
            if "jobs" in found:
                self._on_jobs(found["jobs"], found["job"])
            self._answered()
            self._refreshed()

        self._ask(work, done, "refresh")
        if self._beats % 3 == 0 and 0 < self.tasks.about <= FEW:
            self._count(False)
        self._refresh_chosen()

    def _refreshed(self) -> None:
        self._refreshing = False
        if self._again:
            self._again = False
            self.refresh()

    def _on_workers(self, found: Sequence[dict[str, Any]]) -> None:
        self.entries = [from_json(WorkerEntry, one) for one in found]
        self.schedulers.prune(self.application, self.entries)
        self.changed.emit("workers")

    def _on_jobs(self, jobs: list[dict[str, Any]], job: dict[str, Any] | None) -> None:
        self.jobs, self.job = jobs, job
        self.job_name = job["name"] if job else ""
        self.changed.emit("jobs")

    def set_timeline(self, seconds: int, by: str) -> None:
        """Another span, or lanes for each ``worker`` or ``function`` (SC-14)."""
        self.timeline_span, self.timeline_by, self.timeline = seconds, by, None
        self.changed.emit("timeline")
        self.refresh()

    def set_job(self, name: str) -> None:
        """Shows another job's dependencies."""
        self.job_name = name
        self.refresh()

    def workers(self) -> list[WorkerView]:
        """The workers as they are shown now."""
        now = self._clock()
        asked = self.schedulers.asked(self.application)
        return [view_of(entry, asked.get(entry.name), now) for entry in self.entries]

    def note_order(self, name: str, order: str) -> None:
        """An order was written for a worker: it is asked from now on."""
        entry = next((one for one in self.entries if one.name == name), None)
        if entry is not None:
            self.schedulers.note(self.application, entry, order)
            self.changed.emit("workers")

    def forget_order(self, name: str) -> None:
        """An order was taken back."""
        self.schedulers.forget(self.application, name)
        self.changed.emit("workers")

    # one task, one run

    def choose_task(self, task_id: int) -> None:
        """Shows a task in the details; 0 none."""
        if task_id != self.task_id:
            self._forget_chosen()
            self.task_id = task_id
            self.changed.emit("detail")
            self._refresh_chosen()

    def note_stop(self, ids: Sequence[int]) -> None:
        """Runs were told to stop: that is asked until their state is another one (SC-10)."""
        now = self._clock()
        self.stopping.update(dict.fromkeys(ids, now))
        self.changed.emit("detail")

    def stop_asked(self) -> float | None:
        """Seconds since the run of the task shown was told to stop; None when it was not."""
        at = self.stopping.get(self.task_id)
        return None if at is None else max(0.0, self._clock() - at)

    def choose_run(self, run_id: int) -> None:
        """Shows a run in the details; 0 none."""
        if run_id != self.run_id:
            self.run_id, self.texts = run_id, None
            self.changed.emit("run")
            self._refresh_chosen()

    def _refresh_chosen(self) -> None:
        task_id, run_id = self.task_id, self.run_id
        if self.database is None or not (task_id or run_id):
            return

        def work(client: SchedulerClient) -> dict[str, Any]:
            found: dict[str, Any] = {}
            wanted = run_id
            if task_id:
                found["detail"] = client.ask("task", task_id=task_id)
                running = [one["id"] for one in found["detail"]["runs"] if one["status"] == "RUNNING"]
                wanted = wanted or (running[0] if running else 0)
            if wanted:
                found["texts"] = client.ask("run", run_id=wanted, limit=OUTPUT_SHOWN)
            return found

        def done(found: dict[str, Any]) -> None:
            if (task_id, run_id) != (self.task_id, self.run_id):
                return
            self.texts = from_json(RunTexts, found["texts"]) if "texts" in found else None
            if "detail" in found:
                self.detail = from_json(TaskDetail, found["detail"])
                self.times = tuple(found["detail"]["times"])
                if self.detail.task.state not in ("running", "assigned"):
                    self.stopping.pop(task_id, None)
                self.changed.emit("detail")
            self.changed.emit("run")

        self._ask(work, done, "run" if run_id and not task_id else "detail")


def _page(client: SchedulerClient, runs: bool, wish: Wish, after: Any) -> dict[str, Any]:
    """One page of a list."""
    wanted: dict[str, Any] = {
        "text": wish.text, "chosen": list(wish.chosen), "down": wish.down, "after": after, "limit": PAGE,
    }  # fmt: skip
    if not runs:
        wanted["order"] = wish.order
    found: dict[str, Any] = client.ask("runs" if runs else "tasks", patience=SLOW, **wanted)
    return found
