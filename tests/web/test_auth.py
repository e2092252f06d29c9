"""Users: registration, login, profile, passwords, through whole requests."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, links, mails, run_in_app


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Cheap hashes."""
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")


def sql(site, statement, *values):
    with sqlite3.connect(site.app / "databases" / "storage.sqlite") as connection:
        return connection.execute(statement, values).fetchall()


def test_registration_login_logout(site):
    """AUTH: a visitor registers, logs in, sees a private page, logs out."""
    build(site)
    visitor = Visitor(site)
    visitor.get("user/register")
    shown = [str(node["_name"]) for node in visitor.page.elements("form input") if node["_type"] != "hidden"]
    assert [n for n in shown if n != "None"] == [
        "first_name",
        "last_name",
        "email",
        "password",
        "password_two",
    ]
    assert visitor.register().status_code == 303, visitor.page.text
    assert visitor.location == "/myapp/default/user/login"
    assert not visitor.is_in()
    assert visitor.login().status_code == 303, visitor.page.text
    assert visitor.location == "/myapp/default/index"
    assert visitor.is_in()
    assert visitor.get("private").text == "private of 1"
    visitor.get("user/logout")
    assert visitor.page.status_code == 303
    assert not visitor.is_in()
    assert sql(site, "select role from auth_group") == [("user_1",)]
    events = [row[0] for row in sql(site, "select description from auth_event order by id")]
    assert events == ["User 1 Registered", "User 1 Logged-in", "User 1 Logged-out"]
    stored = sql(site, "select password from auth_user")[0][0]
    assert "secret-1" not in stored


def test_who_registers_is_logged_in(site):
    """AUTH: without a wait for verification or approval a new user is in at once, and goes on where asked."""
    build(site, settings="auth.settings.login_after_registration = None")
    visitor = Visitor(site)
    assert visitor.register().status_code == 303, visitor.page.text
    assert visitor.location == "/myapp/default/index"
    assert visitor.flash == "Logged in"
    assert visitor.is_in()
    other = Visitor(site)
    other.fill(
        "user/register?_next=/myapp/default/private",
        first_name="B",
        last_name="B",
        email="bob@example.com",
        password="secret-2",
        password_two="secret-2",
    )
    assert other.location == "/myapp/default/private"
    assert other.is_in("bob@example.com")


@pytest.mark.parametrize(
    ("wait", "told"), [("approval", "Registration is pending"), ("verification", "verif")]
)
def test_who_must_wait_is_in_until_the_session_ends(site, wait, told):
    """AUTH: with `login_after_registration` a new user is in, but after logging out has to wait."""
    build(
        site,
        settings=f"auth.settings.registration_requires_{wait} = True\n"
        "auth.settings.login_after_registration = True",
    )
    visitor = Visitor(site)
    assert visitor.register().status_code == 303, visitor.page.text
    assert told in visitor.flash
    assert visitor.is_in()
    visitor.get("user/logout")
    visitor.login()
    assert not visitor.is_in()


@pytest.mark.parametrize("wait", ["approval", "verification"])
def test_who_must_wait_is_not_in(site, wait):
    """AUTH: waiting keeps a new user out unless asked otherwise."""
    build(
        site,
        settings=f"auth.settings.registration_requires_{wait} = True\n"
        "auth.settings.login_after_registration = None",
    )
    visitor = Visitor(site)
    assert visitor.register().status_code == 303, visitor.page.text
    assert not visitor.is_in()


def test_next_page_by_the_name_of_an_action(site):
    """AUTH: a next page that is the bare name of an action is that of the controller, not below the form's address."""
    build(site, settings="auth.settings.login_next = 'private'\nauth.settings.register_next = 'index/[id]'")
    visitor = Visitor(site)
    visitor.register()
    assert visitor.location == "/myapp/default/index/1"
    visitor.login()
    assert visitor.location == "/myapp/default/private"


