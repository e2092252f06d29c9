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
    question = client.get(gone)
    assert question.elements("input[type=submit]")
    client.post(path, data={**client.get(path).hidden(), "name": "newer", "age": "9"})
    refused = client.post(gone, data=question.hidden())
    assert "Someone else has changed this record" in refused.text
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


@pytest.mark.parametrize("page", ["shortly", "process"])
def test_names_05_next_page_by_the_name_of_an_action(site, page):
    """NAMES-05, NAMES-10: next='show/[id]' leads to the action show of the controller, whatever the form's address."""
    site.model(MODEL)
    site.controller(
        "def shortly():\n    return dict(out=crud.create(db.owner, next='show/[id]'))\n\n"
        "def process():\n    return dict(out=SQLFORM(db.owner).process(next='show/[id]'))\n"
    )
    site.view("{{=out}}", f"default/{page}.html")
    client = site.client()
    filled = client.get(f"/myapp/default/{page}/1/2")
    data = {str(node["_name"]): str(node["_value"]) for node in filled.elements("input[type=hidden]")}
    answer = client.post(f"/myapp/default/{page}/1/2", data=data | {"name": "Bea"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/myapp/default/show/2")


def test_names_10_deleting_in_the_form_of_a_change(site):
    """NAMES-10: the box of the form deletes: ondelete is called, not onaccept, and the message says so."""
    site.model(MODEL)
    site.controller(
        "def change():\n"
        "    def told(form):\n"
        "        session.told = 'gone %s' % form.vars.delete_this_record\n"
        "    form = crud.update(db.dog, 1, ondelete=told, onaccept=lambda form: 1 / 0, next='told')\n"
        "    return dict(out=form)\n\n"
        "def told():\n    return '%s %s %s' % (session.told, response.flash, db(db.dog).count())\n\n"
        "def grid():\n"
        "    grid = SQLFORM.grid(db.dog, user_signature=False, ondelete=lambda table, key: session.update(told=key))\n"
        "    return dict(out=grid)\n"
    )
    for page in ("change", "grid"):
        site.view("{{=out}}", f"default/{page}.html")
    client = site.client()
    for path in ("change", "grid/edit/dog/2"):
        page = client.get(f"/myapp/default/{path}")
        data = {str(node["_name"]): str(node["_value"]) for node in page.elements("input[type=hidden]")}
        answer = client.post(f"/myapp/default/{path}", data=data | {"name": "x", "delete_this_record": "on"})
        assert answer.status_code == 303, answer.text
        told = client.get("/myapp/default/told").text
        assert told.startswith("gone on Record Deleted 1" if path == "change" else "2 "), told


def test_names_10_select_of_fields_by_name(site):
    """NAMES-10: names of fields, also with the table in front as `SQLTABLE` and old plugins write them."""
    site.model(MODEL)
    site.controller("def index():\n    return str(crud.select(db.dog, fields=['name', 'dog.age']))\n")
    text = site.client().get("/myapp/default/index").text
    assert "fido" in text
    assert "9" in text


def test_crud_search_with_odd_conditions(site):
    """NAMES-10: whatever is sent for a field of any type: found, or said that it can not be, never an error."""
    kinds = (
        "string",
        "integer",
        "double",
        "decimal(6,2)",
        "date",
        "datetime",
        "time",
        "boolean",
        "list:string",
    )
    fields = ", ".join(f"Field('f{at}', {kind!r}, label='Label {at}')" for at, kind in enumerate(kinds))
    site.model(
        f"db = DAL('sqlite://storage.sqlite')\ndb.define_table('t', {fields}, Field('o', 'reference t'),\n"
        "    Field('n', 'integer', unique=True), Field('j', 'json'))\n"
        "if db(db.t).isempty():\n    db.t.insert(f0='<i>x</i>', f1=5, f4='2026-01-02', f8=['x', 'y'], n=7)\n"
    )
    site.controller("""
        def find():
            from gluon.tools import Crud
            form, rows = Crud(db).search(db.t)
            return dict(out=DIV(response.flash or '', form, SQLTABLE(rows, _class='found') if rows is not None else ''))
    """)
    site.view("{{=out}}", "default/find.html")
    client = site.client()

    def find(name, condition, text):
        sent = {
            **client.get(at("find")).hidden(),
            f"cond{name}": condition,
            f"txt{name}": text,
            f"chk{name}": "on",
        }
        page = client.post(at("find"), data=sent)
        assert page.status_code == 200
        return len(page.elements("table.found tbody tr")), page.text

    assert not client.get(at("find")).elements("[name=condj]")
    for name, condition, text in (
        ("f0", "contains", "<i>"), ("f1", "equal", "5"), ("f1", "greater than", "4"), ("f4", "less than", "2026-02-01"),
        ("f8", "contains", "y"), ("n", "equal", "7"), ("o", "equal", ""),
    ):  # fmt: skip
        assert find(name, condition, text)[0] == 1, (name, condition)
    assert find("n", "equal", "8")[0] == 0
    for text in ("", "abc", "<script>no</script>", "9" * 40, "1e400"):
        for condition in ("greater than", "contains", "starts with", "equal"):
            for name in (f"f{number}" for number in range(len(kinds))):
                assert "<script>no" not in find(name, condition, text)[1]
    assert "can not be searched for: Label 1" in find("f1", "starts with", "5")[1]
    assert "can not be searched for: Label 4" in find("f4", "greater than", "never")[1]
    assert not site.tickets()
