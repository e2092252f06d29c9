"""The scheduler: throughput, latency, idle cost, and the claim with a long history.

    python tests/benchmarks/bench_scheduler.py [--tasks N] [--rows N,N] [--postgres] [--peers]

Figures count only beside others of the same run. `--peers` measures huey (file database, one process) in a
temporary environment; without it ratios recorded elsewhere are printed, marked as recorded.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
import venv
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from runtime import dal  # noqa: E402
from runtime.foundation.current import current  # noqa: E402
from runtime.foundation.storage import Storage  # noqa: E402
from runtime.scheduler import Scheduler  # noqa: E402
from runtime.scheduler.access import access_of  # noqa: E402
from runtime.scheduler.connection import WorkerConnection  # noqa: E402
from runtime.scheduler.schema_upkeep import ensure_indexes  # noqa: E402
from runtime.scheduler.store import Store  # noqa: E402

POSTGRES = "postgres:postgres@127.0.0.1:5432"
MODEL = """
import time
from gluon.scheduler import Scheduler
db = DAL({uri!r})
def nothing(): pass
def stamp():
    with open({stamps!r}, 'a') as stream: stream.write('%.6f\\n' % time.time())
scheduler = Scheduler(db, heartbeat={heartbeat})
"""

RECORDED = (
    "recorded elsewhere, one worker, tasks/s as a multiple of the old scheduler: RQ (fork) 170, "
    "procrastinate 710, Celery 1,830, huey/PostgreSQL 2,940, huey/SQLite 9,080; "
    "CPU s per 1,000 tasks: old scheduler 23.6, RQ 11.5, procrastinate 1.35, Celery 1.06, huey 0.13..0.27"
)


class Site:
    """An application with a scheduler, in a temporary folder."""

    def __init__(self, folder: str, uri: str, heartbeat: float = 3) -> None:
        self.folder = Path(folder)
        self.stamps = str(self.folder / "stamps")
        app = self.folder / "applications" / "bench"
        for name in ("models", "databases"):
            (app / name).mkdir(parents=True)
        (app / "models" / "scheduler.py").write_text(
            MODEL.format(uri=uri, stamps=self.stamps, heartbeat=heartbeat)
        )
        current.request = Storage(application="bench", controller="default")
        self.db = dal.DAL(uri, folder=str(app / "databases"))
        self.scheduler = Scheduler(self.db)
        self.db.commit()

    def start(self) -> psutil.Process:
        command = [
            sys.executable,
            "-u",
            "-m",
            "runtime.scheduler",
            "--worker",
            f"--folder={self.folder}",
            "bench",
        ]
        process = psutil.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        process.stdout.readline()
        return process

    def queue(self, function: str, count: int) -> None:
        for _ in range(count):
            self.scheduler.queue_task(function)
        self.db.commit()

    def waiting(self) -> int:
        task = self.db.scheduler_task
        count = self.db(task.status.belongs(("QUEUED", "RUNNING"))).count()
        self.db.commit()
        return count


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a worker and its executor."""
    return sum(sum(one.cpu_times()[:2]) for one in [process, *process.children(recursive=True)])


def stop(process: psutil.Process) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(20)
    process.stdout.close()


def throughput(site: Site, count: int) -> None:
    began = time.perf_counter()
    site.queue("nothing", count)
    queued = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(100):
        site.scheduler.queue_task("nothing")
        site.db.commit()
    one_by_one = time.perf_counter() - began
    worker = site.start()
    total = count + 100
    while site.waiting() == total:
        time.sleep(0.01)
    began, first, cpu = time.perf_counter(), site.waiting(), cpu_of(worker)
    while left := site.waiting():
        time.sleep(0.1)
    seconds, used = time.perf_counter() - began, cpu_of(worker) - cpu
    stop(worker)
    print(
        f"  throughput {(first - left) / seconds:7.0f} tasks/s, {used / (first - left) * 1000:.2f} s CPU per 1,000 "
        f"(worker and executor); queueing {count / queued:.0f}/s in one transaction, {100 / one_by_one:.0f}/s each"
    )


def latency(site: Site, count: int) -> None:
    worker = site.start()
    time.sleep(2)
    found = []
    for _ in range(count):
        site.scheduler.queue_task("stamp")
        queued = time.time()
        site.db.commit()
        while site.waiting():
            time.sleep(0.02)
        found.append((float(Path(site.stamps).read_text().split()[-1]) - queued) * 1000)
        time.sleep(0.3)
    stop(worker)
    print(f"  latency    median {statistics.median(found):.1f} ms, worst of {count} {max(found):.1f} ms")


def idle(site: Site, seconds: float, server: object = None) -> None:
    def commits() -> int:
        if server is None:
            return 0
        cursor = server.cursor()
        cursor.execute("SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s",
                       (site.db._uri.rpartition("/")[2],))  # fmt: skip
        return cursor.fetchone()[0]

    worker = site.start()
    time.sleep(5)
    cpu, before = cpu_of(worker), commits()
    time.sleep(seconds)
    used, statements = cpu_of(worker) - cpu, commits() - before
    memory = sum(one.memory_full_info().pss for one in [worker, *worker.children()]) / 1e6
    per_process = [one.memory_full_info().pss / 1e6 for one in [worker, *worker.children()]]
    stop(worker)
    shown = f", {statements / seconds:.2f} transactions/s" if server is not None else ""
    print(
        f"  idle       {used / seconds * 100:.2f} % of a core{shown}, {memory:.0f} MB "
        f"({' + '.join(f'{one:.0f}' for one in per_process)})"
    )


