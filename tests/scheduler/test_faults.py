"""What remains right when workers, their processes or the database die."""

from __future__ import annotations

import os
import time

import psutil
import pytest

from tests.scheduler.chaos import FINAL, Chaos
from tests.scheduler.databases import BACKENDS, own_cluster


def check_accounts(lab):
    """No run stays open, no task hangs."""
    lab.until(lambda: {task.status for task in lab.tasks()} <= FINAL, "the end of all tasks")
    lab.db.commit()
    run = lab.db.scheduler_run
    assert lab.db(run.status == "RUNNING").count() == 0


@pytest.mark.parametrize("victim", ["worker", pytest.param("all", marks=pytest.mark.slow)])
def test_sched_54_kill_9_of_the_worker(lab, victim):
    """SCHED-54, SCHED-61: run again at once on this machine, never twice at a time, old run closed."""
    first = lab.start()
    task_id = lab.queue("held", ["job"])
    behind = [lab.queue("add", [1, n]) for n in range(3)]
    lab.until(lambda: "begin job" in lab.ledger())
    executor = first.executor()
    time.sleep(0.3)  # what it printed has been sent: from now on only the death of its worker can end it
    if victim == "all":
        executor.kill()
        first.process.kill()
        first.end()
    else:
        first.kill()
        executor.wait(60)  # it dies with its worker
    lab.let_go()
    lab.start()
    assert lab.finish(task_id).status == "COMPLETED"
    runs = lab.runs(task_id)
    assert [run.status for run in runs] == ["STOPPED", "COMPLETED"]
    assert first.name in runs[0].traceback
    assert lab.ledger() == ["begin job", "begin job", "end job"]
    for one in behind:
        assert lab.finish(one).status == "COMPLETED"
    check_accounts(lab)
    assert first.name not in lab.worker_rows()


def test_sched_54_kill_9_of_the_executor(file_lab):
    """SCHED-54: the run is STOPPED, the task has failed at once; the worker goes on."""
    worker = file_lab.start()
    task_id = file_lab.queue("slow", [60, "job"], timeout=100)
    file_lab.until(lambda: "begin job" in file_lab.ledger())
    worker.executor().kill()
    assert file_lab.finish(task_id).status == "FAILED"
    assert "exit code -9" in file_lab.run(task_id).traceback
    assert file_lab.finish(file_lab.queue("add", [1, 1])).status == "COMPLETED"
    check_accounts(file_lab)


@pytest.mark.parametrize("lab", BACKENDS[:2], indirect=True)
def test_sched_08_54_kill_9_with_a_fixed_name(lab):
    """SCHED-08, SCHED-54: the successor of the same name takes over, and its task is not stuck."""
    lab.configure("worker_name='fixed'")
    first = lab.start()
    task_id = lab.queue("held", ["job"])
    lab.until(lambda: "begin job" in lab.ledger())
    executor = first.executor()
    first.kill()
    executor.wait(60)
    lab.let_go()
    assert lab.start().name == "fixed"
    assert lab.finish(task_id).status == "COMPLETED"
    assert [run.status for run in lab.runs(task_id)] == ["STOPPED", "COMPLETED"]
    check_accounts(lab)


@pytest.mark.slow
def test_sched_54_a_task_that_kills_its_worker_is_not_run_for_ever(file_lab):
    """SCHED-54: three times, then FAILED."""
    task_id = file_lab.queue("slow", [60, "job"], timeout=100)
    for count in range(1, 4):
        worker = file_lab.start()
        file_lab.until(lambda: file_lab.ledger().count("begin job") == count)
        worker.kill()
    last = file_lab.start()
    assert file_lab.finish(task_id).status == "FAILED"
    assert [run.status for run in file_lab.runs(task_id)] == ["STOPPED"] * 3
    assert file_lab.ledger().count("begin job") == 3
    last.stop()


