"""The program with its window: application object, options of the command line, one run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from desktop.crashes.run import Run
from desktop.desk import Desk
from desktop.processes.supervisor import ServerSupervisor
from desktop.secrets import SecretStore
from desktop.session import Parts, Session
from desktop.settings import SettingsStore, WindowState, server_settings
from desktop.settings.folders import data_folder
from desktop.settings.safe import SAFE_WORDS, take_safe_settings
from desktop.shell.first_paint import FirstPaint
from desktop.shell.interrupts import Interrupts
from desktop.shell.preferences import Layout, MemoryLayout
from desktop.single_instance import SingleInstance
from desktop.theme import Theme
from desktop.wish import Wish, read_wish

if TYPE_CHECKING:
    from runtime.cli import Options

COMMAND_LINE = "command line"


def make_application(arguments: list[str]) -> QApplication:
    """The application object with its names; closing the last window does not end it."""
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    QApplication.setOrganizationName("Hadron")
    QApplication.setApplicationName("Hadron")
    QApplication.setApplicationDisplayName("Hadron")
    QGuiApplication.setDesktopFileName("hadron")
    app = QApplication(arguments)
    app.setQuitOnLastWindowClosed(False)
    return app


def take_options(store: SettingsStore, options: Options) -> None:
    """Lets what the command line gave count for this run (CLI-52); `--safe` comes before all else (ST-10)."""
    if options.safe:
        take_safe_settings(store)
    config, given = options.config, options.given
    first = config.interfaces[0]
    if given & {"ip", "interfaces"}:
        store.force("server.address", first.ip, COMMAND_LINE)
    if given & {"port", "interfaces"} and first.port:
        store.force("server.port", first.port, COMMAND_LINE)
    if "folder" in given:
        store.force("server.site_folder", str(config.folder), COMMAND_LINE)
    if given & {"numthreads", "minthreads", "maxthreads"}:
        store.force("server.threads", config.threads, COMMAND_LINE)
    if given & {"run_cron", "softcron"} and config.cron in ("hard", "soft"):
        store.force("server.cron", config.cron, COMMAND_LINE)


def run_window(options: Options) -> int:
    """Opens the window and runs it until the person quits; returns the exit code.

    A second start for the same site folder brings the first window forward, lets it show what was asked for,
    and ends (SH-07).

    Raises:
        UserError: what is to be shown does not exist.
    """
    app = make_application(sys.argv[:1])
    store = SettingsStore()
    take_options(store, options)
    settings = server_settings(store)
    wish = read_wish(options.open, settings.site_folder) if options.open else None
    instance = SingleInstance(settings.site_folder)
    if not instance.take(wish.as_message() if wish else {"command": "raise"}):
        return 0
    with Run(data_folder(), settings.site_folder) as run:
        return _run(app, store, instance, options, run, wish)


def _run(
    app: QApplication,
    store: SettingsStore,
    instance: SingleInstance,
    options: Options,
    run: Run,
    wish: Wish | None,
) -> int:
    """Runs the window of the one instance; what a run before it has left is looked at once it is painted."""
    traces, settings = run.begin(), server_settings(store)
    layout: Layout = MemoryLayout() if options.safe else WindowState()
    secrets = SecretStore()
    supervisor = ServerSupervisor(settings, passwords=secrets)
    desk = Desk(Theme(app), store, layout, supervisor)
    if options.workers is not None:
        desk.workers.want_for_this_run(options.workers)
    session = Session(
        app, desk, Parts(store, layout, secrets, supervisor, instance, run, traces, options.start_server)
    )
    if wish is not None:
        desk.fulfil(wish)
    if options.safe:
        desk.notices.post("info", SAFE_WORDS, replace="safe")
    interrupts = Interrupts(session.end)
    if desk.first_run.is_due:
        desk.first_run.open()
    if not (options.taskbar and desk.tray.available):
        desk.window.show()
        FirstPaint(desk.window, session.begin)
    else:
        QTimer.singleShot(0, session, session.begin)
    code = app.exec()
    interrupts.close()
    desk.close()
    return code
