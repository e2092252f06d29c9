"""Running jobs: claims, processes, records, modes."""

import os
import signal
import sys
import threading
import time
import types

import psutil
import pytest

from runtime.admin import cron as admin
from runtime.cron import HardCron, Master, Records, Runs, SoftCron, jobs_of_site, run_due
from runtime.cron.master import STATE_FILE
from runtime.foundation.locks import file_lock

EACH_MINUTE = "* * * * * root "


def run_all(site, grace=None):
    """Run all jobs of the site once and return their last records."""
    records = Records(site.root)
    for thread in Runs(site.root, records).start(jobs_of_site(site.root)):
        thread.join(60)
        assert not thread.is_alive()
    return records.latest()


def test_cron_20_each_minute_is_claimed_once(site):
    """CRON-20: many at the same moment, one has it; the next minute is for all again."""
    now = 1_800_000_000.0
    masters = [Master(site.root) for _ in range(8)]
    found = []
    threads = [threading.Thread(target=lambda m=m: found.append(m.claim(now, 1))) for m in masters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found, key=str) == [(29_999_999, 30_000_000)] + [None] * 7
    assert masters[3].claim(now + 61, 1) == (30_000_000, 30_000_001)
    assert masters[3].claim(now + 60 * 60, 10) == (30_000_050, 30_000_060)


def test_cron_20_what_a_dying_process_leaves(site):
    """CRON-20: half a file, an empty one, a clock that was set back: the next minute runs."""
    master = Master(site.root)
    now = 1_800_000_000.0
    for text in ("{", "", "[]", '{"minute": "x"}', '{"minute": 99999999999}'):
        (site.root / STATE_FILE).write_text(text)
        assert master.claim(now, 1) == (29_999_999, 30_000_000), text


def test_cron_20_the_lock_has_a_time_out(site, monkeypatch):
    """CRON-20: who keeps `cron.master` for too long is not waited for."""
    monkeypatch.setattr("runtime.cron.master.LOCK_SECONDS", 0.1)
    with file_lock(site.root / "cron.master"), pytest.raises(TimeoutError):
        Master(site.root).claim(time.time(), 1)
    assert Master(site.root).claim(time.time(), 1)


def test_cron_06_an_external_command_and_its_record(site):
    """CRON-06, SV-18: shell, site folder, own process; start, duration, exit status and output are kept."""
    site.crontab(EACH_MINUTE + "echo one; pwd; echo two >&2; exit 3")
    (record,) = run_all(site).values()
    assert record.output.split() == ["one", str(site.root), "two"]
    assert (record.status, record.state) == (3, "failed")
    assert 0 <= record.duration < 20
    assert abs(record.started - time.time()) < 30


def test_cron_07_08_scripts_with_and_without_models(site):
    """CRON-07, CRON-08, CRON-21: one asterisk with models, two without; children are marked as cron jobs."""
    (site.app / "models" / "db.py").write_text("db = 'a database'\n")
    script = "print('db' in globals(), request.global_settings.cronjob, request.application)\n"
    (site.app / "private" / "a.py").write_text(script)
    site.crontab(EACH_MINUTE + "*applications/myapp/private/a.py", EACH_MINUTE + "**private/a.py")
    found = run_all(site)
    assert [found[job.id].output for job in jobs_of_site(site.root)] == [
        "True True myapp\n",
        "False True myapp\n",
    ]


def test_cron_12_a_failing_job_has_a_ticket_and_a_log_line(site, caplog):
    """CRON-09, CRON-12, ERR-12: the record names the ticket, the log has the traceback."""
    (site.app / "controllers" / "jobs.py").write_text("def fail():\n    1 / 0\n")
    site.crontab(EACH_MINUTE + "*jobs/fail")
    (record,) = run_all(site).values()
    assert record.status == 1
    assert (site.app / "errors" / f"{record.ticket.removeprefix('myapp/')}.json").is_file()
    (logged,) = [r for r in caplog.records if r.name == "web2py.cron" and r.levelname == "ERROR"]
    assert "ZeroDivisionError" in logged.getMessage()
    assert "line 1: *jobs/fail" in logged.getMessage()


