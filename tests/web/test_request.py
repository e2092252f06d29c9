"""REQ: what `request` holds."""

from __future__ import annotations

import io
import json

import pytest

from runtime.web.application import Application
from runtime.web.client import TestClient

EXAMPLE = "/myapp/default/index/x/y/z?p=1&q=2"


def test_req_01_cookies(site):
    """REQ-01, COOK-01, COOK-05; an unreadable neighbour does not hide the good ones."""
    code = "return request.cookies['a'].value + str('x' in request.cookies) + type(request.cookies).__name__"
    site.controller(f"def index():\n    {code}\n")
    client = TestClient(Application(site.root), use_cookies=False)
    assert client.get("/myapp", headers={"Cookie": "a=1"}).text == "1FalseSimpleCookie"
    assert client.get("/myapp", headers={"Cookie": "bad[]=x; a=1"}).text == "1FalseSimpleCookie"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("request.env.wsgi_url_scheme", "http"),  # REQ-02
        ("request.env.request_method", "GET"),  # REQ-28
        ("request.env.query_string", "p=1&q=2"),
        ("request.env.path_info", "/myapp/default/index/x/y/z"),
        ("request.env.request_uri", EXAMPLE),
        ("request.env.http_accept_language", "en"),  # REQ-27
        ("request.env.web2py_runtime_gae", "None"),  # REQ-29
        ("request.application", "myapp"),  # REQ-03
        ("request.controller", "default"),
        ("request.function", "index"),
        ("request.extension", "html"),  # REQ-04
        ("list(request.args)", "['x', 'y', 'z']"),  # REQ-07
        ("request.args(0)", "x"),  # REQ-08
        ("request.args(9)", "None"),
        ("request.args(-1)", "z"),
        ("request.args(9, default='d')", "d"),
        ("dict(request.get_vars)", "{'p': '1', 'q': '2'}"),  # REQ-09
        ("dict(request.post_vars)", "{}"),  # REQ-10
        ("dict(request.vars)", "{'p': '1', 'q': '2'}"),
        ("request.ajax", "False"),  # REQ-17
        ("request.cid", "None"),  # REQ-18
        ("request.url", "/myapp/default/index/x/y/z"),  # REQ-24
        ("request.is_https", "False"),  # REQ-15
        ("request.is_local", "True"),  # REQ-14
        ("(request.is_shell, request.is_scheduler, request.is_restful)", "(False, False, False)"),  # REQ-26
        ("request.method", "GET"),
        ("request.nothing", "None"),
        ("request.global_settings.is_pypy", "False"),  # REQ-22
    ],
)
def test_req_items(run, expression, value):
    """REQ-02..09, REQ-22, REQ-24..30, DISP-10."""
    assert run(f"return str({expression})", EXAMPLE, headers={"Accept-Language": "en"}) == value


def test_req_05_22_folder(site, run):
    """REQ-05, REQ-22, REQ-29."""
    assert run("return request.folder") == f"{site.app}/"
    assert run("return request.global_settings.gluon_parent") == str(site.root)
    assert run("return request.env.web2py_path") == str(site.root)


def test_req_22_versions_that_applications_ask_for(site):
    """REQ-22: models that ask for a version of web2py run; they compare texts, and some parse them."""
    site.model(
        """
        if request.global_settings.web2py_version < "2.15.5":
            raise HTTP(500, "Requires web2py 2.15.5 or newer")
        in_shell = request.global_settings.cmd_options.shell
        """
    )
    site.controller(
        "def index():\n"
        "    from gluon.fileutils import parse_version\n"
        "    from gluon.settings import global_settings\n"
        "    same = request.global_settings.web2py_version == global_settings.web2py_version\n"
        "    return repr((parse_version(global_settings.web2py_version)[:3] >= (2, 15, 5), in_shell, same))\n"
    )
    assert site.client().get("/myapp/default/index").text == "(True, None, True)"


def test_start_04_version(run):
    """START-04: version with its build time."""
    assert "+timestamp." in run("return request.env.web2py_version")


