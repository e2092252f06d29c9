"""Log files that processes keep in the folder ``logs`` of a site (LOG-1, LG-01).

Lines are those of `runtime.foundation.log_lines`; the source is the logger's name without ``web2py.``.
Each file is of bounded size: a full one gets the number 1, those before it move up, the oldest goes.
Several processes may write into one file, each line with one call to the system.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import time
from pathlib import Path
from typing import IO

from runtime.foundation.locks import file_lock
from runtime.foundation.log_lines import FOLDER

FILE_BYTES, FILES = 5_000_000, 5
"""Size of a log file that is kept, and how many older ones stay beside it."""
WORKER_BYTES, WORKER_FILES = 2_000_000, 2
"""The same for the log of a worker: there may be many."""
MOST_WORKER_LOGS = 20
"""Logs of workers that stay; what was written within the last hour stays in any case."""

CRON = "web2py.cron"
"""Logger of cron."""

_FRESH = 3600.0  # seconds after its last line in which a worker may still live
_LOCK_PATIENCE = 1.0  # seconds to wait for another process that changes the files; else the next line does it
_UNSAFE = re.compile(r"[^\w.-]+")
_LONGEST_NAME = 100

log = logging.getLogger("web2py.server")


def source_of(logger: str) -> str:
    """Return how a logger is called in log lines: its name without ``web2py.``, without blanks."""
    return logger.removeprefix("web2py.").replace(" ", "_") or "root"


def worker_log(application: str, name: str = "") -> str:
    """Return the name of the log of a worker; without a name, of those that could not run."""
    slug = _UNSAFE.sub("-", name)[:_LONGEST_NAME].strip(".")
    return f"worker.{application}.{slug}" if slug else f"worker.{application}"


class LineFormatter(logging.Formatter):
    """Writes records as the lines described above."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and indented further lines, of a record."""
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(record.created))
        message = super().format(record).replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\n    ")
        level = record.levelname.lower().replace(" ", "_")
        return f"{when}.{int(record.msecs):03d} {source_of(record.name)} {level} {message}"


class KeptLog(logging.Handler):
    """Writes records to the end of a file, which others may write to, move or remove meanwhile.

    Args:
        path: the file; its folder has to exist.
        size: bytes at which it is put aside.
        files: how many older ones stay.

    Raises:
        OSError: it can not be written.
    """

    def __init__(self, path: Path, size: int, files: int) -> None:
        super().__init__()
        self.setFormatter(LineFormatter())
        self.path = path
        self._size, self._files = size, files
        self._stream: IO[bytes] | None = self._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; a full disk loses it, nothing else."""
        try:
            self.add(self.format(record))
        except Exception:
            self.handleError(record)

    def add(self, line: str) -> None:
        """Write a line that was formatted elsewhere.

        Raises:
            OSError: it can not be written.
        """
        data = line.encode("utf-8", "backslashreplace") + b"\n"
        self.acquire()
        try:
            if self._stream is None or not self._is_at(self._stream):
                self._close_stream()
                self._stream = self._open()
            self._stream.write(data)
            if self._stream.tell() >= self._size:
                self._put_aside()
        finally:
            self.release()

    def close(self) -> None:
        """Close the file."""
        self.acquire()
        try:
            self._close_stream()
        finally:
            self.release()
        super().close()

    def _open(self) -> IO[bytes]:
        return open(self.path, "ab", buffering=0)

    def _close_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _is_at(self, stream: IO[bytes]) -> bool:
        """Tell whether the open file is the one that has the name now."""
        try:
            return os.path.samestat(os.fstat(stream.fileno()), os.stat(self.path))
        except OSError:
            return False

    def _put_aside(self) -> None:
        """Number the full file, unless another process has just done so; Windows leaves one in use."""
        assert self._stream is not None
        with (
            contextlib.suppress(TimeoutError, OSError),
            file_lock(self.path.with_name(f".{self.path.name}.lock"), _LOCK_PATIENCE),
        ):
            ours = self._is_at(self._stream)
            self._close_stream()
            if ours:
                _move_up(self.path, self._files)


def put_aside(path: Path, files: int = FILES) -> None:
    """Give a log the number 1, those before it move up; who writes into it begins a new file.

    Args:
        path: the log.
        files: how many older ones stay beside it.

    Raises:
        OSError: it can not be moved; Windows leaves one in use.
        TimeoutError: another process was busy with it for a second.
    """
    with file_lock(path.with_name(f".{path.name}.lock"), _LOCK_PATIENCE):
        _move_up(path, files)


def _move_up(path: Path, files: int) -> None:
    for number in range(files - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            os.replace(_numbered(path, number), _numbered(path, number + 1))
    os.replace(path, _numbered(path, 1))


def _numbered(path: Path, number: int) -> Path:
    return path.with_name(f"{path.name}.{number}")


def keep_log(
    site_folder: Path,
    name: str,
    *,
    logger: str | None = None,
    size: int = FILE_BYTES,
    files: int = FILES,
) -> KeptLog | None:
    """Write the records of this process also into ``logs/NAME.log`` of the site; old files go by themselves.

    A folder that can not be written is told in the log, nothing else changes.

    Args:
        site_folder: the site.
        name: of the log.
        logger: whose records; None for all of this process.
        size: bytes of a file.
        files: how many older ones stay beside it.

    Returns:
        What writes, None when nothing is kept.
    """
    try:
        (site_folder / FOLDER).mkdir(exist_ok=True)
        handler = KeptLog(site_folder / FOLDER / f"{name}.log", size, files)
    except OSError as error:
        log.warning("no log is kept in %s: %s", site_folder / FOLDER, error.strerror or error)
        return None
    logging.getLogger(logger).addHandler(handler)
    return handler


def keep_worker_log(site_folder: Path, application: str, name: str = "") -> KeptLog | None:
    """Keep the log of a worker, see `keep_log`; those of workers that are long gone are removed."""
    _remove_old(site_folder / FOLDER)
    return keep_log(site_folder, worker_log(application, name), size=WORKER_BYTES, files=WORKER_FILES)


def keep_cron_log(site_folder: Path) -> KeptLog | None:
    """Keep the log of cron, see `keep_log`: jobs that begin and end, whichever process runs the minute.

    Without a ``logging.conf``, which decides over levels, beginnings are told, too.
    """
    if not (site_folder / "logging.conf").is_file():
        logging.getLogger(CRON).setLevel(logging.INFO)
    return keep_log(site_folder, "cron", logger=CRON, size=WORKER_BYTES, files=WORKER_FILES)


def _remove_old(folder: Path) -> None:
    """Leave the logs of the last workers: names are new at each start, so files would pile up."""
    found: list[tuple[float, Path]] = []
    for path in folder.glob("worker.*.log"):
        with contextlib.suppress(OSError):
            found.append((path.stat().st_mtime, path))
    found.sort(reverse=True)
    for changed, path in found[MOST_WORKER_LOGS - 1 :]:
        if time.time() - changed > _FRESH:
            for one in [path, *folder.glob(f"{path.name}.*"), path.with_name(f".{path.name}.lock")]:
                with contextlib.suppress(OSError):  # another worker may do the same, or Windows holds it open
                    one.unlink()
