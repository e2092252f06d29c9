"""``gluon.languages``: translation and its files."""

from runtime.admin.languages import findT, update_all_languages
from runtime.i18n import TranslatorFactory, lazyT, read_dict, read_plural_dict, write_dict, write_plural_dict

translator = TranslatorFactory
"""The name that `TranslatorFactory` had before."""

__all__ = [
    "TranslatorFactory",
    "findT",
    "lazyT",
    "read_dict",
    "read_plural_dict",
    "translator",
    "update_all_languages",
    "write_dict",
    "write_plural_dict",
]
