"""Regular plurals of words, for the languages whose plural can be built (T-PL-16, T-PL-18).

What is built here is a proposal: it is written to the dictionary of the
application, where a person corrects it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

ENGLISH_EXCEPTIONS = {
    "man": "men", "woman": "women", "child": "children", "person": "people", "mouse": "mice",
    "louse": "lice", "goose": "geese", "foot": "feet", "tooth": "teeth", "ox": "oxen", "die": "dice",
    "quiz": "quizzes", "index": "indices", "vertex": "vertices", "matrix": "matrices", "axis": "axes",
    "analysis": "analyses", "basis": "bases", "crisis": "crises", "thesis": "theses",
    "hypothesis": "hypotheses",
    "criterion": "criteria", "phenomenon": "phenomena", "this": "these", "that": "those", "is": "are",
    "was": "were", "has": "have", "does": "do", "leaf": "leaves", "loaf": "loaves", "half": "halves",
    "knife": "knives", "life": "lives", "wife": "wives", "wolf": "wolves", "shelf": "shelves",
    "calf": "calves",
    "thief": "thieves", "self": "selves", "scarf": "scarves", "hero": "heroes", "potato": "potatoes",
    "tomato": "tomatoes", "echo": "echoes", "veto": "vetoes", "torpedo": "torpedoes", "stomach": "stomachs",
    "monarch": "monarchs", "bus": "buses", "gas": "gases",
}  # fmt: skip
ENGLISH_UNCHANGED = frozenset({
    "aircraft", "deer", "equipment", "fish", "information", "means", "money", "news", "offspring", "rice",
    "series", "sheep", "species", "data",
})  # fmt: skip
FRENCH_EXCEPTIONS = {
    "œil": "yeux", "monsieur": "messieurs", "madame": "mesdames", "travail": "travaux", "bijou": "bijoux",
    "caillou": "cailloux", "chou": "choux", "genou": "genoux", "hibou": "hiboux", "bal": "bals",
    "festival": "festivals", "carnaval": "carnavals", "pneu": "pneus", "bleu": "bleus",
}  # fmt: skip
LAST_WORD = re.compile(r"(\w+)(\W*)\Z")


def _on_last_word(build: Callable[[str], str]) -> Callable[[str, int], str]:
    def construct(word: str, plural_id: int = 1) -> str:
        found = LAST_WORD.search(word)
        if plural_id <= 0 or found is None:
            return word
        return word[: found.start()] + build(found[1]) + found[2]

    return construct


def _with_case(word: str, plural: str) -> str:
    if word.isupper() and len(word) > 1:
        return plural.upper()
    return plural.capitalize() if word[0].isupper() else plural


def _english(word: str) -> str:
    low = word.lower()
    if low in ENGLISH_UNCHANGED:
        return word
    if low in ENGLISH_EXCEPTIONS:
        return _with_case(word, ENGLISH_EXCEPTIONS[low])
    suffix = "s"
    if re.search(r"(s|x|z|ch|sh)\Z", low):
        suffix = "es"
    elif re.search(r"[^aeiou]y\Z", low):
        word, suffix = word[:-1], "ies"
    return word + (suffix.upper() if word.isupper() and len(word) > 1 else suffix)


def _french(word: str) -> str:
    low = word.lower()
    if low in FRENCH_EXCEPTIONS:
        return _with_case(word, FRENCH_EXCEPTIONS[low])
    if re.search(r"[sxz]\Z", low):
        return word
    if re.search(r"(eau|au|eu)\Z", low):
        return word + "x"
    return word[:-1] + "ux" if low.endswith("al") else word + "s"


def _spanish(word: str) -> str:
    low = word.lower()
    if re.search(r"[aeiouáéó]\Z", low):
        return word + "s"
    if low.endswith("z"):
        return word[:-1] + "ces"
    accented = re.search(r"([áéíóú])([ns])\Z", low)
    if accented:
        plain = "aeiou"["áéíóú".index(accented[1])]
        return word[:-2] + plain + word[-1] + "es"
    return word if low.endswith("s") else word + "es"


def _portuguese(word: str) -> str:
    low = word.lower()
    if low.endswith("ão"):
        return word[:-2] + "ões"
    if low.endswith("m"):
        return word[:-1] + "ns"
    if re.search(r"[aou]l\Z", low):
        return word[:-1] + "is"
    if low.endswith("el"):
        return word[:-2] + "éis"
    if re.search(r"[rz]\Z", low):
        return word + "es"
    return word if re.search(r"[sxl]\Z", low) else word + "s"


def _italian(word: str) -> str:
    low = word.lower()
    endings = (("io", "i"), ("ca", "che"), ("ga", "ghe"), ("co", "chi"), ("go", "ghi"), ("ista", "isti"))
    for ending, plural in (*reversed(endings), ("a", "e"), ("o", "i"), ("e", "i")):
        if low.endswith(ending) and len(low) > len(ending):
            return word[: -len(ending)] + plural
    return word


def unchanged(word: str, plural_id: int = 1) -> str:
    """Return `word` as it is: no form can be built (T-PL-19)."""
    return word


BUILDERS: dict[str, Callable[[str, int], str]] = {
    "en": _on_last_word(_english),
    "es": _on_last_word(_spanish),
    "fr": _on_last_word(_french),
    "it": _on_last_word(_italian),
    "pt": _on_last_word(_portuguese),
}
"""Language to the function ``construct_plural_form(word, plural_id)``."""
