"""``gluon.contrib.AuthorizeNet``: an interface that was retired (LIB-17)."""

from runtime.tools.contrib.clients import AIM, process

__all__ = ["AIM", "process"]
