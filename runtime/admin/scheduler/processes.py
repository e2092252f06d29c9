"""Starting a worker from another program, which supervises it (DESK-08, CLI-33)."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

STARTED = re.compile(r"worker (?P<name>\S+) of \S+")
"""What a worker prints on standard output once its row is written."""

EXIT_USAGE = 2
"""Exit code of a worker that could never work: no such application, no scheduler, models that fail."""


EXIT_LATER = 75
"""Exit code of a worker whose database does not answer: to be tried again, however often."""


def worker_command(site: Path, wish: str, level: int = 20) -> list[str]:
    """Return the command of one worker; it finishes its task and ends when its standard input is closed.

    Args:
        site: the site folder.
        wish: ``app`` or ``app:group1:group2``.
        level: lowest level of its messages on standard error.
    """
    from runtime.scheduler.roles import program  # imports much

    options = ["--watch-input", "--inspectable", f"--folder={site}", f"--level={level}"]
    return [*program(), "--worker", *options, wish]


def wishes_of(text: str) -> Counter[str]:
    """Return how many workers of each kind ``-K`` asks for.

    Raises:
        UserError: it can not be read.
    """
    from runtime.scheduler.wishes import parse_wishes  # imports much

    return Counter(str(wish) for wish in parse_wishes(text))
