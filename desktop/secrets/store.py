"""The administration password of each site folder: in the system's keyring if there is one (SV-09, ST-05).

Without a usable keyring it is kept until the program ends, or, if the person gives a passphrase, in a file
encrypted with it.  It is never in settings, logs or arguments.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from desktop.processes.lane import Lane
from desktop.settings import config_folder

log = logging.getLogger("hadron.desktop")

SERVICE = "Hadron administration"
VAULT_NAME = "passwords.vault"

GOOD_LENGTH = 12  # characters of a password that needs no variety
LEAST_LENGTH = 8

_WEAK_KEYRINGS = "keyrings.alt"  # files in clear or nearly so, by its own description

KEYRING, FILE, MEMORY = "keyring", "file", "memory"


@dataclass(frozen=True)
class SecretResult:
    """Answer of the store.

    Attributes:
        action: "get", "set" or "forget".
        site: the site folder.
        ok: it was done; False when a keyring that should have been there did not answer.
        password: the password kept now, or None.
        where: "keyring", "file" or "memory": where it is kept, or would be.
        sentence: what happened, for a person.
    """

    action: str
    site: str
    ok: bool
    password: str | None = field(repr=False)
    where: str
    sentence: str


Callback = Callable[[SecretResult], None]


class SecretStore(QObject):
    """Passwords by site folder; all that may wait (a locked keyring asks the person) happens on its own lane.

    Args:
        vault: the encrypted file, used once `unlock` was given a passphrase.

    Signals:
        answered: SecretResult, for each `get`, `set` and `forget`.
        unlocked: whether the passphrase given to `unlock` fits.
    """

    answered = Signal(object)
    unlocked = Signal(bool)

    def __init__(self, vault: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.vault = vault or config_folder() / VAULT_NAME
        self._memory: dict[str, str] = {}  # touched on the lane only, like the backend
        self._backend: Any = None
        self._where = MEMORY
        self._lane = Lane("secrets", self)

    def get(self, site: str, callback: Callback | None = None) -> None:
        """Look the password of `site` up."""
        self._submit("get", site, lambda: self._get(site), callback)

    def set(self, site: str, password: str, callback: Callback | None = None) -> None:
        """Keep `password` for `site`."""
        self._submit("set", site, lambda: self._set(site, password), callback)

    def forget(self, site: str, callback: Callback | None = None) -> None:
        """Remove the password of `site` everywhere."""
        self._submit("forget", site, lambda: self._forget(site), callback)

    def unlock(self, passphrase: str) -> None:
        """Use the encrypted file, made if missing, where there is no keyring; answered by `unlocked`."""
        self._lane.submit(lambda: self._unlock(passphrase), self.unlocked.emit)

    def close(self) -> None:
        """Answer nothing more; the end of the program does not wait for a keyring."""
        self._lane.close()

    def _submit(
        self, action: str, site: str, work: Callable[[], tuple[str | None, str]], callback: Callback | None
    ) -> None:
        def attempt() -> SecretResult:
            try:
                password, sentence = work()
                return SecretResult(action, site, True, password, self._where, sentence)
            except Exception as error:  # keyring's backends raise their own, unrelated ones too
                log.warning("keyring: %s of a password failed: %s", action, type(error).__name__)
                kept = self._memory.get(site)
                return SecretResult(action, site, False, kept, MEMORY, _trouble(action, kept is not None))

        def deliver(result: SecretResult) -> None:
            if callback is not None:
                callback(result)
            self.answered.emit(result)

        self._lane.submit(attempt, deliver)

    # on the lane

    def _get(self, site: str) -> tuple[str | None, str]:
        backend = self._usable()
        password = self._memory.get(site)
        if password is None and backend is not None:
            password = backend.get_password(SERVICE, site)
        if password is None:
            return None, f"No password is set for the administration pages. {_kept(self._where)}"
        return password, f"A password is set. {_kept(self._where)}"

    def _set(self, site: str, password: str) -> tuple[str | None, str]:
        self._memory[site] = password  # counts even if the keyring refuses
        backend = self._usable()
        if backend is not None:
            backend.set_password(SERVICE, site, password)
            del self._memory[site]
        return password, f"The password was set. {_kept(self._where)}"

    def _forget(self, site: str) -> tuple[str | None, str]:
        self._memory.pop(site, None)
        backend = self._usable()
        if backend is not None and backend.get_password(SERVICE, site) is not None:
            backend.delete_password(SERVICE, site)
        return None, "The password was removed; the administration pages stay closed."

    def _usable(self) -> Any:
        """The keyring, else the unlocked file, else None; keyring costs 50 ms to import, so late."""
        if self._backend is None:
            import keyring

            backend: Any = keyring.get_keyring()
            if is_usable(backend):
                self._backend, self._where = backend, KEYRING
        return self._backend

    def _unlock(self, passphrase: str) -> bool:
        from desktop.secrets.vault import Vault

        if self._usable() is not None and self._where == KEYRING:
            return True
        self.vault.parent.mkdir(parents=True, exist_ok=True)
        vault = Vault(self.vault, passphrase)
        if not vault.fits():
            return False
        self._backend, self._where = vault, FILE
        while self._memory:
            site, password = self._memory.popitem()
            vault.set_password(SERVICE, site, password)
        return True


def is_usable(backend: Any) -> bool:
    """Whether a keyring keeps secrets: it does not always fail, nor forget, nor write them down in clear."""
    from keyring.backends import chainer, fail, null

    if isinstance(backend, chainer.ChainerBackend):
        return any(is_usable(part) for part in backend.backends)
    if type(backend).__module__.startswith(_WEAK_KEYRINGS):
        return False
    return not isinstance(backend, fail.Keyring | null.Keyring)


def _kept(where: str) -> str:
    return {
        KEYRING: "It is kept in the system's keyring.",
        FILE: "It is kept in a file encrypted with your passphrase.",
        MEMORY: "This system has no keyring, so it is kept until you quit.",
    }[where]


def _trouble(action: str, kept: bool) -> str:
    if action == "set" or kept:
        return "The keyring refused, so the password is kept until you quit."
    if action == "forget":
        return "The keyring refused to remove the password; try again when it is unlocked."
    return "The keyring did not answer; it may be locked. Unlock it and try again."


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    if not character.isalnum():
        return "sign"
    return "capital" if character.isupper() else "letter"


def strength_hint(password: str) -> str:
    """What would make `password` better, in one sentence; empty when it is good enough."""
    variety = len({_kind(character) for character in password})
    different = len(set(password))
    if len(password) < LEAST_LENGTH:
        return f"Too short: use at least {LEAST_LENGTH} characters; four words are easy to remember."
    if different < LEAST_LENGTH - 2:
        return "Too few different characters."
    if len(password) < GOOD_LENGTH and variety < 3:
        return f"Weak: make it longer than {GOOD_LENGTH - 1} characters, or mix letters, digits and signs."
    return ""
