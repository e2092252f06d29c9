"""The scheduler beside Celery, huey and procrastinate: throughput, latency, idle cost, history, recovery.

    python tests/benchmarks/bench_scheduler.py [--tasks N] [--rows N,N] [--backends sqlite,postgres,mariadb]
                                               [--only throughput,fresh,latency,idle,recovery,history,peers]

One worker each. The tasks append the time to a file; rates are counted from
the first to the last of them. Figures count only beside others of the same run.
"""

from __future__ import annotations

import argparse
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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
from tests.benchmarks.peers.task_queues import COMMANDS, cpu_of, run_peer, stamps_of  # noqa: E402
from tests.scheduler.databases import database  # noqa: E402

PARTS = ("throughput", "fresh", "latency", "idle", "recovery", "history", "peers")
MODEL = """
import time
from gluon.scheduler import Scheduler
db = DAL({uri!r})
def stamp():
    with open({stamps!r}, 'a') as stream: stream.write('%.6f\\n' % time.time())
def lasts(seconds):
    stamp()
    time.sleep(seconds)
scheduler = Scheduler(db, heartbeat={heartbeat}{options})
"""


class Site:
    """An application with a scheduler, in a temporary folder."""

    def __init__(
        self, folder: str, uri: str, server: Any = None, heartbeat: float = 3, options: str = ""
    ) -> None:
        self.folder, self.server = Path(folder), server
        self.heartbeat = heartbeat
        self.stamps = str(self.folder / "stamps")
        app = self.folder / "applications" / "bench"
        for name in ("models", "databases"):
            (app / name).mkdir(parents=True)
        self.databases = app / "databases"
        (app / "models" / "scheduler.py").write_text(
            MODEL.format(uri=uri, stamps=self.stamps, heartbeat=heartbeat, options=options)
        )
        current.request = Storage(application="bench", controller="default")
        self.db = dal.DAL(uri, folder=str(self.databases))
        self.scheduler = Scheduler(self.db)
        self.db.commit()

    def start(self) -> psutil.Popen:
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

    def queue(self, count: int, *args: Any, function: str = "stamp", each: bool = False) -> float:
        """Queue tasks; returns seconds."""
        began = time.perf_counter()
        for _ in range(count):
            self.scheduler.queue_task(function, list(args))
            if each:
                self.db.commit()
        self.db.commit()
        return time.perf_counter() - began

    def wait_for(self, count: int, pause: float = 0.02) -> list[float]:
        """Wait until as many tasks have begun; returns when they did."""
        until = time.monotonic() + 180
        while len(found := stamps_of(self.stamps)) < count and time.monotonic() < until:
            time.sleep(pause)
        return sorted(found)

    def close(self) -> None:
        self.db.close()


def stop(process: psutil.Popen) -> None:
    process.send_signal(signal.SIGINT)
    process.wait(20)
    process.stdout.close()


def throughput(site: Site, count: int, title: str = "throughput") -> float:
    queued, each = site.queue(count), site.queue(100, each=True)
    worker = site.start()
    first, before = len(site.wait_for(1, 0.005)), cpu_of(worker)
    times = site.wait_for(count + 100, 0.1)
    used = cpu_of(worker) - before
    stop(worker)
    rate = (len(times) - 1) / (times[-1] - times[0])
    print(
        f"  {title:10} {rate:6.0f} tasks/s, {used / max(len(times) - first, 1) * 1000:.2f} s CPU per 1,000; "
        f"queueing {count / queued:.0f}/s in one transaction, {100 / each:.0f}/s with a commit each"
    )
    return rate


def latency(site: Site, count: int = 100) -> None:
    worker = site.start()
    time.sleep(2)
    begun, found = len(stamps_of(site.stamps)), []
    for number in range(count):
        site.scheduler.queue_task("stamp")
        queued = time.time()
        site.db.commit()
        found.append((site.wait_for(begun + number + 1, 0.005)[-1] - queued) * 1000)
        time.sleep(0.05 + number % 7 * 0.02)
    stop(worker)
    print(f"  latency    median {statistics.median(found):.1f} ms, worst of {count} {max(found):.1f} ms")


def statements(site: Site) -> int:
    if hasattr(site.server, "cut_connections"):
        if site.scheduler.db._adapter.dbengine == "postgres":
            sql = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = %s"
            return int(site.server.execute(sql, site.server.name)[0][0])
        return int(site.server.execute("SHOW GLOBAL STATUS LIKE 'Questions'")[0][1])
    return 0


def idle(site: Site, seconds: float) -> None:
    worker = site.start()
    time.sleep(5)
    site.db.commit()
    cpu, before = cpu_of(worker), statements(site)
    time.sleep(seconds)
    used, asked = cpu_of(worker) - cpu, statements(site) - before
    sizes = [one.memory_full_info().pss / 1e6 for one in [worker, *worker.children(recursive=True)]]
    stop(worker)
    shown = f", {asked / seconds:.2f} transactions/s of the database" if site.server is not None else ""
    print(
        f"  idle       {used / seconds * 100:.2f} % of a core{shown}, {sum(sizes):.0f} MB "
        f"({' + '.join(f'{one:.0f}' for one in sizes)})"
    )


