"""The sheet that clears out old runs: counted first, then deleted in pieces (SC-17)."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from desktop.panels.overview.words import counted, number
from desktop.shell.questions import BARE_DIALOG
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.fields import Labelled
from desktop.widgets.labels import label

from .actions import SchedulerActions

PAUSE = 400  # milliseconds without a key until runs are counted
DAY = 86400.0


class CleanSheet(QDialog):
    """How old runs are that go, how many of each task stay.

    Args:
        theme: where its colours come from.
        actions: counts and deletes.
        reason: why nothing can be deleted now; empty when it can.

    Signals:
        counted(int): the dry count came.
    """

    counted = Signal(int)

    def __init__(
        self, theme: Theme, actions: SchedulerActions, reason: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._actions, self._reason = actions, reason
        self.setObjectName("scheduler.clean")
        self.setProperty("sheet", True)
        self.setWindowTitle("Clear out runs")
        self.setAccessibleName("Clear out runs")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowFlags(BARE_DIALOG)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(12)
        column.addWidget(label("Clear out runs", "title"))
        words = "Runs are deleted for good: their output, results and tracebacks. What runs now stays."
        column.addWidget(label(words, "secondary", wrap=True))
        self.days, self.keep = QLineEdit("30"), QLineEdit("10")
        for field, name in ((self.days, "days"), (self.keep, "keep")):
            field.setObjectName(f"scheduler.clean.{name}")
            field.setValidator(QIntValidator(0, 1_000_000, field))
            field.textChanged.connect(self._on_typed)
        column.addWidget(Labelled(theme, "Older than so many days, empty for any age", self.days))
        column.addWidget(Labelled(theme, "So many latest runs of each task stay, empty for none", self.keep))
        self.counting = label("", "medium", name="scheduler.clean.counting")
        column.addWidget(self.counting)
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = Button(theme, "Cancel", "primary")
        cancel.clicked.connect(self.reject)
        self.delete = Button(theme, "Delete", "danger")
        self.delete.setObjectName("scheduler.clean.delete")
        self.delete.clicked.connect(self._delete)
        row.addWidget(cancel)
        row.addWidget(self.delete)
        column.addLayout(row)
        self.setMinimumWidth(420)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.setObjectName("scheduler-clean-pause")
        self._pause.timeout.connect(self._count)
        self._on_typed()

    def _wish(self) -> tuple[float | None, int] | None:
        days, keep = self.days.text().strip(), self.keep.text().strip()
        if not days and not int(keep or 0):
            return None
        return (time.time() - int(days) * DAY if days else None), int(keep or 0)

    def _on_typed(self) -> None:
        self.delete.setEnabled(False)
        if self._wish() is None:
            self.counting.setText("Say how old the runs are that go, or how many stay.")
            self._pause.stop()
        else:
            self.counting.setText("Counting…")
            self._pause.start()

    def _count(self) -> None:
        wish = self._wish()
        if wish is not None:
            self._actions.clean_up(*wish, dry=True, owner=self, on_count=self._on_count)

    def _on_count(self, count: int) -> None:
        self.counting.setText(f"{counted(count, 'run')} would be deleted.")
        self.delete.set_face(f"Delete {number(count)} runs", "danger")
        self.delete.setEnabled(count > 0 and not self._reason)
        self.delete.setToolTip(self._reason)
        self.counted.emit(count)

    def _delete(self) -> None:
        wish = self._wish()
        if wish is not None:
            self._actions.clean_up(*wish, dry=False, owner=self._actions, on_count=lambda _count: None)
            self.accept()
