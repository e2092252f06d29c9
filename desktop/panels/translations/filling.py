"""Files that may hold texts for what is not translated: the same language elsewhere, its parent (TR-17)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from runtime.admin.languages_checks import check
from runtime.foundation.problems import UserError
from runtime.i18n.catalog import source_text
from runtime.i18n.files import LANGUAGE_NAME, META_KEYS, load_texts

from .choices import Choice
from .model import Row, Sheet

SAME, PARENT, RELATED = range(3)
"""How near a language is, the nearest first."""


@dataclass(frozen=True)
class Source:
    """A language file to take texts from.

    Attributes:
        where: as it is called in the window.
        path: of the file.
        texts: translated ones, by key.
    """

    where: str
    path: Path
    texts: Mapping[str, str]


class Gap(NamedTuple):
    """A string that is not translated."""

    key: str
    source: str
    ignored: frozenset[str]


class Offer(NamedTuple):
    """What a source, or several, would fill."""

    where: str
    choices: list[Choice]


def nearness(language: str, other: str) -> int | None:
    """How near `other` is to `language`; None for another language.

    ``pt`` is the parent of ``pt-br``; ``pt-pt`` is related to it, and so is ``pt-br`` to ``pt``.
    """
    if other == language:
        return SAME
    if language.startswith(f"{other}-"):
        return PARENT
    return RELATED if other.partition("-")[0] == language.partition("-")[0] else None


def source_of(path: Path, where: str = "") -> Source:
    """The texts of one file.

    Raises:
        UserError: it can not be read.
    """
    texts = load_texts(path)
    kept = {
        key: text
        for key, text in texts.items()
        if key not in META_KEYS and text not in ("", key, source_text(key))
    }
    return Source(where or texts.get(LANGUAGE_NAME, "") or path.name, path, kept)


def find_sources(
    applications: Iterable[Path], own: Path, language: str, go_on: Callable[[], None]
) -> list[Source]:
    """The files of a site that may help `language` of the application `own`, the nearest first.

    Files that can not be read are left out: nothing is written to them, and their own page says why.

    Args:
        go_on: called between files; raises when the work is not wanted any more.
    """
    found: list[tuple[tuple[int, bool, str, str], Source]] = []
    for application in applications:
        for path in sorted((application / "languages").glob("*.py")):
            near = nearness(language, path.stem)
            if near is None or path.stem.startswith("plural-") or (application == own and near == SAME):
                continue
            go_on()
            try:
                source = source_of(path, f"{application.name}, {path.stem}")
            except (UserError, OSError):
                continue
            if source.texts:
                place = (near, application != own, application.name.casefold(), path.stem)
                found.append((place, source))
    return [source for _place, source in sorted(found, key=lambda pair: pair[0])]


def gaps_of(sheet: Sheet) -> list[Gap]:
    """The strings of a language that are to be translated."""
    return [Gap(row.key, row.source, frozenset(row.values.ignored)) for row in sheet.rows if is_gap(row)]


def is_gap(row: Row) -> bool:
    """Is a string to be translated? Not where nothing uses it, or where it is the same on purpose."""
    return not (row.translated or row.values.same or row.unused)


def fill_choices(gaps: Iterable[Gap], sources: Sequence[Source]) -> list[Choice]:
    """Texts of `sources` for strings that are not translated; the first source that has one counts.

    The same key is meant first, then the same source text under a key with another comment or markup. What
    the checks have something to say about is told, and not chosen unless the person does.
    """
    by_source = [{source_text(key): text for key, text in source.texts.items()} for source in sources]
    out = []
    for gap in gaps:
        for source, texts in zip(sources, by_source, strict=True):
            text = source.texts.get(gap.key) or texts.get(gap.source, "")
            if text:
                said = "; ".join(finding.message for finding in check(gap.key, text, gap.ignored))
                out.append(Choice(source.where, gap.source, "", text, gap.key, not said, said))
                break
    return out


def offers_of(gaps: Sequence[Gap], sources: Sequence[Source]) -> list[Offer]:
    """What each source has for `gaps`, if anything; where there are several, first all of them together."""
    found = [Offer(source.where, fill_choices(gaps, [source])) for source in sources]
    found = [offer for offer in found if offer.choices]
    return [Offer("All of them", fill_choices(gaps, sources)), *found] if len(found) > 1 else found
