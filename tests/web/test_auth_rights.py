"""Rights: groups, permissions, decorators, impersonation, tokens, CAS; and attacks on them."""

from __future__ import annotations

import json
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from runtime.tools import network
from runtime.tools.auth import passwords, throttle

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, run_in_app


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Cheap hashes."""
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")


PAGES = """
db.define_table('page', Field('title'))

@auth.requires_membership('editor')
def edit(): return 'edit'

@auth.requires_permission('read', db.page, lambda: request.args(0, cast=int))
def read(): return 'read'

@auth.requires(lambda: request.vars.ok == '1', requires_login=False)
def anyone(): return 'anyone'

@auth.requires_login(otherwise=lambda: 'please log in')
def otherwise(): return 'in'

@auth.requires_login(otherwise=URL('default', 'index'))
def elsewhere(): return 'in'

@auth.requires_signature()
def signed(): return 'signed %s' % request.vars.id

def link(): return URL('signed', vars=dict(id=5), user_signature=True)

@auth.requires_login()
def ajax(): return 'in'

def api():
    @request.restful()
    def inner():
        def GET(): return 'got'
        return locals()
    return inner()

def bar():
    mode = request.vars.mode or 'default'
    answer = auth.navbar(mode=mode)
    return answer if mode in ('default', 'dropdown') else response.json(answer)
"""

MORE = "db.define_table('page', Field('title'))\n"


@pytest.fixture
def members(site):
    """Ada, an editor who may read page 1; Eve, who is nothing."""
    build(site, controller=PAGES)
    visitor = Visitor(site)
    visitor.register()
    visitor.register(email="eve@example.com")
    run_in_app(
        site,
        "db.define_table('page', Field('title'))\n"
        "[db.page.insert(title=t) for t in 'abc']\n"
        "g = auth.add_group('editor', 'may edit')\n"
        "auth.add_membership(g, 1)\n"
        "auth.add_permission(g, 'read', db.page, 1)\n",
    )
    ada, eve = Visitor(site), Visitor(site)
    ada.login()
    eve.login(email="eve@example.com")
    return ada, eve


def test_decorators(members, site):
    """AUTH: membership and permission, for those who have them only; others are told so with 403."""
    ada, eve = members
    assert ada.get("edit").text == "edit"
    assert eve.get("edit").status_code == 303
    assert eve.location == "/myapp/default/user/not_authorized"
    assert eve.client.get(eve.location).status_code == 403
    assert ada.get("read/1").text == "read"
    assert ada.get("read/2").status_code == 303
    assert eve.get("read/1").status_code == 303
    assert ada.get("read/x").status_code == 404
    nobody = Visitor(site)
    assert nobody.get("anyone?ok=1").text == "anyone"
    assert nobody.get("anyone?ok=0").status_code == 303
    assert nobody.get("otherwise").text == "please log in"
    assert nobody.get("elsewhere").headers["Location"] == "/myapp/default/index"
    assert nobody.get("edit").headers["Location"].startswith("/myapp/default/user/login?_next=")
    assert nobody.get("ajax", headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 401
    assert eve.get("edit", headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 403


def test_signed_addresses(members, site):
    """URL-14, SEC: an address signed for one visitor works for that one, unchanged, and for nobody else."""
    ada, eve = members
    link = ada.get("link").text.replace("&amp;", "&").removeprefix("/myapp/default/")
    assert ada.get(link).text == "signed 5"
    assert ada.get(link.replace("id=5", "id=6")).status_code == 303
    assert ada.get("signed?id=5").status_code == 303
    assert ada.get(link[:-1] + ("0" if link[-1] != "0" else "1")).status_code == 303
    assert eve.get(link).status_code == 303
    assert Visitor(site).get(link).status_code == 303


def test_groups_and_permissions(site):
    """AUTH: what groups and permissions say, by code."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.register(email="eve@example.com")
    lines = """db.define_table('page', Field('title'))
for t in 'abc': db.page.insert(title=t)
g = auth.add_group('writers', 'those who write')
out.append(auth.id_group('writers') == g)
out.append(auth.id_group('absent'))
m = auth.add_membership(g, 1)
out.append(m == auth.add_membership('writers', 1))
out.append((auth.has_membership(g, 1), auth.has_membership('writers', 1), auth.has_membership(role='writers', user_id=2)))
out.append(auth.has_membership(g))
p = auth.add_permission(g, 'read', db.page, 2)
out.append(p == auth.add_permission(g, 'read', 'page', 2))
out.append([auth.has_permission('read', db.page, n, user_id=1) for n in (1, 2, 0, '2', 'x')])
out.append(auth.has_permission('read', db.page, 2, user_id=2))
out.append(auth.has_permission('read', db.page, 2, group_id=g))
out.append([r.id for r in db(auth.accessible_query('read', db.page, 1)).select()])
out.append(db(auth.accessible_query('read', db.page, 2)).count())
out.append(db(auth.accessible_query('read', db.page)).count())
auth.add_permission(g, 'read', db.page)
out.append(db(auth.accessible_query('read', db.page, 1)).count())
out.append(auth.has_permission('read', db.page, 3, user_id=1))
out.append(auth.del_permission(g, 'read', db.page, 0))
out.append(auth.has_permission('read', db.page, 3, user_id=1))
out.append((auth.user_group(1), auth.user_group_role(1)))
auth.settings.everybody_group_id = auth.add_group('everybody')
auth.add_permission(auth.settings.everybody_group_id, 'look', db.page)
out.append((auth.has_permission('look', db.page, 1), auth.has_permission('look', db.page, 1, user_id=2)))
out.append(auth.del_membership(g, 1))
out.append(auth.has_membership(g, 1))
auth.del_group(g)
out.append((db(db.auth_permission.group_id == g).count(), auth.id_group('writers')))
out.append([r.role for r in auth.groups_of(1)])
try:
    auth.add_membership('absent', 1)
except ValueError as e:
    out.append('absent' in str(e))
"""
    out = run_in_app(site, lines)
    assert out == [
        True, None, True, (True, True, False), False, True, [False, True, False, True, False], False, True,
        [2], 0, 0, 3, True, 1, False, (1, "user_1"), (True, True), 1, False, (0, None), ["user_1"], True,
    ]  # fmt: skip


