"""`CRYPT`: modern hashes, old ones verify (NAMES-07, FUN-03)."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from runtime.dal import passwords
from runtime.dal.validators import CRYPT

OWN_DEFAULT = passwords.DEFAULT_ALGORITHM


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "DEFAULT_ALGORITHM", "scrypt(16,8,1)")


def crypt(password, **options):
    return CRYPT(**options)(password)[0]


def test_names_07_new_hashes_are_scrypt_with_their_own_salt():
    """NAMES-07: documented shape algorithm$salt$hash; two of one password differ."""
    first, second = str(crypt("secret")), str(crypt("secret"))
    assert first.startswith("scrypt(16,8,1)$")
    assert first.count("$") == 2
    assert first != second
    assert crypt("secret") == first
    assert crypt("secret") == second
    assert crypt("Secret") != first
    assert "secret" not in first


def test_names_07_the_default_costs_what_it_should():
    """FUN-03: at least the least that is recommended for scrypt today."""
    n, r, p = map(int, OWN_DEFAULT[7:-1].split(","))
    assert (n * r * p, r) >= (16384 * 8 * 5, 8)


def sha(name, text):
    return hashlib.new(name, text.encode()).hexdigest()


SALTED = hashlib.pbkdf2_hmac("sha512", b"secret", b"salt", 1000, 20).hex()
OLD = [
    ({}, f"pbkdf2(1000,20,sha512)$salt${SALTED}"),
    ({"key": "sha512:k"}, f"pbkdf2(1000,20,sha512)$salt${SALTED}"),
    *(
        ({}, f"{name}$salt${sha(name, 'secretsalt')}")
        for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
    ),
    *(({}, f"{name}$${sha(name, 'secret')}") for name in ("md5", "sha512")),
    *(({}, sha(name, "secret")) for name in ("md5", "sha1", "sha256", "sha512")),
    ({"key": "k"}, hmac.new(b"k", b"secret", "sha512").hexdigest()),
    ({"key": "sha512:k"}, "sha512$salt$" + hmac.new(b"ksalt", b"secret", "sha512").hexdigest()),
    ({"key": "md5:k"}, "md5$salt$" + hmac.new(b"ksalt", b"secret", "md5").hexdigest()),
]


@pytest.mark.parametrize(("options", "stored"), OLD)
def test_names_07_old_hashes_verify_and_ask_for_renewal(options, stored):
    """NAMES-07: pbkdf2, digests with and without salt, with the application's key."""
    assert crypt("secret", **options) == stored
    assert crypt("wrong", **options) != stored
    assert CRYPT(**options).needs_renewal(stored)
    renewed = str(crypt("secret", **options))
    assert not CRYPT(**options).needs_renewal(renewed)
    assert crypt("secret", **options) == renewed


def test_names_07_the_key_of_the_application_matters():
    """NAMES-07."""
    stored = str(crypt("secret", key="sha512:one"))
    assert crypt("secret", key="sha512:one") == stored
    assert crypt("secret", key="sha512:two") != stored
    assert crypt("secret") != stored


def test_names_07_an_algorithm_asked_for_is_used():
    """NAMES-07: for applications that share hashes with others."""
    assert str(crypt("secret", digest_alg="sha1", salt=False)) == "sha1$$" + sha("sha1", "secret")
    assert (
        str(crypt("secret", digest_alg="pbkdf2(1000,20,sha512)", salt="salt"))
        == f"pbkdf2(1000,20,sha512)$salt${SALTED}"
    )


@pytest.mark.parametrize(
    "stored", [None, "", "x", "a$b$c", "scrypt(0,0,0)$a$b", "scrypt(16,8)$a$b", "$$", "md5$$", 7]
)
def test_names_07_what_is_no_hash_matches_nothing(stored):
    """NAMES-07."""
    assert crypt("secret") != stored


def test_names_07_lengths_and_stars():
    """NAMES-07: bounds with a message; stars mean "as it was"."""
    assert CRYPT(min_length=8)("short")[1] == "Too short"
    assert CRYPT()("")[1]
    assert CRYPT()("x" * 2000)[1] == "Too long"
    assert CRYPT()("******") == (None, None)
    assert CRYPT().formatter("hash") == "******"
    assert str(crypt("ü\ud800")).startswith("scrypt")
