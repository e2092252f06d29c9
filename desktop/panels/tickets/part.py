"""The panel Tickets in the window: badge, tray, palette, notices, the editor (TK-04, TK-09, TK-14)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from desktop.panels.catalog import PanelSpec
from desktop.panels.overview.words import counted
from desktop.processes.state import Phase
from desktop.shell.actions import Entry
from desktop.shell.context import PanelContext
from desktop.shell.notices import NoticeAction
from runtime.admin.tickets import looks_like_number

from .actions import TicketActions
from .model import News, Row, Snapshot
from .view import TicketsPanel

NOTICE, FAULT = "tickets-news", "tickets-fault"
IN_TRAY = 5
GROUP = "Tickets"


class Part(QObject):
    """Brings the panel and the rest of the window together.

    Signals:
        tray_changed: another number of errors nobody has looked at.
    """

    tray_changed = Signal()

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        actions, window = context.actions, context.window
        self._context = context
        self._actions, self._notices = actions, context.notices
        self._supervisor, self._window = context.supervisor, window
        self._waiting = 0
        self._number = ""
        self.tickets = TicketActions(context.tasks, self._site, self)
        self.panel = TicketsPanel(context.theme, self.tickets, context.layout, self._address)
        window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        self._menu = QMenu("Errors", window)
        self.errors = actions.add("tickets.errors", "Errors", self.show_panel, group=GROUP, icon="tickets")
        self.errors.setMenu(self._menu)
        self._all = QAction("All errors", self)
        self._all.triggered.connect(self.show_panel)
        self._by_number = actions.add(
            "tickets.number", "Open a ticket", self._open_number, group=GROUP, icon="tickets"
        )
        actions.set_enabled("tickets.number", False, "Paste the number of a ticket here.")
        actions.finders.append(self._find)
        self.panel.file_wanted.connect(self._open_file)
        self.panel.moment_wanted.connect(self._open_log)
        self.panel.run_wanted.connect(self._open_run)
        self.panel.said.connect(self._say)
        self.tickets.failed.connect(self._say)
        self.tickets.changed.connect(self._on_changed)
        self.tickets.news.connect(self._on_news)
        self.tickets.deleted.connect(self._on_deleted)
        self._fill_menu(())
        context.links.register("ticket", self._open_link)
        context.links.register("tickets", self._open_filter)
        self.panel.filter_changed.connect(self._note_filter)
        window.panel_shown.connect(self._on_panel)
        context.scope.changed.connect(self._follow)
        self._follow(context.scope.application)
        self.tickets.begin()

    def close(self) -> None:
        """Ends all work."""
        self.tickets.close()

    def _site(self) -> Path:
        return Path(self._supervisor.settings.site_folder)

    def _address(self) -> str:
        state = self._supervisor.state
        return state.url or "" if state.phase in (Phase.SERVING, Phase.ADOPTED) else ""

    # going there

    def show_panel(self) -> None:
        """Brings the window forward with this panel."""
        self._window.come_forward()
        self._window.show_panel("tickets")

    def open_ticket(self, number: str) -> None:
        """Shows one ticket by its number, from wherever it is named."""
        self.show_panel()
        self.panel.open_number(number)

    def _find(self, text: str) -> Entry | None:
        """What the palette offers for a pasted number (TK-04)."""
        found = looks_like_number(text)
        self._actions.set_enabled("tickets.number", found, "Paste the number of a ticket here.")
        if not found:
            return None
        self._number = text
        self._actions.set_text("tickets.number", f"Open ticket {text.strip().rpartition('/')[2]}")
        return Entry("tickets.number", GROUP, "tickets", self._by_number)

    def _open_number(self) -> None:
        self.open_ticket(self._number)

    def _open_link(self, application: str = "", ticket: str = "") -> None:
        self.open_ticket(f"{application}/{ticket}" if application else ticket)

    def _open_filter(self, filter: str) -> None:
        self.show_panel()
        self.panel.show_filter(filter)

    def _on_panel(self, panel: str) -> None:
        if panel == "tickets":
            self._note_filter(passing=False)

    def _note_filter(self, passing: bool) -> None:
        """Back comes to this filter again (TK-05, SH-11)."""
        if self._window.current_panel() == "tickets":
            self._context.links.note("tickets", passing, filter=self.panel.filter_text())

    def _follow(self, application: str) -> None:
        """Looks at one application, or at all (SH-02)."""
        self.panel.show_application(application)

    def _open_log(self, moment: float, source: str) -> None:
        self._context.links.open("log", time=moment, source=source)

    def _open_run(self, application: str, run_id: int) -> None:
        self._context.links.open("run", application=application, id=run_id)

    def _open_file(self, path: str, line: int) -> None:
        row = self.panel.current()
        application = row.application if row is not None else ""
        self._context.links.open("file", path=path, line=line, application=application)

    # telling

    def _say(self, sentence: str) -> None:
        self._notices.post("warning", sentence, replace=FAULT)

    def _on_deleted(self, words: str, undo: object) -> None:
        assert callable(undo)

        def bring_back() -> None:
            undo()
            self._notices.dismiss("tickets-deleted")

        self._notices.post(
            "done", words, actions=[NoticeAction("Undo", bring_back)], replace="tickets-deleted"
        )

    def _on_changed(self, snapshot: Snapshot) -> None:
        rows = [row for row in snapshot.groups if row.state in ("new", "again")]
        waiting = len(rows)
        self._window.sidebar.item("tickets").set_badge(waiting)
        self._fill_menu(tuple(rows[:IN_TRAY]))
        if waiting != self._waiting:
            self._waiting = waiting
            self._actions.set_text("tickets.errors", f"Errors ({waiting})" if waiting else "Errors")
            self.tray_changed.emit()

    def _fill_menu(self, rows: tuple[Row, ...]) -> None:
        self._menu.clear()
        for row in rows:
            words = f"{row.title()[:60]}  {row.application}".replace("&", "&&")
            number = f"{row.application}/{row.ids[0]}"
            self._menu.addAction(words, partial(self.open_ticket, number))
        if rows:
            self._menu.addSeparator()
        self._menu.addAction(self._all)

    def tray_items(self) -> tuple[str, ...]:
        """What the tray's menu shows of the errors."""
        return ("tickets.errors",)

    def _on_news(self, news: News) -> None:
        """A notice for a new kind of error, or for many at once, not for each (TK-14)."""
        if news.kinds:
            row = news.kinds[0]
            more = f", and {counted(len(news.kinds) - 1, 'more kind')}" if len(news.kinds) > 1 else ""
            kind = "An error came back" if row.state == "again" else "A new kind of error"
            text = f"{kind} in {row.application}: {row.title()[:120]}{more}."
            number = f"{row.application}/{row.ids[0]}" if row.ids else ""
        else:
            text, number = f"{news.errors} errors in the last minute.", ""
        seen = self._window.isVisible() and self._window.current_panel() == "tickets"

        def show() -> None:
            if number:
                self.open_ticket(number)
            else:
                self.show_panel()
            self._notices.dismiss(NOTICE)

        self._notices.post("warning", text, actions=[NoticeAction("Show", show)], replace=NOTICE, quiet=seen)
        self._window.announce(text)
        self._context.system_notices.tell("new_errors", text, "warning")
