"""Cron of a real server: -Y, --softcron, -C, -J; what stops with it."""

import json
import sqlite3
import subprocess
import sys
import time

import psutil
import pytest
from werkzeug.test import Client

from runtime.server.control import ControlClient
from runtime.server.wsgi import SiteApplication


@pytest.fixture
def crontab(site):
    """Write the crontab of `myapp`; `ran` tells how often the command of each line's name ran."""
    folder = site / "applications" / "myapp" / "cron"
    folder.mkdir(parents=True)

    def write(*lines):
        (folder / "crontab").write_text("".join(f"{line}\n" for line in lines))

    return write


@pytest.fixture
def ran(site):
    def count(name):
        try:
            return (site / name).read_text().count("x")
        except FileNotFoundError:
            return 0

    return count


def control_of(child):
    told = child.event("listening")
    return told["url"], ControlClient(told["control"]["address"], told["control"]["key"])


def test_cli_41_hard_cron(spawn, site, crontab, ran, eventually):
    """CLI-41, CRON-16, CRON-05, CRON-14: with -Y and no traffic the job runs; mode and results are told; LG-01: logged."""
    crontab("* * * * * root echo x >> minute", "@reboot root echo x >> boot")
    child = spawn("-p", 0, "-Y")
    _, control = control_of(child)
    eventually(lambda: ran("minute") and ran("boot"))
    assert control.call("status")["cron"] == "hard"
    assert any(thread["name"] == "hadron-hard-cron" for thread in control.call("threads"))
    told = eventually(lambda: (t := control.call("cron"))["jobs"][0]["last"] and not t["running"] and t)
    assert told["jobs"][0]["last"]["state"] == "ok"
    assert " cron info myapp, line 2: " in (site / "logs" / "cron.log").read_text()
    assert " cron info " not in (site / "logs" / "server.log").read_text()
    before = ran("boot")
    control.call("cron_run", job="myapp:2")
    eventually(lambda: ran("boot") > before)
    control.call("cron_enable", job="myapp:2", enabled=False)
    assert control.call("cron")["jobs"][1]["enabled"] is False


@pytest.mark.parametrize("option", [(), ("-J", "-Y"), ("-N",)])
def test_cli_41_42_50_cron_is_off_unless_asked_for(spawn, crontab, ran, option):
    """CLI-41, CLI-42, CLI-50, CRON-18, CRON-21: not by default, not in a process that cron started."""
    crontab("* * * * * root echo x >> minute", "@reboot root echo x >> boot")
    child = spawn("-p", 0, *option)
    _, control = control_of(child)
    child.event("ready")
    assert control.call("status")["cron"] == "none"
    assert not any("cron" in thread["name"] for thread in control.call("threads"))
    time.sleep(0.3)
    assert ran("minute") == ran("boot") == 0


