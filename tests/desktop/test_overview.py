"""The panel Overview as a person uses it."""

import os
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import NOW, FakeSupervisor, metrics, server_state
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu

from desktop.panels.overview import network
from desktop.panels.overview.address import CONFIRMED
from desktop.panels.overview.command import command_line
from desktop.panels.overview.requests import PATH, STATUS, RequestsModel
from desktop.processes.metrics import MetricsBook
from desktop.processes.state import Fault, Phase, ServerSettings
from desktop.shell.questions import Question
from runtime.cli.parser import make_options, parse

BUTTONS = {
    Phase.STOPPED: {"Start": "start"},
    Phase.STARTING: {"Cancel": "cancel"},
    Phase.SERVING: {"Stop": "stop", "Restart": "restart"},
    Phase.ADOPTED: {"Stop": "stop", "Restart": "restart"},
    Phase.DRAINING: {"Stop now": "stop_now"},
    Phase.CRASHED: {"Start now": "start_now", "Give up": "give_up"},
    Phase.FAILED: {"Use port 8001": ("use_port", 8001), "Try again": "try_again"},
    Phase.FOREIGN: {"Use port 8001": ("use_port", 8001), "Try again": "try_again"},
}


@pytest.mark.parametrize("phase", list(Phase))
def test_sv_01_buttons_of_each_state_do_what_they_say(ui, phase):
    """SV-01, SV-03, SV-06, SV-07, DESK-03: each button of each state reaches the supervisor."""
    ui.supervisor.show(phase)
    for text, order in BUTTONS[phase].items():
        button = next(each for each in ui.card.buttons() if each.text() == text)
        button.click()
        assert ui.supervisor.asked[-1] == order


@pytest.mark.parametrize("phase", list(Phase))
def test_the_panel_knows_its_state(ui, phase):
    ui.supervisor.show(phase)
    assert ui.overview.state() == phase
    assert ui.card.title.text() == ui.desk.server.view.title
    assert ui.window.status.server.whole() == ui.desk.server.view.line
    assert ui.window.header.state.text() == ui.desk.server.view.short


def test_sv_05_failure_shows_cause_and_log_with_copy(ui):
    """SV-05, DESK-19: one sentence, the last lines, *Copy*."""
    ui.supervisor.show(Phase.FAILED)
    assert "nginx (process 812)" in ui.card.sentence.text()
    assert ui.card.log.isVisible()
    ui.card.copy_log.click()
    assert "cannot bind 127.0.0.1:8000" in QApplication.clipboard().text()
    assert QApplication.clipboard().text().count("\n") == 5


def test_sv_05_the_person_may_fold_the_log_and_it_stays_folded(ui):
    ui.supervisor.show(Phase.FAILED)
    ui.card.log_head.click()
    assert not ui.card.log.isVisible()
    ui.desk.server.refresh()
    assert not ui.card.log.isVisible()


def test_sv_04_log_of_a_start_on_demand(ui):
    """SV-04: while starting, *Log* opens the lines."""
    ui.supervisor.show(Phase.STARTING)
    assert not ui.card.log.isVisible()
    ui.desk.actions.get("server.show_log").trigger()
    assert ui.card.log.isVisible()


def test_sv_07_crashes_are_listed(ui):
    """SV-07: how many and when."""
    ui.supervisor.show(Phase.CRASHED)
    assert ui.card.crashes.text().startswith("3 crashes: ")


def test_choose_a_port_leads_to_the_field(ui):
    """SV-03: the form opens and the port is selected."""
    ui.supervisor.show(Phase.FOREIGN)
    next(each for each in ui.card.buttons() if each.text().startswith("Choose")).click()
    assert ui.overview.form.isVisible()
    assert ui.overview.form.port.selectedText() == "8000"


def test_sv_10_address_is_a_link_and_can_be_copied(ui):
    """SV-10: this computer's, to open and to copy."""
    ui.supervisor.show(Phase.SERVING)
    ui.card.url.click()
    ui.card.copy.click()
    assert ui.opened == ["http://127.0.0.1:8000"]
    assert QApplication.clipboard().text() == "http://127.0.0.1:8000"


