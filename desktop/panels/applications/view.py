"""The panel Applications: the list, or one application opened (UI-AP)."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import shiboken6
from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from desktop.panels.tickets.model import ago
from desktop.processes.state import Phase
from desktop.settings.folders import data_folder
from desktop.shell.context import PanelContext
from desktop.shell.idle import Idle
from runtime.admin.git import GitState
from runtime.admin.ticket_lines import ErrorLine, present_line

from .addresses import action_at
from .bottom import Bottom, Problems
from .checking import Checks
from .difference import DifferenceSheet
from .editor.files import Files
from .editor.open_file import OpenFile, TicketLine
from .editor.page import EditorPage
from .left_open import LeftOpen
from .left_open import read as read_left
from .list_page import ListPage
from .listing import Listing
from .model import Row
from .opened_page import OpenedPage
from .reading import Looked, Reading

NARROWEST = 480
CHECKED = "general.check_applications"


class ApplicationsPanel(QWidget):
    """List, tree and editor.

    Args:
        context: the shared parts.
        site: tells the site folder.

    Signals:
        title_changed(str): where the person is.
        place_changed(str): words for the status bar: line, language, encoding, draft.
        state_changed: another application or file is chosen.
    """

    title_changed = Signal(str)
    place_changed = Signal(str)
    state_changed = Signal()

    def __init__(
        self, context: PanelContext, site: Callable[[], Path], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("applications")
        self.setAccessibleName("Applications")
        self.setMinimumWidth(NARROWEST)
        self._context = context
        self.title = "Applications"
        self._name = ""
        self._difference: DifferenceSheet | None = None
        self._errors: dict[str, list[ErrorLine]] = {}
        self.git_state: GitState | None = None
        self._left: LeftOpen | None = read_left(context.layout)
        self._kept = LeftOpen()
        self._idle = Idle(self)
        self.checks = Checks(
            context.tasks,
            data_folder(),
            site,
            lambda: bool(context.preferences.get(CHECKED, True)),
            self._idle.seconds,
            parent=self,
        )
        self.listing = Listing(context.tasks, site, self._workers, self.checks, self)
        self.reading = Reading(context.tasks, self.listing, self)
        self.files = Files(context.theme, context.tasks, data_folder(), self)
        self.editor = EditorPage(context.theme, self.files, context.tasks)
        self.bottom = Bottom(context.theme)
        self.problems = Problems(context.theme)
        self.bottom.add_pane("problems", "Problems", self.problems)
        self.list = ListPage(context.theme, self.listing, context.layout)
        self.opened = OpenedPage(context.theme, self.editor, self.bottom)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.list)
        self.pages.addWidget(self.opened)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pages)
        self._connect()

    def _workers(self) -> dict[str, int]:
        workers = self._context.workers
        return {name: workers.count(name) for name in workers.applications()}

    def _connect(self) -> None:
        self._context.workers.changed.connect(self.listing.show_again)
        self._context.preferences.changed.connect(self._on_preference)
        self.checks.told.connect(self.list.say)
        self.listing.changed.connect(self._on_listed)
        self.list.selected.connect(self._on_selected)
        self.reading.looked.connect(self._on_looked)
        self.editor.shown.connect(self._on_file)
        self.editor.state_changed.connect(self._on_editor)
        self.files.saved.connect(self._on_saved)
        self.editor.compared.connect(self.show_difference)
        self.opened.file_wanted.connect(self._on_file_wanted)
        self.problems.wanted.connect(lambda place: self.follow(Path(place[0]), place[1]))

    # where the person is

    @property
    def name(self) -> str:
        """The opened application; empty when the list is shown."""
        return self._name

    def row(self) -> Row | None:
        """The application that orders are about: the opened one, else the selected one."""
        return self.listing.find(self._name) if self._name else self.list.current()

    def file(self) -> OpenFile | None:
        """The file shown."""
        return self.editor.current if self.is_open else None

    @property
    def is_open(self) -> bool:
        """Whether tree and editor are shown; also for a file that lies in no application."""
        return self.pages.currentWidget() is self.opened

    def relative(self, path: Path) -> str:
        """A path within the opened application; empty for others."""
        try:
            return path.relative_to(self.folder()).as_posix() if self._name else ""
        except ValueError:
            return ""

    def folder(self) -> Path:
        """The folder of the opened application."""
        return self.listing.site / "applications" / self._name

    def served(self) -> str:
        """The address of the running server; empty when none runs."""
        state = self._context.supervisor.state
        return state.url or "" if state.phase in (Phase.SERVING, Phase.ADOPTED) else ""

    def action(self) -> tuple[str, str] | None:
        """Controller and action that the cursor is in."""
        file, structure = self.file(), self.opened.structure()
        if file is None or structure is None:
            return None
        path = self.relative(file.path)
        return action_at(structure, path, file.edit.place()[0]) if path else None

    # going somewhere

    def show_list(self) -> None:
        """Shows the list of applications."""
        if self._name:
            self.list.choose(self._name)
        self._name = ""
        self.reading.set_folder(None)
        self.pages.setCurrentWidget(self.list)
        self.listing.refresh(figures=False)
        self._tell()
        self.list.view().setFocus()

    def open_application(self, name: str) -> None:
        """Opens an application: its parts and the editor."""
        if name == self._name:
            return
        self._name = name
        self._errors, self.git_state = {}, None
        self.opened.clear()
        self.opened.show_git("")
        row = self.listing.find(name)
        if row is not None:
            self.opened.show_row(row)
        self.list.choose(name)
        self.pages.setCurrentWidget(self.opened)
        self.reading.set_folder(self.folder())
        current = self.editor.current
        if current is None or current.application != name:
            for file in self.files.all():
                if file.application == name:
                    self.editor.tabs.show_file(file)
        self._tell()
        self.opened.tree.setFocus()

    def open_path(self, path: Path, line: int = 0, *, temporary: bool = False) -> None:
        """Opens a file, in the application it lies in, at a line."""
        try:
            name = path.absolute().relative_to((self.listing.site / "applications").absolute()).parts[0]
        except (ValueError, IndexError):
            name = ""
        if name and name != self._name:
            self.open_application(name)
        elif not self._name:
            self.pages.setCurrentWidget(self.opened)
        self.editor.open(path, name, line, temporary=temporary)

    def open_action(self, application: str, controller: str, function: str) -> None:
        """Opens the controller of an action at its line."""
        self.open_application(application)
        path = self.folder() / "controllers" / f"{controller}.py"

        def then(file: OpenFile) -> None:
            line = _line_of(file.edit.text(), function)
            if line:
                file.edit.go_to(line)

        self.files.open(path, application, then)

    def _on_file_wanted(self, path: str, line: int, only_looked_at: bool) -> None:
        if only_looked_at:
            self.open_path(self.folder() / path, line, temporary=True)
        else:
            self.follow(self.folder() / path, line)

    def follow(self, path: Path, line: int = 0) -> None:
        """Opens a file as a link does, so that Back returns (SH-11)."""
        self._context.links.open("file", path=str(path), line=line, application=self._name)

    def focus_filter(self) -> None:
        """Puts the cursor into the filter: of the list, of the tree, or of the text."""
        if not self.is_open:
            self.list.filter.setFocus()
            self.list.filter.selectAll()
        elif self.editor.edit() is not None and not self.opened.side.isAncestorOf(self.focusWidget() or self):
            self.editor.find_text()
        else:
            self.opened.focus_filter()

    def close_tab(self) -> bool:
        """Closes the file shown; False when there is none."""
        if self.file() is None:
            return False
        self.editor.close_current()
        return True

    # news

    def _on_preference(self, name: str, _value: object) -> None:
        if name == CHECKED:
            self.checks.show_wanted()

    def _on_listed(self) -> None:
        names = tuple(row.name for row in self.listing.rows)
        if self.listing.known and not self.listing.fault:
            self._context.scope.show_applications(names)
        row = self.row()
        if self._name and row is not None:
            self.opened.show_row(row)
        elif self._name and self.listing.known:
            self.show_list()
        self.state_changed.emit()

    def _on_selected(self, row: Row | None) -> None:
        if row is not None and self.isVisible():
            name = row.name
            self.listing.inspect(name, lambda report: self.list.details.show_report(name, report))
            self.reading.read_about(row, self.list.details.show_about)
        self.state_changed.emit()

    def _on_looked(self, found: Looked) -> None:
        self._errors = found.errors
        counts = {path: sum(line.count for line in lines) for path, lines in found.errors.items()}
        self.opened.show_structure(found.structure, counts)
        self.git_state = found.git
        self.opened.show_git(git_words(found.git))
        for file in self.files.all():
            self._mark_errors(file)
        self._tell()

    def _mark_errors(self, file: OpenFile) -> None:
        """Shows errors of tickets at the lines where their text stands now (UI-AP-15)."""
        path = self.relative(file.path) if self._name else ""
        known = self._errors.get(path) if path else None
        if not known:
            if path:
                file.show_tickets(())
            return
        lines, now = file.edit.text().split("\n"), time.time()
        found: dict[int, TicketLine] = {}
        for error in known:
            line = present_line(error, lines)
            if line is not None:
                before = found.get(line)
                total = error.count + (before.errors if before is not None else 0)
                found[line] = TicketLine(line, total, ago(error.last, now))
        file.show_tickets(tuple(found[line] for line in sorted(found)))

    def _on_file(self, file: OpenFile | None) -> None:
        if file is not None:
            if file.application and file.application != self._name:
                self.open_application(file.application)
            self.opened.reveal(self.relative(file.path), file.edit.place()[0])
            self._mark_errors(file)
        self._tell()

    def _on_editor(self) -> None:
        count = self.problems.show_files(self.files.all())
        self.bottom.tabs["problems"].set_badge(count)
        self._tell()

    def _on_saved(self, file: OpenFile) -> None:
        self.reading.look()
        if file.application:
            self.listing.refresh_one(file.application)

    def _tell(self) -> None:
        file = self.file()
        parts = [self._name, *(Path(self.relative(file.path) or file.path.name).parts if file else ())]
        self.title = " / ".join(part for part in parts if part) or "Applications"
        self.title_changed.emit(self.title)
        self.place_changed.emit(place_words(file) if file is not None else "")
        action = self.action()
        self.opened.show_action(action[1] if action is not None else "")
        self.state_changed.emit()
        self._keep()

    # from one start to the next

    def _keep(self) -> None:
        """Keeps what is open, unless what was kept the last time is still to be opened."""
        files = tuple(str(file.path) for file in self.files.all() if file.application == self._name)
        current = self.file()
        now = LeftOpen(self._name, files, str(current.path) if current is not None else "")
        if self._left is None and now != self._kept:
            self._kept = now
            now.keep(self._context.layout)

    def _reopen(self) -> None:
        """Opens what was open the last time, at the first look at the panel."""
        left, self._left = self._left, None
        if left is None or not left.application or self._name:
            return
        folder = self.listing.site / "applications" / left.application

        def on_done(found: LeftOpen | None) -> None:
            if found is None or self._name:
                return
            self.open_application(found.application)
            for path in sorted(found.files, key=lambda path: path == found.shown):
                self.editor.open(Path(path), found.application)

        self._context.tasks.run(
            lambda _context: left.existing() if folder.is_dir() else None,
            owner=self,
            title="Opening what was open",
            reading=True,
            on_done=on_done,
        )

    # leaving

    def unsaved(self) -> Sequence[str]:
        """Names of files that are not saved."""
        return [file.path.name for file in self.files.unsaved()]

    def save_all(self, done: Callable[[bool], None]) -> None:
        """Saves all; tells whether everything is kept."""
        waiting = self.files.unsaved()
        if not waiting:
            done(True)
            return
        left = {file.path for file in waiting}
        failed: list[str] = []

        def finish(path: Path) -> None:
            left.discard(path)
            if not left and not failed:
                self.files.failed.disconnect(on_failed)
                done(not failed)

        def on_failed(sentence: str) -> None:
            if not failed:
                failed.append(sentence)
                self.files.failed.disconnect(on_failed)
                done(False)

        self.files.failed.connect(on_failed)
        for file in waiting:
            self.files.save(file, then=partial(finish, file.path))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._idle.watch(self.window().windowHandle())
        self.listing.refresh(figures=False)
        self.checks.set_watching(True)
        self.reading.set_watching(True)
        self.files.set_watching(True)
        self._reopen()
        row = self.list.current()
        if row is not None and not self._name:
            self._on_selected(row)
        self._tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.checks.set_watching(False)
        self.reading.set_watching(False)
        self.files.set_watching(False)
        self.files.keep_drafts()
        self.place_changed.emit("")
        self.state_changed.emit()

    def show_difference(self, title: str, text: str) -> None:
        """Shows what is different between two texts."""
        self._difference = DifferenceSheet(self._context.theme, title, text, self)
        self._difference.open()

    # what tests ask

    def compared_text(self) -> str:
        """The difference that was shown last."""
        sheet = self._difference
        return sheet.text.text() if sheet is not None and shiboken6.isValid(sheet) else ""

    def state(self) -> str:
        """One of: loading, rows, none yet, none match, failed."""
        return self.list.state()

    def row_count(self) -> int:
        """Applications shown."""
        return self.list.model.rowCount()

    def visible_filter(self) -> str:
        """Text of the filter."""
        return self.opened.filter.text() if self._name else self.list.filter.text()


def git_words(state: GitState | None) -> str:
    """Branch and number of changes; empty outside of git."""
    if state is None:
        return ""
    words = [state.branch or "no branch"]
    if state.changes:
        words.append(f"{len(state.changes)} changed")
    if state.ahead:
        words.append(f"{state.ahead} to push")
    if state.behind:
        words.append(f"{state.behind} to pull")
    return ", ".join(words)


def place_words(file: OpenFile) -> str:
    """What the status bar says of a file."""
    line, column = file.edit.place()
    ends = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}[file.source.newline]
    if file.source.ends:
        ends = "mixed ends"
    if file.edit.filling:
        return f"Opening {file.path.name}, {file.edit.percent} %"
    words = [f"Line {line}, column {column}", file.language.name, f"{file.source.encoding.upper()}, {ends}"]
    if file.dirty and file.draft_time:
        words.append(f"Draft saved {time.strftime('%H:%M', time.localtime(file.draft_time))}")
    elif file.dirty:
        words.append("Not saved")
    return "   |   ".join(words)


def _line_of(text: str, function: str) -> int:
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith((f"def {function}(", f"async def {function}(")):
            return number
    return 0
