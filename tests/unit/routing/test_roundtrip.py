"""Whatever `URL` prints, the router reads back (REWR-01)."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from runtime.routing import URL, BadRequest, RouteTable

APPS = ("admin", "examples", "welcome")
NAMES = (
    "index",
    "default",
    "admin",
    "welcome",
    "examples",
    "other",
    "static_",
    "it",
    "en",
    "f",
    "user",
    "a_b",
    "robots",
)
CONTROLLERS = ("default", "appadmin", "other", "admin", "it", "welcome", "shop")
ARGS = (
    *NAMES,
    "x",
    "",
    "a.b",
    "robots.txt",
    "static",
    "a@b",
    "2026-01-31",
    "index.json",
    "ä",
    "a-b",
    "user.json",
)

CONFIGURATIONS = {
    "null": {},
    "default application": {"BASE": {"default_application": "welcome"}},
    "no default": {"BASE": {"default_application": None}},
    "names kept": {"BASE": {"default_application": "welcome", "applications": None}},
    "no controllers": {"BASE": {"default_application": "welcome"}, "welcome": {"controllers": None}},
    "languages": {
        "BASE": {"default_application": "welcome"},
        "welcome": {"languages": ["en", "it"], "default_language": "en"},
    },
    "functions": {
        "BASE": {"default_application": "welcome"},
        "welcome": {"functions": [n for n in NAMES if n != "x"]},
    },
    "default functions": {"BASE": {"default_function": {"default": "f", "shop": "user"}}},
    "prefix": {"BASE": {"default_application": "welcome", "path_prefix": "default/index"}},
    "hyphens": {"BASE": {"default_application": "welcome", "map_hyphen": True}},
    "map_static": {"BASE": {"default_application": "welcome", "map_static": True}},
    "domains": {
        "BASE": {"domains": {"one.com": "welcome", "one.com:8080": "admin/shop", "two.com": "examples"}}
    },
}


def router_configurations():
    """Random routers."""
    names = st.lists(st.sampled_from(NAMES), max_size=4)
    app = st.fixed_dictionaries(
        {},
        optional={
            "default_controller": st.sampled_from(CONTROLLERS),
            "default_function": st.sampled_from(NAMES),
            "functions": names.map(lambda listed: [*listed, *NAMES]),
            "languages": st.just(["it", "en", "de"]),
            "default_language": st.just("en"),
            "map_hyphen": st.booleans(),
            "map_static": st.sampled_from([None, True]),
            "root_static": st.just(["robots.txt", "x", "it"]),
        },
    )
    base = st.fixed_dictionaries(
        {},
        optional={
            "default_application": st.sampled_from(APPS),
            "applications": st.sampled_from(["ALL", None, list(APPS)]),
            "path_prefix": st.sampled_from(["", "x/y", "default"]),
        },
    )
    return st.fixed_dictionaries({"BASE": base}, optional=dict.fromkeys(APPS, app))


def check(site, routers, application, controller, function, args, extension, language):
    """Print the address and read it back."""
    for name in APPS:
        for one in CONTROLLERS:
            (site / "applications" / name / "controllers" / f"{one}.py").touch()
    table = RouteTable.from_routers(site, routers)
    own = (routers.get(application) or {}).get("languages") or ()
    default = (routers.get(application) or {}).get("default_language")
    language = language if language in own else None
    request = {
        "_routes": table, "application": application, "controller": controller, "function": function,
        "extension": "html", "uri_language": language, "env": {"http_host": "one.com"},
    }  # fmt: skip
    ending = None if extension == "html" else extension
    host = None
    if table.parametric.domains:  # an address of another application needs the host it lives on
        domain = table.parametric.domain_of("one.com", None)
        if domain[0] != application:
            host = "elsewhere.com"
    url = URL(r=request, args=args, extension=ending, host=host)
    path = url.removeprefix("http://elsewhere.com")
    # Without default language an address without one may not exist (REWR-PARAM-18).
    environ = {"PATH_INFO": unquote(path, "latin-1"), "HTTP_HOST": host or "one.com"}
    target = table.map_in(environ)
    assert (target.application, target.controller, target.function) == (application, controller, function), (
        url
    )
    assert target.args == args, url
    assert target.extension == extension, url
    assert target.uri_language == (language or default), url


CASES = {
    "application": st.sampled_from(APPS),
    "controller": st.sampled_from(CONTROLLERS),
    "function": st.sampled_from(NAMES),
    "args": st.lists(st.sampled_from(ARGS), max_size=3),
    "extension": st.sampled_from(["html", "json"]),
    "language": st.sampled_from([None, "en", "it"]),
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**CASES)
def test_rewr_01_parametric_configurations_round_trip(site, name, **case):
    """REWR-01, REWR-PARAM-03, URL-07, URL-18"""
    check(site, CONFIGURATIONS[name], **case)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(routers=router_configurations(), **CASES)
def test_rewr_01_random_configurations_round_trip(site, routers, **case):
    """REWR-01, REWR-PARAM-03, REWR-PARAM-18"""
    for app in APPS:
        entry = routers.get(app) or {}
        assume("languages" not in entry or "default_language" in entry)
    check(site, routers, **case)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    args=st.lists(st.from_regex(r"[\w@-]+([.=][\w@-]+)*", fullmatch=True), max_size=4),
    rules=st.sampled_from(["", "routes_in=[('/$c/$f/$anything','/welcome/$c/$f/$anything'),('/$c/$f','/welcome/$c/$f')]\n"
                           "routes_out=[(b, a) for a, b in routes_in]"]),
)  # fmt: skip
def test_rewr_01_patterns_round_trip(site, args, rules):
    """REWR-01, REWR-PAT-12, URL-07"""
    table = RouteTable.from_source(site, rules)
    request = {"_routes": table, "application": "welcome", "controller": "shop", "function": "f", "extension": "html",
               "env": {}}  # fmt: skip
    target = table.map_in({"PATH_INFO": unquote(URL(r=request, args=args), "latin-1")})
    assert (target.application, target.controller, target.function) == ("welcome", "shop", "f")
    assert target.args == args


def test_rewr_01_an_invalid_arg_is_refused_not_changed(site):
    """REWR-01, VAL-04"""
    table = RouteTable(site)
    with pytest.raises(BadRequest):
        table.map_in({"PATH_INFO": unquote(URL("welcome", "c", "f", args=["a<b"]), "latin-1")})
