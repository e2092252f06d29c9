"""PACK, START, APPDIR: site folders, packs, applications."""

from __future__ import annotations

import io
import os
import re
import tarfile
import time

import pytest

from runtime.admin import pack_reading
from runtime.admin.applications import (
    ApplicationError,
    create_application,
    install_pack,
    list_applications,
    pack,
    remove_application,
    set_enabled,
)
from runtime.admin.pack_reading import PackError
from runtime.admin.packs import inspect_pack, read_pack
from runtime.admin.site import SiteError, prepare, site_root


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    prepare(folder)
    return folder


def test_start_01_folders(site):
    """START-01, APPDIR-01."""
    assert (site / "applications").is_dir()
    assert (site / "deposit").is_dir()
    for name in ("models", "controllers", "views", "languages", "static", "modules", "private", "cron", "cache",
                 "databases", "errors", "sessions", "uploads", "tests"):  # fmt: skip
        assert (site / "applications" / "welcome" / name).is_dir()
    for name in ("__init__.py", "ABOUT", "LICENSE", "README"):
        assert (site / "applications" / "welcome" / name).is_file()


def test_start_02_pack_01_welcome_pack(site):
    """START-02, PACK-01."""
    with tarfile.open(site / "welcome.w2p", "r:gz") as tar:
        assert "models/db.py" in tar.getnames()


def test_start_03_newinstall(site):
    """START-03, AMB-27."""
    old = time.time() - 100
    os.utime(site / "welcome.w2p", (old, old))
    assert not prepare(site).packed
    (site / "NEWINSTALL").touch()
    assert prepare(site).packed
    assert not (site / "NEWINSTALL").exists()
    assert (site / "welcome.w2p").stat().st_mtime > old + 50


def test_an_existing_site_is_left_as_it_is(tmp_path):
    """An existing folder gets no application of ours."""
    (tmp_path / "applications" / "mine" / "controllers").mkdir(parents=True)
    prepare(tmp_path)
    assert [info.name for info in list_applications(tmp_path)] == ["mine"]


def test_pack_02_fresh_secrets(site):
    """PACK-02."""
    one = create_application(site, "one")
    two = create_application(site, "two")
    texts = [(info.folder / "private" / "appconfig.ini").read_text() for info in (one, two)]
    assert texts[0] != texts[1]
    assert "<fresh secret>" not in texts[0]


def test_pack_03_round_trip(site):
    """PACK-03, APPDIR-09: packing leaves out what a run left behind; databases by choice."""
    app = site / "applications" / "welcome"
    for name in ("sessions/s", "errors/e.json", "cache/c", "databases/storage.sqlite", "uploads/u"):
        (app / name).write_text("x")
    names = {entry.path for entry in pack(site, "welcome", site / "a.w2p")}
    assert "controllers/default.py" in names
    assert not any(
        name.split("/")[0] in ("sessions", "errors", "cache", "databases", "uploads") for name in names
    )
    with_data = {entry.path for entry in pack(site, "welcome", site / "b.w2p", with_data=True)}
    assert "databases/storage.sqlite" in with_data
    assert "sessions/s" not in with_data
    info = install_pack(site, "copy", site / "a.w2p")
    assert (info.folder / "views" / "layout.html").read_bytes() == (
        app / "views" / "layout.html"
    ).read_bytes()
    assert (info.folder / "sessions").is_dir()


def _pack_of(path, *members):
    with tarfile.open(path, "w:gz") as tar:
        for name, kind in members:
            info = tarfile.TarInfo(name)
            if kind == "link":
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                tar.addfile(info)
            elif kind == "device":
                info.type = tarfile.CHRTYPE
                tar.addfile(info)
            else:
                info.size = 1
                tar.addfile(info, io.BytesIO(b"x"))
    return path


