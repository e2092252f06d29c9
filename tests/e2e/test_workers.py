"""Workers of the real program: they start with the server, come back, and go with the window."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

from runtime.admin.scheduler.service import open_scheduler
from tests.e2e.conftest import wait_for

pytestmark = [pytest.mark.xvfb, pytest.mark.server, pytest.mark.timeout(300), pytest.mark.flaky(reruns=2)]

START_STOP = "ctrl+shift+space"
MODEL = """
from gluon.scheduler import Scheduler
db = DAL('sqlite://scheduler.sqlite')
def ping(): return True
scheduler = Scheduler(db, heartbeat=1)
"""


def make_shop(site):
    folder = site / "applications" / "shop"
    for part in ("models", "controllers", "databases"):
        (folder / part).mkdir(parents=True)
    (folder / "models" / "tasks.py").write_text(MODEL)
    (folder / "controllers" / "default.py").write_text("def index():\n    return 'fine'\n")


def living(site):
    """Process ids of the workers whose rows are there and who live."""
    with open_scheduler(str(site), "shop") as service:
        return [one["pid"] for one in service.ask("workers", {}) if one["state"] in ("active", "busy")]


def test_workers_come_with_the_server_and_go_with_the_window(program):
    """DESK-09, DESK-10, SV-14: named with -K -X they start with the server; kill -9 brings one back; none is left."""
    make_shop(program.site)
    program.start("-K", "shop", "-X")
    program.wait_for_window()
    assert living(program.site) == []
    program.keys(START_STOP)
    (first,) = wait_for(lambda: living(program.site), 60, "a worker")
    with open_scheduler(str(program.site), "shop") as service:
        task = service.ask("queue", {"function": "ping"})["id"]
        wait_for(
            lambda: service.ask("task", {"task_id": task})["task"]["status"] == "COMPLETED", 30, "the task"
        )
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: set(living(program.site)) - {first}, 60, "another worker")
    program.screenshot("workers.png")
    workers = living(program.site)
    program.keys("ctrl+q")
    assert program.process.wait(60) == 0
    wait_for(lambda: not program.children(), 60, "all processes to end")
    assert not any(psutil.pid_exists(pid) for pid in workers)
    assert living(program.site) == []
