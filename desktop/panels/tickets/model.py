"""Tickets as rows: reading piece by piece, filters, order, words; knows no widgets (TK-01..05, TK-19)."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from runtime.admin.applications import list_applications
from runtime.admin.tickets import read_marks, state_of
from runtime.errors import Ticket, TicketEntry, TicketError, list_tickets, read_summary
from runtime.errors.database import storage_address
from runtime.errors.grouping import TicketGroup, group_summaries
from runtime.errors.ticket import client_of, relative

DAYS = 14
PIECE_SECONDS = 0.4
"""Time of one piece of reading; what is known is shown after each."""
MANY_IN_A_MINUTE = 10
OPEN_STATES = frozenset({"new", "again", "open"})
PERIODS = {"day": 1, "week": 7, "fortnight": 14, "month": 30, "all": 0}


@dataclass(slots=True)
class Row:
    """One line of the table: a kind of error, or a single ticket.

    Attributes:
        key: the same for the same line after each reading.
        application: name of it.
        folder: its folder, None for imported tickets.
        state: ``new``, ``again``, ``open``, ``solved``, ``ignored`` or ``unreadable``.
        exception, message: what happened.
        where: file and line, from the application's folder on.
        file: the file alone.
        clients: addresses of the visitors it happened to.
        count: how often, those only counted included.
        first, last: seconds since 1970.
        days: how often on each of the last 14 days, today last.
        ids: numbers of the tickets, newest first.
        group: what the row was made of; None for a single ticket.
        search: all words that the filter looks into, in small letters.
        imported: somebody else's ticket, opened from a file.
        sources: where each ticket lies: ``file``, ``pickle`` or ``database``.
    """

    key: str
    application: str
    folder: Path | None
    state: str
    exception: str
    message: str
    where: str
    count: int
    first: float
    last: float
    days: tuple[int, ...] = ()
    ids: list[str] = field(default_factory=list)
    group: TicketGroup | None = None
    search: str = ""
    imported: Ticket | None = None
    sources: dict[str, str] = field(default_factory=dict)
    file: str = ""
    clients: frozenset[str] = frozenset()

    @property
    def unreadable(self) -> bool:
        """Can its tickets not be read?"""
        return self.state == "unreadable"

    def title(self) -> str:
        """Exception and message."""
        if self.unreadable and self.count != 1:
            return f"{self.count} tickets can't be read"
        return f"{self.exception}: {self.message}" if self.message else self.exception


@dataclass(frozen=True)
class Snapshot:
    """What is known at one moment.

    Attributes:
        groups: kinds of errors, newest first.
        tickets: single tickets, newest first.
        read, total: tickets whose content is known, and all of them.
        problems: applications whose tickets can not be listed, and why.
        applications: names of all applications.
    """

    groups: tuple[Row, ...] = ()
    tickets: tuple[Row, ...] = ()
    read: int = 0
    total: int = 0
    problems: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Is the content of all tickets known?"""
        return self.read >= self.total


@dataclass(frozen=True)
class Filter:
    """What is shown; an empty text or name means all (TK-05).

    Attributes:
        state: ``open`` (with new and again), ``new``, ``again``, ``solved`` or ``ignored``.
        file: of the application, as in `Row.file`.
        client: address of a visitor.
        period: key of `PERIODS`.
        text: words that all have to be found.
        single: tickets one by one instead of kinds (TK-03).
    """

    state: str = "open"
    application: str = ""
    exception: str = ""
    period: str = "fortnight"
    text: str = ""
    single: bool = False
    file: str = ""
    client: str = ""


class Reader:
    """Reads the tickets of a site; keeps what it read, so that a later reading is cheap.

    Its methods run in the background, one at a time.
    """

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Ticket]] = {}

    def read(self, site: Path, check: Callable[[], None], seconds: float = PIECE_SECONDS) -> Snapshot:
        """Read for about `seconds` and return what is known then.

        Args:
            site: the site folder.
            check: raises when the work is not wanted any more.
        """
        end = time.monotonic() + seconds
        groups: list[Row] = []
        singles: list[Row] = []
        problems, read, total = [], 0, 0
        infos = list_applications(site)
        for name in self._known.keys() - {info.name for info in infos}:
            del self._known[name]
        for info in infos:
            known = self._known.setdefault(info.name, {})
            try:
                entries = list_tickets(info.folder)
            except TicketError as error:
                problems.append(f"{info.name}: {error}")
                continue
            self._read_new(info.folder, entries, known, end, check)
            summaries = [(entry, known[entry.id]) for entry in entries if entry.id in known]
            read, total = read + len(summaries), total + len(entries)
            made = _rows(info.folder, info.name, summaries)
            groups += made
            singles += _singles(info.folder, info.name, summaries, made)
        groups.sort(key=lambda row: row.last, reverse=True)
        singles.sort(key=lambda row: row.last, reverse=True)
        names = tuple(info.name for info in infos)
        return Snapshot(tuple(groups), tuple(singles), read, total, tuple(problems), names)

    def _read_new(
        self,
        folder: Path,
        entries: Sequence[TicketEntry],
        known: dict[str, Ticket],
        end: float,
        check: Callable[[], None],
    ) -> None:
        for gone in known.keys() - {entry.id for entry in entries}:
            del known[gone]
        for entry in entries:
            if entry.id in known:
                continue
            if time.monotonic() > end:
                return
            check()
            known[entry.id] = read_summary(folder, entry)


