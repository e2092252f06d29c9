"""`SQLFORM`: create, edit, show, delete (NAMES-06, FUN-02, FUN-03)."""

from __future__ import annotations

import datetime

import pytest

from runtime.dal import Field
from runtime.dal.validators import IS_IN_SET, IS_NOT_EMPTY, IS_NOT_IN_DB, IS_UPPER
from runtime.forms import SQLFORM
from runtime.foundation.http import HTTP
from runtime.html import DIV, INPUT, SPAN, A


@pytest.fixture
def dogs(db):
    db.define_table("kind", Field("name"), format="%(name)s")
    db.define_table(
        "dog",
        Field("name", requires=IS_NOT_EMPTY(), comment="of the dog"),
        Field("age", "integer"),
        Field("good", "boolean", default=True),
        Field("born", "date"),
        Field("kind", "reference kind"),
        Field("tags", "list:string"),
        Field("password", "password"),
        Field("data", "json"),
        Field("owner", writable=False),
        Field("secret", readable=False, writable=False, default="s"),
        Field("shout", compute=lambda row: row["name"].upper() + str(row["age"])),
    )
    db.kind.bulk_insert([{"name": "<big>"}, {"name": "small"}])
    return db


def fill(dogs, **values):
    values = {
        "name": "rex",
        "age": 3,
        "born": datetime.date(2020, 1, 2),
        "kind": 1,
        "tags": ["a", "b"],
        **values,
    }
    return dogs.dog.insert(**values)


def test_names_06_create(dogs, visit):
    """NAMES-06: what was sent becomes a record, of the right types; defaults and computed fields as the table says."""
    visitor = visit(lambda: SQLFORM(dogs.dog))
    form = visitor.send(
        name="rex",
        age="3",
        good="on",
        born="2020-01-02",
        kind="2",
        tags=["a", "", " ", "b"],
        password="x" * 8,
        data='{"a": [1]}',
    )
    assert form.accepted
    assert form.errors == {}
    assert form.vars.id == 1
    row = dogs.dog(1)
    assert (row.name, row.age, row.good, row.born, row.kind) == ("rex", 3, True, datetime.date(2020, 1, 2), 2)
    assert row.tags == ["a", "b"]
    assert row.data == {"a": [1]}
    assert row.secret == "s"
    assert row.shout == "REX3"
    assert row.password != "x" * 8
    assert "x" * 8 not in visitor.page
    assert 'value="rex"' not in visitor.page
    assert "checked" in visitor.page


@pytest.mark.parametrize("style", sorted(SQLFORM.formstyles))
@pytest.mark.parametrize("sent", [{}, {"_formname": "dog/create", "name": "", "age": "x", "data": "<{"}])
@pytest.mark.parametrize("hidden", [None, {"<of>": "<b>", "none": None, "yes": True}])
def test_names_06_a_page_is_the_same_whether_or_not_somebody_looked_at_the_form(dogs, style, sent, hidden):
    """NAMES-06: the short way to the markup of a form says what its elements say, errors included."""

    def make():
        texts = {"labels": {"name": "<Name> 100%"}, "col3": {"age": "5 % & %(more)s", "submit_button": "now"}}
        if hidden:
            texts["buttons"] = ["submit", A("back", _href="?a&b")]
            texts["labels"]["age"] = ""
        form = SQLFORM(dogs.dog, formstyle=style, submit_button="<Go>", hidden=hidden, **texts)
        assert not form.accepts(sent)
        form.formkey = "<key>"
        return form

    looked_at = make()
    assert looked_at.element("input[name=name]") is not None
    assert str(make()) == str(looked_at)


@pytest.mark.parametrize("place", ["comment", "style"])
def test_sec_01_a_captcha_beside_the_controls_has_a_say(dogs, place):
    """SEC-01: what refuses a form is asked wherever the application has put it."""

    class Captcha(DIV):
        error_message = "no robots"

        def _validate(self):
            return False

    def styled(form, rows):
        return DIV(*(DIV(label, control) for _, label, control, _ in rows), Captcha())

    given = {"col3": {"name": Captcha()}} if place == "comment" else {"formstyle": styled}
    form = SQLFORM(dogs.dog, fields=["name"], **given)
    assert not form.accepts({"_formname": "dog/create", "name": "rex"})
    assert form.errors.captcha == "no robots"
    assert dogs(dogs.dog).count() == 0


