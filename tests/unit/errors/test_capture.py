"""What a ticket holds, whatever the values of a program do."""

from __future__ import annotations

import dataclasses
import logging
import sys
import threading
import time
from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import bounded, capture, log_ring
from runtime.errors.bounded import MOST_STUCK, run_bounded
from runtime.errors.safe_values import LENGTH, MASK, hide, is_secret, mask_statement, mask_text, safe_text
from runtime.foundation.storage import Storage


def variables(shop, body, **names):
    ticket = capture("shop", shop.error(body, **names))
    return ticket.frames[-1].variables


def test_err_08_frames_source_and_variables(shop):
    ticket = capture("shop", shop.error("price = 3\nreturn price / 0"))
    frame = ticket.frames[-1]
    assert (ticket.exception, ticket.message) == ("ZeroDivisionError", "division by zero")
    assert frame.own
    assert (frame.line, frame.function) == (3, "index")
    assert (3, "    return price / 0") in frame.source
    assert frame.variables["price"] == "3"
    assert ticket.layer.endswith("shop/controllers/default.py")
    assert (ticket.line, ticket.function) == (3, "index")
    assert 'default.py", line 3, in index' in ticket.traceback
    assert ticket.traceback.endswith("ZeroDivisionError: division by zero")
    assert set(ticket.versions) == {"python", "system", "hadron"}


def test_err_08_id_is_client_date_uuid_and_unique(shop):
    error = shop.error("1/0")
    first = capture("shop", error, request=Storage(client="::1"))
    second = capture("shop", error, request=Storage(client="../../etc/passwd"))
    assert first.id.startswith("__1.20")
    assert first.id != second.id
    assert "/" not in second.id
    assert ".." not in second.id


def test_values_that_refer_to_themselves(shop):
    found = variables(
        shop, "a = [1]\na.append(a)\nb = {}\nb['me'] = b\nc = deque([1])\nc.append(c)\n1/0", deque=deque
    )
    assert found["a"] == "[1, <list inside itself>]"
    assert found["b"] == "{'me': <dict inside itself>}"
    assert "inside itself" in found["c"]


def test_huge_values_are_cut_without_being_walked(shop):
    body = """
    numbers = list(range(1_000_000))
    text = "x" * 10_000_000
    data = bytes(10_000_000)
    table = {n: n for n in range(100_000)}
    big = 10 ** 100_000
    record = Record(numbers)
    storage = Storage(table)
    deep = []
    for _ in range(100_000):
        deep = [deep]
    raise ValueError("y" * 1_000_000)
    """
    record = dataclasses.make_dataclass("Record", ["numbers"])
    ticket = capture("shop", shop.error(body, Record=record, Storage=Storage))
    found = ticket.frames[-1].variables
    assert all(len(text) <= LENGTH + 40 for text in found.values())
    assert "999980 more" in found["numbers"]
    assert "10000000 letters" in found["text"]
    assert "bits" in found["big"]
    assert found["record"].startswith("Record(numbers=[0, 1, 2")
    assert found["storage"].startswith("<Storage {0: 0")
    assert found["deep"].startswith("[[[[")
    assert len(ticket.message) == 2000


def test_repr_that_raises_or_loops_or_sleeps_hurts_nobody(shop, monkeypatch):
    monkeypatch.setattr(bounded, "ONE_SECONDS", 0.5)
    body = """
    class Raises:
        def __repr__(self): raise RuntimeError("no")
    class Exits:
        def __repr__(self): raise SystemExit(3)
    class Loops:
        def __repr__(self):
            while True: pass
    class Sleeps:
        def __repr__(self): time.sleep(60)
    class Lies:
        def __repr__(self): return 5
        __class__ = property(lambda self: 1/0)
    before, a, b, c, d, after = 1, Raises(), Loops(), Sleeps(), Lies(), 2
    1/0
    """
    error = shop.error(body, time=time)
    began = time.monotonic()
    found = capture("shop", error).frames[-1].variables
    assert time.monotonic() - began < 10
    assert found["before"] == "1"
    assert found["a"] == "<Raises that can not be shown: RuntimeError>"
    assert found["b"] == "<takes too long to show>"
    assert found["c"] == "<takes too long to show>"
    assert "can not be shown" in found["d"]
    assert found["after"] == "2"


