"""PACK-03: applications served from their compiled form."""

from __future__ import annotations

import json
import shutil

import pytest

from runtime.foundation.compiled import CompiledError, compiled_path
from runtime.gluon.compileapp import compile_application, remove_compiled_application
from runtime.web.compiled_app import CompileError


@pytest.fixture
def full(site):
    """An application with models, conditional models, computed layouts and includes, and errors."""
    site.model("word = 'models'\nresponse.models_to_run.append('zzz/')")
    site.write("models/default/only.py", "conditional = True")
    site.write("models/zzz/last.py", "last = word")
    site.controller(
        """
        layout = 'wide.html'
        def index(): return dict(layout=request.vars.layout or 'wide.html', part='part.html')
        def plain(): return word + last
        def fail(): return dict(a=1 / 0)
        def badview(): return dict()
        def generic():
            response.generic_patterns = ['*']
            return dict(x=1)
        def _hidden(x): return x
        def given(x): return x
        """
    )
    site.controller("def index(): return str('conditional' in globals())", "other")
    site.view(
        "{{extend layout}}\n{{block title}}T{{end}}<p>{{=word}}</p>{{include part}}", "default/index.html"
    )
    site.view("\n{{extend 'wide.html'}}\n{{=1/0}}", "default/badview.html")
    site.view("<wide>{{block title}}none{{end}}{{include}}</wide>", "wide.html")
    site.view("<narrow>{{include}}</narrow>", "narrow.html")
    site.view("<i>{{=conditional}}</i>", "part.html")
    site.view("generic {{=x}}", "generic.html")
    return site


def strip(site):
    for name in ("models", "controllers", "views"):
        shutil.rmtree(site.app / name)


PAGES = [
    "/myapp/default/index",
    "/myapp/default/index?layout=narrow.html",
    "/myapp/default/plain",
    "/myapp/other/index",
    "/myapp/default/generic",
    "/myapp/default/given",
    "/myapp/default/_hidden",
    "/myapp/default/nothing",
    "/myapp/nothing/index",
]


def pages(site):
    client = site.client()
    answers = [client.get(path) for path in PAGES]
    return [(answer.status_code, answer.text) for answer in answers]


def test_pack_03_same_pages_without_sources(full):
    """PACK-03: compiled, the application gives the same pages; other functions stay hidden."""
    before = pages(full)
    assert [status for status, _ in before] == [200, 200, 200, 200, 200, 404, 404, 404, 404]
    assert before[1][1].startswith("<narrow>")
    assert compile_application(str(full.app)) == []
    strip(full)
    assert pages(full) == before


@pytest.mark.parametrize(
    ("action", "frame"),
    [("fail", ("controllers/default.py", 5)), ("badview", ("views/default/badview.html", 3))],
)
def test_pack_03_errors_name_file_and_line(full, action, frame):
    """PACK-03, ERR: a ticket of a compiled application names the place in the sources."""
    compile_application(str(full.app))
    strip(full)
    assert full.client().get(f"/myapp/default/{action}").status_code == 500
    text = next(path for path in full.tickets() if path.suffix == ".json").read_text()
    frames = [(one["file"], one["line"]) for one in json.loads(text)["frames"]]
    assert any(path.endswith(frame[0]) and line == frame[1] for path, line in frames), frames


def test_pack_03_sources_go_first(full):
    """FLOW-14: while there are sources, edits show, compiled or not; what was deleted is gone."""
    compile_application(str(full.app))
    client = full.client()
    full.controller("def index(): return 'edited'")
    assert client.get("/myapp/default/index").text == "edited"
    (full.app / "controllers" / "other.py").unlink()
    assert client.get("/myapp/other/index").status_code == 404


def test_pack_03_a_model_beside_the_compiled_form(full):
    """PACK-03: a site may add a model or replace a view of a compiled application."""
    compile_application(str(full.app))
    strip(full)
    full.write("models/a.py", "response.headers['X-Site'] = 'own'")
    full.write("views/narrow.html", "<site>{{include}}</site>")
    page = full.client().get("/myapp/default/plain")
    assert (page.text, page.headers["X-Site"]) == ("modelsmodels", "own")


