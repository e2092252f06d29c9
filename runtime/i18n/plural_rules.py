"""Which plural form goes with which whole number, per language (T-PL-16, T-PL-19, LIB-27).

Form 0 is the singular; the others follow in the order two, few, many, the
rest, zero, as far as a language tells them apart for whole numbers.
A language that is not listed has one form.

`rule_for` finds, in this order: the file ``modules/plural_rules/<language>.py``
of the application, a file ``<language>.py`` that somebody added to
``gluon/contrib/plural_rules`` (AMB-14), the table below. A rule file defines ``nplurals``,
``get_plural_id(n)`` and, if it wants, ``construct_plural_form(word, plural_id)``.
"""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from runtime.i18n.accept import chain, normal_name
from runtime.i18n.word_forms import BUILDERS, unchanged

log = logging.getLogger(__name__)


class PluralRule(NamedTuple):
    """The rule of one language, with the names of a rule file (T-PL-16)."""

    language: str
    nplurals: int
    get_plural_id: Callable[[int], int]
    construct_plural_form: Callable[[str, int], str]


def _one(n: int) -> int:
    return 0


def _not_one(n: int) -> int:
    return int(n != 1)


def _above_one(n: int) -> int:
    return int(n > 1)


def _two_apart(n: int) -> int:
    return n - 1 if n in (1, 2) else 2


def _zero_apart(n: int) -> int:
    return 2 if n == 0 else int(n != 1)


def _ends_in_one(n: int) -> int:
    return int(n % 10 != 1 or n % 100 == 11)


def _east_slavic(n: int) -> int:
    if n % 10 == 1 and n % 100 != 11:
        return 0
    return 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2


def _polish(n: int) -> int:
    if n == 1:
        return 0
    return 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2


def _czech(n: int) -> int:
    if n == 1:
        return 0
    return 1 if 2 <= n <= 4 else 2


def _slovenian(n: int) -> int:
    return {1: 0, 2: 1, 3: 2, 4: 2}.get(n % 100, 3)


def _lithuanian(n: int) -> int:
    if 11 <= n % 100 <= 19 or n % 10 == 0:
        return 2
    return 0 if n % 10 == 1 else 1


def _latvian(n: int) -> int:
    if n % 10 == 0 or 11 <= n % 100 <= 19:
        return 2
    return int(n % 10 != 1)


def _romanian(n: int) -> int:
    if n == 1:
        return 0
    return 1 if n == 0 or 1 <= n % 100 <= 19 else 2


def _arabic(n: int) -> int:
    if n in (0, 1, 2):
        return (5, 0, 1)[n]
    if 3 <= n % 100 <= 10:
        return 2
    return 3 if n % 100 >= 11 else 4


def _welsh(n: int) -> int:
    return {1: 0, 2: 1, 3: 2, 6: 3, 0: 5}.get(n, 4)


def _irish(n: int) -> int:
    if n in (1, 2):
        return n - 1
    if 3 <= n <= 6:
        return 2
    return 3 if 7 <= n <= 10 else 4


def _gaelic(n: int) -> int:
    if n in (1, 11):
        return 0
    if n in (2, 12):
        return 1
    return 2 if 3 <= n <= 19 else 3


def _manx(n: int) -> int:
    if n % 20 == 0:
        return 2
    return {1: 0, 2: 1}.get(n % 10, 3)


def _breton(n: int) -> int:
    ten, hundred = n % 10, n % 100
    if ten in (1, 2) and hundred // 10 not in (1, 7, 9):
        return ten - 1
    if ten in (3, 4, 9) and hundred // 10 not in (1, 7, 9):
        return 2
    return 3 if n and n % 1000000 == 0 else 4


def _maltese(n: int) -> int:
    if n in (1, 2):
        return n - 1
    if n == 0 or 3 <= n % 100 <= 10:
        return 2
    return 3 if 11 <= n % 100 <= 19 else 4


def _cornish(n: int) -> int:
    if n in (0, 1):
        return (5, 0)[n]
    thousands = n % 100000
    dual = n % 1000 == 0 and (1000 <= thousands <= 20000 or thousands in (40000, 60000, 80000))
    if n % 100 in (2, 22, 42, 62, 82) or dual or n % 1000000 == 100000:
        return 1
    return {3: 2, 1: 3}.get(n % 20, 4)


def _filipino(n: int) -> int:
    return int(n not in (1, 2, 3) and n % 10 in (4, 6, 9))


def _tachelhit(n: int) -> int:
    if n < 2:
        return 0
    return 1 if n <= 10 else 2


def _tamazight(n: int) -> int:
    return int(not (n < 2 or 11 <= n <= 99))


