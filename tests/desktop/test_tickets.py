"""The panel Tickets as a person uses it."""

from __future__ import annotations

import http.server
import json
import threading
import time
from dataclasses import replace

import pytest
from fakes import FakeSupervisor, FakeTray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from tickets_site import SHOP, fill, ticket

from desktop.panels.tickets import commands as commands_module
from desktop.panels.tickets.actions import Answer, send
from desktop.panels.tickets.code import CodeLines
from desktop.panels.tickets.frames import Traceback
from desktop.panels.tickets.opened import Repeat
from desktop.panels.tickets.pairs import Pairs
from desktop.processes.state import Phase
from desktop.shell.palette import PaletteModel
from desktop.shell.questions import Question
from runtime.admin.tickets import read_marks
from runtime.errors import list_tickets, read_settings
from runtime.errors.store import SECRETS


class Ui:
    """The window with the panel of a filled site."""

    def __init__(self, made, qtbot, site) -> None:
        self.desk, self.window, self.supervisor, self.tray = (
            made.desk,
            made.window,
            made.supervisor,
            made.tray,
        )
        self.part, self.panel = made.desk.parts["tickets"], made.desk.parts["tickets"].panel
        self.tickets, self.qtbot, self.site = self.part.tickets, qtbot, site
        self.commands, self.head = self.panel.commands, self.panel.detail.head
        self.shop = site / "applications" / "shop"
        self.lab = site / "applications" / "lab"

    def until(self, ready) -> None:
        self.qtbot.waitUntil(ready, timeout=8000)

    def refresh(self) -> None:
        with self.qtbot.waitSignal(self.tickets.changed, timeout=8000):
            self.tickets.refresh_now()

    def choose(self, exception: str) -> None:
        at = next(at for at, row in enumerate(self.panel.model.rows()) if row.exception.startswith(exception))
        self.panel.table.choose(at)
        self.until(
            lambda: (
                self.panel.detail.opened is not None
                and self.panel.detail.opened.id == self.panel.current_id()
            )
        )

    def exceptions(self) -> list[str]:
        return [row.exception for row in self.panel.model.rows()]

    def state_of(self, exception: str) -> str:
        return next(row.state for row in self.tickets.snapshot.groups if row.exception == exception)


@pytest.fixture
def ui(desk_maker, qtbot, tmp_path):
    fill(tmp_path, time.time())
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor, tray=FakeTray())
    made.complete("tickets")
    ui = Ui(made, qtbot, tmp_path)
    ui.window.show_panel("tickets")
    ui.until(lambda: ui.tickets.snapshot.complete and ui.panel.row_count() > 0)
    ui.until(lambda: ui.panel.detail.opened is not None)
    return ui


def test_tk_01_06_the_newest_error_is_open_at_its_line(ui):
    """TK-01, TK-06: frames of the application open, those of libraries folded."""
    assert ui.panel.state() == "rows"
    assert ui.exceptions()[0] == "ZeroDivisionError"
    assert ui.head.title.whole() == "ZeroDivisionError: division by zero"
    blocks = ui.panel.detail.findChild(Traceback).blocks
    assert [block.chevron.isChecked() for block in blocks] == [False, True, False]
    blocks[0].chevron.click()
    assert blocks[0].chevron.isChecked()


def test_tk_07_tabs_show_what_was_recorded(ui):
    """TK-07, TK-18"""
    texts = {}
    for id in ("variables", "request", "session", "response", "log", "environment"):
        page = ui.panel.detail.page(id)
        texts[id] = {
            name: value for pairs in page.findChildren(Pairs) for name, value in pairs.texts().items()
        }
    assert texts["variables"]["rows"] == "<Rows (0)>"
    assert texts["request"]["address"].startswith("/shop/default/index")
    assert texts["request"]["Host"] == "'127.0.0.1:8000'"
    assert texts["session"]["cart"] == "[18390, 18402]"
    assert texts["response"]["status"] == "200"
    assert any("SELECT thing.id" in value for value in texts["log"].values())
    assert any("0 things in stock" in value for value in texts["log"].values())
    assert texts["environment"]["hadron"] == "0.1.0"
    assert "ZeroDivisionError: division by zero" in ui.panel.detail.page("raw").toPlainText()


