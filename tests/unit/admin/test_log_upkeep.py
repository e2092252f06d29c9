"""Logs put aside by hand and removed by age and size (LG-07)."""

from __future__ import annotations

import logging
import os

import pytest

from runtime.admin.log_upkeep import Removed, put_all_aside, remove_old
from runtime.admin.logs import LogProblem
from runtime.foundation.log_files import KeptLog

NOW, DAY = 1_800_000_000.0, 86_400


@pytest.fixture
def site(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path


def put(site, name: str, size: int, days: float) -> None:
    path = site / "logs" / name
    path.write_bytes(b"x" * size)
    os.utime(path, (NOW - days * DAY,) * 2)


def names(site) -> set[str]:
    return {path.name for path in (site / "logs").iterdir() if not path.name.startswith(".")}


def test_lg_07_put_aside_while_it_is_written(site):
    """LG-07: the lines so far get the number 1, older ones move up; who writes goes on in a new file; empty ones stay."""
    log = KeptLog(site / "logs/server.log", 1_000_000, 5)
    (site / "logs/server.log.1").write_text("older\n")
    (site / "logs/cron.log").touch()
    log.handle(logging.makeLogRecord({"name": "web2py", "msg": "before", "levelno": 20, "levelname": "INFO"}))
    assert put_all_aside(site) == ["server"]
    log.handle(logging.makeLogRecord({"name": "web2py", "msg": "after", "levelno": 20, "levelname": "INFO"}))
    log.close()
    assert (site / "logs/server.log").read_text().endswith("after\n")
    assert (site / "logs/server.log.1").read_text().endswith("before\n")
    assert (site / "logs/server.log.2").read_text() == "older\n"
    assert "cron.log.1" not in names(site)
    assert put_all_aside(site.parent / "nowhere") == []


def test_lg_07_no_more_than_five_stay(site):
    """LG-07: as many as the program itself leaves, of a worker two."""
    for turn in range(8):
        for name in ("server.log", "worker.shop.a.log"):
            (site / "logs" / name).write_text(f"{turn}\n")
        put_all_aside(site)
    assert names(site) == {
        *(f"server.log.{n}" for n in range(1, 6)),
        *(f"worker.shop.a.log.{n}" for n in (1, 2)),
    }
    assert (site / "logs/server.log.5").read_text() == "3\n"


def test_lg_07_the_rest_is_put_aside_when_one_refuses(site, monkeypatch):
    """LG-07: which one, and why."""
    put(site, "server.log", 5, 0)
    put(site, "cron.log", 5, 0)
    replace = os.replace

    def refuse(old, new):
        if str(old).endswith("server.log"):
            raise PermissionError(13, "in use by another program")
        replace(old, new)

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(LogProblem, match=r"server\.log: in use by another program"):
        put_all_aside(site)
    assert names(site) == {"server.log", "cron.log.1"}


def test_lg_07_old_ones_go_by_age(site):
    """LG-07: those put aside, and those of workers that are gone; never a log that is kept."""
    for name, days in (
        ("server.log", 90), ("server.log.1", 5), ("server.log.2", 40), ("access.log.1", 31), ("access.log", 0),
        ("worker.shop.gone.log", 35), ("worker.shop.new.log", 0.01), ("notes.log.txt", 90),
    ):  # fmt: skip
        put(site, name, 10, days)
    assert remove_old(site, 30, 0, NOW) == Removed(3, 30)
    assert names(site) == {"server.log", "server.log.1", "access.log", "worker.shop.new.log", "notes.log.txt"}
    assert remove_old(site, 0, 0, NOW) == Removed(0, 0)


def test_lg_07_old_ones_go_by_size_the_oldest_first(site):
    """LG-07: until all together are small enough; what is written stays even when that alone is too much."""
    for name, days in (("server.log", 0), ("server.log.1", 1), ("server.log.2", 3), ("access.log.1", 2)):
        put(site, name, 1_000_000, days)
    put(site, "worker.shop.new.log", 10, 0.01)  # it may still be written
    assert remove_old(site, 0, 2, NOW).files == 3
    assert names(site) == {"server.log", "worker.shop.new.log"}
    (site / "logs/worker.shop.new.log").unlink()
    put(site, "server.log.1", 1_000_000, 1)
    assert remove_old(site, 0, 2, NOW) == Removed(0, 0)
    assert remove_old(site, 0, 1, NOW).files == 1
    put(site, "server.log", 3_000_000, 0)
    assert remove_old(site, 0, 1, NOW) == Removed(0, 0)
