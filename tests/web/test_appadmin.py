"""The administration of databases in each application (APPADM-01..05, ADMIN-06, PACK-05)."""

from __future__ import annotations

import io

import pytest

from runtime.foundation.current import current
from runtime.web.client import TestClient

FAR = {"REMOTE_ADDR": "192.0.2.1"}


@pytest.fixture
def stranger(administered):
    yield TestClient(administered())
    current._begin()


@pytest.fixture
def client(stranger):
    page = stranger.post("/admin/default/index", data={"password": "secret"})
    assert page.status_code == 303
    return stranger


def test_appadm_05_only_for_the_administrator(stranger):
    """APPADM-05: others are sent to the log-in of the administration, and come back from there."""
    for page in (
        "index",
        "select/db/thing",
        "insert/db/thing",
        "update/db/thing/1",
        "csv/db",
        "state",
        "ccache",
    ):
        answer = stranger.get(f"/shop/appadmin/{page}")
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/admin/default/index?send=%2Fshop%2Fappadmin")
    back = stranger.post("/admin/default/index?send=%2Fshop%2Fappadmin%2Findex", data={"password": "secret"})
    assert back.headers["Location"] == "/shop/appadmin/index"
    assert stranger.get("/shop/appadmin/index").status_code == 200


def test_admin_08_a_channel_that_others_hear_is_refused(stranger):
    """ADMIN-08: plain HTTP from another host sees neither page nor log-in."""
    for path in ("/shop/appadmin/index", "/admin/default/index"):
        assert stranger.get(path, environ_base=FAR).status_code == 403
    safe = {"environ_base": FAR, "base_url": "https://example.org"}
    assert stranger.get("/admin/default/index", **safe).status_code == 200


def test_appadm_01_databases_and_tables(client):
    """APPADM-01"""
    page = client.get("/shop/appadmin/index")
    assert page.status_code == 200
    assert "/shop/appadmin/select/db/thing" in page.text
    assert client.get("/shop/appadmin/insert/db/nothing").status_code == 303
    assert client.get("/shop/appadmin/insert/os/thing").status_code == 303


def test_appadm_02_insert(client):
    """APPADM-02, SCHED-55: also fields that the application hides."""
    path = "/shop/appadmin/insert/db/thing"
    form = client.get(path)
    assert form.elements("input[name=secret]")
    page = client.post(path, data={**form.hidden(), "name": "", "price": "1"})
    assert page.elements(".error")
    client.post(path, data={**client.get(path).hidden(), "name": "new", "price": "1", "secret": "told"})
    found = client.get("/shop/appadmin/select/db?query=db.thing.secret=='told'")
    assert "1 record" in found.text


def test_appadm_03_query_pages_and_order(client):
    """APPADM-03"""
    page = client.get("/shop/appadmin/select/db?query=db.thing.id%3E0")
    assert "60 records" in page.text
    assert len(page.elements("tbody tr")) == 50
    second = client.get("/shop/appadmin/select/db?query=db.thing.id%3E0&start=1")
    assert len(second.elements("tbody tr")) == 10
    down = client.get("/shop/appadmin/select/db?query=db.thing.id%3E0&orderby=~thing.price")
    assert "thing 59" in down.elements("tbody tr")[0].flatten()


@pytest.mark.parametrize(
    "query", ["db.thing.nothing>0", "db.thing.id>", "__import__('os').system('true')", "1/0", "db", "'x'"]
)
def test_queries_that_are_none_are_said_so(client, query):
    page = client.get("/shop/appadmin/select/db", query_string={"query": query})
    assert page.status_code == 200
    assert page.elements("[role=alert]")


