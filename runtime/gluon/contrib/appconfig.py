"""``gluon.contrib.appconfig``: settings of an application."""

from runtime.web.appconfig import AppConfig

__all__ = ["AppConfig"]
