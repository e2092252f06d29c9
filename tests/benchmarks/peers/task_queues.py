"""Other task queues doing the same work as the scheduler: Celery, huey, procrastinate (extra ``bench``)."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

PATIENCE = 120.0
STAMP = """
import time
def stamp():
    with open({stamps!r}, 'a') as stream: stream.write('%.6f\\n' % time.time())
"""
CELERY = """
from celery import Celery
app = Celery('bench', broker='redis://127.0.0.1:6379/11')
app.conf.task_default_queue = {queue!r}
app.conf.broker_connection_retry_on_startup = True
task = app.task(stamp, name='stamp', ignore_result=True)
put = task.delay
"""
HUEY = """
from huey import SqliteHuey
huey = SqliteHuey(filename='h.db', fsync=True)
task = huey.task()(stamp)
put = task
"""
PROCRASTINATE = """
import procrastinate
app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector(conninfo={uri!r}))
worker_app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo={uri!r}))
task = app.task(stamp, name='stamp')
worker_app.task(stamp, name='stamp')
opened = []
def put():
    if not opened:
        app.open()
        opened.append(app.schema_manager.apply_schema())
    task.defer()
def work():
    import asyncio
    async def run():
        async with worker_app.open_async():
            await worker_app.run_worker_async(concurrency=1)
    asyncio.run(run())
"""
COMMANDS = {
    "Celery, Redis": ["-m", "celery", "-A", "queue_tasks", "worker", "-c", "1", "--loglevel", "error"],
    "huey, SQLite": ["-m", "huey.bin.huey_consumer", "queue_tasks.huey", "-k", "process", "-w", "1", "-q"],
    "procrastinate, PostgreSQL": ["-c", "import queue_tasks; queue_tasks.work()"],
}
MODULES = {"Celery, Redis": "celery", "huey, SQLite": "huey", "procrastinate, PostgreSQL": "procrastinate"}


def stamps_of(path: str) -> list[float]:
    """Return the times that tasks have written."""
    try:
        return [float(line) for line in Path(path).read_text().split()]
    except FileNotFoundError:
        return []


def cpu_of(process: psutil.Process) -> float:
    """CPU seconds of a worker and its children."""
    found = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            found += sum(one.cpu_times()[:4])
        except psutil.Error:
            continue
    return found


def end(process: psutil.Popen) -> None:
    """End a worker that this benchmark has started, with its children."""
    everyone = process.children(recursive=True)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(10)
    for one in everyone:
        if one.is_running():
            one.kill()


@contextmanager
def _peer(name: str, folder: str, uri: str) -> Iterator[psutil.Popen]:
    process = psutil.Popen(
        [sys.executable, *COMMANDS[name]], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        end(process)


def run_peer(name: str, count: int, uri: str) -> tuple[float, float] | None:
    """Let a peer run `count` tasks.

    Returns:
        Tasks per second and CPU seconds of the worker per 1,000 tasks; None when it is not installed.
    """
    if importlib.util.find_spec(MODULES[name]) is None:
        return None
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        stamps = os.path.join(folder, "stamps")
        text = {"Celery, Redis": CELERY, "huey, SQLite": HUEY}.get(name, PROCRASTINATE)
        text = text.format(queue=os.path.basename(folder), uri=uri)
        Path(folder, "queue_tasks.py").write_text(STAMP.format(stamps=stamps) + text)
        put = f"import queue_tasks as q\nfor _ in range({count}): q.put()"
        subprocess.run([sys.executable, "-c", put], cwd=folder, check=True, timeout=PATIENCE)
        with _peer(name, folder, uri) as process:
            until = time.monotonic() + PATIENCE
            while not stamps_of(stamps) and time.monotonic() < until:
                time.sleep(0.01)
            first, before = len(stamps_of(stamps)), cpu_of(process)
            while len(stamps_of(stamps)) < count and time.monotonic() < until:
                time.sleep(0.05)
            times, used = sorted(stamps_of(stamps)), cpu_of(process) - before
        return (len(times) - 1) / (times[-1] - times[0]), used / max(len(times) - first, 1) * 1000
