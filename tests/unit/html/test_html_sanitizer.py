"""The sanitizer against known attacks (SEC-02)."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.html import XML, sanitize
from runtime.html.sanitizer import ALLOWED_ATTRIBUTES, PERMITTED_TAGS, safe_url

LINKS = [
    "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "java\tscript:a()",
    "java\rscript:a()", "\x01javascript:a()", "jav&#x61;script:a()", "&#106;avascript:a()", "javascript&colon;a()",
    "javascript&#58;a()", "java\0script:a()", "&#x6A&#x61vascript:a()", "vbscript:a()", "data:text/html,<script>",
    "data:text/html;base64,PHN2Zz4=", "livescript:a()", "mocha:a()", "view-source:x", "file:///etc/passwd",
    "\u00a0javascript:a()", "\u200bjavascript:a()", "j\u00adavascript:a()", "feed:javascript:a()", "jar:x!", "blob:x",
    "&Tab;javascript:a()", "java&NewLine;script:a()",
]  # fmt: skip
VECTORS = [
    "<script>alert(1)</script>", "<SCRIPT SRC=//x></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>", "<img/onerror=alert(1)/src=x>", '<img src="x" onerror="alert(1)"', "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>", "<math><mi xlink:href='javascript:a()'>", "<style>*{x:expression(a())}</style>",
    "<b style='x:expression(a())'>", "<b onmouseover=a()>x</b>", "<iframe src=javascript:a()>", "<object data=x>",
    "<embed src=x>", "<base href=//x>", "<meta http-equiv=refresh content=0>", "<link rel=stylesheet href=x>",
    "<!--><script>a()</script>-->", "<![CDATA[<script>a()</script>]]>", "<?xml <script>a()</script>?>", "<p><script",
    "<a href='x' onclick='a()'>y", '<a href="x" title="\'><script>">', "<<script>a()//<</script>", "<a href=x\" onclick=a()>",
    "<noscript><p title=\"</noscript><img src=x onerror=a()>\">", "<textarea><img title='</textarea><script>a()</script>'>",
    "<form action=javascript:a()><button>", "<input autofocus onfocus=a()>", "<template><script>a()</script></template>",
    "\x00<scr\x00ipt>a()</script>", "</p><script>a()</script>", "<br onload=a()/>", "<a\x0chref=x\x0conclick=a()>",
]  # fmt: skip


class Harmless(HTMLParser):
    """Fails on any tag or attribute outside the lists."""

    def __init__(self, tags, attributes):
        super().__init__()
        self.tags = {t.rstrip("/") for t in tags}
        self.attributes = attributes

    def handle_starttag(self, tag, attrs):
        assert tag in self.tags, tag
        for name, value in attrs:
            assert name in self.attributes.get(tag, ()), (tag, name)
            if name in ("href", "src"):
                assert safe_url(value or ""), value

    def handle_comment(self, data):
        raise AssertionError(data)


def assert_harmless(text):
    parser = Harmless(PERMITTED_TAGS, ALLOWED_ATTRIBUTES)
    parser.feed(text)
    parser.close()


@pytest.mark.parametrize("link", LINKS)
def test_sec_02_addresses_that_run_code_are_dropped(link):
    for quote in ('"', "'"):
        text = sanitize(f"<a href={quote}{link}{quote} title=t>x</a><img src={quote}{link}{quote}>")
        assert text == '<a title="t">x</a><img />'


@pytest.mark.parametrize("vector", VECTORS)
def test_sec_02_attacks_become_text(vector):
    for escape in (True, False):
        assert_harmless(sanitize(vector, escape=escape))


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from([*VECTORS, *LINKS, "<a href=", "<b>", "</b>", "'", '"', ">", "<p ", "/", "&lt;", "x"])
    )
)
def test_sec_02_mixtures_of_attacks_become_text(pieces):
    assert_harmless(sanitize("".join(pieces)))


def test_sec_02_what_is_allowed_stays():
    text = '<p>a <b>b</b> <a href="http://x.y/?a=1&amp;b=2" title="t">c</a><br /><img src="/i.png" alt="i" /></p>'
    assert sanitize(text) == text
    for address in ("/x", "x", "#a", "?q=1:2", "//h/x", "https://h", "mailto:a@b.c", "a/b:c"):
        assert f'href="{address}"' in sanitize(f'<a href="{address}">x</a>')


def test_sec_02_documented_example():
    text = str(XML('<script>alert("unsafe!")</script>', sanitize=True))
    assert text == "&lt;script&gt;alert(&quot;unsafe!&quot;)&lt;/script&gt;"


def test_sec_02_own_lists():
    text = str(
        XML(
            '<b>x</b><i class="c" id="d">y</i>',
            sanitize=True,
            permitted_tags=["i"],
            allowed_attributes={"i": ["class"]},
        )
    )
    assert text == '&lt;b&gt;x&lt;/b&gt;<i class="c">y</i>'
    hardened = sanitize("<script>a()</script><b onclick=x>", ["script", "b"], {"b": ["onclick"]})
    assert "<script" not in hardened
    assert "onclick" not in hardened


def test_sec_02_tags_are_closed_in_order():
    assert sanitize("<b><i>x</b>y</i>") == "<b><i>x</i></b>y&lt;/i&gt;"
    assert sanitize("<p>x") == "<p>x</p>"
    assert sanitize("<u>x</u>", escape=False) == "x"
