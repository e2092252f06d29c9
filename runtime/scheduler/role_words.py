"""The command lines that this program writes for its own roles.

They are read here, not by `argparse`, which is for people and would stay in the memory of each worker and of
each process that runs tasks (SCHED-61).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from runtime.foundation.problems import UserError


class RoleWords(NamedTuple):
    """What a command line says.

    Attributes:
        values: of options, by name without dashes.
        flags: options without a value that are given.
        rest: the other words.
    """

    values: dict[str, str]
    flags: frozenset[str]
    rest: tuple[str, ...]


def read_words(argv: Sequence[str], values: Collection[str], flags: Collection[str] = ()) -> RoleWords:
    """Read ``--name=value``, ``--flag`` and other words.

    Args:
        argv: the words.
        values: names of options that have a value.
        flags: names of options that have none.

    Raises:
        UserError: an option is unknown, or has a value where it has none.
    """
    found: dict[str, str] = {}
    given: set[str] = set()
    rest: list[str] = []
    for word in argv:
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            rest.append(word)
        elif equals and name in values:
            found[name] = value
        elif not equals and name in flags:
            given.add(name)
        else:
            raise UserError(f"{word} is no option of this role; options are written --name=value")
    return RoleWords(found, frozenset(given), tuple(rest))
