"""Workers as a person sees them: an order is *asked* until the heartbeat confirms it (SC-10, SV-16)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from desktop.panels.overview.words import age_words, counted, in_words
from runtime.admin.scheduler.entries import WorkerEntry

_UUID = re.compile(r"([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
PATIENCE_BEATS = 3  # heartbeats until an order counts as not answered
LONGEST_SLEEP = 10.0  # seconds; a paused worker may look less often

_DOING = {
    "pause": "pausing",
    "resume": "resuming",
    "finish": "finishing",
    "kill": "killing",
    "stop run": "stopping its run",
}


@dataclass(frozen=True)
class Asked:
    """An order given from here: when (seconds since 1970), and the worker's last heartbeat and task then."""

    order: str
    at: float
    beat: float | None
    task_id: int


@dataclass(frozen=True)
class WorkerView:
    """A worker as shown.

    Attributes:
        state: one word, ``pausing`` also while it is asked.
        mark, status: shape and colour group.
        detail: a line about heartbeat and work.
        orders: what can be ordered now, the likeliest first.
        unanswered: an order was asked and too long ago.
    """

    entry: WorkerEntry
    state: str
    mark: str
    status: str
    detail: str
    orders: tuple[str, ...]
    unanswered: bool = False

    @property
    def words(self) -> str:
        """State and whether it is the ticker."""
        return f"{self.state}, ticker" if self.entry.is_ticker else self.state


def short_worker(name: str) -> str:
    """A worker's name as a table shows it: of a uuid the beginning is enough to tell it from others."""
    return _UUID.sub(r"\1", name)


def shown_name(entry: WorkerEntry) -> str:
    """ "office#5120" for one that was given no name, else its name."""
    return f"{entry.host}#{entry.pid}" if entry.pid and _UUID.search(entry.name) else short_worker(entry.name)


def patience(entry: WorkerEntry) -> float:
    """Seconds until an order has to be confirmed."""
    return max(PATIENCE_BEATS * entry.heartbeat, LONGEST_SLEEP)


def is_confirmed(entry: WorkerEntry, asked: Asked) -> bool:
    """Has the worker seen the order?  One that has gone has, too; ask only for those that are there."""
    if entry.last_beat == asked.beat:
        return False
    if asked.order == "pause":
        return entry.status == "DISABLED"
    if asked.order == "resume":
        return entry.state in ("active", "busy")
    if asked.order == "stop run":
        return entry.status != "STOP_TASK" and entry.task_id != asked.task_id
    return False  # finishing and killing end with the row


def view_of(entry: WorkerEntry, asked: Asked | None, now: float) -> WorkerView:
    """What is to be shown of a worker."""
    if entry.state == "dead":
        return WorkerView(entry, "dead", "mark-cross", "failed", _dead_words(entry), ("take back",))
    if asked is not None and not is_confirmed(entry, asked):
        return _asked_view(entry, asked, now)
    work = _work_words(entry)
    if entry.state == "silent":
        words = f"no heartbeat for {age_words(entry.beat_age)}"
        return WorkerView(entry, "silent", "mark-disc-bang", "problem", words, ("pause", "finish", "kill"))
    if entry.state == "ending":
        word = "killing" if entry.status == "KILL" else "finishing"
        return WorkerView(entry, word, "mark-ring-dot", "changing", work, ("resume", "kill"))
    if entry.state == "paused":
        word = "paused" if not entry.task_id else "paused after its run"
        return WorkerView(entry, word, "mark-ring", "stopped", work, ("resume", "finish", "kill"))
    orders = ("pause", *(("stop run",) if entry.task_id else ()), "finish", "kill")
    return WorkerView(
        entry, "active" if entry.state == "active" else "busy", "mark-disc", "serving", work, orders
    )


def _asked_view(entry: WorkerEntry, asked: Asked, now: float) -> WorkerView:
    waited = max(0.0, now - asked.at)
    most = patience(entry)
    if waited > most and asked.order != "finish":
        words = (
            f"{_DOING[asked.order]} was asked {in_words(waited)} ago; heartbeat {age_words(entry.beat_age)}"
        )
        return WorkerView(
            entry, "does not answer", "mark-disc-bang", "problem", words, ("kill",), unanswered=True
        )
    beat = f"heartbeat {age_words(entry.beat_age)}"
    until = _work_words(entry) if asked.order == "finish" else f"up to {in_words(most)}; {beat}"
    words = f"asked {in_words(waited)} ago, {until}"
    orders = ("take back order", "kill") if asked.order in ("pause", "finish") else ("kill",)
    return WorkerView(entry, _DOING[asked.order], "mark-ring-dot", "changing", words, orders)


def _work_words(entry: WorkerEntry) -> str:
    parts = [f"heartbeat {age_words(entry.beat_age)}", f"{entry.done} done"]
    if entry.failed:
        parts.append(f"{entry.failed} failed")
    if entry.task_id:
        parts.append(f"running {entry.task_name or f'task {entry.task_id}'}")
    return ", ".join(parts)


def _dead_words(entry: WorkerEntry) -> str:
    parts = [f"heartbeat {age_words(entry.beat_age)} ago"]
    if not entry.here:
        parts.append("another computer")
    parts.append(f"held {counted(entry.held, 'task')}" if entry.held else "held nothing")
    return ", ".join(parts)


def summary(views: list[WorkerView]) -> str:
    """ "3, one dead", "none runs"."""
    if not views:
        return "none runs"
    dead = sum(view.state == "dead" for view in views)
    busy = sum(view.entry.task_id > 0 and view.state != "dead" for view in views)
    words = [str(len(views))]
    if busy:
        words.append(f"{busy} busy")
    if dead:
        words.append("one dead" if dead == 1 else f"{dead} dead")
    return ", ".join(words)
