"""Grids inside requests: list, search, order, pages, exports, records, rights (NAMES-06, SEC-01, FUN-09)."""

from __future__ import annotations

import csv
import io
import json
import sqlite3

import pytest

MODEL = """
db = DAL('sqlite://storage.sqlite')
db.define_table('owner', Field('name', requires=IS_NOT_EMPTY()), format='%(name)s')
db.define_table('thing', Field('name', requires=IS_NOT_EMPTY()), Field('price', 'double'),
    Field('owner', 'reference owner', requires=IS_EMPTY_OR(IS_IN_DB(db, 'owner.id', '%(name)s'))),
    Field('secret', readable=False, writable=False), Field('photo', 'upload'),
    Field.Virtual('shout', lambda row: row.thing.name.upper()), format='%(name)s')
if db(db.owner).isempty():
    for name in ('Ann', 'Bob'):
        db.owner.insert(name=name)
    for at in range(45):
        db.thing.insert(name='thing %02d' % at, price=at, owner=1 + at % 2, secret='hush')
"""
CONTROLLER = """
from gluon.storage import Storage

def login():
    session.auth = Storage(user=Storage(id=1), hmac_key='of-ann')
    return 'in'

def logout():
    session.auth = None
    return 'out'

def list():
    return dict(grid=SQLFORM.grid(db.thing, user_signature=False))

def guarded():
    return dict(grid=SQLFORM.grid(db.thing.owner == 1))

def narrow():
    grid = SQLFORM.grid(db.thing, fields=[db.thing.name, db.thing.price], orderby=~db.thing.price,
        paginate=10, headers={'thing.name': 'What'}, editable=lambda row: row.price > 40, deletable=False,
        details=False, create=False, csv=False, searchable=False, maxtextlength=5,
        links=[dict(header='More', body=lambda row: A('more', _href='#%s' % row.id))],
        selectable=lambda ids: redirect(URL('chosen', args=ids)), user_signature=False)
    return dict(grid=grid)

def icons():
    return dict(grid=SQLFORM.grid(db.thing, showbuttontext=False, paginate=3, user_signature=False))

def chosen():
    return '-'.join(request.args)

def joined():
    return dict(grid=SQLFORM.grid(db.thing, fields=[db.thing.name, db.owner.name], field_id=db.thing.id,
        left=db.owner.on(db.owner.id == db.thing.owner), user_signature=False))

def counted():
    n = db.thing.id.count()
    return dict(grid=SQLFORM.grid(db.thing, fields=[db.thing.owner, n], groupby=db.thing.owner, details=False,
        editable=False, deletable=False, create=False, user_signature=False))

def own():
    from runtime.forms.grid.exporters import ExportClass, ExporterCSV
    class Count(ExportClass):
        label, file_ext, content_type = 'Count', 'txt', 'text/plain'
        def export(self):
            return '%s records, first %s' % (len(self.rows), self.rows.first().name)
    class Upper(ExporterCSV):
        def export(self):
            return ExporterCSV.export(self).upper() + str(len(self.rows))
    class Pieces(ExportClass):
        label, file_ext, content_type = 'Pieces', 'txt', 'text/plain'
        def export(self):
            for values in self.represented():
                yield '%s\\n' % values[-1]
    class Plain(object):
        file_ext, content_type = 'txt', 'text/plain'
        def __init__(self, rows):
            self.rows = rows
        def export(self):
            out = []
            for row in self.rows.render():
                out.append(row.name)
            self.rows.compact = False
            return '%s %s %s' % (self.rows.colnames, len(out), [row.thing.id for row in self.rows][-1])
    return dict(grid=SQLFORM.grid(db.thing, user_signature=False, fields=[db.thing.id, db.thing.name],
        exportclasses=dict(count=(Count, 'Count', 'How many'), upper=(Upper, 'Upper'), xml=False,
            pieces=(Pieces, 'Pieces'), plain=(Plain, 'Plain'))))

def broken():
    db.thing.name.represent = lambda value, row: 1 / 0 if row.id == 1500 else value
    if db(db.thing).count() < 2000:
        db.thing.bulk_insert([dict(name='more')] * 2000)
    return dict(grid=SQLFORM.grid(db.thing, user_signature=False))

def smart():
    return dict(grid=SQLFORM.smartgrid(db.owner, linked_tables=['thing'], user_signature=False))

def bounded():
    return dict(grid=SQLFORM.smartgrid(db.owner, constraints=dict(owner=db.owner.id == 1), user_signature=False))
"""
VIEW = "{{=grid}}"


