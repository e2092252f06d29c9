"""The orders of the panel: copy, solve, ignore, delete, repeat, export, and their menus."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.theme import Theme
from desktop.widgets.buttons import popup_below
from runtime.errors import ticket_text

from .actions import Answer, TicketActions
from .model import OPEN_STATES, Row
from .opened import Repeat, repeat_of
from .sheets import KeepSheet, delete_question, kind_sheet, repeat_question

if TYPE_CHECKING:
    from .view import TicketsPanel

MANY = 1_000
MOST_CLIENTS = 8  # visitors offered in the menu
"""Tickets from which on deleting asks first."""


class Commands(QObject):
    """What the person can ask of the rows and the ticket that the panel shows.

    Args:
        theme: for sheets.
        tickets: carries the orders out.
        panel: tells what is selected.
    """

    def __init__(self, theme: Theme, tickets: TicketActions, panel: TicketsPanel) -> None:
        super().__init__(panel)
        self._theme, self._tickets, self._panel = theme, tickets, panel
        self._menu, self._more = QMenu("Tickets", panel), QMenu("Ticket", panel)
        self._ignore = QMenu("Ignore", panel)
        self._repeat: Repeat | None = None
        self._orders = {
            "open": self.open_line,
            "copy": self.copy_text,
            "solve": self.solve,
            "ignore": self.open_ignore,
            "delete": self.delete,
            "more": self.open_more,
        }

    def give(self, order: str) -> None:
        """Carries out the order of a button."""
        self._orders[order]()

    def open_line(self) -> None:
        """Opens the faulty line in the editor (TK-09)."""
        ticket = self._panel.ticket()
        if ticket is not None and ticket.layer:
            self._panel.file_wanted.emit(ticket.layer, ticket.line)

    # copying

    def copy_text(self) -> None:
        """Copies the ticket as text (TK-10)."""
        self._copy(markdown=False)

    def copy_markdown(self) -> None:
        """Copies the ticket as Markdown for a bug report (TK-10)."""
        self._copy(markdown=True)

    def _copy(self, markdown: bool) -> None:
        opened = self._panel.detail.opened
        if opened is not None:
            ticket = opened.ticket
            text = ticket_text(ticket, markdown) if ticket is not None else f"{opened.fault}\n\n{opened.raw}"
            QGuiApplication.clipboard().setText(text)

    # states

    def solve(self) -> None:
        """Solves the selected errors; reopens them when they are not open (TK-11)."""
        row = self._panel.current()
        if row is not None:
            self._tickets.mark(self._panel.chosen_groups(), "solved" if row.state in OPEN_STATES else "open")

    def ignore_for_ever(self) -> None:
        """Ignores the selected errors (TK-11)."""
        self._tickets.mark(self._panel.chosen_groups(), "ignored")

    def ignore_ten(self) -> None:
        """Ignores them until they happened ten times more (TK-11)."""
        self._tickets.mark(self._panel.chosen_groups(), "ignored", until_count=10)

    def ignore_today(self) -> None:
        """Ignores them until tomorrow (TK-11)."""
        self._tickets.mark(self._panel.chosen_groups(), "ignored", until_time=_tomorrow())

    def open_ignore(self) -> None:
        """Opens the menu of the button *Ignore*."""
        self._ignore.clear()
        self._fill_ignore(self._ignore)
        popup_below(self._ignore, self._panel.detail.head.ignore)

    def _fill_ignore(self, menu: QMenu) -> None:
        menu.addAction("For ever", self.ignore_for_ever)
        menu.addAction("Until it happens 10 times more", self.ignore_ten)
        menu.addAction("Until tomorrow", self.ignore_today)

    # deleting

    def delete(self) -> None:
        """Deletes all tickets of the selected rows (TK-12)."""
        self._delete(self._panel.table.selected_rows())

    def delete_one(self) -> None:
        """Deletes the ticket shown (TK-12)."""
        row = self._panel.current()
        if row is not None and row.imported is None:
            self._tickets.delete([row], [self._panel.current_id()])

    def delete_matching(self) -> None:
        """Deletes all tickets of all rows shown (TK-12)."""
        self._delete(self._panel.model.rows())

    def _delete(self, rows: list[Row]) -> None:
        self._panel.forget_imported({row.key for row in rows if row.imported is not None})
        stored = [row for row in rows if row.imported is None]
        count = sum(len(row.ids) for row in stored)
        if count <= MANY:
            if stored:
                self._tickets.delete(stored)
            return

        def on_answer(answer: str, _ticked: bool) -> None:
            if answer == "delete":
                self._tickets.delete(stored)

        question = delete_question(self._theme, count, self._panel)
        question.answered.connect(on_answer)
        question.open()

    # menus

    def open_more(self) -> None:
        """Opens the menu of the ticket."""
        menu, ticket = self._more, self._panel.ticket()
        menu.clear()
        menu.addAction("Repeat the request", self.repeat).setEnabled(ticket is not None)
        menu.addAction("Copy as Markdown", self.copy_markdown).setEnabled(ticket is not None)
        menu.addAction("Export…", self.export)
        menu.addAction("Log of that moment", self._panel.show_log).setEnabled(ticket is not None)
        menu.addAction("What belongs together…", self.show_kind).setEnabled(ticket is not None)
        if ticket is not None and ticket.task:
            menu.addAction(f"Run {ticket.task.get('run_id')} of the scheduler", self._panel.show_run)
        row = self._panel.current()
        ignore = menu.addMenu("Ignore")
        ignore.setEnabled(row is not None and row.imported is None and not row.unreadable)
        self._fill_ignore(ignore)
        menu.addSeparator()
        menu.addAction("Delete this ticket", self.delete_one)
        menu.addAction("Delete all shown", self.delete_matching)
        popup_below(menu, self._panel.detail.head.more)

    def open_menu(self) -> None:
        """Opens the menu of the panel."""
        menu, panel = self._menu, self._panel
        menu.clear()
        single = menu.addAction("Single tickets by time")
        single.setCheckable(True)
        single.setChecked(panel.filter().single)
        single.triggered.connect(panel.set_single)
        self._add_narrowing(menu)
        menu.addSeparator()
        menu.addAction("Look at someone's tickets…", self.choose_import)
        menu.addAction("Keep tickets for…", self.keep_sheet)
        older = menu.addMenu("Delete older than")
        for days in (7, 30, 90, 365):
            older.addAction(f"{days} days", partial(self._tickets.delete_older, days))
        menu.addSeparator()
        menu.addAction("Refresh", self._tickets.refresh)
        popup_below(menu, panel.bar.more)

    def _add_narrowing(self, menu: QMenu) -> None:
        """Offers the file and the visitors of the row that is shown (TK-05)."""
        panel, row, wanted = self._panel, self._panel.current(), self._panel.filter()
        if wanted.file or wanted.client:
            menu.addAction("Any file, any address", panel.show_all_places)
        if row is not None and row.file:
            menu.addAction(f"Only {row.file}", partial(panel.show_file, row.file))
        for client in sorted(row.clients)[:MOST_CLIENTS] if row is not None else ():
            menu.addAction(f"Only visitor {client}", partial(panel.show_client, client))

    def show_kind(self) -> None:
        """Tells what the ticket has in common with the others of its row (TK-02)."""
        ticket = self._panel.ticket()
        if ticket is not None:
            kind_sheet(self._theme, ticket, self._panel).open()

    def keep_sheet(self) -> KeepSheet | None:
        """Opens the sheet of retention (TK-22); None where there is no application."""
        names = self._tickets.snapshot.applications
        if not names:
            return None
        row = self._panel.current()
        current = row.application if row is not None and row.application in names else names[0]
        sheet = KeepSheet(self._theme, names, current, self._panel)
        sheet.wanted.connect(lambda name: self._tickets.read_settings(name, sheet, sheet.show_settings))
        sheet.given.connect(self._tickets.write_settings)
        self._tickets.read_settings(current, sheet, sheet.show_settings)
        sheet.open()
        return sheet

    # files

    def export(self) -> None:
        """Asks for a file and writes the selected tickets into it (TK-20)."""
        rows = self._panel.table.selected_rows()
        kinds = "Page to send (*.html);;Data (*.json)"
        dialog = QFileDialog(self._panel, "Export tickets", "tickets.html", kinds)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._tickets.export(rows, Path(path)))
        dialog.open()

    def choose_import(self) -> None:
        """Asks for an exported file to look at (TK-20)."""
        kinds = "Tickets (*.json);;All files (*)"
        dialog = QFileDialog(self._panel, "Look at someone's tickets", "", kinds)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.look_into(Path(path)))
        dialog.open()

    def look_into(self, path: Path) -> None:
        """Shows the tickets of an exported file above the site's own; adds nothing to the site (TK-20)."""
        self._tickets.look_into(path, self._panel.show_imported)

    # repeating

    def repeat(self) -> None:
        """Sends the ticket's request again: GET at once, others after a question (TK-17)."""
        ticket, base = self._panel.ticket(), self._panel.address()
        if ticket is None:
            return
        request = repeat_of(ticket)
        if not base:
            self._panel.said.emit("The request can't be repeated: the server does not run. Start it first.")
        elif request.obstacle:
            self._panel.said.emit(request.obstacle)
        elif request.method in ("GET", "HEAD"):
            self._send(request)
        else:
            self._repeat = request
            question = repeat_question(self._theme, request, self._panel)
            question.answered.connect(self._on_repeat_answered)
            question.open()

    def _on_repeat_answered(self, answer: str, _ticked: bool) -> None:
        if answer == "repeat" and self._repeat is not None:
            self._send(self._repeat)

    def _send(self, request: Repeat) -> None:
        row = self._panel.current()
        key = row.key if row is not None else ""

        def on_done(answer: Answer) -> None:
            now = self._panel.current()
            if now is not None and now.key == key:
                self._panel.detail.head.show_result(answer.words(request), answer.ticket)
            self._tickets.refresh()

        self._tickets.repeat(request, self._panel.address(), on_done)


def _tomorrow() -> float:
    """Return the beginning of tomorrow, in seconds since 1970."""
    now = time.localtime()
    return time.mktime((now.tm_year, now.tm_mon, now.tm_mday + 1, 0, 0, 0, 0, 0, -1))
