"""Loading and reloading of routes files, error pages, the route tester, the example files."""

from __future__ import annotations

import doctest
import json
import logging
import re
import subprocess
import sys
import types
from pathlib import Path

import pytest

from runtime.admin.routes import try_route
from runtime.foundation.http import HTTP
from runtime.foundation.storage import Storage
from runtime.routing import RouteError, Router, RouteTable
from runtime.routing.testing import (
    filter_err,
    filter_url,
    load,
    regex_url_in,
    set_site_root,
    try_redirect_on_error,
)

EXAMPLES = Path(__file__).parents[3] / "resources" / "examples"


def write_routes(site, text):
    file = site / "routes.py"
    file.write_text(text)
    return file


def test_rewr_02_parametric_wins_over_patterns(site, caplog):
    """REWR-02"""
    write_routes(
        site, "routers = dict(BASE=dict(default_application='examples'))\nroutes_in = [('/a', '/welcome')]"
    )
    with caplog.at_level(logging.WARNING, "web2py.rewrite"):
        table = RouteTable.load(site)
    assert "parametric router is used" in caplog.text
    assert table.map_in({"PATH_INFO": "/a"}).application == "examples"


def test_rewr_03_edit_takes_effect_after_reload(site):
    """REWR-03"""
    write_routes(site, "default_application = 'admin'")
    router = Router(site)
    write_routes(site, "default_application = 'examples'")
    assert router.table.map_in({"PATH_INFO": "/"}).application == "admin"
    assert router.reload() is None
    assert router.table.map_in({"PATH_INFO": "/"}).application == "examples"


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("a = 1\nif x\n", 2, "invalid syntax"),
        ("a = 1\n\nb = nosuch\n", 3, "NameError"),
        ("routes_in = [('/(', '/x')]", 0, "routes_in"),
        ("routes_in = 'x'", 0, "routes_in must be"),
        ("routes_in = [('/a',)]", 0, "no pair"),
        (r"routes_in = [('/a', r'/\g<b>')]", 0, "unknown group 'b'"),
        ("routers = dict(welcome=dict(nokey=1))", 0, "unknown key 'nokey'"),
        ("routes_onerror = [('x', '/y')]", 0, "routes_onerror"),
        ("error_message = '%d'", 0, "error_message"),
    ],
)
def test_rewr_04_faulty_file_keeps_the_old_routes(site, text, line, reason):
    """REWR-04, START-05"""
    file = write_routes(site, "default_application = 'admin'")
    router = Router(site)
    write_routes(site, text)
    error = router.reload()
    assert error is not None
    assert error is router.last_error
    assert (error.file, error.line) == (str(file), line)
    assert reason in str(error)
    assert router.table.map_in({"PATH_INFO": "/"}).application == "admin"
    write_routes(site, "")
    assert router.reload() is None
    assert router.last_error is None


def test_rewr_04_faulty_file_at_the_start(site):
    """REWR-04, START-05"""
    write_routes(site, "def")
    router = Router(site)
    assert router.last_error is not None
    assert router.table.map_in({"PATH_INFO": "/admin"}).application == "admin"


def test_rewr_04_application_file_is_named(site):
    """REWR-04"""
    file = site / "applications/admin/routes.py"
    file.write_text("1/0")
    with pytest.raises(RouteError) as caught:
        RouteTable.load(site)
    assert (caught.value.file, caught.value.line) == (str(file), 1)


def test_rewr_03_files_are_watched_in_development(site):
    """REWR-03"""
    router = Router(site)
    assert router.check_files() is False
    write_routes(site, "default_application = 'examples'")
    router._checked = 0.0
    assert router.check_files() is True
    assert router.table.default_application == "examples"


ONERROR = """
routes_onerror = [('shop/403', '/shop/default/login'), ('shop/*', '/shop/static/oops.html'),
                  ('*/404', '/shop/static/missing.html'), ('*/*', '/shop/error/any')]
"""


@pytest.mark.parametrize("extra", ["", "routers = dict()\n"])
def test_err_01_02_error_routes(site, extra):
    """ERR-01, ERR-02, ERR-03"""
    load(data=extra + ONERROR)
    assert filter_err(403, "shop") == "/shop/default/login?code=403&ticket=tkt"
    assert filter_err(500, "shop") == "/shop/static/oops.html"
    assert filter_err(404, "other") == "/shop/static/missing.html"
    assert filter_err(500, "other", "other/t1") == "/shop/error/any?code=500&ticket=other/t1"
    assert filter_err(200) == 200
    assert filter_err(399) == 399


