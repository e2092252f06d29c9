"""Log files that processes keep in a site (LOG-1, LG-01, LG-07)."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time

import pytest

from runtime.foundation import log_files
from runtime.foundation.log_files import KeptLog, keep_cron_log, keep_worker_log, worker_log
from runtime.foundation.log_lines import parse_log_line


@pytest.fixture(autouse=True)
def handlers_as_before():
    loggers = [logging.getLogger(), logging.getLogger(log_files.CRON)]
    before = [(list(one.handlers), one.level) for one in loggers]
    yield
    for logger, (kept, level) in zip(loggers, before, strict=True):
        for handler in set(logger.handlers) - set(kept):
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(level)


def text_of(folder, pattern="*"):
    return "".join(path.read_text() for path in sorted(folder.glob(pattern), reverse=True))


def test_lg_07_old_files_go_by_themselves(tmp_path):
    """LG-07: the newest lines are in the file itself, so many older ones stay, no line is lost between them."""
    kept = KeptLog(tmp_path / "x.log", 1000, 2)
    for number in range(100):
        kept.add(f"line {number:02d} " + "x" * 50)
    kept.close()
    assert sorted(path.name for path in tmp_path.glob("x.log*")) == ["x.log", "x.log.1", "x.log.2"]
    numbers = [int(line.split()[1]) for line in text_of(tmp_path, "x.log*").splitlines()]
    assert numbers == list(range(numbers[0], 100))
    assert len(numbers) > 30


def test_lg_02_a_file_that_is_moved_or_removed_comes_anew(tmp_path):
    """LG-02: by a person, logrotate, or another process."""
    kept = KeptLog(tmp_path / "x.log", 1000, 2)
    kept.add("one")
    (tmp_path / "x.log").rename(tmp_path / "away")
    kept.add("two")
    (tmp_path / "x.log").unlink()
    kept.add("three")
    kept.close()
    assert (tmp_path / "x.log").read_text() == "three\n"
    assert (tmp_path / "away").read_text() == "one\n"


def write_many(path, word):
    kept = KeptLog(path, 20_000, 9)
    for number in range(400):
        kept.add(f"{word} {number} " + "x" * 80)
    kept.close()


def test_several_processes_write_into_one_file(tmp_path):
    """CRON-20: whole lines, none lost while the files change their names."""
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_many, args=(tmp_path / "x.log", word)) for word in ("a", "b", "c")]
    for one in writers:
        one.start()
    for one in writers:
        one.join(60)
        assert one.exitcode == 0
    lines = [line.split(" ") for line in text_of(tmp_path, "x.log*").splitlines()]
    for word in ("a", "b", "c"):
        assert sorted(
            int(number) for first, number, rest in lines if first == word and rest == "x" * 80
        ) == list(range(400))


def test_lg_07_logs_of_workers_do_not_pile_up(tmp_path, monkeypatch):
    """LG-07: those written last stay, and whatever is fresh; older files of a removed one go with it."""
    monkeypatch.setattr(log_files, "MOST_WORKER_LOGS", 3)
    (tmp_path / "logs").mkdir()
    for age, name in enumerate(("a", "b", "c", "d")):
        path = tmp_path / "logs" / f"{worker_log('shop', name)}.log"
        path.write_text("x")
        path.with_name(f"{path.name}.1").write_text("x")
        when = time.time() - (age + 2) * 3600
        os.utime(path, (when, when))
    (tmp_path / "logs" / "server.log").write_text("x")
    keep_worker_log(tmp_path, "shop", "host#1")
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {
        "server.log", "worker.shop.a.log", "worker.shop.a.log.1", "worker.shop.b.log", "worker.shop.b.log.1",
        "worker.shop.host-1.log",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["../../etc/x", "a b\nc", "..", "ü#1", "x" * 500, ""])
def test_names_of_workers_are_names_of_files(tmp_path, name):
    kept = keep_worker_log(tmp_path, "shop", name)
    assert kept.path.parent == tmp_path / "logs"
    assert kept.path.is_file()
    assert " " not in kept.path.name


def test_lg_01_cron_has_a_log_of_its_own(tmp_path):
    """LG-01: its lines and no others; beginnings, too, unless logging.conf decides."""
    keep_cron_log(tmp_path)
    logging.getLogger("web2py.cron").info("a job has started")
    logging.getLogger("web2py.app.shop").error("not here")
    (line,) = (tmp_path / "logs" / "cron.log").read_text().splitlines()
    assert parse_log_line(line).source == "cron"
    assert parse_log_line(line).message == "a job has started"
    logging.getLogger("web2py.cron").setLevel(logging.NOTSET)
    (tmp_path / "logging.conf").write_text("")
    keep_cron_log(tmp_path)
    assert logging.getLogger("web2py.cron").level == logging.NOTSET
