"""``gluon.contrib.login_methods.rpx_account``: a closed service (LIB-49)."""

from runtime.tools.login.gone import RPXAccount, use_janrain

__all__ = ["RPXAccount", "use_janrain"]
