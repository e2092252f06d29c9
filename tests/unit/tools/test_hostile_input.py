"""Generated input for what strangers can send: addresses to go to, JSON-RPC calls, formulas."""

from __future__ import annotations

import json
from urllib.parse import urljoin, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from runtime.tools import json_rpc
from runtime.tools.auth.next_address import safe_next
from runtime.tools.contrib.sheet import Sheet

PIECES = st.lists(
    st.sampled_from(
        ["/", "\\", "//", ":", "http", "https", "evil.com", "localhost", "@", "?", "#", "%2f", "%5c", "%09", "\t", "\n", "\r", " ",
         "\x00", ".", "..", "javascript", "a", ";", "[", "]", "\u3000", "\u2028", "é", "&", "="]
    ),
    max_size=8,
).map("".join)  # fmt: skip


def as_browsers_read(address: str) -> str:
    """The address after what browsers do before they look at it: tabs and line breaks go, backslashes are slashes."""
    text = "".join(c for c in address if c not in "\t\n\r").strip("".join(map(chr, range(33))))
    head, mark, tail = text.partition("?")
    return head.replace("\\", "/") + mark + tail


@given(st.one_of(PIECES, st.text(max_size=30)))
def test_no_address_leads_elsewhere(address):
    """SEC: what is accepted stays on this host, read as a browser reads it."""
    if safe_next(address, {"localhost"}) is None:
        return
    target = urlsplit(urljoin("http://localhost/myapp/default/user/login", as_browsers_read(address)))
    assert target.scheme in ("http", "https")
    assert target.netloc == "localhost"
    assert "//" not in urlsplit(as_browsers_read(address)).path[:2]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["jsonrpc", "method", "params", "id", "x"]),
            inner | st.sampled_from(["2.0", "f"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(VALUES)
def test_every_call_has_an_answer(call):
    """FUN-13: whatever JSON comes in, the answer is JSON of the protocol's form."""

    def f(a=1, *more, **named):
        return [a, more]

    for answer in (
        json_rpc.answer_version_2(call, {"f": f}, lambda error: {"ticket": str(error)}),
        json_rpc.answer_version_1(call, {"f": f}, lambda error: {"ticket": str(error)}),
    ):
        for one in answer if isinstance(answer, list) else [answer]:
            if one is not None:
                json.dumps(one)
                assert one.get("jsonrpc") == "2.0" or one["version"] == "1.1"
                assert "id" in one


@given(st.text(alphabet="=r0c1()+-*/%.,<>'\"sqrtmaxe 29[]{}:_", max_size=20))
def test_every_formula_has_a_value(text):
    """SEC: a formula of any kind is a number, a text or an error, never an exception."""
    sheet = Sheet(2, 2)
    sheet.cell("r0c1", value="=" + text)
    assert isinstance(sheet["r0c1"], (int, float, str, bool, complex))
