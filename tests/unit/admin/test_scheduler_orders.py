"""Orders to tasks and workers, queueing, clean-up."""

from __future__ import annotations

import os
import time

import psutil
import pytest

from runtime.foundation.problems import UserError
from runtime.scheduler.liveness import this_host, this_process


def test_ui_sc_08_orders_change_what_they_may_and_say_why_not(shop):
    """UI-SC-08, UI-SC-09, SCHED-57: partial failure is listed with the reason of each task."""
    waiting, failed, running = shop.task("waiting"), shop.task(status="FAILED"), shop.task(status="RUNNING")
    answer = shop.ask("act", order="run again", ids=[waiting, failed, running, 999])
    assert answer["done"] == [failed]
    assert answer["faults"] == [
        [waiting, "It has not ended: it will run by itself."],
        [running, "It runs just now."],
        [999, "It is not there any more."],
    ]
    assert shop.status(failed) == "QUEUED"
    assert shop.ask("act", order="delete", ids=[running])["faults"] == [
        [running, "It runs just now: stop it first."]
    ]
    with pytest.raises(UserError, match="fly"):
        shop.ask("act", order="fly", ids=[waiting])


def test_ui_sc_08_run_again_starts_its_counts_anew(shop):
    """UI-SC-08: a failed task gets all its tries again, and an old end does not expire it."""
    task = shop.task(status="FAILED", times_run=3, times_failed=2)
    shop.ask("edit", task_id=task, stop_time=time.time() - 60)
    shop.ask("act", order="run again", ids=[task])
    detail = shop.ask("task", task_id=task)
    assert (detail["task"]["times_run"], detail["task"]["times_failed"], detail["stop_time"]) == (0, 0, None)
    assert detail["task"]["next_run"] <= time.time() + 1


def test_ui_sc_08_run_now_disable_enable_stop(shop):
    """UI-SC-08: a waiting task comes to its turn at once, sleeps, wakes, is stopped."""
    task = shop.task(start_time=time.time() + 9000)
    assert shop.ask("act", order="run now", ids=[task])["done"] == [task]
    assert shop.ask("tasks_by_id", ids=[task])["rows"][0]["next_run"] <= time.time() + 1
    assert shop.ask("act", order="disable", ids=[task])["done"] == [task]
    assert shop.ask("act", order="disable", ids=[task])["faults"] == [[task, "It is disabled."]]
    assert shop.ask("act", order="enable", ids=[task])["done"] == [task]
    assert shop.ask("act", order="stop", ids=[task])["done"] == [task]
    assert shop.ask("tasks_by_id", ids=[task])["rows"][0]["state"] == "stopped"
    assert shop.ask("act", order="enable", ids=[task])["done"] == [task]
    assert shop.ask("tasks_by_id", ids=[task])["rows"][0]["state"] in ("queued", "late")


def test_ui_sc_08_stopping_a_running_one_tells_its_worker(shop):
    """UI-SC-08, SCHED-42: the worker's row holds the order, `enabled` says which task is meant."""
    shop.worker("office#1", "RUNNING")
    task = shop.task(status="RUNNING", assigned_worker_name="office#1")
    assert shop.ask("act", order="stop", ids=[task])["done"] == [task]
    assert shop.connection.first("SELECT status FROM scheduler_worker")[0] == "STOP_TASK"
    assert not shop.ask("tasks_by_id", ids=[task])["rows"][0]["enabled"]


def test_ui_sc_08_deleting_takes_runs_and_dependencies_along(shop):
    """UI-SC-08: nothing is left of a deleted task."""
    task, other = shop.task(), shop.task("other")
    shop.run(task)
    kept = shop.run(other)
    shop.write(
        "INSERT INTO scheduler_task_deps (job_name, task_parent, task_child, can_visit) "
        f"VALUES ('job', ?, ?, {shop.connection.false})",
        other, task,
    )  # fmt: skip
    assert shop.ask("act", order="delete", ids=[task])["done"] == [task]
    assert [row["id"] for row in shop.ask("runs")["rows"]] == [kept]
    assert shop.ask("jobs") == []


def test_ui_sc_09_all_that_match_in_pieces(shop):
    """UI-SC-09: the numbers of all that match come in pieces, whatever changes meanwhile."""
    ids = [shop.task("failed", status="FAILED") for _ in range(7)]
    shop.task("other")
    found, after = [], 0
    while piece := shop.ask("ids", runs=False, text="state:failed", after=after, limit=3):
        found += piece
        after = piece[-1]
        shop.ask("act", order="run again", ids=piece)
    assert found == ids
    assert shop.ask("counts")["queued"] == 8


# -- workers


