"""Workers: orders, groups, names, shares, ends."""

from __future__ import annotations

import datetime
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from tests.ports import free_port
from tests.scheduler.databases import BACKENDS

two = pytest.mark.parametrize("lab", BACKENDS[:2], indirect=True)
"""Where the third database would say the same, and workers take their time to start."""

ROOT = Path(__file__).resolve().parents[2]


@two
def test_sched_08_10_21_54_the_row_of_a_worker(lab):
    """SCHED-08, SCHED-10, SCHED-21, SCHED-54, CLI-33"""
    first = lab.start()
    lab.until(lambda: any(row.is_ticker for row in lab.worker_rows().values()), "an election")
    row = lab.worker_rows()[first.name]
    assert re.fullmatch(rf"{re.escape(socket.gethostname())}-[0-9a-f-]{{36}}", first.name)
    assert row.status == "ACTIVE"
    assert row.group_names == ["main"]
    before = row.last_heartbeat
    lab.until(lambda: lab.worker_rows()[first.name].last_heartbeat > before, "the next heartbeat")
    second = lab.start()
    lab.until(lambda: len(lab.worker_rows()) == 2)
    first.kill()
    lab.until(lambda: list(lab.scheduler.get_workers(only_ticker=True)) == [second.name] or lab.db.commit())


@two
def test_sched_50_51_orders(lab):
    """SCHED-50, SCHED-51, SCHED-60: disable, resume, terminate, kill."""
    worker = lab.start()
    assert lab.scheduler.disable() == 1
    lab.db.commit()
    lab.until(lambda: lab.worker_rows()[worker.name].status == "DISABLED")
    lab.await_beats(worker)
    task_id = lab.queue("add", [1, 1])
    lab.await_beats(worker)
    assert lab.task(task_id).status == "QUEUED"
    assert lab.scheduler.resume() == 1
    lab.db.commit()
    assert lab.finish(task_id).status == "COMPLETED"
    last = lab.queue("slow", [1.5, "last"])
    lab.until(lambda: "begin last" in lab.ledger())
    assert lab.scheduler.terminate() == 1
    lab.db.commit()
    assert worker.end() == 0
    assert lab.task(last).status == "COMPLETED"
    assert lab.worker_rows() == {}

    worker = lab.start()
    cut = lab.queue("slow", [60, "cut"], timeout=600)
    lab.until(lambda: "begin cut" in lab.ledger())
    assert lab.scheduler.kill() == 1
    lab.db.commit()
    assert worker.end() == 0
    assert lab.task(cut).status == "QUEUED"
    assert [run.status for run in lab.runs(cut)] == ["STOPPED"]
    assert lab.run(cut).run_output == "begun\n"


def test_sched_50_ctrl_c_equals_kill(file_lab):
    """SCHED-50: the task is queued again, no process is left."""
    worker = file_lab.start()
    task_id = file_lab.queue("slow", [60, "cut"], timeout=600)
    file_lab.until(lambda: "begin cut" in file_lab.ledger())
    executor = worker.executor()
    worker.process.send_signal(signal.SIGINT)
    assert worker.end() == 0
    assert not executor.is_running()
    assert file_lab.task(task_id).status == "QUEUED"


@two
def test_sched_09_groups_and_cli_34(lab):
    """SCHED-09, CLI-34: workers take only tasks of their groups."""
    worker = lab.start("myapp:fast:slow")
    assert lab.worker_rows()[worker.name].group_names == ["fast", "slow"]
    other, mine = lab.queue("add", [1, 1]), lab.queue("add", [1, 1], group_name="slow")
    assert lab.finish(mine).status == "COMPLETED"
    assert lab.task(other).status == "QUEUED"
    assert lab.scheduler.terminate(["nowhere"]) == 0
    assert lab.scheduler.terminate("fast") == 1
    lab.db.commit()
    assert worker.end() == 0


def test_sched_09_a_group_named_twice_counts_twice(lab):
    """SCHED-09"""
    double, single = lab.start("myapp:g:g"), lab.start("myapp:g")
    lab.await_beats(double, single)  # both have seen each other
    tasks = [lab.queue("nothing", group_name="g", commit=False) for _ in range(9)]
    lab.db.commit()
    done = [lab.finish(one).assigned_worker_name for one in tasks]
    assert (done.count(double.name), done.count(single.name)) == (6, 3)


