"""The inspector's child process: loads an application, answers questions one by one (`hadron inspect`)."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from pydal._globals import THREAD_LOCAL

from runtime import dal
from runtime.admin.inspector import (
    describe,
    exporting,
    importing,
    query_box,
    reading,
    records,
    saving,
    sessions,
    structure,
    writing,
)
from runtime.admin.inspector.application import Application
from runtime.admin.inspector.engines import database_problem, interrupter
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.untouched import keep_untouched
from runtime.admin.inspector.work import Channel, Work
from runtime.admin.scheduler import inspected as scheduler
from runtime.errors.safe_values import mask_text
from runtime.foundation.problems import UserError

Question = Callable[..., dict[str, Any]]

QUESTIONS: dict[str, Question] = {
    "describe": describe.describe,
    "scheduler": scheduler.ask,
    "counts": reading.counts,
    "page": reading.page,
    "count": reading.count,
    "facet": reading.facet,
    "record": records.record,
    "value": records.value,
    "save_file": saving.save_file,
    "write": writing.write,
    "backup": writing.backup,
    "query": query_box.run_query,
    "names": query_box.names,
    "structure": structure.structure,
    "export": exporting.export,
    "import_preview": importing.preview,
    "import": importing.run,
    "sessions": sessions.sessions,
}
"""What can be asked, and the function that answers: given application, work and the arguments."""


def main(argv: Sequence[str]) -> int:
    """Answer questions until standard input ends; returns the exit code."""
    parser = argparse.ArgumentParser(prog="hadron inspect", allow_abbrev=False)
    parser.add_argument("--folder", required=True)
    parser.add_argument("--load", type=float, default=15.0)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--answer", type=int, default=64_000_000)
    parser.add_argument("--controller", default="default")
    parser.add_argument("--untouched", action="store_true")
    parser.add_argument("application")
    given = parser.parse_args(argv)
    _limit_memory(given.memory)
    channel = Channel(given.answer)
    try:
        application = Application(given.folder, given.application, given.controller)
    except UserError as error:
        order = channel.orders.get()
        channel.fault(order["id"], InspectorProblem("refused", str(error)), last=True)
        return 1
    if given.untouched:
        keep_untouched(given.folder)
    work = Work(channel, application.place_of)
    _Server(application, channel, work, given.load).serve()
    return 0


def _limit_memory(most: int) -> None:
    """Let the system refuse more memory than `most` bytes, where it can."""
    if not most:
        return
    try:
        import resource
    except ImportError:
        return  # Windows: the window watches
    try:
        # threads and libraries reserve room that they never use, so the room may be larger than the memory
        resource.setrlimit(resource.RLIMIT_AS, (most * 2, most * 2))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return


class _Server:
    def __init__(self, application: Application, channel: Channel, work: Work, load: float) -> None:
        self._application, self._channel, self._work = application, channel, work
        self._load_limit = load
        self._loaded = False
        application.exit_told = self._on_exit

    def serve(self) -> None:
        while True:
            order = self._channel.orders.get()
            number = int(order["id"])
            try:
                self._answer(number, order)
            except InspectorProblem as problem:
                self._channel.fault(number, problem)
            except MemoryError:
                text = "The answer needs more memory than the inspector may use."
                self._channel.fault(number, InspectorProblem("memory", text), last=True)
            except Exception as error:
                if self._work.reason:
                    self._channel.fault(number, self._work.problem())
                else:
                    self._channel.fault(number, database_problem(error, self._application))
            finally:
                self._settle()
                self._work.end()

    def _answer(self, number: int, order: dict[str, Any]) -> None:
        self._channel.say("begun", id=number)  # without this the window may ask another child
        if not self._loaded:
            self._work.begin(number, self._load_limit, loading=True)
            self._application.load()
            self._loaded = True
            self._channel.say("loaded")
        self._work.begin(number, float(order["limit"]))
        self._work.interrupts = []
        if "database" in order["arguments"]:
            self._watch(self._application.database(order["arguments"]["database"]))
        question = QUESTIONS.get(order["ask"])
        if question is None:
            raise InspectorProblem("refused", f"There is no question {order['ask']!r}.")
        begun = time.monotonic()
        THREAD_LOCAL._pydal_timings_ = []
        answer = question(self._application, self._work, **order["arguments"])
        answer["statements"] = [(mask_text(sql)[:2000], took) for sql, took in dal.statements()]
        answer["seconds"] = time.monotonic() - begun
        self._channel.answer(number, answer)

    def _watch(self, db: Any) -> None:
        """Let the clock interrupt what the database does."""
        function = interrupter(db)
        if function is not None:
            self._work.interrupts = [function]

    def _settle(self) -> None:
        """Undo what no question has committed, and hold no lock."""
        for db in self._application.databases().values():
            try:
                db.rollback()
            except Exception:
                adapter: Any = getattr(db, "_adapter", None)
                if hasattr(adapter, "drop"):
                    adapter.drop()

    def _on_exit(self, problem: InspectorProblem) -> None:
        self._channel.fault(self._work.number, problem, last=True)
        sys.stderr.flush()
