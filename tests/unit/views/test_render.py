"""The documented module functions, and what tools ask of a view (LIB-32, T-20)."""

from __future__ import annotations

import ast
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.views import Body, TemplateError, ViewNotFound, iter_code, outline, parse_template, render


def test_lib_32_render_takes_stream_file_or_text(tmp_path: Path) -> None:
    """LIB-32: a stream goes before a file, a file before the text; the default says hello."""
    file = tmp_path / "t.html"
    file.write_bytes(b"file {{=x}}")
    assert render() == "hello world"
    assert render(b"{{=x}}", context={"x": 1}) == "1"
    assert render(filename=str(file), context={"x": 1}) == "file 1"
    assert render(stream=io.BytesIO(b"s{{=x}}"), filename=file, context={"x": 2}) == "s2"
    assert render("{% =x %}", delimiters="{% %}", context={"x": 3}) == "3"
    with pytest.raises(SyntaxError):
        render(None)


def test_lib_32_render_uses_the_folder(tmp_path: Path) -> None:
    """LIB-32: `path` is where layouts and includes are; a mistake in a file names it."""
    (tmp_path / "l.html").write_text("<{{include}}>")
    (tmp_path / "p.html").write_text("{{extend name}}{{=1}}")
    (tmp_path / "bad.html").write_text("\n{{x = = 1}}")
    assert render("{{extend 'l.html'}}x", path=tmp_path) == "<x>"
    assert render(filename=tmp_path / "p.html", path=tmp_path, context={"name": "l.html"}) == "<1>"
    with pytest.raises(TemplateError) as caught:
        render(filename=tmp_path / "bad.html")
    assert (caught.value.path, caught.value.line) == (str(tmp_path / "bad.html"), 2)
    with pytest.raises(TemplateError):
        render(filename=tmp_path / "p.html", context={"name": "l.html"})


def test_resp_14_render_leaves_the_response_as_it_was() -> None:
    """RESP-14, RESP-30: the page comes back as text; the response's own marks count, also after an error."""
    body = Body()
    body.write("before")
    response = SimpleNamespace(body=body, delimiters=("[[", "]]"))
    assert render("[[=x]]{{=x}}", context={"x": 1, "response": response}) == "1{{=x}}"
    with pytest.raises(ZeroDivisionError):
        render("[[=1/0]]", context={"response": response})
    assert response.body is body
    assert body.getvalue() == "before"


def test_lib_32_own_writer_and_lexers() -> None:
    """LIB-32: another writing function, further tag names."""
    out: list[Any] = []

    def put(value: Any, escape: bool = True) -> None:
        out.append((value, escape))

    assert render("a{{=x}}{{block b}}b{{end}}", context={"x": 1, "put": put}, writer="put") == ""
    assert out == [("a", False), (1, True), ("b", False)]

    def raw(parser: Any, value: str, top: Any, stack: Any) -> None:
        top.append(f"response.write({value}, escape=False)")

    assert render("{{if 1:}}{{raw x}}{{pass}}", context={"x": "<"}, lexers={"raw": raw}) == "<"


def test_lib_32_parse_template_gives_python(tmp_path: Path) -> None:
    """LIB-32: the source can be compiled and run with any `response.write`."""
    (tmp_path / "l.html").write_text("<{{include}}>")
    (tmp_path / "p.html").write_text("{{extend lay}}{{for i in range(2):}}{{=i}};{{pass}}")
    source = parse_template("p.html", path=tmp_path, context={"lay": "l.html"})
    out: list[str] = []
    response = SimpleNamespace(write=lambda value, escape=True: out.append(str(value)))
    exec(compile(source, "p", "exec"), {"response": response})
    assert "".join(out) == "<0;1;>"
    assert "response.write" in parse_template(io.StringIO("x{{=1}}"))
    with pytest.raises(ViewNotFound):
        parse_template("none.html", path=tmp_path)


def test_outline_lists_what_a_view_uses() -> None:
    """For tools: names, computed names and blocks with their lines."""
    found = outline(
        "{{extend 'l.html'}}\n{{block a}}{{include \"x.html\"}}\n{{block b}}{{end}}{{end}}{{include f(1)}}{{include}}"
    )
    assert [(n.name, n.line) for n in found.extends] == [("l.html", 1)]
    assert [(n.name, n.line) for n in found.includes] == [("x.html", 2)]
    assert [(n.name, n.line) for n in found.dynamic] == [("f(1)", 3)]
    assert [(n.name, n.line) for n in found.blocks] == [("a", 2), ("b", 3)]
    assert outline("{{extend x}}").dynamic[0].name == "x"


def test_t_20_every_translation_in_a_view_is_found_with_its_line() -> None:
    """T-20: strings in prints, headers of blocks, clauses, names and code over several lines."""
    template = (
        "{{=T('1')}}\n{{if T('2'):}}\n{{elif T('3'):}}\n{{else: x = T('4')}}\n{{pass}}{{for x in [T('5')]:}}\n"
        "{{=T('6')}}{{pass}}\n{{\nx = 1\ny = (1,\n T('10'))\n}}{{include T('11')}}\n{{block b}}{{=T('12')}}{{end}}\n"
        "{{try:}}\n{{except T('14') as e:}}\n{{pass}}{{= (2,\n T('16'))}}\n{{while T('17'):}}{{break}}\n{{with T('18') as x:}}"
        "{{pass}}{{# T('no') }}\n{{match T('19'):}}{{case 1:}}{{pass}}{{pass}}\n{{@T('20')\ndef f(): return T('21')}}"
    )
    found = []
    for line, source in iter_code(template):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "T":
                constant = node.args[0]
                assert isinstance(constant, ast.Constant)
                found.append((constant.value, node.lineno + line - 1))
    assert sorted(found) == sorted(
        (str(n), n) for n in (1, 2, 3, 4, 5, 6, 10, 11, 12, 14, 16, 17, 18, 19, 20, 21)
    )
    assert list(iter_code("[[extend x]][[=1]]{{=2}}", ("[[", "]]"))) == [(1, "x"), (1, "1")]


def test_errors_survive_pickling() -> None:
    """Errors travel between processes with their place."""
    import pickle

    error = pickle.loads(pickle.dumps(TemplateError("p.html", 3, "why")))
    assert (error.path, error.line, error.reason) == ("p.html", 3, "why")
    assert pickle.loads(pickle.dumps(ViewNotFound("x"))).name == "x"
