"""Files that changed records leave behind go with the commit, and only then (FLOW-09, FLOW-11)."""

from __future__ import annotations

import io

import pytest

from runtime import dal
from runtime.dal import DAL, Field
from runtime.forms import SQLFORM
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from tests.services import ENGINES, empty_database


class Papers:
    """A table with files, and the folder they lie in."""

    def __init__(self, uri, folder):
        self.uri, self.folder = uri, folder
        self.uploads = folder / "uploads"
        self.uploads.mkdir()
        self.gone = []

    def open(self):
        db = DAL(self.uri, folder=str(self.folder / "databases"))
        db.define_table("log", Field("text"))
        db.define_table(
            "paper", Field("name", unique=True, length=50), Field("scan", "upload", autodelete=True),
            Field("kept", "upload"), Field("apart", "upload", autodelete=True, uploadseparate=True),
            Field("own", "upload", autodelete=True, custom_delete=lambda name: self.delete(db, name)),
        )  # fmt: skip
        return db

    def delete(self, db, name):
        self.gone.append(name)
        db.log.insert(text=f"removed {name}")

    def insert(self, db, name):
        file = {
            field: db.paper[field].store(io.BytesIO(b"x"), f"{name}.txt")
            for field in ("scan", "kept", "apart")
        }
        db.paper.insert(name=name, own="own.txt", **file)
        return file["scan"]

    def files(self):
        return sum(path.is_file() for path in self.uploads.rglob("*"))


@pytest.fixture(params=ENGINES)
def papers(request, tmp_path):
    (tmp_path / "databases").mkdir()
    with empty_database(request.param) as uri:
        made = Papers(uri, tmp_path)
        yield made
        dal.finish(commit=False)


@pytest.mark.parametrize("framed", [True, False])
def test_a_deletion(papers, framed):
    """FLOW-11: what is undone keeps its files; what is committed leaves none where the field says so."""
    for commit in (False, True):
        if framed:
            dal.begin_request()
        db = papers.open()
        if not commit:
            papers.insert(db, "first")
            db.commit()
        db(db.paper).delete()
        assert papers.files() == 3
        assert papers.gone == []
        if framed:
            dal.finish(commit=commit)
        else:
            (db.commit if commit else db.rollback)()
            db.close()
        assert papers.files() == (1 if commit else 3)
    assert papers.gone == ["own.txt"]
    db = papers.open()
    assert [row.text for row in db(db.log).select()] == ["removed own.txt"], "what it writes is committed too"
    db.close()


def test_a_change(papers):
    """FLOW-09: the same name keeps the file, another one or none lets it go, other fields do not matter."""
    db = papers.open()
    scan = papers.insert(db, "first")
    db.commit()
    db(db.paper).update(name="second", scan=scan)
    db.commit()
    assert papers.files() == 3
    db(db.paper).update(scan=None)
    db.rollback()
    assert papers.files() == 3
    db(db.paper).select().first().update_record(scan=None, apart=None)
    assert papers.files() == 3
    db.commit()
    assert papers.files() == 1
    db.close()


def test_a_refused_form_keeps_the_file(papers):
    """SEC-03: what is undone to a savepoint lets no file go, though the transaction is committed."""
    db = papers.open()
    papers.insert(db, "first")
    papers.insert(db, "second")
    db.commit()
    current._begin()
    form = SQLFORM(db.paper, 1)

    def take(form):
        form.vars.name, form.vars.scan = "second", None

    db.paper.name.requires = None
    assert not form.accepts(Storage(id="1", name="x"), formname=None, onvalidation=take)
    assert "name" in form.errors
    db.commit()
    assert papers.files() == 6
    db.close()
    current._begin()


def test_a_made_up_name_leads_nowhere_else(papers, tmp_path):
    """SEC-03: a name out of an imported file removes nothing outside of the folder of uploads."""
    victim = tmp_path / "victim.txt"
    victim.write_text("x")
    db = papers.open()
    for at, name in enumerate(("../victim.txt", str(victim), "../uploads/../victim.txt")):
        db.paper.insert(name=str(at), scan=name)
    db.commit()
    db(db.paper).delete()
    db.commit()
    assert victim.exists()
    db.close()


def test_a_file_that_can_not_be_removed_is_no_failure(papers):
    """FLOW-11: the records are written: the request goes on, and the other files go."""
    db = papers.open()
    papers.insert(db, "first")
    db.paper.own.custom_delete = lambda name: 1 / 0
    db.commit()
    db(db.paper).delete()
    db.commit()
    assert papers.files() == 1
    assert db(db.paper).isempty()
    db.close()


def test_held_commits_remove_nothing(papers):
    """TEST-02: tests whose changes are undone leave the files."""
    db = papers.open()
    papers.insert(db, "first")
    db.commit()
    with dal.commits_held():
        db(db.paper).delete()
        db.commit()
    assert papers.files() == 3
    assert db(db.paper).count() == 1
    db.close()