def test_bg_02_runs_of_one_job_may_overlap(site):
    """BG-02: each run is its own process; nothing waits for the one before."""
    gate = site.root / "let-go"
    waits = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)"
    site.crontab(EACH_MINUTE + site.touching(code=waits))
    jobs = jobs_of_site(site.root)
    records = Records(site.root)
    runs = Runs(site.root, records)
    threads = runs.start(jobs) + runs.start(jobs)
    assert runs.running() == [jobs[0].id] * 2
    assert [record.state for record in records.of_job(jobs[0].id)] == ["running"] * 2
    gate.touch()
    for thread in threads:
        thread.join(60)
    assert len({record.pid for record in records.of_job(jobs[0].id)}) == 2
    assert site.count() == 2


def test_a_flood_of_output_is_cut(site):
    """SV-18: the end of it is kept, in bounded memory and space."""
    site.crontab(EACH_MINUTE + f"\"{sys.executable}\" -c \"print('x' * 5000000); print('the end')\"")
    (record,) = run_all(site).values()
    assert record.output.endswith("the end\n")
    assert len(record.output) <= 16_384


@pytest.mark.skipif(sys.platform == "win32", reason="shell of Unix")
def test_a_job_that_leaves_a_process_behind_ends_all_the_same(site):
    """CRON-06: `command &` in a crontab."""
    site.crontab(EACH_MINUTE + "sleep 120 & echo $!")
    began = time.monotonic()
    (record,) = run_all(site).values()
    assert time.monotonic() - began < 20
    os.kill(int(record.output), signal.SIGKILL)
    assert record.state == "ok"


def test_a_run_whose_watcher_died_is_told_as_lost(site):
    """Crash safety: after `kill -9` of the server a record says so instead of running for ever."""
    records = Records(site.root)
    records.begin("job", "myapp", 1, "x", 999_999_99, 0.0)
    mine = psutil.Process()
    records.begin("other", "myapp", 1, "x", mine.pid, mine.create_time())
    assert {r.job: r.state for r in records.last()} == {"job": "lost", "other": "running"}


def test_old_records_go(site, monkeypatch):
    """SV-18: the last runs of each job stay."""
    monkeypatch.setattr("runtime.cron.records.KEPT_RUNS", 5)
    records = Records(site.root)
    for number in range(8):
        records.end(records.begin("a", "myapp", 1, f"{number}", 1, 0.0), 0, "", None)
    records.end(records.begin("b", "myapp", 2, "other", 1, 0.0), 0, "", None)
    assert len(records.of_job("a", 1000)) == 5
    assert records.of_job("a")[0].command == "7"
    assert len(records.of_job("b")) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_desk_10_jobs_end_in_time_when_cron_stops(site, eventually):
    """DESK-10: asked first, then ended with all their children."""
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    (site.app / "private" / "deaf.py").write_text(code)
    site.crontab(EACH_MINUTE + f'"{sys.executable}" {site.app}/private/deaf.py & wait')
    records = Records(site.root)
    runs = Runs(site.root, records)
    runs.start(jobs_of_site(site.root))
    (record,) = records.last()
    group = eventually(lambda: psutil.Process(record.pid).children())
    began = time.monotonic()
    runs.stop(0.3)
    assert time.monotonic() - began < 5
    psutil.wait_procs(group, timeout=60)
    assert not any(process.is_running() for process in group)
    eventually(lambda: not runs.running())
    assert records.last()[0].state == "failed"
    assert runs.start(jobs_of_site(site.root)) == []


