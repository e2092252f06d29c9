"""What can be done with tickets, in the background: read, watch, solve, delete, repeat, export (UI-TK)."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.background import Context, Tasks
from runtime.admin.tickets import (
    application_path,
    export_html,
    export_json,
    find_ticket,
    mark_groups,
    mark_seen,
    read_exported,
)
from runtime.errors import (
    Ticket,
    TicketSettings,
    delete_tickets,
    read_settings,
    read_ticket,
    restore_tickets,
    retain,
    write_settings,
)
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

from .model import MANY_IN_A_MINUTE, News, Reader, Row, Snapshot, fingerprint_of, news
from .opened import OpenedTicket, Repeat, open_ticket

WATCH_SHOWN, WATCH_HIDDEN = 2_000, 5_000
LANE = "tickets"
ANSWER_BYTES = 2_000
REPEAT_SECONDS = 30


@dataclass(frozen=True)
class Answer:
    """What a repeated request brought.

    Attributes:
        status: of HTTP; 0 when nothing answered.
        reason: in words.
        ms: time taken.
        ticket: number of the new ticket, if it failed again.
    """

    status: int
    reason: str
    ms: float
    ticket: str = ""

    def words(self, request: Repeat) -> str:
        """One line."""
        what = f"{request.method} {request.path}"
        if not self.status:
            return f"{what}: no answer, {self.reason}"
        end = f", ticket {self.ticket}" if self.ticket else ""
        return f"{what}: {self.status} {self.reason} in {self.ms:.0f} ms{end}"


class TicketActions(QObject):
    """Knows the tickets of the site and changes them; every disk access is in the background.

    Args:
        tasks: shows long work in the status bar.
        site: tells the site folder now.

    Signals:
        changed(Snapshot): another reading.
        news(News): errors came since the reading before.
        failed(str): a sentence for the person.
        deleted(str, object): a sentence, and the function that brings the tickets back.
    """

    changed = Signal(object)
    news = Signal(object)
    failed = Signal(str)
    deleted = Signal(str, object)

    def __init__(self, tasks: Tasks, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks, self._site = tasks, site
        self._quiet = Tasks(self)
        self._reader, self._read_site = Reader(), Path()
        self.snapshot = Snapshot(total=1)
        self._complete: Snapshot | None = None
        self._seen: tuple[object, ...] | None = None
        self._reading = False
        self._recent: list[tuple[float, int]] = []
        self._timer = QTimer(self, interval=WATCH_HIDDEN)
        self._timer.setObjectName("tickets-watch")
        self._timer.timeout.connect(self._look)

    def begin(self) -> None:
        """Starts to watch; call once the window is up."""
        self._timer.start()
        self.refresh()

    def close(self) -> None:
        """Ends all work; nothing is delivered any more."""
        self._timer.stop()
        self._quiet.close()

    def set_shown(self, shown: bool) -> None:
        """Looks more often while the panel can be seen."""
        self._timer.setInterval(WATCH_SHOWN if shown else WATCH_HIDDEN)

    # reading

    def refresh(self) -> None:
        """Reads what is new, piece by piece."""
        site = self._site()
        if site != self._read_site:  # another site folder: nothing of the old one counts
            self._reader, self._read_site, self._complete = Reader(), site, None
            self._reading = False
        if not self._reading:
            self._reading = True
            self._read_piece()

    def _read_piece(self) -> None:
        reader, site = self._reader, self._read_site

        def work(context: Context) -> tuple[Reader, tuple[object, ...], Snapshot]:
            seen = fingerprint_of(site)  # before reading, so that what comes meanwhile is seen next time
            return reader, seen, reader.read(site, context.check)

        # reading for the first time can take seconds: the status bar shows it
        shown = self.snapshot.read > 0 and not self.snapshot.complete
        runner = self._tasks if shown else self._quiet
        task = runner.run(
            work,
            owner=self,
            title="Reading tickets",
            lane=LANE,
            on_done=self._on_read,
            on_failed=self._on_read_failed,
            cancellable=False,
        )
        if shown:
            task.done, task.total = self.snapshot.read, self.snapshot.total

    def _on_read(self, result: tuple[Reader, tuple[object, ...], Snapshot]) -> None:
        reader, seen, snapshot = result
        if reader is not self._reader:
            return
        self._seen = seen
        self.snapshot = snapshot
        before, complete = self._complete, snapshot.complete
        if complete:
            self._complete, self._reading = snapshot, False
        self.changed.emit(snapshot)
        if complete and before is not None:
            self._tell_news(news(before, snapshot))
        if not complete:
            self._read_piece()

    def _on_read_failed(self, error: Exception) -> None:
        self._reading = False
        self.failed.emit(f"The tickets can't be read. {error}")

    def _look(self) -> None:
        site = self._site()
        if site != self._read_site:
            self.refresh()
            return

        def work(_context: Context) -> tuple[object, ...]:
            return fingerprint_of(site)

        self._quiet.run(work, owner=self, title="tickets", key="look", on_done=self._on_looked)

    def _on_looked(self, seen: tuple[object, ...]) -> None:
        if seen != self._seen:
            self.refresh()

    def _tell_news(self, found: News) -> None:
        """A new kind of error is news; of known kinds only many in a minute are (TK-14)."""
        if not found.errors and not found.kinds:
            return
        now = time.monotonic()
        self._recent = [(at, count) for at, count in self._recent if now - at < 60] + [(now, found.errors)]
        many = sum(count for _, count in self._recent)
        if found.kinds or many > MANY_IN_A_MINUTE:
            if not found.kinds:
                self._recent.clear()
            self.news.emit(News(found.kinds, many if not found.kinds else found.errors))

    def waiting(self) -> int:
        """How many kinds of errors nobody has looked at (the badge)."""
        return sum(row.state in ("new", "again") for row in self.snapshot.groups)

    def open(self, row: Row, ticket_id: str, on_done: Callable[[OpenedTicket], None]) -> None:
        """Reads one ticket with all that belongs to it."""

        def work(_context: Context) -> OpenedTicket:
            return open_ticket(row, ticket_id)

        self._quiet.run(work, owner=self, title="ticket", key="open", on_done=on_done)

    def find(self, number: str, on_done: Callable[[tuple[str, str] | None], None]) -> None:
        """Looks for a ticket by its number in any form (TK-04)."""
        site = self._site()

        def work(_context: Context) -> tuple[str, str] | None:
            return find_ticket(site, number)

        self._quiet.run(work, owner=self, title="ticket number", key="find", on_done=on_done)

    # changing

    def _change(
        self, title: str, work: Callable[[], Any], on_done: Callable[[Any], None] | None = None
    ) -> None:
        def run(_context: Context) -> Any:
            return work()

        def done(result: Any) -> None:
            if on_done is not None:
                on_done(result)
            self.refresh_now()

        self._quiet.run(
            run, owner=self, title=title, lane=LANE, on_done=done, on_failed=self._on_change_failed
        )

    def refresh_now(self) -> None:
        """Reads again, also when a reading is under way that began before the change."""
        self._reading = False
        self.refresh()

    def _on_change_failed(self, error: Exception) -> None:
        self.failed.emit(str(error))

    def mark(
        self, rows: Sequence[Row], state: str, until_time: float | None = None, until_count: int | None = None
    ) -> None:
        """Solves, ignores or reopens kinds of errors (TK-11)."""
        chosen = [(row.folder, row.group) for row in rows if row.folder is not None and row.group is not None]

        def work() -> None:
            for folder in dict.fromkeys(folder for folder, _ in chosen):
                groups = [group for other, group in chosen if other == folder]
                mark_groups(folder, groups, state, until_time=until_time, until_count=until_count)

        self._change("Marking errors", work)

    def saw(self, row: Row) -> None:
        """Notes that somebody looked at a new kind of error."""
        if row.state == "new" and row.folder is not None and row.group is not None:
            folder, key = row.folder, row.group.key
            self._change("Marking errors", lambda: mark_seen(folder, [key]))

    def delete(self, rows: Sequence[Row], ids: Sequence[str] | None = None) -> None:
        """Moves all tickets of `rows`, or only `ids` of them, to the bin (TK-12)."""
        wanted = [
            (row.folder, [one for one in row.ids if ids is None or one in ids])
            for row in rows
            if row.folder is not None
        ]

        def work() -> list[tuple[Path, list[str]]]:
            return [(folder, delete_tickets(folder, chosen)) for folder, chosen in wanted]

        self._change("Deleting tickets", work, self._on_deleted)

    def delete_older(self, days: float) -> None:
        """Moves what is older than `days` to the bin, in all applications (TK-12)."""
        folders = list({row.folder for row in self.snapshot.tickets if row.folder is not None})

        def work() -> list[tuple[Path, list[str]]]:
            return [(folder, retain(folder, days=days)) for folder in folders]

        self._change("Deleting old tickets", work, self._on_deleted)

    def _on_deleted(self, moved: list[tuple[Path, list[str]]]) -> None:
        count = sum(len(ids) for _, ids in moved)
        words = f"{count} ticket{'' if count == 1 else 's'} deleted. The bin keeps them for 30 days."

        def undo() -> None:
            self._change("Bringing tickets back", lambda: [restore_tickets(*each) for each in moved])

        if count:
            self.deleted.emit(words, undo)

    # settings of an application

    def read_settings(
        self, application: str, owner: QObject, on_done: Callable[[TicketSettings], None]
    ) -> None:
        """Tells how an application keeps its tickets, as long as `owner` lives."""
        site, failed = self._site(), self._on_change_failed

        def work(_context: Context) -> TicketSettings:
            return read_settings(application_path(site, application))

        self._quiet.run(work, owner=owner, title="settings", on_done=on_done, on_failed=failed)

    def write_settings(self, application: str, settings: TicketSettings) -> None:
        """Changes how an application keeps its tickets, and applies it at once (TK-22)."""
        site = self._site()

        def work() -> list[tuple[Path, list[str]]]:
            folder = application_path(site, application)
            write_settings(folder, settings)
            if settings.keep_days is None and settings.keep_count is None:
                return []
            return [(folder, retain(folder, days=settings.keep_days, count=settings.keep_count))]

        self._change("Applying retention", work, self._on_deleted)

    # export, import, repeat

    def export(self, rows: Sequence[Row], path: Path) -> None:
        """Writes the newest ticket of each row, or the single ones, into one file (TK-20)."""
        chosen = [(row.folder, row.ids[0], row.imported) for row in rows if row.ids]

        def work() -> None:
            tickets = []
            for folder, ticket_id, imported in chosen:
                if imported is not None:
                    tickets.append(imported)
                elif folder is not None:
                    tickets.append(read_ticket(folder, ticket_id))
            is_page = path.suffix.lower() in (".html", ".htm")
            text = export_html(tickets) if is_page else export_json(tickets)
            try:
                write_atomic(path, text)
            except OSError as error:
                raise UserError(f"{path} can't be written: {error.strerror}.") from error

        self._change("Exporting tickets", work)

    def look_into(self, path: Path, on_done: Callable[[list[Ticket]], None]) -> None:
        """Reads somebody's exported tickets; nothing is added to the site (TK-20)."""

        def work(_context: Context) -> list[Ticket]:
            return read_exported(path)

        self._quiet.run(work, owner=self, title="import", on_done=on_done, on_failed=self._on_change_failed)

    def repeat(self, request: Repeat, base: str, on_done: Callable[[Answer], None]) -> None:
        """Sends a request again to the running server (TK-17)."""

        def work(_context: Context) -> Answer:
            return send(request, base)

        self._tasks.run(work, owner=self, title="Repeating the request", key="repeat", on_done=on_done)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Shows a redirect as the answer it is."""

    def redirect_request(self, *_arguments: Any, **_values: Any) -> None:
        return None


def send(request: Repeat, base: str) -> Answer:
    """Send `request` to the server at `base` and return what it answers; never to another one."""
    url = f"{base.rstrip('/')}{request.path}"
    if not url.startswith(("http://", "https://")):
        return Answer(0, "the server has no address", 0.0)
    made = urllib.request.Request(url, data=request.body, method=request.method)  # noqa: S310 - checked above
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))
    began = time.perf_counter()
    try:
        with opener.open(made, timeout=REPEAT_SECONDS) as answer:
            answer.read(ANSWER_BYTES)
            return Answer(answer.status, answer.reason, (time.perf_counter() - began) * 1000)
    except urllib.error.HTTPError as error:
        with error:
            ticket = (error.headers.get("web2py_error") or "").removeprefix("ticket ")
            return Answer(error.code, error.reason, (time.perf_counter() - began) * 1000, ticket)
    except (OSError, ValueError) as error:
        return Answer(0, str(getattr(error, "reason", error)), 0.0)
