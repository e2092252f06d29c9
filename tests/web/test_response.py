"""RESP, HTTP, COOK: what goes back to the client."""

from __future__ import annotations

import io
import xmlrpc.client

import pytest


def test_resp_01_32_write(run):
    """RESP-01, RESP-32."""
    assert (
        run("response.write('<')\nresponse.write('<', escape=False)\nreturn response.body.getvalue()")
        == "&lt;<"
    )


def test_resp_05_06_files(site):
    """RESP-05, RESP-06: order kept, doubles dropped."""
    site.controller(
        "def index():\n    response.files.extend(['a.css', 'b.js', 'a.css'])\n    return dict()\n"
    )
    site.view("{{response.include_files()}}")
    text = site.client().get("/myapp").text
    assert text.count("a.css") == 1
    assert text.index('<link href="a.css" rel="stylesheet" type="text/css" />') < text.index(
        '<script src="b.js"'
    )
    site.view("{{response.include_files(['js'])}}")
    assert "a.css" not in site.client().get("/myapp").text


def test_resp_07_flash_survives_a_redirect_and_is_shown_once(site):
    """RESP-07, HTTP-10: session.flash becomes response.flash of the next page."""
    site.controller(
        "def go():\n    session.flash = 'hi'\n    redirect(URL('index'))\ndef index():\n    return dict()\n"
    )
    site.view("[{{=response.flash}}]")
    client = site.client()
    assert client.get("/myapp/default/go", follow_redirects=True).text == "[hi]"
    assert client.get("/myapp").text == "[]"


def test_resp_08_09_headers(site):
    """RESP-08, RESP-09: values replace defaults, del does not help, None suppresses."""
    site.controller(
        """
        def own():
            response.headers['Cache-Control'] = 'private'
            return 'x'
        def removed():
            response.headers['X-Powered-By'] = 'me'
            del response.headers['X-Powered-By']
            return 'x'
        def none():
            response.headers['X-Powered-By'] = None
            return 'x'
        """
    )
    client = site.client()
    assert client.get("/myapp/default/own").headers["Cache-Control"] == "private"
    assert client.get("/myapp/default/removed").headers["X-Powered-By"] == "web2py"
    assert "X-Powered-By" not in client.get("/myapp/default/none").headers


def test_resp_10_11_meta(site):
    """RESP-10, RESP-11, SEC-02."""
    site.controller("def index():\n    response.meta.author = 'Ann \"A\"'\n    return dict()\n")
    site.view("{{response.include_meta()}}")
    assert '<meta name="author" content="Ann &quot;A&quot;" />' in site.client().get("/myapp").text


def test_resp_12_24_36_menu_and_title(site):
    """RESP-12, RESP-24, RESP-36."""
    site.controller(
        "def index():\n    response.title = 'Hi'\n    response.menu = [('Home', True, '/x', [])]\n    return dict()\n"
    )
    site.view("<title>{{=response.title}}</title>{{=MENU(response.menu)}}")
    text = site.client().get("/myapp").text
    assert "<title>Hi</title>" in text
    assert "active" in text
    assert 'href="/x"' in text


def test_resp_12_menu_grows_in_several_models(site):
    """RESP-12: a model may add to the menu before anything set it."""
    site.model("response.menu.append(('One', False, '/one'))\n", "a")
    site.model("response.menu += [('Two', False, '/two', [])]\n", "b")
    site.controller("def index():\n    return str(MENU(response.menu))\n")
    text = site.client().get("/myapp/default/index").text
    assert text.index("/one") < text.index("/two")


def test_resp_13_postprocessing(site):
    """RESP-13."""
    site.model("response.postprocessing.append(lambda r: 'X' if isinstance(r, dict) else r)")
    site.controller("def index():\n    return dict()\n")
    assert site.client().get("/myapp").text == "X"


def test_resp_14_render(site):
    """RESP-14, CACHE-10."""
    site.view("other {{=a}}", "default/x.html")
    site.view("own {{=a}}")
    site.controller(
        "def index():\n    return response.render('default/x.html', dict(a=1)) + response.render(dict(a=2))\n"
        "def text():\n    import io\n    return response.render(io.StringIO('<{{=a}}>'), a=3)\n"
        "def missing():\n    return response.render('default/none.html')\n"
    )
    client = site.client()
    assert client.get("/myapp").text == "other 1own 2"
    assert client.get("/myapp/default/text").text == "<3>"
    assert client.get("/myapp/default/missing").status_code == 404