def recovery(site: Site) -> None:
    """The worker that runs a task is killed with all its processes; another takes the task over."""
    first, second = site.start(), site.start()
    found = []
    for _ in range(3):
        begun = len(stamps_of(site.stamps))
        site.queue(1, 1, function="lasts")
        site.wait_for(begun + 1)
        site.db.commit()
        task = site.db(site.db.scheduler_task.status == "RUNNING").select().first()
        pid = site.scheduler.get_workers()[task.assigned_worker_name].worker_stats["pid"]
        site.db.commit()
        holder = first if first.pid == pid else second
        os.kill(holder.pid, signal.SIGKILL)
        killed = time.time()
        found.append((site.wait_for(begun + 2)[-1] - killed) / site.heartbeat)
        holder.wait()
        holder.stdout.close()
        first, second = (second if holder is first else first), site.start()
        time.sleep(1.5)
    stop(first)
    stop(second)
    print(f"  recovery   {max(found):.2f} heartbeats after kill -9 at most, {min(found):.2f} at least")


def fill(site: Site, size: int) -> None:
    """Write finished tasks and runs."""
    if site.server is None:
        link = sqlite3.connect(site.databases / "scheduler.sqlite")
        link.executemany(
            "INSERT INTO scheduler_task (application_name, group_name, status, function_name, uuid, enabled, "
            "next_run_time, start_time) VALUES ('bench/default', 'main', 'COMPLETED', 'stamp', ?, 'T', "
            "'2026-01-01 00:00:00', '2026-01-01 00:00:00')",
            ((f"u{n}",) for n in range(size)),
        )
        link.execute("INSERT INTO scheduler_run (task_id, status) SELECT id, 'COMPLETED' FROM scheduler_task")
        link.commit()
        link.close()
        return
    site.db.executesql(
        "INSERT INTO scheduler_task (application_name, group_name, status, function_name, uuid, enabled, "
        "next_run_time, start_time) SELECT 'bench/default', 'main', 'COMPLETED', 'stamp', 'u' || n, 'T', "
        f"'2026-01-01', '2026-01-01' FROM generate_series(1, {size}) n"
    )
    site.db.executesql(
        "INSERT INTO scheduler_run (task_id, status) SELECT id, 'COMPLETED' FROM scheduler_task"
    )
    site.db.commit()


def history(backend: str, sizes: list[int]) -> None:
    """The claim beside finished tasks and runs."""
    base = 0.0
    for size in [0, *sizes]:
        with tempfile.TemporaryDirectory() as folder, database(backend) as (uri, server):
            site = Site(folder, uri, server)
            fill(site, size)
            store = Store(WorkerConnection(access_of(site.db._adapter), claims=True), "bench")
            began = time.perf_counter()
            ensure_indexes(store.connection)
            indexed = time.perf_counter() - began
            site.queue(60)
            claims, polls, commits = [], [], []
            for _ in range(50):
                with store.transaction():
                    began = time.perf_counter()
                    assert store.claim("w", ["main"], assigned=False)
                    ended = time.perf_counter()
                claims.append((ended - began) * 1000)
                commits.append((time.perf_counter() - ended) * 1000)
            site.db(site.db.scheduler_task.status == "QUEUED").update(status="STOPPED")
            site.db.commit()
            for _ in range(50):
                began = time.perf_counter()
                assert store.next_due(["main"], "w") is None
                polls.append((time.perf_counter() - began) * 1000)
            claim = statistics.median(claims)
            base = base or claim
            print(
                f"  history    {size:>9,} tasks and runs: claim {claim:.2f} ms ({claim / base:.1f} x the empty one), "
                f"its commit {statistics.median(commits):.2f} ms, idle look {statistics.median(polls):.3f} ms; indexes made in {indexed:.2f} s"
            )
            store.connection.close()
            site.close()


def measure(backend: str, arguments: argparse.Namespace, rates: dict[str, float]) -> None:
    """All parts on one database."""
    only = arguments.only.split(",")
    print(f"{backend}, one worker, load {os.getloadavg()[0]:.1f}")
    parts = {
        "throughput": lambda site: rates.update({backend: throughput(site, arguments.tasks)}),
        "latency": latency,
        "idle": lambda site: idle(site, 15),
    }
    for name, part in parts.items():
        if name in only:
            with tempfile.TemporaryDirectory() as folder, database(backend) as (uri, server):
                site = Site(folder, uri, server)
                part(site)
                site.close()
    if "fresh" in only:
        with tempfile.TemporaryDirectory() as folder, database(backend) as (uri, server):
            site = Site(folder, uri, server, options=", tasks_per_process=1")
            throughput(site, arguments.tasks // 4, "fresh")
            site.close()
    if "recovery" in only:
        with tempfile.TemporaryDirectory() as folder, database(backend) as (uri, server):
            site = Site(folder, uri, server)
            recovery(site)
            site.close()
    if "history" in only and backend != "mariadb":
        history(backend, [int(size) for size in arguments.rows.split(",") if size])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--rows", default="100000,1000000")
    parser.add_argument("--backends", default="sqlite,postgres")
    parser.add_argument("--only", default=",".join(PARTS))
    arguments = parser.parse_args()
    rates: dict[str, float] = {}
    for backend in arguments.backends.split(","):
        measure(backend, arguments, rates)
    if "peers" not in arguments.only.split(","):
        return
    print(f"peers, one worker, load {os.getloadavg()[0]:.1f}")
    with database("postgres") as (uri, _):
        for name in COMMANDS:
            found = run_peer(name, arguments.tasks, uri.replace("postgres://", "postgresql://"))
            if found is None:
                print(f"  {name}: not installed (extra bench)")
                continue
            ratios = ", ".join(f"{mine / found[0]:.2f} of it on {backend}" for backend, mine in rates.items())
            print(f"  {name:26} {found[0]:6.0f} tasks/s, {found[1]:.2f} s CPU per 1,000; we do {ratios}")


if __name__ == "__main__":
    main()
