"""Files and long values of rows in the panel Databases, and tables with a key of several columns."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from data_site import lines_of, make_site
from fakes import FakeSupervisor
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from test_databases import Ui

from desktop.processes.state import Phase

MODEL = """
db = DAL("sqlite://storage.sqlite")
db.define_table("paper",
    Field("name"), Field("scan", "upload", autodelete=True, requires=IS_EMPTY_OR(IS_UPLOAD_FILENAME(extension="txt"))),
    Field("seal", "blob"), Field("facts", "json"), Field("tags", "list:string"), Field("story", "text"))
db.define_table("stock", Field("shop"), Field("day", "date"), Field("count", "integer"),
    primarykey=["shop", "day"], migrate=False)
"""
ROWS = [{"id": at, "name": f"Lamp {at}", "of": {"wood": "oak"}} for at in range(4000)]


@pytest.fixture
def papers(desk_maker, qtbot, tmp_path):
    path = make_site(tmp_path, MODEL) / "databases" / "storage.sqlite"
    db = sqlite3.connect(path)
    db.execute(
        "CREATE TABLE paper (id INTEGER PRIMARY KEY AUTOINCREMENT, name CHAR(512), scan CHAR(512), seal BLOB, "
        "facts TEXT, tags TEXT, story TEXT)"
    )
    db.execute("CREATE TABLE stock (shop CHAR(512), day DATE, count INTEGER, PRIMARY KEY (shop, day))")
    db.execute(
        "INSERT INTO paper (name, facts, tags, story) VALUES ('first', ?, '|red|gr||een|', ?)",
        (json.dumps(ROWS), "x" * 100_000),
    )
    db.executemany(
        "INSERT INTO stock VALUES (?, ?, ?)",
        [(shop, f"2026-01-{day:02}", day) for shop in ("north", "south") for day in range(1, 29)],
    )
    db.commit()
    db.close()
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor, texts={"scope": "shop"})
    made.desk.complete()
    ui = Ui(made, qtbot, path)
    ui.window.show_panel("databases")
    ui.until(lambda: any(one.kind == "table" for one in ui.panel.places.branches))
    return ui


def field(ui, name):
    return ui.details.record.rows[name]


def click(ui, name, what):
    link = getattr(field(ui, name), what)
    assert link.isVisible(), f"{what} of {name}"
    ui.qtbot.mouseClick(link, Qt.MouseButton.LeftButton)


def choose(ui, path):
    """Answers the file dialog that was opened last."""
    dialog = ui.panel.findChildren(QFileDialog)[-1]
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def write(ui):
    ui.panel.commands.write()
    ui.until(lambda: not ui.session.writing)


def test_files_are_replaced_written_and_saved(papers, tmp_path):
    """UI-DB-04, UI-DB-05: chosen, marked, written with the row; opened and saved; the old one removed by the field."""
    ui = papers
    first, second, out = (tmp_path / name for name in ("one.txt", "two.txt", "out.txt"))
    first.write_text("one")
    second.write_text("second")
    ui.open("paper")
    ui.grid.setCurrentIndex(ui.rows.index(0, 1))
    ui.until(lambda: field(ui, "scan").control.placeholderText() == "NULL")
    assert not field(ui, "scan").replace.isVisible(), "editing is off"
    ui.edit_on()
    ui.until(field(ui, "scan").replace.isVisible)
    for name in ("scan", "seal"):
        click(ui, name, "replace")
        choose(ui, first)
    assert field(ui, "scan").control.text() == "one.txt, new"
    ui.session.changes.stack.undo()
    assert field(ui, "seal").control.text() == ""
    ui.session.changes.stack.redo()
    assert ui.session.changes.of(ui.panel.opened.id).values == {
        name: {"file": str(first)} for name in ("scan", "seal")
    }
    write(ui)
    ui.until(lambda: field(ui, "scan").control.text().startswith("one.txt"))
    assert ui.stored("SELECT length(seal) > 0 FROM paper") == [(1,)]
    stored = Path(ui.path).parent.parent / "uploads"
    assert [one.read_text() for one in stored.iterdir()] == ["one"]
    ui.until(field(ui, "seal").save.isVisible)
    click(ui, "seal", "save")
    choose(ui, out)
    ui.until(out.exists)
    assert out.read_text() == "one"
    click(ui, "scan", "link")
    assert ui.opened[-1].endswith(".txt")
    click(ui, "scan", "replace")
    choose(ui, second)
    write(ui)
    ui.until(lambda: field(ui, "scan").control.text().startswith("two.txt"))
    assert [one.read_text() for one in stored.iterdir()] == ["second"]
    click(ui, "scan", "remove")
    write(ui)
    ui.until(lambda: ui.stored("SELECT scan FROM paper") == [(None,)])
    assert not list(stored.iterdir())


def test_a_refused_file_is_told_at_its_field_and_a_changed_one_is_a_conflict(papers, tmp_path):
    """UI-DB-05, OCC-10: nothing is written, the file stays chosen; bytes that another changed ask which count."""
    ui = papers
    bad, good = tmp_path / "a.exe", tmp_path / "a.txt"
    bad.write_bytes(b"MZ")
    good.write_text("mine")
    ui.open("paper")
    ui.edit_on()
    ui.grid.setCurrentIndex(ui.rows.index(0, 1))
    ui.until(field(ui, "scan").replace.isVisible)
    ui.panel.files.take("scan", str(bad))
    write(ui)
    ui.until(field(ui, "scan").fault.isVisible)
    assert field(ui, "scan").control.text() == "a.exe, new"
    ui.panel.discard()
    ui.panel.files.take("seal", str(good))
    db = sqlite3.connect(ui.path)
    db.execute("UPDATE paper SET seal = 'dGhlaXJz'")
    db.commit()
    db.close()
    conflicts = []
    ui.session.conflicted.connect(conflicts.append)
    ui.session.write(False)
    ui.until(lambda: bool(conflicts))
    assert conflicts[0][0]["fields"]["seal"]["theirs"]["bytes"] == 6
    ui.session.settle([{**conflicts[0][0], "sides": {"seal": "mine"}}])
    write(ui)
    ui.until(lambda: ui.stored("SELECT seal FROM paper") == [("bWluZQ==",)])


def test_json_lists_and_long_texts_are_shown_whole(papers):
    """UI-DB-06: JSON as table and tree, lists as trees, a long text cut with Load all; NULL differs from empty."""
    ui = papers
    ui.open("paper")
    ui.details.show_tab("value")
    value = ui.details.value
    ui.grid.setCurrentIndex(ui.rows.index(0, 4))
    ui.until(lambda: value.form() == "table")
    assert value.table.model.rowCount() == 4000
    value.show_form("tree")
    value.tree.field.setText("Lamp 3999")
    ui.until(lambda: value.tree.path.whole() == '[3999]["name"]')
    ui.grid.setCurrentIndex(ui.rows.index(0, 5))
    ui.until(lambda: lines_of(value.tree.tree) == [("0", '"red"', "str"), ("1", '"gr|een"', "str")])
    ui.grid.setCurrentIndex(ui.rows.index(0, 6))
    ui.until(lambda: value.cut_words.whole() == "First 66 kB of 100 kB")
    ui.qtbot.mouseClick(value.load_all, Qt.MouseButton.LeftButton)
    ui.until(lambda: len(value.text.toPlainText().replace("\n", "")) == 100_000)
    ui.grid.setCurrentIndex(ui.rows.index(0, 2))
    ui.until(lambda: value.text.placeholderText() == "NULL")


def test_a_table_with_a_key_of_two_columns(papers):
    """UI-DB-02, UI-DB-05, OCC-10: opened, changed by the whole key, a conflict settled, a row deleted."""
    ui = papers
    ui.open("stock")
    assert ui.panel.row_count() == 56
    ui.edit_on()
    at = next(
        at
        for at in range(56)
        if ui.rows.value(at, "shop") == "south" and ui.rows.value(at, "day") == "2026-01-05"
    )
    ui.grid.setCurrentIndex(ui.rows.index(at, 2))
    ui.until(lambda: field(ui, "count").control.text() == "5")
    ui.rows.set_value(at, "count", "50")
    write(ui)
    ui.until(lambda: ui.stored("SELECT shop, day FROM stock WHERE count = 50") == [("south", "2026-01-05")])
    ui.until(lambda: ui.panel.state() == "rows" and ui.rows.value(at, "count") == "50")
    ui.rows.set_value(at, "count", "51")
    db = sqlite3.connect(ui.path)
    db.execute("UPDATE stock SET count = 99 WHERE count = 50")
    db.commit()
    db.close()
    conflicts = []
    ui.session.conflicted.connect(conflicts.append)
    ui.session.write(False)
    ui.until(lambda: bool(conflicts))
    ui.session.settle([{**conflicts[0][0], "sides": {"count": "mine"}}])
    write(ui)
    ui.until(lambda: ui.stored("SELECT count(*) FROM stock WHERE count = 51") == [(1,)])
    ui.until(lambda: ui.panel.state() == "rows" and ui.rows.value(at, "count") == "51")
    ui.rows.delete_rows([at])
    ui.session.write(False)
    ui.until(lambda: ui.stored("SELECT count(*) FROM stock") == [(55,)])
