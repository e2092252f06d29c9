"""Figures of the panel Scheduler: ``python tests/benchmarks/bench_scheduler_panel.py [--rows N] [--postgres]``.

A table of runs is asked through a real inspector, as the window does. Each figure stands beside what the same rows
cost in the peers measured in the same run: the page behind OFFSET, and one COUNT over the whole table.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from runtime.admin.inspector import Inspectors, Limits
from runtime.admin.scheduler.service import open_scheduler
from tests.scheduler.databases import postgres_database

PAGE, PIECE, TASKS = 200, 100_000, 1000
MODEL = """
from gluon.scheduler import Scheduler
db = DAL({uri!r})
def send_mails(list, size=10): return size
scheduler = Scheduler(db)
"""


def best(function: Callable[[], Any], times: int = 5) -> float:
    """Shortest of some runs, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        taken.append(1000 * (time.perf_counter() - start))
    return min(taken)


def make_site(site: Path, uri: str) -> None:
    """The application shop with empty tables."""
    folder = site / "applications" / "shop"
    for part in ("models", "databases", "controllers"):
        (folder / part).mkdir(parents=True)
    (folder / "models" / "tasks.py").write_text(MODEL.format(uri=uri))


def fill(site: Path, rows: int) -> None:
    """1 000 tasks and `rows` runs, one in ten of them failed, with output and traceback."""
    with open_scheduler(str(site), "shop") as service:
        connection = service.connection
        link = connection.open()
        cursor = link.cursor()
        if connection.is_sqlite:
            numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) "
            series, source, moment = numbers, "n", "datetime('2026-01-01', '+' || i || ' seconds')"
            later = "datetime('2026-01-01', '+' || (i + i % 60) || ' seconds')"
        else:
            series, source = "", "generate_series(1, {}) AS n(i)"
            moment = "timestamp '2026-01-01' + i * interval '1 second'"
            later = "timestamp '2026-01-01' + (i + i % 60) * interval '1 second'"
        cursor.execute("BEGIN")
        cursor.execute(
            series.format(TASKS)
            + "INSERT INTO scheduler_task (application_name, task_name, group_name, status, function_name, uuid, args, "
            "vars, enabled, start_time, next_run_time, repeats, retry_failed, period, timeout, sync_output, times_run, "
            "times_failed, assigned_worker_name, prevent_drift, broadcast) SELECT 'shop/default', 'task ' || i, 'main', "
            f"'QUEUED', 'send_mails', 'uuid ' || i, '[]', '{{}}', {connection.true}, {moment}, {moment}, 0, 0, 60, 60, "
            f"0, 1, 0, '', {connection.false}, {connection.false} FROM {source.format(TASKS)}"
        )
        first = connection.first("SELECT MIN(id) FROM scheduler_task")[0]
        cursor.execute(
            series.format(rows)
            + "INSERT INTO scheduler_run (task_id, status, start_time, stop_time, run_output, run_result, traceback, "
            f"worker_name) SELECT {first} + i % {TASKS}, CASE WHEN i % 10 = 0 THEN 'FAILED' ELSE 'COMPLETED' END, "
            f"{moment}, {later}, 'sent 120 of 184, 0 refused', '10', CASE WHEN i % 10 = 0 "
            f"THEN 'Traceback: KeyError' ELSE NULL END, 'office#1' FROM {source.format(rows)}"
        )
        cursor.execute("COMMIT")
        for index in ("scheduler_run_task ON scheduler_run (task_id)",
                      "scheduler_task_due ON scheduler_task (status, next_run_time, id)"):  # fmt: skip
            connection.run(f"CREATE INDEX IF NOT EXISTS {index}")
        if connection.is_postgres:
            connection.run("ANALYZE")


def measure(site: Path, rows: int) -> None:
    """Asks as the panel does, and prints."""
    with Inspectors(site, Limits(load=60.0)) as inspectors:
        inspector = inspectors.of("shop")

        def ask(call: str, **arguments: Any) -> Any:
            return inspector.ask("scheduler", limit=120.0, call=call, arguments=arguments)["value"]

        begun = time.perf_counter()
        ask("database")
        print(f"  child started, models run            {1000 * (time.perf_counter() - begun):8.0f} ms")
        most = ask("bounds", runs=True)["most"]
        show("first page of runs", best(lambda: ask("runs", limit=PAGE)))
        show("page in the middle, by key", best(lambda: ask("runs", limit=PAGE, after=most - rows // 2)))
        show("page of failed runs", best(lambda: ask("runs", limit=PAGE, chosen=["failed"])))
        show("page of one task's runs", best(lambda: ask("runs", limit=PAGE, text=f"id:{most % TASKS + 1}")))
        show("words that nothing has", best(lambda: ask("runs", limit=PAGE, text="nothing-like-this"), 2))
        show("first page of tasks, with last runs", best(lambda: ask("tasks", limit=PAGE)))
        show("estimate of the number", best(lambda: ask("bounds", runs=True)))
        pieces = range(0, most + 1, PIECE)

        def count() -> None:
            for start in pieces:
                ask("counts", runs=True, start=start, stop=start + PIECE)

        show(f"exact counts by state, {len(pieces)} pieces", best(count, 2))
        show("figures of a day (20 000 runs)", best(lambda: ask("throughput", seconds=1e9), 2))
        show("dry count of a clean-up", best(lambda: clean(ask), 2))
    with open_scheduler(str(site), "shop") as service:
        connection = service.connection
        show("peer: page in the middle by OFFSET", best(lambda: connection.rows(
            f"SELECT * FROM scheduler_run ORDER BY id DESC LIMIT {PAGE} OFFSET {rows // 2}"), 2))  # fmt: skip
        show("peer: one COUNT by state", best(lambda: connection.rows(
            "SELECT status, COUNT(*) FROM scheduler_run GROUP BY status"), 2))  # fmt: skip


def clean(ask: Callable[..., Any]) -> None:
    """Counts what keeping ten runs of each task would delete."""
    start: int | None = 0
    while start is not None:
        start = ask("clean_up", older=None, keep=10, start=start, dry=True)["following"]


def show(words: str, milliseconds: float) -> None:
    print(f"  {words:36} {milliseconds:8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of scheduler_run")
    parser.add_argument("--postgres", action="store_true", help="also on PostgreSQL")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        uris = {"SQLite": "sqlite://scheduler.sqlite"}
        if given.postgres:
            uris["PostgreSQL"] = stack.enter_context(postgres_database())[0]
        for name, uri in uris.items():
            site = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            make_site(site, uri)
            fill(site, given.rows)
            rows = f"{given.rows:,}".replace(",", " ")
            print(f"{name}, {rows} rows of scheduler_run")
            measure(site, given.rows)


if __name__ == "__main__":
    main()
