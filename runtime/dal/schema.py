"""What is remembered of a table definition, so that defining it again costs next to nothing.

A definition has two sides. Its *structure* (names, types, lengths, keys: what
decides the table in the database) is compared with what this process has seen
before; if it is known, neither pydal's checks nor the migration run again.
Everything else (defaults, validators, labels ...) comes from the arguments of
the running request, always.
"""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass
from typing import Any

import pydal.objects
from pydal.objects import FieldMethod, FieldVirtual

from runtime.dal.connections import file_identity
from runtime.dal.field import Field

SCHEMAS_KEPT = 5_000
"""Definitions remembered per database; all are forgotten when there are more."""

_FEW = 6
"""Migration files that are looked at one by one."""

_TICK = 20_000_000
"""Nanoseconds within which a folder may change twice and show one time: older Linux counts by up to 10 ms."""

_STRUCTURAL_OPTIONS = frozenset(
    ("migrate", "fake_migrate", "rname", "sequence_name", "trigger_name", "primarykey")
)
_UNUSUAL_OPTIONS = frozenset(("redefine", "fields", "table_class"))


class Flat:
    """The arguments of one `define_table`, laid out flat."""

    __slots__ = ("fields", "signature", "virtual")

    def __init__(self) -> None:
        self.fields: list[Field] = []
        self.virtual: tuple[Any, ...] = ()
        self.signature: list[Any] = []

    def add(self, item: Any, tablename: str) -> bool:
        """Take one argument; False when it is none of the usual kinds."""
        if item.__class__ is Field:
            sig = None if item._owner is not None else item.signature()
            if sig is None:
                return False
            self.fields.append(item)
            self.signature.append(sig)
            return True
        if isinstance(item, (FieldVirtual, FieldMethod)):
            self.virtual += (item,)
            self.signature.append(("virtual", item.name))
            return True
        if isinstance(item, (list, tuple)):
            return all(isinstance(one, Field) and self.add(one, tablename) for one in item)
        if isinstance(item, pydal.objects.Table):
            return self._inherit(item, tablename)
        return False

    def _inherit(self, table: Any, tablename: str) -> bool:
        """Copy the fields of a table given as argument, but for its id."""
        taken = {one._given[0] for one in self.fields}
        rename = False if table._actual else tablename
        for one in table:
            if one.name not in taken and one.type != "id":
                if one.__class__ is not Field or not self.add(
                    one.clone(point_self_references_to=rename), tablename
                ):
                    return False
                taken.add(one.name)
        return True


def lay_out(
    tablename: str, fields: tuple[Any, ...], options: dict[str, Any], common: list[Any]
) -> tuple[Flat, Any] | None:
    """Return the arguments of a definition, flat, and the key of its structure.

    None when there is something unusual: pydal itself deals with that.
    """
    if options and not _UNUSUAL_OPTIONS.isdisjoint(options):
        return None
    flat = Flat()
    signature: list[Any] = [
        item._sig for item in fields if item.__class__ is Field and item._owner is None and not item.__dict__
    ]
    if len(signature) == len(fields) and all(signature):  # the usual case: new fields of named types
        flat.fields, flat.signature = list(fields), signature
    else:
        for item in fields:
            if not flat.add(item, tablename):
                return None
    for item in common:
        if not flat.add(item if isinstance(item, pydal.objects.Table) else item.clone(), tablename):
            return None
    if options and not _STRUCTURAL_OPTIONS.isdisjoint(options):
        special = tuple(
            (name, tuple(value) if isinstance(value, list) else value)
            for name, value in sorted(options.items())
            if name in _STRUCTURAL_OPTIONS
        )
        return flat, (tablename, tuple(flat.signature), special)
    return flat, (tablename, tuple(flat.signature))


@dataclass(slots=True)
class Reference:
    """A reference from a field of one table to another table."""

    position: int
    """Place of the field among the arguments of the definition."""
    target: str
    target_field: str | None
    is_list: bool


def parse_reference(position: int, kind: Any) -> Reference | None:
    """Return what the type of the field at `position` refers to, None for other types."""
    if not isinstance(kind, str) or not kind.startswith(("reference ", "list:reference ")):
        return None
    is_list = kind.startswith("list:")
    target, _, target_field = kind.split(" ", 1)[1].strip().partition(".")
    return Reference(position, target, target_field or None, is_list)


