"""What a ticket costs: python tests/benchmarks/bench_tickets.py

1. A failing request with its ticket against the same request whose error is only formatted (peer: `traceback`).
2. Capture against stack_data, which was considered for it.
3. 10 000 tickets: list, groups read for the first time, groups known from before.
4. A burst of failing requests beside other visitors: disk used, latency of the others.
"""

from __future__ import annotations

import json
import logging
import os
import statistics
import sys
import tempfile
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))


import runtime.web.application as application_module
from runtime.errors import Ticket, capture, group_tickets, list_tickets, record
from runtime.errors.sampling import Sampler
from runtime.web.application import Application
from runtime.web.client import TestClient

MODEL = "rows = [dict(id=n, name='thing %d' % n, price=n * 1.5) for n in range(200)]\nsettings = dict(title='Shop')\n"
CONTROLLER = """
def total(rows, share):
    return sum(row['price'] for row in rows) / share

def index():
    chosen = [row for row in rows if row['id'] % 2]
    return dict(total=total(chosen, 0))

def fine():
    return 'fine'
"""


def make_site(folder: Path) -> Path:
    """Write the application `shop` and return its folder."""
    shop = folder / "applications" / "shop"
    for name, text in (("models/db.py", MODEL), ("controllers/default.py", CONTROLLER)):
        path = shop / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return shop


def timed(function: Callable[[], object], times: int) -> float:
    """Return the median of the milliseconds that `function` takes."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        function()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def format_only(folder: str, application: str, error: BaseException, **_parts: object) -> tuple[str, None]:
    """Peer of `record_error`: the traceback as text, nothing kept."""
    "".join(traceback.format_exception(error))
    return f"{application}/{uuid.uuid4()}", None


def bench_request(site: Path) -> None:
    """A failing request with and without its ticket."""
    client = TestClient(Application(site))

    def visit() -> None:
        assert client.get("/shop/default/index").status_code == 500

    real = application_module.record_error
    visit()
    record._SAMPLER = Sampler()
    with_ticket = timed(visit, 40)
    for _ in range(60):
        visit()
    counted = timed(visit, 60)
    application_module.record_error = format_only
    plain = timed(visit, 60)
    application_module.record_error = real
    print(f"failing request, error only formatted   {plain:8.2f} ms   1.0x")
    print(f"failing request, ticket written         {with_ticket:8.2f} ms  {with_ticket / plain:4.1f}x")
    print(f"failing request, repeat counted         {counted:8.2f} ms  {counted / plain:4.1f}x")


def shop_error(shop: Path) -> BaseException:
    """Return an error of the application with the frames of its controller."""
    path = shop / "controllers" / "default.py"
    names: dict[str, object] = {"rows": [dict(id=n, price=1.0) for n in range(200)]}
    exec(compile(path.read_text("utf-8"), str(path), "exec"), names)
    try:
        names["index"]()  # type: ignore[operator]
    except ZeroDivisionError as error:
        return error
    raise AssertionError


def bench_capture(shop: Path) -> None:
    """`capture` against stack_data with the same lines and values."""
    import stack_data

    error = shop_error(shop)

    def with_stack_data() -> None:
        options = stack_data.Options(before=6, after=4)
        for frame in stack_data.FrameInfo.stack_data(error.__traceback__, options):
            if isinstance(frame, stack_data.FrameInfo):
                [line.render() for line in frame.lines if isinstance(line, stack_data.Line)]
                [(variable.name, repr(variable.value)[:1000]) for variable in frame.variables]

    own = timed(lambda: capture("shop", error), 60)
    other = timed(with_stack_data, 60)
    print(f"capture, 3 frames                       {own:8.2f} ms   1.0x")
    print(f"stack_data, values unbounded            {other:8.2f} ms  {other / own:4.1f}x")


def bench_listing(folder: Path, shop: Path, count: int = 10_000) -> None:
    """List and group `count` tickets of 40 kinds."""
    target = folder / "many"
    sample = capture("shop", shop_error(shop))
    errors = target / "errors"
    errors.mkdir(parents=True)

    for number in range(count):
        name = f"10.0.0.{number % 250}.2026-11-{number % 20 + 1:02}.10-{number % 60:02}-00.{uuid.uuid4()}"
        ticket = replace(sample, id=name, group=f"{number % 40:016x}")
        (errors / f"{name}.json").write_text(json.dumps(ticket.to_json(), indent=1), "ascii")
    known: dict[str, Ticket] = {}
    for words, function in (
        (f"{count} tickets listed", lambda: list_tickets(target)),
        (f"{count} tickets grouped, first time", lambda: group_tickets(target, known)),
        (f"{count} tickets grouped, known before", lambda: group_tickets(target, known)),
    ):
        began = time.perf_counter()
        function()
        print(f"{words:40}{(time.perf_counter() - began) * 1000:8.0f} ms")
    size = sum(entry.stat().st_size for entry in os.scandir(errors)) / count
    print(f"{'size of one ticket':40}{size / 1000:8.1f} kB")


def bench_burst(site: Path, shop: Path, seconds: float = 3.0) -> None:
    """Failing requests from two threads beside one thread of other visitors."""
    application = Application(site)
    record._SAMPLER = Sampler()
    before = sum(group.count for group in group_tickets(shop))
    stop = threading.Event()
    failures = [0, 0]

    def fail(at: int) -> None:
        client = TestClient(application)
        while not stop.is_set():
            client.get("/shop/default/index")
            failures[at] += 1

    def visit(times: float) -> list[float]:
        client, taken, end = TestClient(application), [], time.perf_counter() + times
        while time.perf_counter() < end:
            began = time.perf_counter()
            client.get("/shop/default/fine")
            taken.append((time.perf_counter() - began) * 1000)
            time.sleep(0.002)
        return sorted(taken)

    def run(words: str) -> None:
        stop.clear()
        failures[:] = [0, 0]
        threads = [threading.Thread(target=fail, args=(at,)) for at in (0, 1)]
        [thread.start() for thread in threads]
        taken = visit(seconds)
        stop.set()
        [thread.join() for thread in threads]
        late = taken[int(len(taken) * 0.95)]
        print(
            f"{words:40}{statistics.median(taken):8.2f} ms median, {late:.2f} ms 95 %, {sum(failures) / seconds:.0f} errors/s"
        )

    alone = visit(1.0)
    print(
        f"{'other visitors, nobody fails':40}{statistics.median(alone):8.2f} ms median, {alone[int(len(alone) * 0.95)]:.2f} ms 95 %"
    )
    files = len(os.listdir(shop / "errors"))
    run("other visitors, errors with tickets")
    total = sum(failures)
    after = sum(group.count for group in group_tickets(shop))
    written = len(os.listdir(shop / "errors")) - files
    print(f"{'counted of the burst':40}{after - before:8} of {total}; files written {written}")
    real = application_module.record_error
    application_module.record_error = format_only
    run("other visitors, errors only formatted")
    application_module.record_error = real


def main() -> None:
    """Run all."""
    logging.getLogger("web2py").addHandler(logging.NullHandler())
    logging.getLogger("web2py").propagate = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shop = make_site(folder)
        bench_request(folder)
        bench_capture(shop)
        bench_listing(folder, shop)
        bench_burst(folder, shop)


if __name__ == "__main__":
    main()