@pytest.mark.parametrize(
    ("phase", "editable"),
    [(Phase.STOPPED, True), (Phase.STARTING, False), (Phase.SERVING, True), (Phase.DRAINING, False)],
)
def test_sv_02_fields_are_locked_while_the_state_changes(ui, phase, editable):
    """SV-02, DESK-03: the table of states says when."""
    ui.supervisor.show(phase)
    ui.card.fold.setChecked(True)
    form = ui.overview.form
    assert {form.port.isEnabled(), form.folder.isEnabled(), form.address.isEnabled()} == {editable}


def test_sv_02_port_is_checked_while_typing(qtbot, ui):
    """SV-02, SV-03, DESK-02: nonsense at once, a busy port after a pause, nothing stored meanwhile."""
    ui.supervisor.busy_ports = {8080}
    ui.card.fold.setChecked(True)
    form = ui.overview.form
    form.port.clear()
    qtbot.keyClicks(form.port, "80x")
    assert "number from 1 to 65535" in form.fields["port"].fault.words.text()
    assert form.port.property("invalid") is True
    form.port.clear()
    qtbot.keyClicks(form.port, "8080")
    qtbot.waitUntil(lambda: "used by nginx" in form.fields["port"].fault.words.text())
    assert form.port.accessibleDescription() == "Port 8080 is used by nginx (process 812)."
    assert not any(order[0] == "apply" for order in ui.supervisor.asked)


def test_sv_02_leaving_the_field_takes_the_port_and_marks_the_restart(qtbot, desk_maker):
    """SV-02: in effect at once or *Needs restart*, with the button that does it."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    ui.card.fold.setChecked(True)
    ui.overview.form.port.clear()
    qtbot.keyClicks(ui.overview.form.port, "8123")
    qtbot.keyClick(ui.overview.form.port, Qt.Key.Key_Return)
    assert ui.supervisor.settings.port == 8123
    assert ui.card.restart_pill.text() == "Needs restart"
    ui.card.restart.click()
    assert ui.supervisor.asked[-1] == "restart"


def test_sv_02_refused_settings_are_explained_at_their_field(ui):
    ui.card.fold.setChecked(True)
    ui.supervisor.faults = [Fault("threads", "999 threads cannot be.")]
    ui.overview.form.threads._step(1)
    assert ui.overview.form.fields["threads"].fault.words.text() == "999 threads cannot be."
    assert ui.overview.form.fields["port"].fault.isHidden()


def test_sv_02_a_wrong_port_left_alone_goes_back(qtbot, ui):
    ui.card.fold.setChecked(True)
    form = ui.overview.form
    form.port.clear()
    qtbot.keyClicks(form.port, "0")
    form.port.editingFinished.emit()
    assert form.port.text() == "8000"


def test_sv_08_the_network_needs_a_yes_once(ui):
    """SV-08: asked once per address; *stay* changes nothing; the badge stays visible."""
    ui.card.fold.setChecked(True)
    ui.overview.form._on_address("0.0.0.0")
    ui.window.findChild(Question).answer("stay")
    assert ui.supervisor.asked == []
    ui.overview.form._on_address("0.0.0.0")
    QApplication.processEvents()
    ui.window.findChildren(Question)[-1].answer("open")
    assert ui.supervisor.settings.address == "0.0.0.0"
    assert ui.layout.texts[CONFIRMED] == "0.0.0.0"
    count = len(ui.supervisor.asked)
    ui.overview.form._on_address("127.0.0.1")
    ui.overview.form._on_address("0.0.0.0")
    assert len(ui.supervisor.asked) == count + 2
    ui.supervisor.show(Phase.SERVING, address="0.0.0.0")
    assert ui.window.header.network.text() == "Open to the network"
    assert ui.window.header.network.isVisible()


def test_sv_09_password_is_hidden_until_asked_and_has_a_hint(qtbot, ui):
    """SV-09: shown only on request, strength hint, cleared once kept."""
    ui.card.fold.setChecked(True)
    form = ui.overview.form
    assert form.password.echoMode() == form.password.EchoMode.Password
    qtbot.keyClicks(form.password, "abc")
    assert "at least 8" in form.fields["password"].fault.words.text()
    form.password.reveal.click()
    assert form.password.echoMode() == form.password.EchoMode.Normal
    with qtbot.waitSignal(form.password_given) as given:
        form.set_password.click()
    assert given.args == ["abc"]
    form.show_password_kept("Kept in the keyring.")
    assert form.password.text() == ""
    assert form.password.echoMode() == form.password.EchoMode.Password
    assert form.fields["password"].fault.words.text() == "Kept in the keyring."


def test_sv_09_a_password_that_could_not_be_kept_stays_in_the_field(qtbot, ui):
    ui.card.fold.setChecked(True)
    form = ui.overview.form
    qtbot.keyClicks(form.password, "correct horse")
    form.show_password_kept("The keyring did not answer.", "fault")
    assert form.password.text() == "correct horse"


def test_sv_11_strip_and_its_words(desk_maker):
    """SV-11, DESK-05: figures while serving; the line in words for screen readers; dashes with a reason otherwise."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    ui.supervisor.metrics_changed.emit(metrics())
    strip = ui.overview.figures
    assert [view.figure().value for view in strip.figures] == ["4.2", "18", "140", "0.1", "1"]
    assert strip.figures[1].accessibleName() == "Median time: 18 ms"
    assert "peak 9 req/s, 3 errors" in strip.line.accessibleName()
    ui.supervisor.show(Phase.STOPPED)
    assert [view.figure().value for view in strip.figures] == ["–"] * 5
    assert not strip.chart.isVisible()


