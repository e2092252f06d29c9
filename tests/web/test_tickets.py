"""Errors of requests: tickets for the administrator, numbers for visitors."""

from __future__ import annotations

import gc
import json
import logging
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from runtime.config import ServerConfig
from runtime.config.interfaces import Address
from runtime.errors import bounded, hooks, list_tickets, log_failure, read_ticket, record, sampling
from runtime.server.factory import may_show_errors
from runtime.web.application import is_local_browser

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def fresh_sampler(monkeypatch):
    monkeypatch.setattr(record, "_SAMPLER", sampling.Sampler())


def only_ticket(site):
    (entry,) = list_tickets(site.app)
    return read_ticket(site.app, entry.id)


def test_flow_10_err_09_same_number_in_page_header_log_and_file(site, caplog):
    """FLOW-10, ERR-08, ERR-09"""
    site.controller("def index():\n    return 1 / 0\n")
    page = site.client().get("/myapp/default/index")
    number = re.search(r"myapp/[\w.-]+", page.text)[0]
    assert page.status_code == 500
    assert page.headers["web2py_error"] == f"ticket {number}"
    assert f"myapp/{only_ticket(site).id}" == number
    assert number in caplog.text


def test_flow_12_sec_04_the_visitor_sees_the_number_only(site):
    """FLOW-12, SEC-04"""
    site.controller("def index():\n    wallet = 'full of gold'\n    raise KeyError('very private')\n")
    page = site.client().get("/myapp/default/index")
    for word in ("gold", "private", "KeyError", "default.py", "Traceback"):
        assert word not in page.text


def test_err_08_request_session_and_statements_of_the_moment(site):
    site.model("db = DAL('sqlite://s.sqlite')\ndb.define_table('thing', Field('name'))\n")
    site.controller(
        """
        import logging
        def index():
            session.cart = [1, 2]
            logging.getLogger('web2py.app.myapp').warning('looking for %s', request.vars.q)
            db(db.thing.name == 'x').select()
            raise ValueError('no such thing')
        """
    )
    site.client().get("/myapp/default/index?q=lamp&password=hunter22", headers={"X-Shoe": "41"})
    ticket = only_ticket(site)
    assert ticket.request["address"] == "/myapp/default/index?q=lamp&password=[hidden]"
    assert ticket.request["headers"]["X-Shoe"] == "'41'"
    assert "lamp" in ticket.request["get_vars"]
    assert ticket.session["cart"] == "[1, 2]"
    assert any("SELECT" in sql and took >= 0 for sql, took in ticket.statements)
    assert any("looking for lamp" in line for line in ticket.log)
    assert "hunter22" not in json.dumps(ticket.to_json())
    assert ticket.frames[-1].function == "index"


@pytest.mark.parametrize(
    ("files", "layer", "line"),
    [
        ({"models/db.py": "x = 1\n{}['nothing']\n"}, "models/db.py", 2),
        ({"models/db.py": "x = (\n"}, "models/db.py", 1),
        (
            {"controllers/default.py": "import nothing_there\ndef index(): return ''\n"},
            "controllers/default.py",
            1,
        ),
        (
            {
                "controllers/default.py": "def index():\n    return dict()\n",
                "views/default/index.html": "a\nb\n{{=1/0}}\n",
            },
            "views/default/index.html",
            3,
        ),
        (
            {
                "controllers/default.py": "def index():\n    return dict()\n",
                "views/default/index.html": "a\n{{if True:}}\nb\n",
            },
            "views/default/index.html",
            None,
        ),
        (
            {
                "modules/lib.py": "def f():\n    return 1/0\n",
                "controllers/default.py": "from lib import f\ndef index():\n    return f()\n",
            },
            "modules/lib.py",
            2,
        ),
    ],
    ids=["model", "model-syntax", "import", "view", "view-syntax", "module"],
)
def test_err_10_every_layer_is_ticketed_with_its_line(site, files, layer, line):
    """ERR-10"""
    for name, text in files.items():
        site.write(name, text)
    page = site.client().get("/myapp/default/index")
    assert page.status_code == 500
    ticket = only_ticket(site)
    assert ticket.layer.endswith(layer)
    if line is not None:
        assert ticket.line == line


