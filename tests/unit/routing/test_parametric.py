"""The parametric router."""

from __future__ import annotations

import pytest

from runtime.foundation.http import HTTP
from runtime.routing import URL, RouteError, RouteTable
from runtime.routing.testing import filter_url, load, map_url_out


def into(path, host="domain.com", scheme="http"):
    return filter_url(f"{scheme}://{host}{path}")


def outof(path, **options):
    return filter_url(f"http://domain.com{path}", out=True, **options)


def refused(path, host="domain.com"):
    with pytest.raises(HTTP) as caught:
        into(path, host)
    return caught.value


def static(site, path):
    return str(site / "applications" / path)


def test_rewr_param_01_application_file_overrides_base(site):
    """REWR-PARAM-01"""
    (site / "applications" / "examples" / "routes.py").write_text(
        "routers = dict(examples=dict(default_function='start'))"
    )
    load(rdict={"BASE": {"default_function": "base"}, "welcome": {"default_function": "entry"}})
    assert into("/examples") == "/examples/default/start"
    assert into("/welcome") == "/welcome/default/entry"
    assert into("/admin") == "/admin/default/base"


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("", "/welcome/default/index"),
        ("/", "/welcome/default/index"),
        ("/welcome", "/welcome/default/index"),
        ("/abc", "/welcome/default/abc"),
        ("/index/abc", "/welcome/default/index ['abc']"),
        ("/abc/def", "/welcome/default/abc ['def']"),
        ("/appadmin", "/welcome/appadmin/index"),
        ("/abc.json?x=1", "/welcome/default/abc.json ?x=1"),
    ],
)
def test_rewr_param_02_default_application_in(site, path, goal):
    """REWR-PARAM-02, DISP-13, APP-3"""
    load(rdict={"BASE": {"default_application": "welcome"}})
    assert into(path) == goal


@pytest.mark.parametrize(
    ("path", "short"),
    [
        ("/welcome/default/index", "/"),
        ("/welcome/default/index/arg1", "/index/arg1"),
        ("/welcome/default/fcn", "/fcn"),
        ("/welcome/ctr/fcn", "/ctr/fcn"),
        ("/welcome/appadmin/index", "/appadmin"),
        ("/welcome/appadmin/abc", "/appadmin/abc"),
        # names that would be misread keep their prefix (REWR-PARAM-03)
        ("/welcome/default/admin", "/default/admin"),
        ("/welcome/admin/index", "/welcome/admin"),
        ("/welcome/admin/abc", "/welcome/admin/abc"),
        ("/welcome/default/other", "/default/other"),
        # other applications (REWR-PARAM-04)
        ("/admin/default/abc", "/admin/abc"),
        ("/admin/shell/index", "/admin/shell"),
        ("/welcome/static/abc", "/welcome/static/abc"),
    ],
)
def test_rewr_param_02_03_04_shortened_out_and_read_back(site, path, short):
    """REWR-PARAM-02, REWR-PARAM-03, REWR-PARAM-04, REWR-01"""
    load(rdict={"BASE": {"default_application": "welcome"}})
    assert outof(path) == short


def test_rewr_param_03_function_and_controller_named_like_their_application(site, make_app):
    """REWR-PARAM-03"""
    make_app(site, "myapp", ("default", "myapp"))
    load(rdict={"BASE": {"default_application": "myapp"}})
    for function, controller in (("myapp", "default"), ("index", "myapp"), ("f", "myapp")):
        url = URL("myapp", controller, function)
        assert into(url) == f"/myapp/{controller}/{function}"


def test_rewr_param_04_other_application_loses_its_controller(site, make_app):
    """REWR-PARAM-04"""
    make_app(site, "myapp2")
    load(rdict={"BASE": {"default_application": "welcome"}})
    assert URL("myapp2", "default", "f") == "/myapp2/f"


