"""`T.M` (T-M-01, T-M-02)."""

from __future__ import annotations

import pickle

import pytest

from runtime.i18n import read_dict


@pytest.fixture
def T(make):
    return make("it", it={"@markmin\x01**hi**": "**ciao**"})


def test_t_m_01_markup_without_a_paragraph(T):
    assert str(T.M("**hi**")) == T.M("**hi**").xml() == "<strong>ciao</strong>"
    T.force(None)
    assert str(T.M("**hi** %s %%{cat}", 2)) == "<strong>hi</strong> 2 cats"
    assert str(T.M("**hi** %(n)s %%{cat(n)}") % {"n": 2}) == "<strong>hi</strong> 2 cats"


def test_t_m_01_not_lazy_and_pickled_stay_markup(T):
    assert T.M("**hi**", lazy=False).xml() == "<strong>ciao</strong>"
    assert pickle.loads(pickle.dumps(T.M("**hi**"))).xml() == "<strong>ciao</strong>"


def test_t_m_01_keys_carry_the_mark(T):
    assert str(T.M("new *x*"))
    assert read_dict(T.language_file)["@markmin\x01new *x*"] == "new *x*"


def test_t_m_02_values_are_escaped(T):
    assert str(T.M("hi %s", "<b>")) == "hi &lt;b&gt;"
    assert str(T.M("hi %(n)s", {"n": "\"&'"})) == "hi &quot;&amp;&#x27;"


@pytest.mark.parametrize(
    "value", ["**x**", "[[a http://b]]", "``x``:code", "\n\n# x", "zQ7v0Xk9z", "%s %%{cat}"]
)
def test_t_m_02_values_are_no_markup(T, value):
    assert str(T.M("a %s b", value)) == f"a {value} b"


def test_t_m_02_addresses_cannot_run_code(T):
    for value in ("javascript:alert(1)", " JAVA\tscript:x", "data:text/html,x"):
        assert "script:" not in str(T.M("[[go %s]]", value)).lower()
        assert "data:" not in str(T.M("[[go %s]]", value))
    assert 'href="/a?b=1&amp;c"' in str(T.M("[[go %s]]", "/a?b=1&c"))


def test_t_m_01_helpers_keep_their_markup(T):
    from runtime.html.raw import XML

    assert str(T.M("a %s", XML("<i>x</i>"))) == "a <i>x</i>"


def test_filters_of_an_application(T):
    assert str(T.M("x %s", "<b>", filter=str.upper, ftag="up")) == "X &lt;b&gt;"
    assert str(T.apply_filter("hey", filter=lambda text: f"<q>{text}</q>")) == "<q>hey</q>"
    assert "@userdef\x01hey" in read_dict(T.language_file)
    T.filter, T.ftag = (lambda text: f"<u>{text}</u>"), "mine"
    assert str(T.M("own")) == "<u>own</u>"
    assert "@mine\x01own" in read_dict(T.language_file)
