"""What is exchanged with other programs: the strings and plural words of one language."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from runtime.foundation.problems import UserError

MAX_BYTES = 64_000_000
"""Larger files are refused."""


class ExchangeError(UserError):
    """A file cannot be read as what it should be; the text names file and line."""


@dataclass(frozen=True)
class Entry:
    """One string.

    Attributes:
        key: its key in the language file.
        text: its translation; empty while it is not translated.
        note: note for translators.
        places: where it is used, as ``file:line``.
        same: the text equals the source on purpose.
        line: line or row of the file it was read from; 0 elsewhere.
    """

    key: str
    text: str
    note: str = ""
    places: tuple[str, ...] = ()
    same: bool = False
    line: int = 0


@dataclass(frozen=True)
class Word:
    """One word and its plural forms, the singular left out."""

    word: str
    forms: tuple[str, ...]
    line: int = 0


@dataclass
class Content:
    """The strings and words of one language.

    Attributes:
        language: its code; empty where a file does not tell.
        entries: the strings.
        words: the plural words.
        about: what the language file says of itself (``!langcode!``, ``!langname!``).
        skipped: entries of a file that were left out, each with line and reason.
    """

    language: str
    entries: list[Entry] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def drop_doubles(self) -> None:
        """Keep the last of entries with one key; `skipped` names the others."""
        self.entries = _last(self.entries, [entry.key for entry in self.entries], self.skipped)
        self.words = _last(self.words, [word.word for word in self.words], self.skipped)


Item = TypeVar("Item", Entry, Word)


def _last(items: list[Item], names: list[str], skipped: list[str]) -> list[Item]:
    at = {name: number for number, name in enumerate(names)}
    for number, name in enumerate(names):
        if at[name] != number:
            skipped.append(f"line {items[number].line}: {name!r} comes again in line {items[at[name]].line}")
    return [item for number, item in enumerate(items) if at[names[number]] == number]