def test_private_page_leads_to_login_and_back(site):
    """AUTH: the login page knows where the visitor wanted to go, query included."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.get("private?a=1&b=2")
    assert visitor.page.status_code == 303
    path = visitor.location.removeprefix("/myapp/default/")
    assert visitor.login(path=path).status_code == 303, visitor.page.text
    assert visitor.location in ("/myapp/default/private?a=1&b=2", "/myapp/default/private?b=2&a=1")


def test_wrong_input_is_refused(site):
    """AUTH: each refusal says why; nothing is made."""
    build(site)
    visitor = Visitor(site)
    visitor.register(password_two="other")
    assert "Password fields don" in visitor.page.text
    visitor.register(email="no mail", first_name="")
    assert "Invalid email" in visitor.page.text
    assert "Cannot be empty" in visitor.page.text
    visitor.register(password="abc")
    assert "Too short" in visitor.page.text
    assert sql(site, "select count(*) from auth_user") == [(0,)]
    visitor.register()
    visitor.get("user/logout")
    visitor.register()
    assert "already has an account" in visitor.page.text
    visitor.login(password="wrong")
    assert "Invalid login" in visitor.page.text
    assert 'value="ada@example.com"' in visitor.page.text
    assert "wrong" not in visitor.page.text
    visitor.login(email="nobody@example.com")
    assert "Invalid login" in visitor.page.text
    visitor.login(password="")
    assert not visitor.is_in()


def test_fields_that_are_not_writable_are_not_taken(site):
    """SEC: mass assignment: nobody verifies or renumbers himself by an extra field."""
    build(site, settings="auth.settings.registration_requires_approval = True")
    visitor = Visitor(site)
    visitor.register(registration_key="", id="77", reset_password_key="x" * 20)
    assert sql(site, "select id, registration_key, reset_password_key from auth_user") == [(1, "pending", "")]
    visitor.login()
    assert "pending approval" in visitor.page.text
    assert not visitor.is_in()


def test_verification_by_mail(site):
    """AUTH: the link verifies once; a changed key and a late one do not."""
    build(site, settings="auth.settings.registration_requires_verification = True")
    visitor = Visitor(site)
    visitor.register()
    assert len(mails(site)) == 1
    (link,) = links(site)
    visitor.login()
    assert "needs verification" in visitor.page.text
    for bad in (link[:-1] + "x", link.rpartition("/")[0], "/myapp/default/user/verify_email/pending"):
        visitor.client.get(bad)
        assert sql(site, "select registration_key from auth_user")[0][0] != ""
    visitor.client.get(link)
    assert sql(site, "select registration_key from auth_user") == [("",)]
    assert visitor.login().status_code == 303
    assert visitor.is_in()
    sql(site, "update auth_user set registration_key = '1000000000-aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb'")
    visitor.client.get("/myapp/default/user/verify_email/1000000000-aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb")
    assert sql(site, "select registration_key from auth_user") == [
        ("1000000000-aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb",)
    ]


def test_no_account_without_its_mail(site):
    """AUTH: where there is no server of mails, the account is not made, and the visitor is told."""
    build(
        site,
        settings="auth.settings.registration_requires_verification = True",
        after="mail.settings.server = None",
    )
    visitor = Visitor(site)
    visitor.register()
    assert sql(site, "select count(*) from auth_user") == [(0,)]
    assert "Unable to send email" in visitor.flash


def test_password_reset(site):
    """AUTH: the link works once, not after its time, not when its key was changed; others end with it."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.fill("user/request_reset_password", email="ada@example.com")
    assert visitor.page.status_code == 303
    (link,) = links(site)
    visitor.client.get(link)
    page = visitor.fill("user/reset_password", new_password="another-1", new_password2="other")
    assert "don" in page.text
    visitor.send("user/reset_password", new_password="another-1", new_password2="another-1")
    assert visitor.page.status_code == 303, visitor.page.text
    visitor = Visitor(site)
    visitor.login()
    assert not visitor.is_in()
    visitor.login(password="another-1")
    assert visitor.is_in()
    stranger = Visitor(site)
    stranger.client.get(link)
    stranger.get("user/reset_password")
    assert stranger.page.status_code == 303, "a used link leads nowhere"
    sql(site, "update auth_user set reset_password_key = '1000000000-aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb'")
    stranger.client.get(
        "/myapp/default/user/reset_password?key=1000000000-aaaaaaaa-1111-2222-3333-bbbbbbbbbbbb"
    )
    assert stranger.get("user/reset_password").status_code == 303