def test_ui_sc_11_workers_with_what_they_do(shop):
    """UI-SC-11: host, pid, state, groups, counts, what it does; ours and those of other computers."""
    task = shop.task("news", status="RUNNING", assigned_worker_name="office#1")
    shop.worker("office#1", "RUNNING", task=task, total=12, errors=1, empty_runs=3, **this_process())
    shop.worker("lab#88", "DISABLED", host="lab", pid=88)
    first, second = shop.ask("workers")
    assert (first["here"], first["pid"], first["state"], first["groups"]) == (
        True,
        os.getpid(),
        "busy",
        ["main"],
    )
    assert (first["task_id"], first["task_name"], first["held"]) == (task, "news", 1)
    assert (first["done"], first["failed"], first["empty"]) == (12, 1, 3)
    assert (second["here"], second["host"], second["state"]) == (False, "lab", "paused")


def test_ui_sc_12_a_dead_worker_of_this_computer_is_known_at_once(shop):
    """UI-SC-12: its process is gone; its task is queued again and its row goes."""
    gone = {"host": this_host(), "pid": 2**22 + 1, "pid_created": 1.0}
    shop.worker("office#1", "RUNNING", **gone)
    task = shop.task(status="RUNNING", assigned_worker_name="office#1")
    run = shop.run(task, "RUNNING", worker_name="office#1")
    assert shop.ask("workers")[0]["state"] == "dead"
    assert shop.ask("take_back", worker="office#1") == 1
    assert shop.status(task) == "QUEUED"
    texts = shop.ask("run", run_id=run)
    assert texts["run"]["status"] == "STOPPED"
    assert "office#1 died" in texts["traceback"]
    assert shop.ask("workers") == []


def test_ui_sc_12_another_computer_s_clock_does_not_kill_its_workers(shop):
    """UI-SC-12: a worker counts as dead when its heartbeat stands still, however its clock goes."""
    shop.worker("lab#88", "ACTIVE", beat_ago=120, host="lab", pid=88)
    assert shop.ask("workers")[0]["state"] == "active"
    with pytest.raises(UserError, match="lives"):
        shop.ask("take_back", worker="lab#88")
    shop.service._workers._watch._clock = lambda: time.monotonic() + 60
    assert shop.ask("workers")[0]["state"] == "dead"
    assert shop.ask("take_back", worker="lab#88") == 0


def test_ui_sc_12_hours_of_silence_need_no_watching(shop):
    """UI-SC-12: no difference of clocks explains two hours."""
    shop.worker("lab#88", "ACTIVE", beat_ago=7200, host="lab", pid=88)
    assert shop.ask("workers")[0]["state"] == "dead"


def test_ui_sc_10_orders_to_workers(shop):
    """UI-SC-10, SCHED-50: the row holds the order; one that ends can be resumed until it has gone."""
    shop.worker("office#1")
    for order, status in (("pause", "DISABLED"), ("resume", "ACTIVE"), ("finish", "TERMINATE")):
        shop.ask("order", worker="office#1", order=order)
        assert shop.connection.first("SELECT status FROM scheduler_worker")[0] == status
    assert shop.ask("workers")[0]["state"] == "ending"
    with pytest.raises(UserError, match="ending already"):
        shop.ask("order", worker="office#1", order="pause")
    shop.ask("order", worker="office#1", order="resume")
    shop.ask("order", worker="office#1", order="kill")
    with pytest.raises(UserError, match="not there any more"):
        shop.ask("order", worker="nobody", order="kill")
    with pytest.raises(UserError, match="no order"):
        shop.ask("order", worker="office#1", order="FLY")


# -- queueing


def test_ui_sc_07_functions_with_signatures(lite_shop):
    """UI-SC-07: what models define; private ones and what they import from elsewhere are left out."""
    load, send = lite_shop.ask("functions")
    assert (send["name"], send["signature"], send["doc"]) == (
        "send_mails",
        "(list, size=10)",
        "Sends a list.",
    )
    assert (send["file"], send["line"]) == ("models/tasks.py", 4)
    assert load["name"] == "load_csv"


@pytest.mark.parametrize(
    ("function", "args", "named", "fault"),
    [
        ("send_mails", "[1]", "{}", ""),
        ("send_mails", "", '{"list": "news"}', ""),
        ("send_mails", "[]", "{}", "list is missing."),
        ("send_mails", "[1, 2, 3]", "{}", "at most 2 positional arguments, 3"),
        ("send_mails", "[1]", '{"list": 2}', "list is given twice"),
        ("send_mails", "[1]", '{"sise": 2}', "no argument sise. Its arguments: list, size."),
        ("send_mails", "[1", "{}", "line 1, column 3"),
        ("send_mails", "{}", "{}", "a list is needed"),
        ("load_csv", "[1, 2, 3]", '{"any": 1}', ""),
        ("nothing", "[]", "{}", "no function 'nothing'. It has: load_csv, send_mails."),
    ],
)
def test_ui_sc_07_arguments_are_checked_against_the_signature(lite_shop, function, args, named, fault):
    """UI-SC-07: what would fail when the task runs is said before it is queued."""
    answer = lite_shop.ask("check", function=function, args=args, vars=named)
    assert fault in answer
    assert bool(fault) == bool(answer)


