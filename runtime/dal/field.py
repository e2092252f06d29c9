"""`Field`: keeps its arguments, and becomes a full pydal field when something asks for it.

Models run at every request and make hundreds of fields of which a request
touches a few. So the constructor stores its arguments; the attributes are
filled in at the first read of one that is missing, and default validators,
representers and references one by one after that. Every request has its own
objects: what one request sets on a field no other can see.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import pydal.objects
from pydal._globals import DEFAULT
from pydal.helpers.classes import SQLCustomType
from pydal.helpers.methods import auto_represent
from pydal.validators import DefaultValidatorProxy

from runtime.dal.defaults import default_requires

NAME_BYTES = 160
"""Bytes of the client's name for an uploaded file: the stored name has it in base 64, and 255 are allowed."""

STRUCTURAL = frozenset(("notnull", "unique", "rname", "ondelete", "onupdate", "custom_qualifier"))
"""Arguments that change the database table (with name, type and length)."""

_INIT = pydal.objects.Field.__init__.__code__
_POSITIONAL = _INIT.co_varnames[4 : _INIT.co_argcount]
_DERIVED = frozenset(("ondelete", "onupdate", "default", "requires", "rname"))
_known_names: set[str] = set()
_prototypes: dict[tuple[Any, ...], dict[str, Any]] = {}
_PROTOTYPES_KEPT = 20_000


class _Later(dict[str, Any]):
    """Arguments of a field some of which are made when the field is filled in."""

    __slots__ = ("make",)
    make: Callable[[], dict[str, Any]]


def later(field: Field, make: Callable[[], dict[str, Any]]) -> Field:
    """Give a new field further arguments that are made at its first use; return it.

    For tables of the runtime's own, which most requests define and do not touch.

    Args:
        field: as `Field` returned it.
        make: returns arguments that do not change the database table, such as `label` and `requires`.
    """
    options = _Later(field._options)
    options.make = make
    field._options = options
    return field


class _Maker(type):
    """Makes a `Field` in one step: `__new__` and `__init__` would take the arguments apart twice."""

    def __call__(
        cls, fieldname: str, type: Any = "string", length: Any = None, *more: Any, **options: Any
    ) -> Any:
        field: Any = _new(cls)  # type: ignore[arg-type]  # a class, as this is a metaclass
        if more:
            options.update(zip(_POSITIONAL, more, strict=False))
        if type.__class__ is not str:
            type = _type_of(type)
        given: tuple[Any, ...] = (fieldname, type, length)
        field._given = given
        field._options = options
        field._owner = None
        field._filled = False
        if options and not _STRUCTURAL_FREE(options):
            given += tuple((key, options[key]) for key in options if key in STRUCTURAL)
        field._sig = given if type.__class__ is str else None
        if fieldname not in _known_names:
            _check_name(fieldname)
        return field


class _Ordinary(_Maker):
    """Makes fields of classes that applications derive, in the ordinary way."""

    __call__ = type.__call__


_new = object.__new__
_STRUCTURAL_FREE = STRUCTURAL.isdisjoint


