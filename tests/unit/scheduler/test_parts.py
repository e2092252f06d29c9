"""Times, outputs, names of workers, who lives."""

from __future__ import annotations

import datetime
import itertools
import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.foundation.problems import UserError
from runtime.scheduler import output
from runtime.scheduler.executor import Message
from runtime.scheduler.liveness import Watch, is_gone, this_process
from runtime.scheduler.output import Output
from runtime.scheduler.records import Claim, WorkerRow
from runtime.scheduler.sharing import Shares
from runtime.scheduler.task_run import TaskRun
from runtime.scheduler.timing import Plan, after_run
from runtime.scheduler.wishes import WorkerWish, parse_wishes
from runtime.scheduler.workload import Workload

NOON = datetime.datetime(2030, 5, 6, 12, 0, 0)


def seconds(count):
    return datetime.timedelta(seconds=count)


def plan(**values):
    usual = {
        "started": NOON, "start_time": NOON, "period": 60, "prevent_drift": False, "cronline": None, "repeats": 1,
        "retry_failed": 0, "times_run": 0, "times_failed": 0,
    }  # fmt: skip
    return Plan(**(usual | values))


def test_sched_27_28_period_counts_from_start_to_start():
    """SCHED-27, SCHED-28"""
    started = NOON + seconds(3)
    again = after_run(plan(started=started, repeats=0, times_run=7), "COMPLETED", started + seconds(20))
    assert (again.status, again.next_run_time, again.times_run) == ("QUEUED", started + seconds(60), 8)
    assert after_run(plan(repeats=3, times_run=1), "COMPLETED", NOON).status == "QUEUED"
    assert after_run(plan(repeats=3, times_run=2), "COMPLETED", NOON).status == "COMPLETED"


@pytest.mark.parametrize(("late", "due"), [(3, 60), (59, 60), (60, 120), (61, 120), (600, 660)])
def test_sched_29_prevent_drift(late, due):
    """SCHED-29: the next start in whole periods from start_time, never one that has passed."""
    after = after_run(
        plan(started=NOON + seconds(3), prevent_drift=True, repeats=0), "COMPLETED", NOON + seconds(late)
    )
    assert after.next_run_time == NOON + seconds(due)


@pytest.mark.parametrize("status", ["FAILED", "TIMEOUT"])
def test_sched_30_retries(status):
    """SCHED-30"""
    trail, failed = [], 0
    while not trail or trail[-1] == "QUEUED":
        after = after_run(plan(retry_failed=2, times_failed=failed), status, NOON)
        trail.append(after.status)
        failed = after.times_failed
    assert trail == ["QUEUED", "QUEUED", status]
    assert failed == 3
    assert after_run(plan(retry_failed=-1, times_failed=10_000), status, NOON).status == "QUEUED"
    assert after_run(plan(repeats=0, times_failed=2), "COMPLETED", NOON).times_failed == 0


def test_sched_37_cronline_goes_before_period():
    """SCHED-37"""
    after = after_run(plan(cronline="*/5 * * * *", repeats=0), "COMPLETED", NOON + seconds(61))
    assert after.next_run_time == NOON + seconds(300)


def test_sched_42_amb_33_stopped_stays_stopped():
    """AMB-33"""
    assert after_run(plan(repeats=0, retry_failed=5), "STOPPED", NOON).status == "STOPPED"


@given(
    st.lists(st.sampled_from(["!clear!", "!", "clear", "a\n", "!clear"]), max_size=8),
    st.lists(st.integers(0, 40), max_size=5),
)
def test_sched_49_clear_in_any_pieces(words, cuts):
    """SCHED-49"""
    whole = "".join(words)
    places = [0, *sorted(cuts), len(whole)]
    pieces = [whole[a:b] for a, b in itertools.pairwise(places)] if max(places) == len(whole) else [whole]
    found = Output()
    for piece in pieces:
        found.add(piece)
    assert found.text == "".join(pieces).rpartition("!clear!")[2]


def test_sched_45_endless_output_keeps_its_end(monkeypatch):
    """SCHED-45: memory stays bounded."""
    monkeypatch.setattr(output, "MOST_OUTPUT", 100)
    found = Output()
    for n in range(1000):
        found.add(f"{n:05d}\n")
    assert len(found.text) == 100
    assert found.text.endswith("00998\n00999\n")


