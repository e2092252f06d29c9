"""What workers do to the tables: each task to one worker, each result from the one that holds the task."""

from __future__ import annotations

import datetime
import json
import threading

import pytest

from runtime.scheduler import clocks, timing
from runtime.scheduler.journal import RUNS_PER_FILE, Journal, read_journal
from runtime.scheduler.liveness import this_process
from runtime.scheduler.records import Outcome, Report
from runtime.scheduler.schema_upkeep import INDEXES, ensure_indexes


def claim(store, name="w", groups=("main",), assigned=True):
    with store.transaction():
        return next(iter(store.claim(name, groups, assigned)), None)


def report(store, claimed, outcome, output=""):
    with store.transaction():
        return bool(store.report([Report(claimed, outcome, output)]))


def test_sched_24_one_worker_gets_a_task(scheduler, store_of):
    """SCHED-24: with threads that claim side by side; the run row comes with it."""
    for _ in range(40):
        scheduler.queue_task("f")
    scheduler.db.commit()
    taken, errors = [], []

    def take(number):
        store = store_of(scheduler)
        try:
            while (found := claim(store, f"w{number}")) is not None:
                taken.append(found.task_id)
        except Exception as error:
            errors.append(error)
        finally:
            store.connection.close()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not errors
    assert sorted(taken) == list(range(1, 41))
    scheduler.db.commit()
    assert scheduler.db(scheduler.db.scheduler_run.status == "RUNNING").count() == 40


@pytest.mark.parametrize("engine", ["own", "generic"])
def test_sched_24_43_claim_and_report(scheduler, store_of, engine):
    """SCHED-24, SCHED-43: also in the way that suits any other database."""
    store = store_of(scheduler)
    if engine == "generic":
        connection = store.connection
        plain = scheduler.db._adapter.connector()
        connection._connection, connection._cursor = plain, plain.cursor()
        connection.is_sqlite = connection.is_postgres = False
        connection.engine = "generic"
    task_id = scheduler.queue_task("f", [1], application_name="myapp/other").id
    scheduler.queue_task("f", application_name="myapp2/default")
    scheduler.queue_task("f", group_name="slow")
    scheduler.db.commit()
    assert store.next_due(["main"], "w") <= store.now()
    found = claim(store)
    assert (found.task_id, found.function_name, found.args) == (task_id, "f", "[1]")
    assert claim(store) is None
    assert store.next_due(["main"], "w") is None
    assert report(store, found, Outcome("COMPLETED", "5"), "out")
    status = scheduler.task_status(task_id, output=True)
    assert (status.scheduler_task.status, status.scheduler_task.times_run) == ("COMPLETED", 1)
    assert (status.result, status.scheduler_run.run_output) == (5, "out")
    rows = store.beat("w", False, {})
    assert rows == []
    scheduler.db.commit()
    store.register("w", ["main", "it's|odd"], {"instance": "i"})
    (row,) = store.beat("w", True, {"instance": "i", "n": 1})
    assert row.group_names == ["main", "it's|odd"]
    scheduler.db.commit()
    assert scheduler.get_workers()["w"].status == "RUNNING"


def test_sched_54_a_result_counts_only_while_the_run_is_open(scheduler, store_of):
    """SCHED-54: fencing; the worker that was given up can not report."""
    store = store_of(scheduler)
    task_id = scheduler.queue_task("f").id
    scheduler.db.commit()
    old = claim(store, "dead")
    assert store.recover("dead", "worker dead died") == 1
    new = claim(store, "living")
    assert new.task_id == task_id
    assert not store.open_runs([old.run_id])
    assert not report(store, old, Outcome("COMPLETED", "1"))
    assert scheduler.task_status(task_id).status == "RUNNING"
    scheduler.db.commit()
    assert report(store, new, Outcome("COMPLETED", "2"))
    run = scheduler.db.scheduler_run
    rows = scheduler.db(run.id > 0).select(orderby=run.id)
    assert [(row.status, row.run_result) for row in rows] == [("STOPPED", None), ("COMPLETED", "2")]
    assert "worker dead died" in rows[0].traceback


def test_sched_54_three_interruptions_then_failed(scheduler, store_of):
    """SCHED-54: and a run that completes starts the count anew."""
    store = store_of(scheduler)
    task_id = scheduler.queue_task("f", repeats=0, period=0).id
    scheduler.db.commit()
    for _ in range(2):
        claim(store)
        store.recover("w", "died")
    assert report(store, claim(store), Outcome("COMPLETED", "1"))
    for count in range(3):
        assert claim(store) is not None
        store.recover("w", f"died {count}")
    assert claim(store) is None
    scheduler.db.commit()
    row = scheduler.task_status(task_id)
    assert (row.status, row.times_failed) == ("FAILED", 1)


