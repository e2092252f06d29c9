"""``gluon.contrib.login_methods.oneall_account``: a login broker without a package (LIB-46)."""

from runtime.tools.login.gone import OneallAccount, use_oneall

__all__ = ["OneallAccount", "use_oneall"]
