"""Validators and odd input: they answer in bounded time, and never fail themselves (SEC-03)."""

from __future__ import annotations

import time

import pytest

from runtime.dal import validators as v
from runtime.tools.wiki.menu import menu_of

ODD = (
    "a" * 60_000, "a@" * 30_000, "a." * 30_000, "-" * 60_000, " " * 60_000, "1" * 60_000, "http://" + "a." * 30_000,
    "a@" + "a." * 30_000, "0:" * 30_000, "a@b.c," * 10_000, "<" * 60_000, "<script" * 8000, "é" * 60_000, "[" * 60_000,
)  # fmt: skip


@pytest.mark.parametrize(
    "rule",
    [v.IS_EMAIL(), v.IS_URL(), v.IS_SLUG(), v.IS_LIST_OF_EMAILS(), v.IS_DATE(), v.IS_DATETIME(), v.IS_TIME(), v.IS_IPV4(),
     v.IS_IPADDRESS(), v.IS_ALPHANUMERIC(), v.IS_STRONG(), v.IS_JSON(), v.IS_DECIMAL_IN_RANGE(0, 5),
     v.IS_FLOAT_IN_RANGE(0, 5), v.IS_INT_IN_RANGE(0, 5), v.CLEANUP(), v.IS_SAFE(), v.IS_SAFE(mode="sanitize"), v.IS_LOWER()],
    ids=lambda rule: type(rule).__name__,
)  # fmt: skip
def test_odd_texts(rule):
    began = time.process_time()
    for text in ODD:
        rule(text)
    assert time.process_time() - began < 10, "seconds of CPU; a regular expression gone wild takes minutes"


def test_what_is_right_is_still_right():
    assert v.IS_INT_IN_RANGE(0, 5)("3") == (3, None)
    assert v.IS_INT_IN_RANGE(0, 5)("9" * 5000)[1] == v.IS_INT_IN_RANGE(0, 5)("9")[1]
    assert v.IS_JSON()('{"a": [1]}') == ({"a": [1]}, None)
    assert v.IS_SAFE()("<b>x</b>" * 1000)[1] is None
    assert v.IS_SAFE()("<script>x</script>")[1]
    assert v.IS_SAFE(lambda text: text.replace("<", ""), mode="sanitize")("<" * 500) == ("", None)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("http://" + "aa." * 40 + "1", False),
        ("http://" + "a" * 40 + "-", False),
        ("aa." * 40 + "!", False),
        ("http://user:word@www.example.com:8080/a?b=c#d", True),
        ("http://www.example.com.", True),
        ("http://192.168.1.1/x", True),
        ("www.example.com/path", True),
        ("/only/a/path", True),
        ("http://b\u00fccher.de/", True),
        ("http://x.y.example.museum", True),
        ("http://-a.com", False),
        ("http://nowhere", False),
        ("ftp://example.com", False),
        ("http://[::1]/", False),
    ],
)
def test_addresses(text, right):
    """SEC-03: forty labels are refused at once; what pydal takes, and refuses, stays so."""
    import pydal.validators

    began = time.process_time()
    found = v.IS_URL()(text)
    assert time.process_time() - began < 2
    assert (found[1] is None) == right
    if len(text) < 60:
        assert found == pydal.validators.IS_URL()(text)


def test_long_lines_of_a_menu():
    """SEC: a line of the wiki's menu that is all blanks takes no time."""
    began = time.process_time()
    menu_of("-" + " " * 20_000 + "x" + " " * 20_000 + "> a b", None, None)
    assert time.process_time() - began < 5


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e400", '{"a": [1, -1e999]}', "[NaN]"])
def test_json_has_no_numbers_without_end(text):
    """NAMES-07: Python's reader takes them, PostgreSQL refuses the record."""
    assert v.IS_JSON()(text)[1]
    assert v.IS_JSON()('{"a": [1e300, "NaN"]}')[1] is None
