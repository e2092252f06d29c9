"""Searching the files of applications for text, and replacing it with a way back (AP-10)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.sources import LARGE, ChangedOnDisk, Source, SourceError, read_source, write_source
from runtime.admin.structure import SECTIONS, files_below
from runtime.foundation.problems import UserError

KINDS: dict[str, tuple[str, ...]] = {
    "python": (".py",),
    "views": (".html", ".load", ".xml", ".json", ".rss", ".csv", ".ics", ".jsonp"),
    "styles and scripts": (".css", ".js", ".scss", ".ts"),
    "texts": (".md", ".txt", ".ini", ".toml", ".yaml", ".yml", ".sql", ""),
}
"""Kinds of files by the endings of their names."""
MOST_HITS = 10_000
LINE_SHOWN = 240


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to search for.

    Attributes:
        text: words, or a regular expression.
        regex: `text` is a regular expression.
        case: letters have to agree in case.
        words: whole words only.
        kind: one of `KINDS`; empty for all text files.
    """

    text: str
    regex: bool = False
    case: bool = False
    words: bool = False
    kind: str = ""

    def pattern(self) -> re.Pattern[str]:
        """Return it as a compiled expression.

        Raises:
            UserError: the expression is wrong; the text says where.
        """
        source = self.text if self.regex else re.escape(self.text)
        if self.words:
            source = rf"\b(?:{source})\b"
        try:
            return re.compile(source, re.MULTILINE | (0 if self.case else re.IGNORECASE))
        except re.error as error:
            at = f" at letter {error.pos + 1}" if error.pos is not None else ""
            raise UserError(f"The regular expression is wrong{at}: {error.msg}.") from error


@dataclass(frozen=True, slots=True)
class Hit:
    """One place: line from 1, its text, and from where to where in it the words stand."""

    line: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FileHits:
    """The hits of one file."""

    path: Path
    hits: tuple[Hit, ...]


def find_in_files(
    folders: list[Path],
    wanted: Wanted,
    cancelled: Callable[[], bool] = bool,
    sections: tuple[str, ...] = SECTIONS,
) -> Iterator[FileHits]:
    """Yield the hits file by file as they are found, at most `MOST_HITS`.

    Args:
        folders: the applications.
        cancelled: asked before each file; True ends the search.

    Raises:
        UserError: the regular expression is wrong.
    """
    pattern = wanted.pattern()
    total = 0
    for path in searched_files(folders, wanted.kind, sections):
        if cancelled() or total >= MOST_HITS:
            return
        text = _text(path)
        if text is None:
            continue
        hits = tuple(_hits(pattern, text, MOST_HITS - total))
        if hits:
            total += len(hits)
            yield FileHits(path, hits)


def searched_files(folders: list[Path], kind: str, sections: tuple[str, ...] = SECTIONS) -> Iterator[Path]:
    """Yield the files a search looks at."""
    endings = KINDS.get(kind)
    for folder in folders:
        for section in sections:
            for entry in files_below(folder, section):
                if entry.size > LARGE:
                    continue
                if endings is None or os.path.splitext(entry.path)[1].lower() in endings:
                    yield folder / entry.path


def _text(path: Path) -> str | None:
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if b"\0" in data[:8192]:
        return None
    text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n") if "\r" in text else text


def _hits(pattern: re.Pattern[str], text: str, most: int) -> Iterator[Hit]:
    line, counted = 1, 0
    for found in pattern.finditer(text):
        if most <= 0:
            return
        if found.start() == found.end():
            continue
        most -= 1
        line += text.count("\n", counted, found.start())
        counted = found.start()
        begin = text.rfind("\n", 0, found.start()) + 1
        finish = text.find("\n", found.start())
        whole = text[begin : len(text) if finish < 0 else finish]
        start = found.start() - begin
        cut = max(0, start - LINE_SHOWN // 2) if len(whole) > LINE_SHOWN else 0
        shown = whole[cut : cut + LINE_SHOWN]
        yield Hit(line, shown, start - cut, min(len(shown), start - cut + found.end() - found.start()))


@dataclass(frozen=True, slots=True)
class Change:
    """What replacing does to one file: its text before and after, and how often."""

    path: Path
    before: Source
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Replaced:
    """A file that was changed, and what brings it back."""

    before: str
    written: Source

    @property
    def path(self) -> Path:
        """Of the file."""
        return self.written.path


def plan_replacement(paths: list[Path], wanted: Wanted, replacement: str) -> tuple[list[Change], list[str]]:
    """Return what replacing would change, for a preview, and sentences about files left out.

    In a regular expression `replacement` may name groups (``\\1``, ``\\g<name>``).

    Raises:
        UserError: the expression or the replacement is wrong.
    """
    pattern = wanted.pattern()
    out, left = [], []
    for path in paths:
        try:
            source = read_source(path)
            if source.read_only:
                raise SourceError(f"{path.name}: {source.read_only}")
            new: str | Callable[[re.Match[str]], str] = (
                replacement if wanted.regex else (lambda _: replacement)
            )
            after, count = pattern.subn(new, source.text)
        except SourceError as error:
            left.append(str(error))
            continue
        except (re.error, IndexError) as error:
            raise UserError(f"The replacement is wrong: {error}.") from error
        if count and after != source.text:
            out.append(Change(path, source, after, count))
    return out, left


def carry_out(changes: list[Change]) -> tuple[list[Replaced], list[str]]:
    """Write the changes file by file; return what can be undone, and sentences about files not written.

    A file that changed since the preview is left as it is.
    """
    done, left = [], []
    for change in changes:
        try:
            written = write_source(change.before, change.after)
        except SourceError as error:
            left.append(str(error))
            continue
        done.append(Replaced(change.before.text, written))
    return done, left


def undo(done: list[Replaced]) -> list[str]:
    """Bring the files back; return sentences about those that were changed meanwhile and stay."""
    left = []
    for each in done:
        try:
            write_source(each.written, each.before)
        except ChangedOnDisk:
            left.append(f"{each.path.name} was changed meanwhile and stays as it is.")
        except SourceError as error:
            left.append(str(error))
    return left
