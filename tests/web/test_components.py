"""`LOAD` and the headers of its answers, seen from the server (NAMES-04, REQ-18, RESP-07, RESP-33)."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

AJAX = {"X-Requested-With": "XMLHttpRequest"}
PART = AJAX | {"web2py-component-element": "c1"}


def test_load_by_ajax_is_a_placeholder(site):
    """NAMES-04: address, repetition and content; a text as content is escaped, a helper kept."""
    site.controller(
        """
        def index():
            return dict(parts=CAT(
                LOAD('other', 'part.load', args=['a', 1], vars=dict(q='&'), ajax=True, _class='box'),
                LOAD('other', 'part', extension='load', ajax=True, content='<wait>', times=3, timeout=500),
                LOAD(url='/else/where', content=B('wait'), target='mine')))
        """
    )
    site.view("{{=parts}}")
    page = site.client().get("/myapp")
    first, second, third = page.elements("[data-w2p_remote]")
    assert first["_data-w2p_remote"] == "/myapp/other/part.load/a/1?q=%26"
    assert first["_class"] == "box"
    assert first.element(".w2p_component_loading").flatten() == "loading..."
    assert second["_data-w2p_remote"] == "/myapp/other/part.load"
    assert (second["_data-w2p_times"], second["_data-w2p_timeout"]) == ("3", "500")
    assert second.flatten() == "<wait>"
    assert third["_id"] == "mine"
    assert str(third.element("b")) == "<b>wait</b>"
    assert first["_id"] != second["_id"]


def test_ids_made_up_differ_between_requests(site):
    """NAMES-04: a part loaded into a page may hold parts itself."""
    site.controller("def index(): return LOAD('default', 'x', ajax=True)\n")
    client = site.client()
    ids = {client.get("/myapp").element("[data-w2p_remote]")["_id"] for _ in range(5)}
    assert len(ids) == 5


def test_url_14_load_signs_its_address(site):
    """URL-14: `user_signature` also for a part."""
    site.controller(
        """
        def index():
            session.auth = dict(hmac_key='k')
            return LOAD('default', 'x', ajax=True, user_signature=True)
        def x(): return str(URL.verify(request, user_signature=True))
        """
    )
    client = site.client()
    address = client.get("/myapp").element("[data-w2p_remote]")["_data-w2p_remote"]
    assert address.startswith("/myapp/default/x?_signature=")
    assert client.get(address).text == "True"
    assert site.client().get(address).text == "False"


@pytest.mark.parametrize("options", ["times=1.5", "times=None", "timeout='1'", "timeout=0"])
def test_load_refuses_wrong_repetition(site, options):
    site.controller(f"def index(): return LOAD('default', 'x', ajax=True, {options})\n")
    assert site.client().get("/myapp").status_code == 500


def test_load_without_ajax_has_a_request_of_its_own(site):
    """REQ-18: the part sees its own names, fields and method; afterwards all is as before."""
    site.controller(
        """
        def index():
            inner = LOAD('default', 'part.load', args=[7], vars=dict(q='x'), post_vars=dict(p='y'), target='t')
            plain = LOAD('default', 'part.load', ajax_trap=True)
            return dict(inner=inner, plain=plain, seen=seen())
        def seen(*_):
            return None
        def part():
            return dict(s=[request.method, request.function, request.extension, request.url, request.cid,
                           request.args(0), request.vars.q, request.post_vars.p, request.get_vars.p])
        """
    )
    site.view(
        "{{=inner}}|{{=plain}}|{{=[request.method, request.function, request.url, request.cid, request.vars.own]}}"
    )
    site.view("{{=XML(s)}}", "default/part.load")
    page = site.client().post("/myapp/default/index", data={"own": "1"})
    inner, plain, after = page.text.split("|")
    assert "['POST', 'part', 'load', '/myapp/default/part.load/7', 't', '7', 'x', 'y', None]" in inner
    assert "['GET', 'part', 'load', '/myapp/default/part.load'" in plain
    assert 'data-w2p_trapped="/myapp/default/part.load"' in plain
    assert "<script" not in plain
    assert after.replace("&#x27;", "'") == "['POST', 'index', '/myapp/default/index', None, '1']"


def test_load_without_ajax_that_fails_leaves_the_request_as_it_was(site):
    site.controller(
        """
        def index():
            try:
                LOAD('default', 'part')
            except ZeroDivisionError:
                pass
            return [request.function, ' ', str(request.cid), ' ', response.view]
        def part(): return 1 / 0
        """
    )
    assert site.client().get("/myapp").text == "index None default/index.html"


def test_resp_33_headers_carry_any_text(site):
    """RESP-33, RESP-07: percent-encoded where a header needs it; what a browser decodes is the text given."""
    script = "a = 5 % 4; // é €\n'x\\r\\n'\r\n%41"
    site.controller(
        f"def index():\n    response.js = {script!r}\n    response.flash = '<é%41>'\n    return ''\n"
    )
    headers = site.client().get("/myapp", headers=PART).headers
    assert unquote(headers["web2py-component-command"]) == script
    assert headers["web2py-component-command"].isascii()
    assert unquote(headers["web2py-component-flash"]) == "&lt;é%41&gt;"


def test_resp_07_flash_also_with_an_answer_that_was_raised(site):
    """RESP-07, HTTP-01: `raise HTTP` carries it; plain requests do not have the headers."""
    site.controller(
        "def index():\n    response.flash = 'no'\n    response.js = 'x()'\n    raise HTTP(409, 'taken')\n"
    )
    client = site.client()
    page = client.get("/myapp", headers=AJAX)
    assert page.status_code == 409
    assert page.headers["web2py-component-flash"] == "no"
    assert page.headers["web2py-component-command"] == "x()"
    assert not [name for name, _ in client.get("/myapp").headers if "component" in name]


def test_http_08_flash_waits_for_the_page_one_is_sent_to(site):
    """HTTP-07, HTTP-08: neither a redirect inside the part nor one of the page uses the message up."""
    site.controller(
        """
        def index(): return 'page'
        def begin(): session.known_before = True
        def hop():
            session.flash = 'hi'
            redirect(URL('index'), client_side=bool(request.args))
        """
    )
    for path in ("/myapp/default/hop", "/myapp/default/hop/away"):
        client = site.client()
        client.get("/myapp/default/begin")
        assert "web2py-component-flash" not in client.get(path, headers=PART).headers
        assert client.get("/myapp", headers=PART).headers["web2py-component-flash"] == "hi"
        assert "web2py-component-flash" not in client.get("/myapp", headers=PART).headers
