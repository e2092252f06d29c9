"""The panel Scheduler in the window: scope, links, palette, notices, badge (SC-01, SH-02)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from desktop.panels.catalog import PanelSpec
from desktop.shell.context import PanelContext

from .actions import SchedulerActions
from .session import Session
from .view import SchedulerPanel

GROUP = "Scheduler"
NOTICE = "scheduler"
KEPT = "scheduler.application"


class Part(QObject):
    """Brings the panel and the rest of the window together."""

    def __init__(self, context: PanelContext, spec: PanelSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._workers = context.workers
        self._schedulers = context.workers.schedulers
        self.session = Session(self._schedulers, parent=self)
        self.actions = SchedulerActions(context.tasks, self.session, self)
        self.panel = SchedulerPanel(
            context.theme, self.session, self.actions, context.layout, self._site,
            context.workers.load_words, context.workers.kill_process,
        )  # fmt: skip
        self._opened: tuple[str, str, int] | None = None
        context.window.add_panel(spec.id, spec.text, spec.icon, self.panel, spec.shortcut)
        self._add_actions()
        context.links.register("task", self._open_task)
        context.links.register("run", self._open_run)
        self.panel.link_wanted.connect(self._open_link)
        self.panel.application_wanted.connect(self._choose)
        self.panel.start_wanted.connect(context.workers.start_one)
        self.actions.said.connect(self._say)
        self.session.failed.connect(self._on_failed)
        self.session.changed.connect(self._on_changed)
        self._schedulers.found.connect(self._follow)
        context.scope.changed.connect(self._follow)
        self._follow()

    def close(self) -> None:
        """Ends all work."""
        self.session.set_shown(False)
        self.actions.quiet.close()

    def _site(self) -> Path:
        return Path(self._context.supervisor.settings.site_folder)

    def _add_actions(self) -> None:
        commands, add = self.panel.commands, self._context.actions.add
        for name, words, handler, icon in (
            ("queue", "Queue a task…", commands.queue, "plus"),
            ("run_again", "Run the selected task again", self._run_again, "restart"),
            ("clean", "Clear out runs…", commands.clean_up, "trash"),
            ("export", "Export tasks or runs…", commands.export, "disk"),
        ):
            add(f"scheduler.{name}", words, self._shown_first(handler), group=GROUP, icon=icon)
        self._enable()

    def _shown_first(self, handler: Any) -> Any:
        def run() -> None:
            self._context.window.show_panel("scheduler")
            handler()

        return run

    def _run_again(self) -> None:
        self.panel.commands.give("run again")

    def _enable(self) -> None:
        reason = self.panel.commands.reason()
        for name in ("queue", "run_again"):
            self._context.actions.set_enabled(f"scheduler.{name}", not reason, reason)
        known = self.session.database is not None
        for name in ("clean", "export"):
            self._context.actions.set_enabled(f"scheduler.{name}", known, "There is no scheduler here.")

    # which application

    def _follow(self, _news: object = None) -> None:
        """The scope decides; for all applications the one looked at last, else the first with a scheduler."""
        names = self._schedulers.names
        scope = self._context.scope.application
        self.panel.choosable = not scope
        if scope:
            self._choose(scope)
        elif names is not None:
            kept = self._context.layout.load_text(KEPT)
            self._choose(kept if kept in names else (names[0] if names else ""))
        self.panel.refresh_place()

    def _choose(self, application: str) -> None:
        if application:
            self._context.layout.save_text(KEPT, application)
        self.session.set_application(application)

    # links

    def _open_task(self, application: str, id: int, database: str = "") -> None:
        self._open(application, "task", id)

    def _open_run(self, application: str, id: int, database: str = "") -> None:
        self._open(application, "run", id)

    def _open(self, application: str, kind: str, number: int) -> None:
        self._context.window.come_forward()
        self._context.window.show_panel("scheduler")
        if application:
            self._choose(application)
        (self.panel.show_task if kind == "task" else self.panel.show_run)(int(number))

    def _open_link(self, kind: str, data: dict[str, Any]) -> None:
        if not self._context.links.open(kind, **data):
            self._say("warning", "Nothing here can open this.", "")

    # telling

    def _say(self, level: str, sentence: str, detail: str) -> None:
        self._context.notices.post(level, sentence, detail, replace=NOTICE)

    def _on_failed(self, sentence: str) -> None:
        self._say("warning", sentence, "")

    def _on_changed(self, part: str) -> None:
        if part in ("place", "editing"):
            self._enable()
        elif part in ("hints", "counts"):
            waiting = sum(hint.count for hint in self.session.hints if hint.kind in ("no worker", "no group"))
            self._context.window.sidebar.item("scheduler").set_badge(waiting)