def test_names_06_errors_store_nothing(dogs, visit):
    """NAMES-06."""
    visitor = visit(lambda: SQLFORM(dogs.dog))
    form = visitor.send(name="", age="x", born="never", data="{", kind="77")
    assert not form.accepted
    assert set(form.errors) == {"name", "age", "born", "data", "kind"}
    assert dogs(dogs.dog).count() == 0
    assert 'value="never"' in visitor.page
    assert ">{<" in visitor.page


def test_names_06_ids_and_rows_as_documented(dogs, visit):
    """NAMES-06: ids of controls, labels, rows; the hidden name of the form."""
    page = visit(lambda: SQLFORM(dogs.dog, fill(dogs), deletable=True)).page
    for part in ('id="dog_name"', 'id="dog_name__label"', 'id="dog_name__row"', 'id="submit_record__row"',
                 'id="delete_record__row"', 'name="delete_this_record"', 'value="dog/1"', 'name="id" type="hidden" value="1"',
                 ">Name: <", ">of the dog<"):  # fmt: skip
        assert part in page, part
    assert 'value="dog/create"' in visit(lambda: SQLFORM(dogs.dog)).page


def test_names_06_edit_writes_what_changed(dogs, visit):
    """NAMES-06, OCC-03: and nothing but that."""
    number = fill(dogs)
    visitor = visit(lambda: SQLFORM(dogs.dog, number))
    assert 'value="2020-01-02"' in visitor.page
    assert 'value="rex"' in visitor.page
    written = []
    dogs.dog._before_update.append(lambda _, row: written.append(dict(row)) and False)
    form = visitor.send(age="4")
    assert form.accepted
    assert dogs.dog(number).age == 4
    assert dogs.dog(number).shout == "REX4"
    assert written == [{"age": 4, "shout": "REX4"}]
    assert form.vars.id == number
    assert visitor.send().accepted
    assert len(written) == 1, "nothing changed, nothing is written"
    assert visitor.send(good=None, tags=[""], kind="").accepted
    row = dogs.dog(number)
    assert row.good is False
    assert not row.tags
    assert row.kind is None
    assert row.name == "rex"


def test_names_06_password_stays_unless_a_new_one_is_typed(dogs, visit):
    """NAMES-06: stars mean "as it was"."""
    number = fill(dogs)
    dogs.dog(number).update_record(password=dogs.dog.password.validate("first-one")[0])
    stored = dogs.dog(number).password
    visitor = visit(lambda: SQLFORM(dogs.dog, number))
    assert visitor.send(age="9").accepted
    assert dogs.dog(number).password == stored
    assert 'value="******"' in visitor.page
    assert stored not in visitor.page
    assert visitor.send(password="second-one").accepted
    assert dogs.dog(number).password != stored


def test_names_06_delete(dogs, visit):
    """NAMES-06: only where it was offered; errors do not matter then."""
    number = fill(dogs)
    assert visit(lambda: SQLFORM(dogs.dog, number)).send(delete_this_record="on").accepted
    assert dogs.dog(number) is not None
    form = visit(lambda: SQLFORM(dogs.dog, number, deletable=True)).send(delete_this_record="on", name="")
    assert form.accepted
    assert form.deleted
    assert dogs.dog(number) is None


def test_names_06_readonly(dogs, visit):
    """NAMES-06, DBI-06: represented, without controls; sending changes nothing."""
    number = fill(dogs)
    visitor = visit(lambda: SQLFORM(dogs.dog, number, readonly=True))
    page = visitor.page
    assert "&lt;big&gt;" in page
    assert "a, b" in page
    assert "submit" not in page
    assert 'name="age"' not in page
    visitor.send(name="eve", _formname="dog/1")
    assert dogs.dog(number).name == "rex"
    assert not visitor.form.accepted