def test_impersonation(members, site):
    """SEC: only with the permission for that user; back again; nobody becomes a user who is not there."""
    ada, eve = members
    assert eve.get("user/impersonate/1").status_code == 403
    assert eve.is_in("eve@example.com")
    assert Visitor(site).get("user/impersonate/1").status_code == 401
    run_in_app(site, "auth.add_permission(auth.id_group('editor'), 'impersonate', 'auth_user', 2)")
    assert ada.get("user/impersonate/999").status_code == 401
    assert ada.get("user/impersonate/x").status_code == 401
    assert ada.get("user/impersonate/1").status_code == 403
    assert ada.get("user/impersonate/2").status_code == 200
    assert ada.is_in("eve@example.com")
    assert ada.get("edit").status_code == 303, "Eve is no editor"
    assert ada.get("user/impersonate/0").status_code == 200
    assert ada.is_in("ada@example.com")
    assert eve.get("user/impersonate/0").status_code == 403
    ada.fill("user/impersonate", user_id="2")
    assert ada.is_in("eve@example.com"), "by the form, too"
    ada.get("user/impersonate/0")
    forged = {"user_id": "2", "_formname": "impersonate"}
    assert ada.client.post("/myapp/default/user/impersonate", data=forged).status_code == 403
    assert ada.is_in("ada@example.com")


REDIRECTS = [
    "http://evil.com", "https://evil.com/", "//evil.com", "///evil.com", "////evil.com", "/\\evil.com", "\\\\evil.com",
    "/\t/evil.com", "\t//evil.com", "/\n/evil.com", "/\r\n/evil.com", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "http:evil.com", "http:/evil.com", "http:///evil.com", "https:evil.com", "//evil.com@localhost",
    "http://localhost@evil.com/", "http://localhost.evil.com", "http://localhost:80@evil.com", "evil.com", "./evil",
    "/%09/evil.com", "/%5Cevil.com", "/%2Fevil.com", "%2F%2Fevil.com", "ftp://localhost/x", " //evil.com", "\x00//evil.com",
    "/\x0b/evil.com", "http://[::1", "//[::1]/x", "http://lOcalhost.evil.com", "/ /evil.com", "vbscript:x", "?x", "#x",
    "http://localhost\\@evil.com", "/\u2028/evil.com", "\u3000//evil.com", "http://localhost:8000.evil.com",
]  # fmt: skip


