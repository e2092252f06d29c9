"""Sessions in an encrypted cookie (SESS-13, SESS-14, LIB-30)."""

from __future__ import annotations

import base64
import hashlib
import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LIMIT = 4000
"""Letters of a cookie's value that browsers are sure to keep."""
_NONCE = 12


class CookieTooLarge(Exception):
    """The session does not fit into a cookie; the text says how large it is."""


def _cipher(key: str, application: str) -> AESGCM:
    return AESGCM(hashlib.sha256(f"hadron session of {application}\0{key}".encode()).digest())


def seal(blob: bytes, key: str, application: str, compression_level: int | None) -> str:
    """Return `blob` compressed if asked, encrypted and authenticated, as the value of a cookie.

    Raises:
        CookieTooLarge: the value would be longer than `LIMIT`.
    """
    data = b"z" + zlib.compress(blob, compression_level) if compression_level else b"p" + blob
    nonce = os.urandom(_NONCE)
    sealed = nonce + _cipher(key, application).encrypt(nonce, data, None)
    value = base64.urlsafe_b64encode(sealed).decode("ascii")
    if len(value) > LIMIT:
        raise CookieTooLarge(
            f"the session takes {len(value)} letters of a cookie, {LIMIT} at most can be kept"
        )
    return value


def unseal(value: str, key: str, application: str) -> bytes | None:
    """Return what `seal` was given; None for anything that was altered, cut or made with another key."""
    try:
        sealed = base64.urlsafe_b64decode(value.encode("ascii"))
        data = _cipher(key, application).decrypt(sealed[:_NONCE], sealed[_NONCE:], None)
        if data[:1] != b"z":
            return data[1:]
        machine = zlib.decompressobj()
        plain = machine.decompress(data[1:], 1 << 20)
        return plain if machine.eof else None
    except (ValueError, InvalidTag, zlib.error, UnicodeEncodeError):
        return None
