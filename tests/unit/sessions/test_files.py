"""SESS: sessions in files."""

from __future__ import annotations

import os
import re
import time

import pytest

from runtime.foundation.storage import Storage
from runtime.sessions import Session, SessionConflict, codec, session_locks, stores


def test_sess_01_what_is_stored_comes_back(site, visitor):
    """SESS-01: for this visitor, not for another; missing names give None."""
    visitor.put("n", 1)
    assert visitor.get("n") == 1
    assert visitor.get("missing") is None
    assert site.visitor().get("n") is None


def test_sess_01_is_a_storage(visitor):
    """SESS-01: every way to read and change a dictionary sees the stored data."""
    with visitor.request() as session:
        session.update(a=1, b=[2])
    with visitor.request() as session:
        assert isinstance(session, Storage)
        assert (session.a, session["b"], session.get("c", 3), "a" in session) == (1, [2], 3, True)
    for look in (
        len,
        list,
        dict,
        lambda s: s.copy(),
        lambda s: list(s.items()),
        bool,
        repr,
        lambda s: s == {},
    ):
        with visitor.request() as session:
            look(session)
            assert dict(session) == {"a": 1, "b": [2]}
    with visitor.request() as session:
        assert session.pop("a") == 1
        assert session.setdefault("d", 4) == 4
        del session.b
        session.d = None
        assert dict(session) == {}
        with pytest.raises(KeyError):
            session.pop("a")


def test_sess_01_items_may_be_called_as_they_like(visitor):
    """SESS-01: nothing of the machinery hides an item of the application."""
    names = ["begin", "check", "finish", "release", "known", "load", "state", "id", "lock"]
    with visitor.request() as session:
        for name in names:
            setattr(session, name, name)
    with visitor.request() as session:
        assert [getattr(session, name) for name in names] == names


def test_sess_02_one_file_named_after_the_id(site, visitor):
    """SESS-02, COOK-06, AMB-35: address and 128 random bits; path, HttpOnly, SameSite."""
    visitor.put("n", 1)
    (path,) = site.files()
    morsel = visitor.answer["session_id_myapp"]
    assert path.name == morsel.value == visitor.response["session_id"]
    assert re.fullmatch(r"127\.0\.0\.1\.[0-9a-f]{32}", morsel.value)
    assert (morsel["path"], morsel["httponly"], morsel["samesite"], morsel["secure"]) == (
        "/",
        True,
        "Lax",
        "",
    )
    assert os.stat(path).st_mode & 0o077 == 0
    assert visitor.response["session_id_name"] == "session_id_myapp"
    assert visitor.response["session_file_name"] == str(path)


def test_sess_03_read_only_request_leaves_the_file_alone(site, visitor):
    """SESS-03: no write, no lock, no cookie."""
    visitor.put("n", {"deep": [1]})
    (path,) = site.files()
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert visitor.get("n") == {"deep": [1]}
    assert path.stat().st_mtime == 1_000_000_000
    assert not visitor.answer
    assert site.files() == [path]


def test_sess_03_change_inside_a_value_is_seen(visitor):
    """SESS-03: a list or dictionary that was changed in place counts as changed."""
    visitor.put("cart", [])
    with visitor.request() as session:
        session.cart.append("book")
    assert visitor.get("cart") == ["book"]


def test_sess_03_equal_value_is_no_change(site, visitor):
    """SESS-03: models that set the same text at each request make nobody wait."""
    visitor.put("language", "it")
    (path,) = site.files()
    os.utime(path, (1_000_000_000, 1_000_000_000))
    with visitor.request(function="other") as session:
        session.language = "it"
        assert session_locks._locks == {}
    assert path.stat().st_mtime == 1_000_000_000


def test_disp_11_nobody_is_known_of_whom_nothing_is_kept(site, visitor):
    """SESS-02, DISP-11: no id, no cookie, no file, no folder before something is stored."""
    with visitor.request() as session:
        assert session.n is None
        assert session.uid is None
        session.x = 1
        del session.x
    assert not visitor.answer
    assert not (site.root / "applications/myapp/sessions").exists()


