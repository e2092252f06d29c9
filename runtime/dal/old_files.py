"""Uploaded files that changed records leave behind: they go when the change is committed, and only then."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import partial
from typing import Any


def remove_old_files(dbset: Any, new_values: Any = None) -> bool:
    """Let the files of ``autodelete`` fields go with the commit; called before records change or are deleted.

    Args:
        dbset: the records.
        new_values: what they get, by name of field; None: they are deleted.

    Returns:
        False: the change goes on.
    """
    adapter = dbset.db._adapter
    table = adapter.tables(dbset.query).popitem()[1]
    names = table.fields if new_values is None else [*new_values, *_computed(table)]
    fields = [table[name] for name in dict.fromkeys(names) if name in table.fields and _is_tidy(table[name])]
    if not fields:
        return False
    when: Callable[[Any], Any] = getattr(adapter, "after_commit", lambda remove: remove())
    for record in dbset.select(*fields):
        for field in fields:
            name = record[field.name]
            if name and (new_values is None or name != new_values.get(field.name)):
                when(partial(_remove, field, str(name)))
    return False


def _computed(table: Any) -> list[str]:
    return [name for name in table.fields if table[name].compute is not None]


def _is_tidy(field: Any) -> bool:
    return bool(field.type == "upload" and field.uploadfield is True and field.autodelete)


def _remove(field: Any, name: str) -> None:
    if field.custom_delete:
        field.custom_delete(name)
    elif field.uploadfs:
        if field.uploadfs.exists(name):
            field.uploadfs.remove(name)
    elif name == os.path.basename(name):  # a made-up name leads nowhere else
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(_folder(field, name), name))


def _folder(field: Any, name: str) -> str:
    folder: str = field.uploadfolder or os.path.join(field._db._adapter.folder, "..", "uploads")
    parts = name.split(".")
    if field.uploadseparate and len(parts) > 2:
        return os.path.join(folder, f"{parts[0]}.{parts[1]}", parts[2][:2])
    return folder
