"""Finding files, actions and tables of all applications by a few letters (AP-09)."""

from __future__ import annotations

from collections.abc import Callable
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
        self._places: dict[str, list[Place]] = {}
        self._folded: dict[str, list[str]] = {}
        self._last: tuple[str, list[tuple[str, int]]] = ("", [])

    def __len__(self) -> int:
        return sum(map(len, self._places.values()))

    def keep(self, applications: set[str]) -> None:
        """Forget applications that are not there any more."""
        for name in set(self._places) - applications:
            del self._places[name], self._folded[name]
        self._last = ("", [])

    def put(self, name: str, places: list[Place]) -> None:
        """Take the names of one application."""
        self._places[name] = places
        self._folded[name] = [_folded(place) for place in places]
        self._last = ("", [])

    def find(self, text: str, first: str = "", most: int = MOST) -> list[Place]:
        """Return the best places for `text`.

        Args:
            text: letters typed; ``shop/def`` looks for the application too.
            first: application whose places come before those of others.
            most: at most so many.
        """
        wanted = text.lower().replace(" ", "")
        if not wanted:
            return [place for name in sorted(self._places, key=lambda n: n != first) for place in
                    self._places[name][:most]][:most]  # fmt: skip
        candidates = self._candidates(wanted)
        scored = []
        kept = []
        for name, at in candidates:
            folded = self._folded[name][at]
            score = _score(folded, wanted)
            if score is not None:
                kept.append((name, at))
                scored.append((name != first, score, len(folded), name, at))
        self._last = (wanted, kept)
        scored.sort()
        return [self._places[name][at] for _, _, _, name, at in scored[:most]]

    def _candidates(self, wanted: str) -> list[tuple[str, int]]:
        """What the last letters left, when more letters were typed; else everything."""
        before, kept = self._last
        if before and wanted.startswith(before):
            return kept
        return [(name, at) for name, places in self._places.items() for at in range(len(places))]


def _folded(place: Place) -> str:
    tail = place.path if place.kind == "file" else f"{place.path.rpartition('/')[2]}/{place.name}"
    return f"{place.application}/{tail}".lower()


def _score(folded: str, wanted: str) -> int | None:
    """Return how far `wanted` is from `folded`, smaller is nearer; None when a letter is missing."""
    at = folded.rfind(wanted)
    if at >= 0:
        name = folded.rfind("/") + 1
        if at == name:
            return 0
        return 1 if at > name else 2
    position = -1
    for letter in wanted:
        position = folded.find(letter, position + 1)
        if position < 0:
            return None
    return 3


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


def fill(
    index: Index, applications: list[ApplicationInfo], reader: Reader, cancelled: Callable[[], bool] = bool
) -> Index:
    """Put all applications into `index`."""
    index.keep({info.name for info in applications})
    for info in applications:
        if cancelled():
            break
        index.put(info.name, places_of(info, reader))
    return index


def path_of(site: Path, place: Place) -> Path:
    """Return the absolute path of a place."""
    return site / "applications" / place.application / place.path