def test_sv_12_requests_filter_pause_and_stay(qtbot, desk_maker):
    """SV-12: newest first, filter on all words, pause, kept and greyed after a stop."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    assert "No requests yet" in ui.overview.requests.empty.words.text()
    ui.supervisor.metrics_changed.emit(metrics())
    assert ui.overview.row_count() == 7
    ui.overview.requests.filter.setText("shop 500")
    model = ui.overview.requests.model
    assert [model.index(row, PATH).data() for row in range(model.rowCount())] == ["/shop/default/index"]
    spoken = model.index(0, STATUS).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Status: 500"
    ui.overview.requests.filter.setText("nothing like it")
    assert "No request matches" in ui.overview.requests.empty.words.text()
    ui.overview.requests.filter.clear()
    ui.overview.requests.pause.click()
    newer = metrics()
    ui.supervisor.metrics_changed.emit(replace(newer, latest=newer.latest[:2]))
    assert ui.overview.row_count() == 7
    ui.overview.requests.pause.click()
    assert ui.overview.row_count() == 2
    ui.supervisor.show(Phase.STOPPED)
    assert ui.overview.row_count() == 2
    assert model.old


def test_sv_12_lg_05_a_request_leads_to_its_ticket_its_log_and_its_page(qtbot, desk_maker):
    """SV-12, LG-05: by Enter and by menu; the chosen one stays chosen while others come."""
    ui = desk_maker()
    opened: list[tuple[str, dict]] = []
    for kind in ("ticket", "log"):
        ui.desk.links._handlers[kind] = lambda kind=kind, **data: opened.append((kind, data))
    ui.supervisor.show(Phase.SERVING)
    figures = metrics(NOW)
    ui.supervisor.metrics_changed.emit(figures)
    card, table = ui.overview.requests, ui.overview.requests.table
    qtbot.waitUntil(ui.window.isActiveWindow)
    failed = next(at for at in range(card.row_count()) if card.model.line(at).ticket)
    table.selectRow(failed)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == [("ticket", {"ticket": card.model.line(failed).ticket})]

    def menu() -> dict[str, QAction]:
        made = QMenu(card)
        card.fill(made)
        return {action.text(): action for action in made.actions()}

    menu()["Log of that moment"].trigger()
    moment = card.model.line(failed).moment
    assert moment % 1
    assert opened[-1] == ("log", {"time": float(int(moment)), "source": "access"})
    menu()["Open in the browser"].trigger()
    assert ui.opened == ["http://127.0.0.1:8000" + card.model.line(failed).path]
    chosen = card.current()
    newer = replace(figures, latest=(replace(figures.latest[0], path="/newer"), *figures.latest))
    ui.supervisor.metrics_changed.emit(newer)
    assert card.model.line(0).path == "/newer"
    assert card.current() is chosen
    post = next(at for at in range(card.row_count()) if card.model.line(at).method == "POST")
    table.selectRow(post)
    assert not menu()["Open in the browser"].isEnabled()
    assert not menu()["Open its ticket"].isEnabled()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened[-1][0] == "log"
    menu()["Copy"].trigger()
    assert "/welcome/default/user/login" in QApplication.clipboard().text()


def test_requests_model_keeps_qts_contract(qtmodeltester, qapp):
    model = RequestsModel()
    model.set_lines(metrics().latest)
    qtmodeltester.check(model, force_py=True)


def test_nothing_is_polled_while_hidden(ui):
    """A hidden window costs nothing: no figures asked for, no clock."""
    assert ui.supervisor.polling
    ui.window.hide()
    assert not ui.supervisor.polling
    assert not ui.desk.server._clock.isActive()
    ui.window.come_forward()
    assert ui.supervisor.polling


def test_long_words_never_widen_the_page(ui):
    """German lengths: no horizontal scrolling at the smallest size."""
    long = "Der Anschluss wird bereits vom Verwaltungsdienst verwendet. " * 4
    ui.window.resize(720, 480)
    state = server_state(Phase.FAILED)
    ui.supervisor.show(Phase.FAILED, cause=replace(state.cause, sentence=long))
    for _ in range(5):
        QApplication.processEvents()
    assert ui.overview.widget().width() <= ui.overview.viewport().width()
    assert ui.card.sentence.height() >= ui.card.sentence.heightForWidth(ui.card.sentence.width())
    for button in ui.card.buttons():
        right = button.mapTo(ui.overview.viewport(), button.rect().topRight()).x()
        assert right <= ui.overview.viewport().width()


def test_sv_12_a_request_leads_to_its_controller(qtbot, desk_maker, tmp_path):
    """SV-12: by Ctrl+E and by menu, as the routes say; a static file; what no action answers is explained."""
    app = tmp_path / "applications" / "shop"
    (app / "controllers").mkdir(parents=True)
    (app / "controllers" / "default.py").write_text("def thing():\n    return {}\n")
    (app / "static").mkdir()
    (app / "static" / "site.css").write_text("")
    (tmp_path / "routes.py").write_text("routes_in = [('/buy/$id', '/shop/default/thing/$id')]\n")
    ui = desk_maker()
    ui.supervisor.settings = replace(ui.supervisor.settings, site_folder=tmp_path)
    opened: list[tuple[str, dict]] = []
    for kind in ("action", "file"):
        ui.desk.links._handlers[kind] = lambda kind=kind, **data: opened.append((kind, data))
    ui.supervisor.show(Phase.SERVING)
    card, table = ui.overview.requests, ui.overview.requests.table

    def choose(path: str) -> None:
        figures = metrics(NOW)
        line = replace(figures.latest[0], path=path)
        ui.supervisor.metrics_changed.emit(replace(figures, latest=(line,)))
        table.selectRow(0)

    choose("/buy/18390")
    qtbot.waitUntil(ui.window.isActiveWindow)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(opened) == 1)
    assert opened[0] == ("action", {"application": "shop", "controller": "default", "function": "thing"})
    choose("/shop/static/site.css")
    made = QMenu(card)
    card.fill(made)
    next(action for action in made.actions() if action.text() == "Open its controller").trigger()
    qtbot.waitUntil(lambda: len(opened) == 2)
    assert opened[1][0] == "file"
    assert opened[1][1]["path"] == str(app / "static" / "site.css")
    choose("/shop/static/gone.css")
    card._open_code()
    qtbot.waitUntil(lambda: any("does not exist" in notice.text for notice in ui.desk.notices.all()))
    choose("/nothing/like/it")
    card._open_code()
    qtbot.waitUntil(lambda: "No action answers /nothing/like/it" in ui.desk.notices.all()[0].text)
    assert len(opened) == 2


def test_sv_10_addresses_for_others_are_links_and_can_be_copied(ui, monkeypatch):
    """SV-10: those of the networks while it serves all of them; none while it serves one address."""
    monkeypatch.setattr(network.network_urls, "__defaults__", (lambda: ["192.168.1.5", "10.0.0.7"],))
    ui.supervisor.show(Phase.SERVING, address="0.0.0.0", port=8123, url="http://127.0.0.1:8123")
    links = ui.card.network
    assert [link.text() for link in links.links] == ["http://192.168.1.5:8123", "http://10.0.0.7:8123"]
    assert links.isVisible()
    links.links[0].click()
    assert ui.opened == ["http://192.168.1.5:8123"]
    links.copies[1].click()
    assert QApplication.clipboard().text() == "http://10.0.0.7:8123"
    assert links.copies[1].accessibleName() == "Copy http://10.0.0.7:8123"
    for changes in (
        {"address": "127.0.0.1"},
        {"address": "192.168.1.5"},
        {"address": "0.0.0.0", "url": None},
    ):
        ui.supervisor.show(Phase.SERVING, **changes)
        assert not links.isVisible()
        assert links.links == []


def test_sv_10_many_addresses_stay_few(ui):
    """SV-10: of a computer with virtual machines the first ones; an address that is none has no others."""
    state = server_state(Phase.SERVING, address="::")
    many = [f"10.0.0.{at}" for at in range(30)]
    assert len(network.network_urls(state, lambda: many)) == network.MOST
    assert network.network_urls(server_state(Phase.SERVING, address="localhost"), lambda: many) == []


def test_sv_21_the_command_line_that_does_the_same(ui, tmp_path, monkeypatch):
    """SV-21: copied in every state, quoted; it asks for the password; the program itself reads it the same way."""
    monkeypatch.setattr("desktop.panels.overview.command.sys.platform", "linux")
    folder = tmp_path / "my sites"
    ui.supervisor.settings = replace(
        ui.supervisor.settings, site_folder=folder, address="0.0.0.0", port=8123, threads=5, cron="soft"
    )
    ui.supervisor.show(Phase.STOPPED, password_set=True)
    ui.desk.actions.get("serve.copy_command").trigger()
    text = QApplication.clipboard().text()
    assert "'<ask>'" in text
    program, command, *options = shlex.split(text)
    assert (program, command) == ("hadron", "serve")
    given = parse(options)
    assert given.pop("password") == "<ask>"
    config = make_options(given, print).config
    assert (config.folder, config.threads, config.cron) == (folder, 5, "soft")
    assert (config.interfaces[0].ip, config.interfaces[0].port) == ("0.0.0.0", 8123)
    assert text in ui.desk.notices.all()[0].text
    usual = command_line(ServerSettings(site_folder=Path("/srv/site")), password_set=False)
    assert usual == "hadron serve -f /srv/site"


def test_sv_19_processor_memory_and_requests_that_go_on_waiting(desk_maker):
    """SV-19: what the server uses; a hint when the queue stays above 0, not at once; nothing after a stop."""
    ui = desk_maker(supervisor=FakeSupervisor(Phase.SERVING))
    strip = ui.overview.figures
    ui.supervisor.metrics_changed.emit(replace(metrics(), queue=3, queued_seconds=2.0))
    assert not strip.load.isVisible()
    assert not strip.queue.isVisible()
    ui.supervisor.metrics_changed.emit(
        replace(metrics(), threads=8, threads_busy=8, queue=3, queued_seconds=12.0, load="3 % CPU, 61 MB")
    )
    assert strip.load.text() == "The server uses 3 % CPU, 61 MB."
    assert strip.queue.words.text().startswith("3 requests wait for a free thread, for 12 s.")
    assert strip.queue.words.property("tone") == "hint"
    ui.supervisor.metrics_changed.emit(
        replace(metrics(), threads=8, threads_busy=2, queue=3, queued_seconds=12.0)
    )
    assert strip.queue.words.text().startswith("3 requests wait for the processor, for 12 s.")
    ui.supervisor.show(Phase.STOPPED)
    assert not strip.load.isVisible()
    assert not strip.queue.isVisible()


def test_sv_19_the_time_in_the_queue_begins_anew_when_it_was_empty():
    """SV-19: and the process itself is measured from the second time on."""
    moment, queue = [100.0], [1]

    class Host:
        def call(self, name, **_arguments):
            return {"now": moment[0], "queue_depth": queue[0]} if name == "metrics" else {}

    book, found = MetricsBook(), []
    for moment[0], queue[0] in ((100.0, 1), (104.0, 2), (105.0, 0), (106.0, 1), (109.0, 1)):
        found.append(book.ask(Host(), os.getpid()))
    assert [each.queued_seconds for each in found] == [0.0, 4.0, 0.0, 0.0, 3.0]
    assert found[0].load == ""
    assert "% CPU" in found[1].load
    assert book.ask(Host()).load == ""
