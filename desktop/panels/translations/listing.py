"""The applications of the site and the languages of one of them, read in the background (TR-01)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from desktop.background import Context, Runner, Tasks
from runtime.admin.languages import ScanResult, scan
from runtime.foundation.problems import UserError

from . import languages
from .languages import LanguageLine

LANE, LIST_LANE = "translations", "translations.lists"


class Listing(QObject):
    """Which applications and languages there are.

    Args:
        tasks: runs the background work.
        site: tells the present site folder.

    Signals:
        applications_changed: the list of applications was read.
        languages_changed: the list of languages was read, or is not known yet.
        told(str, str): level and sentence of a notice.
    """

    applications_changed = Signal()
    languages_changed = Signal()
    told = Signal(str, str)

    def __init__(self, tasks: Tasks, site: Callable[[], Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._site = site
        self.run = Runner(tasks, self, LANE, self._on_failed)
        """Runs a function in the background; a failure becomes a notice unless somebody takes it."""
        self.applications: list[Path] | None = None
        self.application: Path | None = None
        self.languages: list[LanguageLine] | None = None
        self.scanned: ScanResult | None = None
        self._wanted = ""

    def _on_failed(self, error: Exception) -> None:
        self.told.emit("error", sentence_of(error))

    @property
    def site(self) -> Path:
        """The site folder."""
        return self._site()

    def find_applications(self) -> None:
        """Read the list of applications, then the languages of the one shown."""
        site = self.site
        self.run(
            "Looking for applications",
            lambda _context: languages.applications(site),
            self._on_applications,
            key="translations.applications",
            lane=LIST_LANE,
        )

    def _on_applications(self, found: list[Path]) -> None:
        self.applications = found
        self.applications_changed.emit()
        if self.application not in found:
            names = {path.name: path for path in found}
            wanted = (
                names.get(self._wanted.partition("/")[0])
                or names.get("welcome")
                or (found[0] if found else None)
            )
            self.show_application(wanted)
        else:
            self.find_languages()

    def want(self, application: str, language: str) -> None:
        """Remember what to show first, as it was the last time."""
        self._wanted = f"{application}/{language}"

    def show_application(self, application: Path | None) -> None:
        """Go to another application; what is edited is written first."""
        self.leave_application()
        self.application = application
        self.languages = self.scanned = None
        self.languages_changed.emit()
        if application is not None:
            self.find_languages()

    def leave_application(self) -> None:
        """Called before another application is shown."""

    def find_languages(self) -> None:
        """Read the list of languages with its counts; what needs the sources follows."""
        application = self.application
        if application is None:
            return
        known = self.scanned  # of the last time, so that numbers do not jump

        def work(_context: Context) -> tuple[Path, list[LanguageLine], None]:
            return application, languages.list_languages(application, known), None

        title = f"Counting the translations of {application.name}"
        self.run(title, work, self._on_languages, key="translations.languages", lane=LIST_LANE)

    def _look_at_sources(self, application: Path) -> None:
        def work(context: Context) -> tuple[Path, list[LanguageLine], ScanResult]:
            title = "Looking through the sources"
            found = scan(
                application, lambda at, of: context.progress(at, of, title), lambda: context.cancelled
            )
            context.check()
            return application, languages.list_languages(application, found), found

        title = f"Looking through the sources of {application.name}"
        self.run(title, work, self._on_languages, key="translations.sources", lane=LIST_LANE)

    def _on_languages(self, result: tuple[Path, list[LanguageLine], ScanResult | None]) -> None:
        application, lines, found = result
        if application != self.application:
            return
        self.languages = lines
        self.languages_changed.emit()
        if found is None:
            self._look_at_sources(application)
            self.show_wanted(application, lines)
        else:
            self.take_scan(found)

    def show_wanted(self, application: Path, lines: list[LanguageLine]) -> None:
        """Called when the languages of an application are known for the first time."""

    def take_scan(self, found: ScanResult) -> None:
        """Take the places strings are used at."""
        self.scanned = found

    @property
    def wanted(self) -> str:
        """``application/language`` to show first."""
        return self._wanted


def counted(number: int, noun: str) -> str:
    """``1 string``, ``2 strings``."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def sentence_of(error: Exception) -> str:
    """What an error says to a person."""
    if isinstance(error, OSError) and error.strerror:
        named = f"{error.filename}: " if error.filename else ""
        text = f"{named}{error.strerror}"
    elif isinstance(error, (UserError, TimeoutError)):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {error}"
    return text if text.endswith((".", "?", ")")) else f"{text}."
