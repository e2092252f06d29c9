"""Names of languages and what a visitor accepts (T-05, T-09, T-10)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

LANGUAGE_NAME = re.compile(r"[a-z]{2,8}(?:-[a-z0-9]{1,8})*", re.ASCII)
"""What a language is called, in lower case: ``it``, ``it-ch``, ``zh-hant-tw``."""

MAX_HEADER = 1000
"""Characters of an ``Accept-Language`` header that are looked at."""


def normal_name(name: str) -> str:
    """Return `name` in lower case with hyphens; empty when it is no name of a language (T-10)."""
    name = name.strip().lower().replace("_", "-")
    return name if LANGUAGE_NAME.fullmatch(name) else ""


@lru_cache(maxsize=512)
def accepted_languages(header: str | None) -> tuple[str, ...]:
    """Return the languages of an ``Accept-Language`` header, the most wanted first (T-05).

    Equal qualities keep the order of the header; quality 0, ``*`` and
    whatever is malformed are left out.
    """
    wanted: list[tuple[float, str]] = []
    for item in (header or "")[:MAX_HEADER].split(","):
        text, *parameters = item.split(";")
        name = normal_name(text)
        quality = _quality(parameters)
        if name and quality > 0:
            wanted.append((-quality, name))
    wanted.sort(key=lambda pair: pair[0])
    return tuple(dict.fromkeys(name for _, name in wanted))


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                number = float(value)
            except ValueError:
                return 0.0
            return number if 0.0 <= number <= 1.0 else 0.0
    return 1.0


@lru_cache(maxsize=512)
def chain(language: str) -> tuple[str, ...]:
    """Return `language` and its shorter forms: ``xx-xy-yy``, ``xx-xy``, ``xx`` (T-09)."""
    parts = language.split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts), 0, -1))