def test_req_06_now_is_constant(run):
    """REQ-06."""
    assert run("import time\na = request.now\ntime.sleep(0.01)\nreturn str(a == request.now)") == "True"
    assert run("return str(abs((request.now - request.utcnow).total_seconds()) < 15 * 3600)") == "True"


def test_req_08_cast(site):
    """REQ-08: a failing conversion is a 404, or goes elsewhere."""
    site.controller(
        "def a(): return str(request.args(0, cast=int) + 1)\n"
        "def b(): return request.args(0, cast=int, otherwise='/myapp/default/c')\n"
        "def c(): return request.args[5]\n"
    )
    client = site.client()
    assert client.get("/myapp/default/a/3").text == "4"
    assert client.get("/myapp/default/a/x").status_code == 404
    assert client.get("/myapp/default/b/x").headers["Location"] == "/myapp/default/c"
    assert client.get("/myapp/default/c").status_code == 500


def test_req_10_11_body_and_query(site):
    """REQ-10, REQ-11: body fields apart from the query; a name in both is a list."""
    site.controller(
        "def index(): return '%s %s %s' % (dict(request.get_vars), dict(request.post_vars), dict(request.vars))"
    )
    client = site.client()
    assert client.post("/myapp?b=2", data={"a": "1"}).text == "{'b': '2'} {'a': '1'} {'b': '2', 'a': '1'}"
    assert client.post("/myapp?a=2", data={"a": "1"}).text.endswith("{'a': ['2', '1']}")
    assert "'a': 1" in client.put("/myapp", json={"a": 1}).text


def test_req_12_lists_and_uploads(site):
    """REQ-12: repeated names, uploads with file and filename, an empty upload field."""
    site.controller(
        "def index():\n"
        "    u = request.vars.u\n"
        "    return '%s|%s|%s|%s' % (request.vars.x, u.filename, u.file.read(), repr(request.vars.none))\n"
    )
    page = site.client().post(
        "/myapp?x=1&x=2",
        data={"u": (io.BytesIO(b"content"), "dir/a b.txt"), "none": (io.BytesIO(b""), "")},
    )
    assert page.text == "['1', '2']|a b.txt|b'content'|''"


def test_req_13_14_forwarded_only_from_trusted_proxies(site):
    """REQ-13, REQ-14, REQ-15, AMB-37."""
    site.controller("def index(): return '%s %s %s' % (request.client, request.is_local, request.is_https)")
    forwarded = {"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https"}
    trusting = TestClient(Application(site.root))
    assert trusting.get("/myapp", headers=forwarded).text == "8.8.8.8 False True"
    distrusting = TestClient(Application(site.root, trusted_proxies=()))
    assert distrusting.get("/myapp", headers=forwarded).text == "127.0.0.1 True False"
    spoofed = {"X-Forwarded-For": "127.0.0.1, 8.8.8.8"}
    assert trusting.get("/myapp", headers=spoofed).text == "8.8.8.8 False False"
    assert trusting.get("/myapp", headers={"X-Forwarded-For": "<script>"}).text == "127.0.0.1 True False"
    assert trusting.get("/myapp", environ_overrides={"REMOTE_ADDR": "::1"}).text == "::1 True False"
    assert trusting.get("/myapp", environ_overrides={"REMOTE_ADDR": "9.9.9.9"}).text == "9.9.9.9 False False"


def test_req_16_body_can_be_read_again(site):
    """REQ-16."""
    site.controller("def index(): return '%s %s' % (request.post_vars.a, request.body.read())")
    assert site.client().post("/myapp", data={"a": "1"}).text == "1 b'a=1'"


def test_req_17_18_ajax_and_component(run):
    """REQ-17, REQ-18."""
    headers = {"X-Requested-With": "XMLHttpRequest", "web2py-component-element": "c1"}
    assert run("return '%s %s' % (request.ajax, request.cid)", headers=headers) == "True c1"


def test_req_19_requires_https(site):
    """REQ-19."""
    site.controller("def index():\n    request.requires_https()\n    return 'secure'\n")
    client = site.client()
    page = client.get("/myapp/default/index?x=1", base_url="http://example.com")
    assert page.status_code == 303
    assert page.headers["Location"] == "https://example.com/myapp/default/index?x=1"
    assert client.get("/myapp", base_url="https://example.com").text == "secure"


