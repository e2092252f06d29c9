"""What the scheduler's panel makes of what it reads: no window, no database."""

from __future__ import annotations

import json
import time
from datetime import datetime

import pytest

from desktop.panels.scheduler.actions import Outcome, as_csv, as_json
from desktop.panels.scheduler.columns import TASK_COLUMNS, spoken
from desktop.panels.scheduler.filter_bar import count_words
from desktop.panels.scheduler.listing import Listing, Wish
from desktop.panels.scheduler.value_box import arguments_text
from desktop.panels.scheduler.words import exact, last_words, next_words, span
from desktop.processes.worker_state import Asked, short_worker, shown_name, summary, view_of
from runtime.admin.scheduler.entries import TaskEntry, WorkerEntry
from runtime.admin.scheduler.related import place_of, short_place

NOW = datetime(2026, 11, 20, 11, 20).timestamp()


def task(id=1, state="queued", **values):
    given = {
        "uuid": "u", "name": "news_mail", "function": "send_mails", "application": "shop", "group": "main",
        "status": state.upper(), "enabled": True, "next_run": NOW + 120, "last_run": None, "times_run": 0,
        "times_failed": 0, "repeats": 0, "period": 300, "cronline": "", "worker": "",
    }  # fmt: skip
    return TaskEntry(id=id, state=state, **{**given, **values})


def worker(**values):
    given = {
        "name": "office#1", "host": "office", "pid": 1, "here": True, "application": "shop", "status": "ACTIVE",
        "state": "active", "groups": ("main",), "is_ticker": False, "since": NOW - 99, "last_beat": NOW - 1,
        "beat_age": 1.0, "heartbeat": 3.0, "task_id": 0, "task_name": "", "held": 0, "done": 12, "failed": 0,
        "empty": 0,
    }  # fmt: skip
    return WorkerEntry(**{**given, **values})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"state": "running"}, "now"),
        ({"next_run": NOW + 130}, "in 2 min"),
        ({"state": "late", "next_run": NOW - 12}, "12 s late"),
        ({"state": "completed", "next_run": None}, "-"),
        ({"blocked": True}, "after others"),
    ],
)
def test_sc_03_next_run_in_words(values, words):
    """SC-03: relative, and never a time for a task that will not run."""
    assert next_words(task(**values), NOW) == words


def test_sc_03_last_run_in_words():
    """SC-03: today's time and how long it took, else the day."""
    assert last_words(task(last_run=NOW - 300, last_seconds=12.0), NOW) == "11:15, 12 s"
    assert last_words(task(last_run=NOW - 90000), NOW) == "1 day ago"
    assert (
        last_words(task(last_run=datetime(2026, 10, 1, 9).timestamp(), last_seconds=720), NOW)
        == "1 Oct, 12 min"
    )
    assert last_words(task(), NOW) == "never"
    assert span(0.0) == "under 1 s"


def test_sc_23_the_stored_zone_is_named(monkeypatch):
    """SC-23: local time with its zone, and what a UTC table holds."""
    monkeypatch.setenv("TZ", "Europe/Rome")
    time.tzset()
    try:
        moment = datetime.fromisoformat("2026-11-20T10:20:00+00:00").timestamp()
        assert exact(moment, utc=True) == "2026-11-20 11:20:00 CET; stored as 2026-11-20 10:20:00 UTC"
        assert exact(moment, utc=False) == "2026-11-20 11:20:00 CET"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_sc_20_a_refresh_moves_no_row():
    """SC-20: known rows change in place, new ones wait, gone ones leave."""
    listing = Listing(False, Wish())
    listing.take_page([task(1), task(2), task(3)], None)
    listing.refresh([task(9), task(2, "running"), task(1)], [], asked=[3])
    assert [(row.id, row.state) for row in listing.rows] == [(1, "queued"), (2, "running")]
    assert listing.waiting == 1


def test_sc_22_pages_add_up_without_doubles():
    """SC-22: a row that moved between two pages is shown once."""
    listing = Listing(False, Wish())
    listing.take_page([task(1), task(2)], ["x", 2])
    listing.add_page([task(2), task(3)], None)
    assert [row.id for row in listing.rows] == [1, 2, 3]


def test_sc_22_honest_numbers():
    """SC-22: about so many while they are counted, then exactly; late ones are not counted twice."""
    listing = Listing(False, Wish())
    listing.take_page([task(1), task(2)], ["x", 2])
    listing.about = 1_000_000
    assert count_words(listing).replace("\N{THIN SPACE}", " ") == "2 of about 1 000 000"
    listing.exact, listing.counts = True, {"all": 927, "queued": 12, "late": 3, "failed": 7}
    assert count_words(listing) == "2 of 927"
    listing.wish = Wish(chosen=("queued", "late", "failed"))
    assert listing.total() == 19
    listing.wish = Wish(chosen=("late",))
    assert listing.total() == 3