def test_sched_36_workers_are_woken(lab):
    """SCHED-36, SCHED-25: with a heartbeat of ten minutes a task starts when it is queued, or due."""
    lab.heartbeat = 600
    lab.configure("")
    lab.start()
    assert lab.finish(lab.queue("add", [1, 1])).status == "COMPLETED"
    soon = datetime.datetime.now() + datetime.timedelta(seconds=1)
    assert lab.finish(lab.queue("add", [1, 1], start_time=soon, immediate=True)).status == "COMPLETED"


def test_amb_18_an_unknown_status_is_ignored(file_lab):
    """AMB-18, SCHED-53: with one line in the log."""
    worker = file_lab.start()
    file_lab.db(file_lab.db.scheduler_worker.id > 0).update(status="INACTIVE")
    file_lab.db.commit()
    file_lab.until(lambda: any("'INACTIVE'" in line for line in worker.errors), "the line")
    assert file_lab.finish(file_lab.queue("add", [1, 1])).status == "COMPLETED"
    file_lab.db(file_lab.db.scheduler_worker.id > 0).update(status="TERMINATE")
    file_lab.db.commit()
    assert worker.end() == 0
    worker.stop()
    assert len([line for line in worker.errors if "INACTIVE" in line]) == 1


def test_sched_38_broadcast(lab):
    """SCHED-38, CLI-35"""
    workers = [lab.start() for _ in range(2)]
    task_id = lab.queue("mark", ["everywhere"], broadcast=True)
    lab.until(lambda: lab.ledger().count("everywhere") == 2, "a run on each worker")
    lab.until(lambda: {t.status for t in lab.tasks()} == {"COMPLETED"})
    ran = {t.assigned_worker_name for t in lab.tasks() if t.id != task_id}
    assert ran == {worker.name for worker in workers}
    assert lab.task(task_id).status == "COMPLETED"


def test_sched_11_12_max_empty_runs_and_discard_results(file_lab):
    """SCHED-11, SCHED-12, SCHED-60: everything that waits is done, then the worker ends."""
    file_lab.configure("max_empty_runs=2, discard_results=True")
    good = [file_lab.queue("add", [1, n]) for n in range(5)]
    bad = file_lab.queue("fail")
    assert file_lab.start().end() == 0
    assert {file_lab.task(one).status for one in good} == {"COMPLETED"}
    assert not [run for one in good for run in file_lab.runs(one)]
    assert [run.status for run in file_lab.runs(bad)] == ["FAILED"]
    assert file_lab.worker_rows() == {}


def test_sched_06_13_tasks_by_name_and_utc(file_lab):
    """SCHED-06, SCHED-13"""
    file_lab.configure("tasks=dict(demo1=add), utc_time=True")
    worker = file_lab.start()
    from runtime.scheduler import Scheduler

    scheduler = Scheduler(
        file_lab.db.__class__(file_lab.uri, folder=file_lab.databases), tasks={"demo1": print}, utc_time=True
    )
    assert scheduler.queue_task("add", [1, 2]).errors.function_name
    task_id = scheduler.queue_task("demo1", [1, 2]).id
    scheduler.db.commit()
    assert file_lab.finish(task_id).status == "COMPLETED"
    offset = abs((file_lab.run(task_id).start_time - scheduler.now()).total_seconds())
    assert offset < 60
    scheduler.db.close()
    worker.stop()


def test_sched_05_two_applications_share_a_database(file_lab):
    """SCHED-05"""
    worker = file_lab.start()
    mine, other = (
        file_lab.queue("add", [1, 1]),
        file_lab.queue("add", [1, 1], application_name="myapp2/default"),
    )
    assert file_lab.finish(mine).status == "COMPLETED"
    assert file_lab.task(other).status == "QUEUED"
    worker.stop()


def test_sched_08_a_name_is_given_once(file_lab):
    """SCHED-08: a living worker keeps its name; the second one says so and ends."""
    file_lab.configure("worker_name='fixed'")
    assert file_lab.start().name == "fixed"
    second = file_lab.start(wait=False)
    assert second.end() == 2
    second.stop()
    assert "fixed is running" in "\n".join(second.errors)
    assert file_lab.finish(file_lab.queue("add", [1, 1])).status == "COMPLETED"