def test_reset_tells_nobody_who_has_an_account(site):
    """SEC: the answer is the same for an address without an account; mails to one address are limited."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    answers = []
    for address in ("ada@example.com", "nobody@example.com"):
        visitor.fill("user/request_reset_password", email=address)
        answers.append((visitor.page.status_code, visitor.location, visitor.flash))
    assert answers[0] == answers[1]
    assert len(mails(site)) == 1
    for _ in range(6):
        visitor.fill("user/request_reset_password", email="ada@example.com")
    assert len(mails(site)) <= 4


def test_change_password_and_profile(site):
    """AUTH: the old password is asked for; the profile changes the session's copy too."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    visitor.fill(
        "user/change_password", old_password="wrong", new_password="another-1", new_password2="another-1"
    )
    assert "Invalid password" in visitor.page.text
    visitor.send(
        "user/change_password", old_password="secret-1", new_password="another-1", new_password2="another-1"
    )
    assert visitor.page.status_code == 303, visitor.page.text
    visitor.fill("user/profile", first_name="Augusta", email="new@example.com")
    assert visitor.page.status_code == 303, visitor.page.text
    assert visitor.is_in("new@example.com")
    assert Visitor(site).get("user/profile").status_code == 303
    fresh = Visitor(site)
    fresh.login(email="new@example.com", password="another-1")
    assert fresh.is_in("new@example.com")


def test_profile_of_another_user(site):
    """SEC: the hidden number of a form, swapped for another user's, changes nothing."""
    build(site)
    eve = Visitor(site)
    eve.register()
    eve.get("user/logout")
    eve.register(email="eve@example.com")
    eve.login(email="eve@example.com")
    eve.fill("user/profile", id="1", first_name="Evil", email="x@example.com")
    eve.get("user/profile/1")
    assert "ada@example.com" not in eve.page.text
    assert sql(site, "select first_name, email from auth_user where id = 1") == [("Ada", "ada@example.com")]


def test_login_forgery(site):
    """SEC: a login form sent by another site, or with another visitor's key, is refused; a key counts once."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    forged = Visitor(site)
    data = dict(email="ada@example.com", password="secret-1", _formname="login")
    forged.client.post("/myapp/default/user/login", data=data)
    assert not forged.is_in()
    visitor.get("user/login")
    key = visitor.page.element("input[name=_formkey]")["_value"]
    forged.client.post("/myapp/default/user/login", data=data | {"_formkey": str(key)})
    assert not forged.is_in()
    visitor.send("user/login", email="ada@example.com", password="wrong")
    replay = visitor.client.post("/myapp/default/user/login", data=data | {"_formkey": str(key)})
    assert "out of date" in replay.text
    assert not visitor.is_in()


def test_session_gets_a_new_id(site):
    """SEC: an id that was known before the login is worth nothing afterwards, nor after the logout."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.get("user/login")
    before = visitor.client.get_cookie("session_id_myapp").value
    visitor.login()
    during = visitor.client.get_cookie("session_id_myapp").value
    assert before != during
    visitor.get("user/logout")
    for old in (before, during):
        thief = Visitor(site)
        thief.client.set_cookie("session_id_myapp", old)
        assert not thief.is_in()


def test_remember_me(site):
    """AUTH: the cookie logs in when the session is gone; it ends with a new password and when it is changed."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.login(remember_me="on")
    cookie = visitor.client.get_cookie("remember_myapp")
    assert cookie is not None
    assert cookie.http_only

    def back(value):
        fresh = Visitor(site)
        fresh.client.set_cookie("remember_myapp", value)
        return fresh.is_in()

    assert back(cookie.value)
    assert not back(cookie.value[:-1] + ("0" if cookie.value[-1] != "0" else "1"))
    number, expires, signature = cookie.value.split("-")
    assert not back(f"{number}-{int(expires) + 9}-{signature}")
    assert not back(f"2-{expires}-{signature}")
    assert not back("x" * 3000)
    visitor.fill(
        "user/change_password", old_password="secret-1", new_password="another-1", new_password2="another-1"
    )
    assert not back(cookie.value)
    plain = Visitor(site)
    plain.login(password="another-1")
    assert plain.client.get_cookie("remember_myapp") is None


def test_expiration(site):
    """AUTH: after `settings.expiration` seconds without a request nobody is logged in."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    assert visitor.is_in()
    for seconds, there in ((3500, True), (7000, True), (10700, False), (0, False)):
        site.model(f"import datetime\nrequest.now += datetime.timedelta(seconds={seconds})", "a_clock")
        assert visitor.is_in() == there, seconds