def test_sched_42_a_task_told_to_stop_does_not_come_back(scheduler, store_of):
    """SCHED-42: neither after its run has ended meanwhile, nor after its worker died."""
    store = store_of(scheduler)
    for _ in range(2):
        scheduler.queue_task("f", repeats=0)
    scheduler.db.commit()
    first, second = claim(store), claim(store)
    for one in (first, second):
        assert scheduler.stop_task(one.task_id) == 1
    scheduler.db.commit()
    assert report(store, first, Outcome("COMPLETED", "1"))
    store.recover("w", "died")
    assert {scheduler.task_status(one.task_id).status for one in (first, second)} == {"STOPPED"}


def test_sched_22_25_what_is_not_taken(scheduler, store_of):
    """SCHED-22, SCHED-25, SCHED-09: disabled, waiting for a parent, too early, too late, another group."""
    store = store_of(scheduler)
    now = datetime.datetime.now()
    parent = scheduler.queue_task("f", enabled=False).id
    child = scheduler.queue_task("f").id
    scheduler.db.scheduler_task_deps.insert(task_parent=parent, task_child=child)
    soon = scheduler.queue_task("f", start_time=now + datetime.timedelta(hours=1)).id
    late = scheduler.queue_task("f", stop_time=now - datetime.timedelta(hours=1)).id
    scheduler.queue_task("f", group_name="other")
    scheduler.db.commit()
    assert claim(store) is None
    scheduler.db.commit()
    assert scheduler.task_status(late).status == "EXPIRED"
    assert scheduler.task_status(soon).status == "QUEUED"
    due = store.next_due(["main"], "w")
    assert datetime.timedelta(minutes=59) < due - now < datetime.timedelta(minutes=61)
    scheduler.db(scheduler.db.scheduler_task.id == parent).update(enabled=True)
    scheduler.db.commit()
    taken = claim(store)
    assert taken.task_id == parent
    assert claim(store) is None
    report(store, taken, Outcome("COMPLETED"))
    assert claim(store).task_id == child


def test_sched_12_46_runs_that_leave_no_row(scheduler, store_of):
    """SCHED-12, SCHED-46"""
    for store, result, kept in (
        (store_of(scheduler), None, 0),
        (store_of(scheduler), "1", 1),
        (store_of(scheduler, discard_results=True), "1", 0),
    ):
        task_id = scheduler.queue_task("f").id
        scheduler.db.commit()
        report(store, claim(store), Outcome("COMPLETED", result))
        scheduler.db.commit()
        assert scheduler.db(scheduler.db.scheduler_run.task_id == task_id).count() == kept
        assert scheduler.task_status(task_id).status == "COMPLETED"


def test_sched_38_broadcast_makes_a_copy_for_each_worker(scheduler, store_of):
    """SCHED-38"""
    store = store_of(scheduler)
    for name, status, group in (
        ("a", "ACTIVE", "main"),
        ("b", "RUNNING", "main"),
        ("c", "DISABLED", "main"),
        ("d", "ACTIVE", "x"),
    ):
        store.register(name, [group], {"application": "myapp"})
        store.set_status(name, status, before="ACTIVE")
    task_id = scheduler.queue_task("f", [7], broadcast=True).id
    scheduler.db.commit()
    assert claim(store, "d", groups=["x"]) is None
    assert claim(store, "a", assigned=False) is None
    copies = [claim(store, name) for name in "abc"]
    assert [one.args if one else None for one in copies] == ["[7]", "[7]", None]
    scheduler.db.commit()
    assert scheduler.task_status(task_id).status == "COMPLETED"


def test_sched_09_shares(scheduler, store_of):
    """SCHED-09: also when tasks come one by one."""
    store = store_of(scheduler)
    given = {}
    for _ in range(9):
        scheduler.queue_task("f", group_name="g")
        scheduler.db.commit()
        store.assign("g", {"double": 2, "single": 1}, given)
    assert given == {"double": 6, "single": 3}
    taken = [claim(store, "double", groups=[]) for _ in range(7)]
    assert [one is not None for one in taken] == [True] * 6 + [False]


