"""``gluon.dal``: the database layer."""

from pydal.adapters.base import BaseAdapter
from pydal.helpers.classes import SQLALL, Reference
from pydal.helpers.methods import bar_encode, bar_escape, smart_query
from pydal.objects import LazySet

from runtime import dal as _dal
from runtime.dal import *
from runtime.tools.contrib.gae import GQLDB

__all__ = [
    *_dal.__all__,
    "GQLDB", "SQLALL", "BaseAdapter", "LazySet", "Reference", "bar_encode", "bar_escape", "smart_query",
]  # fmt: skip