def history(sizes: list[int]) -> None:
    """The claim on SQLite beside `size` finished tasks and runs."""
    print("claim beside a history, SQLite, ms (median)")
    base = 0.0
    for size in [0, *sizes]:
        with tempfile.TemporaryDirectory() as folder:
            site = Site(folder, "sqlite://scheduler.sqlite")
            path = site.folder / "applications" / "bench" / "databases" / "scheduler.sqlite"
            link = sqlite3.connect(path)
            link.executemany(
                "INSERT INTO scheduler_task (application_name, group_name, status, function_name, uuid, enabled, "
                "next_run_time, start_time) VALUES ('bench/default', 'main', 'COMPLETED', 'nothing', ?, 'T', "
                "'2026-01-01 00:00:00', '2026-01-01 00:00:00')",
                ((f"u{n}",) for n in range(size)),
            )
            link.execute(
                "INSERT INTO scheduler_run (task_id, status) SELECT id, 'COMPLETED' FROM scheduler_task"
            )
            link.commit()
            link.close()
            store = Store(WorkerConnection(access_of(site.db._adapter)), "bench")
            began = time.perf_counter()
            ensure_indexes(store.connection)
            indexed = time.perf_counter() - began
            site.queue("nothing", 60)
            claims, polls = [], []
            for _ in range(50):
                began = time.perf_counter()
                with store.transaction():
                    assert store.claim("w", ["main"], assigned=False)
                claims.append((time.perf_counter() - began) * 1000)
            site.db(site.db.scheduler_task.status == "QUEUED").update(status="STOPPED")
            site.db.commit()
            for _ in range(50):
                began = time.perf_counter()
                assert store.next_due(["main"], "w") is None
                polls.append((time.perf_counter() - began) * 1000)
            claim = statistics.median(claims)
            base = base or claim
            print(
                f"  {size:>9,} tasks and runs: claim {claim:.2f} ({claim / base:.1f} x the empty one), idle poll "
                f"{statistics.median(polls):.3f}; indexes made in {indexed:.2f} s"
            )
            store.connection.close()
            site.db.close()


def huey_throughput(count: int) -> None:
    """huey, the quickest peer, on a file database with its defaults."""
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder + "/venv", with_pip=True)
        python = folder + "/venv/bin/python"
        subprocess.run([python, "-m", "pip", "install", "-q", "huey"], check=True, timeout=120)
        Path(folder, "queue_tasks.py").write_text(
            "from huey import SqliteHuey\nhuey = SqliteHuey(filename='h.db')\n@huey.task()\ndef nothing(): pass\n"
        )
        subprocess.run(
            [python, "-c", f"import queue_tasks as q\nfor _ in range({count}): q.nothing()"],
            cwd=folder,
            check=True,
        )
        began = time.perf_counter()
        worker = psutil.Popen(
            [folder + "/venv/bin/huey_consumer", "queue_tasks.huey", "-k", "process", "-w", "1", "-q"],
            cwd=folder,
            stderr=subprocess.DEVNULL,
        )
        left = count
        start = None
        while left:
            link = sqlite3.connect(folder + "/h.db")
            left = link.execute("SELECT COUNT(*) FROM task").fetchone()[0]
            link.close()
            if start is None and left < count:
                start, began = left, time.perf_counter()
            time.sleep(0.02)
        seconds = max(time.perf_counter() - began, 0.001)
        print(
            f"huey, SQLite: {(start or count) / seconds:.0f} tasks/s, {cpu_of(worker) / count * 1000:.2f} s CPU per 1,000"
        )
        worker.send_signal(signal.SIGINT)
        with contextlib.suppress(psutil.TimeoutExpired):
            worker.wait(10)
        if worker.is_running():
            for one in worker.children(recursive=True):
                one.kill()
            worker.kill()


def backend(title: str, uri: str, arguments: argparse.Namespace, server: object = None) -> None:
    print(title)
    with tempfile.TemporaryDirectory() as folder:
        site = Site(folder, uri)
        throughput(site, arguments.tasks)
        latency(site, 20)
        idle(site, 15, server)
        site.db.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--peers", action="store_true")
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    backend("SQLite, one worker", "sqlite://scheduler.sqlite", arguments)
    if arguments.postgres:
        import psycopg2

        server = psycopg2.connect(f"postgresql://{POSTGRES}/postgres")
        server.autocommit = True
        name = f"hadron_{uuid.uuid4().hex}"
        server.cursor().execute(f"CREATE DATABASE {name}")
        try:
            backend("PostgreSQL, one worker", f"postgres://{POSTGRES}/{name}", arguments, server)
        finally:
            server.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.close()
    history([int(size) for size in arguments.rows.split(",") if size])
    if arguments.peers:
        huey_throughput(arguments.tasks)
    else:
        print(RECORDED)


if __name__ == "__main__":
    main()
