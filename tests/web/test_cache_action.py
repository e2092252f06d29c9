"""CACHE-ACT, CACHE-10, CACHE-19: whole pages kept by client and server."""

from __future__ import annotations

import inspect

import pytest

from runtime.cache import Cache
from runtime.cache import ram as ram_module


@pytest.fixture(autouse=True)
def _empty_stores(monkeypatch):
    monkeypatch.setattr(ram_module, "_STORES", {})


@pytest.fixture
def page(site):
    """Return a function that puts an action behind `@cache.action(...)` and gives its visitor."""

    def make(arguments: str, body: str = "return 'page'"):
        site.controller(
            "def count():\n    n = cache.ram.increment('calls')\n    return n\n"
            f"@cache.action({arguments})\ndef index():\n    n = count()\n    {body}\n"
        )
        return site.client()

    return make


def test_cache_act_01_signature():
    """CACHE-ACT-01, AMB-16."""
    names = list(inspect.signature(Cache.action).parameters)[1:]
    assert names == ["time_expire", "cache_model", "prefix", "session", "vars", "lang", "user_agent", "public",
                     "valid_statuses", "quick"]  # fmt: skip
    assert Cache.client is Cache.action


def test_cache_act_02_03_headers_only(page):
    """CACHE-ACT-02, CACHE-ACT-03: without a model the action runs each time."""
    client = page("time_expire=300", "return str(n)")
    first = client.get("/myapp")
    assert first.headers["Cache-Control"] == "max-age=300, s-maxage=300, public"
    assert "Pragma" not in first.headers
    assert client.get("/myapp").text != first.text


def test_cache_act_02_stored(page):
    """CACHE-ACT-02, CACHE-10."""
    client = page("cache_model=cache.ram", "return str(n)")
    assert client.get("/myapp").text == client.get("/myapp").text == "1"


def test_cache_act_02_views_are_stored_rendered(page, site):
    """CACHE-10: the page, not the dictionary."""
    site.view("{{=n}} {{=cache.ram.increment('views')}}")
    client = page("cache_model=cache.ram", "return dict(n=n)")
    assert client.get("/myapp").text == client.get("/myapp").text == "1 1"


def test_cache_act_04_prefix(page, site):
    """CACHE-ACT-04."""
    client = page("cache_model=cache.ram, prefix='p_'", "return str(n)")
    assert client.get("/myapp").text == "1"
    Cache(type("R", (), {"application": "myapp"})).ram.clear(regex="^p_")
    assert client.get("/myapp").text == "2"


