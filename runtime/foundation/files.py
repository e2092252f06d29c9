"""Writing files so that a reader never sees half of one, whatever happens."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def open_atomic(path: str | os.PathLike[str], *, mode: int | None = None) -> Iterator[IO[bytes]]:
    """Replace the file `path` in one step by what the block writes: temporary file, fsync, rename.

    Args:
        path: the file; its folder must exist.
        mode: permission bits of the new file; default those of the file
            replaced, else what the process's umask gives.

    Raises:
        OSError: the file could not be written; the old one is untouched, as it is when the block raises.
    """
    target = Path(path)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, _mode_for(target) if mode is None else mode)
        os.replace(name, target)
    except BaseException:
        try:
            os.unlink(name)
        except OSError:
            pass
        raise


def write_atomic(path: str | os.PathLike[str], data: bytes | str, *, mode: int | None = None) -> None:
    """Replace the file `path` by `data` in one step; see `open_atomic`. Text is written as UTF-8.

    Raises:
        OSError: the file could not be written; the old one is untouched.
    """
    with open_atomic(path, mode=mode) as stream:
        stream.write(data.encode("utf-8") if isinstance(data, str) else data)


def _mode_for(target: Path) -> int:
    try:
        return target.stat().st_mode & 0o777
    except OSError:
        return 0o666 & ~_UMASK


def _read_umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


_UMASK = _read_umask()  # read once at import: os.umask() is process-wide and not thread-safe
