"""A value taken apart, in the background where it is large (CA-05)."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from runtime.admin.value_tree import TreeProblem, unpack

from .parsing import JsonProblem, may_be_json, parse
from .parts import Parts
from .tabular import Table, table_of

AT_ONCE = 30_000
"""Letters up to which a value is taken apart while the window waits: that takes no time."""


@dataclass(frozen=True)
class Source:
    """Where the parts of a value come from.

    Attributes:
        text: JSON.
        packed: the same made small (`value_tree.pack`); only one of the two is given.
        typed: it tells the types of Python.
    """

    text: str = ""
    packed: str = ""
    typed: bool = False

    def may_have_parts(self) -> bool:
        """Is it worth to be taken apart?"""
        return bool(self.packed) or may_be_json(self.text)

    def is_small(self) -> bool:
        """Can it be taken apart at once?"""
        return len(self.text) <= AT_ONCE and len(self.packed) <= AT_ONCE // 10


@dataclass(frozen=True)
class TakenApart:
    """The parts of a value, and its table; `fault` tells why there are none."""

    parts: Parts | None = None
    table: Table | None = None
    fault: str = ""


def take_apart(source: Source, check: Callable[[], None] = lambda: None) -> TakenApart:
    """Return the parts of a value; what has none gives an empty answer.

    Args:
        check: called now and then; may raise to end the work.
    """
    if source.is_small():
        return _taken_apart(source, check)
    with _uncollected():
        taken = _taken_apart(source, check)
        if taken.parts is not None:
            gc.freeze()  # a million parts hold no cycles: looking for some would keep the window waiting
            weakref.finalize(taken.parts, gc.unfreeze)
    return taken


def _taken_apart(source: Source, check: Callable[[], None]) -> TakenApart:
    try:
        parts = Parts(parse(unpack(source.packed) if source.packed else source.text, check), source.typed)
    except (JsonProblem, TreeProblem) as problem:
        return TakenApart(fault=str(problem))
    if not parts.is_container():
        return TakenApart()
    return TakenApart(parts, table_of(parts, check))


_paused = 0
_pausing = threading.Lock()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the collector of cycles away while so many objects are made; it stops all threads."""
    global _paused
    with _pausing:
        _paused += 1
        gc.disable()
    try:
        yield
    finally:
        with _pausing:
            _paused -= 1
            if not _paused:
                gc.enable()
