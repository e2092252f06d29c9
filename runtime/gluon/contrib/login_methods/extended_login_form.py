"""``gluon.contrib.login_methods.extended_login_form``: several ways on one page (LIB-39)."""

from runtime.tools.login.forms import ExtendedLoginForm

__all__ = ["ExtendedLoginForm"]
