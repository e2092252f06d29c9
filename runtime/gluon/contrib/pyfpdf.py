"""``gluon.contrib.pyfpdf``: the package `fpdf2` under its first name (LIB-4)."""

from .fpdf import __getattr__

__all__ = ["__getattr__"]
