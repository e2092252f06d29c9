"""``gluon.contrib.login_methods.cas_auth``: a CAS server (LIB-36)."""

from runtime.tools.login.forms import CasAuth

__all__ = ["CasAuth"]
