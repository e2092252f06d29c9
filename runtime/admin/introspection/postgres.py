"""The tables of a PostgreSQL database, of its current schema (DBI-01)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from runtime.admin.introspection.description import Column, Reference, Table
from runtime.admin.introspection.types import field_type, literal_default

Ask = Callable[[str], list[Any]]

ONLY_READ = ("SET TRANSACTION READ ONLY",)

_COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum),
       a.attidentity <> '', a.attgenerated <> '',
       obj_description(c.oid, 'pg_class'),
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = a.atttypid ORDER BY e.enumsortorder)
FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
_KEYS = """
SELECT c.relname, i.indisprimary,
       ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int[]) WITH ORDINALITY AS k(number, place)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
             WHERE k.place <= i.indnkeyatts ORDER BY k.place)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
WHERE c.relnamespace = current_schema()::regnamespace
      AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
"""
_REFERENCES = """
SELECT c.relname, a.attname, f.relname, b.attname
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_class f ON f.oid = k.confrelid
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
JOIN pg_attribute b ON b.attrelid = f.oid AND b.attnum = k.confkey[1]
WHERE k.contype = 'f' AND cardinality(k.conkey) = 1 AND c.relnamespace = current_schema()::regnamespace
"""


def read_tables(ask: Ask) -> list[Table]:
    """Describe all tables; partitions belong to theirs."""
    references = {(table, column): Reference(*target) for table, column, *target in ask(_REFERENCES)}
    primary: dict[str, tuple[str, ...]] = {}
    unique: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for table, is_primary, names in ask(_KEYS):
        if is_primary:
            primary[table] = tuple(names)
        else:
            unique[table].add(tuple(names))
    columns: dict[str, list[Column]] = defaultdict(list)
    comments: dict[str, str] = {}
    for row in ask(_COLUMNS):
        table, name = row[0], row[1]
        columns[table].append(_column(row, (name,) in unique[table], references.get((table, name))))
        comments[table] = row[8] or ""
    return [
        Table(
            name=table,
            columns=tuple(found),
            primary_key=primary.get(table, ()),
            unique=tuple(sorted(names for names in unique[table] if len(names) > 1)),
            comment=comments[table],
        )
        for table, found in columns.items()
    ]


def _column(row: Any, unique: bool, reference: Reference | None) -> Column:
    _, name, native, notnull, default, comment, identity, generated, _, choices = row
    kind, length = field_type(native, "postgres")
    automatic = bool(identity) or (default or "").startswith("nextval(")
    value, expression = (None, None) if automatic else literal_default(default, kind)
    if generated:
        value, expression = None, "generated"
    if choices:
        kind, length = "string", None
        value, expression = literal_default(default, kind)
    return Column(
        name=name, type=kind, native=native, length=length, notnull=bool(notnull), unique=unique,
        default=value, expression=expression, reference=reference, choices=tuple(choices or ()),
        automatic=automatic, comment=comment or "",
    )  # fmt: skip
