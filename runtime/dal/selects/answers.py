"""Answers of a SQLite database, kept as long as the database stays as it was.

SQLite tells at the price of an empty select whether anything was committed since the last look
(``PRAGMA data_version``). A select that took longer than that and comes again is not computed again
while nothing has changed: the list that every visitor sees, the count below a grid.
"""

from __future__ import annotations

import re
import time
from sys import getsizeof
from typing import Any

from pydal.helpers.classes import TimingHandler

from runtime.dal.connections import log_statement
from runtime.dal.selects.records import Answer

SLOW = 0.0001
"""Seconds after which an answer is worth keeping; the question whether it holds takes a tenth of it."""
MOST_TEXTS = 200
MOST_VALUES = 5000
"""Of one answer."""
MOST_BYTES = 1 << 20
"""Of the answers of one connection together."""

_STATE = "SELECT data_version, schema_version FROM pragma_data_version, pragma_schema_version"
_COMPUTED = "SELECT type, sql FROM sqlite_master WHERE type = 'view' OR sql LIKE 'CREATE VIRTUAL%'"
_BODY = re.compile(r"\bas\b", re.IGNORECASE)
_DATA = frozenset(("SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN ", "SAVEPO", "RELEAS", "ROLLBA"))
"""Beginnings of statements that change rows at most, which SQLite counts."""
_TEXT = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r'"(?:[^"]|"")*"')
_CALL = re.compile(r"(\w+)\s*\(")
_MOMENT = re.compile(r"\bcurrent_(?:date|time|timestamp)\b", re.IGNORECASE)
_STEADY = frozenset(
    ("abs", "all", "and", "as", "avg", "by", "case", "cast", "char", "coalesce", "count", "distinct", "else",
     "exists", "from", "group_concat", "having", "ifnull", "in", "instr", "join", "length", "like", "lower",
     "ltrim", "max", "min", "not", "nullif", "on", "or", "regexp", "replace", "round", "rtrim", "select",
     "substr", "sum", "then", "total", "trim", "union", "upper", "values", "web2py_extract", "when", "where")
)  # fmt: skip
"""What may stand before a parenthesis in a select that always has the same answer: functions and words."""


class Answers:
    """What is kept for one connection."""

    __slots__ = ("rows", "size", "state", "usable")

    def __init__(self) -> None:
        self.rows: dict[str, Answer | None] = {}
        """Of selects that were slow, by their text; None: not known at present."""
        self.size = 0
        self.state: tuple[Any, ...] = ()
        self.usable = True

    def note(self, text: str) -> None:
        """Remember that a select was slow."""
        if len(self.rows) >= MOST_TEXTS:
            self.rows, self.size = {}, 0
        self.rows[text] = None

    def keep(self, text: str, rows: list[Any]) -> None:
        """Keep an answer, unless it is too large."""
        if rows and len(rows) * len(rows[0]) > MOST_VALUES:
            return
        size = sum(getsizeof(value) for row in rows for value in row)
        if size > MOST_BYTES:
            return
        if self.size + size > MOST_BYTES:
            self.forget()
        self.rows[text] = answer = Answer(rows)
        answer.made = {}
        self.size += size

    def forget(self) -> None:
        """Forget all answers; which selects were slow stays known."""
        self.rows, self.size = dict.fromkeys(self.rows), 0


class KeptAnswers:
    """Mixin before a pydal adapter for SQLite with kept connections: selects that are answered from memory.

    The rows are those of the driver; records are made of them anew. Whatever the connection itself
    changes counts as well as commits of others. Inside a transaction, and for selects whose answer
    depends on more than the file (random numbers, the time, functions of an application, attached
    databases), the database is asked.
    """

    keeps_answers = True
    """False: ask the database every time."""

    # Attributes of the adapter class it is mixed into.
    _slot: Any
    _file: str | None
    execution_handlers: list[Any]

    def count(self, query: Any, distinct: Any = None) -> int:
        """Return how many records a query has (pydal's method)."""
        counted = self._select_aux_execute(self._count(query, distinct))  # type: ignore[attr-defined]  # of pydal
        return int(counted[0][0])

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        """Send one statement; what does not only read or write rows may change what others mean."""
        if args[0][:6] not in _DATA:
            self._slot.answers = None
        return super().execute(*args, **kwargs)  # type: ignore[misc]  # of KeptConnection

    def _select_aux_execute(self, sql: str) -> list[Any]:
        """Return the rows of a select (pydal's method)."""
        slot = self._slot
        if slot.answers is None:
            slot.answers = Answers()
        answers: Answers = slot.answers
        if sql not in answers.rows:
            began = time.perf_counter()
            rows = self._ask(sql)
            if time.perf_counter() - began > SLOW and self._may_keep(answers, sql):
                answers.note(sql)
            return rows
        if not slot.dirty:
            self._begin()  # type: ignore[attr-defined]  # of KeptConnection
        if slot.answers is not answers:  # a new connection: the file is another one
            return self._select_aux_execute(sql)
        return self._known_or_asked(slot, answers, sql)

    def _known_or_asked(self, slot: Any, answers: Answers, sql: str) -> list[Any]:
        connection = slot.connection
        watched = self.execution_handlers != [TimingHandler]
        if connection.in_transaction or watched or not self.keeps_answers:
            return self._ask(sql)
        began = time.perf_counter()
        slot.sent = True
        cursor = slot.cursor
        state = (connection.total_changes, *cursor.execute(_STATE).fetchone())
        if state != answers.state:
            answers.forget()
            if state[-1:] != answers.state[-1:] and not _depends_on_its_file_alone(cursor):
                answers.usable = False
                answers.rows = {}
                return self._ask(sql)
            answers.state = state
        known = answers.rows[sql]
        if known is None:
            rows = self._ask(sql)
            answers.keep(sql, rows)
            return rows
        log_statement(sql, time.perf_counter() - began)
        again = Answer(known)
        again.made = known.made
        return again

    def _may_keep(self, answers: Answers, sql: str) -> bool:
        return self.keeps_answers and answers.usable and bool(self._file) and is_steady(sql)

    def _ask(self, sql: str) -> list[Any]:
        rows: list[Any] = super()._select_aux_execute(sql)  # type: ignore[misc]  # of pydal
        return rows


def is_steady(sql: str) -> bool:
    """Tell whether a select has the same answer as long as the database is the same."""
    text = _NAME.sub("", _TEXT.sub("''", sql))
    return not _MOMENT.search(text) and all(name.lower() in _STEADY for name in _CALL.findall(text))


def _depends_on_its_file_alone(cursor: Any) -> bool:
    """Tell whether all tables are in the main database, and none is computed of anything else."""
    databases = {name for _, name, _ in cursor.execute("PRAGMA database_list").fetchall()}
    return databases == {"main"} and all(
        kind == "view" and is_steady(_BODY.split(sql, maxsplit=1)[1])
        for kind, sql in cursor.execute(_COMPUTED).fetchall()
    )
