"""The texts of forms in the visitor's language."""

from __future__ import annotations

from typing import Any

from runtime.foundation.current import current

SUCCESS = "Success!"
FAILURE = "Errors in form, please check it out."
CHANGED = (
    "Someone else has changed this record meanwhile. Nothing was saved: look at both values, then send again."
)
CHANGED_DELETE = (
    "Someone else has changed this record meanwhile. Nothing was deleted: "
    "look at it as it is now, then decide again."
)
TAKEN = "Value already in database or empty"
REFUSED = (
    "The form was not accepted: it had been sent already, or was open for too long. Please send it again."
)


def say(text: str, *symbols: Any) -> Any:
    """Return `text` in the visitor's language; outside of a request as it is."""
    translator = getattr(current, "T", None)
    if translator is None:
        return text % symbols if symbols else text
    return translator(text, *symbols)
