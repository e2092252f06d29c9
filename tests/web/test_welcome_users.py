"""The users of the scaffolding: pages, links, mail, rights (PACK-04, NAMES-10, ERR-04)."""

from __future__ import annotations

import logging
import re

import pytest

import resources
from runtime.admin.applications import create_application
from runtime.admin.packs import pack_application
from runtime.foundation.current import current
from runtime.web.afterwards import afterwards
from runtime.web.application import Application
from runtime.web.client import TestClient

WELCOME = resources.ROOT / "applications" / "welcome"
USER = "/fresh/default/user"
ANN = {"first_name": "Ann", "last_name": "Lee", "email": "ann@example.org"}
SECRET = {"password": "of ann 1", "password_two": "of ann 1"}


@pytest.fixture
def site(tmp_path):
    (tmp_path / "applications").mkdir()
    pack_application(WELCOME, tmp_path / "welcome.w2p")
    create_application(tmp_path, "fresh")
    yield tmp_path
    current._begin()


@pytest.fixture
def client(site):
    return TestClient(Application(site))


def send(client, page, **fields):
    form = client.get(f"{USER}/{page}")
    return client.post(f"{USER}/{page}", data={**form.hidden(), **fields})


def test_pack_04_models_bring_the_tools_and_generic_views():
    """PACK-04: the shipped model imports the tools and lets local requests see generic views."""
    model = (WELCOME / "models/db.py").read_text("utf-8")
    assert re.search(r"from gluon\.tools import .*Auth.*Crud.*Service", model)
    assert "generic_patterns" in model


def test_register_log_in_profile_log_out(client):
    """From a stranger to a user and back; the layout says who is here."""
    page = client.get("/fresh/default/index")
    assert page.element(".account-links").flatten().strip() == "Log In"
    assert send(client, "register", **ANN, **SECRET).status_code == 303
    assert "Ann" in client.get("/fresh/default/index").element(".account-links").flatten()
    client.get(f"{USER}/logout")
    assert "Ann" not in client.get("/fresh/default/index").element(".account-links").flatten()
    assert "Invalid login" in send(client, "login", email=ANN["email"], password="wrong").text
    assert send(client, "login", email=ANN["email"], password=SECRET["password"]).status_code == 303
    assert client.get(f"{USER}/profile").element("input[name=last_name]")["_value"] == "Lee"


def test_pages_of_users_speak_the_visitors_language(client):
    page = client.get(f"{USER}/login", headers={"Accept-Language": "it"})
    assert "Accedi" in page.text
    assert "Log In" not in page.text


def test_err_04_mails_go_into_the_log(client, caplog):
    """ERR-04: without a mail server a link to set a new password is in the log."""
    send(client, "register", **ANN, **SECRET)
    client.get(f"{USER}/logout")
    caplog.set_level(logging.INFO)
    send(client, "request_reset_password", email=ANN["email"])
    assert afterwards.settle(60)
    assert re.search(r"http://localhost/fresh/default/user/reset_password", caplog.text)


def test_links_in_mails_use_the_names_of_the_site(site, client, caplog):
    """A host that a stranger makes up does not get into a mail; patterns are understood."""
    path = site / "applications/fresh/private/appconfig.ini"
    path.write_text(path.read_text().replace("names =", "names = *.example.org:*, www.example.org"))
    send(client, "register", **ANN, **SECRET)
    client.get(f"{USER}/logout")
    caplog.set_level(logging.INFO)
    send(client, "request_reset_password", email=ANN["email"])
    assert afterwards.settle(60)
    assert "//www.example.org/fresh/default/user/reset_password" in caplog.text


def test_services_and_scheduler_are_there_and_off(site, client):
    """BG: the scheduler is an example, switched off; services answer when there are some."""
    assert client.get("/fresh/default/call/json/nothing").status_code in (200, 404, 500)
    database = site / "applications/fresh/databases"
    client.get("/fresh/default/index")
    assert not list(database.glob("*scheduler*"))
    path = site / "applications/fresh/private/appconfig.ini"
    path.write_text(path.read_text().replace("enabled = false", "enabled = true"))
    client.get("/fresh/default/index")
    assert list(database.glob("*scheduler_task.table"))


def test_the_administrator_on_this_machine_sees_the_databases(client):
    """PACK-05: a link to appadmin, for local visitors only."""
    assert "/fresh/appadmin/index" in [
        a["_href"] for a in client.get("/fresh/default/index").elements("nav a")
    ]
    far = client.get("/fresh/default/index", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert "appadmin" not in far.text