def test_growing_waits(site, monkeypatch):
    """SEC: after five failures a login must wait, longer each time; other addresses need not."""
    build(site)
    clock = SimpleNamespace(time=time.time)
    monkeypatch.setattr("runtime.tools.attempts.time", clock)
    visitor = Visitor(site)
    visitor.register()
    now = time.time()
    clock.time = lambda: now
    for _ in range(5):
        visitor.login(password="wrong")
        assert "Invalid login" in visitor.page.text
    visitor.login()
    assert "Too many attempts" in visitor.page.text
    assert int(visitor.page.headers["Retry-After"]) >= 1
    assert visitor.page.status_code == 429
    assert not visitor.is_in()
    elsewhere = Visitor(site, address="203.0.113.5")
    elsewhere.login()
    assert elsewhere.is_in()
    clock.time = lambda: now + 2
    visitor.login()
    assert visitor.is_in()


_GUESS = """
import sys
sys.path[:0] = [{here!r}]
from pathlib import Path
from types import SimpleNamespace
import runtime.dal.passwords
from auth_site import Visitor
from runtime.tools import attempts
from runtime.web.application import Application
from runtime.web.client import TestClient
runtime.dal.passwords.DEFAULT_ALGORITHM = "scrypt(1024,8,1)"
attempts.time = SimpleNamespace(time=lambda: {now!r})
client = TestClient(Application({root!r}))
visitor = Visitor(SimpleNamespace(client=lambda: client), client)
for _ in range(3):
    visitor.login(password="wrong")
    print(visitor.page.status_code)
"""


def test_processes_share_the_waits(site, monkeypatch):
    """SEC: what was guessed at another server of the site counts here, and afterwards."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    now = time.time()
    monkeypatch.setattr("runtime.tools.attempts.time", SimpleNamespace(time=lambda: now))
    program = _GUESS.format(here=str(Path(__file__).parent), now=now, root=str(site.root))
    guess = [sys.executable, "-c", program]
    done = subprocess.run(guess, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["200"] * 3, done.stdout
    for _ in range(2):
        visitor.login(password="wrong")
    visitor.login()
    assert visitor.page.status_code == 429
    done = subprocess.run(guess, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["429"] * 3


def test_old_hashes_are_renewed(site):
    """AUTH: a hash of the old framework's kind verifies, and is replaced at the login."""
    from pydal.validators import simple_hash

    build(site)
    visitor = Visitor(site)
    visitor.register()
    old = "sha1$0123456789abcdef$" + simple_hash("secret-1", "", "0123456789abcdef", "sha1")
    sql(site, "update auth_user set password = ?", old)
    visitor.login(password="wrong")
    assert sql(site, "select password from auth_user") == [(old,)]
    visitor.login()
    assert visitor.is_in()
    new = sql(site, "select password from auth_user")[0][0]
    assert new != old
    again = Visitor(site)
    again.login()
    assert again.is_in()
    assert sql(site, "select password from auth_user") == [(new,)]


def test_blocked_users(site):
    """AUTH: a blocked user can not log in, by no way."""
    build(site, settings="auth.settings.allow_basic_login = True")
    visitor = Visitor(site)
    visitor.register()
    sql(site, "update auth_user set registration_key = 'blocked'")
    visitor.login()
    assert "disabled by administrator" in visitor.page.text
    visitor.client.get("/myapp/default/user/verify_email/blocked")
    assert sql(site, "select registration_key from auth_user") == [("blocked",)]
    page = visitor.get("private", auth=("ada@example.com", "secret-1"))
    assert page.status_code == 403
    sql(site, "update auth_user set registration_key = 'suspended-by-the-board'")
    visitor.client.get("/myapp/default/user/verify_email/suspended-by-the-board")
    visitor.fill("user/request_reset_password", email="ada@example.com")
    assert mails(site) == []
    assert sql(site, "select registration_key, reset_password_key from auth_user") == [
        ("suspended-by-the-board", "")
    ]


