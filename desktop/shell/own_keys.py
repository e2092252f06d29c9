"""Keys that the person chose: how they are kept, and which can be (SH-20)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from .actions import Actions, keys_of

OPTION = "general.keys"
FIXED = frozenset(  # one key that starts and stops, as the state of the server says
    {
        "server.start", "server.stop", "server.cancel", "server.stop_now", "server.start_now",
        "server.try_again",
    }
)  # fmt: skip
_ALT_GR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
_NO_LETTER = _ALT_GR | Qt.KeyboardModifier.MetaModifier


def read_own_keys(text: str) -> dict[str, str]:
    """Keys by the ids of actions; what can't be understood counts as none."""
    try:
        found = json.loads(text) if text else {}
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(id): keys for id, keys in found.items() if isinstance(keys, str)}


def own_keys_text(keys: Mapping[str, str]) -> str:
    """The text that `read_own_keys` reads."""
    return json.dumps(dict(sorted(keys.items()))) if keys else ""


def can_change(id: str, group: str) -> bool:
    """Whether an action may have other keys."""
    return id not in FIXED and group != "Settings"


def fault_of(keys: QKeySequence, id: str, actions: Actions, window: QWidget) -> str:
    """Why an action can't have these keys; nothing when it can.

    Args:
        keys: what was pressed.
        id: of the action.
        actions: the registry, whose keys work everywhere.
        window: holds the panels, which have keys of their own.
    """
    if keys.count() != 1:
        return "Press one key, with Ctrl or Alt."
    pressed: QKeyCombination = keys[0]  # type: ignore[index]
    key, modifiers = pressed.key(), pressed.keyboardModifiers()
    if not (modifiers & _NO_LETTER) and not Qt.Key.Key_F1 <= key <= Qt.Key.Key_F35:
        return "Letters alone are for typing. Add Ctrl or Alt, or use a function key."
    if modifiers & _ALT_GR == _ALT_GR and key < Qt.Key.Key_Escape:
        return "Ctrl and Alt together type letters on many keyboards. Leave one of them out."
    taken = [entry.action for entry in actions if entry.id != id]
    holder = _holder(keys, taken) or _holder(keys, window.findChildren(QAction))
    own = actions.get(id)
    if holder is not None and holder is not own:
        return f"{keys_of(holder)} is taken by “{holder.text().rstrip('…')}”. Change that one first."
    return ""


def _holder(keys: QKeySequence, actions: Iterable[QAction]) -> QAction | None:
    return next((each for each in actions if each.text() and keys in each.shortcuts()), None)
