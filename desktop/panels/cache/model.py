"""Keys, stores and sessions as values without widgets: filtered, ordered, grouped by parts of their names."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from desktop.panels.overview.words import duration, number
from desktop.widgets.value.texts import size_words
from desktop.widgets.values import UNKNOWN

SEPARATORS = (":", "/", ".")
SESSION_MARKS = ("session", "sess:")


class Key(NamedTuple):
    """One key of one store.

    Attributes:
        application, store, key: which.
        type: of its value; empty for what can't be read.
        size: bytes; estimated in memory.
        stored: when it was written, seconds since 1970; 0 when that is not known.
    """

    application: str
    store: str
    key: str
    type: str
    size: int
    stored: float

    @property
    def id(self) -> tuple[str, str, str]:
        """What tells it from all others."""
        return self[:3]


@dataclass(frozen=True)
class Store:
    """One store with its figures.

    Attributes:
        name: ``ram``, ``disk``, ``redis`` ...
        title: where it is, in words.
        entries, size: None when not known.
        hits, misses: of the server's process; None without a server.
        fault: why it can't be read.
    """

    name: str
    kind: str
    title: str = ""
    entries: int | None = None
    size: int | None = None
    hits: int | None = None
    misses: int | None = None
    oldest: float = 0.0
    fault: str = ""
    line: tuple[tuple[float, float, int], ...] = ()

    def ratio(self) -> float | None:
        """Hits in percent; None before the first use."""
        asked = (self.hits or 0) + (self.misses or 0)
        return (self.hits or 0) * 100 / asked if self.hits is not None and asked else None


@dataclass(frozen=True)
class Snapshot:
    """All that was read at one time."""

    when: float = 0.0
    serving: bool = False
    stores: tuple[Store, ...] = ()
    keys: tuple[Key, ...] = ()


WORKER, WORKERS = "worker:", "workers"
"""Beginning of the name of a worker's store, which ends in its process; the name of their common card."""


def members(store: str, known: Iterable[str]) -> frozenset[str]:
    """The names of the stores that a card stands for."""
    if store == WORKERS:
        return frozenset(name for name in known if name.startswith(WORKER))
    return frozenset((store,)) if store else frozenset()


def is_memory(store: str) -> bool:
    """Is it the memory of a process?"""
    return store == "ram" or store.startswith(WORKER)


def store_words(name: str) -> str:
    """ "RAM" for ``ram``, "RAM 4711" for that of a worker; other names as they are."""
    if name == WORKERS:
        return "RAM of workers"
    if name.startswith(WORKER):
        return f"RAM {name.removeprefix(WORKER)}"
    return "RAM" if name == "ram" else name.capitalize() if name.startswith(("redis", "memcached")) else name


def age_words(stored: float, now: float) -> str:
    """ "12 s", "3 min", "2 days"; a dash when it is not known."""
    if not stored:
        return UNKNOWN
    seconds = max(0.0, now - stored)
    return (
        duration(seconds if seconds < 60 else seconds - seconds % 60).split("  ")[0]
        if seconds < 86400
        else (f"{int(seconds // 86400)} day{'s' if seconds >= 172800 else ''}")
    )


def key_size(key: Key) -> str:
    """The size; estimated ones say so."""
    words = size_words(key.size)
    return f"~{words}" if is_memory(key.store) else words


ORDERS: dict[str, Callable[[Key], object]] = {
    "key": lambda one: one.key,
    "application": lambda one: (one.application, one.key),
    "store": lambda one: (one.store, one.key),
    "type": lambda one: (one.type, one.key),
    "size": lambda one: one.size,
    "age": lambda one: -one.stored,
}


def chosen(
    keys: Sequence[Key], match: Callable[[str], bool] | None, stores: frozenset[str] = frozenset()
) -> list[Key]:
    """The keys that match, of some stores or of all."""
    if match is None and not stores:
        return list(keys)
    if match is None:
        return [one for one in keys if one.store in stores]
    if not stores:
        return [one for one in keys if match(one.key)]
    return [one for one in keys if one.store in stores and match(one.key)]


