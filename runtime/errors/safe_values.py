"""Turning any object into a short text, whatever its own code does; secrets hidden (ERR-08, SEC-04)."""

from __future__ import annotations

import dataclasses
import re
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

MASK = "[hidden]"
SECRET = re.compile(
    r"passw|passphrase|pwd|secret|token|cookie|authorization|api_?key|hmac|signature|credential"
    r"|private_?key|session_?id",
    re.IGNORECASE,
)
"""Names whose values are hidden; `hide` adds more."""
_MAY_BE = re.compile(r"auth|key", re.IGNORECASE)
"""Names whose values are hidden too, but are often no secrets: other texts are not searched for them."""
_MORE: list[re.Pattern[str]] = []

DEPTH, ITEMS, STRING, LENGTH, NAMES = 4, 20, 400, 1000, 60
"""Levels of nesting, items of a collection, letters of one string, letters of one value, names of a frame."""
LARGEST_NUMBER = 4000
"""Bits up to which a whole number is written out."""
SHORTEST_SECRET = 6
"""Letters from which on a hidden value is also looked for in other texts."""

_URL = re.compile(
    r"(\b[a-z][\w+.-]*://[^\s/:@'\"]*:)(?!\d{1,5}(?:[/?#]|$))([^\s'\"]+)(@)", re.IGNORECASE
)  # applications write passwords with strokes and at signs as they are
_LOGIN = re.compile(r"[^:\s]+:(?!//).+")
_ASSIGNED = re.compile(r"""(\b(\w+)["']?\]?\s*(?:=|:)\s*[rbuf]{0,2})(["'])((?:(?!\3).)*)\3""", re.IGNORECASE)
_LITERAL = re.compile(r"'(?:[^']|'')*'")


def hide(pattern: str) -> None:
    """Hide the values of further names: those that the regular expression `pattern` is found in."""
    compiled = re.compile(pattern, re.IGNORECASE)
    if compiled not in _MORE:
        _MORE.append(compiled)


def is_secret(name: object) -> bool:
    """Tell whether a value of this name must not be shown."""
    text = name if isinstance(name, str) else repr(name) if isinstance(name, bytes) else ""
    return _is_certain(text) or _MAY_BE.fullmatch(text) is not None


def _is_certain(name: str) -> bool:
    return SECRET.search(name) is not None or any(pattern.search(name) for pattern in _MORE)


def is_login(name: str, value: str) -> bool:
    """Tell whether a text of this name is a user with a password, as mailers take them: ``name:password``."""
    return name.lower().endswith("login") and _LOGIN.fullmatch(value) is not None


class Secrets:
    """The hidden values met in one capture, so that they can be hidden wherever else they stand.

    Attributes:
        kept: path of the value, as ``session/password``, to its text; written only when asked for.
    """

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self._values: set[str] = set()

    def met(self, path: str, value: Any) -> str:
        """Note a secret and return what is shown for it."""
        if isinstance(value, bytes):
            value = value[:STRING].decode("utf-8", "replace")
        certain = _is_certain(path.rpartition("/")[2])
        if certain and isinstance(value, str) and SHORTEST_SECRET <= len(value) <= STRING:
            self._values.add(value)
        self.kept[path] = value[:STRING] if type(value) is str else safe_text(value)
        return MASK

    def clean(self, text: str) -> str:
        """Return `text` without the secrets met so far, and without what looks like one."""
        for value in self._values:
            if value in text:
                text = text.replace(value, MASK)
        return mask_text(text)


def mask_text(text: str) -> str:
    """Hide in a line of code or log: passwords of addresses, texts assigned to secret names."""
    if "://" in text:
        text = _URL.sub(rf"\1{MASK}\3", text)
    if "'" in text or '"' in text:
        text = _ASSIGNED.sub(_assigned, text)
    return text


def _assigned(found: re.Match[str]) -> str:
    if is_secret(found[2]) or is_login(found[2], found[4]):
        return f"{found[1]}{found[3]}{MASK}{found[3]}"
    return found[0]


def mask_statement(sql: str) -> str:
    """Hide all literals of a statement that names a secret column."""
    return _LITERAL.sub(f"'{MASK}'", sql) if is_secret(sql) else mask_text(sql)


def safe_text(value: Any, secrets: Secrets | None = None, path: str = "") -> str:
    """Return `value` as a text of about `LENGTH` letters at most; raises nothing but what ends the thread."""
    try:
        text = _show(value, DEPTH, set(), secrets or Secrets(), path)
        if type(text) is not str:
            text = str.__str__(text)
    except Exception as error:  # an object's own __repr__ may do anything
        return _unshown(value, error)
    text = text if len(text) <= LENGTH else f"{text[:LENGTH]}... ({len(text)} letters)"
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")  # lone surrogates have no JSON or UTF-8
    return mask_text(text)


