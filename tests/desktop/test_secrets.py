"""Passwords of the administration pages: keyring, encrypted file, memory."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.testing.backend import BackendBasicTests

from desktop.secrets import SecretResult, SecretStore, strength_hint
from desktop.secrets.store import SERVICE, is_usable
from desktop.secrets.vault import Vault, VaultError

SITE = "/home/me/site"
SECRET = "correct horse battery"


class MemoryKeyring(KeyringBackend):
    """A system keyring for tests."""

    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class LockedKeyring(MemoryKeyring):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"locked, and a careless text with {SECRET}")

    set_password = delete_password = get_password  # type: ignore[assignment]


@pytest.fixture
def use() -> Iterator[Any]:
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def store(qtbot: Any, tmp_path: Path) -> Iterator[SecretStore]:
    made = SecretStore(tmp_path / "config" / "passwords.vault")
    yield made
    made.close()


def ask(qtbot: Any, store: SecretStore, action: str, *arguments: str) -> SecretResult:
    with qtbot.waitSignal(store.answered, timeout=5000) as answered:
        getattr(store, action)(SITE, *arguments)
    result: SecretResult = answered.args[0]
    assert (result.action, result.site) == (action, SITE)
    assert result.sentence.endswith(".")
    return result


def test_sv_09_kept_in_the_keyring(qtbot: Any, store: SecretStore, use: Any, tmp_path: Path) -> None:
    """SV-09: set, get in the next run, forget; nothing on our disk."""
    system = MemoryKeyring()
    use(system)
    result = ask(qtbot, store, "set", SECRET)
    assert (result.ok, result.where) == (True, "keyring")
    assert system.kept == {(SERVICE, SITE): SECRET}
    assert ask(qtbot, SecretStore(store.vault), "get").password == SECRET
    assert ask(qtbot, store, "forget").password is None
    assert system.kept == {}
    assert ask(qtbot, store, "forget").ok
    assert ask(qtbot, store, "get").password is None
    assert not store.vault.parent.exists()


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
def test_sv_09_without_a_keyring_until_i_quit(qtbot: Any, store: SecretStore, use: Any, backend: Any) -> None:
    """SV-09: says so; the keyring that silently forgets counts as none."""
    use(backend())
    result = ask(qtbot, store, "set", SECRET)
    assert (result.ok, result.where) == (True, "memory")
    assert "no keyring" in result.sentence
    assert "until you quit" in result.sentence
    assert ask(qtbot, store, "get").password == SECRET
    assert ask(qtbot, SecretStore(store.vault), "get").password is None
    assert ask(qtbot, store, "forget").ok
    assert ask(qtbot, store, "get").password is None
    assert not store.vault.exists()


def test_st_05_a_keyring_that_refuses_is_told_and_the_password_still_counts(
    qtbot: Any, store: SecretStore, use: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """ST-05: and neither the log nor the result's text shows the password."""
    use(LockedKeyring())
    with caplog.at_level(logging.DEBUG):
        missing = ask(qtbot, store, "get")
        assert (missing.ok, missing.password) == (False, None)
        assert "locked" in missing.sentence
        kept = ask(qtbot, store, "set", SECRET)
    assert (kept.ok, kept.password, kept.where) == (False, SECRET, "memory")
    assert ask(qtbot, store, "get").password == SECRET
    assert SECRET not in caplog.text + repr(kept)