def ordered(
    keys: Iterable[Key], order: str, down: bool, growth: dict[tuple[str, str, str], int]
) -> list[Key]:
    """The keys in order; by growth since the panel was opened for ``growth``."""
    if order == "growth":
        return sorted(keys, key=lambda one: growth.get(one.id, 0), reverse=True)
    return sorted(keys, key=ORDERS[order], reverse=down)  # type: ignore[arg-type]  # keys of one column compare


def growth_since(before: Iterable[Key], keys: Iterable[Key]) -> dict[tuple[str, str, str], int]:
    """How many bytes each key has grown; new keys by their whole size (CA-12)."""
    sizes = {one.id: one.size for one in before}
    return {one.id: one.size - sizes.get(one.id, 0) for one in keys}


@dataclass(frozen=True)
class Branch:
    """The beginning of a name, and the keys that share it.

    Attributes:
        prefix: the beginning.
        keys: all keys below.
        forks: whether names go on behind it.
    """

    prefix: str
    keys: list[Key]
    forks: bool = True

    @property
    def count(self) -> int:
        """How many keys there are below."""
        return len(self.keys)

    @property
    def size(self) -> int:
        """Bytes of the keys below."""
        return sum(one.size for one in self.keys)

    def children(self, separator: str) -> list[tuple[str, Branch]]:
        """The branches one part further on, by name (CA-04); only what is open is ever divided."""
        groups: dict[str, list[Key]] = {}
        cut = len(self.prefix)
        for one in self.keys:
            head, mark, _ = one.key[cut:].partition(separator)
            groups.setdefault(head + mark, []).append(one)
        return [
            (name, Branch(self.prefix + name, keys, name.endswith(separator)))
            for name, keys in sorted(groups.items())
        ]


@dataclass(frozen=True)
class Line:
    """One line of the tree as it is shown."""

    level: int
    text: str
    branch: Branch
    open: bool | None


def lines_of(root: Branch, opened: set[str], separator: str) -> list[Line]:
    """The lines of the tree with the branches that are open."""
    out: list[Line] = []

    def add(branch: Branch, level: int) -> None:
        for name, child in branch.children(separator):
            is_open = child.prefix in opened
            out.append(Line(level, name, child, is_open if child.forks else None))
            if child.forks and is_open:
                add(child, level + 1)

    add(root, 0)
    return out


def none_words(state: str, wanted: str, has_applications: bool, serving: bool) -> str:
    """Why there are no keys, and how some get here (CA-16).

    Args:
        state: ``loading``, ``none match`` or ``none yet``.
        wanted: text of the filter.
    """
    if state == "loading":
        return "Reading the stores…"
    if state == "none match":
        return f"No key matches {wanted!r}." if wanted else "No keys in this store."
    if not has_applications:
        return "No applications in this site folder yet."
    if not serving:
        return "Nothing is kept on disk. Keys in memory live in the server, which is stopped."
    how = "cache.ram('name', function, seconds)"
    return f"Nothing is kept in the cache. An application keeps a value by {how}."


def delete_words(keys: Sequence[Key]) -> tuple[str, str]:
    """Title and text of the question before keys are deleted (CA-06, CA-07)."""
    count, size = len(keys), sum(one.size for one in keys)
    title = f"Delete {number(count)} key{'' if count == 1 else 's'}?"
    stores = ", ".join(sorted({store_words(one.store) for one in keys}))
    text = f"{size_words(size)} in {stores}. What they hold will be computed again at the next use."
    if any(mark in one.key.lower() for one in keys for mark in SESSION_MARKS):
        text += " Some of these keys look like sessions: their visitors will be logged out."
    return title, text


class Session(NamedTuple):
    """One session of an application."""

    application: str
    kind: str
    id: str
    client: str
    age: float
    size: int


def when_words(moment: float) -> str:
    """Time of day with seconds."""
    return time.strftime("%H:%M:%S", time.localtime(moment))
