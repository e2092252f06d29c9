"""Cost of models and queries at each request, in CPU microseconds, against others in the same run.

Run it as ``python tests/benchmarks/bench_dal.py``. W1: 3 tables, no query.
W7: 30 tables of 9 fields, one query, commit. W4: 20 of 1000 rows joined with
the rows they refer to, read out. "rebuilt" makes the tables at each request,
"once" before the first.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pydal
import sqlalchemy as sa
from sqlalchemy import orm

from runtime import dal
from runtime.dal import validators as v

ROUNDS, REQUESTS = 5, 60
Work = Callable[[], Any]


def models(kit: Any, folder: str, count: int) -> Any:
    """Define `count` tables as model files do: labels, defaults, validators, references."""
    db = kit.DAL("sqlite://bench.sqlite", folder=folder)
    F = kit.Field
    for number in range(count):
        fields = [
            F("name", length=100, requires=v.IS_NOT_EMPTY()),
            F("body", "text", label="Body"),
            F("amount", "integer", default=3),
            F("price", "double", requires=v.IS_FLOAT_IN_RANGE(0, 100)),
            F("day", "date"),
            F("made_on", "datetime", writable=False),
            F("active", "boolean", default=True),
            F("code", notnull=True, default=""),
        ]
        if number:
            fields.append(F("parent_id", f"reference t{number - 1}"))
        db.define_table(f"t{number}", *fields, format="%(name)s")
    return db


def joined(db: Any) -> list[Any]:
    """Read 20 of 1000 rows with the row each refers to."""
    rows = db(db.t1.parent_id == db.t0.id).select(db.t1.ALL, db.t0.ALL, orderby=db.t1.name, limitby=(0, 20))
    return [(row.t1.id, row.t1.name, row.t1.price, row.t0.name) for row in rows]


def filled(kit: Any, count: int) -> str:
    """Make a database with 10 and 1000 rows in the first two tables; return its folder."""
    folder = tempfile.mkdtemp(prefix="bench-dal-")
    db = models(kit, folder, count)
    for number in range(10):
        db.t0.insert(name=f"parent {number}")
    for number in range(1000):
        db.t1.insert(name=f"child {number:04}", parent_id=1 + number % 10, price=number / 3)
    db.commit()
    db.close()
    return folder


def per_request(kit: Any, count: int, use: Callable[[Any], Any]) -> Work:
    """The models rebuilt at each request."""
    folder = filled(kit, count)

    def ours() -> Any:
        dal.begin_request()
        out = use(models(dal, folder, count))
        dal.finish(commit=True)
        return out

    def theirs() -> Any:
        db = models(pydal, folder, count)
        out = use(db)
        db.commit()
        db.close()
        return out

    return ours if kit is dal else theirs


def once(count: int, use: Callable[[Any], Any]) -> Work:
    """pydal with tables that live as long as the process."""
    db = models(pydal, filled(pydal, count), count)

    def work() -> Any:
        out = use(db)
        db.commit()
        return out

    return work


def alchemy(count: int) -> tuple[Work, Work, Work, Work]:
    """Return simple query and join with SQLAlchemy, by core and by ORM; tables defined once."""
    engine = sa.create_engine(f"sqlite:///{filled(pydal, count)}/bench.sqlite")
    base: Any = orm.declarative_base()

    def columns() -> dict[str, Any]:
        kinds = {
            "body": sa.Text,
            "amount": sa.Integer,
            "price": sa.Float,
            "active": sa.String,
            "code": sa.String,
        }
        return {
            "id": sa.Column(sa.Integer, primary_key=True),
            "name": sa.Column(sa.String),
            "day": sa.Column(sa.Date),
            "made_on": sa.Column(sa.DateTime),
        } | {name: sa.Column(kind) for name, kind in kinds.items()}

    t0 = type("T0", (base,), {"__tablename__": "t0", **columns()})
    t1 = type(
        "T1",
        (base,),
        {
            "__tablename__": "t1",
            "parent_id": sa.Column(sa.ForeignKey("t0.id")),
            "parent": orm.relationship(t0, lazy="joined", innerjoin=True),
            **columns(),
        },
    )
    a, b = t0.__table__, t1.__table__

    def core_one() -> Any:
        with engine.begin() as connection:
            return connection.execute(sa.select(a).where(a.c.id > 0).limit(10)).all()

    def orm_one() -> Any:
        with orm.Session(engine) as session:
            out = session.scalars(sa.select(t0).where(t0.id > 0).limit(10)).all()
            session.commit()
            return out

    def core_join() -> Any:
        with engine.begin() as connection:
            query = (
                sa.select(b, a.c.name.label("parent"))
                .join(a, b.c.parent_id == a.c.id)
                .order_by(b.c.name)
                .limit(20)
            )
            return [(row.id, row.name, row.price, row.parent) for row in connection.execute(query)]

    def orm_join() -> Any:
        with orm.Session(engine) as session:
            found = session.scalars(sa.select(t1).order_by(t1.name).limit(20)).all()
            out = [(row.id, row.name, row.price, row.parent.name) for row in found]
            session.commit()
            return out

    return core_one, orm_one, core_join, orm_join


def cost(work: Work) -> float:
    """Return CPU microseconds per call, the least of some rounds."""
    for _ in range(3):
        work()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(REQUESTS):
            work()
        best = min(best, (time.process_time() - began) / REQUESTS * 1e6)
    return best


def show(title: str, works: dict[str, Work]) -> None:
    """Print costs and their ratios to the first."""
    print(title)
    base = 0.0
    for name, work in works.items():
        value = cost(work)
        base = base or value
        print(f"  {name:28} {value:9.0f} us  {value / base:6.2f} x")


def one(db: Any) -> Any:
    """The query of W7."""
    return db(db.t0.id > 0).select(limitby=(0, 10))


def nothing(db: Any) -> Any:
    """W1 sends no query."""


def main() -> None:
    """Measure and print."""
    logging.getLogger("pydal").setLevel(logging.ERROR)
    core_one, orm_one, core_join, orm_join = alchemy(2)
    assert once(2, joined)() == per_request(dal, 2, joined)() == core_join() == orm_join()
    show(
        "W1: 3 tables",
        {"ours": per_request(dal, 3, nothing), "pydal rebuilt": per_request(pydal, 3, nothing)},
    )
    show(
        "W7: 30 tables, one query",
        {
            "ours": per_request(dal, 30, one),
            "pydal rebuilt": per_request(pydal, 30, one),
            "pydal once": once(30, one),
            "SQLAlchemy core, once": core_one,
            "SQLAlchemy ORM, once": orm_one,
        },
    )
    show(
        "W4: 20 of 1000 rows, joined",
        {
            "ours": per_request(dal, 2, joined),
            "pydal rebuilt": per_request(pydal, 2, joined),
            "pydal once": once(2, joined),
            "SQLAlchemy core, once": core_join,
            "SQLAlchemy ORM, once": orm_join,
        },
    )


if __name__ == "__main__":
    main()
