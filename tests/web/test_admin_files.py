"""Files of applications over the web (ADMIN-01, APPDIR-08, OCC-12)."""

from __future__ import annotations

import html

import pytest

from runtime.foundation.current import current
from runtime.web.client import TestClient

EDIT = "/admin/files/edit/shop"


@pytest.fixture
def shop(tmp_path):
    return tmp_path / "applications/shop"


@pytest.fixture
def client(administered):
    made = TestClient(administered())
    made.post("/admin/default/index", data={"password": "secret"})
    yield made
    current._begin()


def open_file(client, name):
    return client.get(EDIT, query_string={"file": name})


def save(client, page, name, text):
    sent = {**page.hidden(), "text": text}
    return client.post(EDIT, query_string={"file": name}, data=sent)


def test_admin_01_change_a_file_and_the_next_request_shows_it(client, shop):
    """ADMIN-01, FLOW-14: line ends and permissions stay; nothing is lost."""
    path = shop / "controllers/talk.py"
    path.write_bytes(b"def index():\r\n    return 'old'\r\n")
    path.chmod(0o640)
    page = open_file(client, "controllers/talk.py")
    text = "def index():\r\n    return 'new'\r\n"
    assert "Saved" in save(client, page, "controllers/talk.py", text).text
    assert path.read_bytes() == b"def index():\r\n    return 'new'\r\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert client.get("/shop/talk/index").text == "new"


def test_occ_12_a_file_changed_meanwhile_is_not_overwritten(client, shop):
    """OCC-12: both texts are shown; a second save, after looking, wins."""
    path = shop / "controllers/talk.py"
    path.write_text("first")
    page = open_file(client, "controllers/talk.py")
    path.write_text("of somebody else")
    conflict = save(client, page, "controllers/talk.py", "mine")
    assert path.read_text() == "of somebody else"
    assert "of somebody else" in conflict.text
    assert "mine" in conflict.text
    saved = save(client, conflict, "controllers/talk.py", "mine")
    assert path.read_text() == "mine"
    path.touch()
    assert "Saved" in save(client, saved, "controllers/talk.py", "mine again").text
    assert path.read_text() == "mine again"


def test_mistakes_are_told_with_their_line_and_nothing_runs(client, shop, tmp_path):
    text = f"open({str(tmp_path / 'ran')!r}, 'w')\nx = (\n"
    (shop / "models/bad.py").write_text(text)
    page = open_file(client, "models/bad.py")
    assert "Line 2" in page.text
    assert not (tmp_path / "ran").exists()
    (shop / "views/bad.html").write_text("<p>\n{{if x:}}\n")
    assert "Line 2" in open_file(client, "views/bad.html").text


@pytest.mark.parametrize(
    "name",
    ["private/appconfig.ini", "modules/x.py", "sessions/x", "cache/x", "databases/storage.sqlite", "../shop/models/db.py",
     "models/../private/appconfig.ini", "/etc/passwd", "models", "", "models/db.py\0", "views/.hidden.html", "models\\db.py",
     "cron/crontab", "errors/x"],
)  # fmt: skip
def test_appdir_08_other_files_are_not_shown(client, shop, name):
    """APPDIR-08: neither private files, modules, sessions and caches, nor anything outside."""
    (shop / "modules/x.py").write_text("secret of modules")
    answer = open_file(client, name)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_appdir_08_links_do_not_lead_out(client, shop, tmp_path):
    (tmp_path / "outside.py").write_text("outside")
    (shop / "models/link.py").symlink_to(tmp_path / "outside.py")
    assert open_file(client, "models/link.py").status_code == 404


def test_about_and_readme_are_read_only(client, shop):
    """APPDIR-08"""
    (shop / "ABOUT").write_text("about the shop")
    page = open_file(client, "ABOUT")
    assert "about the shop" in page.text
    assert not page.elements("textarea")


def test_markup_of_a_file_stays_text(client, shop):
    (shop / "views/x.html").write_text("</textarea><script>evil</script>")
    page = open_file(client, "views/x.html")
    assert "<script>evil" not in page.text
    assert html.escape("<script>evil") in page.text


def test_new_files_and_the_bin(client, shop):
    page = client.get("/admin/files/index/shop")
    token = page.hidden()["token"]
    made = client.post(
        "/admin/files/index/shop", data={"token": token, "kind": "controllers", "name": "talk"}
    )
    assert made.headers["Location"].endswith("file=controllers%2Ftalk.py")
    assert (shop / "controllers/talk.py").is_file()
    client.post("/admin/files/index/shop", data={"token": token, "kind": "controllers", "name": "../../x"})
    assert not (shop.parent / "x.py").exists()
    gone = {"token": token, "app": "shop", "name": "controllers/talk.py"}
    assert client.post("/admin/files/delete", data={**gone, "token": "forged"}).status_code == 400
    client.post("/admin/files/delete", data=gone)
    assert not (shop / "controllers/talk.py").exists()
    assert (
        client.post("/admin/files/delete", data={**gone, "name": "../admin/models/access.py"}).status_code
        == 404
    )


def test_binary_and_missing_files_are_told(client, shop):
    (shop / "static/x.bin").write_bytes(bytes(range(256)))
    page = open_file(client, "static/x.bin")
    assert page.status_code == 200
    assert page.elements("[role=alert]")
    assert open_file(client, "static/none.css").elements("[role=alert]")