def _rows(folder: Path, application: str, summaries: list[tuple[TicketEntry, Ticket]]) -> list[Row]:
    marks, now = read_marks(folder), time.time()
    sources = {entry.id: entry.source for entry, _ in summaries}
    rows = []
    for group in group_summaries(folder, application, summaries):
        row = _row(folder, application, group.latest, group.last)
        state = "unreadable" if group.unreadable else state_of(group, marks.get(group.key), now)
        clients = {client_of(ticket_id) for ticket_id in group.ids[:500]}
        rows.append(
            replace(
                row,
                key=f"{application}/{group.key}",
                state=state,
                count=group.count,
                first=group.first,
                days=last_days(group.days, now),
                ids=list(group.ids),
                group=group,
                sources=sources,
                search=f"{row.search} {' '.join(clients)}",
                clients=frozenset(clients - {""}),
            )
        )
    return rows


def _singles(
    folder: Path, application: str, summaries: list[tuple[TicketEntry, Ticket]], groups: list[Row]
) -> list[Row]:
    states = {ticket_id: row.state for row in groups for ticket_id in row.ids}
    rows = []
    for entry, ticket in summaries:
        row = _row(folder, application, ticket, entry.time)
        row.key, row.ids, row.state = f"{application}/{entry.id}", [entry.id], states[entry.id]
        row.search, row.sources = f"{row.search} {entry.id}", {entry.id: entry.source}
        row.clients = frozenset({client_of(entry.id)} - {""})
        rows.append(row)
    return rows


def _row(folder: Path | None, application: str, ticket: Ticket, last: float) -> Row:
    message = " ".join((ticket.fault if ticket.exception == "unreadable" else ticket.message).split())
    exception = "1 ticket can't be read" if ticket.exception == "unreadable" else ticket.exception
    where = place_of(ticket)
    search = f"{exception} {message} {where} {application} {ticket.function}".casefold()
    file = short_path(ticket.layer, ticket.application)
    place = (exception, message, where)
    return Row("", application, folder, "open", *place, 1, last, last, search=search, file=file)


def imported_row(ticket: Ticket) -> Row:
    """Return the row of somebody else's ticket (TK-20)."""
    row = _row(None, ticket.application or "imported", ticket, moment_of(ticket))
    row.key, row.ids, row.imported = f"imported/{ticket.id}", [ticket.id], ticket
    return row


def moment_of(ticket: Ticket) -> float:
    """Return when a ticket was made, in seconds since 1970; 0 when it does not tell."""
    try:
        return datetime.datetime.fromisoformat(ticket.time).timestamp()
    except (ValueError, OSError, OverflowError):
        return 0.0


def place_of(ticket: Ticket) -> str:
    """Return file and line of a ticket, from the application's folder on."""
    path = short_path(ticket.layer, ticket.application)
    return f"{path}:{ticket.line}" if path and ticket.line else path


def short_path(path: str, application: str) -> str:
    """Return `path` without what leads to the application's folder."""
    return relative(path).removeprefix(f"{application}/").removeprefix(f"{application}\\")


def last_days(days: dict[str, int], now: float, count: int = DAYS) -> tuple[int, ...]:
    """Return how often on each of the last `count` days, today last."""
    today = datetime.date.fromtimestamp(now)
    return tuple(days.get(str(today - datetime.timedelta(back)), 0) for back in range(count - 1, -1, -1))


def chosen(rows: Sequence[Row], wanted: Filter, now: float) -> list[Row]:
    """Return the rows that a filter lets through, in their order."""
    words = wanted.text.casefold().split()
    span = PERIODS.get(wanted.period, 0) * 86400
    return [
        row
        for row in rows
        if in_state(row, wanted.state)
        and (not wanted.application or row.application == wanted.application)
        and (not wanted.exception or row.exception == wanted.exception)
        and (not wanted.file or row.file == wanted.file)
        and (not wanted.client or wanted.client in row.clients)
        and (not span or now - row.last <= span or row.imported is not None or row.unreadable)
        and all(word in row.search for word in words)
    ]


