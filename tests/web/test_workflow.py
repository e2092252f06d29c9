"""The way of a request: FLOW, ACT, MDL, NAMES, EXEC."""

from __future__ import annotations

import threading
import warnings

import pytest

from runtime.web.application import Application
from runtime.web.client import TestClient


def test_flow_02_path_becomes_one_function_call(site):
    """FLOW-02, DISP-01: the function is called exactly once."""
    site.controller("def hello():\n    open(request.folder + 'calls', 'a').write('x')\n    return 'hi'\n")
    assert site.client().get("/myapp/default/hello").text == "hi"
    assert (site.app / "calls").read_text() == "x"


def test_flow_05_mdl_02_model_names_reach_controller_and_view(site):
    """FLOW-05, MDL-02."""
    site.model("greeting = 'from the model'")
    site.controller("def index():\n    return dict(seen=greeting)\n")
    site.view("{{=seen}}|{{=greeting}}")
    assert site.client().get("/myapp").text == "from the model|from the model"


def test_flow_06_controller_runs_whole_at_every_request(site):
    """FLOW-06: the top level runs for any action of the file."""
    site.controller(
        "open(request.folder + 'top', 'a').write('x')\ndef a(): return 'a'\ndef b(): return 'b'\n"
    )
    client = site.client()
    client.get("/myapp/default/a")
    client.get("/myapp/default/b")
    assert (site.app / "top").read_text() == "xx"


def test_flow_08_view_does_not_see_controller_globals(site):
    """FLOW-08: a view that uses one fails with a ticket."""
    site.controller("SECRET = 1\ndef index():\n    return dict(a=1)\n")
    site.view("{{=SECRET}}")
    page = site.client().get("/myapp")
    assert page.status_code == 500
    assert len(site.tickets()) == 1


def test_flow_09_10_commit_and_roll_back(site):
    """FLOW-09, FLOW-10, ERR-08: success commits, an exception rolls back and leaves a ticket."""
    site.model("db = DAL('sqlite://s.sqlite')\ndb.define_table('t', Field('x'))\n")
    site.controller(
        """
        def add():
            db.t.insert(x='kept')
            return 'ok'
        def fail():
            db.t.insert(x='lost')
            return str(1 / 0)
        def count():
            return str(db(db.t).count())
        """
    )
    client = site.client()
    assert client.get("/myapp/default/add").text == "ok"
    failed = client.get("/myapp/default/fail")
    assert failed.status_code == 500
    assert client.get("/myapp/default/count").text == "1"
    assert len(site.tickets()) == 1


def test_flow_11_http_commits_unless_rolled_back(site):
    """FLOW-11, HTTP-03."""
    site.model("db = DAL('sqlite://s.sqlite')\ndb.define_table('t', Field('x'))\n")
    site.controller(
        """
        def keep():
            db.t.insert(x='a')
            raise HTTP(404)
        def drop():
            db.t.insert(x='b')
            db.rollback()
            raise HTTP(404)
        def count():
            return str(db(db.t).count())
        """
    )
    client = site.client()
    assert client.get("/myapp/default/keep").status_code == 404
    assert client.get("/myapp/default/drop").status_code == 404
    assert client.get("/myapp/default/count").text == "1"


def test_flow_12_visitor_sees_only_the_number(site):
    """FLOW-12, SEC-04, ERR-09: no file name, no source line."""
    site.controller("def index():\n    password = 'hunter2'\n    raise ValueError('inner words')\n")
    page = site.client().get("/myapp")
    assert page.status_code == 500
    assert "myapp/" in page.text
    for secret in ("hunter2", "inner words", "default.py", "ValueError"):
        assert secret not in page.text


def test_flow_13_act_05_iterables_are_streamed(site):
    """FLOW-13, ACT-05: the first piece is there before the last is made."""
    site.controller(
        """
        def index():
            def pieces():
                for number in range(3):
                    open(request.folder + 'made', 'a').write(str(number))
                    yield str(number)
            return pieces()
        """
    )
    page = TestClient(Application(site.root)).get("/myapp", buffered=False)
    parts = iter(page.response)
    assert next(parts) == b"0"
    assert "2" not in (site.app / "made").read_text()
    assert b"".join(parts) == b"12"


def test_err_10_error_in_a_stream_is_ticketed(site):
    """ERR-10: after the first byte too."""
    site.controller(
        "def index():\n    def pieces():\n        yield 'a'\n        raise ValueError('late')\n    return pieces()\n"
    )
    page = site.client().get("/myapp", buffered=False)
    with pytest.raises(ValueError, match="late"):
        b"".join(page.response)
    assert len(site.tickets()) == 1