def _unshown(value: Any, error: Exception) -> str:
    return f"<{type(value).__name__} that can not be shown: {type(error).__name__}>"


def _show(value: Any, depth: int, above: set[int], secrets: Secrets, path: str) -> str:
    """Like `repr`, but collections are walked here: theirs would go through all of their items."""
    kind = type(value)
    if value is None or kind in (bool, float, complex):
        return repr(value)
    as_is: Any = kind.__repr__
    if isinstance(value, int) and as_is is int.__repr__:
        return repr(value) if value.bit_length() <= LARGEST_NUMBER else f"<int of {value.bit_length()} bits>"
    if isinstance(value, (str, bytes, bytearray)) and as_is in _TEXTS:
        return _cut(value)
    walker = _walker(value)
    if walker is None:
        return _own_repr(value)
    if id(value) in above:
        return f"<{kind.__name__} inside itself>"
    if depth == 0:
        return "..."
    above.add(id(value))
    try:
        return walker(value, depth - 1, above, secrets, path)
    finally:
        above.discard(id(value))


_TEXTS: tuple[Any, ...] = (str.__repr__, bytes.__repr__, bytearray.__repr__)


def _cut(value: Any) -> str:
    rest = len(value) - STRING
    return repr(value) if rest <= 0 else f"{value[:STRING]!r}... ({len(value)} letters)"


def _own_repr(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= STRING else f"{text[:STRING]}... ({len(text)} letters)"


_Walker = Callable[[Any, int, set[int], Secrets, str], str]


def _walker(value: Any) -> _Walker | None:
    if isinstance(value, dict):
        return _show_dictionary
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return _show_items
    kind = type(value)
    parameters = getattr(kind, "__dataclass_params__", None)
    if parameters is not None and parameters.repr and not isinstance(value, type):
        return _show_fields
    return None


def _show_dictionary(value: Any, depth: int, above: set[int], secrets: Secrets, path: str) -> str:
    parts = []
    for key, item in islice(list(dict.items(value)), ITEMS):
        inner = f"{path}/{key}" if isinstance(key, str) else path
        shown = secrets.met(inner, item) if is_secret(key) else _show(item, depth, above, secrets, inner)
        parts.append(f"{_show(key, 1, above, secrets, path)}: {shown}")
    parts += _more(dict.__len__(value))
    return _named(value, dict, f"{{{', '.join(parts)}}}")


def _show_items(value: Any, depth: int, above: set[int], secrets: Secrets, path: str) -> str:
    base = next(kind for kind in (list, tuple, set, frozenset, deque) if isinstance(value, kind))
    parts = [_show(item, depth, above, secrets, path) for item in islice(base.__iter__(value), ITEMS)]
    parts += _more(base.__len__(value))
    text = ", ".join(parts)
    if base is tuple:
        return _named(value, tuple, f"({text},)" if len(parts) == 1 else f"({text})")
    if base is list:
        return _named(value, list, f"[{text}]")
    return f"{type(value).__name__}({{{text}}})" if base in (frozenset, deque) else f"{{{text}}}"


def _show_fields(value: Any, depth: int, above: set[int], secrets: Secrets, path: str) -> str:
    parts = []
    for field in dataclasses.fields(value)[:ITEMS]:
        if field.repr:
            inner, item = f"{path}/{field.name}", getattr(value, field.name, None)
            secret = is_secret(field.name)
            shown = secrets.met(inner, item) if secret else _show(item, depth, above, secrets, inner)
            parts.append(f"{field.name}={shown}")
    return f"{type(value).__name__}({', '.join(parts)})"


def _named(value: Any, plain: type, text: str) -> str:
    kind = type(value)
    return text if kind is plain else f"<{kind.__name__} {text}>"


def _more(length: int) -> list[str]:
    return [f"... {length - ITEMS} more"] if length > ITEMS else []


def pairs_of(
    values: Any, skip: Callable[[str, Any], bool] = lambda _name, _value: False
) -> tuple[list[tuple[str, Any]], int]:
    """Return names and values of a mapping, at most `NAMES`, and how many were left out.

    Of a dictionary only what it holds already is taken: reading a lazy one could load it.
    """
    try:
        items = dict.items(values) if isinstance(values, dict) else values.items()
        pairs = [(str(name)[:200], value) for name, value in list(items) if isinstance(name, (str, int))]
    except Exception:
        return [], 0
    pairs = [(name, value) for name, value in pairs if not skip(name, value)]
    return pairs[:NAMES], max(0, len(pairs) - NAMES)


def safe_mapping(values: Any) -> dict[str, str]:
    """Return names and values as texts, secrets hidden, at most `NAMES` of them."""
    pairs, left_out = pairs_of(values)
    out = {name: MASK if is_secret(name) else safe_text(value) for name, value in pairs}
    return out | {"...": f"{left_out} more"} if left_out else out