def test_resp_17_status(site):
    """RESP-17."""
    site.controller("def index():\n    response.status = 201\n    return 'made'\n")
    assert site.client().get("/myapp").status_code == 201


def test_resp_18_23_stream(site):
    """RESP-18..23: paths, ranges, names, own headers, generated content."""
    site.write("private/data.csv", "0123456789")
    site.controller(
        """
        import io, os
        path = os.path.join(request.folder, 'private', 'data.csv')
        def plain(): return response.stream(path)
        def named(): return response.stream(path, attachment=True, filename='r \\u00e9.csv')
        def inline(): return response.stream(path, filename='r.csv')
        def typed():
            response.headers['Content-Type'] = 'text/x'
            return response.stream(path)
        def bare(): return response.stream(path, headers={})
        def made(): return response.stream(io.BytesIO(b'x'))
        def opened(): return response.stream(open(path, 'rb'))
        def missing(): return response.stream(path + 'no')
        """
    )
    client = site.client()
    plain = client.get("/myapp/default/plain")
    assert plain.data == b"0123456789"
    assert plain.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert plain.headers["Content-Length"] == "10"
    assert "Last-Modified" in plain.headers
    assert "no-store" not in plain.headers.get("Cache-Control", "")
    assert "Pragma" not in plain.headers
    part = client.get("/myapp/default/plain", headers={"Range": "bytes=5-"})
    assert (part.status_code, part.data, part.headers["Content-Range"]) == (206, b"56789", "bytes 5-9/10")
    named = client.get("/myapp/default/named").headers["Content-Disposition"]
    assert "filename*=UTF-8''r%20%C3%A9.csv" in named
    assert "Content-Disposition" not in client.get("/myapp/default/inline").headers
    assert client.get("/myapp/default/typed").headers["Content-Type"] == "text/x"
    bare = client.get("/myapp/default/bare").headers
    assert "X-Powered-By" not in bare
    assert bare["Content-Type"] == "text/csv; charset=utf-8"
    assert client.get("/myapp/default/made").data == b"x"
    assert client.get("/myapp/default/opened").data == b"0123456789"
    assert client.get("/myapp/default/missing").status_code == 404


def test_resp_03_04_download(site):
    """RESP-03, RESP-04, SEC-03: uploads are renamed and come back under their own name."""
    site.model(
        "db = DAL('sqlite://s.sqlite')\n"
        "db.define_table('doc', Field('file', 'upload', autodelete=True),\n"
        "    Field('secret', 'upload', authorize=lambda row: False))\n"
    )
    site.controller(
        """
        def add():
            f = request.vars.f
            name = db.doc.file.store(f.file, f.filename)
            secret = db.doc.secret.store(__import__('io').BytesIO(b's'), 'a.txt')
            db.doc.insert(file=name, secret=secret)
            return name + ' ' + secret
        def download():
            return response.download(request, db)
        def inline():
            return response.download(request, db, attachment=False)
        """
    )
    client = site.client()
    name, secret = client.post(
        "/myapp/default/add", data={"f": (io.BytesIO(b"body"), "../../a b.txt")}
    ).text.split(" ")
    assert ".." not in name
    assert "/" not in name
    page = client.get(f"/myapp/default/download/{name}")
    assert page.data == b"body"
    assert page.headers["Content-Disposition"] == 'attachment; filename="a b.txt"'
    assert "Content-Disposition" not in client.get(f"/myapp/default/inline/{name}").headers
    assert client.get(f"/myapp/default/download/{secret}").status_code == 403
    for bad in ("nothing", "doc.file.ffff.aaaa.txt", "doc.id.ffff.aaaa.txt", "none.file.ffff.aaaa.txt"):
        assert client.get(f"/myapp/default/download/{bad}").status_code == 404
    assert client.get("/myapp/default/download").status_code == 404
    assert not site.tickets()


