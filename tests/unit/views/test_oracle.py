"""The same page as the sibling package yatl, wherever that one is right (LIB-32)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.views import TemplateError, render
from runtime.views.scanner import Tag, Text, split

# Where it finds a module `gluon`, yatl uses parts of it: here it has to stand on its own.
with patch.dict(sys.modules, {"gluon": None, "gluon.globals": None}):
    from yatl.template import DummyResponse, TemplateParser

CORPUS = {
    "list": "<ul>{{for item in items:}}\n  <li>{{=item}}</li>\n{{pass}}</ul>",
    "nested": "{{for a in items:}}{{if a > 1:}}{{for b in items:}}{{=a * b}} {{pass}}{{else:}}-{{pass}}\n{{pass}}",
    "function": "{{def cell(x, y='&'):}}<td>{{=x}}{{=y}}</td>{{return}}{{for i in items:}}{{cell(i)}}{{pass}}{{cell(1, y=None)}}",
    "early": "{{for i in range(9):}}{{if i == 4:}}{{break}}{{elif i == 2:}}{{continue}}{{else:}}{{=i}}{{pass}}{{pass}}.",
    "guarded": "{{try:}}a{{=1/0}}{{except Exception as e:}}<p>{{=e}}</p>{{finally:}}z{{pass}}",
    "script": "{{\nimport math\ntotal = 0\nfor i in items:\n  total += i\n  if total > 2:\n    =total\n    pass\n  pass\n}}{{=math.floor(total)}}",
    "quotes": "\"'\\n\\{{='''a\n\"b'''}}{{=\"\\n\"}}\\t",
    "write": "{{response.write('<b>')}}{{response.write('<b>', escape=False)}}{{=XML('<i>')}}",
    "while": "{{n = 3}}{{while n:}}{{n -= 1}}{{=n}}{{else:}}!{{pass}}",
    "comments": "a{{# x}}b{{'''y'''}}c{{\n# z\nn = 1\n}}{{=n}}",
    "return": "{{def f(x):}}{{if x:}}yes{{return 1}}{{else:}}no{{return 2}}{{pass}}{{=f(0)}}{{=f(1)}}",
    "lambda": "{{f = lambda x: x + 1}}{{=f(1)}}{{=[f(i) for i in items]}}{{=dict(a=1)}}",
}

LAYOUTS = {
    "base.html": "<h>{{block head}}H{{end}}</h>\n{{include}}\n{{include 'foot.html'}}{{block tail}}T{{=x}}{{end}}",
    "foot.html": "<f>{{=x}}</f>",
    "middle.html": "{{extend 'base.html'}}{{block head}}M{{super}}{{end}}<m>{{include}}</m>",
    "row.html": "<r>{{=i}}</r>",
    "page1.html": "{{extend 'base.html'}}p{{=x}}{{block tail}}own{{super}}{{end}}",
    "page2.html": "{{x = x + 1}}{{extend 'middle.html'}}{{for i in items:}}{{include 'row.html'}}{{pass}}{{block head}}P{{super}}{{end}}",
    "page3.html": "{{extend layout}}{{block new}}new{{end}}{{block tail}}{{end}}",
    "page4.html": "{{extend none}}{{include none}}alone{{include 'foot.html'}}",
    "page5.html": "pre {{=x}}\n{{extend 'middle.html'}}{{block tail}}{{super head}}{{end}}{{include part}}",
}


class XML:
    def __init__(self, text: str) -> None:
        self.text = text

    def xml(self) -> str:
        return self.text


def both(template: str, variables: dict[str, Any], path: str | None = None) -> tuple[str, str]:
    """Return our page and that of yatl."""
    ours = render(content=template, context=dict(variables), path=path)
    response = DummyResponse()
    context = variables | {"response": response}
    exec(str(TemplateParser(template, context=context, path=path)), context)
    return ours, response.body.getvalue()


@pytest.mark.parametrize("name", CORPUS)
def test_lib_32_same_page(name: str) -> None:
    """LIB-32"""
    ours, theirs = both(CORPUS[name], {"items": [1, 2, 3], "XML": XML})
    assert ours == theirs


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name.startswith("page")])
def test_lib_32_same_page_of_several_files(name: str, tmp_path: Path) -> None:
    """LIB-32"""
    for file, text in LAYOUTS.items():
        (tmp_path / file).write_text(text)
    variables = {"x": 1, "items": "<&", "layout": "middle.html", "none": None, "part": "foot.html"}
    ours, theirs = both(LAYOUTS[name], variables, str(tmp_path))
    assert ours == theirs


literals = st.text(alphabet=st.characters(exclude_characters="{}\r", exclude_categories=["Cs"]), max_size=12)
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=3),
)
prints = st.sampled_from(
    [
        "{{=v}}",
        "{{= v }}",
        "{{=[v]}}",
        "{{=n}}",
        "{{=str(v) + '<'}}",
        "{{='''a\nb'''}}",
        "{{response.write(v)}}",
    ]
)
codes = st.sampled_from(
    ["{{n = n + 1}}", "{{# note}}", "{{'''note\nnote'''}}", "{{\nn += 1\nif n > 3:\nn = 0\npass\n}}"]
)
HEADS = ["{{if n % 2:}}", "{{for n in range(3):}}", "{{with gate:}}", "{{try:}}"]


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Templates made of others: blocks of Python, functions, blocks of the page."""
    two = st.tuples(inner, inner)
    return st.one_of(
        st.lists(inner, max_size=4).map("".join),
        two.map(lambda p: f"{{{{if n % 2:}}}}.{p[0]}{{{{else:}}}}.{p[1]}{{{{pass}}}}"),
        two.map(lambda p: f"{{{{if n > 5:}}}}.{p[0]}{{{{elif n:}}}}.{p[1]}{{{{pass}}}}"),
        inner.map(
            lambda p: (
                f"{{{{for n in range(2):}}}}{{{{if n:}}}}{{{{continue}}}}{{{{else:}}}}.{p}{{{{pass}}}}{{{{pass}}}}"
            )
        ),
        two.map(
            lambda p: (
                f"{{{{try:}}}}{p[0]}{{{{=1/(n % 2)}}}}{{{{except ZeroDivisionError:}}}}.{p[1]}{{{{pass}}}}"
            )
        ),
        inner.map(lambda p: f"{{{{def f(v, n=1):}}}}.{p}{{{{return}}}}{{{{f(v)}}}}"),
    )


