"""``gluon.contrib.login_methods.pam_auth``: accounts of the operating system (LIB-48)."""

from runtime.tools.login.passwords import pam_auth

__all__ = ["pam_auth"]
