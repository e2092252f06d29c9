"""SLIFE, SESS-19: how long a session lives and who hears of its end."""

from __future__ import annotations

import gc
import os
import threading
import time
import weakref

import pytest

from runtime.sessions import SessionCleaner, clean_site, cleaner, expire_sessions, on_expiry


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def time(self) -> float:
        return self.now

    def time_ns(self) -> int:
        return int(self.now * 1e9)

    def advance(self, seconds: float, *paths) -> None:
        """Let time pass: the files get older, the clock stays where the file system's is."""
        for path in paths:
            status = path.stat()
            os.utime(path, (status.st_atime - seconds, status.st_mtime - seconds))


@pytest.fixture
def clock():
    return Clock()


def limited(seconds):
    def connect(session, request, response):
        session.connect(request, response, timeout=seconds)

    return connect


def test_slife_01_02_idle_timeout(site, visitor, clock):
    """SLIFE-01, SLIFE-02: used every 3 s it lives, after more than 5 s without use it is gone."""
    connect = limited(5)
    visitor.put("n", 1, connect=connect)
    for _ in range(5):
        clock.advance(3, *site.files())
        assert visitor.get("n", connect=connect) == 1
    clock.advance(6, *site.files())
    assert visitor.get("n", connect=connect) is None
    assert site.files() == []


def test_slife_02_reading_leaves_the_time_of_change_alone(site, visitor, clock):
    """SLIFE-02, SESS-03: use is noted in the time of access."""
    visitor.put("n", 1, connect=limited(5))
    clock.advance(3, *site.files())
    before = site.files()[0].stat().st_mtime
    visitor.get("n", connect=limited(5))
    assert site.files()[0].stat().st_mtime == before


def test_slife_01_clock_set_back(site, visitor):
    """SLIFE-01: a time in the future neither ends the session nor lets it live longer than the limit."""
    visitor.put("n", 1, connect=limited(5))
    (path,) = site.files()
    os.utime(path, (time.time() + 5000, time.time() - 100))
    assert visitor.get("n", connect=limited(5)) == 1
    assert path.stat().st_atime < time.time() + 5


def test_slife_09_one_application_has_its_own_limit(site, visitor, clock):
    """SLIFE-09: the setting of one application leaves the others alone; the store can be another class."""
    (site.root / "applications" / "other").mkdir()
    visitor.put("n", 1, connect=limited(5))
    visitor.put("n", 2, app="other")
    clock.advance(60, *site.files(), *site.files("other"))
    assert visitor.get("n", connect=limited(5)) is None
    assert visitor.get("n", app="other") == 2


def test_slife_03_04_callbacks(site, visitor, clock):
    """SLIFE-03, SLIFE-04: several, each called once with the id; an error in one does not stop the others."""
    heard: list[str] = []

    def listen(session_id):
        heard.append(session_id)

    def fail(session_id):
        raise ValueError("broken callback")

    for _ in range(10):
        with visitor.request(connect=limited(5)) as session:
            session.notify_on_expire(fail)
            session.notify_on_expire(listen)
            session.n = 1
            uid = session.uid
    clock.advance(6, *site.files())
    assert visitor.get("n", connect=limited(5)) is None
    assert visitor.get("n", connect=limited(5)) is None
    assert heard == [uid]


def test_slife_05_method_keeps_its_object_until_expiry(site, visitor, clock):
    """SLIFE-05."""

    class Listener:
        heard = None

        def hear(self, session_id):
            Listener.heard = session_id

    listener = Listener()
    reference = weakref.ref(listener)
    with visitor.request(connect=limited(5)) as session:
        session.n = 1
        session.notify_on_expire(listener.hear)
    uid = visitor.response["session_id"]
    del listener, session
    gc.collect()
    assert reference() is not None
    clock.advance(6, *site.files())
    visitor.get("n", connect=limited(5))
    assert Listener.heard == uid
    gc.collect()
    assert reference() is None


class Counter:
    def __init__(self) -> None:
        self.value = 0

    def next(self) -> int:
        self.value += 1
        return self.value