def test_basic_authentication(site):
    """AUTH: `allow_basic_login`: the header logs in for its request only; a wrong one is refused."""
    build(site, settings="auth.settings.allow_basic_login = True")
    visitor = Visitor(site)
    visitor.register()
    assert visitor.get("private", auth=("ada@example.com", "secret-1")).text == "private of 1"
    assert visitor.get("private", auth=("ada@example.com", "wrong")).status_code == 403
    assert visitor.get("private").status_code == 303
    assert visitor.get("private", headers={"Authorization": "Basic %%%"}).status_code == 403


def test_two_steps(site):
    """AUTH: the code comes by mail and is good once; three wrong ones begin anew."""
    build(site, settings="auth.settings.auth_two_factor_enabled = True")
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    assert visitor.page.status_code == 303
    assert not visitor.is_in()
    import re

    code = re.search(r"code is: (\d{6})", mails(site)[-1])[1]
    wrong = "000000" if code != "000000" else "111111"
    visitor.fill("user/login", authentication_code=wrong)
    assert "2 more attempt" in visitor.page.text
    visitor.send("user/login", authentication_code=code)
    assert visitor.page.status_code == 303, visitor.page.text
    assert visitor.is_in()
    other = Visitor(site)
    other.login()
    code = re.search(r"code is: (\d{6})", mails(site)[-1])[1]
    wrong = "000000" if code != "000000" else "111111"
    other.fill("user/login", authentication_code=wrong)
    other.send("user/login", authentication_code=wrong)
    other.send("user/login", authentication_code=wrong)
    assert other.page.status_code == 303
    other.get("user/login")
    assert other.page.element("input[name=password]") is not None
    assert not other.is_in()


def test_codes_can_not_be_guessed(site):
    """SEC: wrong codes of the second step make the next login wait, although the password is right each time."""
    build(site, settings="auth.settings.auth_two_factor_enabled = True")
    visitor = Visitor(site)
    visitor.register()
    for _ in range(2):
        visitor.login()
        for _ in range(3):
            visitor.fill("user/login", authentication_code="000000")
            if visitor.page.status_code == 303:
                break
    assert "Too many attempts" in visitor.page.text
    other = Visitor(site)
    other.login()
    assert "Too many attempts" in other.page.text


def test_secure_pages(site):
    """AUTH: `Auth(db, secure=True)`: over plain HTTP everything leads to HTTPS."""
    build(site)
    model = site.app / "models" / "db.py"
    model.write_text(model.read_text().replace("Auth(db)", "Auth(db, secure=True)"))
    visitor = Visitor(site)
    assert visitor.get("user/login").status_code == 303
    assert visitor.location.startswith("https://localhost/myapp/default/user/login")
    assert visitor.get("user/login", base_url="https://localhost").status_code == 200


def test_callbacks_and_methods(site):
    """AUTH: onvalidation, onaccept, onfail; another login method makes its user at the first login."""
    build(
        site,
        settings="def check(form):\n    if form.vars.email.endswith('@bad.com'): form.errors.email = 'not you'\n"
        "auth.settings.login_onvalidation.append(check)\n"
        "auth.settings.register_onvalidation.append(check)\n"
        "auth.settings.login_onaccept.append(lambda form: session.update(seen=form.vars.email))\n"
        "auth.settings.register_onaccept = lambda form: session.update(made=form.vars.id)\n"
        "auth.settings.login_methods.append(lambda name, password: password == 'other-door')\n",
        controller="def seen(): return '%s %s' % (session.seen, session.made)\n",
    )
    visitor = Visitor(site)
    visitor.register(email="x@bad.com")
    assert "not you" in visitor.page.text
    visitor.login(email="x@bad.com")
    assert "not you" in visitor.page.text
    visitor.register()
    visitor.login(email="guest@example.com", password="other-door")
    assert visitor.get("seen").text == "guest@example.com 1"
    assert visitor.is_in("guest@example.com")
    assert sql(site, "select count(*) from auth_user") == [(2,)]


