"""Placeholders in translated texts: ``%%{...}`` and percent formatting (T-02, T-PL-03..15, T-PL-20).

A text is taken apart once (`compile_text`, cached) into pieces; each piece
renders itself from the values and the function that inflects words. Values
are never looked at for placeholders.

    %%{word}  %%{word[index]}  %%{word(key)}  %%{word(number)}     number picks the form of the word
    %%{!word...}  %%{!!word...}  %%{!!!word...}                    capitalised, title, upper case
    %%{?one?many?none}  with [index], (key) or the number itself    a text for 1, for others, for 0
    %%{\\!word}  %%{\\?word}                                          the sign itself
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

Inflect = Callable[[str, Any], str]
Values = tuple[Any, ...] | dict[Any, Any]
MAX_COMPILED = 4096

PLACEHOLDER = re.compile(r"%%\{([^{}\n]*)\}")
CONVERSION = re.compile(
    r"%(?:(?P<key>\([^()]*\))?[#0\- +]*(?P<width>\*|\d*)(?:\.(?P<precision>\*|\d*))?[hlL]?(?P<type>.)|\Z)",
    re.DOTALL,
)
PARAMETER = re.compile(
    r"(?:\[(?P<index>\d{1,4})\]"
    r"|\((?P<number>-?\d+(?:\.\d+)?)\)"
    r"|\((?P<printed>%(?:\([^()]*\))?[\d.]*[a-zA-Z])\)"
    r"|\((?P<key>[^()\[\]%]+)\))\Z"
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)


class Format:
    """A stretch of text for percent formatting; takes `count` positional values from `start` on."""

    __slots__ = ("count", "start", "text")

    def __init__(self, text: str, start: int) -> None:
        self.text = text
        self.start = start
        self.count = count_values(text)

    def render(self, values: Values, inflect: Inflect) -> str:
        if isinstance(values, dict):
            return self.text % values
        return self.text % values[self.start : self.start + self.count]


class Kept:
    """The opening of a ``%%{...}`` outside of the grammar, shown as it is (T-PL-20)."""

    __slots__ = ()
    count = 0

    def render(self, values: Values, inflect: Inflect) -> str:
        return "%%{"


class Number:
    """Where a placeholder takes its number from: an index, a key or a printed number."""

    __slots__ = ("count", "key", "printed")

    def __init__(self, key: Any = None, printed: Format | None = None) -> None:
        self.key = key
        self.printed = printed
        self.count = printed.count if printed else 0

    def find(self, values: Values, inflect: Inflect) -> Any:
        if self.printed is not None:
            return self.printed.render(values, inflect)
        if not isinstance(values, dict):
            if not isinstance(self.key, int):
                raise KeyError(f"%%{{...({self.key})}} needs the values as a dictionary")
            if self.key >= len(values):
                raise IndexError(f"%%{{...[{self.key}]}} needs {self.key + 1} values, {len(values)} given")
            return values[self.key]
        if self.key == 0 and 0 not in values:
            return self._only_number(values)
        return values[self.key]

    @staticmethod
    def _only_number(values: dict[Any, Any]) -> Any:
        numbers = [value for value in values.values() if isinstance(value, (int, float, Decimal))]
        if len(numbers) != 1:
            raise KeyError("%%{word} cannot tell which value is its number; write %%{word(key)}")
        return numbers[0]


class Word:
    """``%%{word}`` with its modifier; `number` None: the word is only transformed (T-PL-14)."""

    __slots__ = ("count", "number", "transform", "word")

    def __init__(self, word: str, number: Number | None, transform: Callable[[str], str] | None) -> None:
        self.word = word
        self.number = number
        self.transform = transform
        self.count = number.count if number else 0

    def render(self, values: Values, inflect: Inflect) -> str:
        text = self.word
        if self.number is not None:
            text = inflect(text, whole_number(self.number.find(values, inflect)))
        return self.transform(text) if self.transform else text


class Choice:
    """``%%{?one?many?none}``; without `number` the middle text is the number (T-PL-10..12)."""

    __slots__ = ("count", "many", "none", "number", "one")

    def __init__(self, one: Format, many: Format, none: Format, number: Number | None) -> None:
        self.one, self.many, self.none = one, many, none
        self.number = number
        self.count = (
            one.count + many.count + (0 if none is many else none.count) + (number.count if number else 0)
        )

    def render(self, values: Values, inflect: Inflect) -> str:
        found = self.number.find(values, inflect) if self.number else self.many.render(values, inflect)
        try:
            value = float(found)
        except (TypeError, ValueError):
            value = 2.0  # a text that is no number counts as many
        chosen = self.one if value == 1 else self.none if value == 0 else self.many
        return chosen.render(values, inflect)


Piece = Format | Kept | Word | Choice


class Plan:
    """A text taken apart; `render` puts it together with values."""

    __slots__ = ("count", "pieces", "simple", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[Piece] = []
        self.count = 0
        end = 0
        for match in PLACEHOLDER.finditer(text):
            if _is_escaped_percent(text, match.start()):
                continue
            self._add_format(text[end : match.start()])
            piece = _parse(match[1], self.count)
            if piece is None:
                self._add(Kept())
                self._add_format(match[1] + "}")
            else:
                self._add(piece)
            end = match.end()
        self._add_format(text[end:])
        self.simple = all(isinstance(piece, Format) for piece in self.pieces)

    def _add(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.count += piece.count

    def _add_format(self, text: str) -> None:
        if text:
            self._add(Format(text, self.count))

    def render(self, values: Values, inflect: Inflect) -> str:
        """Return the text with `values` put in.

        Raises:
            TypeError, ValueError, KeyError, IndexError: text and values do not fit each other.
        """
        if self.simple:
            return self.text % values
        if isinstance(values, tuple) and len(values) < self.count:
            raise TypeError(f"the text takes {self.count} values, {len(values)} given")
        if isinstance(values, tuple) and self.count and len(values) > self.count:
            raise TypeError(f"the text shows {self.count} values, {len(values)} given")
        return "".join([piece.render(values, inflect) for piece in self.pieces])


def count_values(text: str) -> int:
    """Return how many positional values percent formatting of `text` takes."""
    count = 0
    for match in CONVERSION.finditer(text):
        if match["type"] in (None, "%") or match["key"]:
            continue
        count += 1 + (match["width"] == "*") + (match["precision"] == "*")
    return count


def whole_number(value: Any) -> int:
    """Return `value` as the whole number whose form its word takes.

    A fraction above 1 counts as 2 and one below as 0: "1.5 books", "0.5 books".

    Raises:
        ValueError: it is no number.
    """
    try:
        return abs(int(value)) if isinstance(value, int) else _of_fraction(float(value))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"a plural form needs a number, not {value!r}") from None


def _of_fraction(number: float) -> int:
    number = abs(number)
    if number.is_integer() or number >= 2:
        return int(number)
    return 2 if number > 1 else 0


_compiled: dict[str, Plan] = {}


def compile_text(text: str) -> Plan:
    """Return the plan of `text`, made at most once as long as it is used."""
    plan = _compiled.get(text)
    if plan is None:
        if len(_compiled) >= MAX_COMPILED:
            _compiled.clear()
        plan = _compiled[text] = Plan(text)
    return plan


def symbols_given(symbols: Any) -> bool:
    """Return whether `symbols` holds values; None and empty containers do not (T-PL-01)."""
    return not (symbols is None or (isinstance(symbols, (dict, tuple, list)) and not symbols))


def as_values(symbols: Any) -> Values:
    """Return `symbols` as a tuple or dictionary (T-PL-03)."""
    if isinstance(symbols, (dict, tuple)):
        return symbols
    return tuple(symbols) if isinstance(symbols, list) else (symbols,)


def placeholders(text: str) -> list[str]:
    """Return the ``%%{...}`` and percent conversions of `text` in order, as written."""
    return [match[0] for match in re.finditer(f"{PLACEHOLDER.pattern}|{CONVERSION.pattern}", text, re.DOTALL)]


def _is_escaped_percent(text: str, start: int) -> bool:
    """Return whether the ``%%`` at `start` begins with the second half of another ``%%``."""
    run = start
    while run and text[run - 1] == "%":
        run -= 1
    return (start - run) % 2 == 1


def _title(word: str) -> str:
    return re.sub(r"\S+", lambda match: match[0].capitalize(), word)


TRANSFORMS: dict[str, Callable[[str], str]] = {"!": str.capitalize, "!!": _title, "!!!": str.upper}


def _parse(body: str, start: int) -> Word | Choice | None:
    """Return the piece `body` (what stands between the braces) describes, None outside of the grammar."""
    if body.startswith("?"):
        return _parse_choice(body[1:], start)
    escaped = body.startswith(("\\!", "\\?"))
    marks = 0 if escaped else len(body) - len(body.lstrip("!"))
    if marks > 3:
        return None
    word, number = _split_parameter(body[1:] if escaped else body[marks:], start)
    if not word.strip() or re.search(r"[()\[\]%]", word) or (not escaped and word.startswith("?")):
        return None
    if number is None and not marks:
        number = Number(0)
    return Word(word, number, TRANSFORMS.get("!" * marks))


def _parse_choice(body: str, start: int) -> Choice | None:
    text, number = _split_parameter(body, start + count_values(body))
    parts = text.split("?")
    if len(parts) > 3 or (number is None and not any(parts[:2])):
        return None
    one_text, many_text = parts[:2] if len(parts) > 1 else ("", parts[0])
    if number is None and not (count_values(many_text) or "%(" in many_text or NUMBER.fullmatch(many_text)):
        return None
    one = Format(one_text, start)
    many = Format(many_text, start + one.count)
    none = Format(parts[2], many.start + many.count) if len(parts) == 3 else many
    if number is not None and number.printed is not None:
        number.printed.start = none.start + none.count
    return Choice(one, many, none, number)


def _split_parameter(body: str, start: int) -> tuple[str, Number | None]:
    match = PARAMETER.search(body)
    if match is None:
        return body, None
    word = body[: match.start()]
    if match["index"]:
        return word, Number(int(match["index"]))
    if match["number"]:
        return word, Number(printed=Format(match["number"], start))
    if match["printed"]:
        return word, Number(printed=Format(match["printed"], start))
    return word, Number(match["key"].strip())
