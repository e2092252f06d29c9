"""``gluon.contrib.login_methods.oauth20_account``: OAuth 2.0 (LIB-45)."""

from runtime.tools.login.forms import OAuthAccount

__all__ = ["OAuthAccount"]
