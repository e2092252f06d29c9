"""LIB-34..50: other ways to log in."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from runtime.tools import network
from runtime.tools.absent import Discontinued
from runtime.tools.login.ldap import LdapError

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, run_in_app


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")


OAUTH = """
from gluon.contrib.login_methods.oauth20_account import OAuthAccount
class Provider(OAuthAccount):
    def get_user(self):
        token = self.accessToken()
        if not token: return None
        return dict(first_name='Ada', email='ada@example.com', registration_id='p:' + token)
auth.settings.login_form = Provider(None, 'me', 'secret', 'https://provider.example/auth', 'https://provider.example/token', scope='email', state='mine')
"""


def test_lib_45_oauth20(site, monkeypatch):
    """LIB-45: code, state and PKCE; a code that was not asked for by this visitor is refused."""
    asked = []

    def open_url(url, data=None, headers=None, timeout=20):
        asked.append((url, dict(data)))
        return b'{"access_token": "t1", "token_type": "bearer"}'

    monkeypatch.setattr(network, "open_url", open_url)
    build(site, settings=OAUTH)
    visitor = Visitor(site)
    visitor.get("user/login?_next=/myapp/default/private")
    assert visitor.page.status_code == 303
    query = {k: v[0] for k, v in parse_qs(urlsplit(visitor.location).query).items()}
    assert visitor.location.startswith("https://provider.example/auth?")
    assert (query["client_id"], query["response_type"], query["scope"]) == ("me", "code", "email")
    assert query["redirect_uri"] == "http://localhost/myapp/default/user/login"
    thief = Visitor(site)
    assert thief.get(f"user/login?code=c&state={query['state']}").status_code == 400
    assert visitor.get("user/login?code=c&state=wrong").status_code == 400
    assert asked == []
    visitor.get("user/login?_next=/myapp/default/private")
    query = {k: v[0] for k, v in parse_qs(urlsplit(visitor.location).query).items()}
    visitor.get(f"user/login?code=c1&state={query['state']}")
    assert visitor.location == "/myapp/default/private"
    assert asked[0][0] == "https://provider.example/token"
    assert asked[0][1]["code"] == "c1"
    assert asked[0][1]["client_secret"] == "secret"
    import hashlib

    digest = hashlib.sha256(asked[0][1]["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == query["code_challenge"]
    assert visitor.get("private").text == "private of 1"
    assert visitor.get(f"user/logout?code=c1&state={query['state']}").status_code == 303
    assert visitor.get(f"user/login?code=c1&state={query['state']}").status_code == 400, "a code counts once"


def test_lib_44_oauth10a(site, monkeypatch):
    """LIB-44: the three steps of OAuth 1.0a, signed."""
    asked = []

    def open_url(url, data=None, headers=None, timeout=20):
        asked.append((url, headers["Authorization"]))
        return f"oauth_token=tok{len(asked)}&oauth_token_secret=sec".encode()

    monkeypatch.setattr(network, "open_url", open_url)
    build(
        site,
        settings="from gluon.contrib.login_methods.oauth10a_account import OAuthAccount\n"
        "class Provider(OAuthAccount):\n"
        "    def get_user(self):\n"
        "        token = self.accessToken()\n"
        "        return token and dict(email='ada@example.com', first_name=token['oauth_token'])\n"
        "u = 'https://provider.example/'\n"
        "auth.settings.login_form = Provider(None, 'me', 'secret', u + 'auth', u + 'request', u + 'access')\n",
    )
    visitor = Visitor(site)
    visitor.get("user/login")
    assert visitor.location == "https://provider.example/auth?oauth_token=tok1"
    assert 'oauth_callback="http%3A%2F%2Flocalhost%2Fmyapp%2Fdefault%2Fuser%2Flogin"' in asked[0][1]
    visitor.get("user/login?oauth_token=foreign&oauth_verifier=v")
    assert "provider.example/auth" in visitor.location
    visitor.get("user/login?oauth_token=tok2&oauth_verifier=v")
    assert asked[-1][0] == "https://provider.example/access"
    assert 'oauth_verifier="v"' in asked[-1][1]
    assert visitor.is_in()


def test_lib_34_basic_auth(monkeypatch):
    """LIB-34: the other server decides; an empty password asks nobody."""
    from gluon.contrib.login_methods.basic_auth import basic_auth

    def open_url(url, data=None, headers=None, timeout=20):
        if base64.b64decode(headers["Authorization"].split()[1]) != b"ada:secret":
            raise network.NetworkError("401")
        return b""

    monkeypatch.setattr(network, "open_url", open_url)
    check = basic_auth("http://x")
    assert check("ada", "secret")
    assert not check("ada", "wrong")
    assert not check("ada", "")


def test_lib_38_email_auth():
    """LIB-38: the mail server decides; the domain is checked and completed."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import SMTP, AuthResult
    from gluon.contrib.login_methods.email_auth import email_auth

    def right(server, session, envelope, mechanism, data):
        return AuthResult(
            success=(data.login, data.password) == (b"ada@example.com", b"secret"), handled=False
        )

    class Server(Controller):
        def factory(self):
            return SMTP(self.handler, authenticator=right, auth_require_tls=False)

        def _trigger_server(self):
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    server = Server(object(), hostname="127.0.0.1", port=0)
    server.start()
    try:
        check = email_auth(f"127.0.0.1:{server.port}", "example.com", tls_mode=False)
        assert check("ada@example.com", "secret")
        assert check("ada", "secret")
        assert not check("ada", "wrong")
        assert not check("ada", "")
        assert not check("ada@evil.com", "secret")
        assert not email_auth(f"127.0.0.1:{server.port}")("ada@example.com", "secret"), "no TLS, no password"
    finally:
        server.stop()
    assert not check("ada", "secret")


