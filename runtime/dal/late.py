"""Methods of objects that are made late: whole before they answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def complete_first(kind: Any, base: Any, names: Iterable[str], complete: Callable[[Any], Any]) -> None:
    """Let methods of `kind` call `complete` with their object, then do what those of `base` do.

    Args:
        kind: a class; gets the methods.
        base: the class whose methods they are otherwise.
        names: of the methods.
        complete: makes the object whole; it may change its class.
    """
    for name in names:
        setattr(kind, name, _method(base, name, complete))


def _method(base: Any, name: str, complete: Callable[[Any], Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        complete(self)
        return getattr(base, name)(self, *args, **kwargs)

    method.__name__ = name
    return method
