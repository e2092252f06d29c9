"""SESS, COOK, FLOW-11: sessions through the whole request path."""

from __future__ import annotations

import os
import re
import threading

import pytest

from runtime.sessions import habits
from runtime.sessions.range_locks import LOCKS
from tests.ports import free_port


@pytest.fixture(autouse=True)
def _no_habits(monkeypatch):
    monkeypatch.setattr(habits, "_shares", {})


def session_files(site):
    folder = site.app / "sessions"
    return sorted(path for path in folder.iterdir() if path.name != LOCKS) if folder.exists() else []


COUNTER = """
    def count():
        session.n = (session.n or 0) + 1
        return str(session.n)

    def look():
        return str(session.n)

    def plain():
        return 'plain'
"""


def test_sess_01_02_counter(site):
    """SESS-01, SESS-02: a visitor's counter; another visitor begins at 1."""
    site.controller(COUNTER)
    client = site.client()
    assert [client.get("/myapp/default/count").text for _ in range(3)] == ["1", "2", "3"]
    assert len(session_files(site)) == 1
    assert site.client().get("/myapp/default/count").text == "1"


def test_disp_11_no_cookie_before_something_is_stored(site):
    """DISP-11, SESS-02, SESS-03: looking leaves no trace; a later look sends no cookie again."""
    site.controller(COUNTER)
    client = site.client()
    for path in ("plain", "look"):
        assert "Set-Cookie" not in client.get(f"/myapp/default/{path}").headers
    assert session_files(site) == []
    assert "session_id_myapp" in client.get("/myapp/default/count").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/myapp/default/look").headers


def test_cook_06_cookie_of_the_session(site):
    """COOK-06: name, value, path, HttpOnly, SameSite; `response.session_id` and `session_id_name` (RESP-15)."""
    site.controller("def index():\n    session.n = 1\n    return response.session_id_name\n")
    site.controller("def index():\n    return response.session_id if session.n else ''\n", "other")
    client = site.client()
    page = client.get("/myapp")
    assert page.text == "session_id_myapp"
    cookie = page.headers["Set-Cookie"]
    assert re.match(r"session_id_myapp=127\.0\.0\.1\.[0-9a-f]{32};", cookie)
    assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert client.get("/myapp/other/index").text == cookie.split("=")[1].split(";")[0]


def test_sess_07_secure_over_https(site):
    """SESS-07, COOK-04: by `session.secure()`, and by itself over HTTPS."""
    site.controller("def index():\n    session.secure()\n    session.n = 1\n    return ''\n")
    assert "Secure" in site.client().get("/myapp").headers["Set-Cookie"].split("; ")
    site.controller("def index():\n    session.n = 1\n    return ''\n")
    page = site.client().get("/myapp", base_url="https://localhost")
    assert "Secure" in page.headers["Set-Cookie"].split("; ")


def test_cook_01_to_05_application_cookies(site):
    """COOK-01, COOK-02, COOK-03, COOK-04, COOK-05."""
    site.controller("""
        def index():
            from http.cookies import SimpleCookie
            assert isinstance(request.cookies, SimpleCookie) and isinstance(response.cookies, SimpleCookie)
            response.cookies['x'] = 'some value'
            response.cookies['x']['expires'] = 24 * 3600
            response.cookies['y'] = 'y'
            response.cookies['y']['path'] = '/'
            response.cookies['y']['secure'] = True
            return 'x' in request.cookies and request.cookies['x'].value or 'none'
    """)
    client = site.client()
    page = client.get("/myapp")
    assert page.text == "none"
    x, y = sorted(page.headers.getlist("Set-Cookie"))
    assert re.search(r"expires=\w{3}, \d\d \w{3} \d{4}", x)
    assert "Path" not in x
    assert {"Path=/", "Secure"} <= set(y.split("; "))
    page = client.get("/myapp", headers={"Cookie": 'x="some value"'})
    assert page.text == "some value"


def test_cook_07_domain(site):
    """COOK-07, SESS-20: set by a model before the cookie exists."""
    site.model("response.cookies[response.session_id_name]['domain'] = '.example.com'\n")
    site.controller(COUNTER)
    client = site.client()
    assert "Domain=.example.com" in client.get("/myapp/default/count").headers["Set-Cookie"]
    assert "Set-Cookie" not in client.get("/myapp/default/plain").headers


