"""``gluon.contrib.login_methods.loginza``: a closed service (LIB-43)."""

from runtime.tools.login.gone import Loginza

__all__ = ["Loginza"]