def in_state(row: Row, state: str) -> bool:
    """Tell whether a row belongs to a state; open ones are also those new, again, unreadable."""
    if state == "open":
        return row.state in OPEN_STATES or row.unreadable
    return not state or row.state == state


def counts_of(rows: Sequence[Row]) -> dict[str, int]:
    """Return how many rows are in each state of the filter."""
    return {
        state: sum(in_state(row, state) for row in rows)
        for state in ("open", "new", "again", "solved", "ignored")
    }


ORDERS: dict[str, Callable[[Row], object]] = {
    "error": lambda row: row.title().casefold(),
    "where": lambda row: row.where.casefold(),
    "application": lambda row: row.application.casefold(),
    "count": lambda row: row.count,
    "last": lambda row: row.last,
}
DOWNWARD_FIRST = frozenset({"count", "last"})


def ordered(rows: Sequence[Row], by: str, down: bool) -> list[Row]:
    """Return `rows` in an order; equal ones stay as they are."""
    return sorted(rows, key=ORDERS[by], reverse=down)  # type: ignore[arg-type]  # each key has one kind


def merged(shown: Sequence[Row], fresh: Sequence[Row]) -> tuple[list[Row], int]:
    """Return the shown rows with fresh content in their old order, and how many more came (TK-13)."""
    by_key = {row.key: row for row in fresh}
    before = {row.key: row.count for row in shown}
    kept = [by_key[row.key] for row in shown if row.key in by_key]
    waiting = sum(row.count for row in fresh if row.key not in before)
    return kept, waiting


@dataclass(frozen=True)
class News:
    """What came since the reading before (TK-14).

    Attributes:
        kinds: new kinds of errors, or solved ones that came back.
        errors: how many errors.
    """

    kinds: tuple[Row, ...] = ()
    errors: int = 0


def news(before: Snapshot, after: Snapshot) -> News:
    """Compare two complete readings."""
    old = {row.key: row for row in before.groups}
    kinds = tuple(
        row
        for row in after.groups
        if (row.key not in old and row.state == "new")
        or (row.state == "again" and row.key in old and old[row.key].state != "again")
    )
    errors = sum(max(0, row.count - (old[row.key].count if row.key in old else 0)) for row in after.groups)
    return News(kinds, errors)


def fingerprint_of(site: Path) -> tuple[object, ...]:
    """Return something that changes when tickets of a site come or go, without listing them."""
    out: list[object] = []
    for info in list_applications(site):
        try:
            out.append((info.name, (info.folder / "errors").stat().st_mtime_ns))
        except OSError:
            out.append((info.name, 0))
        if storage_address(info.folder) is not None:
            out.append(int(time.time() // 30))  # a database tells nothing by itself
    return tuple(out)


def ago(moment: float, now: float) -> str:
    """``2 min ago``, ``yesterday``, ``12 Nov``, ``2021``."""
    if moment <= 0:
        return "unknown"
    passed = max(0.0, now - moment)
    if passed < 60:
        return "just now"
    if passed < 3600:
        return f"{int(passed // 60)} min ago"
    day, today = datetime.date.fromtimestamp(moment), datetime.date.fromtimestamp(now)
    if day == today or passed < 6 * 3600:
        return f"{int(passed // 3600)} h ago"
    if (today - day).days == 1:
        return "yesterday"
    return short_date(day, today)


def short_date(day: datetime.date, today: datetime.date) -> str:
    """``12 Nov``, and only the year for what is older than eleven months."""
    return f"{day.day} {day:%b}" if (today - day).days < 335 else f"{day.year}"


def exact(moment: float) -> str:
    """``2026-11-20 11:19:01``."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(moment)) if moment > 0 else "unknown"


def empty_words(snapshot: Snapshot, wanted: Filter, now: float) -> str:
    """Return why there are no rows (TK-23)."""
    rows = snapshot.tickets if wanted.single else snapshot.groups
    if not snapshot.complete:
        return "Reading tickets…"
    if snapshot.problems and not rows:
        return "Tickets can't be listed. " + " ".join(snapshot.problems)
    if not snapshot.total:
        return "No errors. A ticket appears here when a request fails."
    plain = Filter(single=wanted.single)
    is_open = [row for row in rows if in_state(row, "open")]
    if replace(wanted, period="all", single=plain.single) == replace(plain, period="all"):
        last = max(rows, key=lambda row: row.last)
        words = ago(last.last, now)
        if not is_open:
            return f"No open errors. The last one was {words} ({last.application})."
        return f"No errors in this time. The last one was {words} ({last.application})."
    return "No ticket matches the filter."
