"""LOCK: real threads through the application object."""

from __future__ import annotations

import concurrent.futures
import logging
import threading
import time
import types

import pytest

from runtime.sessions import habits, locks, session_locks
from runtime.web.application import Application
from runtime.web.client import TestClient

PATIENCE = 60.0


@pytest.fixture
def shared(monkeypatch):
    """A module that actions import: barriers, events and records of the test."""
    import sys

    module = types.ModuleType("lock_test_shared")
    module.starts, module.running, module.most, module.together = [], 0, 0, 1
    module.guard = threading.Lock()
    module.entered, module.go_on = threading.Event(), threading.Event()
    monkeypatch.setitem(sys.modules, "lock_test_shared", module)
    monkeypatch.setattr(habits, "_shares", {})
    return module


class Many:
    """One browser with many connections."""

    def __init__(self, site, **options):
        self.application = Application(site.root, **options)
        self.cookie = ""

    def get(self, path, **options):
        client = TestClient(self.application, use_cookies=False)
        page = client.get(path, headers={"Cookie": self.cookie} if self.cookie else {}, **options)
        for header in page.headers.getlist("Set-Cookie"):
            self.cookie = header.split(";")[0]
        return page

    def at_once(self, paths, threads=None):
        with concurrent.futures.ThreadPoolExecutor(threads or len(paths)) as pool:
            return list(pool.map(self.get, paths))


CONTROLLER = """
    import threading, time
    import lock_test_shared as shared

    def start():
        session.n = 0
        return 'started'

    def add():
        n = session.n
        time.sleep(0.005)
        session.n = n + 1
        return str(session.n)

    def look():
        return str(session.n)

    def together():
        session.n
        shared.barrier.wait(60)
        return str(session.n)

    def _sleep():
        with shared.guard:
            shared.starts.append(time.monotonic())
            shared.running += 1
            shared.most = max(shared.most, shared.running)
        end = time.monotonic() + 60
        while shared.most < shared.together and time.monotonic() < end:
            time.sleep(0.005)
        time.sleep(shared.seconds)
        with shared.guard:
            shared.running -= 1
        return 'slept'

    def sleep():
        session.n
        return _sleep()

    def sleep_forgetting():
        session.forget(response)
        return _sleep()

    def hold():
        session.n = 100
        shared.entered.set()
        shared.go_on.wait(60)
        return 'held'
"""


@pytest.fixture
def visit(site, shared):
    def make(model="", **options):
        if model:
            site.model(model)
        site.controller(CONTROLLER)
        visitor = Many(site, **options)
        assert visitor.get("/myapp/default/start").text == "started"
        return visitor

    return make


def test_lock_01_sixteen_counters_are_exact(visit):
    """LOCK-01: 16 parallel requests that add 1 end at exactly 16, the unlocked first round included."""
    visitor = visit()
    pages = visitor.at_once(["/myapp/default/add"] * 16)
    assert [page.status_code for page in pages] == [200] * 16
    assert sorted(int(page.text) for page in pages) == list(range(1, 17))
    assert visitor.get("/myapp/default/look").text == "16"


def test_lock_01_sixteen_readers_run_side_by_side(visit, shared):
    """LOCK-01: every one of 16 requests that read waits for the 15 others, so none waits for a lock."""
    visitor = visit()
    shared.barrier = threading.Barrier(16)
    pages = visitor.at_once(["/myapp/default/together"] * 16)
    assert [page.text for page in pages] == ["0"] * 16


def test_lock_01_reader_does_not_wait_for_a_writer(visit, shared):
    """LOCK-01: page1 holds the session, page2 reads; another writer waits, and no change is lost."""
    visitor = visit()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        held = pool.submit(visitor.get, "/myapp/default/hold")
        assert shared.entered.wait(PATIENCE)
        assert visitor.get("/myapp/default/look").text == "0"
        writer = pool.submit(visitor.get, "/myapp/default/add")
        wait_until(session_locks.waiting)
        assert not writer.done()
        shared.go_on.set()
        assert held.result(PATIENCE).text == "held"
        assert writer.result(PATIENCE).text == "101"


def wait_until(condition):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("it did not happen in time")