@pytest.mark.parametrize(
    "body",
    [
        "redirect('/elsewhere')",
        "raise HTTP(403, 'no')",
        "return iter(['a', 'b'])",
        "return response.stream(__file__)",
    ],
)
def test_cook_08_cookies_on_every_kind_of_answer(site, body):
    """COOK-08, SESS-01: redirects, raised answers, streams; the session is saved too."""
    stream = site.app / "controllers" / "default.py"
    site.controller(
        f"__file__ = {str(stream)!r}\ndef index():\n    session.n = 1\n    response.cookies['x'] = '1'\n    {body}\n"
        "def look():\n    return str(session.n)\n"
    )
    client = site.client()
    cookies = client.get("/myapp").headers.getlist("Set-Cookie")
    assert len(cookies) == 2, cookies
    assert client.get("/myapp/default/look").text == "1"


def test_an_error_loses_the_change(site):
    """FLOW-10, SESS-01: a ticket, the session of before."""
    site.controller(
        "def count():\n    session.n = 1\n    return ''\ndef fail():\n    session.n = 2\n    1/0\ndef look():\n    return str(session.n)\n"
    )
    client = site.client()
    client.get("/myapp/default/count")
    assert client.get("/myapp/default/fail").status_code == 500
    assert client.get("/myapp/default/look").text == "1"


def test_saved_only_after_the_commit(site):
    """FLOW-11: a commit that fails leaves the session as it was."""
    site.model("db = DAL('sqlite://storage.sqlite')\ndb.define_table('t', Field('a'))\n")
    site.controller("""
        def index():
            session.n = 1
            return ''
        def fail():
            session.n = 2
            db.t.insert(a='x')
            adapter = db._adapter
            def commit():
                del adapter.commit
                raise RuntimeError('the disk of the database is full')
            adapter.commit = commit
            return ''
        def look():
            return '%s %s' % (session.n, db(db.t).count())
    """)
    client = site.client()
    client.get("/myapp/default/index")
    assert client.get("/myapp/default/fail").status_code == 500
    assert client.get("/myapp/default/look").text == "1 0"


def test_full_disk_is_a_ticket_and_the_old_session_stays(site, monkeypatch):
    """SESS-02: the request is answered, nothing is lost or half-written."""
    from runtime.sessions import stores

    site.controller(COUNTER)
    client = site.client()
    client.get("/myapp/default/count")

    def full(path, data):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(stores, "replace_file", full)
        page = client.get("/myapp/default/count")
    assert page.status_code == 500
    assert len(site.tickets()) == 1
    assert client.get("/myapp/default/look").text == "1"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs the device /dev/full")
def test_full_disk_for_real(site, monkeypatch):
    """SESS-02: the kernel's own refusal, through the real writing code."""
    site.controller(COUNTER)
    client = site.client()
    client.get("/myapp/default/count")
    real = os.open

    def on_a_full_disk(path, flags, *rest, **options):
        descriptor = real(path, flags, *rest, **options)
        if str(path).endswith(".tmp") and "sessions" in str(path):
            os.close(descriptor)
            return real("/dev/full", os.O_WRONLY)
        return descriptor

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", on_a_full_disk)
        assert client.get("/myapp/default/count").status_code == 500
    assert client.get("/myapp/default/look").text == "1"
    assert len(session_files(site)) == 1


def test_sess_13_cookie_too_large_is_answered(site, caplog):
    """SESS-14: answered, told in the log."""
    site.model("session.connect(request, response, cookie_key='secret')\n")
    site.controller("import os\ndef index():\n    session.big = os.urandom(10000)\n    return 'answered'\n")
    page = site.client().get("/myapp")
    assert (page.status_code, page.text) == (200, "answered")
    assert "Set-Cookie" not in page.headers
    assert "/myapp was not saved" in caplog.text


def test_sess_13_cookie_session(site):
    """SESS-13."""
    site.model("session.connect(request, response, cookie_key='secret', compression_level=6)\n")
    site.controller(COUNTER)
    client = site.client()
    assert [client.get("/myapp/default/count").text for _ in range(3)] == ["1", "2", "3"]
    assert session_files(site) == []


