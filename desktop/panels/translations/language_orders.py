"""Orders on whole languages: add, duplicate, rename, move to the bin (TR-01)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop.shell.notices import NoticeAction

from . import languages
from .languages_view import LanguageSheet
from .orders_base import OrdersBase


class LanguageOrders(OrdersBase):
    """Orders that make, move and delete language files."""

    def _language(self) -> tuple[str, str]:
        file, line = self._file, self._panel.languages.current()
        if file is not None:
            return file.sheet.language, file.sheet.name
        return (line.counts.language, line.counts.name) if line is not None else ("", "")

    def _ask_language(
        self, title: str, verb: str, code: str, name: str, then: Callable[[str, str], None]
    ) -> None:
        sheet = LanguageSheet(self._panel.theme, title, verb, code, name, self._panel)
        sheet.given.connect(then)
        sheet.open()

    def _make(self, title: str, work: Callable[[Path], str]) -> None:
        session = self._panel.session
        application = session.application
        if application is None:
            return
        session.write_all()

        def done(language: str) -> None:
            session.files.pop(language, None)
            session.find_languages()
            session.show_language(language)

        session.run(title, lambda _context: work(application), done)

    def add_language(self) -> None:
        """Asks for code and name of a new language."""

        def make(code: str, name: str) -> None:
            self._make(f"Adding {code}", lambda application: languages.add_language(application, code, name))

        self._ask_language("Add a language", "Add", "", "", make)

    def duplicate_language(self) -> None:
        """Asks for code and name of a copy."""
        like, like_name = self._language()

        def make(code: str, name: str) -> None:
            self._make(
                f"Copying {like}", lambda application: languages.add_language(application, code, name, like)
            )

        self._ask_language(f"Duplicate {like_name}", "Duplicate", f"{like}-", like_name, make)

    def rename_language(self) -> None:
        """Asks for another code or name."""
        language, old_name = self._language()

        def make(code: str, name: str) -> None:
            self._panel.session.forget(language)
            self._make(
                f"Renaming {language}",
                lambda application: languages.rename_language(application, language, code, name),
            )

        self._ask_language(f"Rename {old_name}", "Rename", language, old_name, make)

    def delete_language(self) -> None:
        """Moves a language to the bin; a notice offers to bring it back."""
        session = self._panel.session
        application, data = session.application, session.data
        language, name = self._language()
        if application is None or not language:
            return
        session.write_all()

        def bring_back() -> None:
            def restored(_result: object) -> None:
                self._panel.notices.dismiss("translations.bin")
                session.find_languages()

            session.run(
                f"Restoring {language}",
                lambda _context: languages.restore_language(application, place[0]),
                restored,
            )

        place: list[Path] = []

        def done(found: Path) -> None:
            place.append(found)
            session.forget(language)
            session.find_languages()
            text = f"{name} ({language}) is in the bin for {languages.BIN_DAYS} days."
            undo = NoticeAction("Undo", bring_back)
            self._panel.notices.post("info", text, actions=[undo], replace="translations.bin")

        session.run(
            f"Deleting {language}",
            lambda _context: languages.bin_language(application, language, data),
            done,
        )
