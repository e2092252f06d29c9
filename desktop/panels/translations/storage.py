"""Reading and writing of language files and drafts; plain functions for the background (TR-10, TR-11)."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from desktop.panels.translations.model import Conflict, Sheet, Values
from runtime.admin.languages_marks import Marks, change_marks, load_marks
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.i18n.accept import normal_name
from runtime.i18n.files import (
    LANGUAGE_CODE,
    load_texts,
    load_words,
    lock_folder,
    merge_texts,
    write_dict,
    write_plural_dict,
)
from runtime.i18n.plural_rules import rule_for

BIN_DAYS = 30
DAY = 86_400


# drafts


@dataclass
class Draft:
    """What was typed and is not in the file yet: key to the text before and the values."""

    rows: dict[str, tuple[str, Values]] = field(default_factory=dict)
    words: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    when: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.rows or self.words or self.removed)


def draft_of(sheet: Sheet) -> Draft:
    """What of `sheet` is not in the file yet."""
    rows = {row.key: (row.saved.text, row.values) for row in sheet.edited()}
    return Draft(rows, sheet.edited_words(), sorted(sheet.removed), time.time())


def draft_path(data: Path, path: Path) -> Path:
    """The file of the draft of the language file `path`."""
    number = hashlib.sha256(os.path.abspath(path).encode()).hexdigest()[:16]
    return data / "drafts" / f"{path.parent.parent.name}-{path.stem}-{number}.json"


def write_draft(target: Path, draft: Draft) -> float:
    """Keep a draft in one step, or drop the file when there is nothing to keep; return its time.

    Raises:
        OSError: it could not be written.
    """
    if not draft:
        target.unlink(missing_ok=True)
        return draft.when
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = {
        "version": 1,
        "when": draft.when,
        "rows": {key: [before, _to_data(values)] for key, (before, values) in draft.rows.items()},
        "words": draft.words,
        "removed": draft.removed,
    }
    write_atomic(target, json.dumps(data), mode=0o600)
    return draft.when


def read_draft(target: Path) -> Draft:
    """The draft kept in `target`; an empty one when there is none or it cannot be used."""
    try:
        data = json.loads(target.read_bytes())
        rows = {str(key): (str(before), _from_data(values)) for key, (before, values) in data["rows"].items()}
        words = {
            str(word): None if forms is None else tuple(map(str, forms))
            for word, forms in data["words"].items()
        }
        return Draft(rows, words, [str(key) for key in data["removed"]], float(data["when"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Draft()


def _to_data(values: Values) -> dict[str, Any]:
    return {**vars(values), "ignored": sorted(values.ignored)}


def _from_data(data: Mapping[str, Any]) -> Values:
    ignored = frozenset(map(str, data["ignored"]))
    return Values(str(data["text"]), bool(data["same"]), bool(data["new"]), str(data["note"]), ignored)


# opening and writing


@dataclass
class Opened:
    """A language file ready to edit, and what was typed the last time and not written."""

    sheet: Sheet
    draft: Draft
    problem: str = ""


def open_language(application: Path, language: str, data: Path) -> Opened:
    """Read a language with its plural forms, marks and draft.

    Raises:
        CorruptedFile: the language file or that of the plural forms cannot be read (TR-19).
    """
    folder = application / "languages"
    path = folder / f"{language}.py"
    texts = load_texts(path)
    words = load_words(folder / f"plural-{language}.py")
    problem = ""
    try:
        marks = load_marks(folder)
    except UserError as error:
        marks, problem = Marks(), str(error)
    code = texts.get(LANGUAGE_CODE) or ("en" if language == "default" else language)
    sheet = Sheet(
        application, language, texts, words, marks, rule_for(normal_name(code) or language, application)
    )
    return Opened(sheet, read_draft(draft_path(data, path)), problem)


@dataclass(frozen=True)
class Order:
    """What is to be written: values before and after, by key and by word; keys to take out."""

    folder: Path
    language: str
    rows: Mapping[str, tuple[str | None, Values, Values]]
    words: Mapping[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]]
    removed: Mapping[str, str | None]


def order_of(sheet: Sheet) -> Order:
    """What of `sheet` is to be written."""
    rows = {}
    for row in sheet.edited():
        rows[row.key] = (row.saved.text if row.disk is not None else None, row.saved, row.values)
    words = {word: (sheet.saved_words.get(word), forms) for word, forms in sheet.edited_words().items()}
    removed = {key: row.disk for key, row in sheet.removed.items()}
    return Order(sheet.folder, sheet.language, rows, words, removed)


@dataclass
class Written:
    """What a writing did: the state of the file, what is in it now, and keys both sides changed."""

    texts: dict[str, str]
    rows: dict[str, Values] = field(default_factory=dict)
    words: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)


def write(order: Order) -> Written:
    """Merge an order into the files, key by key, under the lock of their folder (TR-11).

    Raises:
        CorruptedFile: a file cannot be read, so it was not written (TR-19).
        UserError: the language file is not there any more.
        OSError, TimeoutError: a file could not be written or locked.
    """
    path = order.folder / f"{order.language}.py"
    with lock_folder(path):
        if not path.exists():  # a file of the edited strings alone would lose all others
            raise UserError(f"{path} was deleted or renamed meanwhile. Bring it back, then save again.")
        texts = load_texts(path)
        words = load_words(order.folder / f"plural-{order.language}.py") if order.words else {}
        before = dict(texts)
        done = Written(texts)
        for key, (expected, _saved, values) in order.rows.items():
            _take(key, expected, values, texts, done)
        for key, known in order.removed.items():
            if texts.get(key) == known:
                texts.pop(key, None)
            done.removed.append(key)
        if texts != before:
            write_dict(path, texts)
        for word, (_before, forms) in order.words.items():
            if forms is None:
                words.pop(word, None)
            else:
                words[word] = list(forms)
            done.words[word] = forms
        if order.words:
            write_plural_dict(order.folder / f"plural-{order.language}.py", words)
    if any(_unmarked(saved) != _unmarked(values) for _, saved, values in order.rows.values()):
        done.marks = change_marks(order.folder, lambda marks: _set_marks(marks, order))
    return done


def _take(key: str, expected: str | None, values: Values, texts: dict[str, str], done: Written) -> None:
    now = texts.get(key)
    if now is not None and now not in (expected, values.text) and values.text != expected:
        done.conflicts.append(Conflict(key, values.text, now, expected or ""))
        return
    if values.text != expected or now is None:
        texts[key] = values.text
    done.rows[key] = Values(texts[key], values.same, values.new, values.note, values.ignored)


def _unmarked(values: Values) -> tuple[object, ...]:
    return values.same, values.new, values.note, values.ignored


def _set_marks(marks: Marks, order: Order) -> None:
    same = marks.same.setdefault(order.language, set())
    new = marks.new.setdefault(order.language, set())
    ignored = marks.ignored.setdefault(order.language, {})
    for key, (_, saved, values) in order.rows.items():
        for table, on in ((same, values.same), (new, values.new)):
            (table.add if on else table.discard)(key)
        ignored[key] = set(values.ignored)
        if values.note != saved.note:
            marks.notes[key] = values.note


def mark_new(folder: Path, additions: Mapping[str, Mapping[str, str]]) -> None:
    """Add strings to languages that are not open, and mark them as new; broken files are left alone.

    Raises:
        OSError, TimeoutError: a file could not be written or locked.
    """
    for language, texts in additions.items():
        merge_texts(folder / f"{language}.py", texts)
    if any(additions.values()):

        def change(marks: Marks) -> None:
            for language, texts in additions.items():
                marks.new.setdefault(language, set()).update(texts)

        change_marks(folder, change)