@pytest.mark.parametrize(
    "members",
    [
        [("../evil.py", "file")],
        [("controllers/../../evil.py", "file")],
        [("/etc/evil", "file")],
        [("a\\..\\evil", "file")],
        [("c:evil", "file")],
        [("x", "link")],
        [("x", "device")],
        [("a.py", "file"), ("a.py", "file")],
        [("a.py", "file"), ("A.py", "file")],
        [("a/x.py", "file"), ("A/y.py", "file")],
        [("a", "file"), ("a/x.py", "file")],
        [("a" * 250, "file")],
        [("/".join("a" * 50), "file")],
        [("a\nb", "file")],
    ],
)
def test_hostile_packs_write_nothing(site, members):
    """PACK-03, SEC-03."""
    before = sorted(str(p) for p in site.rglob("*"))
    hostile = _pack_of(site.parent / "hostile.w2p", ("controllers/default.py", "file"), *members)
    with pytest.raises(PackError):
        install_pack(site, "evil", hostile)
    with pytest.raises(PackError):
        read_pack(hostile)
    assert sorted(str(p) for p in site.rglob("*")) == before


def test_broken_pack(site, tmp_path):
    """PACK-03: cut in the middle."""
    whole = (site / "welcome.w2p").read_bytes()
    (tmp_path / "cut.w2p").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PackError, match=r"cut\.w2p"):
        install_pack(site, "cut", tmp_path / "cut.w2p")
    assert not (site / "applications" / "cut").exists()


@pytest.mark.parametrize(
    "name", ["", "1st", "a b", "a/b", "..", "welcome", "WELCOME", "x" * 65, "é", "gluon"]
)
def test_names_that_are_refused(site, name):
    """APPDIR-09: with the reason."""
    with pytest.raises(ApplicationError, match="can not be created"):
        create_application(site, name)


def test_turn_off_and_remove(site):
    """PACK-03: nothing is destroyed."""
    set_enabled(site, "welcome", False)
    assert {info.name: info.state for info in list_applications(site)}["welcome"] == "off"
    set_enabled(site, "welcome", True)
    kept = remove_application(site, "welcome")
    assert (kept / "controllers" / "default.py").is_file()
    assert "welcome" not in [info.name for info in list_applications(site)]
    with pytest.raises(ApplicationError):
        remove_application(site, "welcome")
    with pytest.raises(ApplicationError):
        remove_application(site, "../deposit")


def test_folders_that_can_not_serve(tmp_path):
    """START-05: each with its kind and a sentence that says what to do."""
    with pytest.raises(SiteError, match="does not exist") as missing:
        prepare(tmp_path / "none")
    assert missing.value.kind == "folder_missing"
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("x")
    with pytest.raises(SiteError, match="no applications folder") as full:
        prepare(tmp_path / "full")
    assert full.value.kind == "no_applications"
    assert prepare(tmp_path / "new", create=True).created


def test_amb_04_applications_stands_for_its_parent(tmp_path):
    """AMB-04, CLI-22."""
    assert site_root(tmp_path / "applications") == tmp_path
    assert site_root(tmp_path / "site") == tmp_path / "site"


def hadron(*arguments):
    from runtime.cli.main import main

    return main([str(argument) for argument in arguments])


def test_pack_03_on_the_command_line(site, tmp_path, capsys):
    """PACK-02, PACK-03: new, pack, install under another name, uninstall."""
    assert hadron("new", "shop", "-f", site) == 0
    (site / "applications" / "shop" / "databases" / "x.sqlite").write_text("data")
    assert hadron("pack", "shop", "--out", tmp_path / "web2py.app.store.w2p", "-f", site) == 0
    assert hadron("install", tmp_path / "web2py.app.store.w2p", "-f", site) == 0
    store = site / "applications" / "store"
    assert (store / "controllers" / "default.py").is_file()
    assert not (store / "databases" / "x.sqlite").exists()
    assert hadron("install", site / "applications" / "shop", "--name", "copy", "-f", site) == 0
    assert (site / "applications" / "copy" / "databases" / "x.sqlite").read_text() == "data"
    assert hadron("uninstall", "store", "-f", site) == 0
    assert not store.exists()
    assert "deposit" in capsys.readouterr().out
    assert hadron("install", tmp_path / "none.w2p", "-f", site) == 2
    assert hadron("pack", "none", "-f", site) == 2
    assert "there is no application 'none'" in capsys.readouterr().err


