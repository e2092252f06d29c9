"""The panel's orders: buttons, menus and keys all come here; what can't be undone is asked first (SC-08)."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.panels.overview.words import counted, number
from desktop.shell.questions import Answer, Question
from desktop.theme import Theme
from desktop.widgets.buttons import popup_below
from runtime.admin.scheduler.entries import TaskDetail, TaskEntry
from runtime.admin.scheduler.orders import reason_against

from .actions import SchedulerActions
from .clean_sheet import CleanSheet
from .queue_sheet import TaskSheet
from .session import Session
from .workers_view import READ_ONLY

if TYPE_CHECKING:
    from .view import SchedulerPanel

ORDERS = (
    ("run again", "Run again", "restart", "R"),
    ("run now", "Run now", "play", ""),
    ("stop", "Stop", "stop", ""),
    ("enable", "Enable", "check", ""),
    ("disable", "Disable", "sleep", ""),
    ("delete", "Delete", "trash", "Del"),
)
ASKED = frozenset({"stop", "delete"})


class Commands(QObject):
    """Orders of the panel.

    Args:
        theme: where colours of sheets come from.
        panel: what they are given on.
        actions: carries them out.
        session: what is known.
        kill_process: ends a worker's process if it is one of ours; tells whether it was.
    """

    def __init__(
        self,
        theme: Theme,
        panel: SchedulerPanel,
        actions: SchedulerActions,
        session: Session,
        kill_process: Callable[[str], bool],
    ) -> None:
        super().__init__(panel)
        self._theme, self._panel, self._actions, self._session = theme, panel, actions, session
        self._kill_process = kill_process

    # tasks

    def reason(self) -> str:
        """Why nothing may be changed; empty when it may."""
        if self._session.database is None:
            return "There is no scheduler here."
        return "" if self._session.editing else READ_ONLY

    def targets(self) -> list[TaskEntry]:
        """The tasks that an order is for: those selected."""
        return self._panel.lists.chosen_tasks()

    def give(self, order: str) -> None:
        """An order to what is selected."""
        self._give_to(order, self.targets())

    def give_to_shown(self, order: str) -> None:
        """An order to the task in the details."""
        detail = self._session.detail
        if detail is not None:
            self._give_to(order, [detail.task])

    def _give_to(self, order: str, tasks: Sequence[TaskEntry]) -> None:
        if self.reason() or not tasks:
            return
        ids = [task.id for task in tasks]
        running = [task for task in tasks if task.state == "running"]
        if order in ASKED and (len(tasks) > 1 or (running and order == "stop")):
            what = counted(len(tasks), "task") if len(tasks) > 1 else tasks[0].name
            self._ask(order, what, len(running), lambda: self._carry_out(order, ids))
            return
        self._actions.act(order, ids)

    def _carry_out(self, order: str, ids: Sequence[int]) -> None:
        if order == "stop":
            self._session.note_stop(ids)
        self._actions.act(order, ids)

    def give_to_all(self, order: str) -> None:
        """An order to all tasks that match the filter; the number is shown first (SC-09)."""
        listing = self._session.tasks
        wish, total = listing.wish, listing.total()

        def carry_out() -> None:
            self._actions.act_on_all(order, wish, total)

        self._ask(order, counted(total, "task"), 0, carry_out, everything=not listing.is_filtered())

    def _ask(
        self, order: str, what: str, running: int, carry_out: Callable[[], None], everything: bool = False
    ) -> None:
        word = order.capitalize()
        text = {
            "delete": "Their runs with output and results go, too. This can't be undone.",
            "stop": "What runs is ended now, what waits never starts. It can be run again.",
        }.get(order, "Those whose state forbids it are left alone and listed afterwards.")
        if running and order == "stop":
            text = f"{counted(running, 'run')} will be ended now. {text}"
        if everything:
            text = f"No filter is set: these are all tasks. {text}"
        kind = "danger" if order in ASKED else "secondary"
        answers = [Answer("stay", "Cancel", "primary"), Answer("go", f"{word} {what}", kind)]
        sheet = Question(self._theme, f"{word} {what}?", text, answers, parent=self._panel)

        def answered(answer: str, _ticked: bool) -> None:
            if answer == "go":
                carry_out()

        sheet.answered.connect(answered)
        sheet.open()

    # menus

    def act_words(self) -> tuple[str, str]:
        """Text of the button that acts, and why it is disabled."""
        listing = self._session.listing()
        if listing.runs:
            return "Act", "" if listing.loaded else "Nothing was read yet."
        chosen = len(self.targets())
        if chosen > 1:
            return f"Act on {number(chosen)} selected", ""
        if not listing.exact:
            return "Act on all", "The tasks are still counted."
        total = listing.total()
        return f"Act on {number(total)}", "" if total else "No task matches."

    def open_act_menu(self) -> None:
        """What can be done with the selected tasks, or with all that match."""
        menu = self.act_menu()
        popup_below(menu, self._panel.lists.filter.act)

    def act_menu(self) -> QMenu:
        """The menu of the button that acts."""
        menu = QMenu(self._panel)
        menu.setToolTipsVisible(True)
        if not self._session.listing().runs:
            several = len(self.targets()) > 1
            reason = self.reason()
            for order, words, icon, _keys in ORDERS:
                give = self.give if several else self.give_to_all
                action = menu.addAction(words)
                self._theme.tint_action(action, icon)
                action.setObjectName(f"scheduler.act.{order.replace(' ', '_')}")
                action.setEnabled(not reason)
                action.setToolTip(reason or words)
                action.triggered.connect(lambda _on=False, order=order, give=give: give(order))
            menu.addSeparator()
        export = menu.addAction("Export what is listed…")
        export.setObjectName("scheduler.act.export")
        export.triggered.connect(self.export)
        clean = menu.addAction("Clear out runs…")
        clean.setObjectName("scheduler.act.clean")
        clean.triggered.connect(self.clean_up)
        menu.addMenu(self._panel.lists.table.columns_menu())
        return menu

    def task_menu(self, tasks: Sequence[TaskEntry]) -> QMenu:
        """What can be done with these tasks, with the reason where it can't."""
        menu = QMenu(self._panel)
        menu.setToolTipsVisible(True)
        reason = self.reason()
        for order, words, icon, keys in ORDERS:
            against = [reason_against(order, task.state) for task in tasks]
            why = reason or (against[0] if against and all(against) else "")
            action = menu.addAction(f"{words}\t{keys}" if keys else words)
            self._theme.tint_action(action, icon)
            action.setEnabled(not why)
            action.setToolTip(why or words)
            action.triggered.connect(lambda _on=False, order=order: self._give_to(order, tasks))
        menu.addSeparator()
        for words, icon, handler in (
            ("Edit…", "settings", self.edit),
            ("Duplicate…", "copy", self.duplicate),
        ):
            action = menu.addAction(words)
            self._theme.tint_action(action, icon)
            action.setEnabled(not reason and len(tasks) == 1)
            action.setToolTip(reason or "For one task at a time")
            action.triggered.connect(handler)
        menu.addSeparator()
        runs = menu.addAction("Show its runs")
        runs.setEnabled(len(tasks) == 1)
        runs.triggered.connect(lambda: self._panel.show_runs_of(tasks[0].id))
        return menu

    def open_task_menu(self, at: QPoint) -> None:
        """The menu of the table."""
        tasks = self.targets()
        if tasks:
            menu = self.task_menu(tasks)
            menu.popup(self._panel.lists.table.viewport().mapToGlobal(at))

    def open_detail_menu(self) -> None:
        """The menu of the details."""
        detail = self._session.detail
        if detail is not None:
            popup_below(self.task_menu([detail.task]), self._panel.detail.more)

    # sheets

    def queue(self) -> None:
        """Opens the sheet that queues a task (SC-07)."""
        if not self.reason():
            self._open_sheet(None, None)

    def edit(self) -> None:
        """Opens the sheet on the task in the details (SC-19)."""
        if not self.reason():
            self._open_sheet(self._session.detail, None)

    def duplicate(self) -> None:
        """A new task with the values of the one in the details."""
        if not self.reason():
            self._open_sheet(None, self._session.detail)

    def _open_sheet(self, edited: TaskDetail | None, like: TaskDetail | None) -> None:
        session = self._session
        groups = session.database.groups if session.database is not None else ("main",)
        sheet = TaskSheet(
            self._theme, self._actions, session.functions, groups, edited, like, parent=self._panel.window()
        )
        self._panel.sheet = sheet
        sheet.given.connect(session.refresh)
        sheet.open()

    def clean_up(self) -> None:
        """Opens the sheet that clears out runs (SC-17)."""
        sheet = CleanSheet(self._theme, self._actions, self.reason(), parent=self._panel.window())
        self._panel.sheet = sheet
        sheet.open()

    def export(self) -> None:
        """Asks for a file and writes what is listed (SC-18)."""
        runs = self._session.listing().runs
        name = f"{self._session.application}-{'runs' if runs else 'tasks'}.csv"
        dialog = QFileDialog(
            self._panel, "Export what is listed", os.path.join(os.path.expanduser("~"), name)
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(["CSV (*.csv)", "JSON (*.json)"])
        dialog.selectFile(name)
        dialog.fileSelected.connect(self.export_to)
        dialog.open()

    def export_to(self, path: str) -> None:
        """Writes what is listed to a file."""
        listing = self._session.listing()
        self._actions.export(Path(path), listing.runs, listing.wish, listing.total() or listing.about)

    # workers

    def order_worker(self, worker: str, order: str) -> None:
        """An order to a worker; killing one at work is asked first."""
        if self.reason():
            return
        view = next((one for one in self._session.workers() if one.entry.name == worker), None)
        if order == "take back":
            self._actions.take_back(worker)
        elif order == "take back order":
            self._actions.take_order_back(worker)
        elif order == "kill" and view is not None and view.entry.task_id:
            task = view.entry.task_name or f"task {view.entry.task_id}"
            text = f"{task} runs there. It is cut short and queued again."
            answers = [Answer("stay", "Cancel", "primary"), Answer("go", f"Kill {worker}", "danger")]
            sheet = Question(self._theme, f"Kill {worker}?", text, answers, parent=self._panel)
            sheet.answered.connect(
                lambda answer, _on: self._kill(worker, view.unanswered) if answer == "go" else None
            )
            sheet.open()
        elif order == "kill":
            self._kill(worker, view is not None and view.unanswered)
        else:
            self._actions.order(worker, order)

    def _kill(self, worker: str, unanswered: bool) -> None:
        """By an order; the process of one that does not answer, if it is ours (SC-10)."""
        if not (unanswered and self._kill_process(worker)):
            self._actions.order(worker, "kill")
