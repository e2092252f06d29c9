"""``gluon.validators``: all validators, and what classes of an application's own build on."""

from pydal.validators import (
    IS_GENERIC_URL,
    IS_HTTP_URL,
    UTC,
    LazyCrypt,
    ValidationError,
    Validator,
    calc_entropy,
    get_digest,
    is_empty,
    options_sorter,
    simple_hash,
    str2dec,
    translate,
    urlify,
)

from runtime.dal import validators as _validators
from runtime.dal.validators import *

__all__ = [
    *_validators.__all__,
    "IS_GENERIC_URL", "IS_HTTP_URL", "UTC", "LazyCrypt", "ValidationError", "Validator", "calc_entropy",
    "get_digest", "is_empty", "options_sorter", "simple_hash", "str2dec", "translate", "urlify",
]  # fmt: skip
