"""Carries out the orders of Translations on the string and the file that are open (TR-04, TR-09, TR-10)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from runtime.admin.languages_pages import page_of
from runtime.admin.languages_scan import Place

from . import bulk
from .bulk_orders import BulkOrders
from .commands import short
from .language_orders import LanguageOrders
from .model import State, Values
from .session import OpenFile


class PanelOrders(BulkOrders, LanguageOrders):
    """Does what the actions of the panel say; arguments as for `OrdersBase`."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._panel.session.told.connect(self.tell)
        self._panel.session.conflicts.connect(self.show_conflicts)

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
            values, steps = None, {key: (None, Values(text))} if text else {}
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
        places = self._places()
        if places:
            self.open_at(places[0].file, places[0].line)
        else:
            self.tell("info", "No source file is known to use this string. Scan the sources to find out.")

    def open_at(self, file: str, line: int) -> None:
        """Opens a file of the application at a line."""
        application = self._panel.session.application
        if application is not None and not self._open_at(application / file, line):
            path = application / file
            self.tell("info", f"No program could open {path}. The string is in line {line}.")

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
        """Opens the page that the string is on in the browser, in the language of the file (TR-08)."""
        session = self._panel.session
        application, places = session.application, self._places()
        if not self._server_url():
            self.tell("info", "The server does not run. Start it to see the application in the browser.")
        elif application is not None:
            language = self._language()[0]

            def show(path: str) -> None:
                self._show_page(path, language)

            session.run("Looking for the page", lambda _context: page_of(application, places), show)

    def _show_page(self, path: str, language: str) -> None:
        wanted = f"?_language={language}" if language and language != "default" else "?_language="
        address = f"{self._server_url().rstrip('/')}{path}{wanted}"
        if self._open_address is not None and not self._open_address(address):
            self.tell("warning", f"No browser could be started for {address}.")

    def _places(self) -> list[Place]:
        """Where the string that is shown is used."""
        session = self._panel.session
        return session.scanned.places.get(self._panel.key, []) if session.scanned else []

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