def test_lock_01_a_conflict_undoes_the_database_work(site, visit):
    """LOCK-01: a request that runs again has inserted its row once, with the body read twice."""
    visitor = visit("db = DAL('sqlite://storage.sqlite')\ndb.define_table('t', Field('a'))\n")
    site.controller("""
        import time
        def add():
            n = session.n
            db.t.insert(a=request.vars.a)
            time.sleep(0.01)
            session.n = n + 1
            return request.vars.a
        def rows():
            return ' '.join(sorted(row.a for row in db(db.t).select()))
    """, "book")  # fmt: skip
    visitor.get("/myapp/book/rows")

    def post(number):
        client = TestClient(visitor.application, use_cookies=False)
        return client.post("/myapp/book/add", data={"a": f"{number:02}"}, headers={"Cookie": visitor.cookie})

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(post, range(8)))
    assert [page.text for page in pages] == [f"{number:02}" for number in range(8)]
    assert visitor.get("/myapp/book/rows").text == " ".join(f"{number:02}" for number in range(8))
    assert visitor.get("/myapp/default/look").text == "8"


def test_lock_01_upload_is_read_again(site, visit, shared):
    """LOCK-01: the body of a request that runs again is whole, from a stream that can not be rewound too."""
    import io

    class Stream(io.RawIOBase):
        def __init__(self, data):
            self.inner = io.BytesIO(data)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self.inner.readinto(buffer)

    visitor = visit()
    site.controller("""
        import lock_test_shared as shared
        def index():
            n, text = session.n, request.body.read()
            shared.attempts = getattr(shared, 'attempts', 0) + 1
            if shared.attempts == 1:
                shared.change()
            session.n = n + 1
            return '%s %s' % (text.decode(), shared.attempts)
    """, "upload")  # fmt: skip
    shared.change = lambda: threading_run(lambda: visitor.get("/myapp/default/add"))
    client = TestClient(visitor.application, use_cookies=False)
    page = client.post(
        "/myapp/upload/index",
        environ_overrides={"wsgi.input": Stream(b"the body"), "CONTENT_LENGTH": "8"},
        headers={"Cookie": visitor.cookie},
    )
    assert page.text == "the body 2"
    assert visitor.get("/myapp/default/look").text == "2"


def threading_run(function):
    thread = threading.Thread(target=function)
    thread.start()
    thread.join(PATIENCE)


def test_lock_01_no_deadlock_with_a_database(site, visit, shared):
    """LOCK-01: who holds a database transaction does not wait for the session of who waits for the database."""
    visitor = visit("db = DAL('sqlite://storage.sqlite')\ndb.define_table('t', Field('a'))\n")
    site.controller("""
        import lock_test_shared as shared
        def session_first():
            session.n = session.n + 1
            shared.entered.set()
            shared.go_on.wait(60)
            db.t.insert(a='1')
            return 'ok'
        def database_first():
            db.t.insert(a='2')
            shared.go_on.set()
            session.n = session.n + 1
            return 'ok'
    """, "book")  # fmt: skip
    visitor.get("/myapp/book/nothing")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        first = pool.submit(visitor.get, "/myapp/book/session_first")
        assert shared.entered.wait(PATIENCE)
        second = pool.submit(visitor.get, "/myapp/book/database_first")
        assert (first.result(PATIENCE).text, second.result(PATIENCE).text) == ("ok", "ok")
    assert visitor.get("/myapp/default/look").text == "2"


def experiment(visitor, shared, path, requests=8, threads=None, seconds=0.15, together=1):
    """Let requests sleep, as soon as so many have been there `together`; return the times between their starts."""
    shared.seconds, shared.together = seconds, together
    pages = visitor.at_once([path] * requests, threads)
    assert [page.text for page in pages] == ["slept"] * requests
    shared.starts.sort()
    return [later - earlier for earlier, later in zip(shared.starts, shared.starts[1:], strict=False)]


