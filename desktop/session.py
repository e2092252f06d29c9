"""One run of the window: its beginning, what is kept, its end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from desktop.crashes.run import Run, Traces
from desktop.desk import Desk
from desktop.processes.state import ServerSettings
from desktop.processes.supervisor import ServerSupervisor
from desktop.secrets import SecretResult, SecretStore
from desktop.settings import SettingsStore, keep_server_settings
from desktop.shell.preferences import Layout
from desktop.single_instance import SingleInstance
from desktop.wish import wish_of_message

LOG_OFF_SECONDS = 5.0


@dataclass(frozen=True)
class Parts:
    """What a session owns besides the desk.

    Attributes:
        run: notes how this run ends; None where nothing is noted.
        traces: what the run before has left, if it did not end by itself.
        start_server: the command line asks for it, whatever the settings say.
    """

    store: SettingsStore
    layout: Layout
    secrets: SecretStore
    supervisor: ServerSupervisor
    instance: SingleInstance
    run: Run | None = None
    traces: Traces | None = None
    start_server: bool = False


class Session(QObject):
    """Beginning and end of one run of the window: starts the server, keeps passwords, leaves in order."""

    def __init__(self, app: QApplication, desk: Desk, parts: Parts) -> None:
        super().__init__()
        self._desk, self._parts = desk, parts
        self._ending = False
        self._site = parts.supervisor.settings.site_folder
        parts.supervisor.settings_applied.connect(self._on_settings)
        parts.store.problem.connect(self._on_problem)
        parts.instance.message_received.connect(self._on_message)
        desk.overview.form.password_given.connect(self._on_password)
        desk.first_run.password_given.connect(self._on_password)
        desk.window.quit_wanted.connect(self._on_quit)
        desk.leaving.granted.connect(self.end)
        app.commitDataRequest.connect(self.log_off)

    def begin(self) -> None:
        """What waits for the first paint: problems of the settings, the running or a new server."""
        self._desk.complete_soon()
        self._desk.disk.begin()
        self._desk.crashes.look(self._parts.traces)
        for sentence in self._parts.store.problems:
            self._on_problem(sentence)
        supervisor = self._parts.supervisor
        supervisor.look_for_running()
        wanted = supervisor.settings.start_with_window or self._parts.start_server
        if wanted and self._desk.first_run.page is None:
            self._desk.server.start_by_itself()

    def _on_quit(self) -> None:
        """The person leaves: asked once where something would be lost, and not at all the second time."""
        if self._ending:
            self.end()
        else:
            self._desk.leaving.ask()

    def end(self) -> None:
        """Lets workers finish, then the server answer what is in flight, then ends the program (DESK-10).

        Asked twice, it does not wait.
        """
        workers, supervisor = self._desk.workers, self._parts.supervisor
        if self._ending:
            workers.hasten()
            supervisor.stop_now()
            return
        self._ending = True
        self._desk.window.let_go()
        workers.shutdown(lambda: supervisor.shutdown(self._leave))

    def _leave(self) -> None:
        self._parts.secrets.close()
        self._keep()
        self._parts.instance.release()
        QApplication.quit()

    def _keep(self) -> None:
        self._desk.window.keep()
        self._parts.layout.flush()
        self._parts.store.flush()

    def log_off(self) -> None:
        """The system ends the session: keep everything, give tasks and requests five seconds (SH-19).

        Nothing is asked: a window that is closed from now on closes.
        """
        self._ending = True
        self._desk.window.let_go()
        self._keep()
        if self._parts.run is not None:
            self._parts.run.end()  # whatever comes now, the system ends it: that is no crash
        waiting = {"workers", "server"}

        def ended(which: str) -> None:
            waiting.discard(which)
            if not waiting:
                self._leave()

        # side by side: the system does not wait for one after the other
        self._desk.workers.shutdown(lambda: ended("workers"), LOG_OFF_SECONDS)
        self._parts.supervisor.shutdown(lambda: ended("server"), drain_seconds=LOG_OFF_SECONDS)

    def _on_settings(self, settings: ServerSettings) -> None:
        keep_server_settings(self._parts.store, settings)
        if settings.site_folder != self._site:
            self._site = settings.site_folder
            self._follow(self._site)

    def _follow(self, site: Path) -> None:
        """Lets second starts and the next run, which have the new folder, find this one (SH-07, SH-16)."""
        tasks, desk, run = self._desk.tasks, self._desk, self._parts.run

        def on_resolved(resolved: Path) -> None:
            if site != self._site:
                return
            if not self._parts.instance.follow(resolved):
                text = f"Another window of Hadron has {site} open. Close one of them."
                desk.notices.post("warning", text, replace="two-windows")
            elif run is not None:
                tasks.run(
                    lambda _context: run.follow(site),
                    owner=self,
                    title="Changing the site folder",
                    lane="site-folder",
                    on_done=lambda traces: desk.crashes.look(traces) if traces is not None else None,
                )

        tasks.run(
            lambda _context: site.resolve(),
            owner=self,
            title="Changing the site folder",
            reading=True,
            on_done=on_resolved,
        )

    def _on_problem(self, sentence: str) -> None:
        self._desk.notices.post("warning", sentence, replace="settings-file")

    def _on_message(self, message: dict[str, Any]) -> None:
        """Another start of the program: it wants to see the window, or something in it (SH-07)."""
        self._desk.window.come_forward()
        wish = wish_of_message(message)
        if wish is not None:
            self._desk.fulfil(wish)

    def _on_password(self, password: str) -> None:
        site = str(self._parts.supervisor.settings.site_folder)
        self._parts.secrets.set(site, password, self._on_password_kept)

    def _on_password_kept(self, result: SecretResult) -> None:
        kept = result.ok and result.password is not None
        tone = "fault" if not kept else "good" if result.where != "memory" else "hint"
        self._desk.overview.form.show_password_kept(result.sentence, tone)
        if kept:
            self._parts.supervisor.password_changed(True)
