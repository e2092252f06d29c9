"""Forms: read, validate and store what visitors send (NAMES-05, NAMES-06, FUN-02, FUN-03, OCC-01..09)."""

from __future__ import annotations

from runtime.forms.factory import dictform, factory
from runtime.forms.form import FORM
from runtime.forms.sqlform import SQLFORM

__all__ = ["FORM", "SQLFORM"]

SQLFORM.factory = staticmethod(factory)
SQLFORM.dictform = staticmethod(dictform)
