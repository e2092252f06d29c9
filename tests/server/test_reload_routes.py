"""REWR-03, REWR-04: a running server reads `routes.py` again when it is told to."""

from __future__ import annotations

import pytest

from runtime.cli import main as hadron
from runtime.config import build_config
from runtime.i18n import use_production
from runtime.server.service import Service

pytestmark = [pytest.mark.server]


def test_rewr_03_04_reload_by_command_and_channel(site, fetch, capsys):
    """REWR-03, REWR-04, ADMIN-05: new rules after the order, the old ones while the file is broken."""
    folder = site / "applications" / "shop" / "controllers"
    folder.mkdir(parents=True)
    (folder / "default.py").write_text("def index(): return 'index'\ndef fine(): return 'fine'\n")
    routes = site / "routes.py"
    routes.write_text("default_application = 'shop'\n")
    config = build_config({"ip": "127.0.0.1", "port": 0, "folder": str(site), "production": True})
    service = Service(config)
    service.open()
    try:
        service.start()
        url = service.server.url.rstrip("/")
        assert fetch(f"{url}/f")[0] in (400, 404)
        routes.write_text("routes_in = [('/f', '/shop/default/fine')]\n")
        assert fetch(f"{url}/f")[0] in (400, 404)
        assert hadron(["routes", "reload", "-f", str(site)], None) == 0
        assert fetch(f"{url}/f") == (200, b"fine")
        routes.write_text("routes_in = [('/f',\n")
        assert hadron(["routes", "reload", "-f", str(site)], None) == 1
        assert "routes.py" in capsys.readouterr().out
        assert fetch(f"{url}/f") == (200, b"fine")
    finally:
        service.close(5)
        use_production(False)  # the next test of this process is under development again
    assert hadron(["routes", "reload", "-f", str(site)], None) != 0
    assert "no server" in capsys.readouterr().err
