"""The German texts as a compiled gettext catalog, for the peers that read such."""

from __future__ import annotations

import struct
from pathlib import Path

from peers import workload

_MAGIC = 0x950412DE


def write_catalog(folder: Path, domain: str) -> Path:
    """Write ``de/LC_MESSAGES/DOMAIN.mo`` below `folder`; return its path."""
    path = folder / "de" / "LC_MESSAGES" / f"{domain}.mo"
    path.parent.mkdir(parents=True, exist_ok=True)
    texts = {"": "Content-Type: text/plain; charset=utf-8\n", **workload.WORDS}
    pairs = [(name.encode(), texts[name].encode()) for name in sorted(texts)]
    count = len(pairs)
    head, table = 28, 8 * count
    place, data, indexes = head + 2 * table, b"", b""
    for column in (0, 1):
        for pair in pairs:
            indexes += struct.pack("<II", len(pair[column]), place + len(data))
            data += pair[column] + b"\0"
    path.write_bytes(struct.pack("<7I", _MAGIC, 0, count, head, head + table, 0, 0) + indexes + data)
    return path
