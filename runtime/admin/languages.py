"""Languages of an application on disk: find its strings, bring the files up to date, count (T-20)."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from runtime.admin.languages_scan import Place, Sources, find_strings
from runtime.foundation.problems import UserError
from runtime.i18n.accept import normal_name
from runtime.i18n.catalog import language_files, source_text
from runtime.i18n.files import (
    LANGUAGE_CODE,
    LANGUAGE_NAME,
    META_KEYS,
    CorruptedFile,
    load_texts,
    merge_texts,
    remove_keys,
)
from runtime.i18n.plural_rules import PluralRule, rule_for
from runtime.views import DEFAULT_DELIMITERS

NEAR = 0.75
"""From which likeness, 0 to 1, a new and an unused string count as near matches."""

MAX_NEAR = 200_000
"""How many pairs of strings are compared at most for near matches of one file."""


@dataclass(frozen=True)
class NearMatch:
    """A new string that looks like an unused one: probably the same, reworded."""

    new: str
    unused: str
    likeness: float


@dataclass
class FileChanges:
    """How one language file differs from the sources.

    Attributes:
        path: the file.
        language: its name without ``.py``.
        new: keys of the sources it does not have, in the order of the sources.
        unused: keys it has and the sources do not; texts translated through variables are among them.
        near: pairs of the two that look alike, the most alike first.
        problem: why the file cannot be read; then the lists are empty and it is never written.
    """

    path: Path
    language: str
    new: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    near: list[NearMatch] = field(default_factory=list)
    problem: str = ""


@dataclass
class ScanResult:
    """The strings of an application's sources beside its language files."""

    sources: Sources
    files: dict[str, FileChanges]

    @property
    def places(self) -> dict[str, list[Place]]:
        """Key to the places it is used at (TR-08)."""
        return self.sources.places


@dataclass(frozen=True)
class Statistics:
    """Counts of one language file; a text equal to its source counts as untranslated (TR-01)."""

    language: str
    name: str
    total: int
    translated: int
    unused: int
    problem: str
    rule: PluralRule

    @property
    def untranslated(self) -> int:
        """How many strings are left."""
        return self.total - self.translated

    @property
    def percent(self) -> int:
        """Share of translated strings, rounded down; 100 for a file without strings."""
        return 100 * self.translated // self.total if self.total else 100


def languages_folder(application: str | os.PathLike[str]) -> Path:
    """Return the folder of the language files of the application folder `application`.

    Raises:
        UserError: there is no such application.
    """
    folder = Path(application)
    if not folder.is_dir():
        raise UserError(f"there is no application folder {folder}")
    return folder / "languages"


def scan(
    application: str | os.PathLike[str],
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    delimiters: tuple[str, str] = DEFAULT_DELIMITERS,
) -> ScanResult:
    """Compare the strings of the sources of `application` with each of its language files (T-20, TR-07).

    Nothing is written. After a cancelled search ``sources.complete`` is False
    and the files are not compared.

    Args:
        application: its folder.
        progress: called with the number of source files done and of all.
        cancelled: asked before each file; True ends the search.
        delimiters: what opens and closes Python in its views.

    Raises:
        UserError: there is no such application.
    """
    folder = languages_folder(application)
    sources = find_strings(Path(application), delimiters, progress, cancelled)
    files = {}
    if sources.complete:
        files = {path.stem: _compare(path, sources.places) for path in language_files(folder)}
    return ScanResult(sources, files)


def _compare(path: Path, places: dict[str, list[Place]]) -> FileChanges:
    changes = FileChanges(path, path.stem)
    try:
        texts = load_texts(path)
    except CorruptedFile as error:
        changes.problem = str(error)
        return changes
    used = {_spelling(key) for key in places}
    known = {_spelling(key) for key in texts}
    changes.new = [key for key in places if _spelling(key) not in known]
    changes.unused = [key for key in texts if key not in META_KEYS and _spelling(key) not in used]
    changes.near = near_matches(changes.new, changes.unused)
    return changes


