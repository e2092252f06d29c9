"""The link by which the window opens the administration (ADMIN-08)."""

from __future__ import annotations

import http.cookiejar
import urllib.request

import pytest

from runtime.config import build_config
from runtime.foundation.problems import UserError
from runtime.server.service import Service


@pytest.fixture
def serve(tmp_path):
    """Starts the server of a new site in this process."""
    made = []

    def start(**options):
        config = build_config({"folder": str(tmp_path), "port": 0, **options}, {})
        service = Service(config)
        made.append(service)
        service.open()
        service.start()
        return service

    yield start
    for service in made:
        service.close(1.0)


@pytest.mark.server
def test_admin_08_the_link_logs_in_once_over_a_real_connection(serve):
    """ADMIN-08: the page of the databases opens without typing a password; the link works once."""
    service = serve(password="secret")
    url = service.control.call("admin_link", {"url": service.server.url, "send": "/welcome/appadmin/index"})[
        "url"
    ]
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    page = urllib.request.build_opener(jar).open(url, timeout=60)
    assert page.url.endswith("/welcome/appadmin/index")
    assert b"db" in page.read()
    again = urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(url, timeout=60)
    assert "/admin/default/index" in again.url


@pytest.mark.server
def test_without_a_password_it_says_so(serve):
    service = serve()
    with pytest.raises(UserError, match="password"):
        service.control.call("admin_link", {"url": service.server.url})
