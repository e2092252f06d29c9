"""What workers write into the folder `logs` of their site (LG-01, LG-05, LOG-1, LOG-2)."""

from __future__ import annotations

import subprocess
import sys

from runtime.admin.logs import LogBook, sources
from runtime.foundation.log_files import worker_log

LOGGING = """
import logging
log = logging.getLogger('web2py.app.myapp')
def tells(word):
    log.info('it says %s', word)
    log.debug('not this')
    print('printed')
def tells_much(lines):
    for number in range(lines): log.info('line %d of many %s', number, 'x' * 100)
"""


def lines(lab, name):
    path = sources(lab.folder)[name]
    book = LogBook({name: path})
    return book.older(10_000, lambda record: True, lambda: None)


def texts(lab, worker):
    return [record.text for record in lines(lab, worker_log("myapp", worker.name))]


def test_lg_01_each_worker_keeps_a_log_of_itself_and_its_tasks(file_lab):
    """LG-01, LOG-2: own file by name; what tasks log is in it, failures with their last line and ticket; not debug."""
    lab = file_lab
    lab.define(LOGGING)
    first = lab.start()
    lab.finish(lab.queue("tells", ["hello"]))
    failed = lab.queue("fail")
    lab.finish(failed)
    lab.until(lambda: any("FAILED" in text for text in texts(lab, first)), "the failed run in the log")
    said = lines(lab, worker_log("myapp", first.name))
    assert [one.text for one in said if one.source == "app.myapp" and one.level == "info"] == [
        "it says hello"
    ]
    (told,) = [one for one in said if "FAILED" in one.text]
    assert (told.source, told.level) == ("scheduler", "warning")
    assert f"task {failed} fail, run {lab.run(failed).id}: FAILED: ZeroDivisionError" in told.text
    assert not any("not this" in one.text for one in said)
    second = lab.start()
    assert second.name != first.name
    assert texts(lab, second)[0] == f"worker {second.name} serves main"
    assert not any("serves" in text and second.name in text for text in texts(lab, first))
    first.stop()
    lab.until(lambda: texts(lab, first)[-1] == f"worker {first.name} ends", "the last line")


def test_lg_01_each_task_in_a_process_of_its_own_logs_too(file_lab):
    """LG-01: forked processes write through the worker."""
    file_lab.define(LOGGING)
    file_lab.configure("tasks_per_process=1")
    worker = file_lab.start()
    file_lab.finish(file_lab.queue("tells", ["forked"]))
    file_lab.until(lambda: "it says forked" in texts(file_lab, worker), "the line of the task")


def test_lg_07_a_flood_is_bounded(file_lab):
    """LG-07: one file and two older ones of 2 MB; the worker's own lines go on; quick runs are summed up."""
    lab = file_lab
    lab.define(LOGGING)
    worker = lab.start()
    lab.finish(lab.queue("tells_much", [60_000], timeout=100))
    tasks = [lab.queue("nothing", commit=False) for _ in range(200)]
    lab.db.commit()
    lab.finish(tasks[-1])
    found = sorted((lab.folder / "logs").glob(f"{worker_log('myapp', worker.name)}.log*"))
    assert len(found) == 3
    assert sum(path.stat().st_size for path in found) < 3 * 2_100_000
    worker.stop()
    said = "".join(path.read_text() for path in found)
    assert "line 59999 of many" in said
    assert "more runs have completed" in said
    assert said.count(", run ") < 150


def test_lg_01_a_worker_that_can_not_run_says_why_in_a_log(tmp_path):
    """LG-01, SV-14: without the name that it never came to."""
    models = tmp_path / "applications" / "broken" / "models"
    models.mkdir(parents=True)
    (models / "db.py").write_text("1 / 0\n")
    command = [sys.executable, "-m", "runtime.scheduler", "--worker", f"--folder={tmp_path}", "broken"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    said = (tmp_path / "logs" / "worker.broken.log").read_text()
    assert "no worker can run: the models failed: ZeroDivisionError" in said


def test_sv_14_what_may_pass_has_an_exit_code_of_its_own(tmp_path):
    """SV-14, SV-15: a locked database, or an executor that is killed at its start; whoever supervises tries again."""
    models = tmp_path / "applications" / "locked" / "models"
    models.mkdir(parents=True)
    command = [sys.executable, "-m", "runtime.scheduler", "--worker", f"--folder={tmp_path}", "locked"]
    for code, words in (
        ("import sqlite3\nraise sqlite3.OperationalError('database is locked')\n", "database is locked"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", "did not start"),
    ):
        (models / "db.py").write_text(code)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert ended.returncode == 75
        assert words in ended.stderr