@pytest.mark.parametrize("address", REDIRECTS)
def test_next_leads_to_this_site_only(address):
    """SEC: open redirect: every spelling that some browser takes for another site is refused."""
    from runtime.tools.auth.next_address import safe_next

    assert safe_next(address, {"localhost"}) is None


@pytest.mark.parametrize(
    "address",
    ["/", "/myapp/default/index", "/a?b=http://evil.com", "/a#x", "/a%20b", "http://localhost/x", "/é"],
)
def test_next_leads_to_own_pages(address):
    """AUTH: what belongs to this site is followed."""
    from runtime.tools.auth.next_address import safe_next

    assert safe_next(address, {"localhost"}) == address


def test_next_through_all_pages(members, site):
    """SEC: login, logout, register and profile go nowhere else; to an own page they go."""
    ada, _ = members
    for evil in ("http://evil.com/", "//evil.com", "/\\evil.com", "javascript:alert(1)"):
        assert "evil" not in ada.get(f"user/logout?_next={quote(evil)}").headers["Location"]
        fresh = Visitor(site)
        fresh.login(path=f"user/login?_next={quote(evil)}")
        assert fresh.location == "/myapp/default/index"
        fresh.fill(f"user/profile?_next={quote(evil)}", first_name="X", _next=evil)
        assert fresh.location == "/myapp/default/index"
        assert "evil" not in fresh.get(f"user/login?_next={quote(evil)}").headers.get("Location", "")
    fresh = Visitor(site)
    fresh.login(path="user/login?_next=/myapp/default/private")
    assert fresh.location == "/myapp/default/private"
    fresh.get("user/login?_next=/a&_next=//evil.com")
    assert "evil" not in (fresh.location or "")


def test_time_tells_nothing(monkeypatch):
    """SEC: a user who does not exist costs as much as one with a wrong password, also one with an old hash."""
    from runtime.dal.passwords import CRYPT

    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(16384,8,2)")
    crypt = CRYPT(key="k")
    fresh = passwords.hashed(crypt, "secret-1")
    old = passwords.hashed(CRYPT(key="k", digest_alg="sha512"), "secret-1")
    stars = CRYPT.STARS

    def cost(stored, password="wrong"):
        begun = time.thread_time()
        assert not passwords.verify(crypt, password, stored)
        return time.thread_time() - begun

    cost(None)
    for other in (
        (None, "wrong"),
        (old, "wrong"),
        ("", "wrong"),
        (fresh, ""),
        (None, ""),
        (fresh, stars),
        (None, "x" * 5000),
    ):
        turns = [(cost(*other), cost(fresh)) for _ in range(4)]  # side by side: what else runs slows both
        ours, known = map(min, zip(*turns, strict=True))
        assert 0.5 < ours / known < 2, other
    assert passwords.verify(crypt, "secret-1", fresh)
    assert passwords.verify(crypt, "secret-1", old)
    assert not passwords.verify(crypt, "secret-1", None)


def test_navbar(members, site):
    """AUTH: links that fit the visitor, in four forms."""
    ada, _ = members
    page = ada.get("bar")
    assert "Welcome Ada" in page.text
    links = {str(node["_href"]).partition("?")[0] for node in page.elements("a")}
    assert links == {f"/myapp/default/user/{name}" for name in ("profile", "change_password", "logout")}
    nobody = Visitor(site)
    page = nobody.get("bar")
    texts = [node.flatten() for node in page.elements("a")]
    assert texts == ["Log In", "Sign Up", "Lost your password?"]
    assert "_next=%2Fmyapp%2Fdefault%2Fbar" in page.text
    assert nobody.get("bar?mode=bare").json["login"].startswith("/myapp/default/user/login")
    assert ada.get("bar?mode=bare").json["user"] == "Ada"
    ((title, _, _, items),) = nobody.get("bar?mode=asmenu").json
    assert (title, len(items)) == ("Log In", 3)
    assert "dropdown-menu" in ada.get("bar?mode=dropdown").text


