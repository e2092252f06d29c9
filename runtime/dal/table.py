"""`Table`, and the sleeping table that `define_table` leaves until somebody uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pydal.objects
from pydal.helpers.classes import SQLALL, MethodAdder, SQLCallableList
from pydal.helpers.methods import attempt_upload_on_insert, attempt_upload_on_update, delete_uploaded_files

from runtime.dal.field import Field
from runtime.dal.late import complete_first
from runtime.dal.old_files import remove_old_files
from runtime.dal.schema import Reference, Schema, parse_reference
from runtime.dal.sets import outcome
from runtime.foundation.storage import Storage

_REFERENCE_LISTS = frozenset(("_referenced_by", "_referenced_by_list", "_references"))


class Table(pydal.objects.Table):  # type: ignore[misc]  # pydal has no types
    """A table of a database with its fields; see pydal for the documented methods."""

    __slots__ = ("_binding", "_source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for hooks in (self._before_delete, self._before_update):
            hooks[:] = [remove_old_files if hook is delete_uploaded_files else hook for hook in hooks]

    @staticmethod
    def binding(table: Any) -> dict[str, Any]:
        """Return the attributes all fields of `table` have in common, without waking it."""
        try:
            made: dict[str, Any] = _binding_of(table)
            if made["table"] is table:
                return made
        except AttributeError:
            pass  # the first field asks
        if type(table) is SleepingTable:
            source = _source_of(table)
            db, name = source[0], source[3].facts["_tablename"]
        else:
            db, name = table._db, table._tablename
        made = {"db": db, "_db": db, "table": table, "_table": table, "tablename": name, "_tablename": name}
        _set_binding(table, made)
        return made

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__
        if values.get("_actual"):
            if name in _REFERENCE_LISTS:
                self._link()
                return values[name]
            make = _ON_DEMAND.get(name)
            if make is not None:
                value = values[name] = make(self)
                return value
        raise AttributeError(f"'Table' object has no attribute {name!r}")

    def __contains__(self, key: Any) -> bool:
        values = self.__dict__
        return key in values or (key in _ON_DEMAND and bool(values.get("_actual")))

    def __dir__(self) -> list[str]:
        _complete(self)
        return list(super().__dir__())

    def validate_and_insert(self, **fields: Any) -> Storage:
        """Insert when every value is valid; ``id``, ``errors`` and ``success`` tell what happened."""
        return outcome(super().validate_and_insert(**fields))

    def validate_and_update(self, _key: Any, **fields: Any) -> Storage:
        """Update the record of `_key` when every value is valid; ``updated`` tells how many were."""
        return outcome(super().validate_and_update(_key, **fields))

    def _create_references(self) -> None:
        """Check the references of the fields; the lists of references are made when read.

        Raises:
            SyntaxError: a reference names a field of a table without primary
                key, or one that is not there.
        """
        for field in self:
            reference = parse_reference(0, field.type)
            if reference is not None and reference.target_field and reference.target in self._db:
                _check_keyed(self._tablename, reference, self._db[reference.target])
        tell_targets(self, self._db)

    def _link(self) -> None:
        """Make the lists of fields that refer to this table, and of those that refer from it."""
        db, name = self._db, self._dalname
        if name != self._tablename:
            original = db[name]
            values = {key: getattr(original, key) for key in _REFERENCE_LISTS}
            self.__dict__.update(values)
            return
        plain: list[Any] = []
        lists: list[Any] = []
        for tablename in db._tables:
            table = vars(db).get(tablename)
            if table is None:
                continue
            for field, reference in references_of(table):
                if reference.target == name:
                    (lists if reference.is_list else plain).append(field)
        own = [
            f for f, reference in references_of(self) if reference.target in db and reference.target != name
        ]
        self.__dict__.update(_referenced_by=plain, _referenced_by_list=lists, _references=own)


def _empty(_: Any) -> list[Any]:
    return []


_ON_DEMAND: dict[str, Callable[[Any], Any]] = {
    "ALL": SQLALL,
    "_after_delete": _empty,
    "_after_insert": _empty,
    "_after_update": _empty,
    "_before_delete": lambda _: [remove_old_files],
    "_before_insert": lambda table: [attempt_upload_on_insert(table)],
    "_before_update": lambda table: [remove_old_files, attempt_upload_on_update(table)],
    "_virtual_fields": _empty,
    "_virtual_methods": _empty,
    "add_method": MethodAdder,
    "virtualfields": _empty,
}
"""What pydal's constructor makes at once and few requests look at."""


