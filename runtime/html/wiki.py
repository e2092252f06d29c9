"""`MARKMIN`: wiki text as a helper (NAMES-04, FUN-12)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from runtime.html.element import Render, XmlComponent
from runtime.html.markmin import render as render_markmin


class MARKMIN(XmlComponent):
    """Wiki text, rendered when the page is written.

    Args:
        text: MARKMIN source.
        url: function that makes the address of ``@/a/c/f/args``.
        **kw: kept for old callers and not used.

    The other arguments are those of `runtime.html.markmin.render`.
    """

    def __init__(
        self,
        text: Any,
        extra: Mapping[str, Callable[..., Any]] | None = None,
        allowed: Mapping[str, Sequence[str]] | None = None,
        sep: str | None = "p",
        url: Callable[..., Any] | None = None,
        environment: Mapping[str, Any] | None = None,
        latex: Any = "google",
        autolinks: Any = "default",
        protolinks: Any = "default",
        class_prefix: str = "",
        id_prefix: str = "markmin_",
        **kw: Any,
    ) -> None:
        self.text = text
        self._options: dict[str, Any] = {
            "extra": extra,
            "allowed": allowed,
            "sep": sep,
            "URL": url,
            "environment": environment,
            "latex": latex,
            "autolinks": autolinks,
            "protolinks": protolinks,
            "class_prefix": class_prefix,
            "id_prefix": id_prefix,
        }

    def xml(self) -> str:
        return render_markmin(self.text, **self._options)

    def flatten(self, render: Render | None = None) -> str:
        """Return the source itself, which reads well as text."""
        return str(self.text)

    def elements(self, *selectors: str, **conditions: Any) -> list[Any]:
        """Return the single-item list of this helper: its tree exists only when it is written."""
        return [self]
