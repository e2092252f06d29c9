"""The administrator's password."""

import os
import stat
import sys
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.server.password import (
    PasswordError,
    hash_password,
    parameters_file,
    set_up_password,
    verify_password,
)


def test_cli_05_the_exact_password_is_accepted(site):
    """CLI-05"""
    assert set_up_password(site, 8000, "secret") == parameters_file(site, 8000)
    assert verify_password(site, 8000, "secret")
    assert not verify_password(site, 8000, "Secret")
    assert not verify_password(site, 8000, "")
    assert not verify_password(site, 8001, "secret")


def test_cli_07_only_a_salted_hash_is_stored(site):
    """CLI-07"""
    set_up_password(site, 8000, "one")
    text = (site / "parameters_8000.py").read_text()
    assert "one" not in text
    assert text.startswith('password = "')
    if os.name != "nt":
        assert stat.S_IMODE((site / "parameters_8000.py").stat().st_mode) == 0o600
    assert hash_password("one") != hash_password("one")


def test_cli_06_recycle_keeps_the_stored_password(site):
    """CLI-06"""
    set_up_password(site, 8000, "one")
    assert set_up_password(site, 8000, "<recycle>") is not None
    assert verify_password(site, 8000, "one")


def test_cli_07_without_password_or_file_administration_is_off(site):
    """CLI-07"""
    set_up_password(site, 8000, "one")
    assert set_up_password(site, 8000, None) is None
    assert verify_password(site, 8000, "one")  # kept for a later <recycle>
    parameters_file(site, 8000).unlink()
    assert set_up_password(site, 8000, "<recycle>") is None
    assert not verify_password(site, 8000, "one")


def test_cli_07_ask_prompts_and_without_console_says_so(site):
    """CLI-07"""
    prompts = []
    set_up_password(site, 8000, "<ask>", lambda prompt: prompts.append(prompt) or "typed")
    assert "8000" in prompts[0]
    assert verify_password(site, 8000, "typed")
    assert set_up_password(site, 8000, "<ask>", lambda prompt: "") is None
    with pytest.raises(PasswordError, match="console"):
        set_up_password(site, 8000, "<ask>", None)


def test_cli_08_pam_decides_when_asked_to(site, monkeypatch):
    """CLI-08: with a fake PAM that accepts `pw` for `ann`."""
    fake = types.ModuleType("pam")
    fake.pam = lambda: types.SimpleNamespace(authenticate=lambda user, text: (user, text) == ("ann", "pw"))
    monkeypatch.setitem(sys.modules, "pam", fake)
    set_up_password(site, 8000, "<pam_user:ann>")
    assert verify_password(site, 8000, "pw")
    assert not verify_password(site, 8000, "other")


def test_cli_08_without_a_pam_library_it_is_refused(site, monkeypatch):
    """CLI-08: nothing is stored that would accept or refuse everybody silently."""
    monkeypatch.setitem(sys.modules, "pam", None)
    with pytest.raises(PasswordError, match="python-pam"):
        set_up_password(site, 8000, "<pam_user:ann>")
    assert not parameters_file(site, 8000).exists()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "password = None",
        "password = ''",
        "password = 'scrypt$40$8$1$00$00'",  # would take a terabyte
        "password = 'scrypt$14$8$1$zz$00'",
        "password = 'plain'",
        "password = open('/etc/passwd').read()",
        "password = ",
        "raise SystemExit",
    ],
)
def test_a_damaged_or_hostile_file_accepts_nothing_and_runs_nothing(site, text):
    parameters_file(site, 8000).write_text(text)
    assert not verify_password(site, 8000, "plain")


def test_a_stored_hash_may_not_ask_for_more_memory_than_allowed(site, monkeypatch):
    """Each try would otherwise cost gigabytes."""
    tried = []
    monkeypatch.setattr("runtime.server.password._scrypt", lambda *args: tried.append(args) or b"")
    for costs in ("18$8$1", "14$17$1", "14$8$5", "0$8$1"):
        parameters_file(site, 8000).write_text(f"password = 'scrypt${costs}$00$'")
        assert not verify_password(site, 8000, "x")
    assert tried == []


@settings(max_examples=5, deadline=None)
@given(st.text(min_size=1, max_size=30).filter(lambda t: not t.startswith("<")))
def test_any_text_can_be_a_password(tmp_path_factory, text):
    folder = tmp_path_factory.mktemp("site")
    set_up_password(folder, 8000, text)
    assert verify_password(folder, 8000, text)
    assert not verify_password(folder, 8000, text + "x")