def test_ui_sc_07_queue_with_faults_by_column(shop):
    """UI-SC-07, SCHED-34: nothing is queued, each wrong column says why."""
    answer = shop.ask("queue", function="send_mails", args="[1", period="a", cronline="x")
    assert set(answer["errors"]) == {"args", "period", "cronline"}
    assert shop.ask("counts")["all"] == 0
    with pytest.raises(UserError, match="no column status"):
        shop.ask("queue", function="send_mails", status="RUNNING")


def test_ui_sc_07_queue_at_a_time(shop):
    """UI-SC-07: times are moments; the tables hold them in their own zone."""
    at = round(time.time()) + 3600
    task = shop.ask("queue", function="send_mails", args="[1]", start_time=at)["id"]
    detail = shop.ask("task", task_id=task)
    assert detail["task"]["next_run"] == at
    assert detail["start_time"] == at
    assert detail["task"]["application"] == "shop"


def test_ui_sc_07_next_times_of_a_plan(lite_shop):
    """UI-SC-07: five times, fewer where the repeats or the end come first; a wrong expression says so."""
    assert len(lite_shop.ask("times", cronline="*/5 * * * *", repeats=0)) == 5
    assert len(lite_shop.ask("times", period=60, repeats=3)) == 3
    begin = time.time()
    assert len(lite_shop.ask("times", period=60, repeats=0, next_run=begin, stop_time=begin + 90)) == 2
    with pytest.raises(UserError, match="Five fields"):
        lite_shop.ask("times", cronline="every day")


def test_ui_sc_19_editing(shop):
    """UI-SC-19: columns change; the next time of a running one is not set by hand; faults by column."""
    task = shop.task(status="RUNNING")
    assert shop.ask("edit", task_id=task, period=7, timeout=5) == {"errors": {}}
    assert shop.ask("task", task_id=task)["timeout"] == 5
    assert set(shop.ask("edit", task_id=task, timeout=0)["errors"]) == {"timeout"}
    with pytest.raises(UserError, match="runs just now"):
        shop.ask("edit", task_id=task, next_run_time=time.time())
    waiting = shop.task()
    shop.ask("edit", task_id=waiting, cronline="0 7 * * *")
    assert time.localtime(shop.ask("task", task_id=waiting)["task"]["next_run"]).tm_hour == 7


# -- clean-up


def clean(shop, dry, **wish):
    total, start = 0, 0
    while start is not None:
        piece = shop.ask("clean_up", **{"older": None, "keep": 0, **wish}, start=start, dry=dry)
        total += piece["count"]
        start = piece["following"]
    return total


def test_ui_sc_17_clean_up_counts_first_and_keeps_what_it_must(shop):
    """UI-SC-17: older than, keep the last of each task; what runs stays; the dry count is true."""
    news, stock = shop.task(), shop.task("stock")
    running = shop.run(news, "RUNNING", ago=9000)
    for at in range(10):
        shop.run(news, ago=9000 - at)
    recent = [shop.run(news, ago=10 - at) for at in range(3)]
    only = shop.run(stock, ago=9000)
    hour_ago = time.time() - 3600
    assert clean(shop, True, older=hour_ago) == 11
    assert clean(shop, True, older=hour_ago, keep=5) == 8
    assert clean(shop, True, keep=2) == 11
    assert clean(shop, False, older=hour_ago, keep=5) == 8
    assert clean(shop, True, older=hour_ago, keep=5) == 0
    left = {row["id"] for row in shop.ask("runs")["rows"]}
    assert {running, only, *recent} < left
    with pytest.raises(UserError, match="how old"):
        clean(shop, True)


def test_ui_sc_17_many_runs_go_in_pieces(lite_shop):
    """UI-SC-17: one piece ends after 2 000 runs, so that it can be called off."""
    task = lite_shop.task()
    lite_shop.write(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500) "
        "INSERT INTO scheduler_run (task_id, status, start_time, stop_time) "
        "SELECT ?, 'COMPLETED', '2020-01-01 00:00:00', '2020-01-01 00:00:01' FROM n",
        task,
    )
    first = lite_shop.ask("clean_up", older=None, keep=10, start=0, dry=False)
    assert first == {"count": 2000, "following": task}
    assert clean(lite_shop, False, keep=10) == 2490
    assert lite_shop.ask("counts", runs=True)["all"] == 10


def test_ui_sc_12_a_zombie_is_not_a_living_worker(lite_shop):
    """UI-SC-12: this very process lives, so it is not dead."""
    lite_shop.worker("office#1", **this_process())
    assert lite_shop.ask("workers")[0]["state"] == "active"
    assert psutil.pid_exists(os.getpid())
