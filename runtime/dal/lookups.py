"""`IS_IN_DB` as pydal has it, whose odd values get a message instead of an error."""

from __future__ import annotations

from typing import Any

import pydal.validators
from pydal.validators import ValidationError


class IS_IN_DB(pydal.validators.IS_IN_DB):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """The value, or each of several, is one of a field of a database; offers them as options (NAMES-07).

    See pydal for the arguments.
    """

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the value, or the list of them.

        Raises:
            ValidationError: one is not there, or cannot be one.
        """
        if self.multiple and self.dbset.db[self.ktable][self.kfield].type not in ("id", "integer"):
            return self._several(value)
        try:
            return super().validate(value, record_id)
        except (
            AttributeError,
            ValueError,
            TypeError,
            OverflowError,
        ):  # digits that are no number, objects out of JSON
            raise ValidationError(self.translator(self.error_message)) from None

    def _several(self, value: Any) -> list[Any]:
        """Check several values of a field that is no number; pydal takes numbers only."""
        if isinstance(value, (list, tuple)):
            values = list(value)
        elif not value:
            values = []
        else:
            values = str(value).split(self.delimiter) if self.delimiter else [value]
        limits = self.multiple if isinstance(self.multiple, (list, tuple)) else (0, len(values) + 1)
        field = self.dbset.db[self.ktable][self.kfield]
        wanted = set(map(str, values))
        known = self.theset
        if known is None:
            known = [str(row[self.kfield]) for row in self.dbset(field.belongs(wanted)).select(field)]
        if not limits[0] <= len(values) < limits[1] or not wanted <= set(known):
            raise ValidationError(self.translator(self.error_message))
        return values