def test_tk_08_secrets_are_masked_and_shown_one_by_one(ui):
    """TK-08: in view and copy; only values that were kept can be shown."""
    row = ui.panel.current()
    beside = ui.shop / "errors" / f"{row.ids[0]}{SECRETS}"
    beside.write_text(json.dumps({"frame 2/api_key": "k-12345", "request/headers/Cookie": "c-99"}))
    ui.panel.step(-1)
    ui.until(lambda: ui.panel.detail.opened.id == row.ids[1])
    ui.panel.step(1)
    ui.until(lambda: ui.panel.detail.opened.id == row.ids[0])
    pairs = ui.panel.detail.page("variables").findChildren(Pairs)
    block = next(each for each in pairs if "api_key" in each.texts())
    assert block.texts()["api_key"] == "[hidden]"
    block.reveal("rows")
    assert block.texts()["rows"] == "<Rows (0)>"
    block.setFocus()
    block._current = 0
    for _ in range(list(block.texts()).index("api_key")):
        ui.qtbot.keyClick(block, Qt.Key.Key_Down)
    ui.qtbot.keyClick(block, Qt.Key.Key_Space)
    assert block.texts()["api_key"] == "k-12345"
    ui.commands.copy_text()
    assert "k-12345" not in QApplication.clipboard().text()


@pytest.mark.panels("applications")
def test_tk_09_open_line_in_the_editor(ui):
    """TK-09: the faulty line, in the editor of the window."""
    ui.head.buttons["open"].click()
    applications = ui.desk.parts["applications"].panel
    ui.until(lambda: applications.file() is not None)
    assert applications.file().path == ui.shop / "controllers/default.py"
    assert applications.file().edit.place()[0] == 16
    assert ui.window.current_panel() == "applications"


def test_tk_09_changed_file_shows_both(ui):
    """TK-09: the recorded code stands beside the file as it is now."""
    (ui.shop / "controllers/default.py").write_text(SHOP.replace("100 / len(rows)", "1 / max(1, len(rows))"))
    ui.panel.step(-1)
    ui.until(lambda: bool(ui.panel.detail.opened.now))
    texts = [code.accessibleDescription() for code in ui.panel.detail.findChildren(CodeLines)]
    assert any("100 / len(rows)" in text for text in texts)
    assert any("1 / max(1, len(rows))" in text for text in texts)


def test_tk_10_copy_as_text_and_markdown(ui):
    """TK-10"""
    ui.head.buttons["copy"].click()
    assert "ZeroDivisionError: division by zero" in QApplication.clipboard().text()
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    ui.qtbot.keyClick(ui.panel.table, Qt.Key.Key_C, keys)
    assert QApplication.clipboard().text().startswith("**ZeroDivisionError")


def test_tk_11_solve_comes_again_ignore_reopen(ui):
    """TK-11"""
    ui.choose("KeyError")
    ui.head.buttons["solve"].click()
    ui.until(lambda: ui.state_of("KeyError") == "solved")
    ticket(ui.site, "shop", "KeyError", "'price'", "models/db.py", 88, time.time() + 5, number=77)
    ui.refresh()
    ui.until(lambda: ui.state_of("KeyError") == "again")
    ui.panel.show_new()
    ui.choose("KeyError")
    ui.commands.ignore_ten()
    ui.until(lambda: ui.state_of("KeyError") == "ignored")
    assert any(mark.until_count == 10 for mark in read_marks(ui.shop).values())
    ui.panel.bar.chips["ignored"].click()
    assert ui.exceptions() == ["KeyError"]
    ui.until(lambda: ui.head.buttons["solve"].text() == "Reopen")
    ui.head.buttons["solve"].click()
    ui.until(lambda: ui.state_of("KeyError") == "open")


