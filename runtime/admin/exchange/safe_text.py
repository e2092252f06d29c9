"""Characters that files of other programs cannot hold, spelled out so that they come back.

``{U+0001}`` stands for the character with that number, ``{U+}`` for a text of no characters; a text that
holds ``{U+`` itself has its brace spelled out.
"""

from __future__ import annotations

import re

from runtime.foundation.problems import UserError

_UNSAFE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]|\{(?=U\+)"
)
_SPELLED = re.compile(r"\{U\+([0-9A-F]{4,6}|)\}")


def encode(text: str) -> str:
    """Return `text` with unsafe characters spelled out."""
    return _UNSAFE.sub(_spell, text) if text else "{U+}"


def encode_optional(text: str) -> str:
    """Return `text` spelled out, and nothing for nothing."""
    return encode(text) if text else ""


def spell(text: str) -> str:
    """Return every character of `text` spelled out."""
    return "".join(f"{{U+{ord(char):04X}}}" for char in text)


def _spell(match: re.Match[str]) -> str:
    return spell(match[0])


def decode(text: str) -> str:
    """Return what `encode` was given.

    Raises:
        UserError: a number stands for no character.
    """
    if "{U+" not in text:
        return text

    def char(match: re.Match[str]) -> str:
        number = int(match[1] or "0", 16)
        if number > 0x10FFFF:
            raise UserError(f"{match[0]} is no character")
        return chr(number) if match[1] else ""

    return _SPELLED.sub(char, text)
