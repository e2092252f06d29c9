"""Compile regular expressions of a routes file, refusing those that could backtrack without end.

`re` cannot be interrupted, so the decision falls when the file is loaded. Refused are

* a repetition of something that itself repeats, when nothing between two rounds marks the border:
  ``(\\w+)*``, ``(a+b?)+``; ``(/\\w+)+`` is fine because ``\\w`` never matches the slash;
* a repeated choice whose alternatives can begin with the same character: ``(a|ab)*``;
* more than a few repetitions of "any character" before the end, whose cost is a power of the length.

Together with `MAX_PATH` this bounds the time of every match.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

MAX_PATH = 4096
"""Longest path a request may have, in characters after decoding."""

MAX_FREE_REPEATS = 2
"""Repetitions of any character that may stand before the last one of a pattern."""

_ALPHABET = [*map(chr, range(128)), "é", "中"]
_ALL = frozenset(_ALPHABET)
_MANY = 16  # a repetition of at most this many rounds counts as bounded


class UnsafePattern(ValueError):
    """The expression is invalid, or could take unbounded time; the text says why."""


def compile_guarded(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile `pattern`.

    Raises:
        UnsafePattern: it is no regular expression, or one that could backtrack without end.
    """
    try:
        compiled = re.compile(pattern, flags)
        tree = list(_parser.parse(pattern, flags))
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(f"{pattern!r} is not a regular expression: {error}") from error
    problem = _problem(tree)
    if problem is None and _free_repeats(tree) > MAX_FREE_REPEATS:
        problem = f"it repeats 'any character' more than {MAX_FREE_REPEATS} times before its last repetition"
    if problem is not None:
        raise UnsafePattern(f"{pattern!r} could take endless time: {problem}")
    return compiled


def _problem(nodes: Iterable[Any]) -> str | None:
    for node in nodes:
        op, value = node
        if op in _REPEATS:
            _, high, body = value
            if high > _MANY:
                found = _ambiguous(list(body))
                if found:
                    return found
        if op is _constants.GROUPREF and value:
            continue
        for inner in _bodies(node):
            found = _problem(inner)
            if found:
                return found
    return None


def _ambiguous(body: list[Any]) -> str | None:
    """Say why rounds of the repeated `body` could be cut in several ways, or None."""
    flat = list(_flatten(body))
    for op, value in flat:
        if op is _constants.BRANCH and _overlap([_first(list(b)) for b in value[1]]):
            return "a repeated choice has alternatives that begin alike; make them differ"
    repeats = [node for node in flat if node[0] in _REPEATS and node[1][0] != node[1][1]]
    if not any(node[1][1] > 1 for node in repeats):
        return None
    sliding = frozenset[str]().union(*(_chars(list(node[1][2])) for node in repeats))
    for op, value in flat:
        if op in _SINGLES and not (_single(op, value) & sliding):
            return None  # a border that no inner repetition can swallow
    return "a repetition stands inside a repetition; use one, as [\\w.]+, or put a separator between"


def _free_repeats(nodes: list[Any]) -> int:
    """Count the repetitions of (almost) any character but the pattern's last item."""
    flat = list(_flatten(nodes))
    while flat and flat[-1][0] is _constants.AT:
        flat.pop()
    return sum(_is_free(node) for node in flat[:-1])


def _is_free(node: Any) -> int:
    op, value = node
    if op not in _REPEATS:
        return sum(_is_free(inner) for body in _bodies(node) for inner in _flatten(body))
    if value[1] <= _MANY:
        return sum(_is_free(inner) for inner in _flatten(list(value[2])))
    return int(len(_chars(list(value[2]))) > len(_ALPHABET) * 3 // 4)


_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT}
_SINGLES = {_constants.LITERAL, _constants.NOT_LITERAL, _constants.ANY, _constants.IN}


def _flatten(nodes: Iterable[Any]) -> Iterable[Any]:
    """The nodes of a sequence, with groups opened."""
    for node in nodes:
        if node[0] is _constants.SUBPATTERN:
            yield from _flatten(node[1][3])
        else:
            yield node


def _bodies(node: Any) -> list[list[Any]]:
    op, value = node
    if op in _REPEATS or op is getattr(_constants, "POSSESSIVE_REPEAT", None):
        return [list(value[2])]
    if op is _constants.SUBPATTERN:
        return [list(value[3])]
    if op is _constants.BRANCH:
        return [list(branch) for branch in value[1]]
    if op in (_constants.ASSERT, _constants.ASSERT_NOT):
        return [list(value[1])]
    if op is getattr(_constants, "ATOMIC_GROUP", None):
        return [list(value)]
    return []


def _single(op: Any, value: Any) -> frozenset[str]:
    """Characters of the sample alphabet that one single-character node matches."""
    if op is _constants.LITERAL:
        return frozenset((chr(value),))
    if op is _constants.NOT_LITERAL:
        return _ALL - {chr(value)}
    if op is _constants.ANY:
        return _ALL
    out: set[str] = set()
    negate = False
    for kind, item in value:
        if kind is _constants.NEGATE:
            negate = True
        elif kind is _constants.LITERAL:
            out.add(chr(item))
        elif kind is _constants.RANGE:
            out.update(c for c in _ALPHABET if item[0] <= ord(c) <= item[1])
        elif kind is _constants.CATEGORY:
            out |= _category(str(item))
    return frozenset(_ALL - out if negate else out)


@cache
def _category(name: str) -> frozenset[str]:
    letter = {"DIGIT": "d", "SPACE": "s", "WORD": "w"}[name.rsplit("_", 1)[-1]]
    if "_NOT_" in name:
        letter = letter.upper()
    return frozenset(c for c in _ALPHABET if re.match("\\" + letter, c))


def _chars(nodes: list[Any]) -> frozenset[str]:
    """All characters that the sequence may hold."""
    out: frozenset[str] = frozenset()
    for node in _flatten(nodes):
        op, value = node
        if op in _SINGLES:
            out |= _single(op, value)
        elif op is _constants.GROUPREF:
            out = _ALL
        else:
            for body in _bodies(node):
                out |= _chars(body)
    return out


def _first(nodes: list[Any]) -> frozenset[str]:
    """Characters with which the sequence may begin."""
    out: frozenset[str] = frozenset()
    for node in _flatten(nodes):
        op, value = node
        if op in _SINGLES:
            return out | _single(op, value)
        for body in _bodies(node):
            if op not in (_constants.ASSERT, _constants.ASSERT_NOT):
                out |= _first(body)
        optional = op is _constants.AT or op in (_constants.ASSERT, _constants.ASSERT_NOT)
        if not optional and not (op in _REPEATS and value[0] == 0):
            return out
    return _ALL  # it may be empty: then anything can follow


def _overlap(sets: list[frozenset[str]]) -> bool:
    seen: set[str] = set()
    for one in sets:
        if seen & one:
            return True
        seen |= one
    return False


def literal_prefix(pattern: str, flags: int = 0) -> tuple[str, bool]:
    """Return the fixed text every match of `pattern` begins with, and whether it is the whole match."""
    text = []
    nodes = list(_parser.parse(pattern, flags))
    for op, value in nodes:
        if op is _constants.LITERAL:
            text.append(chr(value))
        elif op is not _constants.AT:
            return "".join(text), False
    return "".join(text), True
