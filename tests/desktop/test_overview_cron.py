"""Cron under the workers of Overview (SV-18)."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from fakes import FakeSupervisor

from desktop.panels.overview.cron import job_view
from desktop.processes.state import Phase
from runtime.admin.cron import overview

PATIENCE = 20_000


@pytest.fixture
def ui(qtbot, desk_maker, tmp_path):
    """Overview of a site with a crontab of two jobs and a line that can't be read."""
    folder = tmp_path / "applications" / "shop"
    for part in ("cron", "controllers", "models"):
        (folder / part).mkdir(parents=True)
    (folder / "cron" / "crontab").write_text(
        "*/5 * * * * root echo hello\n@reboot root echo begun\n99 * * * * root echo never\n"
    )
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor)
    made.site = tmp_path
    made.cron = made.overview.cron
    qtbot.waitUntil(lambda: len(made.cron.lines) == 2, timeout=PATIENCE)
    return made


def test_sv_18_jobs_with_next_run_and_what_is_wrong(ui):
    """SV-18, CRON-14, CRON-18, CRON-23: schedule, next run, that cron is off, the bad line."""
    first, second = ui.cron.lines
    assert ui.cron.isVisible()
    assert (first.schedule.whole(), first.command.whole(), first.last.whole()) == (
        "*/5 * * * *",
        "echo hello",
        "never ran",
    )
    assert first.following.whole().startswith("in ")
    assert second.following.whole() == "at the start"
    assert "2 jobs, off: nothing runs by itself" in ui.cron.summary.whole()
    assert "1 line can't be read" in ui.cron.summary.whole()
    assert "shop, line 3" in ui.cron.summary.toolTip()
    ui.supervisor.show(Phase.SERVING, cron="hard")
    assert "each minute" in ui.cron.summary.whole()


def test_sv_18_on_and_off(qtbot, ui):
    """SV-18: the switch keeps the crontab as it is."""
    before = (ui.site / "applications/shop/cron/crontab").read_text()
    ui.cron.lines[0].toggle.click()
    qtbot.waitUntil(lambda: not overview(ui.site).jobs[0].enabled, timeout=PATIENCE)
    qtbot.waitUntil(lambda: ui.cron.lines[0].following.whole() == "-", timeout=PATIENCE)
    assert (ui.site / "applications/shop/cron/crontab").read_text() == before


def test_sv_18_run_now_and_the_result(qtbot, ui):
    """SV-18: run by hand; the last result with its output, and the line of the crontab."""
    opened = []
    ui.desk.links._handlers["file"] = lambda **data: opened.append(data)
    menu = ui.cron.lines[0].menu()
    menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: ui.cron.lines[0].last.whole().startswith("ok "), timeout=PATIENCE)
    assert ui.cron.lines[0].last.toolTip() == "hello"
    ui.cron.lines[0].menu().actions()[1].trigger()
    assert opened[0]["line"] == 1
    assert opened[0]["path"].endswith("applications/shop/cron/crontab")


def test_sv_18_last_results_in_words():
    """SV-18: when, how long, how it ended."""
    now = time.mktime((2026, 11, 20, 11, 20, 0, 0, 0, -1))
    job = {
        "id": "1", "application": "shop", "line": 1, "schedule": "@hourly", "command": "x", "enabled": True,
        "next_run": now + 2400, "last": {"state": "failed", "started": now - 1200, "duration": 3.2, "output": "no"},
    }  # fmt: skip
    view = job_view(job, now)
    assert (view.following, view.last, view.state) == ("in 40 min", "failed 11:00, 3 s", "failed")
