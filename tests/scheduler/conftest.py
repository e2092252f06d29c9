"""Real workers in child processes, on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import contextlib
import select
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from runtime import dal
from runtime.foundation.current import current
from runtime.foundation.storage import Storage
from runtime.scheduler import Scheduler
from runtime.scheduler.states import QUEUED, RUNNING
from tests.scheduler.databases import BACKENDS, database

PATIENCE = 90.0  # seconds; a bound against hanging, not an expectation

MODEL = """
import os, sys, time
from gluon.scheduler import Scheduler
db = DAL({uri!r}, folder={folder!r}, migrate_enabled={migrate})
db.define_table('ledger', Field('entry'), Field('pid', 'integer'))

def note(entry):
    with open({ledger!r}, 'a') as stream:
        stream.write('%s %s\\n' % (entry, os.getpid()))

def add(a, b): return a + b
def nothing(): pass
def prints(): print('only printed')
def environment():
    return dict(host=request.env.http_host, application=request.application,
                controller=request.controller, scheduler=request.is_scheduler,
                id=W2P_TASK.id, uuid=W2P_TASK.uuid, run_id=W2P_TASK.run_id)
def insert(entry, commit):
    db.ledger.insert(entry=entry)
    if commit: db.commit()
    return True
def fail(): 1 / 0
def leave(): sys.exit(3)
def crash(): os._exit(9)
def text(size): return 'x' * size
def flood(lines):
    for n in range(lines): print('line %d' % n)
    return lines
def wait_to_be_let_go():
    while not os.path.exists({gate!r}): time.sleep(0.02)
def progress():
    print('50%')
    wait_to_be_let_go()
    print('!clear!100%')
    return 1
def held(entry):
    print('begun')
    note('begin ' + entry)
    wait_to_be_let_go()
    note('end ' + entry)
    return entry
def slow(seconds, entry='slow'):
    print('begun')
    note('begin ' + entry)
    time.sleep(seconds)
    note('end ' + entry)
    return entry
def mark(entry):
    note(entry)
