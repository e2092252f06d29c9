"""What a worker and its executor hold in memory, and what they do without (SCHED-61)."""

from __future__ import annotations

import json
import sys

import psutil
import pytest

from tests.scheduler.databases import BACKENDS

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the system tells of shared pages")

LOADED = """
import sys
def loaded(): return sorted(sys.modules)
"""
USES = """
def uses_pages():
    import ssl, email.message, html.parser, hashlib, pickle, csv
    digest = hashlib.sha256(pickle.dumps([1])).hexdigest()
    return [str(DIV(A('x', _href=URL('f')))), len(digest), FORM(INPUT(_name='a')).xml()[:5], cache.ram('k', lambda: 1)]
def uses_drivers():
    from pydal.drivers import DRIVERS
    return [name for name in ('sqlite3', 'imaplib', 'psycopg2', 'pymysql') if DRIVERS[name].__name__]
"""

NEVER = (
    "pymysql", "imaplib", "ssl", "_hashlib", "cryptography", "email.message", "urllib.request", "http.client",
    "xmlrpc", "html.entities", "werkzeug", "runtime.forms", "runtime.html", "runtime.routing", "runtime.errors",
    "runtime.scheduler.worker", "logging.config", "multiprocessing", "asyncio", "inspect", "argparse", "tempfile",
    "importlib.resources", "random",
)  # fmt: skip
"""Modules that a small task needs nothing of."""

MOST = 52
"""Megabytes of a worker and its executor; 31 (SQLite) and 35 (PostgreSQL) where this was written."""


@pytest.mark.parametrize("lab", BACKENDS[:2], indirect=True)
def test_a_small_task_loads_what_it_needs(lab):
    """SCHED-61: neither other databases' drivers nor what makes pages, mails and connections."""
    lab.define(LOADED)
    lab.start()
    task = lab.queue("loaded")
    assert lab.finish(task).status == "COMPLETED"
    loaded = json.loads(lab.run(task).run_result)
    assert [name for name in NEVER if name in loaded] == []
    assert ("psycopg2" in loaded) == lab.uri.startswith("postgres")
    lab.define(USES)
    task = lab.queue("uses_pages")
    assert lab.finish(task).status == "COMPLETED", lab.run(task).traceback
    assert json.loads(lab.run(task).run_result) == [
        '<div><a href="/myapp/default/f">x</a></div>',
        64,
        "<form",
        1,
    ]
    task = lab.queue("uses_drivers")
    assert lab.finish(task).status == "COMPLETED", lab.run(task).traceback
    assert json.loads(lab.run(task).run_result) == ["sqlite3", "imaplib", "psycopg2", "pymysql"]


@linux
@pytest.mark.parametrize("lab", BACKENDS[:2], indirect=True)
def test_memory_of_an_idle_worker(lab):
    """SCHED-61: both processes together, pages that are shared counted by halves."""
    worker = lab.start()
    assert lab.finish(lab.queue("add", [1, 1])).status == "COMPLETED"
    processes = [psutil.Process(worker.pid), worker.executor()]
    sizes = [one.memory_full_info().pss / 1e6 for one in processes]
    assert sum(sizes) < MOST, sizes