def _complete(table: Table) -> None:
    """Make what a table that was asleep makes when it is read."""
    for name in _ON_DEMAND:
        getattr(table, name)


complete_first(
    Table,
    pydal.objects.Table,
    ("copy", "get", "items", "iteritems", "iterkeys", "itervalues", "keys", "pop", "update", "values"),
    _complete,
)


class SleepingTable(Table):
    """A table that was defined but not used yet; any use turns it into a `Table`."""

    __slots__ = ()

    def __getattribute__(self, name: str) -> Any:
        wake(self)
        return getattr(self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        wake(self)
        setattr(self, name, value)

    def __setitem__(self, key: Any, value: Any) -> None:
        wake(self)
        self[key] = value

    def __delattr__(self, name: str) -> None:
        wake(self)
        delattr(self, name)


_binding_of = Table._binding.__get__
_set_binding = Table._binding.__set__
_source_of = Table._source.__get__
_set_source = Table._source.__set__
_dict_of = object.__getattribute__


def sleeping(db: Any, flat: Any, options: dict[str, Any], schema: Schema) -> SleepingTable:
    """Return the table of a known definition, with the arguments of this request."""
    table = object.__new__(SleepingTable)
    _set_source(table, (db, flat, options, schema))
    for field in flat.fields:
        if field._filled:
            field.bind(table)
        else:
            field._owner = table
    return table


_KEPT_OPTIONS = ("common_filter", "format", "singular", "plural")


def wake(table: Any) -> None:
    """Give a sleeping table what pydal's constructor and checks would have given it."""
    db, flat, options, schema = _source_of(table)
    values: dict[str, Any] = _dict_of(table, "__dict__")
    values.update(schema.facts)
    fields = flat.fields
    if schema.implicit_id:
        identity = Field("id", "id")
        identity._owner = table
        fields = [identity, *fields]
    values["_db"] = db
    values["_fields"] = SQLCallableList(schema.names)
    if options:
        values.update((f"_{name}", options[name]) for name in _KEPT_OPTIONS if name in options)
    values.update(zip(schema.names, fields, strict=True))
    if schema.id_name is not None:
        values["_id"] = values[schema.id_name]
        if schema.numbered:
            values["id"] = values["_id"]
    if options.get("primarykey") is not None:
        values["_primarykey"] = options["primarykey"]
        for name in options["primarykey"]:
            values[name].notnull = True
    object.__setattr__(table, "__class__", Table)
    _set_source(table, None)
    for field in flat.virtual:
        table[field.name] = field


def references_of(table: Any) -> Iterator[tuple[Any, Reference]]:
    """Yield the reference fields of `table`, sleeping or not."""
    if type(table) is SleepingTable:
        _, flat, _, schema = _source_of(table)
        for reference in schema.references:
            yield flat.fields[reference.position], reference
        return
    for position, field in enumerate(table):
        reference = parse_reference(position, field.type)
        if reference is not None:
            yield field, reference


def tell_targets(table: Any, db: Any) -> None:
    """Add the references of a new `table` to the lists that tables before it have made."""
    tables = vars(db)
    for field, reference in references_of(table):
        target = tables.get(reference.target)
        if type(target) is SleepingTable or target is None or target is table:
            continue
        made = vars(target).get("_referenced_by_list" if reference.is_list else "_referenced_by")
        if made is not None:
            made.append(field)


def _check_keyed(tablename: str, reference: Reference, target: Any) -> None:
    if not hasattr(target, "_primarykey"):
        raise SyntaxError("keyed tables can only reference other keyed tables (for now)")
    if reference.target_field not in target.fields:
        raise SyntaxError(
            f"invalid field '{reference.target_field}' for referenced table "
            f"'{reference.target}' in table '{tablename}'"
        )
