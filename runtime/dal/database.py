"""`DAL`: pydal's database object at the price of a copy for each request after the first."""

from __future__ import annotations

import contextlib
import uuid
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Self

import pydal
import pydal.base
from pydal._globals import THREAD_LOCAL
from pydal.helpers.classes import SQLCallableList
from pydal.objects import Expression

from runtime.dal import unit
from runtime.dal.adapters import adopt
from runtime.dal.field import Field
from runtime.dal.representers import REPRESENTERS, SERIALIZERS
from runtime.dal.schema import Engine, lay_out, remember
from runtime.dal.selects.rows import Row, Rows
from runtime.dal.sets import owned
from runtime.dal.state import state
from runtime.dal.table import SleepingTable, Table, sleeping, tell_targets

_CUSTOM = ("logger", "representers", "serializers", "uuid", "validators", "validators_method", "Table", "Row")
_PER_INSTANCE = frozenset(
    (
        "_adapter",
        "_pending_references",
        "_common_fields",
        "_migrated",
        "_LAZY_TABLES",
        "_tables",
        "_aliased_tables",
        "_db_uid",
    )
)
_IDLE_ADAPTERS = 4
"""Idle adapters one thread keeps for one kind of `DAL(...)` call."""

_IDLE_DATABASES = 16
"""Databases to which one thread keeps connections between requests."""

_ENGINES_KEPT = 500

_engines: dict[Any, Engine] = {}