def test_tk_12_delete_with_undo(ui):
    """TK-12"""
    ui.choose("KeyError")
    before = len(list_tickets(ui.shop))
    ui.qtbot.keyClick(ui.panel.table, Qt.Key.Key_Delete)
    ui.until(lambda: len(list_tickets(ui.shop)) == before - 3)
    ui.until(lambda: any("deleted" in notice.text for notice in ui.desk.notices.open_notices()))
    ui.until(lambda: "KeyError" not in ui.exceptions())
    notice = next(notice for notice in ui.desk.notices.open_notices() if "deleted" in notice.text)
    assert notice.text.startswith("3 tickets deleted")
    notice.actions[0].run()
    ui.until(lambda: len(list_tickets(ui.shop)) == before)


def test_tk_12_one_ticket_all_matching_older(ui):
    """TK-12"""
    row = ui.panel.current()
    ui.commands.delete_one()
    ui.until(lambda: row.ids[0] not in [entry.id for entry in list_tickets(ui.shop)])
    assert row.ids[1] in [entry.id for entry in list_tickets(ui.shop)]
    ui.tickets.delete_older(365)
    ui.until(lambda: not [e for e in list_tickets(ui.lab) if e.source == "pickle"])
    ui.desk.scope.set("lab")
    ui.commands.delete_matching()
    ui.until(lambda: not list_tickets(ui.lab))
    assert list_tickets(ui.shop)


def test_tk_12_more_than_a_thousand_are_asked_about(ui, monkeypatch):
    """TK-12: the number is shown, and Enter does not delete."""
    monkeypatch.setattr(commands_module, "MANY", 2)
    ui.choose("KeyError")
    before = len(list_tickets(ui.shop))
    ui.commands.delete()
    question = ui.panel.findChild(Question)
    assert question.buttons["delete"].text() == "Delete 3 tickets"
    ui.qtbot.keyClick(question, Qt.Key.Key_Return)
    assert len(list_tickets(ui.shop)) == before
    if question.isVisible():
        question.answer("stay")


def test_tk_13_new_errors_wait_behind_the_pill(ui):
    """TK-13: the list does not move while somebody reads."""
    shown = ui.exceptions()
    ui.panel.table.choose(2)
    chosen = ui.panel.current().key
    ticket(ui.site, "lab", "LookupError", "fresh", "controllers/default.py", 2, time.time(), number=1)
    ui.refresh()
    ui.until(lambda: ui.panel.waiting_new() == 1)
    assert ui.exceptions() == shown
    assert ui.panel.table.pill.isVisible()
    assert ui.panel.table.pill.text() == "1 new"
    ui.panel.table.pill.click()
    assert ui.exceptions()[0] == "LookupError"
    assert not ui.panel.table.pill.isVisible()
    assert ui.panel.current().key == chosen


def test_tk_13_the_folder_is_watched(ui, qtbot):
    """TK-13: nobody has to press F5."""
    with qtbot.waitSignal(ui.tickets.changed, timeout=8000):
        ticket(ui.site, "lab", "LookupError", "fresh", "controllers/default.py", 2, time.time(), number=1)
        ui.tickets._look()


def test_tk_14_badge_tray_and_notice_on_a_new_kind(ui):
    """TK-14, SH-13: a notice for a new kind, not for each error."""
    item = ui.window.sidebar.item("tickets")
    waiting = ui.tickets.waiting()
    assert item.accessibleDescription() == f"{waiting} waiting"
    assert ui.part.errors.text() == f"Errors ({waiting})"
    assert "tickets.errors" in ui.tray.shown[4]
    ticket(ui.site, "shop", "KeyError", "'price'", "models/db.py", 88, time.time(), number=78)
    ui.refresh()
    assert not [n for n in ui.desk.notices.all() if "kind of error" in n.text]
    ui.window.show_panel("overview")
    ticket(ui.site, "lab", "LookupError", "fresh", "controllers/default.py", 2, time.time(), number=1)
    ui.refresh()
    ui.until(lambda: bool(ui.desk.notices.open_notices()))
    notice = ui.desk.notices.open_notices()[0]
    assert notice.text == "A new kind of error in lab: LookupError: fresh."
    notice.actions[0].run()
    ui.until(lambda: ui.panel.current() is not None and ui.panel.current().exception == "LookupError")
    assert ui.window.current_panel() == "tickets"


