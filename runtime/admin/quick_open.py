"""Finding files, actions and tables of all applications by a few letters (AP-09)."""

from __future__ import annotations

import heapq
import re
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.applications import ApplicationInfo
from runtime.admin.structure import SECTIONS, Reader, Structure, files_below

MOST = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be opened.

    Attributes:
        kind: ``file``, ``action`` or ``table``.
        name: what is searched and shown first.
        application: whose it is.
        path: file relative to the application.
        line: counted from 1; 0 for the file itself.
    """

    kind: str
    name: str
    application: str
    path: str
    line: int = 0


class Index:
    """Names of all applications in memory, made in the background, asked at each key.

    A name answers when it holds all letters typed in their order; names that begin
    with them, then that hold them together, come first.
    """

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._whole: list[str] = []  # application, folder or file, and name, in small letters
        self._names: list[str] = []
        self._spans: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._places)

    def put(self, name: str, places: list[Place]) -> None:
        """Take the names of one more application."""
        start = len(self._places)
        self._places += places
        self._whole += [_folded(place) for place in places]
        self._names += [place.name.lower() for place in places]
        self._spans[name] = (start, len(self._places))

    def find(self, text: str, first: str = "", most: int = MOST) -> list[Place]:
        """Return the best places for `text`.

        Args:
            text: letters typed; ``shop/def`` looks for the application too.
            first: application whose places come before those of others.
            most: at most so many.
        """
        wanted = text.lower().replace(" ", "")
        start, end = self._spans.get(first, (0, 0))
        found = self._best(wanted, range(start, end), most)
        if len(found) < most:
            mine = set(found)
            others = self._best(wanted, range(len(self._places)), most)
            found += [at for at in others if at not in mine]
        return [self._places[at] for at in found[:most]]

    def _best(self, wanted: str, places: range, most: int) -> list[int]:
        """Return the places with the nearest names, near kinds first, until there are enough."""
        if not wanted:
            return list(places[:most])
        whole, names = self._whole, self._names
        together = [at for at in places if wanted in whole[at]]
        out = self._shortest([at for at in together if names[at].startswith(wanted)], most)
        if len(out) < most:
            known = set(out)
            inside = [at for at in together if wanted in names[at] and at not in known]
            out += self._shortest(inside, most - len(out))
        if len(out) < most:
            known = set(out)
            out += self._shortest([at for at in together if at not in known], most - len(out))
        if len(out) < most and len(wanted) > 1:
            spread = re.compile("".join(f"[^{re.escape(c)}]*{re.escape(c)}" for c in wanted)).match
            known = set(together)
            apart = [at for at in places if at not in known and spread(whole[at])]
            out += self._shortest(apart, most - len(out))
        return out

    def _shortest(self, places: list[int], most: int) -> list[int]:
        return heapq.nsmallest(most, places, key=lambda at: len(self._whole[at]))


def _folded(place: Place) -> str:
    tail = place.path if place.kind == "file" else f"{place.path.rpartition('/')[2]}/{place.name}"
    return f"{place.application}/{tail}".lower()


def places_of(
    info: ApplicationInfo, reader: Reader | None = None, structure: Structure | None = None
) -> list[Place]:
    """Return what can be opened of an application.

    Without `structure` and `reader` only its files are listed, which is fast.
    """
    if structure is None and reader is not None:
        structure = reader.read(info.folder)
    if structure is None:
        files = [entry for section in SECTIONS for entry in files_below(info.folder, section)]
        return [Place("file", entry.path.rpartition("/")[2], info.name, entry.path) for entry in files]
    out = [Place("file", e.path.rpartition("/")[2], info.name, e.path) for e in structure.files()]
    for kind, found in (("action", structure.actions()), ("table", structure.tables())):
        out += [Place(kind, symbol.name, info.name, entry.path, symbol.line) for entry, symbol in found]
    return out


def path_of(site: Path, place: Place) -> Path:
    """Return the absolute path of a place."""
    return site / "applications" / place.application / place.path