def test_dbi_06_codes_show_their_text(db, visit):
    """DBI-06."""
    db.define_table("t", Field("lang", requires=IS_IN_SET({"it": "Italian", "de": "German"})))
    db.t.insert(lang="it")
    assert ">Italian<" in visit(lambda: SQLFORM(db.t, 1, readonly=True)).page
    db.t.lang.represent = lambda value: f"[{value}]"
    assert "[it]" in visit(lambda: SQLFORM(db.t, 1, readonly=True)).page
    db.t.lang.represent = lambda value, row: SPAN(value, row.id)
    assert "<span>it1</span>" in visit(lambda: SQLFORM(db.t, 1, readonly=True)).page


def test_sec_mass_assignment_is_refused(dogs, visit):
    """FUN-03: fields without a control cannot be set, whatever is sent."""
    visitor = visit(lambda: SQLFORM(dogs.dog, fields=["name"]))
    assert visitor.send(name="rex", age="9", owner="eve", secret="x", shout="x", id="77").accepted
    row = dogs.dog(1)
    assert (row.age, row.owner, row.secret) == (None, None, "s")
    assert dogs.dog(77) is None
    visitor = visit(lambda: SQLFORM(dogs.dog, 1))
    assert "owner" in visitor.page
    assert 'name="owner"' not in visitor.page
    assert "secret" not in visitor.page
    assert visitor.send(age="5", owner="eve", secret="x", shout="x").accepted
    assert (dogs.dog(1).owner, dogs.dog(1).secret, dogs.dog(1).age) == (None, "s", 5)


def test_sec_hidden_id_swapped_is_refused(dogs, visit):
    """FUN-03: the number of another record, in the field, in the name of the form, or in both."""
    mine, other = fill(dogs), fill(dogs, name="other")
    visitor = visit(lambda: SQLFORM(dogs.dog, mine))
    for changes in (
        {"id": str(other)},
        {"_formname": f"dog/{other}"},
        {"id": str(other), "_formname": f"dog/{other}"},
    ):
        visitor.get()
        assert not visitor.send(name="stolen", **changes).accepted
    assert [row.name for row in dogs(dogs.dog).select()] == ["rex", "other"]


def test_sec_01_sql_is_a_value(dogs, visit):
    """SEC-01."""
    evil = "x'; DROP TABLE dog; --"
    visitor = visit(lambda: SQLFORM(dogs.dog))
    assert visitor.send(name=evil, tags=[evil, "|"]).accepted
    assert dogs.dog(1).name == evil
    assert dogs.dog(1).tags == [evil, "|"]
    assert not visitor.send(name="a", kind="1 OR 1=1").accepted


def test_sec_02_labels_comments_and_values_are_escaped(db, visit):
    """SEC-02: in every form style, in create, edit and read-only forms."""
    evil = "<script>alert(1)</script>"
    db.define_table(
        "t", Field("a", label=evil, comment=evil, default=evil), Field("b", "text", label=evil), Field("c", "list:string"),
        Field("d", requires=IS_IN_SET([evil])), Field("e", "json"),
    )  # fmt: skip
    db.t.insert(a=evil, b=evil, c=[evil], d=evil, e=[evil])
    for style in SQLFORM.formstyles:
        for options in ({}, {"record": 1}, {"record": 1, "readonly": True}):
            page = visit(
                lambda: SQLFORM(db.t, formstyle=style, labels={"c": evil}, col3={"d": evil}, **options)
            ).page
            assert "<script>alert" not in page, (style, options)
            assert "&lt;script&gt;alert" in page, (style, options)


def test_names_06_404_for_a_record_that_is_not_there(dogs):
    """NAMES-06."""
    for record in (77, "77", "x'"):
        with pytest.raises(HTTP) as answer:
            SQLFORM(dogs.dog, record)
        assert answer.value.status == 404


def test_names_06_record_given_as_row_text_or_dictionary(dogs):
    """NAMES-06."""
    number = fill(dogs)
    for record in (number, str(number), dogs.dog(number), {"name": "rex"}):
        assert SQLFORM(dogs.dog, record).record_id == number


