"""The database layer: pydal, made cheap for models that run at every request.

`begin_request()` and `finish(commit)` frame each request; between them `DAL`,
`Field` and `define_table` behave as pydal's, and nothing that one request sets
on a table or field is seen by another.
"""

from __future__ import annotations

from pydal.helpers.classes import SQLCustomType
from pydal.helpers.methods import geoLine, geoPoint, geoPolygon
from pydal.objects import Expression, FieldMethod, FieldVirtual, Query

from runtime.dal.database import DAL, SQLDB
from runtime.dal.field import Field, SQLField
from runtime.dal.selects.rows import Row, Rows
from runtime.dal.sets import Set
from runtime.dal.table import Table
from runtime.dal.unit import (
    begin_request,
    close_connections,
    commits_held,
    finish,
    set_databases_folder,
    statements,
)

__all__ = [
    "DAL",
    "Expression",
    "Field",
    "FieldMethod",
    "FieldVirtual",
    "Query",
    "Row",
    "Rows",
    "SQLCustomType",
    "SQLDB",
    "SQLField",
    "Set",
    "Table",
    "begin_request",
    "commits_held",
    "close_connections",
    "finish",
    "geoLine",
    "geoPoint",
    "geoPolygon",
    "set_databases_folder",
    "statements",
]
