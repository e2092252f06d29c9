"""The first look at a folder of applications: what it finds, and that it leaves no trace (UI-ST-07)."""

from __future__ import annotations

import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from pydal import DAL

import resources
from runtime.admin.inspector import InspectorProblem
from runtime.admin.load_checks import kept_file, read_kept
from runtime.admin.site_look import (
    AppLook,
    SiteLook,
    keep_look,
    look,
    look_file,
    look_site,
    look_text,
    read_look,
)
from runtime.foundation.problems import UserError
from tests.services import ENGINES, empty_database

DATA = "db = DAL('sqlite://storage.sqlite')\ndb.define_table('thing', Field('name'))\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site" / "applications").mkdir(parents=True)
    return tmp_path / "site"


def make(site: Path, name: str, model: str = "") -> Path:
    folder = site / "applications" / name
    for part in ("models", "controllers", "databases", "languages", "modules", "private"):
        (folder / part).mkdir(parents=True)
    (folder / "models" / "db.py").write_text(model)
    (folder / "controllers" / "default.py").write_text("def index(): return ''\n")
    return folder


def state_of(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file with size, time and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.stat()
        found[str(path)] = (info.st_size, info.st_mtime_ns, path.read_bytes() if path.is_file() else b"")
    return found


def by_name(found: SiteLook) -> dict[str, AppLook]:
    return {each.name: each for each in found.applications}


def test_st_07_tells_what_loads_and_what_needs_attention(site):
    """ST-07: databases, tables, languages; file and line of what is wrong; what is off or compiled."""
    shop = make(site, "shop", DATA)
    (shop / "languages" / "it.py").write_text("{}")
    (shop / "languages" / "default.py").write_text("{}")
    make(site, "oldbook", "x = 1\nimport no_such_module\n")
    (make(site, "closed") / "DISABLED").write_text("")
    asked = []
    found = look(site, lambda *told: asked.append(told))
    apps = by_name(found)
    assert (apps["shop"].state, apps["shop"].words) == ("loads", "1 database, 1 table, 1 language")
    assert apps["oldbook"].state == "needs attention"
    assert (apps["oldbook"].file, apps["oldbook"].line) == ("models/db.py", 2)
    assert "no_such_module" in apps["oldbook"].words
    assert apps["closed"].state == "off"
    assert found.summary() == "3 applications found, 1 loads, 1 needs attention, 1 off"
    assert asked == [(0, 3, "closed"), (1, 3, "oldbook"), (2, 3, "shop")]


WRITERS = {
    "private file": "open(os.path.join(request.folder, 'private', 'count.txt'), 'w').write('1')\n",
    "new folder": "os.makedirs(os.path.join(request.folder, 'uploads', 'x'))\n",
    "removed": "os.remove(os.path.join(request.folder, 'private', 'keep.txt'))\n",
    "through os": "os.open(os.path.join(request.folder, 'private', 'a'), os.O_CREAT | os.O_WRONLY)\n",
    "key of auth": "from gluon.tools import Auth\nAuth.get_or_create_key()\n",
    "row": "db.thing.insert(name='x')\ndb.commit()\n",
    "statement": "db.executesql('create table other (a)')\ndb.commit()\n",
    "whole folder": "import shutil\nshutil.rmtree(os.path.join(request.folder, 'private'))\n",
    "beside a folder": "os.remove('keep.txt', dir_fd=os.open(request.folder + 'private', os.O_RDONLY))\n",
    "times": "os.utime(os.path.join(request.folder, 'private', 'keep.txt'), (1, 1))\n",
    "let write": "db.executesql('pragma query_only = off')\ndb.thing.insert(name='x')\ndb.commit()\n",
    "its own sqlite": "import sqlite3\nsqlite3.connect(request.folder + 'private/own.sqlite')\n",
}


@pytest.mark.parametrize("how", WRITERS)
def test_st_07_writes_nowhere_whatever_models_do(site, how):
    """ST-07: files, folders and rows stay as they are; whether it loads is left open, and says why."""
    folder = make(site, "shop", f"import os\n{DATA}{WRITERS[how]}")
    (folder / "private" / "keep.txt").write_text("kept")
    db = sqlite3.connect(folder / "databases" / "storage.sqlite")
    db.execute("create table thing (id integer primary key, name text)")
    db.commit()
    db.close()
    before = state_of(site)
    (app,) = look(site).applications
    assert state_of(site) == before
    assert app.state == "can't be told"
    assert app.file == "models/db.py"
    assert "The models write" in app.words


def test_st_07_a_database_with_a_journal_beside_it_is_read_without_one(site):
    """ST-07: reading a file in WAL mode, or asking for that mode, leaves neither files nor another mode."""
    for name, mode in (("wal", "wal"), ("asks", "delete")):
        asking = "db.executesql('pragma journal_mode = wal')\n" if name == "asks" else ""
        folder = make(site, name, f"{DATA}{asking}assert db(db.thing).count() == 1\n")
        db = sqlite3.connect(folder / "databases" / "storage.sqlite")
        db.execute(f"pragma journal_mode = {mode}")
        db.execute("create table thing (id integer primary key, name text)")
        db.execute("insert into thing (name) values ('x')")
        db.commit()
        db.close()
    before = state_of(site)
    assert [app.state for app in look(site).applications] == ["can't be told", "loads"]
    assert state_of(site) == before


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_st_07_servers_of_databases_are_only_read(site, engine):
    """ST-07: what models write and commit by themselves is refused by the server of the database."""
    with empty_database(engine) as address:
        table = f"db = DAL({address!r})\ndb.define_table('thing', Field('name'), migrate=False)\n"
        db = DAL(address, folder=str(site))
        db.executesql("create table thing (id integer primary key, name varchar(20))")
        db.executesql("insert into thing (id, name) values (1, 'x')")
        db.commit()
        make(site, "reads", f"{table}assert db(db.thing).count() == 1\n")
        make(site, "writes", f"{table}db.executesql(\"insert into thing values (2, 'y')\")\ndb.commit()\n")
        try:
            assert [app.state for app in look(site).applications] == ["loads", "can't be told"]
            assert [row[0] for row in db.executesql("select id from thing")] == [1]
        finally:
            db.close()


def test_st_07_writing_elsewhere_is_no_concern(site, tmp_path):
    make(site, "shop", f"open({str(tmp_path / 'elsewhere.txt')!r}, 'w').close()\n")
    assert look(site).applications[0].state == "loads"


def test_st_07_our_own_applications_load_untouched(site):
    """ST-07: the scaffolding has accounts, mail, languages and modules; nothing appears beside them."""
    for name in ("welcome", "admin"):
        shutil.copytree(
            resources.ROOT / "applications" / name,
            site / "applications" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    before = state_of(site)
    apps = by_name(look(site))
    assert {name: app.state for name, app in apps.items()} == {"admin": "loads", "welcome": "loads"}, apps
    assert state_of(site) == before


def test_a_look_can_be_called_off(site):
    make(site, "shop", "while True: pass\n")
    with pytest.raises(InspectorProblem) as caught:
        look(site, cancelled=lambda: True)
    assert caught.value.kind == "cancelled"


def test_st_07_the_report_is_kept_outside_of_the_folder(site, tmp_path):
    """ST-07: read again at once; the list of applications knows what was checked."""
    make(site, "shop", DATA)
    make(site, "oldbook", "1 / 0\n")
    found = look(site)
    data = tmp_path / "data"
    before = state_of(site)
    keep_look(data, found)
    assert state_of(site) == before
    kept = read_look(data, site)
    assert kept is not None
    assert kept.applications == found.applications
    assert set(read_kept(kept_file(data, site))) == {"shop", "oldbook"}
    assert "oldbook  needs attention" in look_text(kept)
    look_file(data, site).write_text("{")
    assert read_look(data, site) is None


@pytest.mark.parametrize("below", ["", "applications", "applications/shop"])
def test_the_folder_that_a_person_means(site, below):
    """ST-07: the folder of applications, or of one of them, stands for the site."""
    make(site, "shop")
    assert look_site(site / below) == site


def test_a_folder_without_applications_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no folder applications"):
        look_site(tmp_path)
    with pytest.raises(UserError, match="does not exist"):
        look_site(tmp_path / "nothing")


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="links need rights there")
def test_st_07_a_site_behind_a_link_is_kept_too(site, tmp_path):
    folder = make(site, "shop", WRITERS["private file"].join(["import os\n", ""]))
    (tmp_path / "link").symlink_to(site)
    before = state_of(site)
    assert look(tmp_path / "link").applications[0].state == "can't be told"
    assert state_of(site) == before
    assert folder.is_dir()
