"""`Rows` and `Row` of the documented interface."""

from __future__ import annotations

import pydal.objects


class Row(pydal.objects.Row):  # type: ignore[misc]  # pydal has no types
    pass


class Rows(pydal.objects.Rows):  # type: ignore[misc]  # pydal has no types
    pass
