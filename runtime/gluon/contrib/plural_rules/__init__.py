"""``gluon.contrib.plural_rules``: the plural rules by language; files added here win (AMB-14)."""

from runtime.i18n.plural_rules import PluralRule, rule_for


def __getattr__(name: str) -> PluralRule:
    """Give the rule of a language as attribute, as in ``from gluon.contrib.plural_rules import sl``."""
    rule = rule_for(name.replace("_", "-")) if not name.startswith("__") else None
    if rule is None or rule.language == "default":
        raise AttributeError(f"module {__name__!r} has no plural rule {name!r}")
    return rule