def test_a_loop_in_repr_does_not_go_on_burning(shop):
    """A thread that is given up ends as soon as it runs Python code again."""
    ended = threading.Event()

    def loop():
        try:
            while True:
                pass
        finally:
            ended.set()

    assert not run_bounded([loop], 0.05, 0.1)
    assert ended.wait(60)


def test_hanging_threads_are_limited():
    free, before = threading.Event(), set(threading.enumerate())
    try:
        for _ in range(MOST_STUCK + 3):
            run_bounded([lambda: free.wait(60)], 0.01, 0.02)
        stuck = [t for t in threading.enumerate() if t.name == "ticket-values" and t not in before]
        assert len(stuck) <= MOST_STUCK
    finally:
        free.set()
    for thread in stuck:
        thread.join(60)
        assert not thread.is_alive()


def test_message_that_raises_or_hangs(shop, monkeypatch):
    monkeypatch.setattr(bounded, "ONE_SECONDS", 0.5)
    body = """
    class Odd(Exception):
        def __str__(self): {}
    raise Odd()
    """
    raising = capture("shop", shop.error(body.format("raise ValueError('no')")))
    assert raising.exception == "Odd"
    hanging = capture("shop", shop.error(body.format("time.sleep(60)"), time=time))
    assert hanging.message == "<takes too long to show>"


def test_endless_recursion_keeps_both_ends(shop):
    ticket = capture("shop", shop.error("def down(n): return down(n + 1)\nreturn down(0)"))
    assert ticket.exception == "RecursionError"
    assert len(ticket.frames) == 60
    assert ticket.frames[-1].variables["n"].isdigit()


def test_not_utf_8_source_and_lone_surrogates(shop):
    error = shop.error("name = 'caf\\udce9'\nraise ValueError(name)")
    path = shop.folder / "controllers" / "default.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9t\xe9\nraise ValueError('\xe9')\n")
    ticket = capture("shop", error)
    assert (2, "# été") in ticket.frames[-1].source
    str(ticket.to_json()).encode("utf-8")
    path.write_bytes(b"\xff\xfe\x00broken\n\xe9\n\n")
    assert capture("shop", error).frames[-1].source


def test_source_is_that_of_the_file_now_not_of_a_memory(shop):
    capture("shop", shop.error("old = 1/0"))
    ticket = capture("shop", shop.error("fresh = 1/0"))
    assert any("fresh" in text for _, text in ticket.frames[-1].source)


def test_exception_behind_the_exception(shop):
    ticket = capture(
        "shop", shop.error("try:\n    {}['x']\nexcept KeyError as e:\n    raise ValueError('two') from e")
    )
    assert "KeyError: 'x'" in ticket.traceback
    assert ticket.traceback.index("KeyError") < ticket.traceback.index("ValueError: two")


def test_syntax_errors_name_the_file_of_the_application(shop):
    path = shop.folder / "models" / "db.py"
    try:
        compile("x = = 1", str(path), "exec")
    except SyntaxError as error:
        ticket = capture("shop", error)
    assert ticket.layer == str(path)
    assert ticket.line == 1


