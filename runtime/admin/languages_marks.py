"""What translators note beside the language files: new, same on purpose, ignored warnings, notes.

A language file holds texts and nothing else, so these live in ``languages/.editor.json``: it travels with
the application, the running application never reads it, and losing it loses no translation.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.i18n.files import lock_folder

MARKS_NAME = ".editor.json"
VERSION = 1


@dataclass
class Marks:
    """Marks of one application.

    Attributes:
        same: language to the keys whose translation equals the source on purpose (TR-03).
        new: language to the keys a scan added and nobody has looked at yet (TR-03).
        ignored: language to key to the names of checks that do not apply there (TR-05).
        notes: key to a note for translators, for every language (TR-02).
    """

    same: dict[str, set[str]] = field(default_factory=dict)
    new: dict[str, set[str]] = field(default_factory=dict)
    ignored: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)

    def copy_language(self, source: str, target: str) -> None:
        """Give `target` the marks of `source`, for a duplicated or renamed language."""
        for table in (self.same, self.new):
            if source in table:
                table[target] = set(table[source])
        if source in self.ignored:
            self.ignored[target] = {key: set(names) for key, names in self.ignored[source].items()}

    def drop_language(self, language: str) -> None:
        """Forget the marks of `language`."""
        for table in (self.same, self.new, self.ignored):
            table.pop(language, None)


def load_marks(folder: str | os.PathLike[str]) -> Marks:
    """Return the marks of the language folder `folder`; none when there is no file.

    Raises:
        UserError: the file cannot be read.
    """
    path = Path(folder) / MARKS_NAME
    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"))
        return _from_data(data)
    except FileNotFoundError:
        return Marks()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(f"{path} is no file of translators' marks: {error}; mend or delete it") from None


def change_marks(folder: str | os.PathLike[str], change: Callable[[Marks], None]) -> Marks:
    """Let `change` alter the marks under the lock of the folder, write them in one step, return them.

    Raises:
        UserError: the file there cannot be read, so nothing was written.
        OSError, TimeoutError: it could not be written or locked.
    """
    path = Path(folder) / MARKS_NAME
    with lock_folder(path):
        marks = load_marks(folder)
        before = _to_text(marks)
        change(marks)
        after = _to_text(marks)
        if after != before:
            write_atomic(path, after)
        return marks


def _from_data(data: Any) -> Marks:
    def keys(table: dict[str, list[str]]) -> dict[str, set[str]]:
        return {str(name): {_text(key) for key in values} for name, values in table.items()}

    return Marks(
        keys(data.get("same", {})),
        keys(data.get("new", {})),
        {str(language): keys(table) for language, table in data.get("ignored", {}).items()},
        {str(key): _text(note) for key, note in data.get("notes", {}).items()},
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def _to_text(marks: Marks) -> str:
    def lists(table: dict[str, set[str]]) -> dict[str, list[str]]:
        return {name: sorted(values) for name, values in sorted(table.items()) if values}

    ignored = {language: lists(table) for language, table in sorted(marks.ignored.items())}
    data = {
        "version": VERSION,
        "same": lists(marks.same),
        "new": lists(marks.new),
        "ignored": {language: table for language, table in ignored.items() if table},
        "notes": {key: note for key, note in sorted(marks.notes.items()) if note},
    }
    return json.dumps(data, indent=1) + "\n"
