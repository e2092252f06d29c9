"""Tables with a key of their own, or an id of another name: forms, grids, `Crud`, appadmin (NAMES-06, APPADM)."""

from __future__ import annotations

import html

import pytest

from runtime.foundation.current import current
from runtime.web.client import TestClient

MODEL = """
db = DAL('sqlite://storage.sqlite')
db.define_table('country', Field('code', length=2), Field('name', requires=IS_NOT_EMPTY()),
    primarykey=['code'], format='%(name)s')
db.define_table('stock', Field('shop', length=20), Field('day', 'date'), Field('label', length=20),
    primarykey=['shop', 'day'])
db.define_table('thing', Field('thing_no', 'id'), Field('name'), Field('country', 'reference country.code'),
    format='%(name)s')
db.define_table('part', Field('name'), Field('thing', 'reference thing'))
if db(db.country).isempty():
    for code, name in (('DE', 'Germany'), ('FR', 'France'), ('X/', 'slash & <b>')):
        db.country.insert(code=code, name=name)
    for shop in ('north/east', 'south'):
        for day in range(1, 4):
            db.stock.insert(shop=shop, day='2026-01-0%s' % day, label='%s %s' % (shop, day))
    for name in ('hat', 'cap'):
        db.part.insert(name='of ' + name, thing=db.thing.insert(name=name, country='DE'))
"""
CONTROLLER = """
def grid():
    def chosen(keys):
        session.chosen = repr(keys)
    def gone(table, key):
        session.gone = repr(key)
    return dict(grid=SQLFORM.grid(db[request.args(0)], args=request.args[:1], user_signature=False,
        selectable=chosen, ondelete=gone, maxtextlength=40))

def smart():
    return dict(grid=SQLFORM.smartgrid(db[request.args(0)], args=request.args[:1], user_signature=False))

def crud():
    from gluon.tools import Crud
    crud = Crud(db)
    crud.settings.update_next = crud.settings.delete_next = URL('told')
    crud.settings.create_next = URL('told', args='[id]')
    return dict(grid=crud())

def told():
    return '%s %s' % (session.chosen, session.gone)
"""


@pytest.fixture
def client(site):
    site.model(MODEL)
    site.controller(CONTROLLER)
    for page in ("grid", "smart", "crud"):
        site.view("{{=grid}}", f"default/{page}.html")
    return site.client()


def link(page, action, words=""):
    """The address of a button of the first line with these words."""
    line = next(line for line in page.elements("tbody tr") if words in line.flatten())
    return next(a["_href"] for a in line.elements("a") if f"/{action}/" in html.unescape(a["_href"] or ""))


def send(client, path, **changes):
    """Send the (last) form of a page as it is, with changes."""
    page = client.get(path)
    form = page.elements("form")[-1]
    sent = {node["_name"]: node["_value"] or "" for node in form.elements("input") if node["_name"]}
    sent.pop("delete_this_record", None)
    return client.post(path, data={**sent, **changes})


@pytest.mark.parametrize(
    ("table", "words", "field", "value"),
    [
        ("country", "Germany", "name", "Deutschland"),
        ("country", "slash", "name", "<i>odd</i>"),
        ("stock", "north/east 2", "label", "changed"),
        ("thing", "hat", "name", "helmet"),
    ],
)
@pytest.mark.parametrize("kind", ["grid", "smart"])
def test_names_06_a_record_of_a_grid(client, kind, table, words, field, value):
    """NAMES-06: look, change, delete; whatever the key is made of, and nothing but this record."""
    path = f"/myapp/default/{kind}/{table}"
    before = client.get(path)
    assert words in html.unescape(client.get(link(before, "view", words)).text)
    edit = link(before, "edit", words)
    assert send(client, edit, **{field: value}).status_code == 303
    after = client.get(path)
    assert len(after.elements("tbody tr")) == len(before.elements("tbody tr"))
    assert sum(value in html.unescape(line.flatten()) for line in after.elements("tbody tr")) == 1
    assert "<i>odd" not in after.text
    assert send(client, link(after, "delete", value)).status_code == 303
    left = client.get(path)
    assert len(left.elements("tbody tr")) == len(before.elements("tbody tr")) - 1
    assert value not in html.unescape(left.text)
    assert client.get(edit).status_code == 404


def test_names_06_a_new_record_needs_a_key_of_its_own(client):
    """NAMES-06, SEC-03: a key that is there already, or is no key, is an error of its fields."""
    path = "/myapp/default/grid/stock/new/stock"
    assert send(client, path, shop="west", day="2026-02-03", label="new").status_code == 303
    again = send(client, path, shop="west", day="2026-02-03", label="new")
    assert [node.flatten() for node in again.elements(".error")] == ["Value already in database or empty"] * 2
    assert len(send(client, path, shop="", day="never").elements(".error")) == 2
    assert len(client.get("/myapp/default/grid/stock").elements("tbody tr")) == 7


@pytest.mark.parametrize(
    "text", ["1", "key-x", "key-WzFd", "key-WyJhIl0", "x" * 3000, "key-" + "W" * 3000, "0"]
)
@pytest.mark.parametrize("table", ["country", "stock", "thing"])
def test_names_06_what_is_no_key_is_not_there(client, site, table, text):
    """NAMES-06, VAL: a page that is not there, never an error."""
    if (table, text) != ("thing", "1"):
        for action in ("view", "edit", "delete"):
            assert client.get(f"/myapp/default/grid/{table}/{action}/{table}/{text}").status_code in (
                400,
                404,
            )
        assert client.get(f"/myapp/default/smart/{table}/{table}/part.thing/{text}").status_code in (400, 404)
    assert not site.tickets()