def test_err_05_failing_error_handler_gives_the_plain_page_and_one_more_ticket(site):
    """ERR-05, ERR-10"""
    (site.root / "routes.py").write_text("routes_onerror = [('*/*', '/myapp/handler/index')]\n")
    site.controller("def index():\n    return 1 / 0\n")
    site.controller("def index():\n    return {}['handler']\n", name="handler")
    page = site.client().get("/myapp/default/index")
    assert page.status_code == 500
    kinds = sorted(read_ticket(site.app, entry.id).exception for entry in list_tickets(site.app))
    assert kinds == ["KeyError", "ZeroDivisionError"]
    shown = re.search(r"myapp/([\w.-]+)", page.text)[1]
    assert read_ticket(site.app, shown).exception == "ZeroDivisionError"


def test_sys_exit_in_an_action_is_a_ticket_not_the_end_of_the_server(site):
    site.controller("import sys\ndef index():\n    sys.exit(3)\n")
    assert site.client().get("/myapp/default/index").status_code == 500
    assert only_ticket(site).exception == "SystemExit"


def test_values_that_hang_or_fail_leave_the_visitor_a_page(site, monkeypatch):
    monkeypatch.setattr(bounded, "ONE_SECONDS", 0.2)
    site.controller(
        """
        class Odd(Exception):
            def __repr__(self): raise RuntimeError('no')
            def __str__(self):
                while True: pass
            __reduce__ = None
        def index():
            session.odd = None
            me = [1]; me.append(me)
            text = '\\udcff'
            raise Odd()
        """
    )
    page = site.client().get("/myapp/default/index", headers={"X-Odd": "caf\xe9"})
    assert page.status_code == 500
    assert only_ticket(site).exception == "Odd"


def test_unwritable_errors_folder_still_gives_the_page(site, caplog):
    (site.app / "errors").write_text("a file where the folder should be")
    site.controller("def index():\n    return 1 / 0\n")
    page = site.client().get("/myapp/default/index")
    number = re.search(r"myapp/[\w.-]+", page.text)[0]
    assert page.status_code == 500
    assert number in caplog.text
    assert "ZeroDivisionError" in caplog.text


# errors outside of requests


def code_of(site, text):
    path = site.write("modules/work.py", text)
    names: dict = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    return names


