"""Passwords of users: checked in a time that does not tell whether the user exists."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from runtime.dal.passwords import CRYPT


def crypt_of(field: Any) -> Any:
    """Return a copy of the `CRYPT` among a field's validators that takes passwords of any length."""
    rules = field.requires if isinstance(field.requires, (list, tuple)) else [field.requires]
    for rule in reversed(rules):
        if isinstance(rule, CRYPT):
            lenient = copy.copy(rule)
            lenient.min_length = 0
            return lenient
    return CRYPT()


def hashed(crypt: Any, password: str) -> str:
    """Return the hash of a password."""
    return str(crypt(password)[0])


@lru_cache(maxsize=32)
def _decoy(key: Any, algorithm: str) -> str:
    """Return the up-to-date hash of a password that nobody has."""
    return hashed(CRYPT(key=key, digest_alg=algorithm), "no password of anybody")


def verify(crypt: Any, password: Any, stored: Any) -> bool:
    """Tell whether a password belongs to a stored hash.

    Without a stored hash, or with one made in an older and faster way, as much is
    calculated as for a wrong password of an up-to-date user.

    Args:
        crypt: see `crypt_of`.
        password: as it was typed.
        stored: from the user's record; None for a user who does not exist.
    """
    lazy, _ = crypt(str(password or ""))
    usable = lazy is not None and not isinstance(lazy, str)
    if not usable:  # empty, too long, or the stars that stand for a password
        lazy = crypt("x")[0]
    right = isinstance(stored, str) and bool(stored) and bool(lazy == stored)
    if not right and (not stored or crypt.needs_renewal(stored)):
        _ = lazy == _decoy(crypt.key, crypt.algorithm)
    return right and usable
