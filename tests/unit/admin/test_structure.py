"""The structure of applications, quick open, search, maintenance."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from runtime.admin import bin as site_bin
from runtime.admin import install, maintenance, new_files
from runtime.admin.application_facts import read_facts
from runtime.admin.applications import ApplicationError, list_applications, pack
from runtime.admin.file_search import Wanted, carry_out, find_in_files, plan_replacement, undo
from runtime.admin.quick_open import Index, places_of
from runtime.admin.sources import SourceError
from runtime.admin.structure import Reader
from runtime.foundation.problems import UserError


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def site(tmp_path):
    shop = tmp_path / "applications" / "shop"
    write(shop / "models/db.py",
          "db.define_table('person', Field('name'))\n"
          "db.define_table('thing', Field('owner', 'reference person'), Field('tags', 'list:reference tag'), Field('o', db.person))\n"
          "import os; os.abort()\n")  # fmt: skip
    write(
        shop / "controllers/default.py",
        "def index():\n    return dict()\ndef cart():\n    pass\ndef _helper(x): pass\ndef with_argument(x): pass\n",
    )
    write(shop / "controllers/broken.py", "def index(:\n")
    write(shop / "views/default/index.html", "{{extend 'layout.html'}}\n{{include 'gone.html'}}\n")
    write(shop / "views/layout.html", "{{include}}\n")
    write(shop / "static/css/ä b.css", "body {}\n")
    return tmp_path


def test_ap_07_parts_are_found_without_running_anything(site):
    """AP-07, AP-08: tables, actions and links; what can't be parsed is named with its line."""
    found = Reader().read(site / "applications/shop")
    tables = {symbol.name: symbol for _, symbol in found.tables()}
    assert list(tables) == ["person", "thing"]
    assert tables["thing"].fields == ("owner", "tags", "o")
    assert [(r.field, r.table, r.many) for r in tables["thing"].references] == [
        ("owner", "person", False), ("tags", "tag", True), ("o", "person", False)]  # fmt: skip
    actions = {symbol.name: symbol for _, symbol in found.actions()}
    assert set(actions) == {"index", "cart"} | ({"_helper"} & set(actions))
    assert actions["index"].target == "views/default/index.html"
    assert actions["cart"].broken
    broken = next(entry for entry in found.sections["controllers"] if entry.path.endswith("broken.py"))
    assert "line 1" in broken.problem
    view = next(entry for entry in found.sections["views"] if entry.path.endswith("index.html"))
    assert [(s.kind, s.target, s.broken) for s in view.symbols] == [
        ("extends", "views/layout.html", False), ("includes", "", True)]  # fmt: skip


def test_ap_22_a_second_look_sees_changes(site):
    """AP-22: files that other programs change, add or remove."""
    folder, reader = site / "applications/shop", Reader()
    reader.read(folder)
    path = write(folder / "controllers/default.py", "def other():\n    pass\n")
    os.utime(path, ns=(1, 1))
    (folder / "views/layout.html").unlink()
    found = reader.read(folder)
    assert [symbol.name for _, symbol in found.actions()] == ["other"]
    view = next(entry for entry in found.sections["views"])
    assert view.symbols[0].broken


def test_ap_18_compiled_applications_say_so(tmp_path):
    """AP-18"""
    (tmp_path / "compiled").mkdir()
    assert Reader().read(tmp_path).compiled


def test_ap_09_quick_open_finds_by_a_few_letters(site):
    """AP-09: files, actions and tables; the application looked at comes first."""
    index = Index()
    for info in list_applications(site):
        index.put(info.name, places_of(info, Reader()))
    best = index.find("cart")[0]
    assert (best.kind, best.name, best.line) == ("action", "cart", 3)
    assert index.find("thi")[0].kind == "table"
    assert index.find("shop/dflt")[0].path == "controllers/default.py"
    assert index.find("dflt") == [] or index.find("dflt")[0].path == "controllers/default.py"
    assert index.find("zzzz") == []
    assert index.find("zz") == []
    assert index.find("thing")[0].name == "thing"  # fewer letters after more


