"""The widgets (NAMES-06, DBI-05)."""

from __future__ import annotations

import datetime
import json

import pytest

from runtime.dal import Field
from runtime.dal.validators import IS_DATE, IS_EMPTY_OR, IS_IN_DB, IS_IN_SET, IS_LENGTH, IS_NOT_EMPTY
from runtime.forms import SQLFORM
from runtime.forms.widgets import lookup
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.html import INPUT

W = SQLFORM.widgets


@pytest.fixture
def form(db, visit):
    """A table of one field, and a visitor of its form: ``form('date', value, **options of the field)``."""

    def make(kind, value=None, formstyle="table3cols", **options):
        if "t" in db:
            db.t.drop()
        db.define_table("t", Field("f", kind, **options))
        number = None if value is None else db.t.insert(f=value)
        return visit(lambda: SQLFORM(db.t, number, upload="/download", formstyle=formstyle))

    return make


def test_names_06_every_documented_widget_is_there():
    """NAMES-06."""
    names = "string text integer double decimal time date datetime boolean upload password blob json options multiple " \
            "radio checkboxes list autocomplete bigint"  # fmt: skip
    for name in names.split():
        if name != "blob":  # has no control
            assert hasattr(W[name], "widget"), name


def test_names_06_a_widget_called_by_hand(db):
    """NAMES-06: control of a field with id, name, class and validators; attributes win."""
    db.define_table("t", Field("a", requires=IS_NOT_EMPTY()))
    made = W.string.widget(db.t.a, 'x"', _style="color: red", _class="mine")
    assert (
        str(made) == '<input class="mine" id="t_a" name="a" style="color: red" type="text" value="x&quot;" />'
    )
    assert made["requires"] is db.t.a.requires


def test_names_06_a_widget_of_the_application(db, visit):
    """NAMES-06: the documented recipe: a function of field and value."""

    def own(field, value):
        return INPUT(_name=field.name, _id="own", value=value, requires=field.requires)

    db.define_table("t", Field("a", requires=IS_NOT_EMPTY(), widget=own))
    visitor = visit(lambda: SQLFORM(db.t))
    assert 'id="own"' in visitor.page
    assert visitor.send(a="").errors
    assert visitor.send(a="x").accepted


@pytest.mark.parametrize(
    ("kind", "stored", "shown", "sent", "wanted"),
    [
        ("string", "a", 'value="a"', "b", "b"),
        ("text", "a\nb", ">a\nb<", "c", "c"),
        ("integer", 3, 'value="3"', "4", 4),
        ("double", 1.5, 'value="1.50"', "2.5", 2.5),
        ("date", datetime.date(2020, 2, 3), 'value="2020-02-03"', "2021-01-01", datetime.date(2021, 1, 1)),
        ("time", datetime.time(13, 5), 'value="13:05:00"', "14:00:00", datetime.time(14)),
        ("datetime", datetime.datetime(2020, 1, 2, 3, 4, 5), 'value="2020-01-02 03:04:05"', "2020-01-02 03:04:06",
         datetime.datetime(2020, 1, 2, 3, 4, 6)),
        ("json", {"a": [1]}, "&quot;a&quot;", "[2]", [2]),
        ("list:string", ["x", "y"], 'value="y"', ["z"], ["z"]),
        ("list:integer", [1, 2], 'value="2"', ["3"], [3]),
        ("boolean", True, 'checked="checked"', None, False),
    ],
)  # fmt: skip
def test_names_06_there_and_back(form, db, kind, stored, shown, sent, wanted):
    """NAMES-06: what is stored is shown, comes back unchanged, and can be changed."""
    visitor = form(kind, stored)
    assert shown in visitor.page
    assert visitor.send().accepted
    assert db.t(1).f == stored
    assert visitor.send(f=sent).accepted, visitor.form.errors
    assert db.t(1).f == wanted
    if kind not in ("boolean", "string", "text", "list:string"):
        bad = ["x"] if kind.startswith("list") else "{x"
        assert visitor.send(f=bad).errors
        assert "x" in visitor.page