def test_err_02_variables(site):
    """ERR-02, ERR-03"""
    table = RouteTable.from_source(site, ONERROR)
    page = table.on_error(500, "other", None, "/other/x?a=1", "/other/x")
    assert page.vars == {
        "code": "500", "ticket": "None", "requested_uri": "/other/x?a=1", "request_url": "/other/x",
    }  # fmt: skip
    assert page.location.startswith("/shop/error/any?code=500&ticket=None&requested_uri=%2Fother%2Fx%3Fa%3D1")
    assert table.on_error(500, "shop", "shop/t", "/", "/").vars == {}
    assert table.on_error(500, "other", None, "/shop/error/any?code=1", "") is None, (
        "a page is not its own error page"
    )
    assert RouteTable(site).on_error(500, "shop", None, "", "") is None


def test_err_05_error_handler(site):
    """ERR-05"""
    table = RouteTable.from_source(
        site, "error_handler = dict(application='error', controller='c', function='f')"
    )
    assert table.on_error(404, "a", None, "/a", "/a").path == "/error/c/f"
    assert table.on_error(404, "a", None, "/error/c/f?x", "/a") is None


def test_err_06_07_messages(site):
    """ERR-06, ERR-07"""
    table = RouteTable(site)
    assert table.error_page("a <b>") == "<html><body><h1>a &lt;b&gt;</h1></body></html>"
    page = table.ticket_page("app/1.2.3")
    assert "Internal error" in page
    assert "Ticket issued:" in page
    assert re.search(r'<a href="/admin/default/ticket/app/1.2.3" target="_blank">', page)
    own = RouteTable.from_source(site, "error_message='no: %s'\nerror_message_ticket='t=%(ticket)s'")
    assert own.error_page("x") == "no: x"
    assert own.ticket_page("a/1") == "t=a/1"


def test_rewr_06_load_reads_the_site_folder(site):
    """REWR-06"""
    write_routes(site, "default_application = 'admin'")
    load()
    assert filter_url("http://d.com/") == "/admin/default/index"
    assert filter_url("http://d.com/", app=True) == "admin"


def test_rewr_06_regex_url_in(site):
    """REWR-06"""
    load(data="routes_in = [('/x/$n', '/welcome/default/f/$n?q=1')]")
    request = Storage()
    static, version, env = regex_url_in(request, {"PATH_INFO": "/x/7", "QUERY_STRING": "p=2"})
    assert (static, version) == (None, None)
    assert (request.application, request.controller, request.function) == ("welcome", "default", "f")
    assert list(request.args) == ["7"]
    assert env["QUERY_STRING"] == "q=1&p=2"
    static, version, _ = regex_url_in(request, {"PATH_INFO": "/welcome/static/_1.2.3/a.css"})
    assert static.endswith("static/a.css")
    assert version == "1.2.3"


def test_rewr_06_try_redirect_on_error(site):
    """REWR-06, ERR-01"""
    load(data=ONERROR)
    request = Storage(application="shop", env=Storage(request_uri="/shop/x"), url="/shop/x")
    answer = try_redirect_on_error(HTTP(403), request)
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/shop/default/login?code=403")
    fine = HTTP(200)
    assert try_redirect_on_error(fine, request) is fine


@pytest.mark.parametrize("name", ["routes.parametric.example.py", "routes.patterns.example.py"])
def test_conf_05_example_files_pass_their_doctests_and_load(site, make_app, name):
    """CONF-05, REWR-06, REWR-PAT-14"""
    for app in ("init", "shop", "blog"):
        make_app(site, app, ("default", "appadmin", "news"))
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert RouteTable.load(site).plain, "nothing is active before the file is copied"
    write_routes(site, text)
    router = Router(site)
    assert router.last_error is None
    set_site_root(site)
    module = types.ModuleType("routes")
    exec(compile(text, name, "exec"), vars(module))
    (found,) = [
        test for test in doctest.DocTestFinder().find(module._examples, module=False) if test.examples
    ]
    assert doctest.DocTestRunner().run(found).failed == 0


def test_static_07_front_server_expression():
    """STATIC-07"""
    pattern = re.compile(r"^/([^/]+)/static/(?:_\d+\.\d+\.\d+/)?(.*)$")
    assert pattern.match("/a/static/_1.2.3/x/y.css").groups() == ("a", "x/y.css")
    assert pattern.match("/a/static/x/y.css").groups() == ("a", "x/y.css")
    assert pattern.match("/a/static/_1.2/y.css").groups() == ("a", "_1.2/y.css")