@dataclass(slots=True, eq=False)
class Schema:
    """The remembered structure of one table; never changed once it is in use."""

    names: tuple[str, ...]
    implicit_id: bool
    id_name: str | None
    numbered: bool
    """The field `id_name` is of type id."""
    facts: dict[str, Any]
    references: tuple[Reference, ...]
    targets: tuple[tuple[str, Any, bool], ...]
    marker: str | None
    migrates: bool

    def holds(self, known: dict[str, Schema], tables: dict[str, Any]) -> bool:
        """Tell whether the tables referred to are those of the time this was checked."""
        for name, schema, present in self.targets:
            if known.get(name) is not schema or (name in tables) is not present:
                return False
        return True


_TABLE_FACTS = (
    "_tablename",
    "_dalname",
    "_rname",
    "_raw_rname",
    "_sequence_name",
    "_trigger_name",
    "_migrate",
    "_dbt",
)


_WITHOUT_OPTIONS = {"_actual": True, "_common_filter": None, "_format": None, "_plural": None}
"""Attributes of a table that was defined without options."""


def remember(table: Any, flat: Flat, known: dict[str, Schema]) -> Schema | None:
    """Return the schema of a `table` that pydal has just built from `flat`.

    None when the table is not simply its arguments (fields that pydal left
    out or added), so that it must be built by pydal each time.
    """
    names = tuple(one._given[0] for one in flat.fields)
    built = tuple(table.fields)
    implicit = built == ("id", *names)
    if not implicit and built != names:
        return None
    values = vars(table)
    facts: dict[str, Any] = dict(_WITHOUT_OPTIONS)
    facts["_singular"] = table._tablename.replace("_", " ").capitalize()
    facts.update((name, values[name]) for name in _TABLE_FACTS if name in values)
    found = [parse_reference(position, one.type) for position, one in enumerate(flat.fields)]
    references = tuple(one for one in found if one is not None)
    own = table._tablename
    wanted = {one.target for one in references if one.target != own}
    identity = values.get("_id")
    return Schema(
        names=built,
        implicit_id=implicit,
        id_name=identity.name if identity is not None else None,
        numbered=identity is not None and identity.type == "id",
        facts=facts,
        references=references,
        targets=tuple((name, known.get(name), name in vars(table._db)) for name in sorted(wanted)),
        marker=values.get("_dbt"),
        migrates=bool(values.get("_migrate")),
    )


class Engine:
    """What this process knows of one database as one kind of `DAL(...)` call opens it."""

    def __init__(self, facts: dict[str, Any], folder: str, file: str | None) -> None:
        self.facts = facts
        self.schemas: dict[Any, Schema] = {}
        self.markers: dict[str, str] = {}
        """Paths of the migration files that schemas rest on, and their names in the folder."""
        self._folder = folder or "."
        self._file = file
        self._folder_time = 0
        self.identity: tuple[int, int] | None = None
        """Device and inode of the sqlite file at the last `refresh`."""

    def refresh(self) -> bool:
        """Forget what the files no longer back; False when the sqlite file is gone.

        A migration file that somebody deleted, or a sqlite file that was
        deleted or replaced, is looked at anew by pydal.
        """
        if self._file is not None:
            identity = file_identity(self._file)
            if identity is None or identity != self.identity:
                self.schemas = {}
                self.identity = identity
            if identity is None:
                return False
        try:
            changed = os.stat(self._folder).st_mtime_ns
        except OSError:
            changed = 0
        if changed != self._folder_time:
            gone = self._gone()  # SQLite changes the folder at each write
            if gone:
                self.markers = {path: name for path, name in self.markers.items() if path not in gone}
                self.schemas = {k: s for k, s in tuple(self.schemas.items()) if s.marker not in gone}
            self._folder_time = changed if abs(time.time_ns() - changed) > _TICK else 0
        return True

    def _gone(self) -> set[str]:
        """Return the migration files that are not there any more."""
        names: set[str] = set()
        if len(self.markers) > _FEW:  # one look at the folder is cheaper than one for each
            with contextlib.suppress(OSError):
                names = set(os.listdir(self._folder))
        missing = [path for path, name in tuple(self.markers.items()) if name not in names]
        return {path for path in missing if not os.access(path, os.F_OK)}

    def keep(self, key: Any, schema: Schema) -> None:
        """Remember a definition that was checked and migrated."""
        if len(self.schemas) >= SCHEMAS_KEPT:
            self.schemas = {}
        self.schemas[key] = schema
        if schema.migrates and schema.marker:
            self.markers[schema.marker] = os.path.basename(schema.marker)
