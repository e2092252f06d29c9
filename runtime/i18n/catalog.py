"""What the process remembers of the language folders of its applications (T-21).

Each file is read once and again after a change. With
`settings.check_interval` above 0 nothing touches the disk in between.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from runtime.i18n import settings
from runtime.i18n.accept import LANGUAGE_NAME, chain
from runtime.i18n.files import (
    LANGUAGE_CODE,
    CorruptedFile,
    Texts,
    Words,
    load_texts,
    load_words,
    merge_texts,
    merge_words,
)
from runtime.i18n.plural_rules import PluralRule, rule_for

log = logging.getLogger(__name__)

SETTLED_NS = 100_000_000
"""A file changed less than this many nanoseconds ago may change again with the same time stamp."""

RETRY_SECONDS = 60.0
"""For how long a file that could not be written is left alone."""

MAX_UNSAVED = 10_000
"""How many strings that stand in no file are remembered per language."""

SOURCE_LANGUAGE = "en"
"""The language source texts are taken to be in when nothing tells it."""

Data = TypeVar("Data", Texts, Words)
Fingerprint = tuple[int, int, int]


def fingerprint(path: str) -> Fingerprint | None:
    """Return what tells whether the file or folder `path` changed; None when it is absent."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


class Watched:
    """Knows when `path` has to be looked at again."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._seen: Fingerprint | None = None
        self._settled = False
        self._checked = 0.0

    def changed(self) -> bool:
        """Return whether `path` may have changed since the last call."""
        now = time.monotonic()
        if self._checked and now - self._checked < settings.check_interval:
            return False
        first, self._checked = not self._checked, now
        found = fingerprint(self.path)
        if not first and found == self._seen and (self._settled or found is None):
            return False
        self._seen = found
        self._settled = found is not None and time.time_ns() - found[0] > SETTLED_NS
        return True

    def forget(self) -> None:
        """Let the next call of `changed` look at the disk and say yes."""
        self._checked = 0.0


class CachedFile(Generic[Data]):
    """The content of one file of the folder, kept in memory."""

    def __init__(self, path: str, load: Callable[[str], Data], merge: Callable[[str, Data], Data]) -> None:
        self.path = path
        self.data: Data = {}
        self.problem = ""
        self.watched = Watched(path)
        self._load: Callable[[str], Data] = load
        self._merge: Callable[[str, Data], Data] = merge
        self._lock = threading.Lock()
        self._retry_at = 0.0

    def refresh(self) -> bool:
        """Read the file if it changed; return whether the content is another one now."""
        if not self.watched.changed():
            return False
        try:
            data, problem = self._load(self.path), ""
        except CorruptedFile as error:
            data, problem = {}, str(error)
            if problem != self.problem:
                log.error("file of translations not used: %s", problem)
        if data == self.data and problem == self.problem:
            return False
        self.data, self.problem = data, problem
        return True

    def may_write(self) -> bool:
        """Return whether additions can be tried: allowed, file readable, last try not failed just now."""
        return settings.write_unknown and not self.problem and time.monotonic() >= self._retry_at

    def add(self, entries: Data) -> bool:
        """Merge `entries` into the file; what it holds already wins. Return whether that worked."""
        with self._lock:
            try:
                self.data = self._merge(self.path, entries)
            except (OSError, TimeoutError, CorruptedFile) as error:
                self._retry_at = time.monotonic() + RETRY_SECONDS
                log.warning("%s not written: %s", self.path, error)
                return False
            return True


class TextTable(CachedFile[Texts]):
    """A language file with the texts as they are shown.

    `shown` maps messages of `T` to texts; `unsaved` those that stand in no file.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, load_texts, merge_texts)
        self.shown: Texts = {}
        self.unsaved: Texts = {}

    def refresh(self) -> bool:
        changed = super().refresh()
        if changed:
            self.drop_shown()
        return changed

    def drop_shown(self) -> None:
        """Forget what was derived from the files."""
        self.shown, self.unsaved = {}, {}

    def find(self, key: str, fallback: Texts, writable: bool) -> str:
        """Return the text for `key` (prefix, text and comment), and remember it.

        A key that is nowhere is shown as its own text, and added to the file
        when `writable` (T-15).
        """
        shown, unsaved = (
            self.shown,
            self.unsaved,
        )  # taken before `data`, for a refresh meanwhile
        found = _entry(self.data, key)
        if found is not None:
            text = shown[key] = _shown(key, found)
            return text
        text = unsaved.get(key, "")
        if not text:
            text = _shown(key, fallback[key]) if key in fallback else source_text(key)
            if len(unsaved) >= MAX_UNSAVED:
                unsaved.clear()
            unsaved[key] = text
        if writable and self.path and self.may_write() and self.add({key: text}):
            unsaved.pop(key, None)
            text = shown[key] = _shown(key, self.data.get(key, text))
        return text


class WordTable(CachedFile[Words]):
    """A file of plural forms."""

    def __init__(self, path: str) -> None:
        super().__init__(path, load_words, merge_words)
        self.built: Words = {}

    def forms(self, word: str, rule: PluralRule, writable: bool) -> list[str]:
        """Return the plural forms of `word`; unknown ones are built, and added when `writable` (T-PL-18)."""
        forms = self.data.get(word)
        if forms is not None:
            return forms
        forms = self.built.get(word)
        if forms is None:
            forms = [rule.construct_plural_form(word, number) for number in range(1, rule.nplurals)]
            if len(self.built) >= MAX_UNSAVED:
                self.built.clear()
            self.built[word] = forms
        if writable and self.may_write() and os.path.isdir(os.path.dirname(self.path)):
            self.add({word: forms})
        return forms


