"""Rows of the list of applications: what is shown, in which order (UI-AP-01). No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from desktop.panels.overview.words import number
from desktop.panels.tickets.model import ago
from desktop.widgets.values import UNKNOWN
from runtime.admin.application_facts import Facts
from runtime.admin.applications import ApplicationInfo
from runtime.admin.load_checks import LoadCheck

ON, OFF, COMPILED, BROKEN = "on", "off", "compiled", "does not load"
MARKS = {
    ON: ("mark-disc", "serving"),
    OFF: ("mark-ring-slash", "stopped"),
    COMPILED: ("mark-square", "stopped"),
    BROKEN: ("mark-cross", "failed"),
}
"""Icon and colour group of each state."""
ORDERS = ("name", "state", "errors", "untranslated", "workers", "size", "changed")
DOWNWARD_FIRST = frozenset(("errors", "untranslated", "workers", "size", "changed"))


@dataclass(frozen=True)
class Row:
    """One application as shown.

    Attributes:
        name: of the application.
        folder: its folder.
        kind: ``on``, ``off`` or ``compiled``, as its folder says.
        facts: figures, as far as they were read.
        fault: why it does not load; from its text or from running its models.
        place: file and line of the fault; an empty name when they are not known.
        note: why it can't be told whether it loads.
        workers: workers of its scheduler that run; None without a scheduler.
    """

    name: str
    folder: Path
    kind: str
    facts: Facts | None = None
    fault: str = ""
    workers: int | None = None
    place: tuple[str, int] = ("", 0)
    note: str = ""

    @property
    def state(self) -> str:
        """The word of its state."""
        return BROKEN if self.fault and self.kind != OFF else self.kind


def rows_of(
    found: Sequence[ApplicationInfo],
    facts: dict[str, Facts],
    checks: dict[str, LoadCheck],
    workers: dict[str, int],
) -> list[Row]:
    """Return the rows of the applications found, with the figures known of them.

    Args:
        checks: what running their models has shown, by name.
        workers: how many workers run, for applications with a scheduler.
    """
    out = []
    for info in found:
        known, check = facts.get(info.name), checks.get(info.name)
        fault, place, note = info.problem, ("", 0), ""
        if not fault and check is not None:
            fault, place, note = check.fault, (check.file, check.line), check.note
        elif not fault and known is not None:
            fault, place = known.fault, (known.fault_file, known.fault_line)
        workers_now = workers.get(info.name)
        out.append(Row(info.name, info.folder, info.state, known, fault, workers_now, place, note))
    return out


def chosen(rows: Sequence[Row], text: str, scope: str = "") -> list[Row]:
    """Return the rows whose name or state holds `text`; only the one called `scope` if that is given."""
    wanted = text.strip().lower()
    return [
        row
        for row in rows
        if (not scope or row.name == scope) and (wanted in row.name.lower() or wanted in row.state)
    ]


def ordered(rows: Sequence[Row], by: str, down: bool) -> list[Row]:
    """Return the rows in order; unknown figures come last."""

    def key(row: Row) -> tuple[bool, object, str]:
        if by == "state":
            return False, row.state, row.name.lower()
        if by == "name" or by not in ORDERS:
            return False, row.name.lower(), ""
        holder = row if by == "workers" else row.facts
        value = getattr(holder, by) if holder is not None else None
        return value is None, -(value or 0) if down else (value or 0), row.name.lower()

    if by in ("name", "state"):
        return sorted(rows, key=key, reverse=down)
    return sorted(rows, key=key)


def size_words(size: float | None) -> str:
    """ "980 B", "12.4 kB", "3 MB"."""
    if size is None:
        return UNKNOWN
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            digits = 1 if unit != "B" and size < 10 else 0
            return f"{number(size, digits)} {unit}"
        size /= 1000
    raise AssertionError


def cell(row: Row, column: str, now: float) -> str:
    """The text of a cell."""
    facts = row.facts
    if column == "name":
        return row.name
    if column == "state":
        return row.state
    if column == "workers":
        return UNKNOWN if row.workers is None else str(row.workers)
    if facts is None:
        return ""
    if column in ("errors", "untranslated"):
        value: int | None = getattr(facts, column)
        return UNKNOWN if value is None else number(value) if value else "0"
    if column == "size":
        return size_words(facts.size)
    return ago(facts.changed, now) if facts.changed is not None else UNKNOWN