def test_resp_26_27_vars_and_caller(site):
    """RESP-26, RESP-27."""
    site.model("response._caller = lambda f: dict(f(), extra='W')")
    site.controller("def index():\n    return dict(a=1)\n")
    site.view("{{=list(response._vars.keys())}}")
    assert "extra" in site.client().get("/myapp").text


def test_resp_28_optimize(site):
    """RESP-28: concatenated, minified, inline."""
    site.write("static/a.css", "/* note */\nbody  { color : red }")
    site.write("static/b.css", "p { background: url(img/x.png) }")
    site.controller(
        "def index():\n    response.files = [URL('static', 'a.css'), URL('static', 'b.css')]\n"
        "    response.optimize_css = request.vars.how\n    return dict()\n"
    )
    site.view("{{response.include_files()}}")
    client = site.client()
    inline = client.get("/myapp", query_string={"how": "concat,minify,inline"}).text
    assert inline.count("<style") == 1
    assert "note" not in inline
    assert "url(/myapp/static/img/x.png)" in inline
    packed = client.get("/myapp", query_string={"how": "concat,minify"}).text
    assert packed.count("<link") == 1
    address = packed.split('href="')[1].split('"')[0]
    assert "body{color:red}" in client.get(address).text


def test_resp_29_30_view_and_delimiters(site):
    """RESP-29, RESP-30."""
    site.controller(
        "def index():\n    response.view = 'other/p.html'\n    return dict()\n"
        "def marks():\n    response.delimiters = ('<?', '?>')\n    return dict()\n"
    )
    site.view("other", "other/p.html")
    site.view("<?=1+1?> {{=1}}", "default/marks.html")
    client = site.client()
    assert client.get("/myapp").text == "other"
    assert client.get("/myapp/default/marks").text == "2 {{=1}}"


def test_resp_31_xmlrpc(site):
    """RESP-31, FUN-13."""
    site.controller("def add(a, b): return a + b\ndef index():\n    return response.xmlrpc(request, [add])\n")
    body = xmlrpc.client.dumps((1, 2), "add").encode()
    page = site.client().post("/myapp", data=body, content_type="text/xml")
    assert page.headers["Content-Type"].startswith("text/xml")
    assert xmlrpc.client.loads(page.data)[0] == (3,)


def test_resp_33_js_only_for_components(site):
    """RESP-33, RESP-07: script and flash travel in headers to a component only."""
    site.controller(
        "def index():\n    response.js = 'go()'\n    response.flash = 'h\\u00e9'\n    return 'x'\n"
    )
    client = site.client()
    component = client.get("/myapp", headers={"web2py-component-element": "c1"}).headers
    assert component["web2py-component-command"] == "go()"
    assert component["web2py-component-flash"] == "h%C3%A9"
    assert "web2py-component-command" not in client.get("/myapp").headers


def test_resp_json(run):
    """FUN-11."""
    assert (
        run("import datetime\nreturn response.json(dict(a=datetime.date(2026, 1, 2)))")
        == '{"a": "2026-01-02"}'
    )


def test_http_01_02_raised_anywhere(site):
    """HTTP-01, HTTP-02: in a model, an action, a view; named arguments are headers."""
    site.controller("def index():\n    return dict()\n")
    site.view("{{raise HTTP(400, 'my text', test='hello')}}")
    page = site.client().get("/myapp")
    assert (page.status_code, page.text, page.headers["test"]) == (400, "my text", "hello")
    site.model("raise HTTP(410)")
    page = site.client().get("/myapp")
    assert page.status_code == 410
    assert "410" in page.text


def test_http_04_05_except_exception_does_not_catch_a_redirect(site):
    """HTTP-04, HTTP-05, AMB-32."""
    site.controller(
        "def index():\n    try:\n        redirect('/x')\n    except Exception:\n        pass\n    return 'swallowed'\n"
    )
    assert site.client().get("/myapp").headers["Location"] == "/x"


