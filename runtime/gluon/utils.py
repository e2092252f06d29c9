"""``gluon.utils``: identifiers and digests."""

from __future__ import annotations

import hashlib
import hmac
import uuid


def web2py_uuid() -> str:
    """Return a new random identifier, as a UUID is written."""
    return str(uuid.uuid4())


def compare(a: str | bytes, b: str | bytes) -> bool:
    """Tell whether two texts are equal, in a time that does not depend on where they differ."""
    left = a.encode("utf-8") if isinstance(a, str) else a
    right = b.encode("utf-8") if isinstance(b, str) else b
    return hmac.compare_digest(left, right)


def md5_hash(text: str | bytes) -> str:
    """Return the MD5 digest of `text` in hexadecimal; for names of things, not for secrets."""
    data = text.encode("utf-8") if isinstance(text, str) else text
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


__all__ = ["compare", "md5_hash", "web2py_uuid"]
