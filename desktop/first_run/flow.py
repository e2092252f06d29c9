"""Opens the first run where it is due, and does what was chosen there (ST-06)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from desktop.processes.state import Phase, ServerState
from desktop.settings.login_start import LoginStart
from desktop.shell.context import PanelContext
from runtime.config import default_site_folder
from runtime.foundation.files import write_atomic

if TYPE_CHECKING:
    from runtime.admin.site_look import SiteLook

    from .page import Chosen, FirstRunPage

DONE = "general.first_run_done"
RUNNING = frozenset((Phase.SERVING, Phase.ADOPTED))
ENDED = frozenset((Phase.FAILED, Phase.FOREIGN, Phase.CRASHED))


class FirstRun(QObject):
    """The first run in the window; *Help* opens it again.

    Args:
        context: shared parts.
        data: the user's folder, where reports are kept.
        open_path: opens an application in the browser, given by its path.

    Signals:
        password_given(str): the person has set an administration password.
    """

    password_given = Signal(str)

    def __init__(
        self,
        context: PanelContext,
        data: Path,
        open_path: Callable[[str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._context, self._data, self._open_path = context, data, open_path
        self.page: FirstRunPage | None = None
        self._opens = ""
        context.actions.add("help.first_run", "First steps…", self.open, group="Help")
        context.supervisor.state_changed.connect(self._on_state)

    @property
    def is_due(self) -> bool:
        """Is this the first start, with nothing told on the command line?  Looks for one folder."""
        preferences = self._context.preferences
        if preferences.get(DONE, False) or preferences.source("server.site_folder") != "default":
            return False
        return not (default_site_folder() / "applications").is_dir()

    def open(self) -> None:
        """Shows the steps over the whole window."""
        if self.page is not None:
            return
        from .looking import Looking
        from .page import FirstRunPage

        context = self._context
        looking = Looking(context.tasks, self._data)
        page = FirstRunPage(context.theme, looking, context.supervisor.settings.site_folder)
        looking.setParent(page)
        page.skipped.connect(self._close)
        page.finished.connect(self._on_finished)
        page.save_wanted.connect(self._choose_file)
        if context.supervisor.state.password_set:
            page.show_password_set()
        self.page, self._looking = page, looking
        context.window.cover(page)
        page.next.setFocus()

    def _close(self) -> None:
        page, self.page = self.page, None
        if page is None:
            return
        self._looking.end()
        self._context.preferences.set(DONE, True)
        self._context.window.uncover()

    def _on_finished(self, chosen: Chosen) -> None:
        page = self.page
        if page is None:
            return
        page.set_busy(True)

        def prepare(_context: object) -> None:
            if chosen.creates:
                from runtime.admin.site import prepare as make_site

                make_site(chosen.site, create=True)
            if chosen.logs_in:
                LoginStart().set(True, chosen.starts)

        self._context.tasks.run(
            prepare,
            owner=page,
            title="Making the folder",
            on_done=lambda _none: self._take(chosen),
            on_failed=lambda error: page.say(f"It can't be finished: {error}"),
        )

    def _take(self, chosen: Chosen) -> None:
        page, supervisor = self.page, self._context.supervisor
        if page is None:
            return
        faults = supervisor.apply(replace(supervisor.settings, site_folder=chosen.site))
        if faults:
            page.say(" ".join(fault.sentence for fault in faults))
            return
        if chosen.password:
            self.password_given.emit(chosen.password)
        self._opens = chosen.opens
        self._close()
        self._context.window.show_panel("overview")
        if not chosen.starts:
            return
        if supervisor.state.phase not in RUNNING:
            supervisor.start()
        elif supervisor.state.needs_restart:
            supervisor.restart()
        else:
            self._on_state(supervisor.state)

    def _on_state(self, state: ServerState) -> None:
        """Opens the application once the server is ready; a start that failed is told by its own means."""
        if self._opens and state.phase in RUNNING and not state.needs_restart:
            name, self._opens = self._opens, ""
            self._open_path(f"/{name}")
        elif state.phase in ENDED:
            self._opens = ""

    # the report

    def _choose_file(self, report: SiteLook) -> None:
        dialog = QFileDialog(self.page, "Save the report", "applications.txt", "Text (*.txt)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda path: self.save(report, Path(path)))
        dialog.open()

    def save(self, report: SiteLook, path: Path) -> None:
        """Writes a report into a file."""
        from runtime.admin.site_look import look_text

        notices = self._context.notices
        self._context.tasks.run(
            lambda _context: write_atomic(path, look_text(report)),
            owner=self,
            title="Saving the report",
            on_done=lambda _none: notices.post("done", f"The report was saved as {path}.", replace="look"),
        )
