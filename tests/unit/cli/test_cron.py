"""`hadron cron`, `-C` and the other commands for applications and sessions."""

import json
import os
import time


def test_cron_list_run_and_log(site, run, folder):
    """SV-18, CRON-23: jobs with next run and last result, broken lines; run, switch, log."""
    site.write("cron/crontab", "@hourly root echo hello\n* * root x\n")
    found = run("cron", "list", *folder)
    assert "myapp:1  @hourly  echo hello" in found.out
    assert "last never ran" in found.out
    assert "left out: myapp:2" in found.out
    ran = run("cron", "run", *folder, "myapp:1")
    assert ran.code == 0
    assert ran.out.startswith("hello\n")
    assert run("cron", "off", *folder, "myapp:1").code == 0
    assert "next off; last 2" in run("cron", "list", *folder).out
    assert run("cron", "on", *folder, "myapp:1").code == 0
    (job,) = json.loads(run("cron", "list", *folder, "--json").out)["jobs"]
    assert job["enabled"]
    assert "hello" in run("cron", "log", *folder, "--output").out
    assert json.loads(run("cron", "log", *folder, "--json", job["id"]).out)[0]["status"] == 0


def test_cron_run_tells_of_failure(site, run, folder):
    """SV-18: exit 1 when the job failed, exit 2 when there is none."""
    site.write("cron/crontab", "@hourly root exit 4\n")
    assert run("cron", "run", *folder, "myapp:1").code == 1
    assert run("cron", "run", *folder, "nosuch").code == 2


def test_cli_39_external_cron_from_the_options_file(site, run, tmp_path):
    """CLI-39, CONF-02: `extcron = True`."""
    site.write("cron/crontab", f"* * * * * root echo x >> {tmp_path}/ran\n")
    options = tmp_path / "options.py"
    options.write_text(f"folder = {str(site.root)!r}\nextcron = True\n")
    assert run("-L", options).code == 0
    assert (tmp_path / "ran").read_text() == "x\n"


def test_cli_39_a_folder_without_applications(run, tmp_path):
    """CLI-39: said plainly."""
    (tmp_path / "empty").mkdir()
    found = run("-C", "-f", tmp_path / "empty")
    assert found.code == 2
    assert "no site folder" in found.err


def test_site_04_cron_19_sessions_expire(site, run, folder):
    """SITE-04, CRON-19, SESS-19: `hadron sessions expire`, of one application or of all."""
    for name, age in (("old", 48), ("new", 1)):
        path = site.write(f"sessions/{name}", "x")
        os.utime(path, (time.time() - age * 3600,) * 2)
    assert run("sessions", "expire", *folder).out == "1 session removed\n"
    assert os.listdir(site.app / "sessions") == ["new"]
    assert run("sessions", "expire", *folder, "--older", "0.5", "myapp").out == "1 session removed\n"
    assert run("sessions", "expire", *folder, "--older", "x").code == 2
    assert run("sessions", "expire", *folder, "nosuch").code == 2


def test_site_05_every_command_tells_its_purpose(run):
    """SITE-05: `--help` of each subcommand."""
    from runtime.cli.commands import SUBCOMMANDS

    for name in SUBCOMMANDS:
        found = run(name, "--help")
        assert found.code == 0, name
        assert len(found.out) > 80, name
        assert not found.err
