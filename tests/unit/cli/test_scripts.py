"""Scripts and functions run in an application: -S -M -R -A, `hadron run`."""

import json
import os
import subprocess
import sys

import pytest

import resources

SCRIPT = """
import json, sys
print(json.dumps({
    'argv': sys.argv[1:], 'args': sys.args, 'name': __name__, 'folder': request.folder,
    'application': request.application, 'shell': request.is_shell, 'job': request.global_settings.cronjob,
    'db': 'db' in globals(), 'local': request.is_local,
}))
"""


def test_cli_31_taskq_01_02_a_script_runs_inside_the_application(site, run, folder):
    """CLI-31, CLI-32, TASKQ-01, TASKQ-02: -S, -M, -R, -A; path below the site folder; exit status 0."""
    site.database()
    site.write("private/mailer.py", SCRIPT)
    found = run(
        *folder, "-S", "myapp", "-M", "-R", "applications/myapp/private/mailer.py", "-A", "x", "-y", "z"
    )
    assert (found.code, found.err) == (0, "")
    told = json.loads(found.out)
    assert told["argv"] == told["args"] == ["x", "-y", "z"]
    assert told["folder"] == os.path.join(site.app, "")
    assert told["name"] == "__main__"
    assert told["db"]
    assert told["shell"]
    assert told["local"]
    assert not told["job"]


def test_cli_30_models_only_when_asked_for(site, run, folder):
    """CLI-30: without -M no models; `hadron run` has them, --no-models not."""
    site.database()
    script = site.write("private/s.py", "print('db' in globals())\n")
    assert run(*folder, "-S", "myapp", "-R", script).out == "False\n"
    assert run(*folder, "-S", "myapp", "-M", "-R", script).out == "True\n"
    assert run("run", *folder, "myapp", script).out == "True\n"
    assert run("run", *folder, "--no-models", "myapp", "private/s.py").out == "False\n"


def test_taskq_06_cron_11_uncommitted_changes_are_rolled_back(site, run, folder):
    """TASKQ-06, CRON-11"""
    site.database()
    script = site.write("private/s.py", "db.thing.insert(name='lost')\n")
    assert run("run", *folder, "myapp", script).code == 0
    script.write_text("db.thing.insert(name='kept'); db.commit(); db.thing.insert(name='lost')\n")
    assert run("run", *folder, "myapp", script).code == 0
    assert site.names() == ["kept"]


def test_cli_42_a_cron_job_knows_what_it_is(site, run, folder):
    """CLI-42: -J sets global_settings.cronjob."""
    script = site.write(
        "private/s.py",
        "from gluon.settings import global_settings\nprint(request.global_settings.cronjob, global_settings.cronjob)\n",
    )
    assert run(*folder, "-J", "-S", "myapp", "-R", script).out == "True True\n"
    assert run(*folder, "-S", "myapp", "-R", script).out == "False False\n"


MODELS = """
if request.global_settings.web2py_version < '2.15.5':
    raise HTTP(500, 'too old')
found = dict(
    host=request.env.http_host.split(':')[0], address=request.env.remote_addr, path=request.env.path_info,
    version=request.env.web2py_version.split('.')[0].isdigit(), gae=request.env.web2py_runtime_gae,
    missing=request.env.http_referer, local=request.is_local, https=request.is_https, method=request.method,
    link='http://' + request.env.http_host + URL(r=request, c='default', f='user'), client=request.client,
)
request.requires_https()
"""
EVERYWHERE = {
    "host": "127.0.0.1", "address": "127.0.0.1", "client": "127.0.0.1", "path": "/myapp/default/index",
    "version": True, "gae": None, "missing": None, "https": False, "method": "GET",
    "link": "http://127.0.0.1:8000/myapp/default/user",
}  # fmt: skip


def test_req_26_models_see_the_same_request_everywhere(site, run, folder):
    """REQ-26, REQ-29, SCHED-14: of a visitor of this machine; nobody looks at what cron jobs and tasks do."""
    from runtime.scheduler.loading import ApplicationModels

    site.write("models/0.py", MODELS)
    script = site.write("private/s.py", "import json\nprint(json.dumps(found))\n")
    assert json.loads(run("run", *folder, "myapp", script).out) == EVERYWHERE | {"local": True}
    assert json.loads(run(*folder, "-J", "-S", "myapp", "-M", "-R", script).out) == EVERYWHERE | {
        "local": False
    }
    models = ApplicationModels(str(site.root), "myapp")
    for role, local in (("is_shell", True), ("is_scheduler", False)):
        try:
            names = models.begin(role=role)
        finally:
            models.finish()
        assert names["found"] == EVERYWHERE | {"local": local}
    request = names["request"]  # of a task, which has none (SCHED-14)
    assert (request.env.http_host, request.env.remote_addr, request.client) == (None, None, "")
    assert (request.is_local, request.is_https, request.method, request.is_scheduler) == (
        False,
        False,
        "GET",
        True,
    )
    assert request.env.web2py_path == str(site.root)
    assert request.env.web2py_version


def test_admin_07_the_administration_has_a_cron_job(site, run, folder):
    """ADMIN-07, CRON-19: its models let a job of cron in, though nobody is at the machine."""
    from runtime.admin.site import install_administration

    install_administration(site.root)
    script = "applications/admin/cron/expire_sessions.py"
    found = run(*folder, "-J", "-S", "admin", "-M", "-R", script)
    assert (found.code, found.err) == (0, "")