def unjsonable(): return object()
def two(a, b=0): return [a, b]
scheduler = Scheduler(db, heartbeat={heartbeat}{options})
"""


class Lab:
    """A site with one application, its database, and the workers it starts."""

    def __init__(self, folder, uri, heartbeat=1, options=""):
        self.folder = folder
        self.uri = uri
        app = folder / "applications" / "myapp"
        for name in ("models", "databases", "controllers"):
            (app / name).mkdir(parents=True)
        self.app = app
        self.ledger_file = folder / "ledger.txt"
        self.gate = folder / "let-go"
        self.databases = str(app / "databases")
        self.workers = []
        self.heartbeat = heartbeat
        self.migrate = True
        self.configure(options)
        current.request = Storage(application="myapp", controller="default")
        self.connect()

    def configure(self, options):
        """Write the model; `options` are further arguments of the scheduler."""
        text = MODEL.format(
            uri=self.uri,
            migrate=self.migrate,
            folder=self.databases,
            ledger=str(self.ledger_file),
            gate=str(self.gate),
            heartbeat=self.heartbeat,
            options=options and ", " + options,
        )
        (self.app / "models" / "scheduler.py").write_text(text)

    def define(self, text):
        """Add functions to the application, in a model of their own that runs first."""
        (self.app / "models" / "a_more.py").write_text(text)

    def connect(self):
        self.db = dal.DAL(self.uri, folder=self.databases)
        self.db.define_table("ledger", dal.Field("entry"), dal.Field("pid", "integer"))
        self.scheduler = Scheduler(self.db)
        self.db.commit()

    def queue(self, function, pargs=None, commit=True, **kwargs):
        answer = self.scheduler.queue_task(function, pargs, **kwargs)
        assert not answer.errors, answer.errors
        if commit:
            self.db.commit()
        return answer.id

    def start(self, wish="myapp", wait=True):
        worker = WorkerProcess(self.folder, wish)
        self.workers.append(worker)
        if wait:
            assert worker.name
        return worker

    def task(self, task_id):
        self.db.commit()  # a new view of the data
        return self.db.scheduler_task(task_id)

    def runs(self, task_id):
        self.db.commit()
        run = self.db.scheduler_run
        return self.db(run.task_id == task_id).select(orderby=run.id)

    def run(self, task_id):
        rows = self.runs(task_id)
        assert len(rows) == 1, rows
        return rows[0]

    def finish(self, task_id):
        """Wait until a task is in a final state; returns it."""
        self.until(lambda: self.task(task_id).status not in (QUEUED, RUNNING, "ASSIGNED"), f"task {task_id}")
        return self.task(task_id)

    def until(self, condition, what="the condition", patience=PATIENCE):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = condition()
            if found:
                return found
            time.sleep(0.03)
        tasks = [(t.id, t.function_name, t.status, t.assigned_worker_name) for t in self.tasks()]
        logs = ["\n".join(worker.errors[-15:]) for worker in self.workers]
        raise AssertionError(f"{what} did not come true; tasks {tasks}; logs {logs}")

    def tasks(self):
        self.db.commit()
        return self.db(self.db.scheduler_task.id > 0).select(orderby=self.db.scheduler_task.id)

    def worker_rows(self):
        self.db.commit()
        return self.scheduler.get_workers()

    def ledger(self):
        """What tasks have noted: text and process id."""
        try:
            lines = self.ledger_file.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line.rpartition(" ")[0] for line in lines]

    def ledger_pids(self):
        return {int(line.rpartition(" ")[2]) for line in self.ledger_file.read_text().splitlines()}

    def let_go(self):
        """Let tasks of `held` and `progress` end, those of later too."""
        self.gate.touch()

    def await_beats(self, *workers):
        """Wait until each of the workers has given a whole heartbeat: it has seen what was written before."""
        for worker in workers:
            for _ in range(2):  # the first one may have begun earlier
                before = self.worker_rows()[worker.name].last_heartbeat
                self.until(
                    lambda worker=worker, before=before: (
                        self.worker_rows()[worker.name].last_heartbeat > before
                    ),
                    "a heartbeat",
                )

    def stop_workers(self):
        for worker in self.workers:
            worker.stop()
        self.workers.clear()

    def close(self):
        self.stop_workers()
        dal.finish(commit=False)
        with contextlib.suppress(Exception):
            self.db.close()
        current.__dict__.clear()


class WorkerProcess:
    """One worker, as a team starts it."""

    def __init__(self, site, wish, wrap=lambda *words: list(words)):
        command = [sys.executable, "-u", "-m", "runtime.scheduler", "--worker", f"--folder={site}", wish]
        self.process = subprocess.Popen(
            wrap(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.errors = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._name = None

    def _read(self):
        for line in self.process.stderr:
            self.errors.append(line.rstrip("\n"))

    @property
    def name(self):
        if self._name is None:
            line = self.process.stdout.readline()
            assert line.startswith("worker "), "\n".join([line, *self.errors])
            self._name = line.split()[1]
        return self._name

    def is_named(self, name):
        """Tell whether it has this name, without waiting for it."""
        if self._name is None and not select.select([self.process.stdout], [], [], 0)[0]:
            return False
        return self.name == name

    @property
    def pid(self):
        return self.process.pid

    def executor(self):
        """The process that runs the tasks."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            children = psutil.Process(self.pid).children()
            if children:
                return children[0]
            time.sleep(0.05)
        raise AssertionError("the worker has no executor")

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def end(self):
        """Wait for its own end; returns the exit code."""
        return self.process.wait(PATIENCE)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


@contextlib.contextmanager
def make_lab(backend, folder, **options):
    with contextlib.ExitStack() as stack:
        uri, server = stack.enter_context(database(backend))
        lab = Lab(folder, uri, **options)
        lab.backend, lab.server = backend, server
        stack.callback(lab.close)
        yield lab


@pytest.fixture
def new_lab():
    """The class of labs, for tests with databases of their own."""
    return Lab


@pytest.fixture(params=BACKENDS)
def lab(request, tmp_path):
    """A fresh lab for one test; workers are started by the test."""
    with make_lab(request.param, tmp_path) as made:
        yield made


@pytest.fixture
def file_lab(tmp_path):
    """As `lab`, on SQLite alone: for what no database can make a difference to."""
    with make_lab("sqlite", tmp_path) as made:
        yield made


@pytest.fixture(params=BACKENDS, scope="module")
def shared(request, tmp_path_factory):
    """A lab with one living worker, for all tests of a module."""
    with make_lab(request.param, tmp_path_factory.mktemp("site")) as made:
        made.start()
        yield made
