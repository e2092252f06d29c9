"""`Set`, what `db(query)` is, and the answers of validated writes."""

from __future__ import annotations

from typing import Any

import pydal.objects

from runtime.foundation.storage import Storage


def outcome(answer: dict[str, Any]) -> Storage:
    """Return what a validated write told, with ``id``, ``updated``, ``errors`` as attributes too."""
    made = Storage(answer)
    made.errors = Storage(answer.get("errors") or {})
    return made


class Set(pydal.objects.Set):  # type: ignore[misc]  # pydal has no types
    """Records of a database that a query finds; see pydal for the documented methods."""

    def where(self, query: Any, ignore_common_filters: bool = False) -> Any:
        """Return the records of this set that `query` finds too."""
        return owned(super().where(query, ignore_common_filters))

    def validate_and_update(self, **update_fields: Any) -> Storage:
        """Update when every value is valid; ``updated`` and ``errors`` tell what happened."""
        return outcome(super().validate_and_update(**update_fields))


def owned(found: Any) -> Any:
    """Return pydal's set `found` as one of the runtime."""
    if type(found) is pydal.objects.Set:
        found.__class__ = Set
    return found
