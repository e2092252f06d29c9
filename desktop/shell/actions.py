"""The one registry of actions behind buttons, menus, tray, shortcuts and palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence

from desktop.theme import Theme


@dataclass(frozen=True)
class Entry:
    """What the registry knows of an action besides the QAction itself."""

    id: str
    group: str
    icon: str
    action: QAction


class Actions(QObject):
    """Actions by id; the same QAction serves everywhere, so text and enabled state agree.

    Signals:
        used(str): the id of an action that ran, for "recent first" in the palette.

    Args:
        theme: colours of the icons.
        own_keys: keys that the person chose, by id; empty for none (SH-20).
    """

    used = Signal(str)

    def __init__(
        self, theme: Theme, parent: QObject | None = None, own_keys: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._own = theme, dict(own_keys or {})
        self._usual: dict[str, list[QKeySequence]] = {}
        self._entries: dict[str, Entry] = {}
        self.finders: list[Callable[[str], Entry | None]] = []
        """Panels that know what is meant by a text typed into the palette, as the number of a ticket."""
        self.searchers: list[Callable[[str], Sequence[Entry]]] = []
        """Panels that have more to offer for such a text, behind the actions, as files; empty on opening."""

    def add(
        self,
        id: str,
        text: str,
        handler: Callable[[], object],
        *,
        group: str,
        icon: str = "",
        shortcut: str | QKeySequence.StandardKey | list[str] = "",
        short: str = "",
    ) -> QAction:
        """Registers an action.

        Args:
            id: ``subject.verb``, unique.
            text: full text for menus and palette.
            handler: called without arguments; a bound method of a QObject that lives as long.
            group: heading in the sheet of shortcuts.
            icon: name of an icon, or nothing.
            shortcut: keys as text, several texts, or a standard key.
            short: text for a button beside its subject ("Stop" for "Stop server").

        Raises:
            ValueError: the id is taken.
        """
        if id in self._entries:
            raise ValueError(f"There is already an action {id}.")
        action = QAction(text, self)
        action.setObjectName(id)
        action.setIconText(short or text)
        if isinstance(shortcut, list):
            action.setShortcuts([QKeySequence(keys) for keys in shortcut])
        elif shortcut:
            action.setShortcuts(_sequences(shortcut))
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        self._usual[id] = action.shortcuts()
        if id in self._own:
            action.setShortcuts(_own_sequences(self._own[id]))
        entry = Entry(id, group, icon, action)
        self._entries[id] = entry
        if icon:
            self._theme.tint_action(action, icon)
        action.triggered.connect(lambda _checked=False: self._run(id, handler))
        self.set_enabled(id, True)
        return action

    def _run(self, id: str, handler: Callable[[], object]) -> None:
        handler()
        self.used.emit(id)

    def get(self, id: str) -> QAction:
        """The action with this id."""
        return self._entries[id].action

    @property
    def own_keys(self) -> dict[str, str]:
        """Keys that the person chose, by id."""
        return dict(self._own)

    def usual_keys(self, id: str) -> list[QKeySequence]:
        """The keys that an action comes with."""
        return list(self._usual[id])

    def set_keys(self, id: str, keys: str | None) -> None:
        """Gives an action other keys, none with ``""``, those that it comes with for None."""
        if keys is None:
            self._own.pop(id, None)
            self.get(id).setShortcuts(self._usual[id])
        else:
            self._own[id] = keys
            self.get(id).setShortcuts(_own_sequences(keys))
        if self.get(id).isEnabled():
            self.set_enabled(id, True)  # the tooltip names the keys

    def icon_of(self, id: str) -> str:
        """Name of its icon, or nothing."""
        return self._entries[id].icon

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def set_enabled(self, id: str, enabled: bool, reason: str = "") -> None:
        """Enables or disables; a disabled action says why in its tooltip."""
        action = self.get(id)
        action.setEnabled(enabled)
        keys = keys_of(action)
        tip = action.text().rstrip(".…") + (f" ({keys})" if keys else "")
        action.setToolTip(tip if enabled else reason or tip)

    def set_text(self, id: str, text: str, short: str = "") -> None:
        """Changes the words of an action."""
        action = self.get(id)
        action.setText(text)
        action.setIconText(short or text)


def _sequences(shortcut: str | QKeySequence.StandardKey) -> list[QKeySequence]:
    if isinstance(shortcut, QKeySequence.StandardKey):
        return QKeySequence.keyBindings(shortcut)
    return [QKeySequence(shortcut)]


def _own_sequences(keys: str) -> list[QKeySequence]:
    return [QKeySequence.fromString(keys, QKeySequence.SequenceFormat.PortableText)] if keys else []


def keys_of(action: QAction) -> str:
    """The action's first shortcut as people read it on this system."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