class Catalog:
    """The languages of one application; one object per folder and process."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.names: frozenset[str] = frozenset()
        self.plural_names: frozenset[str] = frozenset()
        self.default = TextTable(os.path.join(folder, "default.py"))
        self.source = TextTable("")
        self._tables: dict[str, TextTable] = {}
        self._words: dict[str, WordTable] = {}
        self._watched = Watched(folder)
        self._has_default = True

    def refresh(self) -> None:
        """Look for new and removed files, and for a changed ``default.py``."""
        if self._watched.changed():
            self.names, self.plural_names = list_languages(self.folder)
            self._has_default = os.path.exists(self.default.path)
        elif not self._has_default:
            return
        if self.default.refresh():
            for table in list(self._tables.values()):
                table.drop_shown()

    def forget(self) -> None:
        """Make the next use look at the disk whatever the interval is."""
        files: list[CachedFile[Texts] | CachedFile[Words]] = [self.default]
        files += [*self._tables.values(), *self._words.values()]
        for watched in (self._watched, *(file.watched for file in files)):
            watched.forget()

    def table(self, name: str) -> TextTable:
        """Return the table of the language file `name`, read again if it changed."""
        table = self._tables.get(name)
        if table is None:
            table = self._tables.setdefault(name, TextTable(os.path.join(self.folder, f"{name}.py")))
        table.refresh()
        return table

    def default_language(self) -> str:
        """Return the language ``default.py`` says it is in; empty when it does not."""
        return self.default.data.get(LANGUAGE_CODE, "").strip().lower()

    def choose(self, wanted: tuple[str, ...], current: tuple[str, ...]) -> tuple[str, TextTable]:
        """Return name and table of the language to use (T-09, T-11, AMB-11).

        Each wanted language is tried with its shorter names; one of
        `current` ends the search with the source texts. The last resort is
        ``default.py``, or no translation.
        """
        for language in wanted:
            for name in chain(language):
                if name in current:
                    return name, self._own_texts(name)
                if name in self.names:
                    return name, self.table(name)
        return self.source_language(current), self.default if self.default.data else self.source

    def _own_texts(self, name: str) -> TextTable:
        return self.default if name == self.default_language() else self.source

    def source_language(self, current: tuple[str, ...]) -> str:
        """Return the language the source texts are in."""
        return current[0] if current else self.default_language() or SOURCE_LANGUAGE

    def rule(self, language: str) -> PluralRule:
        """Return the plural rule of `language`, which the application may bring itself."""
        return rule_for(language, os.path.dirname(self.folder.rstrip("/\\")))

    def words(self, language: str, rule: PluralRule) -> WordTable:
        """Return the table of word forms of `language`, or of its shorter name if only that has a file."""
        names = [name for name in chain(language) if name in self.plural_names]
        name = names[0] if names else rule.language if rule.nplurals > 1 else language
        table = self._words.get(name)
        if table is None:
            path = os.path.join(self.folder, f"plural-{name}.py")
            table = self._words.setdefault(name, WordTable(path))
        table.refresh()
        return table


_catalogs: dict[str, Catalog] = {}


def catalog_for(folder: str) -> Catalog:
    """Return the catalog of the language folder `folder`."""
    catalog = _catalogs.get(folder)
    if catalog is None:
        catalog = _catalogs.setdefault(folder, Catalog(folder))
    return catalog


def list_languages(folder: str | os.PathLike[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the languages that have a language file and those that have a file of plural forms."""
    names: set[str] = set()
    plural_names: set[str] = set()
    try:
        entries = os.listdir(folder)
    except OSError:
        entries = []
    for entry in entries:
        stem, suffix = os.path.splitext(entry)
        if suffix != ".py":
            continue
        if stem.startswith("plural-") and LANGUAGE_NAME.fullmatch(stem[7:]):
            plural_names.add(stem[7:])
        elif LANGUAGE_NAME.fullmatch(stem) and stem != "default":
            names.add(stem)
    return frozenset(names), frozenset(plural_names)


def language_files(folder: str | os.PathLike[str]) -> list[Path]:
    """Return the language files of `folder`, ``default.py`` included, sorted by name."""
    names = sorted(list_languages(folder)[0])
    files = [Path(folder, f"{name}.py") for name in (*names, "default")]
    return [file for file in files if file.is_file()]


PREFIX = re.compile(r"@[^\x01]{0,64}\x01")


def has_comment(key: str) -> bool:
    """Return whether `key` ends in a ``##`` comment (T-17, T-18)."""
    if "##" not in key:
        return False
    text = without_prefix(key)
    return not text.startswith("#") and "\n" not in text


def without_prefix(key: str) -> str:
    """Return `key` without the ``@filter`` mark of `T.M`."""
    match = PREFIX.match(key)
    return key[match.end() :] if match else key


def without_comment(text: str) -> str:
    """Return `text` up to its last ``##``, without the blanks before it (T-17)."""
    return text.rpartition("##")[0].rstrip() if "##" in text else text


def source_text(key: str) -> str:
    """Return what an untranslated `key` shows: no prefix, no comment (T-17)."""
    text = without_prefix(key)
    return without_comment(text) if has_comment(text) else text


def _shown(key: str, entry: str) -> str:
    """Return what the `entry` of a file shows; an untranslated one may still hold the comment of its key."""
    if not has_comment(key) or "##" not in entry:
        return entry
    same = entry.rpartition("##")[2].strip() == key.rpartition("##")[2].strip()
    return without_comment(entry) if same else entry


def _entry(data: Texts, key: str) -> str | None:
    """Return the entry of `key`, also of the spelling without blanks around the ``##``."""
    found = data.get(key)
    if found is None and has_comment(key):
        text, _, comment = key.rpartition("##")
        found = data.get(f"{text.strip()}##{comment.strip()}")
    return found