DOMAINS = {
    "BASE": {
        "domains": {
            "domain1.com": "app1",
            "www.domain1.com": "app1",
            "domain2.com": "app2a",
            "domain2.com:8080": "app2b",
            "domain3a.com": "app3/c3a",
            "domain3b.com": "app3/c3b",
            "domain4.com": "app4/c4/f4a",
            "domain6.com:80": "app6/insecure",
            "domain6.com:443": "app6/secure",
        }
    },
    "app1": {"default_controller": "c1", "default_function": "f1", "controllers": ["c1"]},
    "app2a": {"default_controller": "c2a", "default_function": "f2a", "controllers": ["c2a"]},
    "app2b": {"default_controller": "c2b", "default_function": "f2b", "controllers": ["c2b"]},
    "app3": {"controllers": ["c3a", "c3b"]},
    "app4": {"default_controller": "c4", "controllers": ["c4"]},
    "app5": {"default_controller": "c5", "controllers": ["c5"], "domain": "localhost"},
    "app6": {"controllers": ["secure", "insecure"]},
}


@pytest.mark.parametrize(
    ("scheme", "host", "path", "goal"),
    [
        ("http", "domain1.com", "/", "/app1/c1/f1"),
        ("http", "DOMAIN1.com", "/abc", "/app1/c1/abc"),
        ("http", "www.domain1.com", "/c1/abc.css", "/app1/c1/abc.css"),
        ("http", "domain2.com", "/app1", "/app2a/c2a/app1"),
        ("http", "domain2.com:8080", "/abc", "/app2b/c2b/abc"),
        ("http", "domain3a.com", "/", "/app3/c3a/index"),
        ("http", "domain3a.com", "/c3b", "/app3/c3b/index"),
        ("http", "domain3b.com", "/abc", "/app3/c3b/abc"),
        ("http", "domain4.com", "", "/app4/c4/f4a"),
        ("http", "domain6.com", "/", "/app6/insecure/index"),
        ("https", "domain6.com", "/", "/app6/secure/index"),
        ("http", "localhost", "/abc", "/app5/c5/abc"),
        ("http", "", "/abc", "/app5/c5/abc"),
    ],
)
def test_rewr_param_05_06_07_domains(site, scheme, host, path, goal):
    """REWR-PARAM-05, REWR-PARAM-06, REWR-PARAM-07"""
    load(rdict=DOMAINS)
    assert into(path, host, scheme) == goal


def test_rewr_param_05_outgoing_on_a_domain(site):
    """REWR-PARAM-05"""
    load(rdict=DOMAINS)
    assert outof("/app2a/c2a/f2a", domain=("app2a", None)) == "/"
    assert outof("/app2a/c2a/fcn", domain=("app2a", None)) == "/fcn"
    assert outof("/app2a/ctr/fcn", domain=("app2b", None)) == "/app2a/ctr/fcn"
    assert outof("/app2a/c2a/f2a", domain=("app2b", None)) == "/app2a"
    assert outof("/app3/c3a/fcn", domain=("app3", "c3a")) == "/fcn"
    assert outof("/app3/c3a/fcn", domain=("app3", "c3b")) == "/c3a/fcn"


def test_rewr_param_05_unknown_application_of_a_domain_is_named(site):
    """REWR-PARAM-05"""
    with pytest.raises(RouteError, match="unknown application 'nosuch'"):
        load(rdict={"BASE": {"domains": {"d.com": "nosuch"}}})


def test_rewr_param_07_exclusive_domain(site):
    """REWR-PARAM-07"""
    routers = {"BASE": {"domains": {"ad.com": "admin"}}, "admin": {"exclusive_domain": True}}
    load(rdict=routers)
    env = {"http_host": "ad.com", "wsgi_url_scheme": "http"}
    with pytest.raises(SyntaxError, match="host="):
        URL("welcome", "c", "f", env=env)
    assert URL("welcome", "c", "f", env=env, host="x.com") == "http://x.com/welcome/c/f"
    assert URL("welcome", "c", "f", env=env, host=True) == "http://ad.com/welcome/c/f"
    assert URL("admin", "default", "index", env=env) == "/"


