"""`IS_IN_DB` and `IS_NOT_IN_DB`: pydal's, for tables with any key, and with a message for odd values."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

import pydal.validators
from pydal.objects import Table
from pydal.validators import ValidationError

from runtime.dal.by_type import by_type

_ODD = (AttributeError, ValueError, TypeError, OverflowError)
"""What pydal raises for digits that are no number, and for objects out of JSON."""


class IS_IN_DB(pydal.validators.IS_IN_DB):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """The value, or each of several, is one of a field of a database; offers them as options (NAMES-07).

    See pydal for the arguments. A table, or its name alone, stands for the field that identifies its records.

    Raises:
        SyntaxError: the key of the table has several fields.
    """

    def __init__(self, dbset: Any, field: Any, *args: Any, **kwargs: Any) -> None:
        db = dbset if hasattr(dbset, "define_table") else dbset.db
        if isinstance(field, str) and "." not in field and field in db.tables:
            field = db[field]
        super().__init__(dbset, _identity(field), _label(field, args, kwargs), *args[1:], **kwargs)

    def maybe_add(self, table: Any, fieldname: str, value: Any) -> Any:
        """Return the key of the record with this value, added where there was none (pydal's method).

        Raises:
            ValidationError: there is none, and keys of this table are not counted by the database.
        """
        record = table(**{fieldname: value})
        if record:
            return record[table._id.name]
        if table._id.type != "id":
            raise ValidationError(self.translator(self.error_message))
        return table.insert(**{fieldname: value})

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the value, or the list of them.

        Raises:
            ValidationError: one is not there, or cannot be one.
        """
        if self.multiple and self.dbset.db[self.ktable][self.kfield].type not in ("id", "integer"):
            return self._several(value)
        try:
            return super().validate(value, record_id)
        except _ODD:
            raise ValidationError(self.translator(self.error_message)) from None

    def _several(self, value: Any) -> list[Any]:
        """Check several values of a field that is no number; pydal takes numbers only."""
        if isinstance(value, (list, tuple)):
            values = list(value)
        elif not value:
            values = []
        else:
            values = str(value).split(self.delimiter) if self.delimiter else [value]
        limits = self.multiple if isinstance(self.multiple, (list, tuple)) else (0, len(values) + 1)
        field = self.dbset.db[self.ktable][self.kfield]
        wanted = set(map(str, values))
        known = self.theset
        if known is None:
            known = [str(row[self.kfield]) for row in self.dbset(field.belongs(wanted)).select(field)]
        if not limits[0] <= len(values) < limits[1] or not wanted <= set(known):
            raise ValidationError(self.translator(self.error_message))
        return values


class IS_NOT_IN_DB(pydal.validators.IS_NOT_IN_DB):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """The value is not one of a field of a database, other than of the record itself (NAMES-07).

    See pydal for the arguments. The record is known by its number, or by a dictionary of its key. What the
    column cannot hold is refused as its type does: often this is the only validator of a field.

    Raises:
        SyntaxError: `field` is a table whose key has several fields.
    """

    def __init__(self, dbset: Any, field: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(dbset, _identity(field), *args, **kwargs)

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the value, as one of the field's type.

        Raises:
            ValidationError: another record has it, it is empty, or the field can not have it.
        """
        if value is None or str(value) in self.allowed_override:
            return value
        try:
            taken = not str(value).strip()
            if not taken:
                value = self._as_type(value)
                taken = self.is_taken(value, record_id or self.record_id)
        except _ODD:
            taken = True
        if taken:
            raise ValidationError(self.translator(self.error_message))
        return value

    def _as_type(self, value: Any) -> Any:
        field = self._field
        value = str(value) if isinstance(value, (list, tuple, dict)) else value
        validator = by_type(field) if str(field.type) not in ("password", "json") else None
        return value if validator is None else validator.validate(value)

    @property
    def _field(self) -> Any:
        db = self.dbset if hasattr(self.dbset, "define_table") else self.dbset.db
        tablename, name = str(self.field).split(".")
        return db[tablename][name]

    def is_taken(self, value: Any, record_id: Any = None) -> bool:
        """Tell whether a record other than `record_id` has the value."""
        field = self._field
        query = field == value
        if record_id:
            query &= ~_record_query(field.table, record_id)
        found = self.dbset(query, ignore_common_filters=self.ignore_common_filters)
        return bool(found.select(field, limitby=(0, 1), orderby_on_limitby=False))


def _identity(field: Any) -> Any:
    """Return the field that identifies the records of a table; what is no table stays."""
    if not isinstance(field, Table):
        return field
    found = getattr(field, "_id", None)
    if found is None:
        raise SyntaxError(f"the key of {field} has several fields: name one of them")
    return found


def _label(field: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    label = args[0] if args else kwargs.pop("label", None)
    return label or (field._format if isinstance(field, Table) else None)


def _record_query(table: Any, record_id: Any) -> Any:
    """Return the query of one record, by its number or the dictionary of its key."""
    if isinstance(record_id, dict):
        return reduce(and_, [table[name] == value for name, value in record_id.items()])
    return _identity(table) == record_id
