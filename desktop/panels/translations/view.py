"""The panel Translations: languages, strings and their editing area, plurals, the grid (TR-01, TR-02)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.background import Tasks
from desktop.shell.actions import Actions, keys_of
from desktop.shell.notices import Notices
from desktop.shell.preferences import Layout
from desktop.theme import Theme
from desktop.widgets.hairline import hairline

from .actions import TranslationActions
from .editor import Editor
from .grid import GridTable
from .head import ALL, FilterRow, Foot, ToolRow
from .languages_view import LanguagesTable
from .model import UNFINISHED, Query, Row, State, Values
from .orders import PanelOrders
from .pages import LanguagesPage, Reason, why_nothing
from .plurals_view import PluralsView
from .session import Session
from .table import StringsModel, StringsTable

SUGGEST_PAUSE = 80  # milliseconds on a string until suggestions are looked for
BESIDE = 1000  # pixels of the window under which the editing area goes below the list
KEPT = "translations."


class TranslationsPanel(QWidget):
    """Everything about the translations of one application.

    Args:
        theme, actions, layout, notices, tasks: shared parts.
        site: tells the present site folder.
        data: where drafts and the bin lie; default the user's data folder.
        open_at: opens a file at a line; False means it could not.
        server_url: tells the address of the running server; empty while it does not run.
        open_address: opens an address in the browser; False means it could not.
    """

    title = "Translations"

    def __init__(
        self,
        theme: Theme,
        actions: Actions,
        layout: Layout,
        notices: Notices,
        tasks: Tasks,
        site: Callable[[], Path],
        data: Path | None = None,
        open_at: Callable[[Path, int], bool] = lambda _path, _line: False,
        server_url: Callable[[], str] = str,
        open_address: Callable[[str], bool] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("translations")
        self.setAccessibleName("Translations")
        self.setProperty("page", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.theme, self.layout_store, self.notices = theme, layout, notices
        self.session = Session(tasks, site, data, self)
        self.session.want(layout.load_text(f"{KEPT}application"), layout.load_text(f"{KEPT}language"))
        self.session.write_at_once = layout.load_text(f"{KEPT}at_once") == "yes"
        self.orders = PanelOrders(self, actions, open_at, server_url, open_address)
        self.actions_of = TranslationActions(actions, self.orders, self.session, self)
        actions.get("translations.switch_writing").setChecked(self.session.write_at_once)
        self._actions = actions
        self._second = layout.load_text(f"{KEPT}second")
        self._key = self._wanted_key = ""
        self.text_before: Values | None = None
        self._page = "strings"
        self._seen = False
        self._pause = QTimer(self, singleShot=True, interval=SUGGEST_PAUSE)
        self._pause.setObjectName("translations-suggest")
        self._pause.timeout.connect(self._suggest)
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        theme = self.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tools = ToolRow(theme, self._actions)
        self.filters = FilterRow(theme)
        self.model = StringsModel(self)
        self.table = StringsTable(theme, self.model)
        self.editor = Editor(theme, keys_of(self._actions.get("translations.accept")))
        self.none = Reason(theme)
        self._list = QStackedWidget()
        self._list.addWidget(self.table)
        self._list.addWidget(self.none)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setObjectName("translations.splitter")
        self.splitter.setAccessibleName("Strings and editing area")
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._list)
        self.splitter.addWidget(self.editor)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 2)
        self.splitter.handle(1).setAccessibleName("Edge of the editing area")
        self.splitter.splitterMoved.connect(self._keep_sizes)
        self.languages = LanguagesTable(theme)
        self.plurals = PluralsView(theme)
        self.grid = GridTable(theme)
        self.reason = Reason(theme)
        self.pages = QStackedWidget()
        self._languages_page = LanguagesPage(theme, self._actions, self.languages)
        for page in (self.splitter, self._languages_page, self.plurals, self.grid, self.reason):
            self.pages.addWidget(page)
        self.foot = Foot(theme)
        self._lines = [hairline() for _ in range(3)]
        for part in (
            self.tools,
            self._lines[0],
            self.filters,
            self._lines[1],
            self.pages,
            self._lines[2],
            self.foot,
        ):
            column.addWidget(part, 1 if part is self.pages else 0)

    def _connect(self) -> None:
        session, editor = self.session, self.editor
        session.applications_changed.connect(self.refresh)
        session.languages_changed.connect(self.refresh)
        session.opened.connect(self._on_opened)
        session.rows_changed.connect(self._on_rows)
        session.rows_reset.connect(self.search)
        session.words_changed.connect(self._show_plurals)
        session.said.connect(self._on_said)
        self.tools.application.chosen.connect(self._on_application)
        self.tools.language.chosen.connect(self._on_language)
        self.filters.chips.chosen.connect(self.search)
        self.filters.search.textChanged.connect(self.search)
        self.filters.regex.toggled.connect(self.search)
        self.table.chosen.connect(self._on_chosen)
        self.table.opened.connect(self.edit)
        self.languages.opened.connect(self.session.show_language)
        self.languages.selectionModel().selectionChanged.connect(self._show_target)
        self.plurals.forms_changed.connect(self._on_forms)
        self.plurals.closed.connect(self.show_strings)
        self.grid.cells.edited.connect(self.orders.set_cell)
        editor.typed.connect(self._on_typed)
        editor.reverted.connect(self.orders.revert)
        editor.fixed.connect(self.orders.fix)
        editor.ignored.connect(self.orders.ignore)
        editor.suggested.connect(self.orders.take_text)
        editor.note_changed.connect(self._on_note)
        editor.place_wanted.connect(self.orders.open_at)
        editor.page_wanted.connect(self.orders.open_page)
        editor.second_chosen.connect(self._on_second)
        application = QApplication.instance()
        assert application is not None, "a widget needs the application"
        application.aboutToQuit.connect(session.flush)

    # what tests and the window ask

    def state(self) -> str:
        """One of ``loading``, ``rows``, ``none yet``, ``none match``, ``failed``, ``not possible now``."""
        if self.session.problem:
            return "failed"
        if self.pages.currentWidget() is self.reason:
            known = self.session.applications is not None and self.session.languages is not None
            return "none yet" if known or self.session.applications == [] else "loading"
        if self.pages.currentWidget() is self.splitter and not self.model.rowCount():
            return "none match"
        return "rows"

    def row_count(self) -> int:
        """Rows of the page shown."""
        if self.pages.currentWidget() is self._languages_page:
            return self.languages.rows.rowCount()
        if self.pages.currentWidget() is self.grid:
            return self.grid.cells.rowCount()
        return self.model.rowCount()

    def visible_filter(self) -> str:
        """Text of the search."""
        return self.filters.search.text()

    def focus_filter(self) -> None:
        """Puts the cursor into the search."""
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def unsaved(self) -> list[str]:
        """Files that hold less than what was typed (SH-18)."""
        return [file.sheet.path.name for file in self.session.files.values() if file.sheet.dirty]

    def save_all(self, done: Callable[[bool], None]) -> None:
        """Writes every file; `done` learns whether all of it is kept (SH-18)."""
        self.session.write_all(done)

    @property
    def key(self) -> str:
        """Key of the string in the editing area; empty for none."""
        return self._key

    # pages

    def refresh(self) -> None:
        """Shows what there is: strings, languages, or the reason why there is nothing."""
        session = self.session
        file = session.current
        self.tools.show_applications(session.applications or [], session.application)
        language = file.sheet.language if file is not None else ""
        self.tools.show_languages(session.languages or [], language)
        self.languages.show_lines(session.languages or [])
        if session.problem:
            self._show_reason()
        elif file is not None:
            self._show_file()
        elif session.languages:
            self._go(self.grid if self._page == "grid" else self._languages_page)
        else:
            self._show_reason()
        self._show_counts()
        self._show_target()

    def _go(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        searched = page in (self.splitter, self.grid)
        self.filters.setVisible(searched)
        self._lines[1].setVisible(searched)
        self.filters.set_strings(page is self.splitter)

    def _show_file(self) -> None:
        if self._page == "plurals":
            self._show_plurals()
            self._go(self.plurals)
        else:
            self._go(self.splitter)

    def _show_reason(self) -> None:
        icon, sentence, names = why_nothing(self.session)
        orders = [self._actions.get(f"translations.{name}") for name in names]
        self.reason.show_reason(icon, sentence, orders)
        self._go(self.reason)

    def show_strings(self) -> None:
        """Back from plurals or grid to the strings."""
        self._page = "strings"
        self.refresh()

    def open_language(self, application: str, language: str = "", key: str = "") -> None:
        """Shows an application, a language of it, a string of that; what is shown already stays."""
        session = self.session
        named = [path for path in session.applications or [] if path.name == application]
        if session.applications is None or (named and named[0] != session.application):
            session.want(application, language)
            self._wanted_key = key
            if named:
                session.show_application(named[0])
        elif language and (session.current is None or session.current.sheet.language != language):
            self._wanted_key = key
            session.show_language(language)
        elif key:
            self.edit(key)

    def show_page(self, page: str) -> None:
        """Shows ``plurals`` or ``grid``, or the strings when it is shown already."""
        self._page = "strings" if self._page == page else page
        self.refresh()

    def _show_plurals(self) -> None:
        file = self.session.current
        self.plurals.show_sheet(file.sheet if file is not None else None)

    # strings

    def _on_opened(self) -> None:
        self._key = ""
        self.foot.words.set_text("")
        file = self.session.current
        if file is not None:
            self._page = "strings"
            self.layout_store.save_text(f"{KEPT}application", file.sheet.application.name)
            self.layout_store.save_text(f"{KEPT}language", file.sheet.language)
            self.filters.search.blockSignals(True)
            self.filters.search.clear()
            self.filters.search.blockSignals(False)
            self.filters.chips.set_value(None)
        elif not self.session.problem:
            self.layout_store.save_text(f"{KEPT}language", "")
        self.refresh()
        self.search()
        if file is not None and self._wanted_key:
            key, self._wanted_key = self._wanted_key, ""
            self.edit(key)
        elif file is not None and self.model.rowCount():
            self.table.setFocus()

    def search(self, _changed: object = None) -> None:
        """Asks the filter again; the string being edited stays the current one."""
        text = self.filters.search.text()
        self.grid.cells.set_filter(text)
        file = self.session.current
        if file is None:
            self.model.show_rows([])
            return
        query = Query(text, self.filters.regex.isChecked())
        try:
            rows = file.sheet.select(self.filters.chips.value(), query)
            fault = ""
        except re.error as error:
            rows, fault = [], f"“{text}” is no regular expression: {error}."
        key = self._key
        self.model.show_rows(rows)
        if not rows:
            self.none.show_reason("filter", fault or self._none_sentence(text), [])
        self._list.setCurrentWidget(self.table if rows else self.none)
        if not (key and self.table.show_key(key)) and rows:
            self.table.show_key(rows[0].key)
        elif not rows:
            self._show_row(None)
        self._show_counts()

    def _none_sentence(self, text: str) -> str:
        chip = self.filters.chips.value()
        what = f"{chip.value} string" if chip is not None else "string"
        return f"No {what} matches “{text}”." if text else f"There is no {what}."

    def _on_chosen(self, key: str) -> None:
        if key != self._key:
            self._key = key
            self.session.end_typing()
            file = self.session.current
            self.text_before = file.sheet[key].values if file is not None and key in file.sheet else None
            self._show_current()
            self._pause.start()

    def _show_current(self) -> None:
        file = self.session.current
        self._show_row(file.sheet[self._key] if file is not None and self._key in file.sheet else None)

    def _show_row(self, row: Row | None) -> None:
        file = self.session.current
        if file is None:
            return
        if row is None:
            self._key = ""
        at = self.model.place_of(row.key) if row is not None else None
        position = f"string {at + 1} of {self.model.rowCount()}" if at is not None else ""
        places = self.session.scanned.places.get(row.key, []) if row and self.session.scanned else []
        self.editor.show_row(file.sheet, row, position, places)
        self._show_second(row)
        self._show_target()

    def edit(self, key: str) -> None:
        """Shows a string and puts the cursor into its translation."""
        if not self.table.show_key(key):
            self.filters.chips.set_value(None)
            self.filters.search.clear()
            self.search()
            self.table.show_key(key)
        self.editor.field.setFocus()

    def step(self, wanted: Callable[[Row], bool], forward: bool = True) -> bool:
        """Goes to the next string that is wanted, around the end; False when there is none."""
        rows = self.model.rows()
        at = self.model.place_of(self._key)
        if at is None:
            at = -1 if forward else len(rows)
        count = len(rows)
        for distance in range(1, count + 1):
            row = rows[(at + (distance if forward else -distance)) % count]
            if wanted(row) and row.key != self._key:
                self.table.show_key(row.key)
                return True
        return False

    def step_unfinished(self) -> bool:
        """Goes to the next string that is not translated."""
        return self.step(lambda row: row.state in UNFINISHED)

    def _on_rows(self, keys: set[str]) -> None:
        self.model.touch(keys)
        self._show_counts()
        if self._key in keys:
            self._show_current()
        if len(keys) > 1:
            self._pause.start()

    def _show_counts(self) -> None:
        file = self.session.current
        counts = file.sheet.counts() if file is not None else dict.fromkeys(State, 0)
        self.filters.chips.show_counts(sum(counts.values()), counts)
        self.tools.show_progress(file, sum(counts[state] for state in UNFINISHED))
        self.foot.show_warnings(counts[State.WARNING] > 0)

    def _show_target(self) -> None:
        line = self.languages.current() if self.pages.currentWidget() is self._languages_page else None
        has_language = self.session.current is not None or line is not None or bool(self.session.problem)
        self.actions_of.set_target(bool(self._key), has_language)

    # the editing area

    def _on_typed(self, text: str) -> None:
        self.session.set_text(self._key, text, typed=True)

    def _on_note(self, text: str) -> None:
        file = self.session.current
        if file is not None and self._key in file.sheet:
            self.orders.set_note(text)

    def _suggest(self) -> None:
        file = self.session.current
        if file is None or file.memory is None or self._key not in file.sheet:
            return
        row = file.sheet[self._key]
        found = [one for one in file.memory.suggest(row.source) if one.text != row.values.text]
        self.editor.show_suggestions(self._key, found)

    def _on_second(self, language: str) -> None:
        self._second = language
        self.layout_store.save_text(f"{KEPT}second", language)
        self._show_current()

    def _show_second(self, row: Row | None) -> None:
        file, lines = self.session.current, self.session.languages or []
        own = file.sheet.language if file is not None else ""
        options = [
            (line.counts.language, f"{line.counts.name} ({line.counts.language})")
            for line in lines
            if line.counts.language not in (own, "default") and not line.counts.problem
        ]
        value = self._second if any(language == self._second for language, _ in options) else ""
        text = ""
        if value and row is not None:
            other = self.session.files.get(value)
            if other is None:
                self.session.open_language(value, then=lambda _file: self._show_current())
            elif row.key in other.sheet:
                text = other.sheet[row.key].shown
        self.editor.show_second(options, value, text)

    def _on_forms(self, word: str, forms: tuple[str, ...] | None) -> None:
        self.session.set_forms(word, forms, typed=True)

    # choosing

    def _on_application(self, name: str) -> None:
        chosen = next((path for path in self.session.applications or [] if path.name == name), None)
        self.layout_store.save_text(f"{KEPT}application", name)
        self._page = "strings"
        self.session.show_application(chosen)

    def _on_language(self, language: str) -> None:
        if language == ALL:
            self.orders.show_languages()
        else:
            self.session.show_language(language)

    def _on_said(self, words: str) -> None:
        self.foot.words.set_text(words)

    # showing and hiding

    def _keep_sizes(self) -> None:
        if self.splitter.orientation() == Qt.Orientation.Horizontal:
            self.layout_store.save_text(f"{KEPT}sizes", " ".join(map(str, self.splitter.sizes())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        beside = self.window().width() >= BESIDE
        wanted = Qt.Orientation.Horizontal if beside else Qt.Orientation.Vertical
        if self.splitter.orientation() != wanted or not self._seen:
            self.splitter.setOrientation(wanted)
            kept = self.layout_store.load_text(f"{KEPT}sizes").split()
            if beside and len(kept) == 2 and all(part.isdecimal() and int(part) > 50 for part in kept):
                self.splitter.setSizes([int(part) for part in kept])
            elif beside:
                details = max(340, round(self.width() * 0.4))
                self.splitter.setSizes([self.width() - details, details])
            else:
                self.splitter.setSizes([self.height() * 2, self.height() * 3])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._seen = True
        self.actions_of.set_shown(True)
        self.session.find_applications()
        self.session.look_at_disk()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.actions_of.set_shown(False)
        self.session.write_all()