LANGUAGES = {
    "BASE": {"default_application": "admin"},
    "admin": {
        "controllers": ["default", "ctr"],
        "languages": ["en", "it", "it-it"],
        "default_language": "en",
    },
    "examples": {"languages": ["en", "it", "it-it"], "default_language": "en"},
}


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("/index/abc", "/admin/default/index ['abc'] (en)"),
        ("/en/abc/def", "/admin/default/abc ['def'] (en)"),
        ("/it/abc/def", "/admin/default/abc ['def'] (it)"),
        ("/it-it/abc", "/admin/default/abc (it-it)"),
        ("/it", "/admin/default/index (it)"),
    ],
)
def test_rewr_param_08_language_in(site, path, goal):
    """REWR-PARAM-08"""
    load(rdict=LANGUAGES)
    assert into(path) == goal


def test_rewr_param_08_language_out(site):
    """REWR-PARAM-08"""
    load(rdict=LANGUAGES)
    assert outof("/admin/ctr/fcn", lang="en") == "/ctr/fcn"
    assert outof("/admin/ctr/fcn", lang="it") == "/it/ctr/fcn"
    assert outof("/welcome/ctr/fcn", lang="it") == "/welcome/ctr/fcn"
    assert URL("admin", "default", "f", language="it") == "/it/f"
    assert URL(r={"application": "admin", "controller": "ctr", "uri_language": "it", "extension": "html",
                  "function": "f", "env": {}}) == "/it/ctr/f"  # fmt: skip


def test_rewr_param_09_language_specific_static_files(site):
    """REWR-PARAM-09"""
    load(rdict=LANGUAGES)
    assert into("/examples/it/static/file") == static(site, "examples/static/it/file")
    assert into("/examples/static/file") == static(site, "examples/static/en/file")
    assert into("/examples/it-it/static/file") == static(site, "examples/static/file")
    assert into("/static/file") == static(site, "admin/static/file")


def test_rewr_param_10_path_prefix(site):
    """REWR-PARAM-10"""
    load(rdict={"BASE": {"default_application": "welcome", "path_prefix": "x/y"}})
    assert into("/x/y/default/f") == "/welcome/default/f"
    assert into("/x/y") == "/welcome/default/index"
    assert into("/x/yz") == "/welcome/default/x ['yz']"
    assert URL("welcome", "default", "f") == "/x/y/f"
    assert URL("welcome", "default", "index", args="a") == "/x/y/index/a"


def test_rewr_param_11_root_files(site):
    """REWR-PARAM-11"""
    load(rdict={"BASE": {"default_application": "welcome", "domains": {"ad.com": "admin"}}})
    for name in ("favicon.ico", "robots.txt", "humans.txt"):
        assert into(f"/{name}") == static(site, f"welcome/static/{name}")
    assert into("/robots.txt", "ad.com") == static(site, "admin/static/robots.txt")
    load(rdict={"BASE": {"default_application": "welcome", "root_static": ["x.txt"]}})
    assert into("/x.txt") == static(site, "welcome/static/x.txt")
    assert into("/robots.txt") == "/welcome/default/robots.txt"


def test_rewr_param_12_applications(site):
    """REWR-PARAM-12"""
    load(rdict={"BASE": {"default_application": "welcome", "applications": None}})
    assert outof("/welcome/default/f") == "/welcome/f"
    assert outof("/welcome/default/index") == "/welcome"
    assert into("/") == "/welcome/default/index"
    load(rdict={"BASE": {"default_application": "welcome", "applications": ["welcome"]}})
    assert into("/admin") == "/welcome/admin/index"
    assert outof("/welcome/default/f") == "/f"


def test_rewr_param_13_controllers(site):
    """REWR-PARAM-13"""
    load(rdict={"BASE": {"default_application": "welcome"}, "welcome": {"controllers": None}})
    assert outof("/welcome/default/f") == "/default/f"
    assert outof("/welcome/default/index") == "/default"
    assert into("/abc") == "/welcome/abc/index"
    assert into("/abc/def/ghi") == "/welcome/abc/def ['ghi']"
    load(rdict={"BASE": {"default_application": "welcome"}, "welcome": {"controllers": ["shop"]}})
    assert into("/shop/x") == "/welcome/shop/x"
    assert into("/other/x") == "/welcome/default/other ['x']"