def test_errors_in_threads_of_an_application_are_ticketed(site, caplog, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(hooks, "_INSTALLED", threading.Event())
    monkeypatch.setattr(hooks.sys, "unraisablehook", hooks.sys.unraisablehook)
    hooks.install()
    work = code_of(site, "def work():\n    return 1 / 0\n")["work"]
    thread = threading.Thread(target=work, name="counting")
    thread.start()
    thread.join(60)
    assert only_ticket(site).layer.endswith("modules/work.py")
    assert "thread counting" in caplog.text


def test_errors_in_del_are_ticketed(site, caplog, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(hooks, "_INSTALLED", threading.Event())
    monkeypatch.setattr(hooks.sys, "unraisablehook", hooks.sys.unraisablehook)
    hooks.install()
    names = code_of(site, "class Thing:\n    def __del__(self):\n        return {}['gone']\n")
    thing = names["Thing"]()
    del thing
    gc.collect()
    assert only_ticket(site).exception == "KeyError"
    assert "outside of a request" in caplog.text


def test_errors_of_others_are_left_to_the_hooks_before(site):
    try:
        raise ValueError("not of an application")
    except ValueError as error:
        assert not hooks.on_error("here", error)


def test_err_12_failures_of_cron_and_shell_are_logged_with_the_traceback(site, caplog):
    """ERR-12"""
    names = code_of(site, "def clean():\n    password = 'hunter22'\n    raise OSError('disk hunter22')\n")
    try:
        names["clean"]()
    except OSError as error:
        log_failure("cron task myapp/cron/clean.py", error, logging.getLogger("web2py.cron"))
    (line,) = [entry for entry in caplog.records if entry.name == "web2py.cron"]
    text = line.getMessage()
    assert "cron task myapp/cron/clean.py failed" in text
    assert 'work.py", line 3, in clean' in text
    assert "OSError: disk [hidden]" in text


# the page for the administrator


LOCAL = {"base_url": "http://127.0.0.1:8000"}


def test_dev_04_local_browser_sees_source_and_variables(site):
    """DEV-04"""
    site.controller("def index():\n    lamp = '<b>bright</b>'\n    password = 'hunter22'\n    return 1 / 0\n")
    page = site.client(rich_errors=True).get("/myapp/default/index", **LOCAL)
    assert page.status_code == 500
    assert "ZeroDivisionError: division by zero" in page.text
    assert "default.py" in page.text
    assert "&lt;b&gt;bright&lt;/b&gt;" in page.text
    assert "<b>bright" not in page.text
    assert "hunter22" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "<script" not in page.text


@pytest.mark.parametrize(
    "visit",
    [
        {"environ_base": {"REMOTE_ADDR": "10.0.0.7"}},
        {"base_url": "http://shop.example"},
        {"base_url": "http://127.0.0.1.evil.example:8000"},
        {"headers": {"X-Forwarded-For": "1.2.3.4"}},
        {"headers": {"X-Forwarded-Host": "shop.example"}},
        {"headers": {"Forwarded": "for=1.2.3.4"}},
        {"headers": {"Via": "1.1 proxy"}},
        {"headers": {"X-Real-Ip": "127.0.0.1"}},
    ],
)
def test_dev_04_all_others_get_the_number(site, visit):
    """DEV-04"""
    site.controller("def index():\n    return 1 / 0\n")
    page = site.client(rich_errors=True).get("/myapp/default/index", **LOCAL | visit)
    assert page.status_code == 500
    assert "ZeroDivision" not in page.text


def test_dev_04_off_unless_asked_for(site):
    site.controller("def index():\n    return 1 / 0\n")
    assert "ZeroDivision" not in site.client().get("/myapp/default/index", **LOCAL).text


def test_dev_04_local_names():
    def local(host):
        return is_local_browser({"REMOTE_ADDR": "::1", "HTTP_HOST": host})

    assert all(map(local, ("localhost", "LOCALHOST:80", "127.0.0.1:8000", "[::1]:8000", "[::1]")))
    assert not any(map(local, ("", "shop", "[::2]:80", "localhost.evil", "[::1].evil")))


def test_dev_04_only_a_supervised_server_on_loopback_shows_them(tmp_path):
    """DEV-04"""
    from dataclasses import replace

    window = ServerConfig(tmp_path, supervised=True)
    assert may_show_errors(window)
    assert not may_show_errors(ServerConfig(tmp_path))
    assert not may_show_errors(replace(window, production=True))
    assert not may_show_errors(replace(window, interfaces=(Address("0.0.0.0", 8000),)))
    assert not may_show_errors(
        replace(window, interfaces=(Address("127.0.0.1", 8000), Address("10.0.0.1", 8000)))
    )
    assert not may_show_errors(replace(window, trusted_proxies=()))


@pytest.mark.server
@pytest.mark.parametrize("supervised", [True, False])
def test_dev_04_a_real_server_shows_them_only_when_the_window_runs_it(site, supervised):
    """DEV-04, FLOW-12: over a socket, and not to a request that a proxy forwarded."""
    site.controller("def index():\n    lamp = 41\n    return 1 / 0\n")
    code = "import sys; from runtime.cli.main import main; sys.exit(main(sys.argv[1:]))"
    mode = "--supervised" if supervised else "--nogui"
    command = [sys.executable, "-c", code, mode, "-p", "0", "-f", str(site.root)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    )
    try:
        if supervised:
            process.stdin.write(json.dumps({"control_key": "a" * 64, "password": None}) + "\n")
            process.stdin.flush()
        found = None
        while found is None:
            line = process.stdout.readline()
            assert line, "the server ended"
            found = re.search(r"http://127\.0\.0\.1:\d+/", line)
        url = f"{found[0]}myapp/default/index"
        assert ("ZeroDivisionError" in _page(url)) == supervised
        assert "ZeroDivisionError" not in _page(url, {"X-Forwarded-For": "1.2.3.4"})
    finally:
        process.stdin.close()
        process.terminate()
        process.wait(60)
        process.stdout.close()


def _page(url, headers=()):
    end = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(
                urllib.request.Request(url, headers=dict(headers)), timeout=60
            ) as page:
                return page.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 500:
                    return error.read().decode()
        except urllib.error.URLError:
            pass
        assert time.monotonic() < end, "no answer"
        time.sleep(0.05)
