"""Filters, plans, code and pictures: what needs no database."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.admin.scheduler.arguments import code_of, example_of
from runtime.admin.scheduler.conditions import like_pattern
from runtime.admin.scheduler.filters import completions, parse_filter, parse_span
from runtime.admin.scheduler.graph import picture
from runtime.admin.scheduler.orders import ORDERS, reason_against
from runtime.admin.scheduler.places import applications_with_scheduler
from runtime.admin.scheduler.plans import Schedule, next_times, span_words, words_of
from runtime.admin.scheduler.related import ticket_of_run


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("stat:failed", "There is no word stat: here."),
        ("state:broken", "broken is no state of a task"),
        ("before:soon", "before: needs a time such as 2h"),
        ("id:x1", "id: needs a number"),
        ("fn:", "fn: needs a value, for example fn:send_*"),
        ("longer:3s", "longer: works for runs only."),
    ],
)
def test_ui_sc_04_wrong_words_are_explained(text, sentence):
    """UI-SC-04: a word that can not be used says what would be right, and the others still count."""
    found = parse_filter(f"{text} news")
    assert sentence in found.faults[0].sentence
    assert [one.value for one in found.conditions] == ["news"]


def test_ui_sc_04_quotes_minus_and_spans():
    """UI-SC-04: a quoted text stays together, a minus turns a word round, spans have units."""
    first, second, third = parse_filter('"big news" -state:time-out,Failed before:1.5h').conditions
    assert (first.key, first.value) == ("", "big news")
    assert (second.negative, second.value) == (True, "timeout,failed")
    assert third.seconds == 5400
    assert [parse_span(text) for text in ("30s", "5min", "1w", "7")] == [30, 300, 604800, None]
    assert parse_filter("before:2026-11-20T10:30").conditions[0].moment == datetime.datetime(
        2026, 11, 20, 10, 30
    )


@given(st.text(max_size=60), st.booleans())
def test_ui_sc_04_any_text_can_be_read(text, runs):
    """UI-SC-04: nothing that is typed breaks the filter or its completion."""
    parse_filter(text, runs)
    completions(text, len(text), {"app": ["shop"]}, runs)


@given(st.text(alphabet="ab!%_*", max_size=12))
def test_ui_sc_04_signs_of_like_are_taken_literally(text):
    """UI-SC-04: only the star stands for anything."""
    pattern = like_pattern(text, anchored=True)
    literal, escaped = "", False
    for char in pattern:
        if escaped:
            literal, escaped = literal + char, False
        elif char == "!":
            escaped = True
        else:
            assert char not in "_"
            literal += "*" if char == "%" else char
    assert literal == text


def test_ui_sc_04_completion():
    """UI-SC-04: keys, then values that are known."""
    assert completions("news st", 7, {})[0][0] == "state:"
    assert ("state:failed,late", "") in completions("state:failed,la", 15, {})
    assert completions("app:s", 5, {"app": ["shop", "lab"]}) == [("app:shop", "")]
    assert completions("name:b", 6, {"name": ["big news"]}) == [('name:"big news"', "")]
    assert completions("", 0, {}) == []


def test_ui_sc_05_schedules_in_words():
    """UI-SC-05: as a person says it."""
    assert words_of(300, 0, 30, "") == "every 5 min, no end"
    assert words_of(86400, 10, 3, "") == "every day, 3 of 10 runs"
    assert words_of(60, 1, 0, "") == "once"
    assert words_of(60, 0, 0, "0 7 * * 1-5") == "cron 0 7 * * 1-5, no end"
    assert [span_words(one) for one in (90, 5400, 172800, 604800)] == [
        "1 min 30 s",
        "1 h 30 min",
        "2 days",
        "week",
    ]


@given(
    st.integers(0, 10**9), st.integers(0, 20), st.integers(0, 20), st.booleans(),
)  # fmt: skip
def test_ui_sc_05_next_times_ascend_and_end(period, repeats, times_run, drift):
    """UI-SC-05: at most five, in order, never more than there are runs left."""
    begin = datetime.datetime(2026, 11, 20, 12)
    found = next_times(Schedule(begin, period, repeats, times_run, start_time=begin, prevent_drift=drift))
    assert len(found) <= 5
    assert found == sorted(found)
    if repeats:
        assert len(found) <= max(0, repeats - times_run)
    else:
        assert found[0] == begin


def test_ui_sc_07_code_that_does_the_same():
    """UI-SC-07: only what differs from the defaults; it is Python."""
    line = code_of("send_mails", ["news"], {"size": 3}, {"period": 60, "repeats": 0, "timeout": 600})
    assert (
        line
        == "scheduler.queue_task('send_mails', pargs=['news'], pvars={'size': 3}, repeats=0, timeout=600)"
    )
    long = code_of("f", [], {}, {"cronline": "*/5 * * * *", "task_name": "n" * 90})
    compile(long, "code", "exec")
    assert long.count("\n") == 4
    assert example_of([{"name": "list", "kind": "positional_or_keyword", "required": True}]) == (
        "[]", '{"list": null}',
    )  # fmt: skip


def test_ui_sc_08_every_order_is_possible_somewhere_and_refused_with_a_reason():
    """UI-SC-08: a reason is a sentence; a failed task can be run again, a running one stopped."""
    for order in ORDERS:
        reasons = {
            state: reason_against(order, state)
            for state in ("queued", "running", "failed", "disabled", "stopped")
        }
        assert "" in reasons.values()
        assert all(reason.endswith(".") for reason in reasons.values() if reason)
    assert reason_against("run again", "failed") == reason_against("stop", "running") == ""


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6), st.booleans()), max_size=14))
def test_ui_sc_16_any_job_can_be_laid_out(edges):
    """UI-SC-16: children stand behind their parents, except inside circles; every circle is found."""
    job = picture("job", edges, {})
    layers = {node.id: node.layer for node in job.nodes}
    inside = {one for circle in job.circles for one in circle}
    for parent, child in job.edges:
        assert layers[parent] < layers[child] or {parent, child} <= inside
    assert all((one, one) not in job.edges or one in inside for one in layers)


def test_ui_sc_06_the_ticket_of_a_failed_run(tmp_path):
    """UI-SC-06: the run names it; one of another program's worker is found by its time and error, or not at all."""
    named = "Ticket: shop/127.0.0.1.2026-11-20.11-19-01.abc\nTraceback\nKeyError: 'price'"
    assert ticket_of_run(tmp_path, "shop", 0.0, 1.0, named) == "127.0.0.1.2026-11-20.11-19-01.abc"
    assert ticket_of_run(tmp_path, "lab", 0.0, 1.0, named) == ""
    assert ticket_of_run(tmp_path, "shop", 0.0, 1.0, "KeyError: 'price'") == ""


def test_desk_08_applications_with_a_scheduler_are_told_by_their_models(tmp_path):
    """DESK-08: nothing is run; a model scheduler.py counts, and one that makes a Scheduler."""
    for name, file, text in (
        ("shop", "tasks.py", "s = Scheduler(db)"),
        ("lab", "scheduler.py", ""),
        ("plain", "db.py", "import os"),
    ):
        folder = tmp_path / "applications" / name
        (folder / "models").mkdir(parents=True)
        (folder / "controllers").mkdir()
        (folder / "models" / file).write_text(text)
    assert applications_with_scheduler(tmp_path) == ["lab", "shop"]
