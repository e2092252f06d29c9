"""Pages, filters and counts over the scheduler's tables."""

from __future__ import annotations

import datetime
import itertools
import time

import pytest

from runtime.admin.scheduler import figures, timeline
from runtime.admin.scheduler.entries import RunTexts, TaskDetail, from_json
from runtime.admin.scheduler.service import open_scheduler
from runtime.foundation.problems import UserError


def ago(seconds):
    return datetime.datetime.now() - datetime.timedelta(seconds=seconds)


def names(answer):
    return [row["name"] for row in answer["rows"]]


def test_ui_sc_02_counts_of_each_state_and_late_beside_queued(shop):
    """UI-SC-02: chips count states; a late task is a queued one, too; a waiting disabled one is not."""
    shop.task("soon", start_time=time.time() + 600)
    shop.task("late", next_run_time=ago(60), start_time=time.time() - 100)
    disabled = shop.task("off")
    shop.ask("act", order="disable", ids=[disabled])
    for status in ("RUNNING", "FAILED", "FAILED", "COMPLETED"):
        shop.task(status.lower(), status=status)
    counts = shop.ask("counts")
    assert counts == {
        "all": 7, "queued": 2, "disabled": 1, "running": 1, "failed": 2, "completed": 1, "late": 1,
    }  # fmt: skip
    assert names(shop.ask("tasks", chosen=["late"])) == ["late"]
    assert names(shop.ask("tasks", chosen=["disabled", "running"])) == ["running", "off"]
    assert shop.ask("tasks", text="late")["rows"][0]["state"] == "late"


WORDS = [
    ("fn:load*", ["stock"]),
    ("app:other", ["foreign"]),
    ("app:shop group:slow", ["stock"]),
    ("-app:shop", ["foreign"]),
    ("NEWS", ["news"]),
    ('"big news"', []),
    ("before:2h", ["stock"]),
    ("after:2h", ["news"]),
    ("-after:2h", ["foreign", "stock"]),
    ("next:1h", ["news"]),
    ("state:failed,running", ["stock"]),
    ("worker:office*", ["stock"]),
    ("100%", []),
    ("nonsense:1 news", ["news"]),
]


def test_ui_sc_04_filter_words(shop):
    """UI-SC-04: each word means what its help says, on every database."""
    shop.task("news", last_run_time=ago(600))
    shop.task(
        "stock", function="load_csv", group_name="slow", status="FAILED", last_run_time=ago(9000),
        assigned_worker_name="office#1",
    )  # fmt: skip
    foreign = shop.task("foreign", start_time=time.time() + 9000)
    shop.write("UPDATE scheduler_task SET application_name = ? WHERE id = ?", "other/default", foreign)
    answers = {text: sorted(names(shop.ask("tasks", text=text))) for text, _ in WORDS}
    assert answers == {text: sorted(found) for text, found in WORDS}


ORDERS = ("next", "id", "name", "last", "runs", "state", "failed", "worker")


def test_ui_sc_03_pages_by_key_show_each_task_once_in_order(shop):
    """UI-SC-03, UI-SC-22: page by page in any order gives the same as all at once."""
    for at in range(11):
        status = ("QUEUED", "COMPLETED", "FAILED")[at % 3]
        last = None if at % 4 == 0 else ago(100 * (at % 5))
        shop.task(f"t{at % 4}", status=status, last_run_time=last, times_run=at % 3, times_failed=at % 2)
    for order, down in itertools.product(ORDERS, (False, True)):
        whole = [row["id"] for row in shop.ask("tasks", order=order, down=down)["rows"]]
        assert len(whole) == 11
        paged, after = [], None
        while True:
            page = shop.ask("tasks", order=order, down=down, after=after, limit=3)
            paged += [row["id"] for row in page["rows"]]
            after = page["following"]
            if after is None:
                break
        assert paged == whole, (order, down)


def test_ui_sc_03_what_runs_next_comes_first(shop):
    """UI-SC-03: ordered by next run, tasks that have ended come behind those that will run."""
    shop.task("ended long ago", status="COMPLETED", next_run_time=ago(99999))
    shop.task("later", start_time=time.time() + 900)
    shop.task("now", status="RUNNING")
    assert names(shop.ask("tasks")) == ["now", "later", "ended long ago"]
    assert names(shop.ask("tasks", down=True)) == ["later", "now", "ended long ago"]
    assert shop.ask("tasks")["rows"][2]["next_run"] is None


def test_ui_sc_03_last_result_of_each_task(shop):
    """UI-SC-03: the list says how the latest run ended and how long it took."""
    news, stock = shop.task("news"), shop.task("stock")
    shop.run(news, "FAILED", ago=50)
    shop.run(news, "COMPLETED", ago=20, seconds=12)
    rows = {row["id"]: row for row in shop.ask("tasks_by_id", ids=[news, stock])["rows"]}
    assert (rows[news]["last_status"], rows[news]["last_seconds"]) == ("COMPLETED", 12)
    assert (rows[stock]["last_status"], rows[stock]["last_seconds"]) == ("", None)


