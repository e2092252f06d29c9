"""Text that a program wrote for a terminal: its colours as spans, its letters without them (UI-LG-08).

Only colours and weights are understood (``ESC [ … m``). Whatever else a terminal would obey (moving the
cursor, clearing, titles, links) stays in the text, for those who show it to make it visible.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

COLOURS = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
"""Names of the eight colours, in the order of their numbers."""
_GREY = 0.2  # saturation below which a colour has no hue
_STEPS = (0, 95, 135, 175, 215, 255)
"""Brightness of the six steps of each channel in the palette of 256."""
_CHANGE = re.compile(r"(?:\x1b\[|\x9b)([0-9;:]*)m")
_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")


@dataclass(frozen=True, slots=True)
class Ink:
    """How letters look.

    Attributes:
        colour, fill: of the letters and behind them; one of `COLOURS`, empty for the usual one.
        bold, faint, italic, underlined, struck: as named.
        inverse: letters and ground change places.
    """

    colour: str = ""
    fill: str = ""
    bold: bool = False
    faint: bool = False
    italic: bool = False
    underlined: bool = False
    struck: bool = False
    inverse: bool = False


class Span(NamedTuple):
    """Letters from `start` up to `end` that look like `ink`."""

    start: int
    end: int
    ink: Ink


PLAIN = Ink()
_SWITCHES: dict[int, dict[str, Any]] = {
    1: {"bold": True},
    2: {"faint": True},
    3: {"italic": True},
    4: {"underlined": True},
    7: {"inverse": True},
    9: {"struck": True},
    21: {"underlined": True},
    22: {"bold": False, "faint": False},
    23: {"italic": False},
    24: {"underlined": False},
    27: {"inverse": False},
    29: {"struck": False},
}
"""What numbers switch; hidden letters and blinking are left out: a log hides nothing."""


def has_colours(text: str) -> bool:
    """Tell whether `text` may hold changes of colour."""
    return "\x1b[" in text or "\x9b" in text


def plain(text: str) -> str:
    """Return `text` without changes of colour."""
    return _CHANGE.sub("", text) if has_colours(text) else text


def read_lines(lines: Sequence[str]) -> tuple[list[str], list[tuple[Span, ...]]]:
    """Return the letters of lines that follow each other, and how they look.

    A colour goes on at the next line until it is ended.
    """
    texts, looks, ink = [], [], PLAIN
    for line in lines:
        text, spans, ink = _read(line, ink)
        texts.append(text)
        looks.append(spans)
    return texts, looks


def _read(line: str, ink: Ink) -> tuple[str, tuple[Span, ...], Ink]:
    parts: list[str] = []
    spans: list[Span] = []
    at = length = 0

    def take(piece: str) -> None:
        nonlocal length
        if piece:
            parts.append(piece)
            if ink != PLAIN:
                spans.append(Span(length, length + len(piece), ink))
            length += len(piece)

    for found in _CHANGE.finditer(line):
        take(line[at : found.start()])
        ink = _changed(ink, found[1])
        at = found.end()
    take(line[at:])
    return "".join(parts), tuple(spans), ink


def _changed(ink: Ink, numbers: str) -> Ink:
    """Return `ink` after the numbers of one change; unknown ones change nothing."""
    orders = iter(numbers.split(";"))
    for order in orders:
        first, _, rest = order.partition(":")
        code = int(first) if first.isdecimal() else 0 if not first else -1
        if code == 0:
            ink = PLAIN
        elif code in _SWITCHES:
            ink = replace(ink, **_SWITCHES[code])
            if code == 4 and rest == "0":
                ink = replace(ink, underlined=False)
        elif code in (38, 48, 58):
            given = _extended(iter([part for part in rest.split(":") if part]) if rest else orders)
            if code != 58 and given:  # 58 is the colour of an underline
                ink = replace(ink, colour=given) if code == 38 else replace(ink, fill=given)
        elif code == 39:
            ink = replace(ink, colour="")
        elif code == 49:
            ink = replace(ink, fill="")
        elif 30 <= code <= 37 or 90 <= code <= 97:
            ink = replace(ink, colour=COLOURS[code % 10])
        elif 40 <= code <= 47 or 100 <= code <= 107:
            ink = replace(ink, fill=COLOURS[code % 10])
    return ink


def _extended(numbers: Iterator[str]) -> str:
    """Return the nearest of `COLOURS` for one of 256 colours, or of red, green and blue; empty for none."""
    kind = next(numbers, "")
    wanted = {"5": 1, "2": 3}.get(kind, 0)
    given = [int(one) for one in (next(numbers, "") for _ in range(wanted)) if one.isdecimal()]
    if len(given) != wanted or not wanted or max(given) > 255:
        return ""
    if wanted == 3:
        return _nearest(*given)
    number = given[0]
    if number < 16:
        return COLOURS[number % 8]
    if number >= 232:
        return _nearest(*[8 + 10 * (number - 232)] * 3)
    number -= 16
    return _nearest(_STEPS[number // 36], _STEPS[number // 6 % 6], _STEPS[number % 6])


def _nearest(red: int, green: int, blue: int) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    if saturation < _GREY or value < _GREY:
        return "white" if value > 0.5 else "black"
    return _HUES[round(hue * 6) % 6]
