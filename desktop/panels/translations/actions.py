"""Orders in Translations: one action each behind button, key, menu and palette (TR-04)."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject

from desktop.shell.actions import Actions

from .session import Session

GROUP = "Translations"


class Orders(Protocol):
    """What the panel can be told; each order has an action of the same name."""

    def accept(self) -> None: ...
    def accept_same(self) -> None: ...
    def next_string(self) -> None: ...
    def previous_string(self) -> None: ...
    def next_warning(self) -> None: ...
    def previous_warning(self) -> None: ...
    def copy_source(self) -> None: ...
    def save(self) -> None: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def scan(self) -> None: ...
    def show_plurals(self) -> None: ...
    def show_grid(self) -> None: ...
    def show_languages(self) -> None: ...
    def replace(self) -> None: ...
    def fill(self) -> None: ...
    def export_file(self) -> None: ...
    def import_file(self) -> None: ...
    def open_place(self) -> None: ...
    def open_page(self) -> None: ...
    def open_as_text(self) -> None: ...
    def reload(self) -> None: ...
    def add_language(self) -> None: ...
    def duplicate_language(self) -> None: ...
    def rename_language(self) -> None: ...
    def delete_language(self) -> None: ...
    def switch_writing(self) -> None: ...
    def take_suggestion(self, number: int) -> None: ...


STRING, FILE, APPLICATION, LANGUAGE = "string", "file", "application", "language"
REASONS = {
    STRING: "Open a language and choose a string first.",
    FILE: "Open a language first.",
    APPLICATION: "Choose an application first.",
    LANGUAGE: "Choose a language first.",
}
"""What an action needs, and what a disabled one says."""

TABLE: tuple[tuple[str, str, str, str, str | list[str], str], ...] = (
    ("accept", "Accept, next unfinished", "check", STRING, ["Ctrl+Enter", "Ctrl+Return"], "Accept"),
    (
        "accept_same",
        "Same on purpose, next unfinished",
        "minus",
        STRING,
        ["Ctrl+Shift+Enter", "Ctrl+Shift+Return"],
        "Same on purpose",
    ),
    ("next_string", "Next string", "arrow-down", STRING, "Alt+Down", ""),
    ("previous_string", "Previous string", "arrow-up", STRING, "Alt+Up", ""),
    ("next_warning", "Next warning", "warning-outline", STRING, "F8", ""),
    ("previous_warning", "Previous warning", "", STRING, "Shift+F8", ""),
    ("copy_source", "Copy the source into the translation", "copy", STRING, "Ctrl+B", "Copy source"),
    ("save", "Save translations", "disk", FILE, "Ctrl+S", "Save"),
    ("undo", "Undo", "undo", FILE, "Ctrl+Z", ""),
    ("redo", "Redo", "", FILE, ["Ctrl+Shift+Z", "Ctrl+Y"], ""),
    ("scan", "Scan the sources for strings", "search", APPLICATION, "", "Scan sources"),
    ("show_plurals", "Plural words", "plural", FILE, "", "Plurals"),
    ("show_grid", "All languages in a grid", "table", APPLICATION, "", "Grid"),
    ("show_languages", "Languages of the application", "translations", APPLICATION, "", "All languages"),
    ("replace", "Replace in translations…", "", FILE, "Ctrl+H", ""),
    ("fill", "Fill from other language files…", "", FILE, "", ""),
    ("export_file", "Export translations…", "", FILE, "", "Export…"),
    ("import_file", "Import translations…", "", FILE, "", "Import…"),
    ("open_place", "Open where the string is used", "code", STRING, "Ctrl+E", ""),
    ("open_page", "Open the page in the browser, in this language", "open", APPLICATION, "Alt+Return", ""),
    ("open_as_text", "Open the language file as text", "file", LANGUAGE, "", "Open as text"),
    ("reload", "Read the translations again", "restart", APPLICATION, "F5", "Try again"),
    ("add_language", "Add a language…", "plus", APPLICATION, "", "Add language"),
    ("duplicate_language", "Duplicate the language…", "copy", LANGUAGE, "", "Duplicate"),
    ("rename_language", "Rename the language…", "", LANGUAGE, "", "Rename"),
    ("delete_language", "Move the language to the bin", "trash", LANGUAGE, "", "Delete"),
    ("switch_writing", "Write translations at once", "", FILE, "", ""),
)
"""Order, text, icon, need, keys, short text."""

SUGGESTIONS = 5


class TranslationActions(QObject):
    """Registers the panel's actions; they work only while the panel is shown.

    Args:
        actions: the registry.
        orders: who carries them out.
        session: tells what can be done.
    """

    def __init__(
        self, actions: Actions, orders: Orders, session: Session, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._actions, self._session = actions, session
        self._shown = False
        self._has_string = self._has_language = False
        for name, text, icon, _need, keys, short in TABLE:
            id = f"translations.{name}"
            handler = getattr(orders, name)
            actions.add(id, text, handler, group=GROUP, icon=icon, shortcut=keys, short=short)
        for number in range(1, SUGGESTIONS + 1):
            actions.add(
                f"translations.suggestion{number}",
                f"Take suggestion {number}",
                _Taker(orders, number, self).take,
                group=GROUP,
                shortcut=f"Alt+{number}",
            )
        actions.get("translations.switch_writing").setCheckable(True)
        session.undo.undoTextChanged.connect(self.refresh)
        session.undo.redoTextChanged.connect(self.refresh)
        session.opened.connect(self.refresh)
        session.languages_changed.connect(self.refresh)
        self.refresh()

    def set_shown(self, shown: bool) -> None:
        """The panel was shown or hidden: keys of hidden panels do nothing."""
        self._shown = shown
        self.refresh()

    def set_target(self, has_string: bool, has_language: bool) -> None:
        """Is a string, is a language chosen?"""
        if (has_string, has_language) != (self._has_string, self._has_language):
            self._has_string, self._has_language = has_string, has_language
            self.refresh()

    def refresh(self, _text: object = None) -> None:
        """Brings texts and enabled states in line with what is open."""
        session = self._session
        have = {
            STRING: self._has_string and session.current is not None,
            FILE: session.current is not None,
            APPLICATION: session.application is not None,
            LANGUAGE: self._has_language,
        }
        for name, _text_of, _icon, need, _keys, _short in TABLE:
            enabled = self._shown and have[need]
            reason = REASONS[need] if self._shown else "Go to Translations first."
            self._actions.set_enabled(f"translations.{name}", enabled, reason)
        for number in range(1, SUGGESTIONS + 1):
            enabled = self._shown and have[STRING]
            self._actions.set_enabled(f"translations.suggestion{number}", enabled, REASONS[STRING])
        for name, text, can in (
            ("undo", session.undo.undoText(), session.undo.canUndo()),
            ("redo", session.undo.redoText(), session.undo.canRedo()),
        ):
            id = f"translations.{name}"
            self._actions.set_text(id, f"{name.capitalize()}: {text}" if can else name.capitalize())
            self._actions.set_enabled(id, self._shown and can, f"Nothing to {name}.")


class _Taker(QObject):
    """Takes the suggestion with a number."""

    def __init__(self, orders: Orders, number: int, parent: QObject) -> None:
        super().__init__(parent)
        self._orders, self._number = orders, number

    def take(self) -> None:
        self._orders.take_suggestion(self._number)
