"""From the validated values of a form to the database: insert, update, delete (OCC-02..07)."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import Any

from runtime.forms import conflicts
from runtime.forms.fields import id_name
from runtime.forms.locking import LOCKING
from runtime.forms.unique import guarded
from runtime.foundation.storage import Storage

_EXACT = ("string", "integer", "bigint", "boolean", "date", "reference", "upload", "id")
"""Types whose values every database compares exactly."""
_COMPARABLE = (*_EXACT, "text", "double", "float", "decimal", "time", "datetime")
"""Types that the databases below compare."""
_COMPARING = ("sqlite", "spatialite", "postgres", "mysql")


def insert(form: Any, values: dict[str, Any]) -> bool:
    """Insert the record of `form`, unless somebody else was quicker with a value that may be there once.

    Its number is ``form.vars.id``.
    """
    return guarded(form, values, lambda: _insert(form, values))


def _insert(form: Any, values: dict[str, Any]) -> bool:
    made = form.table.insert(**values)
    if isinstance(made, dict):
        form.vars.update({name: value for name, value in made.items() if form.vars.get(name) is None})
    else:
        form.vars.id = made
        form.vars[id_name(form.table) or "id"] = made
    return True


def update(form: Any, values: dict[str, Any], by_application: set[str], strict: Any) -> bool:
    """Write what the visitor changed, unless somebody else has changed it too; tell whether that went well.

    On a conflict nothing is written: ``form.record_changed`` is True and
    ``form.conflicts`` has both values.

    Args:
        values: of all fields that were sent or set.
        by_application: names of those that the application has set, not the visitor.
        strict: `detect_record_change`.
    """
    form.record_changed = False
    now = current_record(form)
    if now is None or conflicts.stale(form, now, strict):
        return _refuse(form, now, values)
    changed = [name for name in values if _is_changed(form, name, values[name], now, name in by_application)]
    if strict is not False and not _agree(form, now, [n for n in changed if n not in by_application], values):
        return False
    if not changed:
        form.record = now
        return True
    wanted = {name: values[name] for name in changed}
    if isinstance(strict, str):
        wanted |= _next_version(form, now, strict, wanted)
    wanted |= _computed(form.table, now, wanted)
    if not guarded(form, wanted, lambda: _write(form, now, wanted, strict)):
        return False
    form.reload_record = True
    return True


def delete(form: Any, values: dict[str, Any], strict: Any) -> bool:
    """Delete the record, unless somebody else has changed it since; tell whether that went well."""
    form.record_changed = False
    now = current_record(form)
    if now is None:
        return True  # gone already
    if conflicts.stale(form, now, strict):
        return _refuse(form, now, values)
    if strict is not False and not _agree(form, now, form.editable, {}):
        return False
    form.table._db(form.record_query).delete()
    return True


def current_record(form: Any, lock: bool = True) -> Any:
    """Return the record as it is stored now, locked until the request ends where the database can."""
    db = form.table._db
    options = {"for_update": True} if lock and db._adapter.dbengine in LOCKING else {}
    return db(form.record_query).select(form.table.ALL, **options).first()


def _refuse(form: Any, now: Any, values: dict[str, Any]) -> bool:
    form.record_changed = True
    names = [] if now is None else [name for name in form.editable if name in values]
    form.conflicts = Storage() if now is None else conflicts.conflicting(form, now, names, values)
    if now is not None:
        form.record = now
    return False


def _agree(form: Any, now: Any, names: Any, values: dict[str, Any]) -> bool:
    form.conflicts = conflicts.conflicting(form, now, names, values)
    if form.conflicts:
        form.record_changed = True
        form.record = now
        return False
    return True


def _is_changed(form: Any, name: str, value: Any, now: Any, by_application: bool) -> bool:
    field = form.table[name]
    if name not in now:
        return True
    if field.type == "password":
        return bool(value != now[name])
    stored = conflicts.shown_text(field, now[name])
    if not by_application:
        shown = conflicts.read_description(form.request_vars.get(conflicts.SHOWN)).get(name)
        before = shown or conflicts.digest(name, stored)
        texts = [conflicts.shown_text(field, value)]
        if field.type != "upload":
            texts.append(conflicts.sent_text(field, form.request_vars.get(name)))
        if before in [conflicts.digest(name, text) for text in texts]:
            return False
    return conflicts.shown_text(field, value) != stored or (by_application and value != now[name])


def _next_version(form: Any, now: Any, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the new value of a version field: the next number; a time has its own ``update``."""
    if name in wanted or form.table[name].type not in ("integer", "bigint"):
        return {}
    return {name: (now[name] or 0) + 1}


def _computed(table: Any, now: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the computed fields of the whole record: pydal would see the changed fields only."""
    computing = [table[name] for name in table.fields if table[name].compute]
    if not computing:
        return {}
    row = table._db.Row({name: now.get(name) for name in table.fields} | wanted)
    out: dict[str, Any] = {}
    for field in computing:
        try:
            out[field.name] = row[field.name] = field.compute(row)
        except (KeyError, AttributeError):  # as pydal: what cannot be computed stays
            continue
    return out


def _guards(table: Any, now: Any, names: Any) -> list[Any]:
    """Return conditions that the fields still have the values just read."""
    kinds = _COMPARABLE if table._db._adapter.dbengine in _COMPARING else _EXACT
    out = []
    for name in names:
        field = table[name]
        kind = str(field.type).split(" ", maxsplit=1)[0].split("(", maxsplit=1)[0]
        if kind in kinds and not field.filter_in and not field.filter_out and name in now:
            out.append(field == now[name])
    return out


def _write(form: Any, now: Any, wanted: dict[str, Any], strict: Any) -> bool:
    """Send the update with the old values in its condition; what then has no row to change is a conflict."""
    db, table = form.table._db, form.table
    names = set(wanted) | ({strict} if isinstance(strict, str) else set())
    guards = [] if strict is False else _guards(table, now, sorted(names))
    if db(reduce(and_, guards, form.record_query)).update(**wanted):
        return True
    if not guards:
        return True
    again = current_record(form)
    if again is None or any(again.get(name) != now.get(name) for name in names):
        return _refuse(form, again, wanted)
    db(form.record_query).update(**wanted)  # the database writes a value in another way than it reads it
    return True
