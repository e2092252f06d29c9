"""Pattern rules, and the plain splitting of addresses when there are none."""

from __future__ import annotations

import logging

import pytest

from runtime.foundation.http import HTTP
from runtime.routing import URL, BadRequest, NotFound, Redirect, RouteError, RouteTable
from runtime.routing.patterns import Rule
from runtime.routing.testing import filter_url, load, regex_filter_out


def into(path, host="domain.com", **options):
    return filter_url(f"http://{host}{path}", **options)


def status_of(path, **options):
    with pytest.raises(HTTP) as caught:
        into(path, **options)
    return caught.value


def table(site, source=""):
    return RouteTable.from_source(site, source)


# -- no routes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("", "/welcome/default/index"),
        ("/", "/welcome/default/index"),
        ("/abc", "/abc/default/index"),
        ("/abc/def/", "/abc/def/index"),
        ("/abc/def/ghi.json", "/abc/def/ghi.json"),
        ("/abc/def/ghi.html/x/y/z?p=1&q=2", "/abc/def/ghi ['x', 'y', 'z'] ?p=1&q=2"),
        ("/abc/def/ghi/j%20kl", "/abc/def/ghi ['j_kl']"),
        ("/abc/def/ghi/a.b", "/abc/def/ghi ['a.b']"),
        ("/abc/def/ghi/2026-01-31", "/abc/def/ghi ['2026-01-31']"),
        ("/app/c/f//a", "/app/c/f ['', 'a']"),
    ],
)
def test_disp_01_02_10_val_02_03_plain_addresses(site, path, goal):
    """DISP-01, DISP-02, DISP-10, VAL-02, VAL-03, AMB-20, REWR-PAT-18"""
    load(data="")
    assert into(path) == goal


def test_disp_05_val_06_static_files(site):
    """DISP-05, VAL-06"""
    load(data="")
    base = site / "applications" / "welcome" / "static"
    assert into("/welcome/static/css/a.css") == str(base / "css/a.css")
    assert into("/welcome/static/a-b+c.txt") == str(base / "a-b+c.txt")
    for path in ("a//b.txt", "st~tic", "/x", ".hidden", "a/.b", "a..b"):
        assert status_of(f"/welcome/static/{path}").status == 400


@pytest.mark.parametrize(
    "path",
    [
        "/myapp/de$fault/f",
        "/myapp/default/f/a..b",
        "/myapp/default/f/a!b",
        "/my-app",
        "/a/b/c.d.e",
        "//a/b",
        "/a/b/c-d",
    ],
)
def test_val_04_invalid_syntax_is_400(site, path):
    """VAL-04, VAL-02"""
    load(data="")
    assert status_of(path).status == 400


def test_val_07_raw_applications(site):
    """VAL-07"""
    environ = {"PATH_INFO": "/welcome/default/f/é..x".encode().decode("latin-1")}
    with pytest.raises(BadRequest):
        table(site).map_in(environ)
    target = table(site, "routes_apps_raw = ['welcome']").map_in(environ)
    assert target.function == "f"
    assert target.raw_args == "é..x"
    routers = "routers = dict(BASE=dict(default_application='welcome'))\n"
    with pytest.raises(BadRequest):
        table(site, routers).map_in(environ)
    assert table(site, routers + "routes_apps_raw = ['welcome']").map_in(environ).raw_args == "é..x"


def test_disp_12_unknown_application(site):
    """DISP-12"""
    with pytest.raises(NotFound) as caught:
        table(site).map_in({"PATH_INFO": "/nosuch"})
    assert caught.value.kind == "application"
    assert "nosuch" in str(caught.value)


def test_disp_12_an_application_installed_later_is_found_at_once(site, make_app):
    """DISP-12"""
    routes = table(site)
    with pytest.raises(NotFound):
        routes.map_in({"PATH_INFO": "/later"})
    make_app(site, "later")
    assert routes.map_in({"PATH_INFO": "/later"}).application == "later"


def test_app_2_link_named_init(site):
    """APP-2"""
    (site / "applications" / "init").symlink_to("examples")
    assert table(site).map_in({"PATH_INFO": "/"}).application == "init"


def test_app_2_rewriting(site):
    """APP-2"""
    target = table(site, "routes_in = [('/', '/examples/default/index')]").map_in({"PATH_INFO": "/"})
    assert target.application == "examples"


# -- rules -------------------------------------------------------------------------------------


def test_rewr_pat_01_in_and_out(site):
    """REWR-PAT-01, REWR-01"""
    load(
        data="routes_in = (('/testme', '/examples/default/index'),)\n"
        "routes_out = [('/examples/default/index', '/testme')]"
    )
    assert into("/testme") == "/examples/default/index"
    assert into("/testme/") == "/examples/default/index"
    assert URL("examples", "default", "index") == "/testme"
    assert URL("examples", "default", "index", vars={"a": 1}, anchor="x") == "/testme?a=1#x"
    assert regex_filter_out("/examples/default/index") == "/testme"


