"""Taking what lives as long as the process out of the garbage collector's sight.

Modules, compiled code and prepared names are tens of thousands of objects that never go away; each full
collection would walk over all of them, in the middle of some request.
"""

from __future__ import annotations

import gc
import itertools

SETTLE_AT = frozenset((20, 200, 2000))
"""Requests after which most of what stays has been made: the first pages, then rarer ones."""
YOUNG = 2000
"""Young objects between two looks for cycles, as Python 3.14 has it; 700 come together within one request
that runs thirty models, whose tables would be walked over again and again while they are in use."""


class Settling:
    """Counts the requests of a process and settles it a few times."""

    def __init__(self) -> None:
        self._requests = itertools.count(1)

    def count(self) -> None:
        """Note one request; may be called from any thread."""
        if next(self._requests) in SETTLE_AT:
            gc.collect()
            gc.freeze()
            young, *older = gc.get_threshold()
            if 0 < young < YOUNG:  # 0: somebody switched the collector off
                gc.set_threshold(YOUNG, *older)
