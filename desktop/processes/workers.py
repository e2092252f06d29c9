"""The workers of all applications: those started here, and what the databases say of all (SV-14..SV-17)."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.processes.schedulers import SchedulerClient, Schedulers
from desktop.processes.worker_child import WorkerChild
from desktop.processes.worker_state import view_of
from runtime.admin.scheduler.entries import Hint, WorkerEntry, from_json
from runtime.admin.scheduler.processes import wishes_of, worker_command

if TYPE_CHECKING:
    from desktop.processes.loads import Loads

MOST_WORKERS = 16  # of one application, by the stepper
LOOK_EVERY = 3.0  # seconds between two looks at applications with workers, while somebody looks
LOOK_SELDOM = 60.0  # the same where no worker runs
ATTENTION_EVERY = 3600.0  # seconds between two notices about an application
GRACE = 15.0  # seconds workers get for their tasks at the end
LAST_GRACE = 4.0  # seconds for one that was terminated
COUNTS, WITH_SERVER = "workers.counts", "workers.start_with_server"

Command = Callable[[Path, str], list[str]]
"""Makes the command of a worker of a site."""


@dataclass
class Known:
    """What the last look at an application's scheduler brought."""

    workers: tuple[WorkerEntry, ...] = ()
    hints: tuple[Hint, ...] = ()
    problem: str = ""
    looked: float = -1e9
    looking: bool = False


