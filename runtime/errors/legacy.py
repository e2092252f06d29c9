"""Reading the old framework's pickled tickets without building any class (TK-16)."""

from __future__ import annotations

import io
import pickle
import time
from typing import Any

from runtime.errors.safe_values import safe_mapping
from runtime.errors.ticket import Ticket, TicketError

LIMIT = 16 * 1024 * 1024


class _Opaque:
    """Stands for an object of any class: keeps nothing but the class's name, runs nothing of it."""

    _name = "object"

    def __new__(cls, *_arguments: Any, **_values: Any) -> _Opaque:
        return object.__new__(cls)

    def __init__(self, *_arguments: Any, **_values: Any) -> None:
        pass

    def __setstate__(self, _state: Any) -> None:
        pass

    def __setitem__(self, _key: Any, _value: Any) -> None:
        pass

    def append(self, _value: Any) -> None:
        """Take an item of a list-like class, and forget it."""

    def extend(self, _values: Any) -> None:
        """Take items of a list-like class, and forget them."""

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"<{self._name}>"


class _PlainUnpickler(pickle.Unpickler):
    """Builds numbers, texts, lists, tuples, dictionaries; every class becomes an `_Opaque`."""

    def find_class(self, module: str, name: str) -> Any:
        return type("_Opaque", (_Opaque,), {"_name": f"{module}.{name}"[:200]})

    def persistent_load(self, _pid: Any) -> Any:
        return None


def read_legacy(data: bytes, ticket_id: str, application: str, written: float) -> Ticket:
    """Return the ticket that the old framework's pickle `data` holds.

    Args:
        data: content of the file.
        ticket_id: its name.
        application: whose folder it lies in.
        written: seconds since 1970 when the file was written.

    Raises:
        TicketError: it is no such pickle, too large, or cut.
    """
    if len(data) > LIMIT:
        raise TicketError(f"ticket {ticket_id} is larger than {LIMIT} bytes")
    try:
        content = _PlainUnpickler(io.BytesIO(data), encoding="utf-8", errors="replace").load()
    except Exception as error:  # whatever a foreign or cut pickle does to the unpickler
        raise TicketError(f"ticket {ticket_id} can not be read: {type(error).__name__}: {error}") from error
    if not isinstance(content, dict):
        raise TicketError(f"ticket {ticket_id} holds no ticket")
    trace = str(content.get("traceback") or "")
    last = next((line for line in reversed(trace.splitlines()) if line.strip()), "")
    kind, _, message = last.partition(":")
    snapshot = content.get("snapshot")
    parts = snapshot if isinstance(snapshot, dict) else {}
    shown = {
        name: parts.get(name)
        for name in ("request", "session", "response")
        if isinstance(parts.get(name), dict)
    }
    return Ticket(
        id=ticket_id,
        application=application,
        time=time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(written)),
        layer=str(content.get("layer") or ""),
        exception=kind.strip()[:200] or "unknown",
        message=message.strip()[:2000],
        traceback=trace,
        request=safe_mapping(shown.get("request") or {}),
        session=safe_mapping(shown.get("session") or {}),
        response=safe_mapping(shown.get("response") or {}),
        versions={"python": str(parts.get("pyver") or "")},
        group="",
    )