def test_navbar_writes_names_safely(site):
    """SEC: XSS: a name that is markup is shown as text."""
    build(site, controller=PAGES)
    visitor = Visitor(site)
    visitor.register(first_name="<script>alert(1)</script>")
    visitor.login()
    for path in ("bar", "bar?mode=dropdown", "user/profile"):
        assert "<script>alert" not in visitor.get(path).text


def test_jwt(site):
    """AUTH: a token for name and password lets in; a changed, foreign, late or unsigned one does not."""
    build(
        site,
        controller="\n@auth.allows_jwt()\n@auth.requires_login()\ndef data(): return 'data %s' % auth.user.email\n",
    )
    model = (site.app / "models" / "db.py").read_text()
    site.model(
        model.replace(
            "Auth(db)", "Auth(db, jwt={'secret_key': 'a' * 40, 'user_param': 'email', 'expiration': 300})"
        )
    )
    import jwt

    visitor = Visitor(site)
    visitor.register()
    program = site.client()
    ask = lambda **data: program.post("/myapp/default/user/jwt", data=data)  # noqa: E731
    assert ask(email="ada@example.com", password="wrong").status_code == 401
    answer = ask(email="ada@example.com", password="secret-1")
    assert answer.headers["Content-Type"].startswith("application/json")
    token = json.loads(answer.text)["token"]
    get = lambda token: program.get("/myapp/default/data", headers={"Authorization": f"Bearer {token}"})  # noqa: E731
    assert get(token).text == "data ada@example.com"
    assert "Set-Cookie" not in get(token).headers
    head, _, signature = token.split(".")
    payload = jwt.decode(token, options={"verify_signature": False})
    assert "password" not in payload["user"]
    other = jwt.encode(payload | {"user": {"id": 2}}, "b" * 40, "HS256")
    unsigned = jwt.encode(payload, None, "none")
    late = jwt.encode(payload | {"exp": 1}, "a" * 40, "HS256")
    endless = jwt.encode({k: v for k, v in payload.items() if k != "exp"}, "a" * 40, "HS256")
    swapped = (
        f"{head}.{jwt.encode(payload | {'user': {'id': 2}}, 'x' * 40, 'HS256').split('.')[1]}.{signature}"
    )
    for bad in (other, unsigned, late, endless, swapped, token[:-3], "x", "", "a b", "x" * 9000, "é"):
        assert get(bad).status_code in (400, 401), bad
    assert program.get("/myapp/default/data").status_code == 401
    assert program.get("/myapp/default/data", headers={"Authorization": "Basic eDp5"}).status_code == 400
    newer = json.loads(ask(_token=token).text)["token"]
    assert get(newer).text == "data ada@example.com"
    stale = jwt.encode(payload | {"iat": 1, "orig_iat": 1}, "a" * 40, "HS256")
    assert ask(_token=stale).status_code == 400
    run_in_app(site, "db(db.auth_user.id == 1).update(registration_key='blocked')")
    assert get(token).status_code == 401
    assert ask(_token=token).status_code == 401


def test_tokens_for_programs(site):
    """AUTH: a token made on the user's page lets a program in; another user's can not be deleted."""
    build(site, controller="\n@auth.requires_login_or_token()\ndef data(): return 'data %s' % auth.user.id\n")
    model = (site.app / "models" / "db.py").read_text()
    site.model(model.replace("signature=False", "signature=False, enable_tokens=True"))
    ada, eve = Visitor(site), Visitor(site)
    ada.register()
    ada.register(email="eve@example.com")
    ada.login()
    eve.login(email="eve@example.com")
    ada.fill("user/manage_tokens", expires_on="2099-01-01 00:00:00", _formname="token")
    page = ada.get("user/manage_tokens")
    token = page.element("td").flatten()
    assert re.fullmatch(r"[0-9a-f-]{36}", token), page.text
    program = site.client()
    assert program.get(f"/myapp/default/data?_token={token}").text == "data 1"
    assert program.get("/myapp/default/data", headers={"web2py-user-token": token}).text == "data 1"
    assert program.get("/myapp/default/data?_token=x").status_code == 303
    eve.get("user/manage_tokens")
    assert token not in eve.page.text
    eve.client.post("/myapp/default/user/manage_tokens", data={"token_id": "1", "_formname": "delete_token"})
    assert program.get(f"/myapp/default/data?_token={token}").text == "data 1"
    run_in_app(site, "db(db.auth_token).update(expires_on=request.now)")
    assert program.get(f"/myapp/default/data?_token={token}").status_code == 303
    assert Visitor(site).get("user/manage_tokens").status_code == 303


