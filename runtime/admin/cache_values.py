"""A kept value for a viewer: its texts in several forms, made without running code of the value (CA-05)."""

from __future__ import annotations

import base64
import json
from typing import Any

from runtime.admin.plain_text import attributes_of, is_a, plain_text
from runtime.admin.value_tree import MOST_LETTERS, TreeProblem, has_parts, pack, records_of, tree_text
from runtime.errors.safe_values import MASK, is_secret

_NODES = 20_000
_DEPTH = 12
_PLAIN = (bool, int, float, type(None))


def shown_value(value: Any, limit: int) -> dict[str, Any]:
    """Return the forms of a value.

    Args:
        value: of the cache; its class is not trusted.
        limit: characters or bytes of each form but the tree, which is whole.

    Returns:
        ``text`` or ``base64`` (the beginning), ``python``, ``json`` (empty where there is none); ``size``:
        whole length of the text or bytes, -1 where that is not known; ``tree``: the parts of a container
        (``tree_kind`` ``python``) or a long JSON text (``json``) as `value_tree.pack` makes them, empty where
        there is none; ``tree_fault``: why there is none.
    """
    python = plain_text(value, limit)
    found: dict[str, Any] = {"text": None, "base64": "", "python": python, "json": "", **_no_tree()}
    if is_a(value, (bytes, bytearray)):
        base: Any = bytes if is_a(value, bytes) else bytearray
        data = base64.b64encode(bytes(base.__getitem__(value, slice(0, limit)))).decode()
        return found | {"base64": data, "size": base.__len__(value)}
    if is_a(value, str):
        size = str.__len__(value)
        text = _sent(str.__getitem__(value, slice(0, limit)))
        return found | {"text": text, "size": size} | (_tree_of_text(value) if size > limit else {})
    budget = [max(_NODES, limit // 4)]
    as_json = plain_json(value, budget)
    text = as_json or python
    whole = as_json if len(as_json) <= limit and budget[0] >= 0 else ""
    size = len(text) if budget[0] >= 0 else -1
    return found | {"text": text[:limit], "json": whole, "size": size} | _tree_of(value)


def _no_tree(fault: str = "") -> dict[str, str]:
    return {"tree": "", "tree_kind": "", "tree_fault": fault}


def _tree_of(value: Any) -> dict[str, str]:
    if not has_parts(value):
        return {}
    try:
        return {"tree": pack(tree_text(value)), "tree_kind": "python", "tree_fault": ""}
    except TreeProblem as problem:
        return _no_tree(str(problem))


def _tree_of_text(value: str) -> dict[str, str]:
    """Return a long text whole if it may be JSON: its beginning alone has no parts."""
    if str.__getitem__(value, slice(0, 100)).lstrip()[:1] not in ("{", "["):
        return {}
    if str.__len__(value) > MOST_LETTERS:
        return _no_tree(f"A text of more than {MOST_LETTERS // 1_000_000} MB is not taken apart.")
    return {"tree": pack(str.__str__(value)), "tree_kind": "json", "tree_fault": ""}


def _sent(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def plain_json(value: Any, budget: list[int] | None = None) -> str:
    """Return containers, and the records of a query, as JSON; empty for what has no such form.

    Args:
        budget: one number, how many parts there may be; below 0 afterwards when some were left out.
    """
    if not is_a(value, (dict, list, tuple, set, frozenset)) and not records_of(value):
        return ""
    try:
        return json.dumps(_plain(value, _DEPTH, budget or [_NODES]), indent=2, ensure_ascii=False)
    except (ValueError, RuntimeError, RecursionError):  # another thread changes it at this moment
        return ""


def _plain(value: Any, depth: int, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0 or depth == 0:
        return "..."
    if type(value) in _PLAIN:
        return value if type(value) is not int or value.bit_length() < 2000 else plain_text(value)
    if is_a(value, str):
        return _sent(str.__str__(value))
    if is_a(value, dict):
        return {
            _sent(key) if type(key) is str else plain_text(key): MASK
            if type(key) is str and is_secret(key)
            else _plain(item, depth - 1, budget)
            for key, item in list(dict.items(value))
        }
    kinds: tuple[Any, ...] = (list, tuple, set, frozenset)
    for base in kinds:
        if is_a(value, base):
            return [_plain(item, depth - 1, budget) for item in list(base.__iter__(value))]
    records = records_of(value)
    if records is not None:
        return [_plain(attributes_of(record) or record, depth - 1, budget) for record in records]
    return plain_text(value)


def pickle_type(head: bytes, tail: bytes, end: bytes = b".") -> str:
    """Return the type of a pickled value by its first and last bytes; empty when they are no pickle (CA-15).

    Args:
        head: at least the first 200 bytes, or all.
        tail: the last 8 bytes.
        end: what follows the value.
    """
    if head[:1] != b"\x80" or tail[-1:] != b".":
        return ""
    at = 11 if head[2:3] == b"\x95" else 2
    code = head[at : at + 1]
    ending = tail[:-1].removesuffix(b"\x94")[-1:]
    if code in _CONTAINERS:
        return _ENDINGS.get(ending, _CONTAINERS[code])
    if code == b"c":
        lines = head[at + 1 :].split(b"\n", 2)
        return lines[1].decode("utf-8", "replace") if len(lines) == 3 else "object"
    if code not in _SCALARS:
        return "object"
    name, width = _SCALARS[code]
    if width < 0:  # so many bytes tell the length
        after = at + 1 - width + int.from_bytes(head[at + 1 : at + 1 - width], "little")
    else:
        after = at + 1 + width
    if head[after : after + 1] == b"\x94":
        after += 1
    if after >= len(head) or head[after : after + 1] == end:
        return name
    return _class_name(head, after) or _ENDINGS.get(ending, "object")


def _class_name(head: bytes, at: int) -> str:
    """Return the name of a class whose module has been read up to `at`; empty when it is none."""
    if head[at : at + 1] != b"\x8c":
        return ""
    end = at + 2 + head[at + 1]
    name = head[at + 2 : end]
    if head[end : end + 1] == b"\x94":
        end += 1
    return name.decode("utf-8", "replace") if head[end : end + 1] == b"\x93" else ""


_SCALARS = {
    b"N": ("NoneType", 0), b"\x88": ("bool", 0), b"\x89": ("bool", 0), b"K": ("int", 1), b"M": ("int", 2),
    b"J": ("int", 4), b"\x8a": ("int", -1), b"\x8b": ("int", -4), b"G": ("float", 8), b"\x8c": ("str", -1),
    b"X": ("str", -4), b"\x8d": ("str", -8), b"C": ("bytes", -1), b"B": ("bytes", -4), b"\x8e": ("bytes", -8),
    b"\x96": ("bytearray", -8),
}  # fmt: skip
_CONTAINERS = {b"]": "list", b"}": "dict", b"(": "tuple", b")": "tuple", b"\x8f": "set"}
_ENDINGS = {b"\x85": "tuple", b"\x86": "tuple", b"\x87": "tuple", b"t": "tuple", b"\x91": "frozenset"}
