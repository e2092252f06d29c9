"""What a panel shows and orders."""

from __future__ import annotations

import pytest

from runtime.admin.scheduler import SchedulerPanel
from runtime.foundation.problems import UserError


@pytest.fixture
def site(tmp_path):
    app = tmp_path / "applications" / "myapp"
    for name in ("models", "databases"):
        (app / name).mkdir(parents=True)
    (app / "models" / "scheduler.py").write_text(
        "from gluon.scheduler import Scheduler\ndb = DAL('sqlite://s.sqlite')\nscheduler = Scheduler(db)\n"
    )
    return tmp_path


def test_sched_57_59_desk_16_tasks(site):
    """SCHED-57, SCHED-59, DESK-16: queue, list, stop, run again, delete."""
    panel = SchedulerPanel(str(site), "myapp")
    assert panel.queue("add", "[1, 2]", period=5) == {}
    assert list(panel.queue("add", "[1,")) == ["args"]
    (task,) = panel.tasks()
    assert (task.function, task.status, task.period, task.application) == (
        "add",
        "QUEUED",
        5,
        "myapp/default",
    )
    assert panel.counts()["QUEUED"] == 1
    assert not panel.run_again(task.id)
    assert panel.stop(task.id)
    assert not panel.stop(task.id)
    assert [one.status for one in panel.tasks("STOPPED")] == ["STOPPED"]
    assert panel.run_again(task.id)
    assert panel.tasks()[0].enabled
    with panel._open() as scheduler:
        db = scheduler.db
        db(db.scheduler_task.id == task.id).update(status="RUNNING")
        db.scheduler_run.insert(task_id=task.id, status="RUNNING", run_output="50%", worker_name="w")
    assert not panel.run_again(task.id)
    assert not panel.delete(task.id)
    (run,) = panel.runs(task.id)
    assert (run.output, run.status, run.traceback) == ("50%", "RUNNING", None)
    with panel._open() as scheduler:
        scheduler.db(scheduler.db.scheduler_task.id == task.id).update(status="COMPLETED")
    assert panel.delete(task.id)
    assert panel.tasks() == []
    assert panel.runs() == []


def test_sched_59_desk_16_workers(site):
    """SCHED-59, DESK-16"""
    panel = SchedulerPanel(str(site), "myapp")
    with panel._open() as scheduler:
        scheduler.db.scheduler_worker.insert(
            worker_name="w",
            status="ACTIVE",
            group_names=["main"],
            worker_stats={"pid": 7, "total": 3, "last_outputs": [{"task_id": 1, "output": "x"}]},
        )
    (worker,) = panel.workers()
    assert (worker.name, worker.groups, worker.pid, worker.tasks_done) == ("w", ("main",), 7, 3)
    assert worker.last_outputs[0]["output"] == "x"
    assert panel.order("w", "DISABLED")
    assert panel.workers()[0].status == "DISABLED"
    assert not panel.order("nobody", "KILL")
    with pytest.raises(UserError, match="FLY"):
        panel.order("w", "FLY")


def test_applications_without_a_scheduler(site):
    """SCHED-59: one sentence."""
    (site / "applications" / "myapp" / "models" / "scheduler.py").write_text("")
    with pytest.raises(UserError, match="no scheduler"):
        SchedulerPanel(str(site), "myapp").tasks()
    with pytest.raises(UserError, match="nope"):
        SchedulerPanel(str(site), "nope")
