"""What one template file may say (LIB-32, SEC-02, RESP-30, RESP-32)."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from runtime.views import MinimalResponse, TemplateError, render


def show(template: str, delimiters: tuple[str, str] = ("{{", "}}"), **variables: Any) -> str:
    return render(content=template, context=variables, delimiters=delimiters)


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("plain text\n", "plain text\n"),
        ("", ""),
        ("a{{}}b{{ }}c", "abc"),
        ("{{=1}}{{= 2 }}{{=3.5}}{{=True}}{{=None}}", "123.5TrueNone"),
        ("{{x = 1}}{{=x + 1}}", "2"),
        ("{{if n:}}yes{{else:}}no{{pass}}", "yes"),
        ("{{if n > 5:}}a{{elif n > 1:}}b{{else:}}c{{pass}}", "b"),
        ("{{if not n:}}{{else:}}b{{pass}}", "b"),
        ("{{for i in range(n):}}{{=i}},{{pass}}end", "0,1,2,end"),
        ("{{for i in []:}}x{{else:}}none{{pass}}", "none"),
        ("{{i = 0}}{{while i < n:}}{{i += 1}}{{=i}}{{pass}}", "123"),
        ("{{try:}}{{=1/0}}{{except ZeroDivisionError:}}oops{{pass}}", "oops"),
        ("{{try:}}a{{=1/0}}b{{except:}}c{{finally:}}d{{pass}}e", "acde"),
        ("{{try:}}a{{except:}}b{{else:}}c{{finally:}}d{{pass}}", "acd"),
        ("{{import io}}{{with io.StringIO('in') as f:}}{{=f.read()}}{{pass}}", "in"),
        ("{{def f(x):}}<b>{{=x}}</b>{{return}}{{f(1)}}{{f('<')}}", "<b>1</b><b>&lt;</b>"),
        ("{{def f(x): return x * 2}}{{=f(4)}}", "8"),
        ("{{def f(x):\n if x:\n  return 1\n else:\n  return 2\n pass}}{{=f(0)}}{{=f(1)}}", "21"),
        ("{{class A:\n def f(self):\n  return 7\n pass}}{{=A().f()}}", "7"),
        ("{{for i in range(9):}}{{if i == 2:}}{{break}}{{else:}}{{=i}}{{pass}}{{pass}}", "01"),
        ("{{for i in range(4):}}{{if i % 2:}}{{continue}}\n{{else:}}{{=i}}{{pass}}{{pass}}", "02"),
        ("{{for i in range(3):\n=i\npass}}", "012"),
        ("{{for i in range(3):\n  if i: x = i\n  else: x = 'zero'\n  =x\npass}}", "zero12"),
        ("{{\na = 1\nb = [\n 1,\n  2]\nd = {'k':\n 5}\n}}{{=a + len(b) + d['k']}}", "8"),
        ("{{a = 1; b = 2}}{{=a + b}}", "3"),
        ("{{a = 1 + \\\n 2}}{{=a}}", "3"),
        ("a{{# comment }}b{{'''multi\nline: it's'''}}c{{\"\"\"d\"\"\"}}", "abc"),
        ("{{if n: # why\n}}x{{pass # if}}", "x"),
        ("{{='''hello\n  world'''}}", "hello\n  world"),
        ("{{x = '''a\n  b:\nc'''}}{{=x}}", "a\n  b:\nc"),
        ("{{={'a': {'b': 1}}['a']['b']}}", "1"),
        ("{{={'a': 1}}}", "{&#x27;a&#x27;: 1}"),
        ("{{='}}'}}|{{x = \"{{}}\"}}{{=x}}", "}}|{{}}"),
        ("{{# don't stop }}it's{{='x'}}", "it&#x27;sx".replace("&#x27;", "'")),
        ("{{=n\n + 1}}", "4"),
        ("{{=n # the number}}", "3"),
        ("{{match n:}}\n{{case 1:}}one{{pass}}\n{{case 3:}}three{{pass}}\n{{pass}}.", "three."),
        ("{{block = 5}}{{end = 6}}{{=block + end}}", "11"),
        ("{{for i in 1, 2:}}{{if i: pass}}{{=i}}{{pass}}", "12"),
        ("a{{return}}b", "a"),
        ("{{for i in range(3):}}{{=i}}{{if i == 1:}}{{return}}{{pass}}x", "01"),
        ("{{block b}}text{{end}}", "text"),
        ("{{block b}}{{super}}text{{end}}", "text"),
        ("{{include}}", ""),
        ("\u00e9{{='\u00fc'}}", "\u00e9\u00fc"),
        ("{{=x + 1 if (x := 2) else 0}}", "3"),
        ("{{=[i for i in range(2)]}}", "[0, 1]"),
        ("{{from math import *}}{{=floor(2.5)}}", "2"),
        ("{{='n' in locals() and 'n' in globals()}}", "True"),
        ("{{x: int = 5}}{{=x}}", "5"),
        ('{{x = f"""a\n{n}\n  {n + 1}"""}}{{=x}}', "a\n3\n  4"),
    ],
)
def test_lib_32_construct(template: str, page: str) -> None:
    """LIB-32: each construct of the language."""
    assert show(template, n=3) == page


def test_names_assigned_in_a_view_are_globals_of_its_environment() -> None:
    """LIB-32: `{{x = x + 1}}` works for a passed x, and functions see it."""
    context: dict[str, Any] = {"x": 1}
    template = "{{x = x + 1}}{{def f():}}{{=x}}{{return}}{{f()}}{{=[x for _ in '12']}}"
    assert render(content=template, context=context) == "2[2, 2]"
    assert context["x"] == 2


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<", "&lt;"),
        ("<script>alert('x')</script>", "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;"),
        ('" onload="x', "&quot; onload=&quot;x"),
        ("&amp;", "&amp;amp;"),
        ("{{=1}}", "{{=1}}"),
    ],
)
def test_sec_02_output_is_escaped(text: str, escaped: str) -> None:
    """SEC-02: computed and constant values, in text, f-strings and subclasses."""

    class Sub(str):
        def __str__(self) -> str:
            return self

        def replace(self, *_: Any) -> str:  # type: ignore[override]
            return self

        __contains__ = isalnum = lambda *_: False  # type: ignore[assignment]

    assert show("{{=x}}", x=text) == escaped
    assert show("{{=x}}", x=Sub(text)) == escaped
    assert show("{{=x}}", x=text.encode()) == escaped
    assert show(f"{{{{={text!r}}}}}") == escaped
    assert show("{{response.write(x)}}", x=text) == escaped
    assert show("{{=x}}", x=[text]) == f"[{escaped}]".replace("[", "[" + _quoted(text)).replace(
        "]", _quoted(text) + "]"
    )


def _quoted(text: str) -> str:
    return "&quot;" if repr(text).startswith('"') else "&#x27;"


def test_sec_02_objects_with_xml_vouch_for_themselves() -> None:
    """SEC-02: `xml()` is written as it is; an attribute that is no method does not count."""

    class Markup:
        def __init__(self, result: Any) -> None:
            self.result = result

        def xml(self) -> Any:
            return self.result

    class Lazy:
        xml = None

        def __str__(self) -> str:
            return "<lazy>"

    assert show("{{=a}}{{=b}}{{=c}}", a=Markup("<b>"), b=Markup(b"<i>"), c=Lazy()) == "<b><i>&lt;lazy&gt;"


def test_bytes_are_read_as_utf8() -> None:
    """SEC-02: also bytes that are not UTF-8 give a page."""
    assert show("{{=a}}{{=b}}", a="\u00e9".encode(), b=b"\xff<") == "\u00e9\ufffd&lt;"


def test_resp_32_write_escapes_unless_told_otherwise() -> None:
    """RESP-32, in the order of the text around it."""
    template = "a{{response.write('<')}}b{{response.write('<', escape=False)}}c{{response.write(b'd', escape=False)}}"
    assert show(template) == "a&lt;b<cd"


def test_resp_32_a_second_argument_goes_to_write() -> None:
    """RESP-32: `{{=x, False}}` is what the documented language makes of it."""
    assert show("{{=x, False}}{{=x, escape=False}}{{=*[x]}}", x="<") == "<<&lt;"


@pytest.mark.parametrize(
    ("delimiters", "template", "page"),
    [
        (("<?", "?>"), "<?=1+1?> {{=1}}", "2 {{=1}}"),
        (("[[", "]]"), "[[=a[b[0]]]][[if a:]]x[[pass]]{{=1}}", "4x{{=1}}"),
        (("<%", "%>"), "<%='%>'%>", "%&gt;"),
        (("{%", "%}"), "{%for i in range(2):%}{%=i%}{%pass%}", "01"),
        (("${", "}"), "${={'a': 1}['a']}}", "1}"),
    ],
)
def test_resp_30_delimiters(delimiters: tuple[str, str], template: str, page: str) -> None:
    """RESP-30: other marks; brackets and strings that look like the end are part of the code."""
    assert show(template, delimiters, a=[3, 4], b=[1]) == page


def test_functions_write_where_the_page_is_written_now() -> None:
    """LIB-32: a function of one view, called from another page, writes into that page."""
    context: dict[str, Any] = {}
    render(content="{{def f(x):}}[{{=x}}]{{def g():}}(g){{return}}{{g()}}{{return}}", context=context)
    assert render(content="a{{f(1)}}b", context=context) == "a[1](g)b"


def test_a_function_handed_to_another_environment_writes_into_the_page_of_its_response() -> None:
    """RESP-14: as when `response.render` runs a view in a copy of the environment."""
    response = MinimalResponse()
    context: dict[str, Any] = {"response": response}
    render(content="{{def f(x):}}[{{=x}}]{{return}}", context=context)
    assert render(content="a{{f('<')}}b", context={"response": response, "f": context["f"]}) == "a[&lt;]b"


def test_a_page_inside_of_a_page_keeps_them_apart() -> None:
    """RESP-14: a view rendered within a view comes back as text; the outer page goes on."""
    context: dict[str, Any] = {"render": render}
    template = "a{{inner = render(content='<i>{{=y}}</i>', context=globals())}}b{{=inner}}c"
    assert render(content=template, context=context | {"y": 5}) == "ab&lt;i&gt;5&lt;/i&gt;c"


@pytest.mark.parametrize(
    ("template", "line", "words"),
    [
        ("a\n{{if x:}}\nb", 2, 'missing "pass"'),
        ("a\n{{for i in x:}}{{if i:}}\nb{{pass}}", 2, "for i in x"),
        ("a\n\n{{pass}}\n", 3, 'too many "pass"'),
        ("a\n{{=x", 2, "never closed"),
        ("a\n{{block b}}\n", 2, "never closed"),
        ("a\n{{end}}\n", 2, "no {{block}}"),
        ("a\n{{block}}\n", 2, "name"),
        ("a\n{{extend}}", 2, "layout"),
        ("a\n{{=}}", 2, "nothing to print"),
        ("a\n{{= # x\n}}", 2, "nothing to print"),
        ("a\n{{=a) + (b}}", 2, "brackets"),
        ("a\n{{\nx = 1\ny = = 2\n}}", 4, "syntax error"),
        ("a\n{{x = (1}}\n{{y = 2}}", 2, "never closed"),
        ("a\n{{break}}\nb", 2, "outside loop"),
        ("a\n{{yield 1}}\nb", 2, "outside function"),
        ("{{if x:}}\n{{block b}}\n{{if y:}}{{end}}{{pass}}", 3, "if y"),
        ("a\n{{else:}}b{{pass}}", 2, "syntax error"),
        ("a\n{{x = '\0'}}", 1, "null"),
        ("a\n{{include 'nowhere.html'}}", 2, "nowhere.html"),
        ("a\n{{include 'a' 'b' +}}", 2, "syntax error"),
        ("a\n{{extend x y}}", 2, "neither"),
        ("{{if a:\n  b = 1\n  c = d e\npass}}", 3, "syntax error"),
    ],
)
def test_a_mistake_is_named_with_its_line(template: str, line: int, words: str) -> None:
    """LIB-32: file, line and reason of a mistake."""
    with pytest.raises(TemplateError) as caught:
        show(template)
    assert (caught.value.path, caught.value.line) == ("<view>", line)
    assert words in caught.value.reason
    assert f"line {line}" in str(caught.value)


def test_deep_and_large_templates() -> None:
    """LIB-32: large ones work; those that Python cannot compile are refused, nothing crashes."""
    rows = "".join(f"<p>{{{{=x}}}} {i}</p>\n" for i in range(5000))
    assert show(rows, x=1).count("<p>1 ") == 5000
    assert (
        show(
            "{{if x == 0:}}0" + "".join(f"{{{{elif x == {i}:}}}}{i}" for i in range(1, 300)) + "{{pass}}",
            x=299,
        )
        == "299"
    )
    assert show("{{if x:}}" * 60 + "deep" + "{{pass}}" * 60, x=1) == "deep"
    assert show("{{block a}}" * 50 + "deep" + "{{end}}" * 50) == "deep"
    blocks = "".join(f"{{{{block b{i}}}}}" for i in range(50)) + "deep" + "{{end}}" * 50
    assert show(blocks) == "deep"
    for opener, closer in (("{{if x:}}", "{{pass}}"), ("{{=(", ")}}"), ("{{block a}}", "{{end}}")):
        try:
            show(opener * 1000 + closer * 1000, x=1)
        except TemplateError:
            pass
    with pytest.raises(TemplateError):
        show("{{=" + "(" * 1000 + ")" * 1000 + "}}")
    with pytest.raises(TemplateError, match="indentation"):
        show("{{if x:}}" * 1000 + "{{pass}}" * 1000, x=1)


def test_site_03_the_template_language_stands_alone() -> None:
    """SITE-03: it loads neither the request machinery nor the database layer."""
    code = (
        "import sys, runtime.views as v; print(v.render(content='{{=1}}'), "
        "[m for m in sys.modules if m.startswith(('runtime.web', 'runtime.dal', 'pydal', 'werkzeug'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "1 []"
