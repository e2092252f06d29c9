"""``gluon.contrib.login_methods.basic_auth``: a password checked by another HTTP server (LIB-34)."""

from runtime.tools.login.passwords import basic_auth

__all__ = ["basic_auth"]
