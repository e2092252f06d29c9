"""The desk: makes the parts of the window and connects them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import shiboken6
from PySide6.QtCore import QObject, QUrl

from desktop.background import Tasks
from desktop.first_run.flow import FirstRun
from desktop.panels.catalog import PANELS, make_parts, read_modules
from desktop.panels.overview.actions import ServerActions, open_url
from desktop.panels.overview.cron import CronJobs
from desktop.panels.overview.long_requests import long_ones, question, words_of
from desktop.panels.overview.model import ServerView, reach
from desktop.panels.overview.request_code import RequestCode
from desktop.panels.overview.view import OverviewPanel
from desktop.panels.overview.words import counted
from desktop.panels.overview.worker_orders import WorkerOrders
from desktop.panels.settings.in_palette import add_settings
from desktop.panels.settings.view import SettingsPanel
from desktop.processes.state import Phase, RunningRequest, ServerState
from desktop.processes.workers import Workers
from desktop.settings.folders import data_folder
from desktop.shell.actions import Actions
from desktop.shell.context import PanelContext
from desktop.shell.crashes import Crashes
from desktop.shell.diagnostics import Diagnostics
from desktop.shell.disk_watch import DiskWatch
from desktop.shell.history import History
from desktop.shell.layout_reset import LayoutReset
from desktop.shell.leaving import Leaving, Words
from desktop.shell.links import Links
from desktop.shell.long_work import LongWork
from desktop.shell.notices import NoticeAction, Notices
from desktop.shell.own_keys import OPTION as OWN_KEYS
from desktop.shell.own_keys import read_own_keys
from desktop.shell.pages import Pages
from desktop.shell.preferences import Layout, Preferences
from desktop.shell.scope import Scope
from desktop.shell.supervisor import Supervisor
from desktop.shell.system_notices import SystemNotices
from desktop.shell.tray import TrayMaker, system_tray
from desktop.shell.window import MainWindow
from desktop.theme import Theme
from desktop.theme.icons import brand_icon
from desktop.wish import Wish
from runtime.admin.applications import list_applications

log = logging.getLogger("hadron.desktop")
SERVER_NOTICE = "server-state"
RUNNING = frozenset({Phase.SERVING, Phase.ADOPTED})
BUSY = frozenset({Phase.STARTING, Phase.DRAINING, Phase.CRASHED})


class Desk(QObject):
    """Window, tray, actions and panels around one supervisor.

    Args:
        theme: the look of the application.
        preferences: the store of options.
        layout: the store of places and sizes.
        supervisor: who runs the server.
        make_tray: makes the tray icon, or its stand-in.
        open_address: opens an address in the browser.
    """

    def __init__(
        self,
        theme: Theme,
        preferences: Preferences,
        layout: Layout,
        supervisor: Supervisor,
        make_tray: TrayMaker = system_tray,
        open_address: Callable[[str], bool] = open_url,
    ) -> None:
        super().__init__()
        self.theme, self.preferences, self.supervisor = theme, preferences, supervisor
        self._open_address = open_address
        self._wish: Wish | None = None
        self.parts: dict[str, Any] = {}
        """What makes the panels of the catalog, by id; empty until :meth:`complete`."""
        theme.set_scheme(preferences.get("appearance.theme", "system"))
        theme.set_contrast(preferences.get("appearance.contrast", "system"))
        theme.set_density(preferences.get("appearance.density", "comfortable"))
        theme.set_zoom(preferences.get("appearance.zoom", 100) / 100)
        self.notices = Notices(self)
        self.tasks = Tasks(self)
        self.actions = Actions(theme, self, read_own_keys(preferences.get(OWN_KEYS, "")))
        self.server = ServerActions(self.actions, supervisor, open_address, self)
        self.workers = Workers(self._site, preferences, parent=self)
        self.cron = CronJobs(self.tasks, self._site, self)
        self.worker_orders = WorkerOrders(self.actions, self.workers, self)
        self.window = MainWindow(theme, self.actions, preferences, layout, self.notices, self.tasks)
        self.overview = OverviewPanel(
            theme, self.actions, self.server, supervisor, layout, self.workers, self.cron
        )
        self.settings = SettingsPanel(theme, preferences, supervisor, self.tasks, self._open_path)
        self.window.add_panel("overview", "Overview", "overview", self.overview, "Ctrl+1")
        for spec in PANELS:
            self.window.reserve_panel(spec.id, spec.text, spec.icon, spec.shortcut)
        self.window.add_panel("settings", "Settings", "settings", self.settings, "Ctrl+,", last=True)
        self.pages = Pages(self.actions, self.server.open, self.window.header.state)
        self.links, self.scope = Links(self), Scope(layout, self)
        self.history = History(self.links, self.window.show_panel, self.window.current_panel, self)
        self.request_code = RequestCode(self.tasks, self.links, self._site, self)
        self._add_ways()
        self.crashes = Crashes(
            data_folder(), theme, self.actions, self.notices, self.tasks, self._open_path, self.window
        )
        self.actions.add(
            "panel.filter",
            "Filter of the panel",
            self._focus_filter,
            group="Go to",
            icon="filter",
            shortcut="Ctrl+F",
        )
        self.window.finish()
        self.tray = make_tray(theme, self.actions)
        self.window.set_tray(self.tray)
        self.system_notices = SystemNotices(self.tray, preferences, self._is_hidden, parent=self)
        self.long_work = LongWork(
            self.tasks, self.notices, self.system_notices, self.window.current_panel, self._is_seen,
            self._come_to, parent=self,
        )  # fmt: skip
        self.disk = DiskWatch(self.tasks, self.notices, self.system_notices, self._site, parent=self)
        self.leaving = Leaving(
            theme, self.window, self.window.panels, self.tasks, self._would_lose, self.window.come_forward
        )
        self.context = PanelContext(
            theme, self.actions, self.notices, self.tasks, preferences, layout, supervisor, self.window,
            self.links, self.scope, self.system_notices, open_address, self.workers,
        )  # fmt: skip
        self.layout_reset = LayoutReset(self.actions, self.window, layout, self.notices, self)
        self.diagnostics = Diagnostics(self.context, self)
        self.first_run = FirstRun(self.context, data_folder(), self.server.open, self)
        self._phase = supervisor.state.phase
        self._shown: tuple[Any, ...] = ()
        self._connect()
        self._show_server(self.server.view)
        self.overview.card.focus_main()

    def complete_soon(self) -> None:
        """Makes the other panels; what they import is read in the background first."""
        self.tasks.run(
            lambda _context: read_modules(),
            owner=self,
            title="Preparing the panels",
            on_done=lambda _modules: self.complete(),
        )

    def complete(self) -> None:
        """Makes the panels that the first paint does not wait for; once."""
        self.parts = make_parts(self.context, self)
        self.window.take_keys()
        for part in self.parts.values():
            if hasattr(part, "tray_changed"):
                part.tray_changed.connect(self._on_tray_changed)
        add_settings(self.actions, self._come_to, self.settings)
        self._on_tray_changed()
        self._read_applications()
        if self._wish is not None:
            self.fulfil(self._wish)

    def fulfil(self, wish: Wish) -> None:
        """Shows what a start of the program asked for, once the panels are there (SH-07)."""
        if self.parts:
            self._wish = None
            self.links.open(wish.kind, **wish.data)
        else:
            self._wish = wish

    # ways through the window

    def _add_ways(self) -> None:
        header = self.window.header
        for id, text, way, keys in (
            ("history.back", "Back", self.history.back, "Alt+Left"),
            ("history.forward", "Forward", self.history.forward, "Alt+Right"),
        ):
            self.actions.add(id, text, way, group="Go to", shortcut=keys)
        header.back_wanted.connect(self.history.back)
        header.forward_wanted.connect(self.history.forward)
        header.scope_chosen.connect(self.scope.set)
        self.window.panel_shown.connect(self.history.visit)
        self.window.panel_shown.connect(self._read_applications)
        self.settings.said.connect(lambda level, words: self.notices.post(level, words, replace="settings"))
        self.settings.restart_wanted.connect(self.actions.get("server.restart").trigger)
        self.history.changed.connect(self._show_ways)
        self.scope.changed.connect(self._show_scope)
        self.scope.applications_changed.connect(self._show_scope)
        self.scope.applications_changed.connect(self._show_pages)
        self._show_ways()
        self._show_scope()

    def _show_ways(self) -> None:
        back, forward = self.history.can_go_back, self.history.can_go_forward
        self.window.header.set_history(back, forward)
        self.actions.set_enabled("history.back", back, "There is no earlier place.")
        self.actions.set_enabled("history.forward", forward, "There is no later place.")

    def _show_scope(self, _application: str = "") -> None:
        self.window.header.show_scope(self.scope.application, self.scope.applications)

    def _show_pages(self) -> None:
        self.pages.show_applications(self.scope.applications)

    def _read_applications(self, _panel: str = "") -> None:
        """Reads the names for the scope in the background; a site that can't be read has none."""
        site = self._site()

        def names(_context: object) -> tuple[str, ...]:
            return tuple(info.name for info in list_applications(site))

        self.tasks.run(
            names,
            owner=self,
            title="Looking for applications",
            key="scope.applications",
            reading=True,
            on_done=self.scope.show_applications,
            on_failed=lambda _error: self.scope.show_applications(()),
        )

    def _connect(self) -> None:
        self.window.serving = self._is_serving
        self.window.outlives = self._outlives
        self.window.menus.server_items = self.server.tray_items
        self.server.view_changed.connect(self._show_server)
        self.server.port_wanted.connect(self._show_overview)
        self.server.log_wanted.connect(self._show_overview)
        self.server.not_opened.connect(self._on_not_opened)
        self.server.confirm_wanted.connect(self._on_confirm_wanted)
        self.server.copied.connect(self._on_copied)
        self.overview.card.network.opened.connect(self.server.open_at)
        self.server.routes_read.connect(self._on_routes_read)
        self.server.administration_refused.connect(self._on_administration_refused)
        self.supervisor.state_changed.connect(self._on_state)
        self.overview.workers.scheduler_wanted.connect(self._show_scheduler)
        self.overview.workers.task_opened.connect(self._open_task)
        self.overview.requests.link_wanted.connect(self._open_link)
        self.overview.requests.page_wanted.connect(self.server.open)
        self.overview.requests.code_wanted.connect(self.request_code.open)
        self.request_code.refused.connect(self._on_no_code)
        self.workers.failed.connect(self._on_worker_failed)
        self.workers.attention.connect(self._on_workers_attention)
        self.cron.failed.connect(self._on_cron_failed)
        self.overview.cron.file_wanted.connect(self._open_crontab)
        self.overview.cron.ticket_wanted.connect(self._open_ticket)
        self.worker_orders.changed.connect(self._on_tray_changed)
        self.tasks.failed.connect(self._on_task_failed)
        self.theme.zoom_changed.connect(self._on_zoom)
        self.preferences.changed.connect(self._on_preference)

    def _is_serving(self) -> bool:
        return self.supervisor.state.phase in RUNNING | BUSY

    def _outlives(self) -> bool:
        settings = self.supervisor.settings
        adopted = self.supervisor.state.phase is Phase.ADOPTED
        return adopted or (
            settings.keep_serving and not settings.embedded and not self.supervisor.state.needs_restart
        )

    def _open_path(self, path: Path) -> bool:
        return self._open_address(QUrl.fromLocalFile(str(path)).toString())

    def _is_hidden(self) -> bool:
        return not self.window.isVisible()

    def _would_lose(self, say: Words) -> None:
        """Tells which tasks and requests leaving would break off (SH-18)."""
        tasks = self.workers.busy_words()
        if self._outlives() or self.supervisor.state.phase not in RUNNING:
            say(tasks)
            return

        def on_requests(requests: Sequence[RunningRequest]) -> None:
            found = long_ones(requests)
            say([*tasks, *([words_of(found)] if found else ())])

        self.supervisor.look_at_requests(on_requests)

    def _on_confirm_wanted(self, order: str, requests: Sequence[RunningRequest]) -> None:
        self.window.come_forward()
        sheet = question(self.theme, order, requests, self.window)
        sheet.answered.connect(self._on_confirmed)
        sheet.open()

    def _on_confirmed(self, answer: str, _ticked: bool) -> None:
        self.server.carry_out(answer)

    def _focus_filter(self) -> None:
        panel: Any = self.window.stack.currentWidget()
        if not hasattr(panel, "focus_filter"):
            self.window.show_panel("overview")
            panel = self.overview
        panel.focus_filter()

    def _site(self) -> Path:
        return Path(self.supervisor.settings.site_folder)

    def _is_seen(self, panel: str) -> bool:
        return self.window.isVisible() and self.window.current_panel() == panel

    def _come_to(self, panel: str) -> None:
        self.window.come_forward()
        self.window.show_panel(panel)

    def _show_scheduler(self) -> None:
        self.window.show_panel("scheduler")

    def _open_task(self, application: str, task_id: int) -> None:
        self.links.open("task", application=application, id=task_id)

    def _open_link(self, kind: str, data: dict[str, Any]) -> None:
        self.links.open(kind, **data)

    def _on_no_code(self, sentence: str) -> None:
        self.notices.post("info", sentence, replace="request-code")

    def _open_crontab(self, application: str, line: int) -> None:
        path = self._site() / "applications" / application / "cron" / "crontab"
        self.links.open("file", application=application, path=str(path), line=line)

    def _open_ticket(self, application: str, ticket: str) -> None:
        self.links.open("ticket", application=application, ticket=ticket)

    def _on_cron_failed(self, sentence: str) -> None:
        self.notices.post("warning", sentence, replace="cron")

    def _on_workers_attention(self, application: str, sentence: str) -> None:
        seen = self.window.isVisible() and self.window.current_panel() in ("overview", "scheduler")

        def show() -> None:
            self.window.come_forward()
            self.scope.set(application)
            self._show_scheduler()

        self.notices.post(
            "warning", sentence, actions=[NoticeAction("Show", show)], replace="workers-attention", quiet=seen
        )
        self.system_notices.tell("tasks_overdue", sentence, "warning")

    def _on_worker_failed(self, sentence: str) -> None:
        seen = self._is_seen("overview")
        self.notices.post("warning", sentence, replace="workers", quiet=seen)
        self.system_notices.tell("worker_failed", sentence, "warning")

    def _show_overview(self) -> None:
        self._come_to("overview")

    def close(self) -> None:
        """Takes everything off the screen and deletes it, children first.

        What Qt finds alive when the interpreter ends can crash it.
        """
        for part in self.parts.values():
            part.close()
        self.workers.close()
        self.cron.close()
        self.tasks.close()
        self.tray.close()
        self.window.let_go()
        self.window.close()
        shiboken6.delete(self.window)
        shiboken6.delete(self.workers)  # else a collection of garbage in a thread might do it
        self.theme.icons.clear()
        brand_icon.cache_clear()

    # the server's state outside its panel

    def _show_server(self, view: ServerView) -> None:
        address = self.supervisor.state.address
        self.pages.show_serving(self.supervisor.state.phase in RUNNING)
        line = view.line + self._worker_words()
        shown = (
            view.short,
            line,
            view.mark,
            view.status,
            self._tray_items(),
            address,
            view.allowed,
        )
        if shown == self._shown:
            return
        self._shown = shown
        shape = self.theme.shape(view.mark)
        self.window.header.state.show_state(view.short, shape, view.status)
        words, status = reach(address)
        is_public = status != "neutral" and self.supervisor.state.phase in RUNNING
        self.window.header.network.show_text(words if is_public else "", "globe", "problem")
        self.window.status.show_server(line, shape, view.status)
        self.tray.show_state(view.mark, view.status, line, f"Hadron: {line}", self._tray_items())

    def _worker_words(self) -> str:
        """What status bar and tray say of the workers; nothing while none runs."""
        count = self.workers.running()
        return f", {counted(count, 'worker')}" if count else ""

    def _tray_items(self) -> tuple[str, ...]:
        more = (part.tray_items() for part in self.parts.values() if hasattr(part, "tray_items"))
        items = (*self.server.tray_items(), *self.worker_orders.tray_items())
        return (*items, *(item for each in more for item in each))

    def _on_tray_changed(self) -> None:
        self._shown = ()  # an item of the tray's menu has other words
        self._show_server(self.server.view)

    def _on_state(self, state: ServerState) -> None:
        before, self._phase = self._phase, state.phase
        if before == state.phase:
            return
        view = self.server.view
        log.info("server: %s", view.line)
        self.window.announce(f"{view.title}. {view.sentence}" if view.sentence else view.line)
        seen = self._is_seen("overview")
        if state.phase in (Phase.FAILED, Phase.FOREIGN):
            self._tell("error", f"{view.title}. {view.sentence}", seen, "server_failed")
        elif state.phase is Phase.CRASHED:
            text = f"The server ended by itself and {view.when}. {view.sentence}"
            self._tell("warning", text, seen, "server_restarted")
        elif state.phase in RUNNING:
            self.workers.on_server_ready()
            self._read_applications()  # the first start puts the first ones there
            self.notices.dismiss(SERVER_NOTICE)
            self.system_notices.tell("server_ready", view.line)
            if state.phase is Phase.ADOPTED:
                self._tell_adopted()

    def _tell(self, level: str, text: str, seen: bool, option: str) -> None:
        log = "\n".join(f"{line.time} {line.level} {line.text}" for line in self.supervisor.state.log_tail)
        actions = [NoticeAction("Show", self._show_overview)]
        self.notices.post(level, text, log, actions, replace=SERVER_NOTICE, quiet=seen)
        self.system_notices.tell(option, text, level)

    def _tell_adopted(self) -> None:
        """Offers to end a server that was found running (SH-17)."""
        text = "A server of this site folder was running already; this window has taken it over."
        keep = NoticeAction("Keep it", self._dismiss_server_notice)
        actions = [keep, NoticeAction("Stop it", self._stop_found)]
        self.notices.post("info", text, actions=actions, replace=SERVER_NOTICE)

    def _dismiss_server_notice(self) -> None:
        self.notices.dismiss(SERVER_NOTICE)

    def _stop_found(self) -> None:
        self._dismiss_server_notice()
        self.server.stop()

    def _on_not_opened(self, url: str) -> None:
        text = f"No browser could be started for {url}. Copy the address and open it yourself."
        copy = NoticeAction("Copy address", self.server.copy_address)
        self.notices.post("warning", text, actions=[copy], replace="browser")

    def _on_copied(self, command: str) -> None:
        self.notices.post("done", f"Copied: {command}", replace="command")

    def _on_routes_read(self, fault: str) -> None:
        text = (
            f"The routes were not read, the old ones stay. {fault}"
            if fault
            else "The routes were read again."
        )
        self.notices.post("error" if fault else "info", text, replace="routes")

    def _on_administration_refused(self, sentence: str) -> None:
        self.notices.post("warning", sentence, replace="administration")

    def _on_task_failed(self, title: str, error: Exception) -> None:
        self.notices.post("error", f"{title} failed. {error}", detail=repr(error))

    # options

    def _on_zoom(self, zoom: float) -> None:
        self.preferences.set("appearance.zoom", round(zoom * 100))

    def _on_preference(self, name: str, value: Any) -> None:
        if name == "appearance.theme":
            self.theme.set_scheme(value)
        elif name == "appearance.zoom":
            self.theme.set_zoom(value / 100)
        elif name == "appearance.contrast":
            self.theme.set_contrast(value)
            self._on_tray_changed()
        elif name == "appearance.density":
            self.theme.set_density(value)
