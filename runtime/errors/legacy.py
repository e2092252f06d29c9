"""Reading the old framework's pickled tickets without building any class (TK-16)."""

from __future__ import annotations

import io
import pickle
import re
import time
from html import unescape
from typing import Any

from runtime.errors.safe_values import Secrets, mask_text, safe_mapping
from runtime.errors.ticket import Frame, Ticket, TicketError, fingerprint

LIMIT = 16 * 1024 * 1024
_FRAME_LINE = 'File "'


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


class _Mapping(dict[Any, Any]):
    """Stands for the framework's own dictionaries, whose items are worth showing."""

    def __init__(self, *values: Any) -> None:
        super().__init__()
        if len(values) == 1 and isinstance(values[0], dict):
            self.update(values[0])

    def __setstate__(self, state: Any) -> None:
        if isinstance(state, dict):
            self.update(state)


_MAPPINGS = frozenset(
    (("gluon.storage", "Storage"), ("gluon.globals", "Request"), ("gluon.globals", "Response"))
) | {("gluon.globals", "Session"), ("collections", "OrderedDict")}


def _markup(data: Any = b"", *_rest: Any) -> str:
    """Stand for the framework's pickled markup: a text in the interpreter's own format for constants."""
    if isinstance(data, str):
        return _without_tags(data)
    if not isinstance(data, bytes) or not data:
        return ""
    short = data[0] & 0x7F in b"zZ"  # one byte of length, else four
    return _without_tags(data[2 if short else 5 :].decode("utf-8", "replace"))


def _bytes(text: Any, *_encoding: Any) -> bytes:
    """Stand for how old pickles spell bytes."""
    return text.encode("latin-1", "replace") if isinstance(text, str) else b""


def _without_tags(text: str) -> str:
    return " ".join(unescape(_TAG.sub(" ", text[:LIMIT])).split())[:4000]


_TAG = re.compile(r"<[^<>]{0,500}>")


class _PlainUnpickler(pickle.Unpickler):
    """Builds numbers, texts, lists, tuples, dictionaries; every class becomes a stand-in."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _MAPPINGS:
            return _Mapping
        if (module, name) in (("gluon.html", "XML_unpickle"), ("gluon.html", "XML")):
            return _markup
        if (module, name) == ("_codecs", "encode"):
            return _bytes
        return type("_Opaque", (_Opaque,), {"_name": f"{module}.{name}"[:200]})

    def persistent_load(self, _pid: Any) -> Any:
        return None


def read_legacy(data: bytes, ticket_id: str, application: str, written: float) -> Ticket:
    """Return the ticket that the old framework's pickle `data` holds.

    Args:
        data: content of the file.
        ticket_id: its name.
        application: whose folder it lies in.
        written: seconds since 1970 when it was written.

    Raises:
        TicketError: it is no such pickle, too large, or cut.
    """
    if len(data) > LIMIT:
        raise TicketError(f"ticket {ticket_id} is larger than {LIMIT} bytes")
    try:
        content = _PlainUnpickler(io.BytesIO(data), encoding="utf-8", errors="replace").load()
    except (Exception, RecursionError) as error:  # whatever a foreign or cut pickle does to the unpickler
        raise TicketError(f"ticket {ticket_id} can not be read: {type(error).__name__}: {error}") from error
    if not isinstance(content, dict):
        raise TicketError(f"ticket {ticket_id} holds no ticket")
    trace = _text(content.get("traceback")).strip()
    last = next((line for line in reversed(trace.splitlines()) if line.strip()), "")
    kind, _, message = last.partition(":")
    kind = kind.strip().rpartition(".")[2][:200] or "unknown"
    snapshot = content.get("snapshot")
    parts = snapshot if isinstance(snapshot, dict) else {}
    frames = _recorded_frames(parts.get("frames")) or _frames(trace)
    place = next((frame for frame in reversed(frames) if frame.own), frames[-1] if frames else None)
    return Ticket(
        id=ticket_id,
        application=application,
        time=time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(written)),
        layer=_text(content.get("layer")) or (place.file if place else ""),
        line=place.line if place else 0,
        function=place.function if place else "",
        exception=kind,
        message=mask_text(message.strip()[:2000]),
        traceback="\n".join(map(mask_text, trace.splitlines())),
        frames=frames,
        request=_part(parts, "request"),
        session=_part(parts, "session"),
        response=_part(parts, "response"),
        versions={"python": _text(parts.get("pyver"))},
        group=fingerprint(kind, frames) if frames else "",
    )


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _part(parts: dict[Any, Any], name: str) -> dict[str, str]:
    found = parts.get(name)
    if isinstance(found, str) and found:
        return {name: mask_text(found)}
    if not isinstance(found, dict):
        return {}
    clean = Secrets().clean
    return {key: clean(value) for key, value in safe_mapping(found).items()}


def _recorded_frames(found: Any) -> list[Frame]:
    """Return the calls that the old framework recorded, with lines and variables; none when odd."""
    frames = []
    for entry in found if isinstance(found, list) else []:
        lines = entry.get("lines") if isinstance(entry, dict) else None
        if not isinstance(lines, dict) or not isinstance(entry.get("lnum"), int):
            return []
        source = sorted(
            (number, mask_text(_text(text).rstrip("\n")[:400]))
            for number, text in lines.items()
            if isinstance(number, int)
        )
        shown, file, clean = entry.get("dump"), _text(entry.get("file")), Secrets().clean
        values = safe_mapping(shown) if isinstance(shown, dict) else {}
        variables = {name: clean(value) for name, value in values.items()}
        frames.append(
            Frame(file, entry["lnum"], _text(entry.get("func")), _is_own(file), source[:20], variables)
        )
    return frames[-60:]


def _is_own(file: str) -> bool:
    return "applications/" in file.replace("\\", "/") and "site-packages" not in file


def _frames(trace: str) -> list[Frame]:
    """Return the calls that the text of a traceback names."""
    lines, frames = trace.splitlines(), []
    for number, line in enumerate(lines):
        text = line.strip()
        if not text.startswith(_FRAME_LINE):
            continue
        file, _, rest = text.removeprefix(_FRAME_LINE).partition('", line ')
        digits, _, function = rest.partition(", in ")
        if not digits.isdecimal() or len(digits) > 9:
            continue
        code = lines[number + 1].strip() if number + 1 < len(lines) else ""
        source = [(int(digits), mask_text(code))] if code and not code.startswith(_FRAME_LINE) else []
        frames.append(Frame(file, int(digits), function, _is_own(file), source))
    return frames[-60:]