def test_sched_19_20_indexes_on_existing_tables(scheduler, store_of):
    """SCHED-19, SCHED-20: made once, the claim uses them."""
    store = store_of(scheduler)
    for _ in range(2):
        ensure_indexes(store.connection)
    if store.connection.is_sqlite:
        found = {
            row[0] for row in store.connection.rows("SELECT name FROM sqlite_master WHERE type = 'index'")
        }
        assert set(INDEXES) <= found
        condition, values = store._waiting(["main"])
        plan = store.connection.rows(
            f"EXPLAIN QUERY PLAN SELECT t.id FROM scheduler_task t WHERE {condition} AND t.next_run_time <= ? "
            "ORDER BY t.next_run_time, t.id LIMIT 1",
            *values, store.now(),
        )  # fmt: skip
        text = " ".join(str(step[-1]) for step in plan)
        assert "scheduler_task_due" in text
        assert "TEMP B-TREE" not in text
    else:
        names = "SELECT indexname FROM pg_indexes"
        if store.connection.is_mysql:
            names = "SELECT index_name FROM information_schema.statistics WHERE table_schema = DATABASE()"
        found = {row[0] for row in store.connection.rows(names)}
        assert set(INDEXES) <= found


def test_text_that_a_database_refuses_is_stored_without_it(scheduler, store_of):
    """SCHED-45: NUL and half a surrogate pair in what a task printed."""
    store = store_of(scheduler)
    task_id = scheduler.queue_task("f").id
    scheduler.db.commit()
    report(store, claim(store), Outcome("FAILED", None, "tb\0"), "a\0b\udc80é")
    assert scheduler.task_status(task_id, output=True).scheduler_run.run_output == "ab?é"


def test_sched_54_what_the_executor_has_noted_counts_after_a_kill(scheduler, store_of, tmp_path):
    """SCHED-54: a task that has ended is not run again, one that was not begun is no interruption."""
    store = store_of(scheduler)
    for _ in range(3):
        scheduler.queue_task("f")
    scheduler.db.commit()
    with store.transaction():
        ended, running, waiting = store.claim("dead", ["main"], True, 3)
    path = str(tmp_path / "journal")
    journal = Journal(path)
    journal.begin(ended.run_id)
    journal.note(b'{"event": "output", "text": "printed"}\n', always=False)
    done = {"event": "done", "run_id": ended.run_id, "status": "COMPLETED", "result": "7", "traceback": None}
    journal.note(json.dumps(done).encode() + b"\n", always=True)
    journal.begin(running.run_id)
    journal.note(b'{"event": "outp', always=False)  # killed while it wrote
    gone = {**this_process(), "pid_created": 1.0}
    store.register("dead", ["main"], {"instance": "i", "journal": path, **gone})
    row = next(one for one in store.workers() if one.name == "dead")
    assert store.take_over(row, "worker dead died") == 3
    scheduler.db.commit()
    status = scheduler.task_status(ended.task_id, output=True)
    assert (status.scheduler_task.status, status.result, status.scheduler_run.run_output) == (
        "COMPLETED",
        7,
        "printed",
    )
    run = scheduler.db.scheduler_run
    assert [one.status for one in scheduler.db(run.task_id == running.task_id).select()] == ["STOPPED"]
    assert scheduler.db(run.task_id == waiting.task_id).count() == 0
    assert {scheduler.task_status(one.task_id).status for one in (running, waiting)} == {"QUEUED"}
    assert read_journal(path) is None  # nothing is left behind


def test_sched_54_a_journal_stays_small(tmp_path):
    """SCHED-54: two files in turn; what a worker may not have reported yet is always there."""
    path = str(tmp_path / "journal")
    journal = Journal(path)
    for number in range(1, 2001):
        journal.begin(number)
        journal.note(b"x" * 200_000 + b"\n", always=False)
    found = read_journal(path)
    assert set(range(2001 - RUNS_PER_FILE, 2001)) <= set(found)
    assert len(found) <= 2 * RUNS_PER_FILE
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) < 100_000


def test_sched_24_a_group_of_claims_and_reports(scheduler, store_of):
    """SCHED-24, SCHED-43..46: several in one transaction, each with its own end."""
    store = store_of(scheduler)
    ids = [scheduler.queue_task("f", [n], retry_failed=n % 2).id for n in range(6)]
    scheduler.db.commit()
    with store.transaction():
        claims = store.claim("w", ["main"], True, 5)
    assert [one.task_id for one in claims] == ids[:5]
    assert len({one.run_id for one in claims}) == 5
    outcomes = [
        Outcome("COMPLETED", None),
        Outcome("COMPLETED", "1"),
        Outcome("FAILED", traceback="t"),
        Outcome("FAILED", traceback="t"),
    ]
    with store.transaction():
        kept = store.report([Report(*pair, "out") for pair in zip(claims, outcomes, strict=False)])
        store.give_back(claims[4:])
    assert kept == {one.run_id for one in claims[:4]}
    scheduler.db.commit()
    statuses = [scheduler.task_status(one).status for one in ids]
    assert statuses == ["COMPLETED", "COMPLETED", "FAILED", "QUEUED", "QUEUED", "QUEUED"]
    run = scheduler.db.scheduler_run
    rows = scheduler.db(run.id > 0).select(orderby=run.id)
    assert [row.status for row in rows] == ["COMPLETED", "FAILED", "FAILED"]


