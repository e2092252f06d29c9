"""``pydal`` as code of applications sees it: with the `DAL` and `Field` of the runtime (IMP-01, NAMES-08).

Models and modules write ``from pydal import DAL, Field`` as well as ``from gluon import DAL, Field`` and mean
the same: a database that ends with the request, tables that grids and forms take. Everybody else in the
process keeps pydal's own classes.
"""

from __future__ import annotations

import importlib
import types
from functools import cache
from typing import Any

from runtime.dal import DAL, Field

_OURS: dict[str, dict[str, Any]] = {
    "pydal": {"DAL": DAL, "Field": Field},
    "pydal.base": {"DAL": DAL},
    "pydal.objects": {"Field": Field},
}


class _Seen(types.ModuleType):
    """A module of pydal with our classes in it; other names come from pydal when they are asked for."""

    def __init__(self, real: types.ModuleType, ours: dict[str, Any]) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(vars(real))
        self.__dict__.update(ours)
        self.__dict__["_real"] = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_real"], name)


@cache
def _seen(name: str) -> types.ModuleType:
    ours = dict(_OURS[name])
    if name == "pydal":
        ours |= {part.rpartition(".")[2]: _seen(part) for part in _OURS if part != name}
    return _Seen(importlib.import_module(name), ours)


def as_applications_see(module: types.ModuleType) -> types.ModuleType:
    """Return what the code of an application gets for a module of pydal that it imports."""
    return _seen(module.__name__) if module.__name__ in _OURS else module