ONE_FORM = "id ja ko lo ms my th vi zh"
TABLE: tuple[tuple[int, Callable[[int], int], str], ...] = (
    (1, _one, ONE_FORM),
    (
        2,
        _not_one,
        "af an asa ast az bal bem bez bg brx ca ce cgg chr ckb da de dv ee el en eo es et eu fi fo fur "
        "fy gl gsw ha haw hu ia io it jgo jmc ka kaj kcg kk kkj kl ks ksb ku ky lb lg lij lld mas mgo ml "
        "mn mr nb nd ne nl nn nnh no nr ny nyn om or os pap ps pt-pt rm rof rwk saq sc scn sd sdh seh sn "
        "so sq ss ssy st sv sw syr ta te teo tig tk tn tr ts ug ur uz ve vec vo vun wae xh xog yi",
    ),
    (2, _above_one, "ak am as bho bn csw doi fa ff fr gu hi ht hy kab kn ln mg nso pa pcm pt si ti wa zu"),
    (2, _ends_in_one, "is mk"),
    (2, _filipino, "ceb fil tl"),
    (2, _tamazight, "tzm"),
    (3, _two_apart, "he iu iw naq sat se sma smj smn sms"),
    (3, _zero_apart, "blo ksh lag"),
    (3, _east_slavic, "be bs hr ru sh sr uk"),
    (3, _polish, "pl"),
    (3, _czech, "cs sk"),
    (3, _lithuanian, "lt"),
    (3, _latvian, "lv prg"),
    (3, _romanian, "mo ro"),
    (3, _tachelhit, "shi"),
    (4, _slovenian, "dsb hsb sl"),
    (4, _gaelic, "gd"),
    (4, _manx, "gv"),
    (5, _irish, "ga"),
    (5, _breton, "br"),
    (5, _maltese, "mt"),
    (6, _arabic, "ar"),
    (6, _welsh, "cy"),
    (6, _cornish, "kw"),
)
RULES: dict[str, PluralRule] = {
    language: PluralRule(language, count, choose, BUILDERS.get(language.split("-")[0], unchanged))
    for count, choose, languages in TABLE
    for language in languages.split()
}
"""Every language of the table and its rule."""

DEFAULT_RULE = PluralRule("default", 1, _one, unchanged)
"""The rule of a language nothing is known of: no plural forms (T-PL-19)."""


def rule_for(language: str, application: str | os.PathLike[str] | None = None) -> PluralRule:
    """Return the rule of `language`, or of its shorter names, else `DEFAULT_RULE`.

    Args:
        language: name of the language, as ``sl`` or ``pt-br``.
        application: folder of an application that may bring rule files of its own.
    """
    for name in chain(normal_name(language)):
        if not name:
            continue
        if application is not None:
            own = _from_file(os.path.join(application, "modules", "plural_rules", f"{name}.py"), name)
            if own is not None:
                return own
        added = _shared_rule(name)
        if added is not None:
            return added
        if name in RULES:
            return RULES[name]
    return DEFAULT_RULE


def examples(rule: PluralRule, count: int = 3, limit: int = 1000) -> list[list[int]]:
    """Return the first `count` numbers from 0 to `limit` of each form of `rule`."""
    out: list[list[int]] = [[] for _ in range(rule.nplurals)]
    for number in range(limit + 1):
        numbers = out[rule.get_plural_id(number)]
        if len(numbers) < count:
            numbers.append(number)
    return out


def _from_file(path: str, name: str) -> PluralRule | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return _run_file(path, name, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=256)
def _run_file(path: str, name: str, mtime_ns: int, size: int) -> PluralRule | None:
    space: dict[str, Any] = {"__name__": f"plural_rules.{name}", "__file__": path}
    try:
        with open(path, "rb") as stream:
            exec(compile(stream.read(), path, "exec"), space)  # noqa: S102 - a module of the application
        return _checked(name, space)
    except Exception as error:
        log.error("plural rule file %s is not used: %s: %s", path, type(error).__name__, error)
        return None


@cache
def _shared_folders() -> tuple[str, ...]:
    """Return the folders that ``gluon.contrib.plural_rules`` stands for, without importing it."""
    found = importlib.util.find_spec("gluon")
    places = found.submodule_search_locations if found is not None else None
    return tuple(os.path.join(place, "contrib", "plural_rules") for place in places or ())


@cache
def _shared_rule(name: str) -> PluralRule | None:
    """Return the rule of a file added to ``gluon/contrib/plural_rules``; looked for once per process."""
    paths = (os.path.join(folder, f"{name}.py") for folder in _shared_folders())
    return next((rule for path in paths if (rule := _from_file(path, name)) is not None), None)


def _checked(name: str, space: dict[str, Any]) -> PluralRule:
    nplurals, choose = space["nplurals"], space["get_plural_id"]
    if not isinstance(nplurals, int) or nplurals < 1 or not callable(choose):
        raise ValueError("nplurals must be a number from 1 and get_plural_id a function")
    return PluralRule(name, nplurals, choose, space.get("construct_plural_form") or unchanged)


def __getattr__(name: str) -> PluralRule:
    """Give the rules as attributes, as in ``from gluon.contrib.plural_rules import sl`` (AMB-14)."""
    try:
        return RULES[name.replace("_", "-")]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no plural rule {name!r}") from None