@pytest.mark.parametrize("how", ["connect", "site"])
def test_lock_02_whole_requests_locked(visit, shared, how):
    """LOCK-02, SESS-04: with the old behaviour 8 requests of one session start one after the other."""
    if how == "connect":
        visitor = visit("session.connect(request, response, lock='request')\n")
    else:
        visitor = visit(session_lock="request")
    gaps = experiment(visitor, shared, "/myapp/default/sleep")
    assert shared.most == 1
    assert min(gaps) >= 0.14


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_lock_02_03_as_described(visit, shared):
    """LOCK-02, LOCK-03: the experiment with its 3 seconds: 24 s locked; forgetting, two waves of 6 and 2."""
    visitor = visit("session.connect(request, response, lock='request')\n")
    experiment(visitor, shared, "/myapp/default/sleep", seconds=3)
    assert shared.starts[-1] - shared.starts[0] >= 20
    shared.starts, shared.most = [], 0
    gaps = experiment(visitor, shared, "/myapp/default/sleep_forgetting", threads=6, seconds=3, together=6)
    assert shared.most == 6
    assert shared.starts[6] - shared.starts[0] >= 3
    assert max(gaps[:5]) < 3


def test_lock_02_by_default_readers_start_together(visit, shared):
    """LOCK-01, LOCK-02: without any call, as the default."""
    visitor = visit()
    experiment(visitor, shared, "/myapp/default/sleep", together=8)
    assert shared.most == 8


def test_lock_03_forget_lets_all_start(visit, shared):
    """LOCK-03, SESS-06: also where whole requests are locked."""
    visitor = visit("session.connect(request, response, lock='request')\n")
    experiment(visitor, shared, "/myapp/default/sleep_forgetting", together=8)
    assert shared.most == 8


def test_lock_03_06_waves(visit, shared):
    """LOCK-03, LOCK-06: 6 connections (or 4 threads) give two waves; the second begins when the first ends."""
    visitor = visit("session.connect(request, response, lock='request')\n")
    for threads in (6, 4):
        shared.starts, shared.most = [], 0
        experiment(
            visitor, shared, "/myapp/default/sleep_forgetting", threads=threads, seconds=0.4, together=threads
        )
        assert shared.most == threads
        assert shared.starts[threads] - shared.starts[0] >= 0.39


def test_lock_04_save_and_release(site, visit, shared):
    """LOCK-04: saved at the call, seen by others at once; a change after it is told to be lost."""
    visitor = visit()
    site.controller("""
        import lock_test_shared as shared
        def index():
            session.n = 5
            session.release_lock()
            shared.entered.set()
            shared.go_on.wait(60)
            return str(session.n)
    """, "early")  # fmt: skip
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        early = pool.submit(visitor.get, "/myapp/early/index")
        assert shared.entered.wait(PATIENCE)
        assert visitor.get("/myapp/default/look").text == "5"
        assert visitor.get("/myapp/default/add").text == "6"
        shared.go_on.set()
        assert early.result(PATIENCE).text == "5"
    assert visitor.get("/myapp/default/look").text == "6"


def test_lock_04_change_after_release_is_told(site, visit, caplog):
    """LOCK-04, LOCK-10."""
    visitor = visit()
    site.controller("def index():\n    session.release_lock()\n    session.n = 9\n    return ''\n", "late")
    visitor.get("/myapp/late/index")
    assert "after release_lock" in caplog.text
    assert visitor.get("/myapp/default/look").text == "0"


def test_lock_05_database_sessions_do_not_serialise(visit, shared):
    """LOCK-05, SESS-10: starts together even where whole requests should be locked."""
    visitor = visit(
        "db = DAL('sqlite://storage.sqlite')\nsession.connect(request, response, db=db, lock='request')\n"
    )
    experiment(visitor, shared, "/myapp/default/sleep", together=8)
    assert shared.most == 8


def test_lock_07_waiting_is_logged_and_shown(visit, shared, monkeypatch, caplog):
    """LOCK-07: the log and `session_locks.waiting()` name the address that holds the lock."""
    monkeypatch.setattr(locks, "NOTICE_AFTER", 0.05)
    caplog.set_level(logging.WARNING)
    visitor = visit()
    visitor.get("/myapp/default/add")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        held = pool.submit(visitor.get, "/myapp/default/hold")
        assert shared.entered.wait(PATIENCE)
        writer = pool.submit(visitor.get, "/myapp/default/add")
        (report,) = wait_until(session_locks.waiting)
        wait_until(lambda: "waits for the session" in caplog.text)
        shared.go_on.set()
        held.result(PATIENCE)
        writer.result(PATIENCE)
    assert report["holder"] == "/myapp/default/hold"
    assert report["waiting"] == ["/myapp/default/add"]
    assert report["since"] <= time.time()
    assert "/myapp/default/add waits for the session that /myapp/default/hold holds" in caplog.text
    assert session_locks.waiting() == []