class Workers(QObject):
    """Starts, watches, restarts and ends workers; looks at what the schedulers say of theirs.

    Args:
        site: tells the site folder now.
        preferences: keeps how many workers each application has.
        command: makes the command of a worker; tests give their own.

    Signals:
        changed: something that is shown is different.
        failed(str): a sentence for the person.
        attention(str, str): application, and why somebody should look: tasks that nobody takes, a worker
            that does not answer; once an hour at most.
    """

    changed = Signal()
    failed = Signal(str)
    attention = Signal(str, str)
    _measured = Signal()

    def __init__(
        self,
        site: Callable[[], Path],
        preferences: Any,
        command: Command = worker_command,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._site, self._preferences, self._command = site, preferences, command
        self.schedulers = Schedulers(site, self)
        self.members: list[WorkerChild] = []
        self.known: dict[str, Known] = {}
        self._extra: Counter[str] = Counter()
        self._loads: dict[int, str] = {}
        self._meter: Loads | None = None
        self._measuring = False
        self._watchers: set[str] = set()
        self._closing: Callable[[], None] | None = None
        self._deadline = 0.0
        self._timer = QTimer(self, interval=1000)
        self._timer.setObjectName("workers-look")
        self._timer.timeout.connect(self._tick)
        self._seldom = QTimer(self, interval=int(LOOK_SELDOM * 1000))
        self._seldom.setObjectName("workers-look-seldom")
        self._seldom.timeout.connect(self._look_unwatched)
        self._seldom.start()
        self._told: dict[str, float] = {}
        self._end = QTimer(self, interval=200)
        self._end.setObjectName("workers-end")
        self._end.timeout.connect(self._press_on)
        self._measured.connect(self._on_measured)
        self.schedulers.found.connect(self.changed)

    # how many

    def applications(self) -> list[str]:
        """Applications with a scheduler, or with workers of ours."""
        names = list(self.schedulers.names or ())
        return sorted({*names, *(child.application for child in self.members)})

    def of(self, application: str) -> list[WorkerChild]:
        """Our workers of an application, oldest first."""
        return [child for child in self.members if child.application == application]

    def count(self, application: str) -> int:
        """How many of them are wanted: those that are not on their way out."""
        return sum(child.phase not in ("finishing", "gone") for child in self.of(application))

    def running(self) -> int:
        """How many workers of all applications are up."""
        return sum(child.phase == "running" for child in self.members)

    def set_count(self, application: str, count: int) -> None:
        """Starts or ends workers until there are so many; the number is kept (SV-15)."""
        count = max(0, min(count, MOST_WORKERS))
        staying = [child for child in self.of(application) if child.phase not in ("finishing", "gone")]
        for _ in range(count - len(staying)):
            self._start(application)
        for child in reversed(staying[count:]):
            child.finish()
        self._keep(application, count)
        self.changed.emit()

    def start_one(self, application: str) -> None:
        """One more worker; failed ones are tried again first."""
        failed = [child for child in self.of(application) if child.phase in ("failed", "waiting")]
        if failed:
            for child in failed:
                child.try_again()
        else:
            self.set_count(application, self.count(application) + 1)

    def stop_all(self) -> None:
        """Lets all finish their tasks and end; how many were wanted stays kept."""
        for child in list(self.members):
            child.finish()
        self.changed.emit()

    def want_for_this_run(self, text: str) -> None:
        """Workers that the command line named (``app1:group,app2``); they start with the server (DESK-09).

        Raises:
            UserError: it can't be read.
        """
        self._extra = wishes_of(text)

    def busy_words(self) -> list[str]:
        """Tasks that run on workers started here, a sentence each; they are cut when the grace is over."""
        names = {child.name for child in self.members if child.name}
        end = f"runs on a worker; after {GRACE:.0f} s it is cut short and queued again."
        return [
            f"{entry.task_name or f'Task {entry.task_id}'} {end}"
            for known in self.known.values()
            for entry in known.workers
            if entry.task_id and entry.name in names
        ]

    def on_server_ready(self) -> None:
        """The server serves: the workers that start with it do (SV-15, DESK-09)."""
        if self._preferences.get(WITH_SERVER, True):
            self.start_kept()
        else:
            self._start_missing(self._extra)

    def start_kept(self) -> None:
        """Starts as many of each application as were kept, and those of the command line."""
        self._start_missing(self._kept() | self._extra)

    def _start_missing(self, wanted: Mapping[str, int]) -> None:
        for wish, count in wanted.items():
            staying = [one for one in self.members if one.phase not in ("finishing", "gone")]
            for _ in range(count - sum(one.wish == wish for one in staying)):
                self._start(wish)

    def _kept(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for part in str(self._preferences.get(COUNTS, "") or "").split():
            name, _, count = part.partition("=")
            if name and count.isdecimal():
                found[name] = min(int(count), MOST_WORKERS)
        return found

    def _keep(self, application: str, count: int) -> None:
        counts = self._kept()
        counts[application] = count
        text = " ".join(f"{name}={number}" for name, number in sorted(counts.items()) if number)
        self._preferences.set(COUNTS, text)

    def _start(self, wish: str) -> None:
        if self._closing is not None:
            return
        site, command = self._site(), self._command
        child = WorkerChild(wish, lambda: command(site, wish), self)
        child.changed.connect(self._on_child)
        child.ended.connect(self._on_ended)
        self.members.append(child)
        child.launch()

    def _on_child(self) -> None:
        child = self.sender()
        if isinstance(child, WorkerChild):
            if child.phase == "failed":
                self.failed.emit(f"A worker of {child.application} can't run. {child.cause}")
            elif child.phase == "running":
                self.look_now(child.application)
        self.changed.emit()

    def _on_ended(self) -> None:
        child = self.sender()
        if isinstance(child, WorkerChild) and child in self.members:
            self.members.remove(child)
            self.look_now(child.application)
            child.deleteLater()
        self.changed.emit()
        if self._closing is not None and not self.members:
            self._closed()

    # orders

    def order(self, application: str, worker: str, order: str) -> None:
        """Gives a worker an order through its row; it is *asked* until its heartbeat confirms (SV-16)."""
        entry = next(
            (one for one in self.known.get(application, Known()).workers if one.name == worker), None
        )
        if entry is not None:
            self.schedulers.note(application, entry, order)
        self.schedulers.ask(
            application, lambda client: client.ask("order", worker=worker, order=order), owner=self,
            on_done=lambda _answer: self.look_now(application),
            on_failed=lambda error: self._on_order_failed(application, worker, error),
        )  # fmt: skip
        self.changed.emit()

    def _on_order_failed(self, application: str, worker: str, error: Exception) -> None:
        self.schedulers.forget(application, worker)
        self.failed.emit(str(error))
        self.look_now(application)

    def order_all(self, application: str, order: str) -> None:
        """The same to all living workers of an application."""
        for entry in self.known.get(application, Known()).workers:
            if entry.state not in ("dead", "silent", "ending"):
                self.order(application, entry.name, order)

    def take_back(self, application: str, worker: str) -> None:
        """Queues again what a dead worker held."""
        self.schedulers.ask(
            application, lambda client: client.ask("take_back", worker=worker), owner=self,
            on_done=lambda _count: self.look_now(application),
            on_failed=lambda error: self.failed.emit(str(error)),
        )  # fmt: skip

    def kill_process(self, worker: str) -> bool:
        """Ends the process of a worker at once if it is ours; tells whether it was (SC-10)."""
        for child in self.members:
            if child.name == worker and child.pid is not None:
                child.kill()
                return True
        return False

    # looking

    def set_watched(self, by: str, on: bool) -> None:
        """Looks at the schedulers while somebody looks at this."""
        (self._watchers.add if on else self._watchers.discard)(by)
        if self._watchers and not self._timer.isActive():
            self._timer.start()  # the first look comes a second later: the window is drawn before
        elif not self._watchers:
            self._timer.stop()

    def look_now(self, application: str) -> None:
        """Looks at one application soon."""
        self.known.setdefault(application, Known()).looked = -1e9
        if self._watchers:
            self._look_at(application)

    def _tick(self) -> None:
        now = time.monotonic()
        if self.schedulers.names is None:
            self.schedulers.look()
        for application in self.applications():
            known = self.known.setdefault(application, Known())
            often = bool(self.of(application) or known.workers)
            if now - known.looked >= (LOOK_EVERY if often else LOOK_SELDOM):
                self._look_at(application)
        self._measure()
        self.changed.emit()

    def _look_unwatched(self) -> None:
        """Nobody looks: what has workers is looked at now and then, so that trouble is told (12.4)."""
        if not self._watchers:
            for application in {child.application for child in self.members} | set(self._kept()):
                self._look_at(application)

    def _tell_attention(self, application: str, known: Known) -> None:
        hint = next((one for one in known.hints if one.kind in ("no worker", "overdue")), None)
        asked = self.schedulers.asked(application)
        views = [view_of(entry, asked.get(entry.name), time.time()) for entry in known.workers]
        unanswered = next((view for view in views if view.unanswered), None)
        sentence = ""
        if unanswered is not None:
            sentence = f"Worker {unanswered.entry.name} of {application} does not answer."
        elif hint is not None:
            sentence = f"{application}: {hint.sentence}"
        now = time.monotonic()
        if sentence and now - self._told.get(application, -1e9) > ATTENTION_EVERY:
            self._told[application] = now
            self.attention.emit(application, sentence)

    def _look_at(self, application: str) -> None:
        known = self.known.setdefault(application, Known())
        if known.looking or self._closing is not None:
            return
        known.looking = True
        known.looked = time.monotonic()

        def work(client: SchedulerClient) -> tuple[list[Any], list[Any]]:
            return client.ask("workers"), client.ask("hints")

        def done(found: tuple[list[Any], list[Any]]) -> None:
            known.looking = False
            known.workers = tuple(from_json(WorkerEntry, one) for one in found[0])
            known.hints = tuple(from_json(Hint, one) for one in found[1])
            known.problem = ""
            self.schedulers.prune(application, known.workers)
            self._tell_attention(application, known)
            self.changed.emit()

        def failed(error: Exception) -> None:
            known.looking = False
            is_new = getattr(error, "kind", "") == "gone"  # an inspector's problem: no tables yet
            known.workers, known.hints = (), ()
            known.problem = "" if is_new else str(error)
            self.changed.emit()

        self.schedulers.ask(
            application, work, owner=self, key=f"overview-{application}", on_done=done, on_failed=failed
        )

    # processor and memory

    def load_words(self, pid: int) -> str:
        """ "3 % CPU, 61 MB", or nothing while it is not known."""
        return self._loads.get(pid, "")

    def _measure(self) -> None:
        if self._measuring:
            return
        pids = {child.pid for child in self.members if child.pid}
        pids |= {
            entry.pid for known in self.known.values() for entry in known.workers if entry.here and entry.pid
        }
        self._measuring = True
        threading.Thread(target=self._read_loads, args=(pids,), name="worker-load", daemon=True).start()

    def _read_loads(self, pids: set[int]) -> None:
        from desktop.processes.loads import Loads  # what reads processes is not needed at the start

        if self._meter is None:
            self._meter = Loads()
        self._loads = self._meter.read(pids)
        try:
            self._measured.emit()
        except RuntimeError:
            pass  # the window has gone

    def _on_measured(self) -> None:
        self._measuring = False

    # leaving

    def shutdown(self, done: Callable[[], None], seconds: float = GRACE) -> None:
        """Lets all workers finish their tasks, at most `seconds`, then ends them; then `done()` (DESK-10)."""
        self._timer.stop()
        self._seldom.stop()
        self._closing = done
        if not self.members:
            self._closed()
            return
        self._deadline = time.monotonic() + seconds
        for child in list(self.members):
            child.finish()
        if self.members:
            self._end.start()

    def hasten(self) -> None:
        """Does not wait for tasks any more."""
        self._deadline = 0.0

    def _press_on(self) -> None:
        now = time.monotonic()
        if now < self._deadline:
            return
        for child in list(self.members):
            if now < self._deadline + LAST_GRACE:
                child.terminate()
            else:
                child.kill()

    def _closed(self) -> None:
        self._end.stop()
        done, self._closing = self._closing, lambda: None
        self.schedulers.close()
        if done is not None:
            done()

    def close(self) -> None:
        """Ends everything now, without waiting."""
        self._timer.stop()
        self._end.stop()
        for child in self.members:
            child.terminate()
        self.schedulers.close()