@pytest.mark.server
def test_cli_35_36_53_workers_beside_the_server(tmp_path, new_lab):
    """CLI-35, CLI-36, CLI-53, SCHED-17: pages are served and a queued task completes; nothing is left behind."""
    lab = new_lab(tmp_path, "sqlite://scheduler.sqlite")
    (lab.app / "controllers" / "default.py").write_text(
        "def index():\n    return str(scheduler.queue_task(add, [20, 22]).id)\n"
    )
    port = free_port()
    command = [sys.executable, "-m", "desktop.launch", "-a", "secret", "-K", "myapp,myapp", "-X",
               "-i", "127.0.0.1", "-p", str(port), "-f", str(tmp_path)]  # fmt: skip
    runtime = tmp_path / "run"
    runtime.mkdir()
    environment = {**os.environ, "HADRON_RUNTIME_DIR": str(runtime)}
    server = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        lab.until(lambda: len(lab.worker_rows()) == 2, "two workers")

        def page():
            try:
                with urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/myapp/default/index", timeout=60
                ) as answer:
                    return answer.read()
            except OSError:
                return None

        task_id = int(lab.until(page, "a page"))
        assert lab.finish(task_id).status == "COMPLETED"
        assert lab.scheduler.task_status(task_id, output=True).result == 42
        pids = [row.worker_stats["pid"] for row in lab.worker_rows().values()]
        server.terminate()
        assert server.wait(60) == 0
        assert not any(psutil.pid_exists(pid) for pid in pids)
        assert lab.worker_rows() == {}
    finally:
        if server.poll() is None:
            server.kill()
            server.wait()
        lab.close()


@pytest.mark.server
def test_cli_33_sched_17_a_killed_worker_is_started_again(tmp_path, new_lab):
    """CLI-33, SCHED-17: `hadron worker` keeps its workers alive, and ends with them on SIGTERM."""
    lab = new_lab(tmp_path, "sqlite://scheduler.sqlite")
    command = [sys.executable, "-m", "desktop.launch", "worker", "myapp", "-f", str(tmp_path)]
    leader = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:

        def pid():
            return [row.worker_stats["pid"] for row in lab.worker_rows().values()]

        (first,) = lab.until(pid, "a worker")
        os.kill(first, signal.SIGKILL)
        lab.until(lambda: pid() and pid() != [first], "the next worker")
        task_id = lab.queue("slow", [1, "last"])
        lab.until(lambda: "begin last" in lab.ledger())
        leader.terminate()
        assert leader.wait(60) == 0
        assert lab.task(task_id).status == "COMPLETED"
        assert lab.worker_rows() == {}
    finally:
        if leader.poll() is None:
            leader.kill()
            leader.wait()
        lab.close()


def test_cli_33_54_a_wrong_application_is_named(tmp_path):
    """CLI-33: one sentence, exit code 2."""
    (tmp_path / "applications").mkdir()
    command = [sys.executable, "-m", "desktop.launch", "worker", "nope", "-f", str(tmp_path)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 2
    assert "nope" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_sched_18_stand_alone(tmp_path):
    """SCHED-18: no application at all."""
    from runtime import dal
    from runtime.scheduler import Scheduler

    (tmp_path / "tasks.py").write_text("def hi(name):\n    return 'hi ' + name\n\ntasks = {'hi': hi}\n")
    db = dal.DAL("sqlite://alone.sqlite", folder=str(tmp_path))
    scheduler = Scheduler(db, tasks={"hi": print})
    task_id = scheduler.queue_task("hi", ["there"]).id
    db.commit()
    command = [sys.executable, "-m", "runtime.scheduler", "-t", str(tmp_path / "tasks.py"), "-f", str(tmp_path),
               "-u", "sqlite://alone.sqlite", "-w", "alone", "-b", "0.5", "-E", "2", "-L", "30"]  # fmt: skip
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert answer.returncode == 0, answer.stderr
    db.commit()
    status = scheduler.task_status(task_id, output=True)
    assert status.scheduler_task.status == "COMPLETED"
    assert status.result == "hi there"
    assert status.scheduler_run.worker_name == "alone"
    db.close()
