"""A site folder with a scheduler as a working day leaves it, for pictures and tests."""

from __future__ import annotations

import datetime
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from runtime.admin.inspector import InspectorProblem
from runtime.admin.scheduler.service import SchedulerService, open_scheduler
from runtime.foundation.problems import UserError
from runtime.scheduler.liveness import this_host

MODEL = '''"""Tasks of the shop."""
import time
from gluon.scheduler import Scheduler

db = DAL('sqlite://scheduler.sqlite')


def send_mails(list, size=10):
    """Sends a list of mails in pieces.

    The list is named, its members are looked up."""
    for sent in range(0, 2000, size):
        print('sent %d of 2000' % sent)
        time.sleep(0.2)
    return sent


def fetch_rates(*currencies): return len(currencies)
def load_csv(path): return 1 / 0
def ping(): return True


scheduler = Scheduler(db, heartbeat=1)
'''
STATUS = {"time-out": "TIMEOUT"}


class Tables:
    """Writes rows as they are needed."""

    def __init__(self, service: SchedulerService) -> None:
        self.service = service
        self.connection = service.connection

    def insert(self, table: str, **columns: Any) -> int:
        """A row; its number."""
        values = [str(v)[:1] if isinstance(v, bool) else v for v in columns.values()]
        marks = ", ".join("?" * len(values))
        self.connection.run(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", *values)
        return int(self.connection.first(f"SELECT MAX(id) FROM {table}")[0])

    def task(self, name: str, function: str = "", status: str = "QUEUED", *, due: float = 60.0, last: float | None = None,
             **columns: Any) -> int:  # fmt: skip
        """A task that is due in `due` seconds and ran last `last` seconds ago."""
        now = datetime.datetime.now()
        row: dict[str, Any] = {
            "application_name": "shop/default", "task_name": name, "function_name": function or name,
            "group_name": "main", "status": status, "enabled": True, "args": "[]", "vars": "{}",
            "uuid": f"{name}-{time.time_ns()}", "start_time": now - datetime.timedelta(days=9),
            "next_run_time": now + datetime.timedelta(seconds=due), "repeats": 0, "period": 300, "timeout": 60,
            "retry_failed": 0, "sync_output": 1, "times_run": 0, "times_failed": 0, "prevent_drift": False,
            "broadcast": False, "assigned_worker_name": "",
            "last_run_time": now - datetime.timedelta(seconds=last) if last is not None else None,
        }  # fmt: skip
        return self.insert("scheduler_task", **{**row, **columns})

    def run(
        self, task_id: int, status: str = "COMPLETED", ago: float = 0.0, seconds: float = 12.0, **columns: Any
    ) -> int:
        """A run that began `ago` seconds before now."""
        begin = datetime.datetime.now() - datetime.timedelta(seconds=ago)
        end = None if status == "RUNNING" else begin + datetime.timedelta(seconds=seconds)
        return self.insert(
            "scheduler_run", task_id=task_id, status=status, start_time=begin, stop_time=end, **columns
        )

    def worker(
        self, name: str, status: str = "ACTIVE", ago: float = 0.0, ticker: bool = False, **stats: Any
    ) -> None:
        """A worker's row."""
        now = datetime.datetime.now() - datetime.timedelta(seconds=ago)
        self.insert(
            "scheduler_worker", worker_name=name, status=status, last_heartbeat=now, is_ticker=ticker,
            first_heartbeat=now - datetime.timedelta(hours=3), group_names=self.connection.list_of(["main", "slow"]),
            worker_stats=json.dumps({"heartbeat": 3, "application": "shop", **stats}),
        )  # fmt: skip

    def waits(self, parent: int, child: int, job: str = "nightly") -> None:
        """A dependency that is not met."""
        self.insert(
            "scheduler_task_deps", job_name=job, task_parent=parent, task_child=child, can_visit=False
        )


def make_site(site: Path, *names: str) -> None:
    """Applications with a scheduler and empty tables."""
    for name in names or ("shop",):
        folder = site / "applications" / name
        for part in ("models", "controllers", "databases", "views"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        (folder / "models" / "tasks.py").write_text(MODEL)
        (folder / "controllers" / "default.py").write_text("def index():\n    return 'fine'\n")
        with open_scheduler(str(site), name):
            pass


TRACEBACK = """Traceback (most recent call last):
  File "{site}/applications/shop/models/tasks.py", line 20, in load_csv
    def load_csv(path): return 1 / 0
ZeroDivisionError: division by zero
"""


def fill(site: Path) -> dict[str, int]:
    """The rows of the picture; returns tasks by name."""
    with open_scheduler(str(site), "shop") as service:
        tables = Tables(service)
        office = f"office#{os.getpid()}"
        mine = {"host": this_host(), "pid": os.getpid(), "pid_created": psutil_created(), "total": 12}
        tasks = {
            "ping": tables.task("ping", due=-12),
            "news_mail": tables.task(
                "news_mail", "send_mails", "RUNNING", due=-41, last=341, times_run=30, times_failed=1, timeout=600,
                retry_failed=2, vars='{"list": "news"}', assigned_worker_name=office,
            ),
            "rebuild_index": tables.task("rebuild_index", "search.rebuild", "ASSIGNED", due=0, last=17000, times_run=19,
                                         group_name="slow", assigned_worker_name="lab2#88"),
            "price_update": tables.task("price_update", "fetch_rates", due=130, last=400, times_run=402, times_failed=3),
            "import_stock": tables.task("import_stock", "load_csv", "FAILED", last=90000, times_run=12, times_failed=7,
                                        group_name="slow", repeats=20),
            "thumbnails": tables.task("thumbnails", "images.make_thumbnails", "TIMEOUT", last=1900, times_run=88,
                                      times_failed=5, group_name="slow"),
            "cleanup_sessions": tables.task("cleanup_sessions", "housekeeping.sessions", due=2300, last=1400,
                                            times_run=1204),
            "reminders": tables.task("reminders", "loan.remind", "COMPLETED", last=12000, times_run=1, repeats=1),
            "quarter_report": tables.task("quarter_report", "reports.quarter", last=86400 * 40, times_run=3,
                                          group_name="slow", enabled=False),
            "yearly_archive": tables.task("yearly_archive", "archive.run", "EXPIRED", group_name="slow"),
        }  # fmt: skip
        for at in range(19):
            status = "FAILED" if at == 6 else "COMPLETED"
            tables.run(
                tasks["news_mail"], status, ago=341 + 300 * (19 - at), seconds=1 if at == 6 else 11 + at % 4,
                worker_name=office,
            )  # fmt: skip
        tables.run(
            tasks["news_mail"],
            "RUNNING",
            ago=41,
            worker_name=office,
            run_output="queue: 184 messages\nsent 120 of 184, 0 refused\nsent 160 of 184, 1 refused\n",
        )
        for at in range(12):
            tables.run(tasks["cleanup_sessions"], ago=1400 + 3600 * at, seconds=0, worker_name="office#5121")
            tables.run(tasks["price_update"], ago=400 + 1800 * at, seconds=1, worker_name=office)
        tables.run(
            tasks["import_stock"],
            "FAILED",
            ago=90000,
            seconds=2,
            worker_name="lab2#88",
            traceback=TRACEBACK.format(site=site),
            run_output="reading stock.csv\n",
        )
        tables.run(tasks["thumbnails"], "TIMEOUT", ago=1900, seconds=300, worker_name="lab2#88")
        tables.worker(office, "RUNNING", 1, ticker=True, task=tasks["news_mail"], **mine)
        tables.worker("office#5121", "ACTIVE", 3, host="other/1", pid=5121, total=3)
        tables.worker("lab2#88", "ACTIVE", 7200, host="lab2/1", pid=88)
        second, third = (
            tables.task("pack", "archive.pack", due=-5),
            tables.task("send", "archive.send", due=-5),
        )
        tables.waits(tasks["import_stock"], second)
        tables.waits(second, third)
        tables.waits(tasks["rebuild_index"], third)
        return tasks


def psutil_created() -> float:
    """When this process was started."""
    import psutil

    return psutil.Process().create_time()


class HereInspectors:
    """Stands for the inspector's children: the same service, in this process, so that tests need not wait."""

    def __init__(self, site: Path) -> None:
        self.site = site

    def of(self, application: str) -> HereInspector:
        """One application."""
        return HereInspector(self.site, application)

    def close(self) -> None:
        """There is nothing to end."""


class HereInspector:
    """Answers the question ``scheduler`` as the child does, through JSON."""

    def __init__(self, site: Path, application: str) -> None:
        self._site, self._application = site, application

    def ask(
        self, question: str, *, limit: float, cancelled: Any, call: str, arguments: dict[str, Any]
    ) -> Any:
        """The answer.

        Raises:
            InspectorProblem: there is none.
        """
        assert question == "scheduler"
        assert limit > 0
        try:
            value = _THREAD.submit(self._answer, call, json.loads(json.dumps(arguments))).result()
        except UserError as error:
            data = {"missing": "scheduler"} if "no scheduler" in str(error) else {}
            raise InspectorProblem("refused", str(error), data=data) from error
        return {"value": json.loads(json.dumps(value))}

    def _answer(self, call: str, arguments: dict[str, Any]) -> Any:
        with open_scheduler(str(self._site), self._application) as service:
            return service.ask(call, arguments)


_THREAD = ThreadPoolExecutor(1)
"""Application code runs in a thread of Python's own; those of Qt forget what a thread keeps for itself."""
