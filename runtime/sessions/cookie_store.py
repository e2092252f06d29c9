"""Sessions in an encrypted cookie (SESS-13, SESS-14, LIB-30)."""

from __future__ import annotations

import base64
import hashlib
import os
import struct
import time
import zlib
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LIMIT = 3800
"""Letters of a cookie's value that browsers are sure to keep: 4096 with its name and attributes."""
_NONCE = 12
_MOST = 1 << 20
_TIME = struct.Struct(">d")


class CookieTooLarge(Exception):
    """The session does not fit into a cookie; the text says how large it is."""


@lru_cache(maxsize=64)
def _cipher(key: str, application: str) -> AESGCM:
    return AESGCM(hashlib.sha256(f"hadron session of {application}\0{key}".encode()).digest())


def seal(blob: bytes, key: str, application: str, compression_level: int | None, client: str = "") -> str:
    """Return `blob` compressed if asked, encrypted and authenticated, as the value of a cookie.

    Args:
        blob: the session's bytes.
        key: secret of the application.
        application: whose session it is; another application can not read it.
        compression_level: 1 to 9; None or 0 does not compress.
        client: address that alone may send it back; empty for any.

    Raises:
        CookieTooLarge: the value would be longer than `LIMIT`.
    """
    data = b"z" + zlib.compress(blob, compression_level) if compression_level else b"p" + blob
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(key, application).encrypt(nonce, _TIME.pack(time.time()) + data, client.encode())
    value = base64.urlsafe_b64encode(sealed).decode("ascii")
    if len(value) > LIMIT:
        raise CookieTooLarge(
            f"the session takes {len(value)} letters of a cookie, {LIMIT} at most can be kept"
        )
    return value


def unseal(value: str, key: str, application: str, client: str = "") -> tuple[bytes, float] | None:
    """Return what `seal` was given, and when.

    Returns:
        The bytes and the time in seconds since 1970; None for anything that
        was altered, cut, or sealed with another key, application or client.
    """
    try:
        sealed = base64.urlsafe_b64decode(value.encode("ascii"))
        plain = _cipher(key, application).decrypt(sealed[:_NONCE], sealed[_NONCE:], client.encode())
        (sealed_at,) = _TIME.unpack_from(plain)
        kind, data = plain[_TIME.size : _TIME.size + 1], plain[_TIME.size + 1 :]
        if kind == b"p":
            return data, sealed_at
        machine = zlib.decompressobj()
        blob = machine.decompress(data, _MOST)
        return (blob, sealed_at) if machine.eof else None
    except (ValueError, InvalidTag, zlib.error, struct.error):
        return None
