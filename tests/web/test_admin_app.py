"""The application `admin`: log-in, applications, tickets, routes (ADMIN-02..09, CLI-07, SEC-04)."""

from __future__ import annotations

import io
import tarfile
import time
from types import SimpleNamespace

import pytest

from runtime.admin.applications import list_applications
from runtime.foundation.current import current
from runtime.server.password import set_up_password
from runtime.tools import administrator
from runtime.web.client import TestClient

FAR = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture
def stranger(administered):
    yield TestClient(administered())
    current._begin()


def log_in(client, password="secret", path="/admin/default/index"):
    return client.post(path, data={"password": password})


@pytest.fixture
def client(stranger):
    assert log_in(stranger).headers["Location"] == "/admin/default/site"
    return stranger


def act(client, action, name="", **more):
    token = client.get("/admin/default/site").hidden()["token"]
    return client.post("/admin/default/act", data={"token": token, "action": action, "name": name, **more})


def names(site):
    return {info.name: info.state for info in list_applications(site)}


# -- who may ----------------------------------------------------------------------------------------


def test_admin_03_05_strangers_see_the_log_in_only(stranger):
    """ADMIN-03: without the password every page leads to the log-in."""
    for path in ("default/site", "default/ticket/shop/1", "default/errors/shop", "default/routes", "files/index/shop",
                 "files/edit/shop/models/db.py", "languages/index/shop"):  # fmt: skip
        answer = stranger.get(f"/admin/{path}")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/admin/default/index?send=")
    assert (
        stranger.post("/admin/default/act", data={"action": "uninstall", "name": "shop"}).status_code == 303
    )


def test_cli_05_right_and_wrong_password(stranger):
    """CLI-05: the password decides, letter by letter."""
    assert log_in(stranger, "Secret").status_code == 403
    assert log_in(stranger, "").status_code == 403
    assert stranger.get("/admin/default/site").status_code == 303
    assert log_in(stranger).status_code == 303
    assert stranger.get("/admin/default/site").status_code == 200


def test_pages_are_not_shown_inside_others(stranger):
    """SEC: no other site, and no other application, lays its own page over the buttons."""
    for page in (stranger.get("/admin/default/index"), log_in(stranger), stranger.get("/admin/default/site")):
        if page.status_code == 200:
            assert page.headers["X-Frame-Options"] == "DENY"
            assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_wrong_passwords_make_wait(stranger, monkeypatch):
    """SEC: after five wrong passwords of an address the right one waits too, longer each time."""
    now = time.time()
    monkeypatch.setattr("runtime.tools.attempts.time", SimpleNamespace(time=lambda: now))
    for _ in range(5):
        assert log_in(stranger, "wrong").status_code == 403
    page = log_in(stranger)
    assert page.status_code == 429
    assert page.headers["Retry-After"] == "1"
    assert "Too many" in page.text
    monkeypatch.setattr("runtime.tools.attempts.time", SimpleNamespace(time=lambda: now + 2))
    assert log_in(stranger).status_code == 303


def test_cli_07_no_password_no_administration(administered):
    """CLI-07: without a stored password the pages say that they are off."""
    application = administered()
    application.settings["password_file"] = None
    client = TestClient(application)
    page = client.get("/admin/default/index")
    assert "The administration is off" in page.text
    assert not page.elements("input[type=password]")
    assert log_in(client, "").status_code == 200
    assert client.get("/admin/default/site").status_code == 303
    current._begin()


def test_another_password_ends_the_log_in(client, tmp_path):
    assert client.get("/admin/default/site").status_code == 200
    set_up_password(tmp_path, 8000, "another")
    assert client.get("/admin/default/site").status_code == 303
    assert client.get("/shop/appadmin/index").status_code == 303


def test_log_in_ends_by_itself_and_by_logging_out(client, monkeypatch):
    for hours in (0.75, 1.5):  # each use lets it last for another hour
        later = SimpleNamespace(time=lambda hours=hours: time.time() + hours * 3600, monotonic=time.monotonic)
        monkeypatch.setattr(administrator, "time", later)
        assert client.get("/shop/appadmin/index").status_code == 200
    later.time = lambda: time.time() + 3 * 3600
    assert client.get("/shop/appadmin/index").status_code == 303
    monkeypatch.undo()
    log_in(client)
    client.get("/admin/default/logout")
    assert client.get("/admin/default/site").status_code == 303
    assert client.get("/shop/appadmin/index").status_code == 303


def test_the_session_gets_a_new_id_with_the_log_in(stranger):
    stranger.get("/admin/default/logout")
    before = stranger.get_cookie("session_id_admin")
    log_in(stranger)
    after = stranger.get_cookie("session_id_admin")
    assert before is None or before.value != after.value


@pytest.mark.parametrize(
    "send",
    ["//evil.example", "http://evil.example", "/\\evil.example", "\\\\evil", "javascript:x", "/a\nb", "evil"],
)
def test_log_in_leads_to_this_host_only(stranger, send):
    answer = stranger.post("/admin/default/index", query_string={"send": send}, data={"password": "secret"})
    assert answer.headers["Location"] == "/admin/default/site"


