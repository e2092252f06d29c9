"""Work on many strings at once: differences to choose from, and the steps that carry them out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from runtime.admin.exchange import ImportDiff, TextChange, WordChange
from runtime.admin.languages import FileChanges, near_matches
from runtime.i18n.catalog import source_text

from .choices import Choice
from .model import Query, Row, Sheet, Values

NEW, UNUSED, NEAR = "new", "unused", "reworded"
RowSteps = dict[str, tuple[Values | None, Values | None]]
WordSteps = dict[str, tuple[tuple[str, ...] | None, tuple[str, ...] | None]]


def scan_choices(sheet: Sheet, places: Iterable[str], changes: FileChanges | None) -> list[Choice]:
    """What a scan found for `sheet`: new strings, reworded ones, unused ones (TR-07).

    Unused ones are kept unless they are chosen.
    """
    new = [key for key in places if key not in sheet] if changes is None else changes.new
    new = [key for key in new if key not in sheet]
    unused = [key for key in (changes.unused if changes else ()) if key in sheet]
    with_text = [key for key in unused if sheet[key].translated]
    near = {match.new: match for match in near_matches(new, with_text)}
    out = []
    for key in new:
        match = near.get(key)
        if match is not None:
            text = sheet[match.unused].values.text
            what = f"{NEAR}, {match.likeness:.0%}"
            out.append(Choice(what, source_text(key), f"{match.unused}: {text}", text, (NEAR, key, text)))
        else:
            out.append(Choice(NEW, source_text(key), "", "", (NEW, key, "")))
    for key in unused:
        out.append(
            Choice(UNUSED, sheet[key].source, sheet[key].shown, "taken out", (UNUSED, key, ""), on=False)
        )
    return out


def scan_steps(sheet: Sheet, chosen: Iterable[Choice]) -> RowSteps:
    """The changes that carry out chosen rows of a scan."""
    steps: RowSteps = {}
    for choice in chosen:
        kind, key, text = choice.data
        if kind == UNUSED and key in sheet:
            steps[key] = (sheet[key].values, None)
        elif kind != UNUSED and key not in sheet:
            steps[key] = (None, Values(text or source_text(key), new=True))
    return steps


def replace_choices(sheet: Sheet, query: Query, by: str, rows: Iterable[Row]) -> list[Choice]:
    """What replacing in translations would change (TR-13).

    Raises:
        re.error: the query or the replacement is no regular expression.
    """
    found = sheet.replaced(query, by, rows)
    return [Choice("", row.source, row.values.text, after, row.key) for row, after in found]


def text_steps(sheet: Sheet, texts: Mapping[str, str]) -> RowSteps:
    """The changes that give strings these translations."""
    steps: RowSteps = {}
    for key, text in texts.items():
        if key in sheet and sheet[key].values.text != text:
            values = sheet[key].values
            steps[key] = (values, replace(values, text=text, new=False, same=False))
    return steps


def import_choices(diff: ImportDiff) -> list[Choice]:
    """What an import would change (TR-18)."""
    out = []
    for change in diff.texts:
        warning = "; ".join(finding.message for finding in change.findings)
        what = f"{change.kind}, check" if warning else change.kind
        out.append(
            Choice(what, source_text(change.key), change.before or "", change.after, change, True, warning)
        )
    for word in diff.words:
        before, after = ", ".join(word.before or ()), ", ".join(word.after)
        out.append(Choice("plural", word.word, before, after, word))
    return out


def import_steps(sheet: Sheet, chosen: Iterable[Choice]) -> tuple[RowSteps, WordSteps]:
    """The changes that carry out chosen rows of an import."""
    rows: RowSteps = {}
    words: WordSteps = {}
    for choice in chosen:
        change = choice.data
        if isinstance(change, WordChange):
            words[change.word] = (sheet.words.get(change.word), change.after)
        elif isinstance(change, TextChange):
            before = sheet[change.key].values if change.key in sheet else None
            base = before or Values("")
            note = base.note if change.note is None else change.note
            rows[change.key] = (
                before,
                replace(base, text=change.after, same=change.same, new=False, note=note),
            )
    return rows, words


def needed_words(sheet: Sheet) -> list[str]:
    """Words of plural placeholders in the translations, and those that have forms, by name (TR-12)."""
    found = set(sheet.words)
    for row in sheet.rows:
        if "%%{" in row.values.text and row.translated:
            for body in re.findall(r"%%\{([^{}\n]*)\}", row.values.text):
                word = re.sub(r"(?:\[\d{1,4}\]|\([^()]*\))\Z", "", body.lstrip("!")).removeprefix("\\")
                is_inflected = "[" in body or "(" in body or not body.startswith("!")
                if word.strip() and not body.startswith("?") and is_inflected:
                    found.add(word)
    return sorted(found, key=str.casefold)