templates = st.recursive(st.one_of(literals, prints, codes), compound, max_leaves=12)


@settings(max_examples=200, deadline=None)
@given(templates, values)
def test_lib_32_generated_templates_give_the_same_page(template: str, value: Any) -> None:
    """LIB-32, SEC-02"""
    ours, theirs = both(template + ".", {"v": value, "n": 1})
    assert ours == theirs


@settings(max_examples=60, deadline=None)
@given(st.lists(templates, min_size=5, max_size=5), values)
def test_lib_32_generated_layouts_give_the_same_page(
    tmp_path_factory: Any, parts: list[str], value: Any
) -> None:
    """LIB-32"""
    folder = tmp_path_factory.mktemp("views")
    files = {
        "base.html": f"{parts[0]}{{{{block a}}}}{parts[1]}{{{{end}}}}<{{{{include}}}}>{{{{block b}}}}B{{{{end}}}}",
        "mid.html": f"{{{{extend 'base.html'}}}}{{{{block a}}}}{parts[2]}{{{{super}}}}{{{{end}}}}({{{{include}}}})",
        "bit.html": parts[3] + ".",
    }
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    page = f"{{{{extend 'mid.html'}}}}{parts[4]}{{{{include 'bit.html'}}}}{{{{block b}}}}[{{{{super}}}}]{{{{end}}}}."
    ours, theirs = both(page, {"v": value, "n": 1}, str(folder))
    assert ours == theirs


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="{}=[]()'\"\\#\n ab:;", max_size=40))
def test_lib_32_any_text_is_cut_whole_or_refused(text: str) -> None:
    """LIB-32: no text crashes the parser; without tags it comes back as it was."""
    try:
        pieces = split(text, ("{{", "}}"), "x")
    except TemplateError:
        assert "{{" in text
        return
    assert all(isinstance(piece, (Text, Tag)) for piece in pieces)
    if "{{" not in text:
        assert "".join(piece.value for piece in pieces if isinstance(piece, Text)) == text
    try:
        render(content=text)
    except (TemplateError, NameError, TypeError, ValueError, AttributeError, LookupError):
        pass