def test_sc_10_an_order_is_asked_until_the_heartbeat_moves():
    """SC-10, SV-16: the row says DISABLED at once; paused is only what the worker has confirmed."""
    asked = Asked("pause", NOW - 4, NOW - 1, 0)
    before = view_of(worker(status="DISABLED", state="paused"), asked, NOW)
    assert (before.state, before.status) == ("pausing", "changing")
    assert "asked 4 s ago, up to 10 s" in before.detail
    assert before.orders[0] == "take back order"
    after = view_of(worker(status="DISABLED", state="paused", last_beat=NOW), asked, NOW)
    assert (after.state, after.orders[0]) == ("paused", "resume")


def test_sc_10_three_heartbeats_without_an_answer():
    """SC-10: it does not answer, and can be killed."""
    view = view_of(worker(status="KILL", state="ending"), Asked("kill", NOW - 40, NOW - 1, 0), NOW)
    assert (view.state, view.unanswered, view.orders) == ("does not answer", True, ("kill",))
    slow = view_of(
        worker(heartbeat=30.0, status="DISABLED", state="paused"), Asked("pause", NOW - 40, NOW - 1, 0), NOW
    )
    assert slow.state == "pausing"


def test_sc_10_stopping_a_run_ends_with_another_task():
    """SC-10: confirmed when the worker does something else."""
    asked = Asked("stop run", NOW - 2, NOW - 3, 5)
    assert view_of(worker(state="busy", task_id=5), asked, NOW).state == "stopping its run"
    assert view_of(worker(state="active", task_id=0), asked, NOW).state == "active"


def test_sc_12_dead_workers_say_what_they_held():
    """SC-12: since when, where, how many tasks."""
    view = view_of(worker(state="dead", here=False, beat_age=7200.0, held=1), None, NOW)
    assert view.detail == "heartbeat 2 h ago, another computer, held 1 task"
    assert view.orders == ("take back",)
    busy = view_of(worker(state="busy", task_id=3, task_name="news"), None, NOW)
    assert summary([view, busy]) == "2, 1 busy, one dead"


def test_sc_11_names_that_a_person_can_tell_apart():
    """SC-11: host and process instead of a uuid; a name that was given stays."""
    uuid = "4b2ae406-78b5-428f-8a8a-39ad2c8b1f31"
    assert shown_name(worker(name=f"vm-{uuid}", host="vm", pid=812)) == "vm#812"
    assert shown_name(worker(name="mailer")) == "mailer"
    assert short_worker(f"vm-{uuid}") == "vm-4b2ae406"


def test_sc_09_partial_failure_is_said():
    """SC-09: how many, how many not, and why each."""
    outcome = Outcome("run again", 5, [(3, "It runs just now."), (4, "It runs just now.")])
    assert outcome.words() == "5 tasks queued again, 2 tasks not: It runs just now."
    assert outcome.detail().splitlines()[0] == "task 3: It runs just now."
    assert Outcome("delete", 1).words() == "1 task deleted."


def test_sc_18_exports_are_readable_and_harmless():
    """SC-18: ISO times; nothing that a spreadsheet would compute."""
    rows = [{"id": 1, "name": "=cmd()", "next_run": 0.0, "last_run": None}]
    text = as_csv(rows)
    assert text.splitlines()[0] == "id,name,next_run,last_run"
    assert "'=cmd()" in text
    assert json.loads(as_json(rows))[0]["next_run"].startswith(("1970-01-01", "1969-12-31"))
    assert as_csv([]) == ""


def test_sc_05_arguments_one_by_one():
    """SC-05: named ones with their names, others by number; what is no JSON is shown as it is."""
    assert json.loads(arguments_text("[1]", '{"list": "news"}')) == {"0": 1, "list": "news"}
    assert arguments_text("[]", "{}") == ""
    assert arguments_text("[1", "{}") == "[1\n{}"


def test_sc_06_the_line_of_the_application_in_a_traceback():
    """SC-06: the innermost frame of the application, not of a library."""
    text = (
        'File "/site/applications/shop/models/tasks.py", line 4, in f\n'
        'File "/usr/lib/python3/json/decoder.py", line 337, in decode\n'
    )
    assert place_of(text, "shop") == ("/site/applications/shop/models/tasks.py", 4)
    assert short_place(place_of(text, "shop")[0], "shop") == "models/tasks.py"
    assert place_of(text, "lab") == ("", 0)


def test_sc_03_cells_speak():
    """SH-21: a cell says its column and value."""
    state = next(column for column in TASK_COLUMNS if column.id == "state")
    assert spoken(state, task(state="timeout"), NOW) == "State: time-out"
