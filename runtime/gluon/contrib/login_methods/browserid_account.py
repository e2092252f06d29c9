"""``gluon.contrib.login_methods.browserid_account``: a closed service (LIB-35)."""

from runtime.tools.login.gone import BrowserID

__all__ = ["BrowserID"]
