"""The languages of an application as files: listing, adding, renaming, the bin (TR-01)."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from desktop.panels.translations.model import UNFINISHED, Sheet
from runtime.admin.languages import ScanResult, Statistics, scan, statistics
from runtime.admin.languages_marks import Marks, change_marks, load_marks
from runtime.foundation.problems import UserError
from runtime.i18n.accept import normal_name
from runtime.i18n.catalog import source_text
from runtime.i18n.files import (
    LANGUAGE_CODE,
    LANGUAGE_NAME,
    load_texts,
    load_words,
    merge_texts,
    write_dict,
    write_plural_dict,
)

BIN_DAYS = 30
DAY = 86_400


def applications(site: Path) -> list[Path]:
    """The application folders of a site, by name."""
    folder = site / "applications"
    try:
        found = [
            path
            for path in folder.iterdir()
            if (path / "languages").is_dir() or (path / "controllers").is_dir()
        ]
    except OSError:
        return []
    return sorted(
        (path for path in found if not path.name.startswith(".")), key=lambda path: path.name.casefold()
    )


@dataclass(frozen=True)
class LanguageLine:
    """One language in the list of languages.

    Attributes:
        counts: name, problem, rule and unused strings.
        percent: share that is done, rounded down; unused strings do not count, same on purpose is done.
        to_go: strings left.
        warnings: strings the checks have something to say about.
    """

    counts: Statistics
    percent: int
    to_go: int
    warnings: int


def list_languages(application: Path, found: ScanResult | None) -> list[LanguageLine]:
    """The languages of an application with their counts (TR-01); unused strings only with a scan.

    Raises:
        UserError: there is no such application.
    """
    try:
        marks = load_marks(application / "languages")
    except UserError:
        marks = Marks()
    out = []
    for name, counts in statistics(application, found).items():
        texts = {} if counts.problem else load_texts(application / "languages" / f"{name}.py")
        sheet = Sheet(application, name, texts, {}, marks, counts.rule)
        changes = found.files.get(name) if found is not None and found.places else None
        if changes is not None:
            sheet.mark_unused(changes.unused)
        warnings = sum(bool(faults) and not sheet[key].unused for key, faults in sheet.find_faults().items())
        states = sheet.counts()
        to_go = sum(states[state] for state in UNFINISHED)
        out.append(LanguageLine(counts, sheet.percent, to_go, warnings))
    return out


def add_language(application: Path, code: str, name: str, like: str = "") -> str:
    """Make a language file with every string of the others, untranslated, or copy `like`; return its name.

    Raises:
        UserError: `code` is no language, or is there already.
        OSError: the file could not be written.
    """
    language = normal_name(code)
    if not language or language == "default":
        raise UserError(f"“{code}” is not the code of a language. Write it as it, pt-br or zh-hant.")
    folder = application / "languages"
    path = folder / f"{language}.py"
    if path.exists():
        raise UserError(f"There is a language {language} already.")
    folder.mkdir(exist_ok=True)
    about = {LANGUAGE_CODE: language, LANGUAGE_NAME: name.strip() or language}
    if like:
        texts = {**load_texts(folder / f"{like}.py"), **about}
        words = load_words(folder / f"plural-{like}.py")
        if words:
            write_plural_dict(folder / f"plural-{language}.py", words)
        change_marks(folder, lambda marks: marks.copy_language(like, language))
    else:
        texts = {**{key: source_text(key) for key in scan(application).places}, **about}
    write_dict(path, texts)
    return language


def rename_language(application: Path, language: str, code: str, name: str) -> str:
    """Give a language another code or name; return the name of its file.

    Raises:
        UserError: `code` is no language, or is there already.
        OSError: a file could not be written.
    """
    target = normal_name(code)
    if not target:
        raise UserError(f"“{code}” is not the code of a language. Write it as it, pt-br or zh-hant.")
    folder = application / "languages"
    if target != language:
        add_language(application, target, name, like=language)
        for stem in (language, f"plural-{language}"):
            (folder / f"{stem}.py").unlink(missing_ok=True)
        change_marks(folder, lambda marks: marks.drop_language(language))
        return target
    merge_texts(folder / f"{language}.py", {LANGUAGE_NAME: name.strip() or language}, replace=True)
    return language


def bin_language(application: Path, language: str, data: Path) -> Path:
    """Move the files of a language to the bin; return their place there, for `restore_language`.

    Raises:
        OSError: they could not be moved.
    """
    empty_bin(data)
    place = data / "bin" / f"{time.time_ns()}-{application.name}-{language}"
    place.mkdir(parents=True)
    for stem in (language, f"plural-{language}"):
        path = application / "languages" / f"{stem}.py"
        if path.exists():
            shutil.move(path, place / path.name)
    return place


def restore_language(application: Path, place: Path) -> None:
    """Bring the files of a language back from the bin; files made meanwhile stay.

    Raises:
        UserError: there is a file of that name again.
        OSError: they could not be moved.
    """
    for path in place.iterdir():
        target = application / "languages" / path.name
        if target.exists():
            raise UserError(f"{target.name} was made again meanwhile; the deleted one stays in {place}.")
        shutil.move(path, target)
    place.rmdir()


def empty_bin(data: Path, now: float | None = None) -> None:
    """Delete what has been in the bin for more than `BIN_DAYS` days."""
    oldest = (time.time() if now is None else now) - BIN_DAYS * DAY
    for place in (data / "bin").glob("*-*"):
        moment = place.name.partition("-")[0]
        if place.is_dir() and moment.isdecimal() and int(moment) / 1e9 < oldest:
            shutil.rmtree(place, ignore_errors=True)
