"""``gluon.contrib.login_methods.x509_auth``: client certificates (LIB-50)."""

from runtime.tools.login.forms import X509Auth

__all__ = ["X509Auth"]
