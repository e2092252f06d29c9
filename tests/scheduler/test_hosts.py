"""Several hosts share one database: hosts die, lines are cut, clocks are wrong."""

from __future__ import annotations

import datetime
import subprocess
import sys
import time

import pytest

from tests.scheduler.hosts import Forwarder, Host, free_net, permitted
from tests.services import missing

pytestmark = pytest.mark.hosts

BACKENDS = [
    pytest.param("postgres", marks=pytest.mark.postgres),
    pytest.param("mariadb", marks=pytest.mark.mysql),
]


@pytest.fixture(scope="module", autouse=True)
def _namespaces():
    reason = permitted()
    if reason:
        missing(reason)


@pytest.fixture
def network(lab):
    """Make hosts that reach the database of `lab`: a function of the seconds their clocks are ahead."""
    net, own = free_net()
    hosts, forwarders = [], []

    def make(clock=0.0):
        host = Host(lab.folder, len(hosts) + 1, net, clock)
        hosts.append(host)
        if not forwarders:
            port = 5432 if lab.backend == "postgres" else 3306
            forwarders.append(Forwarder(host.address, port))
            place = f"{host.address}:{forwarders[0].port}"
            lab.uri = lab.uri.replace("127.0.0.1:5432", place).replace("127.0.0.1:3306", place)
            lab.migrate = False  # the tables are there, under another address
            lab.configure("")
        return host

    yield make
    for host in hosts:
        host.close()
    for forwarder in forwarders:
        forwarder.close()
    own.close()


@pytest.mark.parametrize("lab", BACKENDS, indirect=True)
def test_sched_13_54_clocks_five_minutes_apart_and_a_host_that_dies(lab, network):
    """SCHED-13, SCHED-25, SCHED-54: the database's clock is the clock; a dead host's task is taken over."""
    early, late = network(clock=300), network(clock=-300)
    workers = [early.start(lab.folder), late.start(lab.folder)]
    at_once = [lab.queue("held", [f"now{n}"]) for n in range(4)]
    due = datetime.datetime.now() + datetime.timedelta(seconds=2)
    later = lab.queue("add", [1, 1], start_time=due)
    began = time.monotonic()
    lab.until(
        lambda: len(lab.ledger()) == 2, "a task for each"
    )  # both work, though one is late and one early
    lab.let_go()
    for one in at_once:
        assert lab.finish(one).status == "COMPLETED"
    assert time.monotonic() - began < 15
    lab.finish(later)
    started = lab.run(later).start_time
    assert datetime.timedelta(0) <= started - due.replace(microsecond=0) < datetime.timedelta(seconds=15)
    names = {lab.task(one).assigned_worker_name for one in at_once}
    assert names == {worker.name for worker in workers}
    beats = [row.last_heartbeat for row in lab.worker_rows().values()]
    assert all(abs((beat - datetime.datetime.now()).total_seconds()) < 30 for beat in beats)

    # who queues on a host whose clock is wrong
    script = (
        "import sys; from runtime import dal; from runtime.scheduler import Scheduler\n"
        f"db = dal.DAL({lab.uri!r}, folder={lab.databases!r}); s = Scheduler(db, migrate=False)\n"
        "print(s.queue_task('add', [2, 2], application_name='myapp/default').id); db.commit()"
    )
    answer = subprocess.run(
        early.command(sys.executable, "-c", script), capture_output=True, text=True, timeout=60, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert lab.finish(int(answer.stdout)).status == "COMPLETED"

    lab.gate.unlink()
    job = lab.queue("held", ["job"])
    lab.until(lambda: "begin job" in lab.ledger())
    holder, other = (early, late) if lab.task(job).assigned_worker_name == workers[0].name else (late, early)
    holder.kill()
    began = time.monotonic()
    lab.until(lambda: lab.ledger().count("begin job") == 2, "the second run")
    assert time.monotonic() - began < 4 * lab.heartbeat + 6  # heartbeats, and a loaded machine
    lab.let_go()
    assert lab.finish(job).status == "COMPLETED"
    assert [run.status for run in lab.runs(job)] == ["STOPPED", "COMPLETED"]
    assert lab.ledger().count("end job") == 1
    lab.until(lambda: set(lab.worker_rows()) == {other.workers[0].name}, "the dead one forgotten")
    errors = [line for worker in other.workers for line in worker.errors]
    assert len([line for line in errors if "died" in line]) == 1, errors


@pytest.mark.parametrize("lab", BACKENDS[:1], indirect=True)
def test_sched_54_a_line_that_is_cut_and_mended(lab, network):
    """SCHED-54: others take over; who was away can not report, notices it, and works on."""
    first, second = network(), network()
    away, here = first.start(lab.folder, "myapp:main:far"), second.start(lab.folder)
    job = lab.queue("slow", [7, "job"], group_name="far")
    lab.until(lambda: "begin job" in lab.ledger())
    first.cut()
    lab.db(lab.db.scheduler_task.id == job).update(group_name="main")
    lab.db.commit()
    assert lab.finish(job).status == "COMPLETED"
    runs = lab.runs(job)
    assert [run.status for run in runs] == ["STOPPED", "COMPLETED"]
    assert [run.worker_name for run in runs] == [away.name, here.name]
    assert away.name not in lab.worker_rows()
    first.mend()
    lab.until(lambda: away.name in lab.worker_rows(), "the first one back", patience=60)
    again = lab.queue("add", [1, 1], group_name="far")
    assert lab.finish(again).assigned_worker_name == away.name
    assert [run.status for run in lab.runs(job)] == ["STOPPED", "COMPLETED"]
    assert lab.task(job).times_run == 1