def test_sec_04_secrets_by_name_are_masked_everywhere(shop):
    body = """
    password = "hunter22"
    settings = {"api_key": "k-123456", "inner": {"smtp_password": "deep-secret"}}
    copy = "told hunter22 to a friend"
    link = "postgres://shop:w0rd@db.local/shop"
    raise ValueError("wrong: hunter22")
    """
    ticket = capture("shop", shop.error(body))
    text = str(ticket.to_json())
    for secret in ("hunter22", "k-123456", "deep-secret", "w0rd"):
        assert secret not in text, secret
    assert ticket.frames[-1].variables["password"] == MASK
    assert ticket.message == f"wrong: {MASK}"
    assert ticket.hidden["frame 0/password".replace("0", str(len(ticket.frames) - 1))] == "hunter22"


def test_a_variable_called_key_hides_itself_but_not_the_code(shop):
    ticket = capture("shop", shop.error("for key in ['product']:\n    raise KeyError('product')"))
    frame = ticket.frames[-1]
    assert frame.variables["key"] == MASK
    assert ticket.message == "'product'"
    assert any("product" in text for _, text in frame.source)


def test_more_names_can_be_hidden(monkeypatch):
    from runtime.errors import safe_values

    monkeypatch.setattr(safe_values, "_MORE", [])
    assert not is_secret("iban")
    hide("iban")
    assert is_secret("customer_IBAN")


def test_statements_and_log_of_the_moment(shop, caplog):
    log_ring.install()
    log_ring.begin()
    logging.getLogger("web2py.app.shop").warning("login with %s", "token='abcdefgh'")
    statements = [("SELECT name FROM thing", 0.002), ("INSERT INTO u(password) VALUES ('xyzzy12')", 0.001)]
    ticket = capture("shop", shop.error("1/0"), statements=statements)
    assert ticket.statements[0] == ("SELECT name FROM thing", 2.0)
    assert "xyzzy12" not in ticket.statements[1][0]
    assert "login with" in ticket.log[-1]
    assert "abcdefgh" not in ticket.log[-1]
    log_ring.begin()
    assert capture("shop", shop.error("1/0")).log == []


def test_half_made_request_is_no_obstacle(shop):
    class Broken:
        client = property(lambda self: None)

        def __getattr__(self, name):
            raise RuntimeError(name)

    ticket = capture("shop", shop.error("1/0"), request=Broken(), session=Broken(), response=Broken())
    assert ticket.exception == "ZeroDivisionError"


def test_no_traceback_at_all():
    ticket = capture("shop", ValueError("bare"))
    assert ticket.frames == []
    assert ticket.traceback.endswith("ValueError: bare")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("password = 'abc'", f"password = '{MASK}'"),
        ('"secret": "abc",', f'"secret": "{MASK}",'),
        ("d['api_key'] = b'abc'", f"d['api_key'] = b'{MASK}'"),
        ("name = 'abc'", "name = 'abc'"),
        ("mysql://me:pw@host/db", f"mysql://me:{MASK}@host/db"),
        ("http://host/a:b@c", "http://host/a:b@c"),
    ],
)
def test_lines_of_code_are_masked(given, expected):
    assert mask_text(given) == expected


def test_statement_with_a_secret_column_shows_no_literal():
    assert mask_statement("UPDATE u SET password='it''s' WHERE name='x'") == (
        f"UPDATE u SET password='{MASK}' WHERE name='{MASK}'"
    )


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=60,
)


@given(_VALUES)
def test_any_value_becomes_a_bounded_text(value):
    text = safe_text(value)
    assert len(text) <= LENGTH + 60
    text.encode("utf-8")


@given(
    st.integers(-1000, 1000) | st.text(alphabet="abc", max_size=9) | st.lists(st.integers(0, 9), max_size=9)
)
def test_small_values_look_like_their_repr(value):
    assert safe_text(value) == repr(value)


def test_library_frames_are_told_from_those_of_the_application(shop):
    import json

    ticket = capture("shop", shop.error("json.loads('{')", json=json))
    assert [frame.own for frame in ticket.frames] == [False, True, *[False] * (len(ticket.frames) - 2)]
    assert ticket.layer.endswith("default.py")
    assert sys.modules["json"].__file__ in [frame.file for frame in ticket.frames]