def test_names_06_vars_set_by_the_application(dogs, visit):
    """NAMES-06: before processing, for fields that are not shown; in onvalidation, for any."""

    def make():
        form = SQLFORM(dogs.dog, fields=["name"])
        form.vars.owner = "ann"
        return form

    def onvalidation(form):
        form.vars.age = 12
        form.vars.name = form.vars.name.title()

    assert visit(make, onvalidation=onvalidation).send(name="rex").accepted
    row = dogs.dog(1)
    assert (row.name, row.owner, row.age) == ("Rex", "ann", 12)
    visitor = visit(
        lambda: SQLFORM(dogs.dog, 1, fields=["name"]), onvalidation=lambda f: f.vars.update(owner="bob")
    )
    assert visitor.send().accepted
    assert dogs.dog(1).owner == "bob"


def test_names_06_unique_value_of_the_record_itself(db, visit):
    """NAMES-06: IS_NOT_IN_DB leaves the edited record out."""
    db.define_table("t", Field("a"), Field("b"))
    db.t.a.requires = [IS_UPPER(), IS_NOT_IN_DB(db, db.t.a)]
    db.t.bulk_insert([{"a": "X"}, {"a": "Y"}])
    visitor = visit(lambda: SQLFORM(db.t, 1))
    assert visitor.send(b="1").accepted
    assert db.t(1).b == "1"
    assert set(visitor.send(a="y").errors) == {"a"}
    assert set(visit(lambda: SQLFORM(db.t)).send(a="x").errors) == {"a"}


def test_names_06_a_field_the_page_left_out_stays(dogs, visit):
    """NAMES-06: a page laid out by hand need not show every field of the form."""
    number = fill(dogs)
    assert visit(lambda: SQLFORM(dogs.dog, number)).send(age=None, born=None).accepted
    assert dogs.dog(number).age == 3
    assert dogs.dog(number).born == datetime.date(2020, 1, 2)


def test_names_06_custom_parts(dogs, visit):
    """NAMES-06: form.custom has what a page laid out by hand needs."""
    form = visit(lambda: SQLFORM(dogs.dog, fill(dogs), deletable=True)).form
    custom = form.custom
    assert str(custom.begin).startswith("<form")
    assert "_formkey" in str(custom.end)
    assert "</form>" in str(custom.end)
    assert 'name="name"' in str(custom.widget.name)
    assert custom.dspval.name == custom.inpval.name == "rex"
    assert str(custom.comment.name) == "of the dog"
    assert "Name" in str(custom.label.name)
    assert 'type="submit"' in str(custom.submit)
    assert 'name="delete_this_record"' in str(custom.delete)


def test_names_06_options_of_the_constructor(dogs, visit):
    """NAMES-06: labels, col3, submit_button, delete_label, showid, separator, buttons, comments, attributes."""
    number = fill(dogs)

    def page(**options):
        return visit(lambda: SQLFORM(dogs.dog, number, **options)).page

    made = page(labels={"name": "Call"}, col3={"age": SPAN("years")}, submit_button="Go", separator="=",
                deletable=True, delete_label="Away", _class="mine", _id="f")  # fmt: skip
    for part in (">Call=<", "<span>years</span>", 'value="Go"', ">Away=<", 'class="mine"', 'id="f"'):
        assert part in made, part
    assert 'id="id__row"' in made
    assert 'id="id__row"' not in page(showid=False)
    assert ">of the dog<" not in page(comments=False)
    assert 'type="submit"' not in page(buttons=[])
    assert "<b-x>" not in page(buttons=["submit"])
    assert 'value="Mine"' in page(buttons=[INPUT(_type="submit", _value="Mine")])
    assert 'name="owner"' in page(ignore_rw=True)
    assert 'name="secret"' in page(ignore_rw=True)
    with pytest.raises(SyntaxError, match="no_such"):
        page(formstyle="no_such")
    with pytest.raises(SyntaxError, match="nope"):
        page(fields=["nope"])