def test_taskq_03_no_cron_with_a_script_is_accepted(site, run, folder):
    """TASKQ-03: -N does nothing and stops nothing."""
    script = site.write("private/s.py", "print('ran')\n")
    found = run(*folder, "-N", "-S", "myapp", "-R", script)
    assert (found.code, found.out) == (0, "ran\n")


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("import sys\nsys.exit(7)", 7, ""),
        ("import sys\nsys.exit('no more mail')", 1, "no more mail\n"),
        ("redirect('/elsewhere')", 0, ""),
        ("raise HTTP(404, 'gone')", 1, "HTTP 404: gone\n"),
    ],
)
def test_the_exit_code_is_that_of_the_script(site, run, folder, text, code, error):
    """TASKQ-01"""
    found = run("run", *folder, "myapp", site.write("private/s.py", text))
    assert (found.code, found.err) == (code, error)


def test_err_12_a_failing_script_shows_its_own_traceback(site, run, folder):
    """ERR-12: the traceback begins at the script; no ticket without -J."""
    script = site.write("private/s.py", "def f():\n    1 / 0\nf()\n")
    found = run("run", *folder, "myapp", script)
    assert found.code == 1
    lines = found.err.splitlines()
    assert lines[1] == f'  File "{script}", line 3, in <module>'
    assert lines[-1] == "ZeroDivisionError: division by zero"
    assert not (site.app / "errors").exists()


def test_cron_12_under_cron_an_error_becomes_a_ticket(site, run, folder):
    """CRON-12, ERR-12: with -J there is a ticket, its number and the traceback on standard error."""
    site.write("controllers/jobs.py", "def clean():\n    1 / 0\n")
    found = run("run", *folder, "-J", "myapp", "jobs/clean")
    assert found.code == 1
    assert "ZeroDivisionError" in found.err
    (ticket,) = (site.app / "errors").glob("*.json")
    assert f"ticket: myapp/{ticket.stem}\n" in found.err
    assert json.loads(ticket.read_text())["request"]["function"] == "'clean'"


def test_cron_09_10_a_function_of_a_controller_is_called(site, run, folder):
    """CRON-09, CRON-10: with models, or without; its result is printed, no view is run."""
    site.database()
    site.write(
        "controllers/jobs.py",
        """
        def state():
            return dict(db='db' in globals(), where=(request.controller, request.function))
        """,
    )
    assert run("run", *folder, "myapp", "jobs/state").out == "{'db': True, 'where': ('jobs', 'state')}\n"
    assert run("run", *folder, "--no-models", "myapp", "jobs/state").out.startswith("{'db': False")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("nosuch", "x.py"), "no application 'nosuch'"),
        (("myapp", "nosuch.py"), "no script nosuch.py"),
        (("myapp", "nosuch/index"), "no controller 'nosuch'"),
        (("myapp", "jobs/nosuch"), "no function 'nosuch'"),
        (("../x", "x.py"), "names no application"),
    ],
)
def test_what_is_not_there_is_named(site, run, folder, words, text):
    """TASKQ-01: a clear sentence, exit 2."""
    site.write("controllers/jobs.py", "def clean(): pass\n")
    found = run("run", *folder, *words)
    assert found.code == 2
    assert text in found.err
    assert found.err.count("\n") == 1


def test_unittest_and_pickle_find_the_script_as_main(site, run, folder):
    """TASKQ-01: `__main__` is the script, as in a plain program."""
    script = site.write(
        "private/s.py",
        """
        import pickle, unittest
        class Thing: pass
        assert type(pickle.loads(pickle.dumps(Thing()))) is Thing
        class Tests(unittest.TestCase):
            def test_environment(self): self.assertEqual(request.application, 'myapp')
        unittest.main(argv=['x'])
        """,
    )
    found = run("run", *folder, "myapp", script)
    assert found.code == 0, found.err
    assert "Ran 1 test" in found.err


def test_taskq_04_05_the_template_of_a_queue(site, run, folder):
    """TASKQ-04, TASKQ-05: three rows are sent and marked done, committed one by one; a second one ends at once."""
    import portalocker

    example = resources.ROOT / "examples" / "mail_queue.example.py"
    script = site.write("private/mail_queue.py", example.read_text())
    site.write(
        "models/db.py",
        """
        db = DAL('sqlite://storage.sqlite')
        db.define_table('queue', Field('status', default='pending'), Field('email'), Field('subject'), Field('message', 'text'))
        class mail:
            @staticmethod
            def send(to, subject, message):
                print('to', to)
                return to != 'bad'
        """,
    )
    fill = site.write(
        "private/fill.py",
        "for to in ('ann', 'bad', 'cid'): db.queue.insert(email=to, subject='s', message='m')\ndb.commit()\n",
    )
    assert run("run", *folder, "myapp", fill).code == 0
    assert run("run", *folder, "myapp", script, "--once").out == "to ann\nto bad\nto cid\n"
    assert run("run", *folder, "myapp", script, "--once").out == ""
    states = site.write("private/look.py", "print([row.status for row in db(db.queue).select()])\n")
    assert run("run", *folder, "myapp", states).out == "['sent', 'failed', 'sent']\n"
    with portalocker.Lock(site.app / "private" / "mail_queue.lock", "a", timeout=0):
        found = run("run", *folder, "myapp", script)
    assert (found.code, found.out) == (0, "it is running already\n")


def test_site_08_the_environment_for_a_plain_script(site, tmp_path):
    """SITE-08, EXEC-1: `gluon.shell.env` gives models and controller to a script that Python runs."""
    site.database()
    site.write(
        "controllers/default.py",
        "def index():\n    return request.vars.x, request.function, db.thing._tablename\n",
    )
    code = (
        "from gluon.shell import env\n"
        "e = env('myapp', True, 'default', 'index', extra_request={'vars': __import__('gluon.storage').storage.Storage(x=5)})\n"
        "print(e['index']())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=site.root, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "(5, 'index', 'thing')\n", done.stderr
