"""``gluon.contrib.login_methods.gae_google_account``: a closed service (LIB-40)."""

from runtime.tools.login.gone import GaeGoogleAccount

__all__ = ["GaeGoogleAccount"]