def test_pack_03_compiled_on_the_command_line(site, tmp_path, capsys):
    """PACK-03: a compiled pack holds no sources, is named as such, and serves the same pages."""
    from runtime.web.application import Application
    from runtime.web.client import TestClient

    target = tmp_path / "welcome.compiled.w2p"
    assert hadron("pack", "welcome", "--compiled", "--out", target, "-f", site) == 0
    names = {entry.path for entry in read_pack(target)}
    assert "compiled/application.bin" in names
    assert not any(name.startswith(("models/", "views/", "controllers/")) for name in names)
    assert inspect_pack(target).kind == "compiled"
    assert hadron("install", target, "--name", "quick", "-f", site) == 0
    assert [info.state for info in list_applications(site) if info.name == "quick"] == ["compiled"]
    client = TestClient(Application(site))
    quick, plain = (client.get(f"/{name}/default/index").text for name in ("quick", "welcome"))
    assert quick.replace("quick", "welcome").replace("Quick", "Welcome") == plain
    assert hadron("pack", "quick", "--out", tmp_path / "again.w2p", "-f", site) == 0
    assert inspect_pack(tmp_path / "again.w2p").kind == "compiled"


def test_pack_03_compile_command(site, capsys):
    """PACK-03: compile checks everything; --remove takes it away."""
    assert hadron("compile", "welcome", "-f", site) == 0
    assert re.search(
        r"compiled \d+ models, \d+ controllers and \d+ views of welcome", capsys.readouterr().out
    )
    assert (site / "applications" / "welcome" / "compiled").is_dir()
    assert hadron("compile", "welcome", "--remove", "-f", site) == 0
    assert not (site / "applications" / "welcome" / "compiled").exists()
    (site / "applications" / "welcome" / "models" / "x.py").write_text("\n\ndef\n")
    assert hadron("compile", "welcome", "-f", site) == 2
    assert "models/x.py, line 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("compiled/controllers.default.index.pyc", (62211).to_bytes(2, "little") + b"\r\n", "Python 2.7"),
        ("readme.txt", b"x", "is no application"),
        ("compiled/application.bin", b"junk", "no compiled application"),
    ],
)
def test_pack_03_what_can_not_be_served_is_refused(site, tmp_path, name, content, words):
    """PACK-03: packs of other programs are named and nothing is written."""
    with tarfile.open(tmp_path / "x.w2p", "w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    with pytest.raises(PackError, match=words):
        install_pack(site, "x", tmp_path / "x.w2p")
    assert not (site / "applications" / "x").exists()


def test_pack_03_bombs(site, tmp_path, monkeypatch):
    """SEC-03: a small file that unpacks to much is refused before anything is written."""
    monkeypatch.setattr(pack_reading, "MAX_BYTES", 3_000_000)
    with tarfile.open(tmp_path / "bomb.w2p", "w:gz") as tar:
        for number in range(4):
            info = tarfile.TarInfo(f"controllers/{number}.py")
            info.size = 1_000_000
            tar.addfile(info, io.BytesIO(bytes(1_000_000)))
    with pytest.raises(PackError, match="too large"):
        install_pack(site, "bomb", tmp_path / "bomb.w2p")
    with tarfile.open(tmp_path / "header.w2p", "w:gz", format=tarfile.PAX_FORMAT) as tar:
        info = tarfile.TarInfo("controllers/default.py")
        info.pax_headers = {"comment": "x" * 2_000_000}
        tar.addfile(info)
    with pytest.raises(PackError, match="describes itself at length"):
        install_pack(site, "bomb", tmp_path / "header.w2p")
    assert not (site / "applications" / "bomb").exists()


def test_pack_03_no_room(site, monkeypatch):
    """PACK-03: a disk too full is said before writing."""
    monkeypatch.setattr(pack_reading.shutil, "disk_usage", lambda _: _Usage)
    with pytest.raises(PackError, match="needs"):
        install_pack(site, "big", site / "welcome.w2p")
    assert not (site / "applications" / "big").exists()


class _Usage:
    free = 1000


def test_pack_03_a_pack_of_one_folder(site, tmp_path):
    """PACK-03: ``tar czf app.tgz app`` is a pack, too."""
    with tarfile.open(tmp_path / "app.tgz", "w:gz") as tar:
        tar.add(site / "applications" / "welcome", "welcome")
    info = install_pack(site, "other", tmp_path / "app.tgz")
    assert (info.folder / "controllers" / "default.py").is_file()
