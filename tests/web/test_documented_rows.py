"""Rows of the requirements that no other test of the request path names."""

from __future__ import annotations

import sys
import types
import xmlrpc.client

from gluon.custom_import import track_changes


def test_flow_07_order_of_a_request(site):
    """FLOW-07: cookies and request, session, models, action, view, commit, session saved."""
    site.model(
        "steps = [str(request.cookies is not None), str(session.n)]\n"
        "db = DAL('sqlite://s.sqlite')\ndb.define_table('t', Field('x'))\n"
        "steps.append('model')\n"
    )
    site.controller(
        "def index():\n    steps.append('action')\n    db.t.insert(x='a')\n    session.n = 1\n    return dict(steps=steps)\n"
        "def after():\n    return '%s %s' % (db(db.t).count(), session.n)\n"
    )
    site.view("{{steps.append('view')}}{{=' '.join(steps)}}")
    client = site.client()
    assert client.get("/myapp").text == "True None model action view"
    assert client.get("/myapp/default/after").text == "1 1"


def test_disp_03_extension_selects_the_view(site):
    """DISP-03: one action answers html and json."""
    site.controller("def index():\n    return dict(a=1)\n")
    site.view("<p>{{=a}}</p>")
    site.view('{"a": {{=a}}}', "default/index.json")
    client = site.client()
    assert client.get("/myapp/default/index").headers["Content-Type"].startswith("text/html")
    page = client.get("/myapp/default/index.json")
    assert (page.text, page.headers["Content-Type"].split(";")[0]) == ('{"a": 1}', "application/json")


def test_imp_07_08_only_application_modules_are_tracked(site, tmp_path_factory):
    """IMP-07, IMP-08, AMB-09: a changed module from elsewhere stays; a call inside a module is harmless."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "hadron_elsewhere.py").write_text("value = 'one'")
    site.write(
        "modules/own.py", "from gluon.custom_import import track_changes\ntrack_changes(True)\nvalue = 1\n"
    )
    site.controller("import own\nimport hadron_elsewhere\ndef index():\n    return hadron_elsewhere.value\n")
    sys.path.append(str(folder))
    try:
        client = site.client()
        assert client.get("/myapp").text == "one"
        (folder / "hadron_elsewhere.py").write_text("value = 'changed'")
        assert client.get("/myapp").text == "one"
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("hadron_elsewhere", None)
        track_changes(False)


def test_imp_09_lazy_cache_decorates_functions_of_modules(site):
    """IMP-09, CACHE-21: computed once over two requests."""
    site.write(
        "modules/m.py",
        "from gluon.cache import lazy_cache\ncalls = []\n"
        "@lazy_cache('imp-09', time_expire=60)\ndef f():\n    calls.append(1)\n    return len(calls)\n",
    )
    site.controller("import m\ndef index():\n    return '%s %s' % (m.f(), len(m.calls))\n")
    client = site.client()
    assert client.get("/myapp").text == client.get("/myapp").text == "1 1"


def test_req_32_cook_06_session_cookie(site):
    """REQ-32, COOK-06, RESP-02: the cookie's name and the address at the beginning of its value."""
    site.controller(
        "def index():\n    session.n = 1\n    response.cookies['own'] = 'v'\n    return request.env.http_cookie or ''\n"
    )
    client = site.client()
    sent = client.get("/myapp").headers.getlist("Set-Cookie")
    assert any(c.startswith("session_id_myapp=127.0.0.1") for c in sent)
    assert any(c.startswith("own=v") for c in sent)
    assert "session_id_myapp=127.0.0.1" in client.get("/myapp").text


def test_exec_4_called_code_may_change_what_it_is_given(site):
    """EXEC-4: request, response and session that are passed are the very same objects."""
    site.write(
        "controllers/x.py", "response.title = 'set there'\nsession.seen = request.application\n", "other"
    )
    site.controller(
        "import os\nfrom gluon.shell import exec_environment\n"
        "def index():\n"
        "    path = os.path.join(request.folder, '..', 'other', 'controllers', 'x.py')\n"
        "    exec_environment(path, request=request, response=response, session=session)\n"
        "    return '%s %s' % (response.title, session.seen)\n"
    )
    assert site.client().get("/myapp").text == "set there myapp"


def test_coop_4_calls_over_xml_rpc(site):
    """COOP-4: one application's function called by the other's request."""
    site.controller(
        "def add(a, b): return a + b\ndef rpc():\n    return response.xmlrpc(request, [add])\n", app="other"
    )
    client = site.client()

    class Transport(xmlrpc.client.Transport):
        def request(self, host, handler, request_body, verbose=False):
            page = client.post(handler, data=request_body, content_type="text/xml")
            return xmlrpc.client.loads(page.data)[0]

    proxy = xmlrpc.client.ServerProxy("http://x/other/default/rpc", transport=Transport())
    assert proxy.add(2, 3) == 5


def test_coop_8_anything_on_the_path(site):
    """COOP-8, MOD-1."""
    sys.modules["hadron_on_path"] = types.SimpleNamespace(value="there")  # type: ignore[assignment]
    site.controller("import hadron_on_path\ndef index():\n    return hadron_on_path.value\n")
    try:
        assert site.client().get("/myapp").text == "there"
    finally:
        del sys.modules["hadron_on_path"]
