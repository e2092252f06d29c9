"""``gluon.contrib.login_methods.linkedin_account``: a closed interface (LIB-42)."""

from runtime.tools.login.gone import LinkedInAccount

__all__ = ["LinkedInAccount"]
