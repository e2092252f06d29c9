"""Passwords and codes that are asked of users who are logged in, or half way, wait as logins do."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from auth_site import Visitor, build, mails


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that stands still until it is moved; cheap hashes."""
    monkeypatch.setattr("runtime.dal.passwords.DEFAULT_ALGORITHM", "scrypt(1024,8,1)")
    now = SimpleNamespace(at=time.time())
    monkeypatch.setattr("runtime.tools.attempts.time", SimpleNamespace(time=lambda: now.at))
    return now


def change(visitor, old):
    return visitor.fill(
        "user/change_password", old_password=old, new_password="another-1", new_password2="another-1"
    )


def test_old_passwords_can_not_be_guessed(site, clock):
    """SEC: who finds a session open has five guesses at its password, then waits, also with the right one."""
    build(site)
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    for _ in range(5):
        change(visitor, "wrong")
        assert "Invalid password" in visitor.page.text
    change(visitor, "secret-1")
    assert visitor.page.status_code == 429
    assert "Too many attempts. Please wait" in visitor.page.element("#flash").flatten()
    assert int(visitor.page.headers["Retry-After"]) >= 1
    clock.at += 2
    change(visitor, "secret-1")
    assert visitor.page.status_code == 303
    again = Visitor(site)
    again.login(password="another-1")
    assert again.is_in()


def test_guesses_at_the_old_password_and_at_the_login_are_one_count(site, clock):
    """SEC: the page of the password gives no further guesses to whoever has used up those of the login."""
    build(site)
    visitor, guesser = Visitor(site), Visitor(site)
    visitor.register()
    visitor.login()
    for _ in range(3):
        guesser.login(password="wrong")
    for _ in range(2):
        change(visitor, "wrong")
    assert guesser.login().status_code == 429
    assert change(visitor, "wrong").status_code == 429
    clock.at += 2
    change(visitor, "secret-1")
    assert visitor.page.status_code == 303, "the right one forgets the wrong ones"
    for _ in range(5):
        assert guesser.login(password="wrong").status_code == 200


def test_a_setting_lets_passwords_be_tried_without_waits(site):
    """AUTH: `throttle_logins = False` counts neither here nor at the login."""
    build(site, settings="auth.settings.throttle_logins = False")
    visitor = Visitor(site)
    visitor.register()
    visitor.login()
    for _ in range(8):
        assert change(visitor, "wrong").status_code == 200


def test_codes_wait(site, clock):
    """SEC: codes of the second step count before they are compared: many at once win nothing."""
    build(site, settings="auth.settings.auth_two_factor_enabled = True")
    visitor = Visitor(site)
    visitor.register()
    for _ in range(5):
        Visitor(site).login()
    clock.at += 2
    visitor.login()
    code = re.search(r"code is: (\d{6})", mails(site)[-1])[1]
    visitor.fill("user/login", authentication_code=code)
    assert visitor.page.status_code == 429
    assert "Too many attempts" in visitor.page.text
    clock.at += 4
    visitor.send("user/login", authentication_code=code)
    assert visitor.is_in()