def test_names_06_dates_in_the_format_of_the_validator(form, db):
    """NAMES-06: the documented text format; there and back."""
    visitor = form("date", datetime.date(2020, 12, 31), requires=IS_EMPTY_OR(IS_DATE(format="%d.%m.%Y")))
    assert 'value="31.12.2020"' in visitor.page
    assert visitor.send().accepted
    assert visitor.send(f="01.02.2021").accepted
    assert db.t(1).f == datetime.date(2021, 2, 1)


@pytest.mark.parametrize(
    ("kind", "stored", "shown", "sent", "wanted"),
    [
        ("date", datetime.date(2020, 12, 31), 'type="date" value="2020-12-31"', "2021-02-01", datetime.date(2021, 2, 1)),
        ("time", datetime.time(9, 30), 'type="time" value="09:30:00"', "10:00", datetime.time(10)),
        ("datetime", datetime.datetime(2020, 1, 2, 3, 4), 'type="datetime-local" value="2020-01-02T03:04:00"', "2020-01-02T03:05",
         datetime.datetime(2020, 1, 2, 3, 5)),
    ],
)  # fmt: skip
def test_names_06_native_inputs(db, visit, kind, stored, shown, sent, wanted):
    """NAMES-06, LIB-33: the browser's own controls, whatever format the validators want."""
    requires = IS_EMPTY_OR(IS_DATE(format="%d.%m.%Y")) if kind == "date" else None
    db.define_table("t", Field("f", kind, **({"requires": requires} if requires else {})))
    db.t.insert(f=stored)
    visitor = visit(lambda: SQLFORM(db.t, 1, native_inputs=True))
    assert shown in visitor.page
    assert visitor.send().accepted
    assert db.t(1).f == stored
    assert visitor.send(f=sent).accepted, visitor.form.errors
    assert db.t(1).f == wanted
    assert visitor.send(f="never").errors


def test_names_06_drop_downs(form, db):
    """NAMES-06: options with texts, the stored one chosen, others refused, an empty one where it may be empty."""
    visitor = form("string", "2", requires=IS_IN_SET([("1", "one"), ("2", "<two>")]))
    assert '<option selected="selected" value="2">&lt;two&gt;</option>' in visitor.page
    assert visitor.send(f="1").accepted
    assert db.t(1).f == "1"
    assert visitor.send(f="3").errors
    empty = form("integer", requires=IS_EMPTY_OR(IS_IN_SET([1, 2])))
    assert '<option value=""></option>' in empty.page
    assert empty.send(f="").accepted


@pytest.mark.parametrize("widget", ["multiple", "checkboxes"])
def test_names_06_several_values(form, db, widget):
    """NAMES-06: lists of chosen values, none of them included."""
    visitor = form(
        "list:string", ["a", "c"], requires=IS_IN_SET(["a", "b", "c"], multiple=True), widget=W[widget].widget
    )
    assert visitor.fields()["f"] == ["a", "c"]
    assert visitor.send().accepted
    assert visitor.send(f="b").accepted
    assert db.t(1).f == ["b"]
    assert visitor.send(f=["a", "evil"]).errors
    assert visitor.page.count('class="error"') == 1
    assert visitor.send(f=None).accepted
    assert not db.t(1).f


@pytest.mark.parametrize("style", ["table", "ul", "divs"])
def test_names_06_radio_buttons(form, db, style):
    """NAMES-06: arranged as asked; an error is shown once."""
    visitor = form("string", "b", requires=IS_IN_SET(["a", "b", "c"]),
                   widget=lambda f, v: W.radio.widget(f, v, style=style, cols=2))  # fmt: skip
    assert visitor.page.count('type="radio"') == 3
    assert visitor.fields()["f"] == "b"
    assert visitor.send(f="c").accepted
    assert db.t(1).f == "c"
    assert visitor.send(f="x").errors
    assert visitor.page.count('class="error"') == 1
    assert 'for="t_fa"' in visitor.page


