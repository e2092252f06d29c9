"""MARKMIN: the documented syntax, escaping, extensions, LaTeX (LIB-3, FUN-12, T-M-01, T-M-02)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.html import MARKMIN, B
from runtime.html.markmin import make_dict, markmin2html, render
from runtime.html.markmin.markmin2latex import markmin2latex
from runtime.html.markmin.markmin2latex import render as render_latex
from runtime.html.sanitizer import safe_url

DOCUMENTED = [
    ("this is\n# a section\n\nparagraph", "<p>this is</p><h1>a section</h1><p>paragraph</p>"),
    ("###### six", "<h6>six</h6>"),
    ("**hello world**", "<p><strong>hello world</strong></p>"),
    ("** hello** **world**", "<p>** hello** <strong>world</strong></p>"),
    ("''a'' ~~b~~", "<p><em>a</em> <del>b</del></p>"),
    ("**a ''b** c''", "<p><strong>a ''b</strong> c''</p>"),
    ("``hello world``", "<code>hello world</code>"),
    ("``hello world``:python[test_id]", '<code class="python" id="markmin_test_id">hello world</code>'),
    ("``x``:id[test_id]", '<code id="markmin_test_id">x</code>'),
    ("``\nhello\nworld\n``:python", '<pre><code class="python">hello\nworld</code></pre>'),
    ("a\n``\n  <c>\n``\nb", "<p>a</p><pre><code>  &lt;c&gt;</code></pre><p>b</p>"),
    ("``!`!`verbatim`!`!``", "<code>``verbatim``</code>"),
    ("- a\n- b\n\nand\n- c", "<ul><li>a</li><li>b</li></ul><p>and</p><ul><li>c</li></ul>"),
    ("+ x\n  y\n- z", "<ol><li>x y</li></ol><ul><li>z</li></ul>"),
    ("+ Dogs\n -- red\n -- brown\n+ Cats", "<ol><li>Dogs<ul><li>red</li><li>brown</li></ul></li><li>Cats</li></ol>"),
    ("+ x\n. y\n\n. z\n+ w", "<ol><li>x<p>y</p><p>z</p></li><li>w</li></ol>"),
    ("-. a\n. b", "<ul><li><p>a</p><p>b</p></li></ul>"),
    ("----\na | b\nc | d\n----\n",
     '<table><tbody><tr class="first"><td>a</td><td>b</td></tr><tr class="even"><td>c</td><td>d</td></tr></tbody></table>'),
    ("-----\na|b\n====\n1|2\n====\n3|4\n-----:cl[id]",
     '<table class="cl" id="markmin_id"><thead><tr class="first"><td>a</td><td>b</td></tr></thead>'
     '<tbody><tr class="first"><td class="num">1</td><td class="num">2</td></tr></tbody>'
     '<tfoot><tr class="first"><td class="num">3</td><td class="num">4</td></tr></tfoot></table>'),
    ("----\nhello world\n----:c[i]", '<blockquote class="c" id="markmin_i"><p>hello world</p></blockquote>'),
    ("- ----\n  a|b\n  ----", '<ul><li><table><tbody><tr class="first"><td>a</td><td>b</td></tr></tbody></table></li></ul>'),
    ("a\n\n----\n\nb", "<p>a</p><hr /><p>b</p>"),
    ("[[myanchor]]", '<p><span class="anchor" id="markmin_myanchor"></span></p>'),
    ("[[bookmark [http://example.com] ]]",
     '<p><span class="anchor" id="markmin_bookmark"><a href="http://example.com">http://example.com</a></span></p>'),
    ("[[click **me** [extra info] #myanchor popup]]",
     '<p><a href="#markmin_myanchor" title="extra info" target="_blank">click <strong>me</strong></a></p>'),
    ("[[ http://example.com]]", '<p><a href="http://example.com">http://example.com</a></p>'),
    ("[[See ../08#x]]", '<p><a href="../08#markmin_x">See</a></p>'),
    ("[[pic [t] x.png left 200px]]", '<p><img src="x.png" alt="pic" title="t" style="float:left;width:200px" /></p>'),
    ("[[no <video> http://e.com video]]",
     '<p><video controls="controls"><source src="http://e.com" />no &lt;video&gt;</video></p>'),
    ("# A[[NEWLINE]]\n b\nc", "<h1>A<br /> b</h1><p>c</p>"),
    ("see http://x.y/?a=b&c=d.", '<p>see <a href="http://x.y/?a=b&amp;c=d">http://x.y/?a=b&amp;c=d</a>.</p>'),
    ("(http://e.com/i.jpeg)", '<p>(<img src="http://e.com/i.jpeg" controls />)</p>'),
    ("http://e.com/a.mp3", '<p><audio src="http://e.com/a.mp3" controls></audio></p>'),
    ("embed:http://e.com/p", '<p><iframe src="http://e.com/p" frameborder="0" allowfullscreen></iframe></p>'),
    ("me@x.com", '<p><a href="mailto:me@x.com">me@x.com</a></p>'),
    (r"\[[probe]]", "<p>[[probe]]</p>"),
    (r"\\[[probe]]", '<p>\\<span class="anchor" id="markmin_probe"></span></p>'),
    (r"the \**text** \``x`` \''y''", "<p>the **text** ``x`` ''y''</p>"),
    ("is ``red``:c[#FF0000:#FFFF00]", '<p>is <span style="color: #FF0000;background-color: #FFFF00;">red</span></p>'),
    ("``x **b**``:red", '<span style="color: red">x <strong>b</strong></span>'),
    ("``x``:color[red;x:expression(1):]", '<code class="color" id="markmin_red;x:expression(1):">x</code>'),
    ("``a``:cite", '[<a href="#markmin_a" class="cite">a</a>]'),
    ("$$x<y$$", '<span class="latex">\\(x&lt;y\\)</span>'),
]  # fmt: skip


@pytest.mark.parametrize(("source", "markup"), DOCUMENTED)
def test_lib_3_documented_syntax(source, markup):
    assert render(source) == markup


def test_fun_12_helper():
    assert str(MARKMIN("**x**")) == "<p><strong>x</strong></p>"
    assert MARKMIN("**x**").flatten() == "**x**"
    assert str(MARKMIN("``a``:k", extra={"k": lambda text: text.upper()})) == "A"


def test_t_m_01_inline_rendering_has_no_paragraph():
    assert render("**hi** 2 cats", sep="br", autolinks=None) == "<strong>hi</strong> 2 cats"
    assert render("a\n\nb", sep="br") == "a<br />b"


def test_t_m_02_text_is_escaped():
    assert render('hi <b> & "q"', sep="") == 'hi &lt;b&gt; &amp; "q"'


def test_lib_3_extra_functions_and_their_arguments():
    assert render("``aaa``:custom", extra={"custom": lambda text: f"x{text}x"}) == "xaaax"
    assert render("``a``:b[c]", extra={"b": lambda text, args: f"{text}|{args}"}) == "a|c"


def test_lib_3_allowed_classes_and_prefixes():
    assert (
        render("``a``:b ``a``:c", allowed={"code": ["c"]}) == '<p><code>a</code> <code class="c">a</code></p>'
    )
    assert render("``a``:b[c]", class_prefix="p_", id_prefix="i_") == '<code class="p_b" id="i_c">a</code>'


def test_lib_3_environment():
    names = {"v": "<v>", "f": lambda text: f"[{text}]", "k": lambda n: f"n={n}", "one": 1, "h": B("x")}
    assert render("@{v}", environment=names) == "<p>&lt;v&gt;</p>"
    assert render("**@{f:a/b,c}**", environment=names) == "<p><strong>[a/b,c]</strong></p>"
    assert render("@{k:n=one} @{k:n='x, y'}", environment=names) == "<p>n=1 n=x, y</p>"
    assert render("[[l @{v}]] [[@{h} http://x.y]]", environment=names) == (
        '<p><a href="&lt;v&gt;">l</a> <a href="http://x.y"><b>x</b></a></p>'
    )
    assert render("@{v}") == "<p>@{v}</p>"
    assert render("@{v}", environment={"v": "**no** [[x y]]"}) == "<p>**no** [[x y]]</p>"


def test_lib_3_addresses_of_actions():
    calls = []

    def url(**parts):
        calls.append(parts)
        return "/made"

    assert render("[[x @////b/c]]", URL=url) == '<p><a href="/made">x</a></p>'
    assert str(MARKMIN("[[x @/a/c/f.html/1]]", url=url)) == '<p><a href="/made">x</a></p>'
    assert calls[0] == {"a": None, "c": None, "f": None, "args": ["b", "c"], "scheme": True, "host": True}
    assert calls[1] == {"a": "a", "c": "c", "f": "f.html", "args": ["1"], "scheme": True, "host": True}


def test_lib_3_own_functions_for_addresses_and_formulas():
    assert render("http://x.y", autolinks=lambda u: f"<{u}>") == "<p><http://x.y></p>"
    assert render("http://x.y", autolinks=None) == "<p>http://x.y</p>"
    assert render("qr:http://x.y", protolinks=lambda p, u: f"{p}!{u}") == "<p>qr!http://x.y</p>"
    assert render("$$a$$", latex=lambda f: f"F{f}") == "Fa"


def test_lib_3_pretty_print_parts_blocks_by_line_ends():
    assert render("- a\n\nb", pretty_print=True) == "<ul>\n<li>a</li>\n</ul>\n<p>b</p>\n"


def test_lib_3_other_names():
    assert markmin2html("**x**", sep="br") == "<strong>x</strong>"
    assert make_dict('a=1, b="x"') == "{'a':1, 'b':\"x\"}"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScript:a()", "data:text/html,x", "vbscript:a", "\\javascript:a"]
)
@pytest.mark.parametrize("kind", ["", " popup", " left", " video", " IMG"])
def test_sec_02_links_that_run_code_are_text(address, kind):
    text = render(f"[[x {address}{kind}]]")
    assert "href" not in text or 'href="\\' in text
    assert 'src="java' not in text.lower()


class Allowed(HTMLParser):
    tags = set(
        """p h1 h2 h3 h4 h5 h6 strong em del code pre ul ol li table thead tbody tfoot tr td blockquote hr br a img
        span video audio source iframe""".split()
    )
    attributes = set("class id href title target src alt style controls frameborder allowfullscreen".split())

    def handle_starttag(self, tag, attrs):
        assert tag in self.tags
        for name, value in attrs:
            assert name in self.attributes
            if name in ("href", "src"):
                assert safe_url(value or "")
            if name == "style":
                assert not set(value) & set("<>\"'\\")
                assert "url" not in value


PIECES = st.sampled_from(
    ["**", "''", "~~", "``", "[[", "]]", "[", "]", "\n", "\n\n", "- ", "+ ", ". ", "-- ", "----\n", "====\n", "|", "# ", "\\",
     "$$", "@{", "}", ":red", ":c[", ":cite", "javascript:x", "http://x.y/", " left", " popup", "<script>", "<b a='", '"', "&",
     "x", " ", "\x05", "\x060\x06", "\x0e", "!`!", ":id[", " video", "embed:", "@/a/b/c", "a@b.cd"]
)  # fmt: skip


@settings(max_examples=500)
@given(st.lists(PIECES | st.text(max_size=3)).map("".join))
def test_sec_02_no_text_yields_a_tag_or_address_outside_the_list(source):
    parser = Allowed()
    parser.feed(render(source))
    parser.close()
    assert "\x05" not in render(source)


@settings(max_examples=200)
@given(st.lists(PIECES).map("".join))
def test_lib_3_any_text_becomes_latex(source):
    assert "\x05" not in markmin2latex(source)


def test_lib_3_quotations_without_end_stay_bounded():
    source = "".join(" " * i + "-----\n" + " " * i + "x\n" for i in range(1500))
    source += "".join(" " * i + "-----\n" for i in reversed(range(1500)))
    assert "x" in render(source)


@pytest.mark.parametrize(
    "piece", ["**a ", "[[", "``a", "''", "@{", "http://", "a@b.", "- a\n", "[[a [b", "\\", "$$"]
)
def test_sec_02_unclosed_marks_do_not_take_quadratic_time(piece):
    """A quadratic reader would need minutes here and run into the time limit of the tests."""
    assert render(piece * 30_000)


def test_lib_3_latex():
    body, title, authors = render_latex(
        "# Ti & tle\nauthor: Ann\n## sec\n**b** ''i'' ``co_de`` [[a http://x.y/%]] $$x^2$$ a_b ``k``:cite\n\n- a\n- b\n\n"
        "------\na|b\n------\n\n``\ndef f(): pass\n``:python\n\n## References\n- [[k]] Book\n"
    )
    assert (title, authors) == ("Ti & tle", ["Ann"])
    for part in (
        "\\subsection{sec}", "\\textbf{b} \\textit{i} \\texttt{co\\_de} \\href{http://x.y/\\%}{a} $x^2$ a\\_b ~\\cite{k}",
        "\\begin{itemize}\n\\item a\n\\item b\n\\end{itemize}", "a & b \\\\", "\\begin{lstlisting}\ndef f(): pass\n\\end{lstlisting}",
        "\\begin{thebibliography}{999}\n\\bibitem{k} Book\n\\end{thebibliography}",
    ):  # fmt: skip
        assert part in body
    assert "\\title{Ti \\& tle}" in markmin2latex("# Ti & tle\nx")
