"""The buttons of a grid."""

from __future__ import annotations

from typing import Any

from runtime.forms.grid.options import GridOptions
from runtime.forms.speech import say
from runtime.foundation.current import current
from runtime.html import SPAN, A


def button(options: GridOptions, kind: str, text: str, address: str, **more: Any) -> Any:
    """Return a button that leads to `address`.

    Args:
        kind: part of the style classes: ``buttonadd``, ``buttonedit`` ...
        text: its words, translated here; beside the icon, or its name alone where words are not wanted.
        more: further arguments of `A`.
    """
    styles, words = options.styles, say(text)
    icon = SPAN(_class=styles.get(kind), **{"_aria-hidden": "true"})
    extra = more.pop("_class", "")
    classes = f"{styles.get('button') or ''} {extra}".strip()
    if options.showbuttontext:
        label = SPAN(words, _class=styles.get("buttontext"), _title=words)
        return A(icon, label, _href=address, _class=classes, cid=current.request.cid, **more)
    named = {"_title": words, "_aria-label": words} | more
    return A(icon, _href=address, _class=f"{classes} {styles.get('buttontext') or ''}".strip(),
             cid=current.request.cid, **named)  # fmt: skip


def granted(allowed: Any, *about: Any) -> bool:
    """Tell whether a permission of the grid, bool or function, is given for a record."""
    return bool(allowed(*about) if callable(allowed) else allowed)