def test_sess_05_forget(visitor):
    """SESS-05."""
    visitor.put("x", 0)
    with visitor.request() as session:
        session.x = 1
        session.forget()
    assert visitor.get("x") == 0


def test_sess_06_forget_with_response_releases(visitor):
    """SESS-06: another request takes the lock while this one still runs."""
    visitor.put("x", 0)
    with visitor.request() as session:
        session.x = 1
        session.forget(session._state.response)
        visitor.put("x", 2)
    assert visitor.get("x") == 2


def test_sess_07_secure(visitor):
    """SESS-07, COOK-04: also for a session that exists already."""
    with visitor.request() as session:
        session.secure()
        session.n = 1
    assert "Secure" in visitor.answer["session_id_myapp"].OutputString().split("; ")
    with visitor.request() as session:
        session.secure()
    assert visitor.answer["session_id_myapp"]["secure"] is True


def test_sess_11_masterapp(site, visitor):
    """SESS-11, COOP-3: applications share the session of one of them."""
    (site.root / "applications" / "other").mkdir()
    visitor.put("n", 1)

    def share(session, request, response):
        session.connect(request, response, masterapp="myapp")

    assert visitor.get("n", app="other") is None
    assert visitor.get("n", app="other", connect=share) == 1
    visitor.put("n", 2, app="other", connect=share)
    assert visitor.get("n") == 2
    with pytest.raises(ValueError, match="masterapp"):
        Session().connect(masterapp="../x")


@pytest.mark.parametrize(
    ("separate", "folder"), [(True, r"[0-9a-f]{2}"), (lambda name: f"../{name[-3:]}", r"_+[0-9a-f]{3}")]
)
def test_sess_15_separate(site, separate, folder):
    """SESS-15: subfolders by the id, or by a function that can not lead out of the folder."""

    def connect(session, request, response):
        session.connect(request, response, separate=separate)

    visitors = [site.visitor() for _ in range(40)]
    for number, visitor in enumerate(visitors):
        visitor.put("n", number, connect=connect)
        assert visitor.get("n", connect=connect) == number
    parents = {path.parent for path in site.files()}
    assert len(parents) > 10
    for parent in parents:
        assert parent.parent == site.root / "applications/myapp/sessions"
        assert re.fullmatch(folder, parent.name)


@pytest.mark.parametrize("damage", ["cut", "forged", "garbage", "empty", "plain pickle"])
def test_sess_16_unreadable_session_becomes_a_new_one(site, visitor, damage, caplog, tmp_path):
    """SESS-16: a new empty session, a line in the log; what is not signed by us is never unpickled."""
    import pickle

    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "executed"),))

    visitor.put("n", 1)
    (path,) = site.files()
    blob = path.read_bytes()
    evil = pickle.dumps({"n": Evil()})
    path.write_bytes({
        "cut": blob[:-1],
        "forged": blob[:35] + evil,
        "garbage": os.urandom(200),
        "empty": b"",
        "plain pickle": evil,
    }[damage])  # fmt: skip
    old = dict(visitor.jar)
    assert visitor.get("n") is None
    assert not (tmp_path / "executed").exists()
    if damage != "empty":
        assert "can not be read" in caplog.text
    visitor.put("n", 2)
    assert visitor.get("n") == 2
    if damage != "empty":
        assert visitor.jar != old


class Thing:
    """Instances of it are kept in a session, until the class is gone."""


def test_sess_16_class_that_is_gone(visitor, monkeypatch, caplog):
    """SESS-16."""
    visitor.put("thing", Thing())
    assert isinstance(visitor.get("thing"), Thing)
    monkeypatch.delattr(f"{__name__}.Thing")
    assert visitor.get("thing") is None
    assert "can not be read" in caplog.text