def test_cli_40_soft_cron(spawn, site, crontab, ran, eventually, fetch):
    """CLI-40, CRON-15: not before a page is served, once after it."""
    crontab("* * * * * root echo x >> minute")
    (site / "cron.state").write_text(json.dumps({"minute": int(time.time() // 60) - 5}))
    child = spawn("-p", 0, "--softcron")
    url, control = control_of(child)
    child.event("ready")
    time.sleep(0.3)
    assert ran("minute") == 0
    assert control.call("status")["cron"] == "soft"
    assert fetch(url)[0] == 200
    eventually(lambda: ran("minute") == 1)


@pytest.mark.skipif(sys.platform == "win32", reason="shell of Unix")
def test_desk_10_jobs_end_with_the_server(spawn, site, crontab, eventually):
    """DESK-10: within the shutdown timeout, also one that does not listen; the record says how."""
    crontab("@reboot root trap '' TERM; echo $$ > pid; sleep 60; sleep 60")
    child = spawn("-p", 0, "-Y", "-z", "1")
    _, control = control_of(child)
    child.event("ready")
    pid = int(eventually(lambda: (site / "pid").exists() and (site / "pid").read_text().strip()))
    control.call("stop")
    assert child.end() == 0
    assert not psutil.pid_exists(pid)
    rows = sqlite3.connect(site / "cron.sqlite").execute("SELECT status FROM run").fetchall()
    assert rows == [(-9,)]


def test_cli_39_external_cron(site, crontab, ran):
    """CLI-39, CRON-17: `-J -C -D 1` runs what is due, waits for it and exits with 0."""
    (site / "applications" / "myapp" / "controllers").mkdir()
    (site / "applications" / "myapp" / "controllers" / "jobs.py").write_text(
        "def work():\n    open(request.folder + '../../action', 'a').write('x')\n"
    )
    crontab(
        "* * * * * root sleep 0.2; echo x >> minute",
        "* * * * * nobody **jobs/work",
        "@reboot root echo x >> boot",
    )
    command = [sys.executable, "-m", "desktop.launch", "-J", "-C", "-D", "1", "-f", str(site)]
    began = time.time()
    first = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert first.returncode == 0, first.stderr
    assert (ran("minute"), ran("action"), ran("boot")) == (1, 1, 0)
    assert (site / "logs" / "cron.log").read_text().count(" has ended") == 2
    state = site / "cron.state"
    claimed = json.loads(state.read_text())["minute"]
    assert began // 60 <= claimed <= time.time() // 60
    for minute, times in (
        (claimed + 2, 1),
        (claimed - 1, 2),
    ):  # taken, also the one that begins meanwhile; not taken
        state.write_text(json.dumps({"minute": minute}))
        assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
        assert ran("minute") == times


def test_cron_20_two_servers_of_a_site(spawn, site, crontab, ran, eventually):
    """CRON-20, CRON-05: each job once in a minute, `@reboot` once; killed servers leave nothing that blocks the next."""
    while time.time() % 60 > 45:
        time.sleep(0.5)  # all in one minute, if the machine is not too busy
    began = time.time() // 60

    def once_a_minute():
        return 1 <= ran("minute") <= 1 + time.time() // 60 - began

    crontab("* * * * * root echo x >> minute", "@reboot root echo x >> boot; exec sleep 60")
    first, second = spawn("-p", 0, "-Y"), spawn("-p", 0, "-Y")
    _, control = control_of(first)

    def runs():
        return {job["line"]: job["last"] for job in control.call("cron")["jobs"]}

    for child in (first, second):
        child.event("ready")
    eventually(lambda: ran("minute") and ran("boot"))
    eventually(lambda: runs()[1]["state"] == "ok")
    time.sleep(0.5)
    assert once_a_minute()
    assert ran("boot") == 1
    for child in (first, second):
        child.process.kill()
        child.process.wait()
    third = spawn("-p", 0, "-Y")
    _, control = control_of(third)
    eventually(lambda: ran("boot") == 2)
    assert once_a_minute()
    eventually(lambda: runs()[1]["state"] == "ok")
    jobs = runs()
    assert jobs[2]["state"] == "running"
    rows = (
        sqlite3.connect(site / "cron.sqlite")
        .execute("SELECT pid FROM run WHERE line = 2 AND ended IS NULL")
        .fetchall()
    )
    assert len(rows) == 2
    (left,) = {pid for (pid,) in rows} - {jobs[2]["pid"]}
    psutil.Process(left).kill()  # the orphan of the first two


def test_cron_15_soft_cron_under_another_server(site, crontab, ran, eventually, monkeypatch):
    """CRON-15: available everywhere: after a page of the WSGI entry point, when the environment says so."""
    folder = site / "applications" / "myapp" / "controllers"
    folder.mkdir()
    (folder / "default.py").write_text("def index():\n    return 'hello'\n")
    crontab("* * * * * root echo x >> minute")
    (site / "cron.state").write_text(json.dumps({"minute": int(time.time() // 60) - 5}))
    assert Client(SiteApplication(site)).get("/myapp/default/index", buffered=True).text == "hello"
    time.sleep(0.2)
    assert ran("minute") == 0
    monkeypatch.setenv("HADRON_CRON", "soft")
    assert Client(SiteApplication(site)).get("/myapp/default/index", buffered=True).text == "hello"
    eventually(lambda: ran("minute") == 1)


def test_start_05_a_failed_start_with_cron_leaves_nothing(spawn, site, crontab, ran):
    """START-05, CRON-16: the reason is told, no job has run."""
    crontab("@reboot root echo x >> boot")
    (site / "file").write_text("")
    child = spawn("-p", 0, "-Y", "-F", site / "file" / "profiles", supervised=False)
    assert child.end() != 0
    assert "profiler folder" in child.errors[-1]
    assert ran("boot") == 0
