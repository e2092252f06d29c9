"""`CRYPT`: passwords are stored as scrypt hashes; hashes of the old framework verify (NAMES-07)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any

import pydal.validators

DEFAULT_ALGORITHM = "scrypt(16384,8,5)"
"""Algorithm of new hashes: scrypt with n, r, p; needs 16 MB and about a quarter of a second."""

_SCRYPT = re.compile(r"scrypt\((\d{1,9}),(\d{1,4}),(\d{1,4})\)")
_PBKDF2 = re.compile(r"pbkdf2\((\d{1,9}),(\d{1,4}),(\w+)\)")
_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_BY_SIZE = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_MEMORY = 512 * 1024 * 1024


def hash_password(password: str, key: str, salt: str, algorithm: str) -> str:
    """Return the hexadecimal hash of a password.

    Args:
        password: as typed.
        key: secret of the application, empty for none. The old pbkdf2 hashes take no notice of it.
        salt: of this password.
        algorithm: ``scrypt(n,r,p)``, ``pbkdf2(iterations,bytes,digest)``, or the name of a digest.

    Raises:
        ValueError: the algorithm is unknown.
    """
    data = password.encode("utf-8", "surrogatepass")
    if found := _SCRYPT.fullmatch(algorithm):
        n, r, p = map(int, found.groups())
        if key:
            data = hmac.digest(key.encode(), data, "sha512")
        return hashlib.scrypt(data, salt=salt.encode(), n=n, r=r, p=p, maxmem=_MEMORY, dklen=32).hex()
    if found := _PBKDF2.fullmatch(algorithm):
        digest = _known(found[3])
        return hashlib.pbkdf2_hmac(digest, data, salt.encode(), int(found[1]), int(found[2])).hex()
    digest = _known(algorithm)
    if key:
        return hmac.new((key + salt).encode(), data, digest).hexdigest()
    return hashlib.new(digest, data + salt.encode(), usedforsecurity=False).hexdigest()


def _hash_length(algorithm: str) -> int:
    """Return the length of what `hash_password` makes.

    Raises:
        ValueError: the algorithm is unknown.
    """
    if _SCRYPT.fullmatch(algorithm):
        return 64
    if found := _PBKDF2.fullmatch(algorithm):
        return 2 * int(found[2])
    return 2 * hashlib.new(_known(algorithm), usedforsecurity=False).digest_size


def _known(digest: str) -> str:
    if digest.lower() not in _DIGESTS:
        raise ValueError(f"unknown password algorithm {digest!r}")
    return digest.lower()


class LazyCrypt(pydal.validators.LazyCrypt):  # type: ignore[misc]  # pydal has no types
    """A password that is hashed when its text is asked for, and compares with stored hashes of any kind."""

    crypt: CRYPT
    password: str
    crypted: str | None

    def __str__(self) -> str:
        if self.crypted is None:
            salt = self.crypt.salt
            text = secrets.token_hex(16) if salt is True else str(salt or "")
            algorithm = self.crypt.algorithm
            hashed = hash_password(str(self.password), self.crypt.secret, text, algorithm)
            self.crypted = f"{algorithm}${text}${hashed}"
        return self.crypted

    def __eq__(self, stored: object) -> bool:
        """Tell whether this password is that of a stored hash; in constant time."""
        if isinstance(stored, LazyCrypt):
            same = hmac.compare_digest(_bytes(self.password), _bytes(stored.password))
            return same and self.crypt.key == stored.crypt.key
        if not isinstance(stored, str) or not stored:
            return False
        algorithm, salt, wanted = _parts(stored)
        try:
            hashed = hash_password(str(self.password), self.crypt.secret, salt, algorithm)
        except ValueError:
            return False
        return hmac.compare_digest(_bytes(hashed), _bytes(wanted))

    def __ne__(self, stored: object) -> bool:
        return not self == stored

    __hash__ = None  # type: ignore[assignment]  # equal to hashes of many texts


def _bytes(text: Any) -> bytes:
    return str(text).encode("utf-8", "surrogatepass")


def _parts(stored: str) -> tuple[str, str, str]:
    """Return algorithm, salt and hash of a stored text; without ``$`` its length tells the algorithm."""
    if stored.count("$") == 2:
        algorithm, salt, hashed = stored.split("$")
        return algorithm, salt, hashed
    return _BY_SIZE.get(len(stored), ""), "", stored


class CRYPT(pydal.validators.CRYPT):  # type: ignore[misc]  # pydal has no types
    """Turn a password into its hash: ``algorithm$salt$hash``.

    Args:
        key: secret of the application that enters the hash; ``algorithm:secret`` of the old framework
            is understood, and the algorithm in it is used to read old hashes only.
        digest_alg: algorithm of new hashes, `DEFAULT_ALGORITHM` unless given.
        min_length: fewer characters are refused.
        error_message: for those.
        salt: True makes one for each password, a text is used as it is, False leaves it out.
        max_length: more characters are refused.
    """

    def __init__(
        self,
        key: Any = None,
        digest_alg: Any = None,
        min_length: int = 0,
        error_message: Any = "Too short",
        salt: Any = True,
        max_length: int = 1024,
    ) -> None:
        super().__init__(
            key=key, digest_alg=digest_alg, min_length=min_length, error_message=error_message, salt=salt,
            max_length=max_length,
        )  # fmt: skip

    @property
    def secret(self) -> str:
        """The secret of the application, empty for none."""
        key = str(self.key) if self.key else ""
        return key.split(":", 1)[1] if ":" in key else key

    @property
    def algorithm(self) -> str:
        """The algorithm of new hashes."""
        return str(self.digest_alg or DEFAULT_ALGORITHM)

    @property
    def length(self) -> int:
        """How many characters a new hash takes.

        Raises:
            ValueError: the algorithm is unknown.
        """
        name = self.algorithm
        salt = 32 if self.salt is True else len(str(self.salt or ""))
        return len(name) + salt + len("$$") + _hash_length(name)

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the password as a `LazyCrypt`; None for the stars that mean "as it was".

        Raises:
            ValidationError: it is empty, too short or too long.
        """
        if value == self.STARS:
            return None
        if isinstance(value, pydal.validators.LazyCrypt):
            return value
        text = "" if value is None else str(value)
        if not text or len(text) < self.min_length:
            raise pydal.validators.ValidationError(self.translator(self.error_message))
        if len(text) > self.max_length:
            raise pydal.validators.ValidationError(self.translator("Too long"))
        return LazyCrypt(self, text)

    def needs_renewal(self, stored: Any) -> bool:
        """Tell whether a stored hash, just verified, should be replaced by a new one of the password."""
        return not isinstance(stored, str) or _parts(stored)[0] != self.algorithm
