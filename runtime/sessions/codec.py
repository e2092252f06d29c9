"""Bytes of a session: a pickle of plain data behind a per-installation HMAC.

What the HMAC does not cover is never unpickled.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import pickle
import secrets
from pathlib import Path
from typing import Any

from runtime.foundation.files import write_atomic

_MARK = b"HS1"
_DIGEST = 32


def site_key(site_root: str | os.PathLike[str]) -> bytes:
    """Return the site's secret key, made at first use in ``private/session.key`` of the site folder.

    Raises:
        OSError: the key can be neither read nor written.
    """
    path = Path(site_root) / "private" / "session.key"
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomic(path, secrets.token_bytes(32), mode=0o600)
        key = path.read_bytes()  # another process may have written first: all use what is there
    return key


def encode(data: dict[Any, Any], key: bytes) -> bytes:
    """Return `data` pickled and signed.

    Raises:
        Exception: something in `data` can not be pickled (SESS-16).
    """
    payload = pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL)
    return _MARK + hmac.digest(key, payload, hashlib.sha256) + payload


def same_data(data: dict[Any, Any], blob: bytes, key: bytes) -> bool:
    """Tell whether `data` is what `blob` holds; an equal pickle decides, else both are pickled afresh.

    Raises:
        Exception: something in `data` can not be pickled (SESS-16).
    """
    payload = blob[len(_MARK) + _DIGEST :]
    now = pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL)
    if now == payload:
        return True
    before = decode(blob, key)  # pickles of equal data differ when parts are shared: compare like with like
    return before is not None and now == pickle.dumps(before, protocol=pickle.HIGHEST_PROTOCOL)


def decode(blob: bytes, key: bytes) -> dict[Any, Any] | None:
    """Return the data of `blob`; None when it is cut, forged or of another installation."""
    head = len(_MARK) + _DIGEST
    if len(blob) <= head or not blob.startswith(_MARK):
        return None
    payload = blob[head:]
    if not hmac.compare_digest(blob[len(_MARK) : head], hmac.digest(key, payload, hashlib.sha256)):
        return None
    try:
        data = pickle.loads(payload)  # noqa: S301  # our own bytes: the HMAC above says so
    except Exception:  # a class that is gone, or changed: any error at all
        return None
    return data if isinstance(data, dict) else None
