"""Files in columns: replaced, kept or removed as the field says, downloaded, in one transaction (UI-DB-04, UI-DB-05)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runtime.admin.inspector import InspectorProblem

MODEL = """
import os
db = DAL("sqlite://storage.sqlite")
db.define_table("paper",
    Field("name", requires=IS_NOT_EMPTY()),
    Field("scan", "upload", autodelete=True, requires=IS_EMPTY_OR(IS_UPLOAD_FILENAME(extension="^(pdf|txt)$"))),
    Field("kept", "upload", uploadfolder=os.path.join(request.folder, "private", "kept"), uploadseparate=True),
    Field("photo", "upload", uploadfield="photo_data"),
    Field("photo_data", "blob"),
    Field("seal", "blob"))
"""
PLACE = {"database": "db", "table": "paper"}


@pytest.fixture
def papers(application, site):
    """An inspector, a function that writes changes, and one that reads the row."""
    inspector = application(MODEL)
    path = site / "applications" / "shop" / "databases" / "storage.sqlite"
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(
        "CREATE TABLE paper (id INTEGER PRIMARY KEY AUTOINCREMENT, name CHAR(512), scan CHAR(512), kept CHAR(512), "
        "photo CHAR(512), photo_data BLOB, seal BLOB)"
    )
    db.execute("INSERT INTO paper (name) VALUES ('first')")
    db.row_factory = sqlite3.Row

    def write(*changes, **options):
        given = [{"do": "update", "key": [1], "old": {}, **change} for change in changes]
        return inspector.ask("write", changes=given, **PLACE, **options)

    yield (
        inspector,
        write,
        lambda at=1: dict(db.execute("SELECT * FROM paper WHERE id = ?", (at,)).fetchone()),
    )
    db.close()


def record(inspector, at=1):
    return inspector.ask("record", key=[at], **PLACE)["fields"]


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_an_upload_is_replaced_and_the_old_file_goes_where_the_field_says_so(papers, site, tmp_path):
    """UI-DB-05: stored under the field's rules with the name it had; with `autodelete` the old one goes, else it stays."""
    inspector, write, row = papers
    uploads, kept = (site / "applications" / "shop" / part for part in ("uploads", "private/kept"))
    for at, words in enumerate(("one", "two")):
        path = tmp_path / f"Bericht_ù_{at}.txt"
        path.write_text(words)
        values = {"scan": {"file": str(path)}, "kept": {"file": str(path)}}
        assert write({"values": values})["written"] == 1
        facts = record(inspector)
        assert (facts["scan"]["filename"], facts["scan"]["size"], facts["scan"]["stored"]) == (
            path.name,
            3,
            True,
        )
        assert Path(facts["scan"]["path"]).read_text() == Path(facts["kept"]["path"]).read_text() == words
    assert len(files_below(uploads)) == 1, "the old one is removed"
    assert len(files_below(kept)) == 2, "no autodelete: it stays"
    assert Path(facts["kept"]["path"]).parent.parent.name == "paper.kept", "in a folder of its own"
    assert write({"values": {"scan": None, "kept": None}})["written"] == 1
    assert row()["scan"] is None
    assert (len(files_below(uploads)), len(files_below(kept))) == (0, 2)


def test_files_are_written_with_the_row_or_not_at_all(papers, site, tmp_path):
    """UI-DB-05: a refused change leaves the old file and no new one; a dry run stores nothing."""
    _inspector, write, row = papers
    uploads = site / "applications" / "shop" / "uploads"
    path = tmp_path / "a.txt"
    path.write_text("one")
    write({"values": {"scan": {"file": str(path)}}})
    before, stored = files_below(uploads), row()["scan"]
    answer = write({"values": {"scan": {"file": str(path)}}}, {"do": "insert", "values": {"name": ""}})
    assert answer["errors"][0]["place"] == 1
    assert (files_below(uploads), row()["scan"]) == (before, stored)
    conflict = write(
        {"values": {"scan": {"file": str(path)}}}, {"values": {"name": "x"}, "old": {"name": "other"}}
    )
    assert conflict["conflicts"]
    assert files_below(uploads) == before
    assert write({"values": {"scan": {"file": str(path)}}}, dry=True)["written"] == 0
    assert files_below(uploads) == before
    assert write({"do": "delete"})["written"] == 1
    assert files_below(uploads) == set(), "deleted with its record"


def test_validators_see_the_file(papers, tmp_path):
    """UI-DB-05: with the model's validators; what can't be read is told at the field."""
    _, write, row = papers
    bad = tmp_path / "a.exe"
    bad.write_bytes(b"MZ")
    answer = write({"values": {"scan": {"file": str(bad)}}})
    assert (answer["errors"][0]["field"], answer["written"]) == ("scan", 0)
    answer = write({"values": {"seal": {"file": str(tmp_path / "none")}}})
    assert "can't be read" in answer["errors"][0]["message"]
    answer = write({"values": {"name": {"file": str(bad)}}})
    assert answer["errors"][0]["message"] == "This column holds no file."
    assert row()["seal"] is None


