"""JSON read in short steps, so that a thread that reads 10 MB never holds the window up."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

WINDOW = 4096
"""Letters that are read at once: one call of the reader in C keeps all other threads waiting."""
DEEPEST = 400
_STEPS = 2000  # parts between two looks whether the work is still wanted
_space = re.compile(r"[ \t\r\n]*").match
_scan: Callable[[str, int], tuple[Any, int]] = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # JSONDecoder.raw_decode uses it


class JsonProblem(ValueError):
    """The text is no JSON, or nested too deep; the text says where."""


def may_be_json(text: str) -> bool:
    """Does a text begin as JSON with parts does?"""
    return text[:100].lstrip()[:1] in ("{", "[")


def parse(text: str, check: Callable[[], None] = lambda: None) -> Any:
    """Return what a JSON text stands for, as `json.loads` does.

    Args:
        check: called now and then; may raise to end the work.

    Raises:
        JsonProblem: it is no JSON.
    """
    return _Reader(text, check).read()


class _Reader:
    """Small parts are left to the reader in C, large ones are taken apart here."""

    def __init__(self, text: str, check: Callable[[], None]) -> None:
        self._text, self._check = text, check
        self._open: list[Any] = []  # containers that are not closed yet
        self._steps = 0

    def read(self) -> Any:
        """Return the value of the whole text."""
        at, value, is_whole = self._begin(self._skip(0))
        if not is_whole:
            at = self._fill(at, value)
        if self._skip(at) != len(self._text):
            raise self._problem("the end", at)
        return value

    def _fill(self, at: int, container: Any) -> int:
        """Read what lies in a large container, and in those within it; return where it ends."""
        while True:
            at = self._skip(at)
            more = self._text[at : at + 1] != _end_of(container)
            if more:
                key, at = self._key(at) if isinstance(container, dict) else (None, at)
                at, value, is_whole = self._begin(at)
                _put(container, key, value)
                if not is_whole:
                    self._open.append(container)
                    container = value
                    continue
                at, more = self._after(at, container)
            else:
                at += 1
            while not more:  # it is closed; those around it may be too
                if not self._open:
                    return at
                container = self._open.pop()
                at, more = self._after(at, container)

    def _begin(self, at: int) -> tuple[int, Any, bool]:
        """Read a value, or only the bracket of a large one; return where it ends and whether it is whole."""
        self._steps += 1
        if self._steps % _STEPS == 0:
            self._check()
        mark = self._text[at : at + 1]
        if mark in ("{", "["):
            piece = self._text[at : at + WINDOW]
            try:
                value, end = _scan(piece, 0)
                return at + end, value, True
            except (StopIteration, ValueError, RecursionError):
                if len(self._open) >= DEEPEST:
                    raise JsonProblem(f"nested deeper than {DEEPEST} levels") from None
                return at + 1, {} if mark == "{" else [], False
        try:
            value, end = _scan(self._text, at)
        except (StopIteration, ValueError):
            raise self._problem("a value", at) from None
        return end, value, True

    def _key(self, at: int) -> tuple[str, int]:
        if self._text[at : at + 1] != '"':
            raise self._problem("a name in quotes", at)
        try:
            key, at = _scan(self._text, at)
        except ValueError:
            raise self._problem("a name in quotes", at) from None
        at = self._skip(at)
        if self._text[at : at + 1] != ":":
            raise self._problem("a colon", at)
        return key, self._skip(at + 1)

    def _after(self, at: int, container: Any) -> tuple[int, bool]:
        """Pass over what follows a value; tell whether there is another one."""
        at = self._skip(at)
        mark = self._text[at : at + 1]
        if mark == ",":
            at = self._skip(at + 1)
            if self._text[at : at + 1] in ("]", "}"):
                raise self._problem("a value", at)
            return at, True
        if mark != _end_of(container):
            raise self._problem("a comma or the end", at)
        return at + 1, False

    def _skip(self, at: int) -> int:
        found = _space(self._text, at)
        return found.end() if found is not None else at

    def _problem(self, wanted: str, at: int) -> JsonProblem:
        line = self._text.count("\n", 0, at) + 1
        return JsonProblem(f"{wanted} is missing in line {line}, at letter {at}")


def _end_of(container: Any) -> str:
    return "]" if isinstance(container, list) else "}"


def _put(container: Any, key: Any, value: Any) -> None:
    if isinstance(container, list):
        container.append(value)
    else:
        container[key] = value