def test_cas_provider_and_consumer(site, monkeypatch):
    """LIB-36: another application logs in here; a ticket is good once, for the site that asked, by no other."""
    build(site, username="True")
    visitor = Visitor(site)
    visitor.register(username="ada")
    other = {"text": ""}
    site.write(
        "models/db.py",
        """
        from gluon.tools import Auth
        db = DAL('sqlite://storage.sqlite')
        auth = Auth(db, cas_provider='http://localhost/myapp/default/user/cas')
        auth.define_tables(username=True)
        """,
        app="other",
    )
    site.write(
        "controllers/default.py",
        "def user(): return dict(form=auth())\ndef index(): return auth.user.username if auth.user else 'nobody'\n",
        app="other",
    )
    client = visitor.client

    def open_url(url, data=None, headers=None, timeout=20):
        parts = urlsplit(url)
        with ThreadPoolExecutor(1) as pool:  # another server: nothing of this request is seen there
            answer = pool.submit(site.client().get, f"{parts.path}?{parts.query}").result()
        other["text"] = answer.text
        return answer.data

    monkeypatch.setattr(network, "open_url", open_url)
    page = client.get("/other/default/user/login?_next=/other/default/index")
    assert page.status_code == 303
    cas = page.headers["Location"]
    assert cas.startswith("http://localhost/myapp/default/user/cas/login?service=")
    path = cas.removeprefix("http://localhost/myapp/default/")
    visitor.fill(path, username="ada", password="secret-1")
    assert visitor.page.status_code == 303, visitor.page.text
    back = visitor.location
    assert back.startswith("http://localhost/other/default/user/login?")
    page = client.get(back.removeprefix("http://localhost"))
    assert page.status_code == 303, other["text"]
    assert page.headers["Location"] == "/other/default/index"
    assert client.get("/other/default/index").text == "ada"
    ticket = parse_qs(urlsplit(back).query)["ticket"][0]
    service = back.rpartition("&ticket=")[0]
    check = "/myapp/default/user/cas/serviceValidate?ticket={}&service={}"
    assert "INVALID_TICKET" in client.get(check.format(ticket, quote(service))).text, "a ticket counts once"
    visitor.get("user/cas/login?service=" + quote("http://localhost/other/x"))
    ticket = parse_qs(urlsplit(visitor.location).query)["ticket"][0]
    assert "INVALID_TICKET" in client.get(check.format(ticket, quote("http://localhost/evil"))).text
    visitor.get("user/cas/login?service=" + quote("http://localhost/other/x"))
    ticket = parse_qs(urlsplit(visitor.location).query)["ticket"][0]
    answer = client.get(
        f"/myapp/default/user/cas/validate?ticket={ticket}&service={quote('http://localhost/other/x')}"
    )
    assert answer.text == "yes\nada:ada@example.com"
    for evil in ("http://evil.com/", "//evil.com", "javascript:x", "http://localhost@evil.com"):
        assert visitor.get("user/cas/login?service=" + quote(evil)).status_code == 403
    assert visitor.get("user/cas/absent").status_code == 404


