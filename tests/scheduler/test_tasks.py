"""What happens to tasks, with a living worker."""

from __future__ import annotations

import datetime
import itertools
import json

import pytest


def test_sched_03_31_43_a_task_runs_and_its_result_is_stored(shared):
    """SCHED-02, SCHED-03, SCHED-31, SCHED-41, SCHED-43, SCHED-56"""
    by_args = shared.queue("add", [1, 2])
    by_vars = shared.queue("add", pvars={"a": 1, "b": 2})
    json_wins = shared.queue("add", [1, 2], args="[20, 30]")
    assert [shared.finish(one).status for one in (by_args, by_vars, json_wins)] == ["COMPLETED"] * 3
    status = shared.scheduler.task_status(by_args, output=True)
    assert status.result == 3
    assert status.scheduler_run.run_result == "3"
    assert status.scheduler_run.traceback is None
    assert shared.scheduler.task_status(by_vars, output=True).result == 3
    assert shared.scheduler.task_status(json_wins, output=True).result == 50
    task = shared.task(by_args)
    assert task.times_run == 1
    assert task.last_run_time is not None
    assert task.assigned_worker_name == shared.workers[0].name


def test_sched_14_15_the_environment_of_a_task(shared):
    """SCHED-14, SCHED-15, SCHED-39"""
    task_id = shared.queue("environment")
    shared.finish(task_id)
    found = shared.scheduler.task_status(task_id, output=True).result
    assert found == {
        "host": None,
        "application": "myapp",
        "controller": "default",
        "scheduler": True,
        "id": task_id,
        "uuid": shared.task(task_id).uuid,
        "run_id": shared.run(task_id).id,
    }


def test_sched_16_nothing_is_committed_by_itself(shared):
    """SCHED-16"""
    kept = shared.queue("insert", ["committed", True])
    lost = shared.queue("insert", ["forgotten", False])
    assert shared.finish(kept).status == shared.finish(lost).status == "COMPLETED"
    shared.db.commit()
    entries = [row.entry for row in shared.db(shared.db.ledger.id > 0).select()]
    assert "committed" in entries
    assert "forgotten" not in entries


def test_sched_44_an_exception_is_kept_with_its_traceback(shared):
    """SCHED-44: and whatever else a task raises is its failure, too."""
    failing, leaving, wrong = shared.queue("fail"), shared.queue("leave"), shared.queue("unjsonable")
    unknown = shared.queue("not_there")
    for one, words in (
        (failing, "ZeroDivisionError"),
        (leaving, "SystemExit: 3"),
        (wrong, "TypeError"),
        (unknown, "'not_there'"),
    ):
        assert shared.finish(one).status == "FAILED"
        run = shared.run(one)
        assert run.status == "FAILED"
        assert words in run.traceback
        assert shared.task(one).times_failed == 1
    assert "models/scheduler.py" in shared.run(failing).traceback
    assert "runtime/scheduler" not in shared.run(failing).traceback


def test_sched_45_46_output_and_runs_without_a_result(shared):
    """SCHED-45, SCHED-46, AMB-19: the row goes, the last output stays visible."""
    quiet, printing, flood = shared.queue("nothing"), shared.queue("prints"), shared.queue("flood", [3000])
    assert [shared.finish(one).status for one in (quiet, printing, flood)] == ["COMPLETED"] * 3
    assert not shared.runs(quiet)
    assert not shared.runs(printing)
    assert shared.run(flood).run_output.splitlines() == [f"line {n}" for n in range(3000)]

    def seen():
        (worker,) = shared.worker_rows().values()
        return [one["output"] for one in worker.worker_stats["last_outputs"] if one["task_id"] == printing]

    assert shared.until(seen) == ["only printed\n"]


def test_sched_48_49_progress_is_seen_while_the_task_runs(shared):
    """SCHED-48, SCHED-49"""
    task_id = shared.queue("progress", sync_output=1)
    shared.until(lambda: [r for r in shared.runs(task_id) if r.run_output == "50%\n"], "the first output")
    assert shared.run(task_id).status == "RUNNING"
    shared.let_go()
    shared.finish(task_id)
    assert shared.run(task_id).run_output == "100%\n"


def test_sched_26_a_task_that_takes_too_long_is_ended(shared):
    """SCHED-26: the output so far is kept; the worker goes on."""
    task_id = shared.queue("slow", [60, "late"], timeout=1)
    assert shared.finish(task_id).status == "TIMEOUT"
    run = shared.run(task_id)
    assert run.status == "TIMEOUT"
    assert run.run_output == "begun\n"
    assert shared.finish(shared.queue("add", [1, 1])).status == "COMPLETED"
    assert "end late" not in shared.ledger()


def test_sched_42_amb_33_a_running_task_is_stopped(shared):
    """SCHED-42, AMB-33; the next task is not hit by the same order."""
    task_id = shared.queue("slow", [60, "stopped"], timeout=100)
    shared.until(lambda: "begin stopped" in shared.ledger(), "its start")
    assert shared.scheduler.stop_task(task_id) == 1
    after = shared.queue("slow", [1, "after"])
    assert shared.finish(task_id).status == "STOPPED"
    run = shared.run(task_id)
    assert run.status == "STOPPED"
    assert run.run_output == "begun\n"
    assert shared.finish(after).status == "COMPLETED"
    assert shared.scheduler.stop_task(task_id) is None


