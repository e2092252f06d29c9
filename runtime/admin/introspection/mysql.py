"""The tables of a MySQL or MariaDB database (DBI-01)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from runtime.admin.introspection.description import Column, Reference, Table
from runtime.admin.introspection.types import field_type, literal_default

Ask = Callable[[str], list[Any]]

ONLY_READ = ("SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY")

_TABLES = """
SELECT table_name, table_comment FROM information_schema.tables
WHERE table_schema = database() AND table_type = 'BASE TABLE' ORDER BY table_name
"""
_COLUMNS = """
SELECT table_name, column_name, column_type, is_nullable, column_default, extra, column_comment
FROM information_schema.columns WHERE table_schema = database() ORDER BY table_name, ordinal_position
"""
_KEYS = """
SELECT table_name, index_name, column_name, sub_part FROM information_schema.statistics
WHERE table_schema = database() AND non_unique = 0 ORDER BY table_name, index_name, seq_in_index
"""
_REFERENCES = """
SELECT table_name, constraint_name, column_name, referenced_table_name, referenced_column_name
FROM information_schema.key_column_usage
WHERE table_schema = database() AND referenced_table_name IS NOT NULL AND referenced_table_schema = database()
"""
_JSON_CHECK = """
SELECT table_name, check_clause FROM information_schema.check_constraints
WHERE constraint_schema = database()
"""
_CHOICE = re.compile(r"'((?:[^']|'')*)'")
_IS_JSON = re.compile(r"json_valid\(`([^`]+)`\)", re.IGNORECASE)


def read_tables(ask: Ask) -> list[Table]:
    """Describe all tables; views are none."""
    keys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for table, index, column, part in ask(_KEYS):
        keys[table, index].append(column if part is None and column else "")
    foreign: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in ask(_REFERENCES):
        foreign[row[0], row[1]].append(row)
    references = {
        (rows[0][0], rows[0][2]): Reference(rows[0][3], rows[0][4])
        for rows in foreign.values()
        if len(rows) == 1
    }
    json_columns = _json_columns(ask)
    columns: dict[str, list[Any]] = defaultdict(list)
    for row in ask(_COLUMNS):
        columns[row[0]].append(row)
    found = []
    for table, comment in ask(_TABLES):
        mine = {index: tuple(names) for (owner, index), names in keys.items() if owner == table}
        primary = mine.pop("PRIMARY", ())
        unique = sorted(names for names in mine.values() if "" not in names)
        described = tuple(
            _column(
                row, (row[1],) in unique, references.get((table, row[1])), (table, row[1]) in json_columns
            )
            for row in columns[table]
        )
        several = tuple(names for names in unique if len(names) > 1)
        found.append(Table(table, described, primary, several, comment or ""))
    return found


def _json_columns(ask: Ask) -> set[tuple[str, str]]:
    """MariaDB calls JSON ``longtext`` with a check; MySQL has no such checks and a type of its own."""
    try:
        rows = ask(_JSON_CHECK)
    except Exception:  # older servers have no such table
        return set()
    return {(table, match[1]) for table, clause in rows if (match := _IS_JSON.fullmatch(clause or ""))}


def _column(row: Any, unique: bool, reference: Reference | None, is_json: bool) -> Column:
    _, name, native, nullable, default, extra, comment = row
    native = native.decode() if isinstance(native, bytes) else native
    kind, length = field_type(native, "mysql")
    if is_json:
        kind = "json"
    choices: tuple[str, ...] = ()
    if native.startswith(("enum(", "set(")):
        kind, length = "string", None
        if native.startswith("enum("):
            choices = tuple(text.replace("''", "'") for text in _CHOICE.findall(native))
    automatic = "auto_increment" in (extra or "").lower()
    value, expression = literal_default(_as_sql(default, kind, extra), kind)
    if "generated" in (extra or "").lower() and "default_generated" not in (extra or "").lower():
        value, expression = None, "generated"
    return Column(
        name=name, type=kind, native=native, length=length, notnull=nullable == "NO", unique=unique,
        default=value, expression=expression, reference=reference, choices=choices, automatic=automatic,
        comment=comment or "",
    )  # fmt: skip


def _as_sql(default: Any, kind: str, extra: str | None) -> str | None:
    """MariaDB writes defaults as SQL, MySQL the bare value of literals."""
    if default is None:
        return None
    text = default.decode() if isinstance(default, bytes) else str(default)
    is_sql = "default_generated" in (extra or "").lower() or text.startswith("'") or text.upper() == "NULL"
    if is_sql or "(" in text or text.upper().startswith("CURRENT_"):
        return text
    return "'" + text.replace("'", "''") + "'" if kind in ("string", "text") else text