def test_rewr_param_14_default_controller_and_function(site):
    """REWR-PARAM-14"""
    app = {
        "default_controller": "shop",
        "controllers": ["shop", "news"],
        "default_function": {"shop": "list"},
    }
    load(rdict={"BASE": {"default_application": "welcome"}, "welcome": app})
    assert into("/") == "/welcome/shop/list"
    assert into("/shop") == "/welcome/shop/list"
    assert into("/news") == "/welcome/news/index"
    assert outof("/welcome/shop/list") == "/"
    assert outof("/welcome/news/index") == "/news"


FUNCTIONS = {
    "BASE": {"applications": ["init", "app"], "default_application": "app"},
    "app": {
        "controllers": ["default", "ctr"],
        "functions": {"default": ["index", "user"], "ctr": ["c1", "c2"]},
        "default_function": {"default": "index", "ctr": "c1"},
    },
}


@pytest.mark.parametrize(
    ("controller", "function", "args", "short"),
    [
        ("default", "index", ["arg1"], "/arg1"),
        ("default", "user", ["arg1"], "/user/arg1"),
        ("default", "index", ["user"], "/index/user"),
        ("default", "index", ["init"], "/index/init"),
        ("default", "index", ["ctr"], "/index/ctr"),
        ("default", "index", ["user.x"], "/index/user.x"),
        ("default", "index", ["robots.txt"], "/index/robots.txt"),
        ("default", "index", ["static", "x"], "/index/static/x"),
        ("default", "index", ["", "x"], "/index//x"),
        ("ctr", "c1", ["arg"], "/ctr/arg"),
        ("ctr", "c1", ["c2"], "/ctr/c1/c2"),
    ],
)
def test_rewr_param_15_functions(site, controller, function, args, short):
    """REWR-PARAM-15"""
    load(rdict=FUNCTIONS)
    assert URL("app", controller, function, args=args) == short
    assert into(short) == f"/app/{controller}/{function} {args}"


def test_rewr_param_15_in(site):
    """REWR-PARAM-15"""
    load(rdict={"BASE": {"default_application": "welcome"}, "welcome": {"functions": ["index", "f"]}})
    assert into("/x") == "/welcome/default/index ['x']"
    assert into("/f") == "/welcome/default/f"


def test_rewr_param_16_map_hyphen(site, make_app):
    """REWR-PARAM-16"""
    make_app(site, "my_app", ("default", "a_b"))
    load(rdict={"BASE": {"map_hyphen": True}})
    assert into("/my-app/my-f") == "/my_app/default/my_f"
    assert into("/my-app/a-b/my-f/x-y") == "/my_app/a_b/my_f ['x-y']"
    assert URL("my_app", "a_b", "my_f", args="x_y") == "/my-app/a-b/my-f/x_y"
    assert URL("my_app", "static", "a_b.css") == "/my-app/static/a_b.css"
    load(rdict={})
    assert URL("my_app", "default", "my_f") == "/my_app/my_f"
    assert refused("/my_app/my-f").status == 400


def test_rewr_param_17_map_static(site):
    """REWR-PARAM-17"""
    load(rdict={"BASE": {"default_application": "welcome"}})
    assert URL("welcome", "static", "a.css") == "/welcome/static/a.css"
    load(rdict={"BASE": {"default_application": "welcome", "map_static": True}})
    assert URL("welcome", "static", "a.css") == "/static/a.css"
    assert into("/static/a.css") == static(site, "welcome/static/a.css")
    routers = {"BASE": {"map_static": False}, "welcome": {"languages": ["it"], "default_language": "en"}}
    load(rdict=routers)
    assert URL("welcome", "static", "a.css", language="it") == "/welcome/static/it/a.css"
    routers["BASE"]["map_static"] = None
    load(rdict=routers)
    assert URL("welcome", "static", "a.css", language="it") == "/welcome/it/static/a.css"


def test_rewr_param_18_names_are_read_at_their_place(site, make_app):
    """REWR-PARAM-18"""
    make_app(site, "lang", ("default", "it"))
    load(
        rdict={
            "BASE": {"default_application": "lang"},
            "lang": {"languages": ["it", "en"], "default_language": "en"},
        }
    )
    assert into("/it/x") == "/lang/default/x (it)"
    assert URL("lang", "it", "x") == "/en/it/x"
    assert into("/en/it/x") == "/lang/it/x (en)"


