"""``gluon.contrib.login_methods.email_auth``: a password checked by a mail server (LIB-38)."""

from runtime.tools.login.passwords import email_auth

__all__ = ["email_auth"]
