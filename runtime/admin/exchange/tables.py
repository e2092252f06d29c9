"""The rows of CSV and XLSX files: one per string or word, under named heads (TR-18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from runtime.admin.exchange.content import Content, Entry, ExchangeError, Word
from runtime.admin.exchange.safe_text import decode, encode, encode_optional
from runtime.foundation.problems import UserError
from runtime.i18n.catalog import source_text
from runtime.i18n.files import LANGUAGE_CODE, META_KEYS
from runtime.i18n.plural_rules import PluralRule, examples

KIND, KEY, SOURCE, TRANSLATION, STATE, NOTE, PLACES = (
    "kind",
    "key",
    "source",
    "translation",
    "state",
    "note",
    "used in",
)
HEADS = (KIND, KEY, SOURCE, TRANSLATION, STATE, NOTE, PLACES)
FORM = "plural "
TEXT, WORD, ABOUT = "text", "word", "about"
SAME = "same on purpose"
MAX_FORMS = 12


def to_rows(content: Content, rule: PluralRule) -> Iterator[list[str]]:
    """Yield the head and the rows of `content`, every cell safe to write anywhere."""
    count = max([rule.nplurals - 1, *(len(word.forms) for word in content.words)]) if content.words else 0
    numbers = examples(rule)
    forms = [
        f"{FORM}{at} ({', '.join(map(str, numbers[at]))})" if at < len(numbers) else f"{FORM}{at}"
        for at in range(1, count + 1)
    ]
    yield [*HEADS, *forms]
    pad = [""] * count
    for name, value in content.about.items():
        yield [ABOUT, name, "", encode_optional(value), "", "", "", *pad]
    for entry in content.entries:
        state = SAME if entry.same else "" if entry.text else "untranslated"
        row = [
            TEXT,
            encode(entry.key),
            encode_optional(source_text(entry.key)),
            encode_optional(entry.text),
            state,
        ]
        yield [*row, encode_optional(entry.note), "\n".join(entry.places), *pad]
    for word in content.words:
        cells = [encode_optional(form) for form in word.forms]
        head = encode(word.word)
        yield [WORD, head, head, head, "", "", "", *cells, *pad[len(cells) :]]


def from_rows(rows: Iterable[tuple[int, Sequence[str]]], name: str, language: str, unit: str) -> Content:
    """Return the content of `rows`.

    Args:
        rows: number and cells of each, the head first; heads may stand in any order.
        name: what messages call the file.
        language: the language it is for; default the one it names.
        unit: ``"line"`` or ``"row"``.

    Raises:
        ExchangeError: heads are missing or a row cannot be understood.
    """
    numbered = iter(rows)
    at = _heads(next(numbered, (1, ()))[1], name, unit)
    content = Content(language)
    for number, cells in numbered:
        if any(cell.strip() for cell in cells):
            _take(content, at, number, cells, f"{name}, {unit} {number}")
    content.language = content.language or content.about.get(LANGUAGE_CODE, "")
    content.drop_doubles()
    return content


def _heads(cells: Sequence[str], name: str, unit: str) -> dict[str, int]:
    at: dict[str, int] = {}
    for place, cell in enumerate(cells):
        head = cell.strip().casefold()
        if head.startswith(FORM):
            head = FORM + head[len(FORM) :].partition("(")[0].strip()
        at.setdefault(head, place)
    missing = [head for head in (KEY, TRANSLATION) if head not in at]
    if missing:
        found = ", ".join(repr(cell) for cell in cells[:8]) or "nothing"
        raise ExchangeError(
            f"{name}, {unit} 1: the heads {' and '.join(missing)} are missing; there is {found}"
        )
    return at


def _take(content: Content, at: dict[str, int], number: int, cells: Sequence[str], where: str) -> None:
    def cell(head: str) -> str:
        place = at.get(head, len(cells))
        return cells[place] if place < len(cells) else ""

    kind = cell(KIND).strip().casefold() or TEXT
    if not cell(KEY):
        raise ExchangeError(f"{where}: the key is missing")
    try:
        key, text, note = decode(cell(KEY)), decode(cell(TRANSLATION)), decode(cell(NOTE))
        forms = [cell(f"{FORM}{place}") for place in range(1, MAX_FORMS + 1)]
        while forms and not forms[-1]:
            forms.pop()
        decoded = tuple(decode(form) for form in forms)
    except UserError as error:
        raise ExchangeError(f"{where}: {error}") from None
    if kind == ABOUT and key in META_KEYS:
        content.about[key] = text
    elif kind == WORD:
        content.words.append(Word(key, decoded, number))
    elif kind == TEXT:
        same = cell(STATE).strip().casefold() == SAME or (bool(text) and text == source_text(key))
        places = tuple(line for line in cell(PLACES).split("\n") if line)
        content.entries.append(Entry(key, text, note, places, same, number))
    else:
        raise ExchangeError(f"{where}: the kind {kind!r} is none of {TEXT}, {WORD}, {ABOUT}")