def test_sched_27_28_47_repeats_are_a_period_apart(shared):
    """SCHED-27, SCHED-28, SCHED-47, SCHED-24"""
    task_id = shared.queue("add", [2, 2], repeats=3, period=1)
    trail = []

    def watch():
        status = shared.task(task_id).status
        if not trail or trail[-1] != status:
            trail.append(status)
        return status == "COMPLETED"

    shared.until(watch)
    runs = shared.runs(task_id)
    assert [run.status for run in runs] == ["COMPLETED"] * 3
    gaps = [b.start_time - a.start_time for a, b in itertools.pairwise(runs)]
    assert all(gap >= datetime.timedelta(seconds=1) for gap in gaps)
    assert shared.task(task_id).times_run == 3
    assert set(trail) <= {"QUEUED", "ASSIGNED", "RUNNING", "COMPLETED"}


def test_sched_30_failures_are_tried_again(shared):
    """SCHED-30"""
    task_id = shared.queue("fail", retry_failed=2, period=0)
    assert shared.finish(task_id).status == "FAILED"
    assert [run.status for run in shared.runs(task_id)] == ["FAILED"] * 3
    assert shared.task(task_id).times_failed == 3


def test_sched_25_not_before_start_time_and_not_after_stop_time(shared):
    """SCHED-25"""
    now = datetime.datetime.now()
    start = now + datetime.timedelta(seconds=2)
    later = shared.queue("add", [1, 1], start_time=start)
    expired = shared.queue("add", [1, 1], stop_time=now - datetime.timedelta(seconds=5))
    assert shared.finish(expired).status == "EXPIRED"
    assert not shared.runs(expired)
    status = shared.task(later).status
    assert status == "QUEUED" or datetime.datetime.now() >= start
    shared.finish(later)
    assert shared.run(later).start_time >= start.replace(microsecond=0)


def test_sched_33_55_an_inserted_row_runs_as_well(shared):
    """SCHED-33, SCHED-55: without any signal it is found at the next heartbeat."""
    task_id = shared.db.scheduler_task.insert(
        application_name="myapp/appadmin",
        function_name="two",
        task_name="by hand",
        args="[3]",
        vars='{"b": 4}',
    )
    shared.db.commit()
    assert shared.finish(task_id).status == "COMPLETED"
    assert json.loads(shared.run(task_id).run_result) == [3, 4]


def test_sched_63_a_large_result_does_not_block(shared):
    """SCHED-63"""
    task_id = shared.queue("text", [5_000_000])
    assert shared.finish(task_id).status == "COMPLETED"
    assert len(json.loads(shared.run(task_id).run_result)) == 5_000_000
    large = shared.queue("two", ["y" * 1_000_000])
    assert shared.finish(large).status == "COMPLETED"


def test_sched_22_a_child_waits_for_its_parents(shared):
    """SCHED-22"""
    from gluon.scheduler import JobGraph

    db = shared.db
    child = shared.queue("mark", ["child"], commit=False)
    parents = [shared.queue("slow", [0.3, f"parent{n}"], commit=False) for n in range(2)]
    job = JobGraph(db, "job_1")
    for parent in parents:
        job.add_deps(parent, child)
    assert job.validate() == [set(parents), {child}]
    shared.finish(child)
    noted = [entry for entry in shared.ledger() if "parent" in entry or entry == "child"]
    assert noted[-1] == "child"
    assert noted.count("end parent0") == noted.count("end parent1") == 1


def test_a_rolled_back_request_leaves_no_task(shared):
    """SCHED-31: queueing belongs to the transaction of the caller."""
    shared.queue("mark", ["never"], commit=False)
    shared.db.rollback()
    shared.finish(shared.queue("nothing"))
    assert "never" not in shared.ledger()


def test_a_task_that_ends_its_process_has_failed(shared):
    """SCHED-54: the run is closed with a reason, the worker goes on with a new process."""
    task_id = shared.queue("crash")
    assert shared.finish(task_id).status == "FAILED"
    run = shared.run(task_id)
    assert run.status == "STOPPED"
    assert "exit code 9" in run.traceback
    assert shared.finish(shared.queue("add", [1, 1])).status == "COMPLETED"


@pytest.mark.parametrize("by_hand", [False, True])
def test_sched_50_53_stop_task_by_hand(shared, by_hand):
    """SCHED-50, SCHED-53: the row of the worker says STOP_TASK, whoever wrote it."""
    task_id = shared.queue("slow", [60, f"hand{by_hand}"], timeout=100)
    shared.until(lambda: f"begin hand{by_hand}" in shared.ledger(), "its start")
    if by_hand:
        shared.db(shared.db.scheduler_worker.id > 0).update(status="STOP_TASK")
        shared.db.commit()
    else:
        assert shared.scheduler.stop_task(shared.task(task_id).uuid) == 1
        shared.db.commit()
    assert shared.finish(task_id).status == "STOPPED"
    shared.until(
        lambda: all(row.status in ("ACTIVE", "RUNNING") for row in shared.worker_rows().values()),
        "ACTIVE again",
    )
