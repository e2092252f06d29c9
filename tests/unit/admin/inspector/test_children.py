"""How many children there are, and what they may send (issue 9: limits of time, memory, output)."""

from __future__ import annotations

import sqlite3
import sys
import time
from pathlib import Path

import psutil
import pytest

from runtime.admin.inspector import InspectorProblem, Inspectors, Limits
from runtime.admin.inspector import pool as pool_module
from tests.processes import lives


def test_only_few_children_live_at_a_time(application, inspectors, monkeypatch):
    """Issue 9: with many applications the child not used for longest is ended; it comes back when it is asked."""
    monkeypatch.setattr(pool_module, "MOST", 2)
    made = [application("db = DAL('sqlite://storage.sqlite')\n", f"app{at}") for at in range(3)]
    for at in range(3):
        assert inspectors.of(f"app{at}").describe()["loads"]
    living = [one for one in made if one.pid is not None]
    assert made[0] not in living
    assert len(living) == 2
    assert made[0].ask("describe")["loads"]


def test_an_answer_that_is_too_long_is_refused(site: Path):
    """Issue 9: limit of output; the child lives on."""
    folder = site / "applications" / "shop"
    for part in ("models", "databases"):
        (folder / part).mkdir(parents=True)
    (folder / "models" / "db.py").write_text(
        "db = DAL('sqlite://storage.sqlite')\ndb.define_table('thing', Field('name', 'text'))\n"
    )
    db = sqlite3.connect(folder / "databases" / "storage.sqlite")
    db.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT)")
    db.execute("INSERT INTO thing VALUES (1, ?)", ("x" * 500_000,))
    db.commit()
    db.close()
    with Inspectors(site, Limits(answer=100_000)) as inspectors:
        shop = inspectors.of("shop")
        with pytest.raises(InspectorProblem) as caught:
            shop.ask("value", database="db", table="thing", key=[1], field="name", most=1_000_000)
        assert caught.value.kind == "output"
        assert shop.ask("count", database="db", table="thing")["count"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_child_that_was_killed_from_outside_is_replaced(application):
    """Issue 9: whatever ends a child, the next question has a new one."""
    inspector = application("db = DAL('sqlite://storage.sqlite')\n")
    assert inspector.describe()["loads"]
    first = inspector.pid
    psutil.Process(first).kill()
    until = time.monotonic() + 60
    while lives(first):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert inspector.ask("describe")["loads"]
    assert inspector.pid != first