def test_username(site):
    """AUTH: `define_tables(username=True)`: users log in by name; a forgotten name comes by mail."""
    build(site, username="True")
    visitor = Visitor(site)
    visitor.register(username="ada l")
    assert "Invalid username" in visitor.page.text
    visitor.register(username="ada")
    visitor.fill("user/login", username="ada", password="secret-1")
    assert visitor.is_in()
    visitor.get("user/logout")
    visitor.fill("user/retrieve_username", email="ada@example.com")
    assert "Your username is: ada" in mails(site)[-1]
    assert "secret" not in mails(site)[-1]


def test_dispatcher(site):
    """AUTH: unknown and disabled pages are 404; without a page the login page comes."""
    build(site, settings="auth.settings.actions_disabled = ['register']")
    visitor = Visitor(site)
    assert visitor.get("user/register").status_code == 404
    for path in (
        "user/absent",
        "user/login_bare",
        "user/db",
        "user/__init__",
        "user/login_user",
        "user/jwt",
        "user/bulk_register",
    ):
        assert visitor.get(path).status_code in (400, 404, 303), path
    assert visitor.get("user").status_code == 303
    assert visitor.location == "/myapp/default/user/login"
    assert visitor.get("user/not_authorized").status_code == 403


def test_scaffolding_of_old_applications(site):
    """SITE-08: an old model runs unchanged; a missing service does no harm."""
    site.write("private/janrain.key", "domain:key")
    site.model(
        """
        from gluon.tools import *
        db = DAL('sqlite://storage.sqlite')
        mail = Mail()
        auth = Auth(globals(), db)
        service = Service(globals())
        plugins = PluginManager()
        mail.settings.server = 'logging' or 'smtp.gmail.com:587'
        mail.settings.sender = 'you@gmail.com'
        mail.settings.login = 'username:password'
        auth.settings.hmac_key = 'sha512:3f6b1e1e-9f3c'
        auth.settings.extra_fields['auth_user'] = [Field('phone')]
        auth.define_tables(migrate=True)
        auth.settings.mailer = mail
        auth.settings.registration_requires_verification = False
        auth.settings.registration_requires_approval = False
        auth.messages.verify_email = 'Click on the link http://' + request.env.http_host + \\
            URL(r=request, c='default', f='user', args=['verify_email']) + '/%(key)s to verify your email'
        auth.settings.reset_password_requires_verification = True
        from gluon.contrib.login_methods.rpx_account import use_janrain
        use_janrain(auth, filename='private/janrain.key')
        """
    )
    site.controller(
        "def user(): return dict(form=auth())\ndef index(): return auth.user.phone if auth.user else 'no'\n"
    )
    site.view("{{=form}}", "default/user.html")
    visitor = Visitor(site)
    visitor.register(phone="123")
    assert visitor.get("index").text == "123"


def test_tables_have_the_documented_fields(site):
    """DBI: an existing database needs no migration: the columns are the documented ones."""
    build(site, username="True")
    Visitor(site).get("index")

    def columns(table):
        return [(name, kind) for _, name, kind, *_ in sql(site, f"pragma table_info({table})")]

    assert columns("auth_user") == [
        ("id", "INTEGER"),
        ("first_name", "CHAR(128)"),
        ("last_name", "CHAR(128)"),
        ("email", "CHAR(512)"),
        ("username", "CHAR(128)"),
        ("password", "CHAR(512)"),
        ("registration_key", "CHAR(512)"),
        ("reset_password_key", "CHAR(512)"),
        ("registration_id", "CHAR(512)"),
    ]
    assert [name for name, _ in columns("auth_cas")] == [
        "id",
        "user_id",
        "created_on",
        "service",
        "ticket",
        "renew",
    ]
    assert [name for name, _ in columns("auth_event")] == [
        "id",
        "time_stamp",
        "client_ip",
        "user_id",
        "origin",
        "description",
    ]
    assert [name for name, _ in columns("auth_permission")] == [
        "id",
        "group_id",
        "name",
        "table_name",
        "record_id",
    ]