def test_signature_and_versions(site):
    """AUTH: who made and changed a record, and what it was before."""
    build(
        site,
        after="db.define_table('thing', Field('name'), auth.signature)\nauth.enable_record_versioning(db)\n"
        "db.define_table('plain', Field('name'))",
        controller="\n@auth.requires_login()\ndef make(): return str(db.thing.insert(name='a'))\n"
        "@auth.requires_login()\ndef change():\n    db(db.thing.id == 1).update(name='b')\n    return 'ok'\n"
        "def drop():\n    db(db.thing.id == 1).delete()\n    return 'ok'\n",
    )
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    assert visitor.get("make").text == "1"
    visitor.get("change")
    out = run_in_app(
        site,
        "r = db.thing(1)\n"
        "out.append((r.name, r.created_by, r.modified_by, r.is_active, r.created_on is not None))\n"
        "out.append([(a.name, a.current_record) for a in db(db.thing_archive).select()])\n"
        "out.append('plain_archive' in db.tables)\n",
    )
    assert out == [("b", 1, 1, True, True), [("a", 1)], False]
    visitor.get("drop")
    out = run_in_app(
        site,
        "out.append(db(db.thing).count())\n"
        "out.append(db(db.thing, ignore_common_filters=True).count())\n"
        "out.append(db(db.thing_archive).count())\n",
    )
    assert out == [0, 1, 2]


def test_archive(site):
    """AUTH: `auth.archive` keeps the record as it was before the form changed it."""
    build(
        site,
        after="db.define_table('thing', Field('name'))",
        controller="\ndef edit():\n    form = SQLFORM(db.thing, 1).process(onsuccess=auth.archive)\n    return dict(form=form)\n",
    )
    site.view("{{=form}}", "default/edit.html")
    run_in_app(site, "db.thing.insert(name='before')")
    visitor = Visitor(site)
    visitor.fill("edit", name="after")
    out = run_in_app(
        site,
        "db.define_table('thing_archive', Field('current_record', db.thing), Field('name'))\n"
        "out.append([(r.name, r.current_record) for r in db(db.thing_archive).select()])\nout.append(db.thing(1).name)\n",
    )
    assert out == [[("before", 1)], "after"]


def test_invitations(site):
    """AUTH: `bulk_register`: who is logged in invites by mail; the link makes the account complete, once."""
    from auth_site import links, mails

    build(site, settings="auth.settings.bulk_register_enabled = True")
    visitor = Visitor(site)
    visitor.register()
    assert visitor.get("user/bulk_register").status_code == 303
    visitor.login()
    visitor.get("user/bulk_register")
    visitor.send(
        "user/bulk_register",
        subject="Come %(site)s",
        emails="new@example.com, ada@example.com bad",
        message="See %(link)s",
    )
    assert "new@example.com: sent" in visitor.page.text
    assert "ada@example.com: registered" in visitor.page.text
    assert "bad: invalid" in visitor.page.text
    assert len(mails(site)) == 1
    (lost,) = links(site)
    visitor.get("user/bulk_register")
    visitor.send("user/bulk_register", subject="Again", emails="new@example.com", message="See %(link)s")
    assert "new@example.com: sent" in visitor.page.text, "the first one may be lost"
    assert len(mails(site)) == 2
    (link,) = links(site)
    guest = Visitor(site)
    assert guest.get(lost.removeprefix("/myapp/default/")).status_code == 303, "only the last link is good"
    path = link.removeprefix("/myapp/default/")
    guest.fill(path, first_name="New", last_name="One", password="secret-2")
    assert guest.page.status_code == 303, guest.page.text
    assert guest.is_in("new@example.com")
    assert Visitor(site).get(path).status_code == 303, "the link was used"


def test_messages_and_settings(site):
    """AUTH: texts are translated when read, unknown settings are kept, a captcha guards a form."""
    build(
        site,
        settings="auth.messages.login_button = 'Enter'\nauth.settings.no_such_thing = 1\n"
        "class Box(DIV):\n    def _validate(self):\n        return False\n"
        "auth.settings.login_captcha = Box('captcha') if request.vars.captcha else False\n",
        controller="\ndef ask(): return '%s %s' % (auth.messages.logged_in, auth.settings.no_such_thing)\n",
    )
    site.write("languages/de.py", "{'Logged in': 'Angemeldet', 'Enter': 'Herein'}")
    visitor = Visitor(site)
    assert visitor.get("ask", headers={"Accept-Language": "de"}).text == "Angemeldet 1"
    assert "Herein" in visitor.get("user/login", headers={"Accept-Language": "de"}).text
    visitor.register()
    visitor.login(path="user/login?captcha=1")
    assert not visitor.is_in()
    visitor.login()
    assert visitor.is_in()


