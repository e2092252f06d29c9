"""The panel Scheduler in a window, over a real database and a real inspector."""

from __future__ import annotations

import csv
import time
from dataclasses import replace

import pytest
from data_site import lines_of
from fakes import FakeSupervisor
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from scheduler_site import HereInspectors, Tables, fill, make_site

from desktop.processes import schedulers
from desktop.processes.state import Phase
from desktop.shell.questions import Question
from runtime.admin.scheduler.service import open_scheduler
from runtime.foundation.log_files import worker_log

PATIENCE = 20_000
KEPT = "scheduler.application"


@pytest.fixture
def scheduler(qtbot, desk_maker, tmp_path, monkeypatch):
    """The panel on a site with the rows of a working day: ``.panel``, ``.session``, ``.tasks`` by name."""
    made = []

    def make(filled=True, names=("shop",), real=False):
        if not real:
            monkeypatch.setattr(schedulers, "make_inspectors", HereInspectors)
        make_site(tmp_path, *names)
        tasks = fill(tmp_path) if filled else {}
        supervisor = FakeSupervisor(Phase.SERVING)
        supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
        ui = desk_maker(supervisor=supervisor, texts={"scheduler.interval": "1", KEPT: "shop"})
        ui.complete("scheduler")
        ui.part = ui.desk.parts["scheduler"]
        ui.panel, ui.session, ui.tasks, ui.site = ui.part.panel, ui.part.session, tasks, tmp_path
        ui.window.show_panel("scheduler")
        qtbot.waitUntil(
            lambda: ui.panel.state() in ("rows", "none yet", "not possible now"), timeout=PATIENCE
        )
        if filled:
            qtbot.waitUntil(
                lambda: ui.session.tasks.exact and ui.session.detail is not None, timeout=PATIENCE
            )
        made.append(ui)
        return ui

    return make


def write(ui, statement, *values):
    with open_scheduler(str(ui.site), "shop") as service:
        return Tables(service).connection.run(statement, *values)


def read(ui, statement, *values):
    with open_scheduler(str(ui.site), "shop") as service:
        return Tables(service).connection.first(statement, *values)


def status(ui, name):
    return read(ui, "SELECT status FROM scheduler_task WHERE id = ?", ui.tasks[name])[0]


def choose(qtbot, ui, name):
    assert ui.panel.lists.choose(ui.tasks[name])
    qtbot.waitUntil(
        lambda: ui.session.detail is not None and ui.session.detail.task.id == ui.tasks[name],
        timeout=PATIENCE,
    )


def answer(qtbot, ui, id):
    qtbot.waitUntil(lambda: bool(ui.window.findChildren(Question)), timeout=PATIENCE)
    ui.window.findChildren(Question)[-1].answer(id)


def names(ui):
    return [row.name for row in ui.panel.lists.model.rows()]


def test_sc_01_02_03_tasks_chips_and_order(qtbot, scheduler):
    """SC-01, SC-02, SC-03: what will run comes first; chips count; several states at once."""
    ui = scheduler()
    assert names(ui)[:2] == ["news_mail", "ping"]
    chips = ui.panel.lists.filter.chips.chips
    assert chips["late"].accessibleName() == "Late, 1"
    for state in ("failed", "late"):
        chips[state].click()
    qtbot.waitUntil(lambda: sorted(names(ui)) == ["import_stock", "ping"], timeout=PATIENCE)
    count = ui.panel.lists.filter.count  # "about 12" until all are counted
    qtbot.waitUntil(lambda: count.text() == "2 of 12", timeout=PATIENCE)
    head = ui.panel.lists.table.head
    head.order_wanted.emit("name", True)
    qtbot.waitUntil(lambda: names(ui) == ["ping", "import_stock"], timeout=PATIENCE)


def test_sc_04_words_completion_and_explanations(qtbot, scheduler):
    """SC-04: typed words filter after a pause; wrong ones are explained; none match offers to clear."""
    ui = scheduler()
    line = ui.panel.lists.filter.text
    line.setFocus()
    QTest.keyClicks(line, "state:fai")
    assert line._words.stringList()[0].startswith("state:failed")
    line.clear()
    QTest.keyClicks(line, "fn:send_* stat:x")
    qtbot.waitUntil(lambda: names(ui) == ["news_mail"], timeout=PATIENCE)
    assert "There is no word stat: here." in ui.panel.lists.filter.fault.words.text()
    ui.session.set_wish(text="nothing like this")
    qtbot.waitUntil(lambda: ui.panel.state() == "none match", timeout=PATIENCE)
    assert "No task matches" in ui.panel.lists.empty.words.text()
    ui.panel.lists.empty.button.click()
    qtbot.waitUntil(lambda: ui.panel.row_count() == 12, timeout=PATIENCE)


