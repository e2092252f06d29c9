"""``gluon.contrib.login_methods.oauth10a_account``: OAuth 1.0a (LIB-44)."""

from runtime.tools.login.forms import OAuthAccount10a as OAuthAccount

__all__ = ["OAuthAccount"]