def test_route_tester_action(site):
    """REWR-06"""
    write_routes(
        site,
        "routes_in = [('/s/$n', '/welcome/default/f/$n?q=1')]\nroutes_out = [('/welcome/default/f/$n', '/s/$n')]",
    )
    trial = try_route(site, "/s/7?p=2")
    assert (trial.application, trial.controller, trial.function) == ("welcome", "default", "f")
    assert trial.args == ["7"]
    assert trial.vars == {"q": ["1"], "p": ["2"]}
    assert trial.rule == "/s/$n"
    assert trial.reverse == "/s/7?q=1&p=2"
    assert any("rule /s/$n matched" in step for step in trial.steps)
    assert json.loads(json.dumps(trial.as_json()))["function"] == "f"


def test_route_tester_other_outcomes(site):
    """REWR-06, REWR-04"""
    trial = try_route(site, "http://x.com/welcome/static/_1.2.3/a.css")
    assert trial.static_file == str(site / "applications/welcome/static/a.css")
    assert trial.static_exists is False
    assert trial.reverse == "/welcome/static/a.css"
    assert try_route(site, "/nosuch").refusal.startswith("404: unknown application")
    assert try_route(site, "/a/b/c/..").refusal.startswith("400")
    assert "neither http" in try_route(site, "ftp://x/y").refusal
    write_routes(site, "routes_in = [('.*:http://o.com:post /x', '301->http://n.com/')]")
    assert try_route(site, "/x", "POST", "o.com").redirect == (301, "http://n.com/")
    assert try_route(site, "/x", "GET", "o.com").redirect is None
    write_routes(site, "x y")
    assert "line 1" in try_route(site, "/").refusal


def test_rewr_06_documented_import_path(site):
    """REWR-06"""
    code = (
        "from gluon.rewrite import load, filter_url; load(data=''); print(filter_url('http://d.com/a/b/c/x'))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=site, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert out.stdout.strip() == "/a/b/c ['x']", out.stderr


def rows(trial, group):
    return [(rule.pattern, rule.result, rule.made) for rule in trial.rules if rule.group == group]


def test_route_tester_lists_the_rules_with_their_results(site):
    """REWR-06, AP-21: which pattern matched, which did not, which was not reached; in and out, with line."""
    write_routes(
        site,
        "routes_in = [\n ('/about', '/welcome/default/about'),\n ('/s/$n', '/welcome/default/f/$n'),\n"
        " ('/$anything', '/welcome/$anything')]\n"
        "routes_out = [('/welcome/default/g', '/g'), ('/welcome/default/f/$n', '/s/$n')]\n",
    )
    trial = try_route(site, "/s/7?p=2")
    assert rows(trial, "routes_in") == [
        ("/about", "does not match", ""),
        ("/s/$n", "matched", "/welcome/default/f/7"),
        ("/$anything", "not tried", ""),
    ]
    assert rows(trial, "routes_out") == [
        ("/welcome/default/g", "does not match", ""),
        ("/welcome/default/f/$n", "matched", "/s/7"),
    ]
    assert [rule.line for rule in trial.rules] == [2, 3, 4, 5, 5]
    assert {rule.file for rule in trial.rules} == {"routes.py"}
    assert json.loads(json.dumps(trial.as_json()))["rules"][1]["target"] == "/welcome/default/f/$n"
    write_routes(site, "routes_in = [('.*:http://o.com:post /x', '301->http://n.com/')]")
    assert rows(try_route(site, "/x", "POST", "o.com"), "routes_in")[0][1:] == (
        "matched",
        "301 http://n.com/",
    )
    assert rows(try_route(site, "/x", "GET", "o.com"), "routes_in")[0][1] == "does not match"


def test_route_tester_lists_rules_of_an_application(site):
    """REWR-06, AP-21: routes_app first, then the rules of the file it leads to."""
    write_routes(site, "routes_app = [('/$app/$anything', '$app')]\nroutes_in = [('/a', '/b')]\n")
    (site / "applications/welcome/routes.py").write_text(
        "routes_in = [('/welcome/x', '/welcome/default/f')]\n"
    )
    trial = try_route(site, "/welcome/x")
    assert rows(trial, "routes_app") == [("/$app/$anything", "matched", "welcome")]
    assert rows(trial, "routes_in") == [("/welcome/x", "matched", "/welcome/default/f")]
    assert trial.rules[1].file == "applications/welcome/routes.py"


def test_route_tester_lists_routers(site):
    """REWR-06, AP-21: the entries that an address is read with."""
    write_routes(site, "routers = {\n 'BASE': {'default_application': 'welcome'},\n 'other': {}}\n")
    found = [(rule.pattern, rule.result, rule.line) for rule in try_route(site, "/default/f").rules]
    assert found == [("BASE", "matched", 2), ("other", "does not match", 3)]
    assert try_route(site, "/default/f").rules[0].target == "default_application = 'welcome'"