def test_sess_16_what_can_not_be_pickled_fails_before_the_commit(site, visitor):
    """SESS-16: the request fails as a whole, the stored session stays."""
    visitor.put("n", 1)
    with pytest.raises(Exception, match="pickle"), visitor.request() as session:
        session.n = lambda: 1
    assert visitor.get("n") == 1


@pytest.mark.parametrize(
    "value", ["../../etc/passwd", "x" * 40, "127.0.0.1." + "g" * 32, ".." + "0" * 33, ""]
)
def test_sess_02_ids_of_other_shapes_are_not_looked_up(site, visitor, value, monkeypatch):
    """SESS-02: a cookie can not name any file."""
    monkeypatch.setattr(stores.FileStore, "read", lambda *_: pytest.fail("looked up"))
    visitor.jar["session_id_myapp"] = value
    assert visitor.get("n") is None


def test_sess_17_check_client(site, visitor):
    """SESS-17: a cookie replayed from another address is refused."""

    def connect(session, request, response):
        session.connect(request, response, check_client=True)

    visitor.put("n", 1, connect=connect)
    assert visitor.get("n", connect=connect) == 1
    thief = site.visitor(client="10.0.0.9")
    thief.jar = dict(visitor.jar)
    assert thief.get("n", connect=connect) is None


def test_sess_17_signature():
    """SESS-17: the documented keywords with their defaults, then ours."""
    import inspect

    parameters = inspect.signature(Session.connect).parameters
    documented = dict(
        request=None, response=None, db=None, tablename="web2py_session", masterapp=None, migrate=True,
        separate=None, check_client=False, cookie_key=None, cookie_expires=None, compression_level=None,
    )  # fmt: skip
    assert {name: parameters[name].default for name in documented} == documented
    assert list(parameters)[1:12] == list(documented)


@pytest.mark.parametrize(
    ("expires", "attribute", "value"),
    [(3600, "max-age", 3600), ("Thu, 01 Jan 2099 00:00:00 GMT", "expires", "Thu, 01 Jan 2099 00:00:00 GMT")],
)
def test_sess_17_cookie_expires(visitor, expires, attribute, value):
    """SESS-17: sent again at every request, so that use extends the life."""

    def connect(session, request, response):
        session.connect(request, response, cookie_expires=expires)

    visitor.put("n", 1, connect=connect)
    assert visitor.answer["session_id_myapp"][attribute] == value
    with visitor.request(connect=connect):
        pass  # the session is not touched at all
    assert visitor.answer["session_id_myapp"][attribute] == value


def test_sess_18_renew(site, visitor):
    """SESS-18: new id, same data; the old id no longer works."""
    visitor.put("n", 1)
    thief = site.visitor()
    thief.jar = dict(visitor.jar)
    with visitor.request() as session:
        session.renew()
    assert visitor.jar != thief.jar
    assert visitor.get("n") == 1
    assert thief.get("n") is None
    assert len(site.files()) == 1
    with visitor.request() as session:
        session.renew(clear_session=True)
    assert visitor.get("n") is None


def test_sess_18_clear(visitor):
    """SESS-18."""
    visitor.put("n", 1)
    with visitor.request() as session:
        session.clear()
    assert visitor.get("n") is None


def test_sess_18_is_new(visitor):
    """SESS-18: only the first question of a session is answered with True."""

    def ask():
        with visitor.request() as session:
            return session.is_new()

    assert [ask(), ask()] == [True, False]


def test_sess_18_is_expired(visitor, monkeypatch):
    """SESS-18; a clock that was set back does not end a session."""
    clock = [1_000_000.0]
    monkeypatch.setattr(time, "time", lambda: clock[0])

    def ask():
        with visitor.request() as session:
            return session.is_expired(60)

    assert ask() is False
    clock[0] += 50
    assert ask() is False
    clock[0] += 61
    assert ask() is True
    clock[0] -= 100_000
    assert ask() is False


