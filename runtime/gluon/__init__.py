"""The documented interface of applications: ``from gluon import *`` gives any module the same names."""

from typing import Any

from runtime.dal import DAL, SQLDB, Field, SQLField
from runtime.dal import validators as _validators
from runtime.dal.validators import *
from runtime.foundation.current import current
from runtime.foundation.http import HTTP, redirect
from runtime.tools.core_map import install
from runtime.web.late_names import ROOMS as _ROOMS
from runtime.web.late_names import real_name as _real_name

install()

_HERE = globals()  # the submodule of that name takes its place later
_LATE = [name for names in _ROOMS.values() for name in names]  # helpers, forms, addresses

__all__ = [
    *_LATE, *_validators.__all__,
    "DAL", "Field", "HTTP", "SQLDB", "SQLField", "current", "redirect",
]  # fmt: skip
__all__.remove("SQLTABLE")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = _HERE[name] = _real_name(name)
    return value