def test_flow_14_edits_take_effect_at_the_next_request(site):
    """FLOW-14: models, controllers and views."""
    site.model("x = 1")
    site.view("{{=x}}{{=y}}")
    site.controller("def index():\n    return dict(y='a')\n")
    client = site.client()
    assert client.get("/myapp").text == "1a"
    site.model("x = 22")
    assert client.get("/myapp").text == "22a"
    site.controller("def index():\n    return dict(y='bb')\n")
    assert client.get("/myapp").text == "22bb"
    site.view("-{{=x}}{{=y}}")
    assert client.get("/myapp").text == "-22bb"


def test_flow_16_resp_08_pages_forbid_caching(site):
    """FLOW-16, RESP-08, CACHE-20."""
    headers = site.client().get("/myapp").headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Powered-By"] == "web2py"
    assert headers["Content-Length"] == "5"


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("return 'data'", "data"),  # ACT-01
        ("return DIV('<')", "<div>&lt;</div>"),  # ACT-04
        ("return (str(i) for i in range(3))", "012"),  # ACT-05
        ("return ['a', b'b', 1]", "ab1"),
        ("return b'bytes'", "bytes"),
        ("return 12", "12"),
    ],
)
def test_act_returned_values(run, code, body):
    """ACT-01, ACT-04, ACT-05."""
    assert run(code) == body


def test_act_02_03_dictionaries_go_through_the_view(site):
    """ACT-02, ACT-03, ACT-09: helpers as markup, texts escaped."""
    site.controller("def index():\n    a = '<b>'\n    b = B('x')\n    return locals()\n")
    site.view("{{=a}}{{=b}}")
    assert site.client().get("/myapp").text == "&lt;b&gt;<b>x</b>"


def test_act_01_text_type(site):
    """ACT-01."""
    assert site.client().get("/myapp").headers["Content-Type"] == "text/html; charset=utf-8"


def test_act_07_08_generic_views_only_when_allowed(site):
    """ACT-07, ACT-08, RESP-35."""
    site.controller("def index():\n    return dict(a=1)\ndef list():\n    return dict(a=2)\n")
    site.view("generic {{=a}}", "generic.html")
    site.view("json {{=a}}", "generic.json")
    client = site.client()
    refused = client.get("/myapp")
    assert refused.status_code == 404
    assert "invalid view" in refused.text
    site.model("response.generic_patterns = ['*.json', 'list.html']")
    assert client.get("/myapp").status_code == 404
    assert client.get("/myapp/default/index.json").text == "json 1"
    assert client.get("/myapp/default/list").text == "generic 2"
    site.model("response.generic_patterns = ['*']")
    assert client.get("/myapp").text == "generic 1"


def test_mdl_01_alphabetical_order(site):
    """MDL-01."""
    site.model("x = 1", "a")
    site.model("x += 1", "b")
    site.controller("def index():\n    return str(x)\n")
    assert site.client().get("/myapp").text == "2"


def test_mdl_03_conditional_models(site):
    """MDL-03."""
    for name in ("shop/x", "shop/list/y", "other/z"):
        site.write(
            f"models/{name}.py", "open(request.folder + 'ran', 'a').write(__file__ if 0 else '" + name + ";')"
        )
    site.controller("def list(): return ''\ndef any(): return ''\n", "shop")
    client = site.client()
    client.get("/myapp/default/index")
    assert not (site.app / "ran").exists()
    client.get("/myapp/shop/any")
    assert (site.app / "ran").read_text() == "shop/x;"
    client.get("/myapp/shop/list")
    assert (site.app / "ran").read_text() == "shop/x;shop/x;shop/list/y;"


def test_mdl_04_05_the_list_is_read_while_walking(site):
    """MDL-04, MDL-05, RESP-34: models sorted before the change stay skipped."""
    site.write("models/apple/a.py", "open(request.folder + 'ran', 'a').write('apple;')")
    site.write("models/default/o.py", "response.models_to_run = ['.*']")
    site.write("models/zzz/z.py", "open(request.folder + 'ran', 'a').write('zzz;')")
    site.client().get("/myapp")
    assert (site.app / "ran").read_text() == "zzz;"


def test_mdl_06_07_patterns_and_compiled_ones(site):
    """MDL-06, MDL-07."""
    site.model("import re\nresponse.models_to_run.append(re.compile('^zzz/'))")
    site.write("models/zzz/z.py", "shared = 'seen'")
    site.controller("def index():\n    return shared\n")
    assert site.client().get("/myapp").text == "seen"


