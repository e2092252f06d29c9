"""`Storage` and its relatives: dictionaries whose items are attributes too (STOR-01..04)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from runtime.foundation.http import HTTP, redirect


class Storage(dict[Any, Any]):
    """A dictionary whose items can be read and set as attributes (STOR-01).

    A missing key or attribute reads as ``None`` (STOR-02); assigning ``None``
    to an attribute deletes the key (STOR-04). Names that start with two
    underscores are never items, so that copying and pickling work.
    """

    __slots__ = ()

    def __missing__(self, key: Any) -> None:
        return None

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__" and name[-2:] == "__":
            raise AttributeError(name)
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if value is None:
            self.pop(name, None)
        else:
            self[name] = value

    def __delattr__(self, name: str) -> None:
        try:
            del self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {dict.__repr__(self)}>"

    def __copy__(self) -> Storage:
        return type(self)(self)

    def copy(self) -> Storage:
        """Return a shallow copy of the same type."""
        return type(self)(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (dict(self),))

    def getlist(self, key: Any) -> list[Any]:
        """Return the values of `key` as a list: empty when absent, one item for a single value."""
        value = self.get(key)
        if value is None:
            return []
        return list(value) if isinstance(value, (list, tuple)) else [value]

    def getfirst(self, key: Any, default: Any = None) -> Any:
        """Return the first value of `key`, or `default` when there is none."""
        values = self.getlist(key)
        return values[0] if values else default

    def getlast(self, key: Any, default: Any = None) -> Any:
        """Return the last value of `key`, or `default` when there is none."""
        values = self.getlist(key)
        return values[-1] if values else default


class LazyStorage(Storage):
    """A `Storage` whose documented items are computed at their first use.

    A subclass sets `_lazy`: what makes each item, by its name.
    """

    __slots__ = ()
    _lazy: ClassVar[dict[Any, Callable[[Any], Any]]] = {}

    def __missing__(self, key: Any) -> Any:
        make = self._lazy.get(key)
        if make is None:
            return None
        value = make(self)
        self[key] = value
        return value

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":
            raise AttributeError(name)
        return self[name]

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the item `key`, computing it when it is a documented one."""
        return self[key] if key in self or key in self._lazy else default


class StorageList(Storage):
    """A `Storage` whose missing attributes are new, kept lists."""

    __slots__ = ()

    def __missing__(self, key: Any) -> Any:
        value: list[Any] = []
        self[key] = value
        return value

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return self[name]


class Settings(Storage):
    """A `Storage` that can be closed against new names or any change.

    Set ``lock_keys`` to refuse unknown names, ``lock_values`` to refuse every change.

    Raises:
        SyntaxError: a name or value was set that the lock forbids (the documented type).
    """

    __slots__ = ()

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in ("lock_keys", "lock_values"):
            if self.get("lock_keys") and name not in self:
                raise SyntaxError(f"setting key {name!r} does not exist")
            if self.get("lock_values"):
                raise SyntaxError(f"setting value of {name!r} cannot be changed")
        self[name] = value


class Messages(Settings):
    """`Settings` for texts: strings are passed through the translator given at creation."""

    __slots__ = ()

    def __init__(self, T: Callable[[str], Any] | None = None) -> None:
        super().__init__(T=T)

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        translate = self.get("T")
        return translate(value) if isinstance(value, str) and translate is not None else value


class List(list[Any]):
    """A list that can be called for an item, as `request.args(0)` (REQ-08)."""

    def __call__(
        self,
        i: int,
        default: Any = None,
        cast: Callable[[Any], Any] | None = None,
        otherwise: Callable[[], Any] | str | None = None,
    ) -> Any:
        """Return item `i`, or `default` when absent, converted by `cast`.

        Args:
            i: index; negative counts from the end.
            default: value used when there is no item.
            cast: converter applied to a value that is not None.
            otherwise: what to do when the conversion fails: an address to
                redirect to, or a function whose result is raised or returned.

        Raises:
            HTTP: 404 when `cast` fails, or is asked for and nothing is there,
                and `otherwise` is not given.
        """
        value = self[i] if -len(self) <= i < len(self) else default
        if cast is None:
            return value
        if value is not None:
            try:
                return cast(value)
            except (ValueError, TypeError):
                pass
        if otherwise is None:
            raise HTTP(404)
        if callable(otherwise):
            return otherwise()
        return redirect(otherwise)


def load_storage(pairs: Iterable[tuple[str, Any]]) -> Storage:
    """Build a `Storage` of form fields: a repeated name becomes a list (REQ-12)."""
    out = Storage()
    for name, value in pairs:
        if name not in out:
            out[name] = value
        elif isinstance(out[name], list):
            out[name].append(value)
        else:
            out[name] = [out[name], value]
    return out