def test_ap_10_search_and_replace_with_preview_and_undo(site):
    """AP-10: text, regex, kinds, cancel; a file that changed meanwhile is left alone."""
    folder = site / "applications/shop"
    hits = list(find_in_files([folder], Wanted("DEF INDEX", kind="python")))
    assert [(each.path.name, each.hits[0].line) for each in hits] == [("broken.py", 1), ("default.py", 1)]
    assert hits[0].hits[0].text[hits[0].hits[0].start : hits[0].hits[0].end] == "def index"
    assert not list(find_in_files([folder], Wanted("DEF INDEX", case=True)))
    assert not list(find_in_files([folder], Wanted("index"), cancelled=lambda: True))
    with pytest.raises(UserError, match="wrong at letter 1: missing"):
        list(find_in_files([folder], Wanted("(x", regex=True)))
    paths = [each.path for each in hits]
    changes, left = plan_replacement(paths, Wanted(r"def (index)", regex=True), r"def \1_page")
    assert [(each.path.name, each.count) for each in changes] == [("broken.py", 1), ("default.py", 1)]
    assert left == []
    write(folder / "controllers/broken.py", "changed meanwhile\n")
    done, left = carry_out(changes)
    assert [each.path.name for each in done] == ["default.py"]
    assert "broken.py was changed on disk" in left[0]
    assert "def index_page" in (folder / "controllers/default.py").read_text()
    assert undo(done) == []
    assert "def index()" in (folder / "controllers/default.py").read_text()
    with pytest.raises(UserError, match="replacement is wrong"):
        plan_replacement([folder / "controllers/default.py"], Wanted("index", regex=True), r"\9")


def test_ap_10_undo_leaves_what_was_changed_since(site):
    """AP-10: what others wrote stays and is named; the same text under another number comes back (network folders)."""
    folder = site / "applications/shop/controllers"
    names = ("default.py", "broken.py")
    changes, _ = plan_replacement([folder / name for name in names], Wanted("index"), "page")
    done, _ = carry_out(changes)
    again = write(folder / "again", (folder / "default.py").read_text())
    again.replace(folder / "default.py")
    write(folder / "broken.py", "changed since\n")
    assert undo(done) == ["broken.py was changed meanwhile and stays as it is."]
    assert "def index" in (folder / "default.py").read_text()
    assert (folder / "broken.py").read_text() == "changed since\n"


def test_ap_01_facts_of_an_application(site):
    """AP-01: does not load with the reason; sizes, strings left."""
    write(site / "applications/shop/languages/it.py", "{'a': 'a', 'b': 'due'}\n")
    write(site / "applications/shop/models/x.py", "x = (\n")
    facts = read_facts(list_applications(site)[0])
    assert "x.py, line 1" in facts.fault
    assert facts.untranslated == 1
    assert facts.errors == 0
    assert facts.files == 9 or facts.files > 6
    assert time.time() - facts.changed < 3600


def test_ap_06_uninstalled_applications_come_back_from_the_bin(site):
    """AP-06: 30 days, then gone; something in the way is named."""
    thrown = maintenance.uninstall(site, "shop")
    assert list_applications(site) == []
    assert [each.path for each in site_bin.contents(site)] == ["applications/shop"]
    write(site / "applications/shop/x", "")
    with pytest.raises(site_bin.BinError, match="something of that name"):
        site_bin.put_back(site, thrown)
    (site / "applications/shop/x").unlink()
    (site / "applications/shop").rmdir()
    site_bin.put_back(site, thrown)
    assert [info.name for info in list_applications(site)] == ["shop"]
    assert site_bin.contents(site) == []
    maintenance.uninstall(site, "shop")
    assert site_bin.empty(site, now=time.time() + 29 * 86400) == 0
    assert site_bin.empty(site, now=time.time() + 31 * 86400) == 1
    with pytest.raises(site_bin.BinError, match="not below"):
        site_bin.throw_away(site, Path("/etc/hostname"))


def test_ap_06_rename_duplicate_and_clean(site):
    """AP-06: sessions, errors and cache apart; a copy has neither."""
    shop = site / "applications/shop"
    write(shop / "sessions/ab/s1", "x")
    write(shop / "cache/c1", "yy")
    write(shop / "databases/storage.sqlite", "data")
    assert maintenance.has_databases(site, "shop")
    assert [(each.part, each.files, each.size) for each in maintenance.leftovers(site, "shop")] == [
        ("errors", 0, 0), ("sessions", 1, 1), ("cache", 1, 2)]  # fmt: skip
    maintenance.duplicate(site, "shop", "copy", with_data=False)
    assert not (site / "applications/copy/databases/storage.sqlite").exists()
    assert not (site / "applications/copy/sessions/ab").exists()
    assert (site / "applications/copy/static/css/ä b.css").exists()
    assert maintenance.clean(site, "shop", ("sessions",)) == 1
    assert (shop / "cache/c1").exists()
    with pytest.raises(ApplicationError, match="can't be cleaned"):
        maintenance.clean(site, "shop", ("databases",))
    with pytest.raises(ApplicationError, match="already something"):
        maintenance.rename(site, "shop", "copy")
    maintenance.rename(site, "shop", "shop2")
    assert [info.name for info in list_applications(site)] == ["copy", "shop2"]
    with pytest.raises(ApplicationError, match="canceled"):
        maintenance.duplicate(site, "copy", "copy2", cancelled=lambda: True)
    assert not (site / "applications/copy2").exists()
    (site / "applications/copy/static/out").symlink_to("/etc")
    with pytest.raises(ApplicationError, match="leads out"):
        maintenance.duplicate(site, "copy", "copy2")


