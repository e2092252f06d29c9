"""``gluon.contrib.spreadsheet``: cells and formulas in a page."""

from runtime.tools.contrib.sheet import Sheet

__all__ = ["Sheet"]
