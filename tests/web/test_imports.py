"""CUR, IMP, MOD: `current` and the modules of applications."""

from __future__ import annotations

import sys

import pytest

from runtime.foundation.current import current
from runtime.web.importer import is_tracking_changes, track_changes


@pytest.fixture(autouse=True)
def _plain_imports():
    yield
    track_changes(False)


def test_cur_01_03_current(site):
    """CUR-01, CUR-03: request objects and the application's own; the next request starts clean."""
    site.write(
        "modules/m.py",
        "from gluon import current\ndef f():\n    return '%s %s' % (current.request.client, getattr(current, 'auth', 'none'))\n",
    )
    site.controller(
        "import m\nfrom gluon import current\n"
        "def index():\n    if request.vars.set:\n        current.auth = 'me'\n    return m.f()\n"
    )
    client = site.client()
    assert client.get("/myapp?set=1").text == "127.0.0.1 me"
    assert client.get("/myapp").text == "127.0.0.1 none"


def test_cur_05_outside_of_a_request():
    """CUR-05."""
    current._begin()
    with pytest.raises(AttributeError, match=r"current\.request is not set"):
        _ = current.request


def test_imp_01_02_own_modules_first(site):
    """IMP-01, IMP-02, MOD-3: each application gets its own, in one process, in either order."""
    site.write("modules/lib.py", "name = 'mine'")
    site.write("modules/lib.py", "name = 'theirs'", "other")
    site.write("modules/json.py", "name = 'shadow'")
    for app in ("myapp", "other"):
        site.controller(
            "import lib, json\ndef index():\n    return lib.name + ' ' + getattr(json, 'name', 'standard')\n",
            app=app,
        )
    path = list(sys.path)
    client = site.client()
    assert client.get("/other").text == "theirs standard"
    assert client.get("/myapp").text == "mine shadow"
    assert client.get("/other").text == "theirs standard"
    assert sys.path == path


def test_imp_03_coop_07_long_form(site):
    """IMP-03, COOP-7, APPDIR-07."""
    site.write("modules/m.py", "def name():\n    return __name__\n", "other")
    site.controller(
        "from applications.other.modules import m\nimport applications.other.modules.m as n\n"
        "from applications.other.modules.m import name\n"
        "def index():\n    return m.name() + ' ' + str(m is n) + ' ' + name()\n"
    )
    assert (
        site.client().get("/myapp").text == "applications.other.modules.m True applications.other.modules.m"
    )


def test_mod_04_packages_with_relative_imports(site):
    """MOD-4: packages, relative imports, and imports of a sibling by its short name."""
    site.write("modules/pkg/__init__.py", "")
    site.write("modules/pkg/b.py", "value = 7")
    site.write(
        "modules/pkg/a.py",
        "from .b import value\nimport helper\nfrom . import b\nresult = value + helper.one + b.value",
    )
    site.write("modules/helper.py", "one = 1")
    site.controller(
        "import pkg.a\nfrom pkg.a import result\nfrom pkg import b\ndef index():\n    return str(pkg.a.result) + str(result) + str(b.value)\n"
    )
    assert site.client().get("/myapp").text == "15157"


def test_imp_04_05_06_tracking(site):
    """IMP-04, IMP-05, IMP-06, DEV-03: only while tracking a changed module is loaded anew."""
    site.write("modules/mod.py", "value = 'one'")
    site.controller("import mod\ndef index():\n    return mod.value\n")
    client = site.client()
    assert client.get("/myapp").text == "one"
    site.write("modules/mod.py", "value = 'second'")
    assert client.get("/myapp").text == "one"
    assert not is_tracking_changes()
    site.model("from gluon.custom_import import track_changes, is_tracking_changes\ntrack_changes(True)")
    client.get("/myapp")
    site.write("modules/mod.py", "value = 'third one'")
    assert client.get("/myapp").text == "third one"
    assert is_tracking_changes()