def test_ui_sc_05_detail_with_next_times_and_parents(shop):
    """UI-SC-05, UI-SC-16: arguments, next five times, what it waits for."""
    first = shop.task("first", repeats=10, period=300)
    child = shop.task("child", repeats=0, cronline="*/5 * * * *", vars='{"list": "news"}')
    shop.write(
        "INSERT INTO scheduler_task_deps (job_name, task_parent, task_child, can_visit) "
        f"VALUES ('job', ?, ?, {shop.connection.false})",
        first, child,
    )  # fmt: skip
    answer = shop.ask("task", task_id=child)
    detail = from_json(TaskDetail, answer)
    assert detail.vars == '{"list": "news"}'
    assert detail.parents == ((first, "first", "QUEUED"),)
    assert detail.task.blocked
    assert len(answer["times"]) == 5
    assert {round(b - a) for a, b in zip(answer["times"], answer["times"][1:], strict=False)} == {300}
    assert len(shop.ask("task", task_id=first)["times"]) == 5
    with pytest.raises(UserError, match="not there any more"):
        shop.ask("task", task_id=999)


def test_ui_sc_06_runs_with_texts_newest_first(shop):
    """UI-SC-06: output, result, traceback; the last line of the traceback in the list; long output is cut."""
    news = shop.task()
    old = shop.run(news, "COMPLETED", ago=100, run_output="x" * 1000 + "end", run_result="10")
    bad = shop.run(news, "FAILED", ago=50, traceback="Traceback:\n  line\nKeyError: 'price'\n")
    page = shop.ask("runs")
    assert [row["id"] for row in page["rows"]] == [bad, old]
    assert page["rows"][0]["error"] == "KeyError: 'price'"
    assert page["rows"][0]["name"] == "news"
    texts = from_json(RunTexts, shop.ask("run", run_id=old, limit=100))
    assert (texts.output[-3:], len(texts.output), texts.output_size, texts.result) == ("end", 100, 1003, "10")
    assert [row["id"] for row in shop.ask("runs", text="error:keyerror")["rows"]] == [bad]
    assert [row["id"] for row in shop.ask("runs", text="output:END longer:1s")["rows"]] == []
    assert [row["id"] for row in shop.ask("runs", chosen=["completed"], text=f"id:{news}")["rows"]] == [old]
    assert shop.ask("counts", runs=True, text="news") == {"all": 2, "completed": 1, "failed": 1}


def test_ui_sc_06_longer_counts_a_running_one_until_now(shop):
    """UI-SC-04: longer: looks at the time a run took, for a running one until now."""
    news = shop.task()
    long = shop.run(news, ago=500, seconds=100)
    shop.run(news, ago=500, seconds=20)
    running = shop.run(news, "RUNNING", ago=90)
    assert {row["id"] for row in shop.ask("runs", text="longer:1min")["rows"]} == {long, running}


def test_ui_sc_22_counts_in_pieces_add_up(shop):
    """UI-SC-22: an exact count is made of pieces, so that it can be called off."""
    news = shop.task()
    ids = [shop.run(news, "FAILED" if at % 3 else "COMPLETED") for at in range(9)]
    bounds = shop.ask("bounds", runs=True)
    assert bounds["least"] == ids[0]
    assert bounds["most"] == ids[-1]
    whole = shop.ask("counts", runs=True)
    parts = [shop.ask("counts", runs=True, start=at, stop=at + 4) for at in range(ids[0], ids[-1] + 1, 4)]
    assert sum(part["all"] for part in parts) == whole["all"] == 9
    assert sum(part.get("failed", 0) for part in parts) == whole["failed"] == 6


def test_ui_sc_13_hints(shop):
    """UI-SC-13, UI-SV-17: due without a worker, a group nobody serves, failing every time."""
    assert shop.ask("hints") == []
    shop.task("late", next_run_time=ago(60), start_time=time.time() - 100, group_name="slow")
    failing = shop.task("failing", times_failed=5, retry_failed=-1)
    kinds = {hint["kind"]: hint for hint in shop.ask("hints")}
    assert kinds["no worker"]["sentence"] == "1 task is due and no worker runs."
    assert kinds["failing"]["task_id"] == failing
    shop.worker()
    sentences = [hint["sentence"] for hint in shop.ask("hints")]
    assert "1 task of group slow waits and no worker serves it." in sentences


def test_ui_sc_15_figures_per_function(shop):
    """UI-SC-15: runs, failures, median and 95th percentile by function, and over time."""
    news, stock = shop.task(), shop.task("stock", function="load_csv")
    for at in range(20):
        shop.run(news, "FAILED" if at < 2 else "COMPLETED", ago=100, seconds=at)
    shop.run(stock, ago=100000)
    answer = shop.ask("throughput", seconds=3600)
    (one,) = answer["functions"]
    assert (one["function"], one["runs"], one["failed"], one["median"], one["p95"]) == (
        "send_mails", 20, 2, 9.5, 19,
    )  # fmt: skip
    assert sum(bar[0] for bar in answer["bars"]) == 20
    assert sum(bar[1] for bar in answer["bars"]) == 2
    assert answer["complete"]


