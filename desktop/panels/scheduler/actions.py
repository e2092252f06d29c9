"""What can be done with tasks, runs and workers, in the background; the session reads again afterwards."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Tasks
from desktop.panels.overview.words import counted
from desktop.processes.schedulers import SLOW, SchedulerClient
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

from .listing import Wish
from .session import Session

PIECE = 200  # tasks in one statement of a bulk order
EXPORT_PAGE = 1000
FAULTS_SHOWN = 200
_DONE = {
    "run now": "put first in the queue",
    "run again": "queued again",
    "enable": "enabled",
    "disable": "disabled",
    "stop": "stopped",
    "delete": "deleted",
}


@dataclass
class Outcome:
    """What became of an order to many tasks.

    Attributes:
        done: how many were changed.
        faults: number and reason of those that were not.
        cancelled: it was called off before the end.
    """

    order: str
    done: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)
    cancelled: bool = False

    def words(self) -> str:
        """One sentence."""
        text = f"{counted(self.done, 'task')} {_DONE[self.order]}"
        if self.faults:
            reasons = {reason for _, reason in self.faults}
            why = f": {next(iter(reasons))}" if len(reasons) == 1 else ", for several reasons."
            text += f", {counted(len(self.faults), 'task')} not{why}"
        else:
            text += "."
        return f"{text} Called off before the end." if self.cancelled else text

    def detail(self) -> str:
        """The tasks that were not changed, a line each."""
        lines = [f"task {task_id}: {reason}" for task_id, reason in self.faults[:FAULTS_SHOWN]]
        more = len(self.faults) - len(lines)
        return "\n".join([*lines, *([f"and {more} more"] if more > 0 else [])])


class SchedulerActions(QObject):
    """Orders of the panel.

    Args:
        tasks: shows long work in the status bar.
        session: whose application is meant.

    Signals:
        said(str, str, str): level, sentence and detail for a notice.
        queued(int): the number of a task that was queued.
    """

    said = Signal(str, str, str)
    queued = Signal(int)

    def __init__(self, tasks: Tasks, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._session = tasks, session
        self.quiet = Tasks(self)

    # one thing at a time

    def _ask(
        self, work: Callable[[SchedulerClient], Any], on_done: Callable[[Any], None] | None = None
    ) -> None:
        def done(answer: Any) -> None:
            if on_done is not None:
                on_done(answer)
            self._session.refresh()

        self._session.schedulers.ask(
            self._session.application, work, owner=self, on_done=done, on_failed=self._on_failed
        )

    def _on_failed(self, error: Exception) -> None:
        self.said.emit("warning", str(error), "")
        self._session.refresh()

    def act(self, order: str, ids: Sequence[int]) -> None:
        """Gives one order to some tasks (SC-08, SC-09)."""
        if len(ids) > PIECE:
            self._bulk(order, f"{order.capitalize()}: {counted(len(ids), 'task')}", len(ids), _listed(ids))
            return

        def done(answer: dict[str, Any]) -> None:
            outcome = Outcome(order, len(answer["done"]), [(one, why) for one, why in answer["faults"]])
            self._tell(outcome, quiet=len(ids) == 1)

        self._ask(lambda client: client.ask("act", order=order, ids=list(ids)), done)

    def act_on_all(self, order: str, wish: Wish, about: int) -> None:
        """Gives one order to all tasks that match, in pieces with progress (SC-09)."""
        self._bulk(order, f"{order.capitalize()}: all that match", about, _matching(wish))

    def _bulk(
        self, order: str, title: str, about: int, pieces: Callable[[SchedulerClient, int], Sequence[int]]
    ) -> None:
        client = self._session.schedulers.client(self._session.application)

        def work(context: Context) -> Outcome:
            outcome, after = Outcome(order), 0
            while ids := pieces(client, after):
                if context.cancelled:
                    outcome.cancelled = True
                    break
                answer = client.ask("act", patience=SLOW, order=order, ids=list(ids))
                outcome.done += len(answer["done"])
                outcome.faults += [(one, why) for one, why in answer["faults"]]
                after = ids[-1]
                context.progress(outcome.done + len(outcome.faults), max(about, 1))
            return outcome

        def done(outcome: Outcome) -> None:
            self._tell(outcome, quiet=False)
            self._session.reload()

        self._tasks.run(work, owner=self, title=title, on_done=done, on_failed=self._on_failed)

    def _tell(self, outcome: Outcome, quiet: bool) -> None:
        if outcome.faults:
            self.said.emit("warning", outcome.words(), outcome.detail())
        elif not quiet:
            self.said.emit("done", outcome.words(), "")

    # workers

    def order(self, worker: str, order: str) -> None:
        """Gives a worker an order; it is *asked* until its heartbeat confirms (SC-10)."""
        self._session.note_order(worker, order)
        self._session.schedulers.ask(
            self._session.application,
            lambda client: client.ask("order", worker=worker, order=order),
            owner=self,
            on_done=lambda _answer: self._session.refresh(),
            on_failed=lambda error: self._on_order_failed(worker, error),
        )

    def _on_order_failed(self, worker: str, error: Exception) -> None:
        self._session.forget_order(worker)
        self._on_failed(error)

    def take_order_back(self, worker: str) -> None:
        """Takes an order back that was not carried out yet."""
        self._ask(lambda client: client.ask("order", worker=worker, order="resume"),
                  lambda _answer: self._session.forget_order(worker))  # fmt: skip

    def take_back(self, worker: str) -> None:
        """Queues again what a dead worker held (SC-12)."""

        def done(count: int) -> None:
            what = f"{counted(count, 'task')} queued again." if count else "It held no task."
            self.said.emit("done", f"Worker {worker} is forgotten. {what}", "")

        self._ask(lambda client: client.ask("take_back", worker=worker), done)

    # queueing and editing

    def queue(self, columns: dict[str, Any], on_faults: Callable[[dict[str, str]], None]) -> None:
        """Queues a task; `on_faults` gets what is wrong by column, an empty dictionary when all is well."""

        def done(answer: dict[str, Any]) -> None:
            on_faults(answer["errors"])
            if not answer["errors"]:
                self._session.reload()
                self.queued.emit(int(answer["id"]))

        self._ask(lambda client: client.ask("queue", **columns), done)

    def edit(
        self, task_id: int, columns: dict[str, Any], on_faults: Callable[[dict[str, str]], None]
    ) -> None:
        """Changes a task; as `queue`."""
        self._ask(lambda client: client.ask("edit", task_id=task_id, **columns),
                  lambda answer: on_faults(answer["errors"]))  # fmt: skip

    def look(
        self,
        call: str,
        on_done: Callable[[Any], None],
        on_failed: Callable[[Exception], None],
        *,
        owner: QObject,
        **arguments: Any,
    ) -> None:
        """Asks a small question for a sheet, the owner: checks and times while somebody types."""
        self._session.schedulers.ask(
            self._session.application, lambda client: client.ask(call, **arguments), owner=owner,
            key=f"look-{call}", on_done=on_done, on_failed=on_failed,
        )  # fmt: skip

    # clean-up and export

    def clean_up(
        self, older: float | None, keep: int, dry: bool, owner: QObject, on_count: Callable[[int], None]
    ) -> None:
        """Counts or deletes old runs, in pieces that can be called off (SC-17)."""
        client = self._session.schedulers.client(self._session.application)

        def work(context: Context) -> tuple[int, bool]:
            total = 0
            start: int | None = 0
            while start is not None:
                if context.cancelled:
                    return total, True
                piece = client.ask("clean_up", patience=SLOW, older=older, keep=keep, start=start, dry=dry)
                total, start = total + piece["count"], piece["following"]
                context.progress(total, 0, counted(total, "run"))
            return total, False

        def done(result: tuple[int, bool]) -> None:
            on_count(result[0])
            if not dry:
                end = " Called off before the end." if result[1] else ""
                self.said.emit("done", f"{counted(result[0], 'run')} deleted.{end}", "")
                self._session.reload()

        title = "Counting old runs" if dry else "Deleting old runs"
        self._tasks.run(
            work, owner=owner, title=title, key="clean-up", on_done=done, on_failed=self._on_failed
        )

    def export(self, path: Path, runs: bool, wish: Wish, about: int) -> None:
        """Writes all rows that match to a CSV or JSON file (SC-18)."""
        client = self._session.schedulers.client(self._session.application)

        def work(context: Context) -> int:
            rows: list[dict[str, Any]] = []
            after: Any = None
            while True:
                context.check()
                wanted: dict[str, Any] = {"text": wish.text, "chosen": list(wish.chosen), "down": wish.down,
                                          "after": after, "limit": EXPORT_PAGE}  # fmt: skip
                if not runs:
                    wanted["order"] = wish.order
                page = client.ask("runs" if runs else "tasks", patience=SLOW, **wanted)
                rows += page["rows"]
                context.progress(len(rows), max(about, len(rows), 1))
                after = page["following"]
                if after is None:
                    break
            text = as_json(rows) if path.suffix.lower() == ".json" else as_csv(rows)
            try:
                write_atomic(path, text)
            except OSError as error:
                raise UserError(f"{path} can't be written: {error.strerror}.") from error
            return len(rows)

        def done(count: int) -> None:
            self.said.emit("done", f"{counted(count, 'row')} written to {path}.", "")

        self._tasks.run(
            work, owner=self, title=f"Exporting to {path.name}", on_done=done, on_failed=self._on_failed
        )


TIMES = frozenset({"next_run", "last_run", "start", "stop"})


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    """Times as ISO texts of the local zone."""
    return {
        name: datetime.fromtimestamp(value).astimezone().isoformat()
        if name in TIMES and value is not None
        else value
        for name, value in row.items()
    }


def as_json(rows: Sequence[dict[str, Any]]) -> str:
    """A list of objects."""
    return json.dumps([_readable(row) for row in rows], indent=1, ensure_ascii=False) + "\n"


def as_csv(rows: Sequence[dict[str, Any]]) -> str:
    """A head and a line for each row; what a spreadsheet would take for a formula gets a quote."""
    stream = io.StringIO()
    if rows:
        writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\r\n")
        writer.writeheader()
        for row in rows:
            writer.writerow({name: _harmless(value) for name, value in _readable(row).items()})
    return stream.getvalue()


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value


def _listed(ids: Sequence[int]) -> Callable[[SchedulerClient, int], Sequence[int]]:
    ordered = sorted(ids)

    def piece(_client: SchedulerClient, after: int) -> Sequence[int]:
        return [one for one in ordered if one > after][:PIECE]

    return piece


def _matching(wish: Wish) -> Callable[[SchedulerClient, int], Sequence[int]]:
    def piece(client: SchedulerClient, after: int) -> Sequence[int]:
        found: list[int] = client.ask(
            "ids",
            patience=SLOW,
            runs=False,
            text=wish.text,
            chosen=list(wish.chosen),
            after=after,
            limit=PIECE,
        )
        return found

    return piece
