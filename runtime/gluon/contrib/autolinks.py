"""``gluon.contrib.autolinks``: addresses as what they lead to."""

from runtime.tools.contrib.autolinks import expand_html, expand_one, extract

__all__ = ["expand_html", "expand_one", "extract"]
