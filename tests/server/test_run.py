"""`run` and the WSGI entry point, with a stand-in for the web application."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from wsgiref.util import setup_testing_defaults

import psutil
import pytest

from runtime.server import wsgi
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]

STAND_IN = """
import sys, types
sys.path.insert(0, {root!r})
import runtime.server.factory as factory
import runtime.server.service as service
def hello(environ, start_response):
    start_response("200 OK", [])
    return [b"hello"]
service.Service.__init__.__kwdefaults__["make_application"] = lambda config, file: hello
service.Service.__init__.__kwdefaults__["prepare"] = lambda folder: None
import runtime.server.role as role
role.serve.__kwdefaults__["make_application"] = lambda config, file: hello
role.serve.__kwdefaults__["prepare"] = lambda folder: None
"""


@pytest.mark.server
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_dev_02_and_03_run_serves_and_restarts_on_changed_code(site, tmp_path, fetch, eventually):
    """DEV-02: one call serves. DEV-03: a changed module restarts the process, not the script."""
    (tmp_path / "stand_in.py").write_text(STAND_IN.format(root=str(ROOT)))
    (tmp_path / "sitecustomize.py").write_text("import stand_in\n")
    port = free_port()
    script = textwrap.dedent(f"""
        from runtime.server.run import run
        raise SystemExit(run({str(site)!r}, port={port}, reload=True))
    """)
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    script_process = subprocess.Popen(
        [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    pids = []

    def serving():
        try:
            return fetch(f"http://127.0.0.1:{port}/") == (200, b"hello")
        except OSError:
            return False

    def server_pid():
        from runtime.server.control_file import find_running

        found = find_running(site)
        return found.pid if found and found.pid not in pids else None

    try:
        eventually(serving)
        pids.append(eventually(server_pid))
        module = tmp_path / "stand_in.py"

        def has_left():  # changed again until it is seen, as the first look may be yet to come; not one time more
            os.utime(module, (1, os.stat(module).st_mtime + 5))
            return not psutil.pid_exists(pids[0])

        eventually(has_left, "the end of the first process")
        eventually(server_pid, "a new process")
        eventually(serving)
    finally:
        os.killpg(script_process.pid, signal.SIGINT)
        output, errors = script_process.communicate(timeout=60)
    assert script_process.returncode == 0
    assert "stand_in.py has changed" in errors
    assert output.count("Listening on") >= 2


def test_site_01_one_wsgi_entry_point_serves_the_site_of_the_environment(site, monkeypatch):
    """SITE-01: built once, at the first request, for the folder named by HADRON_SITE."""
    made = []

    def make(config, password_file):
        made.append(config.folder)

        def application(environ, start_response):
            start_response("200 OK", [])
            return [b"site"]

        return application

    monkeypatch.setattr(wsgi, "make_application", make)
    monkeypatch.setenv("HADRON_SITE", str(site))
    entry = wsgi.SiteApplication()
    environ = {}
    setup_testing_defaults(environ)
    for _ in range(2):
        assert entry(environ, lambda status, headers: None) == [b"site"]
    assert made == [site]
    assert callable(wsgi.application)
