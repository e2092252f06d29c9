"""Bytes of a session: a pickle of plain data behind a code over it with a key of the installation.

What the code does not cover is never unpickled.
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
from runtime.foundation.locks import file_lock

_MARK = b"HS2"
_DIGEST = 32
_HEAD = len(_MARK) + _DIGEST
_KEY_BYTES = 32
_KEYS: dict[str, bytes] = {}


def site_key(site_root: str | os.PathLike[str]) -> bytes:
    """Return the site's secret key, made at first use in ``private/session.key`` of the site folder.

    Raises:
        OSError: the key can be neither read nor written.
    """
    root = os.fspath(site_root)
    key = _KEYS.get(root)
    if key is None:
        path = Path(root) / "private" / "session.key"
        key = _read_key(path) or _make_key(path)
        _KEYS[root] = key
    return key


def _read_key(path: Path) -> bytes | None:
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        return None
    return key if len(key) >= _KEY_BYTES else None  # a cut key would sign nothing


def _make_key(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file_lock(path.with_suffix(".lock")):  # all processes use the key that the first one made
        key = _read_key(path)
        if key is None:
            key = secrets.token_bytes(_KEY_BYTES)
            write_atomic(path, key, mode=0o600)
    return key


def _pickled(data: dict[Any, Any]) -> bytes:
    return pickle.dumps(data, protocol=pickle.HIGHEST_PROTOCOL)


def encode(data: dict[Any, Any], key: bytes) -> bytes:
    """Return `data` pickled and signed.

    Raises:
        Exception: something in `data` can not be pickled (SESS-16).
    """
    return _sign(_pickled(data), key)


def _sign(payload: bytes, key: bytes) -> bytes:
    return _MARK + _code(payload, key) + payload


def _code(payload: bytes, key: bytes) -> bytes:
    """Return the code over `payload`; BLAKE2b takes a key by itself, at a fraction of an HMAC's time."""
    return hashlib.blake2b(payload, key=key[: hashlib.blake2b.MAX_KEY_SIZE], digest_size=_DIGEST).digest()


def encode_changed(data: dict[Any, Any], blob: bytes, key: bytes) -> bytes | None:
    """Return `data` pickled and signed; None when `blob` holds the same.

    Raises:
        Exception: something in `data` can not be pickled (SESS-16).
    """
    payload = _pickled(data)
    if payload == blob[_HEAD:]:
        return None
    before = decode(blob, key)  # pickles of equal data differ when parts are shared: compare like with like
    if before is not None and payload == _pickled(before):
        return None
    return _sign(payload, key)


def covered_payload(blob: bytes, key: bytes) -> bytes | None:
    """Return the pickle in `blob`; None when it is cut, forged or of another installation."""
    if len(blob) <= _HEAD or not blob.startswith(_MARK):
        return None
    payload = blob[_HEAD:]
    if not hmac.compare_digest(blob[len(_MARK) : _HEAD], _code(payload, key)):
        return None
    return payload


def decode(blob: bytes, key: bytes) -> dict[Any, Any] | None:
    """Return the data of `blob`; None when it is cut, forged or of another installation."""
    payload = covered_payload(blob, key)
    if payload is None:
        return None
    try:
        data = pickle.loads(payload)  # noqa: S301  # our own bytes: the code above says so
    except Exception:  # a class that is gone, or changed: any error at all
        return None
    return data if isinstance(data, dict) else None