def test_rewr_pat_02_whole_text(site):
    """REWR-PAT-02"""
    load(data=r"routes_in = [(r'.*\.php', '/init/default/php'), (r'/x(?P<n>\d+)', r'/init/default/n/\g<n>')]")
    assert into("/a/b.php") == "/init/default/php"
    assert into("/a/b/phpx") == "/a/b/phpx"
    assert into("/x12") == "/init/default/n ['12']"
    assert into("/x12a") == "/x12a/default/index"


LEGACY = r"""
routes_in = [(r'10\.0\.\d+\.\d+:https?://old\.example\.com:post /(?P<page>.*)\.php', r'/test/default/legacy?page=\g<page>')]
"""


def test_rewr_pat_03_04_07_general_form(site):
    """REWR-PAT-03, REWR-PAT-04, REWR-PAT-07"""
    load(data=LEGACY)
    options = {"host": "old.example.com", "method": "post", "remote": "10.0.1.2"}
    assert into("/a/b.php", **options) == "/test/default/legacy ?page=a/b"
    assert into("/a/b.php?x=1", **options) == "/test/default/legacy ?page=a/b&x=1"
    assert into("/a&admin=1.php", **options) == "/test/default/legacy ?page=a%26admin%3D1"
    for other in ({"host": "oldxexample.com"}, {"method": "get"}, {"remote": "10.1.1.2"}):
        assert status_of("/a/b.php", **(options | other)).status == 400


def test_rewr_pat_04_amb_21_upper_case_method_is_warned_about(site, caplog):
    """REWR-PAT-04, AMB-21"""
    with caplog.at_level(logging.WARNING, "web2py.rewrite"):
        load(data="routes_in = [('.*:https?://x:POST /a', '/init/default/a')]")
    assert "upper-case method" in caplog.text
    assert into("/a", host="x", method="post") == "/a/default/index"


def test_rewr_pat_05_default_prefix():
    """REWR-PAT-05"""
    assert Rule("/x", "/y").compiled == "^.*?:https?://[^:/]+:[a-z]+ /x$"


def test_rewr_pat_06_escapes_are_decoded_first(site):
    """REWR-PAT-06"""
    load(data="routes_in = [('/a b', '/init/default/blank')]")
    assert into("/a%20b") == "/init/default/blank"


@pytest.mark.parametrize("status", [301, 303])
def test_rewr_pat_08_redirect(site, status):
    """REWR-PAT-08"""
    routes = table(site, f"routes_in = [(r'.*\\.php', '{status}->http://example.com/newpage')]")
    found = routes.map_in({"PATH_INFO": "/x.php"})
    assert isinstance(found, Redirect)
    assert (found.status, found.location) == (status, "http://example.com/newpage")


def test_rewr_pat_08_refused_templates(site):
    """REWR-PAT-08, SEC: neither host nor scheme of a redirect comes from the path."""
    for template in (r"303->\g<x>", r"303->http://\g<x>", r"303->http://a.com\g<x>", r"303->//\g<x>/"):
        with pytest.raises(RouteError, match=r"redirect"):
            table(site, f"routes_in = [('/(?P<x>.*)', r'{template}')]")
    with pytest.raises(RouteError, match="status 200"):
        table(site, "routes_in = [('/a', '200->http://a.com/')]")


def test_rewr_pat_08_host_captured_from_the_head_may_be_used(site):
    """REWR-PAT-08"""
    source = r"routes_in = [(r'.*:http://(?P<h>.*):$m /$anything', r'301->https://\g<h>/\g<anything>')]"
    found = table(site, source).map_in(
        {"PATH_INFO": "/a b", "HTTP_HOST": "x.com:8000", "REQUEST_METHOD": "GET"}
    )
    assert found.location == "https://x.com/a%20b"


PREFIX = r"""
routes_in = [('/(?P<any>.*)', r'/init/\g<any>')]
routes_out = [('/init/(?P<any>.*)', r'/\g<any>')]
"""


def test_rewr_pat_09_application_prefix_removed(site):
    """REWR-PAT-09, REWR-01"""
    load(data=PREFIX)
    assert into("/default/f") == "/init/default/f"
    assert URL("init", "default", "f") == "/default/f"
    assert into(URL("init", "default", "f", args="a")) == "/init/default/f ['a']"


def test_rewr_pat_10_11_12_short_notation(site):
    """REWR-PAT-10, REWR-PAT-11, REWR-PAT-12"""
    load(
        data="routes_in = [('/static/$anything', '/examples/static/$anything'), ('/$c/$f', '/init/$c/$f')]\n"
        "routes_out = [(x, y) for (y, x) in routes_in]"
    )
    assert into("/c1/f1") == "/init/c1/f1"
    assert URL("init", "c1", "f1", vars={"a": 1}) == "/c1/f1?a=1"
    assert into("/static/a/b.css") == str(site / "applications/examples/static/a/b.css")
    assert URL("examples", "static", "a/b.css") == "/static/a/b.css"


def test_rewr_pat_13_first_wins_and_no_match_keeps_the_path(site):
    """REWR-PAT-13"""
    load(
        data="routes_in = [('/a/$x', '/init/default/first'), ('/a/b', '/init/default/second'),"
        "('/.*z', '/init/default/third'), ('/q/z', '/init/default/fourth')]"
    )
    assert into("/a/b") == "/init/default/first"
    assert into("/q/z") == "/init/default/third"
    assert into("/c/d") == "/c/d/index"


