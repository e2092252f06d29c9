"""What the program is made of: its version, the libraries inside, their licences, its change notes."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import resources
from runtime.foundation.version import build_version

PROGRAM = "hadron"
TOOLS = frozenset(("test", "lint", "bench"))
"""Extras of the program that nobody gets who uses it."""
BUILDERS = frozenset(("pyinstaller",))
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")
_LICENCE_FILE = re.compile(r"(?i)(licen[cs]e|copying|notice|copyright)")


@dataclass(frozen=True, slots=True)
class LibraryPart:
    """One library of the program.

    Attributes:
        name: as its package is called.
        version: of the library.
        licence: the name of its licence, empty when it tells none.
        home: address of the project, empty when it tells none.
    """

    name: str
    version: str
    licence: str
    home: str


def about_lines() -> list[tuple[str, str]]:
    """Return name and value of what tells one installation from another."""
    return [
        ("Build", build_version()),
        ("Python", f"{platform.python_version()} ({platform.python_implementation()})"),
        ("System", platform.platform()),
        ("Program", "bundle" if getattr(sys, "frozen", False) else "installed package"),
    ]


def library_parts() -> list[LibraryPart]:
    """Return Python and all libraries that the program brings, by name."""
    parts = [LibraryPart("Python", platform.python_version(), "PSF-2.0", "https://www.python.org")]
    for found in distributions():
        about = found.metadata
        parts.append(LibraryPart(about["Name"], found.version, _licence(about), _home(about)))
    return sorted(parts, key=lambda part: part.name.lower())


def licence_text(name: str) -> str:
    """Return the licence files of a part, one after the other; empty when it brings none."""
    if name == "Python":
        return sys.copyright
    files = [file for file in metadata.distribution(name).files or () if _LICENCE_FILE.search(file.name)]
    texts = [
        Path(str(file.locate())).read_text("utf-8", errors="replace").strip()
        for file in sorted(files, key=str)
        if file.suffix not in (".py", ".pyc") and Path(str(file.locate())).is_file()
    ]
    return "\n\n".join(dict.fromkeys(texts))


def change_notes() -> str:
    """Return the change notes in Markdown; empty where they were not installed."""
    for folder in (resources.ROOT, resources.ROOT.parent):
        try:
            return (folder / "CHANGELOG.md").read_text("utf-8")
        except OSError:
            continue
    return ""


def distributions() -> Iterator[metadata.Distribution]:
    """Yield each library that the program needs, or may use and has, once; not the program itself."""
    waiting, seen = [PROGRAM], {PROGRAM, *BUILDERS}
    while waiting:
        name = waiting.pop()
        try:
            found = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # for another system, or of an extra that is not installed
        if name != PROGRAM:
            yield found
        for requirement in found.requires or ():
            match = _NAME.match(requirement)
            if match is None or not _is_followed(name, requirement):
                continue
            needed = re.sub(r"[-_.]+", "-", match[0]).lower()
            if needed not in seen:
                seen.add(needed)
                waiting.append(needed)


def _is_followed(name: str, requirement: str) -> bool:
    extra = _EXTRA.search(requirement)
    return extra is None or (name == PROGRAM and extra[1] not in TOOLS)


def _one(about: metadata.PackageMetadata, key: str) -> str:
    """Return the first value of a key, empty when there is none."""
    return str(next(iter(about.get_all(key) or ("",)))).strip()


def _licence(about: metadata.PackageMetadata) -> str:
    expression = _one(about, "License-Expression")
    if expression:
        return expression
    for line in about.get_all("Classifier") or ():
        if line.startswith("License :: ") and not line.endswith("OSI Approved"):
            return str(line.rpartition(" :: ")[2])
    words = _one(about, "License")
    return words if len(words) < 60 and "\n" not in words else ""


def _home(about: metadata.PackageMetadata) -> str:
    home = _one(about, "Home-page")
    if home:
        return home
    for line in about.get_all("Project-URL") or ():
        word, _, address = str(line).partition(",")
        if word.strip().lower() in ("homepage", "home", "source", "repository", "source code"):
            return address.strip()
    return ""
