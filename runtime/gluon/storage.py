"""``gluon.storage``: `Storage` and its relatives, and files of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runtime.foundation.files import write_atomic
from runtime.foundation.problems import UserError
from runtime.foundation.storage import List, Messages, Settings, Storage, StorageList
from runtime.web.site_settings import global_settings


def _key() -> bytes:
    from runtime.sessions.codec import site_key

    return site_key(global_settings.applications_parent or os.getcwd())


def save_storage(storage: Mapping[Any, Any], filename: str | os.PathLike[str]) -> None:
    """Write `storage` to a file that `load_storage` of this site reads, in one step (SITE-08).

    Raises:
        OSError: it can not be written.
        Exception: something in it can not be pickled.
    """
    from runtime.sessions.codec import encode

    write_atomic(Path(filename), encode(dict(storage), _key()))


def load_storage(filename: str | os.PathLike[str]) -> Storage:
    """Return what `save_storage` wrote to a file (SITE-08).

    Raises:
        OSError: it can not be read.
        UserError: it is cut, altered, or was not written by this site: such a file could run code when read.
    """
    from runtime.sessions.codec import decode

    data = decode(Path(filename).read_bytes(), _key())
    if data is None:
        raise UserError(
            f"{os.fspath(filename)} was not written by save_storage of this site, or was changed since. "
            "It is not read, since a foreign pickle can run code: write it anew with save_storage"
        )
    return Storage(data)


__all__ = ["List", "Messages", "Settings", "Storage", "StorageList", "load_storage", "save_storage"]
