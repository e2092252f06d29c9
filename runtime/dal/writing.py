"""From Python values to SQL: the usual kinds at once, all others as pydal writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runtime.dal.passwords import LazyCrypt
from runtime.foundation.problems import UserError

_TEXTS = frozenset(("string", "text", "password", "upload"))
_NUMBERS = frozenset(("id", "integer"))


_SCHEMA_NOW = {"postgres": "current_schema()", "mysql": "DATABASE()"}
"""Engines that refuse or cut a text longer than its column, and what they call the schema in use."""

_COLUMN_LENGTH = (
    "SELECT character_maximum_length FROM information_schema.columns "
    "WHERE table_schema = {} AND table_name = {} AND column_name = {}"
)


class PasswordTooLong(UserError):
    """A column is too short for the hash of a password; the text says what to change."""


class FastWriting:
    """Mixin before a pydal SQL adapter: `represent` without looking through pydal's lists of types.

    A record without values can be inserted on every engine, and a hash that its column would cut is refused.
    """

    dbengine: str
    cursor: Any
    representer: Any

    def insert(self, table: Any, fields: Any) -> Any:
        """Insert a record (pydal's method).

        Raises:
            PasswordTooLong: nothing is sent.
        """
        self._check_hashes(fields)
        return super().insert(table, fields)  # type: ignore[misc]  # of pydal's adapter

    def _insert(self, table: Any, fields: Any) -> str:
        """Return the statement of `insert`; pydal's for no values fits MySQL tables of one column only."""
        if not fields and self.dbengine == "mysql":
            return f"INSERT INTO {table._rname} () VALUES ();"  # noqa: S608  # the name that pydal has quoted
        statement: str = super()._insert(table, fields)  # type: ignore[misc]  # of pydal's adapter
        return statement

    def update(self, table: Any, query: Any, fields: Any) -> Any:
        """Change records (pydal's method).

        Raises:
            PasswordTooLong: nothing is sent.
        """
        self._check_hashes(fields)
        return super().update(table, query, fields)  # type: ignore[misc]  # of pydal's adapter

    def _check_hashes(self, fields: Iterable[tuple[Any, Any]]) -> None:
        """Refuse a hash that does not fit: PostgreSQL would say so of no field, MySQL would cut it."""
        for field, value in fields:
            if value.__class__ is LazyCrypt and self.dbengine in _SCHEMA_NOW:
                needed = len(str(value))
                if needed > field.length and needed > (held := self._column_length(field)) > 0:
                    raise PasswordTooLong(
                        f"{field}: its column holds {held} characters, the hash of a password takes "
                        f"{needed}. Leave the length out of the definition of the field, or write "
                        "length=512, and let the table be migrated"
                    )

    def _column_length(self, field: Any) -> int:
        """Return how many characters the column of `field` holds; 0 when that can not be told."""
        names = map(self.representer.adapt, (field._table._raw_rname, field._raw_rname))
        self.execute(_COLUMN_LENGTH.format(_SCHEMA_NOW[self.dbengine], *names))  # type: ignore[attr-defined]
        found = self.cursor.fetchone()
        return int(found[0] or 0) if found else 0

    def represent(self, obj: Any, field_type: Any) -> Any:
        """Return `obj` as the SQL of a value of this type (pydal's method)."""
        kind = obj.__class__
        if field_type.__class__ is str:
            if kind is str:
                if field_type in _TEXTS:
                    return self.representer.adapt(obj)
            elif obj is None:
                return "NULL"
            elif kind is int and (
                field_type in _NUMBERS or (field_type[:10] == "reference " and "." not in field_type)
            ):
                return str(obj)
        return super().represent(obj, field_type)  # type: ignore[misc]  # of pydal's adapter
