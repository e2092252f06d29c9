"""Choosing keys by what a person types: text, glob or ``/regex/`` (CA-03)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from runtime.foundation.problems import UserError
from runtime.routing.regex_guard import UnsafePattern, compile_guarded


class PatternProblem(UserError):
    """A pattern can not be used; the text says why."""


def key_matcher(text: str) -> Callable[[str], bool] | None:
    """Return what tells whether a key matches; None when every key does.

    Args:
        text: a part of the key in any case; a glob when it has ``*``, ``?`` or ``[``; a regular expression
            between slashes.

    Raises:
        PatternProblem: the expression is invalid, or could take endless time.
    """
    words = text.strip()
    if not words:
        return None
    if len(words) > 1 and words.startswith("/") and words.endswith("/"):
        return _by_regex(words[1:-1])
    inner = words.strip("*")
    if inner and words != inner and not any(mark in inner for mark in "*?["):
        return _by_ends(inner, words)
    if any(mark in words for mark in "*?["):
        match = re.compile(fnmatch.translate(words)).match
        return lambda key: match(key) is not None
    wanted = words.casefold()
    return lambda key: wanted in key.casefold()


def _by_ends(inner: str, glob: str) -> Callable[[str], bool]:
    """Return the quick way for globs with stars at their ends only."""
    if glob.startswith("*") and glob.endswith("*"):
        return lambda key: inner in key
    if glob.startswith("*"):
        return lambda key: key.endswith(inner)
    return lambda key: key.startswith(inner)


def _by_regex(pattern: str) -> Callable[[str], bool]:
    try:
        search = compile_guarded(pattern).search
    except (UnsafePattern, re.error) as error:
        raise PatternProblem(f"This pattern can't be used: {error}") from None
    return lambda key: search(key) is not None
