"""Sessions in an encrypted cookie (SESS-13, SESS-14, LIB-30)."""

from __future__ import annotations

import struct
import time
import zlib

from runtime.foundation import sealing

LIMIT = 3800
"""Letters of a cookie's value that browsers are sure to keep: 4096 with its name and attributes."""
_MOST = 1 << 20
_TIME = struct.Struct(">d")


class CookieTooLarge(Exception):
    """The session does not fit into a cookie; the text says how large it is."""


def _secret(key: str, application: str) -> bytes:
    return f"hadron session of {application}\0{key}".encode()


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
    stamped = _TIME.pack(time.time()) + data
    value = sealing.seal(stamped, _secret(key, application), client.encode()).decode("ascii")
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
    plain = sealing.unseal(value.encode("ascii", "replace"), _secret(key, application), client.encode())
    if plain is None:
        return None
    try:
        (sealed_at,) = _TIME.unpack_from(plain)
        kind, data = plain[_TIME.size : _TIME.size + 1], plain[_TIME.size + 1 :]
        if kind == b"p":
            return data, sealed_at
        machine = zlib.decompressobj()
        blob = machine.decompress(data, _MOST)
        return (blob, sealed_at) if machine.eof else None
    except (zlib.error, struct.error):
        return None
