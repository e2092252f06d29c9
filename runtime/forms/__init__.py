"""Forms: read, validate and store what visitors send (NAMES-05, NAMES-06, FUN-02, FUN-03, OCC-01..09)."""

from __future__ import annotations

from runtime.forms.factory import dictform, factory
from runtime.forms.form import FORM
from runtime.forms.grid import build_query, grid, search_menu, smartgrid
from runtime.forms.smartdict import smartdictform
from runtime.forms.sqlform import SQLFORM
from runtime.forms.sqltable import SQLTABLE

__all__ = ["FORM", "SQLFORM", "SQLTABLE"]

for _name, _function in (
    ("factory", factory), ("dictform", dictform), ("smartdictform", smartdictform),
    ("grid", grid), ("smartgrid", smartgrid), ("build_query", build_query), ("search_menu", search_menu),
):  # fmt: skip
    setattr(SQLFORM, _name, staticmethod(_function))