@pytest.fixture
def client(site):
    site.model(MODEL)
    site.controller(CONTROLLER)
    for name in ("list", "guarded", "narrow", "icons", "joined", "counted", "smart", "bounded"):
        site.view("{{=response.flash or ''}}" + VIEW, f"default/{name}.html")
    return site.client()


def at(name: str) -> str:
    return f"/myapp/default/{name}"


def names(page) -> list[str]:
    """The texts of the first cells."""
    return [row.components[0].flatten() for row in page.elements("tbody tr")]


def link(page, words: str) -> str:
    from html import unescape

    found = [a["_href"] for a in page.elements("a") if words in a.flatten() or a["_title"] == words]
    return unescape(found[0])


def test_names_06_a_page_of_the_list(client):
    """NAMES-06: twenty records a page, readable columns only, pages by links, how many there are."""
    page = client.get(at("list"))
    assert len(page.elements("tbody tr")) == 20
    heads = [head.flatten() for head in page.elements("th")]
    assert heads == ["Id", "Name", "Price", "Owner", "Photo", "Shout", ""]
    assert "hush" not in page.text
    assert "45 records found" in page.text
    assert "THING 00" in page.text
    assert "Ann" in page.elements("tbody tr")[0].flatten()
    last = client.get(link(page, "3"))
    assert len(last.elements("tbody tr")) == 5
    assert "41-45 of 45" in last.text


def test_names_06_buttons_without_words(client):
    """NAMES-06: showbuttontext=False leaves icons, whose names are told by titles and labels."""
    page = client.get(at("icons"))
    assert page.status_code == 200
    assert page.element("a[title='Add record to database']")["_aria-label"] == "Add Record"
    assert len(page.elements("a[title=Edit]")) == 3
    assert not page.elements("a .buttontext")


def test_pages_that_do_not_exist_show_the_last_or_first(client):
    assert len(client.get(at("list") + "?page=99").elements("tbody tr")) == 5
    assert len(client.get(at("list") + "?page=-1").elements("tbody tr")) == 20
    assert len(client.get(at("list") + "?page=x%27").elements("tbody tr")) == 20
    assert len(client.get(at("list") + "?page=1&page=2").elements("tbody tr")) == 20


def test_a_click_sorts_a_second_click_turns_round(client):
    page = client.get(at("list"))
    up = client.get(link(page, "Price"))
    down = client.get(link(up, "Price"))
    assert names(down)[0] == "45"
    assert down.element("th[aria-sort=descending]").flatten().startswith("Price")
    refused = client.get(at("list") + "?order=thing.secret")
    assert names(refused)[0] == "1"


def test_search_by_words_and_by_condition(client):
    """SEC-01: what is searched for is a bound value, and hidden fields cannot be searched."""
    assert names(client.get(at("list") + "?keywords=thing 07"))[0] == "8"
    found = client.get(
        at("list"), query_string={"keywords": 'thing.price > "42" and thing.name contains "thing"'}
    )
    assert names(found) == ["44", "45"]
    found = client.get(at("list"), query_string={"keywords": "x'; drop table thing; --"})
    assert "No records found" in found.text
    wrong = client.get(at("list"), query_string={"keywords": 'thing.secret = "hush"'})
    assert "Invalid query" in wrong.text
    assert wrong.status_code == 200
    assert client.get(at("list")).text.count("45 records found") == 1


@pytest.mark.parametrize(
    "keywords", ['"', '""', "name =", '= "x"', 'name "x" "y"', '"<script>"', "%", "_", "((", 'and "x"']
)
def test_searches_that_mean_nothing_are_pages_all_the_same(client, keywords):
    page = client.get(at("list"), query_string={"keywords": keywords})
    assert page.status_code == 200
    assert '<script>"' not in page.text


def test_search_form_keeps_the_order_and_clears(client):
    page = client.get(at("list") + "?order=~thing.price&keywords=thing")
    form = page.element("form")
    assert form["_method"] == "GET"
    assert page.hidden()["order"] == "~thing.price"
    assert page.element("input[name=keywords]")["_value"] == "thing"
    assert "keywords" not in link(page, "Clear")


@pytest.mark.parametrize(
    ("kind", "begin"),
    [
        ("csv", "thing.id,thing.name"),
        ("tsv", "thing.id\tthing.name"),
        ("html", "<!DOCTYPE html>"),
        ("xml", "<?xml"),
    ],
)
def test_fun_09_exports(client, kind, begin):
    """FUN-09: files of all records that were searched for, not of the page alone."""
    answer = client.get(at("list") + f"?_export_type={kind}&keywords=thing")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="rows.{kind}"'
    assert answer.text.startswith(begin)
    assert answer.text.count("thing 4") == 5
    assert "hush" not in answer.text


