"""Where `_next` may lead: to this site, nowhere else."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import unquote, urlsplit

_LONGEST = 4000


def safe_next(address: Any, hosts: Collection[str]) -> str | None:
    """Return `address` when every browser takes it for one of this site, else None.

    Browsers drop tabs and line breaks, read backslashes as slashes, and take two
    slashes for the beginning of a host; so anything of that kind is refused.

    Args:
        address: what a visitor's link or form says.
        hosts: hosts (with port) that are this site, for absolute addresses.
    """
    if not isinstance(address, str) or not address or len(address) > _LONGEST:
        return None
    if any(character <= " " or character in '\\"<>\x7f' or character.isspace() for character in address):
        return None
    if not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        decoded = unquote(parts.path)
    except ValueError:
        return None
    if "\\" in decoded or decoded.startswith("//") or any(c < " " for c in decoded):
        return None
    if parts.scheme or parts.netloc:
        allowed = parts.scheme in ("http", "https") and parts.netloc in hosts
        return address if allowed else None
    return address if address.startswith("/") and not address.startswith("//") else None