def test_cli_33_34_35_wishes():
    """CLI-33..35"""
    assert parse_wishes("app1:g1:g2,app2,app2") == [
        WorkerWish("app1", ("g1", "g2")),
        WorkerWish("app2"),
        WorkerWish("app2"),
    ]
    assert str(WorkerWish("app1", ("g1", "g2"))) == "app1:g1:g2"


@pytest.mark.parametrize("text", ["", "a b", "../x", "a:", "a::b", "a,,b", "1a"])
def test_cli_33_wrong_wishes_are_named(text):
    """CLI-33"""
    with pytest.raises(UserError):
        parse_wishes(text)


def row(name="w", **values):
    return WorkerRow(name, values.pop("status", "ACTIVE"), ["main"], False, values.pop("last", NOON), values)


def test_sched_54_dead_after_three_silent_heartbeats():
    """SCHED-54: compared with what was seen, so that another machine's clock may be wrong."""
    now = [100.0]
    watch = Watch(2.0, clock=lambda: now[0])
    assert not watch.is_dead(row())
    now[0] += 5.9
    assert not watch.is_dead(row())
    now[0] += 0.2
    assert watch.is_dead(row())
    assert not watch.is_dead(row(last=NOON + seconds(1)))  # a heartbeat, whatever time it claims
    assert watch.may_forget(row(last=NOON + seconds(1)))
    assert not watch.may_forget(row(last=NOON + seconds(1), status="DISABLED"))
    now[0] += 2 * 45 + 1
    assert watch.may_forget(row(last=NOON + seconds(1), status="DISABLED"))
    assert not watch.is_dead(row("slow one", heartbeat=60))
    now[0] += 100
    assert not watch.is_dead(row("slow one", heartbeat=60))


def test_sched_54_a_dead_process_of_this_machine_is_known_at_once():
    """SCHED-54"""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    import psutil

    stats = {**this_process(), "pid": child.pid, "pid_created": psutil.Process(child.pid).create_time()}
    assert not is_gone(stats)
    assert not is_gone(this_process())
    assert is_gone({**this_process(), "pid_created": 1.0})  # its number was given to another
    child.kill()
    child.wait()
    assert is_gone(stats)
    assert not is_gone({**stats, "host": "elsewhere"})
    assert not is_gone({})
    child.stdin.close()
    assert os.getpid() == this_process()["pid"]


def test_sched_09_one_worker_assigns_where_weights_differ():
    """SCHED-09"""
    rows = [
        WorkerRow("a", "ACTIVE", ["g", "h"], False, NOON, {"application": "myapp"}),
        WorkerRow("b", "RUNNING", ["g", "g", "h"], False, NOON, {"application": "myapp"}),
        WorkerRow("c", "DISABLED", ["h", "h"], False, NOON, {"application": "myapp"}),
        WorkerRow("d", "ACTIVE", ["h", "h"], False, NOON, {"application": "other"}),
    ]
    first, second = Shares("a", ["g", "h"], "myapp"), Shares("b", ["g", "g", "h"], "myapp")
    first.update(rows)
    second.update(rows)
    assert (first.free, first.mine) == (["h"], {"g": {"a": 1, "b": 2}})
    assert (second.free, second.mine) == (["h"], {})
    second.update(rows[1:])
    assert (second.free, second.mine) == (["g", "h"], {})


@pytest.mark.parametrize("begun", [True, False])
def test_sched_54_an_executor_that_dies_with_a_task_in_its_pipe(begun):
    """SCHED-54: a task that was never begun has not failed: it is given back."""

    class Keeper:
        executor = None

    claim = Claim(1, 10, "u", "f", "a/b", "f", "[]", "{}", 60, 0, plan())
    work = Workload(Keeper())
    work._runs[10] = TaskRun(claim, None)
    work.begun(Message("begun", values={"run_id": 10, "at": 1.0}))
    work.executor_lost(-9, lambda run_id: begun)
    assert [one.outcome.counts_as for one in work.reports()] == (["FAILED"] if begun else [])
    assert work.returned == ([] if begun else [claim])
