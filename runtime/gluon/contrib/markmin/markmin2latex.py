"""``gluon.contrib.markmin.markmin2latex``: MARKMIN to LaTeX."""

from runtime.html.markmin.markmin2latex import markmin2latex, render

__all__ = ["markmin2latex", "render"]