def test_fun_09_csv_shows_what_is_represented(client):
    """FUN-09"""
    lines = list(csv.reader(io.StringIO(client.get(at("list") + "?_export_type=csv").text)))
    assert len(lines) == 46
    assert lines[1][3] == "Ann"
    stored = list(csv.reader(io.StringIO(client.get(at("list") + "?_export_type=csv_with_hidden_cols").text)))
    assert stored[1][stored[0].index("thing.owner")] == "1"
    values = json.loads(client.get(at("list") + "?_export_type=json").text)
    assert values[44]["price"] == 44.0
    assert client.get(at("list") + "?_export_type=../x").status_code == 400


def test_exporters_of_the_applications_own(client):
    """NAMES-06: a documented class gets all records; others can be taken away."""
    answer = client.get(at("own") + "?_export_type=count")
    assert answer.text == "45 records, first thing 00"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rows.txt"'
    assert "THING 44" in client.get(at("own") + "?_export_type=upper").text
    assert client.get(at("own") + "?_export_type=upper").text.endswith("45")
    assert client.get(at("own") + "?_export_type=pieces").text.splitlines()[44] == "thing 44"
    assert client.get(at("own") + "?_export_type=plain").text == "['thing.id', 'thing.name'] 45 45"
    assert client.get(at("own") + "?_export_type=xml").status_code == 400


def test_err_10_an_export_that_fails_half_way_is_ticketed(client, site):
    """ERR-10: the first thousand records are under way when the error comes."""
    with pytest.raises(ZeroDivisionError):
        client.get(at("broken") + "?_export_type=csv", buffered=True)
    assert len(site.tickets()) == 1


def test_create_view_edit_delete_and_back_to_the_same_list(client):
    page = client.get(at("list") + "?order=~thing.price&page=2")
    new = client.get(link(page, "Add Record"))
    answer = client.post(link(page, "Add Record"), data={**new.hidden(), "name": "new one", "price": "99"})
    assert answer.status_code == 303
    assert "order=~thing.price" in answer.headers["Location"].replace("%7E", "~")
    first = client.get(at("list") + "?order=~thing.price")
    assert names(first)[0] == "46"
    view = client.get(link(first, "View"))
    assert "new one" in view.text
    assert not view.elements("input[type=submit]")
    edit = client.get(link(view, "Edit"))
    assert (
        client.post(link(view, "Edit"), data={**edit.hidden(), "name": "", "price": "99"}).status_code == 200
    )
    edit = client.get(link(view, "Edit"))
    client.post(link(view, "Edit"), data={**edit.hidden(), "name": "newer", "price": "99"})
    first = client.get(at("list") + "?order=~thing.price")
    assert "newer" in first.text
    question = client.get(link(first, "Delete"))
    assert "Delete this record?" in question.text
    assert "46 records" in client.get(at("list")).text
    assert client.post(link(first, "Delete"), data=question.hidden()).status_code == 303
    assert "45 records" in client.get(at("list")).text


def test_hidden_fields_cannot_be_written(client):
    edit = client.get(at("list") + "/edit/thing/1")
    client.post(
        at("list") + "/edit/thing/1", data={**edit.hidden(), "name": "x", "price": "1", "secret": "told"}
    )
    assert client.get(at("list") + "?_export_type=csv_with_hidden_cols").text.count("told") == 0


@pytest.mark.parametrize(
    "path",
    ["edit/thing/9999", "view/owner/1", "edit/nothing/1", "new/owner", "view/thing/x", "delete/thing/1e9"],
)
def test_addresses_that_mean_nothing_here_are_not_found(client, path):
    assert client.get(f"{at('list')}/{path}").status_code == 404


def test_records_outside_of_the_query_are_not_there(client):
    """Records of others: by number neither seen, changed nor deleted, also with a good signature."""
    client.get(at("login"))
    page = client.get(at("guarded"))
    view = link(page, "View")
    assert client.get(view).status_code == 200
    foreign = view.replace("/thing/1", "/thing/2")
    answer = client.get(foreign)
    assert answer.status_code == 303  # the signature is of another address
    assert "thing 01" not in answer.text