def test_tk_14_many_errors_of_a_known_kind_are_told_once(ui):
    """TK-14"""
    ui.window.show_panel("overview")
    for number in range(11):
        ticket(ui.site, "shop", "KeyError", "'price'", "models/db.py", 88, time.time(), number=200 + number)
    ui.refresh()
    ui.until(lambda: bool(ui.desk.notices.open_notices()))
    assert ui.desk.notices.open_notices()[0].text == "11 errors in the last minute."


def test_a_new_error_counts_as_seen_after_it_was_looked_at(ui):
    """TK-01"""
    assert ui.state_of("ZeroDivisionError") == "new"
    ui.panel._seen_timer.stop()
    ui.panel._on_seen()
    ui.until(lambda: ui.state_of("ZeroDivisionError") == "open")


def test_tk_04_paste_a_number_into_filter_and_palette(ui):
    """TK-04"""
    wanted = next(row for row in ui.tickets.snapshot.groups if row.exception == "AttributeError")
    address = f"http://127.0.0.1:8000/admin/default/ticket/shop/{wanted.ids[0]}"
    ui.panel.bar.text.setText(address)
    ui.until(lambda: ui.panel.current_id() == wanted.ids[0])
    assert ui.panel.visible_filter() == ""
    model = PaletteModel(ui.desk.actions, [])
    other = next(row for row in ui.tickets.snapshot.groups if row.exception == "KeyError")
    model.search(f"shop/{other.ids[1]}")
    assert model.entry(0).action.text() == f"Open ticket {other.ids[1]}"
    model.entry(0).action.trigger()
    ui.until(lambda: ui.panel.current_id() == other.ids[1])
    model.search("stop")
    assert "ticket 127" not in model.entry(0).action.text()


def test_tk_04_unknown_number_says_so(ui):
    ui.panel.bar.text.setText("shop/127.0.0.1.2026-01-01.10-00-00.0d2b2e2c-6d1e-4f0e-8d2b-0c1d2e3f4a5b")
    ui.until(lambda: any("There is no ticket" in notice.text for notice in ui.desk.notices.all()))


def test_tk_05_filter_is_kept_and_cleared(ui):
    """TK-05"""
    ui.panel.bar.text.setText("locked")
    assert ui.exceptions() == ["OperationalError"]
    ui.panel.bar.text.setText("nothing like this")
    assert ui.panel.state() == "none match"
    assert ui.panel.empty.words.text() == "No ticket matches the filter."
    assert not ui.panel.detail.isVisible()
    ui.panel.clear.click()
    assert ui.panel.row_count() > 5
    assert ui.panel.detail.isVisible()


def test_tk_05_sh_11_filters_are_places_to_go_back_to(ui):
    """TK-05, SH-11: each choice is a place, the letters of one word are one; the scope is not part of it."""
    history, panel = ui.desk.history, ui.panel
    start = panel.filter()
    panel.bar.chips["solved"].click()
    for text in ("l", "lo", "loc"):
        panel.bar.text.setText(text)
    panel.bar.periods.chosen.emit("all")
    ui.window.show_panel("overview")
    history.back()
    assert ui.window.current_panel() == "tickets"
    assert (panel.filter().text, panel.filter().period) == ("loc", "all")
    history.back()
    assert (panel.filter().text, panel.filter().period) == ("loc", start.period)
    assert panel.bar.text.text() == "loc"
    ui.desk.scope.show_applications(("shop",))
    ui.desk.scope.set("shop")
    history.back()
    assert (panel.filter().text, panel.filter().state) == ("", "solved")
    assert panel.bar.chips["solved"].isChecked()
    assert panel.filter().application == "shop"
    history.back()
    assert panel.filter().state == start.state
    for _ in range(3):
        history.forward()
    assert panel.filter().period == "all"
    history.forward()
    assert ui.window.current_panel() == "overview"