def test_a_link_of_the_window_lets_in_once(stranger):
    """The window's link: once, from this machine, and only with its token."""
    token = administrator.new_link()
    assert (
        stranger.get(f"/admin/default/enter?token={token}x")
        .headers["Location"]
        .startswith("/admin/default/index")
    )
    answer = stranger.get(f"/admin/default/enter?token={token}&send=/shop/appadmin/index")
    assert answer.headers["Location"] == "/shop/appadmin/index"
    assert stranger.get("/shop/appadmin/index").status_code == 200
    stranger.get("/admin/default/logout")
    assert (
        stranger.get(f"/admin/default/enter?token={token}")
        .headers["Location"]
        .startswith("/admin/default/index")
    )
    far = stranger.get(f"/admin/default/enter?token={administrator.new_link()}", environ_base=FAR)
    assert far.status_code == 403


# -- applications -----------------------------------------------------------------------------------


def test_admin_02_create_turn_off_uninstall(client, tmp_path):
    """ADMIN-02: made from the scaffolding; off shows the maintenance page; removed goes to deposit."""
    act(client, "create", "lab")
    assert client.get("/lab/default/index").status_code == 200
    act(client, "disable", "lab")
    assert client.get("/lab/default/index").status_code == 503
    assert names(tmp_path)["lab"] == "off"
    act(client, "enable", "lab")
    assert client.get("/lab/default/index").status_code == 200
    act(client, "uninstall", "lab")
    assert "lab" not in names(tmp_path)
    assert list((tmp_path / "deposit").glob("lab.removed.*"))


def test_admin_02_pack_and_install(client, tmp_path):
    """ADMIN-02, PACK-03: what was packed is installed under another name."""
    token = client.get("/admin/default/site").hidden()["token"]
    answer = client.post("/admin/default/pack", data={"token": token, "name": "shop"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="shop.w2p"'
    assert "models/db.py" in tarfile.open(fileobj=io.BytesIO(answer.data)).getnames()
    act(client, "install", "second", pack=(io.BytesIO(answer.data), "x.w2p"))
    assert client.get("/second/default/index").status_code == 200
    act(client, "install", "", pack=(io.BytesIO(answer.data), "third.v1.w2p"))
    assert "third" in names(tmp_path)


def test_hostile_packs_are_told_and_leave_nothing(client, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        member = tarfile.TarInfo("../evil.py")
        archive.addfile(member, io.BytesIO())
    before = names(tmp_path)
    for data in (out.getvalue(), b"no pack"):
        act(client, "install", "bad", pack=(io.BytesIO(data), "bad.w2p"))
    assert names(tmp_path) == before
    assert not (tmp_path / "applications/evil.py").exists()
    assert not [path for path in (tmp_path / "deposit").iterdir() if path.suffix == ".w2p"]


@pytest.mark.parametrize("name", ["", "../shop", "1st", "a b", "shop", "x" * 65, "ж"])
def test_names_that_can_not_be(client, tmp_path, name):
    before = names(tmp_path)
    act(client, "create", name)
    assert names(tmp_path) == before


def test_the_administration_does_not_remove_itself(client, tmp_path):
    act(client, "uninstall", "admin")
    act(client, "disable", "admin")
    assert names(tmp_path)["admin"] == "on"


def test_forms_of_others_do_nothing(client, tmp_path):
    for token in ("", "forged"):
        answer = client.post(
            "/admin/default/act", data={"token": token, "action": "uninstall", "name": "shop"}
        )
        assert answer.status_code == 400
        assert "out of date" in answer.text
    assert client.get("/admin/default/act?action=uninstall&name=shop").status_code == 400
    assert "shop" in names(tmp_path)


# -- tickets ----------------------------------------------------------------------------------------


@pytest.fixture
def number(client, tmp_path):
    (tmp_path / "applications/shop/controllers/bad.py").write_text("def index():\n    return 1 / 0\n")
    page = client.get("/shop/bad/index", environ_base=FAR)
    assert page.status_code == 500
    return sorted((tmp_path / "applications/shop/errors").glob("192*"))[0].name.partition(".json")[0]


def test_admin_03_tickets(client, number):
    """ADMIN-03, SEC-04: list by kind, one ticket with its code, by number, deleted together."""
    assert "ZeroDivisionError" in client.get("/admin/default/errors/shop").text
    assert "1 / 0" in client.get(f"/admin/default/ticket/shop/{number}").text
    assert client.get(f"/admin/default/find?number=shop/{number}").headers["Location"].endswith(number)
    assert client.get("/admin/default/find?number=nothing").headers["Location"] == "/admin/default/site"
    form = client.get("/admin/default/errors/shop").hidden()
    client.post("/admin/default/delete_errors", data=form)
    assert "No errors." in client.get("/admin/default/errors/shop").text


@pytest.mark.parametrize("path", ["shop/../../x", "shop/nothing", "nothing/1", "shop/%2e%2e%2fmodels"])
def test_tickets_that_are_not_there(client, path):
    assert client.get(f"/admin/default/ticket/{path}").status_code in (400, 404)


# -- routes -----------------------------------------------------------------------------------------


def test_admin_05_routes_by_a_button(client, tmp_path):
    """ADMIN-05, REWR-03: the routes are read again; a fault is told and the old ones stay."""
    (tmp_path / "routes.py").write_text("routers = dict(BASE=dict(default_application='shop'))\n")
    token = client.get("/admin/default/routes").hidden()["token"]
    assert "read again" in client.post("/admin/default/routes", data={"token": token}).text
    assert client.get("/").status_code == 200
    (tmp_path / "routes.py").write_text("routers = dict(\n")
    assert "the old ones stay" in client.post("/admin/default/routes", data={"token": token}).text
    assert "default" in client.get("/admin/default/routes?address=/shop/default/index").text