def test_req_20_restful(site):
    """REQ-20."""
    site.controller(
        """
        @request.restful()
        def index():
            def GET(*args, **vars):
                return '%s %s' % (args, vars)
            def PUT(name):
                return 'put ' + name
            return locals()
        """
    )
    client = site.client()
    assert client.get("/myapp/default/index/a/b?c=1").text == "('a', 'b') {'c': '1'}"
    assert client.put("/myapp/default/index/a").text == "put a"
    refused = client.post("/myapp/default/index/a")
    assert refused.status_code == 405
    assert refused.headers["Allow"] == "GET, PUT"
    assert client.put("/myapp/default/index/a/b/c").status_code == 400


def test_req_20_restful_takes_the_extension_of_the_last_argument(site):
    """REQ-20: api/a.json; not where dots belong to the argument; who sends JSON gets JSON."""
    site.model("response.generic_patterns = ['*']")
    site.controller(
        """
        @request.restful()
        def index():
            def GET(*args):
                return dict(args=args, extension=request.extension)
            def POST(*args, **vars):
                return {'sent': vars.get('name')} if args else 'text'
            return locals()

        @request.restful(ignore_extension=True)
        def mail():
            def GET(address):
                return address
            return locals()
        """
    )
    site.view("{{=XML(response.json(response._vars))}}", "generic.json")
    client = site.client()
    page = client.get("/myapp/default/index/a/1.json")
    assert page.headers["Content-Type"].startswith("application/json")
    assert page.json == {"args": ["a", "1"], "extension": "json"}
    assert client.get("/myapp/default/index.json/a").json == {"args": ["a"], "extension": "json"}
    assert client.get("/myapp/default/mail/ada@x.com").text == "ada@x.com"
    answer = client.post("/myapp/default/index/a", json={"name": "Ada"})
    assert answer.json == {"sent": "Ada"}
    assert answer.headers["Content-Type"].startswith("application/json")
    assert client.post("/myapp/default/index", json={}).text == "text"


def test_req_21_user_agent(run):
    """REQ-21."""
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
    code = "u = request.user_agent()\nreturn '%s %s %s %s' % (u.is_mobile, u.is_tablet, u.os.name, str(BEAUTIFY(u))[:4])"
    assert run(code, headers={"User-Agent": agent}) == "True False iOS <div"


def test_req_31_everything_can_be_shown(site):
    """REQ-31, SESS-21, RESP-25: no endless recursion."""
    site.model("response.generic_patterns = ['*']")
    site.controller("def index():\n    return dict(request=request, session=session, response=response)\n")
    site.view("{{=BEAUTIFY(response._vars)}}{{=response.toolbar()}}", "generic.html")
    page = site.client().get("/myapp")
    assert page.status_code == 200
    assert "application" in page.text


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=b", b"--b\r\nbroken", 400),
        ("application/json", b"{", 400),
        ("application/json", json.dumps([1]).encode(), 200),
        ("application/x-www-form-urlencoded", b"&&&=%zz&a", 200),
        ("application/x-www-form-urlencoded; charset=utf-8", b"a=%C3%A4&b=%FF", 200),
        ("application/x-www-form-urlencoded", b"a=\xff", 400),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 10_001), 413),
        ("nonsense", b"\xff\xfe", 200),
    ],
)
def test_bad_bodies_are_refused_plainly(site, content_type, body, status):
    """REQ-10: a body that is not what it says is a 400, never a ticket."""
    site.controller("def index(): return str(request.post_vars)")
    page = site.client().post("/myapp", data=body, content_type=content_type)
    assert page.status_code == status
    assert not site.tickets()


def test_large_bodies_are_refused(site):
    """REQ-16: 413 for more than the application takes, 400 for a lying length."""
    site.controller("def index(): return str(request.body.read())")
    client = TestClient(Application(site.root, max_body=100))
    assert client.post("/myapp", data=b"x" * 101).status_code == 413
    assert client.post("/myapp", data=b"x" * 100).status_code == 200
    assert client.post("/myapp", data=b"", environ_overrides={"CONTENT_LENGTH": "-5"}).status_code == 400
    assert not site.tickets()
