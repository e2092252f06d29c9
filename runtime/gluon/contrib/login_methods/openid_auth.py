"""``gluon.contrib.login_methods.openid_auth``: a protocol that providers closed (LIB-47)."""

from runtime.tools.login.gone import OpenIDAuth

__all__ = ["OpenIDAuth"]