def test_tk_02_what_belongs_together_is_told(ui):
    """TK-02: the type and the functions of the application, on demand."""
    ui.choose("ZeroDivisionError")
    ui.commands.open_more()
    next(
        action for action in ui.commands._more.actions() if action.text() == "What belongs together…"
    ).trigger()
    sheet = next(one for one in ui.window.findChildren(Question) if one.isVisible())
    words = sheet.accessibleDescription()
    assert "ZeroDivisionError" in words
    assert "shop/controllers/default.py, index()" in words
    assert "line:" in words
    ui.qtbot.keyClick(sheet, Qt.Key.Key_Escape)


def test_tk_05_file_and_visitor_of_the_shown_error(ui):
    """TK-05: by file and by address; what holds rows back is seen in the bar and can be taken away there."""
    ui.choose("KeyError")
    ui.commands.open_menu()
    offered = {action.text(): action for action in ui.commands._menu.actions()}
    offered["Only models/db.py"].trigger()
    assert ui.exceptions() == ["KeyError"]
    assert ui.panel.bar.files.isVisible()
    assert ui.panel.bar.files.value() == "models/db.py"
    ui.panel.bar.files.chosen.emit("")
    assert len(ui.exceptions()) > 1
    ui.panel.show_client("10.9.9.9")
    assert ui.panel.state() == "none match"
    ui.panel.show_client("127.0.0.1")
    assert "KeyError" in ui.exceptions()


@pytest.mark.panels("logs", "scheduler")
def test_tk_18_a_ticket_leads_to_its_moment_and_its_run(ui):
    """TK-18: the log of that moment for every ticket; the run for one that a task of the scheduler made."""
    row = ui.panel.current()
    ui.commands.open_more()
    assert not [action for action in ui.commands._more.actions() if "Run" in action.text()]
    path = ui.shop / "errors" / f"{row.ids[0]}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"task": {"id": 12, "run_id": 35}}))
    ui.panel.step(-1)
    ui.until(lambda: ui.panel.detail.opened.id == row.ids[1])
    ui.panel.step(1)
    ui.until(lambda: ui.panel.detail.opened.id == row.ids[0])
    assert "task 12" in ui.head.note.text()
    followed = []
    ui.panel.run_wanted.connect(lambda *run: followed.append(run))
    ui.panel.moment_wanted.connect(lambda *moment: followed.append(moment))
    ui.commands.open_more()
    offered = {action.text(): action for action in ui.commands._more.actions()}
    offered["Run 35 of the scheduler"].trigger()
    offered["Log of that moment"].trigger()
    assert followed[0] == ("shop", 35)
    assert followed[1] == (pytest.approx(row.last, abs=1), "worker")
    assert ui.window.current_panel() == "logs"


def test_tk_03_single_tickets(ui):
    """TK-03"""
    groups = ui.panel.row_count()
    ui.panel.set_single(True)
    assert ui.panel.row_count() > groups
    ui.choose("KeyError")
    ui.commands.solve()
    ui.until(lambda: ui.state_of("KeyError") == "solved")


def test_tk_16_unreadable_ones_show_reason_and_bytes(ui):
    """TK-16, journey 12: shown, never executed, never deleted by itself."""
    ui.choose("1 ticket")
    assert ui.head.title.whole() == "2 tickets can't be read"
    text = ui.panel.detail.page("raw").toPlainText()
    assert "can not be read" in text
    assert "broken" in text
    assert not ui.head.buttons["solve"].isEnabled()
    assert not ui.head.buttons["open"].isEnabled()


class _Server(http.server.BaseHTTPRequestHandler):
    seen: list[tuple[str, str, bytes]] = []

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.seen.append((self.command, self.path, self.rfile.read(length)))
        self.send_response(500 if "fail" in self.path else 302 if "move" in self.path else 200)
        self.send_header("web2py_error", "ticket shop/127.0.0.1.2026-01-01.10-00-00.x")
        self.send_header("Location", "http://outside.invalid/")
        self.end_headers()

    do_GET = do_POST = answer

    def log_message(self, *_arguments):
        pass


