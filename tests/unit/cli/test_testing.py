"""Doctests and tests of applications: -T, -v, `hadron test`."""

import json
import sys

import pytest

from runtime.cli import testing
from runtime.foundation.problems import UserError

GOOD = '''
def {name}():
    """
    >>> {name}()['n']
    1
    """
    return dict(n=1)
'''
BAD = GOOD.replace("    1\n", "    2\n")


@pytest.fixture
def three(site):
    for name in ("one", "two", "three"):
        site.write(f"controllers/{name}.py", GOOD.format(name="index") + "def untested():\n    pass\n")
    return site


def test_cli_38_all_controllers(three, run, folder):
    """CLI-38, CLI-23: three controllers with one doctest each: three tests with -v, silence without."""
    found = run(*folder, "-vT", "myapp")
    assert found.code == 0
    assert found.out.count("ok: ") == 3
    assert "Trying:\n    index()['n']" in found.out
    assert "3 tests, 0 failed" in found.out
    assert run(*folder, "-T", "myapp").out == ""


def test_cli_37_test_01_one_function(three, run, folder):
    """CLI-37, TEST-01: `-T a/c/f` runs one; a wrong expectation is shown, exit status is not 0."""
    three.write("controllers/one.py", GOOD.format(name="index") + BAD.format(name="wrong"))
    assert run(*folder, "-T", "myapp/one/index").code == 0
    assert run(*folder, "-T", "myapp/two").code == 0
    found = run(*folder, "-T", "myapp/one/wrong")
    assert found.code == 1
    assert "Expected:\n    2\nGot:\n    1" in found.out
    assert "line " in found.out
    assert "FAILED: one/wrong" in found.out
    assert run(*folder, "-T", "myapp").code == 1


def test_test_01_request_names_the_function(site, run, folder):
    """TEST-01: a doctest runs in the runtime environment, after the models, with its own request."""
    site.database()
    site.write(
        "controllers/shop.py",
        '''
        def index():
            """
            >>> request.controller, request.function, db.thing._tablename
            ('shop', 'index', 'thing')
            >>> len(str(A('x', _href=URL('shop', 'index'))))
            33
            """
        ''',
    )
    assert run(*folder, "-T", "myapp").code == 0, run(*folder, "-T", "myapp").out


def test_test_02_changes_to_the_database_are_undone(site, run, folder):
    """TEST-02: with and without commit; the doctest itself sees them, the next one does not."""
    site.database()
    site.write(
        "controllers/default.py",
        '''
        def first():
            """
            >>> db.thing.insert(name='a') > 0
            True
            >>> db.commit()
            >>> db(db.thing).count()
            1
            """
        def second():
            """
            >>> db(db.thing).count()
            0
            >>> db.rollback()
            """
        ''',
    )
    found = run(*folder, "-T", "myapp")
    assert found.code == 0, found.out
    assert site.names() == []


def test_test_03_results_for_a_window(three, run, folder):
    """TEST-03: one JSON document for each function, with pass or fail."""
    three.write("controllers/two.py", BAD.format(name="index"))
    found = run("test", *folder, "--json", "myapp")
    results = [json.loads(line) for line in found.out.splitlines()]
    assert [(r["name"], r["failed"]) for r in results] == [
        ("one/index", 0),
        ("three/index", 0),
        ("two/index", 1),
    ]


def test_test_01_a_broken_model_or_controller_fails_its_tests(three, run, folder):
    """TEST-01: the others run, the failure says where."""
    three.write("controllers/two.py", "def index(:\n")
    three.write("controllers/three.py", GOOD.format(name="index") + "if request.function == 'index': 1 / 0\n")
    found = run(*folder, "-vT", "myapp")
    assert found.code == 1
    assert "ok: one/index" in found.out
    assert "two.py can not be read: invalid syntax" in found.out
    assert "ZeroDivisionError" in found.out
    assert "3 tests, 2 failed" in found.out
    assert run(*folder, "-T", "myapp/two/index").code == 1


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nosuch", "no application"),
        ("myapp/nosuch", "no controller"),
        ("myapp/one/nosuch", "no such function"),
    ],
)
def test_cli_37_what_is_not_there_is_named(three, run, folder, path, words):
    """CLI-37"""
    found = run(*folder, "-T", path)
    assert found.code == 2
    assert words in found.err


