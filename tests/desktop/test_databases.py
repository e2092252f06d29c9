"""The panel Databases as a person uses it: a real application, its inspector, an SQLite file."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import psutil
import pytest
from data_site import MODEL, make_site, shop
from fakes import FakeSupervisor
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from desktop.panels.databases.model import Place
from desktop.panels.databases.sheets import ConflictSheet, ImportSheet
from desktop.processes.state import Phase
from desktop.shell.questions import Question
from tests.processes import lives

THING = Place("shop", "db", "thing")


def _into(lines):
    """Collects what a signal tells."""

    def take(application: str, file: str, line: int) -> None:
        lines.append((application, file, line))

    return take


class Ui:
    """The window with the panel, over a shop with 450 things."""

    def __init__(self, made, qtbot, path) -> None:
        self.desk, self.window, self.qtbot, self.path = made.desk, made.window, qtbot, path
        self.layout, self.opened = made.layout, made.opened
        self.part = made.desk.parts["databases"]
        self.panel = self.part.panel
        self.session, self.grid = self.panel.session, self.panel.grid
        self.rows, self.details = self.session.rows, self.panel.details

    def until(self, ready) -> None:
        self.qtbot.waitUntil(ready, timeout=15000)

    def open(self, table: str = "thing") -> None:
        self.panel.open_table(Place("shop", "db", table), None)
        self.until(lambda: self.session.place.table == table and self.panel.state() in ("rows", "none yet"))

    def filter(self, name: str, text: str) -> None:
        field = self.grid.filter_field(name)
        field.setFocus()
        field.clear()
        with self.qtbot.waitSignal(self.session.first_page, timeout=15000):
            self.qtbot.keyClicks(field, text)

    def names(self) -> list[str]:
        return [self.rows.value(at, "name") for at in range(self.rows.rowCount())]

    def edit_on(self) -> None:
        self.panel.bar.editing.set_on(True)

    def stored_many(self, *statements: str) -> None:
        with sqlite3.connect(self.path) as db:
            for sql in statements:
                db.execute(sql)
        db.close()

    def stored(self, sql: str) -> list[tuple]:
        db = sqlite3.connect(self.path)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()


@pytest.fixture
def ui(desk_maker, qtbot, tmp_path):
    path = shop(tmp_path)
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor, texts={"scope": "shop"})
    made.complete("databases")
    ui = Ui(made, qtbot, path)
    ui.window.show_panel("databases")
    ui.until(lambda: any(one.kind == "table" for one in ui.panel.places.branches))
    return ui


def test_tables_are_listed_and_rows_come_page_by_page(ui):
    """UI-DB-01, UI-DB-02: tables with counts; the next page is read near the end; all rows come once."""
    ui.until(lambda: any(one.note.startswith("450") for one in ui.panel.places.branches))
    assert [one.text for one in ui.panel.places.branches] == ["db", "person", "thing", "orders"]
    at = ui.panel.places.place_of(THING)
    ui.qtbot.mouseClick(
        ui.panel.list.viewport(), Qt.MouseButton.LeftButton,
        pos=ui.panel.list.visualRect(ui.panel.places.index(at)).center(),
    )  # fmt: skip
    ui.until(lambda: ui.panel.state() == "rows")
    assert ui.rows.rowCount() == 200
    assert ui.panel.bar.place.whole().split() == ["shop", "›", "db", "›", "thing"]

    def all_are_there():
        ui.grid.scrollToBottom()
        return ui.rows.rowCount() == 450

    ui.until(all_are_there)
    assert [ui.rows.value(at, "id") for at in range(450)] == [str(n) for n in range(1, 451)]
    ui.until(lambda: ui.panel.bar.count.text() == "450 rows")


def test_filters_are_answered_by_the_database(ui):
    """UI-DB-02: filters under the heads, with counts; a wrong one is told at its field and asks nothing."""
    ui.open()
    ui.filter("name", "~lamp")
    ui.until(lambda: ui.session.count.exact)
    assert ui.names()
    assert all("lamp" in name.lower() for name in ui.names())
    assert "of 450" in ui.panel.bar.count.text()
    field = ui.grid.filter_field("price")
    field.setFocus()
    ui.qtbot.keyClicks(field, ">cheap")
    assert field.property("invalid") is True
    assert "not a number" in field.toolTip()
    assert ui.session.filters == {"name": "~lamp"}
    ui.panel.clear_filter()
    ui.until(lambda: ui.rows.rowCount() == 200)
    ui.filter("id", "99999")
    assert ui.panel.state() == "none match"
    assert ui.grid.isVisible(), "the filter that lets nothing through can still be changed"


def test_the_key_stays_in_place_while_columns_move(ui):
    """UI-DB-02, UI-DB-13: a frozen key column; hidden columns and widths are kept for the table."""
    ui.open()
    ui.grid.horizontalScrollBar().setValue(ui.grid.horizontalScrollBar().maximum())
    assert ui.grid.frozen.isVisible()
    assert ui.grid.frozen.columnAt(5) == 0
    assert ui.grid.frozen.geometry().left() == 0
    ui.grid.set_hidden("kind", True)
    ui.grid.setColumnWidth(1, 222)
    ui.open("person")
    ui.open("thing")
    assert ui.grid.isColumnHidden(3)
    assert ui.grid.columnWidth(1) == 222


def test_a_head_sorts_in_the_database(ui):
    """UI-DB-02: sort by header, both ways."""
    ui.open()
    x = ui.grid.head.sectionViewportPosition(2) + 30
    for expected in (sorted, lambda values: sorted(values, reverse=True)):
        with ui.qtbot.waitSignal(ui.session.first_page, timeout=15000):
            ui.qtbot.mouseClick(ui.grid.head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(x, 10))
        prices = [float(ui.rows.value(at, "price")) for at in range(200)]
        assert prices == expected(prices)


def test_a_record_leads_to_what_it_refers_to_and_back(ui):
    """UI-DB-04: references in both directions are links; Back returns to the table before."""
    ui.open()
    ui.grid.setCurrentIndex(ui.rows.index(3, 1))
    form = ui.details.record
    ui.until(form.rows["owner"].link.isVisible)
    assert form.rows["owner"].link.text() == "person: Edith Piaf"
    assert form.rows["name"].text() == "Stool 4"
    ui.until(lambda: bool(form._back))
    ui.qtbot.mouseClick(form.rows["owner"].link, Qt.MouseButton.LeftButton)
    ui.until(lambda: ui.session.place.table == "person" and ui.panel.state() == "rows")
    assert ui.names() == ["Edith Piaf"]
    ui.until(lambda: any("thing.owner" in link.text() for link in form._back))
    link = next(link for link in form._back if "thing.owner" in link.text())
    ui.qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    ui.until(lambda: ui.session.place.table == "thing" and ui.panel.state() == "rows")
    assert {ui.rows.value(at, "owner") for at in range(ui.rows.rowCount())} == {"5"}
    ui.desk.history.back()
    ui.until(lambda: ui.session.place.table == "person")


def test_nothing_is_edited_before_editing_is_on(ui):
    """UI-DB-05: read first, write on purpose."""
    ui.open()
    index = ui.rows.index(0, 1)
    assert not ui.rows.flags(index) & Qt.ItemFlag.ItemIsEditable
    ui.panel.commands.delete()
    ui.panel.commands.add()
    assert len(ui.session.changes) == 0
    assert not ui.panel.changes.isVisible()
    ui.edit_on()
    assert ui.rows.flags(index) & Qt.ItemFlag.ItemIsEditable
    assert ui.panel.changes.isVisible()


def test_changes_are_collected_undone_and_written_together(ui):
    """UI-DB-05, UI-DB-15: typed in the row and in the form, written by Ctrl+S in one go, after a backup of the file."""
    ui.open()
    ui.edit_on()
    ui.grid.setCurrentIndex(ui.rows.index(0, 1))
    ui.grid.edit(ui.rows.index(0, 1))
    editor = ui.grid.indexWidget(ui.rows.index(0, 1)) or QGuiApplication.focusObject()
    editor.clear()
    ui.qtbot.keyClicks(editor, "Lantern")
    ui.qtbot.keyClick(editor, Qt.Key.Key_Return)
    ui.until(lambda: ui.session.changes.summary() == "1 changed")
    assert ui.stored("SELECT name FROM thing WHERE id = 1") == [("Lampshade 1",)], (
        "nothing is written by editing"
    )
    ui.until(lambda: ui.details.record.rows["name"].text() == "Lantern")
    ui.details.record.edited.emit("story", "Told anew")
    ui.panel.commands.add()
    ui.rows.set_value(0, "name", "Quite new")
    ui.rows.set_value(0, "made", "2026-02-03 04:05")
    ui.qtbot.keyClick(ui.panel, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert ui.panel.changes.words.text() == "1 changed, 1 new"
    assert ui.panel.unsaved()[0].endswith("1 changed, 1 new, not written")
    with ui.qtbot.waitSignal(ui.session.wrote, timeout=15000):
        ui.qtbot.keyClick(ui.panel, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert ui.stored("SELECT name, story FROM thing WHERE id = 1") == [("Lantern", "Told anew")]
    assert ui.stored("SELECT name, made FROM thing WHERE id = 451") == [("Quite new", None)]
    backups = list(ui.path.parent.glob("*.backup.sqlite"))
    assert len(backups) == 1
    db = sqlite3.connect(backups[0])
    assert db.execute("SELECT name FROM thing WHERE id = 1").fetchall() == [("Lampshade 1",)]
    db.close()
    assert ui.panel.unsaved() == []


def test_what_the_model_refuses_is_told_at_the_field(ui):
    """UI-DB-05: validators of the model; one fault and nothing is written; the changes stay."""
    ui.open()
    ui.panel.set_backs_up(False)
    ui.edit_on()
    ui.rows.set_value(0, "name", "Fine")
    ui.rows.set_value(1, "price", "99999")
    with ui.qtbot.waitSignal(ui.session.refused, timeout=15000):
        ui.panel.commands.write()
    assert ui.stored("SELECT name FROM thing WHERE id = 1") == [("Lampshade 1",)]
    assert len(ui.session.changes) == 2
    row = ui.details.record.rows["price"]
    ui.until(lambda: "between 0 and 10000" in row.fault.words.text())
    assert ui.rows.index(1, 2).data(Qt.ItemDataRole.ToolTipRole) == "Enter a number between 0 and 10000"
    assert ui.panel.fault.isVisible()


def test_deleting_asks_with_the_number(ui):
    """UI-DB-05, section 16: rows are deleted by Write only, after a question that names the number."""
    ui.open()
    ui.panel.set_backs_up(False)
    ui.edit_on()
    ui.grid.selectRow(30)  # no order refers to it
    ui.grid.setFocus()
    ui.qtbot.keyClick(ui.grid, Qt.Key.Key_Delete)
    assert ui.session.changes.summary() == "1 deleted"
    ui.panel.commands.write()
    question = ui.panel.findChild(Question)
    assert question.buttons["write"].text() == "Delete 1 row and write"
    question.answer("stay")
    assert ui.stored("SELECT count(*) FROM thing") == [(450,)]
    ui.panel.commands.write()
    with ui.qtbot.waitSignal(ui.session.wrote, timeout=15000):
        ui.panel.findChildren(Question)[-1].answer("write")
    assert ui.stored("SELECT count(*) FROM thing") == [(449,)]


def test_a_row_changed_by_someone_else_asks_which_counts(ui):
    """UI-DB-05, OCC-10: a chooser by field; the other's change is never lost unseen."""
    ui.open()
    ui.panel.set_backs_up(False)
    ui.edit_on()
    ui.rows.set_value(0, "name", "Mine")
    ui.rows.set_value(1, "name", "Also mine")
    db = sqlite3.connect(ui.path)
    db.execute("UPDATE thing SET name = 'Theirs' WHERE id = 1")
    db.execute("UPDATE thing SET name = 'Theirs too' WHERE id = 2")
    db.commit()
    db.close()
    with ui.qtbot.waitSignal(ui.session.conflicted, timeout=15000):
        ui.panel.commands.write()
    sheet = ui.panel.findChild(ConflictSheet)
    assert ui.stored("SELECT name FROM thing WHERE id = 1") == [("Theirs",)]
    assert len(sheet.choices) == 2
    sheet.choices[1, "name"].set_value("theirs")
    with ui.qtbot.waitSignal(ui.session.wrote, timeout=15000):
        sheet.findChild(QWidget, "databases.conflicts.write").click()
    assert ui.stored("SELECT name FROM thing WHERE id IN (1, 2)") == [("Mine",), ("Theirs too",)]