class Field(pydal.objects.Field, metaclass=_Maker):  # type: ignore[misc]  # pydal has no types
    """A column of a table, with the documented arguments of pydal's `Field`.

    Args:
        fieldname: name of the column and attribute.
        type: documented type name, `SQLCustomType`, or a table for a reference to it.
        length: longest text in characters; default by type.
        options: every other documented argument (`default`, `requires`, `label` ...).

    Raises:
        SyntaxError: `fieldname` cannot be a field name.
    """

    __slots__ = ("_filled", "_given", "_options", "_owner", "_sig")
    _filled: bool
    _given: tuple[Any, ...]
    _options: dict[str, Any]
    _owner: Any
    _sig: tuple[Any, ...] | None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__class__ = _Ordinary  # type: ignore[assignment,method-assign]  # the way it makes fields

    def __new__(cls, *args: Any, **kwargs: Any) -> Field:
        return _new(cls)

    def __init__(
        self, fieldname: str, type: Any = "string", length: Any = None, *more: Any, **options: Any
    ) -> None:
        made = _Maker.__call__(Field, fieldname, type, length, *more, **options)
        for name in Field.__slots__:
            setattr(self, name, getattr(made, name))

    def signature(self) -> tuple[Any, ...] | None:
        """Return what of this field decides the database table; None when that cannot be told."""
        if self._sig is not None and not self._filled and not self.__dict__:
            return self._sig
        kind = self.type
        if isinstance(kind, SQLCustomType):
            kind = ("custom", kind.type, kind.native)
        elif kind.__class__ is not str:
            return None
        facts = (self.length, self.notnull, self.unique, self._rname, self.ondelete, self.onupdate)
        return ("set", self.name, kind, *facts, self.custom_qualifier)

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        if not self._filled:
            self._fill()
            if name in self.__dict__:
                return self.__dict__[name]
        if name in _ON_DEMAND:
            value = _ON_DEMAND[name](self)
            self.__dict__[name] = value
            return value
        raise AttributeError(f"'Field' object has no attribute {name!r}")

    def _fill(self) -> None:
        """Give the field the attributes pydal's constructor would; what was set before stays."""
        values = _prototype(*self._given).copy()
        options = self._options
        if options.__class__ is _Later:
            options = self._options = options | options.make()
        if options:
            _apply(values, options)
        if self._owner is not None:
            _tie(values, self._owner)
        if self.__dict__:
            values.update(self.__dict__)
        self.__dict__ = values  # type: ignore[misc]  # the base class has a dictionary
        self._filled = True

    def bind(self, table: Any) -> None:
        """Make the field one of `table`.

        Raises:
            ValueError: it is one of another table already.
        """
        if self._owner is not None:
            raise ValueError(f"Field {self.longname} is already bound to a table")
        self._owner = table
        mine = self.__dict__
        if isinstance(mine.get("requires"), DefaultValidatorProxy):
            del mine["requires"]  # a better one is possible now
        if mine.get("represent", True) is None and not _dict_of(table, "__dict__").get("_actual"):
            del mine["represent"]
        if not self._filled:
            self._fill()
        else:
            _tie(mine, table)

    def clone(self, point_self_references_to: Any = False, **args: Any) -> Field:
        """Return an unbound copy with `args` set."""
        if "type" in args:
            _ = self.represent  # belongs to the type the original has
        field: Field = self.__copy__()
        owner, field._owner = field._owner, None
        mine = field.__dict__
        if point_self_references_to and self.type == f"reference {self._tablename}":
            mine["type"] = f"reference {point_self_references_to}"
        mine.update(args)
        if not field._filled and owner is None:
            return field
        if not field._filled:
            field._fill()
            mine = field.__dict__
        if owner is not None and self._db and self._rname == self._db._adapter.sqlsafe_field(self.name):
            mine["_rname"] = mine["_raw_rname"] = None  # bind() quotes it again
        mine.update(_UNBOUND)
        return field

    def __copy__(self) -> Field:
        new = object.__new__(type(self))
        new._given = self._given
        new._sig = self._sig
        new._options = self._options
        new._owner = self._owner
        new._filled = self._filled
        if self.__dict__:
            new.__dict__.update(self.__dict__)
        return new

    def store(self, file: Any, filename: Any = None, path: Any = None) -> Any:
        """Store an uploaded file under a safe name, and return that (pydal's method, SEC-03).

        The name that the client gave is part of it; one too long for a file system loses its middle.
        """
        if filename is None:
            filename = getattr(file, "filename", None) or getattr(file, "name", None) or ""
        if not self.custom_store:
            filename = shortened(str(filename), NAME_BYTES - len(f"{self._tablename}.{self.name}"))
        return super().store(file, filename, path)

    def has_default_validator(self) -> bool:
        """Tell whether `requires` is the validator of the field's type."""
        return isinstance(self.requires, DefaultValidatorProxy)


SQLField = Field


def shortened(filename: str, limit: int) -> str:
    """Return `filename` in at most `limit` bytes (no fewer than 20), its extension kept."""
    limit = max(limit, 20)
    if len(filename.encode("utf-8", "replace")) <= limit:
        return filename
    before, dot, extension = filename.rpartition(".")
    end = f".{extension}" if dot and len(extension) <= 10 else ""
    stem = (before if end else filename).encode("utf-8", "replace")
    return stem[: limit - len(end.encode())].decode("utf-8", "ignore") + end


class Column(NamedTuple):
    """What a select needs of a field."""

    table: Any
    name: str
    type: Any
    itype: Any
    filter_out: Any
    rname: str | None
    """Name in SQL; None for the quoted `name`."""


def column_of(field: Any) -> Column:
    """Return what a select needs of `field`, without filling it in: most fields are read and nothing else.

    Raises:
        AttributeError: it belongs to no table.
    """
    if field.__class__ is Field and field._sig is not None and not field._filled and not field.__dict__:
        owner, options = field._owner, field._options
        if owner is not None and options.get("rname") is None:
            name, kind, length = field._given
            return Column(
                owner, name, kind, _prototype(name, kind, length)["_itype"], options.get("filter_out"), None
            )
    return Column(field.table, field.name, field.type, field._itype, field.filter_out, field._rname)


_dict_of = object.__getattribute__
_UNBOUND: dict[str, Any] = dict.fromkeys(("db", "_db", "table", "_table", "tablename", "_tablename"))


