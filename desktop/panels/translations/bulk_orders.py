"""Bulk work: scan, replace, fill, settle, export, import; the difference first (TR-07, TR-11..18)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from desktop.background import Context
from runtime.admin.exchange import FORMATS, ImportDiff, compare, export_language, read_file
from runtime.admin.languages import ScanResult, scan
from runtime.i18n.catalog import source_text

from . import bulk, languages, storage
from .choices import Choice, ConflictsModel, DiffSheet
from .fill_sheet import FillSheet
from .filling import Offer, Source, find_sources, gaps_of, is_gap, offers_of, source_of
from .listing import counted
from .model import Conflict, Query
from .orders_base import OrdersBase
from .replace_sheet import ReplaceSheet
from .session import OpenFile

ENDINGS = " ".join(f"*{ending}" for ending in FORMATS)
FILTER = f"Translations ({ENDINGS})"


class BulkOrders(OrdersBase):
    """Orders that change many strings, always after showing what."""

    def scan(self) -> None:
        """Looks through the sources and shows what is new and what is unused."""
        session = self._panel.session
        application = session.application
        if application is None:
            return

        def work(context: Context) -> ScanResult:
            found = scan(application, context.progress, lambda: context.cancelled)
            context.check()
            return found

        title = f"Scanning the sources of {application.name}"
        session.run(title, work, self._on_scanned, key="translations.scan", lane="translations.scan")

    def _on_scanned(self, found: ScanResult) -> None:
        session, file = self._panel.session, self._file
        session.take_scan(found)
        additions = {
            name: {key: source_text(key) for key in changes.new}
            for name, changes in found.files.items()
            if changes.new and not changes.problem and (file is None or name != file.sheet.language)
        }
        others = ", ".join(additions)
        sources = found.sources
        notes = [f"{counted(len(found.places), 'string')} in {counted(sources.files, 'file')}."]
        if sources.problems:
            names = ", ".join(list(sources.problems)[:3])
            notes.append(f"{counted(len(sources.problems), 'file')} could not be read whole: {names}.")
        if sources.warnings:
            place = sources.warnings[0][0]
            count = counted(len(sources.warnings), "text")
            notes.append(f"{count} put together before translation, as in {place.file}:{place.line}.")
        take: Callable[[list[Choice], bool], None]
        if file is None:
            choices = [
                Choice(bulk.NEW, source_text(key), "", f"in {name}", (name, key))
                for name, texts in additions.items()
                for key in texts
            ]

            def take_all(chosen: list[Choice], _tick: bool) -> None:
                self._add_elsewhere(_by_language(chosen))

            take = take_all
            tick = ""
        else:
            choices = bulk.scan_choices(file.sheet, found.places, found.files.get(file.sheet.language))

            def take_here(chosen: list[Choice], also: bool) -> None:
                steps = bulk.scan_steps(file.sheet, chosen)
                if steps:
                    session.push(file, f"scan, {counted(len(steps), 'string')}", steps)
                if also:
                    self._add_elsewhere(additions)

            take = take_here
            tick = f"Add what is new to {others} as well" if others else ""
        if not choices and not additions:
            self.tell("done", f"Every string of the sources is in the files, none is unused. {notes[0]}")
            return
        kinds = [choice.what for choice in choices]
        new, unused = sum(kind == bulk.NEW for kind in kinds), kinds.count(bulk.UNUSED)
        near = len(kinds) - new - unused
        found_here = [(new, "new"), (near, "reworded"), (unused, "unused")]
        title = ", ".join(f"{count} {word}" for count, word in found_here if count) or "Nothing new here"
        sentence = " ".join(notes) + " Unused strings are kept unless you choose them."
        self._ask(title, sentence, choices, "Take", take, tick)

    def _add_elsewhere(self, additions: dict[str, dict[str, str]]) -> None:
        session = self._panel.session
        application = session.application
        if application is None or not additions:
            return
        folder = application / "languages"

        def done(_result: object) -> None:
            session.look_at_disk()
            session.find_languages()

        session.run("Adding new strings", lambda _context: storage.mark_new(folder, additions), done)

    def replace(self) -> None:
        """Asks what to replace, then shows what it would change."""
        panel = self._panel
        sheet = ReplaceSheet(panel.theme, panel.visible_filter(), panel)
        sheet.given.connect(self.preview_replacement)
        sheet.open()

    def preview_replacement(self, query: Query, by: str) -> None:
        """Shows what replacing in the translations shown would change."""
        file = self._file
        if file is None:
            return
        try:
            choices = bulk.replace_choices(file.sheet, query, by, self._panel.model.rows())
        except (re.error, IndexError) as error:
            self.tell("warning", f"“{query.text}” cannot be replaced by “{by}”: {error}.")
            return
        if not choices:
            self.tell("info", f"No translation in this list holds “{query.text}”.")
            return

        def take(chosen: list[Choice], _tick: bool) -> None:
            texts = {choice.data: choice.after for choice in chosen}
            steps = bulk.text_steps(file.sheet, texts)
            self._panel.session.push(file, f"replace in {counted(len(steps), 'string')}", steps)

        title = f"Replace in {counted(len(choices), 'translation')}"
        self._ask(title, "Only what is chosen changes; it is one step to undo.", choices, "Replace", take)

    def fill(self) -> None:
        """Looks for files of the site that have texts for what is not translated, and offers them (TR-17)."""
        file, site = self._file, self._panel.session.site
        if file is None:
            return
        application, language = file.sheet.application, file.sheet.language

        def find(context: Context) -> list[Source]:
            return find_sources(languages.applications(site), application, language, context.check)

        self._offer("Looking for texts of other files", file, find)

    def fill_from(self, path: Path) -> None:
        """Offers what one language file has for what is not translated (TR-17)."""
        if self._file is not None:
            self._offer(f"Reading {path.name}", self._file, lambda _context: [source_of(path)], path.name)

    def _offer(
        self, title: str, file: OpenFile, find: Callable[[Context], list[Source]], name: str = ""
    ) -> None:
        panel, gaps = self._panel, gaps_of(file.sheet)

        def take(chosen: list[Choice], _tick: bool) -> None:
            texts = {
                choice.data: choice.after
                for choice in chosen
                if choice.data in file.sheet and is_gap(file.sheet[choice.data])
            }
            steps = bulk.text_steps(file.sheet, texts)
            if steps:
                panel.session.push(file, f"fill {counted(len(steps), 'string')}", steps)

        def show(offers: list[Offer]) -> None:
            if self._file is not file:
                return
            if name and not offers:
                self.tell("info", f"{name} has no text for a string that is not translated here.")
                return
            sheet = FillSheet(panel.theme, file.sheet.name, len(gaps), offers, panel)
            sheet.accepted_rows.connect(take)
            sheet.file_wanted.connect(self.choose_source)
            sheet.open()

        def work(context: Context) -> list[Offer]:
            return offers_of(gaps, find(context))

        panel.session.run(title, work, show, key="translations.fill")

    def choose_source(self) -> None:
        """Asks for another language file to take missing texts from."""
        panel = self._panel
        dialog = QFileDialog(
            panel, "Fill from", str(panel.session.site / "applications"), "Language files (*.py)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self.fill_from(Path(path)))
        dialog.open()

    def show_conflicts(self, file: OpenFile, conflicts: list[Conflict]) -> None:
        """Asks which text of each key both sides changed is to stay (TR-11); one question at a time."""
        if any(isinstance(each.model, ConflictsModel) for each in self._panel.findChildren(DiffSheet)):
            return

        def settle(sides: list[tuple[Conflict, str]], _tick: bool) -> None:
            self._panel.session.settle(file, {conflict.key: (conflict, side) for conflict, side in sides})

        count = counted(len(conflicts), "string")
        model = ConflictsModel(conflicts)
        sentence = "They changed here and in the file at the same time. Choose which text stays."
        sheet = DiffSheet(
            self._panel.theme, f"{count} changed on both sides", sentence, model, "Keep", "", self._panel
        )
        sheet.accepted_rows.connect(settle)
        sheet.open()

    def export_file(self) -> None:
        """Asks where to, then exports."""
        file = self._file
        if file is None:
            return
        name = f"{file.sheet.application.name}-{file.sheet.language}.po"
        dialog = QFileDialog(self._panel, "Export translations", str(Path.home() / name), FILTER)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(name)
        dialog.fileSelected.connect(lambda path: self.export_to(Path(path)))
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Writes what is edited, then exports the language to `path`; its ending tells the format."""
        file, session = self._file, self._panel.session
        if file is None:
            return
        session.write(file)
        application, language, found = file.sheet.application, file.sheet.language, session.scanned

        def done(content: object) -> None:
            count = counted(len(getattr(content, "entries", ())), "string")
            self.tell("done", f"{count} exported to {path}.")

        title = f"Exporting to {path.name}"
        session.run(title, lambda _context: export_language(application, language, path, found), done)

    def import_file(self) -> None:
        """Asks for a file, then shows what it would change."""
        dialog = QFileDialog(self._panel, "Import translations", str(Path.home()), FILTER)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.import_from(Path(path)))
        dialog.open()

    def import_from(self, path: Path) -> None:
        """Shows what a file would change in the language open, then takes what is chosen (TR-18)."""
        file, session = self._file, self._panel.session
        if file is None:
            return
        session.write(file)
        application, language = file.sheet.application, file.sheet.language

        def show(diff: ImportDiff) -> None:
            choices = bulk.import_choices(diff)
            skipped = f" {len(diff.skipped)} left out: {diff.skipped[0]}." if diff.skipped else ""
            if not choices:
                self.tell("info", f"{path.name} holds nothing that differs.{skipped}")
                return

            def take(chosen: list[Choice], _tick: bool) -> None:
                rows, words = bulk.import_steps(file.sheet, chosen)
                session.push(file, f"import {counted(len(rows) + len(words), 'string')}", rows, words)

            sentence = f"{diff.unchanged} are the same already.{skipped} Nothing changes until you choose."
            self._ask(f"{counted(len(choices), 'string')} differ", sentence, choices, "Import", take)

        def work(_context: Context) -> ImportDiff:
            return compare(application, read_file(path, language), language)

        session.run(f"Reading {path.name}", work, show)


def _by_language(chosen: list[Choice]) -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    for choice in chosen:
        name, key = choice.data
        out.setdefault(name, {})[key] = source_text(key)
    return out
