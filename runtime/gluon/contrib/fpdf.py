"""``gluon.contrib.fpdf``: the package `fpdf2` under an old name (LIB-4)."""

from typing import Any

from runtime.tools.absent import need


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return getattr(need("fpdf", "fpdf2", "to write PDF documents", "pdf"), name)