def test_register_bare_and_others(site):
    """AUTH: accounts by code."""
    build(site)
    out = run_in_app(
        site,
        "u = auth.register_bare(email='a@example.com', password='secret-1', first_name='A')\n"
        "out.append(u.email)\n"
        "out.append(auth.register_bare(email='a@example.com', password='secret-1'))\n"
        "out.append(auth.login_bare('a@example.com', 'wrong'))\n"
        "out.append(auth.login_bare('a@example.com', 'secret-1').email)\n"
        "out.append((auth.is_logged_in(), auth.user_id, auth.user.get('password'), auth.is_impersonating()))\n"
        "out.append(auth.get_or_create_user(dict(email='b@example.com', first_name='B', registration_id='r'), login=False).id)\n"
        "out.append(auth.get_or_create_user(dict(email='c@example.com', registration_id='r'), login=False).email)\n"
        "out.append(auth.get_or_create_key() == auth.get_or_create_key())\n"
        "auth.settings.login_onaccept.append(lambda form: out.append(form.vars.email))\n"
        "auth.run_login_onaccept()\n"
        "out.append(auth.email_registration('Hi %(first_name)s', '%(email)s %(password)s|', db.auth_user(1)))\n",
    )
    assert "a@example.com |" in mails(site)[-1]
    assert out[-2:] == ["a@example.com", True]
    assert out[:-2] == [
        "a@example.com",
        False,
        False,
        "a@example.com",
        (True, 1, None, False),
        2,
        "c@example.com",
        True,
    ]


def test_table_of_the_applications_own(site):
    """SITE-08: a table of users that the model defines itself, with other names and without some fields."""
    build(site)
    model = (site.app / "models" / "db.py").read_text()
    site.model(
        model.replace(
            "auth.define_tables(",
            """auth.settings.table_user_name = 'person'
auth.settings.table_group_name = 'team'
auth.settings.create_user_groups = None
person = db.define_table(auth.settings.table_user_name,
    Field('nick', length=128, default='', unique=True), Field('username', length=64, unique=True),
    Field('password', 'password', length=256, readable=False, label='Secret'),
    Field('registration_key', length=128, default='', writable=False, readable=False),
    Field('reset_password_key', length=128, default='', writable=False, readable=False),
    Field('photo', 'upload'), Field('points', 'integer', default=3, writable=False))
person.username.requires = [IS_NOT_EMPTY(), IS_NOT_IN_DB(db, person.username)]
person.password.requires = CRYPT(auth.settings.hmac_key)
auth.settings.table_user = person
auth.define_tables(""",
        )
    )
    site.controller(
        "def index(): return '%s %s' % (auth.user.nick, auth.user.points) if auth.user else 'nobody'\n"
        "def user(): return dict(form=auth())\ndef bar(): return auth.navbar()\n"
    )
    visitor = Visitor(site)
    visitor.fill(
        "user/register", nick="n", username="ada", password="secret-1", password_two="secret-1", points="99"
    )
    assert visitor.page.status_code == 303, visitor.page.text
    visitor.fill("user/login", username="ada", password="wrong")
    assert "Invalid login" in visitor.page.text
    visitor.send("user/login", username="ada", password="secret-1", remember_me="on")
    assert visitor.get("index").text == "n 3"
    assert visitor.get("bar").status_code == 200
    visitor.fill("user/profile", nick="m")
    assert visitor.get("index").text == "m 3"
    assert visitor.get("user/groups").status_code == 200
    visitor.get("user/logout")
    assert visitor.fill("user/request_reset_password", username="ada").status_code == 303
    assert mails(site) == [], "there is no address to write to"
    assert visitor.get("user/retrieve_username").status_code == 404
    model = (site.app / "models" / "db.py").read_text()
    lines = [line for line in model.splitlines() if "reset_password_key" not in line]
    site.model("\n".join(lines).replace("sqlite://storage", "sqlite://other"))
    assert visitor.get("user/request_reset_password").status_code == 404
    assert visitor.get("user/reset_password?key=" + "0" * 36).status_code == 303
    assert "Lost your password" not in visitor.get("bar").text
    visitor.fill("user/register", nick="n", username="ada", password="secret-1", password_two="secret-1")
    visitor.fill("user/login", username="ada", password="secret-1")
    visitor.fill(
        "user/change_password", old_password="secret-1", new_password="another", new_password2="another"
    )
    assert visitor.page.status_code == 303