def test_appadm_03_update_and_delete_what_was_chosen(client):
    """APPADM-03"""
    path = "/shop/appadmin/select/db"
    form = client.get(path).hidden()
    sent = {**form, "query": "db.thing.price>57", "update_check": "on", "update_fields": "name='dear'"}
    assert "2 records changed" in client.post(path, data=sent).text
    form = client.get(path).hidden()
    assert (
        "2 records deleted"
        in client.post(path, data={**form, "query": "db.thing.name=='dear'", "delete_check": "on"}).text
    )
    assert "58 records" in client.get(f"{path}?query=db.thing.id%3E0").text
    form = {**client.get(path).hidden(), "_formkey": "forged"}
    client.post(path, data={**form, "query": "db.thing.id>0", "delete_check": "on"})
    assert "58 records" in client.get(f"{path}?query=db.thing.id%3E0").text


def test_appadm_03_csv_out_and_in(client):
    """APPADM-03: what was written can be read in again; a broken file adds nothing."""
    out = client.get("/shop/appadmin/csv/db?query=db.thing.price<2")
    assert out.headers["Content-Type"].startswith("text/csv")
    assert out.text.splitlines()[0] == "thing.id,thing.name,thing.price,thing.holder,thing.secret"
    path = "/shop/appadmin/select/db/thing"

    def send(data: bytes):
        form = client.get(path).hidden("form.import")
        return client.post(path, data={**form, "csvfile": (io.BytesIO(data), "things.csv")})

    assert "added" in send(out.data).text
    assert "62 records" in client.get(path).text
    assert "Nothing was imported" in send(b"\xff\xfe\x00").text
    assert "62 records" in client.get(path).text


def test_record_shows_what_refers_to_it_and_finds_conflicts(client):
    page = client.get("/shop/appadmin/update/db/person/1")
    assert "thing.holder" in page.text
    first, second = (client.get("/shop/appadmin/update/db/person/1").hidden() for _ in range(2))
    client.post("/shop/appadmin/update/db/person/1", data={**first, "name": "Anna"})
    client.post("/shop/appadmin/update/db/person/1", data={**second, "name": "Annie"})
    assert "Anna" in client.get("/shop/appadmin/select/db/person").text
    assert client.get("/shop/appadmin/update/db/person/77").status_code == 303


def test_appadm_04_state_and_cache(client, tmp_path):
    """APPADM-04, ADMIN-06: keys of both stores; a button empties them."""
    (tmp_path / "applications/shop/controllers/default.py").write_text(
        "def index():\n    cache.ram('of ram', lambda: 1, 600)\n    cache.disk('of disk', lambda: 2, 600)\n    return 'x'\n"
    )
    client.get("/shop/default/index")
    assert "shop" in client.get("/shop/appadmin/state").text
    page = client.get("/shop/appadmin/ccache")
    assert "of ram" in page.text
    assert "of disk" in page.text
    client.post("/shop/appadmin/ccache", data={**page.hidden(), "ram": "yes"})
    page = client.get("/shop/appadmin/ccache")
    assert "of ram" not in page.text
    assert "of disk" in page.text


def test_markup_in_records_stays_text(client):
    path = "/shop/appadmin/insert/db/thing"
    client.post(path, data={**client.get(path).hidden(), "name": "<script>evil</script>", "price": "1"})
    page = client.get("/shop/appadmin/select/db?query=db.thing.id>60")
    assert "<script>evil" not in page.text
    assert "&lt;script&gt;evil" in page.text


def test_appadm_03_a_long_file_is_taken_as_a_whole_or_not_at_all(client):
    """APPADM-03: also beyond the thousand lines after which the database layer commits."""
    path = "/shop/appadmin/select/db/thing"

    def send(lines):
        form = client.get(path).hidden("form.import")
        data = "\n".join(["name,price", *lines]).encode()
        return client.post(path, data={**form, "csvfile": (io.BytesIO(data), "things.csv")})

    lines = [f'"thing, ""{at}""",{at}' for at in range(2500)]
    assert "Nothing was imported. Line 2502" in send([*lines, "last,no number"]).text
    assert "60 records" in client.get(path).text
    assert "added" in send(lines).text
    assert "2560 records" in client.get(path).text