class _Meta(type(pydal.DAL)):  # type: ignore[misc]  # pydal has no types
    """Sets the customising arguments on the new object; pydal sets them on the class, for everybody."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        custom = {name: kwargs.pop(name) for name in _CUSTOM if name in kwargs} if kwargs else {}
        db: Any = cls.__new__(cls, *args, **kwargs)
        if custom:
            db.__dict__.update((name, value) for name, value in custom.items() if value)
        try:
            db.__init__(*args, **kwargs)
        except BaseException:
            _leave_group(db)  # others list the objects of this thread, and ask each for its adapter
            raise
        return db


class DAL(pydal.DAL, metaclass=_Meta):  # type: ignore[misc]  # pydal has no types
    """A database and its tables (NAMES-08), with the documented arguments of pydal's `DAL`.

    Inside a request (`begin_request` to `finish`) the second and later calls
    with the same arguments take a copy of what the first has worked out, and
    an adapter whose connection is still open.
    """

    Field = Field
    Table = Table
    Rows = Rows
    Row = Row
    serializers = SERIALIZERS
    representers = REPRESENTERS

    def __new__(cls, uri: Any = "sqlite://dummy.db", *args: Any, **kwargs: Any) -> Self:
        groups = getattr(THREAD_LOCAL, "_pydal_db_instances_", None)
        zombies = getattr(THREAD_LOCAL, "_pydal_db_instances_zombie_", None)
        if groups is None or zombies or "db_uid" in kwargs or type(uri) is not str:
            made: Self = super().__new__(cls, uri, *args, **kwargs)
            return made
        db: Self = object.__new__(cls)  # the usual case of what pydal does, the digest remembered
        db.__dict__["_db_uid"] = uid = _uid_of(uri)
        groups.setdefault(uid, []).append(db)
        return db

    def __init__(self, uri: Any = "sqlite://dummy.db", *args: Any, **kwargs: Any) -> None:
        if uri == "<zombie>" and kwargs.get("db_uid") is not None:
            return
        mine = self.__dict__
        mine["_arguments"] = (uri, args, kwargs)
        mine["_known"] = {}
        mine["_engine"] = None
        key = _engine_key(uri, args, kwargs)
        mine["_engine_key"] = key
        if state.active:
            state.instances.append(self)
        engine = _engines.get(key) if key is not None else None
        if engine is not None and engine.refresh() and self._take_idle(key, engine, args, kwargs):
            return
        super().__init__(uri, *args, **kwargs)
        adapter = self._adapter
        if not adopt(adapter):
            mine["_engine_key"] = None
            return
        Expression(None, None)  # puts what the dialect registers for expressions on the classes
        if key is not None and _engines.get(key) is None:
            facts = {name: value for name, value in mine.items() if _is_fact(name)}
            if len(_engines) >= _ENGINES_KEPT:
                _engines.clear()
            engine = _engines[key] = Engine(facts, adapter.folder, adapter._file)
            engine.refresh()
        mine["_engine"] = (
            engine if state.active and self.Table is Table and not adapter.uploads_in_blob else None
        )

    def _usable(self, engine: Engine | None, adapter: Any) -> Engine | None:
        """Return `engine` if tables may come from memory: in a request, with our own kind of table."""
        usual = state.active and self.Table is Table and not adapter.uploads_in_blob
        return engine if usual else None

    def _take_idle(self, key: Any, engine: Engine, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Make this object from `engine` and an idle adapter; False when there is none."""
        idle = state.idle.get(key)
        if not state.active or not idle:
            return False
        adapter = idle.pop()
        folder = engine.facts["_folder"]
        if folder:
            self.set_folder(folder)
        adapter.reuse(self)
        adapter._seen = engine.identity
        adapter._after_connection = kwargs.get("after_connection")
        mine = self.__dict__
        mine.update(engine.facts)
        mine.update(
            _adapter=adapter,
            _pending_references={},
            _common_fields=[],
            _migrated=[],
            _LAZY_TABLES={},
            _tables=SQLCallableList(),
            _aliased_tables=SimpleNamespace(),  # of one thread: the object belongs to one request
            _engine=self._usable(engine, adapter),
        )
        return True

    # -- tables ------------------------------------------------------------------------------

    def where(self, query: Any = None, ignore_common_filters: bool | None = None) -> Any:
        """Return the records that `query` finds, as `db(query)` does."""
        return owned(super().where(query, ignore_common_filters))

    def define_table(self, tablename: Any, *fields: Any, **kwargs: Any) -> Any:
        """Define a table; a definition known to this process costs a few microseconds.

        Args:
            tablename: name of the table and attribute.
            fields: `Field`, `Field.Virtual`, `Field.Method`, tables to inherit
                from, lists of fields.
            kwargs: the documented options of pydal (`format`, `migrate` ...);
                ``polymodel`` is accepted and has no effect.

        Returns:
            the table; None with ``lazy_tables=True``, as in pydal.

        Raises:
            SyntaxError: the definition is not valid.
        """
        mine = self.__dict__
        if kwargs:
            kwargs.pop("polymodel", None)
        if (
            self._engine is None
            or self._lazy_tables
            or self._check_reserved
            or tablename in mine
            or tablename not in _table_names
            or (kwargs and not pydal.base.TABLE_ARGS.issuperset(kwargs))
        ):
            table = super().define_table(tablename, *fields, **kwargs)
            _table_names.add(tablename)
            return table
        return self._define(tablename, fields, kwargs)

    def lazy_define_table(self, tablename: Any, *fields: Any, **kwargs: Any) -> Any:
        """Define a table now, whatever `lazy_tables` says (pydal's name)."""
        return self._define(tablename, fields, kwargs)

    def _define(self, tablename: str, fields: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Take the table from memory, or let pydal build, check and migrate it."""
        engine: Engine | None = self._engine
        laid = lay_out(tablename, fields, options, self._common_fields) if engine is not None else None
        if engine is None or laid is None:
            self._known.pop(tablename, None)
            return self._build(tablename, fields, options)
        flat, key = laid
        mine, known = self.__dict__, self._known
        schema = engine.schemas.get(key)
        if schema is None or not schema.holds(known, mine):
            table = self._build(tablename, fields, options)
            schema = remember(table, flat, known)
            if schema is not None:
                known[tablename] = schema
                engine.keep(key, schema)
            return table
        table = mine[tablename] = sleeping(self, flat, options, schema)
        known[tablename] = schema
        for reference in schema.references:
            target = mine.get(reference.target)
            if target is not None and type(target) is not SleepingTable:
                tell_targets(table, self)
                break
        if tablename not in self._tables:
            self._tables.append(tablename)
        if options.get("on_define"):
            options["on_define"](table)
        return table

    def _build(self, tablename: str, fields: tuple[Any, ...], options: dict[str, Any]) -> Any:
        options = {"table_class": self.Table, **options}
        table = super().lazy_define_table(tablename, *fields, **options)
        if tablename not in self._tables:
            self._tables.append(tablename)
        return table

    def __getattr__(self, key: str) -> Any:
        if key == "_adapter":
            return self._attach()
        return super().__getattr__(key)

    # -- adapters ----------------------------------------------------------------------------

    def _attach(self) -> Any:
        """Get an adapter again for an object whose request is over."""
        mine = self.__dict__
        if "_arguments" not in mine:
            raise AttributeError("_adapter")
        key = mine["_engine_key"]
        idle = state.idle.get(key)
        if idle:
            adapter = idle.pop()
        else:
            uri, args, kwargs = mine["_arguments"]
            spare = pydal.DAL.__new__(DAL, uri, *args, **kwargs)
            pydal.DAL.__init__(spare, uri, *args, **kwargs)
            adapter = vars(spare).pop("_adapter")
            adopt(adapter)
            _leave_group(spare)
        adapter.reuse(self)
        mine["_adapter"] = adapter
        state.instances.append(self)
        return adapter

    def _release(self) -> None:
        """End the use of this object by its request; called by `finish`."""
        mine = self.__dict__
        _leave_group(self)
        adapter = mine.get("_adapter")
        if adapter is None:
            return
        key = mine["_engine_key"]
        if key is None or not hasattr(adapter, "_slot"):
            with contextlib.suppress(Exception):
                adapter.close(None)
            return
        if adapter.shared:
            return
        del mine["_adapter"]
        adapter.db = None
        idle = state.idle.pop(key, [])
        if len(idle) < _IDLE_ADAPTERS:
            idle.append(adapter)
        else:
            adapter.drop()
        state.idle[key] = idle  # the last used database is the last one
        while len(state.idle) > _IDLE_DATABASES:
            for old in state.idle.pop(next(iter(state.idle))):
                old.drop()

    def close(self) -> None:
        """Commit, close the connection and forget this object, as in pydal."""
        self._adapter.close()
        _leave_group(self)

    @staticmethod
    def close_all_instances(action: Any) -> None:
        """End the work of this thread on all databases.

        Args:
            action: "commit", "rollback" or a function; a function is called
                with each adapter used, and with None at the end.
        """
        if callable(action):
            for adapter in list(state.used.values()):
                action(adapter)
            unit.finish(commit=False)
            action(None)
        else:
            unit.finish(commit=action == "commit")

    @staticmethod
    def distributed_transaction_begin(*instances: Any) -> None:
        """Begin one transaction over several databases.

        Raises:
            SyntaxError: a database cannot take part.
        """
        for db, key in _distributed_keys(instances):
            db._adapter.distributed_transaction_begin(key)

    @staticmethod
    def distributed_transaction_commit(*instances: Any) -> None:
        """Commit on all databases, or on none.

        Raises:
            SyntaxError: a database cannot take part.
            RuntimeError: one refused; all are rolled back.
        """
        keyed = _distributed_keys(instances)
        prepared: list[tuple[Any, str]] = []
        try:
            for db, key in keyed:
                db._adapter.prepare(key)
                prepared.append((db, key))
        except Exception as error:
            for db, key in keyed:
                if (db, key) in prepared:
                    db._adapter.rollback_prepared(key)
                db.rollback()
            raise RuntimeError("failure to commit distributed transaction") from error
        for db, key in prepared:
            db._adapter.commit_prepared(key)
            db._adapter.leave_prepared()

    def __reduce__(self) -> Any:
        return _unpickle, (self._db_uid,)


@lru_cache(maxsize=256)
def _uid_of(uri: str) -> str:
    """Return pydal's id of the databases that one address opens."""
    uid: str = pydal.base.hashlib_md5(repr(uri)).hexdigest()
    return uid


SQLDB = DAL

_table_names: set[Any] = set()
"""Names that pydal has accepted for a table."""


def _distributed_keys(instances: tuple[Any, ...]) -> list[tuple[Any, str]]:
    """Return each database with the name of its part of a distributed transaction."""
    for db in instances:
        if not db._adapter.support_distributed_transaction:
            raise SyntaxError(f"distributed transactions are not supported by {db._dbname}")
    name = uuid.uuid4().hex
    return [(db, f"{name}.{number}") for number, db in enumerate(instances)]


def _unpickle(db_uid: str) -> Any:
    return DAL("<zombie>", db_uid=db_uid)


def _leave_group(db: Any) -> None:
    """Take `db` off pydal's list of the objects of this thread."""
    groups = getattr(THREAD_LOCAL, "_pydal_db_instances_", {})
    group = groups.get(db._db_uid)
    if group is not None:
        group[:] = [one for one in group if one is not db]
        if not group:
            del groups[db._db_uid]


def _is_fact(name: str) -> bool:
    return (
        name not in _PER_INSTANCE
        and name not in _CUSTOM
        and name
        not in (
            "_arguments",
            "_known",
            "_engine",
            "_engine_key",
        )
    )


def _engine_key(uri: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Return what tells one kind of `DAL(...)` call from another; None for those never shared.

    A database in memory belongs to its object alone.
    """
    if not isinstance(uri, (str, list, tuple)) or not uri or "memory" in str(uri):
        return None
    if kwargs.get("auto_import") or kwargs.get("tables"):
        return None
    folder = kwargs.get("folder") or (args[1] if len(args) > 1 else None)
    folder = folder or getattr(THREAD_LOCAL, "_pydal_folder_", "")
    hook = kwargs.get("after_connection")
    rest = {name: value for name, value in kwargs.items() if name != "after_connection"}
    return (repr(uri), args and repr(args), repr(rest), folder, getattr(hook, "__code__", hook))
