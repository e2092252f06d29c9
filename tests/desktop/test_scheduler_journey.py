"""Journey 6: a task with a cron line, growing output, pausing, stopping, a dead worker; all with real processes."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import psutil
import pytest
from fakes import FakeSupervisor
from scheduler_site import make_site

from desktop.processes.state import Phase
from desktop.shell.questions import Question
from runtime.admin.scheduler.processes import worker_command

pytestmark = [pytest.mark.server, pytest.mark.timeout(600)]
PATIENCE = 60_000  # a bound against hanging: processes are started


@pytest.fixture
def ui(qtbot, desk_maker, tmp_path):
    make_site(tmp_path)
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor, texts={"scheduler.interval": "1"})
    made.complete("scheduler")
    made.site = tmp_path
    made.panel, made.session = made.desk.parts["scheduler"].panel, made.desk.parts["scheduler"].session
    yield made
    ended = []
    made.desk.workers.shutdown(lambda: ended.append(True), 0.0)
    qtbot.waitUntil(lambda: bool(ended), timeout=PATIENCE)


def open_sheet(ui, function, arguments, how="once"):
    ui.panel.commands.queue()
    sheet = ui.panel.sheet
    sheet.function.set_value(function)
    sheet.function.chosen.emit(function)
    sheet.vars.setPlainText(arguments)
    sheet.how.set_value(how)
    sheet.how.chosen.emit(how)
    return sheet


def shown_task(ui, name):
    detail = ui.session.detail
    return detail.task if detail is not None and detail.task.name == name else None


def worker_row(ui):
    return ui.panel.lists.workers.rows[0] if ui.panel.lists.workers.rows else None


def test_journey_6_workers(qtbot, ui):
    """Journey 6; SC-05..08, SC-10..12, SV-14..17, SCHED-48, DESK-16: as a person goes through it."""
    # Overview says that nobody runs; one press starts a worker
    card = ui.overview.workers
    qtbot.waitUntil(lambda: "shop" in card.lines, timeout=PATIENCE)
    card.lines["shop"].button.click()
    qtbot.waitUntil(lambda: ui.desk.workers.running() == 1, timeout=PATIENCE)
    qtbot.waitUntil(lambda: card.lines["shop"].state.text() == "Active", timeout=PATIENCE)

    # a task with a cron line, its next times seen before it is queued
    ui.window.show_panel("scheduler")
    qtbot.waitUntil(lambda: ui.panel.state() == "none yet" and bool(ui.session.functions), timeout=PATIENCE)
    sheet = open_sheet(ui, "ping", "{}", "cron")
    sheet.cronline.setText("0 7 * * *")
    qtbot.waitUntil(lambda: sheet.times.text().count("07:00") == 5, timeout=PATIENCE)
    sheet.give.click()
    qtbot.waitUntil(lambda: shown_task(ui, "ping") is not None, timeout=PATIENCE)
    assert len(ui.session.times) == 5

    # a long one: the output grows while it runs
    sheet = open_sheet(ui, "send_mails", '{"list": "news", "size": 2}')
    sheet.name.setText("news_mail")
    sheet.sync_output.setText("1")
    sheet.timeout.setText("600")
    sheet.give.click()
    qtbot.waitUntil(
        lambda: (task := shown_task(ui, "news_mail")) is not None and task.state == "running",
        timeout=PATIENCE,
    )
    output = ui.panel.detail.output
    qtbot.waitUntil(lambda: "sent" in output.shown_text(), timeout=PATIENCE)
    first = len(output.shown_text())
    qtbot.waitUntil(lambda: len(output.shown_text()) > first, timeout=PATIENCE)
    assert output.note.text() == "growing"

    # the worker is asked to pause, and confirms
    qtbot.waitUntil(lambda: worker_row(ui) is not None, timeout=PATIENCE)
    seen = set()

    def note(_part):
        row = worker_row(ui)
        seen.add(row.state.whole() if row is not None else "")

    ui.session.changed.connect(note)
    ui.panel.commands.order_worker(ui.session.entries[0].name, "pause")
    qtbot.waitUntil(lambda: worker_row(ui).state.whole().startswith("paused"), timeout=PATIENCE)
    assert any(words.startswith("pausing") for words in seen)

    # the run is stopped
    ui.panel.detail.stop.click()
    qtbot.waitUntil(lambda: bool(ui.window.findChildren(Question)), timeout=PATIENCE)
    ui.window.findChildren(Question)[-1].answer("go")
    qtbot.waitUntil(
        lambda: (task := shown_task(ui, "news_mail")) is not None and task.state == "stopped",
        timeout=PATIENCE,
    )
    ui.desk.workers.set_count("shop", 0)
    qtbot.waitUntil(lambda: not ui.desk.workers.members and not ui.session.entries, timeout=PATIENCE)

    # a worker from a terminal dies in the middle of the task: what it held is taken back
    foreign = subprocess.Popen(
        worker_command(ui.site, "shop"), stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        ui.panel.commands.give_to_shown("run again")
        qtbot.waitUntil(lambda: shown_task(ui, "news_mail").state == "running", timeout=PATIENCE)
        psutil.Process(foreign.pid).kill()
        qtbot.waitUntil(
            lambda: worker_row(ui) is not None and worker_row(ui).state.whole().startswith("dead"),
            timeout=PATIENCE,
        )
        assert "held 1 task" in worker_row(ui).detail.whole()
        worker_row(ui).first.click()
        qtbot.waitUntil(lambda: shown_task(ui, "news_mail").state in ("queued", "late"), timeout=PATIENCE)
        qtbot.waitUntil(lambda: worker_row(ui) is None, timeout=PATIENCE)
    finally:
        foreign.kill()
        foreign.wait(60)