@pytest.fixture
def server():
    _Server.seen.clear()
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    made.server_close()


def test_tk_17_repeat_tells_what_came(server):
    """TK-17: never another server, never a redirect followed."""
    failed = send(Repeat("GET", "/fail"), server)
    assert (failed.status, failed.ticket) == (500, "shop/127.0.0.1.2026-01-01.10-00-00.x")
    assert send(Repeat("GET", "/move"), server).status == 302
    assert send(Repeat("POST", "/a", b"x=1"), server).status == 200
    assert _Server.seen[-1] == ("POST", "/a", b"x=1")
    assert "no answer" in send(Repeat("GET", "/"), "http://127.0.0.1:9").words(Repeat("GET", "/"))
    assert send(Repeat("GET", "/"), "file:///etc").status == 0


def test_tk_17_get_goes_at_once_post_asks_first(ui, server):
    """TK-17"""
    ui.supervisor.show(Phase.SERVING, url=server)
    for method, number in (("'GET'", 301), ("'POST'", 302)):
        request = {"address": "/fine", "method": method, "post_vars": "<Storage {'name': 'lamp'}>"}
        ticket(
            ui.site,
            "lab",
            f"E{number}",
            "m",
            "controllers/default.py",
            2,
            time.time(),
            number=number,
            request=request,
        )
    ui.refresh()
    ui.panel.show_new()
    ui.choose("E301")
    ui.commands.repeat()
    ui.until(ui.head.result.isVisible)
    assert "GET /fine: 200" in ui.head.result.text()
    ui.choose("E302")
    assert not ui.head.result.isVisible()
    ui.commands.repeat()
    question = ui.panel.findChild(Question)
    assert "name=lamp" in question.accessibleDescription()
    assert len(_Server.seen) == 1
    question.answer("repeat")
    ui.until(lambda: len(_Server.seen) == 2)
    assert _Server.seen[-1] == ("POST", "/fine", b"name=lamp")


def test_tk_17_what_can_not_be_repeated_says_why(ui):
    ui.commands.repeat()  # its address holds a hidden value
    assert "hidden value" in ui.desk.notices.all()[0].text
    ui.supervisor.show(Phase.STOPPED)
    ui.commands.repeat()
    assert "does not run" in ui.desk.notices.all()[0].text


def test_tk_20_export_and_look_at_someones(ui, tmp_path):
    """TK-20"""
    page, data = tmp_path / "out.html", tmp_path / "out.json"
    ui.tickets.export(ui.panel.table.selected_rows(), page)
    ui.tickets.export(ui.panel.table.selected_rows(), data)
    ui.until(data.exists)
    assert "ZeroDivisionError" in page.read_text("utf-8")
    before = [entry.id for entry in list_tickets(ui.shop)]
    ui.commands.look_into(data)
    ui.until(lambda: ui.panel.current() is not None and ui.panel.current().imported is not None)
    assert ui.head.state.whole() == "Imported"
    ui.until(lambda: ui.panel.ticket() is not None and ui.panel.detail.opened.row.imported is not None)
    ui.commands.delete()
    assert all(row.imported is None for row in ui.panel.model.rows())
    assert [entry.id for entry in list_tickets(ui.shop)] == before
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    ui.commands.look_into(broken)
    ui.until(lambda: any("holds no tickets" in notice.text for notice in ui.desk.notices.all()))


def test_tk_22_retention_of_an_application(ui):
    """TK-22"""
    sheet = ui.commands.keep_sheet()
    sheet.application.set_value("lab")
    sheet.days.setText("100")
    sheet.secrets.setChecked(True)
    sheet.findChild(type(ui.head.buttons["open"]), "tickets.keep.apply").click()
    ui.until(lambda: not [e for e in list_tickets(ui.lab) if e.source == "pickle"])
    settings = read_settings(ui.lab)
    assert (settings.keep_days, settings.keep_count, settings.keep_secrets) == (100.0, None, True)


