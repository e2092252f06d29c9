"""`T`: translation and plurals; language files; plural rules (spec sections T, T-PL, T-M)."""

from runtime.i18n.accept import accepted_languages
from runtime.i18n.files import CorruptedFile, read_dict, read_plural_dict, write_dict, write_plural_dict
from runtime.i18n.lazy import json_default, lazyT
from runtime.i18n.plural_rules import PluralRule, rule_for
from runtime.i18n.settings import use_production
from runtime.i18n.translator import LanguageInfo, TranslatorFactory

__all__ = [
    "CorruptedFile",
    "LanguageInfo",
    "PluralRule",
    "TranslatorFactory",
    "accepted_languages",
    "json_default",
    "lazyT",
    "read_dict",
    "read_plural_dict",
    "rule_for",
    "use_production",
    "write_dict",
    "write_plural_dict",
]