def test_rewr_param_19_wrong_keys_are_named(site):
    """REWR-PARAM-19"""
    with pytest.raises(RouteError, match="unknown key 'badkey'"):
        load(rdict={"BASE": {"badkey": 1}})
    for key in ("default_application", "applications", "domains", "path_prefix"):
        with pytest.raises(RouteError, match=f"BASE-only key '{key}'"):
            load(rdict={"welcome": {key: "x"}})


def test_rewr_param_20_query_and_anchor(site):
    """REWR-PARAM-20"""
    load(rdict={"BASE": {"default_application": "welcome"}})
    assert outof("/welcome/default/f?q#a") == "/f?q#a"
    assert outof("/welcome/default/index#a") == "/#a"
    assert URL("welcome", "default", "index", vars={"q": 1}, anchor="a") == "/?q=1#a"
    assert into("/f?q=%20") == "/welcome/default/f ?q=%20"


def test_rewr_param_21_validation(site):
    """REWR-PARAM-21, VAL-05, AMB-20"""
    load(rdict={"BASE": {"default_application": "welcome"}})
    assert into("/default/f/a%20bc") == "/welcome/default/f ['a bc']"
    assert into("/default/f/a@b.c") == "/welcome/default/f ['a@b.c']"
    for path in ("/default/f/a..b", "/default/f/a!b", "/ctr/f!x", "/default/f.b!d", "/welcome/static/a//b",
                 "/welcome/static/st~tic", "/welcome/static/.x", "/welcome/static/s..x"):  # fmt: skip
        assert refused(path).status == 400, path
    load(
        rdict={
            "BASE": {"default_application": "welcome", "args_match": r"[\w!]*$", "file_match": r"[\w~/]*$"}
        }
    )
    assert into("/default/f/a!b") == "/welcome/default/f ['a!b']"
    assert into("/static/st~tic") == static(site, "welcome/static/st~tic")
    assert refused("/default/f/a%20b").status == 400


def test_rewr_param_21_endless_matcher_is_refused(site):
    """REWR-PARAM-21, SEC"""
    with pytest.raises(RouteError, match=r"args_match.*endless"):
        load(rdict={"BASE": {"args_match": r"(\w+)*$"}})


def test_rewr_param_no_default_application(site):
    """REWR-PARAM-02: without a default application every address names its own."""
    load(rdict={"BASE": {"default_application": None}})
    assert outof("/welcome/default/f") == "/welcome/f"
    assert refused("/").status == 400


def test_app_1_2_3_default_application(site, make_app):
    """APP-1, APP-2, APP-3"""
    table = RouteTable.from_routers(site, {})
    assert table.default_application == "welcome"
    make_app(site, "init")
    assert RouteTable.from_routers(site, {}).default_application == "init"
    assert RouteTable(site).default_application == "init"
    assert (
        RouteTable.from_source(site, "default_application='admin'").map_in({"PATH_INFO": "/"}).application
        == "admin"
    )
    named = RouteTable.from_routers(site, {"BASE": {"default_application": "admin"}})
    assert named.map_in({"PATH_INFO": "/"}).application == "admin"


def test_rewr_06_map_url_out(site):
    """REWR-06"""
    load(rdict={})
    assert map_url_out(None, None, "init", "default", "f", ["arg1", ""], None, None, None, None) == "/f"
    assert map_url_out(None, None, "init", "default", "index", None, None, None, None, None) == "/"


@pytest.mark.parametrize(
    ("path", "args"),
    [
        ("/arg1/", ["arg1"]),
        ("/arg1//", ["arg1", ""]),
        ("//arg1", ["", "arg1"]),
        ("/a//b//", ["a", "", "b", ""]),
    ],
)
def test_url_18_empty_args_survive(site, path, args):
    """URL-18, REWR-PAT-18"""
    for routes in ({"rdict": {"BASE": {"default_application": "welcome"}}}, {"data": ""}):
        load(**routes)
        assert into(f"/welcome/default/f{path}") == f"/welcome/default/f {args}"
        assert into(URL("welcome", "default", "f", args=args)) == f"/welcome/default/f {args}"
