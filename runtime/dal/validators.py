"""The documented validators (NAMES-07): pydal's, whose messages speak the visitor's language."""

from __future__ import annotations

from typing import Any

from pydal.validators import (
    ANY_OF,
    CLEANUP,
    IS_ALPHANUMERIC,
    IS_DATE,
    IS_DATE_IN_RANGE,
    IS_DATETIME,
    IS_DATETIME_IN_RANGE,
    IS_DECIMAL_IN_RANGE,
    IS_EMAIL,
    IS_EMPTY_OR,
    IS_EQUAL_TO,
    IS_EXPR,
    IS_FILE,
    IS_FLOAT_IN_RANGE,
    IS_IMAGE,
    IS_IN_SET,
    IS_IPADDRESS,
    IS_IPV4,
    IS_IPV6,
    IS_LENGTH,
    IS_LIST_OF,
    IS_LIST_OF_EMAILS,
    IS_LIST_OF_INTS,
    IS_LIST_OF_STRINGS,
    IS_LOWER,
    IS_MATCH,
    IS_NOT_EMPTY,
    IS_NULL_OR,
    IS_SLUG,
    IS_STRONG,
    IS_TIME,
    IS_UPLOAD_FILENAME,
    IS_UPPER,
    Validator,
)

from runtime.dal.bounded import IS_INT_IN_RANGE, IS_JSON, IS_SAFE, IS_URL
from runtime.dal.lookups import IS_IN_DB, IS_NOT_IN_DB
from runtime.dal.passwords import CRYPT
from runtime.foundation.current import current

__all__ = [
    "ANY_OF",
    "CLEANUP",
    "CRYPT",
    "IS_ALPHANUMERIC",
    "IS_DATE",
    "IS_DATETIME",
    "IS_DATETIME_IN_RANGE",
    "IS_DATE_IN_RANGE",
    "IS_DECIMAL_IN_RANGE",
    "IS_EMAIL",
    "IS_EMPTY_OR",
    "IS_EQUAL_TO",
    "IS_EXPR",
    "IS_FILE",
    "IS_FLOAT_IN_RANGE",
    "IS_IMAGE",
    "IS_INT_IN_RANGE",
    "IS_IN_DB",
    "IS_IN_SET",
    "IS_IPADDRESS",
    "IS_IPV4",
    "IS_IPV6",
    "IS_JSON",
    "IS_LENGTH",
    "IS_LIST_OF",
    "IS_LIST_OF_EMAILS",
    "IS_LIST_OF_INTS",
    "IS_LIST_OF_STRINGS",
    "IS_LOWER",
    "IS_MATCH",
    "IS_NOT_EMPTY",
    "IS_NOT_IN_DB",
    "IS_NULL_OR",
    "IS_SAFE",
    "IS_SLUG",
    "IS_STRONG",
    "IS_TIME",
    "IS_UPLOAD_FILENAME",
    "IS_UPPER",
    "IS_URL",
]
"""What an application sees; the other names are for code that imports them."""


def translate(text: Any) -> Any:
    """Return a message in the language of the running request; as it is when there is none."""
    if not isinstance(text, str):
        return text
    translator = getattr(current, "T", None)
    return text if translator is None else str(translator(text))


Validator.translator = staticmethod(translate)  # the hook pydal has for this
