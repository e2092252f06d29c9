"""Carries out the orders of Translations: editing, bulk work with its differences, files, languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from desktop.background import Context
from desktop.shell.actions import Actions
from desktop.shell.notices import NoticeAction
from runtime.admin.exchange import FORMATS, ImportDiff, compare, export_language, read_file
from runtime.admin.languages import ScanResult, scan
from runtime.i18n.files import load_texts

from . import bulk, languages, storage
from .choices import Choice, ChoicesModel, ConflictsModel, DiffSheet
from .commands import short
from .languages_view import LanguageSheet
from .listing import counted
from .model import Conflict, Query, State
from .replace_sheet import ReplaceSheet
from .session import OpenFile

if TYPE_CHECKING:
    from .view import TranslationsPanel

ENDINGS = " ".join(f"*{ending}" for ending in FORMATS)
FILTER = f"Translations ({ENDINGS})"


class PanelOrders(QObject):
    """Does what the actions of the panel say.

    Args:
        panel: the widget; it shows, this acts.
        actions: the registry.
        open_at: opens a file at a line.
        server_url: tells the address of the running server.
        open_address: opens an address in the browser.
    """

    def __init__(
        self,
        panel: TranslationsPanel,
        actions: Actions,
        open_at: Callable[[Path, int], bool],
        server_url: Callable[[], str],
        open_address: Callable[[str], bool] | None,
    ) -> None:
        super().__init__(panel)
        self._panel, self._actions = panel, actions
        self._open_at, self._server_url, self._open_address = open_at, server_url, open_address
        self._sheet: DiffSheet | None = None
        panel.session.told.connect(self._on_told)
        panel.session.conflicts.connect(self.show_conflicts)

    def _on_told(self, level: str, sentence: str) -> None:
        self._panel.notices.post(level, sentence, replace="translations")

    @property
    def _file(self) -> OpenFile | None:
        return self._panel.session.current

    # one string

    def accept(self) -> None:
        """Leaves the string as it is, no longer new, and goes to the next unfinished one."""
        panel, file = self._panel, self._file
        if file is not None and panel.key in file.sheet:
            row = file.sheet[panel.key]
            if row.values.new and row.translated:
                panel.session.set_values(row.key, f"accept “{short(row.source)}”", new=False)
        self._go_on()

    def accept_same(self) -> None:
        """Marks the string as the same on purpose and goes on."""
        panel, file = self._panel, self._file
        if file is not None and panel.key in file.sheet:
            row = file.sheet[panel.key]
            title = f"same on purpose “{short(row.source)}”"
            panel.session.set_values(row.key, title, text=row.source, same=True, new=False)
        self._go_on()

    def _go_on(self) -> None:
        panel = self._panel
        panel.session.end_typing()
        if panel.step_unfinished():
            panel.editor.field.setFocus()
        else:
            panel.foot.words.set_text("Nothing in this list is left to translate")

    def next_string(self) -> None:
        """The string below."""
        self._panel.step(lambda _row: True)

    def previous_string(self) -> None:
        """The string above."""
        self._panel.step(lambda _row: True, forward=False)

    def next_warning(self) -> None:
        """The next string with a warning."""
        self._panel.step(lambda row: row.state is State.WARNING)

    def previous_warning(self) -> None:
        """The string with a warning before."""
        self._panel.step(lambda row: row.state is State.WARNING, forward=False)

    def copy_source(self) -> None:
        """Puts the source into the field, to be changed there."""
        panel = self._panel
        if panel.editor.row is not None:
            panel.editor.field.show_text(panel.editor.row.source)
            panel.editor.field.setFocus()
            panel.editor.field.moveCursor(panel.editor.field.textCursor().MoveOperation.End)
            panel.session.set_text(panel.key, panel.editor.row.source, typed=True)

    def revert(self) -> None:
        """Gives the string the text it had when the cursor came to it."""
        panel, file = self._panel, self._file
        if file is not None and panel.key in file.sheet:
            row = file.sheet[panel.key]
            before = panel.text_before
            if before is not None and row.values != before:
                panel.session.end_typing()
                title = f"revert “{short(row.source)}”"
                panel.session.push(file, title, {row.key: (row.values, before)})

    def fix(self, text: str) -> None:
        """Takes the mended text of a warning."""
        self._panel.session.end_typing()
        self._panel.session.set_text(self._panel.key, text, "fix a warning")
        self._panel.editor.field.setFocus()

    def ignore(self, check: str) -> None:
        """Sets a check aside for this string; an empty name brings all back."""
        panel, file = self._panel, self._file
        if file is not None and panel.key in file.sheet:
            ignored = file.sheet[panel.key].values.ignored | {check} if check else frozenset[str]()
            title = f"ignore {check}" if check else "show all warnings"
            panel.session.set_values(panel.key, title, ignored=ignored)

    def set_note(self, text: str) -> None:
        """Changes the note for translators."""
        panel, file = self._panel, self._file
        if file is not None:
            row = file.sheet[panel.key]
            if row.values.note != text:
                title = f"note on “{short(row.source)}”"
                steps = {row.key: (row.values, replace(row.values, note=text))}
                panel.session.push(file, title, steps, session=file.typing)

    def take_suggestion(self, number: int) -> None:
        """Takes the suggestion with this number."""
        self._panel.editor.suggestions.take(number)

    def take_text(self, text: str) -> None:
        """Takes a suggested text."""
        self._panel.session.end_typing()
        self._panel.session.set_text(self._panel.key, text, "take a suggestion")
        self._panel.editor.field.setFocus()

    def set_cell(self, language: str, key: str, text: str) -> None:
        """Changes a cell of the grid, as a step of that language."""
        session = self._panel.session
        file = session.files.get(language)
        if file is None:
            return
        if key in file.sheet:
            values = file.sheet[key].values
            steps = bulk.text_steps(file.sheet, {key: text or file.sheet[key].source})
        else:
            values, steps = None, {key: (None, storage.Values(text))} if text else {}
        if steps and steps[key][1] != values:
            session.undo.setActiveStack(file.stack)
            session.push(file, f"translate “{short(key)}” to {language}", steps)

    # the file

    def save(self) -> None:
        """Writes everything."""
        self._panel.session.write_all()

    def undo(self) -> None:
        """Takes the last step back."""
        self._panel.session.end_typing()
        self._panel.session.undo.undo()
        self._after_undo()

    def redo(self) -> None:
        """Does the last step again."""
        self._panel.session.undo.redo()
        self._after_undo()

    def _after_undo(self) -> None:
        panel = self._panel
        if panel.pages.currentWidget() is panel.grid:
            panel.grid.cells.layoutChanged.emit()

    def switch_writing(self) -> None:
        """Writes to the file two seconds after the last key instead of into a draft, or back."""
        panel = self._panel
        on = self._actions.get("translations.switch_writing").isChecked()
        panel.session.write_at_once = on
        panel.layout_store.save_text("translations.at_once", "yes" if on else "no")

    def reload(self) -> None:
        """Reads everything again."""
        session = self._panel.session
        if session.problem:
            self._reopen()
        session.look_at_disk()
        session.find_applications()

    def _reopen(self) -> None:
        panel = self._panel
        panel.session.show_language(panel.session.wanted_language)

    def open_place(self) -> None:
        """Opens the first place the string is used at."""
        session = self._panel.session
        places = session.scanned.places.get(self._panel.key, []) if session.scanned else []
        if places:
            self.open_at(places[0].file, places[0].line)
        else:
            self._on_told("info", "No source file is known to use this string. Scan the sources to find out.")

    def open_at(self, file: str, line: int) -> None:
        """Opens a file of the application at a line."""
        application = self._panel.session.application
        if application is not None and not self._open_at(application / file, line):
            path = application / file
            self._on_told("info", f"No program could open {path}. The string is in line {line}.")

    def open_as_text(self) -> None:
        """Opens the language file itself."""
        session = self._panel.session
        line = self._panel.languages.current()
        language = session.wanted_language if session.problem or session.current else ""
        language = language or (line.counts.language if line else "")
        match = re.search(r"line (\d+)", session.problem)
        if language:
            self.open_at(f"languages/{language}.py", int(match[1]) if match else 1)

    def open_page(self) -> None:
        """Opens the application in the browser."""
        application = self._panel.session.application
        url = self._server_url()
        if not url:
            self._on_told("info", "The server does not run. Start it to see the application in the browser.")
        elif application is not None and self._open_address is not None:
            address = f"{url.rstrip('/')}/{application.name}"
            if not self._open_address(address):
                self._on_told("warning", f"No browser could be started for {address}.")

    # pages

    def show_plurals(self) -> None:
        """Shows the plural words, or the strings again."""
        self._panel.show_page("plurals")

    def show_languages(self) -> None:
        """Shows the languages of the application."""
        self._panel.show_strings()
        self._panel.session.close_language()

    def show_grid(self) -> None:
        """Shows all languages beside each other, reading those that are not open."""
        panel = self._panel
        session = panel.session
        if panel.pages.currentWidget() is panel.grid:
            panel.show_strings()
            return
        session.close_language()
        wanted = [line.counts.language for line in session.languages or [] if not line.counts.problem]

        def ready(_file: OpenFile | None = None) -> None:
            if all(language in session.files for language in wanted):
                panel.grid.show_sheets([session.files[language].sheet for language in wanted])
                panel.show_page("grid")

        missing = [language for language in wanted if language not in session.files]
        for language in missing:
            session.open_language(language, then=ready)
        if not missing:
            ready()

    # bulk work

    def _ask(
        self,
        title: str,
        sentence: str,
        choices: list[Choice],
        verb: str,
        then: Callable[[list[Choice], bool], None],
        tick: str = "",
    ) -> None:
        sheet = DiffSheet(self._panel.theme, title, sentence, ChoicesModel(choices), verb, tick, self._panel)
        sheet.accepted_rows.connect(then)
        self._sheet = sheet
        sheet.open()

    def scan(self) -> None:
        """Looks through the sources and shows what is new and what is unused."""
        session = self._panel.session
        application = session.application
        if application is None:
            return

        def work(context: Context) -> ScanResult:
            found = scan(application, lambda at, of: context.progress(at, of), lambda: context.cancelled)
            context.check()
            return found

        title = f"Scanning the sources of {application.name}"
        session.run(title, work, self._on_scanned, key="translations.scan", lane="translations.scan")

    def _on_scanned(self, found: ScanResult) -> None:
        session, file = self._panel.session, self._file
        session.take_scan(found)
        additions = {
            name: {key: bulk.source_text(key) for key in changes.new}
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
        if file is None:
            choices = [
                Choice(bulk.NEW, bulk.source_text(key), "", f"in {name}", (name, key))
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
            self._on_told("done", f"Every string of the sources is in the files, none is unused. {notes[0]}")
            return
        kinds = [choice.what for choice in choices]
        new, unused = sum(kind == bulk.NEW for kind in kinds), kinds.count(bulk.UNUSED)
        near = len(kinds) - new - unused
        title = f"{new} new, {unused} unused, {near} near matches" if file else f"{new} new"
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
            self._on_told("warning", f"“{query.text}” cannot be replaced by “{by}”: {error}.")
            return
        if not choices:
            self._on_told("info", f"No translation in this list holds “{query.text}”.")
            return

        def take(chosen: list[Choice], _tick: bool) -> None:
            texts = {choice.data: choice.after for choice in chosen}
            steps = bulk.text_steps(file.sheet, texts)
            self._panel.session.push(file, f"replace in {counted(len(steps), 'string')}", steps)

        title = f"Replace in {counted(len(choices), 'translation')}"
        self._ask(title, "Only what is chosen changes; it is one step to undo.", choices, "Replace", take)

    def fill(self) -> None:
        """Asks for another language file to take missing texts from."""
        panel = self._panel
        dialog = QFileDialog(
            panel, "Fill from", str(panel.session.site / "applications"), "Language files (*.py)"
        )
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.fill_from(Path(path)))
        dialog.open()

    def fill_from(self, path: Path) -> None:
        """Shows what another language file could fill, then fills what is chosen."""
        file, session = self._file, self._panel.session
        if file is None:
            return

        def show(texts: dict[str, str]) -> None:
            choices = bulk.fill_choices(file.sheet, texts)
            if not choices:
                self._on_told("info", f"{path.name} has no text for a string that is not translated here.")
                return

            def take(chosen: list[Choice], _tick: bool) -> None:
                steps = bulk.text_steps(file.sheet, {choice.data: choice.after for choice in chosen})
                session.push(file, f"fill {counted(len(steps), 'string')}", steps)

            title = f"Fill {counted(len(choices), 'string')}"
            self._ask(title, f"Texts of {path}, for what is not translated here.", choices, "Fill", take)

        session.run(f"Reading {path.name}", lambda _context: load_texts(path), show)

    def show_conflicts(self, conflicts: list[Conflict]) -> None:
        """Asks which text of each key both sides changed is to stay (TR-11)."""
        count = counted(len(conflicts), "string")
        model = ConflictsModel(conflicts)
        sentence = "They changed here and in the file at the same time. Choose which text stays."
        sheet = DiffSheet(
            self._panel.theme, f"{count} changed on both sides", sentence, model, "Keep", "", self._panel
        )
        sheet.accepted_rows.connect(self._on_settled)
        self._sheet = sheet
        sheet.open()

    def _on_settled(self, sides: list[tuple[Conflict, str]], _tick: bool) -> None:
        self._panel.session.settle({conflict.key: (conflict, side) for conflict, side in sides})

    # files of other programs

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
            self._on_told("done", f"{count} exported to {path}.")

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
                self._on_told("info", f"{path.name} holds nothing that differs.{skipped}")
                return

            def take(chosen: list[Choice], _tick: bool) -> None:
                rows, words = bulk.import_steps(file.sheet, chosen)
                session.push(file, f"import {counted(len(rows) + len(words), 'string')}", rows, words)

            sentence = f"{diff.unchanged} are the same already.{skipped} Nothing changes until you choose."
            self._ask(f"{counted(len(choices), 'string')} differ", sentence, choices, "Import", take)

        def work(_context: Context) -> ImportDiff:
            return compare(application, read_file(path, language), language)

        session.run(f"Reading {path.name}", work, show)

    # languages as files

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


def _by_language(chosen: list[Choice]) -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    for choice in chosen:
        name, key = choice.data
        out.setdefault(name, {})[key] = bulk.source_text(key)
    return out