def test_sc_05_06_details_of_a_running_task_grow(qtbot, scheduler):
    """SC-05, SC-06, SCHED-48: schedule, next five times, arguments; the output grows while it runs."""
    ui = scheduler()
    choose(qtbot, ui, "news_mail")
    detail = ui.panel.detail
    facts = detail.facts.texts()
    assert facts["Schedule"] == "every 5 min, no end"
    assert len(facts["Next times"].split(", ")) == 5
    assert facts["Timeout"] == "600 s, 2 retries"
    assert facts["Defined in"] == "models/tasks.py:8"
    assert lines_of(detail.arguments.tree) == [("list", '"news"', "str")]
    qtbot.waitUntil(lambda: "sent 160" in detail.output.shown_text(), timeout=PATIENCE)
    assert detail.output.note.text() == "growing"
    write(ui, "UPDATE scheduler_run SET run_output = 'sent 184 of 184' WHERE status = 'RUNNING'")
    qtbot.waitUntil(lambda: detail.output.shown_text() == "sent 184 of 184", timeout=PATIENCE)


def test_sc_08_one_key_runs_a_failed_task_again(qtbot, scheduler):
    """SC-08: R on a failed task; what is not possible says why."""
    ui = scheduler()
    choose(qtbot, ui, "import_stock")
    table = ui.panel.lists.table
    ui.window.activateWindow()
    table.setFocus()
    qtbot.waitUntil(table.hasFocus, timeout=PATIENCE)
    QTest.keyClick(table, Qt.Key.Key_R)
    qtbot.waitUntil(lambda: status(ui, "import_stock") == "QUEUED", timeout=PATIENCE)
    choose(qtbot, ui, "news_mail")
    menu = ui.panel.commands.task_menu([ui.session.detail.task])
    reasons = {
        action.text().partition("\t")[0]: action.toolTip()
        for action in menu.actions()
        if not action.isEnabled()
    }
    assert reasons["Delete"] == "It runs just now: stop it first."
    assert "Stop" not in reasons


def test_sc_08_stopping_a_run_is_asked_and_told_to_the_worker(qtbot, scheduler):
    """SC-08, desktop-ux 16: stopping what runs asks; the worker's row then holds the order."""
    ui = scheduler()
    choose(qtbot, ui, "news_mail")
    ui.panel.detail.stop.click()
    answer(qtbot, ui, "stay")
    assert read(ui, "SELECT COUNT(*) FROM scheduler_worker WHERE status = 'STOP_TASK'")[0] == 0
    ui.panel.detail.stop.click()
    answer(qtbot, ui, "go")
    qtbot.waitUntil(lambda: ui.panel.detail.state.whole() == "stopping", timeout=PATIENCE)
    qtbot.waitUntil(
        lambda: read(ui, "SELECT COUNT(*) FROM scheduler_worker WHERE status = 'STOP_TASK'")[0] == 1,
        timeout=PATIENCE,
    )


def test_sc_09_all_that_match_with_progress_and_partial_failure(qtbot, scheduler):
    """SC-09: the number is shown first; those that could not be changed are listed with the reason."""
    ui = scheduler()
    assert ui.panel.commands.act_words() == ("Act on 12", "")
    ui.panel.commands.give_to_all("run again")
    qtbot.waitUntil(lambda: bool(ui.window.findChildren(Question)), timeout=PATIENCE)
    sheet = ui.window.findChildren(Question)[-1]
    assert sheet.buttons["go"].text() == "Run again 12 tasks"
    sheet.answer("go")
    qtbot.waitUntil(
        lambda: any("queued again" in one.text for one in ui.desk.notices.all()), timeout=PATIENCE
    )
    (notice,) = [one for one in ui.desk.notices.all() if "queued again" in one.text]
    assert "4 tasks queued again, 8 tasks not" in notice.text
    assert f"task {ui.tasks['news_mail']}: It runs just now." in notice.detail
    assert status(ui, "thumbnails") == "QUEUED"


