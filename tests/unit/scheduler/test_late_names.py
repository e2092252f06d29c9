"""What makes pages comes into a task's environment when code mentions it (SCHED-15, SCHED-61)."""

from __future__ import annotations

import sys
import warnings

import pytest

from runtime.scheduler.loading import ApplicationModels
from runtime.web import late_names
from runtime.web.environment import base_names


@pytest.fixture
def run(tmp_path):
    """Run a model and return the environment, as a task sees it."""
    application = tmp_path / "applications" / "myapp"
    for name in ("models", "views/default"):
        (application / name).mkdir(parents=True)
    (application / "views" / "default" / "mail.html").write_text("{{=DIV(A('x', _href=URL('a', 'b')))}}")
    models = ApplicationModels(str(tmp_path), "myapp", late=True)

    def run(text):
        (application / "models" / "m.py").write_text(text)
        try:
            return models.begin()
        finally:
            models.finish()

    return run


def test_the_same_names_as_in_requests(run):
    """SCHED-15: a task sees what an action sees; no name is forgotten when a room gets another one."""
    assert set(late_names.late_names()) == set(base_names())
    late = {name for names in late_names.ROOMS.values() for name in names}
    assert {n: v for n, v in late_names.late_names().items() if n not in late} == {
        n: v for n, v in base_names().items() if n not in late
    }
    assert {name: late_names.real_name(name) for name in late} == {name: base_names()[name] for name in late}


def test_names_can_be_walked_through_whatever_warns_meanwhile(run):
    """SCHED-15: as in requests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run("import warnings\ndef walk():\n    for name in globals():\n        warnings.warn('x')\nwalk()\n")


def test_names_that_code_mentions_are_the_real_ones(run):
    names = run(
        "div = DIV\ndef task():\n    def inner():\n        return [SQLFORM.grid for _ in range(1)]\n    return inner()\n"
    )
    assert names["div"] is base_names()["DIV"]
    assert names["SQLFORM"] is base_names()["SQLFORM"]
    assert names["task"]() == [base_names()["SQLFORM"].grid]
    assert type(names["SPAN"]) is late_names.LateName


def test_a_name_that_a_model_gives_another_meaning_keeps_it(run):
    names = run("exec('URL = 7')\ndef task():\n    return URL\n")
    assert names["task"]() == 7


def test_names_found_by_other_ways_work_as_well(run):
    """`eval`, `globals()`: called, read, inherited from, asked about."""
    names = run(
        "found = eval(\"DIV('a', SPAN('b'))\")\n"
        "is_div = isinstance(found, globals()['D' + 'IV'])\n"
        "exec('class Mine(FORM): pass')\n"
        "is_form = eval('issubclass(Mine, FORM)')\n"
        "address = eval(\"URL('c', 'f')\")\n"
        "widget = eval('SQLFORM.widgets')\n"
        "same = eval('DIV == found.__class__ and hash(DIV) == hash(found.__class__) and DIV != SPAN')\n"
        "shown = eval('repr(DIV)')\n"
    )
    real = base_names()
    assert str(names["found"]) == "<div>a<span>b</span></div>"
    assert type(names["found"]) is real["DIV"]
    assert names["is_div"]
    assert real["FORM"] in names["Mine"].__mro__
    assert names["is_form"]
    assert names["address"] == "/myapp/c/f"
    assert names["widget"] is real["SQLFORM"].widgets
    assert names["same"]
    assert names["shown"] == repr(real["DIV"])


def test_views_see_all_names(run):
    names = run("def task():\n    return response.render('default/mail.html', {})\n")
    assert names["task"]() == '<div><a href="/myapp/a/b">x</a></div>'
    assert names["DIV"] is base_names()["DIV"]


def test_a_missing_name_of_gluon_is_an_import_error():
    import gluon
    import gluon.globals  # a submodule that has the name of a builtin function

    vars(gluon).pop("SQLFORM", None)
    assert gluon.SQLFORM is base_names()["SQLFORM"]
    assert not hasattr(gluon, "SQLFOMR")
    assert "SQLFORM" in dir(gluon) or "SQLFORM" in gluon.__all__
    with pytest.raises(ImportError):
        exec("from gluon import SQLFOMR")
    assert "runtime.forms" in sys.modules
