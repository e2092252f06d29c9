"""One list of tasks or runs as it was read so far: filter, order, rows, counts (SC-02..04, SC-20, SC-22)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from runtime.admin.scheduler.entries import RunEntry, TaskEntry
from runtime.admin.scheduler.filters import Filter, parse_filter

PAGE = 200
FEW = 100_000  # rows that are counted in one question
Row = TypeVar("Row", bound=TaskEntry | RunEntry)


@dataclass(frozen=True)
class Wish:
    """What is to be listed."""

    text: str = ""
    chosen: tuple[str, ...] = ()
    order: str = "next"
    down: bool = False

    def with_state(self, state: str) -> tuple[str, ...]:
        """The chosen states with one more, or one less if it was chosen."""
        if state in self.chosen:
            return tuple(one for one in self.chosen if one != state)
        return (*self.chosen, state)


@dataclass
class Listing(Generic[Row]):
    """Rows that were read, in order.

    Attributes:
        runs: it lists runs, not tasks.
        following: key of the page behind the last row; None at the end.
        waiting: rows that came and are not shown yet.
        counts: rows of each state, ``all`` among them, without the chosen states.
        exact: `counts` are; else `about` tells how many rows there may be.
        loaded: the first page has come.
    """

    runs: bool
    wish: Wish
    rows: list[Row] = field(default_factory=list)
    following: Any = None
    waiting: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    exact: bool = False
    about: int = 0
    loaded: bool = False

    def filter(self) -> Filter:
        """The typed words, read."""
        return parse_filter(self.wish.text, self.runs)

    def total(self) -> int:
        """How many rows match, as far as they were counted."""
        if not self.wish.chosen:
            return self.counts.get("all", 0)
        chosen = set(self.wish.chosen)
        if {"queued", "late"} <= chosen:
            chosen.discard("late")  # late ones are queued ones
        return sum(self.counts.get(state, 0) for state in chosen)

    def is_filtered(self) -> bool:
        """Does the list leave something out?"""
        return bool(self.wish.chosen or self.wish.text.strip())

    def take_page(self, rows: Sequence[Row], following: Any) -> None:
        """The first page of a new list."""
        self.rows, self.following = list(rows), following
        self.waiting, self.loaded = 0, True

    def add_page(self, rows: Sequence[Row], following: Any) -> None:
        """The page behind the last row."""
        known = {row.id for row in self.rows}
        self.rows.extend(row for row in rows if row.id not in known)
        self.following = following

    def refresh(self, first_page: Sequence[Row], others: Sequence[Row], asked: Sequence[int]) -> None:
        """Takes new content into the lines as they are; new rows wait (SC-20).

        Args:
            first_page: what a new list would begin with.
            others: rows of `asked`, of those shown that are not in the first page.
            asked: ids that were looked for; what is missing in `others` is gone.
        """
        fresh: dict[int, Row] = {row.id: row for row in (*others, *first_page)}
        gone = set(asked) - set(fresh)
        shown = {row.id for row in self.rows}
        self.waiting = sum(row.id not in shown for row in first_page)
        self.rows = [fresh.get(row.id, row) for row in self.rows if row.id not in gone]
        if not self.rows and first_page:
            self.rows, self.waiting = list(first_page), 0
