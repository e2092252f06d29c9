"""`Scheduler` as applications use it."""

from __future__ import annotations

import datetime
import inspect
import json
import os
import sys
from pathlib import Path

import pytest

from runtime import dal
from runtime.foundation.current import current
from runtime.scheduler import JobGraph, Scheduler

TASK = {
    "application_name": "myapp/default", "task_name": None, "group_name": "main", "status": "QUEUED",
    "function_name": None, "args": "[]", "vars": "{}", "enabled": True, "stop_time": None, "repeats": 1,
    "retry_failed": 0, "period": 60, "prevent_drift": False, "timeout": 60, "sync_output": 0, "times_run": 0,
    "times_failed": 0, "last_run_time": None, "assigned_worker_name": "", "broadcast": False, "cronline": None,
}  # fmt: skip


def test_sched_04_signature():
    """SCHED-04"""
    parameters = inspect.signature(Scheduler).parameters
    expected = {
        "tasks": None, "migrate": True, "worker_name": None, "group_names": None, "heartbeat": 3,
        "max_empty_runs": 0, "discard_results": False, "utc_time": False,
    }  # fmt: skip
    assert list(parameters)[: len(expected) + 1] == ["db", *expected]
    assert {name: parameters[name].default for name in expected} == expected
    assert "use_spawn" in parameters


def test_sched_19_20_21_22_tables(scheduler):
    """SCHED-19..22, AMB-17, SCHED-02: names and defaults."""
    db = scheduler.db
    task_id = db.scheduler_task.insert()
    row = db.scheduler_task(task_id)
    assert {name: row[name] for name in TASK} == TASK
    assert row.uuid
    assert abs((row.start_time - datetime.datetime.now()).total_seconds()) < 60
    assert abs((row.next_run_time - datetime.datetime.now()).total_seconds()) < 60
    assert set(db.scheduler_task.fields) == {*TASK, "id", "uuid", "start_time", "next_run_time"}
    assert db.scheduler_run.fields == [
        "id", "task_id", "status", "start_time", "stop_time", "run_output", "run_result", "traceback",
        "worker_name",
    ]  # fmt: skip
    assert db.scheduler_worker.fields == [
        "id", "worker_name", "first_heartbeat", "last_heartbeat", "status", "is_ticker", "group_names",
        "worker_stats",
    ]  # fmt: skip
    assert db.scheduler_task_deps.fields == ["id", "job_name", "task_parent", "task_child", "can_visit"]
    deps = db.scheduler_task_deps(db.scheduler_task_deps.insert(task_parent=task_id, task_child=task_id))
    assert (deps.job_name, deps.can_visit) == ("job_0", False)


def test_sched_07_migrate_false_creates_nothing(folder):
    """SCHED-07; an existing set of tables works without migration."""
    db = dal.DAL("sqlite://a.sqlite", folder=folder)
    Scheduler(db, migrate=False)
    names = "SELECT name FROM sqlite_master WHERE type = 'table'"
    assert db.executesql(names) == []
    db.close()
    db = dal.DAL("sqlite://a.sqlite", folder=folder)
    Scheduler(db)
    db.commit()
    db.close()
    for file in os.listdir(folder):
        if file.endswith(".table"):
            os.unlink(os.path.join(folder, file))
    db = dal.DAL("sqlite://a.sqlite", folder=folder)
    assert Scheduler(db, migrate=False).queue_task("f", application_name="a/b").id == 1
    db.close()


def test_sched_31_32_34_35_queue_task(scheduler):
    """SCHED-31, SCHED-32, SCHED-34, SCHED-35, SCHED-39, AMB-19"""

    def add(a, b):
        return a + b

    answer = scheduler.queue_task(add, [1, 2], uuid="my-own", immediate=True, timeout=5)
    assert not answer.errors
    assert answer.uuid == "my-own"
    row = scheduler.task_status(answer.id)
    assert (row.function_name, row.task_name, row.args, row.vars) == ("add", "add", "[1, 2]", "{}")
    assert row.timeout == 5
    given = scheduler.queue_task("add", [1, 2], {"x": 1}, args="[2, 3]", vars='{"y": 2}', task_name="other")
    row = scheduler.task_status(given.uuid)
    assert (row.args, row.vars, row.task_name) == ("[2, 3]", '{"y": 2}', "other")
    assert given.uuid != "my-own"
    assert not scheduler.queue_task(function_name="add").errors
    again = scheduler.queue_task("add", uuid="my-own")
    assert again.errors.uuid
    assert (again.id, again.uuid) == (None, None)
    with pytest.raises(TypeError, match="function"):
        scheduler.queue_task()


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"period": "a"}, "period", "nter an integer greater than or equal to 0"),
        ({"repeats": -1}, "repeats", "nter an integer greater than or equal to 0"),
        ({"retry_failed": -2}, "retry_failed", "nter an integer greater than or equal to -1"),
        ({"timeout": 0}, "timeout", "nter an integer greater than or equal to 1"),
        ({"args": "{}"}, "args", "list as JSON"),
        ({"vars": "[1]"}, "vars", "dictionary as JSON"),
        ({"vars": "no"}, "vars", "dictionary as JSON"),
        ({"start_time": "soon"}, "start_time", ""),
        ({"cronline": "every day"}, "cronline", "cron expression"),
    ],
)
def test_sched_34_55_errors_by_field(sqlite_scheduler, values, field, words):
    """SCHED-34, SCHED-37, SCHED-55"""
    answer = sqlite_scheduler.queue_task("f", **values)
    assert list(answer.errors) == [field]
    assert words in answer.errors[field]
    assert (answer.id, answer.uuid) == (None, None)