@pytest.fixture
def directory():
    """A made-up LDAP server; returns the function that connects to it."""
    ldap3 = pytest.importorskip("ldap3")
    server = ldap3.Server("fake")

    def fill(connection):
        strategy = connection.strategy
        strategy.add_entry(
            "uid=ada,ou=users,dc=x",
            dict(
                uid="ada",
                userPassword="secret",
                cn="Ada Lovelace",
                mail="ada@example.com",
                objectClass="person",
            ),
        )
        strategy.add_entry(
            "uid=eve,ou=users,dc=x", dict(uid="eve", userPassword="secret", cn="Eve", objectClass="person")
        )
        strategy.add_entry("cn=reader,dc=x", dict(cn="reader", userPassword="look", objectClass="person"))
        strategy.add_entry(
            "cn=staff,ou=groups,dc=x",
            dict(cn="staff", memberUid=["ada"], objectClass="posixGroup", ou="groups"),
        )
        return connection

    def connect(_, user, password):
        return fill(ldap3.Connection(server, user=user, password=password, client_strategy=ldap3.MOCK_SYNC))

    return connect


def test_lib_41_ldap(directory):
    """LIB-41: bound directly or found first; groups; no anonymous bind, no injected filter or name."""
    from gluon.contrib.login_methods.ldap_auth import ldap_auth

    check = ldap_auth(base_dn="ou=users,dc=x", connect=directory)
    assert check("ada", "secret")
    for name, password in (("ada", "wrong"), ("ada", ""), ("", "secret"), ("absent", "secret"), ("*", "secret"),
                           ("ada,ou=users,dc=x", "secret"), ("ada)(uid=*", "secret"), ("ada\x00", "secret")):  # fmt: skip
        assert not check(name, password), name
    options = dict(base_dn="dc=x", bind_dn="cn=reader,dc=x", bind_pw="look", mode="uid_r", connect=directory)
    found = ldap_auth(**options)
    assert found("ada", "secret")
    assert not found("*", "secret")
    assert not found("a*", "secret")
    staff = ldap_auth(**options, allowed_groups=["staff"], group_dn="ou=groups,dc=x")
    assert staff("ada", "secret")
    assert not staff("eve", "secret")
    assert not ldap_auth(**options | {"bind_pw": "no"})("ada", "secret")
    with pytest.raises(LdapError, match="mode must be"):
        ldap_auth(mode="nonsense")


def test_lib_41_ldap_fills_the_user(site, directory, monkeypatch):
    """LIB-41: `manage_user` and `manage_groups` write what the directory says."""
    import builtins

    monkeypatch.setattr(builtins, "_directory_of_test", directory, raising=False)
    build(
        site,
        username="True",
        after="import builtins\nfrom gluon.contrib.login_methods.ldap_auth import ldap_auth\n"
        "auth.settings.login_methods = [ldap_auth(base_dn='dc=x', bind_dn='cn=reader,dc=x', bind_pw='look', mode='uid_r',\n"
        "    manage_user=True, manage_groups=True, group_dn='ou=groups,dc=x', db=db, connect=builtins._directory_of_test)]\n",
    )
    visitor = Visitor(site)
    visitor.fill("user/login", username="ada", password="secret")
    assert visitor.is_in(), visitor.page.text
    out = run_in_app(
        site,
        "u = db.auth_user(1)\nout.append((u.first_name, u.last_name, u.username, u.password))\n"
        "out.append(sorted(r.role for r in auth.groups_of(1)))\n",
    )
    assert out[0] == ("Ada", "Lovelace", "ada", None)
    assert "staff" in out[1]


