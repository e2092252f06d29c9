"""One open file: its text on disk and in the window, conflicts, draft, mistakes (UI-AP-12..14)."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from runtime.admin.sources import Problem, Source

from .code_edit import CodeEdit, LineMark
from .languages import Language, language_of


class Conflict(Enum):
    """What another program did to the file meanwhile."""

    NONE = ""
    CHANGED = "changed"
    DELETED = "deleted"


class TicketLine(NamedTuple):
    """Errors of one line: how many, and when the last one was, in words (UI-AP-15)."""

    line: int
    errors: int
    last: str


class OpenFile(QObject):
    """A file in a tab.

    Args:
        application: name of its application; empty outside of one.
        source: as it was read.
        edit: where its text is.

    Signals:
        changed: name, state or marks are different.
    """

    changed = Signal()

    def __init__(
        self, application: str, source: Source, edit: CodeEdit, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.application, self.source, self.edit = application, source, edit
        self.conflict = Conflict.NONE
        self.conflict_time = 0.0
        self.draft_time = 0.0
        self.restored = 0.0
        """When the draft was kept that was brought back; 0 when there was none."""
        self.temporary = False
        self.saving = False
        self.drafted_revision = -1
        self.problems: tuple[Problem, ...] = ()
        self.tickets: tuple[TicketLine, ...] = ()
        edit.document().modificationChanged.connect(self._on_modified)

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    @property
    def language(self) -> Language:
        """Its language, by its name."""
        return language_of(self.path.name)

    @property
    def dirty(self) -> bool:
        """Whether something was typed that is not in the file."""
        return self.edit.document().isModified() and not self.edit.filling

    def revision(self) -> int:
        """Number of the present text."""
        return self.edit.document().revision()

    def _on_modified(self, modified: bool) -> None:
        if self.edit.filling:
            return
        if modified and self.temporary:
            self.temporary = False
        self.changed.emit()

    def take_source(self, source: Source, clean: bool) -> None:
        """The file holds this now; `clean` when it is what the window shows."""
        self.source = source
        self.conflict = Conflict.NONE
        if clean:
            self.edit.document().setModified(False)
            self.restored = self.draft_time = 0.0
        self.changed.emit()

    def set_conflict(self, conflict: Conflict, moment: float) -> None:
        """Another program changed or deleted the file."""
        if conflict is not self.conflict:
            self.conflict, self.conflict_time = conflict, moment
            self.changed.emit()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Shows mistakes at their lines."""
        if tuple(problems) != self.problems:
            self.problems = tuple(problems)
            self._show_marks()

    def show_tickets(self, tickets: Sequence[TicketLine]) -> None:
        """Shows errors at their lines."""
        if tuple(tickets) != self.tickets:
            self.tickets = tuple(tickets)
            self._show_marks()

    def _show_marks(self) -> None:
        marks = {
            each.line: LineMark(
                "ticket", f"{each.errors} error{'s' if each.errors > 1 else ''}, last {each.last}"
            )
            for each in self.tickets
        }
        marks |= {each.line: LineMark("fault", each.text) for each in self.problems}
        self.edit.show_marks(marks)
        self.changed.emit()
