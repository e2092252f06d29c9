"""What no control of a browser sends, but programs do: kept from validators and databases (SEC-01)."""

from __future__ import annotations

from typing import Any


def clean(value: Any) -> Any:
    """Return a value out of a request as a control would have sent it.

    Texts lose NUL characters and halves of characters, which databases refuse; numbers and truth
    values out of JSON become texts; objects become nothing. Files stay.
    """
    if isinstance(value, str):
        if value.isascii():
            return value.replace("\0", "")
        return value.replace("\0", "").encode("utf-8", "ignore").decode()
    if isinstance(value, list):
        return [clean(item) for item in value if not isinstance(item, (list, dict))]
    if isinstance(value, bool):
        return "on" if value else ""
    if isinstance(value, (int, float)):
        return str(value)
    return value if hasattr(value, "file") else ""