def test_writing_needs_a_visitor_and_that_visitors_signature(client):
    """Signed addresses: anonymous visitors look, visitors change by their own links only."""
    page = client.get(at("guarded"))
    assert client.get(link(page, "View")).status_code == 200
    for words in ("Edit", "Add Record", "Delete"):
        assert client.get(link(page, words)).status_code == 303
    client.get(at("login"))
    page = client.get(at("guarded"))
    edit = link(page, "Edit")
    assert client.get(edit).status_code == 200
    assert client.get(edit.partition("?")[0]).status_code == 303
    client.get(at("logout"))
    assert client.get(edit).status_code == 303


def test_deleting_in_the_background(client):
    """The button posts to a signed address; one without signature, or a GET, deletes nothing."""
    client.get(at("login"))
    page = client.get(at("guarded"))
    button = next(a for a in page.elements("a") if "Delete" in a.flatten())
    assert button["_data-w2p_method"] == "POST"
    assert button["_data-w2p_remove"] == "tr"
    ajax = {"X-Requested-With": "XMLHttpRequest"}
    target = link(page, "Delete")
    assert client.post(target.partition("?")[0], headers=ajax).status_code in (200, 303)
    assert "23 records" in client.get(at("guarded")).text
    assert client.get(target).status_code == 200
    assert "23 records" in client.get(at("guarded")).text
    assert client.post(target, headers=ajax).status_code == 200
    assert "22 records" in client.get(at("guarded")).text


def test_occ_11_a_record_that_changed_is_not_deleted(client, site):
    """OCC-04, OCC-08, OCC-11: the button and the question tell what was shown; another record stays."""

    def change(name):
        with sqlite3.connect(site.app / "databases/storage.sqlite") as base:
            base.execute("update thing set name = ? where id = 1", (name,))
        base.close()

    ajax = {"X-Requested-With": "XMLHttpRequest"}
    client.get(at("login"))
    target = link(client.get(at("guarded")), "Delete")
    change("mine now")
    answer = client.post(target, headers=ajax)
    assert answer.status_code == 200
    question = client.get(answer.headers["web2py-redirect-location"])
    assert "Someone else has changed this record" in question.text
    assert "mine now" in question.text
    assert "23 records" in client.get(at("guarded")).text
    change("mine again")
    path = answer.headers["web2py-redirect-location"]
    refused = client.post(path, data=question.hidden())
    assert refused.status_code == 200
    assert "Someone else has changed this record" in refused.element(".w2p_conflict").flatten()
    assert "mine again" in refused.text
    assert "23 records" in client.get(at("guarded")).text
    answer = client.post(path, data=refused.hidden())
    assert answer.status_code == 303
    assert "_shown" not in answer.headers["Location"]
    assert "22 records" in client.get(at("guarded")).text
    first = link(client.get(at("guarded")), "Delete")
    assert client.post(first, headers=ajax).status_code == 200, "what nobody changed is deleted at once"
    assert "21 records" in client.get(at("guarded")).text


def test_columns_heads_links_limits_and_boxes(client):
    page = client.get(at("narrow"))
    assert [head.flatten() for head in page.elements("th")] == ["", "What", "Price ▼"[:5], "More", ""]
    cells = page.elements("tbody tr")[0].components
    assert cells[1].flatten() == "th..."
    assert page.element("span[title=thing 44]") is not None
    assert len(page.elements("tbody tr")) == 10
    assert "#45" in str(cells[3])
    assert len([a for a in page.elements("a") if "Edit" in a.flatten()]) == 4
    assert not page.elements("input[name=keywords]")
    assert "Export" not in page.text
    sent = client.post(at("narrow"), data={**page.hidden(), "records": ["45", "44", "1"]})
    assert sent.headers["Location"] == at("chosen") + "/45/44"


def test_joined_tables(client):
    page = client.get(at("joined"))
    assert "Ann" in page.text
    assert client.get(at("joined") + "?order=~owner.name").elements("tbody tr")[0].flatten().count("Bob") == 1
    found = client.get(at("joined"), query_string={"keywords": 'owner.name = "Ann"'})
    assert "23 records" in found.text
    assert "thing 00" in client.get(at("joined") + "/view/thing/1").text


def test_groups(client):
    page = client.get(at("counted"))
    assert "2 records" in page.text
    assert [row.components[1].flatten() for row in page.elements("tbody tr")] == ["23", "22"]