def test_sched_06_only_given_tasks(make):
    """SCHED-06"""
    scheduler = make(tasks={"demo1": len})
    assert scheduler.queue_task("demo1").id
    assert scheduler.queue_task("len").errors.function_name


def test_sched_25_37_first_run(sqlite_scheduler):
    """SCHED-25, SCHED-37"""
    start = datetime.datetime(2040, 1, 1, 10, 2, 0, 500)
    later = sqlite_scheduler.task_status(sqlite_scheduler.queue_task("f", start_time=start).id)
    assert later.start_time == start.replace(microsecond=0)
    assert later.next_run_time == datetime.datetime(2040, 1, 1, 10, 2, 1)
    cron = sqlite_scheduler.queue_task("f", cronline="*/5 * * * *", start_time=start)
    assert sqlite_scheduler.task_status(cron.id).next_run_time == datetime.datetime(2040, 1, 1, 10, 5)


def test_sched_40_41_task_status(scheduler):
    """SCHED-40, SCHED-41"""
    db = scheduler.db
    first = scheduler.queue_task("f")
    second = scheduler.queue_task("f")
    assert scheduler.task_status(first.id).id == first.id
    assert scheduler.task_status(first.uuid).id == first.id
    assert scheduler.task_status(db.scheduler_task.function_name == "f").id == second.id
    assert scheduler.task_status(999) is None
    assert scheduler.task_status("nope", output=True) is None
    for wrong in (1.5, None, True, [1]):
        with pytest.raises(TypeError, match="id, its uuid"):
            scheduler.task_status(wrong)
    found = scheduler.task_status(first.id, output=True)
    assert found.scheduler_task.id == first.id
    assert found.scheduler_run.id is None
    assert found.result is None
    for result in ("1", '{"a": 1}'):
        db.scheduler_run.insert(task_id=first.id, status="COMPLETED", run_result=result)
    assert scheduler.task_status(first.id, output=True).result == {"a": 1}
    assert len(db(db.scheduler_run.status == "COMPLETED").select()) == 2  # SCHED-58


def test_sched_42_stop_task(scheduler):
    """SCHED-42, AMB-33: a queued task; the worker of a running one is told."""
    db = scheduler.db
    queued, running = scheduler.queue_task("f"), scheduler.queue_task("f")
    assert scheduler.stop_task(queued.uuid) == 1
    row = scheduler.task_status(queued.id)
    assert (row.status, row.enabled) == ("STOPPED", False)
    assert row.stop_time is not None
    assert scheduler.stop_task(queued.id) is None
    assert scheduler.stop_task(12345) is None
    db.scheduler_worker.insert(worker_name="w", status="RUNNING", group_names=["main"])
    db(db.scheduler_task.id == running.id).update(status="RUNNING", assigned_worker_name="w")
    assert scheduler.stop_task(running.id) == 1
    assert scheduler.get_workers()["w"].status == "STOP_TASK"
    with pytest.raises(TypeError):
        scheduler.stop_task(db.scheduler_task.id > 0)


