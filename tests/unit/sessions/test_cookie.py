"""SESS-13, SESS-14: sessions in an encrypted cookie."""

from __future__ import annotations

import base64
import os
import time

import pytest

from runtime.sessions import cookie_store

NAME = "session_data_myapp"


def keyed(key="secret", **options):
    def connect(session, request, response):
        session.connect(request, response, cookie_key=key, **options)

    return connect


def test_sess_13_no_file_no_row(site, visitor):
    """SESS-13: everything is in the cookie, and no one can read it."""
    visitor.put("n", "plain words", connect=keyed())
    assert list(visitor.jar) == [NAME]
    assert b"plain words" not in base64.urlsafe_b64decode(visitor.jar[NAME])
    assert visitor.get("n", connect=keyed()) == "plain words"
    assert not visitor.answer, "an unchanged session sends no cookie"
    assert site.files() == []
    visitor.put("n", 2, connect=keyed())
    assert visitor.answer[NAME]["httponly"] is True


def test_sess_13_tampered(visitor, caplog):
    """SESS-13: a changed byte gives an empty session and no error."""
    visitor.put("n", 1, connect=keyed())
    good = visitor.jar[NAME]
    raw = bytearray(base64.urlsafe_b64decode(good))
    for position in range(0, len(raw), 7):
        changed = bytearray(raw)
        changed[position] ^= 1
        visitor.jar[NAME] = base64.urlsafe_b64encode(bytes(changed)).decode()
        assert visitor.get("n", connect=keyed()) is None
    for value in (good[:-5], "", "x", "AAAA" * 20, good[: len(good) // 2]):
        visitor.jar[NAME] = value
        assert visitor.get("n", connect=keyed()) is None
    assert "refused" in caplog.text
    visitor.jar[NAME] = good
    assert visitor.get("n", connect=keyed("another key")) is None
    assert visitor.get("n", connect=keyed()) == 1


def test_sess_13_cookie_of_another_application(site, visitor):
    """SESS-13: with the same key; except under `masterapp`, SESS-11."""
    (site.root / "applications" / "other").mkdir()
    visitor.put("n", 1, connect=keyed())
    visitor.jar["session_data_other"] = visitor.jar[NAME]
    assert visitor.get("n", app="other", connect=keyed()) is None
    assert visitor.get("n", app="other", connect=keyed(masterapp="myapp")) == 1


def test_sess_13_compression(site):
    """SESS-13: level 6 gives a shorter cookie for repetitive data."""
    lengths = []
    for level in (None, 6):
        visitor = site.visitor()
        visitor.put("n", "word " * 300, connect=keyed(compression_level=level))
        assert visitor.get("n", connect=keyed(compression_level=level)) == "word " * 300
        lengths.append(len(visitor.jar[NAME]))
    assert lengths[1] < lengths[0] / 4


def test_sess_14_too_large(visitor, caplog):
    """SESS-14: a clear line in the log, the request is answered, the old cookie stays."""
    visitor.put("n", 1, connect=keyed())
    visitor.put("big", os.urandom(10_000), connect=keyed())
    assert "was not saved: the session takes 1" in caplog.text
    assert not visitor.answer
    assert visitor.get("n", connect=keyed()) == 1
    with pytest.raises(cookie_store.CookieTooLarge):
        cookie_store.seal(os.urandom(4000), "k", "a", None)


def test_sess_17_check_client(site, visitor):
    """SESS-17: the cookie is bound to the address."""
    visitor.put("n", 1, connect=keyed(check_client=True))
    assert visitor.get("n", connect=keyed(check_client=True)) == 1
    thief = site.visitor(client="10.0.0.9")
    thief.jar = dict(visitor.jar)
    assert thief.get("n", connect=keyed(check_client=True)) is None


def test_slife_01_02_timeout(visitor, monkeypatch):
    """SLIFE-01, SLIFE-02: use sends the cookie again with the new time."""
    clock = [1_700_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    visitor.put("n", 1, connect=keyed(timeout=5))
    for _ in range(4):
        clock[0] += 3
        assert visitor.get("n", connect=keyed(timeout=5)) == 1
    old = dict(visitor.jar)
    clock[0] += 6
    assert visitor.get("n", connect=keyed(timeout=5)) is None
    assert visitor.jar == old


def test_sess_13_decompression_is_bounded():
    """SESS-13: what unpacks to more than a megabyte is refused."""
    value = cookie_store.seal(b"0" * 2_000_000, "k", "a", 9)
    assert cookie_store.unseal(value, "k", "a") is None