TESTS = """
import unittest
class Shop(unittest.TestCase):
    def setUp(self): db.thing.insert(name='x'); db.commit()
    def test_count(self): self.assertEqual(db(db.thing).count(), 1)
    @unittest.skip('later')
    def test_skipped(self): pass
    def test_wrong(self): self.assertEqual(request.application, 'other')
def test_function(): assert request.is_shell
def helper(x): 1 / 0
"""


def test_test_05_files_in_tests_run_with_the_environment(site, run, folder):
    """TEST-05: classes and functions are found, failures shown, the database is left as it was."""
    site.database()
    site.write("tests/test_shop.py", TESTS)
    site.write("tests/plain.py", "assert db(db.thing).count() == 0, 'not undone'\n")
    site.write("tests/broken.py", "1 / 0\n")
    found = run("test", *folder, "-v", "myapp")
    assert found.code == 1
    lines = [line for line in found.out.splitlines() if line.startswith(("ok", "FAILED"))]
    assert [line.split(" (")[0] for line in lines] == [
        "FAILED: tests/broken.py",
        "ok: tests/plain.py",
        "ok: tests/test_shop.py:Shop.test_count",
        "ok: tests/test_shop.py:Shop.test_skipped",
        "FAILED: tests/test_shop.py:Shop.test_wrong",
        "ok: tests/test_shop.py:test_function",
    ]
    assert site.names() == []
    assert "'myapp' != 'other'" in found.out


def test_test_05_layer_02_tests_may_send_requests(site, run, folder):
    """TEST-05, LAYER-02: the client's requests see what the test wrote, the test what they wrote; all is undone."""
    site.database()
    site.write(
        "controllers/default.py",
        """
        def add():
            db.thing.insert(name=request.vars.name)
            return str([row.name for row in db(db.thing).select()])
        """,
    )
    site.write(
        "tests/pages.py",
        """
        from runtime.web.application import Application
        from runtime.web.client import TestClient
        def test_add():
            db.thing.insert(name='mine')
            client = TestClient(Application(request.global_settings.applications_parent))
            assert client.get('/myapp/default/add?name=a').text == "['mine', 'a']"
            db.commit()
            assert client.get('/myapp/default/add?name=b').text == "['mine', 'a', 'b']"
            assert db(db.thing).count() == 3
            db.rollback()
            assert db(db.thing).count() == 0
        """,
    )
    found = run("test", *folder, "myapp")
    assert found.code == 0, found.out
    assert site.names() == []


def test_test_05_a_file_that_runs_its_own_suite(site, run, folder):
    """TEST-05: `unittest.main()` and a TextTestRunner at the end of a file count; --commit lets it commit."""
    site.database()
    site.write(
        "tests/a.py",
        "import unittest\nclass A(unittest.TestCase):\n    def test(self): self.fail('no')\nunittest.main()\n",
    )
    site.write("tests/b.py", "db.thing.insert(name='kept'); db.commit()\n")
    found = run("test", *folder, "--commit", "myapp")
    assert found.code == 1
    assert "FAILED: tests/a.py" in found.out
    assert "AssertionError: no" in found.out
    assert site.names() == ["kept"]


def test_cli_49_site_02_system_tests(run, folder, monkeypatch, tmp_path):
    """CLI-49, SITE-02, TEST-04: pytest runs the tests of the source tree; its status is handed on."""
    called = []

    def call(command, cwd):
        called.append((command, cwd))
        return 1

    monkeypatch.setattr(testing.subprocess, "call", call)
    assert run(*folder, "--run_system_tests").code == 1
    ((command, cwd),) = called
    assert command[:3] == [sys.executable, "-m", "pytest"]
    assert (cwd / "tests" / "unit" / "cli").is_dir()
    monkeypatch.setattr(testing, "ROOT", tmp_path)
    with pytest.raises(UserError, match="make test"):
        testing.run_system_tests()