@pytest.mark.slow
@pytest.mark.parametrize("lab", BACKENDS[:2], indirect=True)
def test_sched_54_a_silent_worker_is_given_up_and_can_not_report(lab):
    """SCHED-54: after three heartbeats others take over; what the stalled one did later does not count."""
    first, second = lab.start(), lab.start()
    task_id = lab.queue("held", ["job"])
    lab.until(lambda: "begin job" in lab.ledger())
    holder = first if lab.task(task_id).assigned_worker_name == first.name else second
    stalled = psutil.Process(holder.pid)
    stalled.suspend()  # its executor goes on
    try:
        lab.until(lambda: lab.ledger().count("begin job") == 2, "the second run")
    finally:
        stalled.resume()
    lab.let_go()
    assert lab.finish(task_id).status == "COMPLETED"
    runs = lab.runs(task_id)
    assert [run.status for run in runs] == ["STOPPED", "COMPLETED"]
    assert runs[1].worker_name != holder.name
    lab.until(lambda: len(lab.worker_rows()) == 2, "the stalled one back")
    check_accounts(lab)


def test_connections_cut_while_a_task_runs(lab):
    """The result is kept until it can be written, and new tasks are taken (PostgreSQL); a locked file is waited for."""
    worker = lab.start()
    task_id = lab.queue("slow", [1, "job"])
    lab.until(lambda: "begin job" in lab.ledger())
    if lab.server is not None:
        assert lab.server.cut_connections() >= 2
        lab.db._adapter.drop()
    else:
        import sqlite3

        other = sqlite3.connect(os.path.join(lab.databases, "scheduler.sqlite"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(2)
        other.execute("ROLLBACK")
        other.close()
    assert lab.finish(task_id).status == "COMPLETED"
    assert [run.status for run in lab.runs(task_id)] == ["COMPLETED"]
    assert lab.finish(lab.queue("add", [1, 1])).status == "COMPLETED"
    assert worker.process.poll() is None


def test_four_workers_run_each_task_exactly_once(lab):
    """SCHED-24, SCHED-09: an idempotence ledger counts; no error of a lock is shown."""
    count = 250
    for n in range(count):
        lab.queue("mark", [f"t{n}"], commit=False)
    lab.db.commit()
    workers = [lab.start() for _ in range(4)]
    lab.until(lambda: len(lab.ledger()) >= count, "all tasks", patience=120)
    check_accounts(lab)
    assert sorted(lab.ledger()) == sorted(f"t{n}" for n in range(count))
    assert {task.times_run for task in lab.tasks()} == {1}
    assert not [line for worker in workers for line in worker.errors if "lock" in line]


@pytest.mark.parametrize("rounds", [14])
def test_kill_9_again_and_again(lab, rounds):
    """SCHED-24, SCHED-54: workers, executors, the ticker, connections; the accounts are right at the end.

    `tests/benchmarks/soak_scheduler.py` does several hundred rounds.
    """
    chaos = Chaos(lab, workers=3, seed=rounds)
    chaos.queue(400)
    for _ in range(rounds):
        chaos.round(("worker", "executor", "ticker", "all", "connection"))
    happened = chaos.check(patience=180)
    assert sum(happened["faults"].values()) >= rounds / 3


@pytest.mark.postgres
def test_the_server_dies_and_comes_back(tmp_path, new_lab):
    """SCHED-54: its log is replayed, tasks go on, the result of the one that ran meanwhile is written once."""
    with own_cluster() as cluster:
        lab = new_lab(tmp_path, cluster.uri)
        try:
            worker = lab.start()
            job = lab.queue("slow", [2, "job"])
            lab.until(lambda: "begin job" in lab.ledger())
            lab.db._adapter.drop()
            cluster.kill()
            time.sleep(2.5)
            cluster.start()
            began = time.monotonic()
            assert lab.finish(job).status == "COMPLETED"
            assert [run.status for run in lab.runs(job)] == ["COMPLETED"]
            assert lab.finish(lab.queue("add", [1, 1])).status == "COMPLETED"
            assert time.monotonic() - began < 20  # five seconds, and a loaded machine
            assert lab.ledger().count("begin job") == 1
            assert worker.process.poll() is None
        finally:
            lab.close()
