"""Plugins of an application: files called ``plugin_NAME``, packed as ``.w2p`` (AP-24)."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.applications import ApplicationError
from runtime.admin.bin import Thrown, throw_away
from runtime.admin.pack_reading import PackEntry, Reading
from runtime.admin.packs import unpack
from runtime.admin.structure import SECTIONS, Entry, Structure

PREFIX = "plugin_"
_SECTIONS = frozenset((*SECTIONS, "uploads"))


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plugin: its name, and its files by path relative to the application."""

    name: str
    files: tuple[str, ...]


def plugin_of(path: str) -> str:
    """Return the plugin that a file belongs to: ``wiki`` for ``models/plugin_wiki.py``; else nothing."""
    parts = path.split("/")
    stem = parts[1].split(".")[0] if len(parts) > 1 else ""
    return stem.removeprefix(PREFIX) if stem.startswith(PREFIX) else ""


def entries_by_plugin(structure: Structure) -> dict[str, list[Entry]]:
    """Return the files of each plugin, by name."""
    found: dict[str, list[Entry]] = {}
    for entry in structure.files():
        name = plugin_of(entry.path)
        if name:
            found.setdefault(name, []).append(entry)
    return dict(sorted(found.items()))


def plugins_of(structure: Structure) -> list[Plugin]:
    """Return the plugins of an application."""
    return [
        Plugin(name, tuple(entry.path for entry in entries))
        for name, entries in entries_by_plugin(structure).items()
    ]


def look_at_pack(pack: Path) -> tuple[str, list[PackEntry]]:
    """Return name and files of the plugin in a pack; nothing is written.

    Raises:
        UserError: the pack is broken or unsafe, or holds files of no plugin, or of several.
    """
    with Reading(pack) as reading:
        entries = [PackEntry(name, member.size) for name, member in reading.members]
    names = {plugin_of(entry.path) for entry in entries}
    strange = [entry.path for entry in entries if entry.path.split("/")[0] not in _SECTIONS]
    if len(names) != 1 or "" in names or strange:
        raise ApplicationError(
            f"{pack.name} holds no plugin: all of its files have to be called plugin_NAME, as "
            f"models/plugin_wiki.py, and be of one plugin."
        )
    return names.pop(), entries


def install_plugin(site: Path, folder: Path, pack: Path) -> str:
    """Put the plugin of a pack into an application; files it replaces go to the bin. Return its name.

    Raises:
        UserError: see `look_at_pack`.
        OSError: a file can not be written.
    """
    name, entries = look_at_pack(pack)
    deposit = site / "deposit"
    deposit.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="plugin-", dir=deposit) as scratch:
        unpacked = Path(scratch) / "plugin"
        unpack(pack, unpacked, Path(scratch))
        for entry in entries:
            target = folder / entry.path
            if os.path.lexists(target):
                throw_away(site, target)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(unpacked / entry.path, target)
    return name


def remove_plugin(site: Path, folder: Path, plugin: Plugin) -> list[Thrown]:
    """Move all files of a plugin to the bin.

    Raises:
        UserError: one of them can not be moved.
    """
    return [throw_away(site, folder / path) for path in plugin.files if os.path.lexists(folder / path)]
