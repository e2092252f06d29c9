"""``gluon.contrib.markmin.markmin2html``: MARKMIN to HTML."""

from runtime.html.markmin import make_dict, markmin2html, render

__all__ = ["make_dict", "markmin2html", "render"]
