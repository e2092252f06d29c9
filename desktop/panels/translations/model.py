"""One language file being edited: strings, states, filters, merging by key; no Qt (TR-03, TR-11, TR-13)."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from runtime.admin.languages_checks import FINAL, Finding, check
from runtime.admin.languages_marks import Marks
from runtime.i18n.catalog import has_comment, source_text
from runtime.i18n.files import META_KEYS
from runtime.i18n.plural_rules import PluralRule

TERM_CHECK = "same term"


class State(enum.StrEnum):
    """What a string is in; a word for filters, tooltips and screen readers (TR-03)."""

    UNTRANSLATED = "untranslated"
    WARNING = "warning"
    NEW = "new"
    TRANSLATED = "translated"
    SAME = "same on purpose"
    UNUSED = "unused"


UNFINISHED = frozenset({State.UNTRANSLATED, State.NEW})
ORDER = {State.UNTRANSLATED: 0, State.WARNING: 1, State.NEW: 2}


@dataclass(frozen=True)
class Values:
    """What a person can change of a string; one undo step swaps one for another."""

    text: str
    same: bool = False
    new: bool = False
    note: str = ""
    ignored: frozenset[str] = frozenset()


@dataclass
class Row:
    """One string.

    Attributes:
        key: its key in the file.
        values: as edited.
        saved: as the file and the marks hold them.
        disk: text in the file; None while the file does not have the key.
        unused: no source uses it; known after a scan.
        findings: what the checks say; None while they did not run.
    """

    key: str
    values: Values
    saved: Values
    disk: str | None
    unused: bool = False
    findings: list[Finding] | None = None
    state: State = State.UNTRANSLATED
    source: str = ""
    comment: str = ""
    haystack: str = ""

    def __post_init__(self) -> None:
        self.source = source_text(self.key)
        self.comment = self.key.rpartition("##")[2].strip() if has_comment(self.key) else ""

    @property
    def translated(self) -> bool:
        """Does it have a text that is not the source's?"""
        return self.values.text not in ("", self.key, self.source)

    @property
    def shown(self) -> str:
        """The translation as the list and the editor show it: empty while there is none."""
        return self.values.text if self.translated or self.values.same else ""

    @property
    def edited(self) -> bool:
        """Does it differ from the file?"""
        return self.values != self.saved


@dataclass(frozen=True)
class Conflict:
    """A key both sides changed: the text typed here, the one in the file, the one before both."""

    key: str
    mine: str
    theirs: str
    before: str


