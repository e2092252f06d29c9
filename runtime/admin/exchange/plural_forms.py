"""Plural rules in the notation of PO headers, and the way between two orders of forms."""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from runtime.i18n.plural_rules import PluralRule

_TEENS = "(n%100<12 || n%100>14)"
_FEW = f"n%10>=2 && n%10<=4 && {_TEENS}"
_BRETON_FEW = (
    "(n%10==3 || n%10==4 || n%10==9) && (n%100<10 || n%100>19) && (n%100<70 || n%100>79) && n%100<90"
)
EXPRESSIONS: dict[int, tuple[str, ...]] = {
    1: ("0",),
    2: (
        "n!=1",
        "n>1",
        "n%10!=1 || n%100==11",
        "n!=1 && n!=2 && n!=3 && (n%10==4 || n%10==6 || n%10==9)",
        "n>1 && (n<11 || n>99)",
    ),
    3: (
        "n==1 ? 0 : n==2 ? 1 : 2",
        "n==0 ? 2 : n!=1",
        f"n%10==1 && n%100!=11 ? 0 : {_FEW} ? 1 : 2",
        f"n==1 ? 0 : {_FEW} ? 1 : 2",
        "n==1 ? 0 : n>=2 && n<=4 ? 1 : 2",
        "n%100>=11 && n%100<=19 || n%10==0 ? 2 : n%10!=1",
        "n==1 ? 0 : n==0 || n%100>=1 && n%100<=19 ? 1 : 2",
        "n<2 ? 0 : n<=10 ? 1 : 2",
    ),
    4: (
        "n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3",
        "n==1 || n==11 ? 0 : n==2 || n==12 ? 1 : n>=3 && n<=19 ? 2 : 3",
        "n%20==0 ? 2 : n%10==1 ? 0 : n%10==2 ? 1 : 3",
    ),
    5: (
        "n==1 ? 0 : n==2 ? 1 : n>=3 && n<=6 ? 2 : n>=7 && n<=10 ? 3 : 4",
        "n%10==1 && n%100!=11 && n%100!=71 && n%100!=91 ? 0 : n%10==2 && n%100!=12 && n%100!=72 && n%100!=92"
        f" ? 1 : {_BRETON_FEW} ? 2 : n!=0 && n%1000000==0 ? 3 : 4",
        "n==1 ? 0 : n==2 ? 1 : n==0 || n%100>=3 && n%100<=10 ? 2 : n%100>=11 && n%100<=19 ? 3 : 4",
    ),
    6: (
        "n==1 ? 0 : n==2 ? 1 : n==0 ? 5 : n%100>=3 && n%100<=10 ? 2 : n%100>=11 ? 3 : 4",
        "n==1 ? 0 : n==2 ? 1 : n==3 ? 2 : n==6 ? 3 : n==0 ? 5 : 4",
        "n==0 ? 5 : n==1 ? 0 : n%100==2 || n%100==22 || n%100==42 || n%100==62 || n%100==82"
        " || n%1000==0 && (n%100000>=1000 && n%100000<=20000 || n%100000==40000 || n%100000==60000"
        " || n%100000==80000) || n%1000000==100000 ? 1 : n%20==3 ? 2 : n%20==1 ? 3 : 4",
    ),
}
"""Expressions by number of forms; which one is a language's is found by comparing numbers."""

NUMBERS = (*range(1201), 2000, 40_000, 60_000, 80_000, 100_000, 1_000_000, 1_000_001, 2_000_000)
HEADER = re.compile(r"\s*nplurals\s*=\s*(\d{1,2})\s*;\s*plural\s*=\s*([^;]{1,500});?\s*\Z")


def plural_header(rule: PluralRule) -> str:
    """Return the ``Plural-Forms`` header of `rule`; empty when no known expression says the same."""
    wanted = [rule.get_plural_id(number) for number in NUMBERS]
    for expression in EXPRESSIONS.get(rule.nplurals, ()):
        choose = _compiled(expression)
        if [choose(number) for number in NUMBERS] == wanted:
            return f"nplurals={rule.nplurals}; plural=({expression});"
    return ""


@lru_cache(maxsize=64)
def _compiled(expression: str) -> Callable[[int], int]:
    return gettext.c2py(expression)


def forms_in_order(header: str, forms: Sequence[str], rule: PluralRule) -> list[str]:
    """Return `forms` of a file with the ``Plural-Forms`` `header` in the order of `rule`.

    Without a header, or with one that cannot be read, the order stays.

    Args:
        header: value of the header, as ``nplurals=2; plural=(n != 1);``.
        forms: every form, the singular among them.
        rule: the rule whose order is wanted.
    """
    match = HEADER.match(header)
    if match is None or rule.nplurals < 2:
        return list(forms)
    try:
        choose = _compiled(match[2].strip())
        theirs = [choose(number) for number in NUMBERS]
    except (ValueError, ZeroDivisionError, RecursionError):
        return list(forms)
    ours = [rule.get_plural_id(number) for number in NUMBERS]
    out = []
    for place in range(rule.nplurals):
        at = ours.index(place) if place in ours else 0
        out.append(forms[theirs[at]] if theirs[at] < len(forms) else "")
    return out + list(forms[rule.nplurals :] if int(match[1]) == rule.nplurals else ())