def test_sched_51_52_orders(scheduler):
    """SCHED-01, SCHED-51, SCHED-52"""
    workers = scheduler.db.scheduler_worker
    for name, groups in (("high", ["high"]), ("both", ["high", "low"]), ("low", ["low"]), ("main", ["main"])):
        workers.insert(worker_name=name, status="ACTIVE", group_names=groups, is_ticker=name == "low")

    def statuses():
        return {name: row.status for name, row in scheduler.get_workers().items()}

    assert scheduler.terminate("high") == 2
    assert statuses() == {"high": "TERMINATE", "both": "TERMINATE", "low": "ACTIVE", "main": "ACTIVE"}
    assert scheduler.resume("high") == 0  # an order to end is not taken back
    assert scheduler.disable() == 1
    assert statuses()["main"] == "DISABLED"
    assert scheduler.resume() == 1
    assert scheduler.disable(["low", "main"], limit=1) == 1
    assert list(statuses().values()).count("DISABLED") == 1
    assert scheduler.kill(["high", "low", "main"]) == 4
    assert set(statuses().values()) == {"KILL"}
    assert list(scheduler.get_workers(only_ticker=True)) == ["low"]
    assert scheduler.set_worker_status(action="ACTIVE", worker_name="low") == 1
    with pytest.raises(ValueError, match="FLY"):
        scheduler.set_worker_status(action="FLY")


def test_sched_22_job_graph(scheduler):
    """SCHED-22: groups in order; a circle is undone."""
    db = scheduler.db
    a, b, c, d = (scheduler.queue_task("f").id for _ in range(4))
    db.commit()
    job = JobGraph(db, "good")
    for parent, child in ((a, b), (a, c), (b, d), (c, d)):
        job.add_deps(parent, child)
    assert job.validate() == [{a}, {b, c}, {d}]
    circle = JobGraph(db, "circle")
    circle.add_deps(a, b)
    circle.add_deps(b, a)
    assert circle.validate() is None
    assert db(db.scheduler_task_deps.job_name == "circle").count() == 0
    assert db(db.scheduler_task_deps.job_name == "good").count() == 4


def test_sched_33_validated_insert_equals_queue_task(sqlite_scheduler):
    """SCHED-33, SCHED-55"""
    table = sqlite_scheduler.db.scheduler_task
    answer = table.validate_and_insert(function_name="f", args=json.dumps([3, 4]), vars="{}")
    assert answer["id"]
    assert table(answer["id"]).application_name == "myapp/default"
    assert table.validate_and_insert(function_name="f", args="[3,")["errors"]["args"]


def test_requests_do_not_share_the_scheduler(folder):
    """SCHED-02: models create it at every request; defaults are those of the request."""
    from runtime.foundation.storage import Storage

    names = []
    for controller in ("one", "two"):
        current._begin(request=Storage(application="myapp", controller=controller))
        dal.begin_request(folder)
        scheduler = Scheduler(dal.DAL("sqlite://r.sqlite"), group_names="fast")
        answer = scheduler.queue_task("f")
        names.append(scheduler.task_status(answer.id).application_name)
        assert scheduler.group_names == ["fast"]
        assert current._scheduler is scheduler
        dal.finish(commit=True)
    assert names == ["myapp/one", "myapp/two"]
    current.__dict__.clear()


def test_wrong_heartbeat(folder):
    """SCHED-10: a clear message."""
    with pytest.raises(ValueError, match="heartbeat"):
        Scheduler(None, heartbeat=0)


def test_sched_23_50_no_other_status(sqlite_scheduler):
    """SCHED-23, SCHED-50: what the columns accept."""
    db = sqlite_scheduler.db
    task = ["QUEUED", "ASSIGNED", "RUNNING", "COMPLETED", "FAILED", "TIMEOUT", "STOPPED", "EXPIRED"]
    run = ["RUNNING", "COMPLETED", "FAILED", "TIMEOUT", "STOPPED"]
    worker = ["ACTIVE", "RUNNING", "PICK", "DISABLED", "TERMINATE", "KILL", "STOP_TASK"]
    for table, statuses in (
        (db.scheduler_task, task),
        (db.scheduler_run, run),
        (db.scheduler_worker, worker),
    ):
        for status in statuses:
            assert table.status.validate(status)[1] is None
        assert table.status.validate("DONE")[1]


def test_sched_04_61_options_of_processes(folder):
    """SCHED-04, SCHED-61: what can not work is refused at once."""
    for wrong in ({"tasks_per_process": 0}, {"engine": "celery"}, {"broker": "redis://x"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            Scheduler(None, **wrong)


def test_sched_61_frozen_programs_start_themselves(monkeypatch):
    """SCHED-61: in the bundle there is no Python to call."""
    from runtime.scheduler.roles import executor_command

    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = executor_command(Path("/site"), "myapp")
    assert command[:3] == [sys.executable, "worker", "--executor"]


def test_sched_62_the_guide_says_how_to_set_it_up():
    """SCHED-62: a model file of its own, a worker for each application."""
    guide = (Path(__file__).resolve().parents[3] / "docs" / "scheduler.md").read_text(encoding="utf-8")
    assert "models/scheduler.py" in guide
    assert "hadron worker" in guide
