"""The names that models, controllers and views see without an import (NAMES-01..13, FLOW-05)."""

from __future__ import annotations

from functools import cache
from typing import Any

import runtime.dal as dal_room
import runtime.forms as forms_room
import runtime.html as html_room
from runtime.dal import validators
from runtime.dal.representers import REPRESENTERS
from runtime.forms.sqltable import rows_table
from runtime.foundation.http import HTTP, redirect
from runtime.routing import URL
from runtime.web.components import LOAD
from runtime.web.importer import builtins_for

REPRESENTERS["rows_xml"] = rows_table  # pydal's own form of records in a page escapes nothing


@cache
def base_names() -> dict[str, Any]:
    """Return the names that are the same for every request, made once per process."""
    names: dict[str, Any] = {name: getattr(html_room, name) for name in html_room.__all__}
    names.update((name, getattr(validators, name)) for name in validators.__all__)
    names.update((name, getattr(forms_room, name)) for name in forms_room.__all__)
    names.update((name, getattr(dal_room, name)) for name in ("DAL", "Field", "SQLDB", "SQLField"))
    names.update(HTTP=HTTP, LOAD=LOAD, URL=URL, redirect=redirect)
    return names


def build_environment(application: str, **per_request: Any) -> dict[str, Any]:
    """Return a fresh execution environment.

    Args:
        application: whose ``modules/`` its imports look in first (IMP-01).
        per_request: `request`, `response`, `session`, `cache`, `T`.
    """
    environment = base_names().copy()
    environment.update(per_request)
    environment["__builtins__"] = builtins_for(application)
    environment["__name__"] = "__restricted__"
    # Else the first warning adds it, maybe while `globals()` is walked.
    environment["__warningregistry__"] = {}
    return environment
