"""What an import would change, and carrying out the chosen part of it (TR-18)."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from runtime.admin.exchange.content import Content, Entry, ExchangeError
from runtime.admin.languages import languages_folder
from runtime.admin.languages_checks import Finding, check
from runtime.admin.languages_marks import Marks, change_marks, load_marks
from runtime.i18n.accept import normal_name
from runtime.i18n.catalog import source_text
from runtime.i18n.files import (
    LANGUAGE_CODE,
    META_KEYS,
    load_texts,
    load_words,
    lock_folder,
    write_dict,
    write_plural_dict,
)

ADDED, TRANSLATED, CHANGED, MARKED = "added", "translated", "changed", "marked"


@dataclass(frozen=True)
class TextChange:
    """One string an import would change.

    Attributes:
        key: its key.
        before: its text in the language file; None where the file does not have the key.
        after: its text afterwards.
        kind: ``added`` (the file does not have the key), ``translated`` (had no translation), ``changed``
            (had another one) or ``marked`` (only a note or the mark *same on purpose* differs).
        note: note for translators to set; None leaves it.
        same: afterwards marked as the same on purpose.
        findings: what may be wrong with the new text.
        line: line or row of the imported file.
    """

    key: str
    before: str | None
    after: str
    kind: str
    note: str | None = None
    same: bool = False
    findings: tuple[Finding, ...] = ()
    line: int = 0


@dataclass(frozen=True)
class WordChange:
    """One plural word an import would change; `before` is None where it is new."""

    word: str
    before: tuple[str, ...] | None
    after: tuple[str, ...]
    line: int = 0


@dataclass
class ImportDiff:
    """Everything an import would change, nothing of it written yet.

    Attributes:
        language: name of the language file.
        path, words_path: the files it would go to.
        is_new: the language file does not exist yet.
        texts, words: the changes.
        unchanged: how many entries are the same already.
        skipped: entries that were left out, each with line and reason.
        about: what a new language file will say of itself.
    """

    language: str
    path: Path
    words_path: Path
    is_new: bool = False
    texts: list[TextChange] = field(default_factory=list)
    words: list[WordChange] = field(default_factory=list)
    unchanged: int = 0
    skipped: list[str] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)


@dataclass
class Applied:
    """What an import did: how many strings and words it wrote, and the keys that changed in between."""

    texts: int = 0
    words: int = 0
    left: list[str] = field(default_factory=list)


def compare(application: str | os.PathLike[str], content: Content, language: str = "") -> ImportDiff:
    """Return what taking `content` into the language `language` of `application` would change.

    Args:
        application: its folder.
        content: what was read from a file.
        language: name of the language file; default the one `content` names.

    Raises:
        ExchangeError: the language is not known.
        CorruptedFile: a file of the language cannot be read; it is never written to.
        UserError: there is no such application, or the marks of its translators cannot be read.
    """
    name = normal_name(language or content.language)
    if not name:
        raise ExchangeError("the file does not tell its language; say which one it is for, as it or pt-br")
    folder = languages_folder(application)
    path, words_path = folder / f"{name}.py", folder / f"plural-{name}.py"
    texts, words, marks = load_texts(path), load_words(words_path), load_marks(folder)
    diff = ImportDiff(name, path, words_path, is_new=not path.exists(), skipped=list(content.skipped))
    diff.about = {LANGUAGE_CODE: name, **content.about}
    for entry in content.entries:
        change = _compare_text(entry, texts.get(entry.key), name, marks)
        if change is not None and entry.key not in META_KEYS:
            diff.texts.append(change)
        else:
            diff.unchanged += 1
    for word in content.words:
        before = tuple(words[word.word]) if word.word in words else None
        if before is None or _full(before) != _full(word.forms):
            diff.words.append(WordChange(word.word, before, word.forms, word.line))
        else:
            diff.unchanged += 1
    return diff


def _full(forms: tuple[str, ...]) -> tuple[str, ...]:
    count = len(forms)
    while count and not forms[count - 1]:
        count -= 1
    return forms[:count]


def _compare_text(entry: Entry, before: str | None, language: str, marks: Marks) -> TextChange | None:
    source = source_text(entry.key)
    open_before = before in (None, "", entry.key, source)
    was_same = entry.key in marks.same.get(language, ())
    note = entry.note if entry.note and entry.note != marks.notes.get(entry.key, "") else None
    after = entry.text or (before if before is not None else source)
    is_same = entry.same or (was_same and after == source)
    if before is None:
        kind = ADDED
    elif entry.text and after != before and not (open_before and after == source):
        kind = TRANSLATED if open_before else CHANGED
    elif note is not None or is_same != was_same:
        kind, after = MARKED, before
    else:
        return None
    return TextChange(
        entry.key, before, after, kind, note, is_same, tuple(check(entry.key, after)), entry.line
    )


def apply(
    diff: ImportDiff, keys: Collection[str] | None = None, words: Collection[str] | None = None
) -> Applied:
    """Write the chosen changes of `diff`, merged by key into what the files hold now.

    A key that changed since `diff` was made is left as it is and named in the result.

    Args:
        diff: from `compare`.
        keys: the keys to take; default all.
        words: the plural words to take; default all.

    Raises:
        CorruptedFile: a file cannot be read, so nothing was written to it.
        OSError, TimeoutError: a file could not be written or locked.
    """
    done = Applied()
    diff.path.parent.mkdir(exist_ok=True)
    chosen = [change for change in diff.texts if keys is None or change.key in keys]
    with lock_folder(diff.path):
        texts = load_texts(diff.path)
        for change in chosen:
            if texts.get(change.key) == change.before or texts.get(change.key) == change.after:
                texts[change.key] = change.after
                done.texts += 1
            else:
                done.left.append(change.key)
        if diff.is_new:
            texts = {**diff.about, **texts}
        if done.texts or diff.is_new:
            write_dict(diff.path, texts)
        _apply_words(diff, words, done)
    left = set(done.left)
    kept = [change for change in chosen if change.key not in left and _touches_marks(change)]
    if kept:
        change_marks(diff.path.parent, lambda marks: _mark(marks, diff.language, kept))
    return done


def _apply_words(diff: ImportDiff, chosen: Collection[str] | None, done: Applied) -> None:
    changes = [change for change in diff.words if chosen is None or change.word in chosen]
    if not changes:
        return
    words = load_words(diff.words_path)
    for change in changes:
        now = tuple(words[change.word]) if change.word in words else None
        if now in (change.before, change.after):
            words[change.word] = list(change.after)
            done.words += 1
        else:
            done.left.append(change.word)
    write_plural_dict(diff.words_path, words)


def _touches_marks(change: TextChange) -> bool:
    return change.same or change.note is not None or change.kind in (MARKED, CHANGED, TRANSLATED)


def _mark(marks: Marks, language: str, changes: list[TextChange]) -> None:
    same, new = marks.same.setdefault(language, set()), marks.new.setdefault(language, set())
    for change in changes:
        if change.same:
            same.add(change.key)
        else:
            same.discard(change.key)
        if change.kind in (CHANGED, TRANSLATED):
            new.discard(change.key)
        if change.note is not None:
            marks.notes[change.key] = change.note
