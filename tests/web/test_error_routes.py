"""ERR-01..07, APP: error pages made by applications, in place, with the true status."""

from __future__ import annotations

import pytest

PAGES = """
def any():
    if request.vars.set:
        response.status = request.vars.code
    return '%s|%s|%s|%s' % (request.vars.code, request.vars.ticket, request.vars.requested_uri, request.vars.request_url)
def login():
    return 'log in'
def fails():
    return str(1 / 0)
"""


@pytest.fixture
def routed(site):
    """A site with error routes; `client(routes)` gives its visitor."""
    site.controller(
        "def forbidden(): raise HTTP(403)\ndef broken(): return str(1 / 0)\ndef fine(): return 'fine'\n",
        app="shop",
    )
    site.write("static/oops.html", "oops", "shop")
    site.write("static/missing.html", "missing", "shop")
    site.controller(PAGES, "error", "shop")
    site.controller("def index(): return str(1 / 0)\n", app="other")

    def client(routes: str):
        (site.root / "routes.py").write_text(routes)
        return site.client()

    return client


ROUTES = """
routes_onerror = [
    ('shop/403', '/shop/error/login'),
    ('shop/*', '/shop/static/oops.html'),
    ('*/404', '/shop/static/missing.html'),
    ('*/*', '/shop/error/any'),
]
"""


def test_err_01_first_match_wins_status_kept(routed):
    """ERR-01."""
    client = routed(ROUTES)
    for path, status, text in (
        ("/shop/default/forbidden", 403, "log in"),
        ("/shop/default/broken", 500, "oops"),
        ("/other/default/nothing", 404, "missing"),
        ("/nosuch", 404, "missing"),
        ("/shop/default/fine", 200, "fine"),
    ):
        page = client.get(path)
        assert (page.status_code, page.text) == (status, text), path


def test_err_02_variables(routed):
    """ERR-02: code, ticket, requested_uri, request_url."""
    page = routed(ROUTES).get("/other/default/index?a=1")
    code, ticket, uri, url = page.text.split("|")
    assert page.status_code == 500
    assert code == "500"
    assert ticket.startswith("other/127.0.0.1.")
    assert uri == "/other/default/index?a=1"
    assert url == "/other/default/index"


def test_err_03_numeric_strings_as_status(routed):
    """ERR-03."""
    page = routed("routes_onerror = [('*/*', '/shop/error/any?set=1')]").get("/shop/default/forbidden")
    assert page.status_code == 403


def test_err_05_handler_in_place(routed):
    """ERR-05: called without redirecting the visitor."""
    page = routed("error_handler = dict(application='shop', controller='error', function='any')").get(
        "/other/default/index"
    )
    assert page.status_code == 500
    assert page.text.startswith("500|other/")


def test_err_05_broken_handler(routed, site):
    """ERR-05: the built-in page, one extra ticket, no loop."""
    client = routed("error_handler = dict(application='shop', controller='error', function='fails')")
    page = client.get("/other/default/index")
    assert page.status_code == 500
    assert "Ticket issued" in page.text
    assert "other/" in page.text
    assert len(list((site.root / "applications" / "shop" / "errors").glob("*.json"))) == 1


def test_err_06_07_messages(routed):
    """ERR-06, ERR-07: own pages for wrong names and for tickets."""
    client = routed("error_message = '<b>%s</b>'\nerror_message_ticket = 'number %(ticket)s'\n")
    assert client.get("/nosuch").text.startswith("<b>invalid")
    assert client.get("/other/default/index").text.startswith("number other/127.0.0.1.")


def test_err_07_default_ticket_page(routed):
    """ERR-07."""
    text = routed("").get("/other/default/index").text
    assert "Internal error" in text
    assert "Ticket issued:" in text
    assert "/admin/default/ticket/other/" in text


def test_rewr_03_04_a_broken_file_keeps_the_last_rules(routed, site):
    """REWR-03, REWR-04, START-05: the site goes on with the rules it had, and says what is wrong."""
    client = routed("routes_in = [('/f', '/shop/default/fine')]")
    assert client.get("/f").text == "fine"
    (site.root / "routes.py").write_text("routes_in = [('/f', \n")
    assert client.get("/f").text == "fine"
    error = client.application.router.reload()
    assert "routes.py" in str(error)
    assert client.get("/f").text == "fine"


def test_app_1_2_default_application(routed, site):
    """APP-1, APP-2, APP-3, DISP-02."""
    client = routed("default_application = 'other'")
    assert client.get("/").status_code == 500
    assert client.application.default_application == "other"
    (site.root / "applications" / "init").symlink_to(
        site.root / "applications" / "shop", target_is_directory=True
    )
    client = routed("")
    assert client.application.default_application == "init"
    assert client.get("/default/fine").status_code in (200, 404)


def test_req_25_language_from_the_address(routed, site):
    """REQ-25, REWR-PARAM-08: the application forces the language that the address names."""
    site.write("languages/it.py", "{'hello': 'ciao'}", "shop")
    site.controller("def say():\n    T.force(request.uri_language)\n    return T('hello')\n", "talk", "shop")
    client = routed(
        "routers = dict(BASE=dict(default_application='shop'), shop=dict(languages=['en', 'it'], default_language='en'))"
    )
    assert client.get("/it/talk/say").text == "ciao"
    assert client.get("/talk/say").text == "hello"


def test_root_files_without_rules(site):
    """REWR-PARAM-11: what browsers and robots ask at the root comes from the default application."""
    site.write("static/robots.txt", "robots", "init")
    site.controller("def index(): return ''", app="init")
    client = site.client()
    assert client.get("/robots.txt").text == "robots"
    assert client.get("/favicon.ico").status_code == 404
    assert client.get("/other.txt").status_code == 400
