"""A value that may be there once, wanted by two visitors at the same instant (SEC-03).

Between the validator that found a value free and the writing of the record somebody else may have taken it.
A database that knows the rule refuses the second one; its refusal becomes the error of the field. Where only
a validator knows it, forms that want the same value wait for each other, and ask once more before they write.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import reduce
from operator import and_
from typing import Any, NamedTuple

from pydal.validators import DefaultValidatorProxy

from runtime.dal.validators import IS_NOT_IN_DB, Validator
from runtime.forms.locking import begin_writing
from runtime.forms.speech import TAKEN, say

_TRANSACTIONAL = ("sqlite", "spatialite", "postgres", "mysql")
_SAVEPOINT = "hadron_form"
_NAMED = (
    re.compile(r"UNIQUE constraint failed: (.+)"),  # SQLite: table.field, table.field
    re.compile(r"Key \(([^)]+)\)="),  # PostgreSQL
    re.compile(r"for key '(?:[^'.]+\.)?([^']+)'"),  # MySQL and MariaDB: name of the index
)


class Rule(NamedTuple):
    """Fields whose values may be there once: one, or the parts of a key; and the validator that says so."""

    fields: tuple[Any, ...]
    validator: Any = None
    known: bool = True
    """The database knows the rule too."""


def guarded(form: Any, values: dict[str, Any], write: Callable[[], bool]) -> bool:
    """Call `write`, which writes `values`; False with errors of the fields when somebody was quicker.

    Nothing of the attempt is left in the transaction then, which goes on.

    Raises:
        Exception: of `write`, where it tells of nothing that the visitor could mend.
    """
    rules = list(_rules(form, values))
    if not rules:
        return write()
    adapter = form.table._db._adapter
    known = adapter.dbengine in _TRANSACTIONAL
    if known:
        begin_writing(adapter)
        loose = [rule for rule in rules if not rule.known]
        _queue_up(form, loose, values)
        if _tell(form, _taken(form, loose, values)):
            return False
        mark = adapter.savepoint(_SAVEPOINT)
    try:
        return write()
    except Exception as error:
        if not known or not _is_duplicate(error):
            raise
        adapter.undo_to(_SAVEPOINT, mark)
        if not _tell(form, _taken(form, rules, values) or _named(rules, str(error))):
            raise
        return False


def _rules(form: Any, values: dict[str, Any]) -> Iterator[Rule]:
    table = form.table
    key = getattr(table, "_primarykey", None) or ()
    if any(name in values for name in key):
        yield Rule(tuple(table[name] for name in key))
    for name, value in values.items():
        field = table[name]
        if value is None or field.type == "password":
            continue
        validator = _validator_of(field, field.requires) if name in form.controls else None
        if field.unique or validator is not None:
            yield Rule((field,), validator, bool(field.unique) or [name] == list(key))


def _validator_of(field: Any, requires: Any) -> Any:
    """Return the `IS_NOT_IN_DB` for the field itself among validators, and those within them."""
    if isinstance(requires, IS_NOT_IN_DB):
        return requires if str(requires.field) == str(field) else None
    if isinstance(requires, (list, tuple)):
        inner: Any = requires
    elif isinstance(requires, (Validator, DefaultValidatorProxy)):
        kinds = (list, tuple, Validator, DefaultValidatorProxy)
        inner = [one for one in vars(requires).values() if isinstance(one, kinds)]
    else:
        return None
    return next((found for one in inner if (found := _validator_of(field, one)) is not None), None)


def _queue_up(form: Any, rules: list[Rule], values: dict[str, Any]) -> None:
    """Let others who want the same values wait until this transaction ends; in SQLite they do already."""
    adapter = form.table._db._adapter
    fields = [rule.fields[0] for rule in rules]
    if adapter.dbengine == "postgres":
        for key in sorted(_lock_number(field, values[field.name]) for field in fields):
            adapter.execute(f"SELECT pg_advisory_xact_lock({key})")
    elif adapter.dbengine == "mysql":  # which texts are equal, its collation knows: one lock for all values
        for key in sorted(_lock_number(field) for field in fields):
            adapter.hold(f"hadron.{key:x}")


def _lock_number(field: Any, value: Any = None) -> int:
    data = f"{field._table._rname}.{field._rname}={value}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big", signed=True)


def _taken(form: Any, rules: list[Rule], values: dict[str, Any]) -> list[Rule]:
    """Return the rules whose values another record has, in the database as it is now."""
    adapter = form.table._db._adapter
    # MySQL's usual transactions see the others' work only with locks, and locks of gaps deadlock.
    apart = adapter.apart() if rules and adapter.dbengine == "mysql" else nullcontext()
    with apart:
        return [rule for rule in rules if _is_taken(form, rule, values)]


def _is_taken(form: Any, rule: Rule, values: dict[str, Any]) -> bool:
    validator, db = rule.validator, form.table._db
    if validator is not None and str(values[rule.fields[0].name]) in validator.allowed_override:
        return False
    wanted = {
        field.name: values.get(field.name, (form.record or {}).get(field.name)) for field in rule.fields
    }
    query = reduce(and_, [field == wanted[field.name] for field in rule.fields])
    if form.record is not None:
        query &= ~form.record_query
    records = db(query, ignore_common_filters=True)
    if validator is not None:
        records = validator.dbset(query, ignore_common_filters=validator.ignore_common_filters)
    return bool(records.select(rule.fields[0], limitby=(0, 1), orderby_on_limitby=False))


def _is_duplicate(error: BaseException) -> bool:
    """Tell whether a database refused a value because it is there already."""
    if not any(kind.__name__ == "IntegrityError" for kind in type(error).__mro__):
        return False
    state = getattr(error, "pgcode", None) or getattr(error, "sqlstate", None)
    return (
        state == "23505"  # PostgreSQL
        or error.args[:1] == (1062,)  # MySQL and MariaDB
        or str(error).startswith("UNIQUE constraint failed")  # SQLite
    )


def _named(rules: list[Rule], text: str) -> list[Rule]:
    """Return the rules of the fields that a refusal names."""
    for pattern in _NAMED:
        found = pattern.search(text)
        if found:
            names = {name.strip().rpartition(".")[2].strip('`"') for name in found[1].split(",")}
            return [rule for rule in rules if names & _names_of(rule)]
    return []


def _names_of(rule: Rule) -> set[str]:
    """Return what databases may call the rule: by its fields, or by the index of MySQL and MariaDB."""
    if [field.name for field in rule.fields] == list(getattr(rule.fields[0].table, "_primarykey", ())):
        return {"PRIMARY"} | _columns(rule)
    return _columns(rule)


def _columns(rule: Rule) -> set[str]:
    return {name for field in rule.fields for name in (field.name, field._rname.strip('`"'))}


def _tell(form: Any, rules: list[Rule]) -> bool:
    """Note the errors of the fields that the visitor sees; tell whether there are any."""
    for fields, validator, _ in rules:
        message = validator.error_message if validator is not None else TAKEN
        for field in fields:
            if field.name in form.controls:
                form.errors[field.name] = say(message) if isinstance(message, str) else message
    return bool(form.errors)
