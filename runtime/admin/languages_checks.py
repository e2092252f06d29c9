"""Checks of a translation against its source (TR-05): what may be a slip, and how to mend it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from runtime.i18n.catalog import source_text
from runtime.i18n.placeholders import CONVERSION, PLACEHOLDER, placeholders

BRACE = re.compile(r"(?<![%{])\{[A-Za-z_]\w*(?:\[\w+\]|\.\w+)*\}")
TAG = re.compile(r"</?[A-Za-z][^<>]*>|\[\[[^\[\]]*\]\]")
NAMED = re.compile(r"%\(([^()]*)\)")
INDEXED = re.compile(r"(?:\[\d{1,4}\]|\([^()]*\))\}\Z")
FINAL = ".!?:;…"
FINAL_LIKE = {
    "。": ".",
    "．": ".",
    "！": "!",
    "？": "?",
    "؟": "?",
    "：": ":",
    "；": ";",
    "؛": ";",
    "।": ".",
    "։": ".",
}
BRACKETS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}
LONG, SHORT, ENOUGH = 3.0, 0.3, 12
"""Ratios of lengths that are worth a look, for sources of at least `ENOUGH` characters."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
DENSE = re.compile("[\u2e80-\U0010ffff]")
"""Scripts that say much in few characters."""

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


@dataclass(frozen=True)
class Finding:
    """Something that may be a slip.

    Attributes:
        check: name of the check, for *ignore here*.
        message: one sentence.
        fixed: the translation with it mended; None where only a person can tell how.
    """

    check: str
    message: str
    fixed: str | None = None


def marked_parts(text: str) -> list[tuple[int, int]]:
    """Return start and end of each placeholder of `text`, in order, for colouring (TR-06)."""
    pattern = (
        f"{PLACEHOLDER.pattern}|%(?:\\([^()]*\\))?[#0+-]*[\\d*.]*[hlL]?[a-zA-Z](?![a-zA-Z])|{BRACE.pattern}"
    )
    spans = [match.span() for match in re.finditer(pattern, text)]
    for match in CONVERSION.finditer(text):
        if match["type"] and match["type"].isalpha() and (match["key"] or match["type"] in "sdfirxge"):
            spans.append(match.span())
    return _apart(sorted(set(spans)))


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and start < out[-1][1]:
            continue
        out.append((start, end))
    return out


def all_placeholders(text: str) -> list[str]:
    """Return the placeholders of `text` in order: percent conversions, ``%%{...}`` and ``{name}``."""
    found = [piece for piece in placeholders(text) if not re.fullmatch(r"%[#0 +-]*%|%", piece)]
    return found + [match[0] for match in BRACE.finditer(PLACEHOLDER.sub("", text))]


def check(key: str, translation: str, ignored: Collection[str] = ()) -> list[Finding]:
    """Return what may be wrong with `translation` of the string `key`; nothing for an untranslated one.

    Args:
        key: key of the language file.
        translation: the text as it would be saved.
        ignored: names of checks that were set aside for this string.
    """
    source = source_text(key)
    if not translation or translation == source:
        return []
    found = [finding for one in CHECKS for finding in one(source, translation)]
    return [finding for finding in found if finding.check not in ignored]


def _check_placeholders(source: str, text: str) -> Iterator[Finding]:
    wanted, given = all_placeholders(source), all_placeholders(text)
    words_wanted, plain_wanted = _split(wanted)
    words_given, plain_given = _split(given)
    missing = list((Counter(plain_wanted) - Counter(plain_given)).elements())
    extra = list((Counter(plain_given) - Counter(plain_wanted)).elements())
    if missing or extra:
        yield Finding("placeholders", _said(missing, extra), _swap(text, missing, extra))
    elif [one for one in plain_given if not NAMED.match(one) and one[0] == "%"] != [
        one for one in plain_wanted if not NAMED.match(one) and one[0] == "%"
    ]:
        kinds = ", ".join(one for one in plain_wanted if not NAMED.match(one) and one[0] == "%")
        yield Finding("placeholders", f"placeholders without a name keep their order: {kinds}")
    if len(words_given) < len(words_wanted) and plain_wanted:
        lost = ", ".join(words_wanted[len(words_given) :])
        yield Finding("plural", f"no plural word stands for {lost}")
    tails = [_number(one) for one in words_wanted], [_number(one) for one in words_given]
    if set(tails[1]) - set(tails[0]):
        unknown = ", ".join(one for one in words_given if _number(one) not in tails[0])
        yield Finding("plural", f"{unknown} takes its number from a value the source does not name")
    if text.replace("%%", "").count("%{") or re.search(r"%%\{[^}]*\Z", text):
        yield Finding("plural", "a plural word is not closed, or has one % instead of two")


def _split(found: list[str]) -> tuple[list[str], list[str]]:
    words = [one for one in found if one.startswith("%%{")]
    return words, [one for one in found if not one.startswith("%%{")]


def _number(word: str) -> str:
    match = INDEXED.search(word)
    return match[0] if match else ""