def test_a_new_module_is_found(site):
    """IMP-01: a module added later is seen without a restart."""
    site.controller(
        "def index():\n    try:\n        import late\n        return late.value\n    except ImportError:\n        return 'none'\n"
    )
    client = site.client()
    assert client.get("/myapp").text == "none"
    site.write("modules/other.py", "x = 1")
    assert client.get("/myapp").text == "none"
    site.write("modules/late.py", "value = 'there'")
    assert client.get("/myapp").text == "there"


def test_mod_01_02_site_packages(site):
    """MOD-1, MOD-2."""
    folder = site.root / "site-packages"
    folder.mkdir()
    (folder / "hadron_test_package.py").write_text("value = 'site'")
    site.controller(
        "import math, hadron_test_package\ndef index():\n    return '%d %s' % (math.floor(2.5), hadron_test_package.value)\n"
    )
    site.view("{{import math}}{{=math.pi > 3}}", "default/v.html")
    try:
        assert site.client().get("/myapp").text == "2 site"
    finally:
        sys.path.remove(str(folder))


def test_error_in_a_module_is_ticketed_with_its_line(site):
    """FLOW-10: the ticket names the module's file."""
    site.write("modules/bad.py", "x = 1\ny = 1 / 0\n")
    site.controller("import bad\ndef index():\n    return ''\n")
    assert site.client().get("/myapp").status_code == 500
    assert "modules/bad.py" in site.tickets()[0].read_text()


def test_cur_01_names_of_the_models_in_modules(site):
    """CUR-01, CUR-03: a module reaches the names of models and controllers through current.globalenv."""
    site.model("from gluon import current\ndb = DAL('sqlite:memory')\ncurrent.seen = 'kept'\n")
    site.write(
        "modules/helper.py",
        "from gluon import current\n\ndef names():\n"
        "    there = current.globalenv\n"
        "    return (there['db']._uri, there['of_controller'], there['request'] is current.request)\n",
    )
    site.controller(
        "import helper\nof_controller = request.function\n"
        "def index():\n    return repr(helper.names())\n"
        "def page():\n    return repr((str(LOAD('default', 'index', ajax=False)), current.globalenv is globals()))\n"
    )
    client = site.client()
    assert client.get("/myapp/default/index").text == "('sqlite:memory', 'index', True)"
    page = client.get("/myapp/default/page").text
    assert "'index', True)" in page.replace("\\", "").replace("&#x27;", "'")
    assert page.endswith(", True)"), "what a component changed is put back"


def test_names_08_pydal_imported_by_an_application(site):
    """NAMES-08, IMP-01: a database made with pydal's names ends with its request, and forms and grids take it."""
    site.model(
        """
        from pydal import DAL, Field
        import pydal, pydal.validators
        from pydal.objects import Field as SameField, Row
        from helper import table
        other = DAL('sqlite://other.sqlite')
        table(other)
        """
    )
    site.write(
        "modules/helper.py",
        """
        import pydal.objects
        from pydal import *
        from pydal.validators import IS_NOT_EMPTY
        def table(db):
            db.define_table('thing', pydal.objects.Field('name', requires=IS_NOT_EMPTY()), Field('n', 'integer'))
        """,
    )
    site.controller(
        "def index():\n"
        "    other.thing.insert(name='one', n=1)\n"
        "    if request.vars.fail:\n"
        "        1 / 0\n"
        "    import gluon\n"
        "    same = pydal.DAL is gluon.DAL is DAL and SameField is pydal.Field is Field\n"
        "    return repr((same, other(other.thing).count(), isinstance(other.thing(1), Row)))\n"
        "def grid():\n"
        "    return str(SQLFORM.grid(other.thing, user_signature=False)) + str(SQLFORM(other.thing))\n"
    )
    client = site.client()
    assert client.get("/myapp/default/index").text == "(True, 1, True)"
    assert client.get("/myapp/default/index?fail=1").status_code == 500
    assert client.get("/myapp/default/index").text == "(True, 2, True)", "a failed request leaves nothing"
    page = client.get("/myapp/default/grid").text
    assert "one" in page
    assert 'name="n"' in page
