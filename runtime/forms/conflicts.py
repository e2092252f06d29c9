"""No lost updates: what a form showed of a record, what changed since, and the report of it (OCC-01..09).

A form of a record carries a short digest of each value as it was shown. When it comes back, a value
that differs from its digest is the visitor's change, and a stored value that differs from the digest is
somebody else's. Changes of different fields merge; both of one field are a conflict.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from typing import Any

from runtime.forms.speech import CHANGED, say
from runtime.forms.widgets.base import choices_of, formatted
from runtime.foundation.storage import Storage
from runtime.html import DIV, TABLE, TBODY, TD, TH, THEAD, TR, A, P

SHOWN = "_record_shown"
"""Name of the hidden field with the digests."""
WHOLE = "*"
"""Stands for the record with all its fields among the digests."""


def shown_text(field: Any, value: Any) -> str:
    """Return the stored `value` as one text, the way a form shows it."""
    kind = str(field.type)
    if kind == "boolean":
        return "T" if value else "F"
    if kind.startswith("list:") or isinstance(value, (list, tuple)):
        return _joined(field, value or ())
    if value is None:
        return ""
    if kind == "upload":
        return str(value)
    return str(formatted(field, value)).replace("\r\n", "\n")


def sent_text(field: Any, value: Any) -> str:
    """Return what was sent for `field` as one text, comparable with `shown_text`."""
    kind = str(field.type)
    if kind == "boolean":
        return "T" if value else "F"
    if kind.startswith("list:"):
        return _joined(field, value if isinstance(value, (list, tuple)) else [value] if value else ())
    if isinstance(value, (list, tuple)):
        return _joined(field, value)
    return "" if value is None else str(value).replace("\r\n", "\n")


def _joined(field: Any, values: Iterable[Any]) -> str:
    texts = [str(value) for value in values if str(value).strip()]
    if choices_of(field)[0] is not None:
        texts.sort()  # the order of what is ticked says nothing
    return "\x1f".join(texts)


def digest(name: str, text: str) -> str:
    """Return eight characters that tell whether the value of a field is the same."""
    data = f"{name}={text}".encode("utf-8", "surrogatepass")
    return urlsafe_b64encode(hashlib.blake2b(data, digest_size=6).digest()).decode()


def whole_text(table: Any, record: Any) -> str:
    """Return all stored values of a record as one text."""
    return "\x1e".join(f"{name}={record.get(name)!r}" for name in table.fields)


def describe(form: Any, names: Iterable[str], strict: Any) -> str:
    """Return the digests of a form's record, for the hidden field.

    Args:
        names: fields that the visitor may change.
        strict: as `detect_record_change`: True adds the whole record, a name the value of that field.
    """
    parts = []
    table, record = form.table, form.record
    for name in names:
        field = table[name]
        if field.type != "password" and name in record:
            parts.append(f"{name}:{digest(name, shown_text(field, record[name]))}")
    if strict is True:
        parts.append(f"{WHOLE}:{digest(WHOLE, whole_text(table, record))}")
    elif strict:
        parts.append(f"{WHOLE}:{digest(WHOLE, str(record[strict]))}")
    return " ".join(parts)


def read_description(sent: Any) -> dict[str, str]:
    """Return the digests by field that came back; what cannot be read is left out."""
    if not isinstance(sent, str):
        return {}
    pairs = (part.partition(":") for part in sent.split())
    return {name: value for name, _, value in pairs if value}


def stale(form: Any, current: Any, strict: Any) -> bool:
    """Tell whether the record is another one than the form showed: all of it, or its version field."""
    shown = read_description(form.request_vars.get(SHOWN)).get(WHOLE)
    if shown is None or not strict:
        return False
    text = whole_text(form.table, current) if strict is True else str(current[strict])
    return digest(WHOLE, text) != shown


def conflicting(form: Any, current: Any, names: Iterable[str], values: Any) -> Storage:
    """Return the conflicts: by field a Storage with `mine` and `theirs`.

    Args:
        current: record as it is stored now.
        names: fields that the visitor has changed, or all of the form when it shall be deleted.
        values: what the visitor wants stored.
    """
    shown = read_description(form.request_vars.get(SHOWN))
    found = Storage()
    for name in names:
        field = form.table[name]
        if name not in shown or name not in current:
            continue
        theirs = shown_text(field, current[name])
        if digest(name, theirs) == shown[name]:
            continue
        mine = shown_text(field, values[name]) if name in values else None
        if mine != theirs:
            own = values.get(name)
            if name in form.new_files:
                own = getattr(form.request_vars.get(name), "filename", own)
            found[name] = Storage(mine=own, theirs=current[name])
    return found


def report(form: Any) -> Any:
    """Return the element that shows both values of each conflict, and the ways out (OCC-08)."""
    from runtime.forms.layout import represented

    rows = []
    for name, values in form.conflicts.items():
        field = form.table[name]
        mine: Any = values.mine
        if name not in form.new_files:
            mine = represented(form, field, mine, form.record)
        theirs = represented(form, field, values.theirs, form.record)
        rows.append(TR(TH(field.label, _scope="row"), TD(mine), TD(theirs)))
    parts: list[Any] = [P(say(CHANGED))]
    if rows:
        head = TR(TH(""), TH(say("Your value"), _scope="col"), TH(say("Stored now"), _scope="col"))
        parts.append(TABLE(THEAD(head), TBODY(*rows)))
    parts.append(P(A(say("Give up my changes"), _href="")))
    return DIV(*parts, _class="w2p_conflict alert alert-warning", _role="alert")