def test_st_05_a_keyring_that_hangs_holds_nothing_up(qtbot: Any, store: SecretStore, use: Any) -> None:
    """ST-05: `get` returns at once; the answer comes when the person has unlocked it."""
    asked, release = threading.Event(), threading.Event()

    class Hanging(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            asked.set()
            release.wait(20)
            return SECRET

    use(Hanging())
    answers: list[SecretResult] = []
    store.get(SITE, answers.append)
    qtbot.waitUntil(asked.is_set, timeout=5000)
    assert answers == []
    release.set()
    qtbot.waitUntil(lambda: len(answers) == 1, timeout=5000)
    assert answers[0].password == SECRET


def test_st_05_encrypted_file_only_with_a_passphrase(
    qtbot: Any, store: SecretStore, use: Any, tmp_path: Path
) -> None:
    """ST-05: what was in memory moves into the file; a wrong passphrase opens nothing."""
    use(keyring.backends.fail.Keyring())
    ask(qtbot, store, "set", SECRET)
    with qtbot.waitSignal(store.unlocked, timeout=5000) as unlocked:
        store.unlock("my passphrase")
    assert unlocked.args == [True]
    result = ask(qtbot, store, "get")
    assert (result.password, result.where) == (SECRET, "file")
    assert store.vault.stat().st_mode & 0o777 == 0o600
    again = SecretStore(store.vault)
    with qtbot.waitSignal(again.unlocked, timeout=5000) as unlocked:
        again.unlock("another passphrase")
    assert unlocked.args == [False]
    assert ask(qtbot, again, "get").where == "memory"
    with qtbot.waitSignal(again.unlocked, timeout=5000) as unlocked:
        again.unlock("my passphrase")
    assert unlocked.args == [True]
    assert ask(qtbot, again, "get").password == SECRET


def test_only_keyrings_that_keep_something_are_usable() -> None:
    """SV-09"""
    assert is_usable(MemoryKeyring())
    assert not is_usable(keyring.backends.fail.Keyring())
    assert not is_usable(keyring.backends.null.Keyring())


class TestVault(BackendBasicTests):
    """ST-05: keyring's own conformance tests."""

    @pytest.fixture(autouse=True)
    def _init_properties(self, request: pytest.FixtureRequest, tmp_path: Path) -> None:
        self.path = tmp_path / "vault"
        self.keyring = self.init_keyring()
        self.credentials_created: set[tuple[str, str]] = set()

    def init_keyring(self) -> KeyringBackend:
        return Vault(self.path, "passphrase")


def test_st_05_the_file_shows_nothing_and_notices_every_change(tmp_path: Path) -> None:
    """ST-05: neither names nor passwords in clear; a changed byte, a cut or another header is refused."""
    path = tmp_path / "vault"
    vault = Vault(path, "passphrase")
    vault.set_password("service", "user", SECRET)
    text = path.read_text()
    for clear in ("service", "user", SECRET, "passphrase"):
        assert clear not in text
    document = json.loads(text)
    for name in ("salt", "nonce", "sealed"):
        changed = "A" if document[name][0] != "A" else "B"
        path.write_text(json.dumps({**document, name: changed + document[name][1:]}))
        with pytest.raises(VaultError):
            Vault(path, "passphrase").get_password("service", "user")
    for damaged in ("", "{}", "[]", text[:-10], json.dumps({**document, "format": 2})):
        path.write_text(damaged)
        assert not Vault(path, "passphrase").fits()
        with pytest.raises(VaultError):
            vault.set_password("service", "user", "new")  # never overwrites what it cannot read
        assert path.read_text() == damaged
    path.write_text(text)
    assert Vault(path, "passphrase").get_password("service", "user") == SECRET
    first = json.loads(text)["nonce"]
    vault.set_password("service", "user", SECRET)
    assert json.loads(path.read_text())["nonce"] != first


def test_keyring_never_chooses_the_vault_by_itself() -> None:
    """ST-05: it is not among the backends with a priority."""
    from keyring import backend

    assert not any(isinstance(found, Vault) for found in backend.get_all_keyring())


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("", "short"),
        ("Ab1!", "short"),
        ("aaaaaaaaaaaaaaaa", "different"),
        ("password", "Weak"),
        ("12345678", "Weak"),
        ("Passw0rd", ""),
        ("correct horse battery", ""),
    ],
)
def test_sv_09_strength_hint(password: str, word: str) -> None:
    """SV-09: length or variety."""
    hint = strength_hint(password)
    assert (word in hint) if word else hint == ""


def test_sv_09_store_can_close_while_the_keyring_hangs(qtbot: Any, store: SecretStore, use: Any) -> None:
    """ST-05: nothing is delivered afterwards."""

    class Slow(MemoryKeyring):
        def get_password(self, service: str, username: str) -> str | None:
            time.sleep(0.2)
            return SECRET

    use(Slow())
    answers: list[SecretResult] = []
    store.get(SITE, answers.append)
    store.close()
    qtbot.wait(400)
    assert answers == []
