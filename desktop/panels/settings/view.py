"""The panel Settings: a page per subject, made from the table of options (ST-01, ST-02, wireframe 13.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from desktop.background import Tasks
from desktop.panels.overview.words import words_of_faults
from desktop.processes.state import Fault
from desktop.settings.schema import OPTIONS, SECTIONS, Option, Value, option
from desktop.shell.preferences import Preferences
from desktop.shell.supervisor import Supervisor
from desktop.theme import Theme
from desktop.widgets.buttons import Button
from desktop.widgets.cards import Card
from desktop.widgets.hairline import hairline
from desktop.widgets.labels import label
from desktop.widgets.tabs import Tab
from runtime.config import default_site_folder

from .login_card import LoginCard
from .places_card import PlacesCard
from .rows import OptionRow
from .transfer import Transfer

WIDEST = 880  # pixels; farther apart, name and control lose each other
GENERAL, SERVER, PLACES = "general", "server", "places"


class SettingsPanel(QWidget):
    """Every option of the window and of the server; each takes effect at once.

    Args:
        theme: colours.
        preferences: where options are kept.
        supervisor: keeps the server's own options and checks them.
        tasks: measures folders, reads and writes files.
        open_path: opens a folder with the system's program; False when nothing could.

    Signals:
        restart_wanted(): the running server shall be started anew with what was chosen.
        said(str, str): level and sentence for a notice.
    """

    title = "Settings"
    restart_wanted = Signal()
    said = Signal(str, str)

    def __init__(
        self,
        theme: Theme,
        preferences: Preferences,
        supervisor: Supervisor,
        tasks: Tasks,
        open_path: Callable[[Path], bool],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settings")
        self.setAccessibleName("Settings")
        self.setProperty("page", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme, self._preferences, self._supervisor = theme, preferences, supervisor
        self._tasks, self._open_path = tasks, open_path
        self._rows: dict[str, OptionRow] = {}
        self._cards: dict[str, Card] = {}
        self._lines: dict[str, QFrame] = {}
        self._section = SECTIONS[0]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._tools())
        column.addWidget(hairline())
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        column.addWidget(self._scroll, 1)
        supervisor.state_changed.connect(self._show_server)
        supervisor.settings_checked.connect(self._on_checked)
        preferences.changed.connect(self._on_preference)

    # what the window asks of every panel

    def state(self) -> str:
        """``rows``, or ``nothing_matches`` when the search leaves none."""
        return (
            "rows" if self.row_count() or self._wants_places() or self._wants_login() else "nothing_matches"
        )

    def row_count(self) -> int:
        """Options shown."""
        return sum(1 for name in self.rows() if self._wanted(name))

    def visible_filter(self) -> str:
        """The words searched for."""
        return self.search.text()

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def show_words(self, words: str) -> None:
        """Shows the options that have these words."""
        self.rows()
        self.search.setText(words)

    def rows(self) -> dict[str, OptionRow]:
        """The rows by option; made when first asked for, the window's first paint does not wait for them."""
        if not self._rows:
            self._build()
        return self._rows

    def control(self, name: str) -> QWidget:
        """What changes the option called `name`."""
        return self.rows()[name].control

    # building

    def _tools(self) -> QWidget:
        tools = QWidget()
        tools.setProperty("page", True)
        row = QHBoxLayout(tools)
        row.setContentsMargins(10, 0, 16, 0)
        row.setSpacing(4)
        self.tabs: dict[str, Tab] = {}
        group = QButtonGroup(self)
        for section in (*SECTIONS, PLACES):
            tab = Tab(self._theme, section, section.capitalize())
            tab.setObjectName(f"settings.tab.{section}")
            tab.clicked.connect(lambda _on=False, section=section: self.show_section(section))
            group.addButton(tab)
            self.tabs[section] = tab
            row.addWidget(tab, 0, Qt.AlignmentFlag.AlignBottom)
        self.tabs[self._section].setChecked(True)
        row.addStretch(1)
        self.search = QLineEdit()
        self.search.setProperty("tool", True)
        self.search.setObjectName("settings.search")
        self.search.setAccessibleName("Search the settings")
        self.search.setPlaceholderText("Search the settings")
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(280)
        sign = self.search.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        sign.setText("Search the settings")
        sign.triggered.connect(self.search.setFocus)
        self._theme.tint_action(sign, "search", "text.secondary")
        self.search.textChanged.connect(self._arrange)
        row.addWidget(self.search, 3)
        return tools

    def _build(self) -> None:
        page = QWidget()
        page.setProperty("page", True)
        page.setMaximumWidth(WIDEST)
        column = QVBoxLayout(page)
        column.setContentsMargins(20, 16, 20, 20)
        column.setSpacing(12)
        self.restart = self._restart_line()
        column.addWidget(self.restart)
        for section in SECTIONS:
            card = Card(f"settings.card.{section}")
            card.setAccessibleName(section.capitalize())
            head = label(section.capitalize(), "heading")
            head.setContentsMargins(16, 12, 16, 4)
            card.body.addWidget(head)
            for each in (known for known in OPTIONS if known.section == section and known.shown):
                self._add_row(card, each)
            self._cards[section] = card
            column.addWidget(card)
        self.places = PlacesCard(self._theme, self._tasks, self._site, self._open_path)
        self.transfer = Transfer(self._theme, self._tasks, self.values, self.put_all, self)
        self.places.export_wanted.connect(self.transfer.export)
        self.places.import_wanted.connect(self.transfer.read)
        self.places.said.connect(self.said)
        self.transfer.said.connect(self.said)
        column.addWidget(self.places)
        self.login = LoginCard(self._theme, self._tasks)
        column.insertWidget(2, self.login)  # below General
        self.nothing = label("No setting has these words.", "secondary")
        column.addWidget(self.nothing)
        column.addStretch(1)
        self._scroll.setWidget(page)
        self._show_all()
        self._arrange()

    def _restart_line(self) -> QWidget:
        line = Card("settings.restart")
        row = QHBoxLayout()
        row.setContentsMargins(16, 10, 16, 10)
        row.addWidget(label("The running server goes on as it was started.", "medium", wrap=True), 1)
        button = Button(self._theme, "Restart now", "secondary", "restart")
        button.setObjectName("settings.restart.now")
        button.clicked.connect(self.restart_wanted)
        row.addWidget(button)
        line.body.addLayout(row)
        return line

    def _add_row(self, card: Card, each: Option) -> None:
        line = hairline()
        card.body.addWidget(line)
        row = OptionRow(self._theme, each)
        row.wanted.connect(self._put)
        row.reset_wanted.connect(lambda name: self._put(name, option(name).default))
        card.body.addWidget(row)
        self._rows[each.name], self._lines[each.name] = row, line

    def showEvent(self, event: QShowEvent) -> None:
        """Makes the rows when the page is opened first."""
        self.rows()
        super().showEvent(event)
        self._refresh()

    # finding

    def show_section(self, section: str) -> None:
        """Shows the options of one subject; a search ends."""
        self._section = section
        self.tabs[section].setChecked(True)
        self.search.clear()
        self._arrange()
        self._scroll.verticalScrollBar().setValue(0)
        self._refresh()

    def _refresh(self) -> None:
        """Asks the system for what is shown of it."""
        if self._wants_places():
            self.places.refresh()
        if self._wants_login():
            self.login.refresh()

    def _wants_login(self) -> bool:
        self.rows()
        words = self.search.text().strip()
        return self.login.matches(words) if words else self._section == GENERAL

    def _wants_places(self) -> bool:
        self.rows()
        words = self.search.text().strip()
        return self.places.matches(words) if words else self._section == PLACES

    def _wanted(self, name: str) -> bool:
        words = self.search.text().strip()
        return self._rows[name].matches(words) if words else option(name).section == self._section

    def _arrange(self, _words: str = "") -> None:
        filled: set[str] = set()
        for name, row in self.rows().items():
            on, section = self._wanted(name), row.option.section
            self._lines[name].setVisible(on and section in filled)
            row.setVisible(on)
            if on:
                filled.add(section)
        for section, card in self._cards.items():
            card.setVisible(section in filled)
        self.places.setVisible(self._wants_places())
        self.login.setVisible(self._wants_login())
        self.nothing.setVisible(self.state() == "nothing_matches")

    # showing

    def _show_all(self) -> None:
        for name in self._rows:
            if option(name).section != SERVER:
                self._show_preference(name)
        self._show_server()

    def _show_preference(self, name: str) -> None:
        value = self._preferences.get(name, option(name).default)
        self._rows[name].show_value(value, self._preferences.source(name))

    def _show_server(self, _state: object = None) -> None:
        if not self._rows:
            return
        settings = self._supervisor.settings
        for name, row in self._rows.items():
            if row.option.section == SERVER:
                value = getattr(settings, row.option.key)
                row.show_value(
                    _folder_text(value) if isinstance(value, Path) else value, self._preferences.source(name)
                )
        keep = self._rows["server.keep_serving"]
        keep.set_available(not settings.embedded, "A server inside this process ends with it.")
        self.restart.setVisible(self._supervisor.state.needs_restart)

    def _on_preference(self, name: str, _value: object) -> None:
        if name in self._rows and option(name).section != SERVER:
            self._show_preference(name)

    # taking

    def _site(self) -> Path:
        return Path(self._supervisor.settings.site_folder)

    def values(self) -> dict[str, Value]:
        """All options as they are."""
        found: dict[str, Value] = {}
        for each in OPTIONS:
            if each.section == SERVER:
                value = getattr(self._supervisor.settings, each.key)
                found[each.name] = _folder_text(value) if isinstance(value, Path) else value
            else:
                found[each.name] = self._preferences.get(each.name, each.default)
        return found

    def put_all(self, values: Mapping[str, Value]) -> str:
        """Takes several options, or none and says why."""
        change: dict[str, Any] = {}
        for name, value in values.items():
            if option(name).section == SERVER:
                folder = name == f"{SERVER}.site_folder"
                change[option(name).key] = _folder_of(str(value)) if folder else value
        faults = self._supervisor.apply(replace(self._supervisor.settings, **change)) if change else []
        if faults:
            return " ".join(fault.sentence for fault in faults)
        for name, value in values.items():
            if option(name).section != SERVER:
                self._preferences.set(name, value)
        self._show_all()
        return ""

    def _put(self, name: str, value: Value) -> None:
        row = self._rows[name]
        row.say("")
        if row.option.section != SERVER:
            if value == row.option.default:
                self._preferences.reset(name)
            else:
                self._preferences.set(name, value)
            return
        key = row.option.key
        change: dict[str, Any] = {key: value}
        if key == "site_folder":
            change[key] = _folder_of(str(value))
        faults = self._supervisor.apply(replace(self._supervisor.settings, **change))
        if faults:
            row.say(" ".join(fault.sentence for fault in faults))
        else:
            self._show_server()

    def _on_checked(self, faults: list[Fault]) -> None:
        """What the disk and the network said about the server's options (SV-02, SV-08)."""
        for row in self._rows.values():
            if row.option.section == SERVER:
                row.say(*words_of_faults(faults, row.option.key))


def _folder_of(text: str) -> Path:
    return Path(text) if text else default_site_folder()


def _folder_text(folder: Path) -> str:
    return "" if folder == default_site_folder() else str(folder)