def test_mdl_08_parallel_requests_do_not_share_names(site):
    """MDL-08, CUR-02: each request sees its own model names and its own current.request."""
    site.model("import time\nmine = request.vars.n\ntime.sleep(0.05)")
    site.write("modules/who.py", "from gluon import current\ndef n():\n    return current.request.vars.n\n")
    site.controller("import who\ndef index():\n    return mine + who.n()\n")
    application = Application(site.root)
    answers: dict[int, str] = {}

    def visit(number: int) -> None:
        answers[number] = TestClient(application).get(f"/myapp?n={number}").text

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: f"{number}{number}" for number in range(8)}


def test_disp_04_private_functions(site):
    """DISP-04: arguments or two underscores make a function private."""
    site.controller(
        "def f(x): return 'no'\ndef __g(): return 'no'\ndef h(x=1): return 'no'\ndef _i(): return 'yes'\n"
    )
    client = site.client()
    for name in ("f", "__g", "h", "missing"):
        page = client.get(f"/myapp/default/{name}")
        assert page.status_code == 404, name
        assert "invalid function" in page.text


def test_disp_12_unknown_names(site):
    """DISP-12, ERR-06."""
    client = site.client()
    assert client.get("/myapp/nosuch/index").status_code == 404
    assert "invalid controller" in client.get("/myapp/nosuch/index").text
    assert client.get("/nosuch").status_code == 404


def test_names_01_13_objects_are_there(run):
    """NAMES-01..05, NAMES-07..09, NAMES-13."""
    assert "ache" in run("return str(type(cache))")
    assert run("return T('x')") == "x"
    assert run("return TAG.abc('x', _y='1')") == '<abc y="1">x</abc>'
    assert run("return A('go', _href='/x')") == '<a href="/x">go</a>'
    assert run("return BR()") == "<br />"
    assert run("return repr(IS_INT_IN_RANGE(0, 10)('7'))") == "(7, None)"
    assert run("return str(SQLDB is DAL and SQLField is Field)") == "True"
    assert run("db = DAL('sqlite:memory')\nreturn str(db.tables)") == "[]"


def test_names_03_http_of_any_status(site):
    """NAMES-03, HTTP-11."""
    site.controller("def index():\n    raise HTTP(418)\n")
    page = site.client().get("/myapp")
    assert page.status_code == 418
    assert page.status.split(" ", 1)[1]


def test_names_10_11_not_everything_is_automatic(site):
    """NAMES-10, NAMES-11."""
    for name in ("Auth", "Crud", "Service", "W2P_TASK"):
        site.controller(f"def index():\n    return str({name})\n")
        assert site.client().get("/myapp").status_code == 500


def test_names_12_star_import_outside_of_an_application():
    """NAMES-12, SITE-08."""
    names: dict[str, object] = {}
    exec("from gluon import *", names)
    assert str(names["DIV"]("x")) == "<div>x</div>"  # type: ignore[operator]
    for name in ("URL", "HTTP", "redirect", "current", "DAL", "Field", "IS_EMAIL", "XML", "LOAD"):
        assert name in names


def test_flow_05_names_can_be_walked_through_whatever_warns_meanwhile(site):
    """FLOW-05, APPADM-01: Python notes a warning among the names of the code that runs just then.

    Garbage that is collected meanwhile, as a file that nobody has closed, warns too, at any moment.
    """
    site.controller(
        """
        import warnings
        def index():
            for name in globals():
                warnings.warn('x')
            return 'walked'
        """
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert site.client().get("/myapp").text == "walked"


def test_exec_environment(site):
    """EXEC-1, EXEC-2, EXEC-3, EXEC-5, COOP-6."""
    site.write("models/db.py", "value = 41", "other")
    site.write("controllers/other.py", "def f():\n    return dict(answer=request.env.remote_addr)\n", "other")
    site.controller(
        """
        import os
        from gluon.shell import exec_environment
        base = os.path.join(request.folder, '..', 'other')
        def index():
            e = exec_environment(os.path.join(base, 'models', 'db.py'))
            c = exec_environment(os.path.join(base, 'controllers', 'other.py'), request=request)
            d = exec_environment(os.path.join(base, 'controllers', 'other.py'))
            return '%s %s %s %s' % (e.value, c.f(), d.f(), request.application)
        """
    )
    assert site.client().get("/myapp").text == "41 {'answer': '127.0.0.1'} {'answer': None} myapp"
