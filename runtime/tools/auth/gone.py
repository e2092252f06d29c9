"""`AuthAPI`: importable, and one helpful error when used."""

from __future__ import annotations

from typing import Any

from runtime.tools.absent import discontinued


class AuthAPI:
    """Logging in and registering without forms, as programs want it.

    Raises:
        Discontinued: when it is made.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        discontinued(
            "AuthAPI",
            "logging in without forms has one way",
            "auth.login_bare, auth.register_bare and auth.logout_bare, or gluon.tools.AuthJWT for tokens",
        )
