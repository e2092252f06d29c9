"""Putting the logs of a site aside, and removing what is older than a person wants to keep (LG-07)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runtime.admin.logs import LogProblem, is_of_worker, sources
from runtime.foundation.log_files import FILES, WORKER_FILES, put_aside
from runtime.foundation.log_lines import FOLDER

DAY = 86_400.0
MEGABYTE = 1_000_000
_IN_USE = 3600.0  # seconds after its last line in which the log of a worker may still be written


@dataclass(frozen=True)
class Removed:
    """What went: number of files, and their bytes."""

    files: int
    size: int


def put_all_aside(site: Path) -> list[str]:
    """Put aside each log that has lines; return their names. Who writes them goes on with new files.

    Raises:
        LogProblem: one can not be moved; the others are.
    """
    done: list[str] = []
    faults: list[str] = []
    for name, path in sources(site).items():
        try:
            if path.stat().st_size:
                put_aside(path, WORKER_FILES if is_of_worker(name) else FILES)
                done.append(name)
        except FileNotFoundError:
            continue
        except (OSError, TimeoutError) as error:
            faults.append(f"{path.name}: {getattr(error, 'strerror', None) or error}")
    if faults:
        raise LogProblem(f"Not put aside, stop what writes it and try again: {'; '.join(faults)}.")
    return done


def remove_old(site: Path, days: int, megabytes: int, now: float | None = None) -> Removed:
    """Remove logs that were put aside, and logs of workers that are gone; never one that is written.

    Args:
        site: the site.
        days: those not written for longer go; 0 for no limit.
        megabytes: the oldest go while all logs together are larger, in millions of bytes; 0 for no limit.
        now: seconds since 1970; default the present.
    """
    moment = time.time() if now is None else now
    current = dict(_stamps(sources(site).values()))
    aside = _stamps([*(site / FOLDER).glob("*.log.*"), *site.glob("httpserver.log.*")])
    old = [(path, stamp) for path, stamp in aside if path.suffix[1:].isdecimal()]
    old += [
        (path, stamp)
        for path, stamp in current.items()
        if is_of_worker(path.stem) and moment - stamp[0] > _IN_USE
    ]
    old.sort(key=lambda pair: pair[1][0])
    total = sum(size for _when, size in {**current, **dict(old)}.values())
    files = size_removed = 0
    for path, (when, size) in old:
        too_old = days > 0 and moment - when > days * DAY
        too_much = megabytes > 0 and total > megabytes * MEGABYTE
        if too_old or too_much:
            with contextlib.suppress(OSError):  # another window may do the same, or Windows holds it open
                path.unlink()
                files, size_removed, total = files + 1, size_removed + size, total - size
    return Removed(files, size_removed)


def _stamps(paths: Iterable[Path]) -> list[tuple[Path, tuple[float, int]]]:
    found = []
    for path in paths:
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((path, (status.st_mtime, status.st_size)))
    return found