def test_names_06_functions_get_the_key(client):
    """NAMES-06: a value of a key of one field, a dictionary of several."""
    for table, words, chosen in (
        ("country", "slash", "'X/'"),
        ("stock", "north/east 2", "{'shop': 'north/east', 'day': datetime.date(2026, 1, 2)}"),
        ("thing", "hat", "1"),
    ):
        path = f"/myapp/default/grid/{table}"
        page = client.get(path)
        line = next(line for line in page.elements("tbody tr") if words in line.flatten())
        box = line.element("input[name=records]")["_value"]
        client.post(path, data={**page.hidden("form.web2py_table"), "records": box})
        send(client, link(page, "delete", words))
        assert client.get("/myapp/default/told").text == f"[{chosen}] {chosen}"


def test_names_06_order_pages_search_and_exports(client):
    """NAMES-06: all of it without an id."""
    page = client.get("/myapp/default/grid/stock?order=~stock.day")
    days = [line.elements("td")[2].flatten() for line in page.elements("tbody tr")]
    assert days == sorted(days, reverse=True)
    found = client.get("/myapp/default/grid/stock", query_string={"keywords": 'stock.shop = "south"'})
    assert len(found.elements("tbody tr")) == 3
    for kind in ("csv", "csv_with_hidden_cols", "json", "xml", "html", "tsv"):
        text = client.get(f"/myapp/default/grid/stock?_export_type={kind}").text
        assert text.count("2026-01-02") == 2


def test_names_06_records_that_refer_to_a_key(client):
    """NAMES-06: the trail goes on from a keyed record, and from one whose number has another name."""
    page = client.get("/myapp/default/smart/country")
    things = client.get(link(page, "thing.country", "Germany"))
    assert [line.elements("td")[1].flatten() for line in things.elements("tbody tr")] == ["hat", "cap"]
    parts = client.get(link(things, "part.thing", "cap"))
    assert "of cap" in parts.text
    assert "of hat" not in parts.text
    new = link(parts, "view").replace("/view/part/2", "/new/part")
    assert send(client, new, name="brim").status_code == 303
    assert "brim" in client.get(link(things, "part.thing", "cap")).text
    odd = client.get(link(page, "thing.country", "slash"))
    assert odd.status_code == 200
    assert "slash &amp; &lt;b&gt;" in odd.text


def test_crud(client):
    """NAMES-06: the older pages, by the text that stands for a key in addresses."""
    base = "/myapp/default/crud"
    for table in ("country", "stock", "thing"):
        assert client.get(f"{base}/select/{table}").elements("tbody tr")
        assert client.get(f"{base}/search/{table}").status_code == 200
    keyed = link(client.get("/myapp/default/grid/stock"), "edit", "south 3").rpartition("/")[2]
    for table, key, field in (("country", "FR", "name"), ("stock", keyed, "label"), ("thing", "2", "name")):
        assert client.get(f"{base}/read/{table}/{key}").status_code == 200
        assert client.get(f"{base}/read/{table}/none").status_code == 404
        assert send(client, f"{base}/update/{table}/{key}", **{field: "other"}).status_code == 303
        assert "other" in client.get(f"{base}/read/{table}/{key}").text
        assert send(client, f"{base}/delete/{table}/{key}").status_code == 303
        assert client.get(f"{base}/read/{table}/{key}").status_code == 404


@pytest.fixture
def administrator(administered, tmp_path):
    application = administered()
    (tmp_path / "applications/shop/models/thing.py").write_text(MODEL)
    client = TestClient(application)
    client.post("/admin/default/index", data={"password": "secret"})
    yield client
    current._begin()


@pytest.mark.parametrize(
    ("table", "words", "field"),
    [("country", "slash", "name"), ("stock", "north/east 2", "label"), ("thing", "hat", "name")],
)
def test_appadm_03_records_of_any_key(administrator, table, words, field):
    """APPADM-01..03: listed, changed, deleted."""
    path = f"/shop/appadmin/select/db/{table}"
    page = administrator.get(path)
    count = len(page.elements("tbody tr"))
    assert count == {"country": 3, "stock": 6, "thing": 2}[table]
    assert not page.elements("[role=alert]")
    update = link(page, "update", words)
    form = administrator.get(update)
    sent = {
        node["_name"]: node["_value"] or ""
        for node in form.elements("form input")
        if node["_type"] != "checkbox"
    }
    if table == "thing":
        sent["country"] = "DE"
    assert administrator.post(update, data={**sent, field: "other"}).status_code == 303
    page = administrator.get(path)
    assert "other" in page.text
    sent = {**sent, **administrator.get(update).hidden("form"), field: "other", "delete_this_record": "on"}
    assert administrator.post(update, data=sent).status_code == 303
    assert len(administrator.get(path).elements("tbody tr")) == count - 1
    assert administrator.get(update).status_code == 303
    assert administrator.get(f"/shop/appadmin/update/db/{table}/nothing").status_code == 303


def test_appadm_03_records_that_refer_to_a_key(administrator):
    """APPADM-03: the link below a record finds them."""
    for table, words, found in (("country", "Germany", 2), ("thing", "cap", 1)):
        page = administrator.get(
            link(administrator.get(f"/shop/appadmin/select/db/{table}"), "update", words)
        )
        address = next(a["_href"] for a in page.elements("a") if "query=" in (a["_href"] or ""))
        referring = administrator.get(html.unescape(address))
        assert len(referring.elements("tbody tr")) == found
        assert not referring.elements("[role=alert]")
