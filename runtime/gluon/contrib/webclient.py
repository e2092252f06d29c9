"""``gluon.contrib.webclient``: a browser without a screen, for tests."""

from runtime.tools.contrib.webclient import DEFAULT_HEADERS, WebClient

__all__ = ["DEFAULT_HEADERS", "WebClient"]