def test_slife_06_07_adapters(site, visitor):
    """SLIFE-06, SLIFE-07: one object per session and class, stored with it."""

    def count(who):
        with who.request() as session:
            assert session.adapt(Counter) is session.adapt(Counter)
            return session.adapt(Counter).next()

    assert [count(visitor), count(visitor), count(visitor)] == [1, 2, 3]
    assert count(site.visitor()) == 1


def test_slife_08_uid(visitor):
    """SLIFE-08: stable, readable; None before something was stored."""
    with visitor.request() as session:
        assert session.uid is None
        session.n = 1
    with visitor.request() as session:
        assert session.uid == visitor.jar["session_id_myapp"]


def test_sess_19_cleaner(site, visitor, clock):
    """SESS-19: older than the limit goes, younger stays; empty subfolders and left-overs go too."""
    heard = []
    on_expiry("myapp", heard.append)
    visitor.put("n", 1)
    other = site.visitor()
    other.put("n", 2)
    old = next(path for path in site.files() if path.name == visitor.jar["session_id_myapp"])
    clock.advance(4000, old)
    folder = old.parent
    half, locks = folder / ".127.0.0.1.abc.1.2.tmp", folder / ".locks"
    half.write_bytes(b"half")
    locks.touch()
    clock.advance(4000, half, locks)
    (folder / "ab").mkdir()
    (folder / ".0.tmp").write_bytes(b"in use now")
    assert clean_site(site.root, 3600) == 1
    assert heard == [old.name]
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [".0.tmp", ".locks", other.jar["session_id_myapp"]]
    )
    assert visitor.get("n") is None
    assert other.get("n") == 2


def test_sess_19_reading_counts_as_use(site, visitor, clock):
    """SESS-19, SLIFE-02: a session that is only read is not taken from its visitor."""
    visitor.put("n", 1)
    clock.advance(80_000, *site.files())
    assert visitor.get("n") == 1
    clock.advance(80_000, *site.files())
    assert expire_sessions(str(site.root / "applications" / "myapp"), 86_400) == 0


def test_sess_19_clock_set_back(site, visitor):
    """SESS-19: a session dated in the future is counted from now on."""
    visitor.put("n", 1)
    os.utime(site.files()[0], (time.time() + 1e6, time.time() + 1e6))
    assert clean_site(site.root, 60) == 0
    assert site.files()[0].stat().st_mtime <= time.time() + 1


def test_sess_19_the_cleaner_runs_by_itself(site, visitor, clock):
    """SESS-19: at once, and stops when it is told to."""
    visitor.put("n", 1)
    clock.advance(4000, *site.files())
    gone = threading.Event()
    on_expiry("myapp", lambda session_id: gone.set())
    thread = SessionCleaner(site.root, seconds=3600)
    assert gone.wait(60)
    thread.stop()
    assert site.files() == []
    assert "hadron-sessions" not in [t.name for t in threading.enumerate()]
    assert cleaner.DEFAULT_SECONDS == 86_400


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("session_id_myapp=abc", "abc"),
        ("a=1; session_id_myapp=abc; b=2", "abc"),
        ("session_id_myapp=first; session_id_myapp=second", "first"),
        ('a="x; y"; session_id_myapp="abc"', "abc"),
        ("é=1; session_id_myapp=abc", "abc"),
        ("session_id_myapplication=no", None),
        ("session_id_myapp", ""),
        ("", None),
    ],
)
def test_cook_01_the_sessions_cookie_among_others(header, wanted):
    """COOK-01, SESS-01: the quick look at the header finds what parsing all cookies finds."""
    from runtime.sessions.frame import _sent_value
    from runtime.sessions.state import State
    from runtime.web.request import Request

    state = State()
    state.request = Request({"HTTP_COOKIE": header.encode().decode("latin-1")})
    quick = _sent_value(state, "session_id_myapp")
    parsed = state.request.cookies.get("session_id_myapp")
    assert (quick or None) == (wanted or None)
    assert (quick or None) == ((parsed.value or None) if parsed is not None else None)