def _spelling(key: str) -> str:
    """Return `key` with its comment, if any, set off in one way: ``text##comment``."""
    if source_text(key) == key or "##" not in key:
        return key
    text, _, comment = key.rpartition("##")
    return f"{text.strip()}##{comment.strip()}"


def near_matches(new: Iterable[str], unused: Iterable[str]) -> list[NearMatch]:
    """Return each string of `new` with the most alike one of `unused`, if they are alike enough."""
    candidates = list(unused)
    out: list[NearMatch] = []
    budget = MAX_NEAR
    matcher = difflib.SequenceMatcher(autojunk=False)
    for text in new:
        budget -= len(candidates)
        if budget < 0:
            break
        matcher.set_seq2(text)
        best, likeness = "", NEAR
        for candidate in candidates:
            matcher.set_seq1(candidate)
            if matcher.real_quick_ratio() >= likeness and matcher.quick_ratio() >= likeness:
                ratio = matcher.ratio()
                if ratio >= likeness:
                    best, likeness = candidate, ratio
        if best:
            out.append(NearMatch(text, best, likeness))
    return sorted(out, key=lambda match: -match.likeness)


def update_all_languages(
    application: str | os.PathLike[str], remove_unused: bool = False, found: ScanResult | None = None
) -> ScanResult:
    """Add every string of the sources to every language file of `application` (T-20).

    New strings get their own text as translation. Files that cannot be read
    are left alone; ``files[...].problem`` says why.

    Args:
        application: its folder.
        remove_unused: also take out the strings no source uses.
        found: the result of `scan` to apply; default: scan now.

    Raises:
        UserError: there is no such application.
        OSError, TimeoutError: a file could not be written or locked.
    """
    result = found if found is not None else scan(application)
    for changes in result.files.values():
        if not changes.problem:
            merge_texts(changes.path, {key: source_text(key) for key in changes.new})
            if remove_unused:
                remove_keys(changes.path, changes.unused)
    return result


def findT(path: str | os.PathLike[str], language: str = "en") -> ScanResult:
    """Add every string of the sources of the application folder `path` to the file of `language` (T-20).

    The file is created if absent.

    Raises:
        UserError: no such application, `language` is no name of a language, or its file cannot be read.
        OSError, TimeoutError: the file could not be written or locked.
    """
    name = normal_name(language)
    if not name:
        raise UserError(f"{language!r} is not the name of a language; write it as it, pt-br or zh-hant")
    folder = languages_folder(path)
    folder.mkdir(exist_ok=True)
    file = folder / f"{name}.py"
    result = scan(path)
    changes = _compare(file, result.places)
    if changes.problem:
        raise CorruptedFile(changes.problem)
    code = "en" if name == "default" else name
    head = {LANGUAGE_CODE: code, LANGUAGE_NAME: "English" if code == "en" else code}
    merge_texts(file, head | {key: source_text(key) for key in changes.new})
    result.files[name] = changes
    return result


def statistics(application: str | os.PathLike[str], found: ScanResult | None = None) -> dict[str, Statistics]:
    """Return the counts of each language file of `application`, by language (TR-01).

    Args:
        application: its folder.
        found: a result of `scan`, to count unused strings; without it they are 0.

    Raises:
        UserError: there is no such application.
    """
    files = language_files(languages_folder(application))
    return {path.stem: _count(path, application, found) for path in files}


def _count(path: Path, application: str | os.PathLike[str], found: ScanResult | None) -> Statistics:
    language, problem = path.stem, ""
    try:
        texts = load_texts(path)
    except CorruptedFile as error:
        texts, problem = {}, str(error)
    code = texts.get(LANGUAGE_CODE) or ("en" if language == "default" else language)
    keys = [key for key in texts if key not in META_KEYS]
    translated = sum(texts[key] not in ("", key, source_text(key)) for key in keys)
    changes = found.files.get(language) if found is not None else None
    unused = len(changes.unused) if changes is not None else 0
    name = texts.get(LANGUAGE_NAME) or code
    return Statistics(language, name, len(keys), translated, unused, problem, rule_for(code, application))
