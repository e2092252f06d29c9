"""The orders of the panel: copy, export, import, write, delete, and their menus."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu

from desktop.panels.overview.words import counted
from desktop.theme import Theme
from desktop.widgets.buttons import popup_below
from desktop.widgets.value.texts import size_words
from runtime.admin.inspector import InspectorProblem

from .copying import FORMS, rows_as
from .sheets import ConflictSheet, ImportSheet, delete_question

if TYPE_CHECKING:
    from .view import DatabasesPanel

BACK_UP = "databases.backup"


class Commands(QObject):
    """What a person can ask of the rows.

    Args:
        theme: for sheets.
        panel: tells what is selected.
    """

    def __init__(self, theme: Theme, panel: DatabasesPanel) -> None:
        super().__init__(panel)
        self._theme, self._panel = theme, panel
        self.session = panel.session
        self._menu = QMenu("Rows", panel)
        self._export_menu = QMenu("Export", panel)
        self._more_menu = QMenu("Table", panel)

    # copying

    def copy(self, form: str = "text") -> None:
        """Copies the selected rows (DB-10)."""
        rows, places = self.session.rows, self._panel.grid.selected_rows()
        names = [field["name"] for field in rows.fields]
        cells = [[rows.value(at, name) for name in names] for at in places]
        if cells:
            text = rows_as(form, rows.fields, cells, self.session.place.table)
            QGuiApplication.clipboard().setText(text)
            self._panel.say_done(f"Copied {counted(len(cells), 'row')}.")

    def copy_cell(self) -> None:
        """Copies the current value."""
        index = self._panel.grid.currentIndex()
        if index.isValid():
            QGuiApplication.clipboard().setText(str(index.data(Qt.ItemDataRole.EditRole) or ""))

    # menus

    def open_rows_menu(self, at: QPoint) -> None:
        """Opens the menu of the selected rows."""
        menu, session = self._menu, self.session
        menu.clear()
        copy = menu.addMenu("Copy rows as")
        for form, words in FORMS:
            copy.addAction(words, partial(self.copy, form))
        menu.addAction("Copy value", self.copy_cell)
        index = self._panel.grid.currentIndex()
        if index.isValid():
            name = session.rows.fields[index.column()]["name"]
            menu.addAction(
                "Show only rows with this value", partial(self._panel.filter_by_cell, index.row(), name)
            )
            menu.addAction(f"Hide column {name}", partial(self._panel.grid.set_hidden, name, True))
        menu.addSeparator()
        on = self._panel.bar.editing.is_on()
        null = menu.addAction("Set to NULL", self.set_null)
        null.setEnabled(on and index.isValid() and session.rows.editable(index.row(), index.column()))
        delete = menu.addAction("Delete rows", self.delete)
        delete.setEnabled(on)
        restore = menu.addAction("Take changes of these rows back", self.restore)
        restore.setEnabled(bool(len(session.changes)))
        menu.popup(at)

    def open_export(self) -> None:
        """Opens the menu of *Export*."""
        menu = self._export_menu
        menu.clear()
        menu.addAction("Rows as CSV…", partial(self.choose_export, "csv"))
        menu.addAction("Rows as JSON…", partial(self.choose_export, "json"))
        menu.addSeparator()
        take = menu.addAction("Import CSV…", self.choose_import)
        take.setEnabled(self._panel.bar.editing.is_on())
        take.setToolTip("Switch editing on first")
        popup_below(menu, self._panel.bar.export)

    def open_more(self) -> None:
        """Opens the menu of the table."""
        menu, panel = self._more_menu, self._panel
        menu.clear()
        columns = menu.addMenu("Columns")
        for at, field in enumerate(self.session.rows.fields[1:], 1):
            action = columns.addAction(field["name"])
            action.setCheckable(True)
            action.setChecked(not panel.grid.isColumnHidden(at))
            action.toggled.connect(lambda on, name=field["name"]: panel.grid.set_hidden(name, not on))
        height = menu.addMenu("Height of rows")
        for lines, words in ((1, "One line"), (2, "Two lines"), (4, "Four lines")):
            action = height.addAction(words, partial(panel.set_lines, lines))
            action.setCheckable(True)
            action.setChecked(panel.grid.lines() == lines)
        rows = menu.addMenu("Export and import")
        rows.addAction("Rows as CSV…", partial(self.choose_export, "csv"))
        rows.addAction("Rows as JSON…", partial(self.choose_export, "json"))
        rows.addAction("Import CSV…", self.choose_import).setEnabled(panel.bar.editing.is_on())
        menu.addSeparator()
        keep = menu.addAction("Back up the SQLite file before the first write")
        keep.setCheckable(True)
        keep.setChecked(panel.backs_up())
        keep.toggled.connect(panel.set_backs_up)
        menu.addAction("Read the models again", panel.tables.read_models)
        popup_below(menu, panel.bar.more)

    # changing

    def delete(self) -> None:
        """Marks the selected rows as deleted."""
        if self._panel.bar.editing.is_on():
            self.session.rows.delete_rows(self._panel.grid.selected_rows())

    def restore(self) -> None:
        """Takes the changes of the selected rows back."""
        rows = self.session.rows
        self.session.changes.restore([rows.id(at) for at in self._panel.grid.selected_rows()])

    def set_null(self) -> None:
        """Makes the current value NULL."""
        index = self._panel.grid.currentIndex()
        rows = self.session.rows
        if index.isValid() and self._panel.bar.editing.is_on() and rows.editable(index.row(), index.column()):
            rows.set_value(index.row(), rows.fields[index.column()]["name"], None)

    def add(self) -> None:
        """Begins a new row."""
        if self._panel.bar.editing.is_on() and self.session.place.table:
            self.session.changes.add()
            at = len(self.session.changes.new_ids()) - 1
            grid = self._panel.grid
            grid.setCurrentIndex(self.session.rows.index(at, min(1, len(self.session.rows.fields) - 1)))
            grid.setFocus()

    def write(self) -> None:
        """Writes the changes; asks first when rows are deleted."""
        self._panel.details.record.flush()
        session = self.session
        deleted = sum(change.do == "delete" for change in session.changes.all().values())
        if not deleted:
            session.write(self._panel.backs_up())
            return
        question = delete_question(
            self._theme, deleted, session.changes.summary(), session.place.words(), self._panel
        )
        question.answered.connect(self._on_answered)
        question.open()

    def _on_answered(self, answer: str, _ticked: bool) -> None:
        if answer == "write":
            self.session.write(self._panel.backs_up())

    def open_conflicts(self, conflicts: list[dict[str, Any]]) -> None:
        """Lets the person choose between two changes of the same rows."""
        sheet = ConflictSheet(self._theme, conflicts, self._panel)
        sheet.settled.connect(self._on_settled)
        sheet.open()

    def _on_settled(self, answers: list[dict[str, Any]]) -> None:
        self.session.settle(answers)
        if len(self.session.changes):
            self.session.write(False)
        else:
            self.session.reload()

    # files

    def choose_export(self, form: str) -> None:
        """Asks for a file and writes the rows that match into it (DB-09)."""
        name = f"{self.session.place.table}.{form}"
        dialog = QFileDialog(self._panel, "Export rows", name, f"{form.upper()} (*.{form})")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.export(form, path))
        dialog.open()

    def export(self, form: str, path: str) -> None:
        """Writes the rows that match into a file."""
        session = self.session

        def on_done(answer: dict[str, Any]) -> None:
            rows = counted(answer["rows"], "row")
            self._panel.say_done(f"{rows} in {Path(path).name}, {size_words(answer['size'])}.")

        session.actions.work(
            "export", session.place, f"Exporting {session.place.table}", on_done, self._panel.say_problem,
            owner=self, path=path, form=form, filters=session.filters,
            order=list(session.order) if session.order else None,
        )  # fmt: skip

    def choose_import(self) -> None:
        """Asks for a CSV file to take in (DB-09)."""
        dialog = QFileDialog(self._panel, "Import rows", "", "CSV (*.csv *.txt);;All files (*)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.look_into)
        dialog.open()

    def look_into(self, path: str) -> None:
        """Looks into a CSV file and opens the sheet that takes it."""
        session = self.session
        session.actions.ask(
            "import_preview", session.place, lambda seen: self._open_import(path, seen),
            self._panel.say_problem, owner=self, key="import", path=path,
        )  # fmt: skip

    def _open_import(self, path: str, seen: dict[str, Any]) -> None:
        names = [field["name"] for field in self.session.rows.fields]
        sheet = ImportSheet(self._theme, path, seen, names, self._panel)
        sheet.tried.connect(lambda given: self._import(sheet, path, given, dry=True))
        sheet.taken.connect(lambda given: self._import(sheet, path, given, dry=False))
        sheet.open()

    def _import(self, sheet: ImportSheet, path: str, given: dict[str, Any], dry: bool) -> None:
        session = self.session

        def on_done(answer: dict[str, Any]) -> None:
            sheet.show_result(answer)
            if answer["written"]:
                new, changed = answer["inserted"], answer["updated"]
                self._panel.say_done(
                    f"{counted(new, 'new row')} and {counted(changed, 'changed row')} imported."
                )
                session.reload()
                session.actions.count_tables(session.place)
                sheet.accept()

        def on_failed(problem: InspectorProblem) -> None:
            sheet.show_fault(str(problem))

        title = f"{'Trying' if dry else 'Importing'} {Path(path).name}"
        session.actions.work(
            "import", session.place, title, on_done, on_failed, owner=sheet, path=path, dry=dry, **given
        )