def test_sc_10_11_pausing_is_asked_and_can_be_taken_back(qtbot, scheduler):
    """SC-10, SC-11: *pausing* until the heartbeat moves; Cancel takes the order back."""
    ui = scheduler()
    ui.panel.show_tab("workers")
    rows = {row.name.whole(): row for row in ui.panel.workers.rows}
    row = rows["office#5121"]
    row.first.click()
    qtbot.waitUntil(lambda: row.state.whole() == "pausing", timeout=PATIENCE)
    qtbot.waitUntil(lambda: row.first.text() == "Cancel", timeout=PATIENCE)
    state = "SELECT status FROM scheduler_worker WHERE worker_name = 'office#5121'"
    qtbot.waitUntil(lambda: read(ui, state)[0] == "DISABLED", timeout=PATIENCE)
    row.first.click()
    qtbot.waitUntil(lambda: read(ui, state)[0] == "ACTIVE", timeout=PATIENCE)


def test_sc_12_take_back(qtbot, scheduler):
    """SC-12: what a dead worker held is queued again, its row goes."""
    ui = scheduler()
    dead = next(row for row in ui.panel.lists.workers.rows if row.name.whole() == "lab2#88")
    assert dead.state.whole() == "dead"
    assert "held 1 task" in dead.detail.whole()
    dead.first.click()
    qtbot.waitUntil(lambda: status(ui, "rebuild_index") == "QUEUED", timeout=PATIENCE)
    qtbot.waitUntil(lambda: len(ui.panel.lists.workers.rows) == 2, timeout=PATIENCE)


def test_sc_07_queueing_checks_while_typing(qtbot, scheduler):
    """SC-07: arguments against the signature, next times of a cron line, the code, the new task."""
    ui = scheduler()
    ui.panel.commands.queue()
    sheet = ui.panel.sheet
    sheet.function.set_value("send_mails")
    sheet.function.chosen.emit("send_mails")
    assert sheet.vars.toPlainText() == '{"list": null}'
    assert sheet.signature.whole().startswith("send_mails(list, size=10)")
    sheet.vars.setPlainText('{"lost": 1}')
    assert "no argument lost. Its arguments: list, size." in sheet.fields["vars"].fault.words.text()
    assert not sheet.give.isEnabled()
    sheet.vars.setPlainText('{"list": "news"')
    assert "No JSON, line 1, column 16" in sheet.fields["vars"].fault.words.text()
    sheet.vars.setPlainText('{"list": "news"}')
    sheet.how.set_value("cron")
    sheet.how.chosen.emit("cron")
    sheet.cronline.setText("*/5 * * * *")
    qtbot.waitUntil(lambda: sheet.times.text().count(":") == 5, timeout=PATIENCE)
    sheet.copy.click()
    assert QGuiApplication.clipboard().text().startswith("scheduler.queue_task(")
    sheet.name.setText("by hand")
    assert sheet.give.isEnabled()
    sheet.give.click()
    qtbot.waitUntil(
        lambda: ui.session.detail is not None and ui.session.detail.task.name == "by hand", timeout=PATIENCE
    )
    row = read(
        ui, "SELECT function_name, vars, cronline, repeats FROM scheduler_task WHERE task_name = 'by hand'"
    )
    assert tuple(row) == ("send_mails", '{"list": "news"}', "*/5 * * * *", 0)


def test_sc_07_what_the_database_refuses_stands_at_its_field(qtbot, scheduler):
    """SC-07: a wrong cron line has five fields, too; nothing is queued."""
    ui = scheduler()
    ui.panel.commands.queue()
    sheet = ui.panel.sheet
    sheet.how.set_value("cron")
    sheet.how.chosen.emit("cron")
    sheet.cronline.setText("99 * * * *")
    qtbot.waitUntil(
        lambda: "is no cron expression" in sheet.fields["cronline"].fault.words.text(), timeout=PATIENCE
    )
    assert not sheet.give.isEnabled()
    sheet.reject()


def test_sc_19_editing_a_running_task_says_what_happens(qtbot, scheduler):
    """SC-19: the present run keeps the old values; columns change in the table."""
    ui = scheduler()
    choose(qtbot, ui, "news_mail")
    ui.panel.commands.edit()
    sheet = ui.panel.sheet
    assert "this run goes on with the old values" in sheet.note.text()
    sheet.period.setText("600")
    sheet.give.click()
    qtbot.waitUntil(
        lambda: read(ui, "SELECT period FROM scheduler_task WHERE task_name = 'news_mail'")[0] == 600,
        timeout=PATIENCE,
    )