def test_sess_18_samesite(visitor):
    """SESS-18."""
    with visitor.request() as session:
        session.samesite("Strict")
        session.n = 1
    assert visitor.answer["session_id_myapp"]["samesite"] == "Strict"
    with pytest.raises(ValueError, match="samesite"):
        Session().samesite("lax-ish")


def test_cook_07_domain_and_other_attributes(visitor):
    """COOK-07, SESS-20: attributes set before the cookie exists, or with an existing session."""
    with visitor.request() as session:
        name = session._state.response["session_id_name"]
        session._state.response["cookies"][name]["domain"] = ".example.com"
        session.n = 1
    assert visitor.answer["session_id_myapp"]["domain"] == ".example.com"
    with visitor.request() as session:
        session._state.response["cookies"]["session_id_myapp"]["expires"] = 3600
        session._state.response["cookies"]["session_id_myapp"]["httponly"] = False
    assert visitor.answer["session_id_myapp"]["expires"] == 3600
    assert "HttpOnly" not in visitor.answer["session_id_myapp"].OutputString()
    with visitor.request() as session:
        session._state.response["cookies"]["session_id_myapp"]["domain"] = ".example.com"
        assert "session_id_myapp" not in session._state.response["cookies"]


def test_lock_10_settings_without_effect_are_told(visitor, caplog):
    """LOCK-10: unknown values are errors; useless combinations are told once."""
    with pytest.raises(ValueError, match="write, request, merge"), visitor.request() as session:
        session.connect(lock="sometimes")
    with pytest.raises(ValueError, match="int"), visitor.request() as session:
        session.connect(db=3)
    for _ in range(2):
        with visitor.request() as session:
            session.connect(compression_level=6)
    assert caplog.text.count("compression_level has no effect") == 1
    with visitor.request() as session:
        session.n = 1
        session.connect(separate=True)
    assert "after the session was changed" in caplog.text


def test_session_key_is_one_for_all_and_a_cut_one_is_replaced(tmp_path):
    """SESS-16: a key file that a full disk has emptied must not sign anything."""
    key = codec.site_key(tmp_path)
    assert len(key) == 32
    codec._KEYS.clear()
    assert codec.site_key(tmp_path) == key
    (tmp_path / "private" / "session.key").write_bytes(b"")
    codec._KEYS.clear()
    assert len(codec.site_key(tmp_path)) == 32


def test_full_disk_keeps_the_old_session(site, visitor, monkeypatch):
    """SESS-02: a save that fails leaves the old session, and nothing half-written."""
    visitor.put("n", 1)

    def full(descriptor, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="space"):
            visitor.put("n", 2)
    assert visitor.get("n") == 1
    assert len(site.files()) == 1


def test_conflict_that_the_application_swallows_is_raised_again(site, visitor):
    """LOCK-01: `except:` around a change can not save stale data."""
    visitor.put("n", 1)
    with pytest.raises(SessionConflict), visitor.request(function="swallow") as session:
        assert session.n == 1
        other = site.visitor()
        other.jar = dict(visitor.jar)
        other.put("n", 5, function="other")
        try:
            session.n = 2
        except:  # noqa: E722
            pass
    assert visitor.get("n") == 5


def test_change_after_the_answer_began_takes_no_lock(site, visitor, caplog):
    """LOCK-09: a streamed page that touches the session can not keep it locked."""
    visitor.put("n", 1)
    with visitor.request() as session:
        pass
    assert session.n == 1
    session.n = 2
    assert "the change is lost" in caplog.text
    assert visitor.get("n") == 1
    assert session_locks._locks == {}


def test_exec_outside_of_a_request_is_an_empty_session():
    """SESS-01: shells and schedulers have a session that is kept nowhere."""
    session = Session()
    session.n = 1
    session.connect(db=None)
    assert (session.n, session.m, session.uid) == (1, None, None)
