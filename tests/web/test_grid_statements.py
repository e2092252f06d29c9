"""What pages of grids and tables ask the database for: a count, the records, one query for each table referred to."""

from __future__ import annotations

import json

import pytest

MODEL = """
db = DAL('sqlite://storage.sqlite')
db.define_table('owner', Field('name'), format='%(name)s')
db.define_table('tag', Field('name'), format=lambda row: row.name.upper())
db.define_table('thing', Field('name'), Field('price', 'integer'), Field('owner', 'reference owner'),
    Field('helper', 'reference owner'), Field('tags', 'list:reference tag'),
    Field('maker', 'reference owner', represent=lambda value, row: 'made by %s' % value), format='%(name)s')
if db(db.owner).isempty():
    for at in range(40):
        db.owner.insert(name='owner %d' % at)
    for at in range(5):
        db.tag.insert(name='tag %d' % at)
    for at in range(45):
        db.thing.insert(name='thing %02d' % at, price=at % 3, owner=1 + at % 40, helper=40 - at % 40,
            tags=[1 + at % 3, 2 + at % 3, 77], maker=1 + at % 40)
"""
CONTROLLER = """
def sent(make):
    before = len(db._timings)
    try:
        made = make()
    except HTTP as answer:
        made = ''.join(answer.body)
    asked = [statement for statement, _ in db._timings[before:]]
    return response.json(dict(asked=asked, page=str(made)))

def list():
    return sent(lambda: SQLFORM.grid(db.thing, user_signature=False))

def ordered():
    return sent(lambda: SQLFORM.grid(db.thing, fields=[db.thing.id], orderby=~db.thing.price, user_signature=False))

def joined():
    return sent(lambda: SQLFORM.grid(db.thing, left=db.owner.on(db.owner.id == db.thing.owner),
        field_id=db.thing.id, user_signature=False))

def counted():
    return sent(lambda: SQLFORM.grid(db.thing, cache_count=45, user_signature=False))

def smart():
    return sent(lambda: SQLFORM.smartgrid(db.owner, user_signature=False))

def table():
    return sent(lambda: SQLTABLE(db(db.thing).select(), truncate=None))
"""


@pytest.fixture
def ask(site):
    site.model(MODEL)
    site.controller(CONTROLLER)
    client = site.client()
    client.get("/myapp/default/table")  # makes tables and records

    def get(path: str, **variables: str) -> tuple[list[str], str]:
        answer = client.get(f"/myapp/default/{path}", query_string=variables)
        assert answer.status_code == 200, answer.text
        said = json.loads(answer.text)  # an export sets the type of its file
        return said["asked"], said["page"]

    return get


def tables(asked: list[str]) -> list[str]:
    return [statement.partition(" FROM ")[2].split('"')[1] for statement in asked]


@pytest.mark.parametrize(
    "variables",
    [{}, {"page": "3"}, {"order": "~thing.price"}, {"keywords": "thing"}, {"keywords": 'thing.price = "1"'}],
)
def test_names_06_a_page_is_a_count_its_records_and_a_query_for_each_table(ask, variables):
    """NAMES-06: four fields refer to two tables; twenty records do not ask for each of what they refer to."""
    asked, page = ask("list", **variables)
    assert tables(asked) == ["thing", "thing", "owner", "tag"], "\n".join(asked)
    assert asked[0].startswith("SELECT COUNT(*)")
    assert "LIMIT 20" in asked[1]
    assert "owner 1<" in page


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("joined", ["thing", "thing", "owner", "tag"]),
        ("counted", ["thing", "owner", "tag"]),
        ("smart", ["owner", "owner"]),
        ("table", ["thing", "owner", "tag"]),
    ],
)
def test_names_06_other_lists(ask, path, wanted):
    """NAMES-06: joined tables, a count that is known, smartgrid, SQLTABLE."""
    assert tables(ask(path)[0]) == wanted


def test_fun_09_an_export_reads_each_table_once(ask):
    """FUN-09: also many records do not ask for each of what they refer to, and nothing is counted."""
    asked, text = ask("list", _export_type="csv")
    assert tables(asked) == ["thing", "owner", "tag"]
    assert "thing 44" in text


def test_names_06_references_show_what_they_did_one_by_one(ask):
    """NAMES-06: text of the format, by function too; a number where there is no record; the own `represent`."""
    for path in ("list", "table"):
        page = ask(path)[1]
        assert "<td>owner 1</td><td>owner 38</td><td>TAG 1, TAG 2, 77</td><td>made by 2</td>" in page
    text = ask("list", _export_type="csv")[1]
    assert 'thing 01,1,owner 1,owner 38,"TAG 1, TAG 2, 77",made by 2' in text


def test_names_06_equal_records_keep_their_place(ask):
    """NAMES-06: where many are equal in the column of the order, pages neither repeat nor lose records."""

    def numbers(**variables: str) -> list[str]:
        pages = [ask("list", page=str(number), **variables)[1] for number in (1, 2, 3)]
        return [
            line.partition('id="')[2].partition('"')[0] for page in pages for line in page.split("<tr ")[1:]
        ]

    up, down = numbers(order="thing.price"), numbers(order="~thing.price")
    assert sorted(map(int, up)) == list(range(1, 46))
    assert up == down[::-1]
    assert 'ORDER BY "thing"."price" DESC, "thing"."id" DESC' in ask("ordered")[0][1]
