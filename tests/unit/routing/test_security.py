"""Hostile addresses, hosts and patterns (SEC)."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.routing import BadRequest, NotFound, Redirect, RouteError, RouteTable
from runtime.routing.regex_guard import MAX_PATH, UnsafePattern, compile_guarded

KINDS = {
    "plain": "",
    "pattern": "routes_in = [('/s/$anything', '/welcome/static/$anything'), ('/r/$anything', '303->/x/$anything')]",
    "parametric": "routers = dict(BASE=dict(default_application='welcome'), welcome=dict(languages=['en','it']))",
    "open": "routers = dict(BASE=dict(default_application='welcome', file_match=r'.*', args_match=r'.*'))",
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "path",
    [
        "/welcome/static/../models/db.py",
        "/welcome/static/a/../../models/db.py",
        "/welcome/static/..",
        "/welcome/static/./a",
        "/welcome/static//etc/passwd",
        "/welcome/static/a\\..\\..\\models",
        "/welcome/static/C:/windows",
        "/welcome/static/a\0.css",
        "/welcome/static/_1.2.3/../../models/db.py",
        "/welcome/default/f/a\0b",
        "/welcome/default/f\r\nX: y",
        "/welcome/default/f/..",
        "/welcome/default/f/../../x",
        "/../welcome",
        "/..",
        "/welcome/default/f/\xff",
        "/welcome/default/" + "f" * (MAX_PATH + 1),
    ],
)
def test_val_01_hostile_paths_are_refused(site, kind, path):
    """VAL-01, SEC"""
    with pytest.raises((BadRequest, NotFound)):
        RouteTable.from_source(site, KINDS[kind]).map_in({"PATH_INFO": path})


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(st.sampled_from(
    ["/", "..", ".", "static", "welcome", "it", "s", "_1.2.3", "\\", "%2e%2e", "%2f", "\0", ":", "C:", "a", "é", "~", " "]
), max_size=14).map("".join))  # fmt: skip
def test_val_01_no_path_reaches_outside_static(site, kind, path):
    """VAL-01, SEC"""
    table = RouteTable.from_source(site, KINDS[kind])
    try:
        target = table.map_in({"PATH_INFO": "/" + path.encode().decode("latin-1")})
    except (BadRequest, NotFound):
        return
    if isinstance(target, Redirect):
        assert target.location.startswith("/x/")
        return
    if target.static_file is not None:
        folder = os.path.join(os.path.realpath(site), "applications", target.application, "static")
        assert (os.path.realpath(target.static_file) + "/").startswith(folder + "/")
    assert ".." not in [target.application, target.controller, target.function, *target.args]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(max_size=80), host=st.text(max_size=40))
def test_val_01_arbitrary_text_never_breaks_the_router(site, path, host):
    """VAL-01, SEC"""
    for source in KINDS.values():
        try:
            RouteTable.from_source(site, source).map_in(
                {"PATH_INFO": path.encode("utf-8", "surrogatepass").decode("latin-1"), "HTTP_HOST": host}
            )
        except (BadRequest, NotFound):
            pass


@pytest.mark.parametrize("kind", ["plain", "parametric"])
def test_val_01_links_leaving_the_application_are_refused(site, tmp_path_factory, kind):
    """VAL-01, SEC"""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("x")
    static = site / "applications/welcome/static"
    (static / "out").symlink_to(outside)
    (static / "real.txt").write_text("y")
    (static / "in.txt").symlink_to("real.txt")
    table = RouteTable.from_source(site, KINDS[kind])
    with pytest.raises(BadRequest):
        table.map_in({"PATH_INFO": "/welcome/static/out/secret"})
    assert table.map_in({"PATH_INFO": "/welcome/static/in.txt"}).static_file == str(static / "in.txt")


@pytest.mark.parametrize(
    ("link", "to", "asked"),
    [
        ("static/a/b/out", "..", "a/b/out/secret"),
        ("static/secret.txt", "../outside/secret", "secret.txt"),
        ("static/sibling", "applications/welcome2", "sibling/secret"),
        ("static/a/missing", "../outside/none", "a/missing"),
        ("static", "../outside", "secret"),
    ],
)
def test_val_01_links_out_are_refused_at_every_depth(site, tmp_path_factory, link, to, asked):
    """VAL-01, SEC: also to a neighbour whose name begins alike, and a static folder that is a link itself."""
    app = site / "applications/welcome"
    (site / "applications/welcome2").mkdir()
    (app / "static/a/b").mkdir(parents=True)
    if link == "static":
        (app / "static").rename(app / "static_before")
    (app / link).symlink_to(tmp_path_factory.mktemp("outside") if "outside" in to else (site / to).resolve())
    with pytest.raises(BadRequest):
        RouteTable(site).map_in({"PATH_INFO": f"/welcome/static/{asked}"})


def test_val_01_links_inside_an_application_and_applications_that_are_links_are_served(
    site, tmp_path_factory
):
    """VAL-01: what counts is where the application really lies."""
    real = tmp_path_factory.mktemp("apps") / "elsewhere"
    (real / "static/css").mkdir(parents=True)
    (real / "shared").mkdir()
    (real / "static/shared").symlink_to("../shared")
    (site / "applications/linked").symlink_to(real)
    table = RouteTable(site)
    for file in ("css/a.css", "shared/logo.png", "none/none.css"):
        found = table.map_in({"PATH_INFO": f"/linked/static/{file}"}).static_file
        assert found == str(site / "applications/linked/static" / file)


def test_val_01_double_encoding_is_never_decoded_twice(site):
    """VAL-01, SEC"""
    target = RouteTable(site).map_in({"PATH_INFO": "/welcome/static/%2e%2e/%2e%2e/models"})
    assert target.static_file == str(site / "applications/welcome/static/%2e%2e/%2e%2e/models")


@pytest.mark.parametrize("tail", ["//evil.com/", "/\\evil.com", "a\r\nSet-Cookie: x=1", "a b", "é"])
def test_rewr_pat_08_redirect_cannot_be_bent(site, tail):
    """REWR-PAT-08, SEC"""
    source = (
        r"routes_in = [('/old$anything', '301->/$anything'), ('/o/$anything', '301->http://a.com/$anything')]"
    )
    try:
        source = source.replace("'301->/$anything'", "'301->/new$anything'")
        table = RouteTable.from_source(site, source)
        found = table.map_in({"PATH_INFO": "/o/" + tail.encode().decode("latin-1")})
    except BadRequest:
        return
    assert found.location.startswith("http://a.com/")
    assert found.location.isascii()
    assert "\r" not in found.location
    assert "\n" not in found.location
    assert " " not in found.location


def test_rewr_pat_08_line_ends_in_a_template_are_dropped(site):
    """REWR-PAT-08, SEC"""
    table = RouteTable.from_source(site, "routes_in = [('/r', '303->http://a.com/\\r\\nX: y')]")
    assert table.map_in({"PATH_INFO": "/r"}).location == "http://a.com/X:y"


def test_rewr_pat_08_slashes_do_not_become_a_host(site):
    """REWR-PAT-08, SEC"""
    table = RouteTable.from_source(site, "routes_in = [('/r/$anything', '303->/$anything')]")
    assert table.map_in({"PATH_INFO": "/r//evil.com/x"}).location == "/evil.com/x"


@pytest.mark.parametrize(
    "host", ["evil\r\nX: y", "a" * 400, "x:99999999", "x:0", "a..b", "[::1", "<script>", "a/b", ""]
)
def test_absurd_hosts_are_ignored(site, host):
    """SEC, REWR-PARAM-05"""
    table = RouteTable.from_source(
        site, "routers = dict(BASE=dict(default_application='welcome', domains={'x.com': 'admin'}))"
    )
    assert table.map_in({"PATH_INFO": "/f", "HTTP_HOST": host}).application == "welcome"


@pytest.mark.parametrize(
    "pattern",
    [r"(\w+)*$", r"(a+b?)+", r"(a|ab)*c", r"(.*)*x", r"((\d+)-?)+z", r"(\s*\w*)*;", r"(?:a?a+)+b", r".*a.*b.*c.*d",
     r"(x+x+)+y", "(", r"(\w|\d\w)+$"],
)  # fmt: skip
def test_sec_endless_patterns_are_refused(pattern):
    """SEC"""
    with pytest.raises(UnsafePattern):
        compile_guarded(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"(/\w+)+", r"([\w-]+\.)+com", r".*:https?://(.*\.)?domain1.com", r"/(?P<a>\w+)/(?P<rest>.*)",
     r"([-+=@$%\w]|(?<=[-+=@$%\w])[./])*$", r"([\w@ -]|(?<=[\w@ -])[.=])*$", r"(\d{1,3}\.){3}\d{1,3}",
     r"/(?P<app>welcome|admin|examples)\b.*", r".*\.php", r"\d+"],
)  # fmt: skip
def test_sec_ordinary_patterns_are_accepted(pattern):
    """SEC"""
    assert compile_guarded(pattern).pattern == pattern


def test_sec_refusal_names_the_rule(site):
    """SEC, REWR-04"""
    with pytest.raises(RouteError, match=r"routes_in.*endless"):
        RouteTable.from_source(site, r"routes_in = [(r'/(\w+)*x', '/a')]")
