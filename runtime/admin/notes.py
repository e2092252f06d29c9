"""What people wrote down in an application: ABOUT, LICENSE, README, and marks like TODO (AP-23)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.file_search import Wanted, find_in_files

PAGES = ("ABOUT", "README", "README.md", "README.txt", "README.rst", "LICENSE", "CHANGELOG", "CHANGELOG.md")
MOST = 200_000
_MARK = r"\b(TODO|FIXME|XXX|HACK)\b"
_SECTIONS = ("models", "controllers", "views", "modules", "private", "cron", "tests", "static")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of an application: its file name and text."""

    name: str
    text: str

    @property
    def markdown(self) -> bool:
        """Whether it is written in Markdown: by its ending, or by its look."""
        return self.name.endswith(".md") or re.search(r"^(#|\* |- |```)", self.text, re.MULTILINE) is not None


@dataclass(frozen=True, slots=True)
class Note:
    """A line with a mark: file, line from 1, and what it says from the mark on."""

    path: Path
    line: int
    text: str


def read_pages(folder: Path) -> list[Page]:
    """Return the pages of an application that are there and not empty."""
    out = []
    for name in PAGES:
        try:
            with (folder / name).open("rb") as stream:
                text = stream.read(MOST).decode("utf-8", "replace").strip()
        except OSError:
            continue
        if text:
            out.append(Page(name, text))
    return out


def find_notes(folder: Path, cancelled: Callable[[], bool] = bool) -> list[Note]:
    """Return the lines of an application that hold TODO, FIXME, XXX or HACK."""
    found = find_in_files([folder], Wanted(_MARK, regex=True, case=True), cancelled, _SECTIONS)
    return [
        Note(file.path, hit.line, hit.text[hit.start :].strip())
        for file in found
        for hit in file.hits
        if ".min." not in file.path.name
    ]
