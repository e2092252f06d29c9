"""``gluon.contrib.heroku``: settings of a hosted application (LIB-22)."""

from runtime.tools.contrib.heroku import get_db

__all__ = ["get_db"]