def _said(missing: list[str], extra: list[str]) -> str:
    parts = [f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"] if missing else []
    if extra:
        parts.append(f"{', '.join(extra)} {'is' if len(extra) == 1 else 'are'} unknown")
    return ", ".join(parts)


def _swap(text: str, missing: list[str], extra: list[str]) -> str | None:
    """Return `text` with each unknown placeholder replaced by a missing one; missing ones alone are added."""
    if len(extra) > len(missing):
        return None
    for wrong, right in zip(extra, missing, strict=False):
        text = text.replace(wrong, right, 1)
    for right in missing[len(extra) :]:
        text = f"{text.rstrip()} {right}"
    return text


def _check_tags(source: str, text: str) -> Iterator[Finding]:
    def kinds(value: str) -> Counter[str]:
        names = (match[0] for match in TAG.finditer(PLACEHOLDER.sub("", value)))
        return Counter(
            re.split(r"[\s>]", name)[0].casefold() if name[0] == "<" else "[[link]]" for name in names
        )

    wanted, given = kinds(source), kinds(text)
    missing, extra = list((wanted - given).elements()), list((given - wanted).elements())
    if missing or extra:
        said = _said([one + (">" if one[0] == "<" else "") for one in missing],
                     [one + (">" if one[0] == "<" else "") for one in extra])  # fmt: skip
        yield Finding("tags", f"markup: {said}")


def _check_ends(source: str, text: str) -> Iterator[Finding]:
    head = source[: len(source) - len(source.lstrip())]
    tail = source[len(source.rstrip()) :]
    mine_head, mine_tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    if mine_head != head:
        yield Finding("spaces", _space_said("begins", head, mine_head), head + text.lstrip())
    if mine_tail != tail:
        yield Finding("spaces", _space_said("ends", tail, mine_tail), text.rstrip() + tail)


def _space_said(verb: str, source: str, mine: str) -> str:
    def kind(blank: str) -> str:
        return "a line end" if "\n" in blank else "a space"

    if source and not mine:
        return f"the source {verb} with {kind(source)}"
    if mine and not source:
        return f"the translation {verb} with {kind(mine)}, the source does not"
    return f"spaces where the text {verb} differ from the source"


def _check_lines(source: str, text: str) -> Iterator[Finding]:
    lines, mine = source.strip().count("\n"), text.strip().count("\n")
    if lines != mine:
        counted = f"{lines + 1} lines" if lines else "1 line"
        yield Finding("lines", f"the source has {counted}, the translation {mine + 1}")
    if "\r" in text and "\r" not in source:
        yield Finding(
            "lines", "a carriage return stands in the text", text.replace("\r\n", "\n").replace("\r", "\n")
        )


def _check_final(source: str, text: str) -> Iterator[Finding]:
    wanted, mine = _final(source), _final(text)
    if wanted == mine:
        return
    bare = text.rstrip()
    tail = text[len(bare) :]
    if mine:
        for ending in (*FINAL_LIKE, *FINAL, "."):
            while bare.endswith(ending):
                bare = bare[: -len(ending)]
    said = (
        f"the source ends with {wanted}"
        if wanted
        else f"the translation ends with {mine}, the source does not"
    )
    yield Finding("punctuation", said, bare + wanted + tail)


def _final(text: str) -> str:
    bare = text.rstrip()
    if bare.endswith("..."):
        return "…"
    last = bare[-1:]
    last = FINAL_LIKE.get(last, last)
    return last if last in FINAL else ""


def _check_brackets(source: str, text: str) -> Iterator[Finding]:
    plain, own = (
        PLACEHOLDER.sub("", CONVERSION.sub("", source)),
        PLACEHOLDER.sub("", CONVERSION.sub("", text)),
    )
    for opening, closing in BRACKETS.items():
        if own.count(opening) != own.count(closing) and plain.count(opening) == plain.count(closing):
            yield Finding("brackets", f"{opening} and {closing} do not pair")


def _check_doubles(source: str, text: str) -> Iterator[Finding]:
    if "  " in text.strip(" ") and "  " not in source:
        inner = re.sub(r"(?<=\S) {2,}(?=\S)", " ", text)
        yield Finding("double spaces", "two spaces follow each other", inner)


def _check_length(source: str, text: str) -> Iterator[Finding]:
    if len(source) < ENOUGH or DENSE.search(text + source):
        return
    ratio = len(text) / len(source)
    if ratio > LONG:
        yield Finding("length", f"the translation is {ratio:.0f} times as long as the source")
    elif ratio < SHORT:
        yield Finding("length", "the translation is much shorter than the source")


def _check_controls(source: str, text: str) -> Iterator[Finding]:
    bad = set(CONTROL.findall(text)) - set(source)
    if bad:
        named = ", ".join(f"U+{ord(char):04X}" for char in sorted(bad))
        fixed = "".join(char for char in text if char not in bad)
        yield Finding("control characters", f"control characters that nobody sees: {named}", fixed)
    if text.isascii():
        return
    opened = sum(text.count(char) for char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
    closed = sum(text.count(char) for char in "\u202c\u2069")
    if opened != closed:
        fixed = "".join(char for char in text if char not in BIDI)
        yield Finding("direction", "marks of writing direction are opened and not closed", fixed)


CHECKS: tuple[Callable[[str, str], Iterator[Finding]], ...] = (
    _check_placeholders,
    _check_tags,
    _check_ends,
    _check_lines,
    _check_final,
    _check_brackets,
    _check_doubles,
    _check_length,
    _check_controls,
)


def different_terms(texts: dict[str, str]) -> dict[str, str]:
    """Return the keys whose source is translated differently under another key, with the other text.

    Sources count as the same when only case, spaces and final punctuation differ.
    """
    groups: dict[str, dict[str, str]] = {}
    for key, text in texts.items():
        source = source_text(key)
        if text and text != source:
            term = " ".join(source.casefold().split()).rstrip(FINAL)
            groups.setdefault(term, {})[key] = text
    out: dict[str, str] = {}
    for group in groups.values():
        if len(group) > 1:
            plain = {key: " ".join(text.casefold().split()).rstrip(FINAL) for key, text in group.items()}
            if len(set(plain.values())) > 1:
                for key in group:
                    out[key] = next(group[other] for other in group if plain[other] != plain[key])
    return out
