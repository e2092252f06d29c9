"""Kills workers, their processes and their database at random moments, and keeps the accounts."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter

import psutil

FINAL = {"COMPLETED", "FAILED", "TIMEOUT", "STOPPED", "EXPIRED"}
FAULTS = ("worker", "executor", "ticker", "all", "connection", "server")

WORK = """
def chore(name, seconds):
    with open(LEDGER, 'a') as stream:
        stream.write('%s %s\\n' % (name, os.getpid()))
    time.sleep(seconds)
    return name
"""


class Chaos:
    """Workers on one database that are not left alone.

    Args:
        lab: the site; its model is written here.
        workers: how many there always are.
        seed: of what happens; the same seed is the same choice of faults, not of moments.
    """

    def __init__(self, lab, workers=4, seed=None):
        self.lab = lab
        self.random = random.Random(seed)
        self.done = Counter()
        self.queued = 0
        lab.define(f"import os, time\nLEDGER = {str(lab.ledger_file)!r}\n{WORK}")
        lab.configure("")
        for _ in range(workers):
            lab.start(wait=False)

    def queue(self, count):
        """Queue short tasks, in one transaction."""
        for _ in range(count):
            self.lab.queue("chore", [f"t{self.queued}", self.random.random() * 0.02], commit=False)
            self.queued += 1
        self.lab.db.commit()

    def left(self):
        self.lab.db.commit()
        return self.lab.db(
            self.lab.db.scheduler_task.status.belongs(("QUEUED", "RUNNING", "ASSIGNED"))
        ).count()

    def round(self, faults):
        """Let one thing happen, some time from now."""
        time.sleep(self.random.random() * 0.3)
        fault = self.random.choice(faults)
        if getattr(self, f"_{fault}")():
            self.done[fault] += 1
        for worker in list(self.lab.workers):
            if worker.process.poll() is not None:
                worker.stop()
                self.lab.workers.remove(worker)
                self.lab.start(wait=False)

    def _worker(self):
        self.random.choice(self.lab.workers).kill()
        return True

    def _ticker(self):
        names = list(self.lab.scheduler.get_workers(only_ticker=True))
        self.lab.db.commit()
        for worker in self.lab.workers:
            if names and worker.process.poll() is None and worker.is_named(names[0]):
                worker.kill()
                return True
        return False

    def _executors(self, worker):
        with contextlib.suppress(psutil.Error):
            return psutil.Process(worker.pid).children(recursive=True)
        return []

    def _executor(self):
        victims = self._executors(self.random.choice(self.lab.workers))
        for one in victims:
            with contextlib.suppress(psutil.Error):
                one.kill()
        return bool(victims)

    def _all(self):
        worker = self.random.choice(self.lab.workers)
        victims = self._executors(worker)
        worker.kill()
        for one in victims:
            with contextlib.suppress(psutil.Error):
                one.kill()
        return True

    def _connection(self):
        if self.lab.server is None:
            return False
        self.lab.db._adapter.drop()
        return self.lab.server.cut_connections() > 0

    def _server(self):
        if not hasattr(self.lab.server, "kill"):
            return False
        self.lab.db._adapter.drop()
        self.lab.server.kill()
        time.sleep(self.random.random() * 0.5)
        self.lab.server.start()
        self.lab.server.link = self.lab.server._link()
        return True

    def check(self, patience=120):
        """Wait for the end of all tasks and go through the accounts; returns what happened.

        A task whose executor was killed alone has failed, by the documented
        rule; every other one completes. It has run once, and once more for
        each run that was closed because it was cut short.
        """
        self.lab.until(lambda: not self.left(), "the end of all tasks", patience)
        lab, db = self.lab, self.lab.db
        lab.db.commit()
        run = db.scheduler_run
        assert db(run.status == "RUNNING").count() == 0, "runs stuck in RUNNING"
        noted = Counter(lab.ledger())
        closed = Counter(row.task_id for row in db(run.status == "STOPPED").select(run.task_id))
        completed = Counter(row.task_id for row in db(run.status == "COMPLETED").select(run.task_id))
        statuses = Counter()
        for task in lab.tasks():
            name = task.args.split('"')[1]
            statuses[task.status] += 1
            assert task.status in ("COMPLETED", "FAILED"), (task.id, task.status)
            assert completed[task.id] == task.times_run == (task.status == "COMPLETED"), task
            assert noted[name] <= completed[task.id] + closed[task.id], (name, noted[name], closed[task.id])
            if task.status == "COMPLETED":
                assert noted[name] >= 1, name
            else:
                assert closed[task.id] >= 1, name
        assert sum(statuses.values()) == self.queued
        assert statuses["FAILED"] <= self.done["executor"] + self.done["all"] + self.done["worker"] // 50
        assert not set(noted) - {f"t{n}" for n in range(self.queued)}
        return {
            "tasks": dict(statuses), "faults": dict(self.done), "runs cut short": sum(closed.values()),
            "executed": sum(noted.values()),
        }  # fmt: skip
