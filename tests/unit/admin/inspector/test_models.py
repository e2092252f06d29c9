"""Running an application's models in a child: what is found, and models that misbehave (UI-DB-01, AP bad input)."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from runtime.admin.inspector import Inspector, InspectorProblem, Inspectors, Limits
from runtime.cli.main import main

SHOP = '''
from gluon.scheduler import Scheduler
db = DAL("sqlite://storage.sqlite")
db.define_table("person", Field("name", requires=IS_NOT_EMPTY()), format="%(name)s")
db.define_table("thing",
    Field("name", length=100, unique=True, label="Title", comment="what it is called"),
    Field("kind", requires=IS_IN_SET(["lamp", "chair"]), default="lamp"),
    Field("owner", "reference person", notnull=True))
def send_mails(number, subject="hello"):
    """Send some mails."""
def _hidden(): pass
scheduler = Scheduler(db)
'''


def test_databases_tables_and_fields_are_found(application):
    """UI-DB-01: name, engine, tables, fields with what the model says, references both ways, the model's line."""
    report = application(SHOP).describe()
    assert report["loads"] is True
    (database,) = report["databases"]
    assert (database["name"], database["engine"], database["database"]) == ("db", "sqlite", "storage.sqlite")
    tables = {one["name"]: one for one in database["tables"]}
    thing, person = tables["thing"], tables["person"]
    assert (thing["file"], thing["line"], thing["exists"]) == ("models/db.py", 5, False)
    assert thing["references"] == [{"field": "owner", "table": "person"}]
    assert person["referenced_by"] == [{"table": "thing", "field": "owner"}]
    fields = {one["name"]: one for one in thing["fields"]}
    assert (fields["name"]["length"], fields["name"]["unique"], fields["name"]["label"]) == (
        100,
        True,
        "Title",
    )
    assert fields["name"]["comment"] == "what it is called"
    assert fields["kind"]["choices"] == [["lamp", "lamp"], ["chair", "chair"]]
    assert fields["kind"]["default"] == "'lamp'"
    assert (fields["owner"]["kind"], fields["owner"]["notnull"]) == ("reference", True)
    assert [f["validators"] for f in person["fields"] if f["name"] == "name"] == [["IS_NOT_EMPTY()"]]


def test_scheduler_and_its_functions_are_found(application):
    """UI-SC-07: the functions that the scheduler offers, with signature and docstring."""
    (scheduler,) = application(SHOP).describe()["schedulers"]
    assert (scheduler["name"], scheduler["database"], scheduler["groups"]) == ("scheduler", "db", ["main"])
    (function,) = scheduler["functions"]
    assert function["name"] == "send_mails"
    assert function["signature"] == "(number, subject='hello')"
    assert [one["required"] for one in function["parameters"]] == [True, False]
    assert (function["doc"], function["line"]) == ("Send some mails.", 9)


def test_looking_changes_no_database(application, site: Path):
    """UI-DB-01: no table and no migration file is made by looking."""
    application(SHOP).describe()
    folder = site / "applications" / "shop" / "databases"
    assert not list(folder.glob("*.table"))
    assert application(SHOP).describe()["databases"][0]["tables"][0]["exists"] is False