def test_lib_50_x509(site):
    """LIB-50: the certificate that the front server passed on; a header of the visitor's own is not believed."""
    import datetime

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, "Ada Lovelace"),
            x509.NameAttribute(NameOID.EMAIL_ADDRESS, "ada@example.com"),
        ]
    )
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7)
        .not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    build(
        site,
        settings="from gluon.contrib.login_methods.x509_auth import X509Auth\nauth.settings.login_form = X509Auth()\n",
    )
    visitor = Visitor(site)
    assert visitor.get("user/login").status_code == 403
    assert visitor.get("user/login", headers={"SSL-CLIENT-RAW-CERT": quote(pem)}).status_code == 403
    visitor.base = visitor.base | {"SSL_CLIENT_RAW_CERT": pem}
    assert visitor.get("user/login").status_code == 303
    assert visitor.is_in()


def test_lib_36_cas_answers(site, monkeypatch):
    """LIB-36: what a CAS server of either version says; entities and refusals are nobody."""
    answers = []
    monkeypatch.setattr(network, "open_url", lambda *a, **k: answers.pop(0))
    build(
        site,
        settings="from gluon.contrib.login_methods.cas_auth import CasAuth\n"
        "auth.settings.login_form = CasAuth(None, 'https://cas.example/cas', casversion=int(request.vars.v or 1))\n",
    )
    success = (
        b"<r xmlns:cas='x'><cas:authenticationSuccess><cas:user>eve</cas:user><cas:email>eve@example.com</cas:email>"
        b"</cas:authenticationSuccess></r>"
    )

    def ask(answer, version):
        visitor = Visitor(site)
        answers[:] = [answer]
        visitor.get(f"user/login?ticket=t&v={version}")
        visitor.get("index")
        return visitor.page.text

    assert ask(b"yes\nada:ada@example.com\n", 1) == "index ada@example.com"
    assert ask(success, 2) == "index eve@example.com"
    assert ask(b"no\n\n", 1) == "index nobody"
    assert ask(b"<r xmlns:cas='x'><cas:authenticationFailure code='x'/></r>", 2) == "index nobody"
    assert ask(b"<!DOCTYPE r [<!ENTITY a 'x'>]>" + success, 2) == "index nobody"
    assert ask(b"<broken", 2) == "index nobody"


def test_lib_39_extended_login_form(site):
    """LIB-39: our form and another site's on one page."""
    build(
        site,
        after="from gluon.contrib.login_methods.extended_login_form import ExtendedLoginForm\n"
        "class Other:\n    def get_user(self): return None\n    def login_url(self, next): return '/elsewhere'\n"
        "    def logout_url(self, next): return next\n    def login_form(self): return A('other way', _href='/elsewhere')\n"
        "auth.settings.login_form = ExtendedLoginForm(auth, Other(), signals=['token'])\n",
    )
    visitor = Visitor(site)
    visitor.register()
    visitor.get("user/login")
    assert "other way" in visitor.page.text
    visitor.send("user/login", email="ada@example.com", password="secret-1")
    assert visitor.is_in()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("rpx_account", "RPXAccount"), ("janrain_account", "RPXAccount"), ("browserid_account", "BrowserID"),
        ("loginza", "Loginza"), ("dropbox_account", "DropboxAccount"), ("linkedin_account", "LinkedInAccount"),
        ("gae_google_account", "GaeGoogleAccount"), ("openid_auth", "OpenIDAuth"), ("oneall_account", "OneallAccount"),
    ],
)  # fmt: skip
def test_closed_services_say_what_to_use(module, name):
    """LIB-35, 37, 40, 42, 43, 46, 47, 49: importable; using one says why it can not work."""
    import importlib

    found = importlib.import_module(f"gluon.contrib.login_methods.{module}")
    with pytest.raises(Discontinued, match=r"Instead: OAuth 2\.0"):
        getattr(found, name)()


def test_lib_48_pam(monkeypatch):
    """LIB-48: the operating system decides; without the package the error names it."""
    import types

    from gluon.contrib.login_methods.pam_auth import pam_auth

    check = pam_auth()

    class Pam:
        def authenticate(self, name, password):
            return (name, password) == ("root", "x")

    monkeypatch.setitem(sys.modules, "pam", types.SimpleNamespace(pam=Pam))
    assert check("root", "x")
    assert not check("root", "y")
    assert not check("root", "")
