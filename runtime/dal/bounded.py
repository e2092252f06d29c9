"""Validators of pydal, held to what odd input may cost: they refuse where pydal fails or takes minutes."""

from __future__ import annotations

import json
import math
import re
from typing import Any
from urllib.parse import urlsplit

import pydal.validators
from pydal.validators import ValidationError, range_error_message

MOST_OPENED = 100
"""Characters ``<`` between two ``>`` that `IS_SAFE` looks at; its time grows with their square."""

MOST_HOST = 253
"""Characters of the name of a host."""
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")
_LAST = re.compile(r"[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]")


class IS_JSON(pydal.validators.IS_JSON):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """A text that is JSON; its value is what the text says."""

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the value.

        Raises:
            ValidationError: it is no JSON, nested too deeply to be read, or has a number that JSON has not.
        """
        try:
            if isinstance(value, str):
                json.loads(value, parse_float=_finite, parse_constant=_finite)
            return super().validate(value, record_id)
        except (RecursionError, ValueError):
            raise ValidationError(self.translator(self.error_message)) from None


def _finite(text: str) -> float:
    """Return a number out of JSON; Python's reader knows NaN and Infinity too, and makes one of ``1e400``."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number in JSON")
    return number


class IS_INT_IN_RANGE(pydal.validators.IS_INT_IN_RANGE):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """A whole number between two others."""

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the number.

        Raises:
            ValidationError: it is none, out of the range, or has thousands of digits.
        """
        try:
            return super().validate(value, record_id)
        except ValueError:  # Python reads 4300 digits at most
            text = range_error_message(self.error_message, "an integer", self.minimum, self.maximum)
            raise ValidationError(text) from None


class IS_SAFE(pydal.validators.IS_SAFE):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """A text without tags that could run something."""

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the text, or what is left of it.

        Raises:
            ValidationError: it has such tags, or hundreds that are not closed.
        """
        own = self.sanitizer is not pydal.validators.IS_SAFE.default_sanitizer
        if not own and any(part.count("<") > MOST_OPENED for part in str(value).split(">")):
            raise ValidationError(self.translator(self.error_message))
        return super().validate(value, record_id)


class IS_URL(pydal.validators.IS_URL):  # type: ignore[misc]  # noqa: N801  # pydal has no types
    """An address; its host is looked at before pydal's expression for it, whose time doubles by label."""

    def validate(self, value: Any, record_id: Any = None) -> Any:
        """Return the address.

        Raises:
            ValidationError: it is none.
        """
        if self.mode == "http" and isinstance(value, str) and not self._has_host(value):
            raise ValidationError(self.translator(self.error_message))
        return super().validate(value, record_id)

    def _has_host(self, text: str) -> bool:
        """Tell whether the host, where there is one, has the form of a name or of an IPv4 address."""
        try:
            address = pydal.validators.unicode_to_ascii_url(text, self.prepend_scheme)
            host = urlsplit(address if "://" in address else f"http://{address}").netloc
        except Exception:  # as pydal: what can not be written in ASCII is no address
            return False
        host = host.rpartition("@")[2].partition(":")[0].removesuffix(".")
        labels = host.split(".")
        if not host or (len(labels) == 4 and all(map(str.isdigit, labels))):
            return True
        return (
            len(host) <= MOST_HOST
            and bool(_LAST.fullmatch(labels[-1]))
            and all(map(_LABEL.fullmatch, labels))
        )