def test_sess_08_database_session(site):
    """SESS-08, SESS-09: in the request's own transaction."""
    site.model("db = DAL('sqlite://storage.sqlite')\nsession.connect(request, response, db=db)\n")
    site.controller(
        COUNTER
        + "\n    def rows():\n        return str(db(db.web2py_session_myapp).count())\n"
        + "\n    def fail():\n        session.n = 100\n        1/0\n"
    )
    client = site.client()
    assert client.get("/myapp/default/rows").text == "0"
    assert [client.get("/myapp/default/count").text for _ in range(3)] == ["1", "2", "3"]
    assert client.get("/myapp/default/fail").status_code == 500
    assert client.get("/myapp/default/look").text == "3"
    assert client.get("/myapp/default/rows").text == "1"
    assert session_files(site) == []


def test_sess_11_masterapp(site):
    """SESS-11, SESS-12: the cookie is the other application's."""
    site.controller(COUNTER)
    site.write("models/db.py", "session.connect(request, response, masterapp='myapp')\n", app="other")
    site.controller(COUNTER, app="other")
    client = site.client()
    assert client.get("/myapp/default/count").text == "1"
    assert client.get("/other/default/count").text == "2"
    assert client.get("/myapp/default/count").text == "3"


def test_resp_07_flash_is_shown_once(site):
    """SESS-01, RESP-07: kept for the next page, then gone."""
    site.controller(
        "def index():\n    session.flash = 'saved'\n    redirect(URL('show'))\ndef show():\n    return str(response.flash)\n"
    )
    client = site.client()
    assert client.get("/myapp", follow_redirects=True).text == "saved"
    assert client.get("/myapp/default/show").text == ""


def test_sess_21_printed_together(site):
    """SESS-21: request, session and response in one page."""
    site.controller(
        "def index():\n    session.color = 'green'\n    return dict(request=request, session=session, response=response)\n"
    )
    site.view("{{=BEAUTIFY(response._vars)}}")
    page = site.client().get("/myapp")
    assert page.status_code == 200
    assert "green" in page.text


def test_redis_away_is_503(site):
    """SESS-08: a clear page, the request's database work undone; no ticket."""
    pytest.importorskip("redis")
    port = free_port()
    site.model(f"""
        from gluon.contrib.redis_utils import RConn
        from gluon.contrib.redis_session import RedisSession
        db = DAL('sqlite://storage.sqlite')
        db.define_table('t', Field('a'))
        session.connect(request, response, db=RedisSession(redis_conn=RConn('127.0.0.1', {port})))
    """)
    site.controller(
        "def index():\n    db.t.insert(a='x')\n    return str(session.n)\ndef rows():\n    return str(db(db.t).count())\n"
    )
    client = site.client()
    client.set_cookie("session_id_myapp", "127.0.0.1." + "0" * 32)
    page = client.get("/myapp")
    assert page.status_code == 503
    assert "try again" in page.text
    assert page.headers["Retry-After"] == "2"
    assert site.tickets() == []
    assert client.get("/myapp/default/rows").text == "0"


def test_dal_select_with_cache(site):
    """CACHE-13, CACHE-15: `select(cache=(cache.ram, 60), cacheable=True)` asks the database once; disk takes rows too."""
    site.model("db = DAL('sqlite://storage.sqlite')\ndb.define_table('t', Field('a'))\n")
    site.controller("""
        def add():
            db.t.insert(a='x')
            return ''
        def ram():
            rows = db(db.t).select(cache=(cache.ram, 60), cacheable=True)
            return ' '.join('%s:%s' % (row.id, row.a) for row in rows)
        def disk():
            rows = db(db.t).select(cache=(cache.disk, 60), cacheable=True)
            return ' '.join('%s:%s' % (row.id, row.a) for row in rows)
        def clear():
            cache.ram.clear()
            return ''
    """)
    client = site.client()
    client.get("/myapp/default/clear")
    client.get("/myapp/default/add")
    assert client.get("/myapp/default/ram").text == "1:x"
    assert client.get("/myapp/default/disk").text == "1:x"
    client.get("/myapp/default/add")
    assert client.get("/myapp/default/ram").text == "1:x"
    assert client.get("/myapp/default/disk").text == "1:x"
    client.get("/myapp/default/clear")
    assert client.get("/myapp/default/ram").text == "1:x 2:x"


def test_cache_14_one_for_all_users():
    """CACHE-14: the cache is one for all users of an application: threads see the same value."""
    from runtime.cache import CacheInRam
    from runtime.foundation.storage import Storage

    request = Storage(application="cache14")
    CacheInRam(request)("k", lambda: "first user's")
    seen = []
    thread = threading.Thread(target=lambda: seen.append(CacheInRam(request)("k", lambda: "second user's")))
    thread.start()
    thread.join()
    assert seen == ["first user's"]
