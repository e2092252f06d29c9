"""``gluon.contrib.markdown.markdown2``: Markdown as HTML (LIB-2)."""

from runtime.tools.contrib.markdown import markdown

__all__ = ["markdown"]