@pytest.fixture
def one_minute(monkeypatch):
    """The clock of cron stands still: however busy the machine is, no other minute begins."""
    moment = time.time()
    monkeypatch.setattr("runtime.cron.modes.time", types.SimpleNamespace(time=lambda: moment))
    return int(moment // 60)


def test_cron_17_external_cron_runs_what_is_due_once(site, one_minute):
    """CRON-17, CRON-20: two calls in one minute, one run; it waits for the jobs."""
    site.crontab(
        EACH_MINUTE + site.touching(), "@reboot root " + site.touching("boot"), "0 0 1 1 0 root exit 1"
    )
    assert run_due(site.root, threading.Event()) == 1
    assert run_due(site.root, threading.Event()) == 0
    assert site.count() == 1
    assert site.count("boot") == 0


def test_cron_16_hard_cron_runs_without_traffic(site, eventually, one_minute):
    """CRON-16, CRON-05, CRON-20: two servers on one site: each job once, `@reboot` once."""
    site.crontab("@reboot root " + site.touching("boot"), EACH_MINUTE + site.touching())
    servers = [HardCron(site.root), HardCron(site.root)]
    for server in servers:
        server.start()
    try:
        eventually(lambda: site.count() and site.count("boot"))
    finally:
        for server in servers:
            server.stop()
    assert site.count() == 1


def test_cron_05_a_second_living_server_does_not_boot_again(site):
    """CRON-05, TASKQ-04: `@reboot` again only when the one that had it has gone."""
    assert Master(site.root).claim_start()
    state = site.root / STATE_FILE
    living = state.read_text().replace(f'"pid": {os.getpid()}', f'"pid": {os.getppid()}')
    parent = psutil.Process(os.getppid()).create_time()
    mine = psutil.Process().create_time()
    state.write_text(living.replace(str(mine), str(parent)))
    assert not Master(site.root).claim_start()
    state.write_text(living)  # the process number is used again by another process
    assert Master(site.root).claim_start() is (abs(mine - parent) >= 1.0)


def test_cron_15_soft_cron_waits_for_a_page(site, eventually, one_minute):
    """CRON-15: nothing without traffic; what became due meanwhile runs once after the next page."""
    site.crontab(EACH_MINUTE + site.touching())
    (site.root / STATE_FILE).write_text(f'{{"minute": {one_minute - 30}}}')
    cron = SoftCron(site.root)
    cron.start()
    try:
        time.sleep(0.3)
        assert site.count() == 0
        cron.page_served()
        eventually(lambda: site.count() == 1)
        cron.page_served()
        time.sleep(0.3)
        assert site.count() == 1
    finally:
        cron.stop()


def test_a_fault_does_not_end_cron(site, eventually, monkeypatch, caplog):
    """Crash safety: a full disk in one minute, the next one runs."""
    site.crontab(EACH_MINUTE + site.touching())
    cron = HardCron(site.root)
    claims = iter([OSError(28, "No space left on device"), (0, int(time.time() // 60))])

    def claim(now, look_back):
        found = next(claims, None)
        if isinstance(found, OSError):
            raise found
        return found

    monkeypatch.setattr(cron._master, "claim", claim)
    monkeypatch.setattr("runtime.cron.modes.MINUTE", 0.2)
    cron.start()
    try:
        eventually(lambda: site.count() == 1)
    finally:
        cron.stop()
    assert "No space left" in caplog.text


def test_sv_18_the_list_of_jobs(site):
    """SV-18, CRON-14: next run, last result, on and off; run now; broken lines."""
    site.crontab("@hourly root echo hello", "@reboot root true", "61 * * * * root x")
    found = admin.overview(site.root)
    hourly, boot = found.jobs
    assert 0 < hourly.next_run - time.time() <= 3600
    assert boot.next_run is None
    assert hourly.last is None
    assert [(p.line, "61" in p.reason) for p in found.problems] == [(3, True)]
    record = admin.run_now(site.root, hourly.id)
    assert record.output == "hello\n"
    admin.set_enabled(site.root, "myapp:1", False)
    off = admin.overview(site.root).jobs[0]
    assert (off.enabled, off.next_run, off.last) == (False, None, record)
    assert admin.as_json(admin.overview(site.root))["jobs"][0]["last"]["state"] == "ok"
    assert [r.id for r in admin.history(site.root, hourly.id)] == [record.id]


def test_sv_18_a_job_that_is_off_does_not_run(site):
    """SV-18"""
    site.crontab(EACH_MINUTE + site.touching())
    admin.set_enabled(site.root, "myapp:1", False)
    assert run_due(site.root, threading.Event()) == 0


def test_sv_18_records_that_can_not_be_read(site):
    """SV-18: cron runs on, the panel is told."""
    site.crontab(EACH_MINUTE + site.touching())
    (site.root / "cron.sqlite").write_bytes(b"no database" * 500)
    assert run_due(site.root, threading.Event()) == 1
    assert site.count() == 1
    with pytest.raises(admin.UserError, match=r"cron\.sqlite"):
        admin.overview(site.root)


def test_a_command_that_can_not_be_started_is_said(site, caplog):
    """CRON-23: a NUL in a command; the next job runs."""
    site.crontab(EACH_MINUTE + "echo \0", EACH_MINUTE + site.touching())
    (record,) = run_all(site).values()
    assert record.line == 2
    assert site.count() == 1
    assert "line 1: echo" in caplog.text