def test_bytes_and_uploads_kept_in_a_column(papers, tmp_path):
    """UI-DB-05, OCC-10: a blob is replaced; one that someone else changed is a conflict, also of the same length."""
    inspector, write, row = papers
    path = tmp_path / "seal.png"
    path.write_bytes(bytes(range(256)))
    assert write({"values": {"seal": {"file": str(path)}, "photo": {"file": str(path)}}})["written"] == 1
    facts = record(inspector)
    read = facts["seal"]["value"]
    assert read["bytes"] == 256
    assert facts["photo"] == {"value": row()["photo"], "path": "", "filename": "seal.png", "stored": True}
    path.write_bytes(b"x" * 256)
    assert write({"values": {"seal": {"file": str(path)}}, "old": {"seal": read}})["written"] == 1
    again = write({"values": {"seal": {"file": str(path)}}, "old": {"seal": read}})
    fields = again["conflicts"][0]["fields"]["seal"]
    assert fields["theirs"] == record(inspector)["seal"]["value"]
    assert write({"values": {"seal": None}, "old": {"seal": fields["theirs"]}})["written"] == 1, (
        "it can be settled"
    )
    assert row()["seal"] is None
    assert write({"values": {"photo": None}})["written"] == 1
    assert row()["photo_data"] is None


@pytest.mark.parametrize("field", ["scan", "kept", "photo", "seal"])
def test_a_file_is_downloaded_whole(papers, tmp_path, field):
    """UI-DB-04: from a folder, from a column; the target is replaced in one step."""
    inspector, write, _ = papers
    source, target = tmp_path / "in.txt", tmp_path / "out.bin"
    source.write_bytes(bytes(range(256)) * 500)
    target.write_text("before")
    write({"values": {field: {"file": str(source)}}})
    answer = inspector.ask("save_file", key=[1], field=field, path=str(target), **PLACE)
    assert (answer["size"], target.read_bytes()) == (128_000, source.read_bytes())
    with pytest.raises(InspectorProblem, match="can't be written"):
        inspector.ask("save_file", key=[1], field=field, path=str(tmp_path / "no" / "x"), **PLACE)


def test_what_is_not_there_can_not_be_downloaded(papers, site, tmp_path):
    """Bad input: no file, a file that was removed, a column without files, a name that leads outside."""
    inspector, write, _ = papers
    ask = {"path": str(tmp_path / "out"), **PLACE}
    for field, words in (("scan", "no file in this record"), ("name", "There is no file in the column")):
        with pytest.raises(InspectorProblem, match=words):
            inspector.ask("save_file", key=[1], field=field, **ask)
    path = tmp_path / "a.txt"
    path.write_text("x")
    write({"values": {"scan": {"file": str(path)}}})
    for one in (site / "applications" / "shop" / "uploads").iterdir():
        one.unlink()
    with pytest.raises(InspectorProblem, match=r"a\.txt is not there"):
        inspector.ask("save_file", key=[1], field="scan", **ask)
    assert record(inspector)["scan"]["stored"] is False
    write({"values": {"scan": "../../models/db.py"}})
    with pytest.raises(InspectorProblem, match="is not there"):
        inspector.ask("save_file", key=[1], field="scan", **ask)


def test_an_import_lets_files_go_with_its_commit_only(papers, site, tmp_path):
    """UI-DB-09, UI-DB-05: a dry run and a refused file keep what the rows have; a written one tidies up."""
    inspector, write, row = papers
    uploads = site / "applications" / "shop" / "uploads"
    path = tmp_path / "a.txt"
    path.write_text("one")
    write({"values": {"scan": {"file": str(path)}}})
    stored = row()["scan"]
    table = tmp_path / "rows.csv"
    take = {"path": str(table), "fields": ["id", "name", "scan"], "existing": "update", **PLACE}
    table.write_text("id,name,scan\n1,second,\n")
    assert inspector.ask("import", dry=True, **take)["updated"] == 1
    assert files_below(uploads) == {stored}
    table.write_text("id,name,scan\n1,second,\n,,\n")
    assert inspector.ask("import", dry=False, **take)["faults"]
    assert files_below(uploads) == {stored}
    assert row()["scan"] == stored
    table.write_text("id,name,scan\n1,second,\n")
    assert inspector.ask("import", dry=False, **take)["written"] is True
    assert not row()["scan"]
    assert files_below(uploads) == set()