def test_lock_07_gives_up_in_the_end(visit, shared, monkeypatch):
    """LOCK-07: 503 with a clear page, no ticket, when a session is held for too long."""
    monkeypatch.setattr(locks, "NOTICE_AFTER", 0.02)
    monkeypatch.setattr(locks, "WAIT_LIMIT", 0.1)
    visitor = visit()
    visitor.get("/myapp/default/add")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(visitor.get, "/myapp/default/hold")
        assert shared.entered.wait(PATIENCE)
        page = visitor.get("/myapp/default/add")
        shared.go_on.set()
        held.result(PATIENCE)
    assert page.status_code == 503
    assert "still being made" in page.text
    assert session_locks._locks == {}


def test_lock_08_static_files_are_never_behind_the_lock(site, visit, shared):
    """LOCK-08."""
    site.write("static/file.txt", "static")
    visitor = visit("session.connect(request, response, lock='request')\n")
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(visitor.get, "/myapp/default/hold")
        assert shared.entered.wait(PATIENCE)
        assert visitor.get("/myapp/static/file.txt").text == "static"
        assert not held.done()
        shared.go_on.set()
        held.result(PATIENCE)


@pytest.mark.parametrize("how", ["1/0", "raise HTTP(500)", "raise SystemExit", "return (1/0 for _ in 'x')"])
def test_lock_09_released_after_any_end(site, visit, how):
    """LOCK-09: errors, raised answers, a stream that fails."""
    visitor = visit()
    site.controller(f"def index():\n    session.n = 7\n    {how}\n", "bad")
    try:
        list(visitor.get("/myapp/bad/index").response)
    except (SystemExit, ZeroDivisionError):
        pass
    assert session_locks._locks == {}
    assert visitor.get("/myapp/default/add").status_code == 200


def test_lock_09_released_before_the_client_reads(site, visit):
    """LOCK-09: a client that stops reading, or goes away, in the middle of a stream keeps nothing locked."""
    visitor = visit()
    site.controller(
        "def index():\n    session.n = 7\n    return ('x' * 1000 for _ in range(1000))\n", "stream"
    )
    client = TestClient(visitor.application, use_cookies=False)
    page = client.get("/myapp/stream/index", headers={"Cookie": visitor.cookie}, buffered=False)
    assert session_locks._locks == {}
    assert visitor.get("/myapp/default/add").text == "8"
    page.close()


def test_lock_merge_changes_of_both_are_kept(site, visit, shared):
    """LOCK-01: `lock='merge'` never waits for an action; names that only one of them changed keep its change."""
    visitor = visit("session.connect(request, response, lock='merge')\n")
    site.controller("""
        import lock_test_shared as shared
        def slow():
            session.slow = 1
            del session.n
            shared.entered.set()
            shared.go_on.wait(60)
            return 'slow'
        def quick():
            session.quick = 2
            return 'quick'
        def look():
            return '%s %s %s' % (session.n, session.slow, session.quick)
    """, "merge")  # fmt: skip
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        slow = pool.submit(visitor.get, "/myapp/merge/slow")
        assert shared.entered.wait(PATIENCE)
        assert visitor.get("/myapp/merge/quick").text == "quick"
        shared.go_on.set()
        slow.result(PATIENCE)
    assert visitor.get("/myapp/merge/look").text == "None 1 2"


def test_lock_01_an_action_that_stops_writing_stops_locking(site, visit, shared):
    """LOCK-01: having written once does not make an action wait for ever."""
    visitor = visit()
    site.controller("""
        import lock_test_shared as shared
        def index():
            if not session.seen:
                session.seen = True
            elif shared.barrier:
                shared.barrier.wait(60)
            return 'ok'
    """, "seldom")  # fmt: skip
    shared.barrier = None
    for _ in range(6):
        visitor.get("/myapp/seldom/index")
    shared.barrier = threading.Barrier(8)
    assert [page.text for page in visitor.at_once(["/myapp/seldom/index"] * 8)] == ["ok"] * 8
