"""Passwords of users: checked in a time that tells nothing, renewed when the way of hashing is old."""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

from runtime.dal.validators import CRYPT


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


def _scheme(stored: str) -> str:
    """Return the part of a stored hash that says how it was made."""
    if stored.startswith("$"):
        return stored.rsplit("$", 2)[0]
    return stored.partition("$")[0] if stored.count("$") == 2 else ""


@lru_cache(maxsize=32)
def _nobody(key: Any, algorithm: Any) -> str:
    """Return a hash that no password has, made as `CRYPT` with these arguments makes them."""
    crypt = CRYPT(key=key, digest_alg=algorithm) if algorithm is not None else CRYPT(key=key)
    return hashed(crypt, "no password of anybody")


def _decoy(crypt: Any) -> str:
    return _nobody(crypt.key, getattr(crypt, "digest_alg", None))


def verify(crypt: Any, password: Any, stored: Any) -> bool:
    """Tell whether a password belongs to a stored hash.

    Without a stored hash, or with one made in an older and faster way, as much is
    calculated as for a wrong password of an up-to-date user.

    Args:
        crypt: see `crypt_of`.
        password: as it was typed.
        stored: from the user's record; None for a user who does not exist.
    """
    text = str(password or "")
    lazy, error = crypt(text)
    usable = error is None and bool(text)
    if not usable:
        lazy, _ = crypt("x")
    known = isinstance(stored, str) and bool(stored)
    decoy = _decoy(crypt)
    right = bool(lazy == stored) if known else bool(lazy == decoy) and False
    if known and not right and is_outdated(crypt, stored):
        _ = lazy == decoy
    return right and usable and known


def is_outdated(crypt: Any, stored: Any) -> bool:
    """Tell whether a stored hash was made in another way than new ones are."""
    return _scheme(stored) != _scheme(_decoy(crypt))
