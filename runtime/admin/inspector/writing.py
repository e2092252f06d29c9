"""In the child: changes in one transaction, with validators and conflict detection (DB-05, OCC-10)."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from typing import Any

from runtime.admin.inspector.application import Application
from runtime.admin.inspector.engines import can_lock_rows, database_problem, lock_table_row, sqlite_file
from runtime.admin.inspector.files import FILE_KINDS, KeptFiles, bytes_of, described, is_same, opened
from runtime.admin.inspector.reading import fetched, select_raw
from runtime.admin.inspector.records import query_of_key, shown_key
from runtime.admin.inspector.values import ValueProblem, kind_of, parse, to_text, unpack
from runtime.admin.inspector.work import Work


def write(
    application: Application,
    work: Work,
    database: str,
    table: str,
    *,
    changes: list[dict[str, Any]],
    dry: bool = False,
) -> dict[str, Any]:
    """Write all changes, or none of them.

    Args:
        changes: each with ``do`` (``update``, ``insert``, ``delete``); ``key`` (not for an insert);
            ``values``, texts or None by field, for columns of files ``{"file": path}``; ``old``, what the
            window has read, by field.
        dry: find what would go wrong, and write nothing.

    Returns:
        ``written``: number of changes; ``keys``: of inserted records by place of the change;
        ``errors``: place, field, message; ``conflicts``: place, ``gone``, and by field ``mine``, ``theirs``,
        ``before``. With errors or conflicts nothing was written.

    Raises:
        InspectorProblem: the database is locked or gone, or refuses.
    """
    db, found = application.database(database), application.table(database, table)
    files = KeptFiles(application, found)
    with files.held():
        batch = Batch(db, found, None if dry else files)
        lock_table_row(db)
        for place, change in enumerate(changes):
            work.check()
            batch.take(place, change)
        if batch.errors or batch.conflicts or dry:
            db.rollback()
            files.drop()
            return batch.result(0)
        work.check()
        db.commit()
        files.settle()
        return batch.result(len(changes))


class Batch:
    """Changes of one table inside a transaction; `errors` and `conflicts` tell what is wrong with them.

    Args:
        files: takes the files of the changes; None where nothing will be written.
    """

    def __init__(self, db: Any, table: Any, files: KeptFiles | None = None) -> None:
        self._db, self._table, self._files = db, table, files
        self.errors: list[dict[str, Any]] = []
        self.conflicts: list[dict[str, Any]] = []
        self.keys: dict[int, Any] = {}

    def result(self, written: int) -> dict[str, Any]:
        """Return the answer of `write`."""
        return {
            "written": written,
            "keys": {str(place): key for place, key in self.keys.items()} if written else {},
            "errors": self.errors,
            "conflicts": self.conflicts,
        }

    def take(self, place: int, change: dict[str, Any]) -> None:
        """Check one change and make it; nothing is committed."""
        kind = change["do"]
        if kind == "insert":
            self._insert(place, change.get("values") or {})
            return
        query = query_of_key(self._db, self._table, change["key"])
        now = self._still_as_read(place, change, query)
        if now is None:
            return
        dbset = self._db(query, ignore_common_filters=True)
        if kind == "delete":
            self._attempt(place, dbset.delete)
            self._note_files(now, None)
            return
        values = self._validated(place, change["values"], self._record_id(change["key"]))
        if values is not None:
            self._attempt(place, lambda: dbset.update(**values))
            self._note_files(now, values)

    def _note_files(self, now: dict[str, Any], wanted: dict[str, Any] | None) -> None:
        if self._files is not None:
            self._files.replaced(now, wanted)

    def _record_id(self, key: list[Any]) -> Any:
        """Return what validators take for the record itself: its number, or its key by name."""
        if not getattr(self._table, "_primarykey", None):
            return unpack(key[0])
        return dict(zip(self._table._primarykey, map(unpack, key), strict=True))

    def _insert(self, place: int, texts: dict[str, str | None]) -> None:
        values = self._validated(place, texts, None)
        missing = [
            field.name
            for field in self._table
            if field.name not in texts
            and field.type != "id"
            and (field.required or (field.notnull and field.default is None))
            and field.compute is None
        ]
        for name in missing:
            self.errors.append({"place": place, "field": name, "message": "A value is needed."})
        if values is None or missing:
            return

        def insert() -> None:
            key = self._table.insert(**values)
            self.keys[place] = int(key) if isinstance(key, int) else None

        self._attempt(place, insert)

    def _still_as_read(self, place: int, change: dict[str, Any], query: Any) -> dict[str, Any] | None:
        """Compare with what the window has read; the record stays locked until the end (OCC-10).

        Returns:
            what is there now, by field; None where that is something else.
        """
        db, table = self._db, self._table
        if can_lock_rows(db):
            sql = db(query, ignore_common_filters=True)._select(*table, for_update=True)
            rows = fetched(db, sql)
        else:
            rows = select_raw(db, table, query, list(table), [], None)
        if not rows:
            self.conflicts.append(
                {"place": place, "gone": True, "key": shown_key(change["key"]), "fields": {}}
            )
            return None
        now = {
            field.name: to_text(kind_of(field.type), raw) for field, raw in zip(table, rows[0], strict=False)
        }
        wanted = change.get("values") or {}
        different = {
            name: {"mine": wanted.get(name), "theirs": _plain(now.get(name)), "before": before}
            for name, before in (change.get("old") or {}).items()
            if not is_same(before, now.get(name)) and not (name in wanted and now.get(name) == wanted[name])
        }
        if different:
            self.conflicts.append(
                {"place": place, "gone": False, "key": shown_key(change["key"]), "fields": different}
            )
        return None if different else now

    def _validated(self, place: int, texts: dict[str, Any], record_id: Any) -> dict[str, Any] | None:
        """Return the values of typed texts after the model's validators; None when some are refused."""
        values: dict[str, Any] = {}
        faults = len(self.errors)
        for name, text in texts.items():
            try:
                if isinstance(text, dict):
                    values |= self._of_file(name, text, record_id)
                else:
                    values[name] = self._value(name, text, record_id)
                    beside = getattr(self._table[name], "uploadfield", True)
                    if text is None and self._table[name].type == "upload" and isinstance(beside, str):
                        values[beside] = None  # where the content is kept
            except ValueProblem as problem:
                self.errors.append({"place": place, "field": name, "message": str(problem)})
        return values if len(self.errors) == faults else None

    def _of_file(self, name: str, given: dict[str, Any], record_id: Any) -> dict[str, Any]:
        """Return the values of the columns that a chosen file fills, after the model's validators."""
        field = self._writable(name)
        kind = kind_of(field.type)
        if kind not in FILE_KINDS:
            raise ValueProblem("This column holds no file.")
        upload = opened(given)
        with upload.file:
            if kind == "blob":
                data = bytes_of(upload)
                self._checked(field, data, record_id)
                return {name: data}
            self._checked(field, upload, record_id)
            if self._files is None or self.errors or self.conflicts:
                return {}  # nothing will be written
            return self._files.store(field, upload)

    def _checked(self, field: Any, value: Any, record_id: Any) -> Any:
        """Return a value as the model's validators give it back."""
        try:
            checked, fault = field.validate(value, record_id)
        except Exception as error:  # a validator of the application fails
            raise ValueProblem(f"The validator fails: {type(error).__name__}: {error}") from error
        if fault:
            raise ValueProblem(str(fault))
        return checked

    def _writable(self, name: str) -> Any:
        if name not in self._table.fields:
            raise ValueProblem("There is no such column (any more).")
        field = self._table[name]
        if field.type == "id":
            raise ValueProblem("The number of a record can't be changed.")
        if field.compute is not None:
            raise ValueProblem("This value is computed by the model.")
        return field

    def _value(self, name: str, text: str | None, record_id: Any) -> Any:
        field = self._writable(name)
        kind = kind_of(field.type)
        if text is None:
            if field.notnull:
                raise ValueProblem("This column can't be NULL.")
            value, fault = field.validate(None, record_id) if _minds_nothing(field) else (None, None)
            if fault:
                raise ValueProblem(str(fault))
            return None
        value = parse(kind, text, field.type)
        try:
            shown = field.formatter(value) if kind not in ("json", "list", "boolean", "password") else value
        except Exception as error:
            raise ValueProblem(f"It can't be written as a text: {type(error).__name__}: {error}") from error
        checked = self._checked(field, text if kind == "json" else shown, record_id)
        return value if kind == "json" and isinstance(checked, str) else checked

    def _attempt(self, place: int, work: Any) -> None:
        """Do one change; what the database refuses is told at its place, locks are told at once."""
        if self.errors or self.conflicts:
            return  # nothing will be written; the rest is only checked
        savepoint = can_lock_rows(self._db)
        if savepoint:
            self._db.executesql("SAVEPOINT hadron_change")
        try:
            work()
        except Exception as error:
            if savepoint:
                self._db.executesql("ROLLBACK TO SAVEPOINT hadron_change")
            problem = database_problem(error)
            if problem.kind in ("locked", "gone"):
                raise
            self.errors.append(
                {"place": place, "field": _blamed(self._table, str(error)), "message": str(problem)}
            )