def test_sc_06_a_failed_run_leads_to_its_line(qtbot, scheduler):
    """SC-06: traceback, the line of the application as a link; F8 goes to what failed."""
    ui = scheduler()
    opened = []
    ui.desk.links._handlers["file"] = lambda **data: opened.append(data)
    ui.panel.show_tab("runs")
    qtbot.waitUntil(lambda: ui.session.runs.exact and ui.panel.row_count() == 46, timeout=PATIENCE)
    failed = next(run for run in ui.session.runs.rows if run.error)
    ui.panel.lists.choose(failed.id)
    qtbot.waitUntil(lambda: "ZeroDivisionError" in ui.panel.detail.traceback.shown_text(), timeout=PATIENCE)
    ui.panel.detail.place.click()
    assert opened[0]["line"] == 20
    assert opened[0]["path"].endswith("applications/shop/models/tasks.py")
    ui.panel.lists.table.choose(0)
    ui.panel.step_to_problem(1)
    assert ui.panel.lists.chosen_runs()[0].status in ("FAILED", "TIMEOUT")


def test_sc_13_15_16_hints_figures_dependencies(qtbot, scheduler):
    """SC-13, SC-15, SC-16: a hint with a button, figures by function, a blocked task explained."""
    ui = scheduler()
    qtbot.waitUntil(lambda: bool(ui.session.hints), timeout=PATIENCE)
    assert "price_update failed 3 times in a row" in ui.panel.lists.hints.lines[0].words.whole()
    ui.panel.lists.hints.lines[0].button.click()
    qtbot.waitUntil(lambda: ui.session.task_id == ui.tasks["price_update"], timeout=PATIENCE)
    ui.panel.show_tab("runs")
    qtbot.waitUntil(ui.panel.lists.figures.isVisible, timeout=PATIENCE)
    assert "failed" in ui.panel.lists.figures.words.text()
    ui.panel.show_tab("dependencies")
    graph = ui.panel.dependencies.graph
    qtbot.waitUntil(lambda: graph.node(graph.current) is not None, timeout=PATIENCE)
    pack = next(node for node in ui.session.job["nodes"] if node["name"] == "pack")
    graph.choose(pack["id"])
    assert "It waits for import_stock, which has failed" in ui.panel.dependencies.why.text()


def test_sc_14_runs_over_time(qtbot, scheduler):
    """SC-14: lanes of workers or functions, a failure has a mark of its own; a bar leads to its run; keys do, too."""
    ui = scheduler()
    page, view = ui.panel.timeline, ui.panel.timeline.view
    ui.panel.tools.tabs["timeline"].click()
    qtbot.waitUntil(lambda: bool(view.lanes), timeout=PATIENCE)
    assert "failed" in page.said.whole()
    names = {lane["name"] for lane in view.lanes}
    page.span.set_value("604800")
    page.way.set_value("function")
    page.way.chosen.emit("function")
    qtbot.waitUntil(lambda: bool({lane["name"] for lane in view.lanes} - names), timeout=PATIENCE)
    assert "load_csv" in {lane["name"] for lane in view.lanes}
    assert ui.layout.load_text("scheduler.timeline") == "604800 function"
    failure = next(one for one in view.places() if one.kind == "failure")
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect_of(failure).center().toPoint())
    number = view.run_number(failure)
    qtbot.waitUntil(lambda: ui.session.run_id == number and ui.session.texts is not None, timeout=PATIENCE)
    assert ui.panel.detail.title.isVisible()
    assert view.words(failure).endswith(tuple("0123456789"))
    assert "failed" in view.accessibleName()
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert view.current.lane == failure.lane
    ui.panel.step_to_problem(1)
    assert view.current.kind == "failure"
    qtbot.keyClick(view, Qt.Key.Key_Return)
    number = view.run_number(view.current)
    qtbot.waitUntil(lambda: ui.session.tab == "runs" and ui.session.run_id == number, timeout=PATIENCE)


@pytest.mark.panels("logs")
def test_lg_05_a_run_links_to_the_log_of_its_worker(qtbot, scheduler):
    """LG-05: its beginning, in the log that its worker keeps."""
    ui = scheduler()
    ui.panel.show_tab("runs")
    qtbot.waitUntil(ui.panel.detail.log_link.isVisible, timeout=PATIENCE)
    opened = []
    ui.panel.link_wanted.connect(lambda kind, data: opened.append((kind, data)))
    ui.panel.detail.log_link.click()
    run = ui.session.texts.run
    assert opened == [("log", {"time": run.start, "source": worker_log("shop", run.worker)})]
    assert ui.window.current_panel() == "logs"


