"""One kind of undo step: values before and after, of strings and plural words (TR-09)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QUndoCommand

from .model import Values

Rows = Mapping[str, tuple[Values | None, Values | None]]
Words = Mapping[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]]
Apply = Callable[[dict[str, Values | None], dict[str, tuple[str, ...] | None]], None]
TYPING = 1


class Change(QUndoCommand):
    """Swaps values; None stands for "not there".

    Args:
        text: what the step is, as "Translate “Save”".
        apply: puts values into place.
        rows, words: values before and after.
        session: typing steps of one session become one step; None for a step of its own.
    """

    def __init__(
        self, text: str, apply: Apply, rows: Rows, words: Words | None = None, session: int | None = None
    ) -> None:
        super().__init__(text)
        self._apply = apply
        self._rows, self._words = dict(rows), dict(words or {})
        self._session = session

    def id(self) -> int:
        return -1 if self._session is None else TYPING

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, Change) or other._session != self._session:
            return False
        if other._rows.keys() != self._rows.keys() or other._words.keys() != self._words.keys():
            return False
        self._rows = {key: (before, other._rows[key][1]) for key, (before, _) in self._rows.items()}
        self._words = {word: (before, other._words[word][1]) for word, (before, _) in self._words.items()}
        unchanged = all(before == after for before, after in (*self._rows.values(), *self._words.values()))
        self.setObsolete(unchanged)
        return True

    def redo(self) -> None:
        self._apply(
            {key: after for key, (_, after) in self._rows.items()},
            {word: after for word, (_, after) in self._words.items()},
        )

    def undo(self) -> None:
        self._apply(
            {key: before for key, (before, _) in self._rows.items()},
            {word: before for word, (before, _) in self._words.items()},
        )


def short(text: str, most: int = 30) -> str:
    """`text` on one line for the name of a step."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