ROOT_FILES = r"""
routes_in = [('/favicon.ico', '/examples/static/favicon.ico'), ('/robots.txt', '/examples/static/robots.txt'),
    ('/admin$anything', '/admin$anything'), ('/$a/appadmin/$anything', '/$a/appadmin/$anything'),
    ('/$a/static/$anything', '/$a/static/$anything'), ('/$anything', '/examples/$anything')]
"""


def test_rewr_pat_14_root_files(site):
    """REWR-PAT-14"""
    load(data=ROOT_FILES)
    for name in ("favicon.ico", "robots.txt"):
        assert into(f"/{name}") == str(site / "applications/examples/static" / name)
    assert into("/admin/default/site") == "/admin/default/site"
    assert into("/welcome/appadmin/index") == "/welcome/appadmin/index"
    assert into("/default/f") == "/examples/default/f"


def test_rewr_pat_15_virtual_hosts(site):
    """REWR-PAT-15"""
    load(
        data=r"""routes_in = [(r'.*://one\.com:$m /$anything', '/welcome/$anything'),
        (r'.*://two\.com:$m /$anything', '/examples/$anything'), (r'.*:https://$h:$m /$anything', '/admin/$anything')]"""
    )
    assert into("/default/f", host="one.com") == "/welcome/default/f"
    assert into("/default/f", host="TWO.com:8000") == "/examples/default/f"
    assert filter_url("https://three/default/f") == "/admin/default/f"


def test_rewr_pat_16_routes_app(site):
    """REWR-PAT-16"""
    (site / "applications/examples/routes.py").write_text("default_function = 'exdef'")
    load(
        data=r"routes_app = [(r'/(?P<app>welcome|examples)\b.*', r'\g<app>')]"
        + "\ndefault_function='sitedef'"
    )
    assert into("/welcome") == "/welcome/default/sitedef"
    assert into("/examples") == "/examples/default/exdef"
    assert into("/examples", app=True) == "examples"


def test_rewr_pat_17_disp_13_default_names(site):
    """REWR-PAT-17, DISP-13, APP-3"""
    load(data="default_application='examples'\ndefault_controller='main'\ndefault_function='start'")
    assert into("/") == "/examples/main/start"
    assert into("/welcome") == "/welcome/main/start"


def test_rewr_pat_18_case_and_slashes(site):
    """REWR-PAT-18"""
    load(data="routes_in = [('.*:http://d.com:get /x', '/app/c/x')]")
    assert filter_url("HTTP://D.COM/app/c/f/") == "/app/c/f"
    assert filter_url("HTTP://D.COM/x") == "/app/c/x"
    assert filter_url("http://d.com/app/c/f//a") == "/app/c/f ['', 'a']"


def test_rewr_01_round_trip(site):
    """REWR-01"""
    load(data="routes_in = [('/s/$id', '/shop/item/show/$id')]\nroutes_out = [(b, a) for a, b in routes_in]")
    assert into("/s/7") == "/shop/item/show ['7']"
    assert filter_url("http://d.com/shop/item/show/7", out=True) == "/s/7"


def test_static_02_04_06_version_part(site):
    """STATIC-02, STATIC-04, STATIC-06"""
    base = site / "applications/welcome/static"
    for part in ("_1.2.3", "_0.0.0", "_999.888.888"):
        target = table(site).map_in({"PATH_INFO": f"/welcome/static/{part}/layout.css"})
        assert target.static_file == str(base / "layout.css")
        assert target.static_version == part[1:]
    for part in ("_1.2", "_1.2.3.4", "1.2.3"):
        target = table(site).map_in({"PATH_INFO": f"/welcome/static/{part}/layout.css"})
        assert target.static_file == str(base / part / "layout.css")
        assert target.static_version is None
    assert table(site).map_in({"PATH_INFO": "/welcome/static/a.css"}).static_version is None  # STATIC-01


def test_request_env_after_rewriting(site):
    """REWR-06"""
    load(data="routes_in = [('/index/$anything', '/init/default/index/$anything')]")
    assert into("/index/abc?def", env=True).request_uri == "/init/default/index/abc?def"


def test_rewr_05_logging(site, caplog, capsys):
    """REWR-05"""
    rule = "routes_in = [('/a', '/init/default/a')]\n"
    load(data=rule + "logging = 'debug'")
    with caplog.at_level(logging.DEBUG, "web2py.rewrite"):
        into("/a")
    assert [r.levelname for r in caplog.records] == ["DEBUG"]
    caplog.clear()
    load(data=rule + "logging = 'print'")
    into("/a")
    assert "/a -> /init/default/a" in capsys.readouterr().out
    load(data=rule + "logging = 'off'")
    with caplog.at_level(logging.DEBUG, "web2py.rewrite"):
        into("/a")
    assert not caplog.records
    with pytest.raises(RouteError, match="logging must be one of"):
        load(data="logging = 'loud'")