@pytest.mark.parametrize(
    ("call", "status"),
    [("'http://x.org'", 303), ("'http://x.org', 301", 301), ("'http://x.org', how=307", 307)],
)
def test_http_06_redirect(site, call, status):
    """HTTP-06, ACT-06."""
    site.controller(f"def index():\n    redirect({call})\n")
    page = site.client().get("/myapp")
    assert (page.status_code, page.headers["Location"]) == (status, "http://x.org")
    assert '<a href="http://x.org">' in page.text


def test_http_07_redirect_to_url(site):
    """HTTP-07."""
    site.controller("def index():\n    redirect(URL('show', args=(7, 'x'), vars=dict(p=2)))\n")
    assert site.client().get("/myapp").headers["Location"] == "/myapp/default/show/7/x?p=2"


def test_http_08_client_side(site):
    """HTTP-08, HTTP-09, AMB-15."""
    site.controller(
        "def a():\n    redirect('/x', client_side=True)\n"
        "def b():\n    redirect('/x', type='auto')\n"
        "def c():\n    redirect(client_side=True)\n"
    )
    client, ajax = site.client(), {"X-Requested-With": "XMLHttpRequest"}
    for name in "ab":
        page = client.get(f"/myapp/default/{name}", headers=ajax)
        assert (page.status_code, page.headers["web2py-redirect-location"]) == (200, "/x")
        assert client.get(f"/myapp/default/{name}").status_code == 303
    assert "reload" in client.get("/myapp/default/c", headers=ajax).headers["web2py-component-command"]


def test_http_09_no_header_injection(site):
    """HTTP-09: CR and LF in a location or header value make no new header."""
    site.controller(
        "def index():\n    redirect('/a\\r\\nX: 1')\ndef other():\n    raise HTTP(200, 'x', a='b\\r\\nX: 1')\n"
    )
    client = site.client()
    assert "X" not in client.get("/myapp").headers
    assert "X" not in client.get("/myapp/default/other").headers


def test_cook_02_03_04_08_cookies(site):
    """COOK-02, COOK-03, COOK-04, COOK-08: also on redirects and HTTP errors."""
    site.controller(
        """
        def index():
            response.cookies['x'] = 'v'
            response.cookies['x']['expires'] = 24 * 3600
            response.cookies['x']['path'] = '/'
            response.cookies['y'] = 'w'
            response.cookies['y']['secure'] = True
            if request.vars.how == 'redirect':
                redirect('/elsewhere')
            if request.vars.how == 'http':
                raise HTTP(403)
            return 'x'
        """
    )
    client = site.client()
    for how in ("", "redirect", "http"):
        x, y = client.get("/myapp", query_string={"how": how}).headers.getlist("Set-Cookie")
        assert x.startswith("x=v;")
        assert "Path=/" in x
        assert "expires=" in x.lower()
        assert "Path" not in y
        assert "Secure" in y


def test_load_component(site):
    """NAMES-04: LOAD at once and by Ajax."""
    site.controller(
        """
        def index():
            a = LOAD('default', 'part.load', args=['1'], vars=dict(q='z'))
            b = LOAD('default', 'part.load', ajax=True, target='here', times='infinity', timeout=500)
            return dict(a=a, b=b, same=request.function)
        def part():
            return dict(n=request.args(0), q=request.vars.q, cid=request.cid)
        """
    )
    site.view("{{=a}}|{{=b}}|{{=same}}|{{=request.args(0)}}")
    site.view("<p>{{=n}}{{=q}}{{=cid is not None}}</p>", "default/part.load")
    inline, ajax, same, outer = site.client().get("/myapp").text.split("|")
    assert "<p>1zTrue</p>" in inline
    assert 'data-w2p_remote="/myapp/default/part.load"' in ajax
    assert 'id="here"' in ajax
    assert 'data-w2p_times="infinity"' in ajax
    assert 'data-w2p_timeout="500"' in ajax
    assert (same, outer) == ("index", "None")


@pytest.mark.parametrize("options", ["times=0", "timeout=-1, times=2", "times='often'"])
def test_load_refuses_nonsense(site, options):
    """NAMES-04: wrong repetitions are an error of the action, with a ticket."""
    site.controller(f"def index():\n    return LOAD('default', 'x', ajax=True, {options})\n")
    assert site.client().get("/myapp").status_code == 500
