"""`FORM`: reading, validating, keys, messages (NAMES-05, FUN-02, FUN-03)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.dal.validators import IS_EQUAL_TO, IS_INT_IN_RANGE, IS_LENGTH, IS_NOT_EMPTY
from runtime.forms import FORM, keys
from runtime.foundation.current import current
from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.html import DIV, INPUT, OPTION, SELECT, TABLE, TD, TEXTAREA, TR


def name_form():
    return FORM(TABLE(TR(TD("Name", INPUT(_name="name", requires=IS_NOT_EMPTY())))), INPUT(_type="submit"))


def test_names_05_written_as_documented():
    """NAMES-05."""
    assert str(FORM(INPUT(_name="a"))) == (
        '<form action="#" enctype="multipart/form-data" method="post"><input name="a" type="text" /></form>'
    )
    assert str(FORM(_action="/x", _method="get", _enctype=None)) == '<form action="/x" method="get"></form>'


def test_names_05_accepts_validated_values(visit):
    """NAMES-05, FUN-02: values after validation are in vars, messages in errors, beside the field."""
    visitor = visit(lambda: FORM(INPUT(_name="age", requires=IS_INT_IN_RANGE(0, 100)), TEXTAREA(_name="t")))
    assert visitor.form.accepted is False
    assert visitor.form.errors == {}
    form = visitor.send(age="x", t="text")
    assert form.accepted is False
    assert set(form.errors) == {"age"}
    assert '<div class="error" id="age__error">' in visitor.page
    assert 'class="invalidinput"' in visitor.page
    assert 'value="x"' in visitor.page
    assert ">text<" in visitor.page
    form = visitor.send(age="7")
    assert form.accepted is True
    assert form.vars.age == 7
    assert form.vars.t == "text"
    assert 'value="7"' not in visitor.page, "an accepted form starts anew"


def test_names_05_keepvalues_and_hideerror(visit):
    """NAMES-05."""
    kept = visit(name_form, keepvalues=True)
    assert kept.send(name="ann").accepted
    assert 'value="ann"' in kept.page
    hidden = visit(name_form, hideerror=True)
    assert not hidden.send(name="").accepted
    assert "error" not in hidden.page


def test_sec_form_keys_count_once_and_for_their_visitor_only(visit):
    """FUN-03: a replayed, foreign, missing or made-up key is refused; what was typed is shown again."""
    visitor, other = visit(name_form), visit(name_form)
    assert visitor.send(name="ann").accepted
    again = visitor.replay()
    assert again.accepted is False
    assert again.refused
    assert again.errors == {}
    assert "ann" in visitor.page
    for key in (other.form.formkey, None, "", "x" * 32, ["a", "b"], "ü"):
        form = visitor.send(name="eve", _formkey=key)
        assert (form.accepted, form.refused) == (False, True), key
    assert visitor.send(name="bob").accepted, "a fresh page works again"


def test_sec_a_password_is_not_echoed(visit):
    """FUN-03: neither after an error nor after a refused key."""
    visitor = visit(
        lambda: FORM(INPUT(_name="pw", _type="password"), INPUT(_name="n", requires=IS_NOT_EMPTY()))
    )
    visitor.send(pw="s3cret", n="")
    assert "s3cret" not in visitor.page
    visitor.send(pw="s3cret", n="x", _formkey="y")
    assert "s3cret" not in visitor.page


def test_sec_showing_a_form_writes_no_session(visit):
    """FUN-03: any number of windows works, and none waits for another."""
    visitor = visit(name_form)
    kept = dict(visitor.session)
    pages = [visitor.get() and visitor.page for _ in range(100)]
    assert visitor.session == kept
    for page in (pages[0], pages[99], pages[50]):
        visitor.page = page
        assert visitor.send(name="a").accepted
        visitor.page = page
        assert not visitor.send(name="a").accepted


def test_sec_used_keys_are_bounded_and_none_comes_back(visit, monkeypatch):
    """FUN-03: what a session remembers stays small; a key used long ago is refused all the same."""
    now = [1_000_000_000]
    monkeypatch.setattr(keys.time, "time_ns", lambda: now.__setitem__(0, now[0] + 2_000_000) or now[0])
    visitor = visit(name_form)
    sent = []
    for _ in range(3 * keys.USED_KEPT):
        visitor.get()
        assert visitor.send(name="a").accepted
        sent.append(visitor.sent)
    assert len(str(dict(visitor.session))) < 100 * keys.USED_KEPT
    for visitor.sent in sent:
        assert not visitor.replay().accepted


@given(st.text(max_size=80) | st.from_regex(r"[0-9a-f]{1,12}\.[0-9a-f]{16}\.[0-9a-f]{32}", fullmatch=True))
def test_sec_made_up_keys_are_refused(text):
    """FUN-03."""
    session = Storage()
    good = keys.new_key(session, "f")
    assert not keys.use_key(session, "f", text)
    assert not keys.use_key(session, "f", good[:-1] + ("0" if good[-1] != "0" else "1"))
    assert not keys.use_key(session, "g", good)
    assert keys.use_key(session, "f", good)
    assert not keys.use_key(session, "f", good)


def test_names_05_several_forms_of_a_page(visit):
    """NAMES-05: formname tells which was sent."""
    session = Storage()
    first, second = visit(name_form, session, formname="one"), visit(name_form, session, formname="two")
    assert first.send(name="a").accepted
    form = second.make()
    assert not form.accepts(first.sent, session, formname="two")
    assert not form.refused
    assert form.errors == {}


def test_names_05_without_session_and_name():
    """NAMES-05: session=None asks for no key, formname=None takes whatever was sent."""
    form = name_form()
    assert form.accepts({"name": "a"}, None, formname=None)
    assert form.formkey is None
    assert "_formkey" not in str(form)
    assert "_formname" not in str(form)
    assert not name_form().accepts({}, None, formname=None)
    assert not name_form().accepts({"name": "a"}, None), "the name of the form is missing"


def test_names_05_onvalidation():
    """NAMES-05: a function, a list, a dictionary; it may add errors and change values."""
    calls = []

    def refuse(form):
        calls.append("f")
        form.errors.name = "not you"
        form.vars.name = form.vars.name.upper()

    form = name_form()
    assert not form.accepts({"name": "eve"}, None, formname=None, onvalidation=[refuse])
    assert form.errors.name == "not you"
    assert form.vars.name == "EVE"
    assert "not you" in str(form)
    ways = {"onsuccess": lambda f: calls.append("ok"), "onfailure": [lambda f: calls.append("no")]}
    name_form().accepts({"name": ""}, None, formname=None, onvalidation=ways)
    name_form().accepts({"name": "x"}, None, formname=None, onvalidation=ways)
    assert calls == ["f", "no", "ok"]


def test_names_05_hidden_fields(visit):
    """NAMES-05: hidden fields are sent, and are no values of the form."""
    visitor = visit(lambda: FORM(INPUT(_name="a"), hidden={"x": "<1>"}))
    assert '<input name="x" type="hidden" value="&lt;1&gt;" />' in visitor.page
    form = visitor.send(a="1")
    assert form.request_vars.x == "<1>"
    assert "x" not in form.vars
    begin, end = form.begin_end()
    assert str(begin).startswith("<form ")
    assert "_formkey" in str(end)
    assert str(end).endswith("</form>")


def test_names_05_prefilled_by_vars(visit):
    """NAMES-05: form.vars set before processing fills the fields."""

    def make():
        form = FORM(INPUT(_name="a"), SELECT(OPTION("x"), OPTION("y"), _name="s"))
        form.vars.update(a="pre", s="y")
        return form

    visitor = visit(make)
    assert 'value="pre"' in visitor.page
    assert '<option selected="selected" value="y">' in visitor.page
    assert visitor.send(a="mine").vars.a == "mine"


def test_names_05_boxes_and_groups(visit):
    """NAMES-05: a group validates once, whichever of its buttons asks for it."""
    only = lambda v: (v, None if v in ("1", "2") else "choose")  # noqa: E731
    visitor = visit(
        lambda: FORM(
            INPUT(_type="radio", _name="r", _value="1"),
            INPUT(_type="radio", _name="r", _value="2", requires=only),
            INPUT(_type="radio", _name="r", _value="3"),
            INPUT(_type="checkbox", _name="c"),
        )
    )
    form = visitor.send(r="2", c="on")
    assert form.accepted
    assert form.vars.r == "2"
    assert form.vars.c == "on"
    form = visitor.send(r="evil")
    assert not form.accepted
    assert form.errors == {"r": "choose"}
    assert form.vars.c is None


def test_names_05_values_depend_on_one_another(visit):
    """NAMES-05: IS_EQUAL_TO compares with another value that was sent."""
    form = FORM(INPUT(_name="a"), INPUT(_name="b", requires=IS_EQUAL_TO("1")))
    assert not form.accepts({"a": "1", "b": "2"}, None, formname=None)


# -- process --------------------------------------------------------------------------------------


@pytest.fixture
def asked():
    """Run `process` as an action would, with what was sent."""

    def run(make, sent=None, session=None, **options):
        class Request(Storage):
            def requires_post(self):
                """A request knows its methods."""

        session = Storage() if session is None else session
        request = Request(post_vars=Storage(), get_vars=Storage())
        current._begin(request=request, response=Storage(), session=session, T=None)
        form = make().process(**options)
        if sent is not None:
            request.post_vars = Storage(sent, _formkey=form.formkey, _formname=form.formname)
            current.response = Storage()
            form = make().process(**options)
        return form

    yield run
    current._begin()


def test_names_05_process_tells_the_visitor(asked):
    """NAMES-05: messages of success, failure and a form sent twice."""
    assert asked(name_form).accepted is False
    assert current.response.flash is None
    assert asked(name_form, {"name": "a"}).accepted
    assert str(current.response.flash) == "Success!"
    assert asked(name_form, {"name": ""}, message_onfailure="no").errors
    assert current.response.flash == "no"
    asked(name_form, {"name": "a"}, onsuccess=None)
    assert current.response.flash is None
    seen = []
    asked(name_form, {"name": "a"}, onsuccess=lambda form: seen.append(form.vars.name))
    asked(name_form, {"name": ""}, onfailure=[lambda form: seen.append(form.errors.name)])
    assert (seen[0] == "a" and "mpty" in str(seen[1])) or "value" in str(seen[1])


def test_names_05_process_goes_on_to_the_next_page(asked):
    """NAMES-05: next gets values of the form, quoted; the message waits in the session."""
    session = Storage()
    with pytest.raises(HTTP) as way:
        asked(name_form, {"name": "a/b"}, session, next="/go/[name]/[other]", message_onsuccess="done")
    assert way.value.headers["Location"] == "/go/a%2Fb/[other]"
    assert session.flash == "done"


def test_names_05_validate_and_get_forms(asked):
    """NAMES-05: a form of method GET reads the address."""
    form = asked(name_form)
    assert form.validate(session=None, formname=None) is False
    current.request.get_vars.name = "x"
    search = FORM(INPUT(_name="name"), _method="GET")
    assert search.process(session=None, formname=None).vars.name == "x"


def test_names_05_confirm_and_buttons(asked):
    """NAMES-05: further ways to go are links, so that they work without JavaScript."""
    form = asked(lambda: FORM.confirm("Delete", {"Back": "/back?a=1&b=2"}))
    assert form.accepted is False
    assert 'href="/back?a=1&amp;b=2"' in str(form)
    assert 'value="Delete"' in str(form)


def test_names_05_as_dict():
    """NAMES-05."""
    form = name_form()
    form.accepts({"name": "<a>"}, None, formname=None, keepvalues=True)
    assert form.as_dict()["vars"] == {"name": "<a>"}
    assert '"accepted": true' in form.as_json()
    assert "&lt;a&gt;" in form.as_xml()


def test_sec_02_everything_is_escaped(visit):
    """SEC-02: in values, errors, hidden fields and names."""
    evil = "<script>alert(1)</script>\"'"
    long = IS_LENGTH(3, error_message=evil)
    visitor = visit(
        lambda: FORM(
            DIV(INPUT(_name="a", requires=long), TEXTAREA(_name="b", requires=long)), hidden={"h": evil}
        )
    )
    visitor.send(a=evil, b=evil)
    assert "<script" not in visitor.page
    assert '"\'"' not in visitor.page
