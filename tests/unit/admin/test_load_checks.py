"""Which applications load: children that hang, end, fork and print; what is kept; the command line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import psutil
import pytest

from runtime.admin.inspector import InspectorProblem, Limits
from runtime.admin.inspector.client import Inspector
from runtime.admin.inspector.stamps import fingerprint
from runtime.admin.load_checks import LoadCheck, check_application, kept_file, read_kept, write_kept
from runtime.cli.main import main
from tests.services import empty_database

QUICK = Limits(load=2.0)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "applications").mkdir()
    return tmp_path


def make(site: Path, name: str, model: str) -> Path:
    folder = site / "applications" / name
    for part in ("models", "controllers", "databases", "modules"):
        (folder / part).mkdir(parents=True)
    (folder / "models" / "db.py").write_text(model)
    (folder / "controllers" / "default.py").write_text("def index(): return ''\n")
    return folder


def test_models_of_existing_applications_load(site):
    """AP-01, REQ-22: models that ask for a version, and for the host of the request, are told to load."""
    model = (
        "if request.global_settings.web2py_version < '2.15.5':\n    raise HTTP(500, 'too old')\n"
        "in_shell = request.global_settings.cmd_options.shell\n"
        "text = 'http://' + request.env.http_host + URL(r=request, c='default', f='user') + request.env.path_info\n"
        "assert request.is_local\n"
    )
    make(site, "shop", model)
    assert check_application(site, "shop", QUICK).message == ""


@pytest.mark.parametrize(
    ("model", "kind", "words", "line"),
    [
        ("x = 1\n", "", "", 0),
        ("x = 1\nwhile True:\n    pass\n", "hang", "did not end within", 2),
        ("import sys\nsys.exit(3)\n", "exit", "code 3", 2),
        ("import os\nos._exit(4)\n", "exit", "code 4", 2),
        ("for at in range(100000):\n    print('x' * 100)\n1 / 0\n", "load", "ZeroDivisionError", 3),
        ("x = (1,\n", "load", "SyntaxError", 1),
        pytest.param(
            "import os\nos.fork()\n", "fork", "copies of its own process", 2,
            marks=pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
        ),
    ],
)  # fmt: skip
def test_models_that_do_not_behave_are_told_by_reason_and_line(site, model, kind, words, line):
    """AP-01, bad input: models that hang, exit, print, fork; the reason with its line."""
    make(site, "shop", model)
    found = check_application(site, "shop", QUICK)
    assert (found.kind, found.line) == (kind, line) or (kind == "hang" and found.line in (2, 3))
    assert words in found.message
    assert bool(found.fault) == bool(kind)
    assert found.file == ("models/db.py" if kind else "")


def test_a_look_leaves_no_files_behind(site):
    """AP-01: no database, no bytecode appears in an application that was only looked at."""
    folder = make(site, "shop", "import helper\ndb = DAL('sqlite://storage.sqlite')\ndb.define_table('t')\n")
    (folder / "modules" / "helper.py").write_text("x = 1\n")
    before = sorted(folder.rglob("*"))
    assert check_application(site, "shop", QUICK).kind == ""
    assert sorted(folder.rglob("*")) == before


def test_a_database_made_meanwhile_is_found(site):
    """AP-01: a file that was not there when the models ran is read once it is."""
    import sqlite3

    folder = make(site, "shop", "db = DAL('sqlite://storage.sqlite')\ndb.define_table('t', Field('a'))\n")
    inspector = Inspector(site, "shop")
    try:
        assert inspector.describe()["databases"][0]["tables"][0]["exists"] is False
        db = sqlite3.connect(folder / "databases" / "storage.sqlite")
        db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
        db.execute("INSERT INTO t (a) VALUES ('x')")
        db.commit()
        db.close()
        assert inspector.ask("count", database="db", table="t")["count"] == 1
    finally:
        inspector.close()


def test_models_that_need_what_is_not_made_yet_are_not_called_broken(site):
    """AP-01: nothing is migrated by looking, so a table that is missing is no proof."""
    make(
        site,
        "shop",
        "db = DAL('sqlite://s.sqlite')\ndb.define_table('t', Field('a'))\ndb(db.t).isempty()\n",
    )
    found = check_application(site, "shop", QUICK)
    assert found.kind == "unmade"
    assert found.fault == ""
    assert "no such table: t" in found.note


def test_a_gentle_child_lets_others_come_first(site):
    """AP-01: low priority; what the models start has it too."""
    make(site, "shop", "x = 1\n")
    usual, gentle = Inspector(site, "shop"), Inspector(site, "shop", Limits(gentle=True))
    try:
        usual.describe()
        gentle.describe()
        prios = [psutil.Process(each.pid).nice() for each in (usual, gentle)]
    finally:
        usual.close()
        gentle.close()
    if sys.platform == "win32":
        assert prios[1] == psutil.BELOW_NORMAL_PRIORITY_CLASS
    else:
        assert prios[1] > prios[0]


def test_a_check_can_be_called_off(site):
    """AP-01: the child does not outlive it."""
    make(site, "shop", "while True: pass\n")
    with pytest.raises(InspectorProblem) as caught:
        check_application(site, "shop", cancelled=lambda: True)
    assert caught.value.kind == "cancelled"


def test_the_fingerprint_follows_models_modules_and_settings(site):
    """AP-01: the same until something changes that models use."""
    folder = make(site, "shop", "x = 1\n")
    first = fingerprint(folder)
    (folder / "controllers" / "default.py").write_text("# other\n")
    (folder / "databases" / "storage.sqlite").write_text("x")
    assert fingerprint(folder) == first
    (folder / "modules" / "helper.py").write_text("x = 1\n")
    second = fingerprint(folder)
    (folder / "models" / "db.py").write_text("x = 2\n# longer")
    assert len({first, second, fingerprint(folder)}) == 3


def test_results_are_kept_and_a_broken_file_counts_as_none(site, tmp_path):
    """AP-01, bad input: a file that is no JSON, of another form, with wrong types."""
    path = kept_file(tmp_path / "data", site)
    found = LoadCheck("shop", "abc", "load", "ZeroDivisionError", "models/db.py", 3, 12.5)
    write_kept(path, [found, LoadCheck("lab", "def")])
    assert read_kept(path) == {"shop": found, "lab": LoadCheck("lab", "def")}
    text = path.read_text()
    for broken in ("", "[]", "{}", text[:40], text.replace('"line": 3', '"line": "x"'), '{"format": 99}'):
        path.write_text(broken)
        assert read_kept(path) == {}
    assert read_kept(path.parent / "none.json") == {}


_AUTH = (
    "from gluon.tools import Auth\nauth = Auth(DAL('sqlite://storage.sqlite'){names})\n"
    "auth.define_tables()\nauth.settings.mailer.settings.server = {server!r}\n"
)


@pytest.mark.parametrize(
    ("names", "server", "told"),
    [
        ("", "smtp.example.com:587", True),
        (", host_names='*:*, *'", "smtp.example.com:587", True),
        (", host_names=['www.example.com']", "smtp.example.com:587", False),
        (", host_names='*.example.com'", "smtp.example.com:587", False),
        ("", "logging", False),
    ],
)
def test_mails_whose_links_anybody_can_bend_are_told(site, capsys, names, server, told):
    """SEC: an application that sends mails and names no host loads, and the check says what to name where."""
    make(site, "shop", _AUTH.format(names=names, server=server))
    found = check_application(site, "shop")
    assert found.fault == ""
    assert ("host_names" in found.advice and "appconfig.ini" in found.advice) == told
    assert bool(found.advice) == told
    assert main(["check", "-f", str(site)]) == 0
    assert ("shop loads; but" in capsys.readouterr().out) == told


def test_the_command_line_checks_all_that_are_on(site, capsys):
    """AP-01: `hadron check`; exit code 1 when one does not load; those that are off only by name."""
    make(site, "broken", "1 / 0\n")
    make(site, "shop", "x = 1\n")
    (make(site, "lab", "1 / 0\n") / "DISABLED").write_text("")
    assert main(["check", "-f", str(site)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "broken does not load: ZeroDivisionError: division by zero at models/db.py, line 1.",
        "shop loads",
    ]
    assert main(["check", "shop", "-f", str(site)]) == 0
    assert main(["check", "lab", "--json", "-f", str(site)]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["line"] == 1
    assert main(["check", "nobody", "-f", str(site)]) == 2
    assert "no application 'nobody'" in capsys.readouterr().err
    assert main(["check", "-f", str(site / "nowhere")]) == 2


@pytest.mark.postgres
def test_columns_too_short_for_passwords_are_told(site):
    """NAMES-07, AP-01: where the database would refuse or cut a hash; the check says what to write."""
    model = (
        "db = DAL({uri!r}, migrate=False)\n"
        "db.define_table('person', Field('name'), Field('secret', 'password'{length}{requires}))\n"
    )

    def advice(uri: str, length: str, requires: str = "") -> str:
        path = site / "applications" / "shop"
        if not path.exists():
            make(site, "shop", "")
        (path / "models" / "db.py").write_text(model.format(uri=uri, length=length, requires=requires))
        found = check_application(site, "shop")
        assert found.fault == found.note == ""
        return found.advice

    with empty_database("postgres") as uri:
        assert "person.secret has length=64" in advice(uri, ", length=64")
        assert "115 characters" in advice(uri, ", length=64", ", requires=[IS_NOT_EMPTY(), CRYPT()]")
        assert (
            advice(uri, ", length=80", ", requires=CRYPT(digest_alg='pbkdf2(1000,20,sha512)', salt='x')")
            == ""
        )
        assert advice(uri, "") == ""
    assert advice("sqlite://storage.sqlite", ", length=64") == ""
