"""Searching, replacing and flattening trees; XML, BEAUTIFY, CODE, embedding (NAMES-04, FUN-06)."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.html import (
    ASSIGNJS,
    BEAUTIFY,
    CODE,
    DIV,
    H1,
    LI,
    MARKMIN,
    SPAN,
    TABLE,
    TAG,
    UL,
    XML,
    A,
    B,
    P,
    embed64,
    markdown_serializer,
    markmin_serializer,
    truncate_string,
)  # fmt: skip


@pytest.mark.parametrize(
    "selector",
    ["#target", "div#target", "div[id=target]", ".abc", "div.abc", "div[class=abc]", 'div[id="target"]'],
)
def test_names_04_elements_by_selector(selector):
    tree = DIV(DIV(DIV("a", _id="target", _class="abc")))
    assert tree.elements(selector) == [tree[0][0]]
    tree.elements(selector)[0][0] = "changed"
    assert str(tree) == '<div><div><div class="abc" id="target">changed</div></div></div>'


def test_names_04_elements_by_conditions():
    tree = DIV(SPAN("abcde", _id="t1"), DIV("fghij", _class="c2 c3"))
    assert tree.elements("span#t1, div.c2") == tree.elements("span#t1", "div.c2") == [tree[0], tree[1]]
    assert tree.elements("span", _id=re.compile(r"t\d")) == [tree[0]]
    assert tree.elements("div", _class="c3") == [tree[1]]
    assert tree.elements(find="bcd") == [tree[0]]
    assert tree.elements(find=re.compile(r"fg\w{3}")) == [tree[1]]
    assert tree.elements("p") == []
    assert tree.element("p") is None
    assert tree.element("span") is tree[0]


def test_names_04_descendants():
    tree = DIV(UL(LI("a")), LI("b"))
    assert tree.elements("ul li") == [tree[0][0]]
    assert len(tree.elements("li")) == 2


@pytest.mark.parametrize("selector", ["a,", "a[", "a]b", "a>b", "#"])
def test_names_04_a_selector_that_cannot_be_read_is_named(selector):
    with pytest.raises(ValueError, match="selector"):
        DIV().elements(selector)


@given(st.text(alphabet="ab#.[]=,'\" >*"))
def test_names_04_any_selector_is_read_or_refused(selector):
    try:
        DIV(B("x", _id="a"), _class="b").elements(selector)
    except ValueError:
        pass


def test_names_04_replace():
    def tree():
        return DIV(SPAN("x"), DIV(SPAN("y")))

    one = tree()
    found = one.elements("span", replace=P("z"))
    assert [str(f) for f in found] == ["<span>x</span>", "<span>y</span>"]
    assert str(one) == "<div><p>z</p><div><p>z</p></div></div>"
    one = tree()
    one.elements("span", replace=lambda t: P(t[0]))
    assert str(one) == "<div><p>x</p><div><p>y</p></div></div>"
    one = tree()
    one.elements("span", replace=None)
    assert str(one) == "<div><div></div></div>"
    one = tree()
    one.elements("span", replace="<", first_only=True)
    assert str(one) == "<div>&lt;<div><span>y</span></div></div>"


def test_names_04_replace_text():
    tree = DIV("see x1 and x2", SPAN("x3"))
    tree.elements("div", find_text=re.compile(r"x\d"), replace=B)
    assert str(tree) == "<div>see <b>x1</b> and <b>x2</b><span>x3</span></div>"


def test_names_04_parent_and_siblings():
    tree = DIV(SPAN("a"), DIV("b"), P("c"))
    span = tree.element("span")
    assert span.parent is tree
    assert [str(s) for s in span.siblings()] == ["<div>b</div>", "<p>c</p>"]
    assert str(span.sibling("p")) == "<p>c</p>"
    assert DIV().siblings() == []


def test_names_04_flatten():
    assert DIV(SPAN("this", DIV("is", B("a"))), SPAN("test")).flatten() == "thisisatest"
    tree = DIV(H1("title"), P("example of a ", A("link", _href="#test")))
    assert tree.flatten(markmin_serializer).strip() == "# title\n\nexample of a [[link #test]]"
    assert tree.flatten(render=markdown_serializer).strip() == "# title\n\nexample of a [link](#test)"
    assert DIV(XML("<i>"), MARKMIN("**x**")).flatten() == "<i>**x**"


def test_names_04_xml_behaves_as_its_text():
    xml = XML("<b>x</b>")
    assert xml + "y" == "<b>x</b>y"
    assert "y" + xml == "y<b>x</b>"
    assert isinstance(xml + xml, XML)
    assert str(xml + B("y")) == "<b>x</b><b>y</b>"
    assert len(xml) == 8
    assert xml == "<b>x</b>"
    assert XML("a") < XML("b")
    assert xml[3:4] == "x"
    assert xml.upper() == "<B>X</B>"
    assert "x" in xml
    assert xml.elements("b") == []
    assert xml.flatten() == "<b>x</b>"
    assert {xml: 1}[XML("<b>x</b>")] == 1


def test_names_04_beautify():
    text = str(BEAUTIFY({"b": (1, 2), "a": ["<h>", XML("<i>w</i>")], "_private": 3}))
    assert text.index(">a<") < text.index(">b<")
    assert "&lt;h&gt;" in text
    assert "<i>w</i>" in text
    assert "_private" not in text
    assert str(BEAUTIFY("x")) == "<div>x</div>"


def test_names_04_beautify_survives_what_contains_itself():
    loop = []
    loop.append(loop)
    assert "[[...]]" in str(BEAUTIFY(loop))
    assert str(BEAUTIFY(loop)).count("<table>") == 1
    deep = []
    for _ in range(2000):
        deep = [deep]
    assert str(BEAUTIFY(deep)).count("<table>") == 10


def test_names_04_beautify_objects():
    class Thing:
        def __init__(self):
            self.colour, self._secret = "red", "s3"

    text = str(BEAUTIFY(Thing()))
    assert "colour" in text
    assert "red" in text
    assert "s3" not in text


@pytest.mark.parametrize(
    "language", ["python", "html", "html_plain", "web2py", "c", "cpp", "sql", "nosuch", None]
)
def test_names_04_code_keeps_every_character(language):
    source = 'if a < b:\n    x = "<é>" & {{=1}} # c'
    text = str(CODE(source, language=language))
    body = TAG(text).elements("pre")[1].flatten()
    assert body == source
    assert "<é" not in text


def test_names_04_code_options():
    text = str(
        CODE(
            "a = request\nb = 2\nc", counter=7, link="/doc/", highlight_line=8, styles={"CODE": "margin: 9px"}
        )
    )
    assert "7.\n8.\n9." in text
    assert '<a href="/doc/request">request</a>' in text
    assert '<pre style="margin: 9px">' in text
    assert TAG(text).element("pre div").flatten() == "b = 2"
    assert ">&gt;&gt;&gt;\n&gt;&gt;&gt;<" in str(CODE("a\nb", counter=">>>"))
    assert "1." not in str(CODE("a", counter=None))
    assert "color" in TAG(text).element("pre span")["_style"]


def test_names_04_embed64(tmp_path):
    file = tmp_path / "x.gif"
    file.write_bytes(b"x")
    expected = "data:image/gif;base64,eA=="
    assert embed64(filename=file) == embed64(file=io.BytesIO(b"x")) == embed64(data=b"x") == expected
    assert embed64(data="x", extension="image/png").startswith("data:image/png;")
    with pytest.raises(ValueError, match="embed64 needs"):
        embed64()


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.lists(st.text())))
def test_names_04_assignjs_writes_json_that_cannot_end_the_script(value):
    text = str(ASSIGNJS(x=value))
    assert text.startswith("var x = ")
    assert json.loads(text[len("var x = ") : -2]) == value
    assert not set("<>&\u2028\u2029") & set(text)


def test_names_04_truncate_string():
    assert truncate_string("abcdef", 5) == "ab..."
    assert truncate_string("abc", 5) == "abc"


def test_fun_06_html_from_a_program():
    rows = [(1, "<x>"), (2, "y")]
    assert str(TABLE(*rows)) == (
        "<table><tr><td>1</td><td>&lt;x&gt;</td></tr><tr><td>2</td><td>y</td></tr></table>"
    )
