"""A page of `SQLFORM.grid` over many rows against one count and one select of the same rows in the same run.

    python tests/benchmarks/bench_grid.py [--rows 1000000] [--postgres URI]

Milliseconds a request, the least of some rounds: CPU of this process with SQLite, which runs in it; with PostgreSQL
waiting for it, too. "queries" is a request of the same application that counts and
selects the rows with the DAL and shows nothing: what a page of a grid cannot do without. "statements" is what the
grid sent: a count, the rows, and the table they refer to. All of them ask SQLite anew; "again" is the grid when
nobody has written since the page was shown last, and the answers that were kept are used.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from runtime.web.application import Application

ROUNDS = 9
MODEL = """
db = DAL({uri!r})
db._adapter.keeps_answers = bool(request.get_vars.again)
db.define_table('grid_owner', Field('name'), format='%(name)s')
db.define_table('grid_thing', Field('name'), Field('code', length=20), Field('price', 'integer'),
    Field('owner', 'reference grid_owner'))
"""
CONTROLLER = """
import time
def fill():
    rows = int(request.args(0))
    db.grid_owner.bulk_insert([dict(name='owner %d' % n) for n in range(100)])
    first = db(db.grid_owner).select(limitby=(0, 1)).first().id
    db.commit()
    source = ("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)" % (rows - 1))
    i = 'CAST(i AS VARCHAR(20))'
    db.executesql("%s INSERT INTO grid_thing(name, code, price, owner) SELECT 'thing ' || %s, %s, (i * 79) %% 5000,"
        " %d + i %% 100 FROM n" % (source, i, i, first))
    for name in ('code', 'price'):
        db.executesql('CREATE INDEX grid_thing_%s ON grid_thing(%s)' % (name, name))
    db.executesql('ANALYZE')
    db.commit()
    return 'x'

def drop():
    db.grid_thing.drop()
    db.grid_owner.drop()
    return 'x'

def grid():
    before = len(db._timings)
    shown = str(SQLFORM.grid(db.grid_thing, user_signature=False))
    return response.json([len(db._timings) - before, shown.count('<tr')])

def queries():
    thing, page = db.grid_thing, int(request.vars.page or 1)
    dbset = db(thing.price == int(request.vars.price)) if request.vars.price else db(thing)
    order = thing.id if not request.vars.order else thing.price | thing.id
    dbset.count()
    rows = dbset.select(orderby=order, limitby=(20 * page - 20, 20 * page))
    return response.json([0, len(rows) + 1])
"""


def build(root: Path, uri: str) -> None:
    """Write the application."""
    for name, text in (("models/db.py", MODEL.format(uri=uri)), ("controllers/default.py", CONTROLLER)):
        path = root / "applications" / "bench" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def ask(site: Application, path: str, query: str = "") -> Any:
    """Send one request; return what it says."""
    environ: dict[str, Any] = {
        "PATH_INFO": f"/bench/default/{path}", "REQUEST_METHOD": "GET", "QUERY_STRING": query,
        "SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_HOST": "localhost", "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(),
    }  # fmt: skip
    status: list[str] = []
    body = b"".join(site(environ, lambda line, *_: status.append(line)))
    assert status[0].startswith("200"), body
    return json.loads(body) if body != b"x" else None


def least(works: list[Callable[[], Any]], clock: Callable[[], float]) -> list[float]:
    """Return milliseconds per call of each by `clock`, the least of some rounds, in turns."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for at, work in enumerate(works):
            began = clock()
            work()
            best[at] = min(best[at], (clock() - began) * 1000)
    return best


def measure(title: str, uri: str, rows: int, clock: Callable[[], float]) -> None:
    """Fill a database, print the figures, drop the tables."""
    with tempfile.TemporaryDirectory(prefix="bench-grid-") as folder:
        build(Path(folder), uri)
        site = Application(Path(folder))
        ask(site, f"fill/{rows}")
        try:
            print(
                f"{title}, {rows} rows\n  {'page':32} {'grid ms':>9} {'queries ms':>11} {'more ms':>8} {'ratio':>6}  statements  again ms"
            )
            last = -(-rows // 20)
            for name, grid, peer in (
                ("first", "", ""),
                ("second", "page=2", "page=2"),
                ("last", f"page={last}", f"page={last}"),
                ("first, order of an index", "order=grid_thing.price", "order=1"),
                ("second, order of an index", "order=grid_thing.price&page=2", "order=1&page=2"),
                ("search in an index", "keywords=grid_thing.price+%3D+%2242%22", "price=42"),
            ):
                sent, lines = ask(site, "grid", grid)
                assert lines == ask(site, "queries", peer)[1], (name, lines)
                works = [
                    lambda q=grid: ask(site, "grid", q),
                    lambda q=peer: ask(site, "queries", q),
                    lambda q=grid: ask(site, "grid", f"{q}&again=1"),
                ]
                ours, theirs, again = least(works, clock)
                print(
                    f"  {name:32} {ours:9.1f} {theirs:11.1f} {ours - theirs:8.1f} {ours / theirs:6.2f}  {sent:10}  {again:8.1f}"
                )
        finally:
            ask(site, "drop")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--postgres", metavar="URI", help="also this database; tables of this script are dropped"
    )
    options = parser.parse_args()
    measure("SQLite", "sqlite://storage.sqlite", options.rows, time.process_time)
    if options.postgres:
        measure("PostgreSQL", options.postgres, options.rows, time.perf_counter)


if __name__ == "__main__":
    main()