def test_links_in_mails_use_own_hosts(site, monkeypatch):
    """SEC: a visitor's made-up Host header leads nobody elsewhere; patterns of the old scaffolding work."""
    from auth_site import mails

    build(site)
    monkeypatch.setattr(throttle.MAILS, "free", 1000)
    model = (site.app / "models" / "db.py").read_text()
    visitor = Visitor(site)
    visitor.register()

    def link(names, host):
        site.model(model.replace("Auth(db)", f"Auth(db, host_names={names!r})"))
        fresh = Visitor(site)
        fresh.get("user/request_reset_password", headers={"Host": host})
        data = {str(n["_name"]): str(n["_value"]) for n in fresh.page.elements("input[type=hidden]")}
        data["email"] = "ada@example.com"
        path = "/myapp/default/user/request_reset_password"
        answer = fresh.client.post(path, data=data, headers={"Host": host})
        return (
            re.search(r"https?://([^/]+)/", mails(site)[-1])[1]
            if answer.status_code == 303
            else answer.status_code
        )

    assert link(["www.example.com"], "evil.com") == "www.example.com"
    assert link("www.example.com, *.example.org", "a.example.org") == "a.example.org"
    assert link("localhost:*, 127.0.0.1:*, *:*, *", "localhost") == "localhost"
    assert link(["localhost:*"], "evil.com") == 403
    assert link(None, "localhost") == "localhost"


def test_crud_asks_for_rights(members, site):
    """AUTH: `crud.settings.auth = auth`: pages of tables only for those with the permission."""
    controller = (site.app / "controllers" / "default.py").read_text()
    site.controller(
        controller
        + "\nfrom gluon.tools import Crud\ncrud = Crud(db)\ncrud.settings.auth = auth\n"
        + "def data(): return dict(form=crud())\n"
    )
    site.view("{{=form}}", "default/data.html")
    ada, eve = members
    run_in_app(site, "auth.add_permission(auth.id_group('editor'), 'create', 'page')")
    assert "title" in ada.get("data/create/page").text
    assert eve.get("data/create/page").status_code == 303
    assert ada.get("data/read/page/1").status_code == 200
    assert ada.get("data/read/page/2").status_code == 303
    assert eve.get("data/read/page/1").status_code == 303


def test_captchas_of_a_service_guard_the_login(site, monkeypatch):
    """AUTH: `settings.captcha`: without the right answer of the service nobody logs in, and the page says so."""
    answers = []
    monkeypatch.setattr(network, "open_url", lambda *a, **k: json.dumps({"success": answers.pop(0)}).encode())
    build(
        site,
        settings="from gluon.tools import Recaptcha2\n"
        "auth.settings.login_captcha = Recaptcha2(request, 'public', 'private', error_message='show that you are human')\n",
    )
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    assert "show that you are human" in visitor.page.text
    answers += [False, True]
    visitor.login(**{"g-recaptcha-response": "x"})
    assert not visitor.is_in()
    visitor.login(**{"g-recaptcha-response": "x"})
    assert visitor.is_in()


def test_login_in_a_part_of_a_page(site):
    """REQ-18: logged in by a form inside a component, the whole page goes on, not the component."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    part = {
        "X-Requested-With": "XMLHttpRequest",
        "web2py-component-element": "c",
        "web2py-component-location": "x",
    }
    visitor.get("user/login", headers=part)
    data = {str(n["_name"]): str(n["_value"]) for n in visitor.page.elements("input[type=hidden]")}
    data |= {"email": "ada@example.com", "password": "secret-1"}
    page = visitor.client.post("/myapp/default/user/login", data=data, headers=part)
    assert (page.status_code, page.headers["web2py-redirect-location"]) == (200, "/myapp/default/index")
    assert visitor.is_in()


def test_allows_jwt_without_tokens_set_up(site):
    """AUTH: a controller that offers one action to programs with tokens keeps its other pages without them."""
    build(site, controller="\n@auth.allows_jwt()\n@auth.requires_login()\ndef data():\n    return 'data'\n")
    client = site.client()
    assert client.get("/myapp/default/index").text == "index nobody"
    assert client.get("/myapp/default/data").status_code == 404
