"""Passwords checked by another server: HTTP, mail, LDAP, PAM (LIB-34, LIB-38, LIB-41, LIB-20).

Each function returns one for ``auth.settings.login_methods``: it gets a user
name and a password and tells whether they belong together. An empty password
is always refused; a server that does not answer refuses too, and the log says so.
"""

from __future__ import annotations

import base64
import logging
import smtplib
import ssl
from collections.abc import Callable
from typing import Any

from runtime.tools import network
from runtime.tools.absent import need

logger = logging.getLogger("web2py.auth")

Check = Callable[..., Any]


def basic_auth(server: str = "http://127.0.0.1") -> Check:
    """Check a password by asking a page that wants basic authentication.

    Args:
        server: address of that page; use https, or the password travels readable.
    """

    def basic_login_aux(username: str, password: str) -> bool:
        if not password or ":" in username:
            return False
        token = base64.b64encode(f"{username}:{password}".encode()).decode()
        try:
            network.open_url(server, headers={"Authorization": f"Basic {token}"})
        except network.NetworkError as error:
            logger.info("basic_auth refused %s: %s", username, error)
            return False
        return True

    return basic_login_aux


def email_auth(server: str = "smtp.gmail.com:587", domain: str | None = None, tls_mode: Any = None) -> Check:
    """Check a password by logging in to a mail server.

    Args:
        server: ``host:port`` of SMTP.
        domain: only addresses ``@domain``; a name without a domain gets it appended.
        tls_mode: True (STARTTLS) by default; False sends the password readable.
    """

    def email_auth_aux(email: str, password: str) -> bool:
        if not password:
            return False
        if domain:
            suffix = f"@{domain}"
            if "@" in email and not email.lower().endswith(suffix.lower()):
                return False
            email = email if "@" in email else email + suffix
        host, _, port = server.partition(":")
        try:
            with smtplib.SMTP(host, int(port or 25), timeout=20) as connection:
                if tls_mode is None or tls_mode:
                    connection.starttls(context=ssl.create_default_context())
                connection.login(email, password)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            logger.info("email_auth refused %s: %s", email, type(error).__name__)
            return False
        return True

    return email_auth_aux


def pam_auth() -> Check:
    """Check a password of an account of the operating system (Unix); needs ``python-pam``."""

    def pam_auth_aux(username: str, password: str) -> bool:
        pam = need("pam", "python-pam", "to check accounts of the operating system", "pam")
        return bool(password) and bool(pam.pam().authenticate(username, password))

    return pam_auth_aux