def test_ap_04_install_shows_first_and_overwriting_keeps_a_copy(site, tmp_path):
    """AP-04: pack, folder; what would be overwritten is counted, the former one is in the bin."""
    target = tmp_path / "web2py.app.shop.w2p"
    pack(site, "shop", target)
    candidate = install.look_at(site, str(target))
    assert candidate.name == "shop"
    assert "controllers/default.py" in [entry.path for entry in candidate.entries]
    (site / "applications/shop/controllers/default.py").write_text("changed by me\n")
    write(site / "applications/shop/static/mine.txt", "")
    added, changed, removed = install.differences(site, candidate, "shop")
    assert (added, changed) == (0, 1)
    assert removed >= 1
    with pytest.raises(ApplicationError, match="already something"):
        install.install(site, candidate, "shop")
    _info, old = install.install(site, candidate, "shop", overwrite=True)
    assert "def index" in (site / "applications/shop/controllers/default.py").read_text()
    assert old is not None
    assert (
        site_bin.bin_folder(site) / old.id / "content/controllers/default.py"
    ).read_text() == "changed by me\n"
    folder = install.look_at(site, str(site / "applications/shop"))
    install.install(site, folder, "second")
    assert (site / "applications/second/models/db.py").exists()
    with pytest.raises(ApplicationError, match="no file or folder"):
        install.look_at(site, "/nowhere/at/all")
    with pytest.raises(ApplicationError, match="no application"):
        install.look_at(site, str(tmp_path / "applications/shop/static"))
    assert not [name for name in os.listdir(site / "deposit") if name.startswith("install-")]


def test_ap_04_git_repositories_and_addresses(site, tmp_path):
    """AP-04: cloned or fetched into the deposit first; what fails leaves nothing."""
    import http.server
    import threading

    target = tmp_path / "shop.w2p"
    pack(site, "shop", target)
    data = target.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/shop.w2p" else 404)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        base = f"http://127.0.0.1:{server.server_port}"
        candidate = install.look_at(site, f"{base}/shop.w2p")
        assert candidate.kind == "address"
        install.install(site, candidate, "fetched")
        install.drop(candidate)
        with pytest.raises(ApplicationError, match="can't be fetched"):
            install.look_at(site, f"{base}/other.w2p")
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
    assert (site / "applications/fetched/controllers/default.py").exists()
    assert not [name for name in os.listdir(site / "deposit") if name.startswith("install-")]


@pytest.mark.parametrize(("section", "name", "path"), [
    ("controllers", "shop", "controllers/shop.py"), ("views", "shop/list", "views/shop/list.html"),
    ("static", "css/my file.css", "static/css/my file.css"), ("modules", "tools", "modules/tools.py")])  # fmt: skip
def test_ap_17_new_files_begin_as_their_kind(site, section, name, path):
    """AP-17"""
    folder = site / "applications/shop"
    made = new_files.create_file(folder, section, name)
    assert made == (folder / path).resolve()
    with pytest.raises(SourceError, match="already something"):
        new_files.create_file(folder, section, name)


@pytest.mark.parametrize("name", ["../x", "a/../../b", "", "a\x00b", "x?y", "my controller"])
def test_ap_17_names_that_files_can_not_have(site, name):
    """AP-17: nothing is written outside of the section."""
    with pytest.raises(UserError):
        new_files.create_file(site / "applications/shop", "controllers", name)


def test_ap_17_rename_copy_and_drop(site, tmp_path):
    """AP-17: within the section; a file that is there already is left out."""
    folder = site / "applications/shop"
    path = new_files.rename_file(folder, folder / "controllers/default.py", "start")
    assert path.name == "start.py"
    new_files.duplicate_file(folder, path, "start2")
    assert (folder / "controllers/start2.py").read_text() == path.read_text()
    source = write(tmp_path / "new.css", "x")
    done, left = new_files.take_in(folder, "static", [source, source, tmp_path])
    assert [each.name for each in done] == ["new.css"]
    assert len(left) == 2


def test_ap_06_compile_and_go_back_to_the_sources(site):
    """AP-06: mistakes are named; without sources nothing is removed."""
    shop = site / "applications/shop"
    with pytest.raises(UserError, match=r"broken\.py"):
        maintenance.compile_sources(site, "shop")
    (shop / "controllers/broken.py").unlink()
    (shop / "views/default/index.html").unlink()
    assert maintenance.compile_sources(site, "shop")
    maintenance.remove_compiled(site, "shop")
    assert not (shop / "compiled").exists()
    assert [each.path for each in site_bin.contents(site)] == ["applications/shop/compiled"]
