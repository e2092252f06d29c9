"""Links in mails lead to hosts of ours, whatever a request names (SEC)."""

from __future__ import annotations

import re
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from runtime.config import build_config
from runtime.server.command import serve_command
from runtime.server.factory import make_application
from runtime.server.wsgi import SiteApplication
from runtime.tools.auth import hosts, throttle
from runtime.web.client import TestClient

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, mails

PAGE = "/myapp/default/user/request_reset_password"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")
    monkeypatch.setattr(throttle.MAILS, "free", 1000)
    monkeypatch.setattr(hosts, "_warned", set())


class Guest:
    """Somebody who sends whatever headers it likes."""

    def __init__(self, site, address="203.0.113.9", **options):
        self.site, self.client = site, site.client(**options)
        self.base = {"REMOTE_ADDR": address}

    def send(self, path, headers, **fields):
        page = self.client.get(path, headers=headers, environ_base=self.base)
        data = {str(n["_name"]): str(n["_value"]) for n in page.elements("input[type=hidden]")}
        return self.client.post(path, data=data | fields, headers=headers, environ_base=self.base)

    def link(self, host, email="ada@example.com", **more):
        """Ask for a new password of somebody; return scheme and host of the link, or the status of a refusal."""
        before = len(mails(self.site))
        answer = self.send(PAGE, {"Host": host, **more}, email=email)
        if answer.status_code != 303:
            return answer.status_code
        sent = mails(self.site)
        assert len(sent) == before + 1
        return re.search(r"(https?://[^/]+)/", sent[-1])[1]

    def log_in(self, host):
        answer = self.send(
            "/myapp/default/user/login", {"Host": host}, email="ada@example.com", password="secret-1"
        )
        assert answer.status_code == 303


def made(site, **options):
    build(site, **options)
    Visitor(site).register()


FORGED = {"X-Forwarded-Host": "evil.com", "X-Host": "evil.com", "Forwarded": "host=evil.com"}


@pytest.mark.parametrize("source", ["settings", "appconfig", "site", "routes"])
def test_named_hosts_count_wherever_they_are_named(site, source):
    """SEC: a forged host chooses nothing; names of ours do, with their ports."""
    settings = (
        "auth.settings.host_names = ['www.example.com', '*.example.org:*']" if source == "settings" else ""
    )
    made(site, settings=settings)
    names = "www.example.com, *.example.org:*"
    guest = Guest(site)
    if source == "appconfig":
        site.write("private/appconfig.ini", f"[host]\nnames = {names}\n")
    if source == "site":
        guest.client.application.settings["host_names"] = names.split(",")
    if source == "routes":
        (site.root / "routes.py").write_text(
            "routers = dict(BASE=dict(domains={'www.example.com': 'myapp', 'other.example.com': 'welcome'}))\n"
        )
        site.write("controllers/default.py", "def index(): return ''\n", app="welcome")
        guest = Guest(site)
    assert guest.link("evil.com") == "http://www.example.com"
    assert guest.link("www.example.com.evil.com") == "http://www.example.com"
    assert guest.link("evil.com:80") == "http://www.example.com"
    if source != "routes":
        assert guest.link("shop.example.org:8080") == "http://shop.example.org:8080"


def test_the_option_of_the_server_reaches_the_links(site):
    """SEC, CONF-01: `--host-names`, as the supervisor hands it on to the server."""
    config = build_config({"folder": str(site.root), "host_names": "www.example.com, *.example.org"})
    assert "--host-names=www.example.com,*.example.org" in serve_command(config)
    made(site)
    guest = Guest(site)
    guest.client = TestClient(make_application(config, None))
    assert guest.link("evil.com") == "http://www.example.com"
    assert guest.link("a.example.org") == "http://a.example.org"


def test_an_address_in_brackets_is_a_host_and_no_pattern(site):
    """SEC: `[2001:db8::1]:8000` names itself; a set of letters stays a pattern."""
    made(site, settings="auth.settings.host_names = ['[2001:DB8::1]:8000', 'www[12].example.com']")
    guest = Guest(site)
    assert guest.link("[2001:db8::1]:8000") == "http://[2001:db8::1]:8000"
    assert guest.link("www2.example.com") == "http://www2.example.com"
    assert guest.link("evil.com") == "http://[2001:DB8::1]:8000"


def test_another_wsgi_server_names_hosts_by_its_environment(site, monkeypatch):
    """SEC, SITE-01: `HADRON_HOST_NAMES` is the same option where no `hadron serve` runs."""
    monkeypatch.setenv("HADRON_HOST_NAMES", "www.example.com")
    made(site)
    guest = Guest(site)
    guest.client = TestClient(SiteApplication(site.root))
    assert guest.link("evil.com") == "http://www.example.com"


def test_absolute_addresses_behind_a_proxy_that_speaks_tls(site):
    """URL-11, AMB-37: a trusted proxy's word makes them https, a stranger's does not."""
    site.controller("def index(): return URL('x', scheme=True, host=True)\n")
    said = {"Host": "www.example.com", "X-Forwarded-Proto": "https"}
    for address, scheme in (("127.0.0.1", "https"), ("203.0.113.9", "http")):
        page = site.client().get("/myapp/default/index", headers=said, environ_base={"REMOTE_ADDR": address})
        assert page.text == f"{scheme}://www.example.com/myapp/default/x"


