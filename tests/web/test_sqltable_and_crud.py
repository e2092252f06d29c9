"""Tables of records, and Crud: the pages of any table (NAMES-06, NAMES-10, FUN-06)."""

from __future__ import annotations

import pytest

MODEL = """
from gluon.tools import Crud
db = DAL('sqlite://storage.sqlite')
db.define_table('owner', Field('name', requires=IS_NOT_EMPTY()), format='%(name)s')
db.define_table('dog', Field('name', requires=IS_NOT_EMPTY(), label='Call <name>'), Field('age', 'integer'),
    Field('owner', 'reference owner', requires=IS_EMPTY_OR(IS_IN_DB(db, 'owner.id', '%(name)s'))),
    Field('picture', 'upload'), format='%(name)s')
if db(db.owner).isempty():
    db.owner.insert(name='Ann')
    db.dog.insert(name='<b>rex</b> of the long name', age=3, owner=1, picture='dog.picture.x.txt')
    db.dog.insert(name='fido', age=9)
crud = Crud(db)
"""
CONTROLLER = """
def data():
    return dict(out=crud())

def table():
    rows = db(db.dog).select()
    return dict(out=SQLTABLE(rows, headers={'dog.age': {'label': 'Years', 'class': 'right'}}, linkto=URL('show'),
        upload=URL('download'), orderby=request.vars.orderby or 'dog.id', th_link=URL('table'), selectid=2,
        extracolumns=[dict(label='Act', content=lambda row, column: A('go', _href='#%s' % row.id))]))

def plain():
    return dict(out=SQLTABLE(db(db.dog).select(), headers='fieldname:capitalize', truncate=None,
        columns=['dog.name', 'dog.age']))

def joined():
    n = db.dog.id.count()
    return dict(out=SQLTABLE(db(db.dog.owner == db.owner.id).select(db.owner.name, n, groupby=db.owner.name)))

def new():
    crud.settings.create_next = URL('show', args='[id]')
    crud.messages.record_created = 'made'
    crud.settings.create_onvalidation.dog.append(lambda form: form.vars.update(age=7))
    return dict(out=crud.create(db.dog))

def closed():
    class Nobody(object):
        settings = None
        def has_permission(self, *a):
            return False
    crud.settings.auth = Nobody()
    return dict(out=crud())

def found():
    form, rows = crud.search(db.dog)
    return dict(out=DIV(form, SQLTABLE(rows) if rows else ''))
"""


@pytest.fixture
def client(site):
    site.model(MODEL)
    site.controller(CONTROLLER)
    for name in ("data", "table", "plain", "joined", "new", "closed", "found"):
        site.view("{{=response.flash or ''}}{{=out or 'nothing'}}", f"default/{name}.html")
    return site.client()


def at(name: str) -> str:
    return f"/myapp/default/{name}"


def heads(page) -> list[str]:
    return [head.flatten() for head in page.elements("th")]


def test_fun_06_a_table_of_records(client):
    """FUN-06: links for ids and references, uploads, texts cut and escaped, heads that sort, further columns."""
    page = client.get(at("table"))
    assert heads(page) == ["dog.id", "dog.name", "Years", "dog.owner", "dog.picture", "Act"]
    assert "&lt;b&gt;rex&lt;/b&gt;" in page.text
    assert "long name" not in page.text
    addresses = [a["_href"] for a in page.elements("tbody a")]
    assert at("show") + "/dog/1" in addresses
    assert at("show") + "/owner/1" in addresses
    assert at("download") + "/dog.picture.x.txt" in addresses
    assert "Ann" in page.text
    assert page.element("tr.rowselected")["_id"] == "2"
    assert page.element("th.right").flatten() == "Years"
    assert page.elements("thead a")[0]["_href"] == at("table") + "?orderby=~dog.id"


def test_columns_and_heads_of_names(client):
    page = client.get(at("plain"))
    assert heads(page) == ["Name", "Age"]
    assert "of the long name" in page.text


def test_records_of_several_tables_and_expressions(client):
    page = client.get(at("joined"))
    assert [cell.flatten() for cell in page.elements("td")] == ["Ann", "1"]


def test_fun_09_rows_print_themselves_as_an_escaped_table(site):
    """FUN-09: {{=rows}} is a table with the labels as heads."""
    site.model(MODEL)
    site.controller("def index():\n    return dict(rows=db(db.dog).select())")
    site.view("{{=rows}}")
    page = site.client().get(at("index"))
    assert heads(page)[1] == "Call <name>"
    assert "<b>rex" not in page.text
    assert "of the long name" in page.text


def test_crud_lists_tables_and_records(client):
    assert [a.flatten() for a in client.get(at("data")).elements("a")] == ["owner", "dog"]
    page = client.get(at("data") + "/select/dog")
    assert "fido" in page.text
    assert at("data") + "/read/dog/2" in [a["_href"] for a in page.elements("a")]


def test_crud_creates_reads_updates_deletes(client):
    made = client.post(at("new"), data={**client.get(at("new")).hidden(), "name": "new", "age": "1"})
    assert made.headers["Location"] == at("show") + "/3"
    read = client.get(at("data") + "/read/dog/3")
    assert "new" in read.text
    assert "7" in read.text
    assert not read.elements("input[type=submit]")
    path = at("data") + "/update/dog/3"
    assert (
        "Record Updated"
        in client.post(path, data={**client.get(path).hidden(), "name": "newer", "age": "8"}).text
    )
    assert "newer" in client.get(at("data") + "/read/dog/3").text
    gone = at("data") + "/delete/dog/3"
    assert client.get(gone).elements("input[type=submit]")
    assert "newer" in client.get(at("data") + "/read/dog/3").text
    assert client.post(gone, data=client.get(gone).hidden()).status_code == 303
    assert client.get(at("data") + "/read/dog/3").status_code == 404


def test_crud_says_what_is_wrong_with_a_form(client):
    path = at("data") + "/create/owner"
    page = client.post(path, data={**client.get(path).hidden(), "name": ""})
    assert page.elements(".error")
    assert client.get(at("data") + "/read/owner/2").status_code == 404


@pytest.mark.parametrize("path", ["read/dog/x", "read/nothing/1", "drop/dog", "update/dog", "read/dog/-1"])
def test_crud_addresses_that_mean_nothing(client, path):
    assert client.get(f"{at('data')}/{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["select/dog", "create/dog", "read/dog/1", "update/dog/1", "delete/dog/1", "search/dog"]
)
def test_crud_asks_who_may(client, path):
    assert client.get(f"{at('closed')}/{path}").status_code == 403


def test_crud_search(client):
    page = client.post(
        at("found"), data={**client.get(at("found")).hidden(), "condage": "greater than", "txtage": "5"}
    )
    assert "fido" in page.text
    assert "rex" not in page.text
    page = client.post(at("found"), data={**page.hidden(), "condname": "contains", "txtname": "' or 1=1 --"})
    assert "fido" not in page.text


def test_crud_needs_a_database():
    from runtime.tools.crud import Crud

    with pytest.raises(TypeError, match="Crud"):
        Crud(None)
