"""``gluon.highlight``: program text with colours, as `CODE` shows it (SITE-08)."""

from __future__ import annotations

from typing import Any

from runtime.html import CODE


def highlight(
    code: str,
    language: str,
    link: str | None = "/examples/globals/vars/",
    counter: Any = 1,
    styles: dict[str, str] | None = None,
    highlight_line: int | None = None,
    context_lines: int | None = None,
    attributes: dict[str, Any] | None = None,
) -> str:
    """Return the markup of `code`; see `CODE` for the arguments.

    Args:
        attributes: of the table around it, with the underscore of helpers.
    """
    shown = CODE(
        code,
        language=language,
        link=link,
        counter=counter,
        styles=styles or {},
        highlight_line=highlight_line,
        context_lines=context_lines,
        **(attributes or {}),
    )
    return str(shown.xml())


__all__ = ["highlight"]
