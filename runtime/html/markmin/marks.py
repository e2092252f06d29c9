"""Escapes and code spans of MARKMIN: taken out of the text before anything else is read.

An escaped character becomes a control character that no other rule knows; a code
span becomes a numbered placeholder. Control characters of the input are dropped
first, so that nobody can forge either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ESCAPABLE = "'`*~\\[]{}@$+-.#"
_HIDE = {char: chr(0x0E + i) for i, char in enumerate(_ESCAPABLE)}
_REVEAL = str.maketrans({hidden: char for char, hidden in _HIDE.items()})
_HIDE_ALL = str.maketrans(_HIDE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ESCAPE = re.compile(r"\\(\n|[" + re.escape(_ESCAPABLE) + r"])")
_CODE = re.compile(
    r"``(?P<code>.*?)``(?::(?P<cls>[a-zA-Z][\w-]*)(?:\[(?P<args>[^\]]*)\])?)?"
    r"|\$\$(?P<latex>[^$]+)\$\$",
    re.DOTALL,
)
CODE_MARK = "\x05"
PLACEHOLDER = re.compile(r"\x05(\d+)\x05")


@dataclass(frozen=True)
class Code:
    """One code span: ``text``, class and arguments as meant; `raw` with escapes hidden; `source` as written.

    `block` tells that it began with a line end.
    """

    text: str
    cls: str
    args: str | None
    block: bool
    raw: str
    source: str


def reveal(text: str) -> str:
    """Turn hidden characters back into what they stand for."""
    return text.translate(_REVEAL)


def hide(text: str) -> str:
    """Return `text` so that no character of it is read as markup."""
    return _CONTROL.sub("", text).translate(_HIDE_ALL)


def prepare(text: str) -> str:
    """Return `text` without control characters, with line ends of one kind and escapes hidden."""
    text = _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _ESCAPE.sub(lambda match: "" if match[1] == "\n" else _HIDE[match[1]], text)


def take_codes(text: str) -> tuple[str, list[Code]]:
    """Return the prepared `text` with placeholders for its code spans, and these."""
    codes: list[Code] = []

    def store(match: re.Match[str]) -> str:
        codes.append(_code(match))
        return f"{CODE_MARK}{len(codes) - 1}{CODE_MARK}"

    return _CODE.sub(store, text), codes


def _code(match: re.Match[str]) -> Code:
    source = reveal(match.group())
    if match["latex"] is not None:
        return Code(reveal(match["latex"]), "latex", None, False, match["latex"], source)
    raw = match["code"].replace("!`!", _HIDE["`"])
    block = raw.startswith("\n")
    if block:
        raw = re.sub(r"\n[ \t]*\Z", "", raw[1:])
    args = match["args"]
    return Code(reveal(raw), match["cls"] or "", None if args is None else reveal(args), block, raw, source)
