"""Settings as a file for another computer: all options that were chosen, no secrets (ST-04)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.settings.document import write_document
from desktop.settings.schema import BY_NAME, OPTIONS, OptionError, Value
from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError

STAYS = frozenset(("general.first_run_done", "general.close_explained"))
"""What this program has told to this person is no setting of another computer."""


def export_values(path: Path, values: Mapping[str, Value]) -> None:
    """Write options into a file; the others are listed with their defaults, not in effect.

    Passwords are no options (see `desktop.secrets`), so none can be among them.

    Raises:
        OSError: it can't be written.
    """
    document: dict[str, Any] = {}
    for name, value in values.items():
        if name not in STAYS:
            document.setdefault(BY_NAME[name].section, {})[BY_NAME[name].key] = value
    write_atomic(path, write_document(document))


def read_values(path: Path) -> dict[str, Value]:
    """Read the options of a file that was exported; what this version does not know is left out.

    Raises:
        UserError: it can't be read, is no settings file, or holds a value that an option can't have.
    """
    try:
        document = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path.name} is no settings file: {error}.") from error
    found: dict[str, Value] = {}
    for option in OPTIONS:
        table = document.get(option.section, {})
        if not isinstance(table, dict) or option.key not in table or option.name in STAYS:
            continue
        try:
            found[option.name] = option.check(table[option.key])
        except OptionError as error:
            raise UserError(f"{path.name} was not imported: {error}.") from None
    if not found and not any(option.section in document for option in OPTIONS):
        raise UserError(f"{path.name} holds no settings of Hadron.")
    return found