@pytest.mark.parametrize(
    ("arguments", "different", "same"),
    [
        ("", {"query_string": "a=2"}, None),  # CACHE-ACT-06, CACHE-19
        ("vars=False", None, {"query_string": "a=2"}),
        (
            "user_agent=True",
            {"headers": {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"}},
            None,
        ),
        ("", None, {"headers": {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)"}}),
        ("quick='SVP'", {"query_string": "a=2"}, None),  # CACHE-ACT-12
        ("quick='P'", None, {"query_string": "a=2"}),
    ],
)
def test_cache_act_06_08_12_copies(page, arguments, different, same):
    """CACHE-ACT-06, CACHE-ACT-08, CACHE-ACT-12."""
    client = page(f"cache_model=cache.ram, {arguments}", "return str(n)")
    assert client.get("/myapp").text == "1"
    if different:
        assert client.get("/myapp", **different).text == "2"
    if same:
        assert client.get("/myapp", **same).text == "1"


def test_cache_act_07_language(page, site):
    """CACHE-ACT-07."""
    site.write("languages/it.py", "{'a': 'b'}")
    client = page("cache_model=cache.ram", "return str(n)")
    assert client.get("/myapp", headers={"Accept-Language": "it"}).text == "1"
    assert client.get("/myapp", headers={"Accept-Language": "de"}).text == "2"


def test_cache_act_05_09_private(page, site):
    """CACHE-ACT-05, CACHE-ACT-09: one copy per session; private although public was asked."""
    client = page("cache_model=cache.ram, session=True, public=True", "session.a = 1\n    return str(n)")
    client.get("/myapp")
    first = client.get("/myapp")
    assert "private" in first.headers["Cache-Control"]
    other = site.client().get("/myapp")
    assert other.text != first.text


def test_cache_act_05_newcomers_do_not_share(page, site):
    """CACHE-ACT-05: a page that begins a session is nobody else's."""
    page("cache_model=cache.ram, session=True", "session.secret = n\n    return str(session.secret)")
    first, second = site.client(), site.client()
    assert [first.get("/myapp").text, second.get("/myapp").text] == ["1", "2"]
    assert first.get("/myapp").text == first.get("/myapp").text == "3"
    assert second.get("/myapp").text == "4"


def test_cache_act_08_dictionary_and_session(page):
    """CACHE-ACT-08: a dictionary uses its items; ignored when `session` is on."""
    client = page(
        "cache_model=cache.ram, user_agent={'kind': request.vars.kind}, vars=False", "return str(n)"
    )
    assert [client.get("/myapp", query_string=f"kind={kind}").text for kind in "aba"] == ["1", "2", "1"]


def test_cache_act_10_status_with_a_reason(page):
    """CACHE-ACT-10: `response.status` may be a text."""
    client = page("cache_model=cache.ram", "response.status = '201 CREATED'\n    return str(n)")
    assert [client.get("/myapp").text, client.get("/myapp").text] == ["1", "1"]
    assert client.get("/myapp").status_code == 201


def test_cache_19_path_info_alone_collides(site):
    """CACHE-19: plain `@cache(path_info)` ignores the query, `@cache.action` does not."""
    site.controller(
        "@cache(request.env.path_info, 60, cache.ram)\ndef plain():\n    return str(request.vars.q)\n"
        "@cache.action(cache_model=cache.ram)\ndef action():\n    return str(request.vars.q)\n"
    )
    client = site.client()
    seen = {
        name: [client.get(f"/myapp/default/{name}?q={q}").text for q in "ab"] for name in ("plain", "action")
    }
    assert seen == {"plain": ["a", "a"], "action": ["a", "b"]}


def test_cache_09_the_view_still_runs(site):
    """CACHE-09: the dictionary is kept, the view runs each time; RESP-08, CACHE-20: the page itself is not cached."""
    site.controller("@cache('k', 60)\ndef index():\n    return dict(n=cache.ram.increment('n'))\n")
    site.view("{{=n}} {{=cache.ram.increment('views')}}")
    client = site.client()
    assert [client.get("/myapp").text for _ in range(2)] == ["1 1", "1 2"]
    assert "no-store" in client.get("/myapp").headers["Cache-Control"]


def test_cache_act_12_quick(page):
    """CACHE-ACT-12, AMB-16: unnamed features are off, so `S` alone is private and one copy per session."""
    client = page("cache_model=cache.ram, quick='S'", "session.a = 1\n    return str(n)")
    client.get("/myapp", query_string="a=1")
    first = client.get("/myapp", query_string="a=2")
    assert client.get("/myapp", query_string="a=3").text == first.text
    assert "private" in first.headers["Cache-Control"]


def test_cache_act_10_13_statuses(page):
    """CACHE-ACT-10, CACHE-ACT-13: errors are not kept, valid raised answers are."""
    client = page("cache_model=cache.ram", "raise HTTP(404 if n == 1 else 200, str(n))")
    assert client.get("/myapp").status_code == 404
    assert client.get("/myapp").text == "2"
    assert client.get("/myapp").text == "2"


def test_cache_act_10_valid_statuses(page):
    """CACHE-ACT-10."""
    client = page("cache_model=cache.ram, valid_statuses=[200]", "redirect('/%s' % n)")
    assert client.get("/myapp").headers["Location"] == "/1"
    assert client.get("/myapp").headers["Location"] == "/2"


def test_cache_act_11_only_get(page):
    """CACHE-ACT-11."""
    client = page("cache_model=cache.ram", "return str(n)")
    assert client.get("/myapp").text == "1"
    assert client.post("/myapp").text == "2"
    assert client.get("/myapp").text == "1"