def test_ui_sc_14_runs_over_time(shop):
    """UI-SC-14: a lane for each worker or function; runs that touch are one bar, failures keep their moment."""
    news, stock = shop.task(), shop.task("stock", function="load_csv")
    for at in range(6):
        shop.run(news, ago=1000 - at, seconds=1, worker_name="one")
    failed = shop.run(stock, "FAILED", ago=500, seconds=30, worker_name="one")
    running = shop.run(stock, "RUNNING", ago=60, worker_name="two")
    shop.run(stock, ago=100_000, worker_name="gone")
    found = shop.ask("timeline", seconds=3600, by="worker")
    assert found["complete"]
    assert [(lane["name"], lane["runs"], lane["failed"]) for lane in found["lanes"]] == [
        ("one", 7, 1),
        ("two", 1, 0),
    ]
    one, two = found["lanes"]
    assert [(each["runs"], each["failed"], each["running"]) for each in one["stretches"]] == [
        (6, 0, False),
        (1, 1, False),
    ]
    assert one["stretches"][0]["stop"] - one["stretches"][0]["start"] == pytest.approx(6, abs=2)
    assert [(each["id"], each["status"]) for each in one["failures"]] == [(failed, "FAILED")]
    assert (two["stretches"][0]["id"], two["stretches"][0]["running"]) == (running, True)
    assert two["stretches"][0]["stop"] == found["until"]
    by_function = shop.ask("timeline", seconds=3600, by="function")["lanes"]
    assert [(lane["name"], lane["runs"]) for lane in by_function] == [("load_csv", 2), ("send_mails", 6)]


def test_ui_sc_14_a_timeline_is_bounded(shop, monkeypatch):
    """UI-SC-14: of too many runs the latest, of too many lanes the latest; both are said."""
    monkeypatch.setattr(figures, "MOST_RUNS", 20)
    monkeypatch.setattr(figures, "_PAGE", 10)
    monkeypatch.setattr(timeline, "MOST_LANES", 3)
    task = shop.task()
    for at in range(25):
        shop.run(task, ago=2500 - 100 * at, seconds=0, worker_name=f"w{at % 5}")
    found = shop.ask("timeline", seconds=3600, by="worker")
    assert not found["complete"]
    assert 1950 < found["until"] - found["since"] < 2050
    assert (len(found["lanes"]), found["more_lanes"]) == (3, 2)
    assert [len(lane["stretches"]) for lane in found["lanes"]] == [4, 4, 4]


def test_ui_sc_16_jobs(shop):
    """UI-SC-16: a job's layers, what is blocked and why, and circles."""
    a, b, c = (shop.task(name) for name in "abc")
    for parent, child in ((a, b), (b, c), (c, b)):
        shop.write(
            "INSERT INTO scheduler_task_deps (job_name, task_parent, task_child, can_visit) "
            f"VALUES ('nightly', ?, ?, {shop.connection.false})",
            parent, child,
        )  # fmt: skip
    assert shop.ask("jobs") == [{"name": "nightly", "tasks": 2, "waiting": 3}]
    job = shop.ask("job", name="nightly")
    assert job["circles"] == [sorted((b, c))]
    nodes = {node["name"]: node for node in job["nodes"]}
    assert nodes["a"]["why"] == ""
    assert "waits for itself" in nodes["b"]["why"]
    shop.write("DELETE FROM scheduler_task_deps WHERE task_parent = ?", c)
    shop.write("UPDATE scheduler_task SET status = 'FAILED' WHERE id = ?", a)
    nodes = {node["name"]: node for node in shop.ask("job", name="nightly")["nodes"]}
    assert [nodes[name]["layer"] for name in "abc"] == [0, 1, 2]
    assert nodes["b"]["why"] == "It waits for a, which has failed: run that one again."


def test_desk_16_where_the_tables_are(lite_shop, tmp_path):
    """DESK-16, UI-SC-21: engine and name, no address with its password; an unknown call is refused."""
    found = lite_shop.ask("database")
    assert (found["name"], found["engine"], found["local"], found["heartbeat"]) == ("db", "sqlite", True, 1.0)
    with pytest.raises(UserError, match="can not be asked"):
        lite_shop.ask("__init__")


def test_ui_sc_24_applications_without_a_scheduler(tmp_path):
    """UI-SC-24: one sentence."""
    (tmp_path / "applications" / "plain" / "models").mkdir(parents=True)
    with pytest.raises(UserError, match="no scheduler"), open_scheduler(str(tmp_path), "plain"):
        pass
    with pytest.raises(UserError, match="nope"), open_scheduler(str(tmp_path), "nope"):
        pass
