"""``gluon.utils``: identifiers, digests, sealed data."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import pickle
import uuid
import zlib
from typing import Any

from pydal._compat import to_bytes, to_native
from pydal.validators import get_digest, simple_hash

from runtime.foundation import sealing

_SEALED = b"sealed:"


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


def is_valid_ip_address(address: str) -> bool:
    """Tell whether a text is the address of a machine, of version 4 or 6."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def is_loopback_ip_address(ip: str | None = None, addrinfo: object = None) -> bool:
    """Tell whether a text is an address of this very machine; `addrinfo` is accepted and not used."""
    return ip is not None and is_valid_ip_address(ip) and ipaddress.ip_address(ip).is_loopback


def secure_dumps(
    data: Any,
    encryption_key: str | bytes,
    hash_key: str | bytes | None = None,
    compression_level: int | None = None,
) -> bytes:
    """Return `data` pickled, encrypted and authenticated, in letters for cookies and addresses (SITE-08).

    Args:
        data: anything that can be pickled.
        encryption_key: secret of any length.
        hash_key: a second secret; both are needed to read it.
        compression_level: 1 to 9; None or 0 does not compress.

    Raises:
        ValueError: the key is empty, so that anybody could write such data.
        Exception: something in `data` can not be pickled.
    """
    plain = pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL)
    packed = b"z" + zlib.compress(plain, compression_level) if compression_level else b"p" + plain
    return _SEALED + sealing.seal(packed, _secret(encryption_key, hash_key))


def secure_loads(
    data: str | bytes,
    encryption_key: str | bytes,
    hash_key: str | bytes | None = None,
    compression_level: int | None = None,
) -> Any:
    """Return what `secure_dumps` was given with the same keys; None for anything else (SITE-08).

    Nothing that is not authentic is unpickled. What the old framework's function of this name has made can
    not be read.

    Args:
        compression_level: accepted for compatibility; the data tells whether it is compressed.

    Raises:
        ValueError: the key is empty.
    """
    secret = _secret(encryption_key, hash_key)
    text = data.encode("utf-8", "replace") if isinstance(data, str) else bytes(data)
    packed = sealing.unseal(text.removeprefix(_SEALED), secret) if text.startswith(_SEALED) else None
    if not packed:
        return None
    plain = zlib.decompress(packed[1:]) if packed[:1] == b"z" else packed[1:]
    try:
        return pickle.loads(plain)  # noqa: S301  # sealed by who has the keys
    except Exception:  # a class that is gone, or changed: any error at all
        return None


def _secret(encryption_key: str | bytes, hash_key: str | bytes | None) -> bytes:
    """Return one secret made of both keys.

    Raises:
        ValueError: the first is empty.
    """
    keys = [to_bytes(key) if key else b"" for key in (encryption_key, hash_key)]
    if not keys[0]:
        raise ValueError("secure_dumps and secure_loads need a key: give a secret text as encryption_key")
    return b"".join([hashlib.sha256(key).digest() for key in keys])


__all__ = [
    "compare", "get_digest", "is_loopback_ip_address", "is_valid_ip_address", "md5_hash", "secure_dumps",
    "secure_loads", "simple_hash", "to_bytes", "to_native", "web2py_uuid",
]  # fmt: skip
