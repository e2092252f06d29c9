"""``gluon.contrib.markmin.markmin2pdf``: MARKMIN to PDF by ``pdflatex``."""

from runtime.tools.contrib.pdf import latex2pdf, markmin2pdf

__all__ = ["latex2pdf", "markmin2pdf"]