def test_a_locked_database_is_told_and_tried_again(ui):
    """UI-DB-12: who holds it, and Try again with the same changes."""
    ui.open()
    ui.panel.set_backs_up(False)
    ui.edit_on()
    ui.rows.set_value(0, "name", "Later")
    holder = sqlite3.connect(ui.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    ui.panel.commands.write()
    ui.until(ui.panel.fault.isVisible)
    assert "is locked by" in ui.panel.fault.words.text()
    holder.execute("ROLLBACK")
    holder.close()
    with ui.qtbot.waitSignal(ui.session.wrote, timeout=15000):
        ui.panel.fault.again.emit()
    assert ui.stored("SELECT name FROM thing WHERE id = 1") == [("Later",)]


def test_facets_structure_and_statements(ui):
    """UI-DB-03, UI-DB-08, UI-DB-14: frequent values become filters; the model's line is a link; SQL with times."""
    ui.open()
    ui.grid.setCurrentIndex(ui.rows.index(0, 3))
    ui.details.show_tab("facets")
    ui.until(lambda: len(ui.details.facets.bars) == 3)
    with ui.qtbot.waitSignal(ui.session.first_page, timeout=15000):
        ui.details.facets.bars[0].click()
    assert ui.session.filters["kind"].startswith("=")
    lines: list[tuple[str, str, int]] = []
    ui.panel.line_wanted.connect(_into(lines))
    ui.details.show_tab("structure")
    ui.until(lambda: ui.details.structure.findChild(QWidget, "databases.structure.line") is not None)
    ui.details.structure.findChild(QWidget, "databases.structure.line").click()
    assert lines == [("shop", "models/db.py", 4)]
    ui.details.show_tab("statements")
    assert any("SELECT" in line for line in ui.details.statements.lines())


def test_the_query_box_answers_and_keeps_its_history(ui):
    """UI-DB-07: SQL and pydal; history; what writes is refused; names complete."""
    ui.open()
    ui.panel.bar.query.click()
    box = ui.panel.query
    ui.until(lambda: "db.thing.name" in box.edit.names.stringList())
    box.edit.setPlainText("select kind, count(*) from thing group by kind")
    ui.qtbot.keyClick(box.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    ui.until(lambda: box.model.rowCount() == 3)
    box.edit.setPlainText("delete from thing")
    box.ask()
    ui.until(lambda: "DELETE is not run" in box.fault.words.text())
    assert ui.stored("SELECT count(*) FROM thing") == [(450,)]
    box.edit.step(-1)
    assert box.edit.toPlainText().startswith("select kind")
    assert "group by kind" in ui.layout.load_text("databases.queries")


def test_export_and_import(ui, tmp_path):
    """UI-DB-09: the filtered rows as CSV; a file is looked at, tried, then taken."""
    ui.open()
    ui.filter("id", "<=5")
    path = tmp_path / "out.csv"
    ui.panel.commands.export("csv", str(path))
    ui.until(path.exists)
    assert len(path.read_text().splitlines()) >= 6
    source = tmp_path / "in.csv"
    source.write_text("name,price\nImported,5\n")
    ui.edit_on()
    ui.panel.commands.look_into(str(source))
    ui.until(lambda: ui.panel.findChild(ImportSheet) is not None)
    sheet = ui.panel.findChild(ImportSheet)
    assert not sheet.take.isEnabled()
    sheet.try_it.click()
    ui.until(sheet.take.isEnabled)
    assert sheet.outcome.text().startswith("1 new row")
    assert ui.stored("SELECT count(*) FROM thing WHERE name = 'Imported'") == [(0,)]
    sheet.take.click()
    ui.until(lambda: ui.stored("SELECT count(*) FROM thing WHERE name = 'Imported'") == [(1,)])


def test_rows_are_copied(ui):
    """UI-DB-10: Ctrl+C copies as text, Ctrl+Shift+C as JSON."""
    ui.open()
    ui.grid.selectRow(0)
    ui.grid.setFocus()
    ui.panel.commands.copy("sql")
    assert QGuiApplication.clipboard().text().startswith('INSERT INTO "thing"')
    ui.panel.commands.copy("json")
    assert '"name": "Lampshade 1"' in QGuiApplication.clipboard().text()


def test_leaving_a_table_with_changes_is_refused(ui):
    """UI-DB-05, SH-18: changes are not lost by looking at another table."""
    ui.open()
    ui.edit_on()
    ui.rows.set_value(0, "name", "Kept")
    ui.panel.open_table(Place("shop", "db", "person"), None)
    assert ui.session.place == THING
    assert "Write or discard" in ui.desk.notices.all()[0].text
    assert len(ui.session.changes) == 1


def test_an_application_that_does_not_load_says_why(ui, tmp_path):
    """Issue 9, bad input: *does not load*, with the reason, and a way to the line."""
    make_site(tmp_path, "x = 1\n1 / 0\n", "lab")
    ui.desk.scope.set("")
    ui.panel.show_applications("", ("lab", "shop"))
    ui.panel.tables.fold(Place("lab"), True)
    ui.until(lambda: any(one.text == "does not load" for one in ui.panel.places.branches))
    line = next(one for one in ui.panel.places.branches if one.text == "does not load")
    assert "ZeroDivisionError" in line.fault
    lines: list[tuple[str, str, int]] = []
    ui.panel.line_wanted.connect(_into(lines))
    ui.panel.tables.choose(line)
    assert lines == [("lab", "models/db.py", 2)]


def test_tables_that_only_a_controllers_models_define(ui, tmp_path):
    """UI-DB-01, MDL-04: chosen at the left, read, filtered and written like others; the link back finds them again."""
    folder = tmp_path / "applications" / "shop" / "models" / "reports"
    folder.mkdir()
    (folder / "lines.py").write_text(
        "db.define_table('report_line', Field('words', requires=IS_NOT_EMPTY()), Field('thing', 'reference thing'))"
    )
    ui.stored_many("CREATE TABLE report_line (id INTEGER PRIMARY KEY, words CHAR(512), thing INTEGER)",
                   "INSERT INTO report_line (words, thing) VALUES ('first', 1), ('second', 2)")  # fmt: skip
    ui.panel.tables.read_models()
    ui.until(lambda: any(one.kind == "controller" for one in ui.panel.places.branches))
    assert [one.text for one in ui.panel.places.branches][-1] == "reports"
    at = len(ui.panel.places.branches) - 1
    ui.panel.list.setFocus()
    ui.panel.list.setCurrentIndex(ui.panel.places.index(at))
    ui.qtbot.keyClick(ui.panel.list, Qt.Key.Key_Right)
    ui.until(lambda: ui.panel.places.branches[-1].text == "report_line")
    ui.until(lambda: ui.panel.places.branches[-1].note == "2")
    ui.panel.list.setCurrentIndex(ui.panel.places.index(len(ui.panel.places.branches) - 1))
    ui.until(lambda: ui.panel.state() == "rows" and ui.session.place.table == "report_line")
    assert [ui.rows.value(row, "words") for row in range(2)] == ["first", "second"]
    assert "models of reports" in ui.panel.bar.place.whole()
    ui.filter("words", "~sec")
    assert ui.rows.rowCount() == 1
    ui.edit_on()
    ui.rows.set_value(0, "words", "changed")
    ui.panel.session.write(False)
    ui.until(lambda: not len(ui.session.changes) and not ui.session.writing)
    assert ui.stored("SELECT words FROM report_line ORDER BY id") == [("first",), ("changed",)]
    ui.panel.clear_filter()
    ui.open()
    ui.part.open_table("shop", "db", "report_line", "words:first", controller="reports")
    ui.until(lambda: ui.panel.state() == "rows" and ui.session.place.controller == "reports")
    ui.until(lambda: ui.rows.rowCount() == 1)
    (folder / "lines.py").write_text("1 / 0")
    ui.panel.tables.read_models()
    ui.until(lambda: any(one.kind == "controller" and one.fault for one in ui.panel.places.branches))
    lines: list[tuple[str, str, int]] = []
    ui.panel.line_wanted.connect(_into(lines))
    ui.panel.tables.choose(next(one for one in ui.panel.places.branches if one.kind == "controller"))
    assert lines == [("shop", "models/reports/lines.py", 1)]
    assert ui.panel.places.branches[0].text == "db", "the others are listed as before"


def test_a_record_is_opened_by_its_number_whatever_that_is_called(ui, tmp_path):
    """UI-DB-04, SH-02: links name a record by its number; the id of its table may have another name."""
    model = "db.define_table('note', Field('note_no', 'id'), Field('words'))"
    (tmp_path / "applications" / "shop" / "models" / "notes.py").write_text(model)
    ui.stored_many("CREATE TABLE note (note_no INTEGER PRIMARY KEY, words CHAR(512))",
                   "INSERT INTO note (words) VALUES ('first'), ('second')")  # fmt: skip
    ui.panel.tables.read_models()
    ui.until(lambda: any(one.text == "note" for one in ui.panel.places.branches))
    ui.part.open_record("shop", "db", "note", 2)
    ui.until(lambda: ui.session.place.table == "note" and ui.panel.state() == "rows")
    assert [ui.rows.value(row, "words") for row in range(ui.rows.rowCount())] == ["second"]


def test_no_child_is_left_behind(ui):
    """Issue 9: the inspectors end with the window."""
    ui.open()
    pid = ui.part.actions.inspectors().of("shop").pid
    assert psutil.pid_exists(pid)
    ui.part.close()
    ui.until(lambda: not lives(pid))


def test_a_changed_model_shows_its_new_column(ui, tmp_path):
    """UI-DB-01: after *Read the models again* the table has the model's columns."""
    ui.open()
    make_site(tmp_path, MODEL.replace('Field("picture", "blob")', 'Field("picture", "blob"), Field("added")'))
    ui.qtbot.wait(600)
    ui.panel.tables.read_models()
    ui.until(lambda: any(field["name"] == "added" for field in ui.rows.fields))


def test_leaving_can_save_everything(ui):
    """SH-18: *Save all and quit* writes the changes and tells whether they are in the database."""
    ui.open()
    ui.panel.set_backs_up(False)
    ui.edit_on()
    ui.rows.set_value(0, "name", "Saved on leaving")
    answers: list[bool] = []
    ui.panel.save_all(answers.append)
    ui.until(lambda: answers == [True])
    assert ui.stored("SELECT name FROM thing WHERE id = 1") == [("Saved on leaving",)]
    ui.until(lambda: not ui.session.writing)
    ui.rows.set_value(0, "price", "99999")
    ui.panel.save_all(answers.append)
    ui.until(lambda: answers == [True, False])
    assert ui.panel.unsaved()


def test_actions_say_why_they_are_disabled(ui):
    """Principle 5: the palette's actions have the state of the buttons, and a reason."""
    actions = ui.desk.actions
    assert actions.get("databases.query").toolTip() == "Open a table first."
    ui.open()
    assert actions.get("databases.query").isEnabled()
    assert actions.get("databases.add").toolTip() == "Switch editing on first."
    assert not actions.get("databases.write").isEnabled()
    ui.edit_on()
    actions.get("databases.add").trigger()
    assert ui.session.changes.summary() == "1 new"
    assert actions.get("databases.write").isEnabled()
    actions.get("databases.discard").trigger()
    assert len(ui.session.changes) == 0


def test_rows_can_be_higher(ui):
    """UI-DB-13: height of rows with wrapped texts, kept."""
    ui.open()
    one = ui.grid.rowHeight(0)
    ui.panel.set_lines(4)
    assert ui.grid.rowHeight(0) > 2 * one
    assert ui.grid.frozen.rowHeight(0) == ui.grid.rowHeight(0)
    assert ui.layout.load_text("databases.lines") == "4"
