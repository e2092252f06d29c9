"""Encrypted and authenticated bytes, as text for cookies and addresses."""

from __future__ import annotations

import base64
import hashlib
import os
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12


@lru_cache(maxsize=64)
def _cipher(secret: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 4 MB, for who seals something

    return AESGCM(hashlib.sha256(secret).digest())


def seal(data: bytes, secret: bytes, holder: bytes = b"") -> bytes:
    """Return `data` encrypted and authenticated, in the letters of URL-safe base64.

    Args:
        data: what nobody else shall read or change.
        secret: key of any length.
        holder: name that has to be told again to open it; it is not kept inside.
    """
    nonce = os.urandom(_NONCE)
    return base64.urlsafe_b64encode(nonce + _cipher(secret).encrypt(nonce, data, holder))


def unseal(sealed: bytes, secret: bytes, holder: bytes = b"") -> bytes | None:
    """Return what `seal` was given; None when it is cut, altered, or not sealed with the same."""
    from cryptography.exceptions import InvalidTag

    try:
        whole = base64.urlsafe_b64decode(sealed)
        return _cipher(secret).decrypt(whole[:_NONCE], whole[_NONCE:], holder)
    except (ValueError, InvalidTag):
        return None
