"""``gluon.contrib.feedparser``: the package `feedparser` under an old name (LIB-1)."""

from typing import Any

from runtime.tools.absent import need


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(need("feedparser", "feedparser", "to read feeds", "feeds"), name)