@pytest.mark.parametrize("header", FORGED)
def test_headers_of_proxies_name_no_host(site, header):
    """SEC: neither a stranger nor a trusted proxy names a host by other headers than `Host`."""
    made(site)
    for address in ("203.0.113.9", "127.0.0.1"):
        assert (
            Guest(site, address).link("localhost:8000", **{header: FORGED[header]}) == "http://localhost:8000"
        )


def test_the_pattern_for_everything_names_nothing(site):
    """SEC: `*:*` of the old scaffolding lets an application go on, and lets no forged host into a link."""
    made(site, settings="auth.settings.host_names = 'localhost:*, 127.0.0.1:*, *:*, *'")
    guest = Guest(site)
    guest.log_in("shop.example.com")
    assert guest.link("evil.com") == "http://shop.example.com"
    assert guest.link("localhost:8000") == "http://localhost:8000"


def test_without_names_a_link_leads_to_where_its_receiver_logged_in(site, caplog):
    """SEC: nobody has named a host: the user's own last login did, over the same scheme."""
    made(site)
    owner, stranger = Guest(site, "127.0.0.1"), Guest(site)
    answer = owner.send(
        "/myapp/default/user/login",
        {"Host": "shop.example.com:8443", "X-Forwarded-Proto": "https"},
        email="ada@example.com",
        password="secret-1",
    )
    assert answer.status_code == 303
    assert stranger.link("evil.com") == "https://shop.example.com:8443"
    assert "asked for at http://evil.com" in caplog.text
    Visitor(site).register(email="bob@example.com")
    assert stranger.link("evil.com", "bob@example.com") == "http://evil.com", "of others nothing is known"
    assert "name the hosts of the application" in caplog.text
    stranger.send(
        "/myapp/default/user/login", {"Host": "evil.com"}, email="ada@example.com", password="guess"
    )
    assert stranger.link("evil.com") == "https://shop.example.com:8443", "a wrong password names nothing"
    Guest(site).log_in("new.example.com")
    assert stranger.link("evil.com") == "http://new.example.com", "after a move the new place counts"


def test_a_login_on_this_machine_names_nothing(site):
    """SEC: the administrator's visit by `localhost` does not bend the links of the world."""
    made(site)
    Guest(site).log_in("shop.example.com")
    Guest(site, "127.0.0.1").log_in("localhost:8000")
    assert Guest(site).link("evil.com") == "http://shop.example.com"


def test_the_machine_itself_needs_no_name(site, caplog):
    """SEC: loopback addresses and the machine's own name are used as they are, without a warning."""
    made(site)
    guest = Guest(site, "127.0.0.1")
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000", socket.gethostname().lower()):
        assert guest.link(host) == f"http://{host}"
    assert "name the hosts" not in caplog.text


def test_an_absurd_host_is_no_part_of_a_link(site):
    """SEC: what is no host name reaches no mail."""
    made(site)
    guest = Guest(site)
    for host in ("evil.com/path?", "evil.com@shop.example.com", "a b", "evil.com:99999999"):
        found = guest.link(host)
        assert found == "http://localhost", (host, found)


def test_links_of_registrations_and_invitations_use_named_hosts_too(site):
    """SEC: verification and invitations lead to our host, and name it in their text."""
    build(
        site,
        settings="auth.settings.registration_requires_verification = True\n"
        "auth.settings.bulk_register_enabled = True\n"
        "auth.settings.host_names = ['www.example.com']",
    )
    guest = Guest(site)
    fields = dict(first_name="Eve", last_name="L", password="secret-1", password_two="secret-1")
    guest.send("/myapp/default/user/register", {"Host": "evil.com"}, email="eve@example.com", **fields)
    assert "http://www.example.com/myapp/default/user/verify_email/" in mails(site)[-1]
    guest.client.get(mails(site)[-1].partition("http://www.example.com")[2].split()[0])
    guest.send(
        "/myapp/default/user/login", {"Host": "evil.com"}, email="eve@example.com", password="secret-1"
    )
    guest.send(
        "/myapp/default/user/bulk_register",
        {"Host": "evil.com"},
        subject="Join %(site)s",
        emails="new@example.com",
        message="%(site)s: %(link)s",
    )
    sent = mails(site)[-1]
    assert "http://www.example.com/myapp/default/user/confirm_registration" in sent
    assert "Join www.example.com" in sent
    assert "evil.com" not in sent


def test_what_is_known_is_bounded_and_forgotten(site, monkeypatch):
    """SEC: the file of places keeps no names of users, and not for ever."""
    made(site)
    Guest(site).log_in("shop.example.com")
    path = site.root / hosts.FILE
    assert path.stat().st_mode & 0o077 == 0
    assert b"ada@" not in path.read_bytes()
    with monkeypatch.context() as none:
        none.setattr(hosts, "KEPT", 0)
        Guest(site).log_in("shop.example.com")
        assert Guest(site).link("evil.com") == "http://evil.com"
    with monkeypatch.context() as earlier:
        long_ago = time.time() - 400 * 86400
        earlier.setattr(hosts, "time", SimpleNamespace(time=lambda: long_ago))
        Guest(site).log_in("shop.example.com")
    Visitor(site).register(email="bob@example.com")
    guest, bob = Guest(site), {"email": "bob@example.com", "password": "secret-1"}
    guest.send("/myapp/default/user/login", {"Host": "b.example.com"}, **bob)
    assert guest.link("evil.com") == "http://evil.com"