def test_names_06_references_of_a_list(db, visit):
    """NAMES-06: list:reference offers the records; what is not there is refused."""
    db.define_table("tag", Field("name"), format="%(name)s")
    db.tag.bulk_insert([{"name": n} for n in "abc"])
    db.define_table("t", Field("f", "list:reference tag"))
    db.t.insert(f=[3, 1])
    visitor = visit(lambda: SQLFORM(db.t, 1))
    assert visitor.fields()["f"] == ["1", "3"]
    changes = []
    db.t._before_update.append(lambda _, row: changes.append(row) and False)
    assert visitor.send().accepted
    assert changes == []
    assert visitor.send(f=["2"]).accepted
    assert db.t(1).f == [2]
    assert visitor.send(f=["9"]).errors
    assert ">a, c<" not in visit(lambda: SQLFORM(db.t, 1, readonly=True)).page
    assert ">b<" in visit(lambda: SQLFORM(db.t, 1, readonly=True)).page


def test_names_06_lists_have_a_line_more(form):
    """NAMES-06: the empty line adds a value without JavaScript; its script is there once."""
    visitor = form("list:string", ["<a>"])
    assert visitor.page.count('name="f"') == 2
    assert "&lt;a&gt;" in visitor.page
    assert visitor.page.count("w2pLists = true") == 1
    visitor = form("list:string", requires=IS_LENGTH(1, error_message="too many"))
    assert visitor.send(f=["a", "b"]).errors.f == "too many"
    assert visitor.page.count('name="f"') == 3
    assert "too many" in visitor.page


# -- suggestions -----------------------------------------------------------------------------------


@pytest.fixture
def cities(db):
    db.define_table("city", Field("name"), Field("land"), format="%(name)s (%(land)s)")
    db.city.bulk_insert(
        [{"name": n, "land": "DE"} for n in ("Berlin", "Bern", "100%", "Bonn", "Köln", "B_x", "Twin", "Twin")]
    )
    return db


def ask(request_vars, build):
    current._begin(request=Storage(vars=Storage(request_vars), get_vars=Storage()), T=None)
    with pytest.raises(HTTP) as answer:
        build()
    assert answer.value.status == 200
    return json.loads(answer.value.body)


def test_names_06_autocomplete_suggests(cities):
    """NAMES-06: at the beginning or anywhere, distinct, limited, filtered, with help; wildcards are text."""
    name = cities.city.name

    def suggest(text, **options):
        request = Storage(vars={"_autocomplete_city_name": text})
        return ask(request.vars, lambda: W.autocomplete(request, name, **options))

    assert [item[0] for item in suggest("be")] == ["Berlin", "Bern"]
    assert suggest("b") == []
    assert [i[0] for i in suggest("er", at_beginning=False)] == ["Berlin", "Bern"]
    assert [i[0] for i in suggest("tw", distinct=True)] == ["Twin"]
    assert len(suggest("b", min_length=1, limitby=(0, 1))) == 1
    assert suggest("be", filterby=name == "Bern") == [["Bern", "Bern", ""]]
    assert suggest("ber", help_fields=[cities.city.land], help_string="in %(land)s")[0][2] == "in DE"
    assert [i[0] for i in suggest("100%")] == ["100%"]
    assert suggest("%%") == []
    assert [i[0] for i in suggest("b_")] == ["B_x"]
    assert suggest("be", id_field=cities.city.id)[0][:2] == ["1", "Berlin"]
    assert suggest("' OR 1=1") == []


