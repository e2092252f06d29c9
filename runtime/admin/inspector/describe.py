"""In the child: what an application is made of, as data (databases, tables, fields, schedulers)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runtime.admin.inspector.advice import advice_for
from runtime.admin.inspector.application import Application
from runtime.admin.inspector.engines import existing_tables, where_is
from runtime.admin.inspector.values import kind_of
from runtime.admin.inspector.work import Work
from runtime.admin.plain_text import plain_text
from runtime.admin.scheduler.functions import functions_of
from runtime.errors.safe_values import mask_text
from runtime.scheduler import Scheduler

_VALIDATOR_FACTS = (
    "minimum",
    "maximum",
    "minsize",
    "maxsize",
    "regex",
    "format",
    "ktable",
    "kfield",
    "theset",
)


def describe(application: Application, work: Work) -> dict[str, Any]:
    """Return the report that `runtime.admin.inspector.client.Inspector.describe` documents."""
    databases = application.databases()
    problem = application.problem
    return {
        "application": application.name,
        "loads": problem is None,
        "problem": problem.as_dict() if problem is not None else None,
        "printed": application.printed,
        "load_seconds": application.seconds,
        "databases": [_database(application, name, db) for name, db in databases.items()],
        "schedulers": _schedulers(application, databases),
        "controllers": _with_models(Path(application.folder, "models")),
        "advice": advice_for(application),
    }


def _with_models(folder: Path) -> list[str]:
    """Return the controllers, and functions as ``controller/function``, that have models of their own."""
    found = {path.parent.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
    return sorted(name for name in found if name != "." and name.count("/") < 2)


def _database(application: Application, name: str, db: Any) -> dict[str, Any]:
    fault = ""
    try:
        existing = existing_tables(db)
    except Exception as error:
        existing, fault = None, mask_text(str(error).splitlines()[0] if str(error) else type(error).__name__)
    tables = []
    for table in list(db.tables):
        try:
            one = table_facts(application, db, db[table])
        except Exception as error:  # a lazy table may fail when it is made
            one = {"name": str(table), "fields": [], "fault": mask_text(f"{type(error).__name__}: {error}")}
        if existing is not None and "rname" in one:
            one["exists"] = one["rname"].lower() in existing
        tables.append(one)
    return {"name": name, **where_is(db), "fault": fault, "tables": tables}


def table_facts(application: Application, db: Any, table: Any) -> dict[str, Any]:
    """Return a table with its fields."""
    file, line = application.places.get((id(db), str(table._tablename)), ("", 0))
    return {
        "name": str(table._tablename),
        "rname": str(table._raw_rname or table._tablename).rpartition(".")[2].strip('"`[]'),
        "singular": str(table._singular or ""),
        "plural": str(table._plural or ""),
        "key": key_names(table),
        "fields": [field_facts(field) for field in table],
        "references": [
            {"field": field.name, "table": target} for field in table if (target := target_of(field, db))
        ],
        "referenced_by": [
            {"table": str(field._tablename), "field": field.name} for field in table._referenced_by
        ],
        "file": file,
        "line": line,
        "exists": None,
        "fault": "",
    }


def key_names(table: Any) -> list[str]:
    """Return the names of the fields that tell one record from the others; none where nothing does."""
    keyed = getattr(table, "_primarykey", None)
    if keyed:
        return list(keyed)
    identity = getattr(table, "_id", None)
    return [identity.name] if identity is not None else []


def target_of(field: Any, db: Any) -> str:
    """Return the table that a field refers to; empty when it refers to none."""
    kind = str(field.type)
    for start in ("reference ", "list:reference ", "big-reference "):
        if kind.startswith(start):
            target = kind[len(start) :].strip().partition(".")[0]
            return target if target in db.tables else ""
    return ""


def field_facts(field: Any) -> dict[str, Any]:
    """Return a field as the window shows it."""
    default = field.default
    return {
        "name": field.name,
        "type": str(getattr(field.type, "type", field.type)),
        "kind": kind_of(field.type),
        "length": field.length,
        "notnull": bool(field.notnull),
        "unique": bool(field.unique),
        "required": bool(field.required),
        "default": "" if default is None else _default_text(default),
        "label": _text(field.label),
        "comment": _text(field.comment),
        "writable": bool(field.writable),
        "readable": bool(field.readable),
        "computed": field.compute is not None,
        "represent": field.represent is not None,
        "validators": validators(field),
        "choices": _choices(field),
    }


def _default_text(default: Any) -> str:
    if callable(default):
        return f"{getattr(default, '__name__', type(default).__name__)}()"
    return plain_text(default, 200)


def _text(value: Any) -> str:
    if value is None:
        return ""
    try:
        return str(value)[:500]
    except Exception:  # a label may be anything that the application makes
        return ""


def validators(field: Any) -> list[str]:
    """Return the validators of a field as short texts, as ``IS_INT_IN_RANGE(minimum=0, maximum=10)``."""
    requires = field.requires
    if not requires:
        return []
    found = requires if isinstance(requires, (list, tuple)) else [requires]
    return [validator_text(one) for one in found if type(one).__name__ != "DefaultValidatorProxy"]


def validator_text(validator: Any) -> str:
    """Return one validator as text; those inside another too."""
    other = getattr(validator, "other", None)
    kind = type(validator).__name__
    if kind == "IS_EMPTY_OR" and other is not None:
        inner = other if isinstance(other, (list, tuple)) else [other]
        return f"{kind}({', '.join(map(validator_text, inner))})"
    if not hasattr(validator, "__dict__"):
        return kind
    facts = [
        f"{name}={plain_text(vars(validator)[name], 60)}"
        for name in _VALIDATOR_FACTS
        if vars(validator).get(name) not in (None, "", [])
    ]
    return f"{kind}({', '.join(facts)})"


def _choices(field: Any) -> list[list[str]]:
    """Return value and words of a field that allows only some (``IS_IN_SET``), at most 200."""
    requires = field.requires
    found = requires if isinstance(requires, (list, tuple)) else [requires]
    for one in found:
        inner: Any = getattr(one, "other", one)
        if type(inner).__name__ == "IS_IN_SET":
            try:
                options = inner.options(zero=False)
            except Exception:
                return []
            return [[str(value), _text(words)] for value, words in options[:200]]
    return []


# -- schedulers --------------------------------------------------------------------------------------


def _schedulers(application: Application, databases: dict[str, Any]) -> list[dict[str, Any]]:
    from runtime.foundation.current import current

    names = {id(db): name for name, db in databases.items()}
    found: dict[int, tuple[str, Scheduler]] = {}
    for name, value in [
        *application.environment.items(),
        ("scheduler", getattr(current, "_scheduler", None)),
    ]:
        if isinstance(value, Scheduler):
            found.setdefault(id(value), (name, value))
    return [
        {
            "name": name,
            "database": names.get(id(one.db), ""),
            "groups": list(one.group_names),
            "heartbeat": one.heartbeat,
            "utc_time": bool(one.utc_time),
            "tasks_given": one.tasks is not None,
            "functions": functions_of(one.tasks, application.environment, application.folder),
        }
        for name, one in found.values()
    ]