def test_tk_23_empty_site(desk_maker, qtbot, tmp_path):
    """TK-23"""
    (tmp_path / "applications" / "welcome" / "controllers").mkdir(parents=True)
    supervisor = FakeSupervisor(Phase.SERVING)
    supervisor.settings = replace(supervisor.settings, site_folder=tmp_path)
    made = desk_maker(supervisor=supervisor)
    made.complete("tickets")
    made.window.show_panel("tickets")
    panel = made.desk.parts["tickets"].panel
    qtbot.waitUntil(lambda: panel.state() == "none yet", timeout=8000)
    assert panel.empty.words.text() == "No errors. A ticket appears here when a request fails."
    assert not panel.clear.isVisible()


def test_another_site_folder_shows_its_own_tickets(ui, tmp_path):
    other = tmp_path / "other"
    (other / "applications" / "welcome" / "controllers").mkdir(parents=True)
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=other)
    ui.tickets._look()
    ui.until(lambda: ui.panel.state() == "none yet")


@pytest.mark.panels("applications")
def test_journey_3_keyboard_only(ui):
    """Journey 3: open the error, open its line, mend it, save, back, repeat, solve; without the mouse."""
    table, control = ui.panel.table, Qt.KeyboardModifier.ControlModifier
    table.setFocus()
    ui.qtbot.keyClick(table, Qt.Key.Key_Down)
    assert ui.panel.current().exception == "KeyError"
    ui.until(lambda: ui.panel.ticket() is not None and ui.panel.ticket().exception == "KeyError")
    ui.qtbot.keyClick(table, Qt.Key.Key_Up)
    ui.until(lambda: ui.panel.ticket().exception == "ZeroDivisionError")
    ui.qtbot.keyClick(table, Qt.Key.Key_E, control)
    applications = ui.desk.parts["applications"].panel
    ui.until(lambda: applications.file() is not None)
    edit = applications.file().edit
    assert edit.place()[0] == 16
    assert edit.hasFocus()
    ui.qtbot.keyClick(edit, Qt.Key.Key_End)
    for _ in range(len("100 / len(rows))")):
        ui.qtbot.keyClick(edit, Qt.Key.Key_Backspace)
    ui.qtbot.keyClicks(edit, "100 / max(1, len(rows)))")
    ui.qtbot.keyClick(edit, Qt.Key.Key_S, control)
    ui.until(lambda: "max(1, len(rows)))" in (ui.shop / "controllers/default.py").read_text())
    ui.qtbot.keyClick(ui.window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert ui.window.current_panel() == "tickets"
    table.setFocus()
    assert ui.panel.current().exception == "ZeroDivisionError"
    ui.qtbot.keyClick(table, Qt.Key.Key_Return, control)
    ui.until(lambda: ui.state_of("ZeroDivisionError") == "solved")


def test_every_control_has_a_name(ui):
    """SH-22: a screen reader finds a name on everything that takes the focus."""
    for id in ui.panel.detail.tabs:
        ui.panel.detail.show_tab(id)
    for widget in ui.panel.findChildren(QWidget):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
            assert widget.accessibleName() or widget.objectName() == "qt_scrollarea_viewport", widget


@pytest.mark.parametrize(("width", "height"), [(720, 480), (1280, 800)])
@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_every_size_is_laid_out_without_a_warning(ui, theme, width, height, zoom):
    ui.window.resize(width, height)
    theme.set_zoom(zoom)
    for id in ui.panel.detail.tabs:
        ui.panel.detail.show_tab(id)
        ui.window.grab()
    assert ui.panel.detail.head.buttons["open"].isVisible()


def test_answer_in_words():
    assert (
        Answer(500, "NO", 12.4, "shop/x").words(Repeat("GET", "/a"))
        == "GET /a: 500 NO in 12 ms, ticket shop/x"
    )