def test_names_06_autocomplete_of_texts_and_of_keys(cities, visit):
    """NAMES-06: without JavaScript the text typed is looked up; what is ambiguous or unknown is refused."""
    request = Storage(vars=Storage())
    cities.define_table("t", Field("town"), Field("city", "reference city"))
    cities.t.town.widget = W.autocomplete(request, cities.city.name)
    cities.t.city.widget = W.autocomplete(request, cities.city.name, id_field=cities.city.id)
    visitor = visit(lambda: SQLFORM(cities.t))
    assert 'role="combobox"' in visitor.page
    typed = "_autocomplete_city_name_text"
    assert visitor.send(town="free", city="2", **{typed: "Bern"}).accepted
    assert cities.t(1).city == 2
    assert visitor.send(city="", **{typed: "Bonn"}).accepted
    assert cities.t(2).city == 4
    assert visitor.send(city="2", **{typed: "Köln"}).accepted
    assert cities.t(3).city == 5, "the text was changed after the choice"
    for wrong in ("Twin", "Nowhere", "1"):
        assert visitor.send(city="", **{typed: wrong}).errors, wrong
        assert f'value="{wrong}"' in visitor.page
    assert visitor.send(city="", **{typed: ""}).accepted
    assert cities.t(4).city is None
    edit = visit(lambda: SQLFORM(cities.t, 1))
    assert 'value="Bern"' in edit.page
    assert edit.send().accepted
    assert cities.t(1).city == 2
    later = visit(lambda: SQLFORM(cities.t, 4))
    assert later.send(city="", **{typed: "Bonn"}).accepted
    assert cities.t(4).city == 4


def test_dbi_05_a_long_list_becomes_a_search_field(cities, visit, monkeypatch):
    """DBI-05: beyond a number of records a reference is searched for, not chosen from a drop-down."""
    cities.define_table("t", Field("city", "reference city"))
    make = lambda: SQLFORM(cities.t)  # noqa: E731
    assert "<select" in visit(make).page
    monkeypatch.setattr(lookup, "LONGEST_DROP_DOWN", 5)
    current._begin(request=Storage(vars=Storage()), T=None)
    visitor = visit(make)
    assert "<select" not in visitor.page
    assert "Berlin" not in visitor.page
    assert ask({"_lookup_t_city": "bo"}, make) == [["4", "Bonn (DE)", ""]]
    current._begin(request=Storage(vars=Storage()), T=None)
    assert visitor.send(city="4", _lookup_t_city_text="Bonn (DE)").accepted
    assert visitor.send(city="", _lookup_t_city_text="Köln (DE)").accepted
    assert [row.city for row in cities(cities.t).select()] == [4, 5]
    for wrong in ("Nowhere", "Twin (DE)"):
        assert visitor.send(city="", _lookup_t_city_text=wrong).errors, wrong
    assert 'value="Bonn (DE)"' in visit(lambda: SQLFORM(cities.t, 1)).page


def test_dbi_05_only_what_the_validator_allows_is_found(cities, visit, monkeypatch):
    """DBI-05: the set of the validator bounds the search, too."""
    monkeypatch.setattr(lookup, "LONGEST_DROP_DOWN", 1)
    some = IS_IN_DB(cities(cities.city.id < 4), cities.city.id, "%(name)s")
    cities.define_table("t", Field("city", "reference city", requires=some))
    assert ask({"_lookup_t_city": "bo"}, lambda: SQLFORM(cities.t)) == []
    assert len(ask({"_lookup_t_city": "be"}, lambda: SQLFORM(cities.t))) == 2


def test_names_06_upload_widget(form, db):
    """NAMES-06: link, picture, box to delete; the box only where the field may be empty."""
    visitor = form("upload", "t.f.x.png")
    assert 'href="/download/t.f.x.png"' in visitor.page
    assert "<img" in visitor.page
    assert 'name="f__delete"' in visitor.page
    visitor = form("upload", "t.f.x.pdf", requires=IS_NOT_EMPTY())
    assert "<img" not in visitor.page
    assert "__delete" not in visitor.page
    assert visitor.send().accepted, "the stored file satisfies the validator"
    assert form("upload", requires=IS_NOT_EMPTY()).send().errors
