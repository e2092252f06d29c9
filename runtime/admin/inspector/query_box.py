"""In the child: the query box, a pydal expression or one SQL statement, both without writing (DB-07)."""

from __future__ import annotations

import re
from typing import Any

from pydal.objects import Expression, Field, Query, Row, Rows, Select, Set, Table

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.engines import database_problem, read_only
from runtime.admin.inspector.problems import InspectorProblem
from runtime.admin.inspector.values import CELL, cell
from runtime.admin.inspector.work import Work
from runtime.admin.plain_text import plain_text
from runtime.foundation.syntax import parse_python

MOST_ROWS = 1000
_READS = ("select", "with", "values", "explain", "show", "table", "pragma", "describe", "desc")
_TOKENS = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`|\[[^\]]*\])"
    r"|(?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)|(?P<end>;)|(?P<word>\w+)|(?P<other>\s+|.)",
    re.DOTALL,
)
_FORBIDDEN = frozenset(("outfile", "dumpfile", "attach", "load_extension"))


def run_query(
    application: Application, work: Work, database: str, *, text: str, limit_rows: int = MOST_ROWS
) -> dict[str, Any]:
    """Answer what was typed: SQL when it begins as SQL does, else an expression with the models' names.

    Returns:
        ``columns``, ``rows`` (cells), ``more`` (there were more), or ``text`` for a single value; ``sql``.

    Raises:
        InspectorProblem: it can not be understood, or would write.
    """
    db = application.database(database)
    words = text.strip().rstrip(";").strip()
    if not words:
        raise InspectorProblem("refused", "Type a query, as db.person.id > 10, or SELECT ...")
    limit_rows = max(1, min(limit_rows, 10_000))
    with read_only(db):
        try:
            if is_sql(words):
                return _run_sql(db, checked_sql(words), limit_rows, work)
            return _run_expression(application, db, words, limit_rows)
        except (InspectorProblem, MemoryError):
            raise
        except Exception as error:
            work.check()
            problem = database_problem(error)
            if problem.kind == "failed":
                problem.kind = "refused"
            raise problem from error


def is_sql(text: str) -> bool:
    """Tell whether a text begins as SQL does."""
    first = re.match(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*\(?\s*([A-Za-z]+)\b(?!\s*[.(=])", text, re.DOTALL)
    return first is not None and first[1].lower() in (
        *_READS, "insert", "update", "delete", "drop", "alter", "create", "replace", "truncate", "begin",
        "commit", "rollback", "set", "vacuum", "attach", "grant", "merge", "call", "do", "copy",
    )  # fmt: skip


def checked_sql(text: str) -> str:
    """Return one statement that reads.

    Raises:
        InspectorProblem: it is more than one, or begins as one that writes.
    """
    words: list[str] = []
    ended = False
    for found in _TOKENS.finditer(text):
        kind = found.lastgroup
        if kind == "comment" or (kind == "other" and found[0].isspace()):
            continue
        if kind == "end":
            ended = True
            continue
        if ended:
            raise InspectorProblem("refused", "One statement at a time: there is more behind the semicolon.")
        if kind == "word":
            words.append(found[0].lower())
    first = words[0] if words else ""
    if first not in _READS:
        raise InspectorProblem(
            "refused",
            f"The query box only reads; {first.upper() or 'this'} is not run. Edit rows in the table.",
        )
    bad = _FORBIDDEN & set(words)
    if bad:
        raise InspectorProblem("refused", f"The query box does not run {sorted(bad)[0].upper()}.")
    return text.rstrip().rstrip(";")


def _run_sql(db: Any, sql: str, limit: int, work: Work) -> dict[str, Any]:
    adapter = db._adapter
    adapter.execute(sql)
    described = adapter.cursor.description or ()
    raws = adapter.cursor.fetchmany(limit + 1)
    work.check()
    return {
        "columns": [one[0] for one in described],
        "rows": [[cell("text", one, CELL) for one in raw] for raw in raws[:limit]],
        "more": len(raws) > limit,
        "sql": sql,
    }


def _run_expression(application: Application, db: Any, text: str, limit: int) -> dict[str, Any]:
    try:
        tree = parse_python(text, "query", mode="eval")
    except SyntaxError as error:
        raise InspectorProblem(
            "refused",
            f"This is no expression: {error.msg} at letter {error.offset or 0}.",
            data={"at": error.offset},
        ) from None
    names = {**application.environment, "db": application.environment.get("db", db)}
    found = eval(compile(tree, "query", "eval"), names)  # noqa: S307  # the owner's own expression, as in a shell
    return _shown(db, found, limit)


def _shown(db: Any, found: Any, limit: int) -> dict[str, Any]:
    if isinstance(found, Table):
        found = db(found)
    if isinstance(found, Query):
        found = db(found)
    sql = ""
    if isinstance(found, Set):
        sql = found._select(limitby=(0, limit + 1))
        found = found.select(limitby=(0, limit + 1))
    elif isinstance(found, (Field, Expression)) and not isinstance(found, Select):
        sql = db()._select(found, limitby=(0, limit + 1))
        found = db().select(found, limitby=(0, limit + 1))
    if isinstance(found, Rows):
        columns = [name.replace('"', "").replace("`", "") for name in found.colnames]
        rows = [
            [cell("text", one, CELL) for one in _values(record, found.colnames)]
            for record in list(found.records)[: limit + 1]
        ]
        return {"columns": columns, "rows": rows[:limit], "more": len(rows) > limit, "sql": sql}
    return {"columns": [], "rows": [], "more": False, "text": plain_text(found, 65536), "sql": sql}


def _values(record: Any, names: list[str]) -> list[Any]:
    out = []
    for name in names:
        table, _, column = name.replace('"', "").replace("`", "").partition(".")
        try:
            out.append(record[table][column] if column and table in record else record[name])
        except (KeyError, AttributeError, TypeError):
            extra = record.get("_extra", {})
            out.append(extra.get(name))
    return [dict(one.as_dict()) if isinstance(one, Row) else one for one in out]


def names(application: Application, work: Work, database: str) -> dict[str, Any]:
    """Return the names that complete what is typed: tables, fields, methods of queries."""
    db = application.database(database)
    variable = next((n for n, one in application.databases().items() if one is db), "db")
    found = [variable]
    for table in db.tables:
        found.append(f"{variable}.{table}")
        found += [f"{variable}.{table}.{field}" for field in db[table].fields]
    sql = [
        "SELECT",
        "FROM",
        "WHERE",
        "ORDER BY",
        "GROUP BY",
        "LIMIT",
        "COUNT(*)",
        "JOIN",
        "LEFT JOIN",
        "DISTINCT",
    ]
    columns = sorted({field for table in db.tables for field in db[table].fields})
    return {"names": found, "sql": sql + list(db.tables) + columns}