def test_sc_17_clean_up_counts_then_deletes(qtbot, scheduler):
    """SC-17: the number is on the button before anything goes."""
    ui = scheduler()
    ui.panel.commands.clean_up()
    sheet = ui.panel.sheet
    sheet.days.setText("")
    sheet.keep.setText("5")
    qtbot.waitUntil(lambda: sheet.delete.text().startswith("Delete "), timeout=PATIENCE)
    count = int(sheet.delete.text().split()[1])
    before = read(ui, "SELECT COUNT(*) FROM scheduler_run")[0]
    sheet.delete.click()
    qtbot.waitUntil(
        lambda: read(ui, "SELECT COUNT(*) FROM scheduler_run")[0] == before - count, timeout=PATIENCE
    )


def test_sc_18_export_writes_all_that_match(qtbot, scheduler, tmp_path):
    """SC-18: the filter counts."""
    ui = scheduler()
    ui.session.set_wish(text="group:slow")
    qtbot.waitUntil(lambda: ui.panel.row_count() == 5, timeout=PATIENCE)
    target = tmp_path / "tasks.csv"
    ui.panel.commands.export_to(str(target))
    qtbot.waitUntil(target.exists, timeout=PATIENCE)
    with target.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 5
    assert {row["group"] for row in rows} == {"slow"}


def test_sc_20_live_rows_stay_where_they_are(qtbot, scheduler):
    """SC-20: new tasks wait behind a pill, known ones change in place."""
    ui = scheduler()
    before = names(ui)
    with open_scheduler(str(ui.site), "shop") as service:
        Tables(service).task("brand new", due=-1)
        Tables(service).connection.run("UPDATE scheduler_task SET times_run = 77 WHERE task_name = 'ping'")
    pill = ui.panel.lists.table.pill
    qtbot.waitUntil(pill.isVisible, timeout=PATIENCE)
    assert names(ui) == before
    assert next(row for row in ui.panel.lists.model.rows() if row.name == "ping").times_run == 77
    pill.click()
    qtbot.waitUntil(lambda: "brand new" in names(ui), timeout=PATIENCE)


def test_sc_20_hidden_panels_ask_nothing(qtbot, scheduler):
    """SC-20: paused while hidden."""
    ui = scheduler()
    ui.window.show_panel("settings")
    assert not ui.session._timer.isActive()
    ui.window.show_panel("scheduler")
    assert ui.session._timer.isActive()


def test_sc_21_read_only_until_switched(qtbot, scheduler):
    """SC-21: everything that changes rows is disabled and says why; the switch brings it back."""
    ui = scheduler()
    assert ui.session.editing  # the file is on this computer
    ui.panel.tools.editing.click()
    assert not ui.panel.lists.filter.queue.isEnabled()
    assert "switch Editing on" in ui.panel.lists.filter.queue.toolTip()
    assert not ui.panel.detail.stop.isEnabled()
    assert not ui.panel.lists.workers.rows[0].first.isEnabled()
    ui.panel.commands.give("delete")
    assert not ui.window.findChildren(Question)
    assert not ui.desk.actions.get("scheduler.queue").isEnabled()
    ui.session.database = replace(ui.session.database, local=False)
    ui.session._editing.clear()
    assert not ui.session.editing  # another computer's database opens read-only
    ui.session.set_editing(True)
    assert ui.panel.lists.filter.queue.isEnabled()


def test_sc_24_no_scheduler_offers_the_lines(qtbot, desk_maker, tmp_path):
    """SC-24: the lines to add, copied by a button."""
    (tmp_path / "applications" / "plain" / "controllers").mkdir(parents=True)
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    ui = desk_maker(supervisor=supervisor)
    ui.complete("scheduler")
    panel = ui.desk.parts["scheduler"].panel
    ui.window.show_panel("scheduler")
    qtbot.waitUntil(lambda: panel.state() == "not possible now", timeout=PATIENCE)
    assert "No application of this site has a scheduler" in panel.reason.words.text()
    panel.reason.button.click()
    assert "scheduler = Scheduler(db)" in QGuiApplication.clipboard().text()