def test_pack_03_a_new_version_is_noticed(full):
    """FLOW-14: installing a newer compiled form needs no restart."""
    compile_application(str(full.app))
    client = full.client()
    sources = full.root / "sources"
    shutil.copytree(full.app, sources)
    strip(full)
    assert client.get("/myapp/default/plain").text == "modelsmodels"
    assert "<p>models</p>" in client.get("/myapp/default/index").text
    (sources / "controllers" / "default.py").write_text(
        "def plain(): return 'second'\ndef index(): return dict(layout='', part='')"
    )
    (sources / "views" / "default" / "index.html").write_text("second page")
    compile_application(str(sources))
    shutil.copy(compiled_path(sources), compiled_path(full.app))
    assert client.get("/myapp/default/plain").text == "second"
    assert client.get("/myapp/default/index").text == "second page"


def test_pack_03_mistakes_are_listed_and_nothing_is_written(full):
    """PACK-03: every mistake with file and line; views can be left out, code can not."""
    full.view("{{if x:}}never closed", "default/broken.html")
    full.model("def f(:\n", "broken")
    with pytest.raises(CompileError) as caught:
        compile_application(str(full.app))
    assert "models/broken.py, line 1" in str(caught.value)
    assert "views/default/broken.html" in str(caught.value)
    assert not (full.app / "compiled").exists()
    (full.app / "models" / "broken.py").unlink()
    failed = compile_application(str(full.app), skip_failed_views=True)
    assert len(failed) == 1
    assert "views/default/broken.html" in failed[0]


def test_pack_03_removing(full):
    """PACK-03: the compiled form can be removed, but not the only form there is."""
    compile_application(str(full.app))
    remove_compiled_application(str(full.app))
    assert not (full.app / "compiled").exists()
    compile_application(str(full.app))
    strip(full)
    with pytest.raises(CompiledError, match="has no sources"):
        remove_compiled_application(str(full.app))
    assert full.client().get("/myapp/default/plain").status_code == 200


def message(site):
    assert site.client().get("/myapp/default/index").status_code == 500
    text = next(path for path in site.tickets() if path.suffix == ".json").read_text()
    return json.loads(text)["message"]


def test_pack_03_another_python(full):
    """PACK-03: code of another Python is refused with both names; a damaged file never reaches marshal."""
    compile_application(str(full.app))
    strip(full)
    path = full.app / "compiled" / "application.bin"
    head, _, code = path.read_bytes().partition(b"\n")
    values = json.loads(head)
    path.write_bytes(
        json.dumps(values | {"magic": "00000000", "python": "cpython-39"}).encode() + b"\n" + code
    )
    assert "compiled for cpython-39" in message(full)
    shutil.rmtree(full.app / "errors")
    path.write_bytes(head + b"\n" + code[:-1] + b"?")
    assert "damaged" in message(full)


@pytest.mark.parametrize(("magic", "name"), [(62211, "Python 2.7"), (3413, "Python 3.8")])
def test_pack_03_old_compiled_applications_are_named(full, magic, name):
    """PACK-03: an application compiled by the old framework: said plainly, with its Python."""
    strip(full)
    (full.app / "compiled").mkdir()
    (full.app / "compiled" / "models.db.pyc").write_bytes(magic.to_bytes(2, "little") + b"\r\n" + bytes(12))
    text = message(full)
    assert name in text
    assert "sources" in text


def test_pack_03_parametric_router(full):
    """REWR-PARAM: the controllers of a compiled application are known to the router."""
    (full.root / "routes.py").write_text("routers = dict(BASE=dict(default_application='myapp'))")
    compile_application(str(full.app))
    strip(full)
    client = full.client()
    assert client.get("/other").text == "False"
    assert client.get("/plain").text == "modelsmodels"


def test_pack_03_exec_environment(full):
    """EXEC-1: other applications may run a compiled controller."""
    from runtime.web.exec_environment import exec_environment

    compile_application(str(full.app))
    strip(full)
    found = exec_environment(str(full.app / "controllers" / "default.py"))
    assert found.layout == "wide.html"
