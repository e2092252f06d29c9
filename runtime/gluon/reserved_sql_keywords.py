"""``gluon.reserved_sql_keywords``: words that databases keep for themselves (SITE-08)."""

from pydal.contrib.reserved_sql_keywords import ADAPTERS

__all__ = ["ADAPTERS"]