def test_sc_01_models_that_fail_are_shown_with_their_line(qtbot, scheduler):
    """SC-01: no list, but the reason; mended models are found by trying again; through a real child."""
    ui = scheduler(filled=False, real=True)
    assert ui.panel.state() == "none yet"
    model = ui.site / "applications" / "shop" / "models" / "tasks.py"
    good = model.read_text()
    model.write_text("1 / 0\n" + good)
    qtbot.waitUntil(lambda: ui.panel.state() == "not possible now", timeout=PATIENCE)
    assert "ZeroDivisionError" in ui.panel.reason.words.text()
    model.write_text(good)
    time.sleep(0.6)  # the inspector looks at files twice a second
    ui.panel.reason.button.click()
    qtbot.waitUntil(lambda: ui.panel.state() == "none yet", timeout=PATIENCE)


def test_sh_02_11_scope_and_links(qtbot, scheduler):
    """SH-02, SH-11: the scope chooses the application; a link to a task opens it from another panel."""
    ui = scheduler(names=("shop", "lab"))
    ui.desk.scope.set("lab")
    qtbot.waitUntil(
        lambda: ui.session.application == "lab" and ui.panel.state() == "none yet", timeout=PATIENCE
    )
    ui.window.show_panel("overview")
    assert ui.desk.links.open("task", application="shop", database="db", id=ui.tasks["thumbnails"])
    assert ui.window.current_panel() == "scheduler"
    qtbot.waitUntil(
        lambda: ui.session.detail is not None and ui.session.detail.task.name == "thumbnails",
        timeout=PATIENCE,
    )


def test_sc_03_columns_are_chosen_and_kept(qtbot, scheduler):
    """SC-03: the person's columns come back."""
    ui = scheduler(filled=False)
    table = ui.panel.lists.tables[False]
    menu = table.columns_menu()
    assert isinstance(menu, QMenu)
    next(action for action in menu.actions() if action.data() == "worker").setChecked(True)
    assert "worker" in ui.layout.texts["scheduler.columns.tasks"].split()
    assert not table.isColumnHidden([column.id for column in table._columns()].index("worker"))


def test_sc_05_06_arguments_and_results_fold(qtbot, scheduler):
    """SC-05, SC-06: a tree of arguments and of the result, kept open while it is read again; values and paths copied."""
    ui = scheduler()
    args, result = (
        '[7, {"who": ["ada", "bob"]}]',
        '{"sent": 184, "failed": [{"to": "x@y.z", "why": "bounced"}]}',
    )
    write(ui, "UPDATE scheduler_task SET args = ? WHERE task_name = 'news_mail'", args)
    write(ui, "UPDATE scheduler_run SET run_result = ? WHERE status = 'RUNNING'", result)
    choose(qtbot, ui, "news_mail")
    detail = ui.panel.detail
    wanted = [("0", "7", "int"), ("1", "1 key", "dict"), ("list", '"news"', "str")]
    qtbot.waitUntil(lambda: lines_of(detail.arguments.tree) == wanted, timeout=PATIENCE)
    assert not detail.arguments.text.isVisible()
    qtbot.waitUntil(lambda: bool(lines_of(detail.result.tree)), timeout=PATIENCE)
    detail.result.tree.open_levels(9)
    height = detail.result.tree.height()
    assert ("why", '"bounced"', "str") in lines_of(detail.result.tree)
    write(ui, "UPDATE scheduler_run SET run_output = 'later' WHERE status = 'RUNNING'")
    qtbot.waitUntil(lambda: detail.output.shown_text() == "later", timeout=PATIENCE)
    assert ("why", '"bounced"', "str") in lines_of(detail.result.tree), "what was opened stays open"
    assert detail.result.tree.height() == height
    detail.result.tree.reveal((1, 0, 1))
    clipboard = QGuiApplication.clipboard()
    detail.result.copy_path()
    assert clipboard.text() == '["failed"][0]["why"]'
    detail.result.copy_value()
    qtbot.waitUntil(lambda: clipboard.text() == "bounced", timeout=PATIENCE)
    write(ui, "UPDATE scheduler_run SET run_result = '\"done\"' WHERE status = 'RUNNING'")
    qtbot.waitUntil(lambda: detail.result.shown_text() == '"done"', timeout=PATIENCE)
    assert detail.result.text.isVisible()
    assert not detail.result.tree.isVisible(), "a text has no parts"
