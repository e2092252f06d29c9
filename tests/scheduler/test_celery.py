"""Delivery through Celery, on Redis and RabbitMQ: the tables stay the record."""

from __future__ import annotations

import time
import uuid

import pytest

from tests.services import missing

BROKERS = [
    pytest.param("redis://127.0.0.1:6379/9", marks=pytest.mark.redis, id="redis"),
    pytest.param("amqp://guest:guest@127.0.0.1:5672//", marks=pytest.mark.rabbitmq, id="rabbitmq"),
]


@pytest.fixture(params=BROKERS)
def broker(request):
    """The address of a broker that answers, and a group whose queue is removed at the end."""
    from kombu import Connection, Queue

    group = f"g{uuid.uuid4().hex}"
    with Connection(request.param, connect_timeout=3) as link:
        try:
            link.ensure_connection(max_retries=1, interval_start=0.1)
        except Exception as error:
            missing(f"no broker answers: {error}")
        yield request.param, group
        Queue(f"hadron.myapp.{group}")(link.channel()).delete()


def configure(lab, broker, more=""):
    address, group = broker
    lab.configure(f"engine='celery', broker={address!r}, group_names=[{group!r}]{more}")
    return group


@pytest.mark.parametrize(
    ("lab", "broker"),
    [
        pytest.param("postgres", BROKERS[0].values[0], marks=[pytest.mark.postgres, pytest.mark.redis]),
        pytest.param("sqlite", BROKERS[1].values[0], marks=pytest.mark.rabbitmq),
    ],
    indirect=True,
)
def test_tasks_travel_through_the_broker(lab, broker):
    """SCHED-31, SCHED-24, SCHED-41: same call, same tables; each task once; results, failures, output."""
    group = configure(lab, broker)
    workers = [lab.start(), lab.start()]
    tasks = [lab.queue("add", [n, 1], commit=False, group_name=group) for n in range(30)]
    marks = [lab.queue("mark", [f"t{n}"], commit=False, group_name=group) for n in range(30)]
    bad = lab.queue("fail", commit=False, group_name=group)
    lab.db.commit()
    assert {lab.finish(one).status for one in [*tasks, *marks]} == {"COMPLETED"}
    assert lab.finish(bad).status == "FAILED"
    assert lab.scheduler.task_status(tasks[7], output=True).result == 8
    assert "ZeroDivisionError" in lab.run(bad).traceback
    assert sorted(lab.ledger()) == sorted(f"t{n}" for n in range(30))
    names = {task.assigned_worker_name for task in lab.tasks()}
    assert names <= {worker.name for worker in workers}
    assert lab.db(lab.db.scheduler_run.status == "RUNNING").count() == 0


def test_later_repeats_and_stops(file_lab, broker):
    """SCHED-25, SCHED-27, SCHED-42, SCHED-26: what is due later is sent later; stop and timeout as ever."""
    lab = file_lab
    group = configure(lab, broker)
    lab.start()
    again = lab.queue("add", [1, 1], repeats=2, period=1, group_name=group)
    late = lab.queue("slow", [60, "late"], timeout=1, group_name=group)
    assert lab.finish(late).status == "TIMEOUT"
    stopped = lab.queue("slow", [60, "stop"], timeout=100, group_name=group)
    lab.until(lambda: "begin stop" in lab.ledger())
    assert lab.scheduler.stop_task(stopped) == 1
    lab.db.commit()
    assert lab.finish(stopped).status == "STOPPED"
    assert lab.finish(again).times_run == 2
    assert len(lab.runs(again)) == 2


def test_a_killed_worker_loses_nothing(file_lab, broker):
    """SCHED-54: its task and those that wait in the broker are run by the next one; a rolled-back one never."""
    lab = file_lab
    group = configure(lab, broker)
    first = lab.start()
    job = lab.queue("held", ["job"], group_name=group)
    behind = [lab.queue("mark", [f"t{n}"], group_name=group) for n in range(5)]
    lab.until(lambda: "begin job" in lab.ledger())
    executor = first.executor()
    time.sleep(0.3)
    first.kill()
    executor.wait(60)
    lab.let_go()
    lab.queue("mark", ["never"], commit=False, group_name=group)
    lab.db.rollback()
    lab.start()
    assert lab.finish(job).status == "COMPLETED"
    assert [run.status for run in lab.runs(job)] == ["STOPPED", "COMPLETED"]
    assert {lab.finish(one).status for one in behind} == {"COMPLETED"}
    assert lab.ledger().count("end job") == 1
    assert "never" not in lab.ledger()


def test_a_broker_that_is_away_is_waited_for(file_lab):
    """SCHED-54: tasks stay queued, the worker goes on and says so; orders are obeyed."""
    lab = file_lab
    lab.configure("engine='celery', broker='redis://127.0.0.1:1/0'")
    worker = lab.start()
    task_id = lab.queue("add", [1, 1])
    lab.until(lambda: any("broker" in line for line in worker.errors), "the line")
    assert lab.task(task_id).status == "QUEUED"
    assert lab.scheduler.terminate() == 1
    lab.db.commit()
    assert worker.end() == 0


def test_an_engine_needs_its_broker(sqlite_db):
    """SCHED-04: clear words."""
    from runtime.scheduler import Scheduler

    with pytest.raises(ValueError, match="needs broker"):
        Scheduler(sqlite_db, engine="celery")
    with pytest.raises(ValueError, match="no engine 'rq'"):
        Scheduler(sqlite_db, engine="rq", broker="x")


@pytest.fixture
def sqlite_db(tmp_path):
    from runtime import dal

    db = dal.DAL("sqlite://s.sqlite", folder=str(tmp_path))
    yield db
    db.close()