@pytest.mark.parametrize(
    ("model", "kind", "words", "line"),
    [
        ("x = 1\ny = 1 / 0\n", "load", "ZeroDivisionError", 2),
        ("x = (\n", "load", "SyntaxError", 1),
        ("import os\nos._exit(7)\n", "exit", "code 7", 2),
        ("import sys\nsys.exit(5)\n", "exit", "code 5", 2),
        ("redirect('/elsewhere')\n", "load", "HTTP 303", 1),
        pytest.param("import os\n\nos.fork()\n", "fork", "copies of its own process", 3,
                     marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")),
    ],
)  # fmt: skip
def test_a_model_that_fails_is_told_with_its_line(application, model, kind, words, line):
    """Issue 9, bad input: models that raise, exit or fork: *does not load*, with reason, file and line."""
    report = application(model).describe()
    problem = report["problem"]
    assert report["loads"] is False
    assert (problem["kind"], problem["file"], problem["line"]) == (kind, "models/db.py", line)
    assert words in problem["message"]


def test_a_model_that_hangs_is_ended(site: Path):
    """Issue 9, bad input: a model that hangs is killed after the limit, and the line is named."""
    models = site / "applications" / "shop" / "models"
    models.mkdir(parents=True)
    (models / "db.py").write_text("import time\ntime.sleep(600)\n")
    with Inspectors(site, Limits(load=1.0)) as inspectors:
        begun = time.monotonic()
        inspector = inspectors.of("shop")
        problem = inspector.describe()["problem"]
        assert time.monotonic() - begun < 60
        assert (problem["kind"], problem["line"]) == ("hang", 2)
        assert inspector.pid is None or not psutil.pid_exists(inspector.pid)


def test_what_models_print_never_breaks_the_answers(application):
    """Issue 9, bad input: a model that prints, to Python's and to the system's output, is read all the same."""
    model = (
        "import os, sys\n"
        'print(\'{"event": "answer", "id": 1, "answer": {}}\')\n'
        'os.write(1, b\'{"event": "answer", "id": 1, "answer": {}}\\n\' * 3)\n'
        "os.write(2, b'x' * 3000000)\n"
        "print('y' * 100000)\n"
        "db = DAL('sqlite://storage.sqlite')\n"
    )
    report = application(model).describe()
    assert report["loads"]
    assert report["databases"][0]["name"] == "db"
    assert "event" in report["printed"]
    assert len(report["printed"]) < 5000


@pytest.mark.skipif(sys.platform == "win32", reason="counts processes by group")
def test_processes_that_a_model_starts_end_with_the_child(application, site: Path):
    """Issue 9: no process is left behind."""
    inspector: Inspector = application(
        "import subprocess, sys\nsleeper = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(site / 'pid')!r}, 'w').write(str(sleeper.pid))\n"
    )
    assert inspector.describe()["loads"]
    sleeper = int((site / "pid").read_text())
    child = inspector.pid
    assert psutil.pid_exists(sleeper)
    inspector.restart()
    until = time.monotonic() + 60
    while time.monotonic() < until and (_alive(sleeper) or _alive(child)):
        time.sleep(0.02)
    assert not _alive(sleeper)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of memory are the system's")
def test_a_model_that_takes_all_memory_is_ended(site: Path):
    """Issue 9, bad input: memory has a limit."""
    models = site / "applications" / "shop" / "models"
    models.mkdir(parents=True)
    (models / "db.py").write_text("data = []\nwhile True:\n    data.append(bytearray(b'x' * 20_000_000))\n")
    with Inspectors(site, Limits(memory=400_000_000)) as inspectors:
        problem = inspectors.of("shop").describe()["problem"]
    assert problem["kind"] == "memory"
    assert "memory" in problem["message"]


def test_a_changed_model_is_read_again(application):
    """UI-DB-01: the child starts again with fresh modules when a model changed."""
    inspector = application("db = DAL('sqlite://storage.sqlite')\ndb.define_table('one')\n")
    assert [t["name"] for t in inspector.describe()["databases"][0]["tables"]] == ["one"]
    time.sleep(0.6)
    inspector = application("db = DAL('sqlite://storage.sqlite')\ndb.define_table('other')\n")
    assert [t["name"] for t in inspector.describe()["databases"][0]["tables"]] == ["other"]


def test_passwords_are_never_told(application):
    """UI-DB-11: host and name of the database are told, its password is not, also not by a failure."""
    model = "db = DAL('postgres://me:hush-hush@127.0.0.1:1/books', migrate=False)\n"
    report = application(model).describe()
    assert report["loads"] is False
    assert "hush-hush" not in json.dumps(report)


def test_a_question_can_be_called_off_while_models_run(application):
    """Issue 9: Cancel works while a model hangs, and nothing is left."""
    inspector = application("import time\ntime.sleep(600)\n")
    wanted = threading.Event()
    threading.Timer(0.8, wanted.set).start()
    begun = time.monotonic()
    with pytest.raises(InspectorProblem) as caught:
        inspector.describe(cancelled=wanted.is_set)
    assert caught.value.kind == "cancelled"
    assert time.monotonic() - begun < 40
    assert inspector.pid is None


def test_an_unknown_application_is_refused(inspectors: Inspectors):
    """Bad input: the message names it."""
    with pytest.raises(InspectorProblem, match="no application 'nobody'"):
        inspectors.of("nobody").describe()


def test_the_command_line_shows_an_application(application, site: Path, capsys):
    """`hadron inspect APP` prints databases, tables and functions; a broken application gives exit code 1."""
    application(SHOP)
    assert main(["inspect", "shop", "-f", str(site)]) == 0
    out = capsys.readouterr().out
    assert "db: sqlite, storage.sqlite" in out
    assert "send_mails(number, subject='hello')" in out
    application("1 / 0\n", "broken")
    assert main(["inspect", "broken", "-f", str(site)]) == 1
    assert "does not load: ZeroDivisionError" in capsys.readouterr().out


def test_a_controller_has_models_of_its_own(application, site: Path, inspectors: Inspectors, capsys):
    """MDL-03, MDL-05, issue 9: folders and `response.models_to_run` decide as they do for its actions."""
    application(
        "db = DAL('sqlite://storage.sqlite')\ndb.define_table('common', Field('a'))\n"
        "if request.controller == 'bare': response.models_to_run = []\n"
    )
    models = site / "applications/shop/models"
    for path, table in (("reports/own.py", "sale"), ("default/own.py", "page"), ("later.py", "late")):
        (models / path).parent.mkdir(exist_ok=True)
        (models / path).write_text(f"db.define_table('{table}', Field('a'))\n")

    def tables(controller: str) -> list[str]:
        report = inspectors.of("shop", controller=controller).describe()
        return [table["name"] for table in report["databases"][0]["tables"]]

    assert set(tables("default")) == {"common", "page", "late"}
    assert set(tables("reports")) == {"common", "sale", "late"}
    assert tables("bare") == ["common"]
    assert main(["inspect", "shop/reports", "-f", str(site)]) == 0
    out = capsys.readouterr().out
    assert "sale: " in out
    assert "page: " not in out


def test_models_of_controllers_are_named_and_run_for_them(application, inspectors, site):
    """UI-DB-01, MDL-04: folders of models with their controllers and functions; each adds its own tables."""
    inspector = application('db = DAL("sqlite://storage.sqlite")\ndb.define_table("thing", Field("name"))')
    models = site / "applications" / "shop" / "models"
    for name, table in (
        ("reports", "line"),
        ("reports/monthly", "month"),
        ("default", "usual"),
        ("a/b/c", "deep"),
    ):
        (models / name).mkdir(parents=True, exist_ok=True)
        (models / name / "tables.py").write_text(f'db.define_table("{table}", Field("name"))')
    (models / "empty").mkdir()
    assert inspector.describe()["controllers"] == ["default", "reports", "reports/monthly"]

    def tables(controller):
        (database,) = inspectors.of("shop", controller=controller).describe()["databases"]
        return [table["name"] for table in database["tables"]]

    assert tables("default") == ["thing", "usual"]
    assert tables("reports") == ["thing", "line"]
    assert tables("reports/monthly") == ["thing", "line", "month"]