def test_names_06_formstyles(dogs, visit):
    """NAMES-06: each style shows every field once and works; so do functions of two and of four arguments."""
    number = fill(dogs)

    def two(form, rows):
        return DIV(*(DIV(control, _title="two") for _, _, control, _ in rows))

    def four(id, label, control, comment):
        return DIV(label, control, comment, _id=id, _title="four")

    for style in [*SQLFORM.formstyles, "bootstrap3", "bootstrap4", "bootstrap5", two, four]:
        visitor = visit(lambda: SQLFORM(dogs.dog, number, formstyle=style, deletable=True))
        assert visitor.page.count('name="name"') == 1, style
        assert visitor.page.count("</form>") == 1, style
        dogs.dog(number).update_record(age=1)
        visitor.get()
        assert visitor.send(age="8").accepted, style
        assert dogs.dog(number).age == 8, style
        assert "error" in (visitor.send(name="") and visitor.page)
    assert 'class="string form-control"' in visit(lambda: SQLFORM(dogs.dog, formstyle="bootstrap5")).page


def test_names_06_linkto(dogs, visit):
    """NAMES-06: links to the lists of records that refer to this one."""
    page = visit(lambda: SQLFORM(dogs.kind, 1, linkto="/list")).page
    assert 'href="/list/dog?query=dog.kind%3D%3D1"' in page


def test_names_06_factory(visit):
    """NAMES-06: a form without a table; nothing is written."""
    visitor = visit(lambda: SQLFORM.factory(Field("n"), Field("age", "integer", requires=IS_NOT_EMPTY())))
    assert '<input class="string" id="no_table_n" name="n" type="text"' in visitor.page
    form = visitor.send(n="a", age="4")
    assert form.accepted
    assert form.vars.n == "a"
    assert form.vars.age in (4, "4")
    assert 'id="mine_n"' in visit(lambda: SQLFORM.factory(Field("n"), table_name="mine")).page


def test_names_06_factory_of_tables(dogs, visit):
    """NAMES-06: one form for several tables; `_filter_fields` takes each its own."""
    dogs.define_table("owner", Field("street"))
    visitor = visit(lambda: SQLFORM.factory(dogs.owner, dogs.kind))
    form = visitor.send(street="s", name="n")
    assert form.accepted
    assert dogs.kind.insert(**dogs.kind._filter_fields(form.vars)) == 3
    assert dogs.kind(3).name == "n"


def test_names_06_dictform(visit):
    """NAMES-06: a field for each value, and the values come back with their types."""
    values = {"name": "a", "n": 1, "x": 1.5, "ok": True, "tags": ["a"]}
    visitor = visit(lambda: SQLFORM.dictform(values))
    assert visitor.send(name="b", n="2", ok=None, tags=["x", "y"]).accepted
    assert values == {"name": "b", "n": 2, "x": 1.5, "ok": False, "tags": ["x", "y"]}


def test_names_06_extra_fields_are_validated_not_stored(dogs, visit):
    """NAMES-06."""
    extra = Field("agree", "boolean", requires=lambda v: (v, None if v else "agree first"))
    visitor = visit(lambda: SQLFORM(dogs.dog, fields=["name"], extra_fields=[extra]))
    assert 'name="id"' not in visitor.page
    assert set(visitor.send(name="rex").errors) == {"agree"}
    assert visitor.send(name="rex", agree="on").accepted
    assert dogs(dogs.dog).count() == 1


def test_names_06_keyed_tables(db, visit):
    """NAMES-06: tables without a number."""
    db.define_table("c", Field("code", length=3), Field("name"), primarykey=["code"])
    assert visit(lambda: SQLFORM(db.c)).send(code="it", name="Italy").accepted
    visitor = visit(lambda: SQLFORM(db.c, db.c(code="it"), deletable=True))
    assert visitor.send(name="Italia").accepted
    assert db.c(code="it").name == "Italia"
    assert (
        visit(lambda: SQLFORM(db.c, db.c(code="it"), deletable=True)).send(delete_this_record="on").accepted
    )
    assert db(db.c).count() == 0


def test_names_06_virtual_fields_are_shown(db, visit):
    """NAMES-06: in read-only forms."""
    db.define_table("t", Field("a"), Field.Virtual("twice", lambda row: row.t.a * 2))
    db.t.insert(a="ab")
    assert "abab" in visit(lambda: SQLFORM(db.t, 1, readonly=True)).page