@dataclass
class Merged:
    """What a newer state of the file brought."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


@dataclass(frozen=True)
class Query:
    """What is searched: the words or a regular expression (TR-13)."""

    text: str = ""
    regex: bool = False
    case: bool = False

    def compiled(self) -> re.Pattern[str]:
        """The expression.

        Raises:
            re.error: it is not one.
        """
        pattern = self.text if self.regex else re.escape(self.text)
        return re.compile(pattern, 0 if self.case else re.IGNORECASE)


class Sheet:
    """The strings and plural words of one language.

    Args:
        application: folder of the application.
        language: name of the language file.
        texts: what the file holds.
        words: what the file of plural forms holds.
        marks: what translators noted.
        rule: the language's plural rule.
        name: what the language is called.
    """

    def __init__(
        self,
        application: Path,
        language: str,
        texts: Mapping[str, str],
        words: Mapping[str, list[str]],
        marks: Marks,
        rule: PluralRule,
        name: str = "",
    ) -> None:
        self.application, self.language, self.rule = application, language, rule
        self.name = name or texts.get("!langname!") or language
        self.meta = {key: text for key, text in texts.items() if key in META_KEYS}
        self.words: dict[str, tuple[str, ...]] = {word: tuple(forms) for word, forms in words.items()}
        self.saved_words = dict(self.words)
        self.unused_known = False
        self.rows: list[Row] = []
        self.removed: dict[str, Row] = {}
        self._by_key: dict[str, Row] = {}
        self._terms: dict[str, set[str]] = {}
        for key, text in texts.items():
            if key not in META_KEYS:
                self._add(key, text, self._marked(key, text, marks))
        self.rows.sort(key=lambda row: (ORDER.get(row.state, 3), row.source.casefold(), row.key))

    def _marked(self, key: str, text: str, marks: Marks) -> Values:
        language = self.language
        return Values(
            text,
            key in marks.same.get(language, ()),
            key in marks.new.get(language, ()),
            marks.notes.get(key, ""),
            frozenset(marks.ignored.get(language, {}).get(key, ())),
        )

    def _add(self, key: str, text: str | None, values: Values) -> Row:
        row = Row(key, values, values, text)
        self.rows.append(row)
        self._by_key[key] = row
        self._terms.setdefault(_term(row.source), set()).add(key)
        self._settle(row)
        return row

    def __getitem__(self, key: str) -> Row:
        return self._by_key[key]

    def __contains__(self, key: object) -> bool:
        return key in self._by_key

    @property
    def folder(self) -> Path:
        """The folder of the language files."""
        return self.application / "languages"

    @property
    def path(self) -> Path:
        """The language file."""
        return self.folder / f"{self.language}.py"

    @property
    def words_path(self) -> Path:
        """The file of plural forms."""
        return self.folder / f"plural-{self.language}.py"

    # states and checks

    def _settle(self, row: Row) -> None:
        row.haystack = (
            f"{row.source}\n{row.values.text}\n{row.key}\n{row.comment}\n{row.values.note}".casefold()
        )
        if row.unused:
            row.state = State.UNUSED
        elif row.translated and row.findings:
            row.state = State.WARNING
        elif row.translated:
            row.state = State.TRANSLATED
        elif row.values.same:
            row.state = State.SAME
        elif row.values.new:
            row.state = State.NEW
        else:
            row.state = State.UNTRANSLATED

    def find_faults(self) -> dict[str, list[Finding]]:
        """Run the checks on every string; plain data in, plain data out, so it may run in the background."""
        return {row.key: self._faults(row) for row in list(self.rows) if row.translated}

    def take_faults(self, faults: Mapping[str, list[Finding]]) -> None:
        """Take the result of `find_faults`; strings changed meanwhile are checked again."""
        for row in self.rows:
            if row.findings is None:
                row.findings = self._faults(row) if row.edited else faults.get(row.key, [])
                self._settle(row)

    def _faults(self, row: Row) -> list[Finding]:
        if not row.translated:
            return []
        found = check(row.key, row.values.text, row.values.ignored)
        if TERM_CHECK not in row.values.ignored:
            found += self._other_terms(row)
        return found

    def _other_terms(self, row: Row) -> list[Finding]:
        mine = _plain(row.values.text)
        for key in sorted(self._terms[_term(row.source)]):
            other = self._by_key.get(key)
            if (
                other is not None
                and other is not row
                and other.translated
                and _plain(other.values.text) != mine
            ):
                return [
                    Finding(
                        TERM_CHECK, f"the same source is “{other.values.text}” elsewhere", other.values.text
                    )
                ]
        return []

    def set_values(self, key: str, values: Values) -> set[str]:
        """Change a string; return the keys whose state or findings may differ now."""
        row = self._by_key[key]
        row.values = values
        touched = {key} | self._terms[_term(row.source)]
        for each in touched:
            other = self._by_key[each]
            other.findings = self._faults(other)
            self._settle(other)
        return touched

    def counts(self) -> dict[State, int]:
        """How many strings are in each state."""
        out = dict.fromkeys(State, 0)
        for row in self.rows:
            out[row.state] += 1
        return out

    @property
    def percent(self) -> int:
        """Share of strings that are done, rounded down; unused ones do not count."""
        used = [row for row in self.rows if not row.unused]
        done = sum(row.translated or row.values.same for row in used)
        return 100 * done // len(used) if used else 100

    def words_left(self) -> int:
        """Words of the sources that are not translated."""
        return sum(
            len(row.source.split()) for row in self.rows if row.state in (State.UNTRANSLATED, State.NEW)
        )

    def mark_unused(self, keys: Iterable[str]) -> None:
        """Take the unused keys of a scan."""
        unused = set(keys)
        self.unused_known = True
        for row in self.rows:
            if row.unused != (row.key in unused):
                row.unused = row.key in unused
                self._settle(row)

    # finding

    def select(self, state: State | None, query: Query) -> list[Row]:
        """The rows in `state` (None: all) that match `query` in source, translation, key or comments.

        Raises:
            re.error: the query is no regular expression.
        """
        rows = self.rows if state is None else [row for row in self.rows if row.state is state]
        if not query.text:
            return list(rows)
        if not query.regex and not query.case:
            words = query.text.casefold().split()
            return [row for row in rows if all(word in row.haystack for word in words)]
        pattern = query.compiled()
        return [
            row
            for row in rows
            if any(pattern.search(text) for text in (row.source, row.values.text, row.key, row.values.note))
        ]

    def replaced(self, query: Query, by: str, rows: Iterable[Row]) -> list[tuple[Row, str]]:
        """What replacing in the translations of `rows` would give, for a preview (TR-13).

        Raises:
            re.error: the query or the replacement is no regular expression.
        """
        pattern = query.compiled()
        out = []
        for row in rows:
            if row.translated:
                after = pattern.sub(by if query.regex else lambda _match: by, row.values.text)
                if after != row.values.text:
                    out.append((row, after))
        return out

    # what is to be written

    def edited(self) -> list[Row]:
        """Strings that differ from the file or the marks."""
        return [row for row in self.rows if row.edited or (row.disk is None and row.values.text)]

    def edited_words(self) -> dict[str, tuple[str, ...] | None]:
        """Plural words that differ from the file; None for one to take out."""
        changed = {word: forms for word, forms in self.words.items() if self.saved_words.get(word) != forms}
        gone = dict.fromkeys(word for word in self.saved_words if word not in self.words)
        return {**changed, **gone}

    @property
    def dirty(self) -> bool:
        """Is there something to write?"""
        return bool(self.removed or self.edited() or self.edited_words())

    def merge(self, texts: Mapping[str, str], marks: Marks | None = None) -> Merged:
        """Take a newer state of the file, key by key (TR-11).

        What only the file changed is taken; what only this side changed stays; a key both changed is a
        conflict and stays as it is here.
        """
        merged = Merged()
        for key, text in texts.items():
            if key in META_KEYS:
                self.meta[key] = text
            elif key in self.removed and self.removed[key].disk == text:
                continue
            elif key not in self._by_key:
                self.removed.pop(key, None)
                row = self._add(key, text, self._marked(key, text, marks or Marks()))
                row.findings = self._faults(row)
                self._settle(row)
                merged.added.append(key)
            else:
                self._merge_row(self._by_key[key], text, merged)
        for row in [row for row in self.rows if row.key not in texts and row.disk is not None]:
            if row.edited:
                row.disk = None
            else:
                self._drop(row)
                merged.removed.append(row.key)
        return merged

    def _merge_row(self, row: Row, text: str, merged: Merged) -> None:
        before, row.disk = row.saved.text, text
        if text == before:
            return
        if row.values.text == before:
            row.saved = replace(row.saved, text=text)
            self.set_values(row.key, replace(row.values, text=text))
            merged.changed.append(row.key)
        elif row.values.text == text:
            row.saved = replace(row.saved, text=text)
        else:
            merged.conflicts.append(Conflict(row.key, row.values.text, text, before))

    def settle_conflict(self, conflict: Conflict) -> None:
        """The person saw the file's text: what stands here now replaces it at the next writing."""
        row = self._by_key[conflict.key]
        row.saved = replace(row.saved, text=conflict.theirs)
        row.disk = conflict.theirs

    def _drop(self, row: Row) -> None:
        self.rows.remove(row)
        del self._by_key[row.key]
        self._terms[_term(row.source)].discard(row.key)

    def add_row(self, key: str, values: Values) -> None:
        """Add a string the file does not have yet, or put back one that was taken out."""
        back = self.removed.pop(key, None)
        row = self._add(key, back.disk if back else None, values)
        row.saved = back.saved if back else Values("")
        row.unused = back.unused if back else False
        row.findings = self._faults(row)
        self._settle(row)

    def remove_row(self, key: str) -> None:
        """Take a string out of the list, and out of the file at the next writing."""
        row = self._by_key[key]
        self._drop(row)
        if row.disk is not None:
            self.removed[key] = row

    def take_saved(
        self,
        rows: Mapping[str, Values],
        words: Mapping[str, tuple[str, ...] | None],
        removed: Iterable[str] = (),
    ) -> None:
        """These values are in the files now, and `removed` are not."""
        for key in removed:
            self.removed.pop(key, None)
        for key, values in rows.items():
            if key in self._by_key:
                row = self._by_key[key]
                row.saved, row.disk = values, values.text
        for word, forms in words.items():
            if forms is None:
                self.saved_words.pop(word, None)
            else:
                self.saved_words[word] = forms


def _term(source: str) -> str:
    return " ".join(source.casefold().split()).rstrip(FINAL)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(FINAL)