def _type_of(given: Any) -> Any:
    """Return the field type for what was given as `type`: a table or field means a reference."""
    if isinstance(given, pydal.objects.Table):
        binding = getattr(type(given), "binding", None)
        return f"reference {binding(given)['tablename'] if binding else given}"
    if isinstance(given, pydal.objects.Field):
        return f"reference {given}"
    return given


def _check_name(name: Any) -> None:
    """Remember `name` as good, or raise pydal's SyntaxError."""
    pydal.objects.Field(name, requires=None)
    if len(_known_names) < _PROTOTYPES_KEPT:
        _known_names.add(name)


def _prototype(name: str, kind: Any, length: Any) -> dict[str, Any]:
    """Return pydal's attributes of an unbound field; the answer must not be changed."""
    key = (name, kind, length)
    plain = kind.__class__ is str
    found = _prototypes.get(key) if plain else None
    if found is None:
        found = dict(pydal.objects.Field(name, kind, length, requires=None).__dict__)
        del found["requires"]
        if _may_show_reference(kind):
            del found["represent"]
        if plain and len(_prototypes) < _PROTOTYPES_KEPT:
            _prototypes[key] = found
    return found


def _may_show_reference(kind: Any) -> bool:
    return kind.__class__ is str and kind.startswith(("reference", "list:reference"))


def _apply(values: dict[str, Any], options: dict[str, Any]) -> None:
    """Put the arguments of a field over the defaults, with pydal's rules for the odd ones."""
    for key, value in options.items():
        if key in _WHEN_GIVEN:
            if value is not None or key == "map_none":
                values[key] = value
        elif key not in _DERIVED:
            values[key] = value
    for key in ("ondelete", "onupdate"):
        if key in options:
            values[key] = options[key].upper()
    default = options.get("default", DEFAULT)
    if default is DEFAULT:
        values["default"] = options.get("update") or None
    elif isinstance(default, type) and default in (dict, list, set, tuple):
        values["default"] = _fresh_of(default)
    else:
        values["default"] = default
    if options.get("requires", DEFAULT) is not DEFAULT:
        values["requires"] = [] if options["requires"] is None else options["requires"]
    if "rname" in options:
        values["_rname"] = values["_raw_rname"] = options["rname"]
    if not values["regex"] and "regex" in options:
        values["regex"] = _prototype(values["name"], values["type"], values["length"])["regex"]


def _fresh_of(kind: type) -> Any:
    """Return a function that makes a new `kind` for each record: pydal's rule for ``default=list``."""
    return lambda one=kind: one()


_WHEN_GIVEN = frozenset(("represent", "filter_in", "label", "regex"))
"""Arguments whose None means "the default of the type"."""


def _tie(values: dict[str, Any], table: Any) -> None:
    """Add to the attributes of a field those that tie it to `table`."""
    binding = getattr(type(table), "binding", None)  # asking the object would wake it
    if binding is not None:
        values.update(binding(table))
    else:
        values.update(table=table, _table=table, db=table._db, _db=table._db)
        values["tablename"] = values["_tablename"] = table._tablename
    if values["_rname"] is None and values["db"]:
        name = values["name"]
        values["_rname"] = values["db"]._adapter.sqlsafe_field(name)
        values["_raw_rname"] = name


def _default_requires(field: Field) -> Any:
    """Return the default validator, which sees the tables defined before the field's own, as pydal's does."""
    if field._db is not None and _may_show_reference(field.type) and not _sees_target(field):
        field = field.__copy__()
        field.__dict__["_db"] = None
    return default_requires(field)


def _sees_target(field: Field) -> bool:
    """Tell whether the referenced table was there when the field's table was defined."""
    db = field._db
    if db._lazy_tables:
        return True
    target = field.type.split(" ", 1)[-1].split(".", 1)[0]
    names = db._tables
    if target not in names:
        return False
    own = getattr(field._table, "_dalname", None)
    return own not in names or names.index(target) < names.index(own)


def _default_represent(field: Field) -> Any:
    field.__dict__["represent"] = None  # auto_represent reads it
    if not _may_show_reference(field.type):
        return None
    if field._db is None or not getattr(field._table, "_actual", False) or not _sees_target(field):
        return None
    return auto_represent(field)


def _referent(field: Field) -> Any:
    """Return the field a reference points to.

    Raises:
        AttributeError: the referenced table is not defined.
    """
    kind = field.type
    if not isinstance(kind, str) or not _may_show_reference(kind) or field._db is None:
        return None
    target, _, name = kind.split(" ", 1)[-1].strip().partition(".")
    if target not in field._db:
        raise AttributeError("referent")
    table = field._db[target]
    return table[name] if name else table._id


_ON_DEMAND = {"requires": _default_requires, "represent": _default_represent, "referent": _referent}
