"""One run of the window: what is kept, what a second start does, and the order of leaving."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from fakes import FakeSupervisor
from PySide6.QtCore import QObject, Signal

from desktop.app import take_options
from desktop.processes.runtime_backend import RuntimeBackend, server_config
from desktop.processes.state import Phase, RunningRequest, ServerSettings
from desktop.secrets import SecretResult
from desktop.session import Parts, Session
from desktop.settings import SettingsStore, server_settings
from desktop.shell.interrupts import Interrupts
from desktop.shell.questions import Question
from desktop.wish import Wish
from runtime.cli import Options
from runtime.config import build_config


class Supervisor(FakeSupervisor):
    settings_applied = Signal(object)

    def shutdown(self, done, drain_seconds=None):
        self.asked.append(("shutdown", drain_seconds))
        self.done = done

    def look_for_running(self):
        self.asked.append("look")

    def password_changed(self, is_set):
        self.asked.append(("password", is_set))


class Store(QObject):
    problem = Signal(str)

    def __init__(self):
        super().__init__()
        self.problems = ["The settings file cannot be understood."]
        self.kept, self.forced, self.flushed = {}, {}, 0

    def get(self, name):
        return self.kept.get(name)

    def set(self, name, value):
        self.kept[name] = value

    def force(self, name, value, source):
        self.forced[name] = (value, source)

    def flush(self):
        self.flushed += 1


class Instance(QObject):
    message_received = Signal(dict)
    released = False
    taken: Path | None = None

    def follow(self, folder):
        self.asked = folder
        return folder != self.taken

    def release(self):
        self.released = True


class Secrets(QObject):
    def __init__(self):
        super().__init__()
        self.given = []

    def set(self, site, password, callback):
        self.given.append((site, password))
        self.callback = callback

    def close(self):
        self.given = None


@pytest.fixture
def run(desk_maker, qapp, monkeypatch):
    """A session with doubles below the window."""
    supervisor = Supervisor()
    ui = desk_maker(supervisor=supervisor)
    monkeypatch.setattr(ui.desk, "complete_soon", lambda: None)  # not asked about here
    ended = []
    monkeypatch.setattr("desktop.session.QApplication.quit", lambda: ended.append(True))
    layout = SimpleNamespace(flush=lambda: None)
    parts = Parts(Store(), layout, Secrets(), supervisor, Instance())
    session = Session(qapp, ui.desk, parts)
    yield SimpleNamespace(session=session, parts=parts, ended=ended, **vars(ui))
    session.deleteLater()


def test_begin_looks_for_a_running_server_then_starts(run):
    """SV-01, SH-17: adopt before start; problems of the settings are told."""
    run.supervisor.settings = ServerSettings(site_folder=Path("/home/office/Sites"), start_with_window=True)
    run.session.begin()
    assert run.supervisor.asked == ["look", "start"]
    assert "cannot be understood" in run.window.bars.bars()[0].notice.text


def test_begin_leaves_the_server_alone_when_asked_to(run):
    run.supervisor.settings = ServerSettings(site_folder=Path("/home/office/Sites"), start_with_window=False)
    run.session.begin()
    assert run.supervisor.asked == ["look"]


def test_sh_15_the_start_at_the_log_in_may_start_the_server(run):
    """SH-15: by an option of the command line, whatever the settings say."""
    run.supervisor.settings = ServerSettings(site_folder=Path("/home/office/Sites"), start_with_window=False)
    run.session._parts = replace(run.parts, start_server=True)
    run.session.begin()
    assert run.supervisor.asked == ["look", "start"]


def test_st_06_nothing_starts_by_itself_behind_the_first_run(run):
    """ST-06: the steps ask whether and what."""
    run.supervisor.settings = ServerSettings(site_folder=Path("/home/office/Sites"), start_with_window=True)
    run.desk.first_run.open()
    run.session.begin()
    assert run.supervisor.asked == ["look"]


def test_sh_07_second_start_brings_the_window_back(run):
    """SH-07: also from the tray."""
    run.window.hide()
    run.parts.instance.message_received.emit({"command": "raise"})
    assert run.window.isVisible()


def test_sh_07_16_another_site_folder_takes_the_whole_window_along(run, tmp_path, qtbot):
    """SH-07, SH-16: lock and marks are those of the folder that the next start will have."""
    followed = []
    run.session._parts = replace(run.parts, run=SimpleNamespace(follow=followed.append))
    old = ServerSettings(site_folder=run.supervisor.settings.site_folder)
    run.supervisor.settings_applied.emit(old)
    chosen = tmp_path / "chosen"
    run.supervisor.settings_applied.emit(replace(old, site_folder=chosen))
    qtbot.waitUntil(lambda: followed == [chosen])
    assert run.parts.instance.asked == chosen.resolve()
    run.parts.instance.taken = (tmp_path / "taken").resolve()
    run.supervisor.settings_applied.emit(replace(old, site_folder=tmp_path / "taken"))
    qtbot.waitUntil(lambda: run.window.bars.bars() != [])
    assert "Another window of Hadron has" in run.window.bars.bars()[0].notice.text
    assert followed == [chosen]


def test_quit_waits_for_the_server_and_keeps_everything(run):
    """SH-05: quit quits, after the requests in flight got their answer; asked again, at once."""
    run.desk.actions.get("app.quit").trigger()
    assert run.supervisor.asked == [("shutdown", None)]
    assert run.ended == []
    run.desk.actions.get("app.quit").trigger()
    assert run.supervisor.asked[-1] == "stop_now"
    run.supervisor.done()
    assert run.ended == [True]
    assert run.parts.instance.released
    assert run.parts.store.flushed == 1
    assert "geometry" in run.layout.texts


def test_sv_09_password_goes_to_the_keyring_and_never_to_the_settings(run):
    """SV-09: kept for this site folder; the sentence of the keyring is shown."""
    run.desk.overview.form.password_given.emit("correct horse")
    assert run.parts.secrets.given == [("/home/office/Sites", "correct horse")]
    run.parts.secrets.callback(
        SecretResult("set", "x", True, "correct horse", "memory", "Kept until you quit.")
    )
    field = run.desk.overview.form.fields["password"]
    assert field.fault.words.text() == "Kept until you quit."
    assert run.supervisor.asked == [("password", True)]
    assert run.parts.store.kept == {}


def test_sv_02_accepted_settings_are_stored(run):
    run.supervisor.settings_applied.emit(ServerSettings(port=8123, site_folder=Path("/home/office/Sites")))
    assert run.parts.store.kept["server.port"] == 8123


def test_cli_52_command_line_fills_the_window_for_this_run():
    """CLI-52: only what was given; nothing is stored."""
    store = Store()
    config = build_config({"port": 8123, "folder": "/tmp"})
    take_options(store, Options(config, given=frozenset({"port", "folder"})))
    assert store.forced["server.port"] == (8123, "command line")
    assert set(store.forced) == {"server.port", "server.site_folder"}
    assert store.kept == {}


@pytest.mark.parametrize(("option", "mode"), [("run_cron", "hard"), ("softcron", "soft")])
def test_cron_14_the_mode_of_cron_reaches_the_server(tmp_path, option, mode):
    """CRON-14, CLI-40, CLI-41, CLI-52: -Y and --softcron with the window; off without them."""
    store = SettingsStore(tmp_path)
    assert not {"--run-cron", "--softcron"} & set(RuntimeBackend().serve_command(server_settings(store)))
    take_options(store, Options(build_config({option: True}), given=frozenset({option})))
    assert server_config(server_settings(store)).cron == mode
    command = RuntimeBackend().serve_command(server_settings(store))
    assert ("--run-cron" if mode == "hard" else "--softcron") in command


def test_sh_18_quitting_asks_once_and_then_leaves(run):
    """SH-18: the sheet stands between the wish and the end."""
    run.supervisor.show(Phase.SERVING)
    run.supervisor.requests = [RunningRequest("GET", "/shop/default/slow", "shop", 30.0)]
    run.desk.actions.get("app.quit").trigger()
    assert run.supervisor.asked == []
    run.window.findChild(Question).answer("quit")
    assert run.supervisor.asked == [("shutdown", None)]


def test_sh_19_log_off_asks_nothing_and_drains_for_five_seconds(run):
    """SH-19: places are kept, requests in flight get 5 s, and a window closed meanwhile just closes."""
    run.supervisor.show(Phase.SERVING)
    run.supervisor.requests = [RunningRequest("GET", "/shop/default/slow", "shop", 30.0)]
    run.session.log_off()
    assert run.supervisor.asked == [("shutdown", 5.0)]
    assert run.parts.store.flushed == 1
    run.window.close()
    assert run.window.findChild(Question) is None
    assert not run.window.isVisible()
    run.supervisor.done()
    assert run.ended == [True]


def test_desk_10_workers_end_before_the_server(run, monkeypatch):
    """DESK-10: tasks are finished first; asked twice, neither is waited for."""
    waiting = []
    monkeypatch.setattr(run.desk.workers, "shutdown", waiting.append)
    monkeypatch.setattr(run.desk.workers, "hasten", lambda: waiting.append("hasten"))
    run.session.end()
    assert run.supervisor.asked == []
    waiting[0]()
    assert run.supervisor.asked == [("shutdown", None)]
    run.session.end()
    assert waiting[1:] == ["hasten"]
    assert run.supervisor.asked[-1] == "stop_now"


def test_sh_07_a_second_start_shows_what_it_asked_for(run, monkeypatch):
    """SH-07, journey 9: `hadron open shop` while the program runs hidden: same window, the application selected."""
    wished = []
    monkeypatch.setattr(run.desk, "fulfil", wished.append)
    run.window.hide()
    run.parts.instance.message_received.emit(Wish("application", {"application": "shop"}).as_message())
    assert run.window.isVisible()
    assert wished == [Wish("application", {"application": "shop"})]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_sh_05_16_a_terminal_that_is_closed_ends_the_program_in_order(qtbot):
    """SH-05, SH-16: as Ctrl+C does, so that the next start tells of no crash; nohup keeps it running."""
    asked = []
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests themselves may run under nohup
    try:
        interrupts = Interrupts(lambda: asked.append(True))
        try:
            os.kill(os.getpid(), signal.SIGHUP)
            qtbot.waitUntil(lambda: asked == [True])
        finally:
            interrupts.close()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        interrupts = Interrupts(lambda: asked.append(True))
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        interrupts.close()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
