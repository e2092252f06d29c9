"""A keyring in a file, encrypted with a passphrase, for systems that have none (ST-05)."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from keyring.backend import KeyringBackend
from keyring.errors import KeyringError, PasswordDeleteError

from runtime.foundation.files import write_atomic
from runtime.foundation.locks import file_lock

FORMAT = 1
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**14, 8, 1  # 16 MB and about 40 ms per passphrase tried
SALT_BYTES, NONCE_BYTES, KEY_BYTES = 16, 12, 32


class VaultError(KeyringError):
    """The passphrase does not fit, or the file is damaged."""


class Vault(KeyringBackend):
    """All passwords in one AES-GCM message; the key is derived from the passphrase by scrypt.

    It has no `priority`, so keyring never chooses it by itself.

    Args:
        path: the file; its folder must exist.  Readable for its owner only, replaced in one step.
        passphrase: of the person.
    """

    def __init__(self, path: Path, passphrase: str) -> None:
        self._path = path
        self._passphrase = passphrase.encode("utf-8")
        self._salt = b""
        self._key = b""

    def fits(self) -> bool:
        """Whether the passphrase opens the file; True when there is none yet.

        Raises:
            OSError: the file cannot be read.
        """
        try:
            self._read()
        except VaultError:
            return False
        return True

    def get_password(self, service: str, username: str) -> str | None:
        """The password, or None.

        Raises:
            VaultError: the passphrase does not fit, or the file is damaged.
        """
        return self._read().get(service, {}).get(username)

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep a password.

        Raises:
            VaultError: the passphrase does not fit, or the file is damaged.
        """
        with self._lock():
            entries = self._read()
            entries.setdefault(service, {})[username] = password
            self._write(entries)

    def delete_password(self, service: str, username: str) -> None:
        """Remove a password.

        Raises:
            PasswordDeleteError: there is none.
        """
        with self._lock():
            entries = self._read()
            if username not in entries.get(service, {}):
                raise PasswordDeleteError("there is no such password")
            del entries[service][username]
            self._write(entries)

    def _lock(self) -> Any:
        return file_lock(self._path.with_name(f"{self._path.name}.lock"))

    def _read(self) -> dict[str, dict[str, str]]:
        try:
            text = self._path.read_text("utf-8")
        except FileNotFoundError:
            return {}
        try:
            document = json.loads(text)
            salt, nonce, sealed = (base64.b64decode(document[name]) for name in ("salt", "nonce", "sealed"))
            if document["format"] != FORMAT:
                raise VaultError("the password file is of another version")
            plain = AESGCM(self._key_for(salt)).decrypt(nonce, sealed, _header(salt))
            entries: dict[str, dict[str, str]] = json.loads(plain)
        except (InvalidTag, ValueError, KeyError, TypeError):
            raise VaultError("the passphrase does not fit, or the password file is damaged") from None
        return entries

    def _write(self, entries: dict[str, dict[str, str]]) -> None:
        salt = self._salt or os.urandom(SALT_BYTES)
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self._key_for(salt)).encrypt(nonce, json.dumps(entries).encode(), _header(salt))
        parts = {"salt": salt, "nonce": nonce, "sealed": sealed}
        texts = {name: base64.b64encode(part).decode() for name, part in parts.items()}
        write_atomic(self._path, json.dumps({"format": FORMAT, **texts}), mode=0o600)

    def _key_for(self, salt: bytes) -> bytes:
        if salt != self._salt:
            derive = Scrypt(salt=salt, length=KEY_BYTES, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
            self._key, self._salt = derive.derive(self._passphrase), salt
        return self._key


def _header(salt: bytes) -> bytes:
    """What the message vouches for beside its content."""
    return b"hadron-vault-%d" % FORMAT + salt
