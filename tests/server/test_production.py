"""Development and production: what the server's option changes for the applications."""

import pytest

from runtime.config import ServerConfig
from runtime.i18n import settings, use_production
from runtime.server.factory import make_application
from runtime.web.client import TestClient

LANGUAGE = "{'Known': 'Bekannt'}\n"


@pytest.fixture(autouse=True)
def development_again():
    yield
    use_production(False)


@pytest.fixture
def visit(site):
    """Make the server's application of a site with one page; return a visitor and the application's folder."""
    app = site / "applications" / "myapp"
    for folder in ("controllers", "models", "views/default", "languages"):
        (app / folder).mkdir(parents=True)
    (app / "controllers/default.py").write_text("def index():\n    return dict()\n")
    (app / "models/db.py").write_text("word = 'one'\n")
    (app / "views/default/index.html").write_text("{{=word}} {{=T('Known')}} {{=T('New')}}")
    (app / "languages/de.py").write_text(LANGUAGE)

    def make(production):
        client = TestClient(make_application(ServerConfig(site, production=production), None))
        return lambda: client.get("/myapp/default/index", headers={"Accept-Language": "de"}).text, app

    return make


def test_flow_14_development_sees_a_change_at_the_next_request(visit):
    """FLOW-14, T-15: model and view are new at once; the unknown text is in the language file."""
    page, app = visit(production=False)
    assert page() == "one Bekannt New"
    (app / "models/db.py").write_text("word = 'changed'\n")
    (app / "views/default/index.html").write_text("now {{=word}} {{=T('Known')}} {{=T('New')}}")
    assert page() == "now changed Bekannt New"
    assert "New" in (app / "languages/de.py").read_text()


def test_flow_14_t_15_t_21_production_looks_seldom_and_writes_nothing(visit, monkeypatch):
    """FLOW-14, T-15, T-21: a change counts after a second; language files stay as they are."""
    page, app = visit(production=True)
    clock = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    assert page() == "one Bekannt New"
    (app / "models/db.py").write_text("word = 'changed'\n")
    (app / "views/default/index.html").write_text("now {{=word}} {{=T('Known')}} {{=T('New')}}")
    (app / "languages/de.py").write_text(LANGUAGE.replace("Bekannt", "Vertraut"))
    clock[0] += 0.5
    assert page() == "one Bekannt New"
    clock[0] += 1.5
    assert page() == "now changed Vertraut New"
    assert "New" not in (app / "languages/de.py").read_text()
    assert not settings.write_unknown