def test_sched_13_the_databases_clock_is_the_clock(scheduler, store_of, monkeypatch):
    """SCHED-13: a machine that is five minutes late takes what is due, and queues for now."""
    store = store_of(scheduler)
    if store.connection.utc_clock is None:
        pytest.skip("a file has no clock of its own")
    right = datetime.datetime.now()
    wrong = timing.current_time

    def late(utc):
        return wrong(utc) - datetime.timedelta(minutes=5)

    monkeypatch.setattr(timing, "current_time", late)
    monkeypatch.setattr(clocks, "current_time", late)
    clocks._known.clear()
    task_id = scheduler.queue_task("f").id
    scheduler.db.commit()
    assert abs((scheduler.task_status(task_id).next_run_time - right).total_seconds()) < 30
    store.read_clock()
    assert abs((store.now() - right).total_seconds()) < 30
    assert claim(store).task_id == task_id
    clocks._known.clear()


def test_sched_54_a_report_under_way_goes_before_taking_back(scheduler, store_of):
    """SCHED-54: the worker taken for dead is writing its result just now: it counts, and nothing is queued again."""
    dead, living = store_of(scheduler), store_of(scheduler)
    if dead.connection.is_sqlite:
        pytest.skip("one writer at a time")
    task_id = scheduler.queue_task("f").id
    scheduler.db.commit()
    claimed = claim(dead, "dead")
    taken = []
    with dead.transaction():
        assert dead.report([Report(claimed, Outcome("COMPLETED", "1"))])
        other = threading.Thread(target=lambda: taken.append(living.recover("dead", "worker dead died")))
        other.start()
        other.join(0.3)
        assert other.is_alive()  # it waits
    other.join(60)
    assert taken == [0]
    scheduler.db.commit()
    assert scheduler.task_status(task_id).status == "COMPLETED"
    assert [run.status for run in scheduler.db(scheduler.db.scheduler_run.id > 0).select()] == ["COMPLETED"]


def test_sched_24_statements_for_a_group(scheduler, store_of, monkeypatch):
    """SCHED-24: quick tasks cost the database less than one statement each (the old scheduler: 34)."""
    store = store_of(scheduler)
    for _ in range(20):
        scheduler.queue_task("f")
    scheduler.db.commit()
    with store.transaction():
        first = store.claim("w", ["main"], True, 10)
    sent = []
    kept = store.connection._execute
    monkeypatch.setattr(store.connection, "_execute", lambda *what: (sent.append(what), kept(*what)))
    with store.transaction():
        store.report([Report(one, Outcome("COMPLETED")) for one in first])
        assert len(store.claim("w", ["main"], False, 10)) == 10
    assert len(sent) + 2 < 10


def test_sched_54_a_silent_worker_is_not_judged_by_its_journal(scheduler, store_of, tmp_path):
    """SCHED-54: its executor may begin the next task at any moment: what it holds counts as cut short."""
    store = store_of(scheduler)
    task_id = scheduler.queue_task("f").id
    scheduler.db.commit()
    claim(store, "silent")
    path = str(tmp_path / "journal")
    Journal(path)
    store.register("silent", ["main"], {"instance": "i", "journal": path, **this_process()})
    row = next(one for one in store.workers() if one.name == "silent")
    assert store.take_over(row, "worker silent died") == 1
    scheduler.db.commit()
    run = scheduler.db.scheduler_run
    assert [one.status for one in scheduler.db(run.task_id == task_id).select()] == ["STOPPED"]
    assert read_journal(path) is not None  # it is still written


def test_sched_36_what_is_committed_after_a_look_is_a_change(sqlite_scheduler, store_of):
    """SCHED-36: also between a worker's very first look and its first wait, which would last a heartbeat."""
    store = store_of(sqlite_scheduler)
    assert store.next_due(["main"], "w") is None
    sqlite_scheduler.queue_task("f")
    sqlite_scheduler.db.commit()
    assert store.connection.changed()
    assert not store.connection.changed()
    store.connection.close()  # the same on a new connection, after some trouble with the old one
    assert store.next_due(["main"], "w") is not None
    sqlite_scheduler.queue_task("f")
    sqlite_scheduler.db.commit()
    assert store.connection.changed()