def _minds_nothing(field: Any) -> bool:
    """Tell whether the validators have to be asked about NULL: those that demand a value."""
    requires = field.requires
    found = requires if isinstance(requires, (list, tuple)) else [requires]
    return any(type(one).__name__ == "IS_NOT_EMPTY" for one in found)


def _blamed(table: Any, text: str) -> str:
    """Return the field that a refusal of the database names; empty when it names none."""
    low = text.lower()
    for field in table.fields:
        name = field.lower()
        marks = (f"{table._tablename}.{name}".lower(), f'"{name}"', f"'{name}'", f"`{name}`", f"({name})")
        if any(mark in low for mark in marks):
            return str(field)
    return ""


def _plain(text: Any) -> Any:
    return described(text) if isinstance(text, bytes) else text


def backup(application: Application, work: Work, database: str) -> dict[str, Any]:
    """Copy an SQLite file beside itself, consistent also while others write (DB-15).

    Returns:
        ``path`` of the copy, empty for databases that are no file; ``size`` in bytes.
    """
    path = sqlite_file(application.database(database))
    if not path or not os.path.exists(path):
        return {"path": "", "size": 0}
    base, end = os.path.splitext(path)
    copy = f"{base}.{time.strftime('%Y%m%d-%H%M%S')}.backup{end}"
    half = f"{copy}.part"

    def on_progress(status: int, left: int, total: int) -> None:
        work.progress(done=total - left, total=total)

    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(half)) as target:
            source.backup(target, pages=2000, progress=on_progress)
        with open(half, "rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(half, copy)
    except BaseException:
        if os.path.exists(half):
            os.unlink(half)
        raise
    return {"path": copy, "size": os.path.getsize(copy)}
