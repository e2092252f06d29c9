"""*Copy diagnostics*: what somebody who helps needs to know, without secrets (SH-24)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, qVersion
from PySide6.QtGui import QGuiApplication

from desktop.settings.folders import data_folder
from desktop.settings.schema import OPTIONS
from desktop.settings.store import config_folder

from .context import PanelContext

LOG_LINES = 200
SAID = "Diagnostics were copied: versions, paths, settings, the last lines of the logs. Secrets are left out."


class Diagnostics(QObject):
    """Registers the action; what lies on the disk is read in the background."""

    def __init__(self, context: PanelContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        context.actions.add("help.diagnostics", "Copy diagnostics", self.copy, group="Help", icon="copy")

    def copy(self) -> None:
        """Puts the diagnostics on the clipboard."""
        context, settings = self._context, self._settings()
        state = context.supervisor.state
        site = Path(context.supervisor.settings.site_folder)
        facts = [
            ("Qt", f"{qVersion()}, {QGuiApplication.platformName()}"),
            ("Screens", ", ".join(_screens())),
            ("Server", f"{state.phase} {state.url or ''}".strip()),
        ]

        def on_done(text: str) -> None:
            QGuiApplication.clipboard().setText(text)
            context.notices.post("done", SAID, text, replace="diagnostics")

        context.tasks.run(
            lambda _context: collect(site, facts, settings),
            owner=self,
            title="Collecting diagnostics",
            reading=True,
            on_done=on_done,
        )

    def _settings(self) -> list[tuple[str, str]]:
        """The options that are not as they come."""
        preferences = self._context.preferences
        found = []
        for option in OPTIONS:
            value = preferences.get(option.name, option.default)
            if value != option.default:
                found.append((option.name, f"{value} ({preferences.source(option.name)})"))
        return found


def _screens() -> list[str]:
    return [
        f"{screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():.0%}"
        for screen in QGuiApplication.screens()
    ]


def collect(site: Path, facts: Sequence[tuple[str, str]], settings: Sequence[tuple[str, str]]) -> str:
    """The text, without secrets; not for the GUI thread.

    Args:
        site: the site folder.
        facts: what only the window knows.
        settings: names and values of the options that were chosen.
    """
    from desktop.crashes.sources import logs_of
    from runtime.admin.applications import list_applications
    from runtime.admin.logs import LogBook, LogProblem, texts_of
    from runtime.admin.parts import about_lines
    from runtime.errors.report_text import clean_report

    names = [
        f"{info.name}{'' if info.state == 'on' else f' ({info.state})'}" for info in list_applications(site)
    ]
    paths = [
        ("Site folder", str(site)),
        ("Settings", str(config_folder())),
        ("User's files", str(data_folder())),
        ("Applications", ", ".join(names) or "none"),
    ]
    try:
        logs = texts_of(LogBook(logs_of(site)).older(LOG_LINES, lambda _record: True, lambda: None))
    except LogProblem as problem:
        logs = f"{problem}\n"
    parts = [
        "".join(f"{name}: {value}\n" for name, value in (*about_lines(), *facts, *paths)),
        "---- Settings that were changed ----\n"
        + ("".join(f"{name} = {value}\n" for name, value in settings) or "none\n"),
        f"---- Last lines of the logs ----\n{logs or 'none'}",
    ]
    return clean_report("\n".join(parts))
