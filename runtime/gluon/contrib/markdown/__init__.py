"""``gluon.contrib.markdown``: Markdown in pages (LIB-2)."""

from runtime.tools.contrib.markdown import WIKI, markdown

__all__ = ["WIKI", "markdown"]
