"""An application with a scheduler, on SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime
import json

import pytest

from runtime.admin.scheduler.service import SchedulerService, open_scheduler
from tests.scheduler.databases import BACKENDS, mariadb_database, postgres_database

MODEL = """
from gluon.scheduler import Scheduler
db = DAL({uri!r})
def send_mails(list, size=10):
    "Sends a list."
    return size
def load_csv(*names, **options): pass
def _private(): pass
scheduler = Scheduler(db, heartbeat=1{options})
"""


@pytest.fixture(params=BACKENDS)
def scheduler_uri(request):
    """Address of an empty database."""
    if request.param == "sqlite":
        yield "sqlite://scheduler.sqlite"
        return
    make = postgres_database if request.param == "postgres" else mariadb_database
    with make() as (uri, _server):
        yield uri


class Shop:
    """An open scheduler and the shortest ways to fill its tables."""

    def __init__(self, service: SchedulerService) -> None:
        self.service = service
        self.connection = service.connection

    def ask(self, call, **arguments):
        """An answer as the window gets it: through JSON."""
        return json.loads(json.dumps(self.service.ask(call, arguments)))

    def task(self, name="news", **columns):
        """A task; returns its number. What `queue_task` does not take is written afterwards."""
        late = {key: columns.pop(key) for key in list(columns) if key in WRITTEN}
        answer = self.ask("queue", function=columns.pop("function", "send_mails"), task_name=name, **columns)
        assert answer["errors"] == {}, answer
        for key, value in late.items():
            self.write(f"UPDATE scheduler_task SET {key} = ? WHERE id = ?", value, answer["id"])
        return answer["id"]

    def run(self, task_id, status="COMPLETED", ago=0.0, seconds=1.0, **texts):
        """A run that began `ago` seconds before now."""
        begin = datetime.datetime.now() - datetime.timedelta(seconds=ago)
        end = None if status == "RUNNING" else begin + datetime.timedelta(seconds=seconds)
        names = ["task_id", "status", "start_time", "stop_time", *texts]
        marks = ", ".join("?" * len(names))
        self.write(
            f"INSERT INTO scheduler_run ({', '.join(names)}) VALUES ({marks})",
            task_id, status, begin, end, *texts.values(),
        )  # fmt: skip
        return self.connection.first("SELECT MAX(id) FROM scheduler_run")[0]

    def worker(self, name="office#1", status="ACTIVE", beat_ago=0.0, **stats):
        """A worker's row."""
        now = datetime.datetime.now() - datetime.timedelta(seconds=beat_ago)
        self.write(
            "INSERT INTO scheduler_worker (worker_name, status, first_heartbeat, last_heartbeat, is_ticker, "
            f"group_names, worker_stats) VALUES (?, ?, ?, ?, {self.connection.false}, ?, ?)",
            name, status, now, now, self.connection.list_of(["main"]), json.dumps({"heartbeat": 1, **stats}),
        )  # fmt: skip

    def write(self, statement, *values):
        """A statement of a test's own."""
        self.connection.run(statement, *values)

    def status(self, task_id):
        """Status of a task as the table holds it."""
        return self.connection.first("SELECT status FROM scheduler_task WHERE id = ?", task_id)[0]


WRITTEN = ("status", "times_run", "times_failed", "last_run_time", "assigned_worker_name", "next_run_time")


def make_site(folder, uri, options=""):
    """A site folder with the application shop."""
    app = folder / "applications" / "shop"
    for name in ("models", "databases"):
        (app / name).mkdir(parents=True)
    (app / "models" / "tasks.py").write_text(MODEL.format(uri=uri, options=options))
    return folder


@pytest.fixture
def shop(tmp_path, scheduler_uri):
    """The scheduler of shop."""
    with open_scheduler(str(make_site(tmp_path, scheduler_uri)), "shop") as service:
        yield Shop(service)


@pytest.fixture
def lite_shop(tmp_path):
    """The same on SQLite alone, for what does not depend on the database."""
    with contextlib.ExitStack() as stack:
        site = make_site(tmp_path, "sqlite://scheduler.sqlite")
        yield Shop(stack.enter_context(open_scheduler(str(site), "shop")))
