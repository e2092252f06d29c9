"""When files and folders of an application are looked at: development, production, first pages."""

from __future__ import annotations

import gc
import os
import shutil

import pytest

from runtime.web.settling import SETTLE_AT, YOUNG


@pytest.fixture
def collector():
    """Put the garbage collector of the tests back as it was."""
    before, on = gc.get_threshold(), gc.isenabled()
    yield
    gc.set_threshold(*before)
    if on:
        gc.enable()


def test_mdl_01_a_models_folder_that_appears_and_goes(site):
    """MDL-01, FLOW-14: an application without models gets its first one, and loses it again."""
    site.controller("def index():\n    return globals().get('word', 'none')\n")
    client = site.client()
    pages = [client.get("/myapp").text]
    site.model("word = 'first'")
    pages.append(client.get("/myapp").text)
    shutil.rmtree(site.app / "models")
    pages.append(client.get("/myapp").text)
    assert pages == ["none", "first", "none"]


def test_mdl_05_models_narrowed_in_place(site):
    """MDL-05: a model may change the list itself, not only assign another one."""
    site.model("response.models_to_run.clear()\nword = 'first'", "a")
    site.model("word = 'second'", "b")
    site.controller("def index():\n    return word\n")
    assert site.client().get("/myapp").text == "first"


def test_imp_01_a_modules_folder_that_appears(site):
    """IMP-01: the first module of an application that had no modules/ is found at the next request."""
    site.controller(
        "def index():\n    try:\n        import fresh\n    except ImportError:\n        return 'no'\n"
        "    return fresh.value\n"
    )
    client = site.client()
    assert client.get("/myapp").text == "no"
    site.write("modules/fresh.py", "value = 'there'")
    assert client.get("/myapp").text == "there"


@pytest.mark.parametrize("development", [True, False])
def test_flow_14_maintenance_and_databases_folder(site, monkeypatch, development):
    """FLOW-14, APPDIR-10: DISABLED counts at once in development, after a second in production."""
    clock = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    client = site.client(development=development)
    assert client.get("/myapp").status_code == 200
    assert (site.app / "databases").is_dir()
    (site.app / "DISABLED").touch()
    clock[0] += 0.5
    assert client.get("/myapp").status_code == (503 if development else 200)
    clock[0] += 1.0
    assert client.get("/myapp").status_code == 503


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 3_000_000])
def test_static_01_files_of_any_size(site, size):
    """STATIC-01, DISP-07, DISP-08: whole, part, conditional; read at once or handed over as a file."""
    data = os.urandom(size)
    site.write("static/file.bin", data)
    client = site.client()
    page = client.get("/myapp/static/file.bin")
    assert page.data == data
    assert page.headers["Content-Length"] == str(size)
    assert client.get("/myapp/static/file.bin", headers={"If-None-Match": page.headers["ETag"]}).data == b""
    assert client.head("/myapp/static/file.bin").headers["Content-Length"] == str(size)
    if size:
        part = client.get("/myapp/static/file.bin", headers={"Range": f"bytes={size // 2}-"})
        assert (part.status_code, part.data) == (206, data[size // 2 :])


def test_settling_changes_no_page(site):
    """The first pages are answered as the later ones, also where the process settles."""
    site.controller("def index():\n    return str(request.vars.n)\n")
    client = site.client()
    count = min(SETTLE_AT) + 3
    assert [client.get(f"/myapp?n={n}").text for n in range(count)] == [str(n) for n in range(count)]


@pytest.mark.parametrize(("set_before", "set_after"), [(700, YOUNG), (50_000, 50_000), (0, 0)])
def test_settling_looks_for_cycles_less_often(site, collector, set_before, set_after):
    """A server looks for cycles after 2,000 young objects; who chose more, or none at all, keeps that."""
    gc.set_threshold(set_before)
    client = site.client()
    for _ in range(min(SETTLE_AT)):
        client.get("/myapp")
    assert gc.get_threshold()[0] == set_after


def test_what_an_action_held_goes_with_its_redirect(site, collector):
    """A large value of an action that ends by HTTP is given back at once, not when cycles are looked for."""
    site.controller("def index():\n    held = bulk.Large()\n    redirect('elsewhere')\n")
    site.write("modules/bulk.py", "import weakref\nalive = weakref.WeakSet()\n"
               "class Large:\n    def __init__(self):\n        alive.add(self)\n")  # fmt: skip
    site.model("import bulk")
    site.controller("def count():\n    return str(len(bulk.alive))\n", "other")
    client = site.client()
    gc.disable()
    assert [client.get("/myapp").status_code for _ in range(3)] == [303] * 3
    assert client.get("/myapp/other/count").text == "0"


def test_appdir_01_a_disk_that_knows_no_case(site, monkeypatch):
    """APPDIR-01: an application copied from Windows may spell its folders in another way."""
    from runtime.web import folder_names

    (site.app / "Models").mkdir(parents=True)
    look = folder_names.FolderNames()
    assert "models" not in look(f"{site.app}/")
    monkeypatch.setattr(folder_names, "_KNOWS_NO_CASE", True)
    assert {"models", "Models"} <= folder_names.FolderNames()(f"{site.app}/")