def test_values_are_escaped_everywhere(client, site):
    """XSS strings in texts and heads stay text."""
    site.model(MODEL.replace("Field('price', 'double')", "Field('price', 'double', label='<b id=x>')"))
    edit = client.get(at("list") + "/edit/thing/1")
    evil = "<script id=evil>1</script>"
    client.post(at("list") + "/edit/thing/1", data={**edit.hidden(), "name": evil, "price": "1"})
    page = client.get(at("list"))
    assert "<script id=evil>" not in page.text
    assert "<b id=x>" not in page.text
    assert "&lt;b id=x&gt;" in page.text


def test_unknown_arguments_are_named(site):
    site.model(MODEL)
    site.controller("def index():\n    return SQLFORM.grid(db.thing, paginat=3)")
    page = site.client(rich_errors=True).get("/myapp/default/index", base_url="http://127.0.0.1:8000")
    assert page.status_code == 500
    assert "has no argument &#x27;paginat&#x27;" in page.text or "paginat" in page.text


def test_smartgrid_follows_references(client):
    """NAMES-06: records link to those that refer to them; the trail leads back; new ones refer by themselves."""
    page = client.get(at("smart"))
    assert names(page) == ["1", "2"]
    things = client.get(link(page, "Things"))
    assert "23 records" in things.text
    trail = [item.flatten() for item in things.elements("ul.breadcrumb li")]
    assert [text.strip("> ") for text in trail] == ["Owners", "Ann", "Things"]
    new = client.get(link(things, "Add Record"))
    assert not new.elements("select[name=owner]")
    client.post(
        link(things, "Add Record"), data={**new.hidden(), "name": "of Ann", "price": "1", "owner": "2"}
    )
    assert "24 records" in client.get(link(page, "Things")).text
    assert client.get(at("smart") + "/owner/thing.secret/1").status_code == 404
    assert client.get(at("smart") + "/owner/thing.owner/77").status_code == 404


def test_smartgrid_constraints_hold_along_the_trail(client):
    page = client.get(at("bounded"))
    assert names(page) == ["1"]
    assert client.get(at("bounded") + "/owner/thing.owner/2").status_code == 404
    assert client.get(at("bounded") + "/owner/view/owner/2").status_code == 404


def test_wrong_argument_is_a_type_error():
    from runtime.forms import SQLFORM

    with pytest.raises(TypeError, match="needs a query"):
        SQLFORM.grid("thing")


def test_w4_pages_cost_a_count_and_their_records(site):
    """A page reads one count and one page of records, whatever the table's size and references."""
    site.model(MODEL)
    site.controller(
        "def index():\n    grid = SQLFORM.grid(db.thing, user_signature=False)\n    str(grid)\n"
        "    return ' ; '.join(text for text, _ in db._timings if text.startswith('SELECT'))"
    )
    client = site.client()
    client.get("/myapp/default/index")
    statements = client.get("/myapp/default/index").text.split(" ; ")
    own = [text for text in statements if '"owner"."name"' not in text and "LIMIT 1" not in text]
    assert len([text for text in own if "COUNT" in text]) == 1
    assert len([text for text in own if "LIMIT 20" in text]) == 1


def test_names_06_fields_that_are_read_and_not_shown(site):
    """NAMES-06: a field asked for that is not readable is there for links and represent, without a column."""
    site.model(
        "db = DAL('sqlite:memory')\n"
        "db.define_table('thing', Field('name', represent=lambda value, row: '%s-%s' % (value, row.code)),\n"
        "    Field('code', readable=False), Field('secret', readable=False))\n"
        "db.thing.insert(name='one', code='c7', secret='s8')\n"
    )
    site.controller(
        "def index():\n"
        "    links = [lambda row: A('go', _href='/to/%s' % row.code), dict(header='L', body=lambda row: row['code'] + '!')]\n"
        "    fields = [db.thing.name, db.thing.code]\n"
        "    return str(SQLFORM.grid(db.thing, fields=fields, links=links, user_signature=False))\n"
        "def plain():\n"
        "    return str(SQLFORM.grid(db.thing, user_signature=False, csv=False,\n"
        "        links=[lambda row: str(sorted(dict(row)))]))\n"
    )
    client = site.client()
    page = client.get("/myapp/default/index").text
    for text in ("one-c7", "/to/c7", "c7!"):
        assert text in page
    assert "<td>c7</td>" not in page
    assert "s8" not in page
    hidden = client.get("/myapp/default/index?_export_type=csv_with_hidden_cols").text
    assert "c7" in hidden
    assert "c7\n" not in client.get("/myapp/default/index?_export_type=csv").text.replace("one-c7", "")
